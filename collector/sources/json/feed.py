"""Follows what a REST interface lists by time of change.

In what order it is listed is not relied upon unless ``order`` says so: a poll reads the whole list
of what changed before it uses it, and takes the beginning of the listing for the time until which
all is read.
"""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice
from typing import ClassVar

from collector.sources.json.access import JsonAccess
from collector.sources.json.walk import Visit
from collector.sources.kit.raw import ChangedTicket, Position
from collector.sources.mapped.rows import Json


class Followed:
    """A feed for :class:`~collector.sources.kit.keyset.KeysetWalk`, of tickets or of calls."""

    OVERLAP: int
    FEED_ROWS: ClassVar[int]
    options: JsonAccess

    @abstractmethod
    def line(self, connection: Visit, row: Json, otherwise: int) -> ChangedTicket:
        """Return a row's line. ``otherwise``: when it changed, where the row does not tell."""

    def _follow(self, options: JsonAccess) -> None:
        self.OVERLAP = options.since.overlap
        if options.order == "changed":
            self.FEED_ROWS = options.listing.size  # type: ignore[misc]

    def changed_tickets(
        self, connection: Visit, position: Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.system.KeysetSystem`."""
        if self.options.order == "changed":
            return self._page(connection, position, page_size)
        if connection.lines is None or position.at < connection.since:
            connection.lines = self._whole(connection, position.at)
            connection.since = position.at
        first = bisect_left(connection.lines, position.at, key=lambda line: line.at) + position.skip
        return connection.lines[first : first + page_size]

    def _page(self, connection: Visit, position: Position, size: int) -> Sequence[ChangedTicket]:
        """Return the next lines of a list that is in the order of change."""
        if not position.skip:
            connection.stream = connection.listed(position.at)
        lines: list[ChangedTicket] = []
        for row in islice(connection.stream, size):
            lines.append(self.line(connection, row, lines[-1].at if lines else position.at))
        return lines

    def _whole(self, connection: Visit, since: int) -> Sequence[ChangedTicket]:
        """Return all that changed since then, in the order of change."""
        lines: dict[str, ChangedTicket] = {}
        for number, row in enumerate(connection.listed(since)):
            if not number:
                connection.began = connection.http.server_time
            line = self.line(connection, row, since)
            known = lines.get(line.id)
            if known is None or known.at < line.at:
                lines[line.id or f"#{number}"] = line
        return sorted(lines.values(), key=lambda line: (line.at, line.id))
