"""Adds forecasts to figures, and tests their intervals on finished years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from collector.io.progress import progress
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.tallies import FIRST_WEEK, Tallies
from collector.measuring.figures.backtest import BacktestSeries, backtest
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.forecast import History, Months
from collector.measuring.figures.outlook import outlook
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import Timeline
from collector.model.periods import first_whole_month, month_index
from collector.store import PollState

States = Mapping[str, PollState]

MOST_YEARS = 6
"""How many fiscal years before the present one forecasts look back."""


def history_start(measuring: Measuring, now: int) -> date:
    """Return the first date that forecasts look back to: that of the first record, at most
    MOST_YEARS fiscal years ago.

    A month whose first record comes in its first week counts as complete and from its first day.
    ``now``: epoch seconds. Raises StoreError if the store cannot be read.
    """
    today = measuring.today(now)
    earliest = measuring.fiscal.first(measuring.fiscal.year_of(today) - MOST_YEARS)
    span = measuring.store.records.span()
    if span is None:
        return today
    first = measuring.today(span[0])
    if first.day <= FIRST_WEEK:
        first = first.replace(day=1)
    return max(earliest, min(first, today))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the 80 % intervals stood the test of the finished fiscal years.

    ``held``: the number of those ``forecasts``, made in so many finished ``years``, whose interval
    contained the actual value.
    """

    forecasts: int = 0
    years: int = 0
    held: int = 0


def with_outlooks(
    measuring: Measuring,
    figures: Iterable[Figure],
    tallies: Tallies,
    now: int,
    states: States,
) -> Iterator[Figure]:
    """Yield the figures with the outlook of the fiscal year of ``now`` (epoch seconds).

    ``tallies`` must hold the whole history (from ``history_start``); ``states`` say how far the
    sources were read. Figures entered by hand pass unchanged.
    """
    today, places = measuring.today(now), measuring.settings.organizations
    for figure in figures:
        timeline = measuring.timeline(figure.indicator)
        if not timeline.clock:
            yield figure
            continue
        place = None if figure.organization is None else places.index(figure.organization)
        expected = outlook(
            timeline.on(today),
            measuring.known(tallies, timeline, place, now),
            figure.organization,
            today,
            measuring.fiscal,
            unknown=measuring.is_unknown(timeline.id, now, states),
        )
        yield replace(figure, outlook=expected)


def calibration(measuring: Measuring, tallies: Tallies, now: int, states: States) -> Calibration:
    """Test the 80 % intervals on the fiscal years finished before ``now`` (epoch seconds).

    ``tallies`` as for ``with_outlooks``. Indicators whose sources were not read to the end of the
    last finished year are left out.
    """
    begins = measuring.fiscal.first(measuring.fiscal.year_of(measuring.today(now)))
    until = measuring.local.midnight(begins)
    rows = backtest(
        {
            timeline.id: _as_known_today(measuring.known(tallies, timeline, None, now))
            for timeline in with_intervals(measuring)
            if not measuring.is_unknown(timeline.id, until, states)
        },
        finished_years(first_whole_month(tallies.first), month_index(begins)),
    )
    return Calibration(len(rows), len({row.year for row in rows}), sum(row.held for row in rows))


def with_intervals(measuring: Measuring) -> Iterator[Timeline]:
    """Yield the indicators whose forecasts have intervals: shares and means."""
    for timeline in measuring.timelines:
        if kind_of(timeline.versions[0].indicator).has_denominator:
            yield timeline


def finished_years(first: int, year: int) -> range:
    """Return the fiscal years (by first month) before ``year``, from month index ``first`` on."""
    whole = (year - first) // 12
    return range(year - 12 * whole, year, 12)


def _as_known_today(known: History) -> BacktestSeries:
    """The series with today's corrections instead of as known then: good enough for a test."""
    months = known.months

    def before(month: int) -> Months:
        n = month - months.first
        return Months(months.first, months.good[:n], months.eligible[:n])

    return BacktestSeries(before, known.mean, known.breaks)


def forecasts(
    measuring: Measuring, at: int, only: list[str] | None
) -> tuple[list[Figure], Calibration, dict[str, PollState]]:
    """Return the figures of the fiscal year to date with their outlook, the test of its
    intervals, and how far the sources were read. ``at``: epoch seconds. Raises StoreError if the
    store cannot be read."""
    states = measuring.store.polls.states()
    period = measuring.period("year_to_date", at)
    first = min(measuring.history_of(period, at), history_start(measuring, at))
    with progress("measuring the history") as report:
        tallies = measuring.tallies(first, period.after, at, report)
    figures = measuring.figures(tallies, period, at, states, only or None)
    with_outlook = list(with_outlooks(measuring, figures, tallies, at, states))
    return with_outlook, calibration(measuring, tallies, at, states), states
