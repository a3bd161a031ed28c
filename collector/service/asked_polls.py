"""Polls that somebody asks for: at once, but not too often."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

AGAIN_AFTER = 30.0
"""Seconds from one poll of a source that was asked for to the next."""


class AskedPolls:
    """Starts polls that somebody asks for."""

    def __init__(
        self, start: Callable[[str], None], clock: Callable[[], float] = monotonic
    ) -> None:
        """``start`` begins the poll of a source; ``clock`` gives seconds."""
        self._start = start
        self._clock = clock
        self._asked: dict[str, float] = {}
        self._lock = Lock()

    def ask(self, source: str) -> float:
        """Start a poll and return 0, or return the seconds until one may be asked for again."""
        with self._lock:
            now = self._clock()
            before = self._asked.get(source)
            if before is not None and now - before < AGAIN_AFTER:
                return before + AGAIN_AFTER - now
            self._asked[source] = now
        self._start(source)
        return 0.0
