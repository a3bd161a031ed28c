"""Markdown files of the office: which part they belong to, language and title. Pure."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import cast

from collector.model.bilingual import Language
from collector.report.office.model import Part, Section

PARTS: dict[str, Part] = {
    "decisions": "decisions", "beslut": "decisions",
    "economy": "economy", "ekonomi": "economy",
    "investments": "investments", "investeringar": "investments",
    "climate": "climate", "klimat": "climate",
}  # fmt: skip
"""Names of files, in English or Swedish, and the part they hold."""

_NAME = re.compile(r"(?P<name>.+?)(\.(?P<language>sv|en))?\.md", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)[-_. ]*")
_TITLE = re.compile(r"\s*#\s+(?P<title>.*?)(\s+#+)?[ \t]*(\n|$)")


def name_and_language(file_name: str) -> tuple[str, Language | None] | None:
    """``01-inledning.en.md`` → ("01-inledning", "en"); None for what is no Markdown file."""
    match = _NAME.fullmatch(file_name)
    if match is None:
        return None
    language = match["language"]
    return match["name"], cast(Language, language.lower()) if language else None


def order(name: str) -> tuple[float, str]:
    """Files stand by their number, those without one behind, by name."""
    number = _NUMBER.match(name)
    return (float(number[1]) if number else float("inf"), name.lower())


def section(file: str, text: str) -> Section:
    """The section of a Markdown file; its title is its first heading, or else the file's name."""
    found = name_and_language(PurePath(file).name)
    assert found is not None
    name, language = found
    titled = _TITLE.match(text)
    title = titled["title"].strip() if titled else ""
    if not title:
        words = re.sub(r"[-_]+", " ", _NUMBER.sub("", name, count=1)).strip() or name
        title = words[0].upper() + words[1:]
    start = titled.end() if titled else 0
    line = text.count("\n", 0, start) + 1
    part = PARTS.get(name.lower())
    return Section(name, part, language, title, text[start:], file, line)
