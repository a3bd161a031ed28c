"""Tickets and calls from CSV files: exports of systems that have no source of their own.

A file is read wholly whenever its content has changed, and not at all while it has not. Rows that
vanish from a file stay known. Where an id occurs more than once, the row that is read last wins.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, ClassVar, Literal, Protocol

from collector.records import Call, Ticket
from collector.sources.base import (
    Cursor,
    Mapper,
    Page,
    Rejected,
    RejectedRow,
    SourceError,
    SourceOptions,
)
from collector.sources.csv_rows import (
    CsvCallsOptions,
    CsvOptions,
    CsvTicketsOptions,
    Row,
    call,
    ticket,
)

PAGE_ROWS = 5_000

_Record = Ticket | Call
_Stamp = list[Any]  # size, time of change in nanoseconds, hash of the content


@dataclass(slots=True)
class _Batch:
    records: dict[str, _Record] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def page(self, files: Mapping[str, _Stamp], progress: float) -> Page:
        records = list(self.records.values())
        return Page(
            records=records,
            cursor={"files": dict(files)},
            rejected=self.rejected,
            ignored=dict(self.ignored),
            newest_at=max(map(_newest, records), default=None),
            progress=min(1.0, progress),
            whole=True,
        )


class _CsvSource:
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

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.base.Source`. ``since`` reads every file again."""
        known: dict[str, _Stamp] = dict((cursor or {}).get("files", {})) if since is None else {}
        paths = self._matching()
        # What no longer matches is forgotten, so that the cursor stays small
        known = {str(path): known[str(path)] for path in paths if str(path) in known}
        waiting = {
            path: size
            for path in paths
            if (size := _size_if_changed(path, known.get(str(path)))) is not None
        }
        total, done = sum(waiting.values()) or 1, 0
        for path, size in waiting.items():
            yield from self._read(path, known, done, total)
            done += size

    def check(self) -> str:
        """See :class:`~collector.sources.base.Source`."""
        paths = self._matching()
        for path in paths:
            with _opened(path) as raw:
                next(self._rows(path, raw, _Batch()), None)
        return f"{len(paths)} file(s), the columns are there, last is {paths[-1].name}"

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
                "user that runs this may list the directory"
            )
        return paths

    def _read(self, path: Path, known: dict[str, _Stamp], done: int, total: int) -> Iterator[Page]:
        """The pages of one file; only the last one's cursor says that the file was read.

        ``done`` and ``total``: bytes of the files before it and of all, for the progress.
        """
        with _opened(path) as raw:
            stamp = _stamp(raw)
            batch = _Batch()
            before = known.get(str(path))
            if before is None or before[2] != stamp[2]:  # else it was only touched
                ids: set[str] = set()
                for line, row in self._rows(path, raw, batch):
                    if batch.rows == PAGE_ROWS:
                        yield batch.page(known, (done + raw.tell()) / total)
                        batch = _Batch()
                    batch.rows += 1
                    self._take(f"{path.name}:{line}", row, batch, ids)
            known[str(path)] = stamp
            yield batch.page(known, (done + stamp[0]) / total)

    def _record(self, row: Row) -> _Record:
        raise NotImplementedError

    def _take(
        self, where: str, row: Mapping[str, str] | RejectedRow, batch: _Batch, ids: set[str]
    ) -> None:
        try:
            if isinstance(row, RejectedRow):
                raise row
            record = self._record(Row(row, self._options, self._mapper))
        except RejectedRow as error:
            batch.rejected.append(Rejected(error.reason, where, str(error)))
            return
        if record.id in ids:
            batch.ignored["duplicate_id"] += 1
            batch.records.pop(record.id, None)  # so that the order stays that of the file
        ids.add(record.id)
        batch.records[record.id] = record

    def _rows(
        self, path: Path, raw: IO[bytes], batch: _Batch
    ) -> Iterator[tuple[int, dict[str, str] | RejectedRow]]:
        """Each row by our field names, with the line on which it begins in an editor."""
        text = TextIOWrapper(raw, encoding=self._options.encoding, newline="")
        reader = csv.reader(text, delimiter=self._options.delimiter, strict=True)
        try:
            places, width = self._header(path, reader)
            while True:
                line = reader.line_num + 1
                cells = _next(path, reader, line)
                if cells is None:
                    return
                if isinstance(cells, RejectedRow):
                    yield line, cells
                elif not any(cell.strip() for cell in cells):
                    batch.ignored["blank_row"] += bool(cells)
                elif len(cells) < width or any(cell.strip() for cell in cells[width:]):
                    message = f"{len(cells)} fields where the header has {width}"
                    yield line, RejectedRow("wrong_fields", message)
                else:
                    yield line, {name: cells[place] for name, place in places.items()}
        except UnicodeDecodeError:
            raise SourceError(
                f"{path} is not {self._options.encoding} text (after line {reader.line_num}): set "
                "encoding, as in cp1252, or export it as CSV",
                permanent=True,
            ) from None
        finally:
            text.detach()  # the file is closed by who opened it

    def _header(self, path: Path, reader: _Reader) -> tuple[dict[str, int], int]:
        """The place of each of our fields, and how many fields a row has."""
        header: list[str] = []
        while not any(header):
            cells = _next(path, reader, reader.line_num + 1)
            if cells is None or isinstance(cells, RejectedRow):
                raise SourceError(f"{path} has no header line: is it a CSV file, and complete?")
            header = [cell.strip().removeprefix("\ufeff") for cell in cells]
        wanted = {ours: theirs.strip() for ours, theirs in self._columns.items()}
        if missing := [n for n in wanted if n in self._asked and wanted[n] not in header]:
            raise SourceError(self._missing(path, missing, header), permanent=True)
        if twice := [name for name in wanted.values() if header.count(name) > 1]:
            raise SourceError(f"{path} has the column {twice[0]!r} more than once", permanent=True)
        places = {ours: header.index(name) for ours, name in wanted.items() if name in header}
        while header and not header[-1]:
            header.pop()  # a separator at the end of every line
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
    delivers: ClassVar[Literal["tickets", "calls"]] = "tickets"
    REQUIRED = frozenset({"id", "opened_at"})

    def _record(self, row: Row) -> Ticket:
        return ticket(self.name, row)


class CsvCalls(_CsvSource):
    """Calls from CSV files. Required: id, queue, entered_at, outcome."""

    Options: ClassVar[type[SourceOptions]] = CsvCallsOptions
    delivers: ClassVar[Literal["tickets", "calls"]] = "calls"
    REQUIRED = frozenset({"id", "queue", "entered_at", "outcome"})

    def _record(self, row: Row) -> Call:
        return call(self.name, row)


class _Reader(Protocol):
    """What :func:`csv.reader` returns has no public name."""

    line_num: int

    def __next__(self) -> list[str]: ...


def _next(path: Path, reader: _Reader, line: int) -> list[str] | RejectedRow | None:
    """The fields of the next row, what is wrong with it, or None at the end."""
    try:
        return next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        if "unexpected end" in str(error) or "field limit" in str(error):
            # Everything behind the quote was taken for one text: nothing of it can be trusted
            raise SourceError(
                f"{path.name}:{line}: a quotation mark that opens here, or after, is never closed: "
                "mend the export (quotes inside texts are doubled)",
                permanent=True,
            ) from None
        return RejectedRow("bad_quotes", f"not a CSV row: {error}")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from None
    with file:
        yield file


def _unreadable(path: Path, error: OSError) -> SourceError:
    if isinstance(error, PermissionError):
        return SourceError(f"{path} may not be read: give this user the right to", permanent=True)
    reason = error.strerror or type(error).__name__
    return SourceError(f"{path} cannot be read: {reason}; check the path and the export")


def _size_if_changed(path: Path, known: _Stamp | None) -> int | None:
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    same = known is not None and known[:2] == [status.st_size, status.st_mtime_ns]
    return None if same else status.st_size


def _stamp(raw: IO[bytes]) -> _Stamp:
    """Taken before reading: what is written meanwhile makes the file a changed one."""
    status = os.fstat(raw.fileno())
    content = hashlib.file_digest(raw, "sha256").hexdigest()  # type: ignore[arg-type]
    raw.seek(0)
    return [status.st_size, status.st_mtime_ns, content]


def _newest(record: _Record) -> int:
    if isinstance(record, Call):
        return max(record.entered_at, record.answered_at or 0, record.left_at or 0)
    ends = record.first_response_at or 0, record.resolved_at or 0, record.closed_at or 0
    return max(record.opened_at, *ends)
