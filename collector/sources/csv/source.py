"""Tickets and calls from CSV files: exports of systems that have no source of their own.

A file is read completely when its content has changed, or that of a file before it in the order of
names. So if an id occurs several times, the last file wins, and within a file the last row. All
files are read again when the options that affect the meaning of a row have changed. Records of rows
and files that disappear stay in the store.

An export contains nothing that happened after it was written, so the data are complete as of the
latest modification time of the files, whenever they are read.

A drain passes over the files twice. The first pass only counts all rows and the unusable ones, so
that their share is known before the first page; files that cannot be read are left out.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Any, ClassVar

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, Rejected, RejectedRow
from collector.model.record_limits import UNSTORABLE, storage_problem
from collector.model.records import Call, Ticket, Unrecorded
from collector.sources.csv.options import (
    CsvCallsOptions,
    CsvOptions,
    CsvTicketsOptions,
    settings_hash,
)
from collector.sources.csv.rows import CsvRow, call, latest_instant, ticket
from collector.sources.csv.text import Reader, next_row, open_file
from collector.sources.kit.contract import REJECTED_SHARE_LIMIT, SourceOptions
from collector.sources.kit.mapping import Mapper

PAGE_ROWS = 5_000
CHECKED_ROWS = 200  # rows of each file that check() reads

_Record = Ticket | Call
_Stamp = list[Any]  # size, modification time in nanoseconds, hash of the content


@dataclass(slots=True)
class _Plan:
    """What a drain has to read, as found by the first pass.

    ``files``: files already read, as in the cursor. ``waiting``: files to read. ``touched``: some
    file has another modification time but the same content. ``error``: the first error that
    prevented a file from being read. ``total`` and ``done``: bytes to read, for the progress.
    ``wrong`` and ``rows`` count the unusable and all rows of the whole drain, including files that
    it read before an interruption; ``counted`` is (wrong, rows) of the files read so far, and
    ``counts`` the same for each waiting file.
    """

    files: dict[str, _Stamp] = field(default_factory=dict)
    waiting: dict[Path, _Stamp] = field(default_factory=dict)
    counts: dict[Path, tuple[int, int]] = field(default_factory=dict)
    counted: tuple[int, int] = (0, 0)
    touched: bool = False
    wrong: int = 0
    rows: int = 0
    error: SourceError | None = None
    total: int = 0
    done: int = 0


class _CsvSource(ABC):
    """What both CSV sources share. ``REQUIRED``: the fields that every file must have."""

    REQUIRED: ClassVar[frozenset[str]]

    def __init__(
        self,
        name: str,
        options: CsvTicketsOptions | CsvCallsOptions,
        organizations: Sequence[str],
    ) -> None:
        self.name = name
        self._options: CsvOptions = options
        self._columns: dict[str, str] = options.columns.model_dump()
        self._asked = self.REQUIRED | options.columns.model_fields_set
        self._mapper = Mapper(options.map, organizations)
        self.as_of: int | None = None
        self._meaning = settings_hash(options, organizations)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`. ``since`` reads every file again.

        The error of a file that cannot be read is raised after all others have been read.
        """
        position = cursor or {}
        valid = since is None and position.get("meaning") == self._meaning
        before = position.get("counted", (0, 0)) if valid else (0, 0)
        plan = _Plan(wrong=before[0], rows=before[1], counted=(before[0], before[1]))
        self.as_of = None
        self._look_at_all(position["files"] if valid else {}, plan)
        if plan.touched and not plan.waiting:
            yield self._page(plan, [], [], Counter())
        for path, stamp in plan.waiting.items():
            try:
                yield from self._read(path, plan)
            except SourceError as error:
                plan.error = plan.error or error
            plan.done += stamp[0]
        if plan.error:
            raise plan.error

    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`~collector.sources.kit.contract.Source`. Reads only the first rows."""
        rows = self._first_rows(self._matching())
        unrecorded = [row.unrecorded for row in rows if isinstance(row, Ticket)]
        return frozenset.intersection(*unrecorded) if unrecorded else self._options.unrecorded

    def _first_rows(self, paths: Iterable[Path]) -> list[_Record | Rejected]:
        rows: list[_Record | Rejected] = []
        for path in paths:
            with open_file(path) as raw:
                rows += islice(self._records(path, raw, Counter()), CHECKED_ROWS)
        return rows

    def check(self) -> str:
        """See :class:`~collector.sources.kit.contract.Source`. Reads only the first rows."""
        paths = self._matching()
        rows = self._first_rows(paths)
        rejected = [row for row in rows if isinstance(row, Rejected)]
        found = f"{len(paths)} file(s) with the required columns, the last is {paths[-1].name}"
        if not rejected:
            return found
        first = f"{rejected[0].where}: {rejected[0].message}"
        fault = f"{len(rejected)} of {len(rows)} rows would be rejected: {first}"
        if len(rejected) > REJECTED_SHARE_LIMIT * len(rows):
            raise SourceError(fault, permanent=True)
        return f"{found}; {fault}"

    def _matching(self) -> list[Path]:
        pattern = self._options.path
        paths = (
            sorted(map(Path, glob.glob(pattern)))  # noqa: PTH207 absolute patterns
            if glob.has_magic(pattern) and not Path(pattern).is_file()
            else [Path(pattern)]
        )
        if not paths:
            raise SourceError(
                f"no file matches {pattern}: check the path, that the export runs, and that the "
                "user that runs this program may list the directory"
            )
        return paths

    def _look_at_all(self, known: Mapping[str, _Stamp], plan: _Plan) -> None:
        for path in self._matching():
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
            rows = wrong = 0
            for row in self._records(path, raw, Counter()):
                rows += 1
                wrong += isinstance(row, Rejected)
        plan.waiting[path], plan.counts[path] = stamp, (wrong, rows)
        plan.total += stamp[0]
        plan.rows += rows
        plan.wrong += wrong

    def _read(self, path: Path, plan: _Plan) -> Iterator[Page]:
        """Yield the pages of one file; only the last one's cursor marks the file as read."""
        records: dict[str, _Record] = {}
        rejected: list[Rejected] = []
        ignored: Counter[str] = Counter()
        ids: set[str] = set()
        with open_file(path) as raw:
            for row in self._records(path, raw, ignored):
                if len(records) + len(rejected) == PAGE_ROWS:
                    yield self._page(plan, records.values(), rejected, Counter(), raw.tell())
                    records, rejected = {}, []
                if isinstance(row, Rejected):
                    rejected.append(row)
                    continue
                ignored["duplicate_id"] += row.id in ids
                ids.add(row.id)
                records.pop(row.id, None)  # so that the order stays that of the file
                records[row.id] = row
        plan.files[str(path)] = plan.waiting[path]
        wrong, rows = plan.counts.pop(path)
        plan.counted = plan.counted[0] + wrong, plan.counted[1] + rows
        yield self._page(plan, records.values(), rejected, ignored, at=plan.waiting[path][0])

    def _page(
        self,
        plan: _Plan,
        records: Iterable[_Record],
        rejected: Sequence[Rejected],
        ignored: Counter[str],
        at: int = 0,
    ) -> Page:
        cursor: dict[str, Any] = {"files": dict(plan.files), "meaning": self._meaning}
        if plan.counts and any(plan.counted):
            cursor["counted"] = plan.counted
        return Page(
            records=list(records),
            cursor=cursor,
            rejected=rejected,
            ignored=dict(+ignored),
            newest_at=max(map(latest_instant, records), default=None),
            progress=min(1.0, (plan.done + at) / plan.total) if plan.total else 1.0,
            whole=(plan.wrong, plan.rows),
        )

    @abstractmethod
    def _record(self, row: CsvRow) -> _Record:
        """Return the record of a row. Raises RejectedRow if it cannot be used."""

    def _records(
        self, path: Path, raw: IO[bytes], ignored: Counter[str]
    ) -> Iterator[_Record | Rejected]:
        """Yield the record or rejection of each row, for counting, checking and reading alike."""
        for line, row in self._rows(path, raw, ignored):
            try:
                if isinstance(row, RejectedRow):
                    raise row
                record = self._record(CsvRow(row, self._options, self._mapper))
                if problem := storage_problem(record):
                    raise RejectedRow(UNSTORABLE, problem)
            except RejectedRow as error:
                yield Rejected(error.reason, f"{path.name}:{line}", str(error))
            else:
                yield record

    def _rows(
        self, path: Path, raw: IO[bytes], ignored: Counter[str]
    ) -> Iterator[tuple[int, dict[str, str] | RejectedRow]]:
        """Yield each row by our field names, with the line number on which it begins."""
        text = TextIOWrapper(raw, encoding=self._options.encoding, newline="")
        reader = csv.reader(text, delimiter=self._options.delimiter, strict=True)
        try:
            places, width = self._header(path, reader)
            while True:
                line = reader.line_num + 1
                cells = next_row(path, reader, line)
                if cells is None:
                    return
                if isinstance(cells, RejectedRow):
                    yield line, cells
                elif not any(cell.strip() for cell in cells):
                    ignored["blank_row"] += bool(cells)
                elif len(cells) < width or any(cell.strip() for cell in cells[width:]):
                    message = f"{len(cells)} fields where the header has {width}"
                    yield line, RejectedRow("wrong_fields", message)
                else:
                    yield line, {name: cells[place] for name, place in places.items()}
        except UnicodeError:  # also UTF-16 without its byte order mark
            raise SourceError(
                f"{path} is not {self._options.encoding} text (after line {reader.line_num}): set "
                "encoding, for example cp1252, or export it as CSV",
                permanent=True,
            ) from None
        finally:
            text.detach()  # the caller closes the file

    def _header(self, path: Path, reader: Reader) -> tuple[dict[str, int], int]:
        """Return the position of each of our fields, and the number of fields in a row.

        Raises SourceError if the header or a required column is missing, or a column occurs twice.
        """
        header: list[str] = []
        while not any(header):
            cells = next_row(path, reader, reader.line_num + 1)
            if cells is None or isinstance(cells, RejectedRow):
                raise SourceError(f"{path} has no header line: is it a complete CSV file?")
            header = [cell.strip().removeprefix("\ufeff") for cell in cells]
        wanted = {ours: theirs.strip() for ours, theirs in self._columns.items()}
        if missing := [n for n in wanted if n in self._asked and wanted[n] not in header]:
            raise SourceError(self._missing(path, missing, header), permanent=True)
        if twice := [name for name in wanted.values() if header.count(name) > 1]:
            raise SourceError(f"{path} has the column {twice[0]!r} more than once", permanent=True)
        places = {ours: header.index(name) for ours, name in wanted.items() if name in header}
        while header and not header[-1]:
            header.pop()  # every line ends with a separator
        return places, len(header)

    def _missing(self, path: Path, missing: Sequence[str], header: Sequence[str]) -> str:
        names = ", ".join(f"{self._columns[name]!r} (for {name})" for name in missing)
        used = self._options.delimiter
        other = next((d for d in ";\t|," if d != used and d in header[0]), None)
        hint = f"delimiter (now {used!r}" + (
            f", the header looks like {other!r})" if other else ")"
        )
        return f"{path} has no column {names}: set columns, or {hint}"


class CsvTickets(_CsvSource):
    """Tickets from CSV files. Required: id, opened_at."""

    Options: ClassVar[type[SourceOptions]] = CsvTicketsOptions
    REQUIRED = frozenset({"id", "opened_at"})

    def _record(self, row: CsvRow) -> Ticket:
        return ticket(self.name, row)


class CsvCalls(_CsvSource):
    """Calls from CSV files. Required: id, queue, entered_at, outcome."""

    Options: ClassVar[type[SourceOptions]] = CsvCallsOptions
    REQUIRED = frozenset({"id", "queue", "entered_at", "outcome"})

    def _record(self, row: CsvRow) -> Call:
        return call(self.name, row)
