"""The cursor: where a poll of Request Tracker continues."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from collector.io.errors import SourceError
from collector.model.page import Cursor


@dataclass(slots=True)
class Walk:
    """A walk by id over all tickets, or those updated since ``day`` (ISO date).

    Done up to id ``after``; it ends at id ``until``.
    """

    after: int
    until: int
    day: str | None = None

    @property
    def where(self) -> str:
        """The query's condition. RT's time zone is unknown, so ``day`` was set one day early."""
        return f"LastUpdated >= '{self.day}'" if self.day else ""


@dataclass(slots=True)
class FeedState:
    """The cursor: an unfinished walk, if any, and the position in the feed of transactions.

    All transactions up to id ``low`` are processed, and of those above it the ``seen`` ones.
    """

    low: int
    seen: set[int] = field(default_factory=set)
    walk: Walk | None = None

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """Read a cursor. Raises SourceError if it was not written by :meth:`cursor`."""
        try:
            walk = cursor.get("walk")
            return cls(
                low=int(cursor["low"]),
                seen={int(number) for number in cursor["seen"]},
                walk=Walk(int(walk["after"]), int(walk["until"]), walk["day"]) if walk else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(
                "the stored cursor cannot be read; run poll --since to read again", permanent=True
            ) from None

    def cursor(self) -> Cursor:
        """Return the state as a JSON object."""
        cursor: dict[str, Any] = {"low": self.low, "seen": sorted(self.seen)}
        if self.walk:
            walk = self.walk
            cursor["walk"] = {"after": walk.after, "until": walk.until, "day": walk.day}
        return cursor
