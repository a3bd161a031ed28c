"""Request Tracker's answers as records: pure functions, no requests.

What a ticket's row does not tell is derived from its transactions: who answered first, when it
was resolved for the first and the last time, and which values it had before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from collector.model.records import MARKS, OUT_OF_WORK, Change, Status, Ticket
from collector.sources.kit.lifecycle import _closed_at, _resolutions
from collector.sources.kit.mapping import Mapper
from collector.sources.request_tracker.options import RequestTrackerOptions
from collector.sources.request_tracker.rows import (
    CUSTOM,
    OWNER,
    SYSTEM_USER,
    Event,
    Row,
    queue_ids,
)
from collector.sources.request_tracker.sla import verdicts

DEFAULT_STATUS_MAP = {
    "new": "new",
    "open": "open",
    "stalled": "on_hold",
    "resolved": "resolved",
    "rejected": "resolved",
    "deleted": "deleted",
}
"""The statuses of Request Tracker's own lifecycle; others are mapped in the configuration."""


class Translator:
    """Makes tickets of rows and events, with the configured fields and value maps."""

    def __init__(
        self, source: str, options: RequestTrackerOptions, organizations: Sequence[str]
    ) -> None:
        self._source = source
        self._base_url = options.url
        self._fields = options.fields
        self._robots = frozenset(name.casefold() for name in options.robots)
        own = {**DEFAULT_STATUS_MAP, **options.map.get("status", {})}
        self._map = Mapper({**options.map, "status": own}, organizations)

    def status(self, value: str) -> str | None:
        """Our name of a status."""
        return self._map("status", value)

    def teams(self, row: Row, events: Sequence[Event], queues: Mapping[str, str]) -> set[str]:
        """The names of all queues that have held the ticket."""
        return {row.values["Queue"] or "", *(queues.get(q, q) for q in queue_ids(events))}

    def ticket(
        self, row: Row, events: Sequence[Event], queues: Mapping[str, str], nobody: str
    ) -> Ticket:
        """The record of a ticket. Raises RejectedRow for a value that is not mapped.

        ``queues``: the names of :func:`queue_ids`. ``nobody``: the number of the owner who is
        nobody.
        """
        events = sorted(events, key=lambda event: event.id)
        status = self.status(row.status)
        statuses = self._history("status", row, events, queues)
        resolutions, reopened = _resolutions(statuses)
        done = status in OUT_OF_WORK
        if done and not resolutions:
            resolutions = [row.resolved_at or row.opened_at]
        elif done and len(statuses) == 1 and row.resolved_at:
            resolutions = [row.resolved_at]
        acts = [event for event in events if self._is_staff(event.creator, row)]
        answered_at = _first(acts, "Correspond")
        resolved_at = resolutions[-1] if done else None
        resolution = self._resolution(row, events, resolved_at) if done else None
        own = verdicts(events, row.requestors, resolution, resolved_at)
        unwritten = answered_at is None or bool(resolutions and answered_at > resolutions[0])
        tracked = ("status", "priority", "team", "kind")
        lines = [self._history(name, row, events, queues) for name in tracked[1:]]
        return Ticket(
            source=self._source,
            id=row.id,
            opened_at=row.opened_at,
            first_response_at=answered_at,
            first_resolved_at=resolutions[0] if resolutions else None,
            resolved_at=resolved_at,
            closed_at=_closed_at(statuses) if done else None,
            reopened=reopened,
            solved_by_registrar=unwritten and self._by_registrar(row, events),
            kind=self._value("kind", row),
            priority=self._value("priority", row),
            organization=self._value("organization", row),
            category=self._value("category", row),
            status=status,
            team=self._value("team", row),
            mark=status if status in MARKS else None,
            url=f"{self._base_url}/Ticket/Display.html?id={row.id}",
            first_note_at=_first(acts, "Comment"),
            first_status_at=_first(acts, "Status"),
            first_assigned_at=self._first_assigned(row, events, nobody),
            own_response_due_at=own.response_due_at,
            own_response_met=own.response_met,
            own_resolution_due_at=own.resolution_due_at,
            own_resolution_met=own.resolution_met,
            changes=tuple(change for line in (statuses, *lines) for change in line),
        )

    def _field(self, name: str) -> str | None:
        field: str | None = getattr(self._fields, name)
        return field

    def _value(self, name: str, row: Row) -> str | None:
        field = self._field(name)
        return self._map(name, row.values.get(field)) if field else None

    def _history(
        self, name: str, row: Row, events: Sequence[Event], queues: Mapping[str, str]
    ) -> list[Change]:
        """The values of one field since the opening, equal neighbours joined.

        The value at the opening is no transaction: it is the first one's old value, or the
        present value where nothing changed. A value that was filled in later counts from the
        opening, since before it there was none.
        """
        field = "Status" if name == "status" else self._field(name)
        if field is None:
            return []
        moves = list(_moves(field, row, events))
        current = row.status if name == "status" else row.values.get(field)
        initial = moves[0].old if moves else current
        line = [(row.opened_at, initial), *((max(e.at, row.opened_at), e.new) for e in moves)]
        changes: list[Change] = []
        for at, raw in line:
            text = queues.get(raw, raw) if field == "Queue" and moves and raw else raw
            value = self._map(name, text)
            if value is None or (changes and changes[-1].value == value):
                continue
            changes.append(Change(at if changes else row.opened_at, name, value))
        return changes

    def _is_staff(self, name: str, row: Row) -> bool:
        """Whether it is a person who works on the ticket and did not ask."""
        silent = name in row.requestors or name == SYSTEM_USER
        return not silent and name.casefold() not in self._robots

    def _first_assigned(self, row: Row, events: Sequence[Event], nobody: str) -> int | None:
        """When staff first gave the ticket an owner; at the opening that is no transaction."""
        moves = [event for event in events if event.field == OWNER]
        owned = moves[0].old != nobody if moves else row.owned
        if owned and self._is_staff(row.creator, row):
            return row.opened_at
        given = (e for e in moves if e.new != nobody and self._is_staff(e.creator, row))
        return next((max(e.at, row.opened_at) for e in given), None)

    def _resolution(
        self, row: Row, events: Sequence[Event], resolved_at: int | None
    ) -> Event | None:
        """The event by which a ticket that is out of work last went out of it, if it is told."""
        last = None
        if resolved_at == row.opened_at:
            last = next((event for event in events if event.type == "Create"), None)
        for event in _moves("Status", row, events):
            was = self.status(event.old) in OUT_OF_WORK
            if self.status(event.new) in OUT_OF_WORK and not was:
                last = event
        return last

    def _by_registrar(self, row: Row, events: Sequence[Event]) -> bool:
        """Whether the person who registered the ticket for somebody also resolved it."""
        if not self._is_staff(row.creator, row):
            return False
        moves = list(_moves("Status", row, events))
        if self.status(moves[0].old if moves else row.status) in OUT_OF_WORK:
            return True
        first = next((e for e in moves if self.status(e.new) in OUT_OF_WORK), None)
        return first is not None and first.creator == row.creator


def _moves(field: str, row: Row, events: Sequence[Event]) -> Iterator[Event]:
    """The events that changed ``field``."""
    kind, key = ("Set", field)
    if field == "Status":
        kind = "Status"
    elif field.startswith(CUSTOM):
        kind, key = "CustomField", row.custom_ids.get(field, "")
    return (event for event in events if event.type == kind and event.field == key)


def _first(acts: Iterable[Event], kind: str) -> int | None:
    """When the first act of this type was done."""
    return next((act.at for act in acts if act.type == kind), None)


def gone_at(events: Iterable[Event], mark: Status) -> int | None:
    """When a ticket was last merged or deleted, of whose vanishing these events tell.

    A merge is written down at both tickets, with the address of the one that stays.
    """
    if mark is Status.DELETED:
        ends = [event for event in events if event.type == "Status" and event.new == "deleted"]
    else:
        links = (event for event in events if event.field == "MergedInto")
        ends = [event for event in links if not event.new.endswith(f"/ticket/{event.ticket}")]
    return max(ends, key=lambda event: event.id).at if ends else None
