"""How an indicator's definitions differ: over time, and between two configurations. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from collector.config.definitions import (
    Definition,
    definition_content,
    flattened,
    in_force,
    written_rules,
)
from collector.config.indicators import KINDS
from collector.config.rules import Rules
from collector.config.settings import Settings
from collector.model.fields import duration_text

_VERSIONED = frozenset({"target", "calendar", "records", "within", "where", "formula",
                        "short_abandon", "rejoin_within"})  # fmt: skip
"""The keys that an indicator's versions may change."""
_PRESENTATION = frozenset({"target", "unit", "valid_days"})
"""Keys of an indicator that change how its figure is judged or shown, but not the figure."""
_PERIODS = frozenset({"fiscal_year_start", "tertials"})
"""What decides which dates a figure is of, and no sum of a date."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """A path of a definition whose value differs for records that count from ``since`` on.

    ``before`` and ``after`` are the values as text; empty where the path is absent.
    """

    path: str
    since: date
    before: str
    after: str

    @property
    def may_have_versions(self) -> bool:
        """Whether the configuration could have introduced the new value in a dated version."""
        head, _, rest = self.path.partition(".")
        if head == "indicators":
            key = rest.partition(".")[2].partition(".")[0]
            # That of a count is the same from the beginning; a service level of stays names none
            return key in _VERSIONED or (key == "of" and "" in (self.before, self.after))
        return head in {"rules", "calendars"} and rest != "counted_by"


class VersionStarts(NamedTuple):
    """The dates from which an indicator's definition changes, by the weight of the change.

    ``judged``: anything but names changes. ``measured``: the figure itself is measured in another
    way; a new target alone does not count. ``broken``: more than the business hours changes, so
    that earlier figures are no longer comparable.
    """

    judged: tuple[date, ...]
    measured: tuple[date, ...]
    broken: tuple[date, ...]


def version_starts(settings: Settings, name: str) -> VersionStarts:
    """The start dates of the versions of an indicator, its rules and its calendars, by what they
    change."""
    dates = settings.turns(name)
    contents = [definition_content(settings, name, day) for day in dates]

    def changing(values: list[dict[str, str]]) -> tuple[date, ...]:
        pairs = zip(dates[1:], pairwise(values), strict=True)
        return tuple(day for day, (old, new) in pairs if old != new)

    return VersionStarts(
        changing(contents),
        changing([_measuring(each) for each in contents]),
        changing([_measuring(each, hours=False) for each in contents]),
    )


def measured_in_the_same_way(course: list[Definition], *spans: tuple[date, date]) -> bool:
    """Whether records are measured in the same way throughout the spans ``[first, after)``.

    Neither single days of a calendar nor a new target make a difference.
    """
    measures = [
        _measuring(each.says)
        for first, after in spans
        for each in (in_force(course, first), *(d for d in course if first < d.valid_from < after))
    ]
    return all(measure == measures[0] for measure in measures)


def _measuring(content: Mapping[str, str], *, hours: bool = True) -> dict[str, str]:
    """The part of a definition's content that decides how records are measured."""
    return {
        path: text
        for path, text in _without_calendar_name(content).items()
        if not _is_presentation(path) and (hours or not path.startswith("calendars."))
    }


def measured_otherwise(
    before: list[Definition], after: list[Definition], span: tuple[date, date], hours: date
) -> bool:
    """Whether records that count in the span ``[first, after)`` are measured in another way.

    Neither targets nor what an option means by default make a difference, as in
    :func:`differences`. Of a calendar's single days those before the date ``hours`` do, since
    clocks run through them.
    """
    first, end = span
    starts = {each.valid_from for each in (*before, *after)}
    for day in {first, *(start for start in starts if first < start < end)}:
        old, new = in_force(before, day), in_force(after, day)
        changed = (each.path for each in _compared(old, new, day))
        if not all(path in _PERIODS or _is_presentation(path) for path in changed):
            return True
        if _first_differing_day(old, new, date.min, hours - _DAY):
            return True
    return False


def _is_presentation(path: str) -> bool:
    parts = path.split(".")
    own = parts[0] == "indicators" and parts[2:] and parts[2] in _PRESENTATION
    return path == "rules.min_n" or bool(own)


def sources_to_read_again(before: list[Definition], after: list[Definition]) -> set[str]:
    """The sources in both definitions from which the later ones derive different records.

    A source's options decide that, and so does the list of organizations: rows that name any other
    organization are rejected.
    """
    old, new = _source_options(before), _source_options(after)
    return {name for name in old.keys() & new.keys() if old[name] != new[name]}


def _source_options(course: list[Definition]) -> dict[str, dict[str, str]]:
    """By source, the paths and values that decide which records it yields."""
    options: dict[str, dict[str, str]] = {}
    for each in course:
        for name in json.loads(each.says.get("sources", "[]")):
            prefix = f"sources.{name}."
            options[name] = {
                path: text
                for path, text in each.says.items()
                if path == "organizations" or path.startswith(prefix)
            }
    return options


def changes_within(course: list[Definition], first: date, after: date) -> list[Difference]:
    """What changes after ``first`` and before ``after`` (both exclusive), each with its date."""
    changes: list[Difference] = []
    for old, new in pairwise(course):
        if first < new.valid_from < after:
            changes += _compared(old, new, new.valid_from)
            if difference := _first_differing_day(old, new, new.valid_from, after - _DAY):
                changes.append(difference)
    return changes


def differences(
    before: list[Definition], after: list[Definition], first: date, today: date
) -> list[Difference]:
    """What differs between two histories of definitions, for dates from ``first`` to ``today``.

    Records that count on ``today`` are not compared yet. But clocks that started earlier run
    through the hours of today, so single days of a calendar are compared up to and including
    ``today``, and in each version from ``first`` on, since a clock that started under an earlier
    version runs through them too. Each path appears once, with the first date that it affects.
    """
    found: dict[str, Difference] = {}
    starts = {each.valid_from for each in (*before, *after)}
    edges = sorted({first, today, *(start for start in starts if first < start < today)})
    for start, _ in pairwise(edges):
        old, new = in_force(before, start), in_force(after, start)
        several = _compared(old, new, start)
        if difference := _first_differing_day(old, new, first, today):
            several.append(difference)
        for each in several:
            found.setdefault(each.path, each)
    return list(found.values())


def _compared(old: Definition, new: Definition, since: date) -> list[Difference]:
    """The paths whose values change a figure, those of ``old`` first."""
    old_content, new_content = _without_calendar_name(old.says), _without_calendar_name(new.says)
    found: list[Difference] = []
    for path in dict.fromkeys((*old_content, *new_content)):
        before, after = old_content.get(path), new_content.get(path)
        if before != after and not _harmless(path, before, after, old_content):
            shown = _with_calendar_name(path, new if path in new_content else old)
            found.append(Difference(shown, since, before or "", after or ""))
    return found


def _without_calendar_name(content: Mapping[str, str]) -> dict[str, str]:
    """The content with the calendar's name left out: its hours decide, not what it is called."""
    name = _own_key(content, "calendar")
    prefix = f"calendars.{name}."
    return {
        f"calendars..{path.removeprefix(prefix)}" if path.startswith(prefix) else path: text
        for path, text in content.items()
        if not (path.startswith("indicators.") and path.split(".")[2:] == ["calendar"])
    }


def _own_key(content: Mapping[str, str], key: str) -> str:
    """The value of one of the indicator's own keys; empty where it has none."""
    for path, text in content.items():
        if path.startswith("indicators.") and path.split(".")[2:] == [key]:
            return text
    return ""


def _with_calendar_name(path: str, definition: Definition) -> str:
    """The path as the configuration writes it: the reverse of :func:`_without_calendar_name`."""
    name = _own_key(definition.says, "calendar")
    return path.replace("calendars..", f"calendars.{name}.", 1)


def _harmless(path: str, before: str | None, after: str | None, old: Mapping[str, str]) -> bool:
    """Whether a value can change without changing any figure of the past.

    A new first source has no records yet, so no organization can have been missed. And an option
    that an older release did not have is, at its default, how that release measured.
    """
    known = json.loads(old.get("sources", "[]"))
    if path == "organizations":
        return not known
    if path == "sources" or path.startswith("sources."):
        return not known or (path != "sources" and path.split(".")[1] not in known)
    return before is None and after == _default(path, _own_key(old, "kind"))


def _default(path: str, kind: str) -> str | None:
    """The default of a path as text; None where the configuration must set it."""
    head, _, rest = path.partition(".")
    if head == "rules":
        return dict(flattened("rules", written_rules(Rules()))).get(path)
    key = rest.partition(".")[2]
    if head == "indicators" and (model := KINDS.get(kind)):
        defaults = {f.alias or name: f.get_default() for name, f in model.model_fields.items()}
        default = defaults.get(key)
        if isinstance(default, int):
            return duration_text(default) if key == "short_abandon" else str(default)
        return default if isinstance(default, str) else None
    return None


def _first_differing_day(
    old: Definition, new: Definition, first: date, last: date
) -> Difference | None:
    """The first single day from ``first`` to ``last`` (inclusive) whose hours differ; it is
    reported for all of them. Only where both have a calendar: a missing one is itself the
    difference."""
    name = _own_key(new.says, "calendar")
    if old.days == new.days or not name or not _own_key(old.says, "calendar"):
        return None
    for day in sorted({*old.days, *new.days}):
        before, after = (each.days.get(day, "as every week") for each in (old, new))
        if first.isoformat() <= day <= last.isoformat() and before != after:
            path = f"calendars.{name}.holidays"
            return Difference(path, date.fromisoformat(day), f"{day} {before}", after)
    return None
