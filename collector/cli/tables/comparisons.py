"""The tables of comparisons and distributions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

from collector.cli.tables.cells import (
    amount_cell,
    figure_title,
    row_name,
    value_cell,
)
from collector.cli.tables.layout import Sheet, numbers, phrases, titles
from collector.cli.tables.markup import escaped
from collector.measuring.figures.compared_in_words import change_in_words, quantile_text
from collector.measuring.figures.distribution import BOUNDS, quantile
from collector.measuring.figures.figure import Figure, FigureComparison
from collector.model.bilingual import Language
from collector.text.durations import day_count, in_largest_unit, range_in_largest_unit
from collector.text.numbers import number, percent
from collector.text.words.tables import word

_BARS = 30
_MAX_GROUPS = 12


def print_comparisons(figures: Iterable[Figure], language: Language, out: Console) -> None:
    """Print each figure beside those of other periods, and whether the change is significant."""
    shown = Sheet(
        titles(word("indicator", language)),
        numbers(word("now", language)),
        numbers(word("previous", language)),
        phrases(word("change", language)),
        numbers(word("year_before", language), rank=1),
        phrases(word("change", language), rank=1),
        numbers(word("year_to_date", language), rank=2),
    )
    for figure in figures:
        known = {each.name: each for each in figure.comparisons}
        cells = [row_name(figure, language), value_cell(figure, language)]
        for name in ("previous", "year_before"):
            each = known.get(name)
            cells += [
                _compared(figure, each, language),
                escaped(change_in_words(figure, each, language)),
            ]
        to_date = known.get("year_to_date")
        cells.append("" if to_date is None else amount_cell(figure, to_date.value, language))
        shown.add_row(*cells)
    out.print()
    shown.print(out, language)


def _compared(figure: Figure, each: FigureComparison | None, language: Language) -> str:
    """The earlier value; for counts of a running period with the number of days compared."""
    if each is None:
        return ""
    text = amount_cell(figure, each.value, language)
    return text if each.days is None else f"{text} ({day_count(each.days, language)})"


def print_distributions(figures: Iterable[Figure], language: Language, out: Console) -> None:
    """Print median, 90th percentile and a histogram of the durations behind each figure."""
    for figure in figures:
        median, ninety = (quantile(figure.histogram, share) for share in (0.5, 0.9))
        if median is None or ninety is None:
            continue
        out.print()
        out.print(
            f"[bold]{figure_title(figure, language)}[/]  "
            f"n {number(sum(figure.histogram), language)} · "
            f"{word('median', language)} {quantile_text(median, language)} · "
            f"{word('ninety', language)} {quantile_text(ninety, language)}"
        )
        for label, n, share in _groups(figure.histogram, language):
            bar = "█" * round(_BARS * share) or ("▏" if n else "")
            count = f"{number(n, language)} ({percent(share, language, 0)})"
            out.print(f"  {label:>12}  {bar:<{_BARS}} {count}")


def _groups(histogram: Sequence[int], language: Language) -> Iterable[tuple[str, int, float]]:
    """Label, records and share (0-1) of at most _MAX_GROUPS groups of adjacent buckets."""
    total = sum(histogram)
    filled = [index for index, n in enumerate(histogram) if n]
    first, last = filled[0], filled[-1]
    size = -(-(last - first + 1) // _MAX_GROUPS)
    for start in range(first, last + 1, size):
        end = min(start + size - 1, last)
        n = sum(histogram[start : end + 1])
        if end < len(BOUNDS):
            low = BOUNDS[start - 1] if start else 0
            label = range_in_largest_unit(low, BOUNDS[end], language)
        else:
            label = f"> {in_largest_unit(BOUNDS[-1], language)}"
        yield label, n, n / total
