"""Opening CSV files, their encoding, and reading their rows."""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from collector.io.errors import SourceError
from collector.model.codes import Fault
from collector.model.page import Rejected, RejectedRow

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # of one field; the file's own size is the limit

UTF_8 = "utf-8-sig"
FALLBACK = "cp1252"
"""What a file is read as that is not UTF-8, if no encoding is configured."""

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WITHOUT_MARK: dict[tuple[bool, ...], str] = {
    (True, False, True, False): "utf-16-le",
    (False, True, False, True): "utf-16-be",
}
"""Which of the first four bytes are not zero in a text that begins with two ASCII characters."""
_CHUNK = 1 << 20
_NO_TEXT = {
    b"PK\x03\x04": "an archive that holds no Excel workbook, not text in any encoding: unpack it, "
    "or save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old form (.xls) or with a password: save it as "
    ".xlsx without a password, or as CSV UTF-8",
}
_GZIP = b"\x1f\x8b"


SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)
"""The first line of a file that names its delimiter."""


class Cells(Protocol):
    """The rows of a file, read one after the other.

    ``delimiter``: what separates their cells. ``line``: that on which the present row begins.
    ``lines``: those of the present row, of which most have one and those of a workbook none.
    """

    delimiter: str
    line: int
    lines: list[str]

    def next(self) -> list[str] | RejectedRow | None:
        """Return the cells of the next row, or its error, or None at the end.

        Raises SourceError if all further rows are unreliable.
        """
        ...


class TextCells:
    """The rows of a CSV file. The first line may name another delimiter: ``sep=;``."""

    def __init__(self, path: Path, text: IO[str], delimiter: str) -> None:
        self._path = path
        self._text = text
        self._number = 0
        self.delimiter = delimiter
        self.line = 1
        self.lines: list[str] = []
        first = text.readline()
        if declared := SEPARATOR.fullmatch(first):
            self.delimiter = declared[1]
            self._number = 1
        else:
            text.seek(0)
        self._reader = csv.reader(self._taken(), delimiter=self.delimiter, strict=True)

    def _taken(self) -> Iterator[str]:
        for line in self._text:
            self._number += 1
            self.lines.append(line)
            yield line

    def next(self) -> list[str] | RejectedRow | None:
        """See :class:`Cells`. An unclosed quotation mark makes all further rows unreliable."""
        self.line, self.lines = self._number + 1, []
        try:
            return next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            if "unexpected end" in str(error):
                # Everything after the quote was read as one text, so none of it can be trusted
                raise stray_quote(self._path, self.line, "is never closed") from None
            return RejectedRow("bad_quotes", f"not a CSV row: {error}")


def encoding_of(path: Path, raw: IO[bytes], configured: str | None) -> str:
    """Return the encoding of an open file: by its mark, as configured, UTF-16 by its zero bytes,
    UTF-8, else FALLBACK.

    Raises SourceError for an archive that is no workbook, and for a workbook of old form. The file
    is at its beginning afterwards.
    """
    start = raw.read(4)
    raw.seek(0)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if start in _NO_TEXT:
        raise SourceError(f"{path} is {_NO_TEXT[start]}", permanent=True)
    if configured is not None:
        return configured
    if (wide := _WITHOUT_MARK.get(tuple(map(bool, start)))) is not None:
        return wide
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := raw.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return FALLBACK
    finally:
        raw.seek(0)
    return UTF_8


def stray_quote(path: Path, line: int, what: str) -> SourceError:
    """Return the error for a quotation mark that opens on ``line`` and takes further rows in."""
    return SourceError(
        f"{path.name}:{line}: a quotation mark that opens here or later {what}: fix the export "
        "(quotes within a text must be doubled)",
        permanent=True,
    )


def rejected_row(path: Path, line: int, error: RejectedRow) -> Rejected:
    """Return the rejection of a line of a file."""
    return Rejected(error.reason, f"{path.name}:{line}", str(error))


def matching_files(pattern: str) -> list[Path]:
    """Return the files of a path or a glob, by name. Raises SourceError if there is none."""
    paths = (
        sorted(map(Path, glob.glob(pattern)))  # noqa: PTH207 absolute patterns
        if glob.has_magic(pattern) and not Path(pattern).is_file()
        else [Path(pattern)]
    )
    if not paths:
        raise SourceError(
            f"no file matches {pattern}: check the path, that the export runs, and that the "
            "user that runs this program may list the directory",
            fault=Fault.FILE_MISSING,
        )
    return paths


@contextmanager
def open_file(path: Path) -> Iterator[IO[bytes]]:
    """Open the file for reading, unpacked if it is packed by gzip.

    Raises SourceError if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            if not packed:
                yield file
                return
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield unpacked  # type: ignore[misc]  # it is read as any file
    except PermissionError:
        message = f"permission denied for {path}: allow the user that runs this program to read it"
        raise SourceError(message, permanent=True, fault=Fault.FILE_DENIED) from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = f"{path} cannot be read: {reason}; check the path and the export"
        missing = isinstance(error, FileNotFoundError)
        fault = Fault.FILE_MISSING if missing else Fault.FILE_UNREADABLE
        raise SourceError(message, fault=fault) from None
