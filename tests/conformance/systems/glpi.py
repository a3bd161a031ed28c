"""GLPI 10, as recorded from 10.0.16: see tests/fixtures/glpi."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
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
    TEAMS,
    WorldEvent,
    WorldTicket,
)

_ROOT = "/apirest.php"
_SESSION = "session-of-kpi"
_STATUS = {"new": "1", "open": "2", "on_hold": "4", "resolved": "5", "closed": "6"}
_PRIORITY = {"urgent": "5", "high": "4", "normal": "3", "low": "2"}
_USERS = {AGENT: 7, OTHER_AGENT: 8, CUSTOMER: 9}
_MISSING = ["ERROR_ITEM_NOT_FOUND", "Item not found"]
_FORBIDDEN = ["ERROR_RIGHT_MISSING", "You don't have permission to perform this action."]


class Fake(fake.Fake):
    """Its tickets, their log, which has numbers with gaps, and its search, which is strict.

    A merged ticket goes to the trash; its follow-ups are copied to the target with their dates.
    """

    requests_per_ticket = 2.0
    merge_moves_replies = True

    @property
    def options(self) -> dict[str, Any]:  # type: ignore[override]
        """The keys; the zone is the world's."""
        return {
            "user": "kpi",
            "password": "${FAKE_SECRET}",
            "app_token": "${FAKE_SECRET}",
            "timezone": self.world.zone,
        }

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        paths = {
            "initSession": self._login,
            "getFullSession": self._full_session,
            "Log/": self._log_feed,
            "search/Ticket": self._search,
            "Ticket/{number:int}": self._ticket,
            "Ticket/{number:int}/{part}": self._part,
        }

        def door(answer: Any) -> Any:
            async def asked(request: Request) -> JSONResponse:
                if request.headers.get("App-Token") != SECRET:
                    return JSONResponse(["ERROR_WRONG_APP_TOKEN_PARAMETER", "no"], 400)
                if answer != self._login and request.headers.get("Session-Token") != _SESSION:
                    return JSONResponse(["ERROR_SESSION_TOKEN_INVALID", "no"], 401)
                found: JSONResponse = answer(request)
                return found

            return asked

        return Starlette(routes=[Route(f"{_ROOT}/{path}", door(a)) for path, a in paths.items()])

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return path.startswith(f"{_ROOT}/Ticket/") and str(ticket) in path.split("/")

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        return (row["id"], "date") if "entities_id" in row else None

    # -- requests -----------------------------------------------------------------------------

    def _login(self, request: Request) -> JSONResponse:
        expected = "Basic " + base64.b64encode(f"kpi:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != expected:
            return JSONResponse(["ERROR_GLPI_LOGIN", "Incorrect username or password"], 401)
        return JSONResponse({"session_token": _SESSION})

    def _full_session(self, _: Request) -> JSONResponse:
        return JSONResponse({"session": {"glpi_currenttime": self._local(self.world.now)}})

    def _log_feed(self, request: Request) -> JSONResponse:
        asked = request.query_params
        assert (asked["sort"], asked["searchText[itemtype]"]) == ("id", "^Ticket$")
        log = [entry for each in self.world.tickets().values() for entry in self._log(each)]
        log.sort(key=lambda entry: entry["id"], reverse=asked["order"] == "DESC")
        return _ranged(log, asked["range"])

    def _search(self, request: Request) -> JSONResponse:
        asked = request.query_params
        found = self.world.tickets().values()
        trash = asked.get("is_deleted") == "1"
        rows = [
            {"2": t.id, "1": f"subject of {CUSTOMER}", "19": self._local(t.changed_at)}
            for t in found
            if self._in_trash(t) == trash
        ]
        for n in range(2):
            if (field := asked.get(f"criteria[{n}][field]")) is None:
                continue
            assert asked[f"criteria[{n}][searchtype]"] == "morethan"
            value = asked[f"criteria[{n}][value]"]
            rows = [r for r in rows if (r["2"] > int(value) if field == "2" else r[field] > value)]
        rows.sort(key=lambda row: row["2"], reverse=asked["order"] == "DESC")
        first, last = map(int, asked["range"].split("-"))
        some = rows[first : last + 1]
        body = {"totalcount": len(rows), "count": len(some), "sort": [2]}
        return JSONResponse(body | ({"data": some} if some else {}), 200)

    def _ticket(self, request: Request) -> JSONResponse:
        number = request.path_params["number"]
        if number in self.world.hidden:
            return JSONResponse(_FORBIDDEN, 403)
        ticket = self.world.tickets().get(number)
        if ticket is None:
            return JSONResponse(_MISSING, 404)
        assert request.query_params["expand_dropdowns"] == "true"
        log = {str(entry["id"]): entry for entry in self._log(ticket)}
        return JSONResponse({**self._row(ticket), "_logs": log or []})

    def _part(self, request: Request) -> JSONResponse:
        ticket = self.world.tickets().get(request.path_params["number"])
        if ticket is None:
            return JSONResponse(_MISSING, 404)
        if request.path_params["part"] == "ITILFollowup":
            return _ranged(self._followups(ticket), request.query_params["range"])
        links = [{"id": 1, "tickets_id_1": ticket.id, "tickets_id_2": ticket.merged_into}]
        links = [{**each, "link": 3} for each in links] if ticket.merged_into else []
        return _ranged(links, request.query_params["range"])

    # -- rows ---------------------------------------------------------------------------------

    def _row(self, ticket: WorldTicket) -> dict[str, Any]:
        return {
            "id": ticket.id,
            "entities_id": "Root entity &#62; North",
            "name": f"subject of {CUSTOMER}",
            "content": f"text of {CUSTOMER}",
            "date": self._local(ticket.opened_at),
            "date_creation": self._local(ticket.opened_at),
            "date_mod": self._local(ticket.changed_at),
            "solvedate": None,
            "closedate": None,
            "takeintoaccountdate": None,
            "status": int(_STATUS[ticket.values["status"]]),
            "priority": int(_PRIORITY.get(ticket.values["priority"], "9")),
            "type": 1,
            "itilcategories_id": "Mail",
            "users_id_recipient": ticket.registered_by,
            "is_deleted": int(self._in_trash(ticket)),
        }

    def _in_trash(self, ticket: WorldTicket) -> bool:
        return ticket.merged_into is not None or self.world.is_deleted(ticket)

    def _log(self, ticket: WorldTicket) -> list[dict[str, Any]]:
        return [entry for event in ticket.events for entry in self._entries(event)] + [
            self._entry(event, 9, ticket.id, "Ticket", 15, 0, "", "subject")
            for event in self.world.visible_events()
            if event.what == "merge" and int(event.new) == ticket.id
        ]

    def _entries(self, event: WorldEvent) -> list[dict[str, Any]]:
        """The entries of one event: link, action, search option, old and new value."""
        match event.what:
            case "open":
                team = event.new.split("|")[2]
                found = [("User", 15, 4, "", _user(CUSTOMER)), ("Group", 15, 8, "", _group(team))]
                found.append(("0", 20, 0, "", ""))
            case "reply" | "note":
                found = [("ITILFollowup", 17, 0, "", str(event.number))]
            case "status":
                found = [("", 0, 12, _STATUS[event.old], _STATUS[event.new])]
            case "priority":
                old, new = (_PRIORITY.get(each, "9") for each in (event.old, event.new))
                found = [("", 0, 3, old, new)]
            case "team":
                found = [("Group", 16, 0, _group(event.old), "")]
                found.append(("Group", 15, 8, "", _group(event.new)))
            case "assign":
                found = [("User", 15, 5, "", _user(event.new))]
            case "merge":
                found = [("Ticket", 15, 0, "", "subject"), ("0", 13, 0, "", "")]
            case _:
                found = [("0", 13, 0, "", "")]
        return [self._entry(event, n, event.ticket, *each) for n, each in enumerate(found)]

    def _entry(
        self,
        event: WorldEvent,
        n: int,
        ticket: int,
        link: str,
        action: int,
        option: int,
        *values: str,
    ) -> dict[str, Any]:
        return {
            "id": 10 * event.number + n,
            "itemtype": "Ticket",
            "items_id": ticket,
            "itemtype_link": link,
            "linked_action": action,
            "user_name": _user(event.by),
            "date_mod": self._local(event.at),
            "id_search_option": option,
            "old_value": values[0],
            "new_value": values[1],
        }

    def _followups(self, ticket: WorldTicket) -> list[dict[str, Any]]:
        merged = [t for t in self.world.tickets().values() if t.merged_into == ticket.id]
        return [
            {
                "id": event.number,
                "items_id": ticket.id,
                "date": self._local(event.at) if each is not ticket else None,
                "date_creation": self._local(event.at),
                "users_id": _USERS[event.by],
                "content": f"text of {event.by}",
                "is_private": int(event.what == "note"),
                "sourceitems_id": each.id if each is not ticket else 0,
            }
            for each in (ticket, *merged)
            for event in each.events
            if event.what in ("reply", "note")
        ]

    def _local(self, at: int) -> str:
        return datetime.fromtimestamp(at, ZoneInfo(self.world.zone)).strftime("%Y-%m-%d %H:%M:%S")


def _ranged(rows: list[dict[str, Any]], asked: str) -> JSONResponse:
    """Rows as GLPI sends them: 206 unless they are all, and 400 beyond the end."""
    found = re.fullmatch(r"(\d+)-(\d+)", asked)
    assert found is not None
    first, last = int(found[1]), int(found[2])
    assert last - first < 1000
    if first > len(rows):
        return JSONResponse(["ERROR_RANGE_EXCEED_TOTAL", "Provided range exceed total"], 400)
    some = rows[first : last + 1]
    return JSONResponse(
        some,
        200 if len(some) == len(rows) else 206,
        {"Content-Range": f"{first}-{first + len(some) - 1}/{len(rows)}"},
    )


def _user(name: str) -> str:
    return f"{name} ({_USERS[name]})"


def _group(name: str) -> str:
    return f"{name} ({TEAMS.index(name) + 1})"
