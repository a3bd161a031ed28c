"""Polls that somebody asks for: at once, but not too often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from time import monotonic

from apscheduler.jobstores.base import JobLookupError

from collector.service.scheduler import SteadyScheduler

AGAIN_AFTER = 30.0
"""Seconds from one poll of a source that was asked for to the next."""


class AskedPolls:
    """Moves the next poll of a source to now; one that is under way is not joined by another."""

    def __init__(self, scheduler: SteadyScheduler, clock: Callable[[], float] = monotonic) -> None:
        """``scheduler`` has a job ``poll NAME`` for each source; ``clock`` gives seconds."""
        self._scheduler = scheduler
        self._clock = clock
        self._asked: dict[str, float] = {}
        self._lock = Lock()

    def all_at_once(self, sources: Iterable[str]) -> None:
        """Start a poll of each source."""
        for name in sources:
            with suppress(JobLookupError):
                self._scheduler.at_once(f"poll {name}")

    def ask(self, source: str) -> float:
        """Start a poll and return 0, or return the seconds until one may be asked for again."""
        with self._lock:
            now = self._clock()
            before = self._asked.get(source)
            if before is not None and now - before < AGAIN_AFTER:
                return before + AGAIN_AFTER - now
            self._asked[source] = now
        try:
            self._scheduler.at_once(f"poll {source}")
        except JobLookupError:  # polling has not begun yet, or no longer goes on
            return AGAIN_AFTER
        return 0.0
