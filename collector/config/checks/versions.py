"""What versions may not say: on which date a record counts, since that decides its version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from collector.config.rules import OwnRules, Rules
from collector.config.settings import Settings
from collector.io.yaml import Finding, Place

DECIDES_THE_DATE = {
    "opened": (),
    "responded": ("answers", "phone_solved_within"),
    "resolved": ("resolution",),
}
"""Counted by what → the rules that say when that was."""


def version_findings(settings: Settings) -> Iterator[Finding]:
    """What is wrong with versions as such."""
    yield from _dates(settings)
    yield from _answers(settings)
    yield from _empty(settings)


def _dates(settings: Settings) -> Iterator[Finding]:
    """A record must know its date before it can be measured by the version of that date."""
    found: dict[Place, list[str]] = {}
    for name in _on_tickets(settings):
        for before, turn in pairwise(settings.turns(name)):
            rules = settings.rules_of(name, before), settings.rules_of(name, turn)
            for key in _moved(*rules):
                found.setdefault(_setter(settings, name, turn, key), []).append(name)
    for place, names in found.items():
        whose = f" for {', '.join(names)}" if place[0] == "rules" else ""
        yield (
            place,
            f"cannot change with time{whose}: the date that a record counts on decides its "
            "version; set it in rules without a date",
        )


def _moved(before: Rules, after: Rules) -> list[str]:
    """The rules that let a ticket count on another date than before."""
    if before.counted_by != after.counted_by:
        return ["counted_by"]
    keys = DECIDES_THE_DATE[before.counted_by]
    return [key for key in keys if _said(before, key) != _said(after, key)]


def _said(rules: Rules, key: str) -> object:
    value = getattr(rules, key)
    return frozenset(value) if isinstance(value, list) else value


def _setter(settings: Settings, name: str, turn: date, key: str) -> Place:
    """Where a rule gets its value of a date: the indicator's own versions go before the general."""
    for index, own in enumerate(settings.indicators[name].versions):
        if own.valid_from == turn and getattr(own.rules, key, None) is not None:
            return "indicators", name, "versions", index, "rules", key
    dates = [version.valid_from for version in settings.rules.versions]
    return "rules", "versions", dates.index(turn), key


def _answers(settings: Settings) -> Iterator[Finding]:
    """Tickets are read from the store by the reply, so by the reply alone they can count.

    Neither rule may change with time, so that the beginning tells of all versions.
    """
    for name in _on_tickets(settings):
        rules, own = settings.rules_of(name), settings.indicators[name].rules
        if rules.counted_by == "responded" and set(rules.answers) != {"reply"}:
            given = own.model_dump(include={"counted_by", "answers"}, exclude_none=True)
            place: Place = ("indicators", name) if given else ()
            yield (
                (*place, "rules"),
                "counted_by responded goes by replies alone; it cannot be had with other answers",
            )


def _on_tickets(settings: Settings) -> list[str]:
    return [name for name, each in settings.indicators.items() if each.measured_on == "tickets"]


def _empty(settings: Settings) -> Iterator[Finding]:
    """A version without effect is a slip: something was forgotten, or stands a level too high."""
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
        yield place, "changes nothing: say what is another one from valid_from on, or remove it"


def _is_empty(rules: OwnRules) -> bool:
    return not rules.model_dump(exclude_none=True, exclude={"valid_from"})
