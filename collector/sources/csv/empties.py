"""Values that mean "nothing yet": words, dashes, and the dates that systems write instead.

Pure. What a column of texts may hold is narrower: there ``0`` and ``Never`` are texts.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

EMPTY_WORDS = (
    *("?", "-", "--", "---", "–", "—", "NULL", "nil", "None", "N/A", "n.a.", "NA", "#N/A", "NaN"),
    *("NaT", r"\N", "undefined", "empty", "blank", "Not set", "Not available", "Not applicable"),
    *("Ej satt", "Ej angivet", "Ej angiven", "Saknas"),
)
"""Words for nothing in any optional column, in any case, also in brackets."""

NOT_YET_WORDS = (
    *("0", "Never", "Not yet", "Pending", "Ongoing", "Unresolved", "Unanswered"),
    *("Aldrig", "Ännu inte", "Inte än", "Pågår", "Pågående"),
)
"""Words for nothing in a column of times."""

FIRST_YEAR, LAST_YEAR = 1971, 2199
"""Times of other years are those that systems write for none (1601, 1753, 1900, 1970, 9999)."""

_LAST_DAY = (2099, 12, 31)
_BRACKETS = "()[]<>{}"
_SIGNS = re.compile(r"[-‐‑–—−_.?*\s]+")
_ZEROS = re.compile(r"[\s:./TZ+-]*0[0\s:./TZ+-]*")
_EXCEL_ZERO = re.compile(r"0?1[/.-]00?[/.-]00(\s.*)?|00?[/.-]0?1[/.-]00(\s.*)?")


def _plain(word: str) -> str:
    return word.strip().strip(_BRACKETS).strip().casefold()


_ANYWHERE = frozenset(map(_plain, EMPTY_WORDS))
_IN_TIMES = _ANYWHERE | frozenset(map(_plain, NOT_YET_WORDS))


@lru_cache(maxsize=4096)
def no_text(value: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a value of an optional column means that there is none, also by ``more`` words."""
    plain = _plain(value)
    return (
        plain in _ANYWHERE
        or _SIGNS.fullmatch(plain) is not None
        or any(plain == _plain(word) for word in more)
    )


@lru_cache(maxsize=4096)
def no_time(value: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a value of an optional column of times or durations means that there is none yet."""
    return _plain(value) in _IN_TIMES or no_text(value, more) or _zero_date(value)


def _zero_date(value: str) -> bool:
    """Whether it is a date that does not exist: 0000-00-00, or Excel's day 0 (1900-01-00)."""
    if _ZEROS.fullmatch(value) or _EXCEL_ZERO.fullmatch(value):
        return True
    numbers = re.findall(r"\d+", value)[:3]
    return "1900" in numbers and any(int(number) == 0 for number in numbers)


def never(day: date) -> bool:
    """Whether a date stands for none: outside FIRST_YEAR to LAST_YEAR, or 2099-12-31."""
    return not FIRST_YEAR <= day.year <= LAST_YEAR or (day.year, day.month, day.day) == _LAST_DAY
