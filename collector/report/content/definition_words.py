"""Definitions in words that name kinds and sources, which ``text`` does not know."""

from __future__ import annotations

from collector.measuring.kinds.table import KINDS
from collector.model.bilingual import Language, Text
from collector.sources import SOURCES
from collector.text.words import definitions as words
from collector.text.words.definitions import SettingValue, label

_ANY_OTHER = Text(sv="(alla andra)", en="(all others)")


def value_in_words(path: str, value: SettingValue, language: Language) -> str:
    """The value of a configuration path in words, the kind of an indicator among them."""
    if path == "kind" and isinstance(value, str) and value in KINDS:
        return KINDS[value].words[language]
    return words.value_in_words(path, value, language)


def source_setting_in_words(
    path: str, value: SettingValue, language: Language, kind: str = ""
) -> str:
    """One setting of a source in words, if it matters to readers of the document: its type, and how
    its fields and their values are mapped. Empty for technical settings (address, interval).

    ``path`` is relative to the source; ``kind`` is the source's ``type:``.
    """
    head, _, rest = path.partition(".")
    text = value_in_words("kind", value, language)
    if head == "type":
        found = SOURCES.get(str(value))
        return str(value) if found is None else found.title[language]
    if kind in SOURCES and head in (words := SOURCES[kind].settings_in_words):
        return f"{words[head][language]}: {text}"
    if head == "fields":
        return f"{_field(rest, language)}: {value}"
    if head == "map":
        field, _, written = rest.partition(".")
        named = _ANY_OTHER[language] if written == "default" else written
        return f"{_field(field, language)} {named} = {text}"
    return ""


def _field(name: str, language: Language) -> str:
    return label(f"records.{name}", language).removeprefix("records.")
