"""The course of one record's clock: all that there is to draw of it, from its start to its deadline
or its end."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from collector.measuring.engine.clock_spans import Pause, Span, closed_days
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import Explanation
from collector.measuring.verdicts.timeline import Timeline
from collector.model.codes import SpecialDay
from collector.model.columns import ABSENT


class Course(NamedTuple):
    """A clock between ``start`` and ``stop``, the later of its deadline and of where it was read.
    Instants in epoch seconds.

    ``end``: its answer or whatever ends it; None while it runs. ``until``: its end, or now.
    ``due``: its deadline; None without a limit. ``open``: the business hours; ``paused``: what is
    taken off; ``closed``: dates without business hours or with special ones, and why.
    """

    start: int
    end: int | None
    until: int
    due: int | None
    stop: int
    open: tuple[Span, ...]
    paused: tuple[Pause, ...] = ()
    closed: tuple[tuple[date, SpecialDay], ...] = ()


def course(measuring: Measuring, timeline: Timeline, each: Explanation, now: int) -> Course | None:
    """Return the course of a record's clock as known at ``now`` (epoch seconds); None where it has
    not started, where it ends before its start, or is not known."""
    clock = each.clock
    if clock.start is None:
        return None
    if clock.calendar is None:
        return _of_call(each, clock.start)
    if clock.until is None or clock.elapsed is None or clock.until < clock.start:
        return None
    counted = now if each.counted_at == ABSENT else each.counted_at
    day = measuring.today(counted)
    yardstick = timeline.on(day)
    calendar = yardstick.calendar
    assert calendar is not None
    due = clock.due
    if clock.limit is not None:
        pauses = [(pause.start, pause.end) for pause in clock.paused]
        due = calendar.add(clock.start, clock.limit, pauses)
    stop = max(clock.until, due or clock.until)
    valid = max(turn for turn in timeline.turns if turn <= max(day, timeline.turns[0]))
    special = measuring.special_days(clock.calendar, valid)
    dates = (int(calendar.local.dates(at)) for at in (clock.start, stop))
    return Course(
        start=clock.start,
        end=clock.end,
        until=clock.until,
        due=due,
        stop=stop,
        open=tuple(calendar.windows(clock.start, stop)),
        paused=clock.paused,
        closed=tuple(closed_days(calendar, special, *dates)),
    )


def _of_call(each: Explanation, start: int) -> Course | None:
    """A call waits by the wall clock."""
    clock = each.clock
    if clock.elapsed is None:
        return None
    until = start + clock.elapsed
    due = None if clock.limit is None else start + clock.limit
    stop = max(until, due or until)
    return Course(start, until, until, due, stop, ((start, stop),))
