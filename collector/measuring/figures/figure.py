"""Tallies → figures: value, target and state of an indicator in a period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from collector.config.indicators import Count, Manual, MeanDuration
from collector.measuring.figures.formula import formulas
from collector.measuring.figures.outlook import Outlook, given_outlook
from collector.measuring.figures.states import (
    Progress,
    misses_left,
    required,
    rest,
    state,
    state_by_hand,
    threshold,
    unit_seconds,
)
from collector.measuring.figures.tally import Checks, Counts
from collector.measuring.verdicts.timeline import Timeline, Yardstick
from collector.model.bilingual import Text
from collector.model.periods import FiscalYear, Period
from collector.model.quantities import Target
from collector.text.measures import Measure


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a figure was in another period.

    ``name``: previous, year_before or year_to_date. ``own`` is what was compared with ``value``:
    the figure, or of a number of records that still grows the part of its first ``days``.
    ``change`` is ``own`` less ``value``, in the figure's unit: of a share 0.05 is 5 points. ``low``
    and ``high`` bound that change with 95 % (of a count its ratio to the other, day by day); None
    where nothing can be said, or where one period is part of the other. ``verdict``: ``better``,
    ``worse``, ``other`` (without a target), ``chance`` (the interval holds no change), ``pending``
    (records still open could turn it), ``too_few`` (under min_n in either), ``not_comparable``
    (measured otherwise, a break lies between, or the other begins before the first record),
    ``stale`` (the sources were not read to the end of either) or None.
    """

    name: str
    period: str
    value: float | None
    eligible: int
    own: float | None
    days: int | None
    change: float | None
    low: float | None = None
    high: float | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, with what it is made of.

    ``value``: a share 0–1, mean seconds, a number of records, or a number given by hand in
    ``unit``; None without data. ``good`` of a mean duration is the sum of seconds, ``squares`` that
    of their squares. ``threshold`` is the target's number in the value's unit; target and unit are
    those in force on the period's last day, or today while it runs. ``turns``: the dates within the
    period from which records are measured another way. ``organization`` None: the whole desk.
    A duration is shown in the unit ``shown_in`` of so many seconds. ``left``: records still to be
    decided in the period, None where its sources were not read; ``required``: what they must give
    for the target to be reached. ``given_on``: the date of the value given by hand.
    """

    indicator: str
    title: Text
    kind: str
    period: Period
    organization: str | None
    good: int
    eligible: int
    pending: int
    excluded: dict[str, int]
    value: float | None
    unit: str
    target: Target | None
    threshold: float | None
    state: str | None
    formula: str
    turns: tuple[date, ...] = ()
    shown_in: tuple[str, int] | None = None
    unit_label: Text | None = None
    misses_left: int | None = None
    left: int | None = None
    required: float | None = None
    checks: Checks = field(default_factory=Checks)
    squares: int = 0
    histogram: tuple[int, ...] = ()
    outlook: Outlook | None = None
    comparisons: tuple[Comparison, ...] = ()
    comment: str | None = None
    given_on: date | None = None

    @property
    def measure(self) -> Measure:
        """What its numbers are, for whoever writes them."""
        return Measure(
            unit=self.unit,
            unit_label=self.unit_label,
            shown_in=self.shown_in,
            whole=self.kind == "count",
            target=self.target,
            threshold=self.threshold,
        )


def measured(
    timeline: Timeline,
    tallied: Counts,
    period: Period,
    organization: str | None,
    progress: Progress,
    today: date,
) -> Figure:
    """The figure of an indicator that is measured on records (DESIGN §6, rules 8–11)."""
    yardstick = timeline.on(judged_on(period, today))
    indicator = yardstick.indicator
    good, value, unit = tallied.good, None, "ratio"
    if isinstance(indicator, MeanDuration):
        good, unit = tallied.seconds, "seconds"
    if isinstance(indicator, Count):
        unit = indicator.unit or indicator.of
    if tallied.eligible:
        counting = isinstance(indicator, Count)
        value = float(tallied.eligible) if counting else good / tallied.eligible
    turns = turns_within(timeline, period, today)
    return Figure(
        indicator=yardstick.id,
        title=indicator.title,
        kind=indicator.kind,
        period=period,
        organization=organization,
        good=good,
        eligible=tallied.eligible,
        pending=tallied.pending,
        excluded=tallied.excluded,
        value=value,
        unit=unit,
        target=indicator.target,
        threshold=threshold(yardstick),
        state=state(yardstick, tallied, value, progress),
        formula=formulas(timeline, period, turns),
        turns=turns,
        shown_in=_shown_in(yardstick),
        unit_label=indicator.unit_label,
        misses_left=misses_left(yardstick, tallied, progress),
        left=rest(tallied, progress),
        required=required(yardstick, tallied, progress),
        checks=tallied.checks,
        squares=tallied.squares,
        histogram=tallied.histogram,
    )


def turns_within(timeline: Timeline, period: Period, today: date) -> tuple[date, ...]:
    """The dates of a period, up to today, from which another version holds."""
    return tuple(timeline.between(*known_span(period, today)))


def known_span(period: Period, today: date) -> tuple[date, date]:
    """The dates ``[first, after)`` of a period up to and with today."""
    return period.first, min(period.after, today + timedelta(days=1))


def judged_on(period: Period, today: date) -> date:
    """The date whose definition and target a period is held against."""
    return max(period.first, min(period.last, today))


def _shown_in(yardstick: Yardstick) -> tuple[str, int] | None:
    indicator = yardstick.indicator
    if not isinstance(indicator, MeanDuration):
        return None
    unit = indicator.unit or (indicator.target.unit if indicator.target else None) or "hours"
    return unit, unit_seconds(yardstick, unit)


def by_hand(
    timeline: Timeline, period: Period, organization: str | None, today: date, fiscal: FiscalYear
) -> Figure:
    """The figure of a manual indicator: the latest value given up to the period's end.

    A value is good for ``valid_days``, up to the period's end or ``today`` in it; values dated
    after ``today`` are not known yet.
    """
    yardstick = timeline.on(judged_on(period, today))
    indicator = yardstick.indicator
    assert isinstance(indicator, Manual)
    last_day = min(period.last, today)
    expired = last_day - timedelta(days=indicator.valid_days)
    known = [
        v
        for v in indicator.values
        if v.organization == organization and v.value is not None and expired < v.date <= last_day
    ]
    latest = max(known, key=lambda v: v.date, default=None)
    value = None if latest is None else latest.value
    hoped = given_outlook(yardstick, organization, last_day, fiscal)
    limit = threshold(yardstick)
    turns = turns_within(timeline, period, today)
    return Figure(
        indicator=yardstick.id,
        title=indicator.title,
        kind=indicator.kind,
        period=period,
        organization=organization,
        good=0,
        eligible=0,
        pending=0,
        excluded={},
        value=value,
        unit=indicator.unit or "1",
        target=indicator.target,
        threshold=limit,
        state=state_by_hand(
            indicator.target,
            value,
            hoped.value if hoped else None,
            limit,
            over=today >= fiscal.first(fiscal.year_of(period.last) + 1),
        ),
        formula=formulas(timeline, period, turns),
        turns=turns,
        unit_label=indicator.unit_label,
        outlook=hoped,
        comment=None if latest is None else latest.comment,
        given_on=None if latest is None else latest.date,
    )
