"""manual: a value that no system can give, entered by hand."""

from __future__ import annotations

from datetime import date, timedelta

from collector.config.indicators import Manual
from collector.config.manual_entries import ManualValue
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.saying import Said, phrase
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.timeline import Verdicts, Yardstick
from collector.model.bilingual import Language, Text
from collector.model.columns import CallTable, TicketTable
from collector.model.quantities import Amount, Target


class ManualKind(Kind[Manual]):
    """The latest value entered by hand, for ``valid_days``; it has no records and no source."""

    settings = Manual
    words = Text(sv="anges för hand", en="entered by hand")
    family = "value"
    is_measured = False

    @property
    def states(self) -> frozenset[str]:
        return frozenset({"met", "at_risk", "missed", "no_data"})

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        """Raises TypeError: there are no records to measure."""
        raise TypeError(f"{yardstick.id} is given by hand: there are no records to measure")

    def unit(self, indicator: Manual) -> str:
        return indicator.unit or "1"

    def in_unit_of_value(self, yardstick: Yardstick, given: Target | Amount) -> float:
        return float(given.number)

    def reachable(
        self, tallied: Counts, more: int, target: Target, limit: float, *, over: bool
    ) -> bool:
        return False  # decided by the forecast entered by hand, see ``state_by_hand``

    def entry_in_force(
        self, yardstick: Yardstick, organization: str | None, day: date
    ) -> ManualValue | None:
        """Return the latest value up to and including ``day``, if it is under ``valid_days``
        old."""
        indicator = self.own(yardstick)
        expired = day - timedelta(days=indicator.valid_days)
        valid = [
            each
            for each in indicator.values
            if each.organization == organization
            and each.value is not None
            and expired < each.date <= day
        ]
        return max(valid, key=lambda each: each.date, default=None)

    def formula(self, yardstick: Yardstick) -> str:
        return "given by hand"

    def in_words(self, said: Said, language: Language) -> str:
        valid = phrase("valid_days", language, days=said.get("valid_days", ""))
        by_hand = phrase("by_hand", language)
        return f"{by_hand}; {valid}" if "valid_days" in said else by_hand
