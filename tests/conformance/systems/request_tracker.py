"""Request Tracker 5: the demo's, whose desk is made of the world."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.cli.demo.desk import Desk
from collector.cli.demo.request_tracker import request_tracker_app
from tests.conformance.systems import fake
from tests.conformance.systems.fake import SECRET
from tests.worlds.ticket_world import CUSTOMER, TEAMS, WorldEvent

_PRIORITY = {"urgent": 100, "high": 75, "normal": 50, "low": 25}
_STATUS = {"new": "new", "open": "open", "on_hold": "stalled", "resolved": "resolved"}


class Fake(fake.Fake):
    """Its tickets and its feed of transactions."""

    options: ClassVar = {
        "token": "${FAKE_SECRET}",
        "comments": True,
        "fields": {"kind": None, "organization": None},
        "map": {"priority": {str(n): name for name, n in _PRIORITY.items()}},
    }
    unreadable: ClassVar = {"token": "${WRONG_SECRET}"}
    left_out: ClassVar = {
        "child_closed_by_its_parent": "children are not resolved with their parents",
        "tie_larger_than_a_page": "the feed has numbers, so it has no ties",
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._version = -1
        self._app: ASGIApp | None = None

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        if self._version != self.world.version:
            self._version, self._app = self.world.version, self._built()
        assert self._app is not None
        return self._app

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        if path.endswith(f"/ticket/{ticket}"):
            return True
        return bool(re.search(rf"(?<![A-Za-z])(id|ObjectId)\+%3D\+{ticket}(?!\d)", query))

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        if row.get("type") == "ticket" and "Created" in row:
            return int(row["id"]), "Created"
        return None

    def _built(self) -> ASGIApp:
        desk = Desk(queues=TEAMS)
        for event in self.world.events:
            known = len(desk.transactions)
            _act(desk, event)
            if event.number in self.world.withheld or event.ticket in self.world.hidden:
                desk.withheld |= set(range(known + 1, len(desk.transactions) + 1))
        for number in self.world.hidden | self.world.purged:
            desk.tickets[number - 1].type = "hidden"  # in no search
        app = request_tracker_app(
            desk, lambda: self.world.now, token=SECRET, zone=self.world.zone, comments=TEAMS
        )

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            number = scope["path"].rpartition("/ticket/")[2]
            if number.isdigit() and int(number) in self.world.hidden:
                await JSONResponse({"message": "Forbidden"}, 403)(scope, receive, send)
            elif number.isdigit() and int(number) in self.world.purged:
                await JSONResponse({"message": "Not Found"}, 404)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer


def _act(desk: Desk, event: WorldEvent) -> None:
    """Do in the desk what happened in the world."""
    at, number, by = event.at, event.ticket, event.by
    match event.what:
        case "open":
            status, priority, team = event.new.split("|")
            level = _PRIORITY.get(priority, 7)
            desk.create(at, by, CUSTOMER, queue=team, priority=level, status=_STATUS[status])
        case "reply":
            desk.correspond(at, number, by)
        case "note":
            desk.comment(at, number, by)
        case "status":
            desk.set_status(at, number, by, _STATUS[event.new])
        case "priority":
            desk.set_priority(at, number, by, _PRIORITY[event.new])
        case "team":
            desk.move(at, number, by, event.new)
        case "assign":
            desk.set_owner(at, number, by, event.new)
        case "merge":
            desk.merge(at, number, by, int(event.new))
        case "delete":
            desk.set_status(at, number, by, "deleted")
