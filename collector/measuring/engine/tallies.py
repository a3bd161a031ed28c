"""Tallies of many days: sums per indicator, local date and organization, and when they change
although no record does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from collector.measuring.figures.forecast import History, Months, Running
from collector.measuring.figures.tally import TallyColumn
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import NEVER, Timeline
from collector.model.columns import ABSENT, Int64
from collector.model.periods import FiscalYear, first_whole_month, month_index, month_start

FIRST_WEEK = 7
"""A month whose first record comes on one of its first so many days counts as complete."""

NEVER_MEASURED = ABSENT
"""An instant before every other: marks days that were never measured."""


@dataclass(slots=True)
class Tallies:
    """Tallies of ``days`` local dates from ``first`` on.

    ``sums``: per indicator of shape (days, organizations + 1, columns), see ``figures.tally``.
    ``wakes_at``: per clock of shape (days,), the first instant (epoch seconds) at which a verdict
    of that day can change although no record does, or NEVER. ``since``: the dates from which on
    indicators are measured, of which months before were purged; see ``StoredTallies.since``.
    """

    first: date
    days: int
    sums: dict[str, Int64] = field(default_factory=dict)
    wakes_at: dict[str, Int64] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)

    @classmethod
    def empty(
        cls, first: date, after: date, columns: dict[str, int], clocks: list[str], places: int
    ) -> Tallies:
        """Return tallies of zeros for the dates ``[first, after)``; ``columns``: their number by
        indicator; ``places``: the number of organizations + 1."""
        days = max(0, (after - first).days)
        return cls(
            first,
            days,
            {name: np.zeros((days, places, n), dtype=np.int64) for name, n in columns.items()},
            {clock: np.full(days, NEVER, dtype=np.int64) for clock in clocks},
        )

    @property
    def after(self) -> date:
        """The first date after the tallies."""
        return self.first + timedelta(days=self.days)

    def index(self, day: date) -> int:
        """Return the index of a date on the first axis, clipped to 0 … days."""
        return min(max((day - self.first).days, 0), self.days)

    def of(self, indicator: str, first: date, after: date) -> Int64:
        """Return the sums of the dates ``[first, after)`` of an indicator, as a view."""
        return self.sums[indicator][self.index(first) : self.index(after)]

    def extend(self, more: Tallies) -> None:
        """Add tallies, in place, whose dates come directly before or after these."""
        first, last = (more, self) if more.first < self.first else (self, more)
        assert first.after == last.first
        for mine, others in ((self.sums, more.sums), (self.wakes_at, more.wakes_at)):
            for name, values in others.items():
                parts = [values, mine[name]] if first is more else [mine[name], values]
                mine[name] = np.concatenate(parts)
        self.first, self.days = first.first, self.days + more.days


def history_by_month(
    tallies: Tallies,
    timeline: Timeline,
    place: int | None,
    today: date,
    passed: float,
    fiscal: FiscalYear,
    *,
    volume: bool = False,
) -> History:
    """Return what the tallies show of an indicator by month, for the fiscal year of ``today``.

    ``place``: the organization's index; None for the whole desk. ``passed``: the share of the
    present month that is over, 0–1. ``volume``: count pending records as eligible, too, to
    forecast how many records come.
    """
    present = month_index(today)
    begin = min(first_whole_month(tallies.first), present)
    edges = [month_start(month) for month in range(begin, present + 2)]
    mean = kind_of(timeline.versions[0].indicator).is_mean
    by_day = _by_day(tallies, timeline.id, place, TallyColumn.SECONDS if mean else TallyColumn.GOOD)
    cumulative = np.concatenate([np.zeros((1, 3), dtype=np.int64), np.cumsum(by_day, axis=0)])
    good, eligible, pending = np.diff(cumulative[[tallies.index(edge) for edge in edges]], axis=0).T
    if volume:
        eligible = eligible + pending
    return History(
        Months(begin, good[:-1], eligible[:-1]),
        month_index(fiscal.first(fiscal.year_of(today))),
        Running(float(good[-1]), int(eligible[-1]), passed),
        breaks_of(timeline, _first(tallies, by_day), tallies.since.get(timeline.id)),
        mean,
    )


def first_record(tallies: Tallies, indicator: str, place: int | None) -> date | None:
    """Return the date of an indicator's first record that is met, missed or pending; None without
    any. ``place``: the organization's index; None for the whole desk."""
    return _first(tallies, _by_day(tallies, indicator, place, TallyColumn.GOOD))


def _by_day(tallies: Tallies, indicator: str, place: int | None, column: TallyColumn) -> Int64:
    """The sums of ``column``, eligible and pending records by day, of shape (days, 3)."""
    sums, columns = tallies.sums[indicator], [column, TallyColumn.ELIGIBLE, TallyColumn.PENDING]
    return sums[:, :, columns].sum(axis=1) if place is None else sums[:, place, columns]


def _first(tallies: Tallies, by_day: Int64) -> date | None:
    """The first date with an eligible or pending record."""
    seen = np.flatnonzero(by_day[:, 1:].any(axis=1))
    return tallies.first + timedelta(days=int(seen[0])) if seen.size else None


def breaks_of(timeline: Timeline, first: date | None, since: date | None = None) -> tuple[int, ...]:
    """Return the month indices from which an indicator's history starts again: the first complete
    month from each break on, and the date ``since`` which it is measured.

    ``first``: the date of the first record. If it comes after the first week of its month, that
    month is incomplete and says nothing about a month's volume: history starts with the next one.
    """
    breaks = [first_whole_month(day) for day in timeline.breaks]
    if since is not None:
        breaks.append(first_whole_month(since))
    if first is not None and first.day > FIRST_WEEK:
        breaks.append(month_index(first) + 1)
    return tuple(breaks)
