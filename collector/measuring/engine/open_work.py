"""The open work right now: open tickets and their deadlines, waiting callers, and today's calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from collector.config.settings import Settings, sources_delivering
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.freshness import last_readings
from collector.measuring.judge import deadlines_ahead
from collector.measuring.verdicts.selection import excluded_for, priority_in_force, with_priorities
from collector.measuring.verdicts.timeline import NEVER, Yardstick
from collector.model.columns import CallTable, Int64, TicketTable
from collector.model.groups import group_of
from collector.model.records import CallOutcome
from collector.store import PollState

Key = tuple[str, str]

MOST_QUEUES = 50
"""The most queues that are told apart, the first ones by name: a telephone system has a few, but a
column of an export could hold anything."""


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """The open tickets of one priority and organization, as numbers of tickets.

    ``overdue``: with a running clock past its deadline; ``unanswered``: among these, with a clock
    to the first response. ``overdue_when_read`` and ``unanswered_when_read``: those of them that
    were so already when their source was last read completely; none of them can have been answered
    in time. ``next_deadline``: the earliest deadline still ahead (epoch seconds);
    ``next_response``: the earliest one of a first response. None if no such clock runs.
    """

    open: int
    overdue: int
    next_deadline: int | None
    unanswered: int = 0
    next_response: int | None = None
    overdue_when_read: int = 0
    unanswered_when_read: int = 0


@dataclass(frozen=True, slots=True)
class WaitingCallers:
    """The callers waiting in one queue: how many, and since when the first of them (epoch seconds).

    Callers who cannot be waiting any more (``AlertSettings.caller_lost``) are left out.
    ``when_read``: the longest wait in seconds when the source was last read completely; None if
    nobody waited then.
    """

    callers: int
    since: int | None
    when_read: int | None = None


@dataclass(frozen=True, slots=True)
class OpenWork:
    """All open work at an instant.

    ``until``: unless the store changes it stays the same until this instant (epoch seconds), when
    the next deadline has passed, a caller counts as lost, or the day is over. ``unread``: the
    numbers ``..._when_read`` may change with the next reading of a source, even if that changes
    nothing in the store. ``tickets``: by priority and organization as configured, ``other_than``
    these, or an empty text for tickets without one. ``waiting``: by queue, or the group of those
    beyond ``MOST_QUEUES``. ``calls``: number of today's calls by such a queue and outcome.
    ``refused``: number of today's callers who did not get into it, where any were recorded.
    """

    until: int = 0
    unread: bool = False
    tickets: dict[Key, OpenTickets] = field(default_factory=dict)
    waiting: dict[str, WaitingCallers] = field(default_factory=dict)
    calls: dict[tuple[str, str], int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


def open_work(measuring: Measuring, now: int, states: Mapping[str, PollState]) -> OpenWork:
    """Return the open work at ``now`` (epoch seconds).

    ``states``: how far the sources were read, taken from the store before this call.
    Raises StoreError if the store cannot be read.
    """
    today = measuring.today(now)
    tomorrow = measuring.local.midnight(today.fromordinal(today.toordinal() + 1))
    read = last_readings(states)
    tickets, until, unread = _tickets(measuring, now, read)
    calls = measuring.store.records.calls((measuring.local.midnight(today), tomorrow))
    waiting = measuring.store.records.open_calls()
    queues = _queues(queues_configured(measuring.settings), calls, waiting)
    caller_lost = measuring.settings.alerts.caller_lost
    callers = waiting.take(np.flatnonzero(waiting.entered_at > now - caller_lost))
    first_lost = int(callers.entered_at.min(initial=NEVER - caller_lost)) + caller_lost
    names = measuring.store.records.call_names(callers.key.tolist())
    last_read = np.array(
        [read.get(names[key][0], 0) for key in callers.key.tolist()], dtype=np.int64
    )
    return OpenWork(
        until=min(until, tomorrow, first_lost),
        unread=unread or len(callers) > 0,
        tickets=tickets,
        waiting=_waiting(callers, queues, last_read - callers.entered_at),
        calls=_outcomes(calls, queues),
        refused=_refused(calls, queues),
    )


def _tickets(
    measuring: Measuring, now: int, read: Mapping[str, int]
) -> tuple[dict[Key, OpenTickets], int, bool]:
    """The open tickets, the first instant after the next deadline, and whether a deadline has
    passed since its source was last read completely."""
    table = measuring.store.records.open_tickets()
    earliest, earliest_response, next_deadline, next_response = (
        np.full(len(table), NEVER, dtype=np.int64) for _ in range(4)
    )
    for timeline in measuring.timelines:
        to_response = timeline.versions[0].indicator.deadline_event == "first_response"
        for row, due in deadlines_ahead(timeline, table, now, measuring.local):
            future = np.where(due >= now, due, NEVER)
            np.minimum.at(earliest, row, due)
            np.minimum.at(next_deadline, row, future)
            if to_response:
                np.minimum.at(earliest_response, row, due)
                np.minimum.at(next_response, row, future)
    last_read = _last_readings(measuring, table, (earliest, earliest_response), read)
    found = {
        (priority, organization): OpenTickets(0, 0, None)
        for priority in measuring.settings.priorities
        for organization in measuring.settings.organizations
    }
    for key, rows in grouped(measuring, *own_names(measuring, table, now)).items():
        found[key] = OpenTickets(
            open=len(rows),
            overdue=int((earliest[rows] < now).sum()),
            next_deadline=_earliest(next_deadline[rows]),
            unanswered=int((earliest_response[rows] < now).sum()),
            next_response=_earliest(next_response[rows]),
            overdue_when_read=int((earliest[rows] < last_read[rows]).sum()),
            unanswered_when_read=int((earliest_response[rows] < last_read[rows]).sum()),
        )
    unread = any(((last_read <= due) & (due < now)).any() for due in (earliest, earliest_response))
    return found, int(next_deadline.min(initial=NEVER - 1)) + 1, unread


def _last_readings(
    measuring: Measuring, table: TicketTable, deadlines: tuple[Int64, ...], read: Mapping[str, int]
) -> Int64:
    """For each ticket an instant that separates its deadlines as the last complete reading of its
    source does. The source itself is looked up only for tickets where the choice matters."""
    phones = sources_delivering(measuring.settings, "calls")
    names = {*read, *measuring.settings.sources} - {*phones}
    known = [read.get(name, 0) for name in names]
    oldest, newest = min(known, default=0), max(known, default=0)
    last_read = np.full(len(table), oldest, dtype=np.int64)
    between = np.zeros(len(table), dtype=np.bool_)
    for due in deadlines:
        between |= (oldest <= due) & (due < newest)
    rows = np.flatnonzero(between).tolist()
    ticket_names = measuring.store.records.ticket_names(table.key[rows].tolist()) if rows else {}
    for row in rows:
        last_read[row] = read.get(ticket_names[int(table.key[row])][0], 0)
    return last_read


def _general_rules(measuring: Measuring, now: int) -> Yardstick:
    """Return a yardstick with the general rules in force on the date of ``now`` (epoch seconds)."""
    today = measuring.today(now)
    rules = measuring.settings.general_rules(today)
    return replace(measuring.timelines[0].on(today), rules=rules)


def _earliest(instants: Int64) -> int | None:
    earliest = int(instants.min(initial=NEVER))
    return None if earliest == NEVER else earliest


def own_names(
    measuring: Measuring, table: TicketTable, now: int
) -> tuple[TicketTable, dict[int, Key]]:
    """Return the table with the priorities that the general rules say, and the priority and
    organization of the tickets of each of its profiles, by code; empty texts where they have none.

    Profiles that pass a filter under ``exclude`` are left out.
    """
    general = _general_rules(measuring, now)
    table = with_priorities(general, table)
    found: dict[int, Key] = {}
    for code in np.unique(table.profile).tolist():
        profile = table.profiles[code]
        if not any(excluded_for(name, profile, general) for name in general.exclude):
            found[code] = priority_in_force(profile, general) or "", profile.organization or ""
    return table, found


def grouped(measuring: Measuring, table: TicketTable, names: Mapping[int, Key]) -> dict[Key, Int64]:
    """Return the rows of a table by configured priority and organization. ``names``: of each
    profile. There is one group of all priorities, and of all organizations, that are not
    configured: their number would grow with the records."""
    settings = measuring.settings
    codes: dict[Key, list[int]] = {}
    for code, (priority, organization) in names.items():
        key = (
            group_of(priority, settings.priorities),
            group_of(organization, settings.organizations),
        )
        codes.setdefault(key, []).append(code)
    return {key: np.flatnonzero(np.isin(table.profile, codes[key])) for key in sorted(codes)}


def queues_configured(settings: Settings) -> list[str]:
    """Return the queues that the configuration names, in its order, which have a 0 on a day without
    calls: those that sources map their queues to, and those that indicators ask for."""
    sources = (settings.sources[name] for name in sources_delivering(settings, "calls"))
    mapped = [queue for each in sources for queue in each.map.get("queue", {}).values()]
    filters = (getattr(each, "records", None) for each in settings.indicators.values())
    asked = [queue for each in filters for queue in getattr(each, "queue", None) or ()]
    return list(dict.fromkeys([*mapped, *asked]))


def _queues(configured: Collection[str], *tables: CallTable) -> dict[str, str]:
    """Return the group of each queue that is configured or in the tables: itself, or that of those
    beyond the most. The configured ones come first."""
    found = {*configured} | {
        table.profiles[code].queue for table in tables for code in np.unique(table.profile).tolist()
    }
    named = frozenset(sorted(found, key=lambda each: (each not in configured, each))[:MOST_QUEUES])
    return {queue: group_of(queue, named) for queue in found}


def _waiting(
    table: CallTable, queues: Mapping[str, str], when_read: Int64
) -> dict[str, WaitingCallers]:
    """The waiting callers of each group of ``queues``, also of those without any. ``when_read``:
    how many seconds each had waited at the last reading; negative for callers who came later."""
    group = np.array([queues.get(profile.queue, "") for profile in table.profiles])
    found: dict[str, WaitingCallers] = {}
    for name in sorted(set(queues.values())):
        own = group[table.profile] == name if len(table) else np.zeros(0, dtype=np.bool_)
        longest = int(when_read[own].max(initial=-1))
        found[name] = WaitingCallers(
            callers=int(own.sum()),
            since=int(table.entered_at[own].min()) if own.any() else None,
            when_read=longest if longest >= 0 else None,
        )
    return found


def _outcomes(table: CallTable, queues: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """The number of calls that entered a queue by group of queues and outcome, with zeros for each
    outcome of a group that has calls, or of which none came today."""
    counted = _counted(table, queues)
    entered = [each for each in CallOutcome if each is not CallOutcome.REFUSED]
    names = sorted(set(queues.values()))
    return {(name, str(each)): counted[name, each] for name in names for each in entered}


def _refused(table: CallTable, queues: Mapping[str, str]) -> dict[str, int]:
    """The callers who were not let in by group of queues; none where none are recorded, since most
    telephone systems do not record them."""
    counted = _counted(table, queues)
    return {q: n for (q, outcome), n in sorted(counted.items()) if outcome == CallOutcome.REFUSED}


def _counted(table: CallTable, queues: Mapping[str, str]) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for code, n in zip(*np.unique(table.profile, return_counts=True), strict=True):
        profile = table.profiles[int(code)]
        counted[queues[profile.queue], profile.outcome] += int(n)
    return counted
