"""Tallies → figures: value, target and state of an indicator in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from collector.indicators.periods import Period
from collector.indicators.tally import Counts
from collector.indicators.verdicts import Yardstick
from collector.settings import Count, Manual, ManualValue, MeanDuration, ServiceLevel, Text
from collector.targets import BUSINESS_DAYS, TIME_UNITS, Target

STATES = ("met", "at_risk", "missed", "no_data", "too_few", "stale")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, with what it is made of.

    ``value``: a share 0–1, mean seconds, a number of records, or a number given by hand in
    ``unit``; None without data. ``good`` of a mean duration is the sum of seconds. ``threshold``
    is the target's number in the value's unit. ``organization`` None: the whole desk. A duration
    is shown in the unit ``shown_in`` of so many seconds.
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
    shown_in: tuple[str, int] | None = None
    unit_label: Text | None = None
    misses_left: int | None = None
    forecast: float | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a period has come: the share of it that is over (0–1), and whether data are stale.

    ``unread``: a source has been asked and has never answered to the end.
    """

    share: float
    stale: bool
    unread: bool = False

    @property
    def over(self) -> bool:
        """Whether the period has ended."""
        return self.share >= 1


def measured(
    yardstick: Yardstick,
    tallied: Counts,
    period: Period,
    organization: str | None,
    progress: Progress,
) -> Figure:
    """The figure of an indicator that is measured on records (DESIGN §6, rules 8–11)."""
    indicator = yardstick.indicator
    good, value, unit = tallied.good, None, "ratio"
    if isinstance(indicator, MeanDuration):
        good, unit = tallied.seconds, "seconds"
    if isinstance(indicator, Count):
        unit = indicator.unit or indicator.of
    if tallied.eligible:
        counting = isinstance(indicator, Count)
        value = float(tallied.eligible) if counting else good / tallied.eligible
    threshold = _threshold(yardstick)
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
        threshold=threshold,
        state=_state(yardstick, tallied, value, threshold, progress),
        formula=formula(yardstick),
        shown_in=_shown_in(yardstick),
        unit_label=indicator.unit_label,
        misses_left=_misses_left(yardstick, tallied, progress),
    )


def _threshold(yardstick: Yardstick) -> float | None:
    """The target's number in the unit of the value."""
    target = yardstick.indicator.target
    if target is None:
        return None
    if isinstance(yardstick.indicator, Count | Manual):
        return float(target.number)
    if target.unit == "%":
        return float(target.number / 100)
    return float(target.number * _unit_seconds(yardstick, target.unit))


def _unit_seconds(yardstick: Yardstick, unit: str | None) -> int:
    """The length of a unit of time in seconds; a business day is that of the calendar."""
    if unit in BUSINESS_DAYS:
        assert yardstick.calendar is not None
        return yardstick.calendar.seconds_per_business_day
    return TIME_UNITS[unit or "s"]


def _shown_in(yardstick: Yardstick) -> tuple[str, int] | None:
    indicator = yardstick.indicator
    if not isinstance(indicator, MeanDuration):
        return None
    unit = indicator.unit or (indicator.target.unit if indicator.target else None) or "hours"
    return unit, _unit_seconds(yardstick, unit)


def _state(
    yardstick: Yardstick,
    tallied: Counts,
    value: float | None,
    threshold: float | None,
    progress: Progress,
) -> str | None:
    counting = isinstance(yardstick.indicator, Count)
    if progress.stale or (progress.unread and value is not None):
        return "stale"
    if value is None:
        return "no_data"
    if tallied.eligible < yardstick.rules.min_n and not counting:
        return "too_few"
    target = yardstick.indicator.target
    if target is None or threshold is None:
        return None
    if target.reached(value, threshold):
        return "met"
    if progress.over and not tallied.pending:
        return "missed"
    return "at_risk" if _reachable(yardstick, tallied, target, threshold, progress) else "missed"


def _rest(tallied: Counts, progress: Progress) -> int:
    """Records still to come: at the pace so far, and at least those that are pending."""
    if progress.over or progress.share <= 0:
        return tallied.pending
    seen = tallied.eligible + tallied.pending
    return tallied.pending + round(seen * (1 - progress.share) / progress.share)


def _reachable(
    yardstick: Yardstick, tallied: Counts, target: Target, threshold: float, progress: Progress
) -> bool:
    """Whether the best possible rest of the period would still reach the target."""
    rest = _rest(tallied, progress)
    if isinstance(yardstick.indicator, Count):
        return target.higher_is_better and not progress.over
    if isinstance(yardstick.indicator, MeanDuration):
        return target.higher_is_better or target.reached(
            tallied.seconds / (tallied.eligible + rest), threshold
        )
    best = tallied.good + (rest if target.higher_is_better else 0)
    return target.reached(best / (tallied.eligible + rest), threshold)


def _misses_left(yardstick: Yardstick, tallied: Counts, progress: Progress) -> int | None:
    """How many more records may miss before the target is out of reach; negative: by how many."""
    target = yardstick.indicator.target
    shares = not isinstance(yardstick.indicator, Count | Manual | MeanDuration)
    if target is None or not shares or target.comparison != ">=" or not tallied.eligible:
        return None
    expected = tallied.eligible + _rest(tallied, progress)
    affordable = int(expected * (100 - target.number) / 100)
    return affordable - (tallied.eligible - tallied.good)


def formula(yardstick: Yardstick) -> str:
    """In one line, how the figure is made; printed beside it."""
    indicator, rules = yardstick.indicator, yardstick.rules
    if isinstance(indicator, ServiceLevel):
        short = f", without hang-ups within {indicator.short_abandon} s"
        return f"{indicator.formula} (wait <= {indicator.within} s" + (
            f"{short})" if indicator.short_abandon else ")"
        )
    if isinstance(indicator, Manual):
        return "given by hand"
    counted = f"counted by {rules.counted_by}, priority {rules.priority}"
    if isinstance(indicator, Count):
        return f"number of {indicator.of}"
    if indicator.kind == "share_where":
        return f"true at resolution / all resolved; {counted}"
    paused = rules.response_pauses if indicator.end == "first_response" else rules.resolution_pauses
    clock = f"{indicator.start} to {indicator.end}, calendar {indicator.calendar}, " + (
        "on hold pauses" if paused else "no pauses"
    )
    if isinstance(indicator, MeanDuration):
        return f"sum of seconds / records; {clock}; {counted}"
    return f"elapsed <= {indicator.within.text} / all due; {clock}; {counted}"


def by_hand(yardstick: Yardstick, period: Period, organization: str | None, today: date) -> Figure:
    """The figure of a manual indicator: the latest value given up to the period's end.

    A value is good for ``valid_days``; values dated after ``today`` are not known yet.
    """
    indicator = yardstick.indicator
    assert isinstance(indicator, Manual)
    last_day = min(period.after - timedelta(days=1), today)
    valid_from = period.first - timedelta(days=indicator.valid_days)
    known = [
        v
        for v in indicator.values
        if v.organization == organization and valid_from < v.date <= last_day
    ]
    latest = max(known, key=lambda v: v.date, default=None)
    threshold = _threshold(yardstick)
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
        value=None if latest is None else latest.value,
        unit=indicator.unit or "1",
        target=indicator.target,
        threshold=threshold,
        state=_state_by_hand(indicator.target, latest, threshold),
        formula=formula(yardstick),
        forecast=None if latest is None else latest.forecast,
        comment=None if latest is None else latest.comment,
    )


def _state_by_hand(
    target: Target | None, latest: ManualValue | None, threshold: float | None
) -> str | None:
    if latest is None:
        return "no_data"
    if target is None or threshold is None:
        return None
    if target.reached(latest.value, threshold):
        return "met"
    hoped = latest.forecast is not None and target.reached(latest.forecast, threshold)
    return "at_risk" if hoped else "missed"
