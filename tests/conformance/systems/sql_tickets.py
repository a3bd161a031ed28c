"""A ticket system in an SQLite file with local times without a zone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from collector.sources.sql.queries import Visit
from tests.conformance.systems import fake
from tests.worlds.ticket_world import CUSTOMER, PRIORITIES, World

_NO_HTTP = "it is no HTTP; what a database refuses is in tests/sources/test_sql_sources.py"
_ACTS = {"reply": "reply", "note": "note", "status": "status", "assign": "assignment"}


class Fake(fake.Fake):
    """Its tables, written anew before each query if the world has moved on."""

    left_out: ClassVar = {
        "deleted": "a row with a status that means deleted stays a ticket with that mark",
        "right_lost": "a database has no rights to single rows",
        "swept_out_of_sight": "a database has no rights to single rows",
        "any_json": "rows hold no JSON; wrong values are in tests/sources/test_sql_sources.py",
        "poisoned_id": "a database fails for a whole query",
        **dict.fromkeys(
            (
                "failure",
                "retry_after",
                "burst_of_errors",
                "spent_budget",
                "an_empty_answer_in_disguise",
            ),
            _NO_HTTP,
        ),
    }

    def __init__(self, world: World) -> None:
        super().__init__(world)
        folder = mkdtemp(prefix="sql-")
        weakref.finalize(self, shutil.rmtree, folder)
        self._file = Path(folder) / "desk.db"
        self._state: object = None
        self._write()

    @property
    def options(self) -> Mapping[str, Any]:  # type: ignore[override]
        """See :class:`fake.Fake`."""
        return {
            "url": f"sqlite:///{self._file}",
            "timezone": self.world.zone,
            "map": {
                "priority": {each: each for each in PRIORITIES},
                "act": {each: each for each in _ACTS.values()},
            },
            "tickets": f"""
                SELECT id, opened_at, changed_at, status, priority, team, registered_by,
                       registered_by <> '{CUSTOMER}' AS registered_by_staff
                FROM ticket WHERE changed_at >= :since ORDER BY changed_at, id LIMIT :limit""",
            "changes": """
                SELECT ticket, at, what AS field, old, new, by AS changed_by FROM event
                WHERE what IN ('status', 'priority', 'team') AND ticket IN :ids ORDER BY number""",
            "acts": f"""
                SELECT ticket, at, act, by <> '{CUSTOMER}' AS by_staff FROM event
                WHERE act IS NOT NULL AND ticket IN :ids""",
            "ids": "SELECT id FROM ticket",
        }

    def attach(self, door: fake.Door, monkeypatch: pytest.MonkeyPatch) -> None:
        """See :class:`fake.Fake`: a query counts as a request."""
        enter, rows = Visit.__enter__, Visit.rows

        def entered(visit: Visit) -> Visit:
            made = enter(visit)
            visit.server_time = float(self.world.now)
            return made

        def asked(visit: Visit, query: str, **values: Any) -> Iterator[dict[str, Any]]:
            door.requests.append(query)
            if door.before:
                door.before(len(door.requests))
            self._write()
            return rows(visit, query, **values)

        monkeypatch.setattr(Visit, "__enter__", entered)
        monkeypatch.setattr(Visit, "rows", asked)

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        return Starlette()

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return False

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        return None

    def _write(self) -> None:
        state = (self.world.version, json.dumps(self.world.spoiled))
        if state == self._state:
            return
        self._state = state
        tickets = self.world.tickets()
        with closing(sqlite3.connect(self._file)) as database, database:
            database.execute("PRAGMA journal_mode = WAL")  # so that a visit goes on meanwhile
            database.execute("DROP TABLE IF EXISTS ticket")
            database.execute("DROP TABLE IF EXISTS event")
            database.execute(
                "CREATE TABLE ticket (id INTEGER, opened_at, changed_at, status, priority, team,"
                " registered_by)"
            )
            database.execute(
                "CREATE TABLE event (number, ticket INTEGER, at, what, old, new, by, act)"
            )
            for each in tickets.values():
                opened = self.world.spoiled.get(each.id, self._time(each.opened_at))
                mark = "merged" if each.merged_into else None
                mark = "deleted" if self.world.is_deleted(each) else mark
                database.execute(
                    "INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        each.id,
                        json.dumps(opened) if isinstance(opened, list | dict) else opened,
                        self._time(each.changed_at),
                        mark or each.values["status"],
                        each.values["priority"],
                        each.values["team"],
                        each.registered_by,
                    ),
                )
                for event in each.events:
                    database.execute(
                        "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        (
                            *(event.number, each.id, self._time(event.at), event.what),
                            *(event.old, event.new, event.by, _ACTS.get(event.what)),
                        ),
                    )

    def _time(self, at: int) -> str:
        local = datetime.fromtimestamp(at, ZoneInfo(self.world.zone))
        return local.replace(tzinfo=None).isoformat(" ")
