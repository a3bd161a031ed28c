"""How long a database may be silent before its connection is given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from time import monotonic

SILENCE = 45.0
"""Seconds; more than any statement may take, so that a server that is there ends it first."""
HURRY = 5.0
"""The same once the program is to stop."""


class Patience:
    """The limit of silence, one for all connections of a store.

    A server that is gone is noticed by nobody: a connection to a machine without power, behind a
    firewall that forgot it, or to a process that stands still waits for hours.
    """

    def __init__(self) -> None:
        self._in_thread = local()
        self._hurried: float | None = None
        self._spent = False

    @property
    def seconds(self) -> float:
        """The limit for what this thread asks now; 0 once a hurried program has waited in vain."""
        if self._spent:
            return 0.0
        own: float = getattr(self._in_thread, "seconds", SILENCE)
        return own if self._hurried is None else min(own, self._hurried)

    @contextmanager
    def only(self, seconds: float) -> Iterator[None]:
        """Wait no longer, or longer, for what this thread asks in the block."""
        before = getattr(self._in_thread, "seconds", SILENCE)
        self._in_thread.seconds = seconds
        try:
            yield
        finally:
            self._in_thread.seconds = before

    def hurry(self) -> None:
        """Wait no longer than HURRY from now on, also for what was asked before; and once that was
        in vain, not at all."""
        self._hurried = HURRY

    def is_over(self, since: float) -> bool:
        """Whether a silence since then (monotonic seconds) is too long."""
        over = monotonic() - since > self.seconds
        self._spent |= over and self._hurried is not None
        return over
