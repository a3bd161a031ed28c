"""Local time for arrays: the dates and wall clock of a time zone, exact to the second.

An instant is int64 seconds since 1970-01-01T00:00Z. A *wall* value is the reading of a local
clock, as int64 seconds since 1970-01-01T00:00 on that clock. A date is its proleptic ordinal,
``date.toordinal()``. Years 1 to 9999 are supported; outside them ValueError is raised.

A zone is compiled to its changes of offset, year by year as needed. With u the instant of a change
and o, o' the offsets before and after it:

- wall of t:  t + o(t);
- instant of w:  w - o while w < u + max(o, o'), otherwise w - o'  (``fold=0`` of PEP 495). So a
  time that the spring change skips moves forward by the length of the gap (02:30 becomes 03:30),
  and a time that occurs twice in autumn is the first of the two.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

Int64 = NDArray[np.int64]

DAY = 86_400
EPOCH_ORDINAL = 719_163  # date(1970, 1, 1).toordinal()
EARLIEST = (1 - EPOCH_ORDINAL) * DAY  # 0001-01-01T00:00Z
LATEST = (3_652_060 - EPOCH_ORDINAL) * DAY  # 10000-01-01T00:00Z, itself excluded

_EDGE = 2 * DAY  # more than any offset; no zone changes this close to the ends of the calendar
_STEP = 3 * DAY  # less than between any two changes that cancel out (Freetown 1939: 3.99 days)


class _Changes(NamedTuple):
    """The offsets in force in the years ``first`` to ``last``: ``offset[i]`` until ``at[i]``."""

    first: int
    last: int
    at: Int64
    offset: Int64

    @property
    def wall(self) -> Int64:
        """Wall values from which the next offset applies; doubled hours use the earlier one."""
        return self.at + np.maximum(self.offset[:-1], self.offset[1:])


class LocalDays:
    """The dates and the wall clock of one time zone. Raises ValueError for an unknown zone.

    Safe to share between threads: the compiled changes are replaced as a whole, never modified.
    Midnights, asked for one at a time by every figure, are remembered.
    """

    def __init__(self, timezone: str) -> None:
        try:
            self._zone = ZoneInfo(timezone)
        except (KeyError, ValueError, OSError, TypeError):
            raise ValueError(
                f"{timezone!r} is not a time zone; write one such as Europe/Stockholm"
            ) from None
        self._compiled: _Changes | None = None
        self._first_instant = lru_cache(maxsize=8192)(self._midnight)

    def dates(self, instants: ArrayLike) -> Int64:
        """Return the ordinals of the local dates of instants (epoch seconds), in their shape.

        Raises ValueError outside the years 1 to 9999 and TypeError for anything but whole seconds.
        """
        return np.asarray(self._walls(instants) // DAY + EPOCH_ORDINAL, dtype=np.int64)

    def hours(self, instants: ArrayLike) -> Int64:
        """Return the hour that the local clock shows at instants (epoch seconds), 0 to 23, in their
        shape. Raises as :meth:`dates`."""
        return np.asarray(self._walls(instants) % DAY // 3600, dtype=np.int64)

    def _walls(self, instants: ArrayLike) -> Int64:
        t = as_instants(instants)
        changes = self._changes(*extremes(t))
        return t + changes.offset[np.searchsorted(changes.at, t, side="right")]

    def instants(self, walls: ArrayLike) -> Int64:
        """Return the instants (epoch seconds) of wall values, in their shape.

        See the top of this module for times that are skipped or doubled.
        """
        w = np.asarray(walls, dtype=np.int64)
        changes = self._changes(*extremes(w))
        return w - changes.offset[np.searchsorted(changes.wall, w, side="right")]

    def midnight(self, day: date) -> int:
        """Return the first instant (epoch seconds) of a local date, also if midnight is skipped."""
        return self._first_instant(day.toordinal())

    def _midnight(self, ordinal: int) -> int:
        return int(self.midnights(np.int64(ordinal)))

    def midnights(self, ordinals: ArrayLike) -> Int64:
        """Return :meth:`midnight` of dates given as ordinals, in their shape."""
        return self.instants((np.asarray(ordinals, dtype=np.int64) - EPOCH_ORDINAL) * DAY)

    def _changes(self, low: int, high: int) -> _Changes:
        """Return the changes needed for instants or wall values from ``low`` to ``high``."""
        first, last = year_of(low - _EDGE), year_of(high + _EDGE)
        known = self._compiled
        if known and known.first <= first and last <= known.last:
            return known
        if known:
            first, last = min(first, known.first), max(last, known.last)
        found = [change for year in range(first, last + 1) for change in _year(self._zone, year)]
        offsets = [_offset(self._zone, new_year(first)), *(offset for _, offset in found)]
        self._compiled = known = _Changes(
            first,
            last,
            np.array([instant for instant, _ in found], dtype=np.int64),
            np.array(offsets, dtype=np.int64),
        )
        return known


def as_instants(values: ArrayLike) -> Int64:
    """Convert values of any shape to int64 epoch seconds.

    Raises TypeError for anything but whole numbers, and ValueError outside the years 1 to 9999.
    """
    t = as_integers(values)
    low, high = extremes(t)
    if low < EARLIEST or high >= LATEST:
        wrong = low if low < EARLIEST else high
        raise ValueError(f"{wrong} is not an instant in the years 1 to 9999 in epoch seconds")
    return t


def as_integers(values: ArrayLike) -> Int64:
    """Convert values to int64. Raises TypeError for floats, booleans and numbers over 64 bits."""
    array = np.asarray(values)
    if array.size and (array.dtype.kind not in "iu" or array.dtype == np.uint64):
        raise TypeError(f"must be whole seconds as 64-bit integers, not {array.dtype}")
    return array.astype(np.int64, copy=False)


def extremes(*arrays: Int64) -> tuple[int, int]:
    """Return the smallest and largest value in all arrays; (0, 0) if there are none."""
    filled = [array for array in arrays if array.size]
    low = min((int(array.min()) for array in filled), default=0)
    return low, max((int(array.max()) for array in filled), default=0)


def year_of(instant: int) -> int:
    """Return the UTC year of an instant, limited to 1 to 9999."""
    clipped = min(max(instant, EARLIEST), LATEST - 1)
    return date.fromordinal(clipped // DAY + EPOCH_ORDINAL).year


def new_year(year: int) -> int:
    """Return the instant of 1 January 00:00Z of a year; 10000 is allowed."""
    return LATEST if year > 9999 else (date(year, 1, 1).toordinal() - EPOCH_ORDINAL) * DAY


def _offset(zone: ZoneInfo, instant: int) -> int:
    """Return the UTC offset in seconds at an instant."""
    clipped = min(max(instant, EARLIEST + _EDGE), LATEST - _EDGE)
    offset = datetime.fromtimestamp(clipped, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@lru_cache(maxsize=65_536)
def _year(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """Return the changes of offset in (1 January 00:00Z, the next one]: (instant, new offset)."""
    start, end = new_year(year), new_year(year + 1)
    samples = [*range(start, end, _STEP), end]
    changes: list[tuple[int, int]] = []
    known = _offset(zone, start)
    for before, after in pairwise(samples):
        offset = _offset(zone, after)
        if offset != known:
            low, high = before, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == known else (low, middle)
            changes.append((high, offset))
            known = offset
    return tuple(changes)
