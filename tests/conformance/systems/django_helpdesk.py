"""django-helpdesk 2.6.1, as recorded: see tests/fixtures/django_helpdesk."""

from __future__ import annotations

import base64
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
    TEAMS,
    WorldEvent,
    WorldTicket,
)

_STATUS = {"new": 1, "open": 1, "on_hold": 1, "resolved": 3, "closed": 4}
_PRIORITY = {"urgent": 1, "high": 2, "normal": 3, "low": 4}
_USERS = {CUSTOMER: None, AGENT: 1, OTHER_AGENT: 2}


_SAME = "a ticket that one may not see and a deleted one give the same answer"


class Fake(fake.Fake):
    """Its listing in the order of ids, without filters."""

    options: ClassVar = {
        "user": "kpi",
        "password": "${FAKE_SECRET}",
        "map": {"team": {str(n): name for n, name in enumerate(TEAMS, 1)}},
    }
    left_out: ClassVar = {
        "child_closed_by_its_parent": "a ticket has no parent",
        "right_lost": _SAME,
        "swept_out_of_sight": _SAME,
        "poisoned_id": "tickets are listed, not asked for by id",
        "tie_larger_than_a_page": "every poll reads everything, whatever its times",
        "spent_budget": "all is listed before the first record, so a budget must suffice for that",
        "hold": "being on hold leaves no trace",
    }

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        expected = "Basic " + base64.b64encode(f"kpi:{SECRET}".encode()).decode()

        async def answer(request: Request) -> JSONResponse:
            if request.headers.get("Authorization") != expected:
                return JSONResponse({"detail": "Invalid username/password."}, 403)
            tickets = self.world.tickets().values()
            rows = {each.id: self._row(each) for each in tickets if not self.world.is_deleted(each)}
            number = request.path_params.get("number")
            if number is not None:
                row = rows.get(number)
                none = {"detail": "No Ticket matches the given query."}
                return JSONResponse(row or none, 200 if row else 404)
            size = int(request.query_params.get("page_size", "25"))
            page = int(request.query_params.get("page", "1"))
            some = list(rows.values())[(page - 1) * size : page * size]
            if not some and page > 1:
                return JSONResponse({"detail": "Invalid page."}, 404)
            more = f"http://other/api/tickets/?page={page + 1}" if page * size < len(rows) else None
            body = {"count": len(rows), "next": more, "previous": None, "results": some}
            return JSONResponse(body)

        return Starlette(
            routes=[Route("/api/tickets/", answer), Route("/api/tickets/{number:int}/", answer)]
        )

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return path == f"/api/tickets/{ticket}/"

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        if row.get("title") == "Ticket Opened":
            return row["ticket"], "date"
        return None

    def _row(self, ticket: WorldTicket) -> dict[str, Any]:
        entries = [self._entry(each) for each in ticket.events if _leaves_a_trace(each)]
        status = ticket.values["status"]
        reopened = any(entry["new_status"] == 2 for entry in entries)
        return {
            "id": ticket.id,
            "queue": TEAMS.index(ticket.values["team"]) + 1,
            "title": f"subject of {CUSTOMER}",
            "description": f"text of {CUSTOMER}",
            "submitter_email": f"{CUSTOMER}@example.org",
            "assigned_to": _USERS.get(ticket.assignee),
            "status": 2 if reopened and status in ("open", "on_hold") else _STATUS[status],
            "on_hold": status == "on_hold",
            "priority": _PRIORITY.get(ticket.values["priority"], 9),
            "merged_to": ticket.merged_into,
            "followup_set": entries,
        }

    def _entry(self, event: WorldEvent) -> dict[str, Any]:
        at = datetime.fromtimestamp(event.at, ZoneInfo(self.world.zone))
        new = None
        if event.what == "status" and _STATUS[event.new] != _STATUS[event.old]:
            new = 2 if event.old in ("resolved", "closed") and _STATUS[event.new] == 1 else None
            new = new or _STATUS[event.new]
        return {
            "id": event.number,
            "ticket": event.ticket,
            "user": _USERS[event.by],
            "title": "Ticket Opened" if event.what == "open" else f"by {event.by}",
            "comment": f"text of {event.by}" if event.what in ("open", "reply", "note") else "",
            "public": event.what in ("open", "reply"),
            "new_status": new,
            "date": at.isoformat(),
        }


def _leaves_a_trace(event: WorldEvent) -> bool:
    if event.what == "status":
        return _STATUS[event.new] != _STATUS[event.old]
    return event.what != "merge"
