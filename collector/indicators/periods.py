"""Periods as people name them → spans of local dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

EXPORTED = ("today", "week", "month", "last_month", "year_to_date")
"""The periods whose figures are exported as metrics."""

_DAY = timedelta(days=1)
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Period:
    """The local dates from ``first`` up to, not including, ``after``."""

    name: str
    first: date
    after: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.after


def parse_period(text: str, today: date) -> Period:
    """Read ``2020``, ``2020-07``, ``2020-07-14``, ``2020-01..2020-07`` or a word.

    Words: today, week (from Monday), month, last_month, year, year_to_date; ``today`` is the local
    date they are seen from. Raises ValueError that shows how a period is written.
    """
    text = text.strip()
    first, dots, last = text.partition("..")
    if dots:
        start, end = _written(first), _written(last)
        if end.after <= start.first:
            raise ValueError(f"period {text!r} ends before it begins")
        return Period(text, start.first, end.after)
    month = today.replace(day=1)
    year = today.replace(month=1, day=1)
    monday = today - timedelta(days=today.weekday())
    match text:
        case "today":
            return Period(text, today, today + _DAY)
        case "week":
            return Period(text, monday, monday + timedelta(days=7))
        case "month":
            return Period(text, month, _next_month(month))
        case "last_month":
            return Period(text, (month - _DAY).replace(day=1), month)
        case "year":
            return Period(text, year, date(today.year + 1, 1, 1))
        case "year_to_date":
            return Period(text, year, today + _DAY)
        case _:
            return _written(text)


def _written(text: str) -> Period:
    match = _DATE.fullmatch(text.strip())
    try:
        if match and match[3]:
            day = date.fromisoformat(match[0])
            return Period(text, day, day + _DAY)
        if match and match[2]:
            first = date(int(match[1]), int(match[2]), 1)
            return Period(text, first, _next_month(first))
        if match:
            return Period(text, date(int(match[1]), 1, 1), date(int(match[1]) + 1, 1, 1))
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        f"{text!r} is not a period: write 2020-07, 2020, 2020-07-14, 2020-01..2020-07, "
        "today, week, month, last_month, year or year_to_date"
    )


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
