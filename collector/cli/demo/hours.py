"""The office hours of the simulated desk, and the outdated ones of its ticket system."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collector.config.calendars import public_holidays

ZONE = "Europe/Stockholm"
OPENS, CLOSES = time(8), time(17)
_HOUR, _AGREED_DAY = 3600, 9.5 * 3600  # from half past seven to 17:00
_LIMITS = {
    100: (0.5 * _HOUR, 2 * _AGREED_DAY),
    75: (2 * _HOUR, 5 * _AGREED_DAY),
    50: (8 * _HOUR, 10 * _AGREED_DAY),
    25: (16 * _HOUR, 15 * _AGREED_DAY),
}
"""By priority: the business seconds allowed for the response and for the resolution."""


def is_working_day(day: date) -> bool:
    """Whether the desk works on a day: from Monday to Friday, but not on Swedish holidays."""
    return day.weekday() < 5 and day not in public_holidays("SE", None, ("public",))


class OfficeHours:
    """Working time on Swedish working days from 08:00, or from ``opens``, to 17:00.

    ``first`` is the first date covered; later ones are computed when needed.
    """

    def __init__(self, first: date, opens: time = OPENS) -> None:
        self._opens_at = opens
        self._zone = ZoneInfo(ZONE)
        self._next = first
        self._opens: list[int] = []
        self._closes: list[int] = []

    def instant(self, day: date, clock: time) -> int:
        """The epoch seconds of a local time on a day."""
        return int(datetime.combine(day, clock, self._zone).timestamp())

    def after(self, start: int, seconds: float) -> int:
        """The instant ``seconds`` of working time after ``start``, in epoch seconds."""
        left = int(seconds)
        self._cover(start)
        index = bisect_right(self._closes, start)
        begin = max(start, self._opens[index])
        while begin + left > self._closes[index]:
            left -= self._closes[index] - begin
            index += 1
            if index == len(self._opens):
                self._cover(self._closes[-1] + 30 * 86400)
            begin = self._opens[index]
        return begin + left

    def _cover(self, until: int) -> None:
        while not self._closes or self._closes[-1] <= until:
            if is_working_day(self._next):
                self._opens.append(self.instant(self._next, self._opens_at))
                self._closes.append(self.instant(self._next, CLOSES))
            self._next += timedelta(days=1)


class DeskAgreement:
    """The deadlines that the ticket system sets, by office hours that nobody has maintained.

    They begin at half past seven, know neither half days nor the eves of holidays, and a deadline
    at the end of a working day becomes the beginning of the next one.
    """

    def __init__(self, first: date) -> None:
        self._hours = OfficeHours(first, time(7, 30))

    def response(self, priority: int, asked_at: int) -> int:
        """The deadline of the response to a request at ``asked_at``, in epoch seconds."""
        return self._after(asked_at, _LIMITS[priority][0])

    def resolution(self, priority: int, opened_at: int) -> int:
        """The deadline of resolving a ticket opened at ``opened_at``, in epoch seconds."""
        return self._after(opened_at, _LIMITS[priority][1])

    def _after(self, start: int, seconds: float) -> int:
        return self._hours.after(start, seconds + 1) - 1
