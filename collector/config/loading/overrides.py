"""Overrides values of a configuration, as in ``indicators.urgent.within=2h``."""

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
from collector.io.yaml import Fault, FaultyFile, Place, place_text

_MEASURING_KEYS = (
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
"""The top-level keys that decide how the records in the store are measured. All others decide which
records and entries there are, or who is served."""


def with_changes(file: Path, assignments: Sequence[str]) -> Settings:
    """The configuration with some values replaced, as in ``indicators.urgent.within=20min``.

    A path consists of keys, and ``[n]`` for entries of lists; missing keys are added; the value is
    YAML. Raises FaultyFile if a value cannot be set, or if the result is not a valid configuration.
    """
    data = deepcopy(read_configuration(file).data)
    if not isinstance(data, dict):
        data = {}  # the models then report what is missing
    faults: list[Fault] = []
    for text in assignments:
        try:
            _place(text)
            assign(data, text)
        except ValueError as error:
            faults.append(Fault(f"--set {text}: {error}"))
    if faults:
        raise FaultyFile(file, faults)
    settings, faults = settings_of(file, data)
    if settings is None or faults:
        options = ", ".join(f"--set {text}" for text in assignments)
        raise FaultyFile(
            file, [Fault(f"with {options}: {f.message}", f.path, f.line, f.file) for f in faults]
        )
    return settings


def _place(text: str) -> Place:
    """The place that an assignment names. Raises ValueError if it does not affect measuring."""
    steps = place_of(text)
    if steps[0] not in _MEASURING_KEYS:
        raise ValueError(
            "does not affect how the records in the store are measured; set a path that begins "
            f"with one of {', '.join(_MEASURING_KEYS)}"
        )
    return steps


def also_set_later(settings: Settings, assignments: Sequence[str]) -> list[str]:
    """Hints about assigned paths whose value a later version replaces, so that they have little
    effect alone.

    ``settings``: the result of the assignments. Assignments that also set the later version need
    no hint.
    """
    places = [_place(text) for text in assignments]
    found: dict[Place, str] = {}
    for place in places:
        for later, version in _later(settings, place):
            if not any(_overlap(later, other) for other in places):
                text = f"{place_text(place)} is replaced from {version.valid_from} on"
                found.setdefault(later, f"{text}: set {place_text(later)}")
    return list(found.values())


def _later(settings: Settings, place: Place) -> Iterator[tuple[Place, Any]]:
    """The places in later versions that replace the value at ``place``, with their versions."""
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
        return  # the assignment replaces all versions
    for at, version, keys in _versions(settings):
        if at[:-1] == (*holder, "versions") and int(at[-1]) >= first:
            yield from (((*at, *key), version) for key in keys if _overlap(key, tuple(rest)))
        elif head == "rules" and at[0] == "indicators":
            key = ("rules", *rest)
            yield from (((*at, *each), version) for each in keys if _overlap(each, key))


def _versions(settings: Settings) -> Iterator[tuple[Place, Any, list[Place]]]:
    """Every version with its place, and the keys that it sets, relative to that place."""
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
    """Whether two places are equal, or one contains the other."""
    n = min(len(one), len(other))
    return one[:n] == other[:n]
