"""The errors of the store, with messages for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from collector.io.errors import UserFacingError
from collector.model.codes import Fault


class StoreError(UserFacingError):
    """The store cannot be opened, read or written; the message says why, without secrets."""


class Overtaken(StoreError):
    """Another process does now what this one was doing; nothing of it was stored."""


class CursorMoved(Overtaken):
    """Another process moved the source's cursor first; nothing of this page was stored."""


class LeaseLost(Overtaken):
    """Another process has, or may have, the lease that this one held."""


class UnreadableText(StoreError):
    """A text column holds bytes that are not UTF-8: another program wrote them."""


class DamagedRow(ValueError):
    """A row holds what this program did not write. Inside :func:`store_errors` it becomes a
    StoreError."""

    def __init__(self, table: str, key: object) -> None:
        super().__init__(f"table {table}, row {key}")


_NOT_UTF8 = "decode to UTF-8"
"""Part of the message of SQLite's driver for such a column; there is no error code."""

_LASTING = ("file is not a database", "disk image is malformed")
"""Parts of messages about what no second attempt can change."""

_PLAIN = {
    "unable to open database file": "the file cannot be opened: check that its directory exists "
    "and that this user may read and write there",
    "file is not a database": "the file is not an SQLite database: name another file, or move this "
    "one away",
    "readonly database": "the file or its directory is read-only for this user",
    "database is locked": "another process kept the database locked for too long",
    "disk is full": "the disk is full: free some space",
    "disk image is malformed": "the database file is damaged: restore it from a backup",
    "disk I/O error": "the disk reported an input/output error",
    "connection timeout expired": "the server does not answer",
}


def in_plain_words(error: SQLAlchemyError) -> str:
    """The error as one line for people, without SQL, values or secrets."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    return plain_words(next(iter(str(orig or error).strip().splitlines()), ""))


def plain_words(text: str) -> str:
    """An error message of a driver for people; another one as it is."""
    return next((plain for part, plain in _PLAIN.items() if part in text), text)


@contextmanager
def store_errors(where: str) -> Iterator[None]:
    """Raises StoreError for every error of the database inside the context.

    ``where``: the store's name for the message. Raises UnreadableText, a StoreError, for text that
    is not UTF-8.
    """
    try:
        yield
    except DamagedRow as error:
        raise StoreError(
            f"store {where}: damaged ({error}): what rests on it cannot be shown; restore a backup"
        ) from None
    except SQLAlchemyError as error:
        words = in_plain_words(error)
        kind = UnreadableText if _NOT_UTF8 in words else StoreError
        lasting = any(_PLAIN[part] == words for part in _LASTING)
        raise kind(f"store {where}: {words}", fault=Fault.STORE, permanent=lasting) from None
    except OverflowError:
        raise StoreError(f"store {where}: a number has more than 64 bits") from None
