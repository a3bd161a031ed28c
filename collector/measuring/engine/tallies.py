"""Tallies of many days: sums per indicator, local date and organization, and when they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from collector.measuring.figures.forecast import Known, Months, Running
from collector.measuring.figures.tally import Column
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import NEVER, Timeline
from collector.model.columns import ABSENT, Int64
from collector.model.periods import FiscalYear, month_index, month_start, whole_month_from

FIRST_WEEK = 7
"""A month whose first record comes on one of its first so many days is taken for whole."""

AT_ONCE = ABSENT
"""An instant before every other: what was never measured."""


@dataclass(slots=True)
class Tallies:
    """Tallies of the local dates from ``first``: per indicator (days, organizations + 1, columns).

    ``wakes_at``: per clock and day, the first instant at which a verdict there can change by
    itself.
    """

    first: date
    days: int
    sums: dict[str, Int64] = field(default_factory=dict)
    wakes_at: dict[str, Int64] = field(default_factory=dict)

    @classmethod
    def empty(
        cls, first: date, after: date, columns: dict[str, int], clocks: list[str], places: int
    ) -> Tallies:
        """Tallies of nothing, for so many columns of each indicator."""
        days = max(0, (after - first).days)
        return cls(
            first,
            days,
            {name: np.zeros((days, places, n), dtype=np.int64) for name, n in columns.items()},
            {clock: np.full(days, NEVER, dtype=np.int64) for clock in clocks},
        )

    @property
    def after(self) -> date:
        """The first date behind the tallies."""
        return self.first + timedelta(days=self.days)

    def index(self, day: date) -> int:
        """The place of a date on the first axis, cut to what there is."""
        return min(max((day - self.first).days, 0), self.days)

    def of(self, indicator: str, first: date, after: date) -> Int64:
        """The sums of the dates from ``first`` up to, not including, ``after``; no copy."""
        return self.sums[indicator][self.index(first) : self.index(after)]

    def extend(self, more: Tallies) -> None:
        """Add tallies whose dates come right before or right behind these."""
        first, last = (more, self) if more.first < self.first else (self, more)
        assert first.after == last.first
        for mine, others in ((self.sums, more.sums), (self.wakes_at, more.wakes_at)):
            for name, values in others.items():
                parts = [values, mine[name]] if first is more else [mine[name], values]
                mine[name] = np.concatenate(parts)
        self.first, self.days = first.first, self.days + more.days


def known_of(
    tallies: Tallies,
    timeline: Timeline,
    place: int | None,
    today: date,
    passed: float,
    fiscal: FiscalYear,
    *,
    volume: bool = False,
) -> Known:
    """What tallies tell of an indicator by the month, for the fiscal year that ``today`` lies in.

    ``place``: the organization's index, None for the whole desk. ``passed``: the share of the
    present month that is over. ``volume``: count what is still pending, too, since it has come.
    """
    present = month_index(today)
    begin = min(whole_month_from(tallies.first), present)
    edges = [month_start(month) for month in range(begin, present + 2)]
    mean = kind_of(timeline.versions[0].indicator).is_mean
    wanted = _by_day(tallies, timeline.id, place, Column.SECONDS if mean else Column.GOOD)
    until = np.concatenate([np.zeros((1, 3), dtype=np.int64), np.cumsum(wanted, axis=0)])
    good, eligible, pending = np.diff(until[[tallies.index(edge) for edge in edges]], axis=0).T
    if volume:
        eligible = eligible + pending
    return Known(
        Months(begin, good[:-1], eligible[:-1]),
        month_index(fiscal.first(fiscal.year_of(today))),
        Running(float(good[-1]), int(eligible[-1]), passed),
        breaks_of(timeline, _first(tallies, wanted)),
        mean,
    )


def first_record(tallies: Tallies, indicator: str, place: int | None) -> date | None:
    """The date of the first record that an indicator looks at: met, missed or pending; None without
    any. ``place``: the organization's index, None for the whole desk."""
    return _first(tallies, _by_day(tallies, indicator, place, Column.GOOD))


def _by_day(tallies: Tallies, indicator: str, place: int | None, column: Column) -> Int64:
    """A column, and what is eligible and pending, of each day; of shape (days, 3)."""
    sums, columns = tallies.sums[indicator], [column, Column.ELIGIBLE, Column.PENDING]
    return sums[:, :, columns].sum(axis=1) if place is None else sums[:, place, columns]


def _first(tallies: Tallies, by_day: Int64) -> date | None:
    """The first date on which anything was eligible or pending."""
    seen = np.flatnonzero(by_day[:, 1:].any(axis=1))
    return tallies.first + timedelta(days=int(seen[0])) if seen.size else None


def breaks_of(timeline: Timeline, first: date | None) -> tuple[int, ...]:
    """The months from which on an indicator's history is counted anew: whole ones only.

    Whose ``first`` record comes behind the first week of its month is known in part of it alone,
    so that it says nothing of a month's volume.
    """
    breaks = [whole_month_from(day) for day in timeline.breaks]
    if first is not None and first.day > FIRST_WEEK:
        breaks.append(month_index(first) + 1)
    return tuple(breaks)
