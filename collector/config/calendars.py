"""Builds a :class:`BusinessCalendar` from the settings of a calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

from collector.business_time import BusinessCalendar
from collector.config.opening_hours import Windows, windows_text
from collector.config.settings import CalendarSettings, HolidaySettings
from collector.model.bilingual import LANGUAGES, Language
from collector.model.codes import WEEKDAYS, DayKind, SpecialDay

if TYPE_CHECKING:
    from holidays import HolidayBase

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""The first and last year with public holidays; the ``holidays`` library has no later ones."""


class Calendars:
    """Builds calendars from their settings, and keeps them: equal settings are built once."""

    def __init__(self) -> None:
        self._built: dict[str, BusinessCalendar] = {}

    def __call__(self, settings: CalendarSettings) -> BusinessCalendar:
        """See :func:`build_calendar`; raises ValueError in the same cases."""
        key = settings.model_dump_json()
        if key not in self._built:
            self._built[key] = build_calendar(settings)
        return self._built[key]


def build_calendar(settings: CalendarSettings) -> BusinessCalendar:
    """A calendar of weekly hours, public holidays, half days, and added or removed days.

    Raises ValueError for an unknown country, subdivision, category or holiday name, and for
    windows that overlap or run backwards.
    """
    return BusinessCalendar(
        timezone=settings.timezone,
        hours=settings.hours,
        holidays=frozenset(_closed_days(settings.holidays)),
        date_hours=_short_days(settings),
    )


def _public_holidays(
    settings: HolidaySettings, language: Language | None = None
) -> Mapping[date, tuple[str, ...]]:
    if settings.country is None:
        return {}
    categories = tuple(settings.categories)
    return public_holidays(settings.country, settings.subdivision, categories, language)


@lru_cache(maxsize=32)
def public_holidays(
    country: str,
    subdivision: str | None,
    categories: tuple[str, ...],
    language: Language | None = None,
) -> Mapping[date, tuple[str, ...]]:
    """The holidays of a country with their names, from FIRST_YEAR to LAST_YEAR.

    The names are in ``language`` where it is given and the library has it for the country,
    otherwise in the country's own.

    Raises ValueError for an unknown country (ISO code), subdivision or category.
    """
    country_holidays = _holidays_class(country)
    subdivisions = country_holidays.subdivisions
    if subdivision is not None and subdivision not in subdivisions:
        choices = ", ".join(subdivisions) or "none"
        raise ValueError(f"{country} has no subdivision {subdivision!r}; known: {choices}")
    plain = country_holidays()
    for category in categories:
        if category not in plain.supported_categories:
            choices = ", ".join(plain.supported_categories)
            raise ValueError(f"{country} has no category {category!r}; known: {choices}")
    days = country_holidays(
        subdiv=subdivision,
        years=range(FIRST_YEAR, LAST_YEAR + 1),
        categories=categories,
        language=_holiday_language(plain, language),
    )
    return {day: tuple(days.get_list(day)) for day in days}


def _holiday_language(country: HolidayBase, language: Language | None) -> str | None:
    """The library's name of a language; never None where it has a choice, for then it would follow
    the machine's locale."""
    known = (str(country.default_language), *country.supported_languages)
    own = country.default_language
    return next((each for each in known if language and each.startswith(language)), own)


def _holidays_class(country: str) -> type[HolidayBase]:
    """A country's class of the ``holidays`` library. Raises ValueError where there is none.

    Only the country's own file is loaded, by its path: any import from ``holidays.countries``, and
    so each of the library's own functions, loads the files of all 250 countries, which took a
    seventh of the time of ``measure``.
    """
    import holidays  # noqa: PLC0415 - heavy: only where a calendar asks for a country
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - the same

    for module, (_, *codes) in COUNTRIES.items():
        if country in codes and len(country) <= 3:  # longer ones are names of classes
            file = Path(holidays.__file__).parent / "countries" / f"{module}.py"
            spec = spec_from_file_location(f"holidays.countries.{module}", file)
            assert spec is not None and spec.loader is not None
            alone = module_from_spec(spec)
            spec.loader.exec_module(alone)
            found: type[HolidayBase] = getattr(alone, country)
            return found
    raise ValueError(f"country {country!r} is unknown; use its ISO code, such as SE")


def special_days(
    settings: CalendarSettings, languages: Sequence[Language] = LANGUAGES
) -> dict[date, SpecialDay]:
    """The dates that differ from the weekly hours: holidays, closed days and days with other hours.

    Holidays have their own country's names, unless only one language is in use.

    Raises ValueError for an unknown country or holiday name.
    """
    named = _public_holidays(settings.holidays, languages[0] if len(languages) == 1 else None)
    days = {
        day: SpecialDay(DayKind.SHORT, windows_text(windows) if windows else "")
        for day, windows in _short_days(settings).items()
    }
    for day, windows in settings.holidays.open.items():
        if windows:
            days[day] = SpecialDay(DayKind.OPEN, windows_text(windows))
    for day in _closed_days(settings.holidays):
        names = ", ".join(named.get(day, ()))
        days[day] = SpecialDay(DayKind.HOLIDAY, names) if names else SpecialDay(DayKind.CLOSED)
    return days


def differing_days(settings: CalendarSettings) -> dict[date, str]:
    """The dates whose hours differ from those of their weekday, with ``closed`` or their windows.

    Raises ValueError for an unknown country or holiday name.
    """
    short = _short_days(settings)
    closed = _closed_days(settings.holidays)
    special = dict.fromkeys(closed, "closed") | {
        day: windows_text(windows) for day, windows in short.items() if day not in closed
    }
    usual = [windows_text(settings.hours.get(day, ())) for day in WEEKDAYS]
    return {day: text for day, text in special.items() if text != usual[day.weekday()]}


def _closed_days(settings: HolidaySettings) -> set[date]:
    closed = _public_holidays(settings).keys() | set(settings.add)
    return closed - set(settings.remove) - settings.open.keys()


def _short_days(settings: CalendarSettings) -> dict[date, Windows]:
    """The dates with hours of their own: the days before named holidays, where that weekday is
    open at all, and single dates, which take precedence; those that are open in any case last."""
    named = _public_holidays(settings.holidays)
    short: dict[date, Windows] = {}
    for name, windows in settings.holidays.half_days_before.items():
        days = [day for day, names in named.items() if name in names]
        if not days:
            known = ", ".join(sorted({n for names in named.values() for n in names}))
            raise ValueError(f"no holiday is called {name!r}; known: {known or 'none'}")
        eves = [day - timedelta(days=1) for day in days]
        short |= {eve: windows for eve in eves if settings.hours.get(WEEKDAYS[eve.weekday()])}
    return short | settings.holidays.half_days | settings.holidays.open
