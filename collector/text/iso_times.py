"""Machine-readable instants: ISO 8601 with the offset of a time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

AT_ONCE = 4096
"""How many instants a formatter remembers; records share most opening and closing times."""

IsoInstant = Callable[[int | None], str | None]


def iso_instants(timezone: str) -> IsoInstant:
    """Return a formatter: epoch seconds → ISO 8601 with offset, in a time zone; None stays None."""
    zone = ZoneInfo(timezone)

    @lru_cache(maxsize=AT_ONCE)
    def text(at: int | None) -> str | None:
        return None if at is None else datetime.fromtimestamp(at, zone).isoformat()

    return text


def iso_span(timezone: str, bounds: tuple[int, int]) -> tuple[str, str]:
    """Format a half-open period (epoch seconds: its first instant, and the first one after it) as
    :func:`iso_instants` does."""
    start, end = (datetime.fromtimestamp(at, ZoneInfo(timezone)).isoformat() for at in bounds)
    return start, end
