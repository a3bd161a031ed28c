"""A ticket desk in memory that records its history as Request Tracker does.

Every act is a numbered transaction. Initial values are not recorded, ``Resolved`` survives a
reopening, queues and owners are recorded by number, and a merged ticket is found under its target's
id. With an agreement each ticket has one deadline: that of the response while its requestor waits
for one (never for tickets that staff registered), otherwise that of the resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

INACTIVE = frozenset({"resolved", "rejected", "deleted"})
SYSTEM_USER = "RT_System"
NOBODY = "Nobody"


@dataclass(slots=True)
class DeskTicket:
    """The current state of a ticket; times in epoch seconds, 0 if unset."""

    id: int
    queue: int
    status: str
    priority: str
    custom: dict[str, str]
    creator: str
    requestors: tuple[str, ...]
    created: int
    updated: int
    resolved: int = 0
    merged_into: int | None = None
    type: str = "ticket"
    owner: str = NOBODY
    due: int = 0
    response_due: int | None = None
    resolution_due: int = 0


class Agreement(Protocol):
    """The deadlines of tickets by priority; all times in epoch seconds."""

    def response(self, priority: int, asked_at: int) -> int:
        """The deadline of the response to a request at ``asked_at``."""
        ...

    def resolution(self, priority: int, opened_at: int) -> int:
        """The deadline of resolving a ticket opened at ``opened_at``."""
        ...


@dataclass(slots=True)
class DeskTransaction:
    """One act on a ticket; ``at`` in epoch seconds."""

    id: int
    ticket: int
    at: int
    type: str
    creator: str
    field: str = ""
    old: str = ""
    new: str = ""


@dataclass(slots=True)
class Desk:
    """Tickets, transactions and the acts that change them; ``at`` is always in epoch seconds.

    The lists are ordered by id; ids begin at 1 and have no gaps. ``by_ticket``: the ids of each
    ticket's transactions. ``withheld``: ids of transactions that are not committed yet. ``users``:
    the numbers of all users who were owners.
    """

    queues: Sequence[str] = ("Servicedesk", "Second line", "Field service")
    custom_fields: Sequence[str] = ("Municipality", "TicketType")
    tickets: list[DeskTicket] = field(default_factory=list)
    transactions: list[DeskTransaction] = field(default_factory=list)
    by_ticket: dict[int, list[int]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    agreement: Agreement | None = None
    users: dict[str, int] = field(default_factory=lambda: {SYSTEM_USER: 1, NOBODY: 6})

    def advance(self, to: int) -> None:
        """Carry out everything planned up to ``to``, in epoch seconds; here there is nothing."""

    def ticket(self, number: int) -> DeskTicket:
        """The ticket with this id, or the one it was merged into. Raises KeyError without one."""
        while 0 < number <= len(self.tickets):
            found = self.tickets[number - 1]
            if found.merged_into is None:
                return found
            number = found.merged_into
        raise KeyError(number)

    def create(
        self,
        at: int,
        creator: str,
        requestor: str,
        *,
        queue: str = "Servicedesk",
        priority: int = 50,
        status: str = "new",
        custom: dict[str, str] | None = None,
        owner: str = NOBODY,
    ) -> int:
        """Open a ticket; returns its id."""
        number = len(self.tickets) + 1
        ticket = DeskTicket(
            id=number,
            queue=self.queues.index(queue) + 1,
            status=status,
            priority=str(priority),
            custom=dict(custom or {}),
            creator=creator,
            requestors=(requestor,),
            created=at,
            updated=at,
            resolved=at if status in INACTIVE else 0,
            owner=owner,
        )
        self.tickets.append(ticket)
        self.by_ticket[number] = []
        self._log(number, at, "Create", creator)
        self._log(number, at, "EmailRecord", SYSTEM_USER)
        if self.agreement:
            ticket.resolution_due = self.agreement.resolution(priority, at)
        self._set_due(ticket, at, creator)
        return number

    def correspond(self, at: int, number: int, creator: str) -> None:
        """Write to, or as, the requestor; reopens a ticket that was waiting for that."""
        ticket = self.ticket(number)
        self._log(number, at, "Correspond", creator)
        self._log(number, at, "EmailRecord", SYSTEM_USER)
        waits_for = ("stalled", "resolved") if creator in ticket.requestors else ("new",)
        if ticket.status in waits_for:
            self.set_status(at, number, SYSTEM_USER, "open")
        self._set_due(ticket, at, creator)

    def comment(self, at: int, number: int, creator: str) -> None:
        """Add an internal note."""
        self._log(number, at, "Comment", creator)

    def set_status(self, at: int, number: int, creator: str, status: str) -> None:
        """Change the status; ``deleted`` deletes the ticket."""
        ticket = self.ticket(number)
        if status in INACTIVE and ticket.status not in INACTIVE:
            ticket.resolved = at
        old, ticket.status = ticket.status, status
        self._log(number, at, "Status", creator, "Status", old, status)

    def set_owner(self, at: int, number: int, creator: str, owner: str) -> None:
        """Set the owner, which is recorded twice; nothing if it is the same as before."""
        ticket = self.ticket(number)
        if ticket.owner == owner:
            return
        old, ticket.owner = ticket.owner, owner
        for kind in ("Set", "SetWatcher"):
            self._log(number, at, kind, creator, "Owner", self._user(old), self._user(owner))

    def set_due(self, at: int, number: int, creator: str, due: int) -> None:
        """Set the deadline, in epoch seconds; 0 removes it."""
        ticket = self.ticket(number)
        old, ticket.due = ticket.due, due
        self._log(number, at, "Set", creator, "Due", _naive(old), _naive(due))

    def set_priority(self, at: int, number: int, creator: str, priority: int) -> None:
        """Change the priority."""
        ticket = self.ticket(number)
        old, ticket.priority = ticket.priority, str(priority)
        self._log(number, at, "Set", creator, "Priority", old, ticket.priority)

    def move(self, at: int, number: int, creator: str, queue: str) -> None:
        """Move the ticket to another queue."""
        ticket = self.ticket(number)
        old, ticket.queue = ticket.queue, self.queues.index(queue) + 1
        self._log(number, at, "Set", creator, "Queue", str(old), str(ticket.queue))

    def set_custom(self, at: int, number: int, creator: str, name: str, value: str) -> None:
        """Set a custom field."""
        ticket = self.ticket(number)
        old = ticket.custom.get(name, "")
        ticket.custom[name] = value
        key = str(self.custom_fields.index(name) + 1)
        self._log(number, at, "CustomField", creator, key, old, value)

    def merge(self, at: int, number: int, creator: str, into: int) -> None:
        """Merge a ticket into another; both get a transaction."""
        link = f"fsck.com-rt://desk.example/ticket/{into}"
        self._log(number, at, "AddLink", creator, "MergedInto", "", link)
        self._log(into, at, "AddLink", creator, "MergedInto", "", link)
        self.tickets[number - 1].merged_into = into

    def _set_due(self, ticket: DeskTicket, at: int, writer: str) -> None:
        """Update the deadline after ``writer`` wrote."""
        if self.agreement is None:
            return
        if writer not in ticket.requestors:
            ticket.response_due = None
        elif ticket.response_due is None:
            ticket.response_due = self.agreement.response(int(ticket.priority), at)
        due = min(ticket.resolution_due, ticket.response_due or ticket.resolution_due)
        if due != ticket.due:
            self.set_due(at, ticket.id, SYSTEM_USER, due)

    def _user(self, name: str) -> str:
        return str(self.users.setdefault(name, 20 + len(self.users)))

    def _log(self, number: int, at: int, kind: str, creator: str, *values: str) -> None:
        act = len(self.transactions) + 1
        self.transactions.append(DeskTransaction(act, number, at, kind, creator, *values))
        self.by_ticket[number].append(act)
        self.tickets[number - 1].updated = at


def _naive(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
