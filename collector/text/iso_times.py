"""Machine-readable instants: ISO 8601 with the offset of a time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

IsoInstant = Callable[[int | None], str | None]


def iso_instants(timezone: str) -> IsoInstant:
    """Return a formatter: epoch seconds → ISO 8601 with offset, in a time zone; None stays None."""
    zone = ZoneInfo(timezone)
    return lambda at: None if at is None else datetime.fromtimestamp(at, zone).isoformat()


def iso_span(timezone: str, bounds: tuple[int, int]) -> tuple[str, str]:
    """Format a half-open period (epoch seconds: its first instant, and the first one after it) as
    :func:`iso_instants` does."""
    start, end = (datetime.fromtimestamp(at, ZoneInfo(timezone)).isoformat() for at in bounds)
    return start, end
