"""Calls from any SQL database, by the rules of those in files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from collector.model.page import Cursor, Page, RejectedRow
from collector.model.record_limits import UNSTORABLE, storage_problem
from collector.sources.csv.records import call, latest_instant
from collector.sources.kit.batch import Batch
from collector.sources.kit.contract import Look, SourceOptions
from collector.sources.kit.keyset import KeysetWalk
from collector.sources.kit.raw import ChangedTicket, Position
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
            batch = CallReader(self.name, visit).batch(lines)
        more = " or more" if len(lines) == CHECKED_CALLS else ""
        line = f"{visit.product}, {len(lines)}{more} calls"
        if batch.rejected:
            first = batch.rejected[0]
            line += f"; {len(batch.rejected)} cannot be used completely: "
            line += f"{first.where}: {first.message}"
        return line

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        with Visit(self._options, self._organizations) as visit:
            yield from KeysetWalk(self, visit, CallReader(self.name, visit)).pages(cursor, since)

    def changed_tickets(
        self, connection: Visit, position: Position, size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.keyset.Feed`: calls in place of tickets."""
        return connection.changed("calls", position, size)


class CallReader:
    """Makes calls of the rows that were listed last."""

    def __init__(self, source: str, visit: Visit) -> None:
        self._source = source
        self._visit = visit

    @property
    def clock_skew(self) -> float | None:
        return self._visit.clock_skew

    @property
    def server_time(self) -> int | None:
        time = self._visit.server_time
        return None if time is None else int(time)

    def batch(self, lines: Sequence[ChangedTicket]) -> Batch:
        """Return the calls of these lines. A value that cannot be used is left out of its call."""
        batch = Batch()
        for line in lines:
            row = self._visit.row(self._visit.listed[line.id])
            try:
                record = call(self._source, row)
                if problem := storage_problem(record):
                    raise RejectedRow(UNSTORABLE, problem)
            except RejectedRow as error:
                batch.reject(f"call {line.id}", error)
                continue
            batch.records.append(record)
            batch.saw(latest_instant(record))
            for each in row.left_out:
                batch.reject(f"call {line.id}", each)
        return batch
