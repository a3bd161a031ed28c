"""Clocks of tickets: elapsed time, pauses and deadlines."""

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
from collector.measuring.verdicts.timeline import NEVER, Yardstick, known_at, next_instant
from collector.model.columns import ABSENT, Fact, Facts, Int64

PAUSE_WORDS = {Fact.HOLD: "on hold", Fact.GAP: "closed until reopened"}
"""Why a clock was paused, in words: they stand in formulas and explanations."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of the selected tickets: one element per row of :class:`Selection`.

    ``start`` and ``end`` are the two events in epoch seconds, ABSENT where they have not happened.
    ``since`` and ``until`` bound the time that is measured: ``since`` is the start, ``until`` the
    end or, while the clock has not ended, ``now``. ``seconds`` is the business time between them
    less ``pauses``. ``running`` clocks have started, have not ended and are not paused at ``now``.
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
    """The clocks of a table's tickets, with what ``explain`` needs to print them.

    ``at``: for each row of the table its index in ``readings``, -1 where it has none. ``limit``: in
    seconds of business time; None without a limit and in day mode, where ``due`` holds the
    deadlines (epoch seconds). ``stopped``: the pauses known at ``now``. ``calendar``: its name.
    """

    readings: Clocks
    at: Int64
    stopped: Facts
    calendar: str
    limit: int | None = None
    due: Int64 | None = None


def read_clocks(yardstick: Yardstick, indicator: Clocked, chosen: Selection) -> Clocks:
    """Read the clock of ``indicator`` on every selected ticket, by the calendar and rules of
    ``yardstick``."""
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
    pauses, paused_now = _pauses(pausing_facts(yardstick.rules, indicator), chosen)
    return Clocks(
        row=chosen.row,
        start=start,
        end=end,
        since=since,
        until=until,
        seconds=calendar.elapsed(since, until, pauses),
        running=started & ~ended & ~paused_now,
        pauses=pauses,
    )


def pausing_facts(rules: Rules, indicator: Clocked) -> list[Fact]:
    """Return the facts that pause this clock under the rules: being on hold,
    and being resolved until a reopening."""
    if indicator.end == "first_response":
        return [Fact.HOLD] if rules.response_pauses else []
    on_hold = [Fact.HOLD] if rules.resolution_pauses else []
    return [*on_hold, Fact.GAP] if rules.closed_pauses else on_hold


def _pauses(stops: list[Fact], chosen: Selection) -> tuple[Pauses | None, Bool]:
    """The pauses known at ``now``, and which tickets they pause at ``now``."""
    paused_now = np.zeros(len(chosen.row), dtype=np.bool_)
    if not stops:
        return None, paused_now
    position = np.full(len(chosen.table), -1, dtype=np.int64)
    position[chosen.row] = np.arange(len(chosen.row))
    facts = chosen.table.facts.of(*stops)
    known = known_pauses(facts.where(position[facts.row] >= 0), chosen.now)
    at, end = position[known.row], known_at(known.end, chosen.now)
    paused_now[at[end == ABSENT]] = True
    return Pauses(at, known.start, np.where(end == ABSENT, chosen.now, end)), paused_now


def known_pauses(facts: Facts, now: int) -> Facts:
    """Return those of the pausing ``facts`` that were known at ``now`` (epoch seconds).

    A gap between resolution and reopening is known only once the ticket has been reopened.
    """
    since = np.where(facts.kind == Fact.GAP, facts.end, facts.start)
    return facts.where(since <= now)


def facts_read_by(rules: Rules, indicator: Clocked) -> list[Fact]:
    """Return the facts that a clock and its cross-check depend on, besides its two events."""
    own = [Fact.OWN_RESPONSE] if indicator.end == "first_response" else []
    return [*pausing_facts(rules, indicator), *own]


def next_fact(yardstick: Yardstick, chosen: Selection, looked_at: Iterable[Fact]) -> Int64:
    """Return, for each selected ticket, the earliest instant after ``now`` among the facts that its
    verdict depends on (epoch seconds), or NEVER.

    These are ``looked_at`` and the facts that every kind depends on. Facts may lie after ``now``
    since the clock of a source can be ahead of ours.
    """
    answers = (ANSWERS[each] for each in yardstick.rules.answers if each in ANSWERS)
    facts = chosen.table.facts.of(Fact.GAP, *answers, *looked_at)
    next_event = np.full(len(chosen.table), NEVER, dtype=np.int64)
    np.minimum.at(next_event, facts.row, next_instant(chosen.now, facts.start, facts.end))
    return next_event[chosen.row]


def deadlines(calendar: BusinessCalendar, within: Within, read: Clocks, at: Int64) -> Int64:
    """Return the deadlines of the clocks at the indices ``at``, in epoch seconds.

    In day mode that is the end of the n-th business day after the day of the start, moved on by
    the business time that was paused. Otherwise it is the instant at which the limit is used up
    if the clock goes on running from ``until``; of an overdue clock the one at which it was.
    """
    if within.seconds is not None:
        late = read.seconds > within.seconds
        passed = calendar.add(read.since, np.where(late, within.seconds, 0), read.pauses)
        ahead = calendar.add(read.until, np.where(late, 0, within.seconds - read.seconds))
        return np.where(late, passed, ahead)[at]
    assert within.business_days is not None
    due = calendar.end_of_business_day(read.since, within.business_days)
    if read.pauses is not None:
        due = calendar.add(read.since, calendar.elapsed(read.since, due), read.pauses)
    return due[at]
