"""Checks of dated versions: a version must not change the date on which a record counts, since that
date selects the version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from collector.config.rules import OwnRules, Rules
from collector.config.settings import Settings
from collector.io.yaml import Finding, Place

DECIDES_THE_DATE = {
    "opened": (),
    "responded": ("answers", "phone_solved_within", "before_opening"),
    "resolved": ("resolution",),
}
"""The value of ``counted_by`` → the other rules that affect the date on which a record counts."""


def version_findings(settings: Settings) -> Iterator[Finding]:
    """The faults of versions as such: moving dates, replies required, and empty versions."""
    yield from _dates(settings)
    yield from _answers(settings)
    yield from _empty(settings)


def _dates(settings: Settings) -> Iterator[Finding]:
    """A record's date must be known before the version that measures it can be selected."""
    found: dict[Place, list[str]] = {}
    for name in _on_tickets(settings):
        for before, start in pairwise(settings.turns(name)):
            rules = settings.rules_of(name, before), settings.rules_of(name, start)
            for key in _date_rules_changed(*rules):
                found.setdefault(_setter(settings, name, start, key), []).append(name)
    for place, names in found.items():
        whose = f" for {', '.join(names)}" if place[0] == "rules" else ""
        yield (
            place,
            f"cannot change over time{whose}: it decides the date on which a record counts, and "
            "that date selects the version; set it in rules, outside versions",
        )


def _date_rules_changed(before: Rules, after: Rules) -> list[str]:
    """The changed rules that make a ticket count on another date than before."""
    if before.counted_by != after.counted_by:
        return ["counted_by"]
    keys = DECIDES_THE_DATE[before.counted_by]
    return [key for key in keys if _comparable(before, key) != _comparable(after, key)]


def _comparable(rules: Rules, key: str) -> object:
    """The value of a rule; a list as a set, since its order makes no difference."""
    value = getattr(rules, key)
    return frozenset(value) if isinstance(value, list) else value


def _setter(settings: Settings, name: str, start: date, key: str) -> Place:
    """The place that sets a rule from ``start`` on: the indicator's own versions come first."""
    for index, own in enumerate(settings.indicators[name].versions):
        if own.valid_from == start and getattr(own.rules, key, None) is not None:
            return "indicators", name, "versions", index, "rules", key
    dates = [version.valid_from for version in settings.rules.versions]
    return "rules", "versions", dates.index(start), key


def _answers(settings: Settings) -> Iterator[Finding]:
    """The store selects tickets by their first reply, so no other answer can decide the date.

    Neither rule may change over time, so checking the first version is enough.
    """
    for name in _on_tickets(settings):
        rules, own = settings.rules_of(name), settings.indicators[name].rules
        if rules.counted_by == "responded" and set(rules.answers) != {"reply"}:
            given = own.model_dump(include={"counted_by", "answers"}, exclude_none=True)
            place: Place = ("indicators", name) if given else ()
            yield (
                (*place, "rules"),
                "counted_by: responded uses replies only: set answers: [reply], or another "
                "counted_by",
            )


def _on_tickets(settings: Settings) -> list[str]:
    return [name for name, each in settings.indicators.items() if each.measured_on == "tickets"]


def _empty(settings: Settings) -> Iterator[Finding]:
    """A version without effect is a mistake: a key is missing, or is indented one level too
    little."""
    empty: list[Place] = [
        ("rules", "versions", index)
        for index, version in enumerate(settings.rules.versions)
        if _is_empty(version)
    ]
    empty += [
        ("calendars", name, "versions", index)
        for name, calendar in settings.calendars.items()
        for index, version in enumerate(calendar.versions)
        if not version.changes()
    ]
    empty += [
        ("indicators", name, "versions", index)
        for name, indicator in settings.indicators.items()
        for index, version in enumerate(indicator.versions)
        if not version.changes() and (version.rules is None or _is_empty(version.rules))
    ]
    for place in empty:
        yield place, "changes nothing: add what is to change from valid_from on, or remove it"


def _is_empty(rules: OwnRules) -> bool:
    return not rules.model_dump(exclude_none=True, exclude={"valid_from"})
