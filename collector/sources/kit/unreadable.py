"""Tickets for which their system failed: no feed names them again, so the cursor remembers them.

They are rejected and counted, and asked for again at the end of a later poll: after FIRST seconds
by the system's own clock, then after twice as long each time, but at least once in LONGEST.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page
from collector.sources.kit.missing import UNREADABLE

FIRST, LONGEST = 300, 86_400
_KEY = "unreadable"


class Unreadable:
    """The tickets of a source that could not be read, by a cursor."""

    def __init__(self, cursor: Cursor | None) -> None:
        """Raises SourceError if the cursor was not written by :meth:`noted`."""
        self._waiting: dict[str, tuple[int, int]] = {}
        """When each is asked for again (epoch seconds), and how long that was waited for."""
        try:
            known = {} if cursor is None else cursor.get(_KEY, {})
            self._waiting = {str(n): (int(at), int(wait)) for n, (at, wait) in known.items()}
        except (AttributeError, TypeError, ValueError):
            raise SourceError(
                "the stored cursor cannot be read; run poll --since to read again", permanent=True
            ) from None

    def due(self, now: int | None) -> list[str]:
        """Return those to ask for now: all, if the system tells no time (None)."""
        return [n for n, (at, _) in self._waiting.items() if now is None or now >= at]

    def noted(self, page: Page, now: int | None, asked: Collection[str] = ()) -> Page:
        """Return a page whose cursor remembers what could not be read up to it.

        ``now``: the system's own time; ``asked``: those of :meth:`due` that the page is about.
        """
        failed = {
            each.where.removeprefix("ticket ")
            for each in page.rejected
            if each.reason == UNREADABLE
        }
        for number in {*asked, *(record.id for record in page.records)} - failed:
            self._waiting.pop(number, None)
        for number in sorted(failed):
            _, waited = self._waiting.get(number, (0, FIRST // 2))
            wait = min(2 * waited, LONGEST)
            self._waiting[number] = ((now or 0) + wait, wait)
        rest = {name: value for name, value in page.cursor.items() if name != _KEY}
        waiting = {number: [at, wait] for number, (at, wait) in self._waiting.items()}
        return replace(page, cursor={**rest, _KEY: waiting} if waiting else rest)
