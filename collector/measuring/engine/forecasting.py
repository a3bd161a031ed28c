"""Adds forecasts to figures, and calibrates the width of their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from collector.io.progress import progress
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.tallies import FIRST_WEEK, Tallies
from collector.measuring.figures.backtest import BacktestSeries, backtest, calibrated
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.forecast import C_AT_START, History, Months
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
    """The width of the 80 % intervals, and the evidence for it.

    ``c``: half the width in scales, learnt from so many ``forecasts`` in so many finished
    ``years``. ``held``: the number of those forecasts whose interval contained the actual value,
    each with the c that was known when its year began.
    """

    c: float = C_AT_START
    forecasts: int = 0
    years: int = 0
    held: int = 0


@dataclass(slots=True)
class Forecasting:
    """Adds outlooks to figures; caches the calibration until a complete month changes."""

    measuring: Measuring
    _calibration: Calibration = field(default_factory=Calibration)
    _calibrated_for: object = None

    def with_outlooks(
        self, figures: Iterable[Figure], tallies: Tallies, now: int, states: States
    ) -> Iterator[Figure]:
        """Yield the figures with the outlook of the fiscal year of ``now`` (epoch seconds).

        ``tallies`` must hold the whole history (from ``history_start``); ``states`` say how far the
        sources were read. Figures entered by hand pass unchanged.
        """
        measuring = self.measuring
        c = self.calibration(tallies, now, states).c
        today, places = measuring.today(now), measuring.settings.organizations
        for figure in figures:
            timeline = measuring.timeline(figure.indicator)
            if not timeline.clock:
                yield figure
                continue
            place = None if figure.organization is None else places.index(figure.organization)
            known = measuring.known(tallies, timeline, place, now)
            expected = outlook(
                timeline.on(today),
                known,
                c,
                figure.organization,
                today,
                measuring.fiscal,
                unknown=measuring.is_unknown(timeline.id, now, states),
            )
            yield replace(figure, outlook=expected)

    def calibration(self, tallies: Tallies, now: int, states: States) -> Calibration:
        """Return the width of the 80 % intervals, learnt from the finished fiscal years.

        Indicators whose sources were not read to the end of the last finished year are left out.
        """
        measuring = self.measuring
        begins = measuring.fiscal.first(self._year(now))
        year, until = month_index(begins), measuring.local.midnight(begins)
        chosen = {
            timeline.id: measuring.known(tallies, timeline, None, now)
            for timeline in with_intervals(measuring)
            if not measuring.is_unknown(timeline.id, until, states)
        }
        calibrated_for = (
            year,
            {
                name: (known.months.good.tobytes(), known.months.eligible.tobytes())
                for name, known in chosen.items()
            },
        )
        if calibrated_for != self._calibrated_for:
            rows = backtest(
                {name: _as_known_today(known) for name, known in chosen.items()},
                finished_years(first_whole_month(tallies.first), year),
            )
            years = len({row.year for row in rows})
            held = sum(row.held for row in rows)
            self._calibration = Calibration(calibrated(rows, year), len(rows), years, held)
            self._calibrated_for = calibrated_for
        return self._calibration

    def _year(self, now: int) -> int:
        return self.measuring.fiscal.year_of(self.measuring.today(now))


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
    """The series with today's corrections instead of as known then: good enough for calibration."""
    months = known.months

    def before(month: int) -> Months:
        n = month - months.first
        return Months(months.first, months.good[:n], months.eligible[:n])

    return BacktestSeries(before, known.mean, known.breaks)


def forecasts(
    measuring: Measuring, at: int, only: list[str] | None
) -> tuple[list[Figure], Calibration, dict[str, PollState]]:
    """Return the figures of the fiscal year to date with their outlook, the calibration of its
    intervals, and how far the sources were read. ``at``: epoch seconds. Raises StoreError if the
    store cannot be read."""
    states = measuring.store.polls.states()
    period = measuring.period("year_to_date", at)
    first = min(measuring.history_of(period, at), history_start(measuring, at))
    with progress("measuring the history") as report:
        tallies = measuring.tallies(first, period.after, at, report)
    figures = measuring.figures(tallies, period, at, states, only or None)
    forecasting = Forecasting(measuring)
    with_outlook = list(forecasting.with_outlooks(figures, tallies, at, states))
    return with_outlook, forecasting.calibration(tallies, at, states), states
