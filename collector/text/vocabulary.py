"""Words for states, units, yes and no and weekdays, and the look of states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.model.bilingual import Language, Text
from collector.model.quantities import BUSINESS_DAYS
from collector.text.characters import NBSP


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state is shown: never by colour alone.

    ``ink``: colour of text on white, with a contrast of at least 4.5:1; ``fill``: colour of an
    area. Both are ``#RRGGBB``.
    """

    symbol: str
    word: Text
    ink: str
    fill: str


STATE_LOOKS: Mapping[str, StateLook] = {
    "met": StateLook("✓", Text(sv="Når målet", en="On target"), "#00694B", "#009E73"),
    "at_risk": StateLook("▲", Text(sv="Risk", en="At risk"), "#7A4B00", "#E69F00"),
    "missed": StateLook("✗", Text(sv="Når inte målet", en="Off target"), "#A33B00", "#D55E00"),
    "no_data": StateLook("–", Text(sv="Ej mätt", en="Not measured"), "#4B5563", "#9CA3AF"),
    "too_few": StateLook("·", Text(sv="För få ärenden", en="Too few"), "#4B5563", "#D1D5DB"),
    "stale": StateLook("◷", Text(sv="Inaktuell", en="Stale"), "#7A3E63", "#CC79A7"),
}
"""Every state of a figure."""


def state_text(state: str, language: Language) -> str:
    """``✓ Når målet``: symbol and word of a state, joined by a no-break space.

    Raises KeyError for an unknown state.
    """
    look = STATE_LOOKS[state]
    return f"{look.symbol}{NBSP}{look.word[language]}"


VERDICT_SYMBOLS: Mapping[str, str] = {
    "met": STATE_LOOKS["met"].symbol,
    "missed": STATE_LOOKS["missed"].symbol,
    "pending": "○",
    "excluded": "–",
}
"""The symbol of each verdict on a record; its word is in ``text.words.records``."""


WHOLE_DESK = Text(sv="Alla", en="All")
"""The label of the whole desk, beside those of its organizations."""

YES, NO = Text(sv="ja", en="yes"), Text(sv="nej", en="no")

_HOURS = Text(sv="h arbetstid", en="business h")
_MINUTES = Text(sv="min arbetstid", en="business min")
_SECONDS = Text(sv="s arbetstid", en="business s")
_DAYS = Text(sv="dygn arbetstid", en="x 24 business h")
_BUSINESS_DAY = Text(sv="arbetsdag", en="business day")
_BUSINESS_DAYS = Text(sv="arbetsdagar", en="business days")

_TIME_UNITS: Mapping[str, Text] = {
    "s": _SECONDS, "seconds": _SECONDS, "min": _MINUTES, "minutes": _MINUTES,
    "h": _HOURS, "hours": _HOURS, "d": _DAYS, "days": _DAYS,
    "business_day": _BUSINESS_DAYS, "business_days": _BUSINESS_DAYS,
}  # fmt: skip


def is_time_unit(unit: str | None) -> bool:
    """Whether a unit, as written in the configuration, is a unit of time."""
    return unit in _TIME_UNITS


def time_unit(unit: str, language: Language, *, one: bool = False) -> str:
    """``h arbetstid``: a unit of business time in words. ``one``: singular, after the number 1.

    Raises KeyError if it is not a unit of time.
    """
    words = _BUSINESS_DAY if one and unit in BUSINESS_DAYS else _TIME_UNITS[unit]
    return words[language]


WEEKDAY_NAMES: Mapping[Language, tuple[str, ...]] = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
"""Monday first, as ``date.weekday`` counts."""


def short_weekday(number: int, language: Language) -> str:
    """``mån`` or ``Mon``: a weekday in three letters; ``number`` 0 is Monday."""
    return WEEKDAY_NAMES[language][number][:3]
