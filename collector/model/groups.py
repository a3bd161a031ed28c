"""Groups with a bounded number of names, whatever values the records hold."""

from __future__ import annotations

from collections.abc import Collection

OTHER = "other"


def other_than(names: Collection[str]) -> str:
    """Return the name of the group of all values that are not in ``names``: ``other``, in
    parentheses if that is one of them."""
    other = OTHER
    while other in names:
        other = f"({other})"
    return other


def group_of(value: str | None, names: Collection[str]) -> str:
    """Return the group of a record's value: the value if it is in ``names``, an empty text if the
    record has none, and the group of all other values otherwise."""
    if not value:
        return ""
    return value if value in names else other_than(names)
