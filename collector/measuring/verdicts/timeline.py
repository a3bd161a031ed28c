"""What measuring one record gives, and what an indicator measures by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collector.business_time import BusinessCalendar
from collector.config.definition_changes import turns_of
from collector.config.indicators import Indicator
from collector.config.rules import CallFilter, Rules, TicketFilter
from collector.config.settings import CalendarSettings, Settings
from collector.model.codes import REASONS
from collector.model.columns import ABSENT, Int64

NEVER = int(np.iinfo(np.int64).max)
"""No instant: nothing changes by waiting."""


class Verdict(IntEnum):
    """How a record stands against an indicator. LATER: it lies after ``now``, nobody knows it."""

    MET = 0
    MISSED = 1
    PENDING = 2
    EXCLUDED = 3
    LATER = 4


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One verdict per measured record.

    ``row``: index into the table; ``reason``: index into :attr:`Yardstick.reasons`; ``seconds``:
    what the clock shows (business seconds, or the wait), ABSENT where there is none; ``final``:
    that clock has ended by the event it runs to; ``counted_at``: the instant by which the record
    counts in a period, ABSENT where it is not known yet; ``wakes_at``: the first instant at which
    the verdict can change without any record changing, or NEVER.
    """

    row: Int64
    verdict: NDArray[np.int8]
    reason: NDArray[np.int16]
    seconds: Int64
    final: NDArray[np.bool_]
    counted_at: Int64
    wakes_at: Int64

    def columns(self) -> tuple[NDArray[Any], ...]:
        """The arrays, in the order of the fields."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def take(self, chosen: Int64) -> Verdicts:
        """Those at the chosen positions."""
        return Verdicts(*(column[chosen] for column in self.columns()))


@dataclass(frozen=True, slots=True)
class Yardstick:
    """An indicator with everything it is measured by, as one version has it.

    ``clock`` names the instant by which records count in a period: opened, responded or resolved
    for tickets, entered for calls, and nothing for what is given by hand.
    """

    id: str
    indicator: Indicator
    rules: Rules
    clock: str
    calendar: BusinessCalendar | None
    priorities: tuple[str, ...]
    exclude: Mapping[str, TicketFilter]
    reasons: tuple[str, ...]

    @property
    def records(self) -> TicketFilter | CallFilter | None:
        """Which records the indicator looks at; None where it is given by hand."""
        return getattr(self.indicator, "records", None)


@dataclass(frozen=True, slots=True)
class Timeline:
    """An indicator through time: its versions, each with the first date it holds for.

    What never changes stands on the timeline itself. The first version holds from the beginning.
    ``judged`` and ``measured``: see ``redefinitions.Turns``. ``breaks``: the dates on which its
    history begins anew, because the configuration says so or because of what changes then.
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
        """The version in force on a date."""
        return self.versions[bisect_right(self.turns, day) - 1]

    def between(self, first: date, after: date) -> list[date]:
        """The dates behind ``first`` and before ``after`` from which on it is measured or judged
        another way; another title alone is none."""
        return [day for day in self.judged if first < day < after]

    def measured_since(self, index: int) -> date | None:
        """The date since which records are measured as by a version; None: from the beginning."""
        return max((day for day in self.measured if day <= self.turns[index]), default=None)

    def places(self, dates: Int64) -> Int64:
        """The index of the version in force on each date (ordinals)."""
        starts = np.array([turn.toordinal() for turn in self.turns], dtype=np.int64)
        return np.maximum(np.searchsorted(starts, dates, side="right") - 1, 0)


def timelines(
    settings: Settings, calendar: Callable[[CalendarSettings], BusinessCalendar]
) -> list[Timeline]:
    """Every indicator of the configuration, ready to measure, in the order written there.

    ``calendar`` makes business hours of their settings.
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
        if (used := getattr(indicator, "calendar", None)) is not None:
            hours = settings.calendars[used].in_force(day)
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
            )
        )
    changes = turns_of(settings, name)
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
    match indicator.measured_on:
        case "tickets":
            return rules.counted_by
        case "calls":
            return "entered"
        case None:
            return ""


def known_at(instants: Int64, now: int) -> Int64:
    """``instants`` as one knew them at ``now``: later ones are absent."""
    return np.where(instants > now, ABSENT, instants)


def news_of(now: int, *columns: Int64) -> Int64:
    """The earliest instant after ``now`` in each row of the columns, or NEVER."""
    news = np.full(len(columns[0]), NEVER, dtype=np.int64)
    for column in columns:
        np.minimum(news, np.where(column > now, column, NEVER), out=news)
    return news
