"""Where a figure stands against its target, and what the rest of its period must bring."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from collector.config.indicators import Count, Manual, MeanDuration
from collector.measuring.figures.tally import Counts
from collector.measuring.verdicts.timeline import Yardstick
from collector.model.quantities import BUSINESS_DAYS, TIME_UNITS, Amount, Target


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a period has come: the share of it that is over (0–1), and whether data are stale.

    ``unread``: a source has been asked and has never answered to the end. ``left``: how many
    records are expected in the rest of it, where that is known better than by its pace so far.
    """

    share: float
    stale: bool
    unread: bool = False
    left: float | None = None

    @property
    def unknown(self) -> bool:
        """Whether what the sources have not told would pass for what did not happen."""
        return self.stale or self.unread

    @property
    def over(self) -> bool:
        """Whether the period has ended."""
        return self.share >= 1


def threshold(yardstick: Yardstick) -> float | None:
    """The target's number in the unit of the value."""
    target = yardstick.indicator.target
    return None if target is None else in_unit_of_value(yardstick, target)


def in_unit_of_value(yardstick: Yardstick, given: Target | Amount) -> float:
    """A number as people write it, in the unit of the indicator's value."""
    if isinstance(yardstick.indicator, Count | Manual):
        return float(given.number)
    if given.unit == "%":
        return float(given.number / 100)
    return float(given.number * unit_seconds(yardstick, given.unit))


def unit_seconds(yardstick: Yardstick, unit: str | None) -> int:
    """The length of a unit of time in seconds; a business day is that of the calendar."""
    if unit in BUSINESS_DAYS:
        assert yardstick.calendar is not None
        return yardstick.calendar.seconds_per_business_day
    return TIME_UNITS[unit or "s"]


def rest(tallied: Counts, progress: Progress) -> int | None:
    """Records that will still be decided: those pending, and those expected in the rest of the
    period; without better knowledge at its pace so far. None where the sources were not read: their
    silence is no pace."""
    if progress.unknown:
        return None
    if progress.over or progress.share <= 0:
        return tallied.pending
    if progress.left is not None:
        return tallied.pending + round(progress.left)
    seen = tallied.eligible + tallied.pending
    return tallied.pending + round(seen * (1 - progress.share) / progress.share)


def state(
    yardstick: Yardstick, tallied: Counts, value: float | None, progress: Progress
) -> str | None:
    """One of STATES; None without a target. Decided on unrounded values.

    at_risk: not reached, but the best possible rest of the period, records pending among it, would
    reach it; missed: not even that.
    """
    if progress.stale or (progress.unread and value is not None):
        return "stale"
    if value is None:
        return "no_data"
    if tallied.eligible < yardstick.rules.min_n and not isinstance(yardstick.indicator, Count):
        return "too_few"
    target, limit = yardstick.indicator.target, threshold(yardstick)
    if target is None or limit is None:
        return None
    if target.reached(value, limit):
        return "met"
    if progress.over and not tallied.pending:
        return "missed"
    return "at_risk" if _reachable(yardstick, tallied, target, limit, progress) else "missed"


def _reachable(
    yardstick: Yardstick, tallied: Counts, target: Target, limit: float, progress: Progress
) -> bool:
    """Whether the best possible rest of the period would still reach the target."""
    more = rest(tallied, progress)
    assert more is not None  # a stale figure has a state already
    if isinstance(yardstick.indicator, Count):
        return target.higher_is_better and not progress.over
    if isinstance(yardstick.indicator, MeanDuration):
        return target.higher_is_better or target.reached(
            tallied.seconds / (tallied.eligible + more), limit
        )
    best = tallied.good + (more if target.higher_is_better else 0)
    return target.reached(best / (tallied.eligible + more), limit)


def state_by_hand(
    target: Target | None,
    value: float | None,
    hoped: float | None,
    limit: float | None,
    *,
    over: bool,
) -> str | None:
    """The state of a figure given by hand: its forecast tells whether the target can be reached,
    until its fiscal year is ``over``."""
    if value is None:
        return "no_data"
    if target is None or limit is None:
        return None
    if target.reached(value, limit):
        return "met"
    hope = not over and hoped is not None and target.reached(hoped, limit)
    return "at_risk" if hope else "missed"


def misses_left(yardstick: Yardstick, tallied: Counts, progress: Progress) -> int | None:
    """How many more records may miss before the target is out of reach; negative: by how many.

    With N records expected in all and the target t, at least t * N must be good. Only for shares
    that shall be high, and where the sources were read.
    """
    more = rest(tallied, progress)
    target = yardstick.indicator.target
    shares = not isinstance(yardstick.indicator, Count | Manual | MeanDuration)
    if target is None or not shares or not target.higher_is_better or not tallied.eligible:
        return None
    if more is None:
        return None
    expected = tallied.eligible + more
    wanted = Fraction(target.number) / 100 * expected
    needed = floor(wanted) + 1 if target.comparison == ">" else ceil(wanted)
    return expected - needed - (tallied.eligible - tallied.good)


def required(yardstick: Yardstick, tallied: Counts, progress: Progress) -> float | None:
    """What the rest of the period must give for the target to be just reached, in the value's unit.

    With n records so far and m expected, (t * (n + m) - sum so far) / m: a share over 1 cannot be
    had any more, one below 0 is reached whatever comes; for a count, how many are missing. None
    where nothing is to come, and where the sources were not read.
    """
    limit, more = threshold(yardstick), rest(tallied, progress)
    if limit is None or not more or isinstance(yardstick.indicator, Manual):
        return None
    if isinstance(yardstick.indicator, Count):
        return limit - tallied.eligible
    so_far = tallied.good
    if isinstance(yardstick.indicator, MeanDuration):
        so_far = tallied.seconds
    return (limit * (tallied.eligible + more) - so_far) / more
