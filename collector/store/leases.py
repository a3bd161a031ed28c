"""A lease: which one of several processes may do something, with a fencing number.

It is a row with the name of its holder, renewed every few seconds by the database's clock. Once it
is not, another process takes it, under a higher number. The holder may have stood still meanwhile
and know nothing of it, so its writes are fenced: each first asks whether the number is still its
own, in the transaction that admits only one writer, so that nothing can come between.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from collector.io.process import own_name, read_name
from collector.store.engine import Database, upsert
from collector.store.errors import DamagedRow, LeaseLost
from collector.store.schema import leases

LEASE_SECONDS = 15.0
"""How long a lease lasts that is not renewed."""

_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}
"""The present by the database's clock, in milliseconds since the epoch."""


class Lease:
    """A lease as this process sees it. Every method raises StoreError if the database fails."""

    def __init__(self, database: Database, name: str) -> None:
        """From now on this process only writes into the store what is its own business, such as
        the definitions it measures by, unless it holds the lease: the rest raises LeaseLost.

        The lease has a connection of its own: it must be renewed also while pages and jobs use all
        of the store's."""
        self._database = database.apart()
        self._name = name
        self._own = own_name()
        self._fence = 0
        """The number under which it was taken; 0 while others hold it."""
        database.guard = self.require

    def take(self, seconds: float) -> bool:
        """Takes the lease for so many seconds, or renews it; returns whether it is ours now.

        Free is one that was given up, was not renewed in time, or whose holder ran on this machine
        and is gone. Its age counts without its sign: a clock that was set back keeps it for no more
        than its own time.
        """
        with self._database.patience.only(seconds):
            if not self._fence and self.holder() is not None:
                return False
            with self._database.writing(guarded=False) as connection:
                row, now = self._look(connection)
                if row is not None and row.holder == str(self._own):
                    fence = row.fence
                elif row is None or _is_free(row, now):
                    fence = 1 if row is None else row.fence + 1
                else:
                    self._fence = 0
                    return False
                self._write(connection, str(self._own), fence, now, round(seconds * 1000))
            self._fence = fence
            return True

    def release(self) -> None:
        """Gives the lease up if it is ours, so that others need not wait."""
        if not self._fence:
            return
        self._fence = 0
        own = leases.c.name == self._name, leases.c.holder == str(self._own)
        with self._database.writing(guarded=False) as connection:
            connection.execute(update(leases).where(*own), {"holder": None})

    def holder(self) -> str | None:
        """Who holds the lease, in words; None if it is free or ours."""
        with self._database.reading() as connection:
            row, now = self._look(connection)
        if row is None or row.holder == str(self._own) or _is_free(row, now):
            return None
        return read_name(row.holder).in_words

    def require(self, connection: Connection) -> None:
        """Raises LeaseLost unless the lease is ours. Must run in the writing transaction."""
        held = leases.c.name == self._name, leases.c.holder == str(self._own)
        query = select(leases.c.fence).where(*held, leases.c.fence == self._fence)
        if connection.execute(query).first() is None:
            raise LeaseLost(
                f"store {self._database.where}: this process does not hold the lease "
                f"{self._name!r} any more, so that nothing was stored"
            )

    def _look(self, connection: Connection) -> tuple[Row[Any] | None, int]:
        now = int(connection.execute(text(f"SELECT {_NOW[connection.dialect.name]}")).scalar_one())
        query = select(leases).where(leases.c.name == self._name)
        row = connection.execute(query).one_or_none()
        if row is not None and row.holder is not None:
            try:
                read_name(row.holder)
            except ValueError:
                raise DamagedRow("leases", self._name) from None
        return row, now

    def _write(
        self, connection: Connection, holder: str, fence: int, renewed: int, lasts: int
    ) -> None:
        put = upsert(connection, leases)
        values = {"holder": holder, "fence": fence, "renewed_ms": renewed, "lasts_ms": lasts}
        put = put.on_conflict_do_update(index_elements=["name"], set_=values)
        connection.execute(put, {"name": self._name, **values})


def _is_free(row: Row[Any], now: int) -> bool:
    if row.holder is None or abs(now - row.renewed_ms) >= row.lasts_ms:
        return True
    return read_name(row.holder).is_gone()
