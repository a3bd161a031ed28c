"""Instants for programs: ISO 8601 with the offset of a time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

Instant = Callable[[int | None], str | None]


def iso_instants(timezone: str) -> Instant:
    """Epoch seconds → ISO 8601 with offset, in a time zone; None stays None."""
    zone = ZoneInfo(timezone)
    return lambda at: None if at is None else datetime.fromtimestamp(at, zone).isoformat()


def iso_span(timezone: str, bounds: tuple[int, int]) -> tuple[str, str]:
    """The first instant of a period and the first one after it (epoch seconds), as
    :func:`iso_instants` writes them."""
    start, end = (datetime.fromtimestamp(at, ZoneInfo(timezone)).isoformat() for at in bounds)
    return start, end
