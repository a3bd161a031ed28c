"""The open tickets one by one: those with a running clock, and why the others have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from collector.business_time import BusinessCalendar
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.open_work import Key, grouped, own_names
from collector.measuring.judge import open_by_version
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import NEVER
from collector.model.codes import NoClock
from collector.model.columns import ABSENT, Int64, TicketTable

_AHEAD = 8 * 86_400
"""How far to look for the next opening or closing: a week, and a day that the clock changes."""


class Hours(NamedTuple):
    """Whether a calendar is open now, and when that changes next (epoch seconds); None if not
    within a week."""

    is_open: bool
    until: int | None


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A running clock of an open ticket. ``due``: its deadline (epoch seconds); ``left``: seconds
    of business time until then, negative once they are overdrawn; ``hours``: of the calendar by
    which they pass. ``priority``, ``organization`` and ``team`` are its own, configured or not, and
    empty where the ticket has none."""

    due: int
    source: str
    id: str
    url: str | None
    priority: str
    organization: str
    team: str
    indicator: str
    overdue: bool
    left: int
    hours: Hours


@dataclass(frozen=True, slots=True)
class OpenList:
    """The open tickets at an instant. ``clocks``: those that run, the earliest deadline first.
    ``open``: how many tickets are open. ``without``: why the others have no running clock, with
    their number."""

    clocks: list[RunningClock]
    open: int
    without: dict[NoClock, int]
    excluded: int = 0


@dataclass(slots=True)
class _Seen:
    """What the indicators say of the rows of a table. ``running``: (due, row, indicator, left,
    hours); the rest: the rows with a clock on hold, one that cannot be told, one that has ended."""

    running: list[tuple[int, int, str, int, Hours]] = field(default_factory=list)
    on_hold: set[int] = field(default_factory=set)
    not_told: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)


def running_clocks(
    measuring: Measuring, now: int, priority: str | None = None, organization: str | None = None
) -> list[RunningClock]:
    """Return the running clocks of open tickets, see :func:`open_list`."""
    return open_list(measuring, now, priority, organization).clocks


def open_list(
    measuring: Measuring,
    now: int,
    priority: str | None = None,
    organization: str | None = None,
    team: str | None = None,
) -> OpenList:
    """Return the open tickets as known at ``now`` (epoch seconds).

    ``priority`` and ``organization``: only tickets of these groups, see ``OpenWork``; ``team``:
    only those that are with this team now, an empty text for those with none; None for any. Tickets
    that pass a filter under ``exclude`` are left out and only counted as ``excluded``. Raises
    StoreError if the store cannot be read.
    """
    table = measuring.store.records.open_tickets()
    named, own = own_names(measuring, table, now)
    teams = [profile.team or "" for profile in named.profiles]
    wanted = {
        row: own[int(named.profile[row])]
        for key, rows in grouped(measuring, named, own).items()
        if priority in (None, key[0]) and organization in (None, key[1])
        for row in rows.tolist()
        if team in (None, teams[named.profile[row]])
    }
    seen = _seen(measuring, table, now)
    shown = sorted(each for each in seen.running if each[1] in wanted)
    names = measuring.store.records.ticket_names({int(table.key[each[1]]) for each in shown})
    clocks = [
        RunningClock(
            due,
            *names[int(table.key[row])],
            *wanted[row],
            team=teams[named.profile[row]],
            indicator=indicator,
            overdue=due < now,
            left=left,
            hours=hours,
        )
        for due, row, indicator, left, hours in shown
    ]
    return OpenList(
        clocks=sorted(clocks, key=lambda each: (each.due, each.source, each.id, each.indicator)),
        open=len(wanted),
        without=_without(seen, wanted),
        excluded=sum(int(code) not in own for code in named.profile.tolist()),
    )


def open_teams(measuring: Measuring, now: int) -> list[str]:
    """Return the teams that open tickets are with now (epoch seconds), in alphabetical order; an
    empty text for tickets that are with none. Raises StoreError if the store cannot be read."""
    named, own = own_names(measuring, measuring.store.records.open_tickets(), now)
    return sorted({named.profiles[code].team or "" for code in own})


def _seen(measuring: Measuring, table: TicketTable, now: int) -> _Seen:
    found, hours = _Seen(), dict[int, Hours]()  # by calendar: hashing one takes longer
    for timeline in measuring.timelines:
        kind = kind_of(timeline.versions[0].indicator)
        if not kind.has_deadlines:
            continue
        for yardstick, rows in open_by_version(timeline, table, now, measuring.local):
            own, calendar = table.take(rows), yardstick.calendar
            assert calendar is not None
            running, due = kind.deadlines(yardstick, own, now)
            own_hours = hours.get(id(calendar)) or hours_of(calendar, now)
            hours[id(calendar)] = own_hours
            reading = kind.clock_reading(yardstick, own, now)
            assert reading is not None
            clocks = reading.readings
            left = calendar.elapsed(now, np.where(due == NEVER, now, due))
            if reading.limit is not None:  # pauses since an overrun deadline are not overdrawn
                left = reading.limit - clocks.seconds[reading.at[running]]
            for row, at, seconds in zip(
                rows[running].tolist(), due.tolist(), left.tolist(), strict=True
            ):
                if at != NEVER:
                    found.running.append((at, row, timeline.id, seconds, own_hours))
            has_ended = clocks.end != ABSENT
            paused = (clocks.start != ABSENT) & ~has_ended & ~clocks.running
            unknown = clocks.running & ~np.isin(clocks.row, running)
            found.ended.update(_rows(rows, clocks.row[has_ended]))
            found.on_hold.update(_rows(rows, clocks.row[paused]))
            found.not_told.update(_rows(rows, clocks.row[unknown]))
    return found


def _rows(rows: Int64, at: Int64) -> Iterable[int]:
    found: list[int] = rows[at].tolist()
    return found


def _without(seen: _Seen, wanted: Mapping[int, Key]) -> dict[NoClock, int]:
    """Why tickets have no running clock: of several reasons the one that may end first."""
    running = {row for _, row, *_ in seen.running}
    reasons = (
        (NoClock.ON_HOLD, seen.on_hold),
        (NoClock.NOT_TOLD, seen.not_told),
        (NoClock.ENDED, seen.ended),
    )
    counted = Counter(
        next((reason for reason, rows in reasons if row in rows), NoClock.NO_DEADLINE)
        for row in wanted
        if row not in running
    )
    return {each: counted[each] for each in NoClock if counted[each]}


def hours_of(calendar: BusinessCalendar, now: int) -> Hours:
    """Return whether a calendar is open at ``now`` (epoch seconds), and until when."""
    window = next(iter(calendar.windows(now, now + _AHEAD)), None)
    if window is None:
        return Hours(is_open=False, until=None)
    opens, closes = window
    if opens > now:
        return Hours(is_open=False, until=opens)
    return Hours(is_open=True, until=closes if closes < now + _AHEAD else None)
