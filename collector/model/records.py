"""What a source delivers: tickets with their history, and calls.

Every instant is integer epoch seconds UTC, every duration integer seconds; ``None`` means absent,
never zero. No names, numbers, subjects or bodies of people ever enter a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The statuses that mean something to the measuring; a source may deliver others as text."""

    NEW = "new"
    OPEN = "open"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    DELETED = "deleted"
    SPAM = "spam"


MARKS = frozenset({Status.MERGED, Status.DELETED, Status.SPAM})
"""Statuses that take a ticket out of every figure, with the reason counted."""

DONE = frozenset({Status.RESOLVED, Status.CLOSED})
"""Statuses of a ticket that is done."""

OUT_OF_WORK = DONE | MARKS
"""Statuses in which nobody works on a ticket any more; leaving them is a reopening."""


class Outcome(StrEnum):
    """How one stay of a caller in one queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # the caller hung up
    TIMEOUT = "timeout"  # the queue gave up
    EMPTY = "empty"  # the queue had no agents left
    WITHDRAWN = "withdrawn"  # taken out by the system, often for a callback
    KEY_EXIT = "key_exit"  # the caller pressed a key to leave
    CALLBACK = "callback"  # the caller chose to be called back
    UNKNOWN = "unknown"  # the telephone system never said, for example after a crash
    OPEN = "open"  # still waiting


@dataclass(frozen=True, slots=True)
class Change:
    """From the instant ``at``, ``field`` of a ticket has ``value``.

    ``field`` is status, priority, team or kind. The first change of a field stands at the ticket's
    opening and holds the initial value.
    """

    at: int
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as its source describes it now, with the history of what changed.

    ``resolved_at`` is the last resolution and absent while the ticket is open (also when it was
    reopened); ``first_resolved_at`` is kept. ``solved_by_registrar``: the person who registered
    the ticket on the requestor's behalf also resolved it, and until then nobody had answered in
    writing, as happens on the telephone. ``mark`` is one of :data:`MARKS` or absent.

    ``first_response_at`` is the first public answer by staff. ``first_note_at`` is their first
    internal note, ``first_status_at`` the first time one of them changed the status,
    ``first_assigned_at`` the first time the ticket had an owner: what else may be taken for an
    answer, where a desk says so.

    What begins with ``own_`` is what the source computed itself, kept beside ours to be compared:
    its first response, the deadlines it set, and whether it says that they were met.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One stay of one caller in one queue; a caller who enters twice makes two.

    ``wait_seconds`` comes from the telephone system's own field, not from subtracting instants.
    """

    source: str
    id: str
    queue: str
    entered_at: int
    outcome: Outcome
    organization: str | None = None
    wait_seconds: int | None = None
    answered_at: int | None = None
    left_at: int | None = None
    talk_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A ticket that its source no longer shows: an earlier record of it gets ``mark``.

    ``at`` is the instant at which it was merged or deleted, where the source knows it.
    """

    source: str
    id: str
    mark: str
    at: int | None = None


Record = Ticket | Call | Gone
