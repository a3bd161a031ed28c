"""A ticket in its own system's words, and what may be found in its place. Pure data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from collector.model.page import Rejected
from collector.model.records import Status, Unrecorded

HISTORY = ("status", "priority", "team", "kind")
"""The fields whose history is stored, in the order in which the changes are stored."""

Act = Literal["reply", "note", "status", "assignment"]
"""What somebody did to a ticket: answered the requestor, wrote an internal note, changed the status
or assigned an owner."""


@dataclass(frozen=True, slots=True)
class RawChange:
    """At ``at`` (epoch seconds) our ``field`` went from ``old`` to ``new``, in the system's words.

    ``by``: who did it; it is only compared and never stored.
    """

    at: int
    field: str
    old: str | None
    new: str | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Somebody did something to a ticket at ``at`` (epoch seconds).

    ``by_staff``: it was a person working on the ticket, neither a requestor nor a machine.
    """

    at: int
    act: Act
    by_staff: bool


@dataclass(frozen=True, slots=True)
class OwnSla:
    """What the system computed itself, kept for comparison; None where it does not say.

    Instants are epoch seconds; ``…_met``: whether the system considers its deadline met.
    """

    response_due_at: int | None = None
    response_met: bool | None = None
    resolution_due_at: int | None = None
    resolution_met: bool | None = None
    first_response_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTicket:
    """A ticket in its system's own words.

    ``opened_at``: epoch seconds. ``fields``: the current values by our field names (status, kind,
    priority, organization, category, team); fields that the system does not have are left out.
    ``changes`` (of the fields in :data:`HISTORY`) and ``actions``: in chronological order.
    ``resolved_at`` and ``closed_at``: the system's own times (epoch seconds), used only if the
    history does not show them. ``registered_by``: who opened it, as in :attr:`RawChange.by`.
    ``registered_by_staff``: as :attr:`Action.by_staff`. ``changed_at``: when it was last changed
    (epoch seconds), which tells how fresh the data are. ``unrecorded``: what is not known of this
    ticket, beyond what the options declare for all.

    A system that keeps totals instead of a history gives what it has: its time of the first answer
    as an Action, ``resolved_at``, ``closed_at``; and declares the rest as unrecorded.
    """

    id: str
    opened_at: int
    fields: Mapping[str, str | None]
    changes: Sequence[RawChange] = ()
    actions: Sequence[Action] = ()
    resolved_at: int | None = None
    closed_at: int | None = None
    registered_by: str = ""
    registered_by_staff: bool = False
    url: str | None = None
    changed_at: int | None = None
    own: OwnSla = OwnSla()
    unrecorded: frozenset[Unrecorded] = frozenset()


@dataclass(frozen=True, slots=True)
class Removed:
    """The ticket was merged into another, deleted or marked as spam; ``at``: when, if known.

    ``missing``: all that is known of it is that the system does not find it, which a proxy and a
    wrong path say of every ticket, too. See ``kit.missing``, which decides whether it is believed.
    """

    id: str
    mark: Status
    at: int | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class NotVisible:
    """The ticket may exist, but this user may not see it (any more); nothing is recorded."""

    id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Well-formed, but no ticket of ours; ``reason`` is a short code to count by."""

    id: str
    reason: str


Fetched = RawTicket | Removed | NotVisible | Ignored | Rejected
"""What became of a ticket that was asked for."""


@dataclass(frozen=True, slots=True)
class ChangedTicket:
    """A line of a feed: a ticket that changed at ``at`` (epoch seconds, by the system's clock).

    ``at`` is 0 in a feed without times. ``found``: the ticket itself, if the answer already holds
    all of it. ``read``: reads the rest, if the answer holds a part; it is called only for a ticket
    that is new, and may raise RejectedRow and what ``fetch`` may raise. Without both the ticket is
    fetched.
    """

    id: str
    at: int = 0
    found: Fetched | None = None
    read: Callable[[], Fetched] | None = field(default=None, compare=False, repr=False)


Lines = Sequence[ChangedTicket]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a numbered feed: entry ``number`` concerns ``ticket``, written at ``at``.

    ``number`` and ``ticket`` are None where the entry does not tell them, which is counted.
    """

    number: int | None
    ticket: str | None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of changed tickets begins.

    At ``at`` (epoch seconds, inclusive). Of the tickets that changed in exactly that second,
    ``skip`` were read before, the last of them with the id ``last_id``; ``skip`` is 0 unless more
    tickets share the second than fit on a page.
    """

    at: int
    skip: int = 0
    last_id: str | None = None
