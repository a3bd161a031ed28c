"""Tickets of rows by our field names, be they from SQL, JSON or a command. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import get_args

from collector.model.page import RejectedRow
from collector.sources.csv.rows import CsvRow
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import HISTORY, Act, Action, OwnSla, RawChange, RawTicket

IGNORE = "ignore"
"""What ``map.field`` and ``map.act`` make of a row of the history that means nothing here."""

_VALUES = ("status", "kind", "priority", "organization", "category", "team")
_TIMES: dict[str, Act] = {
    "first_response_at": "reply",
    "first_note_at": "note",
    "first_status_at": "status",
    "first_assigned_at": "assignment",
}


def as_text(value: object, decimal: str | None = None) -> str:
    """Return a value of a database as a file would hold it; empty for NULL.

    ``decimal``: the decimal sign that is expected of texts.
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date() | time():  # also datetime
            return value.isoformat()
        case timedelta():
            return f"{round(value / timedelta(milliseconds=1))} ms"
        case Decimal() | float() if isfinite(value):
            whole = value == int(value)
            return str(int(value)) if whole else format(value, "f").replace(".", decimal or ".")
        case bytes() | memoryview():
            with suppress(UnicodeDecodeError):
                return bytes(value).decode()
            return bytes(value).hex()
        case _:
            return str(value)


def raw_ticket(
    row: CsvRow, changes: Iterable[CsvRow], acts: Iterable[CsvRow], mapper: Mapper
) -> RawTicket:
    """Return a ticket of its rows. Raises RejectedRow for any value that cannot be used."""
    opened_at = row.start("opened_at")
    done = [action for each in acts if (action := _action(each, mapper, opened_at)) is not None]
    for name, act in _TIMES.items():
        if (at := row.time(name, opened_at)) is not None:
            done.append(Action(at, act, True))
    moves = [move for each in changes if (move := _change(each, mapper, opened_at)) is not None]
    resolved_at, closed_at = (row.time(name, opened_at) for name in ("resolved_at", "closed_at"))
    found = RawTicket(
        id=row.required("id"),
        opened_at=opened_at,
        fields={name: row.text(name) for name in _VALUES if row.tells(name)},
        changes=sorted(moves, key=lambda each: each.at),
        actions=sorted(done, key=lambda each: each.at),
        resolved_at=resolved_at,
        closed_at=closed_at,
        registered_by=row.text("registered_by") or "",
        registered_by_staff=bool(row.yes_or_no("registered_by_staff")),
        url=row.text("url"),
        changed_at=row.time("changed_at"),
        own=_own(row, opened_at),
    )
    for each in row.left_out:
        raise each
    return found


def _own(row: CsvRow, opened_at: int) -> OwnSla:
    return OwnSla(
        response_due_at=row.time("own_response_due_at", opened_at),
        response_met=row.yes_or_no("own_response_met"),
        resolution_due_at=row.time("own_resolution_due_at", opened_at),
        resolution_met=row.yes_or_no("own_resolution_met"),
        first_response_at=row.time("own_first_response_at", opened_at),
    )


def _change(row: CsvRow, mapper: Mapper, opened_at: int) -> RawChange | None:
    field = mapper("field", row.text("field"))
    if field == IGNORE:
        return None
    if field not in HISTORY:
        known = ", ".join(HISTORY)
        message = f"changes: field {field!r} is not one of {known}: map it under map.field"
        raise RejectedRow("unknown_field", message)
    by = row.text("changed_by") or ""
    return RawChange(row.start("at", opened_at), field, row.text("old"), row.text("new"), by)


def _action(row: CsvRow, mapper: Mapper, opened_at: int) -> Action | None:
    act = mapper("act", row.text("act"))
    if act == IGNORE:
        return None
    for known in get_args(Act):
        if act == known:
            staff = row.yes_or_no("by_staff") if row.tells("by_staff") else True
            for each in row.left_out:  # a word for neither yes nor no
                raise each
            return Action(row.start("at", opened_at), known, bool(staff))
    listed = ", ".join(get_args(Act))
    message = f"acts: act {act!r} is not one of {listed}: map it under map.act"
    raise RejectedRow("unknown_act", message)
