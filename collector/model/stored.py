"""A stored ticket as a sweep looks at it, to find what its source no longer shows."""

from __future__ import annotations

from dataclasses import dataclass


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
