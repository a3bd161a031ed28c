"""Numbers of profiles, the combinations of texts that records have.

Once written they never change, so each process caches those that it has seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert, select, update

from collector.store.rows import Profile, digest, profile_text
from collector.store.schema import counters, profiles

CHUNK = 500
"""How many values one statement compares at most: engines limit the number of parameters."""
_KEEP = 200_000


def take_numbers(connection: Connection, count: int) -> int:
    """Reserves ``count`` consecutive row numbers and returns the first.

    Must run in the writing transaction.
    """
    statement = (
        update(counters)
        .where(counters.c.name == "row")
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    )
    return int(connection.execute(statement).scalar_one()) - count + 1


class ProfileNumbers:
    """Profile → number, for one writing transaction; ``commit`` adds the new ones to the cache."""

    def __init__(self, known: dict[Profile, int]) -> None:
        self._known = known
        self._new: dict[Profile, int] = {}

    def get(self, profile: Profile) -> int | None:
        """The number of a profile; None if it is not known here yet."""
        return self._known.get(profile) or self._new.get(profile)

    def __getitem__(self, profile: Profile) -> int:
        """The number of a profile. Raises KeyError if it is not known here yet."""
        number = self.get(profile)
        if number is None:
            raise KeyError(profile)
        return number

    def learn(self, connection: Connection, wanted: Iterable[Profile]) -> None:
        """Reads the numbers of those ``wanted`` profiles that the store has."""
        missing = {digest(profile_text(p)): p for p in wanted if self.get(p) is None}
        digests = list(missing)
        for start in range(0, len(digests), CHUNK):
            chunk = digests[start : start + CHUNK]
            found = select(profiles.c.n, profiles.c.digest).where(profiles.c.digest.in_(chunk))
            for number, of in connection.execute(found):
                self._new[missing[of]] = number

    def add(self, connection: Connection, wanted: Iterable[Profile]) -> None:
        """Stores those ``wanted`` profiles that have no number yet, each with a new one."""
        missing = [p for p in dict.fromkeys(wanted) if self.get(p) is None]
        if not missing:
            return
        first = take_numbers(connection, len(missing))
        texts = map(profile_text, missing)
        rows: list[dict[str, Any]] = [
            {"n": number, "digest": digest(text), "texts": text}
            for number, text in enumerate(texts, first)
        ]
        connection.execute(insert(profiles), rows)
        self._new.update(zip(missing, range(first, first + len(missing)), strict=True))

    def commit(self) -> None:
        """Adds the numbers to the cache. Call after the transaction: only then are they stored."""
        if len(self._known) > _KEEP:
            self._known.clear()
        self._known.update(self._new)
