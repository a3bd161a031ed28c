"""The rows of an Excel workbook (.xlsx), as texts: what the cells hold, not how they show it.

Times become ISO 8601, a date alone a date, and a time of the day or a duration ``h:mm:ss``. The
sheet is read row by row; only the table of texts that occur in it is held in memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from collector.io.errors import SourceError
from collector.model.page import RejectedRow

MOST_BYTES = 4 << 30
"""Of all parts of a workbook, unpacked."""

_ZIP = b"PK\x03\x04"
_BOOK = "xl/workbook.xml"


def is_workbook(raw: IO[bytes]) -> bool:
    """Whether an open file, which is at its beginning before and after, is a workbook."""
    start = raw.read(len(_ZIP))
    raw.seek(0)
    if start != _ZIP:
        return False
    try:
        with ZipFile(raw) as archive:
            return _BOOK in archive.namelist()
    except BadZipFile:
        return False
    finally:
        raw.seek(0)


class WorkbookCells:
    """The rows of a sheet. See :class:`~collector.sources.csv.text.Cells`.

    Raises SourceError if the workbook cannot be read or has no such sheet.
    """

    delimiter = ","

    def __init__(self, path: Path, raw: IO[bytes], sheet: str | None) -> None:
        self._path = path
        self.line = 0
        self.lines: list[str] = []
        self._rows = self._of_sheet(raw, sheet)

    def next(self) -> list[str] | RejectedRow | None:
        try:
            row = next(self._rows, None)
        except SourceError:
            raise
        except Exception as error:  # whatever a broken file makes of the library
            raise SourceError(
                f"{self._path} cannot be read as a workbook after row {self.line} "
                f"({type(error).__name__}): save it again, or as CSV UTF-8",
                permanent=True,
            ) from None
        if row is not None:
            self.line += 1
        return row

    def _of_sheet(self, raw: IO[bytes], name: str | None) -> Iterator[list[str]]:
        from openpyxl import load_workbook  # noqa: PLC0415 heavy to load
        from openpyxl.styles.numbers import is_datetime  # noqa: PLC0415

        with ZipFile(raw) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
                raise SourceError(f"{self._path} is too large a workbook: save it as CSV UTF-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that it does not know
            book = load_workbook(raw, read_only=True, data_only=True, keep_links=False)
        if name is not None and name not in book.sheetnames:
            listed = ", ".join(map(repr, book.sheetnames))
            raise SourceError(
                f"{self._path} has no sheet {name!r}: set sheet to one of {listed}", permanent=True
            )
        sheet = book[name] if name is not None else book.worksheets[0]
        sheet.reset_dimensions()  # which some programs write wrongly
        for row in sheet.iter_rows():
            yield [_text(cell, is_datetime) for cell in row]


def _text(cell: Any, form_of: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
            day_only = form_of(cell.number_format) == "date" and whole.time() == time()
            return whole.date().isoformat() if day_only else whole.isoformat()
        case date():
            return value.isoformat()
        case time():
            return f"{value.hour}:{value.minute:02}:{value.second:02}"
        case timedelta():
            return _clock(value)
    return str(value)


def _clock(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
