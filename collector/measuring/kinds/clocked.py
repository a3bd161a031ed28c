"""What the kinds share that measure the time of a ticket from one event to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from collector.config.definitions import silent_sources
from collector.config.indicators import Clocked
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.saying import Said, differs, is_on, phrase, setting
from collector.measuring.verdicts.clocks import (
    PAUSE_WORDS,
    ClockReading,
    Clocks,
    facts_read_by,
    known_pauses,
    pausing_facts,
    read_clocks,
)
from collector.measuring.verdicts.crosscheck import (
    CrossCheck,
    SourceCalculation,
    cross_check,
    source_calculation,
)
from collector.measuring.verdicts.needs import Need, need, response_need
from collector.measuring.verdicts.selection import Bool, Selection, select
from collector.measuring.verdicts.tickets import give_reason, measure_tickets, verdicts_of
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick
from collector.model.bilingual import Language
from collector.model.columns import ABSENT, CallTable, Fact, Int64, TicketTable
from collector.model.records import Unrecorded

C = TypeVar("C", bound=Clocked)

_TOLD_BY = {Fact.HOLD: Unrecorded.HOLDS, Fact.GAP: Unrecorded.REOPENINGS}


class ClockedKind(Kind[C]):
    """A kind that judges by the clocks of tickets; without a limit no clock is ever late."""

    is_timed = True

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        assert isinstance(table, TicketTable)
        looked_at = facts_read_by(yardstick.rules, self.own(yardstick))
        return measure_tickets(yardstick, table, now, self._judge, self.needs(yardstick), looked_at)

    def needs(self, yardstick: Yardstick) -> Iterator[Need]:
        """See :meth:`Kind.needs`: also the two events of its clock."""
        yield from super().needs(yardstick)
        indicator = self.own(yardstick)
        events = {indicator.start, indicator.end}
        if "first_response" in events:
            yield response_need(yardstick.rules)
        if "resolved" in events:
            yield need(Unrecorded.RESOLUTION)
        if "closed" in events:
            yield need(Unrecorded.CLOSING)

    def _judge(self, yardstick: Yardstick, chosen: Selection) -> Verdicts:
        """An ended clock is met if elapsed <= limit; one that runs past its
        limit is missed, before it pending."""
        indicator = self.own(yardstick)
        readings = read_clocks(yardstick, indicator, chosen)
        started, ended = readings.start != ABSENT, readings.end != ABSENT
        late, wakes_at = self._late(yardstick, readings)
        verdict = np.full(len(readings.row), Verdict.PENDING, dtype=np.int8)
        verdict[started & ended & ~late] = Verdict.MET
        verdict[started & late] = Verdict.MISSED
        seconds = np.where(started, readings.seconds, ABSENT)
        verdicts = verdicts_of(chosen, verdict, wakes_at, seconds, started & ended)
        give_reason(yardstick, verdicts, ~started & ended, "unanswered")
        backwards = started & ended & (readings.end < readings.start)
        give_reason(yardstick, verdicts, backwards, "ends_before_start")
        if indicator.end == "resolved":
            no_resolution = ~ended & (chosen.closed_at != ABSENT)
            give_reason(yardstick, verdicts, no_resolution, "no_resolved_at")
        return verdicts

    def _late(self, yardstick: Yardstick, readings: Clocks) -> tuple[Bool, Int64]:
        """Whether each clock has run past its limit, and when it will (epoch seconds, or NEVER)."""
        n = len(readings.row)
        return np.zeros(n, dtype=np.bool_), np.full(n, NEVER, dtype=np.int64)

    def cross_check(
        self, yardstick: Yardstick, table: TicketTable, verdicts: Verdicts, now: int
    ) -> CrossCheck | None:
        end = self.own(yardstick).end
        return cross_check(yardstick, end, table, verdicts, now, limited=self.has_deadlines)

    def source_calculation(
        self, yardstick: Yardstick, table: TicketTable, now: int
    ) -> SourceCalculation | None:
        return source_calculation(self.own(yardstick).end, table, now)

    def clock_reading(self, yardstick: Yardstick, table: TicketTable, now: int) -> ClockReading:
        indicator = self.own(yardstick)
        readings = read_clocks(yardstick, indicator, select(yardstick, table, now))
        index = np.full(len(table), -1, dtype=np.int64)
        index[readings.row] = np.arange(len(readings.row))
        stopped = known_pauses(table.facts.of(*pausing_facts(yardstick.rules, indicator)), now)
        return ClockReading(readings, index, stopped, indicator.calendar)

    def clock_in_words(self, yardstick: Yardstick) -> str:
        """Return the formula's words on the clock: its two events, its calendar, and what pauses
        it. A pause that no source tells is not among them."""
        indicator = self.own(yardstick)
        stops = pausing_facts(yardstick.rules, indicator)
        told = [PAUSE_WORDS[each] for each in stops if yardstick.told(_TOLD_BY[each])]
        pauses = [f"{' and '.join(told)} pauses"] if told else []
        if Fact.HOLD in stops and (silent := yardstick.silent_on(Unrecorded.HOLDS)):
            of = f" in {' and '.join(silent)}" if told else ""
            pauses.append(f"time on hold counts{of}")
        text = ", ".join(pauses) or "no pauses"
        return f"{indicator.start} to {indicator.end}, calendar {indicator.calendar}, {text}"

    def rules_of_clock(self, said: Said, language: Language) -> Iterator[str]:
        """Yield what a sentence says of the clock besides its events: what pauses it, and which
        answer or resolution ends it, where that is not the usual one."""
        events = {said.get("from"), said.get("to")}
        rule = "response_pauses" if said.get("to") == "first_response" else "resolution_pauses"
        silent, _ = silent_sources(said, Unrecorded.HOLDS)
        if f"rules.{rule}" in said:
            key = "hold_counts_in" if silent else "hold_pauses"
            key = key if is_on(said, rule) else "hold_counts"
            yield phrase(key, language, sources=", ".join(silent))
        elif silent and said.get("to") != "first_response":
            yield phrase("hold_counts", language)
        if "resolved" in events and is_on(said, "closed_pauses"):
            yield phrase("gap_pauses", language)
        if "resolved" in events and differs(said, "resolution"):
            yield phrase("first_resolution", language)
        if "first_response" in events and differs(said, "answers"):
            answers = setting(said, "rules.answers", language)
            yield phrase("answers", language, answers=answers)
