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
    *("Ej satt", "Ej angivet", "Ej angiven", "Saknas", "Tomt", "Tom", "Inget", "Ingen"),
    *("Ikke satt", "Ikke angivet", "Ikke angitt", "Mangler", "Ei asetettu", "Puuttuu"),
    *("Nicht gesetzt", "Nicht angegeben", "k.A.", "leer", "keine", "Niet ingesteld", "n.v.t."),
    *("Non défini", "Non renseigné", "vide", "aucun", "aucune", "No definido", "ninguno"),
)
"""Words for nothing in any optional column, in any case, also in brackets."""

NOT_YET_WORDS = (
    *("0", "Never", "Not yet", "Pending", "Ongoing", "Unresolved", "Unanswered", "Open", "TBD"),
    *("In progress", "Not resolved", "Not answered", "Not closed", "Not started", "Outstanding"),
    *("Aldrig", "Ännu inte", "Inte än", "Pågår", "Pågående", "Öppen", "Öppet", "Olöst"),
    *("Ej löst", "Ej besvarat", "Ej besvarad", "Ej stängt", "Ej stängd", "Ej avslutat", "Ej klart"),
    *("Ej klar", "Obesvarat", "Obesvarad", "Aldri", "Ikke løst", "Ikke besvart", "Ikke besvaret"),
    *("Åpen", "Åben", "Avoin", "Ei vielä", "Nie", "noch nicht", "offen", "ausstehend", "ungelöst"),
    *("in Bearbeitung", "nog niet", "nooit", "onopgelost", "jamais", "pas encore", "en cours"),
    *("non résolu", "nunca", "pendiente", "sin resolver", "pendente", "mai", "in corso"),
)
"""Words for nothing in a column of times."""

FIRST_YEAR, LAST_YEAR = 1971, 2199
"""Times of other years are those that systems write for none (1601, 1753, 1900, 1970, 9999)."""

CLOCK = re.compile(r"\d{1,4}(:\d\d){1,2}([.,]\d+)?")
"""A duration or a time of day, without its date."""

_LAST_DAY = (2099, 12, 31)
_BRACKETS = "()[]<>{}"
_SIGNS = re.compile(r"[-‐‑–—−_.?*:/\s]+")
_EXCEL_ZERO = re.compile(
    r"0?1[/.-]00?[/.-]00(\s.*)?|00?[/.-]0?1[/.-]00(\s.*)?|12:00(:00)?\s*am", re.IGNORECASE
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\D.*)?")


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
    """Whether a value of an optional column of times that cannot be read means that there is none.

    The dates that stand for none are recognised in any form: a program that has no time often
    writes them in another form than its times.
    """
    return _plain(value) in _IN_TIMES or no_text(value, more) or _no_date(value)


def _no_date(value: str) -> bool:
    """Whether it is a date that does not exist (0000-00-00, Excel's day 0), a negative number, or a
    date that stands for none."""
    numbers = re.findall(r"\d+", value)
    if numbers and not any(map(int, numbers)):
        return True
    if _EXCEL_ZERO.fullmatch(value) or re.fullmatch(r"-\s*\d+([.,]\d+)?", value):
        return True
    parts = (compact.groups() if (compact := _COMPACT.fullmatch(value)) else numbers)[:3]
    year = next((int(part) for part in parts if len(part) == len("2020")), None)
    if year is None or len(parts) == 1:
        return False
    if year == _LAST_DAY[0]:
        return sorted(map(int, parts)) == sorted(_LAST_DAY)
    return not FIRST_YEAR <= year <= LAST_YEAR


def never(day: date) -> bool:
    """Whether a date stands for none: outside FIRST_YEAR to LAST_YEAR, or 2099-12-31."""
    return not FIRST_YEAR <= day.year <= LAST_YEAR or (day.year, day.month, day.day) == _LAST_DAY
