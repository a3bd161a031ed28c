"""Calls → verdicts: service_level and count (DESIGN §6, rule 8; formulas: facts/telephony.md §4).

With A answered, a answered within the limit, B unanswered, b of them hung up within it, s hung up
within ``short_abandon``: answered_of_offered is a/(A+B), answered_of_answered a/A,
without_early_abandons a/(A+B−b), abandons_met (a+b')/(A+B) with b' all unanswered within the limit
(Asterisk's ServicelevelPerf2), short_abandons_met (a+s)/(A+B). With the others short abandons leave
every denominator: (A+B−s). An unknown wait excludes a call only where the wait decides its verdict.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collector.config.indicators import CallIndicator, ServiceLevel
from collector.config.rules import CallFilter
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick, news_of
from collector.model.columns import ABSENT, CallProfile, CallTable, Int64
from collector.model.records import Outcome

Bool = NDArray[np.bool_]

UNANSWERED = frozenset({Outcome.ABANDONED, Outcome.TIMEOUT, Outcome.EMPTY, Outcome.WITHDRAWN})
APART = frozenset({Outcome.KEY_EXIT, Outcome.CALLBACK, Outcome.UNKNOWN})
"""Outcomes shown beside the figure, outside numerator and denominator."""


def measure_calls(yardstick: Yardstick, table: CallTable, now: int) -> Verdicts:
    """The verdict on every call of ``table`` that the indicator's ``records`` names.

    ``now`` (epoch seconds): a call that ended later was still waiting. Pure and vectorised.
    """
    assert isinstance(yardstick.indicator, CallIndicator)
    told, waiting = _chosen(yardstick.indicator.records, table, now)
    row = np.flatnonzero(told | waiting)
    n = len(row)
    found = Verdicts(
        row=row,
        verdict=np.full(n, Verdict.MET, dtype=np.int8),
        reason=np.zeros(n, dtype=np.int16),
        seconds=np.full(n, ABSENT, dtype=np.int64),
        final=np.zeros(n, dtype=np.bool_),
        counted_at=table.entered_at[row],
        wakes_at=np.full(n, NEVER, dtype=np.int64),
    )
    if isinstance(yardstick.indicator, ServiceLevel):
        _service_level(yardstick, yardstick.indicator, table, now, found)
    entered = table.entered_at[row]
    not_yet = _waiting(table, row, now) & ~waiting[row]
    found.verdict[not_yet | (entered > now)] = Verdict.LATER
    news = news_of(now, entered, _ended_at(table, row))
    np.minimum(found.wakes_at, news, out=found.wakes_at)
    return found


def _chosen(records: CallFilter, table: CallTable, now: int) -> tuple[Bool, Bool]:
    """The calls that ``records`` names, and those it named at ``now``, when they still waited."""
    open_then = [p._replace(outcome=Outcome.OPEN) for p in table.profiles]
    told, then = (
        np.array([matches(records, p) for p in profiles], dtype=np.bool_)[table.profile]
        for profiles in (table.profiles, open_then)
    )
    return told, then & _waiting(table, np.arange(len(table)), now)


def matches(records: CallFilter, profile: CallProfile) -> bool:
    """Whether a profile is one of ``records``."""
    return (
        (records.source is None or profile.source in records.source)
        and (records.queue is None or profile.queue in records.queue)
        and (records.organization is None or profile.organization in records.organization)
        and (records.outcome is None or profile.outcome in records.outcome)
    )


def _service_level(
    yardstick: Yardstick, indicator: ServiceLevel, table: CallTable, now: int, found: Verdicts
) -> None:
    row, limit = found.row, indicator.within
    entered, wait = table.entered_at[row], table.wait_seconds[row]
    waiting = _waiting(table, row, now)

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


def _waiting(table: CallTable, row: Int64, now: int) -> Bool:
    """Which calls were still in the queue at ``now``, as far as the records tell."""
    is_open = np.array([p.outcome == Outcome.OPEN for p in table.profiles], dtype=np.bool_)
    return is_open[table.profile[row]] | (_ended_at(table, row) > now)


def _ended_at(table: CallTable, row: Int64) -> Int64:
    """When each call left the queue; ABSENT where nothing tells. ``left_at`` is the last resort:
    of an answered call it is the end of the talk."""
    entered, wait = table.entered_at[row], table.wait_seconds[row]
    answered, left = table.answered_at[row], table.left_at[row]
    by_wait = np.where(wait == ABSENT, left, entered + wait)
    return np.where(answered == ABSENT, by_wait, answered)


def _outcome(yardstick: Yardstick, profile: CallProfile) -> str:
    withdrawn_is_callback = yardstick.rules.withdrawn == "callback"
    if profile.outcome == Outcome.WITHDRAWN and withdrawn_is_callback:
        return Outcome.CALLBACK
    return profile.outcome


def _apart(yardstick: Yardstick, found: Verdicts, where: Bool, reason: str) -> None:
    found.verdict[where] = Verdict.EXCLUDED
    found.reason[where] = yardstick.reasons.index(reason)
    found.wakes_at[where] = NEVER
