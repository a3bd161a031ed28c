"""Follows the table by its ids, so that late commits lose nothing. Pure: no I/O, no clock.

Rows of concurrent calls may be committed in another order than that of their ids. Therefore the
cursor stays behind: the events of the last OVERLAP seconds are fed to a copy of the calls in
progress, and the next drain reads them again, with whatever was committed between them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass, field
from typing import Any, Self

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, RejectedRow
from collector.sources.asterisk_queue_log.calls import CallTracker
from collector.sources.asterisk_queue_log.events import ENTER, Event
from collector.sources.asterisk_queue_log.interpretation import CallBatch, Interpretation
from collector.sources.asterisk_queue_log.lines import RecentLines
from collector.sources.asterisk_realtime.rows import RowReader, Values, began

OVERLAP = 300
"""Seconds for which rows are read again."""
_FUTURE = 86_400
"""Seconds. A row dated later than this is from a clock that is wrong, and is not waited for."""
_BEFORE = 60
_CURSOR_LOST = "the stored cursor cannot be read; run poll --since to read again"


@dataclass(frozen=True, slots=True)
class Witness:
    """The last row that was read, by which a table is known again: ``at`` in epoch seconds."""

    id: int
    digest: str
    at: int


@dataclass(slots=True)
class Place:
    """Everything up to the row ``id`` is read for good, and gave these calls in progress.

    ``tail``: the rows after it that were read and will be read again. ``emit_from``: see
    ``ReadingState``. ``previous``: the time of the row ``id``. Instants are epoch seconds.
    ``witness``: None also where an earlier version wrote the cursor.
    """

    calls: CallTracker
    lines: RecentLines
    id: int | None = None
    previous: int = 0
    tail: frozenset[int] = frozenset()
    emit_from: int | None = None
    witness: Witness | None = None

    @classmethod
    def of(cls, source: str, cursor: Cursor | None) -> Self:
        """Read a cursor. Raises SourceError if it was not written by :meth:`cursor`."""
        if not cursor:
            return cls(CallTracker(source), RecentLines())
        try:
            return cls(
                CallTracker(source, cursor["calls"]),
                RecentLines(cursor["lines"]),
                cursor["id"],
                cursor["previous"],
                frozenset(cursor["tail"]),
                cursor["emit_from"],
                Witness(*witness) if (witness := cursor.get("witness")) else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(_CURSOR_LOST, permanent=True) from None

    def cursor(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "id": self.id,
            "previous": self.previous,
            "tail": sorted(self.tail),
            "emit_from": self.emit_from,
            "witness": None if self.witness is None else [*astuple(self.witness)],
            "calls": self.calls.state(),
            "lines": self.lines.state(),
        }

    def copy(self, source: str) -> Place:
        """Return one that goes on from here on its own."""
        return Place.of(source, self.cursor())


@dataclass
class Reading:
    """One drain: takes rows in the order of their ids into a batch.

    ``now``: the database's time (epoch seconds). ``unsure``: the rows that will be read again. Rows
    are counted, and rejected or ignored ones too, only when they are read for good, so once. Calls
    are given from the first row on that was not read before.
    """

    source: str
    place: Place
    meaning: Interpretation
    rows: RowReader
    now: int
    batch: CallBatch = field(default_factory=CallBatch)
    ahead: Place | None = None
    unsure: list[int] = field(default_factory=list)
    new: bool = False

    def __post_init__(self) -> None:
        self._known = self.place.tail

    def take(self, number: int, row: Values) -> None:
        """Take the next row."""
        where, digest = f"row {number}", self.rows.digest(row)
        self.new = self.new or number not in self._known
        try:
            line, event = self.rows.read(row)
        except RejectedRow as error:
            self.place.witness = Witness(number, digest, self.rows.previous)
            if self.ahead is None:
                self.batch.entries += 1
                self.batch.reject(where, error)
                self.place.id = number
            else:
                self.unsure.append(number)
            return
        self.place.witness = Witness(number, digest, event.at)
        if self._is_for_good(event):
            self.batch.entries += 1
            self._note(event, where)
            self._feed(self.place, line, event, where, self.batch.ignored)
            self.place.id, self.place.previous = number, event.at
            return
        if self.ahead is None:
            self.ahead = self.place.copy(self.source)
        self.unsure.append(number)
        self._feed(self.ahead, line, event, where, Counter())
        self.batch.saw(event.at, where)

    def is_numbered_anew(self, last: int, row: Values | None) -> bool:
        """Return whether the ids of the table begin again, though they may be past the place.

        ``last``: its highest id. ``row``: the one with the highest id up to that of the witness,
        None without any: it is the witness, or another one with its id, or, where rows were
        deleted, an earlier one. An id that was given later is of a later row.
        """
        if self.place.id is not None and last < self.place.id:
            return True
        known, previous = self.place.witness, self.rows.previous
        if known is None or row is None:
            return False
        if self.rows.number(row) == known.id:
            return self.rows.digest(row) != known.digest
        try:
            return self.rows.read(row)[1].at > known.at + OVERLAP
        except RejectedRow:
            return False
        finally:
            self.rows.previous = previous

    def start_over(self, table: str) -> None:
        """Begin at the first row, since the ids begin again."""
        self.batch.reject(
            table,
            RejectedRow(
                "renumbered",
                f"its rows are numbered anew: row {self.place.id or 1}, which was read, is gone or"
                " another one: it was emptied or restored; all of it is read, and calls that"
                " were in progress may be missing",
            ),
        )
        self.place.id, self._known = None, frozenset()

    def page(self, progress: float, clock_skew: float | None = None) -> Page:
        """Return what was read since the last page."""
        batch, self.batch = self.batch, CallBatch()
        self.meaning.add_records(batch)
        self.place.tail = frozenset(self.unsure)
        return batch.page(self.place.cursor(), progress=progress, clock_skew=clock_skew)

    def _is_for_good(self, event: Event) -> bool:
        """Whether nothing can be committed before a row any more. What follows one that is not for
        good is not either."""
        return self.ahead is None and not self.now - OVERLAP < event.at <= self.now + _FUTURE

    def _note(self, event: Event, where: str) -> None:
        self.batch.saw(event.at, where)
        self.meaning.remark(event, where, self.batch)
        start = began(event.callid) if event.name == ENTER else None
        if start is not None and event.at < start - _BEFORE:
            self.batch.doubt(
                "before_its_call",
                where,
                f"a caller enters the queue before the call began: is {self.rows.zone} the zone"
                " of the times? Set timezone",
            )

    def _feed(
        self, place: Place, line: str, event: Event, where: str, ignored: Counter[str]
    ) -> None:
        if place.lines.repeats(line, event, place.calls.time):
            ignored["repeated_line"] += 1
            return
        for call in place.calls.feed(event, ignored):
            wanted = self.place.emit_from is None or event.at >= self.place.emit_from
            if self.new and wanted:
                self.batch.calls[call.id] = call, where
