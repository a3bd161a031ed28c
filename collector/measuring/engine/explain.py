"""The records behind a figure: verdict, reason, and the arithmetic that led there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from collector.business_time import BusinessCalendar
from collector.measuring.engine.engine import Measuring
from collector.measuring.judge import Judged
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.clocks import ClockReading
from collector.measuring.verdicts.crosscheck import OwnSays
from collector.measuring.verdicts.selection import priority_in_force, with_priorities
from collector.measuring.verdicts.timeline import Timeline, Verdict, Yardstick
from collector.model.codes import DayKind, SpecialDay
from collector.model.columns import ABSENT, CallTable, Fact, Facts, TicketTable
from collector.model.periods import Period

Span = tuple[int, int]
Name = tuple[str, str, str | None]


class Pause(NamedTuple):
    """What was taken off a clock, in epoch seconds, and what the ticket was meanwhile."""

    start: int
    end: int
    why: Fact


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
    the version by which it is measured, absent where that is as from the beginning.
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
    closed: tuple[tuple[date, SpecialDay], ...] = ()
    own: OwnCalculation | None = None


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
        known = measuring.store.records.call_names(keys)
        for i, key, version in zip(order, keys, versions, strict=True):
            yield _call(timeline.versions[version], table, judged, i, known[key])
        return
    known = measuring.store.records.ticket_names(keys)
    since = [timeline.measured_since(version) for version in range(len(timeline.versions))]
    kind, said = kind_of(timeline.versions[0].indicator), None
    if judged.checks is not None:
        said = kind.own_says(timeline.versions[0], table, now)

    @cache
    def reading(version: int) -> ClockReading | None:
        return kind.clock_reading(timeline.versions[version], table, now)

    @cache
    def texts(version: int) -> TicketTable:
        return with_priorities(timeline.versions[version], table)

    for i, key, version in zip(order, keys, versions, strict=True):
        yardstick = timeline.versions[version]
        plain = _ticket(yardstick, texts(version), judged, said, i, known[key])
        plain = replace(plain, valid_from=since[version])
        read = reading(version)
        row = int(found.row[i])
        valid = timeline.turns[version]
        yield (
            plain if read is None else _timed(measuring, yardstick, valid, plain, read, row, now)
        )


def _call(
    yardstick: Yardstick, table: CallTable, judged: Judged, i: int, name: Name
) -> Explanation:
    found = judged.found
    row = int(found.row[i])
    profile = table.profiles[table.profile[row]]
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
        limit=kind_of(yardstick.indicator).limit(yardstick),
    )


def _ticket(
    yardstick: Yardstick,
    table: TicketTable,
    judged: Judged,
    said: OwnSays | None,
    i: int,
    name: Name,
) -> Explanation:
    found = judged.found
    profile = table.profiles[table.profile[found.row[i]]]
    facts = {"kind": profile.kind or "-", "priority": priority_in_force(profile, yardstick) or "-"}
    facts |= kind_of(yardstick.indicator).facts(profile)
    return Explanation(
        source=name[0],
        id=name[1],
        url=name[2],
        organization=profile.organization,
        verdict=Verdict(found.verdict[i]).name.lower(),
        reason=yardstick.reasons[found.reason[i]],
        counted_at=int(found.counted_at[i]),
        facts=facts,
        own=None if said is None else _own(said, judged, i),
    )


def _own(said: OwnSays, judged: Judged, i: int) -> OwnCalculation | None:
    """What the source says of this record; None where it says nothing."""
    checks, row = judged.checks, judged.found.row[i]
    assert checks is not None
    first, due, met = (None if each[row] == ABSENT else int(each[row]) for each in said)
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
    read: ClockReading,
    row: int,
    now: int,
) -> Explanation:
    """The same explanation with its clock."""
    calendar = yardstick.calendar
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
        limit=read.limit,
        due=None if read.due is None else int(read.due[i]),
        calendar=read.calendar,
        counted=tuple(calendar.windows(start, until)),
        paused=tuple(_paused(read.stopped.of_row(row), start, until)),
        closed=tuple(_closed_between(measuring, read.calendar, valid, calendar, start, until)),
    )


def _paused(stopped: Facts, start: int, until: int) -> Iterator[Pause]:
    """What stopped a clock that was read at ``until``."""
    for kind, begin, end in zip(
        stopped.kind.tolist(), stopped.start.tolist(), stopped.end.tolist(), strict=True
    ):
        pause = max(begin, start), until if end == ABSENT else min(end, until)
        if pause[0] < pause[1]:
            yield Pause(*pause, Fact(kind))


def _closed_between(
    measuring: Measuring,
    name: str,
    valid: date,
    calendar: BusinessCalendar,
    start: int,
    until: int,
) -> Iterator[tuple[date, SpecialDay]]:
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
            yield day, SpecialDay(DayKind.NO_HOURS)
        day += timedelta(days=1)
