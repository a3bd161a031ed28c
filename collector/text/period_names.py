"""Names of periods, in Swedish and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from collector.model.bilingual import Text
from collector.model.periods import FiscalYear, Period
from collector.text import dates
from collector.text.characters import DASH, NBSP
from collector.text.numbers import unbroken
from collector.text.words import Words

_PART = re.compile(r"([0-9]{4})-([thq])([0-9])")
RUNNING: Mapping[str, Text] = {
    "today": Text(sv="i dag", en="today"),
    "week": Text(sv="veckan", en="week"),
    "month": Text(sv="månaden", en="month"),
    "last_month": Text(sv="förra månaden", en="last month"),
    "year_to_date": Text(sv="hittills i år", en="year to date"),
}
"""Periods that move with the date, so that their names say more than their dates."""


def period_title(
    first: date,
    last: date,
    words: Words,
    *,
    name: str = "",
    year: tuple[date, date] | None = None,
) -> str:
    """``juli 2020``, ``tertial 2 2020``, ``1 januari–31 juli 2020``, ``helåret 2020``, ``i dag``.

    ``name``: the period as written on the command line; ``year``: the first and the last date of
    the fiscal year in which it ends. ``first`` and ``last`` are included.
    """
    language, locale = words.language, words.locale
    if name in RUNNING:
        return unbroken(RUNNING[name][language])
    if (first, last) == year:
        return unbroken(words("span_year", year=_years(first, last)))
    if first.day == 1 and _same_month(first, last) and (last + timedelta(days=1)).day == 1:
        return dates.month(first, language)
    if part := _PART.fullmatch(name.strip()):
        return unbroken(words(f"span_{part[2]}", n=part[3], year=part[1]))
    if first == last:
        return dates.day(first, language, locale)
    begin, end = (dates.day(each, language, locale) for each in (first, last))
    if first.year == last.year:
        begin = begin.removesuffix(str(first.year)).rstrip(f" ,{NBSP}")
    return f"{begin}{DASH}{end}"


def period_name(period: Period, fiscal: FiscalYear, words: Words) -> str:
    """Name a ``Period``, see :func:`period_title`."""
    year = fiscal.bounds(period.last)
    return period_title(period.first, period.last, words, name=period.name, year=year)


def _same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _years(first: date, last: date) -> str:
    return str(first.year) if first.year == last.year else f"{first.year}/{last.year}"
