"""Dates and instants, in Swedish and English.

An instant within a sentence is written long (``31 juli 2020 kl. 16.50``), that of a record to the
second (``tor 2020-06-18 16:50:00``). Within the hour that the clock shows twice the
offset stands with it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date

from collector.model.bilingual import Language
from collector.text.characters import MINUS
from collector.text.numbers import LOCALES, unbroken
from collector.text.vocabulary import short_weekday

_CLOCK: dict[Language, str] = {"sv": "kl. {:%H.%M}", "en": "at {:%H:%M}"}


def day(when: date, language: Language) -> str:
    """``31 juli 2020``."""
    return unbroken(format_date(when, "long", locale=LOCALES[language]))


def month(when: date, language: Language) -> str:
    """``juli 2020``: the month that a date lies in."""
    return unbroken(format_date(when, "LLLL y", locale=LOCALES[language]))


def month_name(when: date, language: Language) -> str:
    """``jul``: the month in three letters."""
    return format_date(when, "LLL", locale=LOCALES[language]).rstrip(".")[:3]


def instant(when: int | str, timezone: str, language: Language) -> str:
    """``31 juli 2020 kl. 16.50`` in a time zone, of epoch seconds or ISO 8601 with an offset.

    Raises ValueError for an instant without an offset.
    """
    zone = ZoneInfo(timezone)
    moment = datetime.fromisoformat(when) if isinstance(when, str) else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{when!r} has no offset; write an instant as in 2020-07-31T16:50+02:00")
    local = moment.astimezone(zone) if moment else datetime.fromtimestamp(int(when), zone)
    text = f"{day(local.date(), language)} {_CLOCK[language].format(local)}"
    if _shown_twice(local):
        text += f" ({local.isoformat()[-6:]})"
    return unbroken(text.replace("-", MINUS))


class LocalTimes(Protocol):
    """Writes an instant, epoch seconds, to the second."""

    def __call__(self, instant: int) -> str: ...


def local_times(timezone: str, language: Language = "en") -> LocalTimes:
    """``Thu 2020-06-18 16:50:00`` in a time zone, in Swedish ``tor``.

    Snapshots hold such texts under their seal: this form never changes.
    """
    zone = ZoneInfo(timezone)

    def text(instant: int) -> str:
        moment = datetime.fromtimestamp(instant, zone)
        shown = f"{short_weekday(moment.weekday(), language)} {moment:%Y-%m-%d %H:%M:%S}"
        return shown + (f" {moment:%z}" if _shown_twice(moment) else "")

    return text


def _shown_twice(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
