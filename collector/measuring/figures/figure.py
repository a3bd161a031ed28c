"""Tallies → figures: the value, target and state of an indicator in a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from collector.measuring.figures.outlook import Outlook, outlook_by_hand
from collector.measuring.kinds.base import Family, Kind
from collector.measuring.kinds.progress import Progress, records_to_come
from collector.measuring.kinds.table import KINDS, kind_of
from collector.measuring.verdicts.counts import Checks, Counts
from collector.measuring.verdicts.timeline import Timeline
from collector.model.bilingual import Text
from collector.model.codes import LACKING
from collector.model.periods import FiscalYear, Period
from collector.model.quantities import Target
from collector.text.measures import Measure

LACKING_LIMIT = 0.05
"""The share of records left out for want of data above which a figure is doubtful."""


class Lacking(NamedTuple):
    """Records that an indicator leaves out for want of data: their number by reason of LACKING, and
    the number ``of`` all records that should count, with them."""

    reasons: dict[str, int]
    of: int

    @property
    def is_doubtful(self) -> bool:
        """Whether they are more than LACKING_LIMIT of all, so that the figure may mislead."""
        return sum(self.reasons.values()) > LACKING_LIMIT * self.of


def lacking_in(eligible: int, pending: int, excluded: Mapping[str, int]) -> Lacking:
    """Return which of the ``excluded`` records, by reason, should count."""
    reasons = {reason: n for reason, n in excluded.items() if reason in LACKING}
    return Lacking(reasons, eligible + pending + sum(reasons.values()))


@dataclass(frozen=True, slots=True)
class FigureComparison:
    """A figure compared with its value in another period.

    ``name``: previous, year_before or year_to_date. ``period``: the other period's dates, first ..
    last. ``value`` and ``eligible`` are those of the other period, ``own`` is the value compared
    with them: the figure's or, for a count whose period still runs, that of its first ``days``.
    ``change`` is ``own`` - ``value`` in the figure's unit: for a share 0.05 is 5 points. ``low``
    and ``high`` bound the change with 95 % confidence (for a count the ratio of its daily rate to
    the other's); None without a test, and ``high`` also where that ratio has no upper bound.
    ``verdict``: ``better``, ``worse``, ``other`` (it changed, but there is no target), ``chance``
    (the interval includes no change), ``pending`` (pending records could turn the verdict),
    ``too_few`` (under min_n in either period), ``not_comparable`` (measured in another way, a break
    lies between, or the other period begins before the first record), ``stale`` (the sources were
    not read to the end of either period) or None.
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


class Part(NamedTuple):
    """What a part of the desk has in common: the ``value`` of the field ``by`` of its records; None
    where the field is empty or not recorded. An hour is 0 to 23."""

    by: str
    value: str | int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: an indicator in a period, for an organization (None: the whole desk).

    ``value``: a share 0–1, mean seconds, a number of records, or a value entered by hand in
    ``unit``; None without data. ``good``, ``eligible`` and ``pending`` are numbers of records, but
    ``good`` of a mean duration is the sum of seconds; ``squares`` is the sum of their squares.
    ``excluded``: number of records by reason. ``threshold`` is the target's number in the value's
    unit; target and unit are those in force on the period's last day, or today while it runs.
    ``turns``: the dates within the period from which records are judged another way. ``shown_in``:
    the unit of time a duration is shown in, and its length in seconds. ``misses_left``, ``left``
    and ``required``: how many more records may miss, how many are still to be decided, and what
    these must give to reach the target (see :class:`Kind`); None where the sources were not read.
    ``given_on``: the date of the value entered by hand. ``part``: the records it is of; None for
    all of the desk or the organization. ``purged``: when records of the
    period were purged, if it is not measured for that.
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
    comparisons: tuple[FigureComparison, ...] = ()
    comment: str | None = None
    given_on: date | None = None
    part: Part | None = None
    purged: date | None = None

    @property
    def lacking(self) -> Lacking:
        """The records that should count and are excluded, since their data are missing."""
        return lacking_in(self.eligible, self.pending, self.excluded)

    @property
    def measure(self) -> Measure:
        """The units and target that the formatter needs to print its numbers."""
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
        """The kind of its indicator."""
        return KINDS[self.kind]

    @property
    def family(self) -> Family:
        """The unit of its value: ``ratio`` (a share 0–1), ``seconds``, or ``value`` (its own)."""
        return self.of_kind.family

    @property
    def is_measured(self) -> bool:
        """Whether it is measured on records; False for values entered by hand."""
        return self.of_kind.is_measured

    @property
    def is_count(self) -> bool:
        """Whether it is a number of records, which grows with the length of its period."""
        return self.of_kind.is_count

    @property
    def is_share(self) -> bool:
        """Whether it is a share of records, 0–1."""
        return self.of_kind.is_share

    @property
    def has_denominator(self) -> bool:
        """Whether it is a share or a mean of ``eligible`` records."""
        return self.of_kind.has_denominator


def measured_figure(
    timeline: Timeline,
    tallied: Counts,
    period: Period,
    organization: str | None,
    progress: Progress,
    today: date,
) -> Figure:
    """Return the figure of an indicator measured on records (docs/indicators.md).

    ``tallied``: the period's sums for ``organization`` (None: the whole desk).
    """
    yardstick = timeline.on(definition_date(period, today))
    indicator, kind = yardstick.indicator, kind_of(yardstick.indicator)
    good = kind.numerator(tallied)
    unknown = any(reason.startswith("unrecorded_") for reason in tallied.excluded)
    read = progress.read and not unknown
    value = kind.value(good, tallied.eligible, read=read) if kind.is_known(tallied) else None
    turns = redefinitions_within(timeline, period, today)
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
        left=records_to_come(tallied, progress),
        required=kind.required(yardstick, tallied, progress),
        checks=tallied.checks,
        squares=tallied.squares,
        histogram=tallied.histogram,
    )


def not_measured(
    timeline: Timeline,
    nothing: Counts,
    period: Period,
    organization: str | None,
    today: date,
    purged: date,
) -> Figure:
    """Return the figure of a period whose records were purged on a date, and of which no sums are
    left by its present definition. ``nothing``: counts of none."""
    unread = Progress(share=1.0, stale=False, unread=True)
    figure = measured_figure(timeline, nothing, period, organization, unread, today)
    return replace(figure, purged=purged)


def redefinitions_within(timeline: Timeline, period: Period, today: date) -> tuple[date, ...]:
    """Return the dates of a period, up to today, from which records are judged another way."""
    return tuple(timeline.between(*known_span(period, today)))


def known_span(period: Period, today: date) -> tuple[date, date]:
    """Return the dates ``[first, after)`` of a period up to and including today."""
    return period.first, min(period.after, today + timedelta(days=1))


def definition_date(period: Period, today: date) -> date:
    """Return the date whose definition and target apply to a period: its last day, or today while
    it runs."""
    return max(period.first, min(period.last, today))


def formulas(timeline: Timeline, period: Period, turns: Iterable[date]) -> str:
    """Return the formula of a period, followed by those that replace it from ``turns`` on."""
    parts = [_formula(timeline, period.first)]
    for turn in turns:
        if (changed := _formula(timeline, turn)) != parts[-1]:
            parts += [f"from {turn}", changed]
    return "; ".join(parts)


def _formula(timeline: Timeline, day: date) -> str:
    yardstick = timeline.on(day)
    return kind_of(yardstick.indicator).formula(yardstick)


def manual_figure(
    timeline: Timeline, period: Period, organization: str | None, today: date, fiscal: FiscalYear
) -> Figure:
    """Return the figure of an indicator entered by hand: the latest value up to the period's end.

    While the period runs, values dated after ``today`` are not known yet.
    """
    yardstick = timeline.on(definition_date(period, today))
    indicator, kind = yardstick.indicator, kind_of(yardstick.indicator)
    last_day = min(period.last, today)
    latest = kind.entry_in_force(yardstick, organization, last_day)
    value = None if latest is None else latest.value
    expected = outlook_by_hand(yardstick, organization, last_day, fiscal)
    turns = redefinitions_within(timeline, period, today)
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
            expected.value if expected else None,
            over=today >= fiscal.first(fiscal.year_of(period.last) + 1),
        ),
        formula=formulas(timeline, period, turns),
        turns=turns,
        unit_label=indicator.unit_label,
        outlook=expected,
        comment=None if latest is None else latest.comment,
        given_on=None if latest is None else latest.date,
    )
