"""Codes for what is said of figures, records and periods; words are made of them in ``text``. Pure.

No code is a sentence: what is printed may change, and nothing may be found out by matching it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple, get_args

State = Literal["met", "at_risk", "missed", "no_data", "too_few", "stale"]
"""What a figure is against its target."""

STATES: tuple[State, ...] = get_args(State)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As the configuration writes them, in the order of ``date.weekday``."""


class NoForecast(StrEnum):
    """Why there is no forecast."""

    SHORT_HISTORY = "short_history"
    NOTHING_ELIGIBLE = "nothing_eligible"
    NOT_READ = "not_read"


class GapReason(StrEnum):
    """Why a period is not complete; from BEGINS_WITHIN on only noted beside its figures."""

    RUNNING = "running"
    NEVER_READ = "never_read"
    READING = "reading"
    FAILING = "failing"
    NOT_READ = "not_read"
    NO_RECORDS = "no_records"
    BEGINS_WITHIN = "begins_within"
    BEGINS_WITHIN_YEAR = "begins_within_year"
    ENDS_EARLY = "ends_early"
    NO_SOURCE = "no_source"


class ChangeReason(StrEnum):
    """Why a record has another verdict than when it was frozen."""

    LATE_ANSWER = "late_answer"
    LATE_RESOLUTION = "late_resolution"
    DEADLINE_PASSED = "deadline_passed"
    MERGED = "merged"
    DELETED = "deleted"
    SPAM = "spam"
    CHANGED_TEXTS = "changed_texts"
    RESTATED_DEFINITION = "restated_definition"
    NEW_RECORD = "new_record"
    OTHER_ORGANIZATION = "other_organization"
    CORRECTED = "corrected"
    RECORD_GONE = "record_gone"
    RECORDED_LATER = "recorded_later"


class DayKind(StrEnum):
    """Why the hours of a date are not those of its weekday, or are none."""

    HOLIDAY = "holiday"
    CLOSED = "closed"
    SHORT = "short"
    NO_HOURS = "no_hours"


class SpecialDay(NamedTuple):
    """What a date is. ``detail``: the names of a holiday, the windows of a short day
    (``08:00-12:00``; empty where it has none); empty for the other kinds."""

    kind: DayKind
    detail: str = ""


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
