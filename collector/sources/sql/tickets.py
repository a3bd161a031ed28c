"""Tickets from any SQL database: their present row, and their history where queries give it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from collector.model.page import Rejected, RejectedRow
from collector.model.records import Status
from collector.sources.csv.rows import CsvRow
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import (
    HISTORY,
    Act,
    Action,
    ChangedTicket,
    Fetched,
    NotVisible,
    OwnSla,
    Position,
    RawChange,
    RawTicket,
    Removed,
)
from collector.sources.kit.system import KeysetSystem, ListedSystem, TicketSystem
from collector.sources.kit.values import rejected
from collector.sources.sql.options import SqlTicketsOptions
from collector.sources.sql.queries import Values, Visit, as_text

CHECKED_TICKETS = 500
_MOST = 10**9
_VALUES = ("status", "kind", "priority", "organization", "category", "team")
_TIMES: dict[str, Act] = {
    "first_response_at": "reply",
    "first_note_at": "note",
    "first_status_at": "status",
    "first_assigned_at": "assignment",
}


class _SqlSystem(TicketSystem[Visit]):
    """What both ways of reading tickets have in common."""

    PAGE_TICKETS = 500
    SWEEP_IDS = 10**6

    def __init__(self, options: SqlTicketsOptions) -> None:
        self.options = options

    def connect(self) -> Visit:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
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
        faults = [each for each in found if isinstance(each, Rejected)]
        faults += self._unmapped(tickets)
        if faults:
            first = faults[0]
            line += f"; {len(faults)} cannot be used: {first.where}: {first.message}"
        return line

    def _unmapped(self, tickets: Iterable[RawTicket]) -> Iterator[Rejected]:
        mapper = self.options.mapper()
        for each in tickets:
            try:
                assemble("", each, mapper, self.options.unrecorded)
            except RejectedRow as error:
                yield rejected(each.id, error)

    def existing(self, connection: Visit, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
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
                yield NotVisible(number) if listed else Removed(number, Status.DELETED)

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
        self, connection: Visit, position: Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.system.KeysetSystem`."""
        return connection.changed("tickets", position, page_size)


class SqlListing(_SqlSystem, ListedSystem[Visit]):
    """Tickets without a time of change: all of them, at every poll."""

    def all_tickets(self, connection: Visit, page_size: int) -> Iterator[Sequence[ChangedTicket]]:
        """See :class:`~collector.sources.kit.system.ListedSystem`."""
        rows = list(self._all(connection))
        for start in range(0, len(rows), self.PAGE_TICKETS):
            some = rows[start : start + self.PAGE_TICKETS]
            found = self._found(connection, some)
            yield [
                ChangedTicket(as_text(row["id"]), found=each)
                for row, each in zip(some, found, strict=True)
            ]


def raw_ticket(
    row: CsvRow, changes: Iterable[CsvRow], acts: Iterable[CsvRow], mapper: Mapper
) -> RawTicket:
    """Return a ticket of its rows. Raises RejectedRow for any value that cannot be used."""
    opened_at = row.start("opened_at")
    done = [_action(each, mapper) for each in acts]
    for name, act in _TIMES.items():
        if (at := row.time(name, opened_at)) is not None:
            done.append(Action(at, act, True))
    moves = [_change(each, mapper) for each in changes]
    resolved_at, closed_at = (row.time(name, opened_at) for name in ("resolved_at", "closed_at"))
    found = RawTicket(
        id=row.required("id"),
        opened_at=opened_at,
        fields={name: row.text(name) for name in _VALUES if row.tells(name)},
        changes=sorted(moves, key=lambda each: each.at),
        actions=sorted(done, key=lambda each: each.at),
        resolved_at=resolved_at,
        closed_at=closed_at,
        registered_by=row.text("registered_by") or "",
        registered_by_staff=bool(row.yes_or_no("registered_by_staff")),
        url=row.text("url"),
        changed_at=row.time("changed_at"),
        own=_own(row, opened_at),
    )
    for each in row.left_out:
        raise each
    return found


def _own(row: CsvRow, opened_at: int) -> OwnSla:
    return OwnSla(
        response_due_at=row.time("own_response_due_at", opened_at),
        response_met=row.yes_or_no("own_response_met"),
        resolution_due_at=row.time("own_resolution_due_at", opened_at),
        resolution_met=row.yes_or_no("own_resolution_met"),
        first_response_at=row.time("own_first_response_at", opened_at),
    )


def _change(row: CsvRow, mapper: Mapper) -> RawChange:
    field = mapper("field", row.text("field"))
    if field not in HISTORY:
        known = ", ".join(HISTORY)
        message = f"changes: field {field!r} is not one of {known}: map it under map.field"
        raise RejectedRow("unknown_field", message)
    by = row.text("changed_by") or ""
    return RawChange(row.start("at"), field, row.text("old"), row.text("new"), by)


def _action(row: CsvRow, mapper: Mapper) -> Action:
    act = mapper("act", row.text("act"))
    for known in get_args(Act):
        if act == known:
            staff = row.yes_or_no("by_staff") if row.tells("by_staff") else True
            return Action(row.start("at"), known, bool(staff))
    listed = ", ".join(get_args(Act))
    message = f"acts: act {act!r} is not one of {listed}: map it under map.act"
    raise RejectedRow("unknown_act", message)
