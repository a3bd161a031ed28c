"""A machine's clock that a test sets while the program runs; monotonic time goes on as it does."""

from __future__ import annotations

import time
from datetime import datetime, tzinfo
from typing import Self

import pytest

_TIME = time.time


class SetClock:
    """``ahead``: the seconds by which the clock was set forward, below 0 if back."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return _TIME() + self.ahead


def set_clock(patch: pytest.MonkeyPatch) -> SetClock:
    """Puts such a clock in the place of the machine's: in the program and in its scheduler."""
    clock = SetClock()

    class Dated(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock(), tz)

    patch.setattr("time.time", clock)
    patch.setattr("collector.io.clock.time", clock)
    for module in ("apscheduler.schedulers.base", "apscheduler.triggers.interval"):
        patch.setattr(f"{module}.datetime", Dated)
    for module in ("collector.service.scheduler", "collector.service.service"):
        patch.setattr(f"{module}.datetime", Dated)
    return clock
