"""Forecasts of everything that is measured, and the calibration of their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.tallies import FIRST_WEEK, Tallies
from collector.measuring.figures.backtest import Series, backtest, calibrated
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.forecast import C_AT_START, Known, Months
from collector.measuring.figures.outlook import outlook
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import Timeline
from collector.model.periods import month_index, whole_month_from
from collector.store import PollState

States = Mapping[str, PollState]

MOST_YEARS = 6
"""Fiscal years before the present one that forecasts look back on."""


def history_start(measuring: Measuring, now: int) -> date:
    """The first date that forecasts look back on: that of the first record, or MOST_YEARS ago.

    A month whose first record comes in its first week is taken for whole.
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
    """How wide 80 % intervals are, and what that rests on.

    ``c``: how many scales they reach; learnt from ``forecasts`` in ``years`` finished years. Of
    these so many ``held`` what came, each with the c that was known when its year began.
    """

    c: float = C_AT_START
    forecasts: int = 0
    years: int = 0
    held: int = 0


@dataclass(slots=True)
class Forecasting:
    """Puts an outlook beside figures. Remembers the calibration as long as no month changes."""

    measuring: Measuring
    _known: Calibration = field(default_factory=Calibration)
    _stands_for: object = None

    def beside(
        self, figures: Iterable[Figure], tallies: Tallies, now: int, states: States
    ) -> Iterator[Figure]:
        """The figures with the outlook of the fiscal year that ``now`` lies in.

        ``tallies`` hold all the history there is; ``states`` say how far the sources were read.
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
        """How wide 80 % intervals are, learnt from the finished years.

        An indicator whose sources were not read to the end of those teaches nothing.
        """
        measuring = self.measuring
        begins = measuring.fiscal.first(self._year(now))
        year, until = month_index(begins), measuring.local.midnight(begins)
        chosen = {
            timeline.id: measuring.known(tallies, timeline, None, now)
            for timeline in calibrating(measuring)
            if not measuring.is_unknown(timeline.id, until, states)
        }
        stands_for = (
            year,
            {
                name: (known.months.good.tobytes(), known.months.eligible.tobytes())
                for name, known in chosen.items()
            },
        )
        if stands_for != self._stands_for:
            rows = backtest(
                {name: _as_known_today(known) for name, known in chosen.items()},
                finished_years(whole_month_from(tallies.first), year),
            )
            years = len({row.year for row in rows})
            held = sum(row.held for row in rows)
            self._known = Calibration(calibrated(rows, year), len(rows), years, held)
            self._stands_for = stands_for
        return self._known

    def _year(self, now: int) -> int:
        return self.measuring.fiscal.year_of(self.measuring.today(now))


def calibrating(measuring: Measuring) -> Iterator[Timeline]:
    """The indicators with intervals: shares and means."""
    for timeline in measuring.timelines:
        if kind_of(timeline.versions[0].indicator).has_denominator:
            yield timeline


def finished_years(first: int, year: int) -> range:
    """The fiscal years (by their first month) before ``year`` that lie behind month ``first``."""
    whole = (year - first) // 12
    return range(year - 12 * whole, year, 12)


def _as_known_today(known: Known) -> Series:
    """The series as it stands today, corrected since it was new: enough to calibrate by."""
    months = known.months

    def before(month: int) -> Months:
        n = month - months.first
        return Months(months.first, months.good[:n], months.eligible[:n])

    return Series(before, known.mean, known.breaks)
