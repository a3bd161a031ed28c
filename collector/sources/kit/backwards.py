"""Numbered feeds that can be read only from their newest entry on, backwards."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from collector.sources.kit.raw import Event
from collector.sources.kit.system import C, NumberedSystem

_SHIFTED = 20
"""Rows that are read again with the next page, since the feed moves when entries are purged."""


class BackwardsSystem(NumberedSystem[C]):
    """Entries can be asked for by their place, the newest first."""

    _newest: Sequence[Event] = ()
    """The newest entries, the newest first, since ``newest_event``."""

    @abstractmethod
    def newest_events(self, connection: C, start: int, size: int) -> Sequence[Event]:
        """Return at most ``size`` entries from a place on, which may lie behind the last one."""

    def newest_event(self, connection: C, after: int) -> Event | None:
        self._newest = self.newest_events(connection, 0, 2 * self.FEED_ROWS)
        return max(self._newest, key=_number, default=None)

    def events_after(self, connection: C, number: int) -> tuple[Sequence[Event], int]:
        more = len(self._newest) >= 2 * self.FEED_ROWS
        while more and _number(self._newest[-1]) > number:
            start, size = max(0, len(self._newest) - _SHIFTED), 10 * self.FEED_ROWS
            older = self.newest_events(connection, start, size)
            more = len(older) == size
            before = self._newest[-_SHIFTED:]
            self._newest = [*self._newest, *(each for each in older if each not in before)]
        newer = sorted({each for each in self._newest if _number(each) > number}, key=_number)
        some = newer[: self.FEED_ROWS]
        return some, _number(some[-1]) if some else number + 1


def _number(event: Event) -> int:
    return event.number or 0
