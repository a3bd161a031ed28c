"""Format durations: to the second like a clock, or in their largest unit."""

from __future__ import annotations

from functools import lru_cache

from collector.model.bilingual import Language, Text
from collector.text.characters import DASH, MINUS, NBSP
from collector.text.numbers import amount, decimals

DAY = 86_400
_DAYS = Text(sv="dygn", en="days")


@lru_cache(maxsize=4096)
def duration(seconds: int) -> str:
    """``−2:05:10``: hours, minutes and seconds; hours are never converted to days."""
    sign, rest = (MINUS if seconds < 0 else ""), abs(seconds)
    return f"{sign}{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def wall_clock(seconds: int, language: Language) -> str:
    """Format elapsed calendar time like ``duration``, but with days from two days on.

    Unlike with business time, nobody takes these for business days.
    """
    days, rest = divmod(seconds, DAY) if seconds >= 2 * DAY else (0, seconds)
    return f"{day_count(days, language)} {duration(rest)}" if days else duration(rest)


def day_count(days: int, language: Language) -> str:
    """``3 dygn``, in English ``3 days``: days of 24 hours."""
    return amount(days, _DAYS[language], language)


def in_largest_unit(seconds: float, language: Language, *, exact: bool = True) -> str:
    """``12,5 min``: hours, minutes or seconds, the largest unit that the duration fills.

    ``exact``: only a unit in which one decimal is exact, so that 75 s do not become 1,3 min. Days
    are not used, since they would be ambiguous.
    """
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length and not (exact and seconds * 10 % length):
            places = min(1, decimals(round(seconds / length, 1)))
            return amount(seconds / length, unit, language, places)
    return amount(seconds, "s", language, 0)


def range_in_largest_unit(low: float, high: float, language: Language) -> str:
    """``15–30 s``, ``50 min–2 h``: a range of durations, each in its largest unit; one duration if
    both ends are the same."""
    first, last = in_largest_unit(low, language), in_largest_unit(high, language)
    if low == high:
        return last
    number, _, unit = last.rpartition(NBSP)
    if low == 0:
        return f"0{DASH}{last}"
    if first.endswith(f"{NBSP}{unit}"):
        return f"{first.rpartition(NBSP)[0]}{DASH}{number}{NBSP}{unit}"
    return f"{first}{DASH}{last}"


def age(seconds: int, language: Language) -> str:
    """``26 h``: an age in whole units, the largest of which there are at least two."""
    for unit, length in ((_DAYS[language], DAY), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return amount(seconds // length, unit, language)
    return amount(seconds, "s", language)
