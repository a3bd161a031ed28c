"""What a calendar says about days and instants, in its version in force."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from collector.measuring.engine.engine import Measuring


def working_days(measuring: Measuring, calendar: str, day: date) -> int:
    """Return on how many days of its month, up to and with ``day``, a calendar has hours."""
    first = day.replace(day=1)
    hours = measuring.calendar(measuring.settings.calendars[calendar].in_force(day))
    midnights = [measuring.local.midnight(first + timedelta(days=n)) for n in range(day.day + 1)]
    return sum(hours.elapsed(a, b) > 0 for a, b in pairwise(midnights))


def is_open(measuring: Measuring, calendar: str, now: int) -> bool:
    """Return whether a calendar, in its version in force today, is open at ``now``."""
    return measuring.hours(calendar, now).is_open(now)


def next_change(measuring: Measuring, calendar: str, now: int, *, to_open: bool) -> int | None:
    """Return when a calendar, in its version in force today, next opens (or closes) in epoch
    seconds; None if not within a year."""
    until = now + 366 * 86_400
    edges = (w[0 if to_open else 1] for w in measuring.hours(calendar, now).windows(now, until))
    return next((edge for edge in edges if now < edge < until), None)
