"""Shared by PDF, DOCX and HTML: printable texts, links, page orientation."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Container, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

from collector.io.errors import UserFacingError
from collector.model.bilingual import Text
from collector.report.blocks import (
    Block,
    Chart,
    Document,
    Heading,
    Notice,
    PageBreak,
    Paragraph,
    Table,
)

PAGE = Text(sv="sida {page} av {pages}", en="page {page} of {pages}")

CONTENTS = Text(sv="Innehåll", en="Contents")

CONTENTS_FROM = 10
"""Documents of so many pages have a table of contents."""

LONG_CELL = 500
"""Rows with a longer cell may break across pages; in characters."""

_PLAIN_LINKS = ("https://", "http://", "mailto:")
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class ReportError(UserFacingError):
    """A file could not be rendered. The message is one line: what, where, what to do."""

    permanent = True


def document_time(document: Document) -> datetime:
    """Return the document's date as an instant; a date without time means midnight UTC.

    Raises ValueError if it is not ISO 8601.
    """
    found = datetime.fromisoformat(document.date)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def printable(text: str) -> str:
    """Return the text in NFC, without characters that cannot be printed: control characters, lone
    surrogates, private and unassigned characters, and overrides of the writing direction."""
    return "".join(
        c
        for c in unicodedata.normalize("NFC", text)
        if c in "\n\t" or (unicodedata.category(c) not in _UNPRINTABLE and c not in _DIRECTIONS)
    )


def clean(document: Document) -> Document:
    """Return the document with all texts made printable; the paths in its look stay as they are."""
    shown: Document = with_texts(document, printable)
    return replace(shown, look=document.look)


def with_texts(part: Any, change: Callable[[str], str]) -> Any:
    """Return a part of a document with ``change`` applied to every text in it."""
    if isinstance(part, str):
        return change(part)
    if isinstance(part, tuple):
        return tuple(with_texts(each, change) for each in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(
            part, **{f.name: with_texts(getattr(part, f.name), change) for f in fields(part)}
        )
    return part


def is_allowed_link(link: str, anchors: Container[str]) -> bool:
    """Whether a link may be kept: it leads to a heading here, to the web or to mail."""
    return link[1:] in anchors if link.startswith("#") else link.startswith(_PLAIN_LINKS)


def keeps_with_next(blocks: Sequence[Block], place: int) -> bool:
    """Whether a block is to be kept with the one that follows it: a short text with its table,
    chart or box, with the command that it is about, or with the first section that it introduces;
    a chart with its comment or warning."""
    block, after = blocks[place], blocks[place + 1] if place + 1 < len(blocks) else None
    if isinstance(block, Chart):
        return isinstance(after, Notice | Paragraph)
    if not isinstance(block, Paragraph):
        return False
    is_command = isinstance(after, Paragraph) and all(run.code for run in after.runs)
    before = blocks[place - 1] if place else None
    introduces = (
        isinstance(before, Heading) and isinstance(after, Heading) and before.level < after.level
    )
    if not (is_command or introduces or isinstance(after, Table | Chart | Notice)):
        return False
    return sum(len(run.text) for run in block.runs) < LONG_CELL


def landscape_blocks(document: Document) -> tuple[bool, ...]:
    """Return for each block whether it is on a landscape page.

    These are landscape tables and the headings right before them, which would otherwise be left
    alone on a portrait page. A document that begins with such a table, under one heading at most,
    is landscape from its title on, so that the title is not alone on the first page.
    """
    blocks = document.blocks
    landscape = [isinstance(block, Table) and block.landscape for block in blocks]
    for place in reversed(range(len(blocks) - 1)):
        if isinstance(blocks[place], Heading) and landscape[place + 1]:
            landscape[place] = True
    start = _landscape_start(document)
    return tuple(place < start or lies for place, lies in enumerate(landscape))


def _landscape_start(document: Document) -> int:
    """How many blocks share the first page with a landscape table; 0 if there is none."""
    headings = 0
    for n, block in enumerate(document.blocks, start=1):
        headings += isinstance(block, Heading)
        if isinstance(block, Table):
            return n if block.landscape else 0
        if headings > 1 or isinstance(block, Chart | PageBreak):
            break
    return 0
