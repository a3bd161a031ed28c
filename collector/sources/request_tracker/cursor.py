"""Where a poll of Request Tracker continues."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from collector.io.errors import SourceError
from collector.model.page import Cursor


@dataclass(slots=True)
class Walk:
    """Walking all tickets, or those updated since ``day``: done up to id ``after``."""

    after: int
    until: int
    day: str | None = None

    @property
    def where(self) -> str:
        """The query's condition. A day in an unknown time zone: it was set one day early."""
        return f"LastUpdated >= '{self.day}'" if self.day else ""


@dataclass(slots=True)
class State:
    """The cursor: a walk that is not finished, and the feed.

    Of the transactions all up to ``low`` are delivered, and of those behind it the ``seen`` ones.
    """

    low: int
    seen: set[int] = field(default_factory=set)
    walk: Walk | None = None

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """Read a cursor. Raises SourceError when it is not one of ours."""
        try:
            walk = cursor.get("walk")
            return cls(
                low=int(cursor["low"]),
                seen={int(number) for number in cursor["seen"]},
                walk=Walk(int(walk["after"]), int(walk["until"]), walk["day"]) if walk else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(
                "the stored cursor cannot be read; read again with poll --since", permanent=True
            ) from None

    def cursor(self) -> Cursor:
        """The state as JSON."""
        cursor: dict[str, Any] = {"low": self.low, "seen": sorted(self.seen)}
        if self.walk:
            walk = self.walk
            cursor["walk"] = {"after": walk.after, "until": walk.until, "day": walk.day}
        return cursor
