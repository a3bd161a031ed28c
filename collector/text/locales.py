"""The forms of a country, by Babel's locales: how dates are written, which day begins the week."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator

from collector.model.bilingual import Language

LOCALES: dict[Language, str] = {"sv": "sv_SE", "en": "en_GB"}
"""The locale of a language, for its numbers, and for its dates where no country is configured."""

_FULL = {"y+": "yyyy", "M+": "MM", "d+": "dd"}


def is_locale(name: str) -> bool:
    """Whether a name is that of a known language and country, such as ``en_US``."""
    try:
        return Locale.parse(name).territory is not None
    except (UnknownLocaleError, ValueError):
        return False


def _checked(name: str) -> str:
    if not is_locale(name):
        raise ValueError(f"{name!r} is not a known language and country: write them as in en_US")
    return name


LocaleName = Annotated[str, AfterValidator(_checked)]
"""A language and a country, as in ``en_US``."""


@cache
def date_locale(language: Language, locale: str | None) -> Locale:
    """Return the locale for dates in words: those of the language, in the form of the country."""
    if locale is not None:
        country = Locale.parse(locale).territory
        try:
            return Locale(language, country)
        except UnknownLocaleError:
            pass
    return Locale.parse(LOCALES[language])


@cache
def numeric_date_pattern(locale: str) -> str:
    """Return Babel's pattern of a date in figures, at full length: ``MM/dd/yyyy``."""
    pattern = str(Locale.parse(locale).date_formats["short"].pattern)
    for short, full in _FULL.items():
        pattern = re.sub(short, full, pattern)
    return pattern


def first_weekday(locale: str | None) -> int:
    """Return the day that begins the week, as ``date.weekday`` counts; Monday without a locale."""
    return 0 if locale is None else Locale.parse(locale).first_week_day
