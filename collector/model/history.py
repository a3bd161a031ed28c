"""Facts from a ticket's changes. Pure.

Changes may come in any order; those of one instant keep the order in which they are given, and the
last of them is what holds from that instant on.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from operator import attrgetter

from collector.model.records import Change

_AT = attrgetter("at")


def changes_of(changes: Iterable[Change], field: str) -> list[Change]:
    """The changes of one field in the order of their instants."""
    own = [change for change in changes if change.field == field]
    return sorted(own, key=_AT) if len(own) > 1 else own


def values(changes: Iterable[Change], field: str) -> tuple[str, ...]:
    """Every value that ``field`` ever had, in the order in which it first had them."""
    return tuple(dict.fromkeys([str(change.value) for change in changes_of(changes, field)]))


def value_at(changes: Iterable[Change], field: str, at: int) -> str | None:
    """The value of ``field`` in force at the instant ``at`` (epoch seconds).

    Before the first change the first value is taken, since it is the initial one; absent when the
    field never had a value.
    """
    own = changes_of(changes, field)
    held = [change for change in own if change.at <= at] or own[:1]
    return str(held[-1].value) if held else None


def intervals(
    changes: Iterable[Change], field: str, wanted: Container[str]
) -> list[tuple[int, int | None]]:
    """When ``field`` had one of ``wanted``: ``[start, end)`` in epoch seconds, ascending, disjoint.

    An interval ends at the field's next change to another value; ``None``: it still lasts. Empty
    intervals are left out.
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
