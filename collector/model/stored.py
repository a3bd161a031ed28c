"""Stored tickets as a sweep looks at them, and what it finds of them."""

from __future__ import annotations

from dataclasses import dataclass

CHANGED, SHOWN_AGAIN = "changed", "visible_again"
FOUND = ("merged", "deleted", "spam", "not_visible", CHANGED, SHOWN_AGAIN)
"""What a sweep finds, to count by: marks, silent edits, and tickets that came back."""


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """``number``: that of its row, which increases. ``mark``: as in ``records.Ticket``.

    ``is_open``: neither resolved nor closed, without a mark. ``last_event_at``: the latest instant
    that its history knows (epoch seconds).
    """

    number: int
    id: str
    mark: str | None
    is_open: bool
    last_event_at: int
