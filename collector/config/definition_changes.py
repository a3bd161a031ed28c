"""How definitions of an indicator differ: through time, and between two configurations. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from collector.config.definitions import Definition, flat, in_force, says, written_rules
from collector.config.indicators import KINDS
from collector.config.rules import Rules
from collector.config.settings import Settings
from collector.model.fields import duration_text

_IN_TIME = frozenset({"target", "calendar", "records", "within", "where", "formula",
                      "short_abandon"})  # fmt: skip
"""What an indicator's versions may change."""
_HELD_AGAINST = frozenset({"target", "unit", "valid_days"})
"""Keys of an indicator that change what is made of a figure, and not the figure."""
_DAY = timedelta(days=1)


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


class Turns(NamedTuple):
    """The dates from which on an indicator's records are judged another way.

    ``judged``: by anything but another name; ``measured``: not only held against something else;
    ``broken``: not only in other business hours, so that what was before is no measure any more.
    """

    judged: tuple[date, ...]
    measured: tuple[date, ...]
    broken: tuple[date, ...]


def turns_of(settings: Settings, name: str) -> Turns:
    """Where versions of an indicator, its rules and its calendars begin, by what they change."""
    dates = settings.turns(name)
    said = [says(settings, name, day) for day in dates]

    def where(ways: list[dict[str, str]]) -> tuple[date, ...]:
        pairs = zip(dates[1:], pairwise(ways), strict=True)
        return tuple(day for day, (old, new) in pairs if old != new)

    return Turns(
        where(said),
        where([_measure(each) for each in said]),
        where([_measure(each, hours=False) for each in said]),
    )


def measured_alike(course: list[Definition], *spans: tuple[date, date]) -> bool:
    """Whether one way to measure holds for all that counts in the spans ``[first, after)``.

    Single days of a calendar are no other way, and neither is another target.
    """
    ways = [
        _measure(each.says)
        for first, after in spans
        for each in (in_force(course, first), *(d for d in course if first < d.valid_from < after))
    ]
    return all(way == ways[0] for way in ways)


def _measure(said: Mapping[str, str], *, hours: bool = True) -> dict[str, str]:
    """What of a definition decides how records are measured."""
    return {
        path: text
        for path, text in _decisive(said).items()
        if not _is_held_against(path) and (hours or not path.startswith("calendars."))
    }


def _is_held_against(path: str) -> bool:
    parts = path.split(".")
    own = parts[0] == "indicators" and parts[2:] and parts[2] in _HELD_AGAINST
    return path == "rules.min_n" or bool(own)


def read_otherwise(before: list[Definition], after: list[Definition]) -> set[str]:
    """The sources of both of which other records are made by the later definitions.

    That is what their options decide, and which organizations there are: a row of another one is
    rejected.
    """
    was, becomes = _readings(before), _readings(after)
    return {name for name in was.keys() & becomes.keys() if was[name] != becomes[name]}


def _readings(course: list[Definition]) -> dict[str, dict[str, str]]:
    """What decides the records of each source."""
    found: dict[str, dict[str, str]] = {}
    for each in course:
        for name in json.loads(each.says.get("sources", "[]")):
            own = f"sources.{name}."
            found[name] = {
                path: text
                for path, text in each.says.items()
                if path == "organizations" or path.startswith(own)
            }
    return found


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
    was, becomes = _decisive(old.says), _decisive(new.says)
    found: list[Difference] = []
    for path in dict.fromkeys((*was, *becomes)):
        before, after = was.get(path), becomes.get(path)
        if before != after and not _harmless(path, before, after, was):
            shown = _shown(path, new if path in becomes else old)
            found.append(Difference(shown, since, before or "", after or ""))
    return found


def _decisive(said: Mapping[str, str]) -> dict[str, str]:
    """What decides, the calendar by what it says and not by its name."""
    name = _own_key(said, "calendar")
    own = f"calendars.{name}."
    return {
        f"calendars..{path.removeprefix(own)}" if path.startswith(own) else path: text
        for path, text in said.items()
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

    A first source has brought nothing yet, so no organization was missed; and an option that an
    older program did not know is, at its default, how that program measured.
    """
    known = json.loads(was.get("sources", "[]"))
    if path == "organizations":
        return not known
    if path == "sources" or path.startswith("sources."):
        return not known or (path != "sources" and path.split(".")[1] not in known)
    return before is None and after == _default(path, _own_key(was, "kind"))


def _default(path: str, kind: str) -> str | None:
    """What a path says where the configuration is silent; None where it must speak."""
    head, _, rest = path.partition(".")
    if head == "rules":
        return dict(flat("rules", written_rules(Rules()))).get(path)
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
