"""Turns a ticket's history, in its system's own words, into the facts behind the figures. Pure.

This is the one place, for every ticket system, that decides who answered first, when a ticket was
on hold, resolved, reopened and closed, and which priority, team and kind it had at which time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from collector.model.records import MARKS, OUT_OF_WORK, Change, Status, Ticket
from collector.sources.kit.mapping import Mapper

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
    by: str


@dataclass(frozen=True, slots=True)
class Action:
    """Somebody did something to a ticket at ``at`` (epoch seconds).

    ``by_staff``: it was a person working on the ticket, neither a requestor nor a machine.
    """

    at: int
    act: Act
    by_staff: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTicket:
    """A ticket in its system's own words.

    ``opened_at``: epoch seconds. ``fields``: the current values by our field names (status, kind,
    priority, organization, category, team); fields that the system does not have are left out.
    ``changes`` (of the fields in :data:`HISTORY`) and ``actions``: in chronological order.
    ``resolved_at``: the system's own time of resolution (epoch seconds), used only if the history
    does not show one. ``registered_by``: who opened it, as in :attr:`RawChange.by`.
    ``registered_by_staff``: as :attr:`Action.by_staff`.
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
    """Return the record of a ticket, without what its system computed itself (``own_…``).

    Raises RejectedRow for a value that is not mapped.
    """
    status = mapper("status", raw.fields["status"])
    statuses = field_history(raw, "status", mapper)
    done = status in OUT_OF_WORK
    resolved, reopened = resolutions(statuses)
    if done and not resolved:
        resolved = [raw.resolved_at or raw.opened_at]
    elif done and len(statuses) == 1 and raw.resolved_at:
        resolved = [raw.resolved_at]
    answered_at = _first(raw.actions, "reply")
    unwritten = answered_at is None or bool(resolved and answered_at > resolved[0])
    changes = [*statuses, *(c for name in HISTORY[1:] for c in field_history(raw, name, mapper))]
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


def field_history(raw: RawTicket, name: str, mapper: Mapper) -> list[Change]:
    """Return our values of one field since the opening, without repetitions.

    The value at opening is the old value of the first change, or today's value if nothing changed.
    If the field was empty at first, its first value counts from the opening. Empty if the system
    does not have the field. Raises RejectedRow for a value that is not mapped.
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
    """Return the instants (epoch seconds) of a ticket's resolutions, and how often it was reopened.

    A resolution is a change to a status in OUT_OF_WORK from one outside it.
    """
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
    """Return our current value of a field; None if the system does not have the field."""
    return mapper(name, raw.fields[name]) if name in raw.fields else None


def _first(actions: Iterable[Action], act: Act) -> int | None:
    """Return when staff first did this."""
    return next((each.at for each in actions if each.by_staff and each.act == act), None)


def _by_registrar(raw: RawTicket, mapper: Mapper) -> bool:
    """Return whether the person who registered the ticket for somebody else also resolved it."""
    if not raw.registered_by_staff:
        return False
    moves = [move for move in raw.changes if move.field == "status"]
    at_opening = moves[0].old if moves else raw.fields["status"]
    if mapper("status", at_opening) in OUT_OF_WORK:
        return True
    first = next((m for m in moves if mapper("status", m.new) in OUT_OF_WORK), None)
    return first is not None and first.by == raw.registered_by
