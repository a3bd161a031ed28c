"""Durations: to the second as a clock shows them, or in their largest unit."""

from __future__ import annotations

from collector.model.bilingual import Language, Text
from collector.text.characters import MINUS
from collector.text.numbers import amount, decimals

DAY = 86_400
_DAYS = Text(sv="dygn", en="d")


def duration(seconds: int) -> str:
    """``−2:05:10`` for hours, minutes and seconds; hours are not turned into days."""
    sign, rest = (MINUS if seconds < 0 else ""), abs(seconds)
    return f"{sign}{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def wall_clock(seconds: int, language: Language) -> str:
    """As ``duration``, of the clock on the wall: from two days on with days, which nobody mistakes
    there for business days."""
    days, rest = divmod(seconds, DAY) if seconds >= 2 * DAY else (0, seconds)
    return f"{day_count(days, language)} {duration(rest)}" if days else duration(rest)


def day_count(days: int, language: Language) -> str:
    """``3 dygn``, in English ``3 d``: days of 24 hours."""
    return amount(days, _DAYS[language], language)


def in_largest_unit(seconds: float, language: Language, *, exact: bool = True) -> str:
    """``12,5 min``: a duration in hours, minutes or seconds, the largest that it is at least one
    of; days would be ambiguous. If ``exact``, in one that tells it with one decimal: 75 s are not
    1,3 min."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length and not (exact and seconds * 10 % length):
            places = min(1, decimals(round(seconds / length, 1)))
            return amount(seconds / length, unit, language, places)
    return amount(seconds, "s", language, 0)


def age(seconds: int, language: Language) -> str:
    """``26 h``: how long ago, in the largest whole unit that there are at least two of."""
    for unit, length in ((_DAYS[language], DAY), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return amount(seconds // length, unit, language)
    return amount(seconds, "s", language)
