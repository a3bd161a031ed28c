"""Which hours changed in which revision, so that measured figures can be brought up to date."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from collector.store.engine import Database, upsert
from collector.store.schema import counters, dirty

Mark = tuple[str, int]
"""A clock and an hour whose records changed; an hour is epoch seconds // 3600. The clocks are
opened, responded and resolved for tickets, and entered for calls."""

_IS_REVISION = counters.c.name == "revision"


class Revisions:
    """The changes in the store. Every method raises StoreError if the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self) -> int:
        """The current revision, a number that grows with each page that changes a record."""
        with self._database.reading() as connection:
            return int(
                connection.execute(select(counters.c.value).where(_IS_REVISION)).scalar_one()
            )

    def dirty_since(self, revision: int) -> list[Mark]:
        """The clocks and hours of records changed after ``revision``, both those before and those
        after the change."""
        query = select(dirty.c.clock, dirty.c.hour).where(dirty.c.revision > revision)
        with self._database.reading() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]


def mark_dirty(connection: Connection, marks: Iterable[Mark]) -> None:
    """Starts a new revision and records which hours it touched.

    Must run in the writing transaction.
    """
    take = update(counters).where(_IS_REVISION).values(value=counters.c.value + 1)
    revision = connection.execute(take.returning(counters.c.value)).scalar_one()
    add = upsert(connection, dirty)
    add = add.on_conflict_do_update(
        index_elements=["clock", "hour"], set_={"revision": add.excluded.revision}
    )
    rows = [{"clock": clock, "hour": hour, "revision": revision} for clock, hour in sorted(marks)]
    if rows:
        connection.execute(add, rows)
