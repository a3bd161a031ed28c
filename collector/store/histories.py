"""Single records by their keys: what they are called, and the changes of tickets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from collector.model.records import Change
from collector.store.profiles import CHUNK
from collector.store.schema import changes


def names_of(
    connection: Connection, table: Table, keys: Iterable[int], url: Column[Any] | None
) -> dict[int, tuple[str, str, str | None]]:
    """Source, id and what the column ``url`` holds (None without one) of the rows by their key."""
    wanted = [table.c.n, table.c.source, table.c.id] + ([] if url is None else [url])
    found: dict[int, tuple[str, str, str | None]] = {}
    for chunk in _chunks(keys):
        for row in connection.execute(select(*wanted).where(table.c.n.in_(chunk))):
            found[row[0]] = (row[1], row[2], None if url is None else row[3])
    return found


def changes_since(
    connection: Connection, keys: Iterable[int], at: int
) -> dict[int, tuple[Change, ...]]:
    """The whole history of those tickets of which something changed after ``at``."""
    touched: list[int] = []
    for chunk in _chunks(keys):
        later = select(changes.c.ticket).where(changes.c.ticket.in_(chunk))
        touched += connection.execute(later.where(changes.c.at > at).distinct()).scalars()
    return changes_of(connection, touched)


def changes_of(connection: Connection, keys: Iterable[int]) -> dict[int, tuple[Change, ...]]:
    """The changes of tickets by their key, as delivered; empty for those without."""
    found: dict[int, list[Change]] = {}
    for chunk in _chunks(keys):
        found.update((key, []) for key in chunk)
        query = select(changes).where(changes.c.ticket.in_(chunk))
        for row in connection.execute(query.order_by(changes.c.ticket, changes.c.seq)):
            found[row.ticket].append(Change(row.at, row.field, row.value))
    return {key: tuple(own) for key, own in found.items()}


def _chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    every = [int(key) for key in keys]  # numpy's own integers are not the drivers'
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
