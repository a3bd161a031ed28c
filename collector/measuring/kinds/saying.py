"""What the kinds say of their rules in the same words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.config.rules import Rules
from collector.model.bilingual import Language
from collector.text.words.definitions import SettingValue, calendar_name, value_in_words
from collector.text.words.rules import RULE_WORDS

Said = Mapping[str, SettingValue]
"""A definition, path → value, without its idle rules and without the prefix of its indicator:
``within``, ``records.priority``, ``rules.counted_by``, ``sources``."""

_DEFAULTS = Rules().model_dump(mode="json")


def phrase(key: str, language: Language, **filled: object) -> str:
    """Return one part of a sentence. Raises KeyError for an unknown key."""
    return RULE_WORDS[key][language].format(**filled)


def joined(parts: Iterator[str]) -> str:
    """Return the parts of a sentence as one."""
    return "; ".join(parts)


def setting(said: Said, path: str, language: Language) -> str:
    """Return the value of a path in words; empty where the definition does not have it."""
    return value_in_words(path, said[path], language) if path in said else ""


def is_on(said: Said, rule: str) -> bool:
    """Return whether a yes-or-no rule is in force; an idle one is not."""
    return said.get(f"rules.{rule}") == "true"


def differs(said: Said, rule: str) -> bool:
    """Return whether a rule is in force and is not the default."""
    value = said.get(f"rules.{rule}")
    return value is not None and value != _DEFAULTS[rule]


def calendar_of(said: Said, language: Language) -> str:
    """Return the name of the calendar in words."""
    return calendar_name(str(said.get("calendar", "")), language)


def counting(said: Said, language: Language) -> Iterator[str]:
    """Yield in which period tickets count if it is not the usual one, that of their opening; and by
    which priority if they are chosen by it."""
    if differs(said, "counted_by"):
        yield phrase(f"counted_{said['rules.counted_by']}", language)
    if "records.priority" in said:
        priority = said.get("rules.priority", "now")
        yield phrase(f"priority_{priority}", language)
