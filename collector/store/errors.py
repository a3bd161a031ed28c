"""What can go wrong with the store, in words for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from collector.io.errors import UserFacingError


class StoreError(UserFacingError):
    """The store cannot be opened, read or written; the text says why and holds no secrets."""


class CursorMoved(StoreError):
    """Another process moved the source's cursor first; nothing of the page was stored."""


class UnreadableText(StoreError):
    """A column of text holds bytes that are no UTF-8: somebody else wrote them."""


_NO_TEXT = "decode to UTF-8"
"""What SQLite's driver says of such a column; it gives no code."""

_SQLITE = {
    "unable to open database file": "the file cannot be opened: check that its directory exists "
    "and that this user may read and write there",
    "file is not a database": "the file is not an SQLite database: give another path, or move it "
    "away",
    "readonly database": "the file or its directory is read-only for this user",
    "database is locked": "another process kept the database locked for too long",
    "disk is full": "the disk is full",
    "disk image is malformed": "the database file is damaged: restore it from a backup",
    "disk I/O error": "the disk reported an input/output error",
}


def in_plain_words(error: SQLAlchemyError) -> str:
    """One line without SQL, values or secrets."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    text = next(iter(str(orig or error).strip().splitlines()), "")
    return next((plain for part, plain in _SQLITE.items() if part in text), text)


@contextmanager
def store_errors(where: str) -> Iterator[None]:
    """Turns every error of the database into StoreError; ``where`` names the store."""
    try:
        yield
    except SQLAlchemyError as error:
        words = in_plain_words(error)
        kind = UnreadableText if _NO_TEXT in words else StoreError
        raise kind(f"store {where}: {words}") from None
    except OverflowError:
        raise StoreError(f"store {where}: a number has more than 64 bits") from None
