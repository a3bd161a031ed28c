"""The widths of a table's columns, shared by PDF and DOCX. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from collector.report.blocks import Cell, Table
from collector.report.render.lines import extent, lowest

LONGEST_PIECE = 10
"""Words up to so many letters are not hyphenated."""

BREAKS_ANYWHERE = 16
"""Tokens with digits of this length or more (digests, addresses) may break at any character."""

SMALL_DRAWING = 0.62
"""Points per px of a drawing within a line of text."""

DRAWN = SMALL_DRAWING / 4.4
"""Characters per px of the same."""

FLOWING_PADDING = 1.6
"""Characters beside the text of a cell."""

_TITLE_MORE = 2
_LEAST = 4
_ROOMY = 1.4
_NEARLY = 0.6
"""From this share of a line on a table is as wide as the line: right edges are one."""
_BOLD = 1.15
_SMALL = 0.85
_PADDING = 2
_DIGITS = re.compile(r"\d")
_FILLED = 0.75
"""The share of a line that wrapped text fills."""
_MOST_TOGETHER = 24
"""A table with at most so many lines stays on one page; each row adds half a line."""
_BREAKABLE = re.compile(r"[ \t\n]+")


@dataclass(frozen=True, slots=True)
class Fit:
    """Column widths. ``shares``: each column's share of the line; their sum is 1, or less for a
    small table. ``scale``: factor for the font size, below 1 if unbreakable text needs it.
    ``lines``: the estimated height of a flowing table, in lines; 0 for others."""

    shares: tuple[float, ...]
    scale: float
    lines: float = 0.0


def fit(table: Table, characters: float, letters: int = LONGEST_PIECE, drawn: float = DRAWN) -> Fit:
    """Compute a table's column widths on a line of ``characters`` characters.

    ``letters``: words up to so many stay whole; ``drawn``: characters per px of a small drawing.

    Columns get their configured shares, but none is narrower than its longest unbreakable text;
    the others give up the space for that. A ``flowing`` table gets those with the fewest lines.
    Headings of groups of rows, which are as wide as the table, have no part in it.
    """
    groups = [row[0] for row in table.rows if is_group(row, table)]
    table = replace(table, rows=tuple(row for row in table.rows if not is_group(row, table)))
    least = [_least(table, column, letters, drawn) for column in range(len(table.columns))]
    needed = sum(least)
    if needed >= characters:
        return Fit(tuple(each / needed for each in least), characters / needed)
    wished = _ROOMY * sum(_natural(table, column) for column in range(len(least)))
    nearly = not table.compact and wished > _NEARLY * characters
    whole = table.flowing or table.total or nearly
    line = characters if whole else max(needed, min(characters, wished))
    widths = _shared(line, least, [column.width for column in table.columns])
    lines = 0.0
    if table.flowing:
        spans = merged_rows(table)
        widths, lines = lowest(table, spans, widths, least, FLOWING_PADDING, drawn)
        lines += sum(ceil(_BOLD * len(each.text) / characters) for each in groups)
    return Fit(tuple(width / characters for width in widths), 1.0, lines)


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


def _shared(line: float, least: list[float], wishes: list[float]) -> list[float]:
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


def _least(table: Table, column: int, letters: int, drawn: float) -> float:
    cells = [row[column] for row in table.rows if column < len(row)]
    if table.flowing:
        return _least_flowing(table.columns[column].title, cells, letters, drawn)
    title = _BOLD * _longest([table.columns[column].title], letters + _TITLE_MORE)
    texts = max([_BOLD if c.strong else 1.0 for c in cells], default=1.0) * _longest(
        [cell.text for cell in cells], letters
    )
    details = _SMALL * _longest([cell.detail for cell in cells], letters)
    return ceil(max(title, float(_LEAST), texts, details)) + _PADDING


def _least_flowing(title: str, cells: Sequence[Cell], letters: int, drawn: float) -> float:
    """The same from the letters, beside the widest drawing; a short text is not wrapped."""
    widths = [
        _short_or_pieces(text, letters) * size + (0.0 if drawing is None else drawing.width * drawn)
        for cell in cells
        for text, size, drawing in (
            (cell.text, _BOLD if cell.strong else 1.0, cell.spark),
            (cell.detail, _SMALL, cell.spark),
        )
    ]
    heading = max(_wide_piece(token, letters + _TITLE_MORE) for token in _BREAKABLE.split(title))
    return max([float(_LEAST), _BOLD * heading, *widths]) + FLOWING_PADDING


def _short_or_pieces(text: str, letters: int) -> float:
    if len(text) <= LONGEST_PIECE:
        return extent(text)
    return max(_wide_piece(token, letters) for token in _BREAKABLE.split(text))


def _wide_piece(token: str, letters: int) -> float:
    return extent(token) * _piece(token, letters) / max(1, len(token))


def _longest(texts: Iterable[str], letters: int) -> int:
    tokens = (token for text in texts for token in _BREAKABLE.split(text))
    return max((_piece(token, letters) for token in tokens), default=0)


def _piece(token: str, letters: int) -> int:
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
