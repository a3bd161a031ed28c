"""A helpdesk with a REST interface of no system in particular, read by ``json``.

Its list has page numbers and a filter by time of change, in the order of ids; its history is a
request of its own for each ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.conformance.systems import fake
from tests.conformance.systems.fake import SECRET
from tests.worlds.ticket_world import CUSTOMER, PRIORITIES, WorldEvent, WorldTicket

_PUBLIC = {"reply": "comment", "note": "remark", "assign": "assigned", "status": "changed"}


class Fake(fake.Fake):
    """Deleted tickets stay in the list for who asks by time of change, with that status."""

    requests_per_ticket = 1.1
    unreadable: ClassVar = {"token": "${WRONG_SECRET}"}
    left_out: ClassVar = {
        "deleted": "a row with a status that means deleted stays a ticket with that mark",
        "spent_budget": "the list is read before the first record, so a budget must suffice for it",
    }
    options: ClassVar = {
        "token": "${FAKE_SECRET}",
        "tickets": {
            "path": "v2/tickets",
            "params": {"changed_since": ":since", "page": ":page", "per_page": ":size"},
            "rows": "data",
            "size": 50,
        },
        "ticket": {"path": "v2/tickets/:id", "row": "data"},
        "fields": {
            "id": "id",
            "opened_at": "created",
            "changed_at": "updated",
            "status": "state.name",
            "priority": "priority",
            "team": "group.name",
            "registered_by": "creator.id",
            "registered_by_staff": "creator.role=='agent'",
        },
        "changes": {
            "request": {"path": "v2/tickets/:id/events"},
            "rows": "events[?kind=='changed']",
            "at": "at",
            "field": "what",
            "old": "from",
            "new": "to",
            "changed_by": "author.id",
        },
        "acts": {
            "request": {"path": "v2/tickets/:id/events"},
            "rows": "events[]",
            "at": "at",
            "act": "kind=='changed' && join('_', ['changed', what]) || kind",
            "by_staff": "author.id != _ticket.requester.id",
        },
        "map": {
            "priority": {each: each for each in PRIORITIES},
            "field": {each: each for each in ("status", "priority", "team")},
            "act": {
                "comment": "reply",
                "remark": "note",
                "assigned": "assignment",
                "changed_status": "status",
                "default": "ignore",
            },
        },
    }

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""

        async def answer(request: Request) -> JSONResponse:
            if request.headers.get("Authorization") != f"Bearer {SECRET}":
                return JSONResponse({"error": "unauthorized"}, 401)
            tickets = self.world.tickets()
            number = request.path_params.get("number")
            if number is not None and not number.isdecimal():
                return JSONResponse({"error": "no such ticket"}, 404)
            number = None if number is None else int(number)
            if number is None:
                return JSONResponse(self._page(list(tickets.values()), request.query_params))
            if (ticket := tickets.get(number)) is None:
                status = 403 if number in self.world.hidden else 404
                return JSONResponse({"error": "no such ticket"}, status)
            if request.url.path.endswith("/events"):
                events = [self._event(each) for each in ticket.events if each.what in _SHOWN]
                return JSONResponse({"events": events})
            return JSONResponse({"data": self._row(ticket)})

        return Starlette(
            routes=[
                Route("/v2/tickets", answer),
                Route("/v2/tickets/{number}", answer),
                Route("/v2/tickets/{number}/events", answer),
            ]
        )

    def _page(self, tickets: list[WorldTicket], query: Mapping[str, str]) -> dict[str, Any]:
        since = datetime.fromisoformat(query["changed_since"]).timestamp()
        page, size = int(query["page"]), int(query["per_page"])
        found = [each for each in tickets if each.changed_at >= since]
        rows = [self._row(each) for each in found[(page - 1) * size : page * size]]
        return {"data": rows, "meta": {"total": len(found)}}

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return path in (f"/v2/tickets/{ticket}", f"/v2/tickets/{ticket}/events")

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        return (row["id"], "created") if "created" in row else None

    def _row(self, ticket: WorldTicket) -> dict[str, Any]:
        status = "merged" if ticket.merged_into else ticket.values["status"]
        registered = ticket.registered_by
        return {
            "id": ticket.id,
            "subject": f"subject of {CUSTOMER}",
            "created": _time(ticket.opened_at),
            "updated": _time(ticket.changed_at),
            "state": {"name": "deleted" if self.world.is_deleted(ticket) else status},
            "priority": ticket.values["priority"],
            "group": {"name": ticket.values["team"]},
            "requester": {"id": CUSTOMER, "mail": f"{CUSTOMER}@example.org"},
            "creator": {"id": registered, "role": "user" if registered == CUSTOMER else "agent"},
        }

    def _event(self, event: WorldEvent) -> dict[str, Any]:
        kind = _PUBLIC.get(event.what, "changed")
        changed = {"what": event.what, "from": event.old, "to": event.new}
        return {
            "kind": kind,
            "at": _time(event.at),
            "author": {"id": event.by, "name": f"name of {event.by}"},
            **(changed if kind == "changed" else {"text": f"text of {event.by}"}),
        }


_SHOWN = {*_PUBLIC, "priority", "team"}


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
