"""What the demo shows on the first screen of a narrow terminal, and what there is to go on with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console

from collector.cli.tables.cells import count_cell, state_cell, value_cell
from collector.cli.tables.layout import Sheet, numbers, titles, words
from collector.cli.tables.markup import escaped
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.text.words.tables import word

ROOM_FOR_ALL = 110
"""Columns of a terminal from which on targets and forecasts have room on one screen."""


def print_measured(figures: Iterable[Figure], language: Language, out: Console) -> None:
    """Print what is measured: indicator, value, n and state, at most two lines each. Targets and
    forecasts are in the commands that the demo names."""
    shown = Sheet(
        titles(word("indicator", language)),
        numbers(word("now", language)),
        numbers("n"),
        words(word("state", language)),
    )
    for figure in figures:
        if figure.is_measured:
            shown.add_row(
                escaped(figure.title[language]),
                value_cell(figure, language),
                count_cell(figure, language),
                state_cell(figure.state, language),
            )
    shown.print(out, language)


def ways_on(address: str, configuration: Path) -> Iterator[str]:
    """Yield what there is to open and to try while the demo runs, a line each."""
    yield f"  {address}/          the board, and from it every page"
    yield f"  {address}/metrics   for Prometheus"
    yield "  in another terminal, before the commands of the README (measure, explain, forecast):"
    yield f"  export SERVICEDESK_KPI_CONFIG={configuration}"
    yield "  traffic continues; stop with Ctrl-C"
