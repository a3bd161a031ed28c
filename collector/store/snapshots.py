"""What was frozen: rows that are added and never changed. What they mean is the snapshots' own."""

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


class Snapshots:
    """What was frozen. Every method raises StoreError; nothing is then changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heads(self) -> list[SnapshotHead]:
        """Every snapshot without its content, in the order of the numbers."""
        return self.chain()[0]

    def chain(self) -> tuple[list[SnapshotHead], int]:
        """The heads, and the number that was given last; 0 before the first."""
        with self._database.reading() as connection:
            return _heads(connection), _last_number(connection)

    def find(self, number: int) -> SnapshotRow | None:
        """A snapshot as it is stored; None where there is no such number.

        Raises TypeError where SQLite was given something else than bytes.
        """
        query = select(*_HEAD, snapshots.c.content, snapshots.c.records)
        with self._database.reading() as connection:
            row = connection.execute(query.where(snapshots.c.number == number)).one_or_none()
        if row is None:
            return None
        content, records = row[-2:]
        if not (isinstance(content, bytes) and isinstance(records, bytes)):
            raise TypeError("what was frozen is bytes")
        return SnapshotRow(SnapshotHead(*row[:-2]), content, records)

    def add(self, make: MakeSnapshot) -> SnapshotRow:
        """Adds what ``make`` makes of the snapshots there are, all of it or nothing.

        Nobody else writes meanwhile; what ``make`` raises is raised, and nothing is stored.
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
