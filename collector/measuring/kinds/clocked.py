"""What the kinds share that read the clock of a ticket, from one event to another."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from collector.config.indicators import Clocked
from collector.measuring.kinds.base import Kind
from collector.measuring.verdicts.clocks import (
    STOPPED,
    ClockReading,
    Clocks,
    clocks,
    facts_of_clock,
    known_pauses,
    stopping,
)
from collector.measuring.verdicts.crosscheck import CrossCheck, OwnSays, cross_check, own_says
from collector.measuring.verdicts.selection import Bool, Selection, select
from collector.measuring.verdicts.tickets import give_reason, measure_tickets, verdicts_of
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable

C = TypeVar("C", bound=Clocked)


class ClockedKind(Kind[C]):
    """A kind that is decided by the clocks of tickets; without a limit no clock is ever late."""

    is_timed = True

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        assert isinstance(table, TicketTable)
        looked_at = facts_of_clock(yardstick.rules, self.own(yardstick))
        return measure_tickets(yardstick, table, now, self._judge, looked_at)

    def _judge(self, yardstick: Yardstick, chosen: Selection) -> Verdicts:
        """Rule 1: ended → by elapsed ≤ limit; running past it → missed; before it → pending."""
        indicator = self.own(yardstick)
        read = clocks(yardstick, indicator, chosen)
        started, ended = read.start != ABSENT, read.end != ABSENT
        late, wakes_at = self._late(yardstick, read)
        verdict = np.full(len(read.row), Verdict.PENDING, dtype=np.int8)
        verdict[started & ended & ~late] = Verdict.MET
        verdict[started & late] = Verdict.MISSED
        seconds = np.where(started, read.seconds, ABSENT)
        found = verdicts_of(chosen, verdict, wakes_at, seconds, started & ended)
        give_reason(yardstick, found, ~started & ended, "unanswered")
        backwards = started & ended & (read.end < read.start)
        give_reason(yardstick, found, backwards, "ends_before_start")
        if indicator.end == "resolved":
            no_resolution = ~ended & (chosen.closed_at != ABSENT)
            give_reason(yardstick, found, no_resolution, "no_resolved_at")
        return found

    def _late(self, yardstick: Yardstick, read: Clocks) -> tuple[Bool, Int64]:
        """Whether each clock has run past its limit, and when it will (NEVER: not by waiting)."""
        n = len(read.row)
        return np.zeros(n, dtype=np.bool_), np.full(n, NEVER, dtype=np.int64)

    def cross_check(
        self, yardstick: Yardstick, table: TicketTable, found: Verdicts, now: int
    ) -> CrossCheck | None:
        end = self.own(yardstick).end
        return cross_check(yardstick, end, table, found, now, limited=self.has_deadlines)

    def own_says(self, yardstick: Yardstick, table: TicketTable, now: int) -> OwnSays | None:
        return own_says(self.own(yardstick).end, table, now)

    def clock_reading(self, yardstick: Yardstick, table: TicketTable, now: int) -> ClockReading:
        indicator = self.own(yardstick)
        read = clocks(yardstick, indicator, select(yardstick, table, now))
        at = np.full(len(table), -1, dtype=np.int64)
        at[read.row] = np.arange(len(read.row))
        stopped = known_pauses(table.facts.of(*stopping(yardstick.rules, indicator)), now)
        return ClockReading(read, at, stopped, indicator.calendar)

    def clock_in_words(self, yardstick: Yardstick) -> str:
        """The clock of the formula: from which event to which, by what, and what stops it."""
        indicator = self.own(yardstick)
        stops = [STOPPED[each] for each in stopping(yardstick.rules, indicator)]
        pauses = f"{' and '.join(stops)} pauses" if stops else "no pauses"
        return f"{indicator.start} to {indicator.end}, calendar {indicator.calendar}, {pauses}"
