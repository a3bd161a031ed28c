"""Turns a ticket's history, in its system's own words, into the facts behind the figures. Pure.

This is the one place, for every ticket system, that decides who answered first, when a ticket was
on hold, resolved, reopened and closed, and which priority, team and kind it had at which time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from collector.model.records import (
    DONE,
    MARKS,
    OUT_OF_WORK,
    Change,
    Status,
    Ticket,
    Unrecorded,
)
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import HISTORY, Act, Action, RawTicket

NOT_AT_FIRST = frozenset({Status.RESOLVED, Status.CLOSED, Status.ON_HOLD}) | MARKS
"""Statuses that a ticket does not have at its opening, where its history is not known."""


def assemble(
    source: str, raw: RawTicket, mapper: Mapper, unrecorded: frozenset[Unrecorded] = frozenset()
) -> Ticket:
    """Return the record of a ticket.

    ``unrecorded``: what its system does not tell of any ticket. Where that includes reopenings, the
    system has no history of the status, and its own times count.

    Raises RejectedRow for a value that is not mapped.
    """
    unrecorded |= raw.unrecorded
    status = mapper("status", raw.fields.get("status"))
    ends = _ends_by_totals if Unrecorded.REOPENINGS in unrecorded else _ends_by_history
    end = ends(raw, status, mapper)
    answered_at = _first(raw.actions, "reply")
    first_resolved_at = end.resolved[0] if end.resolved else None
    unwritten = answered_at is None or (
        first_resolved_at is not None and answered_at > first_resolved_at
    )
    others = (field_history(raw, name, mapper) for name in HISTORY[1:])
    own = raw.own
    return Ticket(
        source=source,
        id=raw.id,
        opened_at=raw.opened_at,
        first_response_at=answered_at,
        first_resolved_at=first_resolved_at,
        resolved_at=end.resolved[-1] if end.resolved and status in OUT_OF_WORK else None,
        closed_at=end.closed_at,
        reopened=end.reopened,
        solved_by_registrar=unwritten and _by_registrar(raw, mapper),
        kind=_value(raw, "kind", mapper),
        priority=_value(raw, "priority", mapper),
        organization=_value(raw, "organization", mapper),
        category=_value(raw, "category", mapper),
        status=status,
        team=_value(raw, "team", mapper),
        mark=status if status in MARKS else None,
        # Web pages link to it; other schemes could run scripts in the reader's browser
        url=raw.url if raw.url and raw.url.startswith(("https://", "http://")) else None,
        first_note_at=_first(raw.actions, "note"),
        first_status_at=_first(raw.actions, "status"),
        first_assigned_at=_first(raw.actions, "assignment"),
        own_first_response_at=own.first_response_at,
        own_response_due_at=own.response_due_at,
        own_response_met=own.response_met,
        own_resolution_due_at=own.resolution_due_at,
        own_resolution_met=own.resolution_met,
        changes=(*end.statuses, *chain.from_iterable(others)),
        unrecorded=unrecorded | end.unrecorded,
    )


@dataclass(frozen=True, slots=True)
class _Ends:
    """The history of a ticket's status, and its ends: instants in epoch seconds."""

    statuses: Sequence[Change]
    resolved: Sequence[int]
    reopened: int
    closed_at: int | None
    unrecorded: frozenset[Unrecorded] = frozenset()


def _ends_by_history(raw: RawTicket, status: str | None, mapper: Mapper) -> _Ends:
    statuses = field_history(raw, "status", mapper)
    done = status in OUT_OF_WORK
    if len(statuses) > 1 and status not in MARKS and (statuses[-1].value in OUT_OF_WORK) != done:
        return _ends_by_cut_history(raw, status, statuses)
    resolved, reopened = resolutions(statuses)
    if done and not resolved:
        resolved = [raw.resolved_at or raw.opened_at]
    elif done and len(statuses) == 1 and raw.resolved_at:
        resolved = [raw.resolved_at]
    closed_at = None
    if done and statuses and statuses[-1].value == Status.CLOSED:
        closed_at = (len(statuses) == 1 and raw.closed_at) or statuses[-1].at
    return _Ends(statuses, resolved, reopened, closed_at)


def _ends_by_cut_history(raw: RawTicket, status: str | None, statuses: Sequence[Change]) -> _Ends:
    """The history does not lead to the present status, so entries of it are missing: it tells what
    was, and nothing of how often and how long."""
    resolved, reopened = resolutions(statuses)
    lacking = {Unrecorded.HOLDS, Unrecorded.REOPENINGS}
    if status not in DONE:
        return _Ends(statuses, resolved, reopened, None, frozenset(lacking))
    since = statuses[-1].at
    ends = [at for at in (raw.resolved_at, raw.closed_at) if at is not None and at >= since]
    closed_at = raw.closed_at if status == Status.CLOSED and raw.closed_at in ends else None
    if not ends:
        lacking.add(Unrecorded.RESOLUTION)
    if status == Status.CLOSED and closed_at is None:
        lacking.add(Unrecorded.CLOSING)
    resolved = [*resolved, ends[0]] if ends else []
    return _Ends(statuses, resolved, reopened, closed_at, frozenset(lacking))


def _ends_by_totals(raw: RawTicket, status: str | None, _: Mapper) -> _Ends:
    """Only the present status and the system's own times are known."""
    first = Status.NEW if status in NOT_AT_FIRST else status
    statuses = [Change(raw.opened_at, "status", first)] if first else []
    resolved_at = raw.resolved_at if raw.resolved_at is not None else raw.closed_at
    closed_at = raw.closed_at if status in OUT_OF_WORK else None
    lacking = set()
    if status in DONE and resolved_at is None:
        lacking.add(Unrecorded.RESOLUTION)
    if status == Status.CLOSED and closed_at is None:
        lacking.add(Unrecorded.CLOSING)
    resolved = [] if resolved_at is None else [resolved_at]
    return _Ends(statuses, resolved, 0, closed_at, frozenset(lacking))


def resolved_at(raw: RawTicket, mapper: Mapper) -> int | None:
    """Return when a ticket that is out of work was last resolved, by its history (epoch seconds).

    Raises RejectedRow for a status that is not mapped.
    """
    status = mapper("status", raw.fields.get("status"))
    end = _ends_by_history(raw, status, mapper)
    return end.resolved[-1] if end.resolved and status in OUT_OF_WORK else None


def field_history(raw: RawTicket, name: str, mapper: Mapper) -> list[Change]:
    """Return our values of one field since the opening, without repetitions.

    The value at opening is the old value of the first change, or today's value if nothing changed.
    If the field was empty at first, its first value counts from the opening; but a status in
    NOT_AT_FIRST from when it was set, and the ticket was new before. Empty if the system does not
    have the field. Raises RejectedRow for a value that is not mapped.
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
        if not changes and name == "status" and value in NOT_AT_FIRST and at > raw.opened_at:
            changes.append(Change(raw.opened_at, name, Status.NEW))
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
    at_opening = moves[0].old if moves else raw.fields.get("status")
    if mapper("status", at_opening) in OUT_OF_WORK:
        return True
    first = next((m for m in moves if mapper("status", m.new) in OUT_OF_WORK), None)
    return first is not None and first.by == raw.registered_by
