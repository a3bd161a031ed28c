"""A ticket desk in memory that keeps its books as Request Tracker does.

Every act is a numbered transaction. The initial values are none, ``Resolved`` outlives a
reopening, queues are moved by number, a merged ticket lives on under its target's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

INACTIVE = frozenset({"resolved", "rejected", "deleted"})
SYSTEM_USER = "RT_System"
UNSEEN_TYPES = frozenset({"Comment", "EmailRecord"})
"""Transactions that an ordinary user may not see; they take a place in a page all the same."""


@dataclass(slots=True)
class DeskTicket:
    """A ticket as it is now."""

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


@dataclass(slots=True)
class DeskTransaction:
    """One act on a ticket."""

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
    """Tickets, transactions and the acts that change them.

    The lists are in the order of ids, which begin at 1 and have no gaps. ``withheld``: ids of
    transactions that are not committed yet.
    """

    queues: Sequence[str] = ("Servicedesk", "Second line", "Field service")
    custom_fields: Sequence[str] = ("Municipality", "TicketType")
    tickets: list[DeskTicket] = field(default_factory=list)
    transactions: list[DeskTransaction] = field(default_factory=list)
    by_ticket: dict[int, list[int]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)

    def advance(self, to: int) -> None:
        """Let everything happen that happens until then. A desk at rest has nothing to do."""

    def ticket(self, number: int) -> DeskTicket:
        """The ticket that this id leads to, through merges. Raises KeyError."""
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
    ) -> int:
        """Open a ticket; its id."""
        number = len(self.tickets) + 1
        self.tickets.append(
            DeskTicket(
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
            )
        )
        self.by_ticket[number] = []
        self._log(number, at, "Create", creator)
        self._log(number, at, "EmailRecord", SYSTEM_USER)
        return number

    def correspond(self, at: int, number: int, creator: str) -> None:
        """Write to the requestor, or as the requestor; opens a ticket that waits for it."""
        ticket = self.ticket(number)
        self._log(number, at, "Correspond", creator)
        self._log(number, at, "EmailRecord", SYSTEM_USER)
        waits_for = ("stalled", "resolved") if creator in ticket.requestors else ("new",)
        if ticket.status in waits_for:
            self.set_status(at, number, SYSTEM_USER, "open")

    def comment(self, at: int, number: int, creator: str) -> None:
        """Leave an internal note."""
        self._log(number, at, "Comment", creator)

    def set_status(self, at: int, number: int, creator: str, status: str) -> None:
        """Change the status; ``deleted`` is how a ticket is deleted."""
        ticket = self.ticket(number)
        if status in INACTIVE and ticket.status not in INACTIVE:
            ticket.resolved = at
        old, ticket.status = ticket.status, status
        self._log(number, at, "Status", creator, "Status", old, status)

    def set_priority(self, at: int, number: int, creator: str, priority: int) -> None:
        """Change the priority."""
        ticket = self.ticket(number)
        old, ticket.priority = ticket.priority, str(priority)
        self._log(number, at, "Set", creator, "Priority", old, ticket.priority)

    def move(self, at: int, number: int, creator: str, queue: str) -> None:
        """Pass the ticket on to another queue."""
        ticket = self.ticket(number)
        old, ticket.queue = ticket.queue, self.queues.index(queue) + 1
        self._log(number, at, "Set", creator, "Queue", str(old), str(ticket.queue))

    def set_custom(self, at: int, number: int, creator: str, name: str, value: str) -> None:
        """Fill in a custom field."""
        ticket = self.ticket(number)
        old = ticket.custom.get(name, "")
        ticket.custom[name] = value
        key = str(self.custom_fields.index(name) + 1)
        self._log(number, at, "CustomField", creator, key, old, value)

    def merge(self, at: int, number: int, creator: str, into: int) -> None:
        """Join a ticket to another; both get a transaction."""
        link = f"fsck.com-rt://desk.example/ticket/{into}"
        self._log(number, at, "AddLink", creator, "MergedInto", "", link)
        self._log(into, at, "AddLink", creator, "MergedInto", "", link)
        self.tickets[number - 1].merged_into = into

    def _log(self, number: int, at: int, kind: str, creator: str, *values: str) -> None:
        act = len(self.transactions) + 1
        self.transactions.append(DeskTransaction(act, number, at, kind, creator, *values))
        self.by_ticket[number].append(act)
        self.tickets[number - 1].updated = at
