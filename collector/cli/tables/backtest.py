"""The back-test for the terminal: how far forecasts were off, and where a naive one was better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console

from collector.cli.tables.layout import Sheet, numbers, titles, words
from collector.measuring.figures.backtest import BacktestRow, BacktestSummary, summaries
from collector.model.bilingual import Language
from collector.model.periods import month_start
from collector.text.numbers import number, percent
from collector.text.words.backtest import BACKTEST_WORDS


def _word(key: str, language: Language, **filled: object) -> str:
    return BACKTEST_WORDS[key][language].format(**filled)


def print_backtest(rows: Sequence[BacktestRow], language: Language, out: Console) -> None:
    """Print errors, coverage and width by month, year and indicator: shares, then each mean."""
    shares = [row for row in rows if not row.forecast.mean]
    if shares:
        _print(_word("shares", language), shares, 100, _word("points", language), language, out)
    for name in dict.fromkeys(row.indicator for row in rows if row.forecast.mean):
        own = [row for row in rows if row.indicator == name]
        _print(name, own, 1 / 3600, "h", language, out)


def _print(
    what: str,
    rows: Sequence[BacktestRow],
    factor: float,
    unit: str,
    language: Language,
    out: Console,
) -> None:
    out.print(f"[bold]{_word('title', language, what=what)}[/]")
    shown = Sheet(
        titles(),
        numbers(_word("forecasts", language)),
        numbers(_word("error", language, unit=unit)),
        numbers(_word("naive_error", language, unit=unit)),
        words(_word("better", language)),
        numbers(_word("coverage", language)),
        numbers(_word("width", language, unit=unit)),
    )
    for label, each in _lines(rows, language):
        shown.add_row(
            label,
            number(each.count, language),
            number(factor * each.error, language, 2),
            number(factor * each.naive_error, language, 2),
            _word("naive" if each.naive_wins else "forecast", language),
            percent(each.coverage, language, 0),
            number(factor * each.width, language, 1),
        )
    shown.print(out, language)
    for line in verdicts(rows, language):
        out.print(line, markup=False)
    out.print()


def _lines(
    rows: Sequence[BacktestRow], language: Language
) -> Iterator[tuple[str, BacktestSummary]]:
    for month, each in summaries(rows, lambda row: row.month).items():
        yield _word("after_month", language, month=month), each
    for year, each in summaries(rows, lambda row: row.year).items():
        yield _word("year_from", language, year=f"{month_start(year):%Y-%m}"), each
    names = summaries(rows, lambda row: row.indicator)
    if len(names) > 1:
        yield from names.items()
    yield _word("all", language), summaries(rows, lambda _: 0)[0]


def verdicts(rows: Sequence[BacktestRow], language: Language) -> Iterator[str]:
    """Sentences that say where the forecast beats the naive one, and where it does not."""
    whole = summaries(rows, lambda _: 0)[0]
    if whole.naive_wins:
        yield _word("naive_wins", language)
    else:
        gain = percent(1 - whole.error / whole.naive_error, language, 0)
        yield _word("closer", language, gain=gain)
    for what, key in _KEYS:
        worse = [str(name) for name, each in summaries(rows, key).items() if each.naive_wins]
        if worse and not whole.naive_wins:
            names = ", ".join(worse)
            yield _word("worse_in", language, what=_word(what, language), names=names)


def _year(row: BacktestRow) -> str:
    return f"{month_start(row.year):%Y}"


_KEYS: Iterable[tuple[str, Callable[[BacktestRow], str]]] = (
    ("years", _year),
    ("indicators", lambda row: row.indicator),
    ("months", lambda row: f"{row.month:2}"),
)
