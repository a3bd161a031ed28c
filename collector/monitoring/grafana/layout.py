"""Places panels in Grafana's grid, and says how much room texts and tables need there.

A line of the grid is 30 px high, with 8 px between two. The heights of a table's rows and the
widths of letters are those of Inter, Grafana's typeface, rounded up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

Panel = dict[str, Any]

COLUMNS = 24
"""Columns of the grid."""

_LINE, _GAP, _COLUMN = 30, 8, 71
_HEADER, _PADDING, _SCROLLBAR, _CARD = 32, 16, 10, 24
_ROW = 36
_LETTER = 14.0
_CELL = 16
"""Pixels of a cell that are no text."""

_WIDTHS = {
    0.35: " \N{NO-BREAK SPACE}ijlI,.:;'!|·",
    0.4: "frt()/[]",
    0.5: "-–_1",
    0.58: "acksvxyzåäJL7",
    0.66: "04+<=>",
    0.77: "CDGHNOQUÖ",
    0.9: "mw",
    1.0: "MW@%✗✓▲◷—…",
}
"""The widths of letters as a part of their height; then those of other letters, small and large."""
_WIDTHS_OF = 0.63, 0.71


def every_panel(board: Panel) -> Iterator[Panel]:
    """All panels of a board, also those in collapsed rows, but not the rows."""
    for panel in board.get("panels", ()):
        if panel["type"] == "row":
            yield from panel.get("panels") or ()
        else:
            yield panel


def lay_out(panels: Sequence[Panel], top: int = 0) -> None:
    """Place panels in order, from left to right and from line ``top`` on downwards, those side by
    side equally tall: as the tables among them, which are as tall as their rows. What is in a
    collapsed row is placed where it will be once that one is opened."""
    y = top
    for beside in _side_by_side(panels):
        tables = [each for each in beside if each["type"] == "table"]
        height = max(each["gridPos"]["h"] for each in tables or beside)
        x = 0
        for panel in beside:
            panel["gridPos"].update(x=x, y=y, h=height)
            x += panel["gridPos"]["w"]
            lay_out(panel.get("panels") or (), y + 1)
        y += height


def _side_by_side(panels: Sequence[Panel]) -> Iterator[list[Panel]]:
    line: list[Panel] = []
    for panel in panels:
        if line and sum(each["gridPos"]["w"] for each in (*line, panel)) > COLUMNS:
            yield line
            line = []
        line.append(panel)
    if line:
        yield line


def content_height(lines: int) -> int:
    """The pixels that a panel of so many lines of the grid has for its content."""
    return lines * (_LINE + _GAP) - _GAP - _HEADER - _PADDING


def number_width(columns: int) -> int:
    """The pixels that a number has in a panel of so many columns on a wall display of 1920."""
    return columns * (_COLUMN + _GAP) - _GAP - _PADDING - _CARD


def table_lines(rows: int) -> int:
    """The lines of the grid that a table of so many rows needs; without rows it says so in one."""
    pixels = _HEADER + _PADDING + _SCROLLBAR + _ROW * (1 + max(rows, 1))
    return ceil((pixels + _GAP) / (_LINE + _GAP))


def column_width(*texts: str) -> int:
    """The pixels of a table's column that holds the widest of some texts."""
    return ceil(max((text_width(each, _LETTER) for each in texts), default=0)) + _CELL


def text_width(text: str, pixels: float) -> float:
    """How wide a text is at most in letters of that height."""
    return pixels * sum(map(_letter, text))


def _letter(each: str) -> float:
    return next(
        (w for w, letters in _WIDTHS.items() if each in letters), _WIDTHS_OF[each.isupper()]
    )
