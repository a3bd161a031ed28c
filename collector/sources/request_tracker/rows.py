"""Parsing and checking of Request Tracker's responses: pure functions, no requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator

from collector.model.fields import Strict
from collector.model.page import RejectedRow

CUSTOM = "CF."
SYSTEM_USER = "RT_System"
OWNER = "Owner"
NOBODY = "Nobody"
"""The name of the owner of a ticket without an owner."""

_ORDINARY = ("Priority", "Queue", "SLA")


def _known_field(name: str) -> str:
    if name in _ORDINARY or (name.startswith(CUSTOM) and not set(name) & set("'\"\\{}")):
        return name
    raise ValueError(f"{name!r} is not one of {', '.join(_ORDINARY)} or CF.<custom field's name>")


Field = Annotated[str, AfterValidator(_known_field)]


class Fields(Strict):
    """The field of a ticket from which each of our fields is taken; null: none."""

    kind: Field | None = "CF.TicketType"
    organization: Field | None = "CF.Municipality"
    category: Field | None = None
    priority: Field | None = "Priority"
    team: Field | None = "Queue"

    def used(self) -> frozenset[str]:
        """Return the names of the fields in use, which always include the queue."""
        named = (self.kind, self.organization, self.category, self.priority, self.team, "Queue")
        return frozenset(name for name in named if name)

    def tracked(self) -> frozenset[str]:
        """Return those of the fields in use whose history is needed."""
        return frozenset(name for name in (self.kind, self.priority, self.team, "Queue") if name)


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket's row. Instants are epoch seconds.

    ``values`` and ``custom_ids`` are keyed by the field's name as configured. ``owned``: whether it
    has an owner now.
    """

    id: str
    status: str
    opened_at: int
    resolved_at: int | None
    updated_at: int | None
    creator: str
    requestors: frozenset[str]
    owned: bool
    values: Mapping[str, str | None]
    custom_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """A transaction of a ticket, at ``at`` (epoch seconds)."""

    id: int
    ticket: str
    at: int
    type: str
    field: str
    old: str
    new: str
    creator: str


def identity(item: object) -> int | None:
    """Return the id of a ticket or transaction; None if it is missing or not a number.

    It is text in lists and a number elsewhere.
    """
    value = item.get("id") if isinstance(item, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def instant(item: Mapping[str, Any], name: str) -> int | None:
    """Return a time as epoch seconds, None if unset (null or 1970 in Request Tracker).

    Raises RejectedRow if the field is missing or not a time.
    """
    value = item.get(name, 0)
    if value is None:
        return None
    try:
        if not (isinstance(value, str) and value.endswith("Z")):
            raise ValueError
        return int(datetime.fromisoformat(value).timestamp()) or None
    except ValueError:
        raise _bad(name) from None


def row_of(item: Mapping[str, Any], used: frozenset[str]) -> TicketRow:
    """Parse a ticket's row. Raises RejectedRow if a field is missing or of the wrong type."""
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
    return TicketRow(
        id=str(number),
        status=_text(item, "Status"),
        opened_at=opened_at,
        resolved_at=instant(item, "Resolved"),
        updated_at=instant(item, "LastUpdated"),
        creator=_listed(item, "Creator", "id"),
        requestors=frozenset(_people(item)),
        owned=_listed(item, OWNER, "id") != NOBODY,
        values=values,
        custom_ids=custom_ids,
    )


def event_of(item: Mapping[str, Any]) -> Event:
    """Parse a transaction. Raises RejectedRow if a field is missing or of the wrong type."""
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


def deadline(event: Event) -> int | None:
    """Return the deadline that an event set (epoch seconds), None if it was unset.

    Transactions contain UTC without a zone; 1970 means unset. Raises RejectedRow if it is no time.
    """
    try:
        return int(datetime.fromisoformat(event.new).replace(tzinfo=UTC).timestamp()) or None
    except ValueError:
        raise _bad("NewValue of a deadline") from None


def queue_ids(events: Iterable[Event]) -> set[str]:
    """Return the ids (as text) of the queues between which these events moved the ticket."""
    moves = (event for event in events if event.type == "Set" and event.field == "Queue")
    return {queue for event in moves for queue in (event.old, event.new) if queue}


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
    """Return ``item[name][key]``. Raises RejectedRow if it is not a non-empty text."""
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
    """Yield the name as configured, the id and the first value of each custom field."""
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
