"""Measuring calls: which calls an indicator selects, and which were still waiting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from collector.config.rules import CallFilter
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick, next_instant
from collector.model.columns import ABSENT, CallProfile, CallTable, Int64
from collector.model.records import CallOutcome

Bool = NDArray[np.bool_]

JudgeCalls = Callable[[Yardstick, CallTable, int, Verdicts], None]
"""How a kind judges calls as of an instant: it gets verdicts that are all met and changes them in
place."""


def measure_calls(
    yardstick: Yardstick, table: CallTable, now: int, judge: JudgeCalls | None = None
) -> Verdicts:
    """Return a verdict for every call in ``table`` that the indicator's ``records`` filter selects.

    ``now``: epoch seconds UTC; a call that ended later was still waiting. Without ``judge`` every
    call is met. ``Verdicts.seconds`` are what ``judge`` writes: the wait in seconds of clock time.
    Pure and vectorised.
    """
    records = yardstick.records
    assert isinstance(records, CallFilter)
    selected, waiting = chosen(records, table, now)
    row = np.flatnonzero(selected | waiting)
    n = len(row)
    verdicts = Verdicts(
        row=row,
        verdict=np.full(n, Verdict.MET, dtype=np.int8),
        reason=np.zeros(n, dtype=np.int16),
        seconds=np.full(n, ABSENT, dtype=np.int64),
        final=np.zeros(n, dtype=np.bool_),
        counted_at=table.entered_at[row],
        wakes_at=np.full(n, NEVER, dtype=np.int64),
    )
    if judge is not None:
        judge(yardstick, table, now, verdicts)
    if not _counts_refused(yardstick, records):
        refused = _of_outcome(table, row, CallOutcome.REFUSED) & ~still_waiting(table, row, now)
        exclude(yardstick, verdicts, refused, str(CallOutcome.REFUSED))
    entered = table.entered_at[row]
    not_yet = still_waiting(table, row, now) & ~waiting[row]
    verdicts.verdict[not_yet | (entered > now)] = Verdict.LATER
    next_event = next_instant(now, entered, ended_at(table, row))
    np.minimum(verdicts.wakes_at, next_event, out=verdicts.wakes_at)
    return verdicts


def chosen(records: CallFilter, table: CallTable, now: int) -> tuple[Bool, Bool]:
    """The calls that ``records`` selects, and those it selected while they were still waiting at
    ``now``: the outcome was ``open`` then."""
    as_open = [p._replace(outcome=CallOutcome.OPEN) for p in table.profiles]
    selected, selected_then = (
        np.array([matches(records, p) for p in profiles], dtype=np.bool_)[table.profile]
        for profiles in (table.profiles, as_open)
    )
    return selected, selected_then & still_waiting(table, np.arange(len(table)), now)


def matches(records: CallFilter, profile: CallProfile) -> bool:
    """Return whether a call profile passes the filter."""
    return (
        (records.source is None or profile.source in records.source)
        and (records.queue is None or profile.queue in records.queue)
        and (records.organization is None or profile.organization in records.organization)
        and (records.outcome is None or profile.outcome in records.outcome)
    )


def _counts_refused(yardstick: Yardstick, records: CallFilter) -> bool:
    """Whether callers who never got into the queue count: by the rule, or as they are asked for."""
    asked = records.outcome is not None and CallOutcome.REFUSED in records.outcome
    return asked or yardstick.rules.refused != "apart"


def exclude(yardstick: Yardstick, verdicts: Verdicts, where: Bool, reason: str) -> None:
    """Exclude the records ``where``, for one of ``REASONS``."""
    verdicts.verdict[where] = Verdict.EXCLUDED
    verdicts.reason[where] = yardstick.reasons.index(reason)
    verdicts.wakes_at[where] = NEVER


def _of_outcome(table: CallTable, row: Int64, outcome: CallOutcome) -> Bool:
    has_it = np.array([p.outcome == outcome for p in table.profiles], dtype=np.bool_)
    return has_it[table.profile[row]]


def still_waiting(table: CallTable, row: Int64, now: int) -> Bool:
    """Return, for each of ``row``, whether the call was still in its queue at ``now`` (epoch
    seconds).

    A call whose end is not recorded counts as waiting only if its outcome is ``open``.
    """
    return _of_outcome(table, row, CallOutcome.OPEN) | (ended_at(table, row) > now)


def ended_at(table: CallTable, row: Int64) -> Int64:
    """When each call left the queue (epoch seconds); ABSENT where the record does not say.

    ``left_at`` is the last resort: for an answered call it is the end of the talk.
    """
    entered, wait = table.entered_at[row], table.wait_seconds[row]
    answered, left = table.answered_at[row], table.left_at[row]
    by_wait = np.where(wait == ABSENT, left, entered + wait)
    return np.where(answered == ABSENT, by_wait, answered)
