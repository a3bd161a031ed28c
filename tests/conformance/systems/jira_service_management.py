"""Jira Service Management, as documented; nothing was recorded. See the source's docstring."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.conformance.systems import fake
from tests.conformance.systems.fake import SECRET
from tests.worlds.ticket_world import (
    AGENT,
    CUSTOMER,
    OTHER_AGENT,
    World,
    WorldEvent,
    WorldTicket,
)

_STATUSES = {
    "new": ("1", "Open", "new"),
    "open": ("3", "In progress", "indeterminate"),
    "on_hold": ("10", "Waiting for customer", "indeterminate"),
    "resolved": ("5", "Resolved", "done"),
    "closed": ("6", "Closed", "done"),
}
_PRIORITIES = {"urgent": "Highest", "high": "High", "normal": "Medium", "low": "Low"}
_TEAM, _ORGANIZATIONS, _RESPONSE = "customfield_10050", "customfield_10002", "customfield_10030"
_FIELDS = {
    **{"issuetype": "Issue Type", "priority": "Priority", "status": "Status"},
    **{"comment": "Comment", _TEAM: "Support team", _ORGANIZATIONS: "Organizations"},
    **{_RESPONSE: "Time to first response", "customfield_10099": "Organizations (old)"},
}
_JQL = re.compile(
    r'project in \("SD"\)(?: AND updated >= (?P<since>\d+))?(?: AND id in \((?P<ids>[\d,]+)\))?'
    r"(?: ORDER BY (?P<order>[a-z]+) (?P<way>ASC|DESC)(?:, key ASC)?)?"
)
_NOT_FOUND = {"errorMessages": ["Issue does not exist or you do not have permission to see it."]}

_SAME = (
    "an issue that is gone and one out of sight give the same answer: neither is taken for deleted"
)


class Fake(fake.Fake):
    """Its search by JQL, its issues in bulk, their changes and comments.

    ``deployment``: the paths, the paging, the people and the comments of Data Center are others.
    """

    deployment: ClassVar = "cloud"
    unreadable: ClassVar = {"token": "${WRONG_SECRET}"}
    left_out: ClassVar = {
        "merged_both_ways": "issues are not merged: a duplicate is closed",
        "deleted": "what is deleted leaves no trace in the feed, and no other trace to its readers",
        **dict.fromkeys(("purged", "swept_purged"), _SAME),
    }

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._version = -1

    @property
    def options(self) -> dict[str, Any]:  # type: ignore[override]
        """The keys: in Cloud a user's API token, in Data Center a personal access token."""
        keys = {
            "deployment": self.deployment,
            "projects": ["SD"],
            "token": "${FAKE_SECRET}",
            "fields": {"team": "Support team", "organization": _ORGANIZATIONS},
        }
        return {**keys, "user": "kpi@example.org"} if self._cloud else keys

    @property
    def _cloud(self) -> bool:
        return self.deployment == "cloud"

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        pair = base64.b64encode(f"kpi@example.org:{SECRET}".encode()).decode()
        expected = f"Basic {pair}" if self._cloud else f"Bearer {SECRET}"
        paths = {
            "serverInfo": self._server,
            "status": self._statuses,
            "field": self._fields,
            "project": self._projects,
            "issue/{number:int}/comment": self._comments,
        }
        if self._cloud:
            paths |= {"search/jql": self._search, "issue/bulkfetch": self._bulk}
            paths["changelog/bulkfetch"] = self._changelogs
        else:
            paths |= {"search": self._search, "issue/{number:int}": self._issue}

        def door(answer: Any) -> Any:
            async def asked(request: Request) -> JSONResponse:
                if request.headers.get("Authorization") != expected:
                    return JSONResponse({"errorMessages": ["Unauthorized"]}, 401)
                number = request.path_params.get("number")
                if number is not None and number not in self._visible():
                    return JSONResponse(_NOT_FOUND, 404)
                body = await request.json() if request.method == "POST" else None
                found: JSONResponse = answer(request, body)
                return found

            return asked

        root = f"/rest/api/{3 if self._cloud else 2}"
        return Starlette(
            routes=[
                Route(f"{root}/{path}", door(a), methods=["GET", "POST"])
                for path, a in paths.items()
            ]
        )

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return str(ticket) in path.split("/") or ("issueIds" in body and f'"{ticket}"' in body)

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`: rows are spoiled as they are made, since theirs hold no id."""
        return None

    # -- requests -----------------------------------------------------------------------------

    def _server(self, _: Request, __: Any) -> JSONResponse:
        return JSONResponse({"deploymentType": "Cloud" if self._cloud else "Server"})

    def _statuses(self, _: Request, __: Any) -> JSONResponse:
        return JSONResponse([_status(name) for name in _STATUSES])

    def _fields(self, _: Request, __: Any) -> JSONResponse:
        return JSONResponse([{"id": i, "name": name} for i, name in _FIELDS.items()])

    def _projects(self, _: Request, __: Any) -> JSONResponse:
        kinds = {"SD": "service_desk", "DEV": "software"}
        return JSONResponse([{"key": key, "projectTypeKey": kind} for key, kind in kinds.items()])

    def _search(self, _: Request, body: Any) -> JSONResponse:
        """In Cloud a page may be one short, and a token says whether there are more."""
        found = _JQL.fullmatch(body["jql"])
        if found is None:
            return JSONResponse({"errorMessages": ["Error in the JQL Query"]}, 400)
        tickets = list(self._visible().values())
        if found["ids"]:
            asked = {int(each) for each in found["ids"].split(",")}
            if asked - {each.id for each in tickets} and body["validateQuery"]:
                return JSONResponse(_NOT_FOUND, 400)
            tickets = [each for each in tickets if each.id in asked]
        since = int(found["since"] or 0) / 1000
        tickets = [each for each in tickets if each.changed_at >= since]
        if found["order"]:
            tickets.sort(key=lambda each: (each.changed_at, each.id))
        start = body.get("startAt", 0)
        if self._cloud and (token := body.get("nextPageToken")) is not None:
            number = re.fullmatch(r"token-(\d+)", str(token))
            if number is None:
                return JSONResponse({"errorMessages": ["Invalid token"]}, 400)
            start = int(number[1])
        end = start + body["maxResults"]
        issues = [self._row(each, body["fields"]) for each in tickets[start:end]]
        if not self._cloud:
            page = {"startAt": start, "maxResults": body["maxResults"], "total": len(tickets)}
            return JSONResponse({**page, "issues": issues})
        more = end < len(tickets)
        token = {"nextPageToken": f"token-{end}"} if more else {}
        return JSONResponse({"issues": issues, "isLast": not more, **token})

    def _bulk(self, _: Request, body: Any) -> JSONResponse:
        asked = {int(each) for each in body["issueIdsOrKeys"]}
        assert len(asked) <= 100
        some = [each for each in self._visible().values() if each.id in asked]
        issues = [self._row(each, body["fields"]) for each in some]
        return JSONResponse({"issues": issues, "issueErrors": []})

    def _changelogs(self, _: Request, body: Any) -> JSONResponse:
        asked = {int(each) for each in body["issueIdsOrKeys"]}
        entries = sorted(
            (
                event
                for each in self._visible().values()
                if each.id in asked
                for event in each.events
            ),
            key=lambda event: event.number,
        )
        assert len(body["fieldIds"]) <= 10
        histories = [(event, self._history(event)) for event in entries]
        kept = [each for each in histories if each[1]["items"][0]["field"] in body["fieldIds"]]
        start = int(str(body.get("nextPageToken", "0")))
        logs = [
            {"issueId": str(event.ticket), "changeHistories": [history]}
            for event, history in kept[start : start + 100]
        ]
        more = {"nextPageToken": str(start + 100)} if start + 100 < len(kept) else {}
        return JSONResponse({"issueChangeLogs": logs, **more})

    def _issue(self, request: Request, _: Any) -> JSONResponse:
        ticket = self._visible()[request.path_params["number"]]
        row = self._row(ticket, request.query_params["fields"].split(","))
        assert request.query_params["expand"] == "changelog"
        log = [self._history(event) for event in ticket.events]
        return JSONResponse({**row, "changelog": {"total": len(log), "histories": log}})

    def _comments(self, request: Request, _: Any) -> JSONResponse:
        asked = request.query_params
        found = self._written(self._visible()[request.path_params["number"]])
        start = int(asked["startAt"])
        some = found[start : start + int(asked["maxResults"])]
        if asked.get("expand") != "properties":
            some = [{k: v for k, v in each.items() if k != "properties"} for each in some]
        return JSONResponse({"startAt": start, "total": len(found), "comments": some})

    # -- rows ---------------------------------------------------------------------------------

    def _visible(self) -> dict[int, WorldTicket]:
        """The tickets as they are, made anew when something has happened."""
        if self._version != self.world.version:
            self._version = self.world.version
            found = self.world.tickets().items()
            self._tickets = {n: each for n, each in found if not self.world.is_deleted(each)}
        return self._tickets

    def _row(self, ticket: WorldTicket, asked: list[str]) -> dict[str, Any]:
        priority = ticket.values["priority"]
        written = self._written(ticket)[:20]
        created = self.world.spoiled.get(ticket.id, self._local(ticket.opened_at))
        fields = {
            "status": _status(ticket.values["status"]),
            "created": created,
            "updated": self._local(ticket.changed_at),
            "resolutiondate": None,
            "project": {"id": "10000", "key": "SD", "name": "Servicedesk"},
            "summary": f"subject of {CUSTOMER}",
            "creator": self._person(ticket.registered_by),
            "reporter": self._person(CUSTOMER),
            "assignee": self._person(ticket.assignee) if ticket.assignee else None,
            "issuetype": {"id": "1", "name": "Incident"},
            "priority": {"id": "2", "name": _PRIORITIES.get(priority, priority)},
            _TEAM: {"id": "7", "value": ticket.values["team"]},
            _ORGANIZATIONS: [{"id": "4", "name": "North"}],
            _RESPONSE: {"id": "4", "name": "Time to first response", "completedCycles": []},
            "comment": {"total": len(self._written(ticket)), "comments": written},
        }
        shown = {name: fields[name] for name in asked}
        return {"id": str(ticket.id), "key": f"SD-{ticket.id}", "fields": shown}

    def _written(self, ticket: WorldTicket) -> list[dict[str, Any]]:
        return [self._comment(e) for e in ticket.events if e.what in ("reply", "note")]

    def _comment(self, event: WorldEvent) -> dict[str, Any]:
        internal = event.what == "note"
        flags = {"key": "sd.public.comment", "value": {"internal": internal}}
        return {
            "id": str(event.number),
            "author": self._person(event.by),
            "body": f"text of {event.by}",
            "created": self._local(event.at),
            **({"jsdPublic": not internal} if self._cloud else {"properties": [flags]}),
        }

    def _history(self, event: WorldEvent) -> dict[str, Any]:
        ends = {"field": "description", "from": None, "to": None, "fromString": "", "toString": ""}
        match event.what:
            case "status":
                old, new = _status(event.old), _status(event.new)
                ends = _ends("status", (old["id"], old["name"]), (new["id"], new["name"]))
            case "priority":
                old, new = (_PRIORITIES.get(each, each) for each in (event.old, event.new))
                ends = _ends("priority", ("1", old), ("2", new))
            case "team":
                ends = _ends(_TEAM, ("1", event.old), ("2", event.new))
                ends |= {} if self._cloud else {"field": "Support team", "fieldId": None}
            case "assign":
                ends = _ends("assignee", (None, None), (self._id(event.new), event.new))
        return {
            "id": str(event.number),
            "author": self._person(event.by),
            "created": event.at if self._cloud else self._local(event.at),
            "items": [ends],
        }

    def _person(self, name: str) -> dict[str, Any]:
        shown = {"displayName": name, "emailAddress": f"{name}@example.org"}
        if not self._cloud:
            return {"key": self._id(name), "name": self._id(name), **shown}
        kind = "customer" if name == CUSTOMER else "atlassian"
        return {"accountId": self._id(name), "accountType": kind, **shown}

    def _id(self, name: str) -> str:
        return f"id-{(AGENT, OTHER_AGENT, CUSTOMER).index(name)}"

    def _local(self, at: int) -> str:
        local = datetime.fromtimestamp(at, ZoneInfo(self.world.zone))
        return local.strftime("%Y-%m-%dT%H:%M:%S.255%z")


def _status(name: str) -> dict[str, Any]:
    number, shown, category = _STATUSES[name]
    return {"id": number, "name": shown, "statusCategory": {"id": 2, "key": category}}


def _ends(field: str, old: Any, new: Any) -> dict[str, Any]:
    ends = {"from": old[0], "fromString": old[1], "to": new[0], "toString": new[1]}
    return {"field": field, "fieldId": field, **ends}
