"""Moves a store to another database: every row of every table, compared by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, func, select

from collector.store.engine import Database, insert_rows, unhurried
from collector.store.errors import StoreError
from collector.store.schema import metadata

Rows = Sequence[tuple[Any, ...]]

_ROWS_AT_ONCE = 2000
_WHOLE = 1 << 256


@dataclass(frozen=True, slots=True)
class TableDigest:
    """A table's number of rows, and a digest of them that does not depend on their order, as two
    engines sort texts differently: the sum of the rows' SHA-256, modulo 2²⁵⁶."""

    table: str
    rows: int
    digest: str


def transfer(
    source: Database, target: Database, on_table: Callable[[TableDigest], None]
) -> list[TableDigest]:
    """Copy every row of ``source`` into the empty ``target``, and return what each table holds.

    All of one state of the source, in one transaction of the target, which is undone unless both
    hold the same by digest. ``on_table`` is called with each table that was copied. Raises
    StoreError if one of them cannot be read or written, the target holds records, and if they
    differ afterwards.
    """
    found = []
    with source.reading() as read, target.writing() as write:
        unhurried(read)
        unhurried(write)
        _empty(write, target)
        for table in metadata.sorted_tables:
            digest = _copy(read, write, table)
            if _digest(table, _parts(write, table)) != digest:
                raise StoreError(
                    f"store {target.where}: its table {table.name} does not hold what "
                    "was copied; nothing was kept"
                )
            found.append(digest)
            on_table(digest)
    return found


def _empty(connection: Connection, target: Database) -> None:
    """Raises StoreError if the target holds anything but what its migrations wrote."""
    for table in metadata.sorted_tables:
        if table.name == "counters":
            connection.execute(table.delete())
        elif connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise StoreError(
                f"store {target.where}: it is not empty (table {table.name}); name an "
                "empty database"
            )


def _copy(read: Connection, write: Connection, table: Table) -> TableDigest:
    names = [column.name for column in table.columns]

    def copied() -> Iterator[Rows]:
        for rows in _parts(read, table):
            insert_rows(write, table, names, rows)
            yield rows

    return _digest(table, copied())


def _parts(connection: Connection, table: Table) -> Iterator[Rows]:
    options = {"stream_results": True, "yield_per": _ROWS_AT_ONCE}
    found = connection.execute(select(table), execution_options=options)
    for rows in found.partitions():
        yield [tuple(row) for row in rows]


def _digest(table: Table, parts: Iterable[Rows]) -> TableDigest:
    number = total = 0
    for row in chain.from_iterable(parts):
        number += 1
        total += int.from_bytes(hashlib.sha256(repr(row).encode()).digest())
    return TableDigest(table.name, number, f"{total % _WHOLE:064x}")
