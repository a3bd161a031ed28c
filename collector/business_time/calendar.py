"""Business time: how many open seconds lie between two instants, and when a deadline falls.

A calendar is compiled to an odometer W (``collector.business_time.odometer``): ``elapsed`` is
W(end) - W(start), and a deadline is the inverse of W. The odometer covers whole years and is
extended when other years are needed. The origin of W may then move, so readings are only compared
within one odometer. An odometer is replaced as a whole and never modified, so threads may share a
calendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from collector.business_time.odometer import PAD, Odometer, Windows, compile_odometer
from collector.business_time.pauses import AnyPauses, Pauses, as_pauses
from collector.business_time.zone import (
    DAY,
    EARLIEST,
    EPOCH_ORDINAL,
    LATEST,
    Int64,
    LocalDays,
    as_instants,
    as_integers,
    extremes,
    new_year,
    year_of,
)
from collector.model.codes import WEEKDAYS

Hours: TypeAlias = Sequence[tuple[str, str]]

_TIME = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)|24:00(?::00)?")


__all__ = ["BusinessCalendar", "Pauses"]


class BusinessCalendar:
    """The opening hours of one place.

    ``timezone`` is an IANA name. ``hours`` maps the days ``mon`` to ``sun`` to windows ("HH:MM",
    "HH:MM"), optionally with seconds: half-open on the local wall clock, with "24:00" as the end of
    the day. Days left out are closed. ``date_hours`` replaces the hours of a date (an empty list
    closes it), and a holiday is closed all day in any case. A night shift is two windows, one up to
    24:00 and one from 00:00. For times that the clock skips or shows twice see
    ``collector.business_time.zone``. A date that the zone skipped altogether (Samoa, 30 December
    2011) has no hours.

    Raises ValueError for an unknown zone or day, an invalid time or date, and windows of a day that
    are reversed, empty or overlapping. Immutable; calendars with the same hours are equal.
    """

    def __init__(
        self,
        timezone: str,
        hours: Mapping[str, Hours],
        holidays: Iterable[date] = frozenset(),
        date_hours: Mapping[date, Hours] | None = None,
    ) -> None:
        if unknown := set(hours) - set(WEEKDAYS):
            raise ValueError(
                f"{min(map(str, unknown))!r} is not a day: write one of {', '.join(WEEKDAYS)}"
            )
        self.timezone = timezone
        self.local = LocalDays(timezone)
        self._week = tuple(_windows(day, hours.get(day, ())) for day in WEEKDAYS)
        self._dates = {
            _ordinal(day): _windows(str(day), windows)
            for day, windows in (date_hours or {}).items()
        } | {_ordinal(day): () for day in holidays}
        self._compiled: Odometer | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BusinessCalendar) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"BusinessCalendar({self.timezone!r}, {len(self._dates)} special dates)"

    def _identity(self) -> tuple[object, ...]:
        return self.timezone, self._week, frozenset(self._dates.items())

    @property
    def seconds_per_business_day(self) -> int:
        """Mean opening seconds of the weekdays that have hours, rounded down; 0 if none has."""
        open_days = [sum(b - a for a, b in windows) for windows in self._week if windows]
        return sum(open_days) // len(open_days) if open_days else 0

    @overload
    def elapsed(self, start: int, end: int, pauses: AnyPauses | None = None) -> int: ...
    @overload
    def elapsed(self, start: Int64, end: Int64 | int, pauses: AnyPauses | None = None) -> Int64: ...
    @overload
    def elapsed(self, start: int, end: Int64, pauses: AnyPauses | None = None) -> Int64: ...
    def elapsed(
        self,
        start: int | Int64,
        end: int | Int64,
        pauses: AnyPauses | None = None,
    ) -> int | Int64:
        """Return the business seconds from ``start`` to ``end``, negative when reversed.

        ``start`` and ``end`` are epoch seconds. Two ints give an int; arrays, or an array and an
        int, give int64 of the broadcast shape. Time within ``pauses`` does not count. They are
        (from, to) pairs, which apply to every span of an array; or a list of such pairs for each
        span; or :class:`Pauses`. They may overlap and reach beyond the span; an end of None means
        that the pause has not ended.

        Raises ValueError outside the years 1 to 9999, for a ``Pauses`` row outside the spans and
        for a wrong number of lists; TypeError for anything but whole seconds.
        """
        a, b = as_instants(start), as_instants(end)
        odometer = self._covering(*extremes(a, b))
        result = odometer.reading(b) - odometer.reading(a)
        if pauses is not None:
            cut = _cut(odometer, as_pauses(pauses, result), np.minimum(a, b), np.maximum(a, b))
            lost = _row_sums(cut, result.size).reshape(result.shape)
            result -= np.where(a <= b, lost, -lost)
        return _unwrapped(result)

    @overload
    def add(self, start: int, seconds: int, pauses: AnyPauses | None = None) -> int: ...
    @overload
    def add(self, start: Int64, seconds: Int64 | int, pauses: AnyPauses | None = None) -> Int64: ...
    @overload
    def add(self, start: int, seconds: Int64, pauses: AnyPauses | None = None) -> Int64: ...
    def add(
        self,
        start: int | Int64,
        seconds: int | Int64,
        pauses: AnyPauses | None = None,
    ) -> int | Int64:
        """Return the instant (epoch seconds) ``seconds`` of business time after ``start``.

        It is the earliest t >= start with elapsed(start, t, pauses) == seconds, so a deadline
        reached at closing time is closing time, and add(t, 0) is t. Negative seconds go back to
        the latest t <= start with elapsed(t, start, pauses) == -seconds, which at the edge of a
        window is opening time. Shapes, pauses and errors are those of :meth:`elapsed`; raises
        ValueError also when the calendar does not have enough open hours left.
        """
        t, n = np.broadcast_arrays(as_instants(start), as_integers(seconds))
        listed = None if pauses is None else as_pauses(pauses, t)
        (low, high), step = extremes(t), 366 * DAY
        if max(map(abs, extremes(n))) >= LATEST - EARLIEST:
            raise ValueError("the deadline lies outside the years 1 to 9999")
        while True:
            odometer = self._covering(low, high)
            w = odometer.reading(t) + n
            if listed is not None:
                w += _shift(odometer, listed, t, n)
            least, most = odometer.reading(np.array([odometer.low, odometer.high])).tolist()
            early, late = w < least, w > most
            if not early.any() and not late.any():
                break
            if listed is not None and _endless(odometer, listed, early, late):
                raise self._no_hours_left()
            low, high = self._farther(odometer, step * early.any(), step * late.any())
            step *= 2
        return _unwrapped(as_instants(np.where(n == 0, t, odometer.inverse(w, n < 0))))

    @overload
    def is_open(self, instant: int) -> bool: ...
    @overload
    def is_open(self, instant: Int64) -> NDArray[np.bool_]: ...
    def is_open(self, instant: int | Int64) -> bool | NDArray[np.bool_]:
        """Return whether the second beginning at ``instant`` (epoch seconds) is open.

        An int gives a bool, an array a boolean array of its shape. Raises as :meth:`elapsed`.
        """
        t = as_instants(instant)
        odometer = self._covering(*extremes(t))
        i = odometer.interval(t)
        result = (odometer.opens[i] <= t) & (t < odometer.closes[i])
        return result if result.ndim else bool(result)

    def windows(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the open intervals (from, to) between two instants (epoch seconds), clipped.

        Used for explanations. Touching windows are merged, also across midnight. Empty when
        ``end <= start``. Raises as :meth:`elapsed`.
        """
        (found,) = self.windows_of_each(np.array([start]), np.array([end]))
        return found

    def windows_of_each(self, start: Int64, end: Int64) -> Iterator[list[tuple[int, int]]]:
        """Yield what :meth:`windows` returns for each of the spans from ``start`` to ``end``, which
        have one shape, (spans,). Raises as :meth:`elapsed`."""
        a, b = as_instants(start), as_instants(end)
        return self._covering(*extremes(a, b)).windows(a, b)

    @overload
    def end_of_business_day(self, start: int, days: int) -> int: ...
    @overload
    def end_of_business_day(self, start: Int64, days: Int64 | int) -> Int64: ...
    def end_of_business_day(self, start: int | Int64, days: int | Int64) -> int | Int64:
        """Return closing time (epoch seconds) of the ``days``-th business day after ``start``.

        Counting begins with the day after the local date of ``start``, whether ``start`` lies
        within opening hours or not. A business day is a local date with open seconds. Shapes are
        those of :meth:`elapsed`. Raises ValueError if ``days`` is less than 1 or the calendar does
        not have that many business days left.
        """
        t, n = np.broadcast_arrays(as_instants(start), as_integers(days))
        if n.size and not 1 <= n.min() <= n.max() <= (LATEST - EARLIEST) // DAY:
            raise ValueError("the number of business days must be 1 or more, within the year 9999")
        today = self.local.dates(t)
        (low, high), step = extremes(t), 366 * DAY
        while True:
            odometer = self._covering(low, high)
            i = np.searchsorted(odometer.day, today, side="right") + n - 1
            if extremes(i)[1] < len(odometer.day) or not i.size:
                return _unwrapped(odometer.closing[i])
            low, high = self._farther(odometer, 0, step)
            step *= 2

    def _covering(self, low: int, high: int) -> Odometer:
        """Return an odometer valid from ``low`` to ``high``; compile or extend it if needed."""
        known = self._compiled
        if known and known.low <= low and high <= known.high:
            return known
        if known:
            low, high = min(low, known.low), max(high, known.high - 1)
        low, high = new_year(year_of(low)), new_year(year_of(high) + 1)
        self._compiled = known = compile_odometer(self.local, self._week, self._dates, low, high)
        return known

    def _no_hours_left(self) -> ValueError:
        return ValueError(
            f"the calendar in {self.timezone} does not have that many open hours left"
        )

    def _farther(self, odometer: Odometer, back: int, ahead: int) -> tuple[int, int]:
        """Return a span longer by ``back`` and ``ahead`` seconds.

        Raises ValueError if the calendar never opens there.
        """
        first, last = EARLIEST, LATEST
        if not any(self._week):
            dated = [day for day, windows in self._dates.items() if windows]
            first = (min(dated, default=1 << 32) - EPOCH_ORDINAL) * DAY - PAD
            last = (max(dated, default=-(1 << 32)) - EPOCH_ORDINAL) * DAY + PAD
        if (back and odometer.low <= first) or (ahead and odometer.high >= last):
            raise self._no_hours_left()
        return max(odometer.low - back, EARLIEST), min(odometer.high + ahead, LATEST - 1)


def _ordinal(day: object) -> int:
    """Return the ordinal of a date. Raises ValueError for anything else, even an ISO string."""
    if not isinstance(day, date):
        raise ValueError(f"{day!r} is not a date: pass datetime.date objects")
    return day.toordinal()


def _seconds(text: object) -> int:
    """Return the seconds after midnight of "HH:MM" or "HH:MM:SS". Raises ValueError."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f'{text!r} is not a time: write it as "08:00"; the latest is "24:00"')
    hour, minute, second = match.groups(default="0")
    return int(hour) * 3600 + int(minute) * 60 + int(second) if match[1] else DAY


def _windows(day: str, hours: Hours) -> Windows:
    """Return a day's windows in seconds after midnight, ascending, touching ones merged.

    Raises ValueError for windows that are reversed, empty or overlapping.
    """
    windows: list[tuple[int, int]] = []
    for start, end in sorted((_seconds(start), _seconds(end)) for start, end in hours):
        if end <= start:
            raise ValueError(f"{day}: a window must close after it opens; split it at midnight")
        if windows and start < windows[-1][1]:
            raise ValueError(f"{day}: two windows overlap")
        if windows and start == windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return tuple(windows)


def _unwrapped(values: Int64) -> int | Int64:
    """Return an array without dimensions as an int, others as they are."""
    return values if values.ndim else int(values)


def _cut(odometer: Odometer, pauses: Pauses, lower: Int64, upper: Int64) -> Pauses:
    """Return the union of each row's pauses within [lower, upper), as odometer readings.

    Rows ascend, and the intervals of a row are disjoint and ascend.
    """
    row = pauses.row
    bounds = lower.ravel()[row], upper.ravel()[row]
    start = odometer.reading(np.clip(pauses.start, *bounds))
    end = odometer.reading(np.clip(pauses.end, *bounds))
    order = np.lexsort((start, row))[: len(row)]
    row, start, end = row[order], start[order], end[order]
    # Lift each row's readings above those of the row before, so that one running maximum suffices
    lift = row * (end.max(initial=0) + 1)
    reach = np.maximum.accumulate(end + lift)
    start[1:] = np.maximum(start[1:], reach[:-1] - lift[1:])
    return Pauses(row, start, np.maximum(start, end))


def _shift(odometer: Odometer, pauses: Pauses, start: Int64, seconds: Int64) -> Int64:
    """Return the seconds by which pauses shift the reading of a deadline, negative going back.

    A pause shifts it if fewer than ``seconds`` were worked between ``start`` and the pause.
    """
    back = seconds < 0
    lower, upper = np.where(back, odometer.low, start), np.where(back, start, odometer.high)
    row, begin, end = cut = _cut(odometer, pauses, lower, upper)
    length = end - begin
    paused = _row_sums(cut, start.size)
    earlier = np.cumsum(length) - length
    earlier -= earlier[np.searchsorted(row, row, side="left")]
    here, back = odometer.reading(start).ravel()[row], back.ravel()[row]
    worked = np.where(back, here - end - (paused[row] - earlier - length), begin - here - earlier)
    length[worked >= np.abs(seconds).ravel()[row]] = 0
    moved = _row_sums(Pauses(row, begin, begin + length), start.size)
    return np.sign(seconds) * moved.reshape(start.shape)


def _endless(
    odometer: Odometer, pauses: Pauses, early: NDArray[np.bool_], late: NDArray[np.bool_]
) -> bool:
    """Return whether a deadline that was not reached yet lies beyond a pause that never ends."""
    ahead = (pauses.end >= LATEST - 1) & (pauses.start <= odometer.high)
    back = (pauses.start <= EARLIEST) & (pauses.end >= odometer.low)
    row = pauses.row
    return bool((ahead & late.ravel()[row] | back & early.ravel()[row]).any())


def _row_sums(pauses: Pauses, rows: int) -> Int64:
    """Return the total length of the pauses of each row."""
    sums = np.zeros(rows, dtype=np.int64)
    np.add.at(sums, pauses.row, pauses.end - pauses.start)
    return sums
