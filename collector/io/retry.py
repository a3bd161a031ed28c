"""Retries: the only loop for work that may fail once and succeed the next time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from collector.io.errors import UserFacingError

T = TypeVar("T")


class Retry:
    """Tries some work up to ``tries`` times, with pauses.

    ``pause(failures, error)`` returns the seconds to wait after this number of failures, the last
    of which is ``error``, or None to give up. ``sleep`` waits that many seconds; a true result
    means that the program is stopping, which gives up too. ``failures`` counts the failures so far.
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
        """Return what ``work`` returns.

        Raises the last UserFacingError of ``work``, a permanent one at once, and any other error of
        it unchanged.
        """
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
