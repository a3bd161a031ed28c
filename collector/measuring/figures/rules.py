"""The rule by which a figure is made, as a sentence for people: the same one everywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from collector.config.definitions import definition_content, parsed_value, without_idle_rules
from collector.config.settings import Settings
from collector.measuring.kinds.saying import phrase
from collector.measuring.kinds.table import KINDS
from collector.model.bilingual import Language
from collector.text.words.definitions import SettingValue


def rule_in_words(
    indicator: str, definition: Mapping[str, SettingValue], language: Language
) -> str:
    """Return how an indicator is measured, in one sentence without a full stop: ``answered within
    30 min of business time (office hours); counted in the period in which they were opened``.

    ``definition``: path → parsed value, as ``config.definitions`` gives it and as snapshots keep
    it. Raises KeyError where it lacks what its kind needs.
    """
    prefix = f"indicators.{indicator}."
    said = {path.removeprefix(prefix): v for path, v in without_idle_rules(definition).items()}
    return KINDS[str(said["kind"])].in_words(said, language)


def rules_in_words(
    settings: Settings, indicator: str, days: Iterable[date], language: Language
) -> str:
    """Return the sentence in force on the first of ``days``, and those that replace it on later
    ones."""
    parts: list[str] = []
    before = ""
    for day in days:
        content = definition_content(settings, indicator, day)
        definition = {path: parsed_value(text) for path, text in content.items()}
        now = rule_in_words(indicator, definition, language)
        if now != before:
            parts.append(f"{phrase('since', language, since=day) if before else ''}{now}")
        before = now
    return "; ".join(parts)
