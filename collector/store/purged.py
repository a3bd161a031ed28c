"""What stays of records that were purged: their sums, and how far back they reached.

A figure of the past is the sum over the records that are stored and over those that were deleted.
Each deletion adds to the sums in the transaction that deletes, so that at every moment both
together are what they were.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, delete, func, insert, or_, select, update

from collector.store.decoding import checked, from_json
from collector.store.engine import Database, upsert
from collector.store.errors import DamagedRow, StoreError
from collector.store.key_lists import is_among
from collector.store.ledger import definitions_by_number, latest_definitions
from collector.store.profiles import take_numbers
from collector.store.revisions import mark_dirty
from collector.store.rows import digest
from collector.store.schema import (
    calls,
    counters,
    definitions,
    purged_spans,
    purged_tallies,
    purges,
    tickets,
)

_GENERATION = "purged"
"""The counter of deletions."""

Cells = dict[str, dict[str, dict[str, int]]]
"""Date or value → organization → column → sum; zeros are left out. Texts are JSON where a value may
be none."""
Key = tuple[str, str, str]
"""Indicator, month as 2020-07, and field; empty: by date."""


@dataclass(frozen=True, slots=True)
class Purge:
    """A purge at ``at`` of records from before ``instant`` (epoch seconds), which is the local
    midnight of the date ``before`` (ISO 8601); and how many it has deleted."""

    at: int
    before: str
    instant: int
    tickets: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class PurgeState:
    """All purges, the oldest first. ``generation`` grows with every deletion; ``first``: the
    earliest instant (epoch seconds) in records that were deleted."""

    generation: int = 0
    purges: tuple[Purge, ...] = ()
    first: int | None = None


class PurgedSpan(NamedTuple):
    """The instants (epoch seconds) of an event in records that were deleted."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """Records to delete, by their keys, and what stays of them.

    ``sums``: what they add to the stored sums; ``lost``: the (indicator, month) whose sums are by
    another definition, and end here. ``spans``: (source, column) → their instants.
    ``definitions``: indicator → its definition as text, by which they were measured.
    """

    tickets: Sequence[int]
    calls: Sequence[int]
    sums: Mapping[Key, Cells]
    lost: Collection[tuple[str, str]]
    spans: Mapping[tuple[str, str], PurgedSpan]
    definitions: Mapping[str, str]


class Purged:
    """The purged records. Every method raises StoreError if the database fails; nothing is changed
    then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def generation(self) -> int:
        """A number that grows with every deletion; 0 before the first purge."""
        with self._database.reading() as connection:
            return _generation(connection)

    def state(self) -> PurgeState:
        """All purges there were."""
        with self._database.reading() as connection:
            generation = _generation(connection)
            if not generation:
                return PurgeState()
            found = connection.execute(select(purges).order_by(purges.c.n))
            return PurgeState(
                generation,
                tuple(
                    Purge(row.at, row.before, row.instant, row.tickets, row.calls)
                    for row in found
                    if checked(purges, row.n, row)
                ),
                connection.execute(select(func.min(purged_spans.c.first))).scalar(),
            )

    def sums(self, months: Collection[str], field: str = "") -> dict[tuple[str, str], Cells]:
        """The sums by indicator and month, for these months and a field."""
        query = select(purged_tallies).where(
            purged_tallies.c.month.in_(months), purged_tallies.c.field == field
        )
        with self._database.reading() as connection:
            return {(r.indicator, r.month): _cells(r) for r in connection.execute(query)}

    def measured_by(self) -> dict[tuple[str, str], int | None]:
        """For each indicator and month with stored sums, the number of the definition by which they
        were measured; None if by several, so that they are not its figures any more."""
        table = purged_tallies.c
        query = select(table.indicator, table.month, table.definition).where(table.field == "")
        with self._database.reading() as connection:
            return {(name, month): by for name, month, by in connection.execute(query)}

    def definitions(self, numbers: Collection[int]) -> dict[int, str]:
        """The definitions as text by their numbers."""
        with self._database.reading() as connection:
            return definitions_by_number(connection, numbers)

    def last_purged_by(self, numbers: Collection[int]) -> dict[int, str]:
        """For each definition by its number, the latest date (ISO 8601) from before which records
        were purged while it was in force; sums by it are over no record that reaches further."""
        later = definitions.alias()
        following = select(func.min(later.c.n)).where(
            later.c.indicator == definitions.c.indicator, later.c.n > definitions.c.n
        )
        end = following.scalar_subquery()
        meanwhile = and_(purges.c.n > definitions.c.n, or_(end.is_(None), purges.c.n < end))
        query = (
            select(definitions.c.n, func.max(purges.c.before))
            .join_from(definitions, purges, meanwhile)
            .where(is_among(definitions.c.n, numbers))
            .group_by(definitions.c.n)
        )
        with self._database.reading() as connection:
            return {row.n: row[1] for row in connection.execute(query)}

    def begin(
        self, purge: Purge, months: Iterable[tuple[str, str]], measured_by: Mapping[str, str]
    ) -> None:
        """Records a purge that begins: from now on no record is taken up that began before it and
        is not stored. ``months``: the (indicator, month) that are to have sums; those that have
        none yet are 0. ``measured_by``: as ``Deletion.definitions``."""
        with self._database.writing() as connection:
            numbers = _numbers(connection, measured_by)
            row = {"n": take_numbers(connection, 1), "at": purge.at, "before": purge.before}
            row |= {"instant": purge.instant, "tickets": 0, "calls": 0}
            connection.execute(insert(purges), row)
            rows = [_row((name, month, ""), numbers[name], {}) for name, month in months]
            if rows:
                add = upsert(connection, purged_tallies).on_conflict_do_nothing()
                connection.execute(add, rows)
            _next_generation(connection)

    def delete(self, deletion: Deletion, revision: int) -> bool:
        """Deletes records and adds them to the sums; returns False, and does nothing, if a record
        has changed since ``revision``. The last purge counts them."""
        with self._database.writing() as connection:
            self._database.overwrite_deleted(connection)
            own = counters.c.name == "revision"
            if connection.execute(select(counters.c.value).where(own)).scalar_one() != revision:
                return False
            numbers = _numbers(connection, deletion.definitions)
            for name, month in sorted(deletion.lost):
                _lose(connection, name, month)
            _add(connection, deletion.sums, numbers)
            _extend_spans(connection, deletion.spans)
            for table, keys in ((tickets, deletion.tickets), (calls, deletion.calls)):
                connection.execute(delete(table).where(is_among(table.c.n, keys)))
            last = select(func.max(purges.c.n)).scalar_subquery()
            counted = {
                "tickets": purges.c.tickets + len(deletion.tickets),
                "calls": purges.c.calls + len(deletion.calls),
            }
            connection.execute(update(purges).where(purges.c.n == last).values(counted))
            _next_generation(connection)
            mark_dirty(connection, ())  # tables that were read before hold what is gone
        return True

    def finish(self) -> None:
        """Leaves nothing of what was deleted in a log beside the file, as far as readers admit."""
        self._database.empty_log()

    def check(self) -> None:
        """Raises StoreError if a stored sum is not as it was stored."""
        with self._database.reading() as connection:
            for row in connection.execute(select(purged_tallies)):
                _cells(row)


def purged_before(connection: Connection) -> int | None:
    """The instant (epoch seconds) before which records were purged; None if none were."""
    return connection.execute(select(func.max(purges.c.instant))).scalar()


def purged_spans_of(
    connection: Connection, table: Table, names: Iterable[str], source: str | None = None
) -> dict[str, PurgedSpan]:
    """By source, the instants of the deleted records of ``table`` in any of its columns
    ``names``; of one source, or of all."""
    spans = purged_spans.c
    events = [f"{table.name}.{name}" for name in names]
    ends = func.min(spans.first), func.max(spans.last)
    query = select(spans.source, *ends).where(spans.event.in_(events))
    if source is not None:
        query = query.where(spans.source == source)
    return {
        row[0]: PurgedSpan(*row[1:]) for row in connection.execute(query.group_by(spans.source))
    }


def _generation(connection: Connection) -> int:
    query = select(counters.c.value).where(counters.c.name == _GENERATION)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def _next_generation(connection: Connection) -> None:
    add = upsert(connection, counters).on_conflict_do_update(
        index_elements=["name"], set_={"value": counters.c.value + 1}
    )
    connection.execute(add, {"name": _GENERATION, "value": 1})


def _numbers(connection: Connection, wanted: Mapping[str, str]) -> dict[str, int]:
    """The number of each indicator's latest definition. Raises StoreError unless it is the wanted
    one."""
    latest = latest_definitions(connection)
    for name, content in wanted.items():
        if latest.get(name, (0, ""))[1] != content:
            raise StoreError(
                f"another process has recorded another definition of {name}: nothing more was "
                "purged; start the service anew with the present configuration"
            )
    return {name: latest[name][0] for name in wanted}


def _row(key: Key, definition: int | None, cells: Cells) -> dict[str, Any]:
    text = json.dumps(cells, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    indicator, month, field = key
    return {
        "indicator": indicator,
        "month": month,
        "field": field,
        "definition": definition,
        "cells": text,
        "digest": digest((*key, text)),
    }


def _cells(row: Any) -> Cells:
    key = row.indicator, row.month, row.field
    if digest((*key, row.cells)) != row.digest:
        raise DamagedRow("purged_tallies", ", ".join(key))
    found: Cells = from_json(purged_tallies, key, row.cells, dict)
    return found


def _lose(connection: Connection, indicator: str, month: str) -> None:
    own = purged_tallies.c.indicator == indicator, purged_tallies.c.month == month
    connection.execute(delete(purged_tallies).where(*own))
    connection.execute(insert(purged_tallies), _row((indicator, month, ""), None, {}))


def _add(connection: Connection, sums: Mapping[Key, Cells], numbers: Mapping[str, int]) -> None:
    """Adds sums to those of their months, which are by this definition from now on."""
    for indicator, month in sorted({key[:2] for key in sums}):
        own = purged_tallies.c.indicator == indicator, purged_tallies.c.month == month
        stored = connection.execute(select(purged_tallies).where(*own))
        cells = {row.field: _cells(row) for row in stored}
        for (name, of, by), more in sums.items():
            if (name, of) == (indicator, month):
                cells[by] = _merged(cells.get(by, {}), more)
        rows = [_row((indicator, month, by), numbers[indicator], c) for by, c in cells.items()]
        connection.execute(delete(purged_tallies).where(*own))
        connection.execute(insert(purged_tallies), rows)


def _merged(cells: Cells, more: Cells) -> Cells:
    for value, places in more.items():
        for organization, columns in places.items():
            own = cells.setdefault(value, {}).setdefault(organization, {})
            for name, n in columns.items():
                own[name] = own.get(name, 0) + n
    return cells


def _extend_spans(connection: Connection, spans: Mapping[tuple[str, str], PurgedSpan]) -> None:
    for (source, event), span in spans.items():
        own = purged_spans.c.source == source, purged_spans.c.event == event
        known = connection.execute(select(purged_spans).where(*own)).one_or_none()
        if known is None:
            row = {"source": source, "event": event, **span._asdict()}
            connection.execute(insert(purged_spans), row)
            continue
        both = {
            "first": min(known.first, span.first),
            "last": max(known.last, span.last),
        }
        connection.execute(update(purged_spans).where(*own).values(both))
