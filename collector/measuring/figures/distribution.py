"""Histograms of durations in fixed buckets, which add up like every tally, and their percentiles.

A bucket holds the durations above the previous bound up to and including its own, so the share
within a limit that is a bound is exact. A percentile falls into one bucket; within it durations are
assumed to be spread evenly, so it is given together with the two bounds it must lie between.
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
"""Upper bounds of the buckets in seconds; they include the usual limits of service desks. One more
bucket without an upper bound follows the last."""

BUCKETS = len(BOUNDS) + 1
_UPPER = np.array(BOUNDS, dtype=np.int64)


class Quantile(NamedTuple):
    """A percentile of durations in seconds: about ``seconds``, certainly above ``low`` and at most
    ``high``. In the last bucket ``high`` is None and ``seconds`` is its lower bound."""

    seconds: float
    low: int
    high: int | None


def bucket_of(seconds: Int64) -> Int64:
    """Return the bucket index of each duration (seconds)."""
    return np.asarray(np.searchsorted(_UPPER, seconds, side="left"), dtype=np.int64)


class Group(NamedTuple):
    """``n`` durations above ``low`` and up to ``high`` seconds; None: without an upper bound."""

    low: int
    high: int | None
    n: int


def groups(histogram: Sequence[int], most: int, limit: int | None = None) -> list[Group]:
    """Join neighbouring buckets into about ``most`` groups, from the first that is not empty to the
    last. ``limit``: no group reaches across this bucket's bound (seconds), so that what is within
    it can be told from what is not.
    """
    filled = [index for index, n in enumerate(histogram) if n]
    if not filled:
        return []
    first, last = filled[0], filled[-1]
    size = -(-(last - first + 1) // most)
    edge = BOUNDS.index(limit) if limit in BOUNDS else None
    found = []
    while first <= last:
        end = min(first + size - 1, last)
        if edge is not None and first <= edge < end:
            end = edge
        low = BOUNDS[first - 1] if first else 0
        high = BOUNDS[end] if end < len(BOUNDS) else None
        found.append(Group(low, high, sum(histogram[first : end + 1])))
        first = end + 1
    return found


def quantile(histogram: Sequence[int], share: float) -> Quantile | None:
    """Return the duration that ``share`` (above 0, at most 1) of all durations do not exceed; None
    without durations.

    That is the k-th shortest of n, with k = share · n rounded up, interpolated within its bucket.
    ``histogram``: counts in BUCKETS buckets.
    """
    total = sum(histogram)
    rank = share * total
    before = 0
    for index, count in enumerate(histogram):
        if count and before + count >= rank:
            low = 0 if index == 0 else BOUNDS[index - 1]
            if index == len(BOUNDS):
                return Quantile(float(low), low, None)
            high = BOUNDS[index]
            return Quantile(low + (high - low) * (rank - before) / count, low, high)
        before += count
    return None
