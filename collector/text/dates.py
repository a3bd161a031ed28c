"""Format dates and instants, in Swedish and English.

Instants in sentences are written out (``31 juli 2020 kl. 16.50``), those of records to the second
(``tor 2020-06-18 16:50:00``). In the hour that the clock repeats in autumn the UTC offset is added.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date

from collector.model.bilingual import Language
from collector.text.characters import MINUS
from collector.text.iso_times import AT_ONCE
from collector.text.locales import LOCALES, date_locale, numeric_date_pattern
from collector.text.numbers import unbroken
from collector.text.vocabulary import short_weekday

_CLOCK: dict[Language, str] = {"sv": "kl. {:%H.%M}", "en": "at {:%H:%M}"}


def day(when: date, language: Language, locale: str | None = None) -> str:
    """``31 juli 2020``; with the ``locale`` en_US ``July 31, 2020``."""
    return unbroken(format_date(when, "long", locale=date_locale(language, locale)))


def in_figures(when: date, locale: str | None) -> str:
    """``2020-07-31``; with the ``locale`` en_US ``07/31/2020``."""
    if locale is None:
        return when.isoformat()
    return format_date(when, numeric_date_pattern(locale), locale=LOCALES["en"])


def month(when: date, language: Language) -> str:
    """``juli 2020``: the month of a date."""
    return unbroken(format_date(when, "LLLL y", locale=LOCALES[language]))


def month_in_full(when: date, language: Language) -> str:
    """``juli``: the month of a date without its year."""
    return format_date(when, "LLLL", locale=LOCALES[language])


def month_name(when: date, language: Language) -> str:
    """``jul``: the month of a date in three letters."""
    return format_date(when, "LLL", locale=LOCALES[language]).rstrip(".")[:3]


def instant(when: int | str, timezone: str, language: Language, locale: str | None = None) -> str:
    """``31 juli 2020 kl. 16.50`` in a time zone; ``when``: epoch seconds or ISO 8601 with offset.

    Raises ValueError for ISO 8601 without an offset.
    """
    zone = ZoneInfo(timezone)
    moment = datetime.fromisoformat(when) if isinstance(when, str) else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{when!r} has no UTC offset; write it like 2020-07-31T16:50+02:00")
    local = moment.astimezone(zone) if moment else datetime.fromtimestamp(int(when), zone)
    text = f"{day(local.date(), language, locale)} {_CLOCK[language].format(local)}"
    if _shown_twice(local):
        text += f" ({local.isoformat()[-6:]})"
    return unbroken(text.replace("-", MINUS))


class LocalTimes(Protocol):
    """Formats an instant (epoch seconds) to the second."""

    def __call__(self, instant: int) -> str: ...


def local_times(timezone: str, language: Language = "en", locale: str | None = None) -> LocalTimes:
    """Return a formatter: epoch seconds → ``Thu 2020-06-18 16:50:00`` (Swedish ``tor``) in a zone.

    ``locale``: the country whose form the date has, as in ``Thu 06/18/2020`` for en_US.
    """
    zone = ZoneInfo(timezone)

    @lru_cache(maxsize=AT_ONCE)
    def day_of(on: str) -> tuple[str, bool]:
        """The date with its weekday, and whether the clock is changed on it."""
        when = date.fromisoformat(on)
        midnights = (datetime.combine(when + timedelta(days=n), time(), zone) for n in (0, 1))
        offsets = {each.replace(fold=n).utcoffset() for n, each in enumerate(midnights)}
        shown = on if locale is None else in_figures(when, locale)
        return f"{short_weekday(when.weekday(), language)} {shown}", len(offsets) > 1

    @lru_cache(maxsize=AT_ONCE)
    def text(instant: int) -> str:
        moment = datetime.fromtimestamp(instant, zone)
        iso = moment.isoformat()  # faster than strftime
        on, changed = day_of(iso[:10])
        shown = f"{on} {iso[11:19]}"
        return shown + (f" {moment:%z}" if changed and _shown_twice(moment) else "")

    return text


def _shown_twice(moment: datetime) -> bool:
    return moment.replace(fold=1 - moment.fold).utcoffset() != moment.utcoffset()
