"""Shared by PDF, DOCX and HTML: printable texts, links, page orientation and column widths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import Any

from collector.io.errors import UserFacingError
from collector.model.bilingual import Text
from collector.report.blocks import (
    Block,
    Cell,
    Chart,
    Document,
    Heading,
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

LONGEST_PIECE = 10
"""Words up to so many letters are not hyphenated."""

BREAKS_ANYWHERE = 16
"""Tokens with digits of this length or more (digests, addresses) may break at any character."""

SMALL_DRAWING = 0.5
"""Points per px of a drawing within a line of text."""

_TITLE_PIECE = 12
_LEAST = 4
_PLAIN_LINKS = ("https://", "http://", "mailto:")
_ROOMY = 1.4
_BOLD = 1.15
_SMALL = 0.85
_PADDING = 2
_DIGITS = re.compile(r"\d")
_LETTER = 4.0
"""Width in points of a letter in a small table."""
_FILLED = 0.75
"""The share of a line that wrapped text fills."""
_MOST_TOGETHER = 36
"""A table with at most so many lines stays on one page; each row adds half a line."""
_BREAKABLE = re.compile(r"[ \t\n]+")
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
    """Whether a block is a short text to be kept with the table or chart that follows it."""
    block, after = blocks[place], blocks[place + 1] if place + 1 < len(blocks) else None
    if not isinstance(block, Paragraph) or not isinstance(after, Table | Chart):
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


@dataclass(frozen=True, slots=True)
class Fit:
    """Column widths. ``shares``: each column's share of the line; their sum is 1, or less for a
    small table. ``scale``: factor for the font size, below 1 if unbreakable text needs it."""

    shares: tuple[float, ...]
    scale: float


def fit(table: Table, characters: float) -> Fit:
    """Compute a table's column widths on a line of ``characters`` characters.

    Columns get their configured shares, but none is narrower than its longest unbreakable text;
    the others give up the space for that.
    """
    least = [_least(table, column) for column in range(len(table.columns))]
    needed = sum(least)
    if needed >= characters:
        return Fit(tuple(each / needed for each in least), characters / needed)
    line = max(needed, min(characters, _ROOMY * sum(_natural(table, i) for i in range(len(least)))))
    widths = _shared(line, least, [column.width for column in table.columns])
    return Fit(tuple(width / characters for width in widths), 1.0)


def fits_on_one_page(table: Table, how: Fit, characters: float) -> bool:
    """Whether a table of few lines may not be broken over pages; a high one must."""
    if table.flowing:
        return False
    lines = 0
    for row in table.rows:
        room = (max(1.0, share * characters * _FILLED / how.scale) for share in how.shares)
        lines += max(
            (ceil((len(c.text) + len(c.detail)) / at) for c, at in zip(row, room, strict=False)),
            default=0,
        )
    return lines + len(table.rows) // 2 <= _MOST_TOGETHER


def _shared(line: float, least: list[int], wishes: list[float]) -> list[float]:
    """The line shared as wished; who would get less than the least gets that, from the others."""
    held: set[int] = set()
    while True:
        free = [i for i in range(len(least)) if i not in held]
        left = line - sum(least[i] for i in held)
        wished = sum(wishes[i] for i in free)
        widths = [float(each) for each in least]
        for i in free:
            widths[i] = left * wishes[i] / wished
        tight = {i for i in free if widths[i] < least[i]}
        if not tight:
            return widths
        held |= tight


def _texts(table: Table, column: int) -> list[str]:
    texts = [table.columns[column].title]
    for row in table.rows:
        if column < len(row):
            texts += [row[column].text, row[column].detail]
    return texts


def _natural(table: Table, column: int) -> int:
    """The column's width in characters if no text were wrapped."""
    drawn = [r[column].spark for r in table.rows if column < len(r)]
    widest = max([0, *(each.width for each in drawn if each is not None)])
    return max(widest // 6, *map(len, _texts(table, column)), 0) + _PADDING


def _least(table: Table, column: int) -> int:
    cells = [row[column] for row in table.rows if column < len(row)]
    title = _BOLD * _longest([table.columns[column].title], _TITLE_PIECE)
    texts = max([_BOLD if c.strong else 1.0 for c in cells], default=1.0) * _longest(
        [cell.text for cell in cells]
    )
    details = _SMALL * _longest([cell.detail for cell in cells])
    least = max(float(_LEAST), texts, details)
    if table.flowing:  # the drawing is beside the text
        drawn = (cell.spark.width for cell in cells if cell.spark is not None)
        least += max(drawn, default=0) * SMALL_DRAWING / _LETTER
    return ceil(max(title, least)) + _PADDING


def _longest(texts: Iterable[str], letters: int = LONGEST_PIECE) -> int:
    tokens = (token for text in texts for token in _BREAKABLE.split(text))
    return max((_piece(token, letters) for token in tokens), default=0)


def _piece(token: str, letters: int = LONGEST_PIECE) -> int:
    """Characters of a token that must stay together: a number with its unit, or part of a word."""
    if _DIGITS.search(token) and ("\u00a0" in token or len(token) < BREAKS_ANYWHERE):
        return len(token)
    return min(len(token), letters)


def is_group(row: Sequence[Cell], table: Table) -> bool:
    """Whether a row is the heading of those below it: one cell as wide as the table."""
    return len(row) == 1 < len(table.columns)


def merged_rows(table: Table) -> dict[tuple[int, int], int]:
    """Return the row span of each header cell: (row, column) → rows, at least 1.

    An empty first cell merges with the one above, and so do empty header cells right of it, except
    the last header cell of a row. The total row is never merged.
    """
    spans: dict[tuple[int, int], int] = {}
    starts: dict[int, int] = {}
    for r, row in enumerate(table.rows):
        last = table.total and r == len(table.rows) - 1
        going_on = r > 0 and not last
        for c in range(min(max(table.header_cells, 1), len(row))):
            going_on = going_on and not row[c].text and row[c].spark is None and c in starts
            going_on = going_on and (c == 0 or c < table.header_cells - 1)
            if going_on:
                spans[starts[c], c] += 1
            else:
                starts[c] = r
                spans[r, c] = 1
    return spans
