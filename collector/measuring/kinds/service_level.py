"""service_level: the share of calls answered within a limit (docs/indicators.md).

With A calls answered, a of them within the limit, B unanswered, b of these hung up within the
limit, s hung up within ``short_abandon``; F1–F6 as numbered in docs/indicators.md:

- answered_of_offered: a/(A+B), F3; with ``short_abandon`` a/(A+B−s), F5
- answered_of_answered: a/A, F2
- without_early_abandons: a/(A+B−b), F4
- abandons_met: (a+b')/(A+B), F1, where b' are all unanswered within the limit, as Asterisk's
  ServicelevelPerf2 counts them
- short_abandons_met: (a+s)/(A+B), F6

With all but the last, short abandons leave the denominator. A call whose wait is unknown is
excluded only where the wait decides its verdict. If that leaves no answered call, there is no
value: lost callers alone would make it 0 %. A caller who never got into the queue is excluded as
refused; by the rule ``refused: unanswered`` one of B, though never of b'.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from collector.config.indicators import ServiceLevel
from collector.measuring.kinds.base import Share
from collector.measuring.kinds.saying import Said, differs, joined, phrase, setting
from collector.measuring.verdicts.callers import by_caller
from collector.measuring.verdicts.calls import Bool, chosen, exclude, measure_calls, still_waiting
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.needs import Need, need
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick
from collector.model.bilingual import Language, Text
from collector.model.columns import ABSENT, CallProfile, CallTable, TicketTable
from collector.model.fields import duration_text
from collector.model.records import CallOutcome, Unrecorded

UNANSWERED = frozenset(
    {
        *(CallOutcome.ABANDONED, CallOutcome.TIMEOUT, CallOutcome.EMPTY),
        *(CallOutcome.WITHDRAWN, CallOutcome.UNANSWERED, CallOutcome.REFUSED),
    }
)
APART = frozenset({CallOutcome.KEY_EXIT, CallOutcome.CALLBACK, CallOutcome.UNKNOWN})
"""Outcomes that are excluded from numerator and denominator and shown beside the figure."""

_NEVER_SHORT = duration_text(0)


class ServiceLevelKind(Share[ServiceLevel]):
    """One of the published formulas; a call that waits past the limit is missed at once."""

    settings = ServiceLevel
    words = Text(sv="servicenivå", en="service level")
    is_timed = True

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        assert isinstance(table, CallTable)
        indicator = self.own(yardstick)
        if indicator.of == "stays":
            return measure_calls(yardstick, table, now, self._judge)
        selected, waiting = chosen(indicator.records, table, now)
        callers, later = by_caller(
            table, selected | waiting, now, indicator.rejoin_within, yardstick.timezone
        )
        verdicts = measure_calls(yardstick, callers, now, self._judge)
        exclude(yardstick, verdicts, later[verdicts.row], "same_caller")
        return verdicts

    def needs(self, yardstick: Yardstick) -> Iterator[Need]:
        """See :meth:`Kind.needs`: also how a call ended, and the wait."""
        yield from super().needs(yardstick)
        yield need(Unrecorded.OUTCOME)
        yield need(Unrecorded.WAIT)

    def _judge(self, yardstick: Yardstick, table: CallTable, now: int, verdicts: Verdicts) -> None:
        indicator = self.own(yardstick)
        row, limit = verdicts.row, indicator.within
        entered, wait = table.entered_at[row], table.wait_seconds[row]
        waiting = still_waiting(table, row, now)

        def ended(*outcomes: CallOutcome) -> Bool:
            has_it = [_outcome(yardstick, p) in outcomes for p in table.profiles]
            return np.array(has_it, dtype=np.bool_)[table.profile[row]] & ~waiting

        verdicts.seconds[:] = np.where(waiting, np.maximum(now - entered, 0), wait)
        verdicts.final[:] = ended(CallOutcome.ANSWERED) & (wait != ABSENT)
        late = verdicts.seconds > limit
        unanswered, hung_up = ended(*UNANSWERED), ended(CallOutcome.ABANDONED)
        decided = unanswered & (indicator.formula != "abandons_met")
        decided |= ended(CallOutcome.REFUSED)
        if indicator.short_abandon or indicator.formula == "without_early_abandons":
            decided &= ~hung_up  # their wait decides whether they were early

        verdicts.verdict[late | unanswered] = Verdict.MISSED
        if indicator.formula == "abandons_met":
            verdicts.verdict[unanswered & ~late & ~ended(CallOutcome.REFUSED)] = Verdict.MET
        verdicts.verdict[waiting & ~late] = Verdict.PENDING
        verdicts.wakes_at[waiting & ~late] = (entered + limit + 1)[waiting & ~late]
        if indicator.formula == "answered_of_answered":
            verdicts.verdict[waiting] = Verdict.PENDING
            verdicts.wakes_at[waiting] = NEVER
            exclude(yardstick, verdicts, unanswered, "unanswered")
        if indicator.formula == "without_early_abandons":
            exclude(yardstick, verdicts, hung_up & ~late, "early_abandon")
        short = hung_up & (verdicts.seconds <= indicator.short_abandon)
        if indicator.formula == "short_abandons_met":
            verdicts.verdict[short] = Verdict.MET
        elif indicator.short_abandon:
            exclude(yardstick, verdicts, short, "short_abandon")
        exclude(yardstick, verdicts, ~waiting & (wait == ABSENT) & ~decided, "unknown_wait")
        for each in APART:
            exclude(yardstick, verdicts, ended(each), str(each))

    def is_known(self, tallied: Counts) -> bool:
        """See :meth:`Kind.is_known`: where no wait of an answered call is known, only lost callers
        are left."""
        return "unknown_wait" not in tallied.excluded or any(tallied.histogram)

    def limit(self, yardstick: Yardstick) -> int | None:
        return self.own(yardstick).within

    def formula(self, yardstick: Yardstick) -> str:
        indicator, short = self.own(yardstick), ""
        if indicator.short_abandon:
            with_or_without = "with" if indicator.formula == "short_abandons_met" else "without"
            short = f", {with_or_without} hang-ups within {indicator.short_abandon} s"
        of = "" if indicator.of == "stays" else f" of callers, back in {indicator.rejoin_within} s"
        return f"{indicator.formula}{of} (wait <= {indicator.within} s{short})"

    def in_words(self, said: Said, language: Language) -> str:
        return joined(self._in_words(said, language))

    def _in_words(self, said: Said, language: Language) -> Iterator[str]:
        formula = str(said["formula"])
        limit, short = (setting(said, key, language) for key in ("within", "short_abandon"))
        yield phrase(formula, language, limit=limit, short=short)
        if (
            said.get("short_abandon", _NEVER_SHORT) != _NEVER_SHORT
            and formula != "short_abandons_met"
        ):
            yield phrase("short_abandon", language, short=short)
        if said.get("of") == "callers":
            yield phrase("callers", language, time=setting(said, "rejoin_within", language))
        if differs(said, "withdrawn"):
            yield phrase("withdrawn", language)
        if differs(said, "refused"):
            yield phrase("refused", language)


def _outcome(yardstick: Yardstick, profile: CallProfile) -> str:
    withdrawn_is_callback = yardstick.rules.withdrawn == "callback"
    if profile.outcome == CallOutcome.WITHDRAWN and withdrawn_is_callback:
        return CallOutcome.CALLBACK
    return profile.outcome
