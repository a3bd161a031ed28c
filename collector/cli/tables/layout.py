"""The layout of the terminal's tables: the console, and columns without lines between them."""

from __future__ import annotations

import sys
from typing import IO, Any, TextIO, cast

from rich.console import Console
from rich.table import Column, Table

from collector.text.characters import NBSP

GAP = 2
"""Columns of the terminal between two of a table."""
_TITLE_WIDTH = 20
_NARROW_WIDTH = 14


def console(columns: int = 100) -> Console:
    """A console on standard output, ``columns`` wide when that is not a terminal."""
    return _Output(
        file=cast("IO[str]", _PlainSpaces(sys.stdout)),
        width=None if sys.stdout.isatty() else columns,
        highlight=False,
    )


def table(*columns: Column, style: str = "") -> Table:
    """A table without lines; without headings if no column is given, each row then makes its own
    columns."""
    return Table(
        *columns,
        box=None,
        pad_edge=False,
        padding=(0, GAP, 0, 0),
        show_header=bool(columns),
        style=style,
    )


def titles(heading: str, min_width: int = _TITLE_WIDTH) -> Column:
    """The column that names the rows: folded where the console is narrow."""
    return Column(heading, min_width=min_width, overflow="fold")


def words(heading: str) -> Column:
    """A column that is not folded; what a narrow console has no room for is cut off with an
    ellipsis."""
    return Column(heading, no_wrap=True)


def numbers(heading: str) -> Column:
    """Like :func:`words`, right-aligned."""
    return Column(heading, justify="right", no_wrap=True)


def phrases(heading: str) -> Column:
    """A column that is folded between words where the console is narrow; no word is broken."""
    return Column(heading)


def folded(heading: str, *, right: bool = False, narrow: bool = False) -> Column:
    """A column that is folded where the console is narrow, within a word if need be; with
    ``narrow`` it is so everywhere."""
    return Column(
        heading,
        justify="right" if right else "left",
        overflow="fold",
        max_width=_NARROW_WIDTH if narrow else None,
    )


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
