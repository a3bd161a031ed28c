"""The latest instants in a source's records, and those that are in the future."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, or_, select

from collector.store.schema import calls, tickets

_TICKET_INSTANTS = (
    *(tickets.c.opened_at, tickets.c.first_response_at, tickets.c.first_resolved_at),
    *(tickets.c.resolved_at, tickets.c.closed_at),
)
_CALL_INSTANTS = (calls.c.entered_at, calls.c.answered_at, calls.c.left_at)
_INSTANTS = ((tickets, _TICKET_INSTANTS), (calls, _CALL_INSTANTS))


class FutureRecords(NamedTuple):
    """How many records are dated in the future, and their latest instant (epoch seconds)."""

    number: int
    latest: int | None


def newest_instant(connection: Connection, source: str, until: int) -> int | None:
    """The latest instant of the source's records that is not after ``until`` (epoch seconds)."""
    found: list[int | None] = []
    for table, columns in _INSTANTS:
        past = [func.max(column).filter(column <= until) for column in columns]
        found += connection.execute(select(*past).where(table.c.source == source)).one()
    return max((at for at in found if at is not None), default=None)


def future_records(connection: Connection, source: str, now: int) -> FutureRecords:
    """The source's records with an instant after ``now`` (epoch seconds)."""
    number = 0
    found: list[int | None] = []
    for table, columns in _INSTANTS:
        ahead: list[ColumnElement[bool]] = [column > now for column in columns]
        latest = [func.max(column) for column in columns]
        query = select(func.count(), *latest).where(table.c.source == source, or_(*ahead))
        rows, *instants = connection.execute(query).one()
        number += rows
        found += instants
    return FutureRecords(number, max((at for at in found if at is not None), default=None))
