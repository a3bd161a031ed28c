"""Numbers and dates as documents show them, in Swedish and English.

Rounding is half up, on the unrounded decimal digits, and what is not quite its target is never
shown as the target. Spaces within a number, a unit or a date are U+00A0, a minus is U+2212.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from collector.model.bilingual import Language
from collector.model.quantities import YES_NO_UNIT
from collector.text.vocabulary import YES_NO

Numeric = int | float | Decimal

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"

_LOCALES: dict[Language, str] = {"sv": "sv_SE", "en": "en_GB"}
_POINTS: dict[Language, tuple[str, str]] = {
    "sv": ("procentenhet", "procentenheter"),
    "en": ("percentage point", "percentage points"),
}
_CLOCK: dict[Language, str] = {"sv": "kl. {:%H.%M}", "en": "at {:%H:%M}"}
_MOST_PLACES = 6
_DIGITS = Context(prec=60, rounding=ROUND_HALF_UP)
"""No number of ours has as many digits, so nothing is rounded on the way."""


def number(
    value: Numeric, language: Language, places: int = 0, *, target: Numeric | None = None
) -> str:
    """``−34 559`` or ``6,06``: so many decimals, or as many more as tell it from ``target``.

    Raises ValueError for what is no number (NaN, infinity).
    """
    exact = _exact(value)
    wanted = None if target is None else _exact(target)
    return _written(exact, language, telling(exact, wanted, Decimal(1), places, _rounded))


def percent(
    share: Numeric, language: Language, places: int = 0, *, target: Numeric | None = None
) -> str:
    """A share 0–1 (its target, too) as ``82 %``, in English ``82%``."""
    wanted = None if target is None else _exact(target) * 100
    return _with_unit(number(_exact(share) * 100, language, places, target=wanted), "%", language)


def points(change: Numeric, language: Language, places: int = 1) -> str:
    """A change of a share as ``+2,3 procentenheter``: 0.023 are 2.3 points."""
    exact = _rounded(_exact(change) * 100, places)
    one, more = _POINTS[language]
    word = one if abs(exact) == 1 and places == 0 else more
    return _with_unit(
        ("+" if exact > 0 else "") + _written(exact, language, places), word, language
    )


def amount(
    value: Numeric,
    unit: str,
    language: Language,
    places: int | None = None,
    *,
    target: Numeric | None = None,
) -> str:
    """A number in its unit as people read it: ``1 579 tkr``, ``6,06 %``, ``ja``.

    Without ``places`` it has the decimals that it was given with, 6 at most.
    """
    if unit == YES_NO_UNIT:
        return YES_NO[language][bool(value)]
    exact = _exact(value)
    if places is None:
        places = decimals(exact)
    return _with_unit(number(exact, language, places, target=target), unit, language)


def decimals(value: Numeric) -> int:
    """How many decimals a number has, 6 at most; zeros at its end are none."""
    exponent = _rounded(_exact(value), _MOST_PLACES).normalize(_DIGITS).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def day(when: date, language: Language) -> str:
    """``31 juli 2020``."""
    return _unbroken(format_date(when, "long", locale=_LOCALES[language]))


def month(when: date, language: Language) -> str:
    """``juli 2020``: the month that a date lies in."""
    return _unbroken(format_date(when, "LLLL y", locale=_LOCALES[language]))


def month_name(when: date, language: Language) -> str:
    """``jul``: the month in three letters."""
    return format_date(when, "LLL", locale=_LOCALES[language]).rstrip(".")[:3]


def span(first: date, last: date, language: Language) -> str:
    """Both dates of a span: ``1 januari–31 juli 2020``, whole months ``januari–juli 2020``."""
    whole = first.day == 1 and (last + timedelta(days=1)).day == 1
    if first == last:
        return day(first, language)
    if whole and (first.year, first.month) == (last.year, last.month):
        return month(last, language)
    if first.year != last.year:
        form = month if whole else day
        return f"{form(first, language)}{DASH}{form(last, language)}"
    if whole:
        begin = format_date(first, "LLLL", locale=_LOCALES[language])
        return f"{begin}{DASH}{month(last, language)}"
    begin = _unbroken(format_skeleton("MMMMd", first, locale=_LOCALES[language]))
    return f"{begin}{DASH}{day(last, language)}"


def instant(when: int | str, timezone: str, language: Language) -> str:
    """``31 juli 2020 kl. 16.50`` in a time zone, of epoch seconds or ISO 8601 with an offset.

    Within the hour that the clock shows twice the offset is added. Raises ValueError for an
    instant without an offset.
    """
    zone = ZoneInfo(timezone)
    moment = datetime.fromisoformat(when) if isinstance(when, str) else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{when!r} has no offset; write an instant as in 2020-07-31T16:50+02:00")
    local = moment.astimezone(zone) if moment else datetime.fromtimestamp(int(when), zone)
    text = f"{day(local.date(), language)} {_CLOCK[language].format(local)}"
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        text += f" ({local.isoformat()[-6:]})"
    return _unbroken(text.replace("-", MINUS))


def _exact(value: Numeric) -> Decimal:
    """A number by the digits it is written with."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value!r} is no number")
    return exact


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), context=_DIGITS)


def _written(exact: Decimal, language: Language, places: int) -> str:
    rounded = _rounded(exact, places)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text = format_decimal(abs(rounded), pattern, _LOCALES[language], decimal_quantization=False)
    return (MINUS if rounded < 0 else "") + _unbroken(text)


def _with_unit(text: str, unit: str, language: Language) -> str:
    """A unit stands behind a space, but the per cent sign of English stands alone."""
    gap = "" if unit == "%" and language == "en" else NBSP
    return f"{text}{gap}{_unbroken(unit)}" if unit else text


def _unbroken(text: str) -> str:
    return text.replace(" ", NBSP).replace("\N{NARROW NO-BREAK SPACE}", NBSP)


Number = TypeVar("Number", float, Decimal)


_MOST_PLACES = 6


_ROUNDING = 1e-9


def telling(
    shown: Number,
    target: Number | None,
    scale: Number,
    places: int,
    rounded: Callable[[Number, int], Number] | None = None,
) -> int:
    """How many places tell a number from the target; ``scale``: shown per unit of the target.

    ``rounded``: how the number will be rounded to so many places; by default as ``round`` does.
    """
    rounded = rounded or round
    wanted = None if target is None else target * scale
    if wanted is not None and abs(shown - wanted) > _ROUNDING:
        while places < _MOST_PLACES and rounded(shown, places) == rounded(wanted, places):
            places += 1
    return places


def decimal(number: float, places: int, language: Language) -> str:
    """A number with the language's decimal sign."""
    text = f"{number:.{places}f}"
    return text.replace(".", ",") if language == "sv" else text


def duration(seconds: int) -> str:
    """``-2:05:10`` for hours, minutes and seconds; hours are not turned into days."""
    sign, rest = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"
