"""The layout of the terminal's tables: the console, and tables that fit any width."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, TextIO, cast

import rich.table
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markup import escape
from rich.measure import Measurement, measure_renderables
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from collector.model.bilingual import Language
from collector.text.characters import NBSP
from collector.text.words.tables import word

GAP = 2
"""Columns of the terminal between two of a table."""
_LEAST_TITLE = 10
_USUAL_TITLE = 20
_LONGEST_WORD = 24
_GLUE = "\ue000"  # of private use, so that it is in no text


def console(columns: int = 100) -> Console:
    """A console on standard output, ``columns`` wide when that is not a terminal."""
    return _Output(
        file=cast("IO[str]", _PlainSpaces(sys.stdout)),
        width=None if sys.stdout.isatty() else columns,
        highlight=False,
    )


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a :class:`Sheet`.

    ``least``: how narrow its cells may be folded, in columns of the terminal; None: not at all, 0:
    between words only. ``rank``: of the columns that may be left out the highest goes first, with
    all of the same rank; 0: never. ``names``: its cells name the row, beside those of the first
    column.
    """

    heading: str
    least: int | None = None
    right: bool = False
    rank: int = 0
    names: bool = False

    def narrowest(self, heading: Measurement, cells: Measurement, *, tight: bool) -> int:
        """The width below which this column is not folded; ``tight``: titles within words, too."""
        least = min(heading.minimum, _LONGEST_WORD)
        if self.least is None:
            return max(least, cells.maximum)
        word = min(cells.minimum, _LONGEST_WORD)
        if self.least == 0:
            return max(least, word)
        usual = self.least if tight else max(_USUAL_TITLE, word)
        return min(max(heading.maximum, cells.maximum), usual)


def titles(heading: str = "") -> Column:
    """A column of names: folded between words, and within them where that is not enough."""
    return Column(heading, least=_LEAST_TITLE)


def words(heading: str = "", rank: int = 0) -> Column:
    """A column that is not folded."""
    return Column(heading, rank=rank)


def numbers(heading: str, rank: int = 0) -> Column:
    """Like :func:`words`, right-aligned."""
    return Column(heading, right=True, rank=rank)


def phrases(heading: str = "", rank: int = 0) -> Column:
    """A column that is folded between words."""
    return Column(heading, least=0, rank=rank)


def part_names(heading: str) -> Column:
    """Like :func:`phrases`, of what the part of the desk is called that a row is about."""
    return Column(heading, least=0, names=True)


class Sheet:
    """A table without lines that crops nothing: where the console is narrow, the widest columns are
    folded; then columns with a rank are left out, with a note that names them; then titles are
    folded within words; and as the last resort each row is stacked, a line for each cell.

    Its first column names the rows. Without any heading none are printed.
    """

    def __init__(self, *columns: Column, style: str = "") -> None:
        self._columns = columns
        self._style = style
        self._rows: list[tuple[str, ...]] = []

    def add_row(self, *cells: str) -> None:
        """Add a row; its cells are markup."""
        self._rows.append(tuple(cell.replace(NBSP, _GLUE) for cell in cells))

    def print(self, out: Console, language: Language) -> None:
        """Print it as wide as the console allows; ``language``: of the note on what is left out."""
        if not self._rows:
            return
        ranks = sorted({each.rank for each in self._columns} - {0})
        limits = [*reversed(ranks), 0]  # columns of at most this rank are shown
        attempts = [*((limit, False) for limit in limits), (0, True)]
        for limit, tight in attempts:
            shown = [n for n, each in enumerate(self._columns) if each.rank <= limit]
            widths = self._widths(shown, tight, out)
            if widths is not None:
                out.print(_Unglued(self._table(shown, widths)))
                left_out = dict.fromkeys(e.heading for e in self._columns if e.rank > limit)
                if left_out:
                    note = word("left_out", language).format(", ".join(left_out))
                    out.print(f"[dim]{escape(note)}[/]")
                return
        self._stack(out)

    def _widths(self, shown: Sequence[int], tight: bool, out: Console) -> list[int] | None:
        """The width of each column, the widest folded first; None if there is no room for all."""
        widths, least = [], []
        for n in shown:
            column = self._columns[n]
            heading = measure_renderables(out, out.options, [column.heading])
            cells = measure_renderables(out, out.options, [row[n] for row in self._rows])
            widths.append(max(heading.maximum, cells.maximum))
            least.append(column.narrowest(heading, cells, tight=tight))
        over = sum(widths) + GAP * (len(widths) - 1) - out.width
        for _ in range(over):
            foldable = [n for n, width in enumerate(widths) if width > least[n]]
            if not foldable:
                return None
            widths[max(foldable, key=widths.__getitem__)] -= 1
        return widths

    def _table(self, shown: Sequence[int], widths: Sequence[int]) -> Table:
        columns = [
            rich.table.Column(
                each.heading,
                justify="right" if each.right else "left",
                overflow="fold",
                width=width,
            )
            for each, width in zip((self._columns[n] for n in shown), widths, strict=True)
        ]
        made = _lines(*columns, style=self._style, headings=any(c.heading for c in self._columns))
        for row in self._rows:
            made.add_row(*(row[n] for n in shown))
        return made

    def _stack(self, out: Console) -> None:
        """Print each row as its name and a line for each other cell that is not empty."""
        for row in self._rows:
            cells = list(zip(self._columns, row, strict=True))
            name = [
                cell
                for n, (each, cell) in enumerate(cells)
                if not n or each.names or not each.heading
            ]
            if any(name):
                text = Text.from_markup(" · ".join(filter(None, name)), style=f"bold {self._style}")
                out.print(_Unglued(text))
            facts = _lines("", "", style=self._style, headings=False)
            for each, cell in cells[1:]:
                if each.heading and cell and not each.names:
                    facts.add_row(each.heading, cell)
            for fact in facts.columns:
                fact.overflow = "fold"
            out.print(_Unglued(Padding(facts, (0, 0, 0, GAP))))


def _lines(*columns: rich.table.Column | str, style: str, headings: bool) -> Table:
    return Table(
        *columns,
        box=None,
        pad_edge=False,
        padding=(0, GAP, 0, 0),
        show_header=headings,
        style=style,
    )


class _Unglued:
    """What was folded with _GLUE in place of its no-break spaces, with these again: rich breaks
    lines at no-break spaces, too."""

    def __init__(self, folded: RenderableType) -> None:
        self._folded = folded

    def __rich_console__(self, out: Console, options: ConsoleOptions) -> RenderResult:
        for text, style, control in out.render(self._folded, options):
            yield Segment(text.replace(_GLUE, NBSP), style, control)


class _PlainSpaces:
    """A stream on which no-break spaces become spaces, once lines are broken: so that a person can
    search for "Off target" in what was printed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.replace(NBSP, " "))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Output(Console):
    def on_broken_pipe(self) -> None:
        """Leave this to ``main``; rich would end the process with an error."""
        raise BrokenPipeError
