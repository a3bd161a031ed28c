"""Loads a YAML file into settings, or reports every fault at once.

There are two steps: the models refuse what has the wrong shape, then
:mod:`collector.config.checks.consistency` checks the parts against each other. Each fault names
file, line and path.
"""

from __future__ import annotations

import os
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from collector.config.checks.consistency import contradictions
from collector.config.checks.warnings import warnings
from collector.config.indicators import KINDS
from collector.config.languages import languages_of
from collector.config.loading.paths import assign
from collector.config.loading.values_file import with_values_file
from collector.config.settings import Settings
from collector.io.yaml import Fault, FaultyFile, Place, YamlFile, place_text, read_yaml
from collector.model.bilingual import LANGUAGES
from collector.sources import SOURCES

OVERRIDES_VARIABLE = "SERVICEDESK_KPI_SET"
"""The environment variable whose lines override the file."""


def load_settings(file: Path) -> Settings:
    """Reads and checks a configuration. Raises FaultyFile with every fault that was found."""
    settings, faults, _ = load_and_check(file)
    if faults or settings is None:
        raise FaultyFile(file, faults)
    return settings


def load_and_check(file: Path) -> tuple[Settings | None, list[Fault], list[Fault]]:
    """The settings, every fault and every warning.

    The settings are None where the models refuse the file, so that no further checks are possible.
    """
    try:
        yaml_file = read_configuration(file)
    except FaultyFile as faulty:
        return None, faulty.faults, []
    if not isinstance(yaml_file.data, dict):
        problem = "contains no settings; see config/servicedesk.yaml for a complete example"
        return None, [Fault(problem)], []
    settings, faults = _validated(yaml_file)
    if settings is None:
        return None, faults, []
    return settings, faults, _placed(yaml_file, warnings(settings))


def read_configuration(file: Path) -> YamlFile:
    """The file, overridden by the environment variable ``SERVICEDESK_KPI_SET``.

    The variable holds one ``PATH=VALUE`` per line, for what only a container's environment can
    know. Raises FaultyFile if the file cannot be read, or if a line cannot be applied.
    """
    read = read_yaml(file)
    lines = [line.strip() for line in os.environ.get(OVERRIDES_VARIABLE, "").splitlines()]
    if not any(lines):
        return read
    data, faults = deepcopy(read.data), []
    for line in filter(None, lines):
        try:
            assign(data, line)
        except (ValueError, AttributeError) as error:
            path = line.partition("=")[0].strip()
            problem = error if isinstance(error, ValueError) else "the file contains no settings"
            faults.append(Fault(f"{OVERRIDES_VARIABLE}: {path}: {problem}"))
    if faults:
        raise FaultyFile(file, faults)
    return replace(read, data=data)


def settings_of(file: Path, data: Any) -> tuple[Settings | None, list[Fault]]:
    """Settings from data that differ from the file they come from, and their faults.

    The faults have no line. ``file``: relative paths are resolved against its folder.
    """
    return _validated(YamlFile(file, data, {}))


def _validated(yaml_file: YamlFile) -> tuple[Settings | None, list[Fault]]:
    """The settings with the entries of their values file, and every fault; None for the settings
    if the models refuse the data."""
    folder = str(yaml_file.file.resolve().parent)
    try:
        context = {"folder": folder, "languages": languages_of(yaml_file.data)}
        settings = Settings.model_validate(yaml_file.data, context=context)
    except ValidationError as error:
        return None, faults_of(error, yaml_file)
    faults = _placed(yaml_file, contradictions(settings))
    settings, values_faults = with_values_file(settings)
    return settings, faults + _in_order(values_faults)


def faults_of(error: ValidationError, yaml_file: YamlFile) -> list[Fault]:
    """The faults for everything that a model refused, in plain words and in the order of lines."""
    return _in_order([_fault(yaml_file, dict(each)) for each in error.errors()])


def _placed(yaml_file: YamlFile, findings: list[tuple[Place, str]]) -> list[Fault]:
    faults = [Fault(text, place_text(place), yaml_file.line_of(place)) for place, text in findings]
    return _in_order(faults)


def _in_order(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.line or 0)


_MESSAGES = {
    "extra_forbidden": "is not a known key; remove it or correct its spelling",
    "missing": "is missing",
    "invalid_key": "has a key that is not text; put the key in quotes",
    "string_type": "must be text; put it in quotes",
    "string_too_short": "is empty",
    "list_type": "must be a list, as in [one, two]",
    "float_type": "must be a number",
    "float_parsing": "must be a number, with a point as decimal separator",
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type"),
        "must be keys with their values, as in {key: value}",
    ),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
}


_BOUNDS = {
    "greater_than": "must be more than {0}",
    "greater_than_equal": "must be {0} or more",
    "less_than_equal": "must be {0} or less",
    "less_than": "must be less than {0}",
}


def _fault(file: YamlFile, error: dict[str, Any]) -> Fault:
    kind, place = str(error["type"]), _place(error["loc"])
    line = file.line_of(place)
    if kind.startswith("union_tag_"):
        known = ", ".join(KINDS if place[:1] == ("indicators",) else SOURCES)
        place = (*place, _discriminator(place))
        line = file.line_of(place)
        invalid = kind.endswith("invalid")
        problem = f"{error['ctx']['tag']!r} is unknown" if invalid else "is missing"
        text = f"{problem}; use one of: {known}"
    elif kind == "invalid_key":
        place, text = place[:-1], _MESSAGES[kind]
    elif kind == "missing" and place[-1] in LANGUAGES:
        text = "is missing: write it in every language in use (languages), or one text for all"
    elif kind in _MESSAGES:
        text = "is empty" if error["input"] is None else _MESSAGES[kind]
    elif kind in _BOUNDS:
        text = _BOUNDS[kind].format(*error["ctx"].values())
    elif kind.startswith("date_"):
        text = "must be a date, as in 2020-12-24"
    else:
        text = str(error["msg"]).removeprefix("Value error, ")
        text = text.replace("Input should be", "must be", 1)
    return Fault(text, place_text(place), line)


def _discriminator(place: Place) -> str:
    return "kind" if place[:1] == ("indicators",) else "type"


_DATE = re.compile(r"datetime\.date(?:time)?\((\d+), (\d+), (\d+)(?:, (\d+), (\d+))?.*\)")


def _iso(match: re.Match[str]) -> str:
    """A date or an instant (to the minute) that is used as a key, as it is written in the file."""
    year, month, day, *time = (int(each) for each in match.groups() if each is not None)
    return " ".join([f"{year:04}-{month:02}-{day:02}", ":".join(f"{n:02}" for n in time)]).strip()


def _place(loc: tuple[Any, ...]) -> Place:
    """Pydantic's location without what pydantic adds (union tags, "[key]"), with dates as they are
    written in the file."""
    parts = [p if isinstance(p, int) else _DATE.sub(_iso, str(p)) for p in loc if p != "[key]"]
    tags = {"indicators": tuple(KINDS), "sources": tuple(SOURCES)}.get(str(parts[0]), ())
    if len(parts) > 2 and parts[2] in tags:
        del parts[2]
    return tuple(parts)
