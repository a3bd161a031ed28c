"""Request Tracker's answers as records: pure functions, no requests.

What a ticket's row does not tell is derived from its transactions: who answered first, when it
was resolved for the first and the last time, and which values it had before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator

from collector.records import MARKS, Change, Status, Ticket
from collector.sources.base import Mapper, RejectedRow
from collector.values import Strict

DEFAULT_STATUS_MAP = {
    "new": "new",
    "open": "open",
    "stalled": "on_hold",
    "resolved": "resolved",
    "rejected": "resolved",
    "deleted": "deleted",
}
"""The statuses of Request Tracker's own lifecycle; others are mapped in the configuration."""

CUSTOM = "CF."
_ORDINARY = ("Priority", "Queue", "SLA")
_SYSTEM_USER = "RT_System"
_INACTIVE = frozenset({Status.RESOLVED, Status.CLOSED, *MARKS})


def _known_field(name: str) -> str:
    if name in _ORDINARY or (name.startswith(CUSTOM) and not set(name) & set("'\"\\{}")):
        return name
    raise ValueError(f"{name!r} is not one of {', '.join(_ORDINARY)} or CF.<custom field's name>")


Field = Annotated[str, AfterValidator(_known_field)]


class Fields(Strict):
    """From which field of a ticket each of our fields is taken; null: from none."""

    kind: Field | None = "CF.TicketType"
    organization: Field | None = "CF.Municipality"
    category: Field | None = None
    priority: Field | None = "Priority"
    team: Field | None = "Queue"

    def used(self) -> frozenset[str]:
        """The names of the fields in use, and always the queue."""
        named = (self.kind, self.organization, self.category, self.priority, self.team, "Queue")
        return frozenset(name for name in named if name)

    def tracked(self) -> frozenset[str]:
        """Those of them whose history is needed."""
        return frozenset(name for name in (self.kind, self.priority, self.team, "Queue") if name)


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket's row: ``values`` and ``custom_ids`` are keyed by the field's name as configured."""

    id: str
    status: str
    opened_at: int
    resolved_at: int | None
    updated_at: int | None
    creator: str
    requestors: frozenset[str]
    values: Mapping[str, str | None]
    custom_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """A transaction of a ticket."""

    id: int
    ticket: str
    at: int
    type: str
    field: str
    old: str
    new: str
    creator: str


def identity(item: object) -> int | None:
    """The id of a ticket or transaction, which is text in lists and a number elsewhere."""
    value = item.get("id") if isinstance(item, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def instant(item: Mapping[str, Any], name: str) -> int | None:
    """Epoch seconds of a time; Request Tracker writes an unset one as null or as 1970."""
    value = item.get(name, 0)
    if value is None:
        return None
    try:
        if not (isinstance(value, str) and value.endswith("Z")):
            raise ValueError
        return int(datetime.fromisoformat(value).timestamp()) or None
    except ValueError:
        raise _bad(name) from None


def row_of(item: Mapping[str, Any], used: frozenset[str]) -> Row:
    """Read a ticket's row. Raises RejectedRow when a field is missing or of another type."""
    number = identity(item)
    opened_at = instant(item, "Created")
    if number is None or opened_at is None:
        raise _bad("id" if number is None else "Created")
    values: dict[str, str | None] = {}
    custom_ids: dict[str, str] = {}
    for name in used & set(_ORDINARY):
        value = _listed(item, "Queue", "Name") if name == "Queue" else item.get(name, [])
        if not isinstance(value, str | int | None) or isinstance(value, bool):
            raise _bad(name)
        values[name] = None if value is None else str(value)
    if any(name.startswith(CUSTOM) for name in used):
        for name, field_id, value in _custom_fields(item):
            if name in used:
                values[name] = value
                custom_ids[name] = field_id
    return Row(
        id=str(number),
        status=_text(item, "Status"),
        opened_at=opened_at,
        resolved_at=instant(item, "Resolved"),
        updated_at=instant(item, "LastUpdated"),
        creator=_listed(item, "Creator", "id"),
        requestors=frozenset(_people(item)),
        values=values,
        custom_ids=custom_ids,
    )


def event_of(item: Mapping[str, Any]) -> Event:
    """Read a transaction. Raises RejectedRow when a field is missing or of another type."""
    number, ticket = identity(item), identity({"id": item.get("ObjectId")})
    at = instant(item, "Created")
    if number is None or ticket is None or at is None:
        raise _bad("id" if number is None else "ObjectId" if ticket is None else "Created")
    return Event(
        id=number,
        ticket=str(ticket),
        at=at,
        type=_text(item, "Type"),
        field=_text(item, "Field", empty=True),
        old=_text(item, "OldValue", empty=True),
        new=_text(item, "NewValue", empty=True),
        creator=_listed(item, "Creator", "id"),
    )


def queue_ids(events: Iterable[Event]) -> set[str]:
    """The queues that the events name; Request Tracker writes them as numbers."""
    moves = (event for event in events if event.type == "Set" and event.field == "Queue")
    return {queue for event in moves for queue in (event.old, event.new) if queue}


class Translator:
    """Makes tickets of rows and events, with the configured fields and value maps."""

    def __init__(self, source: str, base_url: str, fields: Fields, mapper: Mapper) -> None:
        self._source = source
        self._base_url = base_url
        self._fields = fields
        self._map = mapper

    def status(self, value: str) -> str | None:
        """Our name of a status."""
        return self._map("status", value)

    def teams(self, row: Row, events: Sequence[Event], queues: Mapping[str, str]) -> set[str]:
        """The names of all queues that have held the ticket."""
        return {row.values["Queue"] or "", *(queues.get(q, q) for q in queue_ids(events))}

    def ticket(self, row: Row, events: Sequence[Event], queues: Mapping[str, str]) -> Ticket:
        """The record of a ticket. Raises RejectedRow for a value that is not mapped."""
        events = sorted(events, key=lambda event: event.id)
        status = self.status(row.status)
        statuses = self._history("status", row, events, queues)
        resolutions, reopened = _resolutions(statuses)
        done = status in _INACTIVE
        if done and not resolutions:
            resolutions = [row.resolved_at or row.opened_at]
        elif done and len(statuses) == 1 and row.resolved_at:
            resolutions = [row.resolved_at]
        answered_at = _first_answer(row, events)
        tracked = ("status", "priority", "team", "kind")
        lines = [self._history(name, row, events, queues) for name in tracked[1:]]
        return Ticket(
            source=self._source,
            id=row.id,
            opened_at=row.opened_at,
            first_response_at=answered_at,
            first_resolved_at=resolutions[0] if resolutions else None,
            resolved_at=resolutions[-1] if done else None,
            closed_at=_closed_at(statuses) if done else None,
            reopened=reopened,
            solved_by_registrar=answered_at is None and self._by_registrar(row, events),
            kind=self._value("kind", row),
            priority=self._value("priority", row),
            organization=self._value("organization", row),
            category=self._value("category", row),
            status=status,
            team=self._value("team", row),
            mark=status if status in MARKS else None,
            url=f"{self._base_url}/Ticket/Display.html?id={row.id}",
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

    def _by_registrar(self, row: Row, events: Sequence[Event]) -> bool:
        """Whether the person who registered the ticket for somebody also resolved it."""
        if row.creator in row.requestors:
            return False
        moves = list(_moves("Status", row, events))
        if self.status(moves[0].old if moves else row.status) in _INACTIVE:
            return True
        first = next((e for e in moves if self.status(e.new) in _INACTIVE), None)
        return first is not None and first.creator == row.creator


def _moves(field: str, row: Row, events: Sequence[Event]) -> Iterator[Event]:
    """The events that changed ``field``."""
    kind, key = ("Set", field)
    if field == "Status":
        kind = "Status"
    elif field.startswith(CUSTOM):
        kind, key = "CustomField", row.custom_ids.get(field, "")
    return (event for event in events if event.type == kind and event.field == key)


def _resolutions(statuses: Sequence[Change]) -> tuple[list[int], int]:
    """The instants at which the ticket went out of work, and how often it came back."""
    ended = [statuses[0].at] if statuses and statuses[0].value in _INACTIVE else []
    reopened = 0
    for before, after in pairwise(statuses):
        was, is_now = before.value in _INACTIVE, after.value in _INACTIVE
        if is_now and not was:
            ended.append(after.at)
        reopened += was and not is_now
    return ended, reopened


def _closed_at(statuses: Sequence[Change]) -> int | None:
    return statuses[-1].at if statuses and statuses[-1].value == Status.CLOSED else None


def _first_answer(row: Row, events: Sequence[Event]) -> int | None:
    """When somebody who did not ask first wrote to those who did."""
    silent = row.requestors | {_SYSTEM_USER}
    answers = (e.at for e in events if e.type == "Correspond" and e.creator not in silent)
    return next(answers, None)


def _bad(name: str) -> RejectedRow:
    return RejectedRow("bad_field", f"the field {name} is missing or not of the expected type")


def _text(item: Mapping[str, Any], name: str, *, empty: bool = False) -> str:
    value = item.get(name, 0)
    if value is None and empty:
        return ""
    if not isinstance(value, str) or not (value or empty):
        raise _bad(name)
    return value


def _listed(item: Mapping[str, Any], name: str, key: str) -> str:
    """``item[name][key]``, which must be text."""
    value = item.get(name)
    text = value.get(key) if isinstance(value, dict) else None
    if not isinstance(text, str) or not text:
        raise _bad(name)
    return text


def _people(item: Mapping[str, Any]) -> Iterator[str]:
    people = item.get("Requestor")
    if not isinstance(people, list):
        raise _bad("Requestor")
    for person in people:
        yield _listed({"Requestor": person}, "Requestor", "id")


def _custom_fields(item: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Name as configured, id and first value of each custom field."""
    fields = item.get("CustomFields")
    if not isinstance(fields, list):
        raise _bad("CustomFields")
    for field in fields:
        number = identity(field)
        name, values = (field.get("name"), field.get("values")) if number is not None else (0, 0)
        if not isinstance(name, str) or not isinstance(values, list):
            raise _bad("CustomFields")
        value = values[0] if values else None
        if not isinstance(value, str | None):
            raise _bad(f"CustomFields.{name}")
        yield CUSTOM + name, str(number), value
