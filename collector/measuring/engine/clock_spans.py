"""How clocks were read, ticket by ticket: the open windows that passed, pauses and closed days."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import repeat
from typing import NamedTuple

import numpy as np

from collector.business_time import BusinessCalendar
from collector.measuring.verdicts.clocks import ClockReading
from collector.model.codes import DayKind, SpecialDay
from collector.model.columns import ABSENT, Fact, Facts, Int64

Span = tuple[int, int]


class Pause(NamedTuple):
    """A span taken off a clock (epoch seconds), and the state of the ticket that paused it."""

    start: int
    end: int
    why: Fact


class ClockSpans(NamedTuple):
    """How the clock of one record was read. Instants in epoch seconds, durations in seconds.

    ``start`` and ``end`` are its two events; ``until`` is where it was read: its end, or now while
    it runs. ``elapsed``: business time, or the wait of a call. ``limit`` is None where there is
    none; ``due`` is set in day mode. ``counted`` are the open windows that passed, ``paused`` what
    was taken off, ``closed`` the dates in between without business hours or with special ones, and
    why.
    """

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


NO_CLOCK = ClockSpans()
"""Of a ticket whose clock has not started, and of kinds without clocks."""


def clock_spans(
    clock: ClockReading,
    rows: Int64,
    calendar: BusinessCalendar,
    special: Mapping[date, SpecialDay],
) -> Iterator[ClockSpans]:
    """Yield the clocks of the tickets at these rows of the table, in their order; at least one.

    ``special``: the dates on which the calendar differs from its weekly hours, and why.
    """
    readings, at = clock.readings, clock.at[rows]
    start, until = readings.start[at], readings.until[at]
    began = np.where(start == ABSENT, until, start)  # without a start there is no span
    dates = calendar.local.dates(began), calendar.local.dates(until)
    closed = closed_days(calendar, special, int(dates[0].min()), int(dates[1].max()))
    days = [day.toordinal() for day, _ in closed]
    stopped = clock.stopped
    pauses = np.stack([np.searchsorted(stopped.row, rows + more) for more in (0, 1)], axis=1)
    for begin, end, last, seconds, due, windows, (first_day, last_day), (first, after) in zip(
        start.tolist(),
        readings.end[at].tolist(),
        until.tolist(),
        readings.seconds[at].tolist(),
        repeat(None, len(rows)) if clock.due is None else clock.due[at].tolist(),
        calendar.windows_of_each(began, until),
        zip(*(each.tolist() for each in dates), strict=True),
        pauses.tolist(),
        strict=True,
    ):
        if begin == ABSENT:
            yield NO_CLOCK
            continue
        between = slice(bisect_left(days, first_day), bisect_right(days, last_day))
        yield ClockSpans(
            begin,
            known(end),
            last,
            seconds,
            clock.limit,
            due,
            clock.calendar,
            tuple(windows),
            tuple(_paused(stopped, slice(first, after), begin, last)) if first < after else (),
            tuple(closed[between]) if last > begin else (),
        )


def _paused(stopped: Facts, own: slice, start: int, until: int) -> Iterator[Pause]:
    """The pauses of a clock between its start and ``until``; ``own``: where they stand."""
    for kind, begin, end in zip(
        stopped.kind[own].tolist(), stopped.start[own].tolist(), stopped.end[own].tolist(),
        strict=True,
    ):  # fmt: skip
        pause = max(begin, start), until if end == ABSENT else min(end, until)
        if pause[0] < pause[1]:
            yield Pause(*pause, Fact(kind))


def closed_days(
    calendar: BusinessCalendar, special: Mapping[date, SpecialDay], first: int, last: int
) -> list[tuple[date, SpecialDay]]:
    """The dates between two (ordinals) that are closed or have special hours, and why, in
    ascending order."""
    midnights = calendar.local.midnights(np.arange(first, last + 2))
    hours = calendar.elapsed(midnights[:-1], midnights[1:]).tolist()
    no_hours = SpecialDay(DayKind.NO_HOURS)
    return [
        (day, special.get(day, no_hours))
        for day, seconds in zip(map(date.fromordinal, range(first, last + 1)), hours, strict=True)
        if day in special or not seconds
    ]


def known(value: int) -> int | None:
    """Return a value of a column, None for ABSENT."""
    return None if value == ABSENT else value
