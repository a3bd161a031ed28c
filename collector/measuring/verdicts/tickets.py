"""Tickets → verdicts: share_within, share_where, mean_duration and count (DESIGN §6, rules 1–7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collector.config.indicators import Count, MeanDuration, ShareWhere, ShareWithin
from collector.measuring.verdicts.clocks import Clocks, clocks, deadlines, next_fact
from collector.measuring.verdicts.selection import Bool, Selection, excluded_for, matches, select
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick, news_of
from collector.model.columns import ABSENT, Int64, TicketTable
from collector.model.records import MARKS


def measure_tickets(yardstick: Yardstick, table: TicketTable, now: int) -> Verdicts:
    """The verdict on every ticket of ``table`` that the indicator's ``records`` names.

    ``now`` (epoch seconds): what happened later is not known yet. Pure and vectorised.
    """
    chosen = select(yardstick, table, now)
    indicator = yardstick.indicator
    if isinstance(indicator, ShareWithin | MeanDuration):
        verdicts = _clocked(yardstick, indicator, chosen)
    elif isinstance(indicator, ShareWhere):
        verdicts = _where(yardstick, indicator, chosen)
    else:
        assert isinstance(indicator, Count)
        verdicts = _verdicts(chosen, np.full(len(chosen.row), Verdict.MET, dtype=np.int8))
    _exclude(yardstick, chosen, verdicts)
    _wake_by_news(yardstick, chosen, verdicts)
    return verdicts


def _clocked(
    yardstick: Yardstick, indicator: ShareWithin | MeanDuration, chosen: Selection
) -> Verdicts:
    """Rule 1: ended → by elapsed ≤ limit; running past it → missed; running before it → pending."""
    read = clocks(yardstick, chosen)
    started, ended = read.start != ABSENT, read.end != ABSENT
    late, wakes_at = _late(yardstick, indicator, read)
    verdict = np.full(len(read.row), Verdict.PENDING, dtype=np.int8)
    verdict[started & ended & ~late] = Verdict.MET
    verdict[started & late] = Verdict.MISSED
    seconds = np.where(started, read.seconds, ABSENT)
    found = _verdicts(chosen, verdict, wakes_at, seconds, started & ended)
    _give_reason(yardstick, found, ~started & ended, "unanswered")
    backwards = started & ended & (read.end < read.start)
    _give_reason(yardstick, found, backwards, "ends_before_start")
    if indicator.end == "resolved":
        _give_reason(yardstick, found, ~ended & (chosen.closed_at != ABSENT), "no_resolved_at")
    return found


def _late(
    yardstick: Yardstick, indicator: ShareWithin | MeanDuration, read: Clocks
) -> tuple[Bool, Int64]:
    """Whether each clock has run past its limit, and when it will (NEVER: not by waiting)."""
    wakes_at = np.full(len(read.row), NEVER, dtype=np.int64)
    if isinstance(indicator, MeanDuration):
        return np.zeros(len(read.row), dtype=np.bool_), wakes_at
    calendar = yardstick.calendar
    assert calendar is not None
    if indicator.within.seconds is not None:
        late = read.seconds > indicator.within.seconds
        waiting = np.flatnonzero(read.running & ~late)
        rest = indicator.within.seconds + 1 - read.seconds[waiting]
        wakes_at[waiting] = calendar.add(read.until[waiting], rest)
        return late, wakes_at
    due = deadlines(yardstick, read, np.arange(len(read.row)))
    late = read.until > due
    return late, np.where(read.running & ~late, due + 1, NEVER)


def _where(yardstick: Yardstick, indicator: ShareWhere, chosen: Selection) -> Verdicts:
    """Decided when the ticket is resolved; a team outside ``only_teams`` decides it for ever."""
    where, profiles = indicator.where, chosen.table.profiles
    allowed = where.only_teams
    inside = [allowed is None or set(p.teams) <= set(allowed) for p in profiles]
    true = [ok and matches(where, p, yardstick) for ok, p in zip(inside, profiles, strict=True)]
    done = (chosen.resolved_at != ABSENT) | (chosen.closed_at != ABSENT)
    verdict = np.full(len(chosen.row), Verdict.PENDING, dtype=np.int8)
    holds_true = chosen.of_profiles(true)
    verdict[done & holds_true] = Verdict.MET
    verdict[done & ~holds_true] = Verdict.MISSED
    verdict[~chosen.of_profiles(inside)] = Verdict.MISSED
    found = _verdicts(chosen, verdict)
    if allowed is not None:
        _give_reason(
            yardstick, found, chosen.of_profiles([not p.teams for p in profiles]), "no_team"
        )
    return found


def _verdicts(
    chosen: Selection,
    verdict: NDArray[np.int8],
    wakes_at: Int64 | None = None,
    seconds: Int64 | None = None,
    final: Bool | None = None,
) -> Verdicts:
    n = len(chosen.row)
    return Verdicts(
        row=chosen.row,
        verdict=verdict,
        reason=np.zeros(n, dtype=np.int16),
        seconds=np.full(n, ABSENT, dtype=np.int64) if seconds is None else seconds,
        final=np.zeros(n, dtype=np.bool_) if final is None else final,
        counted_at=chosen.counted_at,
        wakes_at=np.full(n, NEVER, dtype=np.int64) if wakes_at is None else wakes_at,
    )


def _exclude(yardstick: Yardstick, chosen: Selection, found: Verdicts) -> None:
    """Rule 7, then what lies after ``now``."""
    for index, reason in enumerate(yardstick.reasons):
        if reason in MARKS or reason in yardstick.exclude:
            left_out = [excluded_for(reason, p, yardstick) for p in chosen.table.profiles]
            _set_reason(found, chosen.of_profiles(left_out), index)
    later = (chosen.opened_at > chosen.now) | (chosen.counted_at > chosen.now)
    found.verdict[later | (chosen.counted_at == ABSENT)] = Verdict.LATER


def _wake_by_news(yardstick: Yardstick, chosen: Selection, found: Verdicts) -> None:
    """Also what is excluded may no longer be once something becomes known that lies ahead."""
    table, row = chosen.table, chosen.row
    news = news_of(
        chosen.now,
        table.opened_at[row],
        table.first_response_at[row],
        table.first_resolved_at[row],
        table.resolved_at[row],
        table.closed_at[row],
    )
    np.minimum(found.wakes_at, news, out=found.wakes_at)
    np.minimum(found.wakes_at, next_fact(yardstick, chosen), out=found.wakes_at)


def _give_reason(yardstick: Yardstick, found: Verdicts, where: Bool, reason: str) -> None:
    _set_reason(found, where, yardstick.reasons.index(reason))


def _set_reason(found: Verdicts, where: Bool, index: int) -> None:
    found.verdict[where] = Verdict.EXCLUDED
    found.reason[where] = index
    found.wakes_at[where] = NEVER
