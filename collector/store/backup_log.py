"""When the store was last backed up, as the store itself knows."""

from __future__ import annotations

from sqlalchemy import select

from collector.store.engine import Database, upsert
from collector.store.schema import counters

_NAME = "backed_up"
"""The counter that holds when the last backup began, in epoch seconds."""


class BackupLog:
    """The last backup of the store. Every method raises StoreError if the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, at: int) -> None:
        """Records that a backup holds what the store held at ``at`` (epoch seconds)."""
        with self._database.writing(guarded=False) as connection:
            add = upsert(connection, counters)
            add = add.on_conflict_do_update(
                index_elements=["name"], set_={"value": add.excluded.value}
            )
            connection.execute(add, {"name": _NAME, "value": at})

    def last(self) -> int | None:
        """When the last backup began (epoch seconds); None if there is none."""
        query = select(counters.c.value).where(counters.c.name == _NAME)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one_or_none()
