"""Codes that figures, snapshots and metrics share."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, get_args

State = Literal["met", "at_risk", "missed", "no_data", "too_few", "stale"]
"""What a figure is against its target."""

STATES: tuple[State, ...] = get_args(State)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As the configuration writes them, in the order of ``date.weekday``."""


class NoForecast(StrEnum):
    """Why there is none."""

    SHORT_HISTORY = "under three months of history"
    NOTHING_ELIGIBLE = "nothing eligible this year"
    NOT_READ = "sources not read up to now"


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
