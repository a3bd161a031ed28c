"""The table of what-if: figures in force beside those of another configuration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

from collector.cli.tables.cells import (
    count_cell,
    figure_title,
    state_cell,
    value_cell,
)
from collector.cli.tables.layout import Sheet, numbers, phrases, titles, words
from collector.cli.tables.markup import escaped
from collector.measuring.engine.what_if import Alternative
from collector.measuring.figures.compared_in_words import change_text
from collector.model.bilingual import Language
from collector.text.dates import local_times
from collector.text.numbers import number
from collector.text.words.tables import word


def print_spans(
    period: str,
    zones: tuple[str, str],
    bounds: Sequence[tuple[int, int]],
    language: Language,
    locale: str | None,
    out: Console,
) -> None:
    """Print the period's span, one for each configuration if they differ.

    ``zones`` and ``bounds`` are the reporting time zones and half-open spans (epoch seconds) of
    the configuration in force and of the alternative.
    """
    spans: list[str] = []
    for zone, (start, end) in zip(zones, bounds, strict=True):
        when = local_times(zone, language, locale)
        where = f" {zone}" if len(set(zones)) > 1 else ""
        spans.append(f"{when(start)} – {when(end)}{where}")
    if len(set(spans)) == 1:
        lines = [f"{period} · {spans[0]}"]
    else:
        names = (word(each, language) for each in ("in_force", "what_if"))
        lines = [f"{period} · {name}: {span}" for name, span in zip(names, spans, strict=True)]
    for line in lines:
        out.print(f"[italic]{escaped(line)}[/]")


def print_alternatives(
    alternatives: Iterable[Alternative], language: Language, out: Console
) -> None:
    """Print figures in force beside those of another configuration."""
    shown = Sheet(
        titles(word("indicator", language)),
        numbers(word("in_force", language)),
        numbers("n", rank=3),
        words(word("state", language)),
        numbers(word("what_if", language)),
        numbers("n", rank=3),
        words(word("state", language)),
        numbers(word("change", language), rank=2),
        phrases(word("records", language), rank=1),
    )
    for each in alternatives:
        before, after = each.in_force, each.other
        change = ""
        same_unit = (before.unit, before.shown_in) == (after.unit, after.shown_in)
        if before.value is not None and after.value is not None and same_unit:
            change = escaped(change_text(after, after.value - before.value, language))
        shown.add_row(
            figure_title(before, language),
            value_cell(before, language),
            count_cell(before, language),
            state_cell(before.state, language),
            value_cell(after, language),
            count_cell(after, language),
            state_cell(after.state, language),
            change,
            _moved(each, language),
        )
    shown.print(out, language)


def _moved(each: Alternative, language: Language) -> str:
    if not each.in_force.is_measured:
        return ""
    parts = [
        f"{number(n, language)} {word(was, language)} → {word(becomes, language)}"
        for (was, becomes), n in each.moved.items()
    ]
    return ", ".join(parts) or word("none", language)
