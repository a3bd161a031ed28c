"""What rows tell of tickets, by the names of their fields and the words of their history. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set

from collector.model.records import OF_CALLS, Unrecorded
from collector.sources.csv.options import FACTS
from collector.sources.kit.mapping import DEFAULT, ValueMap

OF_HISTORY = frozenset({"act", "field", "by_staff", "registered_by_staff"})
"""Fields of rows of a history whose values may be mapped."""

_ACTS = {
    "reply": Unrecorded.FIRST_RESPONSE,
    "note": Unrecorded.NOTE,
    "status": Unrecorded.STATUS_CHANGE,
    "assignment": Unrecorded.ASSIGNMENT,
}
_CHANGES = {
    "status": {
        *(Unrecorded.RESOLUTION, Unrecorded.CLOSING, Unrecorded.HOLDS, Unrecorded.REOPENINGS),
    },
    "priority": {Unrecorded.PRIORITIES},
    "team": {Unrecorded.TEAMS},
}


def remedies(fields: str, changes: str, acts: str) -> dict[Unrecorded, str]:
    """Return the key that makes each fact known; ``fields``: with {} for the field's name."""
    return {
        **{fact: fields.format(name) for name, fact in FACTS.items()},
        **dict.fromkeys(_ACTS.values(), acts),
        **{fact: changes for facts in _CHANGES.values() for fact in facts},
        Unrecorded.REGISTRAR: changes,
    }


def unrecorded(
    given: Set[str], changes: Set[str] | None, acts: Set[str] | None, maps: Mapping[str, ValueMap]
) -> frozenset[Unrecorded]:
    """Return what rows do not tell that have the fields ``given``.

    ``changes`` and ``acts``: the words that stand where their history is told, None without one;
    the names of our fields and acts must be among them, or among those to which they are mapped.
    """
    known = {fact for n, fact in FACTS.items() if n in given or DEFAULT in maps.get(n, {})}
    if acts is not None:
        done = acts | set(maps.get("act", {}).values())
        known |= {fact for act, fact in _ACTS.items() if act in done}
    if changes is not None:
        changed = changes | set(maps.get("field", {}).values())
        for field, facts in _CHANGES.items():
            known |= facts if field in changed else set()
        if "registered_by" in given and {"status", "changed_by"} <= changed:
            known.add(Unrecorded.REGISTRAR)
    return frozenset(Unrecorded) - OF_CALLS - known


def calls_unrecorded(given: Set[str]) -> frozenset[Unrecorded]:
    """Return what rows of calls do not tell that have the fields ``given``."""
    silent = set()
    if not given & {"wait_seconds", "answered_at"}:
        silent.add(Unrecorded.WAIT)
    if not given & {"outcome", "answered_at", "talk_seconds"}:
        silent.add(Unrecorded.OUTCOME)
    return frozenset(silent)
