"""What lies on the desk right now: open tickets and their deadlines, callers, and today's calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from collector.config.settings import sources_delivering
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.freshness import readings
from collector.measuring.judge import deadlines_ahead
from collector.measuring.verdicts.selection import excluded_for, priority_in_force, with_priorities
from collector.measuring.verdicts.timeline import NEVER, Yardstick
from collector.model.columns import CallTable, Int64, TicketTable
from collector.model.records import Outcome
from collector.store import PollState

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """The open tickets of one priority and organization.

    ``overdue`` have a running clock past its limit, ``unanswered`` of these one to the first
    response; ``overdue_when_read`` and ``unanswered_when_read`` are those of them that were so when
    their source was last read to its end: none of them can have been answered in time.
    ``next_deadline`` (epoch seconds) is the earliest one still ahead and ``next_response`` the
    earliest of a first response, None where none runs.
    """

    open: int
    overdue: int
    next_deadline: int | None
    unanswered: int = 0
    next_response: int | None = None
    overdue_when_read: int = 0
    unanswered_when_read: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The callers in one queue: how many, and since when (epoch seconds) the first of them. Who
    cannot still be waiting (``AlertSettings.caller_lost``) is not among them. ``when_read``: the
    longest wait in seconds when its source was last read to its end, None where nobody waited
    then."""

    callers: int
    since: int | None
    when_read: int | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """All that stands open at an instant. It is as it was until ``until`` (epoch seconds), unless
    the store changes: then the next deadline has passed, a caller cannot be
    waiting any more, or the day is over.

    ``unread``: what is told as of the last readings may be told otherwise after the next one,
    also if it changes nothing in the store. ``tickets``: by priority and organization.
    ``waiting``: by queue. ``calls``: today's, by queue and outcome.
    """

    until: int = 0
    unread: bool = False
    tickets: dict[Key, OpenTickets] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    calls: dict[tuple[str, str], int] = field(default_factory=dict)


def present(measuring: Measuring, now: int, states: Mapping[str, PollState]) -> Present:
    """What lies on the desk at ``now``; ``states`` were told by the store not later than this.
    Raises StoreError."""
    today = measuring.today(now)
    tomorrow = measuring.local.midnight(today.fromordinal(today.toordinal() + 1))
    read = readings(states)
    tickets, until, unread = _tickets(measuring, now, read)
    calls = measuring.store.records.calls((measuring.local.midnight(today), tomorrow))
    waiting, counted = measuring.store.records.open_calls(), _outcomes(calls)
    queues = {*_queues(waiting), *(queue for queue, _ in counted)}
    lost = measuring.settings.alerts.caller_lost
    still = waiting.take(np.flatnonzero(waiting.entered_at > now - lost))
    given_up = int(still.entered_at.min(initial=NEVER - lost)) + lost
    named = measuring.store.records.call_names(still.key.tolist())
    last = np.array([read.get(named[key][0], 0) for key in still.key.tolist()], dtype=np.int64)
    return Present(
        until=min(until, tomorrow, given_up),
        unread=unread or len(still) > 0,
        tickets=tickets,
        waiting=_waiting(still, queues, last - still.entered_at),
        calls=counted,
    )


def _tickets(
    measuring: Measuring, now: int, read: Mapping[str, int]
) -> tuple[dict[Key, OpenTickets], int, bool]:
    """The open tickets, when the next deadline will have passed, and whether one has that no whole
    reading has begun after."""
    table = measuring.store.records.open_tickets()
    first, first_response, ahead, response = (
        np.full(len(table), NEVER, dtype=np.int64) for _ in range(4)
    )
    for timeline in measuring.timelines:
        to_response = timeline.versions[0].indicator.deadline_event == "first_response"
        for row, due in deadlines_ahead(timeline, table, now, measuring.local):
            to_come = np.where(due >= now, due, NEVER)
            np.minimum.at(first, row, due)
            np.minimum.at(ahead, row, to_come)
            if to_response:
                np.minimum.at(first_response, row, due)
                np.minimum.at(response, row, to_come)
    last = _last_readings(measuring, table, (first, first_response), read)
    found = {
        (priority, organization): OpenTickets(0, 0, None)
        for priority in measuring.settings.priorities
        for organization in measuring.settings.organizations
    }
    for key, rows in grouped(general_rules(measuring, now), table).items():
        found[key] = OpenTickets(
            open=len(rows),
            overdue=int((first[rows] < now).sum()),
            next_deadline=_earliest(ahead[rows]),
            unanswered=int((first_response[rows] < now).sum()),
            next_response=_earliest(response[rows]),
            overdue_when_read=int((first[rows] < last[rows]).sum()),
            unanswered_when_read=int((first_response[rows] < last[rows]).sum()),
        )
    unread = any(((last <= due) & (due < now)).any() for due in (first, first_response))
    return found, int(ahead.min(initial=NEVER - 1)) + 1, unread


def _last_readings(
    measuring: Measuring, table: TicketTable, deadlines: tuple[Int64, ...], read: Mapping[str, int]
) -> Int64:
    """For each ticket an instant before which the same of its deadlines lie as before the last
    reading of its own source, which is looked up only where that makes a difference."""
    phones = sources_delivering(measuring.settings, "calls")
    names = {*read, *measuring.settings.sources} - {*phones}
    known = [read.get(name, 0) for name in names]
    oldest, newest = min(known, default=0), max(known, default=0)
    last = np.full(len(table), oldest, dtype=np.int64)
    between = np.zeros(len(table), dtype=np.bool_)
    for due in deadlines:
        between |= (oldest <= due) & (due < newest)
    rows = np.flatnonzero(between).tolist()
    named = measuring.store.records.ticket_names(table.key[rows].tolist()) if rows else {}
    for row in rows:
        last[row] = read.get(named[int(table.key[row])][0], 0)
    return last


def general_rules(measuring: Measuring, now: int) -> Yardstick:
    """A yardstick by the rules for all indicators, as they are in force on the date of ``now``."""
    today = measuring.today(now)
    rules = measuring.settings.general_rules(today)
    return replace(measuring.timelines[0].on(today), rules=rules)


def _earliest(instants: Int64) -> int | None:
    first = int(instants.min(initial=NEVER))
    return None if first == NEVER else first


def grouped(general: Yardstick, table: TicketTable) -> dict[Key, Int64]:
    """Rows of a table by priority and organization; what a ticket lacks is an empty text.

    ``general`` has the rules for all. What ``exclude`` names is left out.
    """
    table = with_priorities(general, table)
    codes: dict[Key, list[int]] = {}
    for code in np.unique(table.profile).tolist():
        profile = table.profiles[code]
        if not any(excluded_for(name, profile, general) for name in general.exclude):
            key = priority_in_force(profile, general) or "", profile.organization or ""
            codes.setdefault(key, []).append(code)
    return {key: np.flatnonzero(np.isin(table.profile, codes[key])) for key in sorted(codes)}


def _queues(table: CallTable) -> set[str]:
    return {table.profiles[code].queue for code in np.unique(table.profile).tolist()}


def _waiting(table: CallTable, queues: set[str], when_read: Int64) -> dict[str, Waiting]:
    """The callers of each queue; queues of today without any have none. ``when_read``: how long
    each had waited by the last reading, negative who came later."""
    found = {queue: Waiting(0, None) for queue in sorted(queues)}
    for queue in _queues(table):
        codes = [code for code, p in enumerate(table.profiles) if p.queue == queue]
        own = np.isin(table.profile, codes)
        longest = int(when_read[own].max())
        found[queue] = Waiting(
            callers=int(own.sum()),
            since=int(table.entered_at[own].min()),
            when_read=longest if longest >= 0 else None,
        )
    return found


def _outcomes(table: CallTable) -> dict[tuple[str, str], int]:
    """How many calls of each queue ended how; those of a queue are all told, also the zeros."""
    counted: Counter[tuple[str, str]] = Counter()
    for code, n in zip(*np.unique(table.profile, return_counts=True), strict=True):
        profile = table.profiles[int(code)]
        counted[profile.queue, profile.outcome] += int(n)
    queues = sorted({queue for queue, _ in counted})
    return {(queue, str(each)): counted[queue, each] for queue in queues for each in Outcome}


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock of an open ticket that runs. ``due``: its deadline in epoch seconds; ``priority``
    and ``organization`` are empty where the ticket has none, as in the counts."""

    due: int
    source: str
    id: str
    url: str | None
    priority: str
    organization: str
    indicator: str
    overdue: bool


def outstanding(
    measuring: Measuring, now: int, priority: str | None = None, organization: str | None = None
) -> list[RunningClock]:
    """The running clocks of open tickets, the earliest deadline first; None: of any.

    A ticket that is excluded from every figure is left out, as in the counts. Raises StoreError.
    """
    table = measuring.store.records.open_tickets()
    wanted = {
        row: key
        for key, rows in grouped(general_rules(measuring, now), table).items()
        if priority in (None, key[0]) and organization in (None, key[1])
        for row in rows.tolist()
    }
    running = [
        (due, row, timeline.id)
        for timeline in measuring.timelines
        for rows, deadlines in deadlines_ahead(timeline, table, now, measuring.local)
        for row, due in zip(rows.tolist(), deadlines.tolist(), strict=True)
        if row in wanted and due != NEVER
    ]
    names = measuring.store.records.ticket_names({int(table.key[row]) for _, row, _ in running})
    found = [
        RunningClock(due, *names[int(table.key[row])], *wanted[row], indicator, due < now)
        for due, row, indicator in running
    ]
    return sorted(found, key=lambda each: (each.due, each.source, each.id, each.indicator))
