"""Backups of an SQLite store: taken while it is in use, checked, and brought back.

The file alone, copied by other means, lacks what stands in its write-ahead log, and passes every
check of SQLite nevertheless. PostgreSQL has its own tools.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from collector.store.errors import StoreError, plain_words
from collector.store.migrate import HEAD
from collector.store.schema import metadata
from collector.store.sqlite import BUSY_SECONDS

_PARTIAL = re.compile(r"\..+\.\d+\.partial")
_KILLED = 86_400
"""Seconds after which an unfinished file is that of a process that was killed."""
_MODE = 0o600
"""Only the service's own user reads what its store holds."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file that holds a store was found to hold: the version of its tables, its number of
    bytes, and the rows of each table that this release knows."""

    version: str
    size: int
    rows: Mapping[str, int]


def back_up(store: Path, target: Path) -> FileContent:
    """Write a consistent copy of the store to the new file ``target``, and check it.

    The service may go on meanwhile: its writers do not wait. ``target`` appears when it is complete
    and was checked, and only its owner can read it. Raises StoreError if the store cannot be read,
    ``target`` exists or cannot be written, and if the copy does not hold what the store held.
    """
    with _errors(f"backup {target}"):
        if os.path.lexists(target):
            raise StoreError(f"backup {target}: the file exists; name a new one")
        if not target.absolute().parent.is_dir():
            raise StoreError(
                f"backup {target}: the folder {target.parent} does not exist; create it"
            )
        _forget_the_killed(target.absolute().parent)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with _errors(f"backup {target}"):
            _create(partial)
        with _opened(store, f"store {store}") as source:
            source.execute("BEGIN")
            expected = _rows(source)  # of the same state of the store as what is copied
            with _errors(f"backup {target}"), closing(sqlite3.connect(partial)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        damaged = f"store {store}: the database file is damaged: restore an earlier backup"
        found = inspect_file(partial, damaged)
        if found.rows != expected:
            raise StoreError(f"backup {target}: it does not hold what the store held; try again")
        with _errors(f"backup {target}"):
            _sync(partial)
            partial.rename(target)
        return found
    finally:
        with suppress(OSError):
            partial.unlink()


def restore(backup: Path, store: Path) -> tuple[FileContent, Path | None]:
    """Put a checked copy of ``backup`` in the place of the store.

    A store that is there is kept beside it, under a name that is returned. Raises StoreError if the
    backup is not a sound store of this release or an earlier one, while any process has the store
    open, and if a file cannot be written; the store is as it was then.
    """
    found = inspect_file(backup)
    if found.version > HEAD:
        raise StoreError(
            f"backup {backup}: its tables have version {found.version}, but this release only "
            f"knows versions up to {HEAD}: install the release that wrote it, or a later one"
        )
    if not store.absolute().parent.is_dir():
        raise StoreError(f"store {store}: the folder {store.parent} does not exist; create it")
    partial = store.with_name(f".{store.name}.{os.getpid()}.partial")
    try:
        with _errors(f"store {store}"):
            _forget_the_killed(store.absolute().parent)
            _create(partial)
            name = f"backup {backup}"
            with _opened(backup, name) as source, closing(sqlite3.connect(partial)) as copy:
                source.backup(copy)
            _sync(partial)
            kept = _set_aside(store) if store.exists() else None
            partial.replace(store)
        return found, kept
    finally:
        with suppress(OSError):
            partial.unlink()


def inspect_file(file: Path, damaged: str | None = None) -> FileContent:
    """Return what a file holds after SQLite's ``quick_check``. Raises StoreError if it cannot be
    read, is damaged (with that message), or is not a store."""
    name = f"backup {file}"
    if not file.is_file():
        raise StoreError(f"{name}: there is no such file")
    with _opened(file, name) as connection:
        faults = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
        if faults != ["ok"]:
            raise StoreError(damaged or f"{name}: the file is damaged; use another backup")
        known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in known:
            raise StoreError(f"{name}: this is an SQLite database, but not a store")
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if version is None:
            raise StoreError(f"{name}: this is an SQLite database, but not a store")
        return FileContent(str(version[0]), file.stat().st_size, _rows(connection))


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    known = {row[0] for row in connection.execute(tables)} & metadata.tables.keys()
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in sorted(known)
    }


def _set_aside(store: Path) -> Path:
    """Rename a store that no process has open, and return its new name."""
    with closing(sqlite3.connect(store, timeout=0, isolation_level=None)) as connection:
        # Asked for before the first access, it needs the file alone, and empties the log into it.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise StoreError(
                f"store {store}: a process has it open; stop the service, then restore"
            ) from None
        except sqlite3.DatabaseError:
            pass  # it is damaged, which is why a backup is brought back
    for number in range(1, 1000):
        kept = store.with_name(f"{store.name}.before-restore-{number}")
        if not kept.exists():
            break
    for ending in ("-wal", "-shm"):  # of a process that was killed; they belong to that file
        beside = store.with_name(store.name + ending)
        with suppress(FileNotFoundError):
            beside.rename(kept.with_name(kept.name + ending))
    return store.rename(kept)


def _forget_the_killed(folder: Path) -> None:
    """Remove what backups and restores left behind that were killed: nothing else removes it, and
    it is as large as the store. One that goes on writes into its file all the time."""
    for each in folder.glob(".*.partial"):
        with suppress(OSError):
            if _PARTIAL.fullmatch(each.name) and time.time() - each.stat().st_mtime > _KILLED:
                each.unlink()


def _create(file: Path) -> None:
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))


def _sync(file: Path) -> None:
    """Wait until a file and its name are on the disk."""
    for path in (file, file.absolute().parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _opened(file: Path, name: str) -> Iterator[sqlite3.Connection]:
    """A file that exists, opened for reading."""
    address = f"file:{quote(str(file.absolute()))}?mode=ro"
    with (
        _errors(name),
        closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection,
    ):
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        yield connection


@contextmanager
def _errors(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{name}: {plain_words(str(error))}") from None
    except OSError as error:
        raise StoreError(f"{name}: {error.strerror}") from None
