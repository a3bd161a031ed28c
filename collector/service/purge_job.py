"""Automatic purging: once a day, records from before the months that are to be kept."""

from __future__ import annotations

import logging
from collections.abc import Callable

from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.purging import last_date, planned, purge
from collector.service.drain import never_stop
from collector.snapshot.schedule import Months

log = logging.getLogger(__name__)

DAY = 86_400
"""Seconds between two looks."""


class AutomaticPurging:
    """Purges what is older than ``retention.records`` says. ``clock`` returns epoch seconds;
    ``stop``: whether to leave the rest for next time, or to another process."""

    def __init__(self, clock: Callable[[], int], stop: Callable[[], bool] = never_stop) -> None:
        self._clock = clock
        self._stop = stop
        self._looked: int | None = None
        self._months = Months()

    def run_if_due(self, measuring: Measuring) -> bool:
        """Purge if a day has passed since the last look; return whether anything was deleted.

        A month that is still to be frozen automatically keeps its records, and those after it. A
        UserFacingError is logged and not raised.
        """
        now, settings = self._clock(), measuring.settings
        waited = self._looked is not None and 0 <= now - self._looked < DAY
        if settings.retention.records is None or waited:
            return False
        self._looked = now
        own = Measuring(settings, measuring.store)
        try:
            before = last_date(own, settings.retention.records, now)
            if settings.snapshot.automatic:
                waiting = [each.month.first for each in self._months.waiting(own, now)]
                before = min([before, *waiting])
            standing = own.purged.standing().before
            if standing is not None and before < standing:
                return False
            if not planned(own, before, now).number:
                return False
            done = purge(own, before, now, stop=self._stop)
        except UserFacingError as problem:
            log.error("records could not be purged; trying again tomorrow: %s", problem)
            return False
        for (source, kind), gone in done.records.items():
            log.info("purged %d %s of %s from before %s", gone.number, kind, source, before)
        if done.lost:
            log.warning(
                "some purged months of %s are not measured: their records were purged by another "
                "definition", ", ".join(done.lost),
            )  # fmt: skip
        return True
