"""One caller of several stays: who is moved between queues, or comes back into one soon after.

A caller's wait is the time from the first entry to the first answer by an agent, the last part of
it as the telephone system says it. Stays on two local dates are two callers, so that the figure of
a date depends on that date alone. Pure and vectorised.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from collector.business_time.zone import LocalDays
from collector.measuring.verdicts.calls import ended_at, still_waiting
from collector.model.columns import ABSENT, CallTable, Int64
from collector.model.records import CallOutcome

Bool = NDArray[np.bool_]


def by_caller(
    table: CallTable, chosen: Bool, now: int, within: int, timezone: str
) -> tuple[CallTable, Bool]:
    """Return the table in which the first of a caller's stays stands for all of them, and which
    rows are the others.

    ``chosen``: the stays that count. Those that begin after ``now`` (epoch seconds) are not known.
    ``within``: the most seconds between leaving a queue and entering the next.
    """
    rows = np.flatnonzero(chosen & (table.call != ABSENT) & (table.entered_at <= now))
    rows = rows[np.lexsort((table.key[rows], table.entered_at[rows], table.call[rows]))]
    again = _follows(table, rows, now, within, _days(timezone))
    later = np.zeros(len(table), dtype=np.bool_)
    later[rows[again]] = True
    if not later.any():
        return table, later
    group = np.cumsum(~again) - 1
    first = rows[np.flatnonzero(~again)]
    last = np.append(rows[np.flatnonzero(~again)[1:] - 1], rows[-1])
    answered = _is_answered(table, rows, now)
    place = np.full(len(first), len(rows), dtype=np.int64)
    np.minimum.at(place, group[answered], np.flatnonzero(answered))
    deciding = np.where(place < len(rows), rows[np.minimum(place, len(rows) - 1)], last)
    several = np.bincount(group) > 1
    return _standing_for(table, first[several], deciding[several]), later


def _standing_for(table: CallTable, first: Int64, deciding: Int64) -> CallTable:
    """The table in which the rows ``first`` end as the rows ``deciding`` do."""
    columns = {
        name: getattr(table, name).copy()
        for name in ("answered_at", "left_at", "wait_seconds", "profile")
    }
    columns["answered_at"][first] = table.answered_at[deciding]
    columns["left_at"][first] = table.left_at[deciding]
    wait = table.wait_seconds[deciding]
    before = table.entered_at[deciding] - table.entered_at[first]
    columns["wait_seconds"][first] = np.where(wait == ABSENT, ABSENT, wait + before)
    profiles, codes = list(table.profiles), dict[tuple[int, str], int]()
    for row, end in zip(first.tolist(), deciding.tolist(), strict=True):
        code, outcome = int(table.profile[row]), table.profiles[int(table.profile[end])].outcome
        if table.profiles[code].outcome != outcome:
            if (code, outcome) not in codes:
                codes[code, outcome] = len(profiles)
                profiles.append(table.profiles[code]._replace(outcome=outcome))
            columns["profile"][row] = codes[code, outcome]
    return replace(table, **columns, profiles=profiles)


def _follows(table: CallTable, rows: Int64, now: int, within: int, days: LocalDays) -> Bool:
    """Which of these stays, sorted by call and entry, are by the caller of the one before."""
    again = np.zeros(len(rows), dtype=np.bool_)
    if len(rows) < 2:
        return again
    entered, call = table.entered_at[rows], table.call[rows]
    left = np.maximum(np.maximum(table.left_at[rows], ended_at(table, rows)), entered)
    dates = days.dates(entered)
    again[1:] = call[1:] == call[:-1]
    again[1:] &= dates[1:] == dates[:-1]
    again[1:] &= entered[1:] - np.minimum(left[:-1], now) <= within
    return again


def _is_answered(table: CallTable, rows: Int64, now: int) -> Bool:
    outcome = np.array([p.outcome == CallOutcome.ANSWERED for p in table.profiles], dtype=np.bool_)
    return outcome[table.profile[rows]] & ~still_waiting(table, rows, now)


@lru_cache(maxsize=4)
def _days(timezone: str) -> LocalDays:
    return LocalDays(timezone)
