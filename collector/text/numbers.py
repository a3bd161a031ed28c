"""Format numbers, shares and amounts, in Swedish and English.

Numbers are rounded half up, based on their decimal digits, and a number that misses its target is
never rounded to it. Spaces within a number and before its unit are U+00A0, a minus sign is U+2212;
thousands are grouped (``34 559``, ``34,559``).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from babel.numbers import get_decimal_symbol, get_group_symbol

from collector.model.bilingual import Language
from collector.model.quantities import YES_NO_UNIT
from collector.text.characters import MINUS, NBSP
from collector.text.locales import LOCALES
from collector.text.vocabulary import NO, YES

Numeric = int | float | Decimal

_POINTS: dict[Language, str] = {"sv": "p.e.", "en": "pp"}
MOST_PLACES = 6
_SAME = Decimal("1e-9")
"""A smaller difference is an artefact of binary floats."""
_DIGITS = Context(prec=60, rounding=ROUND_HALF_UP)
"""More digits than any number here has, so that intermediate results are exact."""


def number(
    value: Numeric, language: Language, places: int = 0, *, target: Numeric | None = None
) -> str:
    """``−34 559`` or ``6,06``: with ``places`` decimals, or more to differ from ``target``.

    Raises ValueError for NaN and infinity.
    """
    exact = _exact(value)
    if target is not None:
        places = _telling_apart(exact, _exact(target), places)
    rounded = _rounded(exact, places)
    text = f"{abs(rounded):,.{places}f}".translate(_separators(language))
    return (MINUS if rounded < 0 else "") + text


@cache
def _separators(language: Language) -> dict[int, str]:
    """What a language writes for Python's own separators; formatting by babel's patterns took most
    of the time of a page."""
    locale = LOCALES[language]
    group, point = get_group_symbol(locale), get_decimal_symbol(locale)
    return str.maketrans({",": unbroken(group), ".": point})


def percent(
    share: Numeric, language: Language, places: int = 1, *, target: Numeric | None = None
) -> str:
    """``82,0 %``, in English ``82.0%``: a share 0–1; so is ``target``.

    Raises ValueError for NaN and infinity.
    """
    target_percent = None if target is None else in_percent(target)
    return with_unit(
        number(in_percent(share), language, places, target=target_percent), "%", language
    )


def in_percent(share: Numeric) -> Decimal:
    """Convert a share 0–1 to per cent, exactly. Raises ValueError for NaN and infinity."""
    return _exact(share) * 100


def points(change: Numeric, language: Language, places: int = 1) -> str:
    """``2,3 p.e.``, in English ``pp``: the absolute change of a share 0–1, in percentage points.

    Raises ValueError for NaN and infinity.
    """
    return with_unit(number(abs(in_percent(change)), language, places), _POINTS[language], language)


def amount(
    value: Numeric,
    unit: str,
    language: Language,
    places: int | None = None,
    *,
    target: Numeric | None = None,
) -> str:
    """``1 579 tkr``, ``6,06 %``, ``ja``: a number with its unit; per cent are given as such.

    Without ``places`` all of its decimals are shown, 6 at most. Raises ValueError for NaN and
    infinity.
    """
    if unit == YES_NO_UNIT:
        return yes_or_no(value, language)
    places = decimals(value) if places is None else places
    return with_unit(number(value, language, places, target=target), unit, language)


def yes_or_no(value: Numeric, language: Language) -> str:
    """``ja`` for everything but 0."""
    return (YES if value else NO)[language]


def decimals(value: Numeric) -> int:
    """Return how many decimals a number has, without trailing zeros, 6 at most.

    Raises ValueError for NaN and infinity.
    """
    exponent = _rounded(_exact(value), MOST_PLACES).normalize(_DIGITS).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def with_unit(text: str, unit: str, language: Language) -> str:
    """Append a unit after a no-break space; in English the per cent sign follows directly."""
    gap = "" if unit == "%" and language == "en" else NBSP
    return f"{text}{gap}{unbroken(unit)}" if unit else text


def unbroken(text: str) -> str:
    """Replace spaces with no-break spaces."""
    return text.replace(" ", NBSP).replace("\N{NARROW NO-BREAK SPACE}", NBSP)


def _telling_apart(exact: Decimal, target: Decimal, places: int) -> int:
    """Return ``places``, or as many more as it takes to tell a number from its target."""
    if abs(exact - target) > _SAME:
        while places < MOST_PLACES and _rounded(exact, places) == _rounded(target, places):
            places += 1
    return places


def _exact(value: Numeric) -> Decimal:
    """Convert a number by its shortest decimal form. Raises ValueError for NaN and infinity."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return exact


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), context=_DIGITS)
