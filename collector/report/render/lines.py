"""How many lines a table takes, and the column widths with the fewest. Pure.

Widths are in characters of a table's line, estimated from the letters: what is set decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from math import ceil

from collector.report.blocks import Cell, Table
from collector.text.characters import NBSP

Spans = Mapping[tuple[int, int], int]
"""(row, column) → rows that a row header goes on over."""

_NARROW, _WIDE = frozenset("fijlrtI.,;:'()[]|!/ " + NBSP), frozenset("mwMWÅÄÖ→↗↘✓%")
_SMALL, _BOLD = 0.89, 1.08
_SPACE = 0.5
_HYPHENATED = 11
"""Letters from which a word may be hyphenated."""
_START = 4.0
"""Characters of a hyphenated word that a line must have room for."""
_BETWEEN = 0.35
"""The space between rows, in lines."""
_FULL = 0.3
_STEPS = (6, 3, 1)
_MOST_ROUNDS = 60


def lowest(
    table: Table,
    spans: Spans,
    widths: Sequence[float],
    least: Sequence[float],
    padding: float,
    drawing: float,
) -> tuple[list[float], float]:
    """The widths near ``widths`` with which the table is lowest, and its lines then; the widths'
    sum stays, and none is below its ``least``. ``padding``: characters beside the text;
    ``drawing``: characters per px of a drawing beside it."""
    heights = _Heights(table, spans, padding, drawing)
    found, best = list(widths), heights.rated(widths)
    for step in _STEPS:
        for _ in range(_MOST_ROUNDS):
            tried = [
                (heights.rated(moved), moved)
                for giver, taker in permutations(range(len(found)), 2)
                if found[giver] - step >= least[giver]
                for moved in [_moved(found, giver, taker, step)]
            ]
            lower = min(tried, default=(best, found), key=lambda each: each[0])
            if lower[0] >= best:
                break
            best, found = lower
    return found, heights.of(found)


def _moved(widths: Sequence[float], giver: int, taker: int, step: float) -> list[float]:
    moved = list(widths)
    moved[giver] -= step
    moved[taker] += step
    return moved


class _Heights:
    """Estimates the height of a table by its columns' widths."""

    def __init__(self, table: Table, spans: Spans, padding: float, drawing: float) -> None:
        self._tall = [(place, over) for place, over in spans.items() if over > 1]
        self._columns = [
            [
                (list(_words(column.title, _BOLD)), padding),
                *((_pieces(row[c]), padding + _drawn(row[c], drawing)) for row in table.rows),
            ]
            for c, column in enumerate(table.columns)
        ]
        over = dict(self._tall)
        self._alone = [
            [0 if (r - 1, c) in over else 1 for r in range(len(table.rows) + 1)]
            for c in range(len(table.columns))
        ]
        self._known: dict[tuple[int, float], tuple[list[int], list[int], list[float]]] = {}

    def of(self, widths: Sequence[float]) -> float:
        """The lines of all rows, with what lies between them."""
        return self._height([self._lines(c, round(width, 2)) for c, width in enumerate(widths)])

    def rated(self, widths: Sequence[float]) -> float:
        """The same, with a part for how full the lines are: of equal heights that is lower whose
        fullest cells are nearer to one line less."""
        columns = [self._lines(c, round(width, 2)) for c, width in enumerate(widths)]
        full: float = sum(map(max, *(each for _, _, each in columns)))
        return self._height(columns) + _FULL * full

    def _height(self, columns: Sequence[tuple[list[int], list[int], list[float]]]) -> float:
        rows = [most + _BETWEEN for most in map(max, *(alone for _, alone, _ in columns))]
        for (r, c), over in self._tall:
            missing = columns[c][0][r + 1] + _BETWEEN - sum(rows[r + 1 : r + 1 + over])
            rows[r + over] += max(0.0, missing)
        height: float = sum(rows)
        return height

    def _lines(self, column: int, width: float) -> tuple[list[int], list[int], list[float]]:
        """The lines of each cell, those of cells that go on over no other rows, and how many lines
        these fill."""
        if (column, width) not in self._known:
            cells, alone = self._columns[column], self._alone[column]
            lines = [lines_of(words, width - beside) for words, beside in cells]
            full = [
                one * sum(wide + _SPACE for wide, _ in words) / max(1.0, width - beside)
                for (words, beside), one in zip(cells, alone, strict=True)
            ]
            own = [n * one for n, one in zip(lines, alone, strict=True)]
            self._known[column, width] = (lines, own, full)
        return self._known[column, width]


def _drawn(cell: Cell, scale: float) -> float:
    return cell.spark.width * scale if cell.spark else 0.0


def _pieces(cell: Cell) -> list[tuple[float, bool]]:
    return [
        *_words(cell.text, _BOLD if cell.strong else 1.0),
        *_words(cell.detail, _SMALL),
    ]


def _words(text: str, size: float) -> Iterator[tuple[float, bool]]:
    """The width of each word, and whether it may be hyphenated."""
    for word in text.replace("\n", " ").split(" "):
        if word:
            yield extent(word) * size, len(word) >= _HYPHENATED and word.isalpha()


def extent(text: str) -> float:
    """The width of a text in characters of a line."""
    return sum(
        0.55 if c in _NARROW else 1.45 if c in _WIDE else 1.2 if c.isupper() else 0.95 for c in text
    )


def lines_of(words: Iterable[tuple[float, bool]], width: float) -> int:
    """The lines that words take on lines of a ``width``; at least 1."""
    lines, at = 1, 0.0
    for wide, hyphenates in words:
        after = at + (_SPACE if at else 0.0)
        if after + wide <= width or not at:
            at = after + wide
        elif hyphenates and width - after >= _START:
            lines, at = lines + 1, wide - (width - after - 1)
        else:
            lines, at = lines + 1, wide
        if at > width:
            more = ceil(at / max(width, 1.0)) - 1
            lines, at = lines + more, at - more * width
    return lines
