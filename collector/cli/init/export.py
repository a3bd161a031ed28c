"""Looking at an export: where its header is, which columns are ours, and what they hold."""

from __future__ import annotations

import csv
import glob
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from collector.cli.init.words import guessed_columns
from collector.cli.options import WrongInput
from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.sources.csv.table import LINES_BEFORE, Layout, Notes, read_table
from collector.sources.csv.text import SEPARATOR, encoding_of, open_file
from collector.sources.csv.workbook import WorkbookCells, is_workbook

DELIMITERS = (",", ";", "\t", "|")
MOST_ROWS = 200_000
"""Rows that are looked at."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file as it was found.

    ``header``: all names of columns; ``columns``: our field → its column; ``values``: our field →
    what its column holds, row by row.
    """

    path: Path
    header: list[str]
    columns: Mapping[str, str]
    delimiter: str
    values: Mapping[str, list[str]]
    workbook: bool = False

    @property
    def rows(self) -> int:
        """How many records were looked at."""
        return len(self.values["id"])


def newest_file(pattern: str) -> Path:
    """Return the file, or the last one that a pattern such as ``exports/*.csv`` matches.

    Raises WrongInput if there is none.
    """
    if Path(pattern).is_file():
        return Path(pattern)
    found = sorted(glob.glob(pattern)) if glob.has_magic(pattern) else []  # noqa: PTH207 absolute
    files = [each for each in map(Path, found) if each.is_file()]
    if Path(pattern).is_dir():
        raise WrongInput(f"{pattern}: is a folder; name its files, as in '{pattern}/*.csv'")
    if not files:
        raise WrongInput(f"{pattern}: there is no such file; give the path of an export")
    return files[-1]


def read_export(
    path: Path, fields: Mapping[str, str], needed: frozenset[str], chosen: Mapping[str, str]
) -> Export:
    """Find the header of a CSV file and read the columns that are ours.

    ``fields``: our fields with the names their columns may have; ``needed``: those that it must
    have; ``chosen``: field → column, as the user says. Raises WrongInput if a column is not found,
    and SourceError if the file cannot be read.
    """
    header, columns, delimiter = _header(path, fields, needed, chosen)
    listed = ", ".join(repr(name) for name in header if name) or "none"
    if absent := [name for name in chosen.values() if name not in header]:
        raise WrongInput(f"{path}: has no column {absent[0]!r}; the columns are: {listed}")
    if missing := sorted(needed - columns.keys()):
        raise WrongInput(
            f"{path}: no column looks like {' or '.join(missing)}; name it with "
            f"--column {missing[0]}=NAME; the columns are: {listed}"
        )
    start = "opened_at" if "opened_at" in needed else "entered_at"
    layout = Layout(
        columns=dict(columns),
        needed=needed | set(chosen),
        one_of=(),
        start=start,
        is_time=lambda text: re.search(r"\d", text) is not None and not text.isdigit(),
        delimiter=delimiter,
        encoding=None,
    )
    values: dict[str, list[str]] = {field: [] for field in columns}
    notes = Notes()
    with open_file(path) as raw:
        for _, row in islice(read_table(path, raw, layout, notes), MOST_ROWS):
            if not isinstance(row, RejectedRow):
                for field, text in row.items():
                    values[field].append(text.strip())
    if not values["id"]:
        raise WrongInput(f"{path}: has a header but no rows; give an export with some records")
    return Export(path, header, columns, delimiter, values, notes.workbook)


def _header(
    path: Path, fields: Mapping[str, str], needed: frozenset[str], chosen: Mapping[str, str]
) -> tuple[list[str], dict[str, str], str]:
    """Return the row that fits best as header, its columns by our fields, and the delimiter."""
    best: tuple[tuple[int, int, int], list[str], dict[str, str], str] | None = None
    for delimiter, row in _first_rows(path):
        names = [name.strip().removeprefix("\ufeff").strip() for name in row]
        columns = _columns(names, fields, chosen)
        score = (len(needed & columns.keys()), len(columns), len(names))
        if best is None or score > best[0]:
            best = score, names, columns, delimiter
    if best is None:
        raise WrongInput(f"{path}: is empty; give an export with a header and some records")
    return best[1:]


def _columns(
    names: list[str], fields: Mapping[str, str], chosen: Mapping[str, str]
) -> dict[str, str]:
    own = {field: column for field, column in chosen.items() if column in names}
    rest = {field: synonyms for field, synonyms in fields.items() if field not in chosen}
    free = [name for name in names if name not in own.values()]
    found = own | guessed_columns(free, rest)
    return {field: found[field] for field in fields if field in found}


def _first_rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows among which the header is, with the delimiter by which they are rows.

    Raises SourceError if the file is neither text nor a workbook.
    """
    with open_file(path) as raw:
        if is_workbook(raw):
            cells = WorkbookCells(path, raw, None)
            rows = [cells.next() for _ in range(LINES_BEFORE + 1)]
            yield from ((cells.delimiter, row) for row in rows if isinstance(row, list))
            return
        text = TextIOWrapper(raw, encoding=encoding_of(path, raw, None), newline="")
        try:
            lines = list(islice(text, LINES_BEFORE + 1))
        except UnicodeError:
            raise SourceError(f"{path} is not text; export it as CSV", permanent=True) from None
        finally:
            text.detach()
    declared = SEPARATOR.fullmatch(lines[0]) if lines else None
    for delimiter in (declared[1],) if declared else DELIMITERS:
        with suppress(csv.Error):
            found = list(csv.reader(lines[1:] if declared else lines, delimiter=delimiter))
            yield from ((delimiter, row) for row in found)
