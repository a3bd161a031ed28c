"""What every kind that is measured on calls does: choose them, and see which still waited."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from collector.config.rules import CallFilter
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick, news_of
from collector.model.columns import ABSENT, CallProfile, CallTable, Int64
from collector.model.records import Outcome

Bool = NDArray[np.bool_]

JudgeCalls = Callable[[Yardstick, CallTable, int, Verdicts], None]
"""How a kind judges calls: writes into verdicts that are all met, as of an instant."""


def measure_calls(
    yardstick: Yardstick, table: CallTable, now: int, judge: JudgeCalls | None = None
) -> Verdicts:
    """The verdict on every call of ``table`` that the indicator's ``records`` names.

    ``now`` (epoch seconds): a call that ended later was still waiting. Without ``judge`` every call
    is met. Pure and vectorised.
    """
    records = yardstick.records
    assert isinstance(records, CallFilter)
    told, waiting = _chosen(records, table, now)
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
    if judge is not None:
        judge(yardstick, table, now, found)
    entered = table.entered_at[row]
    not_yet = still_waiting(table, row, now) & ~waiting[row]
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
    return told, then & still_waiting(table, np.arange(len(table)), now)


def matches(records: CallFilter, profile: CallProfile) -> bool:
    """Whether a profile is one of ``records``."""
    return (
        (records.source is None or profile.source in records.source)
        and (records.queue is None or profile.queue in records.queue)
        and (records.organization is None or profile.organization in records.organization)
        and (records.outcome is None or profile.outcome in records.outcome)
    )


def still_waiting(table: CallTable, row: Int64, now: int) -> Bool:
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
