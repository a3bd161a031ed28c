"""django-helpdesk 2 through its REST interface (HELPDESK_ACTIVATE_API_ENDPOINT).

Recorded from 2.6.1. The interface has no filters, no times of change and no order that can be asked
for, so every poll reads all tickets; a large desk is better read from its database by ``sql``.
Follow-ups come with the tickets, so there is one request for each hundred of them. They tell who
wrote publicly and when, and the history of the status; they do not tell moves between queues,
earlier priorities and assignments. Being on hold leaves no trace when it ends. A ticket that was
deleted and one in a queue that the user may not see give the same answer (404).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import ClassVar, Literal

from collector.io.http import HttpClient
from collector.model.bilingual import Text
from collector.model.page import RejectedRow
from collector.model.records import Status, Unrecorded
from collector.sources.kit.raw import Act, Action, ChangedTicket, Fetched, RawChange, RawTicket
from collector.sources.kit.raw import Removed as RemovedTicket
from collector.sources.kit.system import ListedSystem
from collector.sources.kit.values import (
    Row,
    flag,
    integer,
    rejected,
    required,
    required_instant,
    rows,
    text,
)
from collector.sources.kit.web import TokenOrPassword, absent
from collector.sources.kit.webhook import HookFormat

_OPEN = ("1", "2")
_UNTRACED = frozenset({Unrecorded.RESOLUTION, Unrecorded.CLOSING, Unrecorded.REOPENINGS})
_TICKETS = "/api/tickets/"


class DjangoHelpdeskOptions(TokenOrPassword):
    """The keys of a ``django_helpdesk`` source.

    ``customers``: the ids of users who are not staff, where customers have accounts.
    """

    implementation = "collector.sources.django_helpdesk:DjangoHelpdesk"
    delivers = "tickets"
    title = Text(sv="django-helpdesk", en="django-helpdesk")
    settings_in_words: ClassVar = {
        "customers": Text(sv="Kunder med konto", en="Customers' accounts")
    }
    SCHEME = "Token"
    HOOK: ClassVar = HookFormat(token="Authorization")  # noqa: S106 - the name of a header
    WORDS: ClassVar = {
        "status": {
            **{"1": "open", "2": "open", "3": "resolved", "4": "closed", "5": "closed"},
            "on_hold": "on_hold",
        },
        "priority": {"1": "urgent", "2": "high", "3": "normal", "4": "low", "5": "low"},
    }
    UNRECORDED = frozenset(
        {Unrecorded.HOLDS, Unrecorded.ASSIGNMENT, Unrecorded.PRIORITIES, Unrecorded.TEAMS}
    )
    REMEDIES: ClassVar = {
        Unrecorded.KIND: "map.kind",
        Unrecorded.ORGANIZATION: "map.organization",
        Unrecorded.CATEGORY: "map.category",
    }

    type: Literal["django_helpdesk"]
    customers: tuple[int, ...] = ()


class DjangoHelpdesk(ListedSystem[HttpClient]):
    """A django-helpdesk. See :class:`~collector.sources.kit.system.ListedSystem`."""

    options: DjangoHelpdeskOptions

    def check(self, connection: HttpClient) -> str:
        """Return how many tickets are visible."""
        found = connection.get(_TICKETS, {"page_size": "1"}).body
        return f"django-helpdesk, {integer(found, 'count') or 0} tickets visible"

    def all_tickets(
        self, connection: HttpClient, page_size: int
    ) -> Iterator[Sequence[ChangedTicket]]:
        """See :class:`~collector.sources.kit.system.ListedSystem`."""
        for page in count(1):
            params = {"page": str(page), "page_size": str(page_size)}
            beyond = {404} if page > 1 else ()  # the last page has vanished meanwhile
            answer = connection.get(_TICKETS, params, accept=beyond)
            if answer.status == 404:
                return
            yield [self._line(row) for row in rows(answer.body, "results")]
            if answer.body.get("next") is None:
                return

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        for number in ids:
            answer = connection.get(f"{_TICKETS}{number}/", accept={404})
            yield absent(number, answer) or self._found(answer.body)

    def _line(self, row: Row) -> ChangedTicket:
        number = row.get("id")
        return ChangedTicket(str(number) if isinstance(number, int) else "", found=self._found(row))

    def _found(self, row: Row) -> Fetched:
        try:
            if text(row, "merged_to") is not None:
                return RemovedTicket(required(row, "id"), Status.MERGED)
            return raw_ticket(row, self.options.url, frozenset(self.options.customers))
        except RejectedRow as error:
            return rejected(str(row.get("id") or ""), error)


def raw_ticket(row: Row, url: str, customers: frozenset[int]) -> RawTicket:
    """Return a ticket of its row with its follow-ups. Raises RejectedRow if it cannot be used.

    The first follow-up is the opening. A public one by staff with a text is an answer; only whether
    there is a text is looked at.
    """
    entries = sorted(rows(row, "followup_set"), key=lambda entry: integer(entry, "id") or 0)
    if not entries:
        raise RejectedRow("missing_opening", "no follow-up tells when the ticket was opened")
    number, status = required(row, "id"), required(row, "status")
    opened_at = required_instant(entries[0], "date")
    changes: list[RawChange] = []
    actions: list[Action] = []
    known = "1"
    for entry in entries:
        at, user = required_instant(entry, "date"), integer(entry, "user")
        staff = user is not None and user not in customers
        if (new := text(entry, "new_status")) is not None:
            changes.append(RawChange(at, "status", known, new, str(user)))
            known = new
        if entry is not entries[0]:
            actions += [Action(at, act, staff) for act in _acts(entry)]
    held = bool(flag(row, "on_hold")) and status in _OPEN
    if held and not changes:  # since when is not known, so not from the opening
        changes.append(RawChange(opened_at, "status", known, known))
    return RawTicket(
        id=number,
        opened_at=opened_at,
        fields={
            "status": Status.ON_HOLD if held else status,
            "priority": text(row, "priority"),
            "team": text(row, "queue"),
            **dict.fromkeys(("kind", "organization", "category")),
        },
        changes=changes,
        actions=actions,
        registered_by=str(integer(entries[0], "user")),
        registered_by_staff=integer(entries[0], "user") not in (None, *customers),
        url=f"{url}/tickets/{number}/",
        changed_at=required_instant(entries[-1], "date"),
        unrecorded=frozenset() if status == known else _UNTRACED,
    )


def _acts(entry: Row) -> Iterator[Act]:
    """Yield what a follow-up did."""
    if entry.get("comment"):
        yield "reply" if flag(entry, "public") else "note"
    if text(entry, "new_status") is not None:
        yield "status"
