"""Opening CSV files, their encoding, and reading their rows."""

from __future__ import annotations

import codecs
import csv
import glob
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from collector.io.errors import SourceError
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
_ZIP = b"PK\x03\x04"


class Reader(Protocol):
    """The type of :func:`csv.reader`'s result, which has no public name."""

    def __next__(self) -> list[str]: ...


class Lines:
    """The lines of a file for a CSV reader, which remembers those of the present row.

    ``number``: lines read so far. ``row``: the lines since the row began.
    """

    def __init__(self, text: Iterable[str], *, number: int = 0) -> None:
        self._text = iter(text)
        self.number = number
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.number += 1
        self.row.append(line)
        return line


def encoding_of(path: Path, raw: IO[bytes], configured: str | None) -> str:
    """Return the encoding of an open file: by its mark, as configured, UTF-16 by its zero bytes,
    UTF-8, else FALLBACK.

    Raises SourceError for an Excel workbook. The file is at its beginning afterwards.
    """
    start = raw.read(4)
    raw.seek(0)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if start == _ZIP:
        raise SourceError(
            f"{path} is an Excel workbook or another archive, not text in any encoding: save it as "
            "CSV UTF-8",
            permanent=True,
        )
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


def next_row(path: Path, reader: Reader, lines: Lines) -> list[str] | RejectedRow | None:
    """Return the fields of the next row, or its error, or None at the end.

    Raises SourceError if an unclosed quotation mark makes all further rows unreliable.
    """
    line, lines.row = lines.number + 1, []
    try:
        return next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        if "unexpected end" in str(error):
            # Everything after the quote was read as one text, so none of it can be trusted
            raise stray_quote(path, line, "is never closed") from None
        return RejectedRow("bad_quotes", f"not a CSV row: {error}")


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
            "user that runs this program may list the directory"
        )
    return paths


@contextmanager
def open_file(path: Path) -> Iterator[IO[bytes]]:
    """Open the file for reading. Raises SourceError if it cannot be read."""
    try:
        with path.open("rb") as file:
            yield file
    except PermissionError:
        message = f"permission denied for {path}: allow the user that runs this program to read it"
        raise SourceError(message, permanent=True) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"{path} cannot be read: {reason}; check the path and the export"
        raise SourceError(message) from None
