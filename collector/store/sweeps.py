"""Sweeps: which stored tickets to look for in their source, how far that is, and what it found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from collector.model.page import Cursor
from collector.model.pseudonyms import is_pseudonym
from collector.model.records import Status
from collector.model.stored import StoredTicket
from collector.store.decoding import checked, from_json
from collector.store.engine import Database, upsert
from collector.store.schema import changes, is_open, reconciled, sweeps, tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepState:
    """The state of a source's sweeps. Instants are epoch seconds.

    ``since``: when sweeps were first asked for. ``position``: that of an unfinished sweep.
    ``finished_at``: when one was last finished, None if never; ``failed_at``, ``error`` and
    ``fault`` (the kind of the error): of the last attempt, None unless that failed. ``found``: what
    became of tickets → how many, in all.
    """

    since: int
    position: Cursor | None = None
    finished_at: int | None = None
    failed_at: int | None = None
    error: str | None = None
    fault: str | None = None
    found: Mapping[str, int] = field(default_factory=dict)


class Sweeps:
    """The sweeps of all sources. Every method raises StoreError if the database fails; nothing is
    changed then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self) -> dict[str, SweepState]:
        """The state of each source by its name, for all for which sweeps were asked for."""
        with self._database.reading() as connection:
            return _states(connection)

    def begun(self, source: str, now: int) -> SweepState:
        """The state of a source; ``now`` (epoch seconds) is remembered if it has none yet."""
        found = self.states().get(source)
        if found is not None:
            return found
        with self._database.writing() as connection:
            known = select(sweeps.c.source).where(sweeps.c.source == source)
            if connection.execute(known).first() is None:
                connection.execute(insert(sweeps), {"source": source, "since": now})
        return self.states()[source]

    def moved(
        self, source: str, position: Cursor | None, found: Mapping[str, int], now: int
    ) -> None:
        """Records a step of the sweep that :meth:`begun` knows: where it goes on (None: it is
        finished, at ``now``), and what it found."""
        row: dict[str, Any] = {"position": None if position is None else json.dumps(dict(position))}
        row |= {"failed_at": None, "error": None, "fault": None}
        if position is None:
            row["finished_at"] = now
        with self._database.writing() as connection:
            connection.execute(update(sweeps).where(sweeps.c.source == source), row)
            _count(connection, source, {name: n for name, n in found.items() if n})

    def failed(self, source: str, error: str, now: int, fault: str | None = None) -> None:
        """Records that the sweep cannot go on: the next one begins anew. ``fault``: the kind of the
        error."""
        row = {"position": None, "failed_at": now, "error": error, "fault": fault}
        with self._database.writing() as connection:
            connection.execute(update(sweeps).where(sweeps.c.source == source), row)

    def tickets(self, source: str, since: int) -> Sequence[StoredTicket]:
        """The tickets of a source that opened at or after ``since`` (epoch seconds), those still
        open, and those that are no longer visible, in the order of their numbers; not those that
        were erased, which nobody may ask for."""
        last_change = (
            select(func.max(changes.c.at)).where(changes.c.ticket == tickets.c.n).scalar_subquery()
        )
        query = (
            select(
                tickets.c.n, tickets.c.id, tickets.c.mark, is_open,
                tickets.c.opened_at, tickets.c.first_response_at, last_change,
            )
            .where(
                tickets.c.source == source,
                or_(tickets.c.opened_at >= since, is_open, tickets.c.mark == Status.NOT_VISIBLE),
            )
            .order_by(tickets.c.n)
        )  # fmt: skip
        with self._database.reading() as connection:
            return [
                StoredTicket(number, own, mark, bool(still), max(at for at in instants if at))
                for number, own, mark, still, *instants in connection.execute(query)
                if not is_pseudonym(own)
            ]

    def not_visible(self, source: str) -> int:
        """How many tickets of a source are no longer visible, without erased ones."""
        query = select(tickets.c.id).where(
            tickets.c.source == source, tickets.c.mark == Status.NOT_VISIBLE
        )
        with self._database.reading() as connection:
            return sum(not is_pseudonym(own) for own in connection.execute(query).scalars())


def _states(connection: Connection) -> dict[str, SweepState]:
    found: dict[str, dict[str, int]] = {}
    for source, name, count in connection.execute(select(reconciled)):
        found.setdefault(source, {})[name] = count
    return {
        row.source: SweepState(
            since=row.since,
            position=None
            if row.position is None
            else from_json(sweeps, row.source, row.position, dict),
            finished_at=row.finished_at,
            failed_at=row.failed_at,
            error=row.error,
            fault=row.fault,
            found=found.get(row.source, {}),
        )
        for row in connection.execute(select(sweeps))
        if checked(sweeps, row.source, row)
    }


def _count(connection: Connection, source: str, found: Mapping[str, int]) -> None:
    if not found:
        return
    add = upsert(connection, reconciled)
    add = add.on_conflict_do_update(
        index_elements=["source", "found"],
        set_={"count": reconciled.c.count + add.excluded["count"]},
    )
    rows = [{"source": source, "found": name, "count": n} for name, n in sorted(found.items())]
    connection.execute(add, rows)
