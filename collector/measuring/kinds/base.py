"""The contract of a kind of indicator, and what most kinds share (docs/indicators.md).

Each kind is one object in ``table.KINDS``, so that nothing else in the program compares the names
of kinds. All of it is pure: tables and tallies in; verdicts, numbers and words out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import ClassVar, Generic, Literal, TypeVar

from collector.config.indicator_base import AnyIndicator
from collector.config.indicators import kind_name
from collector.config.manual_entries import ManualValue
from collector.config.rules import TicketFilter
from collector.measuring.kinds.progress import Progress, records_to_come
from collector.measuring.kinds.saying import Said
from collector.measuring.verdicts.clocks import ClockReading
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.crosscheck import CrossCheck, SourceCalculation
from collector.measuring.verdicts.needs import Need, counting_needs, filter_needs
from collector.measuring.verdicts.timeline import Verdicts, Yardstick
from collector.model.bilingual import Language, Text
from collector.model.codes import STATES
from collector.model.columns import CallTable, Int64, TicketProfile, TicketTable
from collector.model.quantities import BUSINESS_DAYS, TIME_UNITS, Amount, Target
from collector.model.records import Unrecorded

Family = Literal["ratio", "seconds", "value"]
"""The unit in which a figure is computed and exported: a share 0–1, seconds, or its own."""

S = TypeVar("S", bound=AnyIndicator)


def unit_seconds(yardstick: Yardstick, unit: str | None) -> int:
    """Return the length of a unit of time in seconds; None is one second.

    A business day has the mean length of the calendar's business days. Raises KeyError for a unit
    that is not in ``quantities.TIME_UNITS``.
    """
    if unit in BUSINESS_DAYS:
        assert yardstick.calendar is not None
        return yardstick.calendar.seconds_per_business_day
    return TIME_UNITS[unit or "s"]


class Kind(ABC, Generic[S]):
    """A kind of indicator. Its declarations generate the table in docs/indicators.md."""

    settings: ClassVar[type[AnyIndicator]]
    """The model of its settings in ``config.indicators``."""
    words: ClassVar[Text]
    """Its name for people."""
    family: ClassVar[Family]
    is_measured: ClassVar[bool] = True
    """Whether it is measured on records; False for values entered by hand."""
    is_count: ClassVar[bool] = False
    """Whether its figure is a number of records, which grows with the length of the period."""
    is_timed: ClassVar[bool] = False
    """Whether its records have durations, so that there is a distribution to show."""
    has_deadlines: ClassVar[bool] = False
    """Whether it gives open tickets a deadline."""

    @property
    def name(self) -> str:
        """The value of ``kind:`` in the configuration."""
        return kind_name(self.settings)

    @property
    def is_share(self) -> bool:
        """Whether its figure is a share of records, 0–1. Only shares have misses to count."""
        return self.family == "ratio"

    @property
    def is_mean(self) -> bool:
        """Whether its figure is a mean in seconds: the numerator is a sum of seconds."""
        return self.family == "seconds"

    @property
    def has_denominator(self) -> bool:
        """Whether it is a share or a mean of n records: n is shown beside it, it is masked under
        ``min_n`` records, and its forecasts have an interval."""
        return self.is_measured and not self.is_count

    @property
    def states(self) -> frozenset[str]:
        """The states that its figures can be in."""
        return frozenset(STATES) - ({"too_few"} if not self.has_denominator else set())

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metric families of its figures, without the prefix ``servicedesk_indicator_``."""
        unit = self.family
        return (
            *(unit, f"target_{unit}", "target_info"),
            *("state", f"forecast_{unit}", "forecast_by_hand"),
            *(("good", "eligible", "pending") if self.is_measured else ()),
            *((f"required_{unit}",) if self.has_denominator else ()),
            *(("misses_left",) if self.is_share else ()),
            *(("median_seconds", "p90_seconds") if self.is_timed else ()),
        )

    def own(self, yardstick: Yardstick) -> S:
        """Return the yardstick's indicator as this kind's settings model."""
        indicator = yardstick.indicator
        assert isinstance(indicator, self.settings)
        return indicator  # type: ignore[return-value]  # ``settings`` is the model S

    # Records

    @abstractmethod
    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        """Return the verdicts on the records of a table, as known at ``now`` (epoch seconds).

        ``table``: tickets or calls, as ``indicator.measured_on`` says.
        """

    def needs(self, yardstick: Yardstick) -> Iterator[Need]:
        """Yield what must be recorded of a record to measure it, by the rules in force."""
        if isinstance(yardstick.records, TicketFilter):
            yield from filter_needs(yardstick.records)
            yield from counting_needs(yardstick.rules)

    def cross_check(
        self, yardstick: Yardstick, table: TicketTable, verdicts: Verdicts, now: int
    ) -> CrossCheck | None:
        """Compare the verdicts with the source's own; None where it gives none."""
        return None

    def deadlines(self, yardstick: Yardstick, table: TicketTable, now: int) -> tuple[Int64, Int64]:
        """Return the rows of open tickets whose clock runs at ``now``, and the deadline of each
        (epoch seconds; in the past if overdue).

        Raises NotImplementedError for kinds without ``has_deadlines``.
        """
        raise NotImplementedError

    # The explanation of a record

    def limit(self, yardstick: Yardstick) -> int | None:
        """Return the limit for a record's seconds; None without one and in day mode."""
        return None

    def clock_reading(
        self, yardstick: Yardstick, table: TicketTable, now: int
    ) -> ClockReading | None:
        """Return the clocks of a table's tickets at ``now`` (epoch seconds); None for kinds without
        clocks."""
        return None

    def source_calculation(
        self, yardstick: Yardstick, table: TicketTable, now: int
    ) -> SourceCalculation | None:
        """Return the source's own figures that ``cross_check`` compares with; None for kinds
        without clocks."""
        return None

    def facts(self, profile: TicketProfile) -> dict[str, str]:
        """Return what else decides a ticket's verdict, as name → text for ``explain``."""
        return {}

    @abstractmethod
    def formula(self, yardstick: Yardstick) -> str:
        """Return the figure's formula in one line, for programs; snapshots contain it under their
        seal."""

    @abstractmethod
    def in_words(self, said: Said, language: Language) -> str:
        """Return the rule by which the figure is made as a sentence for people, without a full
        stop; see :mod:`collector.measuring.kinds.sentences`."""

    # The figure

    @abstractmethod
    def unit(self, indicator: S) -> str:
        """Return the unit of its value: ``ratio`` of shares, ``seconds`` of means, else its own."""

    def numerator(self, tallied: Counts) -> int:
        """Return what is divided by the eligible records: the number of good ones; of a mean the
        sum of their seconds."""
        return tallied.seconds if self.is_mean else tallied.good

    def value(self, numerator: int, eligible: int, *, read: bool = False) -> float | None:
        """Return the value of a figure in its unit; None without eligible records.

        ``read``: it is known that there were none, see ``Progress.read``.
        """
        return numerator / eligible if eligible else None

    def is_known(self, tallied: Counts) -> bool:
        """Return whether the records that count tell a value for all that should count."""
        return True

    def shown_in(self, yardstick: Yardstick) -> tuple[str, int] | None:
        """Return the unit of time that a duration is shown in, and its length in seconds; None for
        other values."""
        return None

    def threshold(self, yardstick: Yardstick) -> float | None:
        """Return the target's number in the unit of the value; None without a target."""
        target = yardstick.indicator.target
        return None if target is None else self.in_unit_of_value(yardstick, target)

    @abstractmethod
    def in_unit_of_value(self, yardstick: Yardstick, given: Target | Amount) -> float:
        """Convert a configured number to the unit of the value: 90 % is 0.9."""

    def state(
        self, yardstick: Yardstick, tallied: Counts, value: float | None, progress: Progress
    ) -> str | None:
        """Return one of STATES; None without a target. Decided on unrounded values.

        at_risk: the target is not reached, but would be if all records still pending or to come
        were as good as possible. missed: not even then.
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
        more = records_to_come(tallied, progress)
        assert more is not None  # stale figures were returned above
        reachable = self.reachable(tallied, more, target, limit, over=progress.over)
        return "at_risk" if reachable else "missed"

    @abstractmethod
    def reachable(
        self, tallied: Counts, more: int, target: Target, limit: float, *, over: bool
    ) -> bool:
        """Return whether the target is reached if the ``more`` records still to be decided are as
        good as possible.

        ``limit``: the target's number in the unit of the value. ``over``: the period has ended.
        """

    def misses_left(self, yardstick: Yardstick, tallied: Counts, progress: Progress) -> int | None:
        """Return how many more records may miss before the target is out of reach; if negative, by
        how many records it is out of reach.

        With n records so far, g of them good, m to come and the target t:
        (n + m) − ⌈t (n + m)⌉ − (n − g), see docs/indicators.md "Targets and states". None for other
        figures than shares with a lower limit, without records, and where the sources were not
        read.
        """
        more, target = records_to_come(tallied, progress), yardstick.indicator.target
        if target is None or more is None or not self.is_share or not tallied.eligible:
            return None
        if not target.higher_is_better:
            return None
        expected = tallied.eligible + more
        wanted = Fraction(target.number) / 100 * expected
        needed = floor(wanted) + 1 if target.comparison == ">" else ceil(wanted)
        return expected - needed - (tallied.eligible - tallied.good)

    def required(self, yardstick: Yardstick, tallied: Counts, progress: Progress) -> float | None:
        """Return what the rest of the period must give to just reach the target, in the unit of
        the value.

        With n records so far, m to come and the target t: (t (n + m) − numerator so far) / m
        ("krävs resten av året"). A share over 1 is out of
        reach; one below 0 is reached whatever comes. For a count: how many records are missing.
        None where nothing is to come, and where the sources were not read.
        """
        limit, more = self.threshold(yardstick), records_to_come(tallied, progress)
        if limit is None or not more:
            return None
        return (limit * (tallied.eligible + more) - self.numerator(tallied)) / more

    # What people give

    def entry_in_force(
        self, yardstick: Yardstick, organization: str | None, day: date
    ) -> ManualValue | None:
        """Return the value entered by hand that is in force on a date; None without one."""
        return None

    def state_by_hand(
        self, yardstick: Yardstick, value: float | None, hoped: float | None, *, over: bool
    ) -> str | None:
        """Return the state of a value entered by hand; None without a target.

        Below its target it is at_risk while the forecast entered by hand (``hoped``) reaches it,
        until the fiscal year is ``over``; otherwise missed.
        """
        target, limit = yardstick.indicator.target, self.threshold(yardstick)
        if value is None:
            return "no_data"
        if target is None or limit is None:
            return None
        if target.reached(value, limit):
            return "met"
        still_hoped = not over and hoped is not None and target.reached(hoped, limit)
        return "at_risk" if still_hoped else "missed"


class Share(Kind[S]):
    """A kind whose figure is a share of records: good / eligible, 0–1."""

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
    """Return the rules on which tickets count in a period, for a formula."""
    rules = yardstick.rules
    known = yardstick.told(Unrecorded.PRIORITIES)
    return f"counted by {rules.counted_by}, priority {rules.priority if known else 'as it is now'}"
