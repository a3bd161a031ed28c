"""Definitions in words for terminal and pages: sections of settings, and what changed of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from collector.config.definition_changes import Difference
from collector.config.definitions import parsed_value
from collector.model.bilingual import Language
from collector.report.content.definition_words import source_setting_in_words, value_in_words
from collector.text.words import lower
from collector.text.words.definitions import (
    SettingValue,
    calendar_name,
    calendar_setting,
    in_order,
    label,
    setting_in_words,
    weekly_hours,
)
from collector.text.words.tables import word

SECTIONS = ("definition", "rules_section", "calendar", "sources", "exclude", "general")
"""The sections of a definition, in their order; their names are words of the tables."""

_HEADS = {"indicators": 0, "rules": 1, "calendars": 2, "sources": 3, "exclude": 4}


def definition_in_words(
    indicator: str, whole: Mapping[str, str], chosen: Mapping[str, str | None], language: Language
) -> dict[str, list[str]]:
    """Return section → lines of the ``chosen`` settings of a definition; None: no longer there.

    ``whole``: the definition that they are part of.
    """
    found: dict[str, list[str]] = {}
    values = {path: None if text is None else parsed_value(text) for path, text in chosen.items()}
    gone = word("no_longer", language)
    for number, section in enumerate(SECTIONS):
        own = {p: v for p, v in values.items() if _HEADS.get(p.partition(".")[0], 5) == number}
        said = {path: value for path, value in own.items() if value is not None}
        lines = list(_lines(section, indicator, said, whole, language))
        lines += [f"{_name(path, language)}: {gone}" for path, v in own.items() if v is None]
        if lines:
            found[section] = lines
    return found


def _lines(
    section: str,
    indicator: str,
    said: Mapping[str, SettingValue],
    whole: Mapping[str, str],
    language: Language,
) -> Iterator[str]:
    prefix = f"indicators.{indicator}."
    if section == "calendar":
        yield from _calendars(said, language)
    elif section == "sources":
        for path, value in said.items():
            yield _source(path, value, whole, language)
    elif section == "exclude":
        for path, value in said.items():
            _, name, field = path.split(".", 2)
            shown = value_in_words(f"records.{field}", value, language)
            yield f"{name}: {lower(label(f'records.{field}', language))} {shown}"
    else:
        for path, value in in_order((p.removeprefix(prefix), v) for p, v in said.items()):
            between = " " if path == _ENDS_IN_ITS_VALUE else ": "
            shown = value_in_words(path, value, language)
            yield f"{lower(label(path, language))}{between}{shown}"


def _calendars(said: Mapping[str, SettingValue], language: Language) -> Iterator[str]:
    """The settings of calendars; weekdays with equal hours are joined."""
    for name, paths in groupby(said, lambda path: path.split(".")[1]):
        own = {path.split(".", 2)[2]: said[path] for path in paths}
        hours = {path.removeprefix("hours."): v for path, v in own.items() if path[:6] == "hours."}
        shown = [
            f"{calendar_setting(path, language)} {value_in_words(path, value, language)}"
            for path, value in own.items()
            if not path.startswith("hours.")
        ]
        weekly = [f"{days} {windows}" for days, windows in weekly_hours(hours, language)]
        first, *rest = [*shown[:1], *weekly, *shown[1:]] or [""]
        yield f"{calendar_name(name, language)}: {first}"
        yield from rest


def _source(path: str, value: SettingValue, whole: Mapping[str, str], language: Language) -> str:
    """One setting of a source: in words if it matters to readers, else as it is configured."""
    if path == "sources":
        return f"{lower(label(path, language))}: {value_in_words(path, value, language)}"
    _, name, rest = path.split(".", 2)
    kind = whole.get(f"sources.{name}.type", "")
    written = value if isinstance(value, str) else ", ".join(value)
    key_in_words = lower(label(rest, language)) if rest in _SHARED_KEYS else rest
    said = source_setting_in_words(rest, value, language, kind) or f"{key_in_words} {written}"
    return f"{name}: {said}"


_SHARED_KEYS = frozenset({"timezone"})
"""Settings of sources that have the words of others; other keys stay as they are written."""


def _name(path: str, language: Language) -> str:
    if path.startswith("indicators."):
        return lower(label(path.split(".", 2)[2], language))
    return setting_in_words(path, language)


def rule_line(rule: str, value: Any, language: Language) -> str:
    """``räknas i den period då ärendet: öppnades``: a rule and its value, as configured."""
    values = [_plainly(each) for each in (value if isinstance(value, list) else [value])]
    path = f"rules.{rule}"
    between = " " if path == _ENDS_IN_ITS_VALUE else ": "
    return f"{lower(label(path, language))}{between}{value_in_words(path, values, language)}"


_ENDS_IN_ITS_VALUE = "rules.counted_by"


def _plainly(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def change_in_words(change: Difference, language: Language) -> tuple[str, str, str]:
    """Return what changed, and its value before and after."""
    before, after = (
        setting_value(change.path, each and parsed_value(each), language)
        for each in (change.before, change.after)
    )
    return setting_in_words(change.path, language), before, after


def setting_value(path: str, value: SettingValue | None, language: Language) -> str:
    """The value of a whole configuration path in words; that there is none, for an empty one."""
    if not value:
        return word("nothing", language)
    head, _, rest = path.partition(".")
    if head == "calendars":
        text = value if isinstance(value, str) else ", ".join(value)
        for written in ("closed", "as every week"):
            text = text.replace(written, word(written, language))
        return text
    own = rest.partition(".")[2] if head == "indicators" else path
    return value_in_words(own, value, language)
