"""From a YAML file to settings that can be used, or to every fault at once.

Two steps: the models refuse what has the wrong shape, then :mod:`collector.settings_check` looks
at what the parts say about each other. A fault names file, line and path.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from collector.settings import INDICATOR_KINDS, Settings
from collector.settings_check import contradictions, warnings
from collector.sources import SOURCES
from collector.yaml_file import Fault, FaultyFile, Place, YamlFile, dotted, read_yaml


def load_settings(file: Path) -> Settings:
    """Read and check a configuration. Raises FaultyFile with every fault that was found."""
    settings, faults, _ = examine(file)
    if faults or settings is None:
        raise FaultyFile(file, faults)
    return settings


def examine(file: Path) -> tuple[Settings | None, list[Fault], list[Fault]]:
    """The settings where they can be had, every fault, and every warning."""
    try:
        yaml_file = read_yaml(file)
    except FaultyFile as faulty:
        return None, faulty.faults, []
    if not isinstance(yaml_file.data, dict):
        return None, [Fault("holds no settings; see config/servicedesk.yaml for a whole one")], []
    try:
        settings = Settings.model_validate(
            yaml_file.data, context={"folder": str(file.resolve().parent)}
        )
    except ValidationError as error:
        return None, [_fault(yaml_file, dict(each)) for each in error.errors()], []

    def placed(found: list[tuple[Place, str]]) -> list[Fault]:
        return [Fault(text, dotted(place), yaml_file.line_of(place)) for place, text in found]

    return settings, placed(contradictions(settings)), placed(warnings(settings))


_WORDS = {
    "extra_forbidden": "is not a known key; remove it or correct its spelling",
    "missing": "is missing",
    "union_tag_not_found": "needs a {discriminator}",
}


def _fault(file: YamlFile, error: dict[str, Any]) -> Fault:
    place = _place(error["loc"])
    text = _WORDS.get(error["type"])
    if text is None:
        text = str(error["msg"]).removeprefix("Value error, ")
    text = text.format(discriminator=_discriminator(place))
    if error["type"] == "union_tag_invalid":
        known = INDICATOR_KINDS if place[:1] == ("indicators",) else SOURCES
        tag = error["ctx"]["tag"]
        text = f"{_discriminator(place)} {tag!r} is not known; known are {', '.join(known)}"
    return Fault(text, dotted(place), file.line_of(place))


def _discriminator(place: Place) -> str:
    return "kind" if place[:1] == ("indicators",) else "type"


def _place(loc: tuple[Any, ...]) -> Place:
    """Pydantic's location without its own additions (union tags, "[key]")."""
    parts = [str(p) if not isinstance(p, int) else p for p in loc if p != "[key]"]
    tags = {"indicators": INDICATOR_KINDS, "sources": tuple(SOURCES)}.get(str(parts[0]), ())
    if len(parts) > 2 and parts[2] in tags:
        del parts[2]
    return tuple(parts)
