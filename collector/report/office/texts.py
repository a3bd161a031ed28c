"""The office's Markdown files: part, language, order and title. Pure."""

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
"""File names (without suffix), in English or Swedish, and their part."""

_NAME = re.compile(r"(?P<name>.+?)(\.(?P<language>sv|en))?\.md", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)[-_. ]*")
_TITLE = re.compile(r"\s*#\s+(?P<title>.*?)(\s+#+)?[ \t]*(\n|$)")


def name_and_language(file_name: str) -> tuple[str, Language | None] | None:
    """``01-inledning.en.md`` → ("01-inledning", "en"); None for other files."""
    match = _NAME.fullmatch(file_name)
    if match is None:
        return None
    language = match["language"]
    return match["name"], cast(Language, language.lower()) if language else None


def sort_key(name: str) -> tuple[float, str]:
    """The sort key of a file: by leading number, those without one last, then by name."""
    number = _NUMBER.match(name)
    return (float(number[1]) if number else float("inf"), name.lower())


def bare_name(name: str) -> str:
    """The name of a file without its number, as names are compared: ``03-Klimat`` → ``klimat``."""
    return _NUMBER.sub("", name, count=1).lower()


def parse_section(file: str, text: str) -> Section:
    """The section in a Markdown file; its title is the first heading, or else the file's name.

    ``file`` must have the suffix ``.md``.
    """
    parsed = name_and_language(PurePath(file).name)
    assert parsed is not None
    name, language = parsed
    titled = _TITLE.match(text)
    title = titled["title"].strip() if titled else ""
    if not title:
        words = re.sub(r"[-_]+", " ", _NUMBER.sub("", name, count=1)).strip() or name
        title = words[0].upper() + words[1:]
    start = titled.end() if titled else 0
    line = text.count("\n", 0, start) + 1
    part = PARTS.get(name.lower())
    return Section(name, part, language, title, text[start:], file, line)
