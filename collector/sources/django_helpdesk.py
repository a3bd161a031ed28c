"""django-helpdesk 2 through its REST interface (HELPDESK_ACTIVATE_API_ENDPOINT).

Recorded from 2.6.1. The interface has no filters, no times of change and no order that can be asked
for, so every poll reads all tickets; a large desk is better read from its database by ``sql``.
Follow-ups come with the tickets, so there is one request for each hundred of them. They tell who
wrote publicly and when, and the history of the status; they do not tell moves between queues,
earlier priorities and assignments. Being on hold leaves no trace when it ends. A ticket that was
deleted and one in a queue that the user may not see give the same answer (404).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import ClassVar, Literal

from collector.sources import kit
from collector.sources.kit import HttpClient, Row, required, text

_OPEN = ("1", "2")
_UNTRACED = kit.unrecorded("resolution", "closing", "reopenings")
_TICKETS = "/api/tickets/"
_COLUMNS = kit.Columns(values={"priority": "priority", "team": "queue"})


class DjangoHelpdeskOptions(kit.TokenOrPassword):
    """The keys of a ``django_helpdesk`` source.

    ``customers``: the ids of users who are not staff, where customers have accounts.
    """

    implementation = "collector.sources.django_helpdesk:DjangoHelpdesk"
    title = kit.Text(sv="django-helpdesk", en="django-helpdesk")
    settings_in_words: ClassVar = {
        "customers": kit.Text(sv="Kunder med konto", en="Customers' accounts")
    }
    SCHEME = "Token {}"
    HOOK: ClassVar = kit.HookFormat(token="Authorization")  # noqa: S106 - the name of a header
    WORDS: ClassVar = {
        "status": kit.numbers("open", "open", "resolved", "closed", "closed")
        | {"on_hold": "on_hold"},
        "priority": kit.numbers("urgent", "high", "normal", "low", "low"),
    }
    UNRECORDED = kit.unrecorded("holds", "first_assigned", "priorities", "teams")
    REMEDIES: ClassVar = {
        kit.Unrecorded(each): f"map.{each}" for each in ("kind", "organization", "category")
    }

    type: Literal["django_helpdesk"]
    customers: tuple[int, ...] = ()


class DjangoHelpdesk(kit.ListedSystem[HttpClient], kit.SingleTickets):
    """A django-helpdesk, which lists all tickets with their follow-ups."""

    options: DjangoHelpdeskOptions
    PATH, ABSENT = "/api/tickets/{}/", frozenset({404})

    def check(self, connection: HttpClient) -> str:
        """Return how many tickets are visible."""
        found = connection.get(_TICKETS, {"page_size": "1"}).body
        return f"django-helpdesk, {kit.integer(found, 'count') or 0} tickets visible"

    def all_tickets(self, connection: HttpClient, page_size: int) -> Iterator[kit.Lines]:
        for page in count(1):
            params = {"page": str(page), "page_size": str(page_size)}
            beyond = {404} if page > 1 else ()  # the last page has vanished meanwhile
            answer = connection.get(_TICKETS, params, accept=beyond)
            if answer.status == 404:
                return
            yield [self._line(row) for row in kit.rows(answer.body, "results")]
            if answer.body.get("next") is None:
                return

    def _line(self, row: Row) -> kit.ChangedTicket:
        number = str(row.get("id")) if isinstance(row.get("id"), int) else ""
        return kit.ChangedTicket(
            number, found=kit.translated(number, partial(self.ticket, None, row))
        )

    def ticket(self, _: HttpClient | None, row: Row) -> kit.Fetched:
        if text(row, "merged_to") is not None:
            return kit.Removed(required(row, "id"), kit.Status.MERGED)
        return raw_ticket(row, self.options.url, frozenset(self.options.customers))


def raw_ticket(row: Row, url: str, customers: frozenset[int]) -> kit.RawTicket:
    """Return a ticket of its row with its follow-ups. Raises RejectedRow if it cannot be used.

    The first follow-up is the opening. A public one by staff with a text is an answer; only whether
    there is a text is looked at.
    """
    entries = sorted(kit.rows(row, "followup_set"), key=lambda entry: kit.integer(entry, "id") or 0)
    if not entries:
        raise kit.RejectedRow("missing_opening", "no follow-up tells when the ticket was opened")
    number, status, known = required(row, "id"), required(row, "status"), "1"
    history = kit.History({str(each) for each in customers}, registrar=_user(entries[0]))
    for entry in entries:
        at, by, later = kit.required_instant(entry, "date"), _user(entry), entry is not entries[0]
        if later and entry.get("comment"):
            history.act(at, by, "reply" if kit.flag(entry, "public") else "note")
        if (new := text(entry, "new_status")) is not None:
            history.change(at, by, "status", known, new, acted=later)
            known = new
    held = bool(kit.flag(row, "on_hold")) and status in _OPEN
    opened_at, changed_at = (kit.required_instant(entries[end], "date") for end in (0, -1))
    if held and not history.changes:  # since when is not known, so not from the opening
        history.change(opened_at, "", "status", known, known, acted=False)
    return _COLUMNS.ticket(
        row,
        history,
        f"{url}/tickets/{number}/",
        opened_at=opened_at,
        changed_at=changed_at,
        fields={
            "status": kit.Status.ON_HOLD if held else status,
            **dict.fromkeys(("kind", "organization", "category")),
        },
        unrecorded=frozenset() if status == known else _UNTRACED,
    )


def _user(entry: Row) -> str:
    return text(entry, "user") or ""
