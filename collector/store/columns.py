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
from collector.store.key_lists import is_among
from collector.store.rows import to_call_profile, to_ticket_profile
from collector.store.schema import calls, is_open, is_waiting, profiles, resolved_again, tickets

ROWS = 50_000
"""About how many rows one statement reads: the texts of its columns take a few MB."""
P = TypeVar("P", TicketProfile, CallProfile)

_TICKETS: tuple[Column[Any], ...] = (
    tickets.c.n,
    tickets.c.opened_at,
    tickets.c.first_response_at,
    tickets.c.first_resolved_at,
    tickets.c.resolved_at,
    tickets.c.closed_at,
    tickets.c.profile,
    tickets.c.facts_held,
)
_CALLS: tuple[Column[Any], ...] = (
    calls.c.n,
    calls.c.entered_at,
    calls.c.answered_at,
    calls.c.left_at,
    calls.c.wait_seconds,
    calls.c.call_id,
    calls.c.profile,
)


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
        query = select(profiles.c.n, profiles.c.texts).where(is_among(profiles.c.n, missing))
        for number, texts in connection.execute(query):
            known[number] = parse(texts)
    return codes.astype(np.int32), [known[number] for number in used.tolist()]


def _joined(column: Column[Any]) -> ColumnElement[str]:
    known = func.coalesce(column, ABSENT) if column.nullable else column
    return func.aggregate_strings(cast(known, Text), ",")


def _numbers(text: str | None) -> Int64:
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, np.int64)


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
    leave NULLs out and hold several numbers for each row."""
    select_all = select(
        *(_joined(column) for column in columns),
        *(func.aggregate_strings(column, ",") for column in extra),
    )
    parts: list[list[Int64]] = [[np.empty(0, np.int64)] for _ in (*columns, *extra)]
    for part in (part for rows in several for part in rows.parts(connection)):
        texts = connection.execute(select_all.where(*part)).one()
        for found, text in zip(parts, texts, strict=True):
            found.append(_numbers(text))
    return [np.concatenate(found) for found in parts]


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
    key, opened, responded, first_resolved, resolved, closed, numbers, held, flat = _columns(
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
    key, entered, answered, left, wait, call, numbers = _columns(connection, _CALLS, [], several)
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
