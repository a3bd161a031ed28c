"""Records that were erased: they stay under names that lead nowhere, and never come back.

Of an erased record the row stays, with all that figures are made of: instants, texts of its
profile, changes. Its id and address go, and of a call also the number made of the call's id, by
which one who tries all ids would find it. ``store.erased_marks`` keeps out what a source delivers
of it later.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, insert, select, update

from collector.model.pseudonyms import pseudonym
from collector.store.checksums import CALL_NUMBERS, row_checksum
from collector.store.decoding import from_json
from collector.store.engine import Database, upsert
from collector.store.erasable import Named, Standing, named
from collector.store.erased_marks import key_of_marks, known_marks, mark_of
from collector.store.erasure_schema import erased_marks, erasure_keys, erasures
from collector.store.key_lists import is_among
from collector.store.profiles import take_numbers
from collector.store.revisions import mark_dirty
from collector.store.schema import calls, cursors, poll_states, polls, sweeps, tickets

_HOUR = 3600
_ERASED_WORD = "[erased]"


@dataclass(frozen=True, slots=True)
class Erasure:
    """An entry of the log: at ``at`` (epoch seconds) so many ``records`` of a source were erased;
    ``kind``: tickets or calls."""

    at: int
    source: str
    kind: str
    records: int


class Erased:
    """The erased records. Every method raises StoreError if the database fails; nothing is changed
    then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def look(self, source: str, ids: Sequence[str], now: int) -> list[Named]:
        """What the store holds by these ids: of a ticket, of a stay in a queue, or of a call, which
        may have several. ``now``: epoch seconds."""
        with self._database.reading() as connection:
            return named(connection, source, ids, now)

    def erase(self, source: str, ids: Sequence[str], now: int) -> list[Named]:
        """Erases what is STORED of what :meth:`look` returns, and returns that; ``now``: epoch
        seconds. Figures stay as they are."""
        with self._database.writing() as connection:
            self._database.overwrite_deleted(connection)
            found = named(connection, source, ids, now)
            stored = [each for each in found if each.standing is Standing.STORED]
            if stored:
                _erase(connection, source, stored, now)
        return found

    def finish(self) -> bool:
        """Writes a file anew, so that nothing of what was erased is left in its free space or in
        the log beside it. Returns whether it could: others may use it, or the disk be full. Does
        nothing in PostgreSQL, whose administrator does it."""
        return self._database.file is None or self._database.file.rewrite()

    def log(self) -> list[Erasure]:
        """Every erasure, the oldest first."""
        columns = [erasures.c[name] for name in ("at", "source", "kind", "records")]
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).order_by(erasures.c.n))
            return [Erasure(*row) for row in rows]

    def among(self, names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of these (source, id) that were erased."""
        with self._database.reading() as connection:
            key = key_of_marks(connection)
            if key is None:
                return set()
            by_mark = {
                mark_of(key, kind, *name): name for name in names for kind in ("tickets", "calls")
            }
            return {by_mark[mark] for mark in known_marks(connection, list(by_mark))}

    def has_in_cursor(self, source: str, ids: Collection[str]) -> bool:
        """Whether the position from which a source continues names one of these ids still."""
        query = select(cursors.c.position).where(cursors.c.source == source)
        with self._database.reading() as connection:
            return _names_any(cursors, source, connection.execute(query).scalar(), ids)


def _erase(connection: Connection, source: str, stored: Sequence[Named], now: int) -> None:
    key = key_of_marks(connection) or _new_key(connection)
    marks = {mark_of(key, each.kind, source, name) for each in stored for name in each.ids}
    ticket_rows = {n for each in stored if each.kind == "tickets" for n in each.keys}
    rename = update(tickets).where(tickets.c.n == bindparam("row_number"))
    if ticket_rows:
        rows = [{"row_number": n, "id": _name(), "url": None} for n in sorted(ticket_rows)]
        connection.execute(rename, rows)
    call_rows = {n for each in stored if each.kind == "calls" for n in each.keys}
    touched = _erase_calls(connection, source, call_rows, key, marks)
    add = upsert(connection, erased_marks).on_conflict_do_nothing()
    connection.execute(add, [{"mark": mark} for mark in sorted(marks)])
    names = {name for each in stored for name in (each.id, *each.ids)}
    _forget(connection, source, names)
    for kind, rows_of in (("tickets", ticket_rows), ("calls", call_rows)):
        if rows_of:
            entry = {"n": take_numbers(connection, 1), "at": now, "source": source}
            connection.execute(insert(erasures), entry | {"kind": kind, "records": len(rows_of)})
    mark_dirty(connection, touched)  # lists that were read before name what is gone


def _name() -> str:
    return pseudonym(secrets.randbits(64))


def _new_key(connection: Connection) -> bytes:
    made = secrets.token_bytes(32)
    connection.execute(insert(erasure_keys), {"n": 1, "key": made.hex()})
    return made


def _erase_calls(
    connection: Connection, source: str, keys: Collection[int], key: bytes, marks: set[str]
) -> set[tuple[str, int]]:
    """Renames stays, and gives those of one call another number that they share. Adds the marks of
    the calls; returns the hours that are to be read anew."""
    names = ("n", "profile", *CALL_NUMBERS)
    query = select(*(calls.c[name] for name in names)).where(is_among(calls.c.n, keys))
    numbers: dict[int, int] = {}
    rows, touched = [], set()
    for row in connection.execute(query) if keys else ():
        own = dict(zip(names, row, strict=True))
        if (number := own["call_id"]) is not None:
            marks.add(mark_of(key, "call", source, str(number)))
            own["call_id"] = numbers.setdefault(number, secrets.randbits(62))
        changed = {"id": _name(), "call_id": own["call_id"]}
        rows.append({"row_number": own["n"], "checksum": row_checksum(own.values()), **changed})
        touched.add(("entered", own["entered_at"] // _HOUR))
    if rows:
        connection.execute(update(calls).where(calls.c.n == bindparam("row_number")), rows)
    return touched


def _forget(connection: Connection, source: str, ids: Collection[str]) -> None:
    """Takes ids out of stored errors, and ends a sweep that goes by them: the next begins anew."""
    position = select(sweeps.c.position).where(sweeps.c.source == source)
    if _names_any(sweeps, source, connection.execute(position).scalar(), ids):
        ended = update(sweeps).where(sweeps.c.source == source)
        connection.execute(ended.values(position=None))
    longest_first = sorted(map(re.escape, ids), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")
    for row, text in (
        (polls.c.n, polls.c.error),
        (poll_states.c.source, poll_states.c.last_error),
        (sweeps.c.source, sweeps.c.error),
    ):
        _forget_in(connection, source, row, text, pattern)


def _forget_in(
    connection: Connection,
    source: str,
    row: Column[Any],
    text: Column[Any],
    pattern: re.Pattern[str],
) -> None:
    own = row.table.c.source == source
    for name, error in connection.execute(select(row, text).where(own, text.is_not(None))).all():
        if (told := pattern.sub(_ERASED_WORD, error)) != error:
            connection.execute(update(row.table).where(row == name).values({text.name: told}))


def _names_any(table: Table, source: str, position: str | None, ids: Collection[str]) -> bool:
    """Whether a stored position has one of these ids as a text in it."""
    if position is None:
        return False
    return not set(_texts(from_json(table, source, position, dict))).isdisjoint(ids)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
