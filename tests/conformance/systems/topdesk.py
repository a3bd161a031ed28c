"""TOPdesk's Incident API: as documented, and its progress trail as published clients read it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.conformance.systems import fake
from tests.conformance.systems.fake import SECRET
from tests.worlds.ticket_world import CUSTOMER, PRIORITIES, WorldEvent, WorldTicket

_SINCE = re.compile(r"modificationDate=ge=(\S+Z)")
_FEW = range(4, 10)
"""Pages of so many are cut to the least of it, as a server may do that has a limit of its own."""


class Fake(fake.Fake):
    """Numbers of the world stand for its ids."""

    requests_per_ticket = 1.1
    options: ClassVar = {
        "user": "kpi",
        "password": "${FAKE_SECRET}",
        "map": {"priority": {each: each for each in PRIORITIES}},
    }
    left_out: ClassVar = {
        "merged_both_ways": "incidents are not merged",
        "child_closed_by_its_parent": "partial incidents are not read",
        "deleted": "an incident that is deleted only vanishes, as one that is purged",
        "hold": "there is no history of the status",
        "reopened_and_not_resolved_again": "its completion is forgotten when it is reopened",
    }

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        expected = "Basic " + base64.b64encode(f"kpi:{SECRET}".encode()).decode()

        async def answer(request: Request) -> Response:
            if request.headers.get("Authorization") != expected:
                return Response(status_code=401)
            tickets = self.world.tickets()
            kept = {n: each for n, each in tickets.items() if not self.world.is_deleted(each)}
            number = request.path_params.get("number")
            if number is None:
                return self._page(list(kept.values()), request.query_params)
            if number.isdecimal() and int(number) in self.world.hidden:
                return Response(status_code=403)
            ticket = kept.get(int(number)) if number.isdecimal() else None
            if ticket is None:
                return JSONResponse([{"message": "not found"}], 404)
            if request.url.path.endswith("/progresstrail"):
                trail = [_entry(each) for each in reversed(ticket.events)]
                return _part(trail, int(request.query_params["start"]), 2)
            return JSONResponse(self._row(ticket))

        path = "/tas/api/incidents"
        return Starlette(
            routes=[
                Route(path, answer),
                Route(path + "/id/{number}", answer),
                Route(path + "/id/{number}/progresstrail", answer),
            ]
        )

    def _page(self, tickets: list[WorldTicket], query: Mapping[str, str]) -> Response:
        found = _SINCE.fullmatch(query["query"])
        if found is None or query["sort"] != "modificationDate:asc,id:asc":
            return JSONResponse([{"message": "query"}], 400)
        since = datetime.fromisoformat(found[1]).timestamp()
        later = [each for each in tickets if each.changed_at >= since]
        later.sort(key=lambda each: (each.changed_at, str(each.id)))
        asked = set(query["fields"].split(","))
        rows = [self._row(each) for each in later]
        rows = [{name: each for name, each in row.items() if name in asked} for row in rows]
        size = int(query["pageSize"])
        return _part(rows, int(query["pageStart"]), min(_FEW) if size in _FEW else size)

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return path.startswith(f"/tas/api/incidents/id/{ticket}/")

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        return (int(row["id"]), "callDate") if "callDate" in row else None

    def _row(self, ticket: WorldTicket) -> dict[str, Any]:
        done = _last(ticket, "resolved", "closed")
        closed = _last(ticket, "closed")
        status = ticket.values["status"]
        return {
            "id": str(ticket.id),
            "status": "secondLineArchived" if status == "closed" else "firstLine",
            "number": f"I 2603 {ticket.id:03}",
            "briefDescription": f"subject of {CUSTOMER}",
            "request": f"text of {CUSTOMER}",
            "caller": {"dynamicName": CUSTOMER, "email": f"{CUSTOMER}@example.org"},
            "callerBranch": {"id": "b", "name": "North"},
            "callType": {"id": "c", "name": "Incident"},
            "category": None,
            "priority": {"id": "p", "name": ticket.values["priority"]},
            "operatorGroup": {"id": "g", "name": ticket.values["team"]},
            "callDate": _time(ticket.opened_at),
            "modificationDate": _time(ticket.changed_at),
            "onHold": status == "on_hold",
            "responded": False,
            "responseDate": None,
            "completed": status in ("resolved", "closed"),
            "completedDate": _time(done) if done else None,
            "closed": status == "closed",
            "closedDate": _time(closed) if closed else None,
            "targetDate": _time(ticket.opened_at + 4 * 3600),
        }


def _part(rows: list[dict[str, Any]], start: int, size: int) -> Response:
    """Some of the rows, with a status that says whether more follow."""
    some = rows[start : start + size]
    if not some:
        return Response(status_code=204)
    return JSONResponse(some, 206 if start + size < len(rows) else 200)


def _entry(event: WorldEvent) -> dict[str, Any]:
    """An action; of what is none TOPdesk sends a mail itself."""
    who = "person" if event.by == CUSTOMER else "operator"
    entry = {
        "id": str(event.number),
        "entryDate": _time(event.at),
        "operator": None,
        "person": None,
    }
    entry |= {who: {"id": "x", "name": event.by}}
    if event.what in ("reply", "note"):
        hidden = event.what == "note"
        return {**entry, "memoText": f"text of {event.by}", "invisibleForCaller": hidden}
    return {**entry, "title": "Your call was changed", "details": f"text of {event.by}"}


def _last(ticket: WorldTicket, *statuses: str) -> int | None:
    """Since when a ticket has one of these statuses, if it has."""
    if ticket.values["status"] not in statuses:
        return None
    since: int | None = None
    for event in ticket.events:
        if event.what == "status" and event.new in statuses:
            since = event.at if since is None or event.old not in statuses else since
    return since or ticket.opened_at


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
