"""The clocks of tickets: what they show, what stops them, and when they run out (rules 1 and 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from collector.business_time import BusinessCalendar
from collector.business_time.calendar import Pauses
from collector.config.indicators import Clocked
from collector.config.rules import Rules, Within
from collector.measuring.verdicts.selection import ANSWERS, Bool, Selection
from collector.measuring.verdicts.timeline import NEVER, Yardstick, known_at, news_of
from collector.model.columns import ABSENT, Fact, Facts, Int64

STOPPED = {Fact.HOLD: "on hold", Fact.GAP: "closed until reopened"}
"""What a ticket was while its clock stood still, in words."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of selected tickets, one a row of :class:`Selection`.

    ``start`` and ``end`` are the two events, ABSENT where they have not happened; ``until`` is
    where the clock is read: its end, or ``now``. ``seconds`` is business time less ``pauses``.
    ``running`` clocks have started, not ended, and do not stand still on hold.
    """

    row: Int64
    start: Int64
    end: Int64
    since: Int64
    until: Int64
    seconds: Int64
    running: Bool
    pauses: Pauses | None


class ClockReading(NamedTuple):
    """Clocks on a table, to be explained; ``at`` is where each row of the table stands in them.

    ``limit``: in seconds, None without one and in day mode, where ``due`` has the deadlines
    (epoch seconds). ``stopped``: what stopped them, as far as it was known. ``calendar``: its name.
    """

    clocks: Clocks
    at: Int64
    stopped: Facts
    calendar: str
    limit: int | None = None
    due: Int64 | None = None


def clocks(yardstick: Yardstick, indicator: Clocked, chosen: Selection) -> Clocks:
    """The clocks of an indicator (that of ``yardstick``) on the tickets it looks at."""
    calendar = yardstick.calendar
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
    pauses, held_now = _pauses(stopping(yardstick.rules, indicator), chosen)
    return Clocks(
        row=chosen.row,
        start=start,
        end=end,
        since=since,
        until=until,
        seconds=calendar.elapsed(since, until, pauses),
        running=started & ~ended & ~held_now,
        pauses=pauses,
    )


def stopping(rules: Rules, indicator: Clocked) -> list[Fact]:
    """What stops this clock (rule 3): being on hold, and being done until it was reopened."""
    if indicator.end == "first_response":
        return [Fact.HOLD] if rules.response_pauses else []
    on_hold = [Fact.HOLD] if rules.resolution_pauses else []
    return [*on_hold, Fact.GAP] if rules.closed_pauses else on_hold


def _pauses(stops: list[Fact], chosen: Selection) -> tuple[Pauses | None, Bool]:
    """The facts that stop this clock, as far as they are known, and which tickets they stop now."""
    stopped_now = np.zeros(len(chosen.row), dtype=np.bool_)
    if not stops:
        return None, stopped_now
    position = np.full(len(chosen.table), -1, dtype=np.int64)
    position[chosen.row] = np.arange(len(chosen.row))
    facts = chosen.table.facts.of(*stops)
    known = known_pauses(facts.where(position[facts.row] >= 0), chosen.now)
    at, end = position[known.row], known_at(known.end, chosen.now)
    stopped_now[at[end == ABSENT]] = True
    return Pauses(at, known.start, np.where(end == ABSENT, chosen.now, end)), stopped_now


def known_pauses(facts: Facts, now: int) -> Facts:
    """Those of the facts that stop clocks which one knew of at ``now``.

    That a ticket was done until it was reopened is not known before it is.
    """
    since = np.where(facts.kind == Fact.GAP, facts.end, facts.start)
    return facts.where(since <= now)


def facts_of_clock(rules: Rules, indicator: Clocked) -> list[Fact]:
    """What a clock and the cross-check of it look at, besides the events themselves."""
    own = [Fact.OWN_RESPONSE] if indicator.end == "first_response" else []
    return [*stopping(rules, indicator), *own]


def next_fact(yardstick: Yardstick, chosen: Selection, looked_at: Iterable[Fact]) -> Int64:
    """The earliest instant after ``now`` of each ticket's facts that its verdict depends on, or
    NEVER: ``looked_at``, and those that every kind looks at. Clocks of sources may be ahead of
    ours."""
    answers = (ANSWERS[each] for each in yardstick.rules.answers if each in ANSWERS)
    facts = chosen.table.facts.of(Fact.GAP, *answers, *looked_at)
    news = np.full(len(chosen.table), NEVER, dtype=np.int64)
    np.minimum.at(news, facts.row, news_of(chosen.now, facts.start, facts.end))
    return news[chosen.row]


def deadlines(calendar: BusinessCalendar, within: Within, read: Clocks, at: Int64) -> Int64:
    """The deadline of each clock at the positions ``at``, in epoch seconds.

    Day mode: the end of the n-th business day after the day of the start, moved on by what was
    paused until then. Otherwise the instant at which the limit is used up, if the clock runs from
    ``until``.
    """
    if within.seconds is not None:
        return calendar.add(read.until[at], within.seconds - read.seconds[at])
    assert within.business_days is not None
    due = calendar.end_of_business_day(read.since, within.business_days)
    if read.pauses is not None:
        due = calendar.add(read.since, calendar.elapsed(read.since, due), read.pauses)
    return due[at]
