"""Last month, frozen by the service itself as soon as its working day has come and it is whole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta

from collector.indicators.periods import Period
from collector.local_time import DAY, EPOCH_ORDINAL
from collector.measuring import Measuring
from collector.snapshot.chain import Damaged, of_period
from collector.snapshot.freeze import Asked, Incomplete, Refused, freeze
from collector.snapshot.material import named_alike
from collector.snapshot.taking import NotStill
from collector.store import StoreError

log = logging.getLogger(__name__)

AGAIN = 3600
"""Seconds from an attempt that failed to the next."""


class Automatic:
    """Freezes last month once. A second process does no harm: the store takes the first."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._tried: int | None = None

    def look(self, measuring: Measuring) -> bool:
        """Freeze last month if its time has come and nobody has; whether it was frozen now.

        What is not complete is told in a line and tried again every hour; it is never frozen so.
        Never raises: what goes wrong is logged.
        """
        now = self._clock()
        if not measuring.settings.snapshot.automatic or not self._may_try(now):
            return False
        try:
            period = to_freeze(measuring, now)
            if period is None or not has_come(measuring, now):
                return False
            self._tried = now
            return self._freeze(measuring, period)
        except (StoreError, Damaged, NotStill, Refused) as problem:
            self._tried = now
            log.warning("last month could not be frozen, tried again in an hour: %s", problem)
        return False

    def _may_try(self, now: int) -> bool:
        return self._tried is None or not 0 <= now - self._tried < AGAIN

    def _freeze(self, measuring: Measuring, period: Period) -> bool:
        try:
            done = freeze(measuring.settings, measuring.store, Asked(period), self._clock)
        except Incomplete as missing:
            said = "; ".join(gap.text.en.rstrip(".") for gap in missing.gaps)
            name = period.name
            log.warning("%s is not complete and not frozen, tried again in an hour: %s", name, said)
            return False
        found = done.snapshot
        log.info("%s is frozen: snapshot %d, seal %s", period.name, found.number, found.seal)
        return done.new


def to_freeze(measuring: Measuring, now: int) -> Period | None:
    """Last month where it is not frozen yet; None also where it lies before the first record.

    Raises StoreError.
    """
    month = named_alike(measuring.period("last_month", now), measuring.fiscal)
    span = measuring.store.span()
    if span is None or measuring.today(span[0]) >= month.after:
        return None
    return None if of_period(measuring.store.snapshot_heads(), month) else month


def has_come(measuring: Measuring, now: int) -> bool:
    """Whether the configured working day of this month is over, or its time of day has come."""
    today, wanted = measuring.today(now), measuring.settings.snapshot
    before = 0 if today.day == 1 else _working_days(measuring, today - timedelta(days=1))
    if before >= wanted.working_day:
        return True
    wall = (today.toordinal() - EPOCH_ORDINAL) * DAY + wanted.at
    reached = _working_days(measuring, today) >= wanted.working_day
    return reached and now >= int(measuring.local.instants(wall))


def _working_days(measuring: Measuring, day: date) -> int:
    """How many working days of its month there were up to and with a date; without any calendar
    every day is one."""
    calendar = measuring.settings.snapshot_calendar
    return day.day if calendar is None else measuring.working_days(calendar, day)
