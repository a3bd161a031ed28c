"""The odometer of business time: open intervals compiled to arrays, and readings of them.

The open intervals [S, E) are in epoch seconds, ascending and separate, and C holds the open
seconds before each. The open seconds before an instant t are

    W(t) = C[i] + min(t, E[i]) - S[i]      with i the last interval that opens at or before t.

Everything is int64 and exact to the second. Daylight saving needs no special case, since S and E
already include it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from collector.business_time.zone import DAY, EPOCH_ORDINAL, Int64, LocalDays

Windows: TypeAlias = tuple[tuple[int, int], ...]
"""A day's windows as (opening, closing) in wall-clock seconds after midnight."""

PAD = 3 * DAY  # local dates compiled beyond a span; more than any UTC offset

_SLOTS = 1 << 21  # the largest slot index, 16 MiB; beyond it a binary search is used
_CHUNK = 1 << 16  # instants looked up at a time, so that temporary arrays stay in the CPU cache


@dataclass(frozen=True, slots=True)
class Odometer:
    """The open intervals of the local dates around the span [low, high] (epoch seconds).

    ``opens``, ``closes`` and ``before`` are S, E and C above; interval 0 is empty and lies before
    all others. ``day`` holds the dates with open seconds (ordinals, ascending) and ``closing`` the
    instant at which each closes for the last time. Slot k covers 2**shift seconds from
    ``opens[0]`` + k * 2**shift. No slot is longer than the shortest closed time, so at most one
    interval overlaps it: ``slot[k]`` is that interval, or otherwise the last one before. Where
    intervals lie too close together for this, ``slot`` is None and a binary search is used.
    """

    low: int
    high: int
    opens: Int64
    closes: Int64
    before: Int64
    day: Int64
    closing: Int64
    shift: int
    slot: Int64 | None

    def interval(self, instants: Int64) -> Int64:
        """Return the index of the interval whose S and E give W at each instant.

        It is the last one that opens at or before the instant or, in a slot where an interval
        opens later, that one; W is the same by either. ``instants`` lie in [low, high].
        """
        if self.slot is None:
            return np.asarray(np.searchsorted(self.opens, instants, side="right") - 1)
        return np.asarray(self.slot.take((instants - self.opens[0]) >> self.shift))

    def reading(self, instants: Int64) -> Int64:
        """Return W in seconds at instants in [low, high]; the result has their shape."""
        flat = instants.ravel()
        result = np.empty(flat.size, dtype=np.int64)
        for at in range(0, flat.size, _CHUNK):
            part = flat[at : at + _CHUNK]
            i = self.interval(part)
            opens = self.opens.take(i)
            inside = np.minimum(part, self.closes.take(i))
            np.maximum(inside, opens, out=inside)
            inside -= opens
            np.add(inside, self.before.take(i), out=result[at : at + _CHUNK])
        return result.reshape(instants.shape)

    def inverse(self, readings: Int64, back: NDArray[np.bool_]) -> Int64:
        """Return the earliest instants t with W(t) = reading, or the latest where ``back`` is set.

        For a reading at the end of an interval the earliest is its closing time and the latest the
        next opening. Readings must be above 0 and, where ``back`` is set, below the last one.
        """
        after = self.before + self.closes - self.opens
        i = np.searchsorted(after, readings + back, side="left")
        i = np.minimum(i, len(after) - 1)
        return np.asarray(self.opens[i] + readings - self.before[i])

    def windows(self, start: Int64, end: Int64) -> Iterator[list[tuple[int, int]]]:
        """Yield the open intervals between each start and end in [low, high], clipped."""
        first = np.searchsorted(self.closes, start, side="right")
        after = np.searchsorted(self.opens, end, side="left")
        least, most = int(first.min(initial=len(self.opens))), int(after.max(initial=0))
        opens, closes = self.opens[least:most].tolist(), self.closes[least:most].tolist()
        for begin, until, i, j in zip(
            start.tolist(), end.tolist(), (first - least).tolist(), (after - least).tolist(),
            strict=True,
        ):  # fmt: skip
            windows = list(zip(opens[i:j], closes[i:j], strict=True)) if begin < until else []
            if windows:
                windows[0] = max(windows[0][0], begin), windows[0][1]
                windows[-1] = windows[-1][0], min(windows[-1][1], until)
            yield windows


def compile_odometer(
    local: LocalDays, week: Sequence[Windows], dates: Mapping[int, Windows], low: int, high: int
) -> Odometer:
    """Compile the odometer that is valid from ``low`` to ``high`` (epoch seconds).

    ``week`` holds the windows of the seven weekdays, Monday first, and ``dates`` the windows of
    special dates by ordinal, which replace them. Dates that the zone skipped have no windows.
    """
    day, start, end = _dated_windows(week, dates, low, high)
    opens, closes = local.instants(start), local.instants(end)
    midnight = (day - EPOCH_ORDINAL) * DAY
    exists = local.instants(midnight) < local.instants(midnight + DAY)
    real = exists & (opens < closes)
    day, opens, closes = day[real], opens[real], closes[real]

    by_day = np.lexsort((closes, day))
    last = np.diff(day[by_day], append=np.int64(-DAY)) != 0
    business_day, closing = day[by_day][last], closes[by_day][last]

    order = np.argsort(opens, kind="stable")
    opens, reach = opens[order], np.maximum.accumulate(closes[order])
    fresh = np.ones(len(opens), dtype=np.bool_)
    fresh[1:] = opens[1:] > reach[:-1]
    origin = np.array([low - 3 * PAD])
    opens = np.concatenate((origin, opens[fresh]))
    closes = np.concatenate((origin, reach[np.roll(fresh, -1)]))
    length = closes - opens
    shift, slot = _slots(opens, closes, high)
    before = np.cumsum(length) - length
    return Odometer(low, high, opens, closes, before, business_day, closing, shift, slot)


def _slots(opens: Int64, closes: Int64, high: int) -> tuple[int, Int64 | None]:
    """Return the slot length as a power of two and the slot index up to ``high`` (or None)."""
    span = high - int(opens[0])
    shift = int((opens[2:] - closes[1:-1]).min(initial=span)).bit_length() - 1
    count = (span >> shift) + 1
    if count > _SLOTS:
        return shift, None
    ends = opens[0] + (np.arange(1, count + 1) << shift)
    return shift, np.asarray(np.searchsorted(opens, ends, side="left") - 1)


def _dated_windows(
    week: Sequence[Windows], dates: Mapping[int, Windows], low: int, high: int
) -> tuple[Int64, Int64, Int64]:
    """Return ordinals of dates, and the wall values at which each window opens and closes."""
    first, last = ((t // DAY) + EPOCH_ORDINAL for t in (low - PAD, high + PAD))
    days = np.arange(first, last + 1)
    regular = days[~np.isin(days, np.array(list(dates), dtype=np.int64))]
    found = [
        (regular[(regular - 1) % 7 == weekday], window)
        for weekday, windows in enumerate(week)
        for window in windows
    ] + [
        (np.array([day]), window)
        for day, windows in dates.items()
        for window in windows
        if first <= day <= last
    ]
    day = np.concatenate([np.empty(0, dtype=np.int64), *(some for some, _ in found)])
    bounds = np.repeat(
        np.array([window for _, window in found], dtype=np.int64).reshape(-1, 2),
        [len(some) for some, _ in found],
        axis=0,
    )
    midnight = (day - EPOCH_ORDINAL) * DAY
    return day, midnight + bounds[:, 0], midnight + bounds[:, 1]
