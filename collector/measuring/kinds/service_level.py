"""service_level: the share of calls answered within a limit (rule 8; facts/telephony.md §4).

With A answered, a answered within the limit, B unanswered, b of them hung up within it, s hung up
within ``short_abandon``: answered_of_offered is a/(A+B), answered_of_answered a/A,
without_early_abandons a/(A+B−b), abandons_met (a+b')/(A+B) with b' all unanswered within the limit
(Asterisk's ServicelevelPerf2), short_abandons_met (a+s)/(A+B). With the others short abandons leave
every denominator: (A+B−s). An unknown wait excludes a call only where the wait decides its verdict.
"""

from __future__ import annotations

import numpy as np

from collector.config.indicators import ServiceLevel
from collector.measuring.kinds.base import Share
from collector.measuring.verdicts.calls import Bool, measure_calls, still_waiting
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick
from collector.model.bilingual import Text
from collector.model.columns import ABSENT, CallProfile, CallTable, TicketTable
from collector.model.records import Outcome

UNANSWERED = frozenset({Outcome.ABANDONED, Outcome.TIMEOUT, Outcome.EMPTY, Outcome.WITHDRAWN})
APART = frozenset({Outcome.KEY_EXIT, Outcome.CALLBACK, Outcome.UNKNOWN})
"""Outcomes shown beside the figure, outside numerator and denominator."""


class ServiceLevelKind(Share[ServiceLevel]):
    """By one of the published formulas; a call that waits past the limit is missed at once."""

    settings = ServiceLevel
    words = Text(sv="servicenivå", en="service level")
    is_timed = True

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        assert isinstance(table, CallTable)
        return measure_calls(yardstick, table, now, self._judge)

    def _judge(self, yardstick: Yardstick, table: CallTable, now: int, found: Verdicts) -> None:
        indicator = self.own(yardstick)
        row, limit = found.row, indicator.within
        entered, wait = table.entered_at[row], table.wait_seconds[row]
        waiting = still_waiting(table, row, now)

        def ended(*outcomes: Outcome) -> Bool:
            chosen = [_outcome(yardstick, p) in outcomes for p in table.profiles]
            return np.array(chosen, dtype=np.bool_)[table.profile[row]] & ~waiting

        found.seconds[:] = np.where(waiting, np.maximum(now - entered, 0), wait)
        found.final[:] = ended(Outcome.ANSWERED) & (wait != ABSENT)
        late = found.seconds > limit
        unanswered, hung_up = ended(*UNANSWERED), ended(Outcome.ABANDONED)
        decided = unanswered & (indicator.formula != "abandons_met")
        if indicator.short_abandon or indicator.formula == "without_early_abandons":
            decided &= ~hung_up  # whether it was an early one must be known

        found.verdict[late | unanswered] = Verdict.MISSED
        if indicator.formula == "abandons_met":
            found.verdict[unanswered & ~late] = Verdict.MET
        found.verdict[waiting & ~late] = Verdict.PENDING
        found.wakes_at[waiting & ~late] = (entered + limit + 1)[waiting & ~late]
        if indicator.formula == "answered_of_answered":
            found.verdict[waiting] = Verdict.PENDING
            found.wakes_at[waiting] = NEVER
            _apart(yardstick, found, unanswered, "unanswered")
        if indicator.formula == "without_early_abandons":
            _apart(yardstick, found, hung_up & ~late, "early_abandon")
        short = hung_up & (found.seconds <= indicator.short_abandon)
        if indicator.formula == "short_abandons_met":
            found.verdict[short] = Verdict.MET
        elif indicator.short_abandon:
            _apart(yardstick, found, short, "short_abandon")
        _apart(yardstick, found, ~waiting & (wait == ABSENT) & ~decided, "unknown")
        for each in APART:
            _apart(yardstick, found, ended(each), str(each))

    def limit(self, yardstick: Yardstick) -> int | None:
        return self.own(yardstick).within

    def formula(self, yardstick: Yardstick) -> str:
        indicator, short = self.own(yardstick), ""
        if indicator.short_abandon:
            kept = "with" if indicator.formula == "short_abandons_met" else "without"
            short = f", {kept} hang-ups within {indicator.short_abandon} s"
        return f"{indicator.formula} (wait <= {indicator.within} s{short})"


def _outcome(yardstick: Yardstick, profile: CallProfile) -> str:
    withdrawn_is_callback = yardstick.rules.withdrawn == "callback"
    if profile.outcome == Outcome.WITHDRAWN and withdrawn_is_callback:
        return Outcome.CALLBACK
    return profile.outcome


def _apart(yardstick: Yardstick, found: Verdicts, where: Bool, reason: str) -> None:
    found.verdict[where] = Verdict.EXCLUDED
    found.reason[where] = yardstick.reasons.index(reason)
    found.wakes_at[where] = NEVER
