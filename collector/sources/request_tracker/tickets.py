"""Converts Request Tracker's rows to the kit's tickets: pure functions, no requests.

A row and its transactions become a RawTicket of the kit, which derives the facts, with the verdicts
of the tracker's own SLA.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from collector.model.records import OUT_OF_WORK, Status
from collector.sources.kit.history import OWNER as TO_OWNER
from collector.sources.kit.history import History
from collector.sources.kit.lifecycle import resolved_at
from collector.sources.kit.raw import HISTORY, Act, RawChange, RawTicket
from collector.sources.request_tracker.options import RequestTrackerOptions
from collector.sources.request_tracker.rows import (
    CUSTOM,
    OWNER,
    SYSTEM_USER,
    Event,
    TicketRow,
    queue_ids,
)
from collector.sources.request_tracker.sla import sla_verdicts

_FIELDS = ("kind", "priority", "organization", "category", "team")
_ACTS: Mapping[str, Act] = {"Correspond": "reply", "Comment": "note", "Status": "status"}


class Translator:
    """Makes raw tickets from rows and events by the configured fields."""

    def __init__(self, options: RequestTrackerOptions) -> None:
        self._base_url = options.url
        self._robots = frozenset(name.casefold() for name in options.robots)
        self._fields = {
            name: field for name in _FIELDS if (field := getattr(options.fields, name))
        } | {"status": "Status"}
        self._map = options.mapper()

    def teams(self, row: TicketRow, events: Sequence[Event], queues: Mapping[str, str]) -> set[str]:
        """Return the names of all queues that the ticket has been in."""
        return {row.values["Queue"] or "", *(queues.get(q, q) for q in queue_ids(events))}

    def ticket(
        self, row: TicketRow, events: Sequence[Event], queues: Mapping[str, str], nobody: str
    ) -> RawTicket:
        """Return a ticket in the form of the kit.

        ``queues``: names by the ids of :func:`queue_ids`. ``nobody``: the id of the user that
        represents "no owner". Raises RejectedRow for a status that is not mapped or a deadline that
        is not a time.
        """
        events = sorted(events, key=lambda event: event.id)
        raw = self._raw(row, events, queues, nobody)
        ended_at = resolved_at(raw, self._map)
        resolution = self._resolution(row, events, ended_at)
        return replace(raw, own=sla_verdicts(events, row.requestors, resolution, ended_at))

    def _raw(
        self, row: TicketRow, events: Sequence[Event], queues: Mapping[str, str], nobody: str
    ) -> RawTicket:
        """Return the ticket in the form of the kit; ``events`` in the order of their ids."""
        now = {name: row.values.get(field) for name, field in self._fields.items()}
        history = History(self._outside(row, events), nobody=(nobody,))
        for event in events:
            if act := _ACTS.get(event.type):
                history.act(event.at, event.creator, act)
            if event.field == OWNER:
                history.change(event.at, event.creator, TO_OWNER, event.old, event.new)
        history.opened(row.opened_at, row.creator, "somebody" if row.owned else nobody)
        return RawTicket(
            id=row.id,
            opened_at=row.opened_at,
            fields={**now, "status": row.status},
            changes=[
                change
                for name in HISTORY
                if name in self._fields
                for change in _changes(name, self._fields[name], row, events, queues)
            ],
            actions=history.since(row.opened_at),
            resolved_at=row.resolved_at,
            registered_by=row.creator,
            registered_by_staff=history.is_staff(row.creator),
            url=f"{self._base_url}/Ticket/Display.html?id={row.id}",
            changed_at=row.updated_at,
        )

    def _outside(self, row: TicketRow, events: Sequence[Event]) -> set[str]:
        """Return who is no person working on the ticket, but a requestor or a machine."""
        names = {row.creator, *(event.creator for event in events)}
        machines = {name for name in names if name.casefold() in self._robots}
        return {SYSTEM_USER, *row.requestors, *machines}

    def _resolution(
        self, row: TicketRow, events: Sequence[Event], resolved_at: int | None
    ) -> Event | None:
        """Return the event that last resolved a ticket that is out of work now, if any."""
        if resolved_at is None:
            return None
        last = None
        if resolved_at == row.opened_at:
            last = next((event for event in events if event.type == "Create"), None)
        for event in _moves("Status", row, events):
            was = self._map("status", event.old) in OUT_OF_WORK
            if self._map("status", event.new) in OUT_OF_WORK and not was:
                last = event
        return last


def _changes(
    name: str, field: str, row: TicketRow, events: Sequence[Event], queues: Mapping[str, str]
) -> Iterator[RawChange]:
    """Yield the changes of our field ``name``, which is Request Tracker's ``field``."""
    names = queues if field == "Queue" else {}
    for event in _moves(field, row, events):
        old, new = names.get(event.old, event.old), names.get(event.new, event.new)
        yield RawChange(event.at, name, old, new, event.creator)


def _moves(field: str, row: TicketRow, events: Sequence[Event]) -> Iterator[Event]:
    """Return the events that changed ``field``."""
    kind, key = ("Set", field)
    if field == "Status":
        kind = "Status"
    elif field.startswith(CUSTOM):
        kind, key = "CustomField", row.custom_ids.get(field, "")
    return (event for event in events if event.type == kind and event.field == key)


def removed_at(events: Iterable[Event], mark: Status) -> int | None:
    """Return when these events last merged or deleted the ticket (epoch seconds), None if unknown.

    A merge is recorded on both tickets, with the address of the one that remains.
    """
    if mark is Status.DELETED:
        ends = [event for event in events if event.type == "Status" and event.new == "deleted"]
    else:
        links = (event for event in events if event.field == "MergedInto")
        ends = [event for event in links if not event.new.endswith(f"/ticket/{event.ticket}")]
    return max(ends, key=lambda event: event.id).at if ends else None
