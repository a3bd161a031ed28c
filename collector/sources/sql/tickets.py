"""Tickets from any SQL database: their present row, and their history where queries give it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from collector.model.page import RejectedRow
from collector.model.records import Status
from collector.sources.csv.rows import CsvRow
from collector.sources.kit.looking import faults
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import (
    ChangedTicket,
    Fetched,
    NotVisible,
    Position,
    RawTicket,
    Removed,
)
from collector.sources.kit.system import KeysetSystem, ListedSystem, TicketSystem
from collector.sources.kit.values import rejected
from collector.sources.mapped.tickets import as_text, raw_ticket
from collector.sources.sql.options import SqlTicketsOptions
from collector.sources.sql.queries import Values, Visit

CHECKED_TICKETS = 500
_MOST = 10**9


class _SqlSystem(TicketSystem[Visit]):
    """What both ways of reading tickets have in common."""

    PAGE_TICKETS = 500
    SWEEP_IDS = 10**6

    def __init__(self, options: SqlTicketsOptions) -> None:
        self.options = options

    def connect(self) -> Visit:
        return Visit(self.options)

    def check(self, connection: Visit) -> str:
        """Return how many rows the queries give for the first tickets, and the first fault."""
        rows = connection.some("tickets", 0, 0, CHECKED_TICKETS)
        found = list(self._found(connection, rows))
        tickets = [each for each in found if isinstance(each, RawTicket)]
        more = " or more" if len(rows) == CHECKED_TICKETS else ""
        line = f"{connection.product}, {len(rows)}{more} tickets"
        if self.options.changes:
            line += f", {sum(len(each.changes) for each in tickets)} changes of theirs"
        if self.options.acts:
            line += f", {sum(len(each.actions) for each in tickets)} acts"
        if self.options.ids:
            line += f", {len(self._existing(connection))} ids"
        if len({row["id"] for row in rows}) < len(rows):
            line += "; several rows for one id: does a join lack a condition?"
        return line + faults(found, self.options)

    def existing(self, connection: Visit, ids: Sequence[str]) -> set[str]:
        return set(ids) & self._existing(connection)

    def fetch(self, connection: Visit, ids: Sequence[str]) -> Iterator[Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`.

        What the feed has not just listed is looked for among all tickets. What is not there is
        deleted if the query ``ids`` says so; else it may only be left out by the query.
        """
        rows = {number: connection.listed[number] for number in ids if number in connection.listed}
        if wanted := {number for number in ids if number not in rows}:
            for row in self._all(connection):
                if (number := as_text(row["id"])) in wanted:
                    rows[number] = row
        yield from self._found(connection, list(rows.values()))
        for number in ids:
            if number not in rows:
                listed = not self.options.ids or number in self._existing(connection)
                gone = Removed(number, Status.DELETED, missing=True)
                yield NotVisible(number) if listed else gone

    def finds(self, connection: Visit, number: str) -> bool:
        return not self.options.ids or number in self._existing(connection)

    def _all(self, connection: Visit) -> Iterator[Values]:
        return connection.query("tickets", since=connection.since(0), limit=_MOST)

    def _existing(self, connection: Visit) -> frozenset[str]:
        if connection.existing is None:
            rows = connection.query("ids") if self.options.ids else self._all(connection)
            connection.existing = frozenset(as_text(row["id"]) for row in rows)
        return connection.existing

    def _found(self, connection: Visit, rows: Sequence[Values]) -> Iterator[Fetched]:
        ids = [row["id"] for row in rows if row["id"] is not None]
        changes = self._history(connection, "changes", ids)
        acts = self._history(connection, "acts", ids)
        mapper = Mapper(self.options.map, ())
        for row in rows:
            number = as_text(row["id"])
            try:
                yield raw_ticket(connection.row(row), changes[number], acts[number], mapper)
            except RejectedRow as error:
                yield rejected(number, error)

    def _history(self, connection: Visit, name: str, ids: Sequence[Any]) -> dict[str, list[CsvRow]]:
        found: defaultdict[str, list[CsvRow]] = defaultdict(list)
        if ids and getattr(self.options, name) is not None:
            for row in connection.query(name, ids=list(ids)):
                found[as_text(row["ticket"])].append(connection.row(row))
        return found


class SqlTickets(_SqlSystem, KeysetSystem[Visit]):
    """Tickets by their time of change.

    The overlap is over an hour, since local times come twice in autumn.
    """

    FEED_ROWS = 5000
    OVERLAP = 3720

    def changed_tickets(
        self, connection: Visit, position: Position, size: int
    ) -> Sequence[ChangedTicket]:
        return connection.changed("tickets", position, size)


class SqlListing(_SqlSystem, ListedSystem[Visit]):
    """Tickets without a time of change: all of them, at every poll."""

    def all_tickets(self, connection: Visit, size: int) -> Iterator[Sequence[ChangedTicket]]:
        rows = list(self._all(connection))
        for start in range(0, len(rows), self.PAGE_TICKETS):
            some = rows[start : start + self.PAGE_TICKETS]
            found = self._found(connection, some)
            yield [
                ChangedTicket(as_text(row["id"]), found=each)
                for row, each in zip(some, found, strict=True)
            ]
