"""The records behind a figure: the verdict on each, the reason, and the arithmetic."""

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
from collector.measuring.verdicts.crosscheck import SourceCalculation
from collector.measuring.verdicts.selection import priority_in_force, with_priorities
from collector.measuring.verdicts.timeline import Timeline, Verdict, Yardstick
from collector.model.codes import DayKind, SpecialDay
from collector.model.columns import ABSENT, CallTable, Fact, Facts, TicketTable
from collector.model.periods import Period

Span = tuple[int, int]
RecordName = tuple[str, str, str | None]


class Pause(NamedTuple):
    """A span taken off a clock (epoch seconds), and the state of the ticket that paused it."""

    start: int
    end: int
    why: Fact


@dataclass(frozen=True, slots=True)
class OwnCalculation:
    """The source's own figures for a record; instants in epoch seconds, None where it gives none.

    ``disagrees``: where ours differ: ``verdict``, ``first response``, both or neither.
    """

    first_response_at: int | None
    due_at: int | None
    met: bool | None
    disagrees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record's part in a figure. Instants in epoch seconds, durations in seconds.

    ``start`` and ``end`` are the two events of the clock; ``until`` is where it was read: its end,
    or now while it runs. ``elapsed``: business time, or the wait of a call. ``counted`` are the
    open windows that passed, ``paused`` what was taken off, ``closed`` the dates in between without
    business hours or with special ones, and why. ``limit`` is None where there is none; ``due`` is
    set in day mode. ``valid_from``: since when records are measured this way, None if from the
    beginning. ``facts``: what else decides the verdict, by name.
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
    """Yield every record behind an indicator's figure of ``period`` as known at ``now`` (epoch
    seconds), in the order of the instants by which they count.

    Excluded records are among them. Raises StoreError if the store cannot be read.
    """
    start, end = measuring.instants(period)
    table = measuring.table(timeline.clock, (start, end))
    judged = measuring.judge(timeline, table, now)
    found = judged.verdicts
    inside = (found.counted_at >= start) & (found.counted_at < end)
    shown = np.flatnonzero(inside & (found.verdict != Verdict.LATER))
    order = shown[np.lexsort((found.row[shown], found.counted_at[shown]))].tolist()
    keys = [int(table.key[found.row[i]]) for i in order]
    versions = timeline.version_indices(measuring.local.dates(found.counted_at[order])).tolist()
    if isinstance(table, CallTable):
        names = measuring.store.records.call_names(keys)
        for i, key, version in zip(order, keys, versions, strict=True):
            yield _call(timeline.versions[version], table, judged, i, names[key])
        return
    names = measuring.store.records.ticket_names(keys)
    since = [timeline.measured_since(version) for version in range(len(timeline.versions))]
    kind, own_figures = kind_of(timeline.versions[0].indicator), None
    if judged.checks is not None:
        own_figures = kind.source_calculation(timeline.versions[0], table, now)

    @cache
    def reading(version: int) -> ClockReading | None:
        return kind.clock_reading(timeline.versions[version], table, now)

    @cache
    def texts(version: int) -> TicketTable:
        return with_priorities(timeline.versions[version], table)

    for i, key, version in zip(order, keys, versions, strict=True):
        yardstick = timeline.versions[version]
        explanation = _ticket(yardstick, texts(version), judged, own_figures, i, names[key])
        explanation = replace(explanation, valid_from=since[version])
        clock = reading(version)
        row = int(found.row[i])
        valid = timeline.turns[version]
        yield (
            explanation
            if clock is None
            else _timed(measuring, yardstick, valid, explanation, clock, row, now)
        )


def _call(
    yardstick: Yardstick, table: CallTable, judged: Judged, i: int, name: RecordName
) -> Explanation:
    found = judged.verdicts
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
    own_figures: SourceCalculation | None,
    i: int,
    name: RecordName,
) -> Explanation:
    found = judged.verdicts
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
        own=None if own_figures is None else _own(own_figures, judged, i),
    )


def _own(own_figures: SourceCalculation, judged: Judged, i: int) -> OwnCalculation | None:
    """The source's own figures for this record; None where it gives none."""
    checks, row = judged.checks, judged.verdicts.row[i]
    assert checks is not None
    first, due, met = (None if each[row] == ABSENT else int(each[row]) for each in own_figures)
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
    explanation: Explanation,
    clock: ClockReading,
    row: int,
    now: int,
) -> Explanation:
    """The explanation with its clock added."""
    calendar = yardstick.calendar
    assert calendar is not None
    readings, i = clock.readings, int(clock.at[row])
    start, end, until = int(readings.start[i]), int(readings.end[i]), int(readings.until[i])
    if start == ABSENT:
        return explanation
    return replace(
        explanation,
        start=start,
        end=None if end == ABSENT else end,
        until=until,
        elapsed=int(readings.seconds[i]),
        limit=clock.limit,
        due=None if clock.due is None else int(clock.due[i]),
        calendar=clock.calendar,
        counted=tuple(calendar.windows(start, until)),
        paused=tuple(_paused(clock.stopped.of_row(row), start, until)),
        closed=tuple(_closed_between(measuring, clock.calendar, valid, calendar, start, until)),
    )


def _paused(stopped: Facts, start: int, until: int) -> Iterator[Pause]:
    """The pauses of a clock between its start and ``until``."""
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
    """The dates between two instants that are closed or have special hours, and why."""
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


def explanations(
    measuring: Measuring,
    indicator: str,
    period: Period,
    at: int,
    organization: str | None,
    verdict: str | None,
    *,
    disagreements: bool = False,
) -> Iterator[Explanation]:
    """Return the records behind a figure as known at ``at`` (epoch seconds); none for indicators
    entered by hand.

    ``organization``, ``verdict``: only records with these; None for any. ``disagreements``: only
    records whose source calculated something else. Raises KeyError for an unknown indicator and,
    while iterating, StoreError.
    """
    timeline = measuring.timeline(indicator)
    if not timeline.clock:
        return iter(())
    return (
        each
        for each in explain(measuring, timeline, period, at)
        if (organization is None or each.organization == organization)
        and (verdict is None or each.verdict == verdict)
        and (not disagreements or bool(each.own and each.own.disagrees))
    )
