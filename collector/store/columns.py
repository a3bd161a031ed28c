"""Reads rows as numpy columns.

SQL joins each column of up to ROWS rows into one text, which numpy parses: several times faster
than a Python object for every value. The texts of a record are represented by one number, its
profile, and each process reads a profile only once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, Text, and_, cast, func, or_, select

from collector.model.columns import (
    ABSENT,
    CallProfile,
    CallTable,
    Facts,
    Int64,
    TicketProfile,
    TicketTable,
)
from collector.store.checksums import CALL_NUMBERS, TICKET_NUMBERS, checksums, row_checksum
from collector.store.decoding import decoding
from collector.store.errors import DamagedRow
from collector.store.key_lists import is_among
from collector.store.rows import digest, to_call_profile, to_ticket_profile
from collector.store.schema import calls, is_open, is_waiting, profiles, resolved_again, tickets

ROWS = 50_000
"""About how many rows one statement reads: the texts of its columns take a few MB."""
_NONE = np.empty(0, np.int64)
P = TypeVar("P", TicketProfile, CallProfile)

_TICKETS = [tickets.c[name] for name in ("n", "profile", *TICKET_NUMBERS, "checksum")]
_CALLS = [calls.c[name] for name in ("n", "profile", *CALL_NUMBERS, "checksum")]


class ProfileCache:
    """A cache of the profiles that this process has read, by number; they never change."""

    def __init__(self) -> None:
        self._tickets: dict[int, TicketProfile] = {}
        self._calls: dict[int, CallProfile] = {}

    def tickets(
        self, connection: Connection, numbers: Int64
    ) -> tuple[NDArray[np.int32], list[TicketProfile]]:
        """Codes of shape (tickets,) for the profile ``numbers``, and the profiles they index."""
        return _coded(connection, numbers, self._tickets, to_ticket_profile)

    def calls(
        self, connection: Connection, numbers: Int64
    ) -> tuple[NDArray[np.int32], list[CallProfile]]:
        """Codes of shape (calls,) for the profile ``numbers``, and the profiles they index."""
        return _coded(connection, numbers, self._calls, to_call_profile)


def _coded(
    connection: Connection, numbers: Int64, known: dict[int, P], parse: Callable[[str], P]
) -> tuple[NDArray[np.int32], list[P]]:
    """Codes 0, 1, … into the list of the profiles that occur, in ascending order of their
    numbers."""
    used, codes = np.unique(numbers, return_inverse=True)
    missing = [number for number in used.tolist() if number not in known]
    if missing:
        query = select(profiles.c.n, profiles.c.texts, profiles.c.digest).where(
            is_among(profiles.c.n, missing)
        )
        for number, texts, its_digest in connection.execute(query):
            if digest(texts) != its_digest:
                raise DamagedRow("profiles", number)
            with decoding("profiles", number):
                known[number] = parse(texts)
        if lost := [number for number in missing if number not in known]:
            raise DamagedRow("profiles", lost[0])
    return codes.astype(np.int32), [known[number] for number in used.tolist()]


def _joined(column: Column[Any]) -> ColumnElement[str]:
    known = func.coalesce(column, ABSENT) if column.nullable else column
    return func.aggregate_strings(cast(known, Text), ",")


def _numbers(text: str | None) -> Int64:
    """The numbers of a text; fewer than it has if one of them is none."""
    if not text:
        return _NONE
    try:
        return np.fromstring(text, dtype=np.int64, sep=",")
    except (ValueError, DeprecationWarning):  # whichever numpy says of what is no number
        return _NONE


@dataclass(frozen=True)
class RowSelection:
    """Selects the rows whose ``instant`` lies in ``[start, end)`` (epoch seconds) and that meet
    ``also``.

    There must be an index that yields them in the order of ``instant``.
    """

    instant: Column[Any]
    start: int | None = None
    end: int | None = None
    also: ColumnElement[bool] | None = None

    def __iter__(self) -> Iterator[ColumnElement[bool]]:
        """The SQL conditions, at most one for each end: more would keep the index from use."""
        if self.start is not None:
            yield self.instant >= self.start
        if self.end is not None:
            yield self.instant < self.end
        if self.also is not None:
            yield self.also

    def parts(self, connection: Connection) -> Iterator[RowSelection]:
        """Splits the selection into parts of about ROWS rows."""
        low = self
        query = select(self.instant).order_by(self.instant).limit(1).offset(ROWS)
        while (cut := connection.execute(query.where(*low)).scalar_one_or_none()) is not None:
            yield replace(low, end=cut + 1)  # rows with the same instant stay together
            low = replace(low, start=cut + 1)
        yield low


def _columns(
    connection: Connection,
    columns: Sequence[Column[Any]],
    extra: Sequence[Column[Any]],
    several: Iterable[RowSelection],
) -> list[Int64]:
    """The columns of the rows, all in the same order, each of shape (rows,); those of ``extra``
    leave NULLs out and hold several numbers for each row. The last of ``columns``, the checksum,
    is not among them. Raises DamagedRow unless it is that of the others.
    """
    select_all = select(
        *(_joined(column) for column in columns),
        *(func.aggregate_strings(column, ",") for column in extra),
    )
    parts: list[list[Int64]] = [[_NONE] for _ in (*columns, *extra)]
    for part in (part for rows in several for part in rows.parts(connection)):
        texts = connection.execute(select_all.where(*part)).one()
        numbers = [_numbers(text) for text in texts]
        if not _is_intact(numbers, len(columns)):
            raise _damaged(connection, [*columns, *extra], len(columns), part)
        for found, own in zip(parts, numbers, strict=True):
            found.append(own)
    return [np.concatenate(found) for n, found in enumerate(parts) if n != len(columns) - 1]


def _is_intact(numbers: Sequence[Int64], columns: int) -> bool:
    """Whether all rows have all numbers, and their checksum."""
    *own, stored = numbers[:columns]
    facts = numbers[columns] if len(numbers) > columns else _NONE
    held = own[-1] if len(numbers) > columns else np.zeros(len(stored), np.int64)
    if any(len(each) != len(stored) for each in own) or len(facts) != 3 * held.sum():
        return False
    return not len(held) or (
        held.min() >= 0 and bool((checksums(own, facts, held) == stored).all())
    )


def _damaged(
    connection: Connection, columns: Sequence[Column[Any]], numbers: int, part: RowSelection
) -> DamagedRow:
    """The first row of a part that has another checksum than its numbers."""
    table = columns[0].table.name
    for row in connection.execute(select(*columns).where(*part)):
        *own, stored = row[:numbers]
        with decoding(table, row[0]):
            if row_checksum(own, *row[numbers:]) != stored:
                return DamagedRow(table, row[0])
    return DamagedRow(table, "unknown")


def check_rows(connection: Connection, known: ProfileCache) -> None:
    """Raises DamagedRow if a ticket, a call or a profile is not as it was stored."""
    for columns, extra, read in (
        (_TICKETS, [tickets.c.facts], known.tickets),
        (_CALLS, [], known.calls),
    ):
        for part in RowSelection(columns[0]).parts(connection):
            numbers = _columns(connection, columns, extra, [part])[1]
            read(connection, numbers)


OPEN_TICKETS = RowSelection(tickets.c.opened_at, also=is_open)
OPEN_CALLS = RowSelection(calls.c.entered_at, also=is_waiting)


def resolved_between(start: int, end: int) -> RowSelection:
    """Selects tickets that may have been resolved in ``[start, end)`` (epoch seconds) neither for
    the first nor for the last time."""
    last = tickets.c.resolved_at
    later = and_(resolved_again, or_(last.is_(None), last >= start))
    return RowSelection(tickets.c.first_resolved_at, end=end, also=later)


def read_tickets(
    connection: Connection, known: ProfileCache, *several: RowSelection
) -> TicketTable:
    """The selected tickets, one selection after the other; repetitions stay."""
    key, numbers, opened, responded, first_resolved, resolved, closed, held, flat = _columns(
        connection, _TICKETS, [tickets.c.facts], several
    )
    codes, texts = known.tickets(connection, numbers)
    kind, start, end = (flat[place::3].copy() for place in range(3))
    facts = Facts(np.repeat(np.arange(len(held)), held), kind, start, end)
    return TicketTable(
        key=key,
        opened_at=opened,
        first_response_at=responded,
        first_resolved_at=first_resolved,
        resolved_at=resolved,
        closed_at=closed,
        profile=codes,
        profiles=texts,
        facts=facts,
    )


def read_calls(connection: Connection, known: ProfileCache, *several: RowSelection) -> CallTable:
    """The selected calls, one selection after the other; repetitions stay."""
    key, numbers, entered, answered, left, wait, call = _columns(connection, _CALLS, [], several)
    codes, texts = known.calls(connection, numbers)
    return CallTable(
        key=key,
        entered_at=entered,
        answered_at=answered,
        left_at=left,
        wait_seconds=wait,
        call=call,
        profile=codes,
        profiles=texts,
    )
