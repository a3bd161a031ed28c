"""Calls of a telephone system with a REST interface, by a configuration alone.

They are walked as tickets are, by their time of change and with its overlap, and read by the rules
of those in files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from collector.model.page import Cursor, Page, RejectedRow
from collector.sources.csv.rows import CsvRow
from collector.sources.json.feed import Followed
from collector.sources.json.options import JsonCallsOptions
from collector.sources.json.walk import Visit
from collector.sources.kit.contract import Look, SourceOptions
from collector.sources.kit.keyset import KeysetWalk
from collector.sources.kit.raw import ChangedTicket, Position
from collector.sources.mapped.calls import CallReader, found
from collector.sources.mapped.rows import Json, RowMapper

CHECKED_CALLS = 500


class JsonCalls(Followed):
    """Calls of one telephone system. See :class:`~collector.sources.kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = JsonCallsOptions
    FEED_ROWS: ClassVar[int] = 5000
    PAGE_TICKETS: ClassVar[int] = 1000

    options: JsonCallsOptions

    def __init__(self, name: str, options: JsonCallsOptions, organizations: Sequence[str]) -> None:
        self.name = name
        self.as_of: int | None = None  # a system's answers are always current
        self.options = options
        self._organizations = organizations
        self._rows: dict[tuple[str, int], Json] = {}
        self._follow(options)

    def look(self) -> Look:
        """See :class:`~collector.sources.kit.contract.Source`."""
        return Look(self.options.unrecorded)

    def check(self) -> str:
        """See :class:`~collector.sources.kit.contract.Source`. Looks only at the first calls."""
        with self._visit() as visit:
            lines = self.changed_tickets(visit, Position(0), CHECKED_CALLS)
            batch = self._reader(visit).batch(lines)
        line = found(lines, batch, CHECKED_CALLS)
        matches = visit.rows.matches
        silent = [place for place, _ in self.options.places() if lines and not matches[place]]
        if silent:
            line += f"; nothing is found by {', '.join(silent)}: correct or remove what is wrong"
        return line

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`."""
        with self._visit() as visit:
            yield from KeysetWalk(self, visit, self._reader(visit)).pages(cursor, since)

    def changed_tickets(
        self, connection: Visit, position: Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`Followed`: calls in place of tickets."""
        if self.options.order == "changed":
            self._rows.clear()  # those of the page before
        return super().changed_tickets(connection, position, page_size)

    def line(self, connection: Visit, row: Json, otherwise: int) -> ChangedTicket:
        """See :class:`Followed`. The row is kept until its call is read."""
        number = connection.rows.id(row)
        try:
            at = connection.rows.changed_at(row)
        except RejectedRow:  # it keeps its place in the order, and is rejected there
            at = otherwise
        self._rows[number, at] = row
        return ChangedTicket(number, at)

    @contextmanager
    def _visit(self) -> Iterator[Visit]:
        self._rows.clear()
        with self.options.client() as http:
            yield Visit(http, self.options, RowMapper(self.options, self._organizations))

    def _reader(self, visit: Visit) -> CallReader:
        def row_of(line: ChangedTicket) -> CsvRow:
            row = self._rows[line.id, line.at]
            visit.rows.changed_at(row)
            return visit.rows.values(row)

        return CallReader(self.name, visit, row_of)
