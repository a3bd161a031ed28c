"""The records in the store: as columns, as counts, and one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal

import numpy as np
from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, null, select

from collector.model.columns import CallProfile, CallTable, TicketProfile, TicketTable
from collector.model.records import Change, Ticket
from collector.store.columns import (
    OPEN_CALLS,
    OPEN_TICKETS,
    ProfileCache,
    RowSelection,
    check_rows,
    read_calls,
    read_tickets,
    resolved_between,
)
from collector.store.engine import Database
from collector.store.errors import DamagedRow
from collector.store.key_lists import is_among
from collector.store.purged import PurgedSpan, purged_spans_of
from collector.store.rows import CLOCKS, history_digest, to_ticket
from collector.store.schema import calls, changes, tickets

Clock = Literal["opened", "responded", "resolved"]
"""The event by which tickets are selected."""
Span = tuple[int, int]
"""A half-open interval ``[start, end)`` in epoch seconds."""


class Records:
    """Tickets and calls. Every method raises StoreError if the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._profiles = ProfileCache()

    # -- as columns ---------------------------------------------------------------------------

    def tickets(
        self, clock: Clock, *spans: Span, wide: bool = False, between: bool = False
    ) -> TicketTable:
        """Tickets opened, first answered or resolved in any of the spans, as last delivered.

        By default ``responded`` goes by the first response, and ``resolved`` by the last
        resolution if it still stands. ``wide``: also the tickets that other rules count in a span:
        for ``responded`` those opened in it (solved on the phone), for ``resolved`` those resolved
        in it for the first time. ``between``: for ``resolved`` also those that may have been
        resolved in a span neither for the first nor for the last time. Spans must not overlap.
        """
        instants = CLOCKS[clock] if wide else CLOCKS[clock][:1]
        rows = [RowSelection(tickets.c[name], *span) for name in instants for span in spans]
        if between and clock == "resolved":
            rows += [resolved_between(*span) for span in spans]
        with self._database.reading() as connection:
            table = read_tickets(connection, self._profiles, *rows)
            if len(rows) > len(spans):
                table = table.take(np.sort(np.unique(table.key, return_index=True)[1]))
            return table

    def open_tickets(self) -> TicketTable:
        """Tickets neither resolved nor closed, without a mark."""
        with self._database.reading() as connection:
            return read_tickets(connection, self._profiles, OPEN_TICKETS)

    def calls(self, *spans: Span) -> CallTable:
        """Calls that entered a queue in any of the spans, which must not overlap."""
        rows = [RowSelection(calls.c.entered_at, start, end) for start, end in spans]
        with self._database.reading() as connection:
            return read_calls(connection, self._profiles, *rows)

    def open_calls(self) -> CallTable:
        """Calls that are still waiting."""
        with self._database.reading() as connection:
            return read_calls(connection, self._profiles, OPEN_CALLS)

    # -- counted ------------------------------------------------------------------------------

    def span(self) -> tuple[int, int] | None:
        """The earliest opening or call, and the latest opening, first response, resolution or call,
        in epoch seconds, those of purged records too; None if there are no records."""
        first = [tickets.c.opened_at, calls.c.entered_at]
        last = [*first, tickets.c.first_response_at, tickets.c.resolved_at]
        with self._database.reading() as connection:
            lows = [connection.execute(select(func.min(column))).scalar() for column in first]
            highs = [connection.execute(select(func.max(column))).scalar() for column in last]
            for column in first:
                lows += [each.first for each in _purged(connection, column).values()]
            for column in last:
                highs += [each.last for each in _purged(connection, column).values()]
        known = [low for low in lows if low is not None]
        return (min(known), max(high for high in highs if high is not None)) if known else None

    def counts(self, start: int, end: int) -> dict[str, int]:
        """The number of tickets opened and calls received in ``[start, end)`` (epoch seconds), by
        source; sources without any are left out."""
        found: dict[str, int] = {}
        with self._database.reading() as connection:
            for table, instant in _BEGINNINGS:
                query = select(table.c.source, func.count()).where(instant >= start, instant < end)
                for source, n in connection.execute(query.group_by(table.c.source)):
                    found[source] = found.get(source, 0) + n
        return found

    def are_at_most(self, most: int, sources: Collection[str], start: int, end: int) -> bool:
        """Whether no more than ``most`` tickets were opened and calls received in ``[start, end)``
        (epoch seconds) in these sources. It reads no more of them than that."""
        rest = most
        with self._database.reading() as connection:
            for table, instant in _BEGINNINGS:
                own = select(table.c.n).where(instant >= start, instant < end)
                few = own.where(table.c.source.in_(sources)).limit(rest + 1).subquery()
                rest -= int(connection.execute(select(func.count()).select_from(few)).scalar_one())
                if rest < 0:
                    return False
        return True

    def earliest(self) -> dict[str, int]:
        """The earliest opening or call (epoch seconds) of each source that has records, or had some
        that were purged."""
        found: dict[str, int] = {}
        with self._database.reading() as connection:
            for table, instant in _BEGINNINGS:
                query = select(table.c.source, func.min(instant)).group_by(table.c.source)
                for source, first in connection.execute(query):
                    found[source] = min(first, found.get(source, first))
                for source, span in _purged(connection, instant).items():
                    found[source] = min(span.first, found.get(source, span.first))
        return found

    def first_counted(self, clock: str) -> int | None:
        """The earliest instant (epoch seconds) by which some record can count by ``clock``, a
        purged one too; None if there is none."""
        table, names = (calls, ("entered_at",)) if clock == "entered" else (tickets, CLOCKS[clock])
        with self._database.reading() as connection:
            found = [connection.execute(select(func.min(table.c[n]))).scalar() for n in names]
            gone = purged_spans_of(connection, table, names)
            found += [each.first for each in gone.values()]
        return min((each for each in found if each is not None), default=None)

    def first_stored(self, clock: Literal["opened", "entered"]) -> int | None:
        """When the earliest stored ticket was opened, or call entered (epoch seconds)."""
        column = _BEGINNINGS[clock == "entered"][1]
        with self._database.reading() as connection:
            return connection.execute(select(func.min(column))).scalar()

    def begins_before(self, source: str, clock: Clock | Literal["entered"], instant: int) -> bool:
        """Whether a source has, or had until it was purged, a record that counts by ``clock``
        before ``instant`` (epoch seconds); True as well if it never had any records."""
        table, name = (calls, "entered_at") if clock == "entered" else (tickets, CLOCKS[clock][0])
        own = select(table.c.n).where(table.c.source == source).limit(1)
        with self._database.reading() as connection:
            gone = _purged(connection, table.c[name], source).get(source)
            if gone is not None and gone.first < instant:
                return True
            earlier = connection.execute(own.where(table.c[name] < instant)).first()
            if earlier is not None:
                return True
            return gone is None and connection.execute(own).first() is None

    def has_tickets(self, source: str) -> bool:
        """Whether a source has a ticket that is neither merged nor gone, or one was purged."""
        query = select(tickets.c.n).where(tickets.c.source == source, tickets.c.mark.is_(None))
        with self._database.reading() as connection:
            if connection.execute(query.limit(1)).first() is not None:
                return True
            return bool(_purged(connection, tickets.c.opened_at, source))

    def profiles(self) -> tuple[list[TicketProfile], list[CallProfile]]:
        """The profiles that tickets and calls have now, in no particular order."""
        with self._database.reading() as connection:
            of_tickets, of_calls = (
                np.array(connection.execute(_in_use(table)).scalars().all(), np.int64)
                for table in (tickets, calls)
            )
            return (
                self._profiles.tickets(connection, of_tickets)[1],
                self._profiles.calls(connection, of_calls)[1],
            )

    def check(self) -> None:
        """Raises StoreError, naming table and row, if a record is not as it was stored."""
        with self._database.reading() as connection:
            check_rows(connection, ProfileCache())
            last = 0
            numbers = select(tickets.c.n).order_by(tickets.c.n).limit(_AT_ONCE)
            while found := connection.execute(numbers.where(tickets.c.n > last)).scalars().all():
                _changes_of(connection, found)
                last = found[-1]

    # -- one by one ---------------------------------------------------------------------------

    def ticket(self, source: str, id: str) -> Ticket | None:  # noqa: A002 - the record's own word
        """The ticket as last delivered, with its changes; None if the store does not have it."""
        query = select(tickets).where(tickets.c.source == source, tickets.c.id == id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else to_ticket(row, _changes_of(connection, [row.n])[row.n])

    def begun(
        self,
        clock: Literal["opened", "entered"],
        source: str,
        id: str,  # noqa: A002 - the record's own word
    ) -> tuple[int, int] | None:
        """The key of a ticket or call, and when it was opened or entered (epoch seconds); None if
        the store does not have it."""
        table, instant = _BEGINNINGS[clock == "entered"]
        query = select(table.c.n, instant).where(table.c.source == source, table.c.id == id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else (int(row[0]), int(row[1]))

    def ticket_names(self, keys: Iterable[int]) -> dict[int, tuple[str, str, str | None]]:
        """Source, id and URL of tickets by their key; unknown keys are left out."""
        with self._database.reading() as connection:
            return _names_of(connection, tickets, keys, tickets.c.url)

    def call_names(self, keys: Iterable[int]) -> dict[int, tuple[str, str, str | None]]:
        """Source, id and None (calls have no URL) of calls by their key; unknown keys are left
        out."""
        with self._database.reading() as connection:
            return _names_of(connection, calls, keys, null())

    def changes(self, keys: Iterable[int]) -> dict[int, tuple[Change, ...]]:
        """The changes of tickets by their key, as delivered; empty for tickets without any."""
        with self._database.reading() as connection:
            return _changes_of(connection, keys)

    def changed_since(self, keys: Iterable[int], at: int) -> dict[int, tuple[Change, ...]]:
        """The whole history of those tickets with a change after ``at`` (epoch seconds), by key."""
        later = select(changes.c.ticket).where(is_among(changes.c.ticket, keys))
        with self._database.reading() as connection:
            touched = connection.execute(later.where(changes.c.at > at).distinct()).scalars()
            return _changes_of(connection, touched.all())


_AT_ONCE = 5_000
"""Tickets whose histories are checked together."""
_BEGINNINGS = ((tickets, tickets.c.opened_at), (calls, calls.c.entered_at))


def _purged(
    connection: Connection, column: Column[Any], source: str | None = None
) -> dict[str, PurgedSpan]:
    return purged_spans_of(connection, column.table, [column.name], source)


def _in_use(table: Table) -> Select[Any]:
    """The numbers of the profiles of a table: each is looked up in the index as the next one after
    the last. DISTINCT reads every row."""
    least = func.min(table.c.profile)
    found = select(least.label("n")).cte("found", recursive=True)
    following = select(least).where(table.c.profile > found.c.n).scalar_subquery()
    every = found.union_all(select(following).where(found.c.n.is_not(None)))
    return select(every.c.n).where(every.c.n.is_not(None))


def _names_of(
    connection: Connection, table: Table, keys: Iterable[int], url: ColumnElement[Any]
) -> dict[int, tuple[str, str, str | None]]:
    """Source, id and ``url`` of rows by their key."""
    query = select(table.c.n, table.c.source, table.c.id, url).where(is_among(table.c.n, keys))
    return {n: (source, own, link) for n, source, own, link in connection.execute(query)}


def _changes_of(connection: Connection, keys: Iterable[int]) -> dict[int, tuple[Change, ...]]:
    """The history of each ticket. Raises DamagedRow if it is not the one that was stored."""
    found: dict[int, list[Change]] = {int(key): [] for key in keys}
    query = select(changes).where(is_among(changes.c.ticket, found))
    for row in connection.execute(query.order_by(changes.c.ticket, changes.c.seq)):
        found[row.ticket].append(Change(row.at, row.field, row.value))
    stored = select(tickets.c.n, tickets.c.history).where(is_among(tickets.c.n, found))
    for number, history in connection.execute(stored):
        if history_digest(found[number]) != history:
            raise DamagedRow("changes of ticket", number)
    return {key: tuple(own) for key, own in found.items()}
