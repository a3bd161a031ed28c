"""Tickets that a source's system says have changed: a queue, and their reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

from collector.model.codes import Fault
from collector.service.drain import failures, usable_part
from collector.sources.kit.source import TicketSource
from collector.store import CursorMoved, Store

MOST_WAITING = 1000
_ATTEMPTS = 3


class WaitingTickets:
    """Ids, each once, in the order in which they first came; at most MOST_WAITING."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._lock = Lock()

    def add(self, ids: Sequence[str]) -> bool:
        """Add ids; return whether there was room for all of them."""
        with self._lock:
            for each in ids:
                if len(self._ids) < MOST_WAITING:
                    self._ids[each] = None
            return all(each in self._ids for each in ids)

    def take(self) -> list[str]:
        """Remove and return all."""
        with self._lock:
            ids, self._ids = list(self._ids), {}
            return ids

    def __bool__(self) -> bool:
        return bool(self._ids)


@dataclass
class HookReading:
    """What a reading brought: how many tickets changed. See :class:`~collector.service.drain`."""

    source: str
    changed: int = 0
    error: str | None = None
    cause: Fault | None = None
    overtaken: bool = False


def read_tickets(source: TicketSource, store: Store, ids: Sequence[str]) -> HookReading:
    """Store these tickets as they are now, under the cursor as it stands.

    If the cursor moves meanwhile, somebody else may have stored something newer: they are read
    again. A source of which nothing was read yet is left to its first poll. Never raises for an
    error of the source or the store, which is logged: the next poll reads these tickets anyway.
    """
    result = HookReading(source.name)
    with failures(result, "reading after a message", logged=True):
        for attempt in range(1, _ATTEMPTS + 1):
            cursor = store.pages.cursor(source.name)
            if cursor is None:
                return result
            try:
                for page in source.tickets(ids, cursor):
                    usable = replace(usable_part(page), ignored={})
                    result.changed += store.pages.save(source.name, usable, cursor)
                return result
            except CursorMoved:
                if attempt == _ATTEMPTS:
                    raise
    return result
