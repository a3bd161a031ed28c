"""Calls from Asterisk's queue_log in a database ("realtime"), by the rules of those in its file.

Recorded: Asterisk 22.10.1 by ODBC into MariaDB, and 16.28 into SQLite. From its documentation and
source: the single column ``data`` and times in epoch seconds of older versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from collector.io.clock import now
from collector.io.database import ReadOnlyDatabase
from collector.model.page import Cursor, Page, RejectedRow
from collector.sources.asterisk_queue_log.events import Event
from collector.sources.asterisk_queue_log.interpretation import Interpretation
from collector.sources.asterisk_queue_log.state import iso
from collector.sources.asterisk_realtime.options import AsteriskRealtimeOptions
from collector.sources.asterisk_realtime.rows import RowReader, Values, zone_doubt
from collector.sources.asterisk_realtime.walk import Place, Reading
from collector.sources.kit.contract import Look, SourceOptions

if TYPE_CHECKING:
    from sqlalchemy import Select

PAGE_ROWS = 5_000
LOOK_ROWS = 2_000


class AsteriskRealtime:
    """Calls of one telephone system. See :class:`~collector.sources.kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = AsteriskRealtimeOptions

    def __init__(
        self, name: str, options: AsteriskRealtimeOptions, organizations: Sequence[str]
    ) -> None:
        self.name = name
        self.as_of: int | None = None  # a database is always current
        self._options = options
        self._meaning = Interpretation(options.map, organizations)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        place = Place.of(self.name, cursor if since is None else None)
        if since is not None:
            place.emit_from = since
        with self._visit() as table:
            rows = self._reader(place.previous)
            time = now() if table.server_time is None else int(table.server_time)
            reading = Reading(self.name, place, self._meaning, rows, time)
            yield from self._walk(table, reading)

    def look(self) -> Look:
        with self._visit() as table:
            events = self._latest(table)
        doubt = zone_doubt(events, self._options.timezone or "UTC")
        return Look(doubts=[(("timezone",), doubt)] if doubt else ())

    def check(self) -> str:
        with self._visit() as table:
            events = self._latest(table)
            if not events:
                return f"{table.product}, no events in {self._options.table} yet"
            more = "or more " if len(events) == LOOK_ROWS else ""
            return (
                f"{table.product}, {len(events)} {more}events in {self._options.table}, the last"
                f" of {iso(events[-1].at)}"
            )

    def _visit(self) -> _Table:
        return _Table(self._options)

    def _reader(self, previous: int = 0) -> RowReader:
        options = self._options
        zone = options.timezone or "UTC"
        return RowReader(options.columns, zone, self._meaning.events, previous)

    def _walk(self, table: _Table, reading: Reading) -> Iterator[Page]:
        place = reading.place
        end = max((reading.rows.number(row) for row in table.latest(1)), default=None)
        if end is None:
            yield reading.page(1.0, table.clock_skew)
            return
        around = [] if place.witness is None else table.latest(1, place.witness.id)
        if reading.is_numbered_anew(end, next(iter(around), None)):
            reading.start_over(self._options.table)
        last, first = place.id, place.id or 0
        checked = False
        while rows := table.after(last, PAGE_ROWS):
            if not checked:
                reading.rows.check(rows[0])
                checked = True
            for row in rows:
                last = reading.rows.number(row)
                reading.take(last, row)
            share = ((last or 0) - first) / max(1, end - first)
            yield reading.page(share, table.clock_skew)
        place.emit_from = None
        yield reading.page(1.0, table.clock_skew)

    def _latest(self, table: _Table) -> list[Event]:
        """The events of the last rows, oldest first."""
        rows, reader, events = table.latest(LOOK_ROWS), self._reader(), list[Event]()
        if rows:
            reader.check(rows[0])
        for row in reversed(rows):
            try:
                events.append(reader.read(row)[1])
            except RejectedRow:
                continue
        return events


class _Table(ReadOnlyDatabase):
    """A visit to the table."""

    def __init__(self, options: AsteriskRealtimeOptions) -> None:
        super().__init__(options.url, options.password, options.timezone or "UTC", options.timeout)
        self._name, self._id = options.table, options.columns.id

    def after(self, number: int | None, most: int) -> list[Values]:
        """Return rows in the order of their ids, those after ``number``."""
        from sqlalchemy import column  # noqa: PLC0415 only where a database is read

        query = self._all().order_by(column(self._id)).limit(most)
        if number is not None:
            query = query.where(column(self._id) > number)
        return list(self.rows(query))

    def latest(self, most: int, until: int | None = None) -> list[Values]:
        """Return the last rows, the newest first; those up to an id."""
        from sqlalchemy import column  # noqa: PLC0415

        query = self._all().order_by(column(self._id).desc()).limit(most)
        if until is not None:
            query = query.where(column(self._id) <= until)
        return list(self.rows(query))

    def _all(self) -> Select[tuple[object, ...]]:
        from sqlalchemy import select, table, text  # noqa: PLC0415

        schema, _, name = self._name.rpartition(".")
        return select(text("*")).select_from(table(name, schema=schema or None))
