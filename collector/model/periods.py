"""Periods as people write them → spans of local dates, and the periods to compare them with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

EXPORTED = ("today", "week", "month", "last_month", "year_to_date")
"""The periods whose figures are exported as metrics."""

_DAY = timedelta(days=1)
_WEEKS_OF_A_YEAR = timedelta(days=364)
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_PART = re.compile(r"(\d{4})-([thq])(\d)")
_MONTHS_OF = {"t": 4, "h": 6, "q": 3}
# tertials can be asked for, too; they are named only to desks that report by them
_WORDS = "today, week, month, quarter, half_year, year, year_to_date, last_month, last_year"


@dataclass(frozen=True, slots=True)
class Period:
    """The local dates from ``first`` up to but not including ``after``.

    ``ends``: the date (exclusive) on which the period will be complete. It is later than ``after``
    for year_to_date, which is only the elapsed part of a year. ``cumulative``: the period runs from
    the start of its year, so the same number of days before it is not a period anybody uses.
    """

    name: str
    first: date
    after: date
    ends: date
    cumulative: bool = False

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.after

    @property
    def last(self) -> date:
        """The last date of the period."""
        return self.after - _DAY

    def until(self, day: date) -> Period:
        """Return the part of the period up to and including ``day``, at least its first date."""
        after = max(min(self.after, day + _DAY), self.first + _DAY)
        return replace(self, after=after)


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """How fiscal years are counted, and weeks.

    ``start``: the month (1–12) in which a year begins; the year is named after the calendar year of
    that month. ``cumulative``: a tertial covers the year from its start to the tertial's end, as
    many boards report it. ``week``: the day that begins a week, as ``date.weekday`` counts.
    """

    start: int = 1
    cumulative: bool = False
    week: int = 0

    def year_of(self, day: date) -> int:
        """Return the fiscal year that contains a date."""
        return day.year if day.month >= self.start else day.year - 1

    def first(self, year: int, months: int = 0) -> date:
        """Return the first date of a fiscal year, or of the month ``months`` later."""
        return month_start(year * 12 + self.start - 1 + months)

    def bounds(self, day: date) -> tuple[date, date]:
        """Return the first and last date of the fiscal year that contains a date."""
        year = self.year_of(day)
        return self.first(year), self.first(year + 1) - timedelta(days=1)


def month_index(day: date) -> int:
    """Return the number of months since January of year 0."""
    return day.year * 12 + day.month - 1


def month_start(index: int) -> date:
    """Return the first date of the month with this index (see :func:`month_index`)."""
    return date(index // 12, index % 12 + 1, 1)


def first_whole_month(day: date) -> int:
    """Return the index of the first month that begins on or after a date."""
    return month_index(day) + (day.day > 1)


YEARS = range(1970, 2200)
"""The years in which a period can be measured."""
_LONGEST = 36_525
"""Days in the longest period that can be measured: 100 years."""


def parse_period(text: str, today: date, fiscal: FiscalYear | None = None) -> Period:
    """Parse ``2020``, ``2020-07``, ``2020-07-14``, ``2020-01..2020-07``, ``2020-t2`` or a word.

    Words: today, week (from ``fiscal.week``), month, quarter, tertial, half_year, year,
    year_to_date, last_month, last_year; they are relative to the local date ``today``. Years and
    their parts (``t`` tertial, ``q`` quarter, ``h`` half) are fiscal. Raises ValueError for
    anything else, with a message that shows how to write a period.
    """
    fiscal = fiscal or FiscalYear()
    text = text.strip()
    try:
        return _word(text, today, fiscal) or written_period(text, fiscal)
    except OverflowError:
        raise ValueError(f"period {text!r} lies outside the calendar") from None


def written_period(text: str, fiscal: FiscalYear) -> Period:
    """Parse a period written with dates: as :func:`parse_period`, but without the relative words.

    Raises ValueError for anything else, and OverflowError outside the calendar.
    """
    first, dots, last = text.partition("..")
    if not dots:
        return _written(text, fiscal)
    start, end = _written(first, fiscal), _written(last, fiscal)
    if end.after <= start.first:
        raise ValueError(f"period {text!r} ends before it begins")
    return _span(text, start.first, end.after)


def require_measurable(period: Period) -> Period:
    """Return the period. Raises ValueError if it lies outside YEARS or exceeds 100 years."""
    if period.first.year not in YEARS or period.last.year not in YEARS:
        raise ValueError(f"{period.name!r} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    if (period.after - period.first).days > _LONGEST:
        raise ValueError(f"{period.name!r} is longer than 100 years")
    return period


def _span(name: str, first: date, after: date) -> Period:
    return Period(name, first, after, after)


def _word(text: str, today: date, fiscal: FiscalYear) -> Period | None:
    month = month_start(month_index(today))
    year = fiscal.year_of(today)
    week = today - timedelta(days=(today.weekday() - fiscal.week) % 7)
    so_far = month_index(today) - month_index(fiscal.first(year))
    match text:
        case "today":
            return _span(text, today, today + _DAY)
        case "week":
            return _span(text, week, week + timedelta(days=7))
        case "month":
            return _span(text, month, _next_month(month))
        case "quarter" | "tertial" | "half_year":
            return _part(text, text[0], year, so_far // _MONTHS_OF[text[0]], fiscal)
        case "last_month":
            return _span(text, (month - _DAY).replace(day=1), month)
        case "year":
            return _span(text, fiscal.first(year), fiscal.first(year + 1))
        case "last_year":
            return _span(text, fiscal.first(year - 1), fiscal.first(year))
        case "year_to_date":
            return Period(text, fiscal.first(year), today + _DAY, fiscal.first(year + 1))
    return None


def _part(name: str, kind: str, year: int, number: int, fiscal: FiscalYear) -> Period:
    """Return a tertial, quarter or half of a fiscal year; ``number`` counts from 0."""
    months = _MONTHS_OF[kind]
    cumulative = kind == "t" and fiscal.cumulative
    first = fiscal.first(year, 0 if cumulative else number * months)
    after = fiscal.first(year, (number + 1) * months)
    return Period(name, first, after, after, cumulative)


def _written(text: str, fiscal: FiscalYear) -> Period:
    text = text.strip()
    match, part = _DATE.fullmatch(text), _PART.fullmatch(text)
    try:
        if part and 1 <= int(part[3]) <= 12 // _MONTHS_OF[part[2]]:
            return _part(text, part[2], int(part[1]), int(part[3]) - 1, fiscal)
        if match and match[3]:
            day = date.fromisoformat(text)
            return _span(text, day, day + _DAY)
        if match and match[2]:
            first = date(int(match[1]), int(match[2]), 1)
            return _span(text, first, _next_month(first))
        if match:
            return _span(text, fiscal.first(int(match[1])), fiscal.first(int(match[1]) + 1))
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        f"{text!r} is not a period: write 2020-07, 2020, 2020-07-14, 2020-01..2020-07, "
        f"2020-q1, 2020-h1, {_WORDS}"
    )


def _next_month(first: date) -> date:
    return month_start(month_index(first) + 1)


def previous(period: Period) -> Period:
    """Return the preceding period of the same length: whole months for whole months.

    For year_to_date and for a cumulative tertial it is the same part of the year before, since
    each of these already contains the earlier ones of its year.
    """
    if period.ends != period.after or period.cumulative:
        return year_before(period)
    if period.first.day == period.after.day == 1:
        months = month_index(period.after) - month_index(period.first)
        first = month_start(month_index(period.first) - months)
    else:
        first = period.first - (period.after - period.first)
    return _span("previous", first, period.first)


def year_before(period: Period) -> Period:
    """Return the same dates a year earlier, or 52 weeks earlier for periods under 28 days.

    Going back 52 weeks keeps the weekdays. 29 February becomes 28 February as a first date, and
    1 March as an exclusive end.
    """
    if period.after - period.first < timedelta(days=28):
        first, after = period.first - _WEEKS_OF_A_YEAR, period.after - _WEEKS_OF_A_YEAR
    else:
        first, after = _a_year_earlier(period.first), _a_year_earlier(period.after, last=True)
    return _span("year_before", first, after)


def _a_year_earlier(day: date, *, last: bool = False) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1) if last else date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def canonical_period(period: Period, fiscal: FiscalYear) -> Period:
    """Return the period under the canonical name of its dates, however it was written."""
    year = fiscal.year_of(period.last)
    short = (f"{year}", *(f"{year}-{part}" for part in ("h1", "h2", *_PARTS)))
    for name in (f"{period.first:%Y-%m}", *short):
        known = parse_period(name, period.first, fiscal)
        if (known.first, known.after) == (period.first, period.after):
            return known
    whole = period.first.day == 1 and period.after.day == 1
    dates = [f"{day:%Y-%m}" if whole else f"{day}" for day in (period.first, period.last)]
    return replace(period, name="..".join(dict.fromkeys(dates)))


_PARTS = tuple(f"{kind}{n}" for kind, most in (("t", 3), ("q", 4)) for n in range(1, most + 1))
