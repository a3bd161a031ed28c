"""Whether a store is still the one that was opened: the same, no earlier state of it, and with the
tables of this release. Somebody may exchange it under a running process, which remembers numbers of
rows and a place in its history: what is written then would be a mixture of two stores."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import Connection, select, text

from collector.store.errors import StoreError
from collector.store.schema import counters

IDENTITY = "identity"
"""The counter that holds a random number: which store this is, also as a copy or a backup."""


class Continuity:
    """What this process knows of the store it opened. ``where``: its name for messages."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.version: str | None = None
        """The version of the tables; None while they are made."""
        self._identity: int | None = None
        self._highest: dict[str, int] = {}
        self._went_back = False

    def require(self, connection: Connection) -> None:
        """Raises StoreError if the store is another one, or was changed by another release."""
        if self.version is None:
            return
        identity = select(counters.c.value).where(counters.c.name == IDENTITY).scalar_subquery()
        query = select(text("version_num"), identity).select_from(text("alembic_version"))
        version, known = connection.execute(query).one()
        if version != self.version:
            raise StoreError(
                f"store {self._where}: another release has changed its tables meanwhile (version "
                f"{version}, not {self.version}): start that release in place of this process"
            )
        if self._identity not in (None, known):
            raise StoreError(
                f"store {self._where}: it was exchanged for another one while it was open: put "
                "the former one back, or restart this process"
            )
        self._identity = known

    def identify(self, connection: Connection) -> None:
        """Gives the store its identity, if it has none. Must run in a writing transaction."""
        row = {"name": IDENTITY, "value": secrets.randbits(62)}
        known = select(counters.c.name).where(counters.c.name == IDENTITY)
        if connection.execute(known).first() is None:
            connection.execute(counters.insert(), row)

    def require_later(self, found: Mapping[str, int]) -> None:
        """Raises StoreError if a counter, which only grows, has less than was seen before."""
        for name, value in found.items():
            self._went_back |= value < self._highest.get(name, value)
        if self._went_back:
            raise StoreError(
                f"store {self._where}: it is an earlier state of itself, as after a backup was "
                "brought back while it was open: restart this process"
            )

    def saw(self, found: Mapping[str, int]) -> None:
        """Remembers committed values of such counters."""
        for name, value in found.items():
            self._highest[name] = max(value, self._highest.get(name, value))
