"""From the rows of a ticket's history to the kit's ticket, in any order of the rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from collector.model.records import Status, Unrecorded
from collector.sources.csv.options import FACTS
from collector.sources.kit.lifecycle import NOT_AT_FIRST
from collector.sources.kit.raw import HISTORY, Act, Action, OwnSla, RawChange, RawTicket

FIELDS = (*HISTORY, "organization", "category")
TIMES: Mapping[str, Act] = {
    "first_response_at": "reply",
    "first_note_at": "note",
    "first_status_at": "status",
    "first_assigned_at": "assignment",
}
"""Columns that tell when something was first done, and what that was."""
_ACTS: Mapping[Act, Unrecorded] = {act: FACTS[name] for name, act in TIMES.items()}

Place = tuple[int, int]
"""Of a row: the number of its file, and of its line."""


@dataclass(slots=True)
class Entry:
    """One row of a ticket's history, at ``at`` (epoch seconds).

    ``again``: the second time, where the clock showed that of ``at`` twice; else the same.
    ``sequence``: orders the rows of one instant, None if the file does not tell. ``facts``: what
    the row says of the ticket at that time, by our field names, without what it leaves empty.
    ``change``: the field that went from one value to another. ``told``: the fields of which the
    file tells. ``unknown``: those whose value cannot be used.
    """

    at: int
    place: Place
    sequence: str | None = None
    by: str = ""
    acts: tuple[Act, ...] = ()
    opened: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    change: tuple[str, str | None, str | None] | None = None
    told: AbstractSet[str] = frozenset()
    unknown: AbstractSet[str] = frozenset()
    again: int | None = None

    def says(self, name: str) -> bool:
        """Return whether the row tells the value of a field."""
        return name in self.facts or (self.change is not None and self.change[0] == name)

    @property
    def content(self) -> tuple[object, ...]:
        """All that the row says."""
        return (self.at, self.sequence, self.by, self.acts, self.opened, self.facts, self.change)


@dataclass(frozen=True, slots=True)
class Telling:
    """What the files of a source tell.

    ``begins``: the first row of a ticket is its opening. ``new_at_first``: until a row tells its
    status, a ticket is new. ``histories``: the fields of which they hold the history; ``acts``:
    what somebody did, as far as it shows. ``holds`` and ``closings``: they show in the history of
    the status. ``robots``: accounts that are no staff.
    """

    begins: bool = False
    new_at_first: bool = False
    histories: AbstractSet[str] = frozenset()
    acts: AbstractSet[str] = frozenset()
    holds: bool = True
    closings: bool = True
    robots: AbstractSet[str] = frozenset()


def since_opening(entries: Sequence[Entry], now: Entry | None) -> Sequence[Entry]:
    """Return the rows; those before the opening at their second time, if they have one.

    ``now``: see :func:`raw_ticket`.
    """
    told = [each.facts["opened_at"] for each in entries if "opened_at" in each.facts]
    openings = [now.at] if now else told or [each.at for each in entries if each.opened]
    opened_at = max(openings, default=0)
    return [
        replace(each, at=each.again) if each.again is not None and each.at < opened_at else each
        for each in entries
    ]


def in_order(entries: Iterable[Entry]) -> tuple[list[Entry], int, int]:
    """Return the rows in the order of time, and how many of them were repeated and corrected.

    Rows of one instant are in the order of their sequence, or else of files and lines. A row with
    the time and sequence of an earlier one is its correction.
    """
    kept: list[Entry] = []
    repeated = corrected = 0
    same: dict[object, Entry] = {}
    for entry in sorted(entries, key=_order):
        if kept and kept[-1].at != entry.at:
            same.clear()
        before = same.get(entry.sequence or repr(entry.content))
        if before is None:
            same[entry.sequence or repr(entry.content)] = entry
            kept.append(entry)
        elif before.content == entry.content:
            repeated += 1
        else:
            corrected += 1
            kept[_index(kept, before)] = entry
            same[entry.sequence] = entry
    return kept, repeated, corrected


def _index(kept: Sequence[Entry], wanted: Entry) -> int:
    return next(place for place, each in enumerate(kept) if each is wanted)


def _order(entry: Entry) -> tuple[int, bool, tuple[int, str], Place]:
    number = entry.sequence or ""
    # Of numbers, the longer one is the larger one; other signs are compared as they are
    size = len(number.lstrip("0")) if number.isascii() and number.isdigit() else 0
    return entry.at, not entry.opened, (size, number.lstrip("0") if size else number), entry.place


def raw_ticket(
    number: str, now: Entry | None, entries: Sequence[Entry], telling: Telling
) -> RawTicket | None:
    """Return the ticket of its rows, which are in order; None if they do not tell its opening.

    ``now``: its row in a list of tickets as they are now, if there is one.
    """
    facts = dict(now.facts) if now else _at_first(entries, telling)
    changes = list(_changes(facts, entries, listed=now is not None))
    opened_at = _opened_at(facts, entries, telling)
    if opened_at is None:
        return None
    rows = [*entries, now] if now else entries
    told = set[str]().union(*(row.told for row in rows))
    unknown = set[str]().union(*(row.unknown for row in rows))
    stale = _untraced(facts, now, changes, telling)
    histories = (telling.histories & (told | facts.keys())) - stale
    changes = [change for change in changes if change.field in histories]
    last = max((row.at for row in rows), default=opened_at)
    return RawTicket(
        id=number,
        opened_at=opened_at,
        fields={name: facts.get(name) for name in FIELDS if name in told or name in facts},
        changes=changes,
        actions=sorted(_actions(facts, entries, changes, telling), key=lambda action: action.at),
        resolved_at=facts.get("resolved_at"),
        closed_at=facts.get("closed_at"),
        url=facts.get("url"),
        changed_at=last,
        own=OwnSla(**{name.removeprefix("own_"): facts.get(name) for name in _OWN}),
        unrecorded=frozenset(_lacking(told | facts.keys(), unknown, histories, telling)),
    )


_OWN = (
    *("own_response_due_at", "own_response_met", "own_resolution_due_at", "own_resolution_met"),
    "own_first_response_at",
)


def _at_first(entries: Sequence[Entry], telling: Telling) -> dict[str, Any]:
    """Return what is known of a ticket before its first row: that it is new."""
    if "status" not in telling.histories:
        return {}
    if not entries or not entries[0].says("status"):
        silent = not any(entry.says("status") for entry in entries)
        return {"status": str(Status.NEW)} if silent or telling.new_at_first else {}
    facts = entries[0].facts
    later = entries[0].at > facts.get("opened_at", entries[0].at)
    return {"status": str(Status.NEW)} if later and facts.get("status") in NOT_AT_FIRST else {}


def _opened_at(facts: Mapping[str, Any], entries: Sequence[Entry], telling: Telling) -> int | None:
    if (told := facts.get("opened_at")) is not None:
        return int(told)
    first = entries[0].at if entries and telling.begins else None
    return next((entry.at for entry in entries if entry.opened), first)


def _changes(
    facts: dict[str, Any], entries: Sequence[Entry], *, listed: bool
) -> Iterator[RawChange]:
    """Yield the changes, and bring ``facts`` up to the last row, unless they are ``listed``."""
    for entry in entries:
        if entry.change is not None:
            name, old, new = entry.change
            yield RawChange(entry.at, name, old, new, entry.by)
            if new is not None and not (listed and name in facts):
                facts[name] = new
        for name, value in entry.facts.items():
            before = facts.get(name)
            if name in HISTORY and before is not None and before != value:
                yield RawChange(entry.at, name, before, value, entry.by)
            facts[name] = value


def _actions(
    facts: Mapping[str, Any],
    entries: Sequence[Entry],
    changes: Iterable[RawChange],
    telling: Telling,
) -> Iterator[Action]:
    requestor = facts.get("requestor")

    def staff(by: str) -> bool:
        return not by or (by != requestor and by.casefold() not in telling.robots)

    for entry in entries:
        yield from (Action(entry.at, act, staff(entry.by)) for act in entry.acts)
    for change in changes:
        if change.field == "status":
            yield Action(change.at, "status", staff(change.by))
    for name, act in TIMES.items():
        if (at := facts.get(name)) is not None:
            yield Action(at, act, by_staff=True)


def _untraced(
    facts: Mapping[str, Any], now: Entry | None, changes: Iterable[RawChange], telling: Telling
) -> set[str]:
    """Return the fields whose last change is another than the ticket's value now."""
    last = {change.field: change.new for change in changes}
    if now is None:
        return set()
    return {name for name in telling.histories if name in last and last[name] != facts.get(name)}


def _lacking(
    told: AbstractSet[str],
    unknown: AbstractSet[str],
    histories: AbstractSet[str],
    telling: Telling,
) -> Iterator[Unrecorded]:
    """Yield what is not known of a ticket."""
    known = (told | histories) - unknown
    yield Unrecorded.REGISTRAR
    yield from (FACTS[name] for name in FIELDS if name not in known)
    for name, act in TIMES.items():
        by_status = act == "status" and "status" in histories
        if name in unknown or not (name in told or act in telling.acts or by_status):
            yield _ACTS[act]
    if "status" not in histories:
        yield from (Unrecorded.HOLDS, Unrecorded.REOPENINGS)
        yield from (FACTS[name] for name in ("resolved_at", "closed_at") if name not in known)
    else:
        if not telling.holds:
            yield Unrecorded.HOLDS
        if not telling.closings and "closed_at" not in known:
            yield Unrecorded.CLOSING
    if "priority" not in histories:
        yield Unrecorded.PRIORITIES
    if "team" not in histories:
        yield Unrecorded.TEAMS
