"""The records behind a figure: verdict, reason, and the arithmetic that led there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from collector.business_time import BusinessCalendar
from collector.indicators.periods import Period
from collector.indicators.tickets import (
    Clocks,
    clocks,
    deadlines,
    priority_in_force,
    select,
)
from collector.indicators.verdicts import Verdict, Verdicts, Yardstick
from collector.measuring import Measuring
from collector.settings import MeanDuration, ServiceLevel, ShareWhere, ShareWithin
from collector.tables import ABSENT, CallTable, TicketTable

Span = tuple[int, int]
Name = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record's part in a figure. Instants in epoch seconds, durations in seconds.

    ``start`` and ``end`` are the two events of the clock; ``until`` is where it was read, which is
    now while it runs. ``counted`` are the open windows that passed, ``paused`` the holds that were
    taken off, ``closed`` the dates between without business hours, and why. ``limit`` is absent
    where nothing is limited; ``due`` is set in day mode, where the deadline is a date.
    """

    source: str
    id: str
    url: str | None
    organization: str | None
    verdict: str
    reason: str
    counted_at: int
    facts: dict[str, str]
    start: int | None = None
    end: int | None = None
    until: int | None = None
    elapsed: int | None = None
    limit: int | None = None
    due: int | None = None
    calendar: str | None = None
    counted: tuple[Span, ...] = ()
    paused: tuple[Span, ...] = ()
    closed: tuple[tuple[date, str], ...] = ()


def explain(
    measuring: Measuring, yardstick: Yardstick, period: Period, now: int
) -> Iterator[Explanation]:
    """Every record that an indicator's figure of ``period`` rests on, in the order they count."""
    start, end = measuring.instants(period)
    names = measuring.store
    table = measuring.table(yardstick.clock, (start, end))
    found, counted_at = measuring.verdicts(yardstick, table, now)
    order = sorted(range(len(found.row)), key=lambda i: (int(counted_at[i]), int(found.row[i])))
    order = [i for i in order if found.verdict[i] != Verdict.LATER]
    keys = [int(table.key[found.row[i]]) for i in order]
    if isinstance(table, CallTable):
        known = names.call_names(keys)
        for i, key in zip(order, keys, strict=True):
            yield _call(yardstick, table, found, i, known[key])
        return
    known = names.ticket_names(keys)
    indicator = yardstick.indicator
    running = due = None
    if isinstance(indicator, ShareWithin | MeanDuration):
        running = clocks(yardstick, select(yardstick, table, now))
    if running and isinstance(indicator, ShareWithin) and indicator.within.business_days:
        due = deadlines(yardstick, running, np.arange(len(running.row)))
    for i, key in zip(order, keys, strict=True):
        plain = _ticket(yardstick, table, found, i, known[key], int(counted_at[i]))
        due_at = None if due is None else int(due[i])
        yield plain if running is None else _timed(measuring, yardstick, plain, running, i, due_at)


def _call(
    yardstick: Yardstick,
    table: CallTable,
    found: Verdicts,
    i: int,
    name: Name,
) -> Explanation:
    row = int(found.row[i])
    profile = table.profiles[table.profile[row]]
    indicator = yardstick.indicator
    seconds = int(found.seconds[i])
    return Explanation(
        source=name[0],
        id=name[1],
        url=None,
        organization=profile.organization,
        verdict=Verdict(found.verdict[i]).name.lower(),
        reason=yardstick.reasons[found.reason[i]],
        counted_at=int(table.entered_at[row]),
        facts={"queue": profile.queue, "outcome": profile.outcome},
        start=int(table.entered_at[row]),
        elapsed=None if seconds == ABSENT else seconds,
        limit=indicator.within if isinstance(indicator, ServiceLevel) else None,
    )


def _ticket(
    yardstick: Yardstick,
    table: TicketTable,
    found: Verdicts,
    i: int,
    name: Name,
    counted_at: int,
) -> Explanation:
    profile = table.profiles[table.profile[found.row[i]]]
    facts = {"kind": profile.kind or "-", "priority": priority_in_force(profile, yardstick) or "-"}
    if isinstance(yardstick.indicator, ShareWhere):
        facts["teams"] = ", ".join(profile.teams) or "-"
        facts["status"] = profile.status or "-"
    return Explanation(
        source=name[0],
        id=name[1],
        url=name[2],
        organization=profile.organization,
        verdict=Verdict(found.verdict[i]).name.lower(),
        reason=yardstick.reasons[found.reason[i]],
        counted_at=counted_at,
        facts=facts,
    )


def _timed(
    measuring: Measuring,
    yardstick: Yardstick,
    plain: Explanation,
    running: Clocks,
    i: int,
    due: int | None,
) -> Explanation:
    """The same explanation with its clock."""
    indicator, calendar = yardstick.indicator, yardstick.calendar
    assert isinstance(indicator, ShareWithin | MeanDuration)
    assert calendar is not None
    start, end, until = int(running.start[i]), int(running.end[i]), int(running.until[i])
    if start == ABSENT:
        return plain
    return Explanation(
        **{name: getattr(plain, name) for name in _PLAIN},
        start=start,
        end=None if end == ABSENT else end,
        until=until,
        elapsed=int(running.seconds[i]),
        limit=indicator.within.seconds if isinstance(indicator, ShareWithin) else None,
        due=due,
        calendar=indicator.calendar,
        counted=tuple(calendar.windows(start, until)),
        paused=tuple(running.pauses_of(i)),
        closed=tuple(_closed_between(measuring, indicator.calendar, calendar, start, until)),
    )


_PLAIN = ("source", "id", "url", "organization", "verdict", "reason", "counted_at", "facts")


def _closed_between(
    measuring: Measuring, name: str, calendar: BusinessCalendar, start: int, until: int
) -> Iterator[tuple[date, str]]:
    """The dates between two instants that are closed or short, and why."""
    if until <= start:
        return
    day, last = (date.fromordinal(int(calendar.local.dates(at))) for at in (start, until))
    special = measuring.special_days(name)
    while day <= last:
        if day in special:
            yield day, special[day]
        elif not calendar.windows(
            calendar.local.midnight(day), calendar.local.midnight(day + timedelta(days=1))
        ):
            yield day, "closed all day"
        day += timedelta(days=1)
