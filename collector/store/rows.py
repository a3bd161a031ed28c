"""Converts records to rows of the store, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from collector.model.columns import ABSENT, CallProfile, Fact, TicketProfile
from collector.model.history import changes_of, distinct_values, intervals
from collector.model.records import OUT_OF_WORK, Call, Change, Status, Ticket, Unrecorded
from collector.store.decoding import decoding

Profile = TicketProfile | CallProfile
RowValues = tuple[Any, ...]

FACTS = {
    "first_note_at": Fact.NOTE,
    "first_status_at": Fact.STATUS,
    "first_assigned_at": Fact.ASSIGNED,
    "own_first_response_at": Fact.OWN_RESPONSE,
    "own_response_due_at": Fact.OWN_RESPONSE_DUE,
    "own_response_met": Fact.OWN_RESPONSE_MET,
    "own_resolution_due_at": Fact.OWN_RESOLUTION_DUE,
    "own_resolution_met": Fact.OWN_RESOLUTION_MET,
}
"""The fields of a ticket that only some have, which share one column, and their code there."""

TICKET_COLUMNS = (
    *(f.name for f in fields(Ticket) if f.name not in FACTS and f.name != "changes"),
    "facts_held",
    "facts",
    "history",
)
CALL_COLUMNS = tuple(f.name for f in fields(Call))
CLOCKS = {
    "opened": ("opened_at",),
    "responded": ("first_response_at", "opened_at"),
    "resolved": ("resolved_at", "first_resolved_at"),
}
"""Clock → the columns by which a ticket may count: the usual one, and the one that a rule can use
instead (solved on the phone counts as answered at its opening; the first resolution counts)."""

_TICKET_FIELDS = TICKET_COLUMNS[:-3]


def digest(value: object) -> str:
    """A 128-bit BLAKE2b digest, in hexadecimal, of a value made of tuples, texts and numbers."""
    return hashlib.blake2b(repr(value).encode("utf-8", "replace"), digest_size=16).hexdigest()


def history_digest(history: Sequence[Change]) -> str:
    """The digest of a ticket's changes; empty without any."""
    return digest([(c.at, str(c.field), str(c.value)) for c in history]) if history else ""


def _text(value: str | None) -> str | None:
    """A plain text, even where a source used one of our enumerations."""
    return value if value is None or type(value) is str else str(value)


def ticket_row(ticket: Ticket) -> tuple[RowValues, TicketProfile]:
    """The values for TICKET_COLUMNS, and the profile."""
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
    profile = _ticket_profile(ticket, *texts)
    facts = [f"{kind:d},{start},{end}" for kind, start, end in _facts(ticket, profile.priorities)]
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
        ",".join(sorted(ticket.unrecorded)) or None,
        len(facts),
        ",".join(facts) or None,
        history_digest(history),
    )
    return row, profile


def _facts(ticket: Ticket, priorities: Sequence[str]) -> Iterator[tuple[Fact, int, int]]:
    """The facts that only some tickets have, as (kind, start, end).

    ``priorities``: all that the ticket ever had; its own changes refer to them by index.
    """
    for start, end in intervals(ticket.changes, "status", {Status.ON_HOLD}):
        yield Fact.HOLD, start, ABSENT if end is None else end
    if ticket.reopened:
        for start, end in intervals(ticket.changes, "status", OUT_OF_WORK):
            if end is not None:
                yield Fact.GAP, start, end
    for name, kind in FACTS.items():
        if (value := getattr(ticket, name)) is not None:
            yield kind, int(value), int(value)
    if len(priorities) > 1:
        for change in changes_of(ticket.changes, "priority"):
            yield Fact.PRIORITY, change.at, priorities.index(str(change.value))


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
    return TicketProfile(
        ticket.source,
        kind,
        organization,
        category,
        status,
        team,
        mark,
        _held(ticket.changes, "priority", priority),
        priority,
        _held(ticket.changes, "team", team),
        bool(ticket.solved_by_registrar),
        tuple(sorted(map(str, ticket.unrecorded))),
    )


def _held(changes: Iterable[Change], field: str, current: str | None) -> tuple[str, ...]:
    """Every value that the field ever had; ``current`` is added if the history lacks it."""
    held = distinct_values(changes, field)
    return held if current is None or current in held else (*held, current)


def call_row(call: Call) -> tuple[RowValues, CallProfile]:
    """The values for CALL_COLUMNS, and the profile."""
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
        call_number(call),
    )
    return row, CallProfile(call.source, call.queue, organization, outcome)


def call_number(call: Call) -> int | None:
    """The number that all stays of a call share: 62 bits made of its source and id, since an id
    could be a caller's number. None where the source tells no id."""
    return None if call.call_id is None else number_of_call(call.source, call.call_id)


def number_of_call(source: str, call_id: str) -> int:
    """See :func:`call_number`."""
    text = f"{source}\0{call_id}".encode(errors="surrogatepass")
    made = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(made, "big") >> 2


def to_ticket(row: Row[Any], changes: Sequence[Change]) -> Ticket:
    """The ticket that was stored as ``row``, which has all of TICKET_COLUMNS.

    Raises DamagedRow for what cannot have been stored.
    """
    with decoding("tickets", row.n):
        return _to_ticket(row, changes)


def _to_ticket(row: Row[Any], changes: Sequence[Change]) -> Ticket:
    fields = {name: row._mapping[name] for name in _TICKET_FIELDS}
    fields["solved_by_registrar"] = bool(fields["solved_by_registrar"])
    names = filter(None, (row.unrecorded or "").split(","))
    fields["unrecorded"] = frozenset(map(Unrecorded, names))
    flat = [int(number) for number in (row.facts or "").split(",") if number]
    facts = dict(zip(flat[::3], flat[1::3], strict=True))
    for name, kind in FACTS.items():
        if kind in facts:
            fields[name] = bool(facts[kind]) if name.endswith("_met") else facts[kind]
    return Ticket(**fields, changes=tuple(changes))


def profile_text(profile: Profile) -> str:
    """A profile as JSON, for the store."""
    return json.dumps(profile)


def to_ticket_profile(text: str) -> TicketProfile:
    """The profile of a ticket that :func:`profile_text` wrote."""
    profile = TicketProfile(*json.loads(text))
    return profile._replace(
        priorities=tuple(profile.priorities),
        teams=tuple(profile.teams),
        unrecorded=tuple(profile.unrecorded),
    )


def to_call_profile(text: str) -> CallProfile:
    """The profile of a call that :func:`profile_text` wrote."""
    return CallProfile(*json.loads(text))
