"""What periods are called in a title."""

from __future__ import annotations

import re
from datetime import date, timedelta

from collector.text import numbers
from collector.text.numbers import DASH, NBSP
from collector.text.words import Words

_PART = re.compile(r"([0-9]{4})-([thq])([0-9])")


def span_title(
    first: date, last: date, year: tuple[date, date, date], name: str, words: Words
) -> str:
    """``juli 2020``, ``tertial 2 2020``, ``1 januari–31 juli 2020``, ``helåret 2020``.

    ``year``: the fiscal year that it ends in; ``name``: as it was written on the command line.
    """
    if (first, last) == year[:2]:
        return words("span_year", year=_year(first, last)).replace(" ", NBSP)
    if first.day == 1 and _same_month(first, last) and (last + timedelta(days=1)).day == 1:
        return numbers.month(first, words.language)
    if part := _PART.fullmatch(name.strip()):
        return words(f"span_{part[2]}", n=part[3], year=part[1]).replace(" ", NBSP)
    if first == last:
        return numbers.day(first, words.language)
    begin, end = (numbers.day(each, words.language) for each in (first, last))
    if first.year == last.year:
        begin = begin.removesuffix(f"{NBSP}{first.year}")
    return f"{begin}{DASH}{end}"


def _same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _year(first: date, last: date) -> str:
    return str(first.year) if first.year == last.year else f"{first.year}/{last.year}"
