"""What measuring a record gives (verdicts), and what an indicator is measured by (yardsticks)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collector.business_time import BusinessCalendar
from collector.config.definition_changes import version_starts
from collector.config.indicators import Indicator
from collector.config.rules import CallFilter, Rules, TicketFilter
from collector.config.settings import CalendarSettings, Settings
from collector.model.codes import REASONS
from collector.model.columns import ABSENT, Int64
from collector.model.records import Unrecorded

NEVER = int(np.iinfo(np.int64).max)
"""An instant after every other: waiting changes nothing."""


class Verdict(IntEnum):
    """How a record stands against an indicator. LATER: it lies after ``now``, still unknown."""

    MET = 0
    MISSED = 1
    PENDING = 2
    EXCLUDED = 3
    LATER = 4


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One verdict per measured record: arrays of equal length.

    ``row``: index into the table. ``verdict``: a :class:`Verdict`. ``reason``: index into
    :attr:`Yardstick.reasons`. ``seconds``: what the clock shows (seconds of business time; of calls
    the wait), ABSENT without a clock. ``final``: that clock has ended with the event it runs to.
    ``counted_at``: the instant that decides the period in which the record counts (epoch seconds),
    ABSENT while it is not known. ``wakes_at``: the first instant at which the verdict can change
    although no record changes (epoch seconds), or NEVER.
    """

    row: Int64
    verdict: NDArray[np.int8]
    reason: NDArray[np.int16]
    seconds: Int64
    final: NDArray[np.bool_]
    counted_at: Int64
    wakes_at: Int64

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return the arrays in the order of the fields."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def take(self, chosen: Int64) -> Verdicts:
        """Return the verdicts at the positions ``chosen``."""
        return Verdicts(*(column[chosen] for column in self.columns()))


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One version of an indicator with all that it is measured by.

    ``clock`` names the event that decides the period in which a record counts: opened, responded or
    resolved for tickets, entered for calls, empty for values entered by hand. ``priorities``: the
    strictest first. ``exclude``: filters by reason. ``reasons``: the first one stands for "not
    excluded". ``sources``: by the name of each source that it uses, what none of its records tells.
    ``registers_later``: those of them whose tickets may be registered after the conversation.
    ``timezone``: the reporting zone, in which days begin.
    """

    id: str
    indicator: Indicator
    rules: Rules
    clock: str
    calendar: BusinessCalendar | None
    priorities: tuple[str, ...]
    exclude: Mapping[str, TicketFilter]
    reasons: tuple[str, ...]
    sources: Mapping[str, frozenset[Unrecorded]]
    registers_later: frozenset[str] = frozenset()
    timezone: str = "UTC"

    def silent_on(self, fact: Unrecorded) -> list[str]:
        """Return the names of its sources that do not tell a fact of any record."""
        return [name for name, unrecorded in self.sources.items() if fact in unrecorded]

    def told(self, fact: Unrecorded) -> bool:
        """Return whether any source may tell a fact; without sources it is taken to be told."""
        return not self.sources or len(self.silent_on(fact)) < len(self.sources)

    @property
    def records(self) -> TicketFilter | CallFilter | None:
        """The filter of the records that the indicator measures; None for values entered by
        hand."""
        return getattr(self.indicator, "records", None)


@dataclass(frozen=True, slots=True)
class Timeline:
    """An indicator through time: its versions, each with the first date on which it is in force.

    ``turns``: that date for each of ``versions``; the first version holds from the beginning.
    ``clock`` and ``reasons`` are the same in all versions. ``judged`` and ``measured``: the dates
    from which records are judged or measured another way, see ``definition_changes.Turns``.
    ``breaks``: the dates on which the indicator's history starts again, configured or because of
    what a version changes.
    """

    id: str
    clock: str
    reasons: tuple[str, ...]
    turns: tuple[date, ...]
    versions: tuple[Yardstick, ...]
    judged: tuple[date, ...]
    measured: tuple[date, ...]
    breaks: tuple[date, ...]

    def on(self, day: date) -> Yardstick:
        """Return the version in force on a date."""
        return self.versions[bisect_right(self.turns, day) - 1]

    def between(self, first: date, after: date) -> list[date]:
        """Return the dates after ``first`` and before ``after`` from which records are judged
        another way. A new title alone does not count.
        """
        return [day for day in self.judged if first < day < after]

    def measured_since(self, index: int) -> date | None:
        """Return the date since which records are measured as in the version at ``index``; None if
        from the beginning.
        """
        return max((day for day in self.measured if day <= self.turns[index]), default=None)

    def version_indices(self, dates: Int64) -> Int64:
        """Return the index of the version in force on each date (proleptic Gregorian ordinals)."""
        starts = np.array([turn.toordinal() for turn in self.turns], dtype=np.int64)
        return np.maximum(np.searchsorted(starts, dates, side="right") - 1, 0)


def timelines(
    settings: Settings, calendar: Callable[[CalendarSettings], BusinessCalendar]
) -> list[Timeline]:
    """Return the timeline of every indicator, in the order of the configuration.

    ``calendar`` compiles the business hours of a calendar's settings.
    """
    return [_timeline(settings, name, calendar) for name in settings.indicators]


def _timeline(
    settings: Settings, name: str, calendar: Callable[[CalendarSettings], BusinessCalendar]
) -> Timeline:
    reasons = tuple(dict.fromkeys((*REASONS, *settings.exclude)))
    turns = settings.turns(name)
    versions: list[Yardstick] = []
    for day in turns:
        indicator = settings.indicator(name, day)
        rules = settings.rules_of(name, day)
        hours = None
        if (calendar_name := getattr(indicator, "calendar", None)) is not None:
            hours = settings.calendars[calendar_name].in_force(day)
        versions.append(
            Yardstick(
                id=name,
                indicator=indicator,
                rules=rules,
                clock=_clock(indicator, rules),
                calendar=None if hours is None else calendar(hours),
                priorities=tuple(settings.priorities),
                exclude=settings.exclude,
                reasons=reasons,
                sources={
                    each: settings.sources[each].unrecorded
                    for each in settings.sources_of(name, day)
                },
                registers_later=frozenset(
                    each
                    for each in settings.sources_of(name, day)
                    if settings.sources[each].registers_later
                ),
                timezone=settings.timezone,
            )
        )
    changes = version_starts(settings, name)
    return Timeline(
        id=name,
        clock=versions[0].clock,
        reasons=reasons,
        turns=tuple(turns),
        versions=tuple(versions),
        judged=changes.judged,
        measured=changes.measured,
        breaks=tuple(sorted({*settings.indicators[name].breaks, *changes.broken})),
    )


def _clock(indicator: Indicator, rules: Rules) -> str:
    if indicator.measured_on == "tickets":
        return rules.counted_by
    return "entered" if indicator.measured_on == "calls" else ""


def known_at(instants: Int64, now: int) -> Int64:
    """Return ``instants`` (epoch seconds) as known at ``now``: later ones are ABSENT."""
    return np.where(instants > now, ABSENT, instants)


def next_instant(now: int, *columns: Int64) -> Int64:
    """Return, for each row of the columns, the earliest instant after ``now``, or NEVER."""
    next_event = np.full(len(columns[0]), NEVER, dtype=np.int64)
    for column in columns:
        np.minimum(next_event, np.where(column > now, column, NEVER), out=next_event)
    return next_event


def wide_clocks(timelines: Iterable[Timeline], *, is_past: bool) -> set[str]:
    """The clocks whose tickets may count by another instant than the clock's own column.

    ``is_past``: one looks back, so that the last resolution may not be known yet."""
    rules = [(each.clock, y.rules) for each in timelines for y in each.versions]
    return {
        clock
        for clock, each in rules
        if (clock == "responded" and (each.phone_solved_within or each.before_opening != "exclude"))
        or (clock == "resolved" and (is_past or each.resolution == "first"))
    }
