"""What decides a figure, written out: to be printed beside it, and to notice when it changes.

A definition is flat: paths as in the configuration, with their values as text. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from collector.calendars import differing_days
from collector.kinds import Indicator, Manual, ServiceLevel, delivery_of
from collector.rules import Rules
from collector.settings import CalendarSettings, HolidaySettings, Settings

_NOT_DECISIVE = frozenset(
    {"title", "goal", "unit_label", "rules", "versions", "breaks", "values", "forecasts"}
)
_HOLIDAYS = ".holidays."
_OF_CALLS = frozenset({"withdrawn", "min_n"})
_OF_TICKETS = frozenset(Rules.model_fields) - {"withdrawn"}


@dataclass(frozen=True, slots=True)
class Definition:
    """How an indicator is measured from ``valid_from`` on.

    ``says``: path → value, without the holidays of its calendar: these come as ``days``, the dates
    that differ from the weekly hours (ISO date → ``closed`` or windows). So a holiday that is added
    to next year changes nothing in this one, and other data of the holidays' library are noticed.
    """

    valid_from: date
    says: Mapping[str, str]
    days: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A path whose value differs for what counts from a date on; ``before`` or ``after`` may be
    empty."""

    path: str
    since: date
    before: str
    after: str


def definitions(settings: Settings, name: str) -> list[Definition]:
    """How an indicator is measured through time, in the order of the dates."""
    found: list[Definition] = []
    for turn in settings.turns(name):
        calendar = _calendar(settings, name, turn)
        days = {} if calendar is None else differing_days(calendar)
        written = {day.isoformat(): text for day, text in sorted(days.items())}
        said = says(settings, name, turn)
        decisive = {path: text for path, text in said.items() if _HOLIDAYS not in path}
        found.append(Definition(turn, decisive, written))
    return found


def says(settings: Settings, name: str, day: date) -> dict[str, str]:
    """What decides the figure of an indicator for what counts on a date: path → value."""
    indicator = settings.indicator(name, day)
    found = dict(_flat(f"indicators.{name}", _own(indicator)))
    if not isinstance(indicator, Manual):
        found |= _flat("rules", _rules(indicator, settings.rules_of(name, day)))
    if (calendar := _calendar(settings, name, day)) is not None:
        found |= _flat(f"calendars.{getattr(indicator, 'calendar', '')}", _hours(calendar))
    if delivery_of(indicator) == "tickets":
        excluded = {n: each.model_dump(exclude_none=True) for n, each in settings.exclude.items()}
        found |= _flat("exclude", excluded)
        found["priorities"] = ", ".join(settings.priorities)
    found["timezone"] = settings.timezone
    found["fiscal_year_start"] = str(settings.fiscal_year_start)
    found["tertials"] = settings.tertials
    return found


def _calendar(settings: Settings, name: str, day: date) -> CalendarSettings | None:
    used = getattr(settings.indicator(name, day), "calendar", None)
    return None if used is None else settings.calendars[used].in_force(day)


def _own(indicator: Indicator) -> dict[str, Any]:
    written = indicator.model_dump(mode="json", by_alias=True, exclude_none=True)
    own: dict[str, Any] = {"kind": indicator.kind}
    own |= {key: value for key, value in written.items() if key not in _NOT_DECISIVE}
    if "within" in own and not isinstance(indicator, ServiceLevel):
        own["within"] = own["within"]["text"]
    return own


def _rules(indicator: Indicator, rules: Rules) -> dict[str, Any]:
    chosen = _OF_CALLS if delivery_of(indicator) == "calls" else _OF_TICKETS
    written = rules.model_dump(mode="json")
    return {key: written[key] for key in Rules.model_fields if key in chosen}


def _hours(calendar: CalendarSettings) -> dict[str, Any]:
    hours = {day: _windows(windows) for day, windows in calendar.hours.items()}
    found: dict[str, Any] = {"timezone": calendar.timezone, "hours": hours}
    if calendar.holidays != HolidaySettings():
        found["holidays"] = calendar.holidays.model_dump(mode="json", exclude_defaults=True)
    return found


def _windows(windows: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{start}-{end}" for start, end in windows)


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """``{within: 30min}`` below ``indicators.x`` → ``indicators.x.within``, ``30min``."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _flat(f"{path}.{key}", below)
    elif isinstance(value, bool):
        yield path, str(value).lower()
    elif isinstance(value, list | tuple):
        if value:
            yield path, ", ".join(_text(each) for each in value)
    else:
        yield path, str(value)


def _text(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def as_text(course: list[Definition]) -> str:
    """Definitions for the store, the same text for the same definitions."""
    written = [[d.valid_from.isoformat(), d.says, d.days] for d in course]
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> list[Definition]:
    """What :func:`as_text` wrote."""
    return [Definition(date.fromisoformat(d), says, days) for d, says, days in json.loads(text)]


def differences(
    before: list[Definition], after: list[Definition], first: date, until: date
) -> list[Difference]:
    """What differs between two courses of definitions for dates from ``first`` up to ``until``.

    ``until`` is not included. Each path is named once, with the first date that it touches.
    """
    found: dict[str, Difference] = {}
    turns = {each.valid_from for each in (*before, *after)}
    edges = sorted({first, until, *(turn for turn in turns if first < turn < until)})
    for start, end in pairwise(edges):
        old, new = _in_force(before, start), _in_force(after, start)
        for path in (*old.says, *(path for path in new.says if path not in old.says)):
            was, becomes = old.says.get(path, ""), new.says.get(path, "")
            if was != becomes:
                found.setdefault(path, Difference(path, start, was, becomes))
        if old.days != new.days and (difference := _other_day(old, new, start, end)):
            found.setdefault(difference.path, difference)
    return list(found.values())


def _other_day(old: Definition, new: Definition, start: date, end: date) -> Difference | None:
    """The first single day that is another one; it stands for all."""
    for day in sorted({*old.days, *new.days}):
        was, becomes = (each.days.get(day, "as every week") for each in (old, new))
        if start.isoformat() <= day < end.isoformat() and was != becomes:
            calendar = next(v for path, v in new.says.items() if path.endswith(".calendar"))
            path = f"calendars.{calendar}.holidays"
            return Difference(path, date.fromisoformat(day), f"{day} {was}", becomes)
    return None


def _in_force(course: list[Definition], day: date) -> Definition:
    return next(each for each in reversed(course) if each.valid_from <= day)
