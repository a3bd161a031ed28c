"""Calls from any SQL database, by the rules of those in files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from collector.model.page import Cursor, Page
from collector.sources.kit.contract import Look, SourceOptions
from collector.sources.kit.keyset import KeysetWalk
from collector.sources.kit.raw import ChangedTicket, Position
from collector.sources.mapped.calls import CallReader, found
from collector.sources.sql.options import SqlCallsOptions
from collector.sources.sql.queries import Visit

CHECKED_CALLS = 500


class SqlCalls:
    """Calls of one telephone system. See :class:`~collector.sources.kit.contract.Source`.

    They are walked as tickets are, by their time of change and with its overlap.
    """

    Options: ClassVar[type[SourceOptions]] = SqlCallsOptions
    OVERLAP: int = 3720
    FEED_ROWS: ClassVar[int] = 5000
    PAGE_TICKETS: ClassVar[int] = 1000

    def __init__(self, name: str, options: SqlCallsOptions, organizations: Sequence[str]) -> None:
        self.name = name
        self.as_of: int | None = None  # a database is always current
        self._options = options
        self._organizations = organizations

    def look(self) -> Look:
        return Look(self._options.unrecorded)

    def check(self) -> str:
        """See :class:`~collector.sources.kit.contract.Source`. Reads only the first calls."""
        with Visit(self._options, self._organizations) as visit:
            lines = self.changed_tickets(visit, Position(0), CHECKED_CALLS)
            batch = self._reader(visit).batch(lines)
        return f"{visit.product}, {found(lines, batch, CHECKED_CALLS)}"

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        with Visit(self._options, self._organizations) as visit:
            yield from KeysetWalk(self, visit, self._reader(visit)).pages(cursor, since)

    def _reader(self, visit: Visit) -> CallReader:
        return CallReader(self.name, visit, lambda line: visit.row(visit.listed[line.id]))

    def changed_tickets(
        self, connection: Visit, position: Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.keyset.Feed`: calls in place of tickets."""
        return connection.changed("calls", position, page_size)
