"""Codes for the states of figures, records and periods; ``text`` holds the words for them. Pure.

Code compares these values and never the printed sentences, so the wording may change freely.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple, get_args

State = Literal["met", "at_risk", "missed", "no_data", "too_few", "stale"]
"""How a figure stands against its target."""

STATES: tuple[State, ...] = get_args(State)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Weekday names as the configuration writes them, in the order of ``date.weekday()``."""


class Fault(StrEnum):
    """What kind of fault kept a source from being read."""

    NAME_UNKNOWN = "name_unknown"
    REFUSED = "refused"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    UNTRUSTED = "untrusted"
    LOGIN = "login"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_FAILING = "server_failing"
    REDIRECTED = "redirected"
    WEB_PAGE = "web_page"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    CREDENTIALS_MISSING = "credentials_missing"
    NOTHING_VISIBLE = "nothing_visible"
    RIGHTS_LOST = "rights_lost"
    FILE_MISSING = "file_missing"
    FILE_DENIED = "file_denied"
    FILE_UNREADABLE = "file_unreadable"
    TOO_MANY_REJECTED = "too_many_rejected"
    TOO_MANY_IGNORED = "too_many_ignored"
    STORE = "store"
    UNEXPECTED = "unexpected"


class NoForecast(StrEnum):
    """Why no forecast can be made."""

    SHORT_HISTORY = "short_history"
    NOTHING_ELIGIBLE = "nothing_eligible"
    NOT_READ = "not_read"


class NoClock(StrEnum):
    """Why an open ticket has no running clock with a deadline."""

    ON_HOLD = "on_hold"
    NOT_TOLD = "not_told"
    ENDED = "ended"
    NO_DEADLINE = "no_deadline"


class GapReason(StrEnum):
    """Why a period's data are incomplete.

    BEGINS_WITHIN and the members after it are only noted beside the figures.
    """

    RUNNING = "running"
    NEVER_READ = "never_read"
    READING = "reading"
    FAILING = "failing"
    NOT_READ = "not_read"
    NO_RECORDS = "no_records"
    CLOCK = "clock"
    BEGINS_WITHIN = "begins_within"
    BEGINS_WITHIN_YEAR = "begins_within_year"
    ENDS_EARLY = "ends_early"
    NO_SOURCE = "no_source"


class ChangeReason(StrEnum):
    """Why a record's verdict differs from the one in the frozen snapshot."""

    LATE_ANSWER = "late_answer"
    LATE_RESOLUTION = "late_resolution"
    DEADLINE_PASSED = "deadline_passed"
    MERGED = "merged"
    DELETED = "deleted"
    SPAM = "spam"
    NOT_VISIBLE = "not_visible"
    CHANGED_TEXTS = "changed_texts"
    RESTATED_DEFINITION = "restated_definition"
    NEW_RECORD = "new_record"
    OTHER_ORGANIZATION = "other_organization"
    CORRECTED = "corrected"
    RECORD_GONE = "record_gone"
    RECORDED_LATER = "recorded_later"


class DayKind(StrEnum):
    """Why a date does not have the usual hours of its weekday."""

    HOLIDAY = "holiday"
    CLOSED = "closed"
    SHORT = "short"
    OPEN = "open"
    NO_HOURS = "no_hours"


class SpecialDay(NamedTuple):
    """A date with other hours than its weekday.

    ``detail``: the name of the holiday, or the windows of a short or open day (``08:00-12:00``,
    empty when it has none); empty for the other kinds.
    """

    kind: DayKind
    detail: str = ""


REASONS = (
    "",
    "merged",
    "deleted",
    "spam",
    "not_visible",
    "ends_before_start",
    "no_resolved_at",
    "no_team",
    "unanswered",
    "early_abandon",
    "short_abandon",
    "key_exit",
    "callback",
    "unknown",
    "unknown_wait",
    "no_own_verdict",
    "unrecorded_first_response",
    "unrecorded_resolution",
    "unrecorded_closing",
    "unrecorded_kind",
    "unrecorded_priority",
    "unrecorded_team",
    "unrecorded_organization",
    "unrecorded_category",
    "unrecorded_status",
    "refused",
    "same_caller",
)
"""Why a record is excluded. Tallies hold them by index; the names under ``exclude:`` in the
configuration are appended unless they are already here. ``unrecorded_…``: its source does not
record that member of ``records.Unrecorded``."""

LACKING = frozenset(
    {
        *("ends_before_start", "no_resolved_at", "no_team", "unknown", "unknown_wait"),
        *(reason for reason in REASONS if reason.startswith("unrecorded_")),
    }
)
"""Those of REASONS for which a record is excluded though it should count: its data are missing or
contradict each other."""
