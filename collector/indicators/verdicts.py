"""What measuring one record gives, and what an indicator measures by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from collector.business_time import BusinessCalendar
from collector.settings import Count, Indicator, Rules, ServiceLevel, Settings, TicketFilter
from collector.tables import ABSENT, Int64

NEVER = int(np.iinfo(np.int64).max)
"""No instant: nothing changes by waiting."""


class Verdict(IntEnum):
    """How a record stands against an indicator. LATER: it lies after ``now``, nobody knows it."""

    MET = 0
    MISSED = 1
    PENDING = 2
    EXCLUDED = 3
    LATER = 4


REASONS = (
    "",
    "merged",
    "deleted",
    "spam",
    "ends_before_start",
    "no_resolved_at",
    "no_team",
    "unanswered",
    "early_abandon",
    "short_abandon",
    "key_exit",
    "callback",
    "unknown",
)
"""Why a record is excluded; the names under ``exclude:`` in the configuration come behind these,
unless they are among them."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One verdict per measured record.

    ``row``: index into the table; ``reason``: index into :attr:`Yardstick.reasons`; ``seconds``:
    what the clock shows (business seconds, or the wait), ABSENT where there is none; ``wakes_at``:
    the first instant at which the verdict can change without any record changing, or NEVER.
    """

    row: Int64
    verdict: NDArray[np.int8]
    reason: NDArray[np.int16]
    seconds: Int64
    wakes_at: Int64


@dataclass(frozen=True, slots=True)
class Yardstick:
    """An indicator with everything it is measured by.

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


def yardsticks(settings: Settings, calendars: Mapping[str, BusinessCalendar]) -> list[Yardstick]:
    """Every indicator of the configuration, ready to measure, in the order written there."""
    return [
        Yardstick(
            id=name,
            indicator=indicator,
            rules=(rules := settings.rules_of(name)),
            clock=_clock(indicator, rules),
            calendar=calendars.get(getattr(indicator, "calendar", "")),
            priorities=tuple(settings.priorities),
            exclude=settings.exclude,
            reasons=tuple(dict.fromkeys((*REASONS, *settings.exclude))),
        )
        for name, indicator in settings.indicators.items()
    ]


def _clock(indicator: Indicator, rules: Rules) -> str:
    if indicator.kind == "manual":
        return ""
    if isinstance(indicator, ServiceLevel) or (
        isinstance(indicator, Count) and indicator.of == "calls"
    ):
        return "entered"
    return rules.counted_by


def known_at(instants: Int64, now: int) -> Int64:
    """``instants`` as one knew them at ``now``: later ones are absent."""
    return np.where(instants > now, ABSENT, instants)


def next_news(now: int, *columns: Int64) -> Int64:
    """The earliest instant after ``now`` in each row of the columns, or NEVER."""
    news = np.full(len(columns[0]), NEVER, dtype=np.int64)
    for column in columns:
        np.minimum(news, np.where(column > now, column, NEVER), out=news)
    return news
