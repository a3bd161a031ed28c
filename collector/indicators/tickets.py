"""Tickets → verdicts: share_within, share_where, mean_duration and count (DESIGN §6, rules 1–7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collector.business_time import Pauses
from collector.indicators.verdicts import NEVER, Verdict, Verdicts, Yardstick, known_at, next_news
from collector.records import MARKS
from collector.settings import (
    Count,
    MeanDuration,
    ShareWhere,
    ShareWithin,
    TicketFilter,
    TicketIndicator,
)
from collector.tables import ABSENT, Fact, Int64, TicketProfile, TicketTable

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Selection:
    """The tickets an indicator looks at: their rows, and what was known of them at ``now``."""

    table: TicketTable
    now: int
    row: Int64
    first_response_at: Int64
    resolved_at: Int64
    closed_at: Int64
    opened_at: Int64
    counted_at: Int64

    @property
    def profile(self) -> NDArray[np.int32]:
        """The profile code of each selected ticket."""
        return self.table.profile[self.row]

    def of_profiles(self, decided: list[bool]) -> Bool:
        """What was decided per profile, for each selected ticket."""
        return np.array(decided, dtype=np.bool_)[self.profile]


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
    return _exclude(yardstick, chosen, verdicts)


def select(yardstick: Yardstick, table: TicketTable, now: int) -> Selection:
    """The tickets that ``records`` names, with effective first response and resolution."""
    assert isinstance(yardstick.indicator, TicketIndicator)
    records = yardstick.indicator.records
    matching = np.array([matches(records, p, yardstick) for p in table.profiles], dtype=np.bool_)
    row = np.flatnonzero(matching[table.profile]) if len(table) else np.empty(0, dtype=np.int64)
    opened = table.opened_at[row]
    first_resolved = known_at(table.first_resolved_at[row], now)
    resolved = known_at(table.resolved_at[row], now)
    if yardstick.rules.resolution == "first":
        resolved = first_resolved
    response = known_at(table.first_response_at[row], now)
    by_phone = np.array([p.solved_by_registrar for p in table.profiles], dtype=np.bool_)
    if len(row) and yardstick.rules.phone_solved_within:
        at_once = first_resolved - opened <= yardstick.rules.phone_solved_within
        at_once &= (first_resolved != ABSENT) & by_phone[table.profile[row]]
        response = np.where(at_once & (response == ABSENT), opened, response)
    return Selection(
        table=table,
        now=now,
        row=row,
        first_response_at=response,
        resolved_at=resolved,
        closed_at=known_at(table.closed_at[row], now),
        opened_at=opened,
        counted_at={
            "opened": opened,
            "responded": table.first_response_at[row],
            "resolved": table.resolved_at[row],
        }[yardstick.clock],
    )


def matches(records: TicketFilter, profile: TicketProfile, yardstick: Yardstick) -> bool:
    """Whether a profile is one of ``records``; priority is that of the policy in force."""
    return (
        (records.source is None or profile.source in records.source)
        and (records.kind is None or profile.kind in records.kind)
        and (records.organization is None or profile.organization in records.organization)
        and (records.category is None or profile.category in records.category)
        and (records.team is None or profile.team in records.team)
        and (records.status is None or profile.status in records.status)
        and (records.priority is None or priority_in_force(profile, yardstick) in records.priority)
    )


def excluded_for(reason: str, profile: TicketProfile, yardstick: Yardstick) -> bool:
    """Whether rule 7 leaves a profile out for ``reason``: its mark, or a name under ``exclude``."""
    chosen_out = yardstick.exclude.get(reason)
    return profile.mark == reason or (
        profile.mark is None and chosen_out is not None and matches(chosen_out, profile, yardstick)
    )


def priority_in_force(profile: TicketProfile, yardstick: Yardstick) -> str | None:
    """The priority that decides the limit: at opening, at the first response, or the strictest."""
    held = profile.priorities
    match yardstick.rules.priority:
        case "at_open":
            return held[0] if held else None
        case "at_response":
            return profile.priority_at_response
        case _:
            order = {name: rank for rank, name in enumerate(yardstick.priorities)}
            return min(held, key=lambda p: order.get(p, len(order)), default=None)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of selected tickets, one a row of :class:`Selection`.

    ``start`` and ``end`` are the two events, ABSENT where they have not happened; ``until`` is
    where the clock is read: its end, or ``now``. ``seconds`` is business time less ``pauses``.
    ``running`` clocks have started, not ended, and do not stand still on hold. ``news`` is when a
    known hold begins or ends after ``now``, or NEVER: clocks of sources may be ahead of ours.
    """

    row: Int64
    start: Int64
    end: Int64
    since: Int64
    until: Int64
    seconds: Int64
    running: Bool
    pauses: Pauses | None
    news: Int64

    def pauses_of(self, i: int) -> list[tuple[int, int]]:
        """The pauses of one clock."""
        if self.pauses is None:
            return []
        mine = self.pauses.row == i
        return list(
            zip(self.pauses.start[mine].tolist(), self.pauses.end[mine].tolist(), strict=True)
        )


def clocks(yardstick: Yardstick, chosen: Selection) -> Clocks:
    """The clocks of a share_within or a mean_duration."""
    indicator, calendar = yardstick.indicator, yardstick.calendar
    assert isinstance(indicator, ShareWithin | MeanDuration)
    assert calendar is not None
    start = {"opened": chosen.opened_at, "first_response": chosen.first_response_at}[
        indicator.start
    ]
    end = {
        "first_response": chosen.first_response_at,
        "resolved": chosen.resolved_at,
        "closed": chosen.closed_at,
    }[indicator.end]
    started, ended = (start != ABSENT) & (start <= chosen.now), end != ABSENT
    until = np.where(ended, end, chosen.now)
    since = np.where(started, start, until)
    pauses, held_now, news = _pauses(yardstick, indicator.end, chosen)
    return Clocks(
        row=chosen.row,
        start=start,
        end=end,
        since=since,
        until=until,
        seconds=calendar.elapsed(since, until, pauses),
        running=started & ~ended & ~held_now,
        pauses=pauses,
        news=news,
    )


def deadlines(yardstick: Yardstick, read: Clocks, at: Int64) -> Int64:
    """The deadline of each clock at the positions ``at``; only for share_within.

    Day mode: the end of the n-th business day after the day of the start, moved on by what was
    paused until then. Otherwise the instant at which the limit is used up, if the clock runs from
    ``until``.
    """
    indicator, calendar = yardstick.indicator, yardstick.calendar
    assert isinstance(indicator, ShareWithin)
    assert calendar is not None
    if indicator.within.seconds is not None:
        return calendar.add(read.until[at], indicator.within.seconds - read.seconds[at])
    assert indicator.within.business_days is not None
    due = calendar.end_of_business_day(read.since, indicator.within.business_days)
    if read.pauses is not None:
        due = calendar.add(read.since, calendar.elapsed(read.since, due), read.pauses)
    return due[at]


def running_clocks(yardstick: Yardstick, table: TicketTable, now: int) -> tuple[Int64, Int64]:
    """The rows of ``table`` whose clock runs at ``now``, and the deadline of each.

    A deadline in the past is that of a ticket overdue. Tickets whose clock stands still on hold
    have none. Only for share_within.
    """
    read = clocks(yardstick, select(yardstick, table, now))
    at = np.flatnonzero(read.running)
    return read.row[at], deadlines(yardstick, read, at)


def _clocked(
    yardstick: Yardstick, indicator: ShareWithin | MeanDuration, chosen: Selection
) -> Verdicts:
    """Rule 1: ended → by elapsed ≤ limit; running past it → missed; running before it → pending."""
    read = clocks(yardstick, chosen)
    started, ended = read.start != ABSENT, read.end != ABSENT
    late, wakes_at = _late(yardstick, indicator, read)
    np.minimum(wakes_at, read.news, out=wakes_at)
    verdict = np.full(len(read.row), Verdict.PENDING, dtype=np.int8)
    verdict[started & ended & ~late] = Verdict.MET
    verdict[started & late] = Verdict.MISSED
    found = _verdicts(chosen, verdict, np.where(started, read.seconds, ABSENT), wakes_at)
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


def _pauses(yardstick: Yardstick, end: str, chosen: Selection) -> tuple[Pauses | None, Bool, Int64]:
    """The holds that stop this clock, which tickets are on hold now, and their next news."""
    held_now = np.zeros(len(chosen.row), dtype=np.bool_)
    news = np.full(len(chosen.row), NEVER, dtype=np.int64)
    rules = yardstick.rules
    if not (rules.response_pauses if end == "first_response" else rules.resolution_pauses):
        return None, held_now, news
    holds = chosen.table.facts.of(Fact.HOLD)
    position = np.full(len(chosen.table), -1, dtype=np.int64)
    position[chosen.row] = np.arange(len(chosen.row))
    at = position[holds.row]
    mine = at >= 0
    np.minimum.at(news, at[mine], next_news(chosen.now, holds.start, holds.end)[mine])
    keep = mine & (holds.start <= chosen.now)
    at, start, stop = at[keep], holds.start[keep], known_at(holds.end[keep], chosen.now)
    held_now[at[stop == ABSENT]] = True
    return Pauses(at, start, np.where(stop == ABSENT, chosen.now, stop)), held_now, news


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
    seconds: Int64 | None = None,
    wakes_at: Int64 | None = None,
) -> Verdicts:
    n = len(chosen.row)
    return Verdicts(
        row=chosen.row,
        verdict=verdict,
        reason=np.zeros(n, dtype=np.int16),
        seconds=np.full(n, ABSENT, dtype=np.int64) if seconds is None else seconds,
        wakes_at=np.full(n, NEVER, dtype=np.int64) if wakes_at is None else wakes_at,
    )


def _exclude(yardstick: Yardstick, chosen: Selection, found: Verdicts) -> Verdicts:
    """Rule 7, then what lies after ``now``."""
    for index, reason in enumerate(yardstick.reasons):
        if reason in MARKS or reason in yardstick.exclude:
            left_out = [excluded_for(reason, p, yardstick) for p in chosen.table.profiles]
            _set_reason(found, chosen.of_profiles(left_out), index)
    later = (chosen.opened_at > chosen.now) | (chosen.counted_at > chosen.now)
    found.verdict[later] = Verdict.LATER
    table, row = chosen.table, chosen.row
    news = next_news(
        chosen.now,
        table.opened_at[row],
        table.first_response_at[row],
        table.first_resolved_at[row],
        table.resolved_at[row],
        table.closed_at[row],
    )
    np.minimum(found.wakes_at, news, out=found.wakes_at)
    return found


def _give_reason(yardstick: Yardstick, found: Verdicts, where: Bool, reason: str) -> None:
    _set_reason(found, where, yardstick.reasons.index(reason))


def _set_reason(found: Verdicts, where: Bool, index: int) -> None:
    found.verdict[where] = Verdict.EXCLUDED
    found.reason[where] = index
    found.wakes_at[where] = NEVER
