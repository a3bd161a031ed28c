"""Tickets and calls from CSV files: exports of systems that have no source of their own.

A file is read completely when its content has changed, or that of a file before it in the order of
names. So if an id occurs several times, the last file wins, and within a file the last row. All
files are read again when the options that affect the meaning of a row have changed. Records of rows
and files that disappear stay in the store.

An export contains nothing that happened after it was written, so the data are complete as of the
latest modification time of the files, whenever they are read.

A drain passes over the files twice. The first pass only counts all records and those that cannot be
used completely, so that their share is known before the first page; files that cannot be read are
left out.
"""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any, ClassVar

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, Rejected, RejectedRow
from collector.model.record_limits import UNSTORABLE, storage_problem
from collector.model.records import Call, Ticket
from collector.sources.csv.counting import ReadRow, RecordCount, refuse_many_totals
from collector.sources.csv.layouts import layout
from collector.sources.csv.look import look_at
from collector.sources.csv.options import (
    CsvCallsOptions,
    CsvOptions,
    CsvTicketsOptions,
    settings_hash,
)
from collector.sources.csv.plausible import cut_short
from collector.sources.csv.records import call, latest_instant, ticket
from collector.sources.csv.rows import CsvRow
from collector.sources.csv.table import Notes, read_table
from collector.sources.csv.text import matching_files, open_file, rejected_row
from collector.sources.kit.contract import REJECTED_SHARE_LIMIT, Look, SourceOptions
from collector.sources.kit.mapping import Mapper
from collector.text.counts import counted

PAGE_ROWS = 5_000
CHECKED_ROWS = 5_000  # rows of each file that check() reads

_Record = Ticket | Call
_Stamp = list[Any]  # size, modification time in nanoseconds, hash of the content


@dataclass(slots=True)
class _Plan:
    """What a drain has to read, as found by the first pass.

    ``files``: files already read, as in the cursor. ``waiting``: files to read. ``touched``: some
    file has another modification time but the same content. ``error``: the first error that
    prevented a file from being read. ``total`` and ``done``: bytes to read, for the progress.
    ``records``: those of all waiting files, and ``shares`` their (wrong, all) by file. ``counted``
    is the same of the files of this drain that are already read, also before an interruption, and
    ``before`` what it was at the beginning.
    """

    files: dict[str, _Stamp] = field(default_factory=dict)
    waiting: dict[Path, _Stamp] = field(default_factory=dict)
    shares: dict[Path, tuple[int, int]] = field(default_factory=dict)
    records: RecordCount = field(default_factory=RecordCount)
    before: tuple[int, int] = (0, 0)
    counted: tuple[int, int] = (0, 0)
    touched: bool = False
    error: SourceError | None = None
    total: int = 0
    done: int = 0

    @property
    def share(self) -> tuple[int, int]:
        """(wrong, all) records of the whole drain."""
        return _sum(self.before, self.records.share)


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


class _CsvSource(ABC):
    """What both CSV sources share.

    ``REQUIRED``: the fields that every file must have. ``ONE_OF``: those of which it must have one.
    ``START``: the field with the time at which a record begins. ``SEVERAL``: what to do with files
    that have several rows of most records.
    """

    REQUIRED: ClassVar[frozenset[str]]
    ONE_OF: ClassVar[Sequence[str]] = ()
    START: ClassVar[str]
    SEVERAL: ClassVar[str]

    def __init__(
        self,
        name: str,
        options: CsvTicketsOptions | CsvCallsOptions,
        organizations: Sequence[str],
    ) -> None:
        self.name = name
        self._options: CsvOptions = options
        one_of = () if "default" in options.map.get("outcome", ()) else self.ONE_OF
        self._layout = layout(options, options.columns, self.REQUIRED, self.START, one_of)
        self._mapper = Mapper(options.map, organizations)
        self.as_of: int | None = None
        self._meaning = settings_hash(options, organizations)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`. ``since`` reads every file again.

        The error of a file that cannot be read is raised after all others have been read.
        """
        position = cursor or {}
        valid = since is None and position.get("meaning") == self._meaning
        wrong, of = position.get("counted", (0, 0)) if valid else (0, 0)
        plan = _Plan(before=(wrong, of), counted=(wrong, of))
        self.as_of = None
        self._look_at_all(position["files"] if valid else {}, plan)
        if plan.touched and not plan.waiting:
            yield self._page(plan, [], [])
        for path, stamp in plan.waiting.items():
            try:
                yield from self._read(path, plan)
            except SourceError as error:
                plan.error = plan.error or error
            plan.done += stamp[0]
        if plan.error:
            raise plan.error

    def look(self) -> Look:
        """See :class:`~collector.sources.kit.contract.Source`. Reads only the first rows."""
        found, notes, whole, cut = list[_Record](), Notes(), True, list[str]()
        paths = matching_files(self._options.path)
        for path in paths:
            with open_file(path) as raw:
                first = list(islice(self._records(path, raw, notes), CHECKED_ROWS + 1))
            whole &= len(first) <= CHECKED_ROWS
            cut += [f"{path.name} {text}" for text in [cut_short(len(first))] if text]
            found += [row.record for row in first if row.record is not None]
        seen = look_at(found, self._options, notes, paths)
        doubts = [*seen.doubts, *((("path",), text) for text in cut)]
        return replace(seen, doubts=doubts, records=found if whole else ())

    def check(self) -> str:
        """See :class:`~collector.sources.kit.contract.Source`. Reads only the first rows."""
        paths = matching_files(self._options.path)
        count, notes, rejected = RecordCount(), Notes(), list[Rejected]()
        for path in paths:
            of_file = RecordCount()
            with open_file(path) as raw:
                for row in islice(self._records(path, raw, notes), CHECKED_ROWS):
                    of_file.add(row)
                    rejected += row.rejected
            of_file.refuse_many_rows_each(path, self._options.duplicates, self.SEVERAL)
            count.merge(of_file)
        found = (
            f"{counted(len(paths), 'file')} with the required columns, the last is {paths[-1].name}"
        )
        found = "; ".join([found, *notes.in_words()])
        if not rejected:
            return found
        wrong, of = count.share
        first = f"{rejected[0].where}: {rejected[0].message}"
        fault = f"{wrong} of {of} records cannot be used completely: {first}"
        if wrong > REJECTED_SHARE_LIMIT * of:
            raise SourceError(fault, permanent=True)
        return f"{found}; {fault}"

    def _look_at_all(self, known: Mapping[str, _Stamp], plan: _Plan) -> None:
        for path in matching_files(self._options.path):
            try:
                self._look(path, known.get(str(path)), plan)
            except SourceError as error:
                plan.error = plan.error or error

    def _look(self, path: Path, before: _Stamp | None, plan: _Plan) -> None:
        """Make the first pass over one file; ``before`` is its stamp in the cursor."""
        if plan.waiting:
            before = None  # an earlier file is read again; this one's rows must win
        with open_file(path) as raw:
            status = os.fstat(raw.fileno())
            self.as_of = max(self.as_of or 0, status.st_mtime_ns // 10**9)
            stamp: _Stamp = [status.st_size, status.st_mtime_ns]
            if before and before[:2] == stamp:
                plan.files[str(path)] = before
                return
            # Taken before reading, so that a write in the meantime counts as a change
            stamp.append(hashlib.file_digest(raw, "sha256").hexdigest())  # type: ignore[arg-type]
            if before and before[2] == stamp[2]:
                plan.files[str(path)], plan.touched = stamp, True
                return
            raw.seek(0)
            count, notes = RecordCount(), Notes()
            for row in self._records(path, raw, notes):
                count.add(row)
        count.refuse_many_rows_each(path, self._options.duplicates, self.SEVERAL)
        refuse_many_totals(path, notes, count)
        plan.waiting[path], plan.shares[path] = stamp, count.share
        plan.total += stamp[0]
        plan.records.merge(count)

    def _read(self, path: Path, plan: _Plan) -> Iterator[Page]:
        """Yield the pages of one file; only the last one's cursor marks the file as read."""
        records: dict[str, _Record] = {}
        rejected, left_out = list[Rejected](), list[Rejected]()
        contents: dict[str, int] = {}
        notes, rows, total = Notes(), 0, 0
        with open_file(path) as raw:
            for row in self._records(path, raw, notes):
                if rows == PAGE_ROWS:
                    yield self._page(plan, records.values(), rejected, left_out, at=raw.tell())
                    records, rejected, left_out, rows = {}, [], [], 0
                rows, total = rows + 1, total + 1
                if row.record is None or row.id is None:
                    rejected += row.rejected
                    continue
                left_out += row.rejected
                content, before = hash(row.record), contents.get(row.id)
                contents[row.id] = content
                if before is not None:
                    same = before == content
                    notes.ignored["repeated_row" if same else "duplicate_id"] += 1
                    if self._options.duplicates == "first":
                        continue
                records.pop(row.id, None)  # so that the order stays that of the file
                records[row.id] = row.record
        plan.files[str(path)] = plan.waiting[path]
        plan.counted = _sum(plan.counted, plan.shares.pop(path))
        last = self._page(plan, records.values(), rejected, left_out, at=plan.waiting[path][0])
        cut = cut_short(total)
        yield replace(
            last,
            ignored=dict(+notes.ignored),
            doubtful={"row_limit": 1} if cut else {},
            remarks=[Rejected("row_limit", path.name, cut)] if cut else [],
        )

    def _page(
        self,
        plan: _Plan,
        records: Iterable[_Record],
        rejected: Sequence[Rejected],
        left_out: Sequence[Rejected] = (),
        at: int = 0,
    ) -> Page:
        cursor: dict[str, Any] = {"files": dict(plan.files), "meaning": self._meaning}
        if plan.shares and any(plan.counted):
            cursor["counted"] = plan.counted
        return Page(
            records=list(records),
            cursor=cursor,
            rejected=rejected,
            left_out=left_out,
            newest_at=max(map(latest_instant, records), default=None),
            progress=min(1.0, (plan.done + at) / plan.total) if plan.total else 1.0,
            whole=plan.share,
        )

    @abstractmethod
    def _record(self, row: CsvRow) -> _Record:
        """Return the record of a row. Raises RejectedRow if it cannot be used."""

    def _records(self, path: Path, raw: IO[bytes], notes: Notes) -> Iterator[ReadRow]:
        """Yield each row with its record, for counting, checking and reading alike."""
        for line, row in read_table(path, raw, self._layout, notes):
            if isinstance(row, RejectedRow):
                yield ReadRow(line, None, None, [rejected_row(path, line, row)])
                continue
            fields = CsvRow(row, self._options, self._mapper, notes)
            try:
                record = self._record(fields)
                if problem := storage_problem(record):
                    raise RejectedRow(UNSTORABLE, problem)
            except RejectedRow as error:
                yield ReadRow(
                    line, row["id"].strip() or None, None, [rejected_row(path, line, error)]
                )
            else:
                errors = [rejected_row(path, line, error) for error in fields.left_out]
                yield ReadRow(line, record.id, record, errors)


class CsvTickets(_CsvSource):
    """Tickets from CSV files. Required: id, opened_at."""

    Options: ClassVar[type[SourceOptions]] = CsvTicketsOptions
    REQUIRED = frozenset({"id", "opened_at"})
    START = "opened_at"
    SEVERAL = (
        "use type: csv_events, with columns.at for the time of each row (or csv_changes, if a row "
        "is a field with its old and new value)"
    )

    def _record(self, row: CsvRow) -> Ticket:
        return ticket(self.name, row)


class CsvCalls(_CsvSource):
    """Calls from CSV files. Required: id, queue, entered_at, and outcome or what tells it."""

    Options: ClassVar[type[SourceOptions]] = CsvCallsOptions
    REQUIRED = frozenset({"id", "queue", "entered_at"})
    ONE_OF = ("outcome", "answered_at", "talk_seconds")
    START = "entered_at"
    SEVERAL = "export one row a call, with its times as columns"

    def _record(self, row: CsvRow) -> Call:
        return call(self.name, row)
