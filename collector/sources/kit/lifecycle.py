"""A ticket's history, in its own system's words, as the facts that figures are made of. Pure.

Here, once for every ticket system, it is decided who answered first, since when a ticket was on
hold, when it was resolved, reopened and closed, and which priority, team and kind it had when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from collector.model.records import MARKS, OUT_OF_WORK, Change, Status, Ticket
from collector.sources.kit.mapping import Mapper

HISTORY = ("status", "priority", "team", "kind")
"""The fields whose values through time are kept, in the order in which they are."""

Act = Literal["reply", "note", "status", "assignment"]
"""What somebody does to a ticket: answers the requestor, writes an internal note, changes the
status, or gives it an owner."""


@dataclass(frozen=True, slots=True)
class RawChange:
    """At the instant ``at`` (epoch seconds) our ``field`` went from ``old`` to ``new``, both in the
    system's own words. ``by``: whoever did it, only to be compared, never stored."""

    at: int
    field: str
    old: str | None
    new: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Action:
    """Somebody did something at the instant ``at`` (epoch seconds). ``by_staff``: a person who
    works on the ticket and did not ask; no machine."""

    at: int
    act: Act
    by_staff: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTicket:
    """A ticket in its own system's words.

    ``fields``: our field names (status, kind, priority, organization, category, team) to the
    values they have now; a field that the system does not have is left out. ``changes`` (of the
    fields in :data:`HISTORY`) and ``actions``: each in the order in which they happened.
    ``resolved_at``: when the system itself says it was resolved (epoch seconds), believed only
    where the history does not tell. ``registered_by``: whoever opened it, as in
    :attr:`RawChange.by`.
    """

    id: str
    opened_at: int
    fields: Mapping[str, str | None]
    changes: Sequence[RawChange]
    actions: Sequence[Action]
    resolved_at: int | None
    registered_by: str
    registered_by_staff: bool
    url: str | None


def assemble(source: str, raw: RawTicket, mapper: Mapper) -> Ticket:
    """The record of a ticket, less what its system computed itself (``own_…``).

    Raises RejectedRow for a value that is not mapped.
    """
    status = mapper("status", raw.fields["status"])
    statuses = history(raw, "status", mapper)
    done = status in OUT_OF_WORK
    resolved, reopened = resolutions(statuses)
    if done and not resolved:
        resolved = [raw.resolved_at or raw.opened_at]
    elif done and len(statuses) == 1 and raw.resolved_at:
        resolved = [raw.resolved_at]
    answered_at = _first(raw.actions, "reply")
    unwritten = answered_at is None or bool(resolved and answered_at > resolved[0])
    changes = [*statuses, *(c for name in HISTORY[1:] for c in history(raw, name, mapper))]
    return Ticket(
        source=source,
        id=raw.id,
        opened_at=raw.opened_at,
        first_response_at=answered_at,
        first_resolved_at=resolved[0] if resolved else None,
        resolved_at=resolved[-1] if done else None,
        closed_at=_closed_at(statuses) if done else None,
        reopened=reopened,
        solved_by_registrar=unwritten and _by_registrar(raw, mapper),
        kind=_value(raw, "kind", mapper),
        priority=_value(raw, "priority", mapper),
        organization=_value(raw, "organization", mapper),
        category=_value(raw, "category", mapper),
        status=status,
        team=_value(raw, "team", mapper),
        mark=status if status in MARKS else None,
        url=raw.url,
        first_note_at=_first(raw.actions, "note"),
        first_status_at=_first(raw.actions, "status"),
        first_assigned_at=_first(raw.actions, "assignment"),
        changes=tuple(changes),
    )


def history(raw: RawTicket, name: str, mapper: Mapper) -> list[Change]:
    """Our values of one field since the opening, equal neighbours joined.

    The value at the opening is no change: it is the first change's old value, or today's where
    nothing changed. A value that was filled in later counts from the opening, since before it
    there was none. Raises RejectedRow for a value that is not mapped.
    """
    if name not in raw.fields:
        return []
    moves = [move for move in raw.changes if move.field == name]
    initial = moves[0].old if moves else raw.fields[name]
    line = [(raw.opened_at, initial), *((max(move.at, raw.opened_at), move.new) for move in moves)]
    changes: list[Change] = []
    for at, text in line:
        value = mapper(name, text)
        if value is None or (changes and changes[-1].value == value):
            continue
        changes.append(Change(at if changes else raw.opened_at, name, value))
    return changes


def resolutions(statuses: Sequence[Change]) -> tuple[list[int], int]:
    """The instants (epoch seconds) at which a ticket with this history of statuses went out of
    work, and how often it came back."""
    ended = [statuses[0].at] if statuses and statuses[0].value in OUT_OF_WORK else []
    reopened = 0
    for before, after in pairwise(statuses):
        was, is_now = before.value in OUT_OF_WORK, after.value in OUT_OF_WORK
        if is_now and not was:
            ended.append(after.at)
        reopened += was and not is_now
    return ended, reopened


def _closed_at(statuses: Sequence[Change]) -> int | None:
    return statuses[-1].at if statuses and statuses[-1].value == Status.CLOSED else None


def _value(raw: RawTicket, name: str, mapper: Mapper) -> str | None:
    """Our value of a field today; absent where the system does not have the field."""
    return mapper(name, raw.fields[name]) if name in raw.fields else None


def _first(actions: Iterable[Action], act: Act) -> int | None:
    """When staff first did this."""
    return next((each.at for each in actions if each.by_staff and each.act == act), None)


def _by_registrar(raw: RawTicket, mapper: Mapper) -> bool:
    """Whether the person who registered the ticket for somebody also resolved it."""
    if not raw.registered_by_staff:
        return False
    moves = [move for move in raw.changes if move.field == "status"]
    at_opening = moves[0].old if moves else raw.fields["status"]
    if mapper("status", at_opening) in OUT_OF_WORK:
        return True
    first = next((m for m in moves if mapper("status", m.new) in OUT_OF_WORK), None)
    return first is not None and first.by == raw.registered_by
