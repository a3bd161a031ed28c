"""What was frozen: rows that are added and never changed. What they mean is the snapshots' own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from collector.store.engine import upsert
from collector.store.schema import counters, snapshots

_COUNTER = "snapshots"


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """A snapshot without its content.

    ``kind``: freeze or amendment; ``first`` and ``last``: the period's dates, ISO 8601;
    ``frozen_at`` in epoch seconds; ``previous`` is the seal of the one before, empty for the first.
    """

    number: int
    kind: str
    first: str
    last: str
    sha256: str
    records_sha256: str
    frozen_at: int
    previous: str
    seal: str


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A snapshot as it is stored: ``content`` canonical JSON, ``records`` compressed lines."""

    head: SnapshotHead
    content: bytes
    records: bytes


MakeSnapshot = Callable[[Sequence[SnapshotHead], int], SnapshotRow]
"""Makes the next snapshot of those there are, in the order of their numbers, and of the number
that was given last."""

_HEAD = [snapshots.c[name] for name in SnapshotHead.__dataclass_fields__]


def snapshot_heads(connection: Connection) -> list[SnapshotHead]:
    """Every snapshot without its content, in the order of the numbers."""
    query = select(*_HEAD).order_by(snapshots.c.number)
    return [SnapshotHead(*row) for row in connection.execute(query)]


def snapshot_row(connection: Connection, number: int) -> SnapshotRow | None:
    """One snapshot; None where there is no such number. Raises TypeError where SQLite was given
    something else than bytes."""
    query = select(*_HEAD, snapshots.c.content, snapshots.c.records)
    row = connection.execute(query.where(snapshots.c.number == number)).one_or_none()
    if row is None:
        return None
    content, records = row[-2:]
    if not (isinstance(content, bytes) and isinstance(records, bytes)):
        raise TypeError("what was frozen is bytes")
    return SnapshotRow(SnapshotHead(*row[:-2]), content, records)


def last_number(connection: Connection) -> int:
    """The number that was given last; 0 before the first."""
    query = select(counters.c.value).where(counters.c.name == _COUNTER)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def add_snapshot(connection: Connection, make: MakeSnapshot) -> SnapshotRow:
    """Adds one; needs the writing transaction."""
    row = make(snapshot_heads(connection), last_number(connection))
    values = asdict(row.head) | {"content": row.content, "records": row.records}
    connection.execute(insert(snapshots), values)
    count = upsert(connection, counters)
    count = count.on_conflict_do_update(
        index_elements=["name"], set_={"value": count.excluded["value"]}
    )
    connection.execute(count, {"name": _COUNTER, "value": row.head.number})
    return row
