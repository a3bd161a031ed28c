"""Znuny 6.5 with the shipped web service, as recorded: see tests/fixtures/znuny."""

from __future__ import annotations

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

_ROOT = "/nph-genericinterface.pl/Webservice/GenericTicketConnectorREST"
_SESSION = "session-of-kpi"
_STATUS = {"on_hold": "pending reminder", "resolved": "closed successful"}
_PRIORITY = {"urgent": "5 very high", "high": "4 high", "normal": "3 normal", "low": "2 low"}
_USERS = {AGENT: 7, OTHER_AGENT: 8, CUSTOMER: 1}


class Fake(fake.Fake):
    """Its searches, which return only ids, its tickets and their history.

    A merged ticket stays visible as such, and its articles move to the target.
    """

    left_out: ClassVar = {
        "child_closed_by_its_parent": "children are not closed with their parents",
        "deleted": "agents cannot delete; what a job deletes looks like a right that was lost",
        **dict.fromkeys(
            ("purged", "swept_purged"), "a ticket that is gone looks like one without access"
        ),
    }
    merge_moves_replies = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        world.zone = "UTC"  # as Znuny is installed; its times have no offset
        self._version = -1
        self._tickets: dict[int, WorldTicket] = {}
        self._changed: dict[int, str] = {}

    @property
    def options(self) -> dict[str, Any]:  # type: ignore[override]
        """The keys; the zone is the world's."""
        return {
            "user": "kpi",
            "password": "${FAKE_SECRET}",
            "timezone": self.world.zone,
            "map": {"status": {"closed successful": "resolved"}},
        }

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""

        async def session(request: Request) -> JSONResponse:
            if await request.json() != {"UserLogin": "kpi", "Password": SECRET}:
                return _error("SessionCreate.AuthFail")
            return JSONResponse({"SessionID": _SESSION})

        def door(name: str, answer: Any) -> Any:
            async def asked(request: Request) -> JSONResponse:
                if request.query_params.get("SessionID") != _SESSION:
                    return _error(f"{name}.AuthFail")
                found: JSONResponse = answer(request)
                return found

            return asked

        return Starlette(
            routes=[
                Route(f"{_ROOT}/Session", session, methods=["POST"]),
                Route(f"{_ROOT}/Ticket", door("TicketSearch", self._search)),
                Route(f"{_ROOT}/Ticket/{{ids}}", door("TicketGet", self._get)),
                Route(f"{_ROOT}/TicketHistory/{{ids}}", door("TicketHistoryGet", self._history)),
            ]
        )

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return "/Ticket" in path and str(ticket) in path.rpartition("/")[2].split(",")

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        return (row["TicketID"], "Created") if "Created" in row else None

    # -- requests -----------------------------------------------------------------------------

    def _search(self, request: Request) -> JSONResponse:
        asked = request.query_params
        assert asked["SearchInArchive"] == "AllTickets"
        found = [str(number) for number in self._visible()]
        if (since := asked.get("TicketLastChangeTimeNewerDate")) is not None:
            found = [each for each in found if self._changed[int(each)] >= since]
        if only := asked.getlist("TicketID"):
            found = [each for each in found if each in only]
        if asked.getlist("SortBy") == ["Changed", "TicketNumber"]:
            assert asked.getlist("OrderBy") == ["Up", "Up"]
            found.sort(key=lambda number: (self._changed[int(number)], int(number)))
        else:
            found.reverse()
        found = found[: int(asked.get("Limit", "500"))]
        return JSONResponse({"TicketID": found} if found else {})

    def _get(self, request: Request) -> JSONResponse:
        tickets = self._asked(request)
        if tickets is None:
            return _error("TicketGet.AccessDenied")
        rows = [self._row(each) for each in tickets]
        if "Extended" not in request.query_params:
            rows = [{k: v for k, v in row.items() if k != "FirstResponse"} for row in rows]
        return JSONResponse({"Ticket": rows})

    def _history(self, request: Request) -> JSONResponse:
        tickets = self._asked(request)
        if tickets is None:
            return _error("TicketHistoryGet.AccessDenied")
        return JSONResponse(
            {
                "TicketHistory": [
                    {
                        "TicketID": str(each.id),
                        "History": [line for event in each.events for line in self._lines(event)],
                    }
                    for each in tickets
                ]
            }
        )

    def _asked(self, request: Request) -> list[WorldTicket] | None:
        """The tickets that are asked for, None if one of them is not visible."""
        visible = self._visible()
        ids = [int(each) for each in request.path_params["ids"].split(",")]
        return [visible[number] for number in ids] if visible.keys() >= set(ids) else None

    def _visible(self) -> dict[int, WorldTicket]:
        """The tickets by id, and in ``_changed`` their times of change; a merge changes both."""
        if self._version != self.world.version:
            self._version, self._tickets = self.world.version, self.world.tickets()
            last = {number: each.changed_at for number, each in self._tickets.items()}
            for event in self.world.visible_events():
                if event.what == "merge":
                    last[int(event.new)] = max(last[int(event.new)], event.at)
            self._changed = {number: self._local(at) for number, at in last.items()}
        return self._tickets

    # -- rows ---------------------------------------------------------------------------------

    def _row(self, ticket: WorldTicket) -> dict[str, Any]:
        merged = [t for t in self._visible().values() if t.merged_into == ticket.id]
        articles = () if ticket.merged_into else (ticket, *merged)
        answers = [
            event.at
            for each in articles
            for event in each.events
            if event.what == "reply" and event.by != CUSTOMER
        ]
        status = "merged" if ticket.merged_into else _status(ticket.values["status"])
        row = {
            "TicketID": ticket.id,
            "TicketNumber": f"20260302{ticket.id:08}",
            "Title": f"subject of {CUSTOMER}",
            "Age": self.world.now - ticket.opened_at,
            "Created": self._local(ticket.opened_at),
            "Changed": self._changed[ticket.id],
            "State": status,
            "Priority": _PRIORITY.get(ticket.values["priority"], "9 odd"),
            "Queue": ticket.values["team"],
            "CustomerID": "NORTH",
            "CustomerUserID": CUSTOMER,
            "Owner": ticket.assignee,
            "Type": "Unclassified",
            "ServiceID": "",
        }
        return row | ({"FirstResponse": self._local(min(answers))} if answers else {})

    def _lines(self, event: WorldEvent) -> list[dict[str, Any]]:
        old, new = event.old, event.new
        match event.what:
            case "open":
                status, priority, team = new.split("|")
                level = _PRIORITY.get(priority, "9 odd")
                name = f"%%2026%%{team}%%{level}%%{_status(status)}%%{event.ticket}"
                found = [("NewTicket", name), ("TypeUpdate", "%%Unclassified%%1")]
                found.append(("NewTicket", "%%GenericInterface Create"))
            case "reply" | "note":
                found = [("AddNote", "%%GenericInterface Note"), ("Misc", "Reset of unlock time.")]
            case "status":
                found = [("StateUpdate", f"%%{_status(old)}%%{_status(new)}%%")]
            case "priority":
                names = [_PRIORITY.get(each, "9 odd") for each in (old, new)]
                found = [("PriorityUpdate", f"%%{names[0]}%%1%%{names[1]}%%2")]
            case "team":
                found = [("Move", f"%%{new}%%2%%{old}%%1")]
            case "assign":
                found = [("OwnerUpdate", f"%%{new}%%{_USERS[new]}")]
            case _:
                found = [("Merged", "Merged Ticket"), ("StateUpdate", "%%open%%merged%%")]
        return [
            {
                "TicketID": str(event.ticket),
                "ArticleID": 0,
                "CreateBy": _USERS[event.by],
                "CreateTime": self._local(event.at),
                "HistoryType": kind,
                "Name": name,
            }
            for kind, name in found
        ]

    def _local(self, at: int) -> str:
        return datetime.fromtimestamp(at, ZoneInfo(self.world.zone)).strftime("%Y-%m-%d %H:%M:%S")


def _status(ours: str) -> str:
    return _STATUS.get(ours, ours)


def _error(code: str) -> JSONResponse:
    return JSONResponse({"Error": {"ErrorCode": code, "ErrorMessage": "no"}})
