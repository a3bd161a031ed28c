"""The odometer of business time: open intervals compiled to arrays, and readings of them.

The open intervals [S, E) are in epoch seconds, ascending and apart, and C holds the open seconds
before each. The open seconds before an instant t are

    W(t) = C[i] + min(t, E[i]) - S[i]      with i the last interval that opens at or before t.

Everything is int64 and exact to the second. Daylight saving needs no case of its own: it is in
S and E.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from collector.business_time.zone import DAY, EPOCH_ORDINAL, Int64, LocalDays

Windows: TypeAlias = tuple[tuple[int, int], ...]
"""Opening and closing of a day's windows in wall-clock seconds after midnight."""

PAD = 3 * DAY  # local dates compiled beyond a span: more than any offset

_SLOTS = 1 << 21  # the longest index of slots, 16 MiB; beyond it a search is used
_CHUNK = 1 << 16  # instants looked up at a time, so that the temporaries stay in the cache


@dataclass(frozen=True, slots=True)
class Odometer:
    """Open intervals of the local dates that touch the span [low, high], and some around it.

    ``opens``, ``closes`` and ``before`` are S, E and C; interval 0 is empty and before all
    others. ``day`` and ``closing`` list the dates with open seconds (ordinals, ascending) and
    the instant each closes for the last time. The k-th slot is the stretch of 2**shift seconds
    from ``opens[0]`` + k * 2**shift. No slot is longer than the shortest closed time, so at most
    one interval meets it: ``slot[k]`` is that one, or else the last before it. Where intervals
    lie too close together for that, ``slot`` is None and a search finds them.
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
        """The interval that decides over each instant: W is flat between the two."""
        if self.slot is None:
            return np.asarray(np.searchsorted(self.opens, instants, side="right") - 1)
        return np.asarray(self.slot.take((instants - self.opens[0]) >> self.shift))

    def reading(self, instants: Int64) -> Int64:
        """W of instants in [low, high], in their shape."""
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
        """The earliest instants t with W(t) = the reading, or the latest where ``back`` is set.

        The earliest at the end of an interval is its closing, the latest the opening of the
        next. Readings must lie above 0, and below the last where ``back`` is set.
        """
        after = self.before + self.closes - self.opens
        i = np.searchsorted(after, readings + back, side="left")
        i = np.minimum(i, len(after) - 1)
        return np.asarray(self.opens[i] + readings - self.before[i])


def compile_odometer(
    local: LocalDays, week: Sequence[Windows], dates: Mapping[int, Windows], low: int, high: int
) -> Odometer:
    """The odometer that is right from ``low`` to ``high`` (epoch seconds).

    ``week`` has the windows of the seven weekdays, Monday first, and ``dates`` those of special
    dates by ordinal, which replace them. Dates that the zone skipped altogether have none.
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
    """The length of a slot as a power of two, and the interval of each slot up to ``high``."""
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
    """Ordinals of dates, and the wall values at which each opens and closes."""
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
