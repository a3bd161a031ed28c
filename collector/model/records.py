"""The records that sources deliver: tickets with their history, and calls.

Every instant is integer epoch seconds UTC, every duration integer seconds; ``None`` means absent,
never zero. Names, telephone numbers, subjects and message bodies never enter a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The statuses that figures depend on; a source may deliver any other text as well."""

    NEW = "new"
    OPEN = "open"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    DELETED = "deleted"
    SPAM = "spam"
    NOT_VISIBLE = "not_visible"  # its source no longer shows it to our user, for whatever reason


MARKS = frozenset({Status.MERGED, Status.DELETED, Status.SPAM, Status.NOT_VISIBLE})
"""Statuses that exclude a ticket from every figure; the reason is counted."""

DONE = frozenset({Status.RESOLVED, Status.CLOSED})
"""Statuses of a finished ticket."""

OUT_OF_WORK = DONE | MARKS
"""Statuses in which nobody works on a ticket any more; leaving them is a reopening."""


class Unrecorded(StrEnum):
    """What a source may not record of a ticket, and of a call the last two; figures that depend on
    it leave the record out."""

    FIRST_RESPONSE = "first_response"
    NOTE = "first_note"
    STATUS_CHANGE = "first_status"
    ASSIGNMENT = "first_assigned"
    RESOLUTION = "resolution"
    CLOSING = "closing"
    HOLDS = "holds"  # the times at which its clock was paused
    REOPENINGS = "reopenings"
    REGISTRAR = "registrar"  # whether who registered it also solved it, as on the telephone
    KIND = "kind"
    PRIORITY = "priority"
    PRIORITIES = "priorities"  # those it had before the present one
    TEAM = "team"
    TEAMS = "teams"  # those it had before the present one
    ORGANIZATION = "organization"
    CATEGORY = "category"
    STATUS = "status"
    WAIT = "wait"
    OUTCOME = "outcome"


OF_CALLS = frozenset({Unrecorded.WAIT, Unrecorded.OUTCOME})
"""What a source may not record of a call; the others are of tickets."""


class CallOutcome(StrEnum):
    """How a caller's stay in a queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # the caller hung up
    TIMEOUT = "timeout"  # the queue gave up
    EMPTY = "empty"  # the queue had no agents left
    WITHDRAWN = "withdrawn"  # removed by the system, often for a callback
    KEY_EXIT = "key_exit"  # the caller pressed a key to leave
    CALLBACK = "callback"  # the caller chose to be called back
    REFUSED = "refused"  # never got into the queue: it was full, closed or had no agents
    UNANSWERED = "unanswered"  # left unanswered, in a way that has no name here
    UNKNOWN = "unknown"  # not recorded, for example after a crash of the telephone system
    OPEN = "open"  # still waiting


@dataclass(frozen=True, slots=True)
class Change:
    """From the instant ``at`` (epoch seconds) on, ``field`` of a ticket has ``value``.

    ``field`` is status, priority, team or kind. The first change of each field is dated at the
    ticket's opening and holds the initial value.
    """

    at: int
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as its source describes it now, with the history of its changes.

    ``resolved_at`` is the last resolution, and absent while the ticket is open (also after a
    reopening); ``first_resolved_at`` is kept. ``reopened`` counts the reopenings.
    ``solved_by_registrar``: the person who registered the ticket on the requestor's behalf also
    resolved it, and nobody had answered in writing before that, as happens on the telephone.
    ``mark`` is one of :data:`MARKS` or absent.

    ``first_response_at`` is the first public answer by staff. ``first_note_at`` is the first
    internal note by staff, ``first_status_at`` the first change of status by staff and
    ``first_assigned_at`` the first time the ticket had an owner; a desk may choose to count these
    as answers too.

    The ``own_`` fields are what the source computed itself, kept for comparison with our figures:
    its first response, the deadlines it set, and whether it considers them met.

    ``unrecorded`` names what the source does not record of this ticket at all, as members of
    :class:`Unrecorded`: there, an absent value does not mean that nothing happened.
    """

    source: str
    id: str
    opened_at: int
    first_response_at: int | None = None
    first_resolved_at: int | None = None
    resolved_at: int | None = None
    closed_at: int | None = None
    reopened: int = 0
    solved_by_registrar: bool = False
    kind: str | None = None
    priority: str | None = None
    organization: str | None = None
    category: str | None = None
    status: str | None = None
    team: str | None = None
    mark: str | None = None
    url: str | None = None
    first_note_at: int | None = None
    first_status_at: int | None = None
    first_assigned_at: int | None = None
    own_first_response_at: int | None = None
    own_response_due_at: int | None = None
    own_response_met: bool | None = None
    own_resolution_due_at: int | None = None
    own_resolution_met: bool | None = None
    changes: tuple[Change, ...] = ()
    unrecorded: frozenset[Unrecorded] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One stay of a caller in a queue; a caller who enters twice makes two calls.

    ``wait_seconds`` comes from the telephone system's own field, not from subtracting
    instants. ``talk_seconds`` is the length of the conversation. ``call_id``: the telephone
    system's own name of the call, which all stays of one caller share; None where it tells none.
    """

    source: str
    id: str
    queue: str
    entered_at: int
    outcome: CallOutcome
    organization: str | None = None
    wait_seconds: int | None = None
    answered_at: int | None = None
    left_at: int | None = None
    talk_seconds: int | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A ticket that its source no longer shows; the stored record gets ``mark``.

    ``at`` is the instant (epoch seconds) at which it was merged or deleted, None if unknown; of one
    that is no longer visible, when that was found.
    """

    source: str
    id: str
    mark: str
    at: int | None = None


Record = Ticket | Call | Gone
