"""count: the number of tickets or calls."""

from __future__ import annotations

import numpy as np

from collector.config.indicators import Count
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.progress import Progress, records_to_come
from collector.measuring.kinds.saying import Said, counting, phrase, setting
from collector.measuring.verdicts.calls import measure_calls
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.selection import Selection
from collector.measuring.verdicts.tickets import measure_tickets, verdicts_of
from collector.measuring.verdicts.timeline import Verdict, Verdicts, Yardstick
from collector.model.bilingual import Language, Text
from collector.model.columns import CallTable, TicketTable
from collector.model.quantities import Amount, Target


class CountKind(Kind[Count]):
    """Every record that is not excluded is met; the value is the number of them."""

    settings = Count
    words = Text(sv="antal", en="number")
    family = "value"
    is_count = True

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        if isinstance(table, CallTable):
            return measure_calls(yardstick, table, now)
        return measure_tickets(yardstick, table, now, _all_met, self.needs(yardstick))

    def unit(self, indicator: Count) -> str:
        return indicator.unit or indicator.of

    def value(self, numerator: int, eligible: int, *, read: bool = False) -> float | None:
        return float(eligible) if eligible or read else None

    def in_unit_of_value(self, yardstick: Yardstick, given: Target | Amount) -> float:
        return float(given.number)

    def reachable(
        self, tallied: Counts, more: int, target: Target, limit: float, *, over: bool
    ) -> bool:
        """Any number of records can still come while the period runs, but none can go away."""
        return target.higher_is_better and not over

    def required(self, yardstick: Yardstick, tallied: Counts, progress: Progress) -> float | None:
        """Return how many records are missing for the target."""
        limit = self.threshold(yardstick)
        return (
            None
            if limit is None or not records_to_come(tallied, progress)
            else limit - tallied.eligible
        )

    def formula(self, yardstick: Yardstick) -> str:
        return f"number of {self.own(yardstick).of}"

    def in_words(self, said: Said, language: Language) -> str:
        number = phrase("number_of", language, of=setting(said, "of", language))
        of_tickets = "rules.counted_by" in said
        return "; ".join((number, *(counting(said, language) if of_tickets else ())))


def _all_met(yardstick: Yardstick, chosen: Selection) -> Verdicts:
    return verdicts_of(chosen, np.full(len(chosen.row), Verdict.MET, dtype=np.int8))
