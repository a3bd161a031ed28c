"""A configuration with some of its values set to others: ``indicators.urgent.within=2h``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from collector.config.indicator_base import Version
from collector.config.loading.load import read_configuration, settings_of
from collector.config.loading.paths import assign, place_of
from collector.config.rules import OwnRules
from collector.config.settings import CalendarVersion, Settings
from collector.io.yaml import Fault, FaultyFile, Place, dotted

_OF_MEASURING = (
    "indicators",
    "calendars",
    "rules",
    "exclude",
    "priorities",
    "organizations",
    "timezone",
    "fiscal_year_start",
    "tertials",
)
"""What decides how the records in the store are measured; all else decides which records and values
there are, or who is served."""


def with_changes(file: Path, assignments: Sequence[str]) -> Settings:
    """The configuration with some values set, as in ``indicators.urgent.within=20min``.

    A path goes by keys and ``[n]`` into lists; keys that are not there are added; a value is YAML.
    Raises FaultyFile for what cannot be set, and for what is then wrong.
    """
    data = deepcopy(read_configuration(file).data)
    if not isinstance(data, dict):
        data = {}  # and so everything is missing
    faults: list[Fault] = []
    for text in assignments:
        try:
            _place(text)
            assign(data, text)
        except ValueError as error:
            faults.append(Fault(f"--set {text}: {error}"))
    if faults:
        raise FaultyFile(file, faults)
    settings, found = settings_of(file, data)
    if settings is None or found:
        told = ", ".join(f"--set {text}" for text in assignments)
        raise FaultyFile(
            file, [Fault(f"with {told}: {f.message}", f.path, f.line, f.file) for f in found]
        )
    return settings


def _place(text: str) -> Place:
    """The place that an assignment names. Raises ValueError."""
    steps = place_of(text)
    if steps[0] not in _OF_MEASURING:
        raise ValueError(
            "it does not say how the records in the store are measured; what can be set begins "
            f"with one of {', '.join(_OF_MEASURING)}"
        )
    return steps


def also_set_later(settings: Settings, assignments: Sequence[str]) -> list[str]:
    """The paths whose value a later version replaces, so that setting them alone does little.

    ``settings``: with the assignments made. Those that set the later one themselves are left out.
    """
    places = [_place(text) for text in assignments]
    found: dict[Place, str] = {}
    for place in places:
        for later, version in _later(settings, place):
            if not any(_overlap(later, other) for other in places):
                text = f"{dotted(place)} is another one from {version.valid_from} on"
                found.setdefault(later, f"{text}: set {dotted(later)}")
    return list(found.values())


def _later(settings: Settings, place: Place) -> Iterator[tuple[Place, Any]]:
    """The places in versions behind a place whose values are put in its place, and the versions."""
    head, *rest = place
    if head == "rules":
        holder: Place = ("rules",)
    elif head in {"indicators", "calendars"} and len(place) > 1:
        holder, rest = place[:2], rest[1:]
    else:
        return
    first = 0
    if len(rest) > 2 and rest[0] == "versions":
        first, rest = int(rest[1]) + 1, rest[2:]
    if not rest or rest[0] == "versions":
        return  # versions and all are set anew
    for at, version, keys in _versions(settings):
        if at[:-1] == (*holder, "versions") and int(at[-1]) >= first:
            yield from (((*at, *key), version) for key in keys if _overlap(key, tuple(rest)))
        elif head == "rules" and at[0] == "indicators":
            key = ("rules", *rest)
            yield from (((*at, *each), version) for each in keys if _overlap(each, key))


def _versions(settings: Settings) -> Iterator[tuple[Place, Any, list[Place]]]:
    """Every version with its place, and what it says: places that begin within it."""
    for index, general in enumerate(settings.rules.versions):
        yield ("rules", "versions", index), general, [(key,) for key in _rules(general)]
    holders: list[tuple[str, str, Sequence[Version | CalendarVersion]]] = [
        *(("calendars", name, each.versions) for name, each in settings.calendars.items()),
        *(("indicators", name, each.versions) for name, each in settings.indicators.items()),
    ]
    for head, name, versions in holders:
        for index, version in enumerate(versions):
            keys: list[Place] = [(key,) for key in version.changes()]
            own = getattr(version, "rules", None)
            keys += [("rules", key) for key in ([] if own is None else _rules(own))]
            yield (head, name, "versions", index), version, keys


def _rules(rules: OwnRules) -> list[str]:
    return list(rules.model_dump(exclude_none=True, exclude={"valid_from"}))


def _overlap(one: Place, other: Place) -> bool:
    """Whether one place is the other one, holds it or lies in it."""
    n = min(len(one), len(other))
    return one[:n] == other[:n]
