"""Tallies → figures: value, target and state of an indicator in a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from collector.measuring.figures.outlook import Outlook, given_outlook
from collector.measuring.kinds.base import Family, Kind, Progress, rest
from collector.measuring.kinds.table import KINDS, kind_of
from collector.measuring.verdicts.counts import Checks, Counts
from collector.measuring.verdicts.timeline import Timeline
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
            whole=self.is_count,
            target=self.target,
            threshold=self.threshold,
        )

    @property
    def of_kind(self) -> Kind[Any]:
        """What the kind of its indicator declares."""
        return KINDS[self.kind]

    @property
    def family(self) -> Family:
        """In which unit its value is: a share (``ratio``), ``seconds``, or its own (``value``)."""
        return self.of_kind.family

    @property
    def is_measured(self) -> bool:
        """Whether records are behind it, and no person."""
        return self.of_kind.is_measured

    @property
    def is_count(self) -> bool:
        """Whether it is a number of records, which grows with the days of its period."""
        return self.of_kind.is_count

    @property
    def is_share(self) -> bool:
        """Whether it is a share of records, 0–1."""
        return self.of_kind.is_share

    @property
    def has_denominator(self) -> bool:
        """Whether it is a share or a mean of ``eligible`` records."""
        return self.of_kind.has_denominator


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
    indicator, kind = yardstick.indicator, kind_of(yardstick.indicator)
    good = kind.numerator(tallied)
    value = kind.value(good, tallied.eligible)
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
        unit=kind.unit(indicator),
        target=indicator.target,
        threshold=kind.threshold(yardstick),
        state=kind.state(yardstick, tallied, value, progress),
        formula=formulas(timeline, period, turns),
        turns=turns,
        shown_in=kind.shown_in(yardstick),
        unit_label=indicator.unit_label,
        misses_left=kind.misses_left(yardstick, tallied, progress),
        left=rest(tallied, progress),
        required=kind.required(yardstick, tallied, progress),
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


def formulas(timeline: Timeline, period: Period, turns: Iterable[date]) -> str:
    """The formula of a period, and those of the versions that take its place at ``turns``."""
    parts = [_formula(timeline, period.first)]
    for turn in turns:
        if (changed := _formula(timeline, turn)) != parts[-1]:
            parts += [f"from {turn}", changed]
    return "; ".join(parts)


def _formula(timeline: Timeline, day: date) -> str:
    yardstick = timeline.on(day)
    return kind_of(yardstick.indicator).formula(yardstick)


def by_hand(
    timeline: Timeline, period: Period, organization: str | None, today: date, fiscal: FiscalYear
) -> Figure:
    """The figure of an indicator that no records are behind: what was given up to the period's end.

    In a period that runs, up to ``today``; what is dated later is not known yet.
    """
    yardstick = timeline.on(judged_on(period, today))
    indicator, kind = yardstick.indicator, kind_of(yardstick.indicator)
    last_day = min(period.last, today)
    latest = kind.entry_in_force(yardstick, organization, last_day)
    value = None if latest is None else latest.value
    hoped = given_outlook(yardstick, organization, last_day, fiscal)
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
        unit=kind.unit(indicator),
        target=indicator.target,
        threshold=kind.threshold(yardstick),
        state=kind.state_by_hand(
            yardstick,
            value,
            hoped.value if hoped else None,
            over=today >= fiscal.first(fiscal.year_of(period.last) + 1),
        ),
        formula=formulas(timeline, period, turns),
        turns=turns,
        unit_label=indicator.unit_label,
        outlook=hoped,
        comment=None if latest is None else latest.comment,
        given_on=None if latest is None else latest.date,
    )
