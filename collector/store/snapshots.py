"""The stored snapshots: rows that are added and never changed. The package ``snapshot`` knows what
they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from collector.store.engine import Database, upsert
from collector.store.schema import counters, snapshots

_COUNTER = "snapshots"


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """A snapshot without its content.

    ``kind``: freeze or amendment. ``first`` and ``last``: the period's first and last date, ISO
    8601. ``sha256`` and ``records_sha256``: digests of content and records. ``frozen_at``: epoch
    seconds. ``previous``: the seal of the snapshot before it; empty for the first.
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
    """A snapshot as stored: ``content`` is canonical JSON, ``records`` compressed lines."""

    head: SnapshotHead
    content: bytes
    records: bytes


MakeSnapshot = Callable[[Sequence[SnapshotHead], int], SnapshotRow]
"""Makes the next snapshot from the heads of all earlier ones, in the order of their numbers, and
the last number in use."""

_HEAD = [snapshots.c[name] for name in SnapshotHead.__dataclass_fields__]


class Snapshots:
    """The stored snapshots. Every method raises StoreError if the database fails; nothing is
    changed then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heads(self) -> list[SnapshotHead]:
        """The heads of all snapshots, in the order of their numbers."""
        return self.chain()[0]

    def chain(self) -> tuple[list[SnapshotHead], int]:
        """The heads of all snapshots, and the last number in use; 0 before the first."""
        with self._database.reading() as connection:
            return _heads(connection), _last_number(connection)

    def find(self, number: int) -> SnapshotRow | None:
        """A snapshot as stored; None if there is none with this number.

        Raises TypeError if content or records are not bytes, as SQLite lets others write.
        """
        query = select(*_HEAD, snapshots.c.content, snapshots.c.records)
        with self._database.reading() as connection:
            row = connection.execute(query.where(snapshots.c.number == number)).one_or_none()
        if row is None:
            return None
        content, records = row[-2:]
        if not (isinstance(content, bytes) and isinstance(records, bytes)):
            raise TypeError("content and records of a snapshot must be bytes")
        return SnapshotRow(SnapshotHead(*row[:-2]), content, records)

    def add(self, make: MakeSnapshot) -> SnapshotRow:
        """Adds the snapshot that ``make`` returns for the snapshots so far.

        No other process writes meanwhile. Whatever ``make`` raises is passed on, and nothing is
        stored.
        """
        with self._database.writing() as connection:
            row = make(_heads(connection), _last_number(connection))
            values = asdict(row.head) | {"content": row.content, "records": row.records}
            connection.execute(insert(snapshots), values)
            count = upsert(connection, counters)
            count = count.on_conflict_do_update(
                index_elements=["name"], set_={"value": count.excluded["value"]}
            )
            connection.execute(count, {"name": _COUNTER, "value": row.head.number})
            return row


def _heads(connection: Connection) -> list[SnapshotHead]:
    query = select(*_HEAD).order_by(snapshots.c.number)
    return [SnapshotHead(*row) for row in connection.execute(query)]


def _last_number(connection: Connection) -> int:
    query = select(counters.c.value).where(counters.c.name == _COUNTER)
    return int(connection.execute(query).scalar_one_or_none() or 0)
