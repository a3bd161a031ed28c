"""Definitions of indicators: everything that decides a figure, written out as text.

They are printed beside the figure and compared to detect changes. A definition is flat: paths as
in the configuration, with their values as text; equal meanings have equal texts. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from collector.config.calendars import differing_days
from collector.config.indicators import Indicator
from collector.config.opening_hours import windows_text
from collector.config.rules import Rules, Within
from collector.config.settings import CalendarSettings, HolidaySettings, Settings
from collector.model.fields import duration_text
from collector.model.quantities import BUSINESS_DAYS, TIME_UNITS, Target
from collector.model.records import Unrecorded
from collector.sources import SOURCES

V = TypeVar("V")

_NAMES_ONLY = frozenset(
    {"title", "short", "goal", "unit_label", "rules", "versions", "breaks", "values", "forecasts"}
)
_LIST_OR_QUOTED = frozenset('["')
"""The first characters of a value that is written as JSON: lists, and texts that would otherwise be
mistaken for JSON. All other texts are written as they are."""
_LATER_RULES = {"before_opening": "by_source", "refused": "apart"}
"""Rules that older stores do not know, and the value by which figures are what they were: with it
they are left out, so that definitions stay equal to those registered and sealed before."""
_OF_CALLS = frozenset({"withdrawn", "refused", "min_n"})
_OF_TICKETS = frozenset(Rules.model_fields) - {"withdrawn", "refused"}


@dataclass(frozen=True, slots=True)
class Definition:
    """How an indicator is measured from ``valid_from`` on.

    ``says``: path → value, without the holidays of its calendar. These are in ``days``: the dates
    that differ from the weekly hours (ISO date → ``closed`` or windows). So a holiday added for
    next year changes nothing this year, and new data in the ``holidays`` library are noticed.
    """

    valid_from: date
    says: Mapping[str, str]
    days: Mapping[str, str]


def definitions(settings: Settings, name: str) -> list[Definition]:
    """All definitions of an indicator, in ascending order of ``valid_from``."""
    course: list[Definition] = []
    for start in settings.turns(name):
        calendar = _calendar(settings, name, start)
        days = {} if calendar is None else differing_days(calendar)
        written = {day.isoformat(): text for day, text in sorted(days.items())}
        content = definition_content(settings, name, start)
        without_days = {path: text for path, text in content.items() if not _of_single_days(path)}
        course.append(Definition(start, without_days, written))
    return course


def _of_single_days(path: str) -> bool:
    """Whether a path belongs to a calendar's holidays, which ``Definition.days`` has as dates."""
    parts = path.split(".")
    return parts[0] == "calendars" and parts[2:3] == ["holidays"]


def definition_content(settings: Settings, name: str, day: date) -> dict[str, str]:
    """Everything that decides an indicator's figure for records that count on ``day``, as
    path → value."""
    indicator = settings.indicator(name, day)
    found = dict(flattened(f"indicators.{name}", _own(indicator)))
    if indicator.measured_on is not None:
        rules = settings.rules_of(name, day)
        found |= flattened("rules", _rules(indicator, rules))
        found |= _sources(settings, name, day)
        found["organizations"] = _list(settings.organizations)
        if indicator.measured_on == "tickets" and rules.priority == "strictest":
            found["priorities"] = _list(settings.priorities, ordered=True)
    if (calendar := _calendar(settings, name, day)) is not None:
        found |= flattened(f"calendars.{getattr(indicator, 'calendar', '')}", _hours(calendar))
    if indicator.measured_on == "tickets":
        excluded = {n: each.model_dump(exclude_none=True) for n, each in settings.exclude.items()}
        found |= flattened("exclude", excluded)
    found["timezone"] = settings.timezone
    found["fiscal_year_start"] = str(settings.fiscal_year_start)
    found["tertials"] = settings.tertials
    return found


def calendar_content(settings: Settings, name: str, day: date) -> dict[str, str]:
    """Everything that decides the hours of a calendar on ``day``, as path → value."""
    return dict(flattened(f"calendars.{name}", _hours(settings.calendars[name].in_force(day))))


def _calendar(settings: Settings, name: str, day: date) -> CalendarSettings | None:
    used = getattr(settings.indicator(name, day), "calendar", None)
    return None if used is None else settings.calendars[used].in_force(day)


def _own(indicator: Indicator) -> dict[str, Any]:
    """The indicator's own keys. The unit is left out where it only affects display, and the source
    of its records, since the sources are listed separately."""
    own: dict[str, Any] = {"kind": indicator.kind}
    written = indicator.model_dump(mode="json", by_alias=True, exclude_none=True)
    own |= {key: value for key, value in written.items() if key not in _NAMES_ONLY}
    if indicator.target is not None:
        own["target"] = _target(indicator.target)
    if indicator.measured_on is not None:
        own.pop("unit", None)
    if isinstance(own.get("records"), dict):
        own["records"].pop("source", None)
    within = getattr(indicator, "within", None)
    if within is not None:
        own["within"] = _limit(within)
    if "short_abandon" in own:
        own["short_abandon"] = duration_text(getattr(indicator, "short_abandon", 0))
    if "rejoin_within" in own:
        own["rejoin_within"] = duration_text(getattr(indicator, "rejoin_within", 0))
        if own["of"] == "stays":  # so were all, before there was a choice
            del own["of"], own["rejoin_within"]
    return own


def _limit(within: Within | int) -> str:
    if isinstance(within, int):
        return duration_text(within)
    if within.seconds is not None:
        return duration_text(within.seconds)
    return f"{within.business_days} business_days"


def _target(target: Target) -> str:
    if target.comparison == "is":
        return target.text
    unit = target.unit or ""
    seconds = target.number * TIME_UNITS.get(unit, 0)
    if unit in TIME_UNITS and seconds >= 0 and seconds == int(seconds):
        amount = duration_text(int(seconds))
    elif unit in BUSINESS_DAYS:
        amount = f"{target.number.normalize():f} business_days"
    else:
        amount = f"{target.number.normalize():f}{'' if unit == '%' else ' '}{unit}".rstrip()
    return f"{target.comparison} {'baseline ' if target.baseline else ''}{amount}"


def _rules(indicator: Indicator, rules: Rules) -> dict[str, Any]:
    chosen = rules_about(indicator)
    written = written_rules(rules)
    return {key: written[key] for key in written if key in chosen and _matters(key, written[key])}


def rules_about(indicator: Indicator) -> frozenset[str]:
    """The names of the rules that can decide an indicator: others speak of records it has not."""
    if indicator.measured_on is None:
        return frozenset()
    return _OF_CALLS if indicator.measured_on == "calls" else _OF_TICKETS


def _matters(rule: str, value: Any) -> bool:
    return rule not in _LATER_RULES or value != _LATER_RULES[rule]


def written_rules(rules: Rules) -> dict[str, Any]:
    """Each rule with its value as the configuration writes it."""
    written = rules.model_dump(mode="json")
    written["phone_solved_within"] = duration_text(rules.phone_solved_within)
    return {key: written[key] for key in Rules.model_fields}


_NEEDS = {
    "response_pauses": Unrecorded.HOLDS,
    "resolution_pauses": Unrecorded.HOLDS,
    "closed_pauses": Unrecorded.REOPENINGS,
    "resolution": Unrecorded.REOPENINGS,
    "phone_solved_within": Unrecorded.REGISTRAR,
    "priority": Unrecorded.PRIORITIES,
}
"""Rules that decide nothing where no source tells this of its tickets."""


def idle_rules(unrecorded: Iterable[frozenset[Unrecorded]]) -> frozenset[str]:
    """The rules that cannot act on the records of sources, given what each does not record; none
    without sources."""
    every = list(unrecorded)
    silent = frozenset.intersection(*every) if every else frozenset[Unrecorded]()
    return frozenset(rule for rule, fact in _NEEDS.items() if fact in silent)


def without_idle_rules(content: Mapping[str, V]) -> dict[str, V]:
    """A definition, as texts or as parsed values, without the rules that cannot act on what its
    sources tell: what is printed beside a figure must not claim that they did. Tertials are left
    out unless they are cumulative, since few desks report by them."""
    told = _unrecorded(content)
    known = [each for each in told.values() if each is not None]
    idle = idle_rules(known) if len(known) == len(told) else frozenset[str]()
    paths = {f"rules.{rule}" for rule in idle}
    if content.get("tertials") == "separate":
        paths.add("tertials")
    return {path: text for path, text in content.items() if path not in paths}


def silent_sources(content: Mapping[str, Any], fact: Unrecorded) -> tuple[list[str], bool]:
    """The sources of a definition that never tell a fact, and whether these are all it has."""
    told = _unrecorded(content)
    silent = [name for name, unrecorded in told.items() if unrecorded and fact in unrecorded]
    return silent, bool(silent) and len(silent) == len(told)


def _unrecorded(content: Mapping[str, Any]) -> dict[str, frozenset[Unrecorded] | None]:
    """By source of a definition what it never tells; None of a type that is not known any more."""
    listed: Any = content.get("sources", ())
    names = parsed_value(listed) if isinstance(listed, str) else listed
    types = {name: str(content.get(f"sources.{name}.type")) for name in names}
    return {
        name: SOURCES[each].UNRECORDED if each in SOURCES else None for name, each in types.items()
    }


def _sources(settings: Settings, name: str, day: date) -> dict[str, str]:
    """The sources that an indicator uses, with the options that decide which records each yields.

    Options that only say how to reach the source are left out."""
    names = settings.sources_of(name, day)
    found = {"sources": _list(names)}
    for each in names:
        options = settings.sources[each]
        written = options.model_dump(
            mode="json", exclude_defaults=True, exclude=set(options.ACCESS)
        )
        found |= flattened(f"sources.{each}", {"type": options.type, **written})
    return found


def _hours(calendar: CalendarSettings) -> dict[str, Any]:
    hours = {day: windows_text(windows) for day, windows in calendar.hours.items() if windows}
    found: dict[str, Any] = {"timezone": calendar.timezone, "hours": hours}
    if calendar.holidays != HolidaySettings():
        days = calendar.holidays.model_dump(mode="json", exclude_defaults=True)
        for key in ("half_days", "half_days_before", "open"):
            if key in days:
                days[key] = {day: windows_text(windows) for day, windows in days[key].items()}
        found["holidays"] = days
    return found


def flattened(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Flattens a value into (path, text) pairs.

    ``{within: 30min}`` at ``indicators.x`` becomes ``("indicators.x.within", "30min")``.
    """
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from flattened(f"{path}.{key}", below)
    elif isinstance(value, bool):
        yield path, str(value).lower()
    elif isinstance(value, list | tuple):
        yield path, _list(value)
    else:
        text = str(value)
        yield path, json.dumps(text, ensure_ascii=False) if text[:1] in _LIST_OR_QUOTED else text


def _list(values: Iterable[Any], *, ordered: bool = False) -> str:
    """A list as JSON; unless it is ``ordered``, neither its order nor repetitions make a
    difference."""
    texts = list(map(str, values))
    return json.dumps(texts if ordered else sorted(set(texts)), ensure_ascii=False)


def parsed_value(text: str) -> str | list[str]:
    """A value of a definition as the text or list that was written: undoes `flattened`."""
    value: str | list[str] = json.loads(text) if text[:1] in _LIST_OR_QUOTED else text
    return value


def readable(text: str) -> str:
    """A value of a definition for people: a list as its words with commas, ``none`` if empty."""
    value = parsed_value(text)
    return value if isinstance(value, str) else ", ".join(value) or "none"


def as_text(course: list[Definition]) -> str:
    """Definitions as text for the store; equal definitions have equal texts."""
    written = [[d.valid_from.isoformat(), d.says, d.days] for d in course]
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> list[Definition]:
    """The definitions that :func:`as_text` wrote."""
    return [Definition(date.fromisoformat(d), says, days) for d, says, days in json.loads(text)]


def measured_on(course: list[Definition]) -> str:
    """``tickets`` or ``calls``: the records that a measured indicator is about."""
    return "tickets" if "rules.counted_by" in course[0].says else "calls"


def in_force(course: list[Definition], day: date) -> Definition:
    """The definition that applies to records that count on ``day``.

    ``course``: the definitions in ascending order of ``valid_from``; the first one covers every
    date, as :func:`definitions` guarantees.
    """
    return next(each for each in reversed(course) if each.valid_from <= day)
