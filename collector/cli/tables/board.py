"""The table of figures for the terminal, their formulas, and the state of the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console

from collector.cli.tables.cells import count_cell, state_cell, target_cell, value_cell
from collector.cli.tables.layout import Sheet, console, numbers, phrases, titles, words
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
    columns = [titles(name)]
    if by_organization:
        columns.append(phrases(""))
    columns += [
        numbers(now),
        numbers(f"{n} (+{_PENDING[language]})" if pending else n),
        phrases(target),
        words(state),
    ]
    shown = Sheet(*columns)
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
    shown.print(out, language)


def print_formulas(figures: Iterable[Figure], out: Console) -> None:
    """Print how each figure is calculated, a line or two for each indicator; why, if it is
    not, and what it leaves out for want of data if that is much."""
    shown = Sheet(titles(), phrases(""), style="dim")
    for figure in figures:
        if figure.organization is None:
            shown.add_row(figure.indicator, escaped(figure.formula))
            if figure.value is None and figure.excluded:
                shown.add_row("", escaped(f"not measured, excluded: {_listed(figure.excluded)}"))
            elif figure.lacking.is_doubtful:
                reasons, of = figure.lacking
                left_out = f"{_listed(reasons)} of {number(of, 'en')}"
                shown.add_row("", escaped(f"left out for want of data: {left_out}"))
    shown.print(out, "en")


def _listed(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{number(n, 'en')} {why}" for why, n in reasons.items())


def print_sources(states: dict[str, PollState], now: int, when: LocalTimes, out: Console) -> None:
    """Print a line for each source: when it was last read (``now`` is epoch seconds), how many
    records were rejected or lack a field, and its last error."""
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
            parts.append(f"{number(rejected, 'en')} rejected or incomplete ({reasons})")
        if state.consecutive_failures:
            parts.append(f"failing: {state.last_error}")
        out.print("; ".join(parts), markup=False, soft_wrap=True)
