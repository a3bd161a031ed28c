"""Opening CSV files and reading their rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from collector.io.errors import SourceError
from collector.model.page import RejectedRow


class Reader(Protocol):
    """The type of :func:`csv.reader`'s result, which has no public name."""

    line_num: int

    def __next__(self) -> list[str]: ...


def next_row(path: Path, reader: Reader, line: int) -> list[str] | RejectedRow | None:
    """Return the fields of the row that begins on ``line``, or its error, or None at the end.

    Raises SourceError if an unclosed quotation mark makes all further rows unreliable.
    """
    try:
        return next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        if "unexpected end" in str(error) or "field limit" in str(error):
            # Everything after the quote was read as one text, so none of it can be trusted
            raise SourceError(
                f"{path.name}:{line}: a quotation mark that opens here or later is never closed: "
                "fix the export (quotes within a text must be doubled)",
                permanent=True,
            ) from None
        return RejectedRow("bad_quotes", f"not a CSV row: {error}")


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
