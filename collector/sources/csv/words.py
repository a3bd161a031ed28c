"""Names of months and weekdays and words for AM and PM, from the Unicode locale data. Pure.

They become the English words that ``strptime`` reads.
"""

from __future__ import annotations

import re
from calendar import day_abbr, month_abbr
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product

from babel.dates import get_day_names, get_month_names, get_period_names

LANGUAGES = ("en", "sv", "nb", "nn", "da", "fi", "de", "nl", "fr", "es", "it", "pt")
"""The languages that are read where none is configured; words with two meanings are left out."""

_GERMAN = [("month", "Mrz", "Mar"), ("period", "vorm", "AM"), ("period", "nachm", "PM")]
"""What German programs write besides."""
_KINDS = {"b": "month", "B": "month", "a": "day", "A": "day", "p": "period"}
_WORD = re.compile(r"[^\W\d_]+(?:\.\s?[^\W\d_]{1,2}\b)?\.?")
_DIRECTIVE = re.compile(r"%[-#]?(.)")


def in_english(value: str, form: str, language: str | None) -> str:
    """Return a time with its words in English, as far as they are known.

    ``form``: the strptime format; its directives say in which order which words are expected.
    """
    letters = [letter for letter in _DIRECTIVE.findall(form) if letter in _KINDS]
    tables = _tables(language)
    position = 0
    for letter in letters:
        for word in _WORD.finditer(value, position):
            english = tables[_KINDS[letter]].get(_key(word[0]))
            if english is not None:
                if word[0].endswith(".") and f"%{letter}." in form:
                    english += "."
                value = value[: word.start()] + english + value[word.end() :]
                position = word.start() + len(english)
                break
    return value


def _key(word: str) -> str:
    return re.sub(r"[.\s\u00a0\u202f]", "", word).casefold()


@lru_cache(maxsize=8)
def _tables(language: str | None) -> Mapping[str, Mapping[str, str]]:
    """kind of word → word → English abbreviation. Shortened names give way to names."""
    locales = LANGUAGES if language is None else (language,)
    names = [each for locale in locales for each in _names(locale)]
    short = [(kind, name[:n], english) for kind, name, english in names for n in (2, 3)]
    english = [("period", name, name.upper()) for name in ("am", "pm")]
    if language in (None, "de"):
        english += _GERMAN
    return {
        kind: _unambiguous(short, kind) | _unambiguous([*names, *english], kind)
        for kind in set(_KINDS.values())
    }


def _unambiguous(words: Iterable[tuple[str, str, str]], kind: str) -> dict[str, str]:
    meanings: dict[str, set[str]] = {}
    for each, word, english in words:
        if each == kind:
            meanings.setdefault(_key(word), set()).add(english)
    return {word: min(found) for word, found in meanings.items() if len(found) == 1}


def _names(locale: str) -> Iterator[tuple[str, str, str]]:
    for width, context in product(("abbreviated", "wide"), ("format", "stand-alone")):
        months = get_month_names(width, context, locale)  # type: ignore[arg-type]
        yield from (("month", name, month_abbr[number]) for number, name in months.items())
        days = get_day_names(width, context, locale)  # type: ignore[arg-type]
        yield from (("day", name, day_abbr[number]) for number, name in days.items())
        periods = get_period_names(width, context, locale)  # type: ignore[arg-type]
        yield from (("period", periods[n], n.upper()) for n in ("am", "pm") if n in periods)
