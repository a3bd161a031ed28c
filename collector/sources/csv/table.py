"""The table within a CSV file: where it begins, its rows, and the lines that are none of them.

Exports hold more than records: ``sep=``, a title above the header, units below it, totals and a
footer. These lines are counted and left out.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from string import digits
from typing import IO

from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.sources.csv.formats import real_time
from collector.sources.csv.text import FALLBACK, Cells, TextCells, encoding_of, stray_quote
from collector.sources.csv.totals import total_word
from collector.sources.csv.workbook import WorkbookCells, is_workbook

LONGEST_COUNT = 13  # characters; a date with a time is longer
MOST_BEGINNINGS = 1_000  # of ids that are remembered, to recognise one that is cut off; of times

MOST_WORDS = 5  # of those that a default decides, listed

REOPENED_SHARE = 0.05
"""Of the tickets with an end, more than this being open again is doubtful."""

LINES_BEFORE = 50
"""How many rows above the header are passed over in search of it."""

_PLAIN_NUMBER = re.compile(r"[-+]?\d{1,8}([\s\u00a0.,]\d+)*\s*%?")


@dataclass(slots=True)
class Notes:
    """What was noticed in a file: counts of ``ignored`` lines by a short code, of the values that
    were read as ``empty`` by field and value, of tickets by their status as it is written, by
    whether they have an end and by whether they are open by it (``ends``), and what its lines are
    in; ``beginnings``: the first MOST_BEGINNINGS times at which a record begins, as written;
    ``by_default``: by field and our value, the words that only the map's default makes that;
    ``unmapped``: by field, words that mean nothing here; and whether it is a ``workbook``."""

    ignored: Counter[str] = field(default_factory=Counter)
    empty: Counter[tuple[str, str]] = field(default_factory=Counter)
    beginnings: list[str] = field(default_factory=list)
    by_default: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    ends: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    encoding: str = ""
    workbook: bool = False
    header_line: int = 1

    def in_words(self) -> Iterator[str]:
        """Yield what whoever set the source up should know, a few words each."""
        if self.ignored["not_utf8"]:
            yield f"read as {FALLBACK}, since it is not UTF-8"
        if self.header_line > 1:
            yield f"the header is line {self.header_line}"
        words: Counter[str] = Counter()
        for (_, value), count in self.empty.items():
            words[value] += count
        if words:
            listed = ", ".join(f"{value!r} {count}" for value, count in words.most_common(10))
            yield f"read as empty or not yet: {listed}"
        for name in sorted({name for name, _ in self.unmapped}):
            found = Counter({v: n for (of, v), n in self.unmapped.items() if of == name})
            listed = ", ".join(f"{value!r} {count}" for value, count in found.most_common(10))
            yield f"without a meaning under map.{name}: {listed}"
        if days := self.ignored["time_of_day"]:
            yield f"{days} date(s) without a time are read as the end of the day"
        decided = self.by_default.most_common()
        for name, ours in sorted({(name, ours) for name, ours, _ in self.by_default}):
            own = [(word, n) for (*each, word), n in decided if each == [name, ours]]
            listed = ", ".join(f"{word or 'none'} {n}" for word, n in own[:MOST_WORDS])
            yield f"{name} {ours} by default: {listed}{', …' * (len(own) > MOST_WORDS)}"
        lines = {each: self.ignored[each] for each in ("unit_row", "total_row", "header_row")}
        if any(lines.values()):
            listed = ", ".join(f"{reason} {count}" for reason, count in lines.items() if count)
            yield f"left out: {listed}"

    def kept_ends(self, listed: Container[str] | None) -> Iterator[str]:
        """Yield that so many tickets with an end are open by their status that it is probably
        mapped wrongly: one in twenty of those with an end, or most of those with a status that is
        not ``listed`` in the map."""
        ended = sum(n for (_, end, _), n in self.ends.items() if end)
        again = {status: n for (status, end, is_open), n in self.ends.items() if end and is_open}
        by_default = [
            status
            for status, n in again.items()
            if listed is not None and status not in listed and n > self.ends[status, False, True]
        ]
        if sum(again.values()) > REOPENED_SHARE * ended or by_default:
            counts = ", ".join(f"{status or 'none'} {n}" for status, n in sorted(again.items()))
            yield (
                f"{sum(again.values())} of {ended} tickets with an end are open by their status, "
                f"so that the end does not count (statuses: {counts}): if such a ticket is "
                "finished, map its status to resolved or closed"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is looked for in a file, by our names of fields.

    ``columns``: the name of each field's column, None if it has none. ``needed``: the fields that
    every file must have; ``one_of``: those of which it must have one. ``start``: the field with the
    time at which a record begins. ``is_time``: whether a text can be read as such a time.
    ``sheet``: that of a workbook, by default the first.
    """

    columns: Mapping[str, str | None]
    needed: frozenset[str]
    one_of: Sequence[str]
    start: str
    is_time: Callable[[str], bool]
    delimiter: str
    encoding: str | None
    sheet: str | None = None


def read_table(
    path: Path, raw: IO[bytes], layout: Layout, notes: Notes
) -> Iterator[tuple[int, dict[str, str] | RejectedRow]]:
    """Yield each record's row by our field names, with the number of the line on which it begins.

    Raises SourceError if the file is not text, has no header with the needed columns, or if a
    quotation mark takes further rows in.
    """
    notes.workbook = is_workbook(raw)
    if notes.workbook:
        yield from _Table(path, layout, notes, WorkbookCells(path, raw, layout.sheet)).rows()
        return
    notes.encoding = encoding_of(path, raw, layout.encoding)
    notes.ignored["not_utf8"] += layout.encoding is None and notes.encoding == FALLBACK
    text = TextIOWrapper(raw, encoding=notes.encoding, newline="")
    cells: TextCells | None = None
    try:
        cells = TextCells(path, text, layout.delimiter)
        yield from _Table(path, layout, notes, cells).rows()
    except UnicodeError:  # also UTF-16 without its byte order mark
        line = cells.line - 1 if cells else 0
        raise SourceError(
            f"{path} is not {notes.encoding} text (after line {line}): set encoding, for "
            "example cp1252, or export it as CSV",
            permanent=True,
        ) from None
    finally:
        text.detach()  # the caller closes the file


class _Table:
    """One pass over the rows of an open file."""

    def __init__(self, path: Path, layout: Layout, notes: Notes, cells: Cells) -> None:
        self._path = path
        self._layout = layout
        self._notes = notes
        self._cells = cells
        self._places: dict[str, int] = {}
        self._width = 0
        self._header: list[str] = []
        self._id_beginnings: set[str] = set()

    def rows(self) -> Iterator[tuple[int, dict[str, str] | RejectedRow]]:
        """All rows but a last one that counts them: the only number among other ids."""
        held: tuple[int, dict[str, str] | RejectedRow] | None = None
        before, numbers = -1, 0
        for row in self._every_row():
            if held:
                yield held
            held, before = row, before + 1
            numbers += isinstance(row[1], dict) and row[1]["id"].strip().isdigit()
        if held is None:
            return
        last = held[1]
        counts_them = isinstance(last, dict) and last["id"].strip() == str(before)
        if counts_them and before > 1 and numbers == 1:
            self._notes.ignored["total_row"] += 1
        else:
            yield held

    def _every_row(self) -> Iterator[tuple[int, dict[str, str] | RejectedRow]]:
        self._find_header()
        first = True
        while (cells := self._cells.next()) is not None:
            line = self._cells.line
            if len(self._cells.lines) > 1:
                self._refuse_swallowed_rows(line)
            if isinstance(cells, RejectedRow):
                yield line, cells
                continue
            if not any(cell.strip() for cell in cells):
                self._notes.ignored["blank_row"] += bool(cells)
                continue
            if self._notes.workbook:
                cells += [""] * (self._width - len(cells))  # empty cells are left out there
            if reason := self._no_record(cells, first):
                self._notes.ignored[reason] += 1
            elif len(cells) < self._width or any(cell.strip() for cell in cells[self._width :]):
                message = f"{len(cells)} fields where the header has {self._width}"
                yield line, RejectedRow("wrong_fields", message)
            else:
                row = {name: cells[place] for name, place in self._places.items()}
                if len(self._id_beginnings) < MOST_BEGINNINGS:
                    self._id_beginnings.add(row["id"].strip().rstrip(digits))
                if len(self._notes.beginnings) < MOST_BEGINNINGS:
                    self._notes.beginnings.append(row[self._layout.start].strip())
                yield line, row
            first = False

    def _find_header(self) -> None:
        """Find the first row that has all needed columns, and where each of ours is.

        Raises SourceError if there is none, or if a column occurs twice.
        """
        columns = {ours: name.strip() for ours, name in self._layout.columns.items() if name}
        needed = {ours: name for ours, name in columns.items() if ours in self._layout.needed}
        closest: list[str] = []
        passed = 0
        while passed <= LINES_BEFORE and (cells := self._cells.next()) is not None:
            if isinstance(cells, RejectedRow) or not any(cell.strip() for cell in cells):
                continue
            header = [cell.strip().removeprefix("\ufeff").strip() for cell in cells]
            if all(name in header for name in needed.values()):
                self._notes.ignored["before_header"] += passed
                self._notes.header_line = self._cells.line
                self._take(header, columns)
                return
            passed += 1
            found = sum(name in header for name in needed.values())
            if not closest or found > sum(name in closest for name in needed.values()):
                closest = header
        if not closest:
            raise SourceError(f"{self._path} has no header line: is it a complete CSV file?")
        missing = [ours for ours, name in needed.items() if name not in closest]
        raise SourceError(self._missing(missing, closest), permanent=True)

    def _take(self, header: list[str], columns: Mapping[str, str]) -> None:
        if twice := [name for name in columns.values() if header.count(name) > 1]:
            message = f"{self._path} has the column {twice[0]!r} more than once"
            raise SourceError(message, permanent=True)
        self._places = {o: header.index(name) for o, name in columns.items() if name in header}
        if self._layout.one_of and not self._places.keys() & set(self._layout.one_of):
            raise SourceError(self._missing(self._layout.one_of[:1], header), permanent=True)
        while header and not header[-1]:
            header.pop()  # every line ends with a separator
        self._width, self._header = len(header), header

    def _missing(self, missing: Sequence[str], header: Sequence[str]) -> str:
        names = ", ".join(f"{self._layout.columns[n] or n!r} (for {n})" for n in missing)
        used = self._cells.delimiter
        other = next((d for d in ";\t|," if d != used and d in header[0]), None)
        hint = f"delimiter (now {used!r}" + (
            f", the header looks like {other!r})" if other else ")"
        )
        return f"{self._path} has no column {names}: set columns, or {hint}"

    def _no_record(self, cells: Sequence[str], first: bool) -> str | None:
        """Return which kind of line that is no record a row is, or None for a record."""
        if [cell.strip("\ufeff ") for cell in cells[: self._width]] == self._header:
            return "header_row"  # of another page, or of a file that was appended
        start = self._cell(cells, self._layout.start)
        number = self._cell(cells, "id")
        if self._is_total(cells, number):
            return "total_row"
        if start and not self._is_count(start):
            words = first and not re.search(r"\d", start + number)
            return "unit_row" if words and not self._is_time(start) else None
        lead = number or next(cell.strip() for cell in cells if cell.strip())
        return None if number and self._could_be_id(lead) else "total_row"

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self._places[name]
        return cells[place].strip() if place < len(cells) else ""

    def _is_count(self, text: str) -> bool:
        return (
            len(text) <= LONGEST_COUNT
            and _PLAIN_NUMBER.fullmatch(text) is not None
            and not self._is_time(text)
        )

    def _is_time(self, text: str) -> bool:
        """Whether it is the time of a record; in a workbook also a real time, in any format."""
        return self._layout.is_time(text) or (self._notes.workbook and real_time(text) is not None)

    def _could_be_id(self, text: str) -> bool:
        """Whether a text looks like an id rather than like the beginning of a total or a footer."""
        if not re.search(r"\d", text):
            return any(known.startswith(text) for known in self._id_beginnings)  # cut off
        return self._is_like_an_id(text) or not re.search(r"[\s:()]", text)

    def _is_total(self, cells: Sequence[str], number: str) -> bool:
        """Whether a row begins with a word of totals, also if it has a time."""
        more = total_word(number or next(cell for cell in cells if cell.strip()))
        if not more or not number:
            return more is not None and not re.search(r"[^\W\d_]", more)
        return bool(self._id_beginnings) and not self._is_like_an_id(number)

    def _is_like_an_id(self, text: str) -> bool:
        return text.rstrip(digits) in self._id_beginnings

    def _refuse_swallowed_rows(self, line: int) -> None:
        """Raise SourceError if lines within one row are records themselves."""
        taken = sum(map(self._is_record, self._cells.lines[1:]))
        if taken:
            what = f"takes {taken} more row(s) in, to line {line + len(self._cells.lines) - 1}"
            raise stray_quote(self._path, line, what)

    def _is_record(self, text: str) -> bool:
        """Whether a line is a record, as it stands or without its quotation marks."""
        return any(
            len(cells) >= self._width
            and self._cell(cells, "id") != ""
            and self._is_time(self._cell(cells, self._layout.start))
            for line in (text, text.replace('"', ""))
            for cells in csv.reader([line], delimiter=self._cells.delimiter)
        )
