"""Numbers, shares and amounts, in Swedish and English.

Rounding is half up, on the decimal digits that a number is written with, and what is not quite its
target is never shown as the target. Spaces within a number or before its unit are U+00A0, a minus
is U+2212; thousands are grouped (``34 559``, ``34,559``).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from babel.numbers import format_decimal

from collector.model.bilingual import Language
from collector.model.quantities import YES_NO_UNIT
from collector.text.characters import MINUS, NBSP
from collector.text.vocabulary import NO, YES

Numeric = int | float | Decimal

LOCALES: dict[Language, str] = {"sv": "sv_SE", "en": "en_GB"}
"""The locale of Babel that numbers and dates of a language are written in."""

_POINTS: dict[Language, str] = {"sv": "p.e.", "en": "pp"}
MOST_PLACES = 6
_SAME = Decimal("1e-9")
"""What differs by less is the same number but for its binary digits."""
_DIGITS = Context(prec=60, rounding=ROUND_HALF_UP)
"""No number of ours has as many digits, so nothing is rounded on the way."""


def number(
    value: Numeric, language: Language, places: int = 0, *, target: Numeric | None = None
) -> str:
    """``−34 559`` or ``6,06``: so many decimals, or as many more as tell it from ``target``.

    Raises ValueError for what is no number (NaN, infinity).
    """
    exact = _exact(value)
    if target is not None:
        places = _telling_apart(exact, _exact(target), places)
    rounded = _rounded(exact, places)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text = format_decimal(abs(rounded), pattern, LOCALES[language], decimal_quantization=False)
    return (MINUS if rounded < 0 else "") + unbroken(text)


def percent(
    share: Numeric, language: Language, places: int = 1, *, target: Numeric | None = None
) -> str:
    """A share 0–1 (its target, too) as ``82,0 %``, in English ``82.0%``. Raises ValueError."""
    wanted = None if target is None else in_percent(target)
    return with_unit(number(in_percent(share), language, places, target=wanted), "%", language)


def in_percent(share: Numeric) -> Decimal:
    """A share 0–1 as per cent, exactly. Raises ValueError for what is no number."""
    return _exact(share) * 100


def points(change: Numeric, language: Language, places: int = 1) -> str:
    """The size of a change of a share, without sign: 0.023 are ``2,3 p.e.``, in English ``pp``."""
    return with_unit(number(abs(in_percent(change)), language, places), _POINTS[language], language)


def amount(
    value: Numeric,
    unit: str,
    language: Language,
    places: int | None = None,
    *,
    target: Numeric | None = None,
) -> str:
    """A number in its unit as people read it: ``1 579 tkr``, ``6,06 %``, ``ja``.

    Without ``places`` it has the decimals that it was given with, 6 at most. Raises ValueError for
    what is no number.
    """
    if unit == YES_NO_UNIT:
        return yes_or_no(value, language)
    places = decimals(value) if places is None else places
    return with_unit(number(value, language, places, target=target), unit, language)


def yes_or_no(value: Numeric, language: Language) -> str:
    """``ja`` for everything but 0."""
    return (YES if value else NO)[language]


def decimals(value: Numeric) -> int:
    """How many decimals a number has, 6 at most; zeros at its end are none."""
    exponent = _rounded(_exact(value), MOST_PLACES).normalize(_DIGITS).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def with_unit(text: str, unit: str, language: Language) -> str:
    """A unit stands behind a space, but the per cent sign of English stands alone."""
    gap = "" if unit == "%" and language == "en" else NBSP
    return f"{text}{gap}{unbroken(unit)}" if unit else text


def unbroken(text: str) -> str:
    """The same with spaces that no line is broken at."""
    return text.replace(" ", NBSP).replace("\N{NARROW NO-BREAK SPACE}", NBSP)


def _telling_apart(exact: Decimal, target: Decimal, places: int) -> int:
    """So many places, or as many more as it takes for a number not to look like its target."""
    if abs(exact - target) > _SAME:
        while places < MOST_PLACES and _rounded(exact, places) == _rounded(target, places):
            places += 1
    return places


def _exact(value: Numeric) -> Decimal:
    """A number by the digits it is written with. Raises ValueError for what is no number."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value!r} is no number")
    return exact


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), context=_DIGITS)
