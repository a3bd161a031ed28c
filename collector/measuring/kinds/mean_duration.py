"""mean_duration: the mean business time from one event to another."""

from __future__ import annotations

from collections.abc import Iterator

from collector.config.indicators import MeanDuration
from collector.measuring.kinds.base import counted_by, unit_seconds
from collector.measuring.kinds.clocked import ClockedKind
from collector.measuring.kinds.saying import Said, calendar_of, counting, joined, phrase, setting
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.timeline import Yardstick
from collector.model.bilingual import Language, Text
from collector.model.quantities import Amount, Target


class MeanDurationKind(ClockedKind[MeanDuration]):
    """Sum of seconds / number of records, over all clocks that have ended.

    The target is for the mean: a single record has no limit, so none is missed.
    """

    settings = MeanDuration
    words = Text(sv="medeltid", en="mean duration")
    family = "seconds"

    def unit(self, indicator: MeanDuration) -> str:
        return "seconds"

    def shown_in(self, yardstick: Yardstick) -> tuple[str, int] | None:
        indicator = self.own(yardstick)
        unit = indicator.unit or (indicator.target.unit if indicator.target else None) or "hours"
        return unit, unit_seconds(yardstick, unit)

    def in_unit_of_value(self, yardstick: Yardstick, given: Target | Amount) -> float:
        return float(given.number * unit_seconds(yardstick, given.unit))

    def reachable(
        self, tallied: Counts, more: int, target: Target, limit: float, *, over: bool
    ) -> bool:
        """A mean with an upper limit is lowest if the records to come take no time; one with a
        lower limit can always grow."""
        return target.higher_is_better or target.reached(
            tallied.seconds / (tallied.eligible + more), limit
        )

    def formula(self, yardstick: Yardstick) -> str:
        clock = self.clock_in_words(yardstick)
        return f"sum of seconds / records; {clock}; {counted_by(yardstick)}"

    def in_words(self, said: Said, language: Language) -> str:
        return joined(self._in_words(said, language))

    def _in_words(self, said: Said, language: Language) -> Iterator[str]:
        start, end = (setting(said, each, language) for each in ("from", "to"))
        yield phrase("mean", language, start=start, end=end, calendar=calendar_of(said, language))
        yield from self.rules_of_clock(said, language)
        yield from counting(said, language)
