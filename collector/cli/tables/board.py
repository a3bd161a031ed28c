"""The table of figures for the terminal, their formulas, and the state of the sources."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.measure import measure_renderables
from rich.table import Table

from collector.cli.tables.cells import count_cell, state_cell, target_cell, value_cell
from collector.cli.tables.layout import GAP, console, folded, numbers, phrases, table, words
from collector.cli.tables.markup import escaped
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.store import PollState
from collector.text.dates import LocalTimes
from collector.text.durations import age
from collector.text.numbers import number
from collector.text.vocabulary import WHOLE_DESK

_COLUMNS: dict[Language, tuple[str, ...]] = {
    "sv": ("Indikator", "Nuvärde", "n", "Målvärde", "Läge"),
    "en": ("Indicator", "Now", "n", "Target", "State"),
}
_LEAST_TITLE = 10
_USUAL_TITLE = 20
_LONGEST_WORD = 24
_PENDING: dict[Language, str] = {"sv": "väntar", "en": "pending"}


def print_board(
    figures: Iterable[Figure], heading: str, language: Language, out: Console | None = None
) -> None:
    """Print the committee's table: indicator, value now, n, target, state."""
    out = out or console()
    figures = list(figures)
    by_organization = any(f.organization for f in figures)
    pending = any(f.pending for f in figures)
    out.print(f"[italic]{escaped(heading)}[/]")
    name, now, n, target, state = _COLUMNS[language]
    columns = [folded(name)]
    if by_organization:
        columns.append(words(""))
    columns += [
        numbers(now),
        numbers(f"{n} (+{_PENDING[language]})" if pending else n),
        phrases(target),
        words(state),
    ]
    shown = table(*columns)
    last: str | None = None
    for figure in figures:
        title = escaped(figure.title[language]) if figure.indicator != last else ""
        last = figure.indicator
        cells = [title]
        if by_organization:
            cells.append(escaped(figure.organization or WHOLE_DESK[language]))
        cells += [
            value_cell(figure, language),
            count_cell(figure, language),
            target_cell(figure, language),
            state_cell(figure.state, language),
        ]
        shown.add_row(*cells)
    _fold(shown, out)
    out.print(shown)


def _fold(table: Table, out: Console) -> None:
    """Set the widths of titles and targets: both fold between words, and only where that is not
    enough, titles fold within them. Left to itself, rich cuts off the states at the right."""
    widths = [
        measure_renderables(out, out.options, [column.header, *column.cells])
        for column in table.columns
    ]
    title, *others, target, state = widths
    room = out.width - sum(each.maximum + GAP for each in (*others, state)) - GAP
    wanted = min(title.maximum, max(_USUAL_TITLE, min(title.minimum, _LONGEST_WORD)))
    targets = min(target.maximum, max(target.minimum, room - wanted))
    table.columns[0].width = min(title.maximum, max(_LEAST_TITLE, room - targets))
    table.columns[-2].width = targets


def print_formulas(figures: Iterable[Figure], out: Console) -> None:
    """Print how each figure is calculated, a line or two for each indicator; why, if it is not."""
    shown = table(style="dim")
    for figure in figures:
        if figure.organization is None:
            shown.add_row(figure.indicator, escaped(figure.formula))
            if figure.value is None and figure.excluded:
                reasons = (f"{number(n, 'en')} {why}" for why, n in figure.excluded.items())
                shown.add_row("", escaped(f"not measured, excluded: {', '.join(reasons)}"))
    out.print(shown)


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
