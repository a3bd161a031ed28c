"""Profiles by number. Once written they never change, so each process keeps what it has seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert, select, update

from collector.store.rows import Profile, digest, profile_text
from collector.store.schema import counters, profiles

CHUNK = 500
_KEEP = 200_000


def take_numbers(connection: Connection, count: int) -> int:
    """The first of ``count`` row numbers that nobody else has. Needs the writing transaction."""
    statement = (
        update(counters)
        .where(counters.c.name == "row")
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    )
    return int(connection.execute(statement).scalar_one()) - count + 1


class ProfileNumbers:
    """Profile → number, for one writing transaction; ``commit`` keeps what it learned."""

    def __init__(self, known: dict[Profile, int]) -> None:
        self._known = known
        self._new: dict[Profile, int] = {}

    def get(self, profile: Profile) -> int | None:
        return self._known.get(profile) or self._new.get(profile)

    def __getitem__(self, profile: Profile) -> int:
        number = self.get(profile)
        if number is None:
            raise KeyError(profile)
        return number

    def learn(self, connection: Connection, wanted: Iterable[Profile]) -> None:
        """Reads the numbers of all ``wanted`` profiles that the store has."""
        missing = {digest(p): p for p in wanted if self.get(p) is None}
        digests = list(missing)
        for start in range(0, len(digests), CHUNK):
            chunk = digests[start : start + CHUNK]
            found = select(profiles.c.n, profiles.c.digest).where(profiles.c.digest.in_(chunk))
            for number, of in connection.execute(found):
                self._new[missing[of]] = number

    def add(self, connection: Connection, wanted: Iterable[Profile]) -> None:
        """Gives a number to each of the ``wanted`` profiles that has none."""
        missing = [p for p in dict.fromkeys(wanted) if self.get(p) is None]
        if not missing:
            return
        first = take_numbers(connection, len(missing))
        rows: list[dict[str, Any]] = [
            {"n": number, "digest": digest(profile), "texts": profile_text(profile)}
            for number, profile in enumerate(missing, first)
        ]
        connection.execute(insert(profiles), rows)
        self._new.update(zip(missing, range(first, first + len(missing)), strict=True))

    def commit(self) -> None:
        """Call after the transaction: only then are the numbers true."""
        if len(self._known) > _KEEP:
            self._known.clear()
        self._known.update(self._new)
