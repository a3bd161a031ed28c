"""Calls from exports of Asterisk's table queue_log: files of CSV or JSON, read as a whole.

An export is read again from its beginning whenever it or its configuration has changed. Rows are
taken in the order of their ids, through all files; without ids in that of the file, and of several
files by their times.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from heapq import merge
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, ClassVar, NamedTuple

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, Rejected, RejectedRow
from collector.sources.asterisk_queue_log.calls import CallTracker
from collector.sources.asterisk_queue_log.events import Event
from collector.sources.asterisk_queue_log.interpretation import CallBatch, Interpretation
from collector.sources.asterisk_queue_log.lines import RecentLines
from collector.sources.asterisk_queue_log.state import iso
from collector.sources.asterisk_realtime.options import AsteriskExportOptions
from collector.sources.asterisk_realtime.rows import RowReader, Values, zone_doubt
from collector.sources.csv.options import settings_hash
from collector.sources.csv.text import encoding_of, matching_files, open_file
from collector.sources.kit.contract import Look, SourceOptions

PAGE_ROWS = 5_000
_NULLS = frozenset({"NULL", "\\N"})
_DELIMITERS = "\t;,|"
_BACK = 3 * 3600
"""Seconds by which rows without ids may go back in time: a clock that was set back, summer time."""


class _Entry(NamedTuple):
    """A row: its place in the order, where it stands, and its line and event or what is wrong."""

    order: int
    where: str
    found: tuple[str, Event] | RejectedRow


class AsteriskExport:
    """Calls of one telephone system. See :class:`~collector.sources.kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = AsteriskExportOptions

    def __init__(
        self, name: str, options: AsteriskExportOptions, organizations: Sequence[str]
    ) -> None:
        self.name = name
        self.as_of: int | None = None
        self._options = options
        self._meaning = Interpretation(options.map, organizations)
        self._settings = settings_hash(options, organizations)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        files = self._files()
        stamp = [[path.name, size, written] for path, size, written in files]
        self.as_of = max(written for *_, written in files) // 10**9
        end = {"stamp": stamp, "settings": self._settings}
        if since is None and cursor == end:
            yield CallBatch().page(end, progress=1.0)
            return
        calls, lines = CallTracker(self.name), RecentLines()
        batch, before = CallBatch(), dict(cursor or {})
        for entry in self._entries(files):
            if batch.entries >= PAGE_ROWS:
                self._meaning.add_records(batch)
                yield batch.page(before)
                batch = CallBatch()
            batch.entries += 1
            if isinstance(entry.found, RejectedRow):
                batch.reject(entry.where, entry.found)
                continue
            line, event = entry.found
            batch.saw(event.at, entry.where)
            self._meaning.remark(event, entry.where, batch)
            if lines.repeats(line, event, calls.time):
                batch.ignored["repeated_line"] += 1
                continue
            for call in calls.feed(event, batch.ignored):
                if since is None or event.at >= since:
                    batch.calls[call.id] = call, entry.where
        self._meaning.add_records(batch)
        yield batch.page(end, progress=1.0)

    def look(self) -> Look:
        found = [entry.found for entry in self._entries(self._files())]
        events = [each[1] for each in found if not isinstance(each, RejectedRow)]
        doubt = zone_doubt(events, self._options.timezone or "UTC")
        return Look(doubts=[(("timezone",), doubt)] if doubt else ())

    def check(self) -> str:
        files = self._files()
        entries = list(self._entries(files))
        events = [each.found[1] for each in entries if not isinstance(each.found, RejectedRow)]
        wrong = [
            Rejected(each.found.reason, each.where, str(each.found))
            for each in entries
            if isinstance(each.found, RejectedRow)
        ]
        line = f"{len(files)} file{'s' if len(files) > 1 else ''}, {len(events)} events"
        if events:
            line += f", the last of {iso(events[-1].at)}"
        if wrong:
            line += f"; {len(wrong)} cannot be used: {wrong[0].where}: {wrong[0].message}"
        return line

    def _files(self) -> list[tuple[Path, int, int]]:
        """The files with their sizes and when they were written (nanoseconds)."""
        found = []
        for path in matching_files(self._options.path):
            try:
                status = path.stat()
            except OSError as error:
                raise SourceError(
                    f"{path} cannot be read: {error.strerror}; check the path and the export"
                ) from None
            found.append((path, status.st_size, status.st_mtime_ns))
        return found

    def _entries(self, files: Sequence[tuple[Path, int, int]]) -> Iterator[_Entry]:
        """The rows of all files, merged. Raises SourceError if a file is not in order."""
        with ExitStack() as opened:
            each = [
                self._of_file(path, opened.enter_context(open_file(path))) for path, *_ in files
            ]
            yield from merge(*each, key=lambda entry: entry.order)

    def _of_file(self, path: Path, raw: IO[bytes]) -> Iterator[_Entry]:
        options, last, order = self._options, 0, 0
        reader = RowReader(options.columns, options.timezone or "UTC", self._meaning.events)
        checked = False
        for line, row in self._rows(path, raw):
            where = f"{path.name}:{line}"
            if isinstance(row, RejectedRow):
                yield _Entry(order, where, row)
                continue
            if not checked:
                reader.check(row, needs_id=False)
                checked = True
            found: tuple[str, Event] | RejectedRow
            try:
                found = reader.read(row)
            except RejectedRow as error:
                found = error
            order = reader.number(row) if reader.numbered else max(order, reader.previous)
            now = order if reader.numbered else reader.previous
            if now < last - (0 if reader.numbered else _BACK):
                raise SourceError(
                    f"{where}: rows are not in the order in which they were written: export them"
                    f" with ORDER BY {options.columns.id}",
                    permanent=True,
                )
            last = now
            yield _Entry(order, where, found)

    def _rows(self, path: Path, raw: IO[bytes]) -> Iterator[tuple[int, Values | RejectedRow]]:
        encoding = encoding_of(path, raw, self._options.encoding)
        text = TextIOWrapper(raw, encoding=encoding, newline="")
        try:
            first = next(
                (char for char in iter(lambda: text.read(1), "") if not char.isspace()), ""
            )
            text.seek(0)
            if first in {"[", "{"}:
                yield from _json_rows(path, text)
            else:
                yield from _csv_rows(path, text, self._options.delimiter)
        except UnicodeError:
            raise SourceError(
                f"{path} is not {encoding} text: set encoding", permanent=True
            ) from None
        finally:
            text.detach()


def _csv_rows(
    path: Path, text: TextIOWrapper, delimiter: str | None
) -> Iterator[tuple[int, Values | RejectedRow]]:
    header = text.readline().lstrip("\ufeff")
    delimiter = delimiter or max(_DELIMITERS, key=header.count)
    # What the command mysql writes has tabs and no quotes; a caller's name may begin with one
    bare = delimiter == "\t" and '"' not in header
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    reader = (
        csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        if bare
        else csv.reader(text, delimiter=delimiter)
    )
    try:
        for cells in reader:
            if len(cells) == len(names):
                values = ("" if cell in _NULLS else cell for cell in cells)
                yield reader.line_num + 1, dict(zip(names, values, strict=True))
            elif cells:
                message = f"has {len(cells)} values for {len(names)} columns"
                yield reader.line_num + 1, RejectedRow("malformed_line", message)
    except csv.Error as error:
        raise SourceError(f"{path.name}:{reader.line_num + 1}: {error}", permanent=True) from None


def _json_rows(path: Path, text: TextIOWrapper) -> Iterator[tuple[int, Values | RejectedRow]]:
    """Yield the objects of an array, of an object that holds one (phpMyAdmin), or of lines.

    Each with all columns: many programs leave out those that are NULL.
    """
    rows = _json(path, text.read())
    columns = {str(name).lower() for row in rows if isinstance(row, Mapping) for name in row}
    empty = dict.fromkeys(columns, "")
    for number, row in enumerate(rows, 1):
        if isinstance(row, Mapping):
            values = {str(name).lower(): value for name, value in row.items()}
            yield number, {**empty, **{n: v for n, v in values.items() if v not in (None, *_NULLS)}}
        else:
            yield number, RejectedRow("malformed_line", "is no object")


def _json(path: Path, whole: str) -> list[Any]:
    try:
        return _array(json.loads(whole))
    except RecursionError:
        raise SourceError(f"{path.name}: is nested too deep for a table", permanent=True) from None
    except json.JSONDecodeError as error:
        rows = []
        # Not splitlines: a text in JSON may hold what else separates lines
        for number, line in enumerate(filter(str.strip, whole.split("\n")), 1):
            try:
                rows.append(json.loads(line))
            except (json.JSONDecodeError, RecursionError):
                message = f"{path.name}:{error.lineno if number == 1 else number}: is no JSON"
                raise SourceError(message) from None
        return rows


def _array(found: Any) -> list[Any]:
    """The rows of a table as tools write it."""
    if isinstance(found, Mapping):
        arrays = [value for value in found.values() if isinstance(value, list)]
        return _array(arrays[0]) if arrays else [found]
    for each in found if isinstance(found, list) else []:
        if isinstance(each, Mapping) and isinstance(each.get("data"), list):
            return list(each["data"])
    return list(found) if isinstance(found, list) else [found]
