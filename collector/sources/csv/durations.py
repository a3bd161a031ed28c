"""Durations as exports write them, read to whole seconds. Pure.

A fraction of a second is rounded up, so that 20.4 s is not within 20 s.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import ceil
from typing import Literal, get_args

Unit = Literal["ms", "s", "min", "h", "d", "h:m", "m:s"]
"""What a plain number counts, or which clock two numbers with a colon are."""

DecimalSign = Literal[".", ","]

LONGEST = 10**9
"""Seconds; more is no duration."""

_SECONDS = {
    Decimal("0.001"): "ms msec msecs millisecond milliseconds millisekund millisekunder",
    Decimal(1): "s sec secs second seconds sek sekund sekunder",
    Decimal(60): "m min mins minute minutes minut minuter",
    Decimal(3600): "h hr hrs hour hours t tim timme timmar std stunde stunden",
    Decimal(86400): "d day days dag dagar dygn tag tage",
    Decimal(7 * 86400): "w week weeks v vecka veckor",
}
_UNITS = {word: seconds for seconds, words in _SECONDS.items() for word in words.split()}

_NUMBER = r"\d[\d.,]*"
_SPACES = re.compile(r"[\s\u00a0\u2007\u202f']+")
_CLOCK = re.compile(r"(?:(\d+)\s*(?:days?|d|dagar)?[ .,]\s*)?(\d+):(\d\d):(\d\d(?:[.,]\d+)?)")
_SHORT_CLOCK = re.compile(r"(\d+):(\d\d)")
_ISO = re.compile(
    rf"P(?:({_NUMBER})W)?(?:({_NUMBER})D)?(?:T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?",
    re.IGNORECASE,
)
_PART = re.compile(rf"({_NUMBER})\s*([^\W\d_]+)\.?,?\s*(?:and\s+|och\s+)?", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?")


def read_duration(text: str, unit: Unit = "s", decimal: DecimalSign | None = None) -> int:
    """Return a duration in seconds, rounded up.

    Forms: ``12``, ``12.5``, ``12,5`` and ``1 234`` count ``unit``; ``0:00:12``, ``00:00:07.5`` and
    ``2 days 03:04:05``; ``3d 4h``, ``12 s``, ``5 min 3 sek``; ISO 8601 (``PT1M5S``). ``0:12`` needs
    the unit h:m or m:s. ``decimal``: the decimal sign, by default a point or a comma; then a comma
    before three digits (``1,234``) could mean either, and is refused.

    Raises ValueError for anything else, for negative durations and for more than LONGEST.
    """
    value = _SPACES.sub(" ", text).strip()
    seconds = ceil(_seconds(value, unit, decimal))
    if seconds > LONGEST:
        raise ValueError("is too long")
    return seconds


def _seconds(value: str, unit: Unit, decimal: DecimalSign | None) -> Decimal:
    if clock := _CLOCK.fullmatch(value):
        days, hours, minutes, rest = clock.groups(default="0")
        whole = (int(days) * 24 + int(hours)) * 3600 + int(minutes) * 60
        return whole + Decimal(rest.replace(",", "."))
    if clock := _SHORT_CLOCK.fullmatch(value):
        first, second = int(clock[1]), int(clock[2])
        if unit == "h:m":
            return Decimal(first * 3600 + second * 60)
        if unit == "m:s":
            return Decimal(first * 60 + second)
        raise ValueError("could be hours and minutes or minutes and seconds")
    if (iso := _ISO.fullmatch(value)) and any(iso.groups()):
        sizes = (7 * 86400, 86400, 3600, 60, 1)
        parts = zip(iso.groups(), sizes, strict=True)
        return sum((_number(n, decimal) * size for n, size in parts if n), Decimal(0))
    if value[:1].isdigit() and any(character.isalpha() for character in value):
        return _with_units(value, decimal)
    if unit in ("h:m", "m:s"):
        raise ValueError("is not two numbers with a colon")
    return _number(value, decimal) * _UNITS[unit]


def _with_units(value: str, decimal: DecimalSign | None) -> Decimal:
    total, end = Decimal(0), 0
    joined = re.sub(r"(?<=\d) (?=\d{3}\b)", "", value)  # 1 234 s
    while end < len(joined):
        part = _PART.match(joined, end)
        if part is None or part[2].lower() not in _UNITS:
            raise ValueError("has a unit that is not known")
        total += _number(part[1], decimal) * _UNITS[part[2].lower()]
        end = part.end()
    return total


def _number(text: str, decimal: DecimalSign | None) -> Decimal:
    """The value of digits with signs of grouping and of a fraction."""
    if _GROUPED.fullmatch(text):
        text = text.replace(" ", "")
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", text, re.ASCII):
        raise ValueError("is not a number")
    signs = re.sub(r"\d", "", text)
    sign = decimal or signs[-1:]
    if len(signs) > 1 and len(set(signs)) == 1:
        sign = {",": ".", ".": ","}[signs[0]]  # 1.234.567: the same sign twice groups
    elif decimal is None and signs == "," and re.search(r",\d{3}$", text):
        raise ValueError("could be thousands or a fraction: set decimal")
    whole, _, fraction = text.rpartition(sign) if sign and sign in text else (text, "", "")
    grouping = "." if sign == "," else ","
    if not re.fullmatch(rf"\d+|\d{{1,3}}(?:\{grouping}\d{{3}})+", whole) or grouping in fraction:
        raise ValueError("is not a number")
    return Decimal(f"{whole.replace(grouping, '')}.{fraction or 0}")


UNITS: tuple[Unit, ...] = get_args(Unit)
