"""What decides a figure, written out: to be printed beside it, and to notice when it changes.

A definition is flat: paths as in the configuration, with their values as text, the same text for
what means the same. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from collector.calendars import differing_days
from collector.kinds import KINDS, Indicator, Manual, delivery_of
from collector.opening_hours import windows_text
from collector.rules import Rules, Within
from collector.settings import CalendarSettings, HolidaySettings, Settings
from collector.targets import BUSINESS_DAYS, TIME_UNITS, Target
from collector.values import duration_text

_NAMES_ONLY = frozenset(
    {"title", "goal", "unit_label", "rules", "versions", "breaks", "values", "forecasts"}
)
_OF_CALLS = frozenset({"withdrawn", "min_n"})
_OF_TICKETS = frozenset(Rules.model_fields) - {"withdrawn"}
_IN_TIME = frozenset({"target", "calendar", "records", "within", "where", "formula",
                      "short_abandon"})  # fmt: skip
"""What an indicator's versions may change."""
_DAY = timedelta(days=1)


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

    @property
    def may_have_versions(self) -> bool:
        """Whether the new value could have been given a date of its own in the configuration."""
        head, _, rest = self.path.partition(".")
        if head == "indicators":
            return rest.partition(".")[2].partition(".")[0] in _IN_TIME
        return head in {"rules", "calendars"} and rest != "counted_by"


def definitions(settings: Settings, name: str) -> list[Definition]:
    """How an indicator is measured through time, in the order of the dates."""
    found: list[Definition] = []
    for turn in settings.turns(name):
        calendar = _calendar(settings, name, turn)
        days = {} if calendar is None else differing_days(calendar)
        written = {day.isoformat(): text for day, text in sorted(days.items())}
        said = says(settings, name, turn)
        decisive = {path: text for path, text in said.items() if ".holidays." not in path}
        found.append(Definition(turn, decisive, written))
    return found


def says(settings: Settings, name: str, day: date) -> dict[str, str]:
    """What decides the figure of an indicator for what counts on a date: path → value."""
    indicator = settings.indicator(name, day)
    found = dict(_flat(f"indicators.{name}", _own(indicator)))
    if not isinstance(indicator, Manual):
        rules = settings.rules_of(name, day)
        found |= _flat("rules", _rules(indicator, rules))
        found |= _sources(settings, name, day)
        found["organizations"] = _list(settings.organizations)
        if delivery_of(indicator) == "tickets" and rules.priority == "strictest":
            found["priorities"] = _list(settings.priorities, ordered=True)
    if (calendar := _calendar(settings, name, day)) is not None:
        found |= _flat(f"calendars.{getattr(indicator, 'calendar', '')}", _hours(calendar))
    if delivery_of(indicator) == "tickets":
        excluded = {n: each.model_dump(exclude_none=True) for n, each in settings.exclude.items()}
        found |= _flat("exclude", excluded)
    found["timezone"] = settings.timezone
    found["fiscal_year_start"] = str(settings.fiscal_year_start)
    found["tertials"] = settings.tertials
    return found


def _calendar(settings: Settings, name: str, day: date) -> CalendarSettings | None:
    used = getattr(settings.indicator(name, day), "calendar", None)
    return None if used is None else settings.calendars[used].in_force(day)


def _own(indicator: Indicator) -> dict[str, Any]:
    """What the indicator says itself; its unit only where it is that of its numbers, and of its
    records not their source, which comes with all the sources."""
    own: dict[str, Any] = {"kind": indicator.kind}
    written = indicator.model_dump(mode="json", by_alias=True, exclude_none=True)
    own |= {key: value for key, value in written.items() if key not in _NAMES_ONLY}
    if indicator.target is not None:
        own["target"] = _target(indicator.target)
    if not isinstance(indicator, Manual):
        own.pop("unit", None)
    if isinstance(own.get("records"), dict):
        own["records"].pop("source", None)
    within = getattr(indicator, "within", None)
    if within is not None:
        own["within"] = _limit(within)
    if "short_abandon" in own:
        own["short_abandon"] = duration_text(getattr(indicator, "short_abandon", 0))
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
    chosen = _OF_CALLS if delivery_of(indicator) == "calls" else _OF_TICKETS
    return {key: value for key, value in _all_rules(rules).items() if key in chosen}


def _all_rules(rules: Rules) -> dict[str, Any]:
    written = rules.model_dump(mode="json")
    written["phone_solved_within"] = duration_text(rules.phone_solved_within)
    return {key: written[key] for key in Rules.model_fields}


def _sources(settings: Settings, name: str, day: date) -> dict[str, str]:
    """The sources that an indicator draws on, and how each makes records of what it reads."""
    names = settings.sources_of(name, day)
    found = {"sources": _list(names)}
    for each in names:
        options = settings.sources[each]
        decides = options.model_dump(
            mode="json", exclude_defaults=True, exclude=set(options.ACCESS)
        )
        found |= _flat(f"sources.{each}", {"type": options.type, **decides})
    return found


def _hours(calendar: CalendarSettings) -> dict[str, Any]:
    hours = {day: windows_text(windows) for day, windows in calendar.hours.items() if windows}
    found: dict[str, Any] = {"timezone": calendar.timezone, "hours": hours}
    if calendar.holidays != HolidaySettings():
        days = calendar.holidays.model_dump(mode="json", exclude_defaults=True)
        for key in ("half_days", "half_days_before"):
            if key in days:
                days[key] = {day: windows_text(windows) for day, windows in days[key].items()}
        found["holidays"] = days
    return found


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """``{within: 30min}`` below ``indicators.x`` → ``indicators.x.within``, ``30min``."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _flat(f"{path}.{key}", below)
    elif isinstance(value, bool):
        yield path, str(value).lower()
    elif isinstance(value, list | tuple):
        yield path, _list(value)
    else:
        yield path, str(value)


def _list(values: Iterable[Any], *, ordered: bool = False) -> str:
    """A list in which nothing but its order and what is there twice can differ unseen."""
    texts = list(map(str, values))
    return json.dumps(texts if ordered else sorted(set(texts)), ensure_ascii=False)


def readable(text: str) -> str:
    """What a path says, for people: a list by its words."""
    return ", ".join(json.loads(text)) or "none" if text.startswith("[") else text


def as_text(course: list[Definition]) -> str:
    """Definitions for the store, the same text for the same definitions."""
    written = [[d.valid_from.isoformat(), d.says, d.days] for d in course]
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> list[Definition]:
    """What :func:`as_text` wrote."""
    return [Definition(date.fromisoformat(d), says, days) for d, says, days in json.loads(text)]


def in_force(course: list[Definition], day: date) -> Definition:
    """The definition for what counts on a date."""
    return next(each for each in reversed(course) if each.valid_from <= day)


def changes_within(course: list[Definition], first: date, after: date) -> list[Difference]:
    """What becomes another one behind ``first`` and before ``after``, each with its date."""
    found: list[Difference] = []
    for old, new in pairwise(course):
        if first < new.valid_from < after:
            found += _compared(old, new, new.valid_from)
            if difference := _other_day(old, new, new.valid_from, after - _DAY):
                found.append(difference)
    return found


def differences(
    before: list[Definition], after: list[Definition], first: date, today: date
) -> list[Difference]:
    """What differs between two courses of definitions for dates from ``first`` up to ``today``.

    Nothing counts as measured on ``today`` itself; but hours of today are under way in what began
    before, so a calendar's single days are compared up to and with it, and in each version from
    ``first`` on: a clock that began under another version runs through them. Each path is named
    once, with the first date that it touches.
    """
    found: dict[str, Difference] = {}
    turns = {each.valid_from for each in (*before, *after)}
    edges = sorted({first, today, *(turn for turn in turns if first < turn < today)})
    for start, _ in pairwise(edges):
        old, new = in_force(before, start), in_force(after, start)
        several = _compared(old, new, start)
        if difference := _other_day(old, new, first, today):
            several.append(difference)
        for each in several:
            found.setdefault(each.path, each)
    return list(found.values())


def _compared(old: Definition, new: Definition, since: date) -> list[Difference]:
    """The paths whose values decide otherwise, in the order of ``new``."""
    was, becomes = _decisive(old), _decisive(new)
    found: list[Difference] = []
    for path in dict.fromkeys((*was, *becomes)):
        before, after = was.get(path), becomes.get(path)
        if before != after and not _harmless(path, before, after, was):
            shown = _shown(path, new if path in becomes else old)
            found.append(Difference(shown, since, before or "", after or ""))
    return found


def _decisive(definition: Definition) -> dict[str, str]:
    """What it says, its calendar by what that says and not by its name."""
    name = _own_key(definition.says, "calendar")
    return {
        path.replace(f"calendars.{name}.", "calendars..", 1): text
        for path, text in definition.says.items()
        if not (path.startswith("indicators.") and path.split(".")[2:] == ["calendar"])
    }


def _own_key(said: Mapping[str, str], key: str) -> str:
    """The value of one of the indicator's own keys; empty where it has none."""
    for path, text in said.items():
        if path.startswith("indicators.") and path.split(".")[2:] == [key]:
            return text
    return ""


def _shown(path: str, definition: Definition) -> str:
    name = _own_key(definition.says, "calendar")
    return path.replace("calendars..", f"calendars.{name}.", 1)


def _harmless(path: str, before: str | None, after: str | None, was: Mapping[str, str]) -> bool:
    """Whether a value may become another one without any figure of the past becoming another.

    An organization more only splits what is there; a first source has brought nothing yet; and an
    option that an older program did not know is, at its default, how that program measured.
    """
    if path == "organizations":
        return set(json.loads(before or "[]")) <= set(json.loads(after or "[]"))
    if path == "sources" or path.startswith("sources."):
        known = json.loads(was.get("sources", "[]"))
        return not known or (path != "sources" and path.split(".")[1] not in known)
    return before is None and after == _default(path, _own_key(was, "kind"))


def _default(path: str, kind: str) -> str | None:
    """What a path says where the configuration is silent; None where it must speak."""
    head, _, rest = path.partition(".")
    if head == "rules":
        return dict(_flat("rules", _all_rules(Rules()))).get(path)
    key = rest.partition(".")[2]
    if head == "indicators" and (model := KINDS.get(kind)):
        defaults = {f.alias or name: f.get_default() for name, f in model.model_fields.items()}
        default = defaults.get(key)
        if isinstance(default, int):
            return duration_text(default) if key == "short_abandon" else str(default)
        return default if isinstance(default, str) else None
    return None


def _other_day(old: Definition, new: Definition, first: date, last: date) -> Difference | None:
    """The first single day from ``first`` up to and with ``last`` that is another one; it stands
    for all. Only between two calendars: where one is missing, that is the difference."""
    name = _own_key(new.says, "calendar")
    if old.days == new.days or not name or not _own_key(old.says, "calendar"):
        return None
    for day in sorted({*old.days, *new.days}):
        was, becomes = (each.days.get(day, "as every week") for each in (old, new))
        if first.isoformat() <= day <= last.isoformat() and was != becomes:
            path = f"calendars.{name}.holidays"
            return Difference(path, date.fromisoformat(day), f"{day} {was}", becomes)
    return None
