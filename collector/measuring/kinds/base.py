"""What a kind of indicator is: the contract, and what most kinds share (DESIGN §6, rules 8–11).

A kind is one object in ``table.KINDS``. It answers what the rest of the program would otherwise ask
of its name. All of it is pure: tables and tallies in, verdicts, numbers and words out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import ClassVar, Generic, Literal, TypeVar

from collector.config.indicator_base import AnyIndicator
from collector.config.indicators import kind_name
from collector.config.manual_entries import ManualValue
from collector.measuring.verdicts.clocks import ClockReading
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.crosscheck import CrossCheck, OwnSays
from collector.measuring.verdicts.timeline import Verdicts, Yardstick
from collector.model.bilingual import Text
from collector.model.codes import STATES
from collector.model.columns import CallTable, Int64, TicketProfile, TicketTable
from collector.model.quantities import BUSINESS_DAYS, TIME_UNITS, Amount, Target

Family = Literal["ratio", "seconds", "value"]
"""The unit in which a figure is computed and exported: a share 0–1, seconds, or its own."""

S = TypeVar("S", bound=AnyIndicator)


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


def unit_seconds(yardstick: Yardstick, unit: str | None) -> int:
    """The length of a unit of time in seconds; a business day is that of the calendar."""
    if unit in BUSINESS_DAYS:
        assert yardstick.calendar is not None
        return yardstick.calendar.seconds_per_business_day
    return TIME_UNITS[unit or "s"]


class Kind(ABC, Generic[S]):
    """A kind of indicator. What it declares stands in docs/indicators.md."""

    settings: ClassVar[type[AnyIndicator]]
    """The model of its settings, in ``config.indicators``."""
    words: ClassVar[Text]
    """Its name for people."""
    family: ClassVar[Family]
    is_measured: ClassVar[bool] = True
    """Whether records are behind it, and no person."""
    is_count: ClassVar[bool] = False
    """Whether its figure is a number of records: it grows with the days of its period."""
    is_timed: ClassVar[bool] = False
    """Whether its records have durations, to show the distribution of."""
    has_deadlines: ClassVar[bool] = False
    """Whether open tickets are due by it at an instant."""

    @property
    def name(self) -> str:
        """What ``kind:`` says in the configuration."""
        return kind_name(self.settings)

    @property
    def is_share(self) -> bool:
        """Whether its figure is a share of records, 0–1: only so misses can be counted."""
        return self.family == "ratio"

    @property
    def is_mean(self) -> bool:
        """Whether its figure is a mean of seconds, whose numerator is their sum."""
        return self.family == "seconds"

    @property
    def has_denominator(self) -> bool:
        """Whether it is a share or a mean of n records: n is shown beside it, under ``min_n`` it
        says nothing and is masked, and its forecasts have an interval."""
        return self.is_measured and not self.is_count

    @property
    def states(self) -> frozenset[str]:
        """The states that its figures can be in."""
        return frozenset(STATES) - ({"too_few"} if not self.has_denominator else set())

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metric families that have its figures, behind ``servicedesk_indicator_``."""
        unit = self.family
        return (
            *(unit, f"target_{unit}", "state", f"forecast_{unit}", "forecast_by_hand"),
            *(("good", "eligible", "pending") if self.is_measured else ()),
            *((f"required_{unit}",) if self.has_denominator else ()),
            *(("misses_left",) if self.is_share else ()),
            *(("median_seconds", "p90_seconds") if self.is_timed else ()),
        )

    def own(self, yardstick: Yardstick) -> S:
        """The settings of an indicator of this kind."""
        indicator = yardstick.indicator
        assert isinstance(indicator, self.settings)
        return indicator  # type: ignore[return-value]  # ``settings`` is the model S

    # Records

    @abstractmethod
    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        """The verdicts on the records of a table, as known at ``now`` (epoch seconds).

        ``table``: of tickets or calls, as ``indicator.measured_on`` says.
        """

    def cross_check(
        self, yardstick: Yardstick, table: TicketTable, found: Verdicts, now: int
    ) -> CrossCheck | None:
        """The verdicts beside those of the source itself; None where it says nothing."""
        return None

    def deadlines(self, yardstick: Yardstick, table: TicketTable, now: int) -> tuple[Int64, Int64]:
        """The rows of open tickets whose clock runs at ``now``, and the deadline of each (epoch
        seconds), one in the past for a ticket overdue. Of kinds that have deadlines."""
        raise NotImplementedError

    # The explanation of a record

    def limit(self, yardstick: Yardstick) -> int | None:
        """The limit that a record's seconds are held against; None without one."""
        return None

    def clock_reading(
        self, yardstick: Yardstick, table: TicketTable, now: int
    ) -> ClockReading | None:
        """The clocks of a table's tickets at ``now``; None where no clock decides."""
        return None

    def own_says(self, yardstick: Yardstick, table: TicketTable, now: int) -> OwnSays | None:
        """What the source itself says of what ``cross_check`` compares."""
        return None

    def facts(self, profile: TicketProfile) -> dict[str, str]:
        """What else of a ticket decides its verdict, in words."""
        return {}

    @abstractmethod
    def formula(self, yardstick: Yardstick) -> str:
        """In one line, how the figure is made; printed beside it everywhere."""

    # The figure

    @abstractmethod
    def unit(self, indicator: S) -> str:
        """The unit of its value; ``ratio`` and ``seconds`` of shares and means."""

    def numerator(self, tallied: Counts) -> int:
        """What is divided by the records that count: the good ones, or their seconds."""
        return tallied.seconds if self.is_mean else tallied.good

    def value(self, numerator: int, eligible: int) -> float | None:
        """The value of a figure; None without data."""
        return numerator / eligible if eligible else None

    def shown_in(self, yardstick: Yardstick) -> tuple[str, int] | None:
        """The unit of time that a duration is shown in, and its seconds; None for other values."""
        return None

    def threshold(self, yardstick: Yardstick) -> float | None:
        """The target's number in the unit of the value."""
        target = yardstick.indicator.target
        return None if target is None else self.in_unit_of_value(yardstick, target)

    @abstractmethod
    def in_unit_of_value(self, yardstick: Yardstick, given: Target | Amount) -> float:
        """A number as people write it, in the unit of the indicator's value."""

    def state(
        self, yardstick: Yardstick, tallied: Counts, value: float | None, progress: Progress
    ) -> str | None:
        """One of STATES; None without a target. Decided on unrounded values.

        at_risk: not reached, but the best possible rest of the period, records pending among it,
        would reach it; missed: not even that.
        """
        if progress.stale or (progress.unread and value is not None):
            return "stale"
        if value is None:
            return "no_data"
        if self.has_denominator and tallied.eligible < yardstick.rules.min_n:
            return "too_few"
        target, limit = yardstick.indicator.target, self.threshold(yardstick)
        if target is None or limit is None:
            return None
        if target.reached(value, limit):
            return "met"
        if progress.over and not tallied.pending:
            return "missed"
        more = rest(tallied, progress)
        assert more is not None  # a stale figure has a state already
        reachable = self.reachable(tallied, more, target, limit, over=progress.over)
        return "at_risk" if reachable else "missed"

    @abstractmethod
    def reachable(
        self, tallied: Counts, more: int, target: Target, limit: float, *, over: bool
    ) -> bool:
        """Whether the best that the ``more`` records to come can be would reach the target.

        ``limit``: the target's number in the unit of the value; ``over``: the period has ended.
        """

    def misses_left(self, yardstick: Yardstick, tallied: Counts, progress: Progress) -> int | None:
        """How many more records may miss before the target is out of reach; negative: by how many.

        With N records expected in all and the target t, at least t * N must be good. Only for
        shares that shall be high, and where the sources were read.
        """
        more, target = rest(tallied, progress), yardstick.indicator.target
        if target is None or more is None or not self.is_share or not tallied.eligible:
            return None
        if not target.higher_is_better:
            return None
        expected = tallied.eligible + more
        wanted = Fraction(target.number) / 100 * expected
        needed = floor(wanted) + 1 if target.comparison == ">" else ceil(wanted)
        return expected - needed - (tallied.eligible - tallied.good)

    def required(self, yardstick: Yardstick, tallied: Counts, progress: Progress) -> float | None:
        """What the rest of the period must give for the target to be just reached, in the value's
        unit.

        With n records so far and m expected, (t * (n + m) - sum so far) / m: a share over 1 cannot
        be had any more, one below 0 is reached whatever comes; for a count, how many are missing.
        None where nothing is to come, and where the sources were not read.
        """
        limit, more = self.threshold(yardstick), rest(tallied, progress)
        if limit is None or not more:
            return None
        return (limit * (tallied.eligible + more) - self.numerator(tallied)) / more

    # What people give

    def entry_in_force(
        self, yardstick: Yardstick, organization: str | None, day: date
    ) -> ManualValue | None:
        """The figure given by hand that is good on a date; None where there is none."""
        return None

    def state_by_hand(
        self, yardstick: Yardstick, value: float | None, hoped: float | None, *, over: bool
    ) -> str | None:
        """The state of a figure given by hand: its forecast tells whether the target can be
        reached, until its fiscal year is ``over``."""
        target, limit = yardstick.indicator.target, self.threshold(yardstick)
        if value is None:
            return "no_data"
        if target is None or limit is None:
            return None
        if target.reached(value, limit):
            return "met"
        hope = not over and hoped is not None and target.reached(hoped, limit)
        return "at_risk" if hope else "missed"


class Share(Kind[S]):
    """A kind whose figure is a share of records: good by eligible, 0–1."""

    family = "ratio"

    def unit(self, indicator: S) -> str:
        return "ratio"

    def in_unit_of_value(self, yardstick: Yardstick, given: Target | Amount) -> float:
        return float(given.number / 100)

    def reachable(
        self, tallied: Counts, more: int, target: Target, limit: float, *, over: bool
    ) -> bool:
        best = tallied.good + (more if target.higher_is_better else 0)
        return target.reached(best / (tallied.eligible + more), limit)


def counted_by(yardstick: Yardstick) -> str:
    """The rules that say which tickets count in a period, in words."""
    rules = yardstick.rules
    return f"counted by {rules.counted_by}, priority {rules.priority}"
