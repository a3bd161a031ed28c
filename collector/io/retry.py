"""Trying again: the one loop for whatever may fail once and succeed the next time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from collector.io.errors import UserFacingError

T = TypeVar("T")


class Retry:
    """Does some work up to ``tries`` times, with pauses.

    ``pause(failures, error)``: seconds to wait after so many failures, of which ``error`` is the
    last; None gives up. ``sleep`` waits so many seconds; if it returns something true the caller
    is about to stop, and that gives up too. ``failures``: how often it failed so far.
    """

    def __init__(
        self,
        tries: int,
        pause: Callable[[int, UserFacingError], float | None],
        sleep: Callable[[float], object],
    ) -> None:
        self.failures = 0
        self._tries = tries
        self._pause = pause
        self._sleep = sleep

    def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns. Raises its last error: a permanent one at once."""
        while True:
            try:
                return work()
            except UserFacingError as error:
                self.failures += 1
                if error.permanent or self.failures >= self._tries:
                    raise
                wait = self._pause(self.failures, error)
                if wait is None or self._sleep(wait):
                    raise
