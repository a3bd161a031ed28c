"""How good forecasts were: each rebuilt from what was known then, beside what came.

The split-conformal quantile of error by scale over earlier finished years says how wide an 80 %
interval must be (facts: winter 2017/18 hit all series at once, so two years are the least).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from collector.measuring.figures.forecast import (
    C_AT_START,
    YEAR,
    Forecast,
    Known,
    Months,
    forecast,
)

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator to back-test; ``mean`` and ``breaks`` as in ``Known``.

    ``as_known(month)``: the months before that month index as they were known when it began, not
    as corrected since. It is asked for the months of each year, and for the first after it.
    """

    as_known: Callable[[int], Months]
    mean: bool = False
    breaks: tuple[int, ...] = ()

    def at(self, month: int, year: int) -> Known:
        """What was known when ``month`` of the year from ``year`` on began."""
        months = self.as_known(month)
        if months.after != month:
            raise ValueError(
                f"asked for the months before {month}, got those before {months.after}"
            )
        return Known(months, year, breaks=self.breaks, mean=self.mean)


@dataclass(frozen=True, slots=True)
class Row:
    """A forecast made after month 1–11 of a finished year, beside what came.

    ``naive``: the value of the year to date then, the forecast that nothing changes; ``actual``:
    the value of the year as known when it ended.
    """

    indicator: str
    year: int
    month: int
    forecast: Forecast
    naive: float
    actual: float

    @property
    def error(self) -> float:
        """How far the forecast was off, never negative."""
        return abs(self.forecast.value - self.actual)

    @property
    def naive_error(self) -> float:
        """How far the year to date was off, never negative."""
        return abs(self.naive - self.actual)

    @property
    def held(self) -> bool:
        """Whether the 80 % interval held what came."""
        return self.forecast.low <= self.actual <= self.forecast.high


def backtest(indicators: Mapping[str, Series], years: Iterable[int]) -> tuple[Row, ...]:
    """Every forecast of the finished years that began in the month indices ``years``.

    In the order of years, indicators and months. Where there was no forecast, nothing yet in the
    year or nothing at its end, there is no row. Each year's c is ``calibrated`` on those before.
    Raises ValueError if ``as_known`` gives other months than it was asked for.
    """
    rows = [
        row
        for year in sorted(set(years))
        for name, series in indicators.items()
        for row in _rebuilt(name, series, year)
    ]
    c = {year: calibrated(rows, year) for year in {row.year for row in rows}}
    return tuple(replace(row, forecast=replace(row.forecast, c=c[row.year])) for row in rows)


def _rebuilt(name: str, series: Series, year: int) -> Iterator[Row]:
    good, eligible = series.at(year + YEAR, year).so_far
    for month in range(1, YEAR):
        known = series.at(year + month, year)
        made = forecast(known)
        good_then, eligible_then = known.so_far
        if isinstance(made, Forecast) and eligible_then and eligible:
            yield Row(name, year, month, made, good_then / eligible_then, good / eligible)


def calibrated(rows: Iterable[Row], year: int) -> float:
    """The c for forecasts in the year that begins in month ``year``, from the rows of years before.

    The split-conformal 80 % quantile of error / scale over all indicators, at least 1: of n rows
    the ⌈0.8 (n + 1)⌉th. One year can go wrong as a whole, so two years with rows are needed; until
    then it is ``C_AT_START``. Rows whose scale is 0 have no interval to stretch and do not count.
    """
    earlier = [row for row in rows if row.year < year and row.forecast.scale > 0]
    ratios = sorted(row.error / row.forecast.scale for row in earlier)
    place = -(-4 * (len(ratios) + 1) // 5)
    if len({row.year for row in earlier}) < 2 or place > len(ratios):
        return C_AT_START
    return max(1.0, ratios[place - 1])


@dataclass(frozen=True, slots=True)
class Summary:
    """Rows of a back-test in one line; errors and width are means, in the indicator's unit."""

    count: int
    error: float
    naive_error: float
    coverage: float
    width: float

    @property
    def naive_wins(self) -> bool:
        """Whether "nothing changes" was as good a forecast, or better."""
        return self.naive_error <= self.error


def summaries(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, Summary]:
    """A summary for each value of ``key``, such as ``lambda row: row.year``, in its order.

    Raises ValueError where shares and mean seconds would be added up.
    """
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {value: _summary(groups[value]) for value in sorted(groups)}


def _summary(rows: Sequence[Row]) -> Summary:
    if len({row.forecast.mean for row in rows}) > 1:
        raise ValueError("shares and mean seconds have no common error")
    columns = [
        (row.error, row.naive_error, row.held, row.forecast.high - row.forecast.low) for row in rows
    ]
    return Summary(len(rows), *(sum(column) / len(rows) for column in zip(*columns, strict=True)))
