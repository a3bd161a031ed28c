"""One row of a history as an entry: an event, a change, or a ticket as it is now. Pure.

Raises RejectedRow if the id, the time, or the opening in a list of tickets cannot be used. An error
in any other field is noted, as in any CSV file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from collector.model.records import Status
from collector.sources.csv.history import FIELDS, TIMES, Entry, Place
from collector.sources.csv.history_options import ACTS, IGNORE, OPENED
from collector.sources.csv.records import row_id
from collector.sources.csv.rows import CsvRow
from collector.sources.kit.mapping import DEFAULT

_ENDS = ("resolved_at", "closed_at")
_OWN_TIMES = ("own_first_response_at", "own_response_due_at", "own_resolution_due_at")
_OWN_VERDICTS = ("own_response_met", "own_resolution_met")
_TELLABLE = (*FIELDS, *TIMES, *_ENDS, "opened_at")

Words = Mapping[str, str]
"""The map of activities, or of the fields of changes."""


def told_by(row: CsvRow) -> AbstractSet[str]:
    """Return of which facts a file with this row tells."""
    return frozenset(name for name in _TELLABLE if row.tells(name))


def event(row: CsvRow, place: Place, told: AbstractSet[str], words: Words) -> tuple[str, Entry]:
    """Return the ticket's id and the entry of an event."""
    number, (at, again) = row_id(row), row.starts("at")
    facts = _facts(row, row.time("opened_at"))
    word = _activity(row, words)
    if word in tuple(Status) and "status" not in told:
        facts["status"] = str(word)
    return number, Entry(
        at=at,
        place=place,
        sequence=row.text("sequence"),
        by=row.text("by") or "",
        acts=tuple(act for act in ACTS if act == word),
        opened=word == OPENED,
        facts=facts,
        told=told,
        unknown=frozenset(row.unknown),
        again=again,
    )


def change(row: CsvRow, place: Place, words: Words) -> tuple[str, Entry | None]:
    """Return the ticket's id and the entry of a change, or None if it is of no field of ours."""
    number, (at, again) = row_id(row), row.starts("at")
    theirs = row.required("field")
    name = _meaning(theirs, words, (OPENED, *FIELDS))
    if name is None:
        row.note_unmapped("field", theirs)
    if name is None or name == IGNORE:
        return number, None
    entry = Entry(at, place, row.text("sequence"), row.text("by") or "", again=again)
    if name in FIELDS:
        before, after = (row.valued(name, column) for column in ("old", "new"))
        entry.change = (name, _value(before, name), _value(after, name))
        row.left_out += [*before.left_out, *after.left_out]
        entry.unknown = frozenset(before.unknown | after.unknown)
    elif name == OPENED:
        entry.opened = True
    elif row.text("new") is not None:  # otherwise something was taken back
        entry.acts = tuple(act for act in ACTS if act == name)
    return number, entry


def listed(row: CsvRow, place: Place, told: AbstractSet[str]) -> tuple[str, Entry]:
    """Return a ticket's id and the entry of what it is now."""
    number, opened_at = row_id(row), row.start("opened_at")
    facts = {**_facts(row, opened_at), "opened_at": opened_at}
    unknown = frozenset(row.unknown)
    return number, Entry(opened_at, place, facts=facts, told=told, unknown=unknown)


def defaults(row: CsvRow) -> dict[str, Any]:
    """Return the values that the map gives to fields of which no file tells."""
    return {name: value for name in FIELDS if (value := row.mapped(name)) is not None}


def _facts(row: CsvRow, opened_at: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {name: _value(row, name) for name in FIELDS}
    found |= {"url": row.text("url"), "requestor": row.text("requestor"), "opened_at": opened_at}
    for name in _ENDS:
        found[name] = row.time(name) if opened_at is None else row.end(name, opened_at)
    found |= {name: row.time(name, opened_at) for name in (*TIMES, *_OWN_TIMES)}
    found |= {name: row.yes_or_no(name) for name in _OWN_VERDICTS}
    return {name: value for name, value in found.items() if value is not None}


def _value(row: CsvRow, name: str) -> str | None:
    value = row.mapped(name, Status if name == "status" else None)
    if name == "status" and value is not None:
        if value not in tuple(Status):
            row.note_unmapped(name, value)
        return str(value)
    return value


def _activity(row: CsvRow, words: Words) -> str | None:
    theirs = row.text("activity")
    if theirs is None:
        return None
    word = _meaning(theirs, words, (OPENED, *Status))
    if word is None:
        row.note_unmapped("activity", theirs)
    return word


def _meaning(theirs: str, words: Words, own: Iterable[str]) -> str | None:
    """Return our word: by the map, our own, or the map's default."""
    if theirs in words and theirs != DEFAULT:
        return words[theirs]
    if theirs.lower() in own:
        return theirs.lower()
    return words.get(DEFAULT)
