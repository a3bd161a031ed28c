"""The table of figures for the terminal, their formulas, and the state of the sources."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import IO, Any, TextIO, cast

from rich.console import Console
from rich.table import Table

from collector.cli.tables.cells import count_cell, state_cell, target_cell, value_cell
from collector.cli.tables.markup import escaped
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.store import PollState
from collector.text.characters import NBSP
from collector.text.dates import LocalTimes
from collector.text.durations import age
from collector.text.numbers import number
from collector.text.vocabulary import WHOLE_DESK

_COLUMNS: dict[Language, tuple[str, ...]] = {
    "sv": ("Indikator", "Nuvärde", "n", "Målvärde", "Läge"),
    "en": ("Indicator", "Now", "n", "Target", "State"),
}
_LONGEST_WORD = 24
_PENDING: dict[Language, str] = {"sv": "väntar", "en": "pending"}


def console(columns: int = 100) -> Console:
    """A console on standard output, ``columns`` wide when that is not a terminal."""
    return _Output(
        file=cast("IO[str]", _PlainSpaces(sys.stdout)),
        width=None if sys.stdout.isatty() else columns,
        highlight=False,
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


def print_board(
    figures: Iterable[Figure], heading: str, language: Language, out: Console | None = None
) -> None:
    """Print the committee's table: indicator, value now, n, target, state."""
    out = out or console()
    figures = list(figures)
    by_organization = any(f.organization for f in figures)
    pending = any(f.pending for f in figures)
    out.print(f"[italic]{escaped(heading)}[/]")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    name, now, n, target, state = _COLUMNS[language]
    longest = max((len(word) for f in figures for word in f.title[language].split()), default=0)
    # a narrow table folds titles between words, and breaks no word of usual length
    table.add_column(name, ratio=1, overflow="fold", min_width=min(longest, _LONGEST_WORD))
    if by_organization:
        table.add_column("", no_wrap=True)
    table.add_column(now, justify="right", no_wrap=True)
    table.add_column(
        f"{n} (+{_PENDING[language]})" if pending else n, justify="right", no_wrap=True
    )
    table.add_column(target)
    table.add_column(state, no_wrap=True)
    shown: str | None = None
    for figure in figures:
        title = escaped(figure.title[language]) if figure.indicator != shown else ""
        shown = figure.indicator
        cells = [title]
        if by_organization:
            cells.append(escaped(figure.organization or WHOLE_DESK[language]))
        cells += [
            value_cell(figure, language),
            count_cell(figure, language),
            target_cell(figure, language),
            state_cell(figure.state, language),
        ]
        table.add_row(*cells)
    out.print(table)


def print_formulas(figures: Iterable[Figure], out: Console) -> None:
    """Print how each figure is calculated, a line or two for each indicator; why, if it is not."""
    table = Table(box=None, show_header=False, pad_edge=False, style="dim")
    for figure in figures:
        if figure.organization is None:
            table.add_row(figure.indicator, escaped(figure.formula))
            if figure.value is None and figure.excluded:
                reasons = (f"{number(n, 'en')} {why}" for why, n in figure.excluded.items())
                table.add_row("", escaped(f"not measured, excluded: {', '.join(reasons)}"))
    out.print(table)


def print_sources(states: dict[str, PollState], now: int, when: LocalTimes, out: Console) -> None:
    """Print a line for each source: when it was last read (``now`` is epoch seconds), how many
    records were rejected, and its last error."""
    for state in states.values():
        read = state.last_success
        seen = "never read" if read is None else f"read {when(read)}"
        if read is not None and now >= read:
            seen += f", {age(now - read, 'en')} ago"
        rejected = sum(state.rejected.values())
        parts = [f"{state.source}: {seen}"]
        if rejected:
            counted = sorted(state.rejected.items())
            reasons = ", ".join(f"{reason} {number(n, 'en')}" for reason, n in counted)
            parts.append(f"{number(rejected, 'en')} rejected ({reasons})")
        if state.consecutive_failures:
            parts.append(f"failing: {state.last_error}")
        out.print("; ".join(parts), markup=False, soft_wrap=True)
