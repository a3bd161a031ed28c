"""The back-test for the terminal: how far forecasts were off, and where a naive one was better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console

from collector.cli.tables.layout import Sheet, numbers, titles, words
from collector.measuring.figures.backtest import BacktestRow, BacktestSummary, summaries
from collector.model.periods import month_start
from collector.text.numbers import number, percent

_NAIVE = "the year to date stays"


def print_backtest(rows: Sequence[BacktestRow], out: Console) -> None:
    """Print errors, coverage and width by month, year and indicator: shares, then each mean."""
    shares = [row for row in rows if not row.forecast.mean]
    if shares:
        _print("shares", shares, 100, "pp", out)
    for name in dict.fromkeys(row.indicator for row in rows if row.forecast.mean):
        own = [row for row in rows if row.indicator == name]
        _print(name, own, 1 / 3600, "h", out)


def _print(what: str, rows: Sequence[BacktestRow], factor: float, unit: str, out: Console) -> None:
    out.print(f"[bold]Forecasts of {what}, rebuilt from what was known at the time[/]")
    shown = Sheet(
        titles(),
        numbers("forecasts"),
        numbers(f"mean error, {unit}"),
        numbers(f"naive, {unit}"),
        words("better"),
        numbers("in the 80% interval"),
        numbers(f"its width, {unit}"),
    )
    for label, each in _lines(rows):
        shown.add_row(
            label,
            number(each.count, "en"),
            number(factor * each.error, "en", 2),
            number(factor * each.naive_error, "en", 2),
            "naive" if each.naive_wins else "forecast",
            percent(each.coverage, "en", 0),
            number(factor * each.width, "en", 1),
        )
    shown.print(out, "en")
    for line in verdicts(rows):
        out.print(line, markup=False)
    out.print()


def _lines(rows: Sequence[BacktestRow]) -> Iterator[tuple[str, BacktestSummary]]:
    for month, each in summaries(rows, lambda row: row.month).items():
        yield f"after month {month}", each
    for year, each in summaries(rows, lambda row: row.year).items():
        yield f"year from {month_start(year):%Y-%m}", each
    names = summaries(rows, lambda row: row.indicator)
    if len(names) > 1:
        yield from names.items()
    yield "all", summaries(rows, lambda _: 0)[0]


def verdicts(rows: Sequence[BacktestRow]) -> Iterator[str]:
    """Sentences that say where the forecast beats the naive one, and where it does not."""
    whole = summaries(rows, lambda _: 0)[0]
    if whole.naive_wins:
        yield f"Naive wins: '{_NAIVE}' was the better forecast overall. Do not rely on these."
    else:
        gain = percent(1 - whole.error / whole.naive_error, "en", 0)
        yield f"Overall {gain} closer than '{_NAIVE}'."
    for what, key in _KEYS:
        worse = [str(name) for name, each in summaries(rows, key).items() if each.naive_wins]
        if worse and not whole.naive_wins:
            yield f"Naive wins in {what} {', '.join(worse)}."


def _year(row: BacktestRow) -> str:
    return f"{month_start(row.year):%Y}"


_KEYS: Iterable[tuple[str, Callable[[BacktestRow], str]]] = (
    ("the years from", _year),
    ("the indicators", lambda row: row.indicator),
    ("the months", lambda row: f"{row.month:2}"),
)
