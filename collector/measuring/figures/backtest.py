"""How good forecasts were: each is rebuilt from what was known at the time and compared with the
actual value (docs/indicators.md, "Forecasts")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from collector.measuring.figures.forecast import (
    YEAR,
    Forecast,
    History,
    Months,
    forecast,
)

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class BacktestSeries:
    """An indicator to back-test; ``mean`` and ``breaks`` as in ``History``.

    ``as_known(month)``: the months before that month index as known when it began, without later
    corrections. It is called for every month of each year, and for the first month after it.
    """

    as_known: Callable[[int], Months]
    mean: bool = False
    breaks: tuple[int, ...] = ()

    def at(self, month: int, year: int) -> History:
        """Return what was known when ``month`` began, for the year that begins in month ``year``.

        Raises ValueError if ``as_known`` returns other months than those before ``month``.
        """
        months = self.as_known(month)
        if months.after != month:
            raise ValueError(
                f"asked for the months before {month}, got those before {months.after}"
            )
        return History(months, year, breaks=self.breaks, mean=self.mean)


@dataclass(frozen=True, slots=True)
class BacktestRow:
    """A forecast made after month 1–11 of a finished year, with the year's actual value.

    Values are shares 0–1 or mean seconds. ``year``: the month index in which the year began.
    ``naive``: the value of the year to date at that time, which is the forecast that nothing
    changes. ``actual``: the value of the whole year as known when it ended.
    """

    indicator: str
    year: int
    month: int
    forecast: Forecast
    naive: float
    actual: float

    @property
    def error(self) -> float:
        """The absolute error of the forecast."""
        return abs(self.forecast.value - self.actual)

    @property
    def naive_error(self) -> float:
        """The absolute error of the year to date as a forecast."""
        return abs(self.naive - self.actual)

    @property
    def held(self) -> bool:
        """Whether the actual value lies in the 80 % interval."""
        return self.forecast.low <= self.actual <= self.forecast.high


def backtest(
    indicators: Mapping[str, BacktestSeries], years: Iterable[int]
) -> tuple[BacktestRow, ...]:
    """Return every forecast of the finished years that began in the month indices ``years``.

    In the order of years, indicators and months. There is no row where no forecast could be made
    and where the year had no eligible records by then or at its end.
    Raises ValueError if ``as_known`` returns other months than it was asked for.
    """
    return tuple(
        row
        for year in sorted(set(years))
        for name, series in indicators.items()
        for row in _rebuild(name, series, year)
    )


def _rebuild(name: str, series: BacktestSeries, year: int) -> Iterator[BacktestRow]:
    good, eligible = series.at(year + YEAR, year).so_far
    for month in range(1, YEAR):
        known = series.at(year + month, year)
        made = forecast(known)
        good_then, eligible_then = known.so_far
        if isinstance(made, Forecast) and eligible_then and eligible:
            yield BacktestRow(name, year, month, made, good_then / eligible_then, good / eligible)


@dataclass(frozen=True, slots=True)
class BacktestSummary:
    """The summary of ``count`` rows: mean errors and mean width of the interval in the indicator's
    unit, and the share of rows whose interval held the actual value (0–1)."""

    count: int
    error: float
    naive_error: float
    coverage: float
    width: float

    @property
    def naive_wins(self) -> bool:
        """Whether the forecast that nothing changes was at least as good."""
        return self.naive_error <= self.error


def summaries(
    rows: Iterable[BacktestRow], key: Callable[[BacktestRow], Key]
) -> dict[Key, BacktestSummary]:
    """Return a summary for each value of ``key``, such as ``lambda row: row.year``, in ascending
    order.

    Raises ValueError if a group would mix shares with mean seconds.
    """
    groups: dict[Key, list[BacktestRow]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {value: _summary(groups[value]) for value in sorted(groups)}


def _summary(rows: Sequence[BacktestRow]) -> BacktestSummary:
    if len({row.forecast.mean for row in rows}) > 1:
        raise ValueError("shares and mean seconds have no common error")
    columns = [
        (row.error, row.naive_error, row.held, row.forecast.high - row.forecast.low) for row in rows
    ]
    return BacktestSummary(
        len(rows), *(sum(column) / len(rows) for column in zip(*columns, strict=True))
    )
