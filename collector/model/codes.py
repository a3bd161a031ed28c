"""."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

STATES = ("met", "at_risk", "missed", "no_data", "too_few", "stale")


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


State = Literal["met", "at_risk", "missed", "no_data", "too_few", "stale"]


_STATES: tuple[State, ...] = ("met", "at_risk", "missed", "no_data", "too_few", "stale")
