"""The table of figures for the terminal, their formulas, and the state of the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console

from collector.cli.tables.cells import (
    count_cell,
    excluded_text,
    part_cell,
    split_field,
    state_cell,
    target_cell,
    value_cell,
)
from collector.cli.tables.layout import (
    Sheet,
    console,
    numbers,
    part_names,
    phrases,
    titles,
    words,
)
from collector.cli.tables.markup import escaped
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.store import PollState
from collector.text.dates import LocalTimes
from collector.text.durations import age
from collector.text.numbers import number
from collector.text.words import capital
from collector.text.words.records import field_name
from collector.text.words.tables import word

_COLUMNS: dict[Language, tuple[str, ...]] = {
    "sv": ("Indikator", "Nuvärde", "n", "Målvärde", "Läge"),
    "en": ("Indicator", "Now", "n", "Target", "State"),
}
_PENDING: dict[Language, str] = {"sv": "väntar", "en": "pending"}


def print_board(
    figures: Iterable[Figure], heading: str, language: Language, out: Console | None = None
) -> None:
    """Print the committee's table: indicator, value now, n, target, state; of a split also whom or
    what a row is about."""
    out = out or console()
    figures = list(figures)
    split = split_field(figures)
    pending = any(f.pending for f in figures)
    out.print(f"[italic]{escaped(heading)}[/]")
    name, now, n, target, state = _COLUMNS[language]
    columns = [titles(name)]
    if split is not None:
        columns.append(part_names(capital(field_name(split, language)) if split else ""))
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
        if split is not None:
            cells.append(part_cell(figure, language))
        cells += [
            value_cell(figure, language),
            count_cell(figure, language),
            target_cell(figure, language),
            state_cell(figure.state, language),
        ]
        shown.add_row(*cells)
    shown.print(out, language)


def print_figure_rules(
    figures: Iterable[Figure], rules: Mapping[str, str], language: Language, out: Console
) -> None:
    """Print how each figure is made, in the words of ``rules``, a line or two for each indicator;
    why, if it is not measured, and what it leaves out for want of data, if that is much."""
    shown = Sheet(titles(), phrases(""), style="dim")
    for figure in figures:
        if figure.organization is None and figure.part is None:
            shown.add_row(figure.indicator, escaped(rules[figure.indicator]))
            if figure.purged is not None:
                shown.add_row("", word("purged", language, figure.purged))
            elif figure.value is None and figure.excluded:
                reasons = excluded_text(figure.excluded, language)
                shown.add_row("", escaped(word("not_measured", language, reasons)))
            elif figure.lacking.is_doubtful:
                reasons, of = excluded_text(figure.lacking.reasons, language), figure.lacking.of
                lacking = word("lacking", language, reasons, number(of, language))
                shown.add_row("", escaped(lacking))
    shown.print(out, language)


def print_sources(
    states: dict[str, PollState], now: int, when: LocalTimes, language: Language, out: Console
) -> None:
    """Print a line for each source: when it was last read (``now`` is epoch seconds), how many
    records were rejected or lack a field, and its last error."""
    for state in states.values():
        read = state.last_success
        seen = word("never_read", language)
        if read is not None:
            seen = word("read", language, when(read))
            if now >= read:
                seen += f", {word('ago', language, age(now - read, language))}"
        rejected = sum(state.rejected.values())
        parts = [f"{state.source}: {seen}"]
        if rejected:
            counted = sorted(state.rejected.items())
            reasons = ", ".join(f"{reason} {number(n, language)}" for reason, n in counted)
            parts.append(word("rejected", language, number(rejected, language), reasons))
        if state.consecutive_failures:
            parts.append(word("failing", language, state.last_error))
        out.print("; ".join(parts), markup=False, soft_wrap=True)
