"""The records behind a figure: verdict, reason, and the arithmetic that led there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from collector.business_time import BusinessCalendar
from collector.indicators.clocks import Clocks, clocks, deadlines, stopping
from collector.indicators.judging import Judged
from collector.indicators.periods import Period
from collector.indicators.selection import priority_in_force, select
from collector.indicators.verdicts import Timeline, Verdict, Yardstick
from collector.kinds import MeanDuration, ServiceLevel, ShareWhere, ShareWithin
from collector.measuring import Measuring
from collector.tables import ABSENT, CallTable, Fact, Int64, TicketTable

Span = tuple[int, int]
Name = tuple[str, str, str | None]


class Pause(NamedTuple):
    """What was taken off a clock: from, to, and why."""

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class OwnCalculation:
    """What the source itself says of a record; instants in epoch seconds, None where it is silent.

    ``disagrees``: in what ours differs: ``verdict``, ``first response``, both or nothing.
    """

    first_response_at: int | None
    due_at: int | None
    met: bool | None
    disagrees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record's part in a figure. Instants in epoch seconds, durations in seconds.

    ``start`` and ``end`` are the two events of the clock; ``until`` is where it was read, which is
    now while it runs. ``counted`` are the open windows that passed, ``paused`` what was taken off,
    ``closed`` the dates between without business hours, and why. ``limit`` is absent where nothing
    is limited; ``due`` is set in day mode, where the deadline is a date. ``valid_from`` is that of
    the version that measured it, absent for the first one.
    """

    source: str
    id: str
    url: str | None
    organization: str | None
    verdict: str
    reason: str
    counted_at: int
    facts: dict[str, str]
    valid_from: date | None = None
    start: int | None = None
    end: int | None = None
    until: int | None = None
    elapsed: int | None = None
    limit: int | None = None
    due: int | None = None
    calendar: str | None = None
    counted: tuple[Span, ...] = ()
    paused: tuple[Pause, ...] = ()
    closed: tuple[tuple[date, str], ...] = ()
    own: OwnCalculation | None = None


class _Reading(NamedTuple):
    """The clocks of one version on a table; ``at`` is where each row of the table stands in it."""

    clocks: Clocks
    due: Int64 | None
    at: Int64


def explain(
    measuring: Measuring, timeline: Timeline, period: Period, now: int
) -> Iterator[Explanation]:
    """Every record that an indicator's figure of ``period`` rests on, in the order they count."""
    start, end = measuring.instants(period)
    table = measuring.table(timeline.clock, (start, end))
    judged = measuring.judge(timeline, table, now)
    found = judged.found
    inside = (found.counted_at >= start) & (found.counted_at < end)
    shown = np.flatnonzero(inside & (found.verdict != Verdict.LATER))
    order = shown[np.lexsort((found.row[shown], found.counted_at[shown]))].tolist()
    keys = [int(table.key[found.row[i]]) for i in order]
    versions = timeline.places(measuring.local.dates(found.counted_at[order])).tolist()
    if isinstance(table, CallTable):
        known = measuring.store.call_names(keys)
        for i, key, version in zip(order, keys, versions, strict=True):
            yield _call(timeline.versions[version], table, judged, i, known[key])
        return
    known = measuring.store.ticket_names(keys)

    @cache
    def reading(version: int) -> _Reading | None:
        return _reading(timeline.versions[version], table, now)

    for i, key, version in zip(order, keys, versions, strict=True):
        yardstick = timeline.versions[version]
        plain = _ticket(yardstick, table, judged, i, known[key])
        if version:
            plain = replace(plain, valid_from=timeline.turns[version])
        read = reading(version)
        row = int(found.row[i])
        valid = timeline.turns[version]
        yield (
            plain
            if read is None
            else _timed(measuring, yardstick, valid, plain, table, read, row, now)
        )


def _reading(yardstick: Yardstick, table: TicketTable, now: int) -> _Reading | None:
    if not isinstance(yardstick.indicator, ShareWithin | MeanDuration):
        return None
    read = clocks(yardstick, select(yardstick, table, now))
    at = np.full(len(table), -1, dtype=np.int64)
    at[read.row] = np.arange(len(read.row))
    due = None
    if isinstance(yardstick.indicator, ShareWithin) and yardstick.indicator.within.business_days:
        due = deadlines(yardstick, read, np.arange(len(read.row)))
    return _Reading(read, due, at)


def _call(
    yardstick: Yardstick, table: CallTable, judged: Judged, i: int, name: Name
) -> Explanation:
    found = judged.found
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
    yardstick: Yardstick, table: TicketTable, judged: Judged, i: int, name: Name
) -> Explanation:
    found = judged.found
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
        counted_at=int(found.counted_at[i]),
        facts=facts,
        own=_own(yardstick, table, judged, i),
    )


def _own(yardstick: Yardstick, table: TicketTable, judged: Judged, i: int) -> OwnCalculation | None:
    """What the source says of this record; None where it says nothing."""
    checks = judged.checks
    if checks is None:
        return None
    indicator = yardstick.indicator
    assert isinstance(indicator, ShareWithin | MeanDuration)
    answer = indicator.end == "first_response"
    facts = table.facts.where(table.facts.row == judged.found.row[i])
    said = dict(zip(facts.kind.tolist(), facts.start.tolist(), strict=True))
    due = said.get(Fact.OWN_RESPONSE_DUE if answer else Fact.OWN_RESOLUTION_DUE)
    met = said.get(Fact.OWN_RESPONSE_MET if answer else Fact.OWN_RESOLUTION_MET)
    first = said.get(Fact.OWN_RESPONSE) if answer else None
    if due is None and met is None and first is None:
        return None
    differences = {"verdict": checks.disagrees[i], "first response": checks.differs[i]}
    return OwnCalculation(
        first_response_at=first,
        due_at=due,
        met=None if met is None else bool(met),
        disagrees=tuple(name for name, differs in differences.items() if differs),
    )


def _timed(
    measuring: Measuring,
    yardstick: Yardstick,
    valid: date,
    plain: Explanation,
    table: TicketTable,
    read: _Reading,
    row: int,
    now: int,
) -> Explanation:
    """The same explanation with its clock."""
    indicator, calendar = yardstick.indicator, yardstick.calendar
    assert isinstance(indicator, ShareWithin | MeanDuration)
    assert calendar is not None
    running, i = read.clocks, int(read.at[row])
    start, end, until = int(running.start[i]), int(running.end[i]), int(running.until[i])
    if start == ABSENT:
        return plain
    return replace(
        plain,
        start=start,
        end=None if end == ABSENT else end,
        until=until,
        elapsed=int(running.seconds[i]),
        limit=indicator.within.seconds if isinstance(indicator, ShareWithin) else None,
        due=None if read.due is None else int(read.due[i]),
        calendar=indicator.calendar,
        counted=tuple(calendar.windows(start, until)),
        paused=tuple(_paused(yardstick, table, row, now)),
        closed=tuple(_closed_between(measuring, indicator.calendar, valid, calendar, start, until)),
    )


_WHY = {Fact.HOLD: "on hold", Fact.GAP: "closed until reopened"}


def _paused(yardstick: Yardstick, table: TicketTable, row: int, now: int) -> Iterator[Pause]:
    """What stopped the clock of a ticket, as far as it was known."""
    facts = table.facts.of(*stopping(yardstick))
    known = facts.where((facts.row == row) & (facts.start <= now))
    for kind, start, end in zip(
        known.kind.tolist(), known.start.tolist(), known.end.tolist(), strict=True
    ):
        yield Pause(start, now if end == ABSENT else min(end, now), _WHY[Fact(kind)])


def _closed_between(
    measuring: Measuring,
    name: str,
    valid: date,
    calendar: BusinessCalendar,
    start: int,
    until: int,
) -> Iterator[tuple[date, str]]:
    """The dates between two instants that are closed or short, and why."""
    if until <= start:
        return
    day, last = (date.fromordinal(int(calendar.local.dates(at))) for at in (start, until))
    special = measuring.special_days(name, valid)
    while day <= last:
        if day in special:
            yield day, special[day]
        elif not calendar.windows(
            calendar.local.midnight(day), calendar.local.midnight(day + timedelta(days=1))
        ):
            yield day, "closed all day"
        day += timedelta(days=1)
