"""Finding out in which format a column writes its times. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Literal

from collector.sources.csv.empties import never, no_time
from collector.sources.csv.formats import date_only, read_time

DateOrder = Literal["day-first", "month-first"]

_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y")
_CLEAR = (
    *(
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%d %b %Y",
        "%d-%b-%Y",
        "%d/%b/%Y",
        "%d %b %y",
        "%d-%b-%y",
    ),
    *("%d/%b/%y", "%d. %b %Y", "%b %d, %Y", "%b %d %Y", "%B %d, %Y", "%d %B %Y", "%a %d %b %Y"),
    "%a, %d %b %Y",
)
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H.%M", "%H:%M:%S %z")
_WHOLE = ("%a %b %d %H:%M:%S %Y", "%b %d, %Y @ %I:%M %p")
_DIRECTIVE = re.compile(r"%.")
_NO_SIGN = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]{3}")
_TRIED = 200
"""Values that decide which formats come into question at all."""
_ENOUGH = 0.95
"""The share of the values that a format must read."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A format, and whether its values hold their own zone.

    ``unread``: values that it cannot read; ``other``: the format that reads them as well, with day
    and month the other way round; ``example``: a value that shows it.
    """

    form: str
    zoned: bool
    unread: int = 0
    other: str | None = None
    example: str = ""


def guess_format(values: Sequence[str]) -> Guess | None:
    """Return the format of a column's values; None if there is none that reads nearly all.

    Values that mean "nothing yet" are passed over. An empty column has the format iso.
    """
    told = [value.strip() for value in values if value.strip() and not no_time(value.strip())]
    if not told:
        return Guess("iso", zoned=True)
    sample = told[:: max(1, len(told) // _TRIED)][:_TRIED]
    shown = sample[0], sample[-1]
    forms = [form for form in _forms() if any(_resembles(value, form) for value in shown)]
    scores = {form: score for form in forms if (score := _score(sample, form)) > (0, 0)}
    if not scores:
        return None
    best = max(scores, key=lambda form: scores[form])
    rival = _swapped(best)
    if rival is not None and scores.get(rival) != scores[best]:
        rival = None
    if rival is not None:
        best, rival = _decided(told, best, rival)
    unread = sum(_read(value, best) is None for value in told)
    if unread > (1 - _ENOUGH) * len(told):
        return None
    read = [found for value in sample if (found := _read(value, best)) is not None]
    zoned = all(isinstance(each, datetime) and each.tzinfo is not None for each in read)
    return Guess(best, zoned, unread, rival, sample[0])


def in_order(guess: Guess, order: DateOrder) -> str:
    """Return which of the two formats of an ambiguous guess has this order of day and month."""
    forms = [guess.form, guess.other or guess.form]
    month_first = order == "month-first"
    return next((f for f in forms if f.startswith(_MONTH_FIRST) == month_first), guess.form)


def order_of(form: str) -> DateOrder | None:
    """Return the order of day and month of a format that has one of two."""
    if form.startswith(_MONTH_FIRST):
        return "month-first"
    return "day-first" if form.startswith(_DAY_FIRST) and _swapped(form) else None


def _forms() -> Iterator[str]:
    yield from ("iso", "epoch", *_WHOLE)
    for day, clock, gap in product((*_DAY_FIRST, *_MONTH_FIRST, *_CLEAR), _CLOCKS, (" ", ", ")):
        yield f"{day}{gap}{clock}"
    yield from (*_DAY_FIRST, *_MONTH_FIRST, *_CLEAR)


def _score(sample: Sequence[str], form: str) -> tuple[int, int]:
    """How many values a format reads, and how many of them with all that it holds."""
    read = [found for value in sample if (found := _read(value, form)) is not None]
    whole = [each for each in read if isinstance(each, datetime) or date_only(form)]
    return len(read), len(whole)


def _resembles(value: str, form: str) -> bool:
    """Whether a value has the signs between its numbers that a format has, so far as it goes, and
    letters where the format has names."""
    if form in {"iso", "epoch"}:
        return True
    signs, own = _NO_SIGN.sub("", value), _NO_SIGN.sub("", _DIRECTIVE.sub("", form))
    named = "%b" in form or "%B" in form or "%a" in form
    letters = _LETTERS.search(value) is not None
    return (signs.startswith(own) or own.startswith(signs)) and named == letters


def _read(value: str, form: str) -> datetime | object | None:
    try:
        found = read_time(value, form)
    except (ValueError, OverflowError, OSError):
        return None
    return None if never(found) and form == "epoch" else found


def _swapped(form: str) -> str | None:
    """The same format with day and month the other way round; dots are only written day first."""
    if form.startswith("%d.%m"):
        return None
    for one, other in (("%d", "%m"), ("%m", "%d")):
        if form.startswith(one) and form[3:5] == other:
            return f"{other}{form[2]}{one}{form[5:]}"
    return None


def _decided(values: Sequence[str], one: str, other: str) -> tuple[str, str | None]:
    """Decide by all values between two orders of day and month: one that cannot read what the
    other reads is wrong."""
    for value in dict.fromkeys(values):
        first, second = _read(value, one) is not None, _read(value, other) is not None
        if first != second:
            return (one, None) if first else (other, None)
    return one, other
