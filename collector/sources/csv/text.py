"""Opening CSV files and taking row after row from them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from collector.io.errors import SourceError
from collector.model.page import RejectedRow


class Reader(Protocol):
    """What :func:`csv.reader` returns has no public name."""

    line_num: int

    def __next__(self) -> list[str]: ...


def next_row(path: Path, reader: Reader, line: int) -> list[str] | RejectedRow | None:
    """The fields of the row that begins on ``line``, what is wrong with it, or None at the end.

    Raises SourceError where no further row can be trusted.
    """
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
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, open. Raises SourceError."""
    try:
        with path.open("rb") as file:
            yield file
    except PermissionError:
        message = f"{path} may not be read: give this user the right to"
        raise SourceError(message, permanent=True) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"{path} cannot be read: {reason}; check the path and the export"
        raise SourceError(message) from None
