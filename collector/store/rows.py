"""Records as rows and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from collector.history import intervals, value_at, values
from collector.records import Call, Change, Gone, Record, Status, Ticket
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
_TICKET_NUMBERS = tuple(
    name for name in _TICKET_FIELDS if name.endswith("_at") or name == "reopened"
)
_TICKET_TEXTS = tuple(
    name for name in _TICKET_FIELDS if name not in _TICKET_NUMBERS and name != "solved_by_registrar"
)
_CALL_NUMBERS = tuple(name for name in CALL_COLUMNS if name.endswith(("_at", "_seconds")))
_CALL_TEXTS = ("source", "id", "queue", "outcome", "organization")
LONGEST_ID = 500  # characters; both engines index it


def _text(value: str | None) -> str | None:
    """Plain text also where a source used one of our enumerations."""
    return None if value is None else str(value)


def digest(value: object) -> str:
    """128 bits that tell ``value`` (JSON-able) from any other."""
    return hashlib.blake2b(json.dumps(value).encode(), digest_size=16).hexdigest()


def unstorable(record: Record) -> str | None:
    """Why no row can hold the record, or None: a number that is none of 64 bits, an odd text."""
    numbers, texts = _numbers_and_texts(record)
    if any(
        v is not None and (type(v) is not int or not ABSENT < v <= -ABSENT - 1) for v in numbers
    ):
        return "an instant or duration is not a whole number of 64 bits"
    try:
        joined = "".join(texts)
        joined.encode()
    except (TypeError, UnicodeEncodeError):
        return "a text is not Unicode text"
    if "\0" in joined:
        return "a text holds a NUL character"
    if not 0 < len(record.id) <= LONGEST_ID:
        return f"the id is empty or has more than {LONGEST_ID} characters"
    return None


def _numbers_and_texts(record: Record) -> tuple[list[Any], list[str]]:
    if isinstance(record, Ticket):
        numbers = [getattr(record, name) for name in _TICKET_NUMBERS]
        texts = [text for name in _TICKET_TEXTS if (text := getattr(record, name)) is not None]
        for change in record.changes:
            numbers.append(change.at)
            texts += (change.field, change.value)
        numbers.append(int(record.opened_at is not None) or "missing")
        return numbers, texts
    if isinstance(record, Call):
        numbers = [getattr(record, name) for name in _CALL_NUMBERS]
        return numbers, [t for name in _CALL_TEXTS if (t := getattr(record, name)) is not None]
    return [], [record.source, record.id, record.mark]


def _held(changes: Iterable[Change], field: str, current: str | None) -> tuple[str, ...]:
    """Every value of the field; a source without history, or behind with it, tells the last."""
    held = values(changes, field)
    return held if current is None or current in held else (*held, str(current))


def ticket_profile(ticket: Ticket) -> TicketProfile:
    """The texts of the ticket, its history summed up."""
    answered = ticket.first_response_at
    at_response = None
    if answered is not None:
        at_response = value_at(ticket.changes, "priority", answered) or ticket.priority
    return TicketProfile(
        source=ticket.source,
        kind=_text(ticket.kind),
        organization=_text(ticket.organization),
        category=_text(ticket.category),
        status=_text(ticket.status),
        team=_text(ticket.team),
        mark=_text(ticket.mark),
        priorities=_held(ticket.changes, "priority", ticket.priority),
        priority_at_response=_text(at_response),
        teams=_held(ticket.changes, "team", ticket.team),
        solved_by_registrar=bool(ticket.solved_by_registrar),
    )


def call_profile(call: Call) -> CallProfile:
    """The texts of the call."""
    return CallProfile(call.source, call.queue, _text(call.organization), str(call.outcome))


def ticket_row(ticket: Ticket) -> Values:
    """The values of TICKET_COLUMNS."""
    holds = intervals(ticket.changes, "status", Status.ON_HOLD)
    ends = [f"{start},{ABSENT if end is None else end}" for start, end in holds]
    return (
        ticket.source,
        ticket.id,
        ticket.opened_at,
        ticket.first_response_at,
        ticket.first_resolved_at,
        ticket.resolved_at,
        ticket.closed_at,
        ticket.reopened,
        int(ticket.solved_by_registrar),
        _text(ticket.kind),
        _text(ticket.priority),
        _text(ticket.organization),
        _text(ticket.category),
        _text(ticket.status),
        _text(ticket.team),
        _text(ticket.mark),
        ticket.url,
        len(ends),
        ",".join(ends) if ends else None,
        digest([(c.at, c.field, c.value) for c in ticket.changes]) if ticket.changes else "",
    )


def call_row(call: Call) -> Values:
    """The values of CALL_COLUMNS."""
    return (
        call.source,
        call.id,
        call.queue,
        call.entered_at,
        str(call.outcome),
        _text(call.organization),
        call.wait_seconds,
        call.answered_at,
        call.left_at,
        call.talk_seconds,
    )


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
