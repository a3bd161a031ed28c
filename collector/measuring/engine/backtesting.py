"""Rebuilds every forecast from what was known at the time: each month is measured as it stood when
each later month began (docs/indicators.md, "Forecasts")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from collector.io.progress import progress
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import finished_years, history_start, with_intervals
from collector.measuring.engine.tallies import breaks_of
from collector.measuring.figures.backtest import BacktestRow, BacktestSeries, backtest
from collector.measuring.figures.forecast import Months
from collector.measuring.judge import Judged
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import NEVER, Timeline, Verdict
from collector.model.columns import CallTable, Int64, TicketTable
from collector.model.periods import first_whole_month, month_index, month_start
from collector.model.records import Change
from collector.model.rewind import rewind_tickets

OnProgress = Callable[[float], None]


def backtested(
    measuring: Measuring, first: date, now: int, on_progress: OnProgress = lambda share: None
) -> tuple[BacktestRow, ...]:
    """Return the back-test of all shares and means over the finished fiscal years since ``first``.

    A month is measured as it stood when each later month began, with the answers, resolutions,
    holds, teams, priorities and statuses of that time. ``now``: epoch seconds. ``on_progress`` gets
    the share done, 0–1. Raises StoreError if the store cannot be read.
    """
    year_start = measuring.fiscal.first(measuring.fiscal.year_of(measuring.today(now)))
    begin = first_whole_month(first)
    years = finished_years(begin, month_index(year_start))
    if not years:
        return ()
    as_known = Measuring(measuring.settings, measuring.store, known_at=now)
    known = _KnownMonths.of(as_known, begin, years)
    known.measure(on_progress)
    return backtest({t.id: known.series(t) for t in known.timelines}, years)


@dataclass(slots=True)
class _KnownMonths:
    """The sums (good, eligible) of each month as known when each later month began, per indicator.

    ``asked``: the month indices at whose beginning the months before are measured. ``sums``: of
    shape (len(asked), months measured, 2), the months from ``first`` on. ``begins``: the date of
    the first record of each indicator.
    """

    measuring: Measuring
    timelines: list[Timeline]
    first: int
    asked: list[int]
    sums: dict[str, Int64]
    begins: dict[str, date] = field(default_factory=dict)

    @classmethod
    def of(cls, measuring: Measuring, first: int, years: range) -> _KnownMonths:
        timelines = list(with_intervals(measuring))
        asked = [year + month for year in years for month in range(1, 13)]
        shape = len(asked), asked[-1] - first, 2
        return cls(
            measuring,
            timelines,
            first,
            asked,
            {each.id: np.zeros(shape, dtype=np.int64) for each in timelines},
        )

    def series(self, timeline: Timeline) -> BacktestSeries:
        """Return the series of an indicator for the back-test."""

        def before(month: int) -> Months:
            known = self.sums[timeline.id][self.asked.index(month), : month - self.first]
            return Months(self.first, known[:, 0], known[:, 1])

        mean = kind_of(timeline.versions[0].indicator).is_mean
        return BacktestSeries(before, mean, breaks_of(timeline, self.begins.get(timeline.id)))

    def measure(self, on_progress: OnProgress) -> None:
        """Measure every month as it stood when each later month began. Raises StoreError."""
        clocks = sorted({each.clock for each in self.timelines})
        work = [(c, m) for c in clocks for m in range(self.first, self.asked[-1])]
        for done, (clock, month) in enumerate(work):
            self._measure_month(clock, month)
            on_progress((done + 1) / len(work))

    def _measure_month(self, clock: str, month: int) -> None:
        start, end = self._midnight(month), self._midnight(month + 1)
        table = self.measuring.table(clock, (start, end))
        histories: dict[int, tuple[Change, ...]] = {}
        if isinstance(table, TicketTable):
            histories = self.measuring.store.records.changed_since(table.key, end)
        changed_at = _instants(histories)
        stands_until, previous = end - 1, -1  # no verdict changes before stands_until
        for place, later in enumerate(self.asked):
            if later <= month:
                continue
            now = self._midnight(later)
            if previous >= 0 and now < stands_until:
                for timeline in self._of(clock):
                    sums = self.sums[timeline.id][:, month - self.first]
                    sums[place] = sums[previous]
            else:
                wakes_at = self._measure_at(clock, month, table, histories, place, now)
                following = changed_at[changed_at > now]
                stands_until = min(wakes_at, int(following.min(initial=NEVER)))
            previous = place

    def _measure_at(
        self,
        clock: str,
        month: int,
        table: TicketTable | CallTable,
        histories: dict[int, tuple[Change, ...]],
        place: int,
        now: int,
    ) -> int:
        """Measure a month as it stood at ``now``; return the first instant at which a verdict
        changes although no record does."""
        if isinstance(table, TicketTable):
            table = rewind_tickets(table, histories, now)
        wakes_at = NEVER
        start, end = self._midnight(month), self._midnight(month + 1)
        for timeline in self._of(clock):
            judged = self.measuring.judge(timeline, table, now)
            counted_at = judged.verdicts.counted_at
            inside = np.flatnonzero((counted_at >= start) & (counted_at < end))
            self._begin(timeline, counted_at[inside], judged.verdicts.verdict[inside])
            sums = _sums(timeline, judged.take(inside))
            self.sums[timeline.id][place, month - self.first] = sums
            wakes_at = min(wakes_at, int(judged.verdicts.wakes_at.min(initial=NEVER)))
        return wakes_at

    def _begin(self, timeline: Timeline, counted_at: Int64, verdict: NDArray[np.int8]) -> None:
        """Remember the date of the first record that is met, missed or pending."""
        looked_at = counted_at[verdict <= Verdict.PENDING]
        if looked_at.size:
            day = self.measuring.today(int(looked_at.min()))
            self.begins[timeline.id] = min(day, self.begins.get(timeline.id, day))

    def _of(self, clock: str) -> list[Timeline]:
        return [timeline for timeline in self.timelines if timeline.clock == clock]

    def _midnight(self, month: int) -> int:
        return self.measuring.local.midnight(month_start(month))


def _instants(histories: Mapping[int, Iterable[Change]]) -> Int64:
    instants = {change.at for history in histories.values() for change in history}
    return np.array(sorted(instants), dtype=np.int64)


def _sums(timeline: Timeline, judged: Judged) -> tuple[int, int]:
    """The sums (good, eligible); of a mean, good is the sum of seconds."""
    met = judged.verdicts.verdict == Verdict.MET
    eligible = int((met | (judged.verdicts.verdict == Verdict.MISSED)).sum())
    if kind_of(timeline.versions[0].indicator).is_mean:
        return int(judged.verdicts.seconds[met].sum()), eligible
    return int(met.sum()), eligible


def rebuilt_forecasts(measuring: Measuring, at: int) -> tuple[BacktestRow, ...]:
    """Return the back-test of all forecasts over the finished fiscal years before ``at`` (epoch
    seconds). They begin after what was purged, as it stood at earlier months is not known. Raises
    StoreError if the store cannot be read."""
    with progress("measuring every month as known at each later month") as report:
        first = history_start(measuring, at)
        kept = measuring.purged.standing().before
        return backtested(measuring, first if kept is None else max(first, kept), at, report)
