"""Calls of rows by our field names, be they from SQL or JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collector.model.page import RejectedRow
from collector.model.record_limits import UNSTORABLE, storage_problem
from collector.sources.csv.records import call, latest_instant
from collector.sources.csv.rows import CsvRow
from collector.sources.kit.batch import Batch
from collector.sources.kit.raw import ChangedTicket
from collector.sources.kit.system import Connection


class CallReader:
    """Makes calls of the lines of a feed. ``row_of``: finds the row of a line; may raise
    RejectedRow."""

    def __init__(
        self, source: str, connection: Connection, row_of: Callable[[ChangedTicket], CsvRow]
    ) -> None:
        self._source = source
        self._connection = connection
        self._row_of = row_of

    @property
    def clock_skew(self) -> float | None:
        """See :class:`~collector.sources.kit.system.Connection`."""
        return self._connection.clock_skew

    @property
    def server_time(self) -> int | None:
        """See :class:`~collector.sources.kit.system.Connection`."""
        time = self._connection.server_time
        return None if time is None else int(time)

    def batch(self, lines: Sequence[ChangedTicket]) -> Batch:
        """Return the calls of these lines. A value that cannot be used is left out of its call."""
        batch = Batch()
        for line in lines:
            try:
                row = self._row_of(line)
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


def found(lines: Sequence[ChangedTicket], batch: Batch, most: int) -> str:
    """Return for ``check`` how many calls were found, and the first that cannot be used."""
    more = " or more" if len(lines) == most else ""
    line = f"{len(lines)}{more} calls"
    if batch.rejected:
        first = batch.rejected[0]
        line += f"; {len(batch.rejected)} cannot be used completely: {first.where}: {first.message}"
    return line
