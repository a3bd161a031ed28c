"""Records as rows and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from collector.history import intervals, value_at, values
from collector.records import Call, Change, Gone, Status, Ticket
from collector.tables import ABSENT, CallProfile, TicketProfile

Profile = TicketProfile | CallProfile
Values = tuple[Any, ...]

TICKET_COLUMNS = (
    *(name for f in fields(Ticket) if (name := f.name) != "changes"),
    "held",
    "holds",
    "history",
)
CALL_COLUMNS = tuple(f.name for f in fields(Call))
_TICKET_FIELDS = TICKET_COLUMNS[:-3]


def digest(value: object) -> str:
    """128 bits of what ``value`` (made of tuples, texts and numbers) looks like."""
    return hashlib.blake2b(repr(value).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _text(value: str | None) -> str | None:
    """Plain text also where a source used one of our enumerations."""
    return value if value is None or type(value) is str else str(value)


def ticket_row(ticket: Ticket) -> tuple[Values, TicketProfile]:
    """The values of TICKET_COLUMNS, and the profile."""
    history = ticket.changes
    texts = (
        _text(ticket.kind),
        _text(ticket.priority),
        _text(ticket.organization),
        _text(ticket.category),
        _text(ticket.status),
        _text(ticket.team),
        _text(ticket.mark),
    )
    holds = [
        f"{start},{ABSENT if end is None else end}"
        for start, end in intervals(history, "status", Status.ON_HOLD)
    ]
    row = (
        ticket.source,
        ticket.id,
        ticket.opened_at,
        ticket.first_response_at,
        ticket.first_resolved_at,
        ticket.resolved_at,
        ticket.closed_at,
        ticket.reopened,
        int(ticket.solved_by_registrar),
        *texts,
        ticket.url,
        len(holds),
        ",".join(holds) or None,
        digest([(c.at, str(c.field), str(c.value)) for c in history]) if history else "",
    )
    return row, _ticket_profile(ticket, *texts)


def _ticket_profile(
    ticket: Ticket,
    kind: str | None,
    priority: str | None,
    organization: str | None,
    category: str | None,
    status: str | None,
    team: str | None,
    mark: str | None,
) -> TicketProfile:
    at_response = priority
    if ticket.first_response_at is not None:
        at_response = value_at(ticket.changes, "priority", ticket.first_response_at) or priority
    return TicketProfile(
        ticket.source,
        kind,
        organization,
        category,
        status,
        team,
        mark,
        _held(ticket.changes, "priority", priority),
        at_response,
        _held(ticket.changes, "team", team),
        bool(ticket.solved_by_registrar),
    )


def _held(changes: Iterable[Change], field: str, current: str | None) -> tuple[str, ...]:
    """Every value of the field; a source without history, or behind with it, tells the last."""
    held = values(changes, field)
    return held if current is None or current in held else (*held, current)


def call_row(call: Call) -> tuple[Values, CallProfile]:
    """The values of CALL_COLUMNS, and the profile."""
    outcome, organization = str(call.outcome), _text(call.organization)
    row = (
        call.source,
        call.id,
        call.queue,
        call.entered_at,
        outcome,
        organization,
        call.wait_seconds,
        call.answered_at,
        call.left_at,
        call.talk_seconds,
    )
    return row, CallProfile(call.source, call.queue, organization, outcome)


def to_ticket(row: Row[Any], changes: Sequence[Change]) -> Ticket:
    """The ticket that was stored as ``row`` (which has all of TICKET_COLUMNS)."""
    known = {name: row._mapping[name] for name in _TICKET_FIELDS}
    known["solved_by_registrar"] = bool(known["solved_by_registrar"])
    return Ticket(**known, changes=tuple(changes))


def marked(profile: TicketProfile, gone: Gone) -> TicketProfile:
    """The profile of a ticket that its source no longer shows."""
    return profile._replace(mark=str(gone.mark), status=str(gone.mark))


def profile_text(profile: Profile) -> str:
    return json.dumps(profile)


def to_ticket_profile(text: str) -> TicketProfile:
    known = TicketProfile(*json.loads(text))
    return known._replace(priorities=tuple(known.priorities), teams=tuple(known.teams))


def to_call_profile(text: str) -> CallProfile:
    return CallProfile(*json.loads(text))
