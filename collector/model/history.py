"""Reading values and intervals from the changes of a ticket. Pure.

Changes may be given in any order. Changes at the same instant keep their given order, and the last
of them takes effect.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from operator import attrgetter

from collector.model.records import Change

_AT = attrgetter("at")


def changes_of(changes: Iterable[Change], field: str) -> list[Change]:
    """Return the changes of one field, ordered by instant."""
    own = [change for change in changes if change.field == field]
    return sorted(own, key=_AT) if len(own) > 1 else own


def distinct_values(changes: Iterable[Change], field: str) -> tuple[str, ...]:
    """Return every value ``field`` has had, in the order in which each first occurred."""
    return tuple(dict.fromkeys([str(change.value) for change in changes_of(changes, field)]))


def value_at(changes: Iterable[Change], field: str, at: int) -> str | None:
    """Return the value of ``field`` at the instant ``at`` (epoch seconds).

    Before the first change this is the first value, since that is the initial one; None when the
    field never had a value.
    """
    own = changes_of(changes, field)
    held = [change for change in own if change.at <= at] or own[:1]
    return str(held[-1].value) if held else None


def intervals(
    changes: Iterable[Change], field: str, wanted: Container[str]
) -> list[tuple[int, int | None]]:
    """Return the intervals ``[start, end)`` in which ``field`` had one of the values ``wanted``.

    Epoch seconds, ascending and disjoint. An interval ends when the field changes to a value
    outside ``wanted``; ``end`` is None while it lasts. Empty intervals are left out.
    """
    found: list[tuple[int, int | None]] = []
    start: int | None = None
    for change in changes_of(changes, field):
        if change.value in wanted:
            start = change.at if start is None else start
        elif start is not None:
            if change.at > start:
                found.append((start, change.at))
            start = None
    return found if start is None else [*found, (start, None)]
