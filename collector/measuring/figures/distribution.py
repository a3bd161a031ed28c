"""Durations in fixed buckets: they add up like every tally, and tell median and percentiles.

A bucket holds the durations above the bound before it, up to and including its own: so the share
within a limit that is a bound is exact. A percentile lies in a known bucket; within it the
durations are taken to be spread evenly, so it is given with the bounds it surely lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from collector.model.columns import Int64

_MINUTE, _HOUR = 60, 3600

BOUNDS: tuple[int, ...] = (
    *(0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90),
    *(
        int(m * _MINUTE)
        for m in (2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90)
    ),
    *(int(h * _HOUR) for h in (2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20)),
    *(h * _HOUR for h in (24, 27, 32, 36, 40, 45, 54, 63, 72, 80, 90, 100, 120, 140, 160, 180)),
    *(h * _HOUR for h in (200, 240, 300, 360, 450, 600, 800, 1000, 1500, 2000)),
)
"""Upper bounds of the buckets in seconds, the limits of service desks among them. Behind the last
one there is one more bucket, without an upper bound."""

BUCKETS = len(BOUNDS) + 1
_UPPER = np.array(BOUNDS, dtype=np.int64)


class Quantile(NamedTuple):
    """A percentile of durations in seconds: about ``seconds``, surely above ``low`` and not over
    ``high``. In the last bucket ``high`` is None and ``seconds`` is its lower bound."""

    seconds: float
    low: int
    high: int | None


def bucket_of(seconds: Int64) -> Int64:
    """The index of the bucket of each duration."""
    return np.asarray(np.searchsorted(_UPPER, seconds, side="left"), dtype=np.int64)


def quantile(histogram: Sequence[int], share: float) -> Quantile | None:
    """The duration that ``share`` (above 0, up to 1) of all do not exceed; None without any.

    That is the k-th shortest of n, with k = share * n rounded up.
    """
    total = sum(histogram)
    wanted = share * total
    before = 0
    for index, count in enumerate(histogram):
        if count and before + count >= wanted:
            low = 0 if index == 0 else BOUNDS[index - 1]
            if index == len(BOUNDS):
                return Quantile(float(low), low, None)
            high = BOUNDS[index]
            return Quantile(low + (high - low) * (wanted - before) / count, low, high)
        before += count
    return None
