"""Stores a page of a source in one transaction: records, rejections, dirty hours and the cursor."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from collector.model.page import Cursor, Page
from collector.model.record_limits import storage_problem
from collector.model.records import Call, Gone, Ticket
from collector.store.checksums import CALL_NUMBERS, TICKET_NUMBERS, row_checksum
from collector.store.decoding import from_json
from collector.store.engine import Database, insert_rows, upsert
from collector.store.erased_marks import without_erased
from collector.store.errors import CursorMoved, DamagedRow, StoreError
from collector.store.gone import marked_tickets
from collector.store.profiles import CHUNK, ProfileNumbers, take_numbers
from collector.store.purged import purged_before
from collector.store.revisions import Mark, mark_dirty
from collector.store.rows import (
    CALL_COLUMNS,
    CLOCKS,
    TICKET_COLUMNS,
    Profile,
    RowValues,
    call_row,
    digest,
    ticket_row,
)
from collector.store.schema import (
    calls,
    changes,
    cursors,
    ignored_entries,
    rejections,
    tickets,
)

log = logging.getLogger(__name__)

PURGED, ERASED = "purged", "erased"
"""The reasons for which records from purged months, and erased ones, are ignored."""
HOUR = 3600
"""The seconds in an hour; dirty records are marked by the UTC hour."""

_New = tuple[Any, RowValues, Profile]  # the record, and the row and profile to store
_Changed = tuple[Any, RowValues, Profile, RowValues]  # the same, and the stored row with its number


@dataclass(frozen=True)
class _Kind:
    """How tickets and calls differ when they are stored."""

    table: Table
    columns: tuple[str, ...]
    clocks: dict[str, tuple[str, ...]]  # clock: columns
    row: Callable[[Any], tuple[RowValues, Profile]]
    numbers: tuple[str, ...]  # the columns that have a checksum
    facts: str | None = None  # the column of facts

    def stored(self, number: int, row: RowValues, profile: int) -> RowValues:
        """A row as it is stored: its number, the values of ``columns``, profile and checksum."""
        chosen = (row[self._places[name]] for name in self.numbers)
        facts = None if self.facts is None else row[self._places[self.facts]]
        return number, *row, profile, row_checksum((number, profile, *chosen), facts)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.columns)}

    def began(self, row: RowValues) -> int:
        """When the record began: it was opened, or the call entered the queue (epoch seconds)."""
        return int(row[self._places[self.numbers[0]]])

    def marks(self, rows: Iterable[RowValues]) -> Iterator[Mark]:
        """The clocks and hours that ``rows`` touch; values are in the order of ``columns``."""
        places = [
            (clock, self.columns.index(column))
            for clock, columns in self.clocks.items()
            for column in columns
        ]
        for row in rows:
            for clock, place in places:
                if (at := row[place]) is not None:
                    yield clock, at // HOUR


_TICKETS = _Kind(tickets, TICKET_COLUMNS, CLOCKS, ticket_row, TICKET_NUMBERS, "facts")
_CALLS = _Kind(calls, CALL_COLUMNS, {"entered": ("entered_at",)}, call_row, CALL_NUMBERS)


class Pages:
    """Stores pages of sources. Every method raises StoreError if the database fails; nothing is
    changed then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: dict[Profile, int] = {}

    def save(self, source: str, page: Page, expected: Cursor | None) -> int:
        """Stores a page and moves the source's cursor from ``expected`` to the page's, or does
        neither.

        A Ticket or Call replaces the record with the same source and id; of several in one page
        the last counts. A Gone gives a known ticket its mark and status, and its history a change
        of status if the instant is known; for an unknown ticket it is ignored. Rows that are
        already equal are not touched. The UTC hours of changed records, before and after the
        change, are marked dirty under one new revision. Rejections are counted by reason. A record
        that began in a purged month and is not stored is left out and counted as ignored: it is
        part of what stays of that month. So is one that was erased.

        Returns the number of records that were new or different. Raises CursorMoved when the
        cursor is not ``expected`` (None: the source has none yet), and StoreError for a record
        that does not fit into a row (see :func:`collector.model.record_limits.storage_problem`);
        nothing is stored then.
        """
        numbers = ProfileNumbers(self._numbers)
        with self._database.writing() as connection:
            changed = _save_page(connection, numbers, source, page, expected)
        numbers.commit()
        return changed

    def cursor(self, source: str) -> dict[str, Any] | None:
        """The position from which the source continues; None before its first page."""
        query = select(cursors.c.position, cursors.c.digest).where(cursors.c.source == source)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            if digest(row.position) != row.digest:
                raise DamagedRow("cursors", source)
            return dict(from_json(cursors, source, row.position, dict))


def _save_page(
    connection: Connection,
    numbers: ProfileNumbers,
    source: str,
    page: Page,
    expected: Cursor | None,
) -> int:
    partial = page.whole is not None and (page.progress or 0.0) < 1
    _move_cursor(connection, source, page.cursor, expected, partial=partial)
    wrong = (*page.rejected, *page.left_out)
    _count(connection, rejections, source, Counter(each.reason for each in wrong))
    _count(connection, ignored_entries, source, page.ignored)
    last: dict[tuple[bool, str, str], Ticket | Call | Gone] = {}
    gone: dict[tuple[str, str], Gone] = {}
    for record in page.records:
        if problem := storage_problem(record):
            raise StoreError(f"source {source}, record {record.id[:80]!r}: {problem}")
        if isinstance(record, Gone):
            gone[record.source, record.id] = record
        else:
            gone.pop((record.source, record.id), None)
            last[isinstance(record, Call), record.source, record.id] = record
    kept, erased = without_erased(connection, [*last.values(), *gone.values()])
    marks: set[Mark] = set()
    new_tickets = [record for record in kept if isinstance(record, Ticket)]
    late: Counter[str] = Counter()
    changed = _save(connection, numbers, _TICKETS, new_tickets, marks, late)
    new_calls = [record for record in kept if isinstance(record, Call)]
    changed += _save(connection, numbers, _CALLS, new_calls, marks, late)
    vanished = marked_tickets(connection, [record for record in kept if isinstance(record, Gone)])
    changed += _save(connection, numbers, _TICKETS, vanished, marks, late)
    for name, n in erased.items():
        _count(connection, ignored_entries, name, {ERASED: n})
    for name, n in late.items():
        _count(connection, ignored_entries, name, {PURGED: n})
        log.debug("source %s: %d records left out: they began in a purged month", name, n)
    if changed:
        mark_dirty(connection, marks)
    return changed


def _json(position: Cursor) -> str:
    return json.dumps(dict(position), sort_keys=True, separators=(",", ":"))


def _move_cursor(
    connection: Connection,
    source: str,
    position: Cursor,
    expected: Cursor | None,
    *,
    partial: bool,
) -> None:
    """Compares and sets the cursor; nothing can come between, since only one process writes.

    ``partial``: a source that is read as a whole is not at its end yet, so that the store holds a
    mixture of old and new records.
    """
    own = cursors.c.source == source
    stored = connection.execute(select(cursors.c.position).where(own)).scalar_one_or_none()
    if stored != (None if expected is None else _json(expected)):
        raise CursorMoved(f"source {source}: another process has moved its cursor")
    new = _json(position)
    row = {"position": new, "partial": int(partial), "digest": digest(new)}
    if stored is None:
        connection.execute(insert(cursors), {"source": source, **row})
    elif stored != new or partial:
        connection.execute(update(cursors).where(own), row)


def _count(connection: Connection, table: Table, source: str, reasons: Mapping[str, int]) -> None:
    if not reasons:
        return
    add = upsert(connection, table)
    add = add.on_conflict_do_update(
        index_elements=["source", "reason"],
        set_={"count": table.c.count + add.excluded["count"]},
    )
    rows = [
        {"source": source, "reason": reason, "count": count}
        for reason, count in sorted(reasons.items())
    ]
    connection.execute(add, rows)


def _existing(
    connection: Connection, table: Table, columns: Sequence[str], keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], RowValues]:
    """The stored rows, by (source, id)."""
    by_source: dict[str, list[str]] = {}
    for source, own in keys:
        by_source.setdefault(source, []).append(own)
    wanted = [table.c.source, table.c.id, *(table.c[name] for name in columns)]
    found: dict[tuple[str, str], RowValues] = {}
    for source, ids in by_source.items():
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            query = select(*wanted).where(table.c.source == source, table.c.id.in_(chunk))
            for row in connection.execute(query):
                found[row[0], row[1]] = tuple(row)[2:]
    return found


def _save(
    connection: Connection,
    numbers: ProfileNumbers,
    kind: _Kind,
    records: Sequence[Any],
    marks: set[Mark],
    late: Counter[str],
) -> int:
    """Inserts new records and updates those that differ; returns the number of both together.

    A record that is not stored and began before the purged months ended may have been purged, and
    counts in what stays of them: it is left out and counted in ``late``, by source.
    """
    if not records:
        return 0
    before = _existing(
        connection,
        kind.table,
        ("n", *kind.columns, "profile"),
        ((record.source, record.id) for record in records),
    )
    rows = [kind.row(record) for record in records]
    numbers.learn(connection, [profile for _, profile in rows])
    new: list[_New] = []
    changed: list[_Changed] = []
    purged = purged_before(connection)
    for record, (row, profile) in zip(records, rows, strict=True):
        old = before.get((record.source, record.id))
        if old is None and purged is not None and kind.began(row) < purged:
            late[record.source] += 1
        elif old is None:
            new.append((record, row, profile))
        elif old[1:] != (*row, numbers.get(profile)):
            changed.append((record, row, profile, old))
    if not new and not changed:
        return 0
    numbers.add(connection, [entry[2] for entry in new] + [entry[2] for entry in changed])
    histories = _insert(connection, numbers, kind, new)
    histories += _update(connection, numbers, kind, changed)
    if kind is _TICKETS:
        _save_histories(connection, histories)
    touched = [entry[1] for entry in new] + [entry[1] for entry in changed]
    marks.update(kind.marks(touched), kind.marks(old[1:] for *_, old in changed))
    return len(touched)


def _insert(
    connection: Connection, numbers: ProfileNumbers, kind: _Kind, new: Sequence[_New]
) -> list[tuple[int, Any]]:
    """Inserts records; returns the row number and record of each."""
    if not new:
        return []
    first = take_numbers(connection, len(new))
    rows = [
        kind.stored(number, row, numbers[profile])
        for number, (_, row, profile) in enumerate(new, first)
    ]
    insert_rows(connection, kind.table, ("n", *kind.columns, "profile", "checksum"), rows)
    return [(number, entry[0]) for number, entry in enumerate(new, first)]


def _update(
    connection: Connection, numbers: ProfileNumbers, kind: _Kind, changed: Sequence[_Changed]
) -> list[tuple[int, Any]]:
    """Updates rows; returns the row number and record of those whose history differs too."""
    if not changed:
        return []
    names = ("row_number", *kind.columns, "profile", "checksum")
    rows = [
        dict(zip(names, kind.stored(old[0], row, numbers[profile]), strict=True))
        for _, row, profile, old in changed
    ]
    statement = update(kind.table).where(kind.table.c.n == bindparam("row_number"))
    connection.execute(statement, rows)
    differing = [(old[0], record) for record, row, _, old in changed if row[-1] != old[-2]]
    if kind is _TICKETS and differing:
        stale = delete(changes).where(changes.c.ticket == bindparam("row_number"))
        connection.execute(stale, [{"row_number": number} for number, _ in differing])
    return differing


def _save_histories(connection: Connection, histories: Sequence[tuple[int, Ticket]]) -> None:
    rows = [
        (number, seq, change.at, str(change.field), str(change.value))
        for number, ticket in histories
        for seq, change in enumerate(ticket.changes)
    ]
    if rows:
        insert_rows(connection, changes, ("ticket", "seq", "at", "field", "value"), rows)
