"""The file of a store in SQLite: how it is made and opened, and whether it is still that file."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from collector.store.errors import StoreError

BUSY_SECONDS = 30
"""How long to wait for a lock, in seconds."""
LEAST_FREE = 512 * 1024
"""Bytes of free space below which a disk counts as full: a page of a source must still fit."""
_PRIVATE = 0o600
_IN_USE = b"SQLite format 3\0\2\2"
"""The head of a file with a write-ahead log. A backup has none; nor has what was cut off."""


class SqliteFile:
    """The file at a path. Only its owner may read it, and nobody else what SQLite or we write
    beside it."""

    def __init__(self, path: Path) -> None:
        self.path, self._shown = path.absolute(), path
        self._opened: tuple[int, int] | None = None
        self._held: int | None = None
        self._keeper: sqlite3.Connection | None = None
        self._log: tuple[int, int] | None = None
        self._overwritten = False

    @property
    def marker(self) -> Path:
        """The file that says that there was a store here; ``rm store*`` does not take it."""
        return self.path.with_name(f".{self.path.name}.made")

    def prepare(self, *, create: bool) -> None:
        """Makes the file if there is none, and remembers which one it is.

        ``create``: also where a store was made before and is gone. Raises StoreError if the file
        cannot exist, or if it is gone.
        """
        where, path = f"store {self._shown}", self.path
        if path.is_dir():
            raise StoreError(f"{where}: this is a directory; name a file in it", permanent=True)
        if not path.parent.is_dir():
            raise StoreError(
                f"{where}: the directory {self._shown.parent} does not exist; create it",
                permanent=True,
            )
        with suppress(OSError):  # opening it fails, too, and says why
            is_new = not path.exists() or path.stat().st_size == 0
            if is_new and self.marker.exists() and not create:
                raise StoreError(
                    f"{where}: it was made here before and is gone: restore it from a backup; to "
                    "start with an empty one, servicedesk-kpi run --create",
                    permanent=True,
                )
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE))
            self._make_private()
            self._opened = _identity(self.path)

    def record(self) -> None:
        """Notes beside the file that a store was made here, as far as that can be written."""
        if self.marker.exists():
            return
        with suppress(OSError):
            file = os.open(self.marker, os.O_WRONLY | os.O_CREAT, _PRIVATE)
            with os.fdopen(file, "w") as marker:
                marker.write(f"A store was made as {self.path.name}. While this file is here, a "
                             "missing one is not replaced by an empty one.\n")  # fmt: skip

    def connect(self) -> sqlite3.Connection:
        """A connection to the file, which is never made anew by that."""
        address = self.path.as_uri() + "?mode=rw"
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False
        )
        connection.isolation_level = None  # the engine starts transactions, not the driver
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        _use_wal(connection)
        return connection

    def empty_log(self) -> None:
        """Writes the log into the file and empties it, unless others use it just now: it then holds
        earlier pages until it is written over."""
        with suppress(sqlite3.Error), closing(self.connect()) as connection:
            connection.execute("PRAGMA busy_timeout = 1000")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def rewrite(self) -> bool:
        """Writes the file anew, without what its free space holds of rows that were changed, and
        empties the log. Returns whether nothing of them is left there: others may use it just now,
        or the disk be full."""
        try:
            with closing(self.connect()) as connection:
                connection.execute("VACUUM")
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error:
            return False
        return not busy

    def check(self) -> None:
        """Raises StoreError if the file is not the one that was opened: what is written then is
        lost with the last connection."""
        if self._opened is not None and _identity(self.path) != self._opened:
            what = "was replaced" if self.path.exists() else "is gone"
            raise StoreError(
                f"store {self._shown}: the file that was opened {what} and cannot be opened: put "
                "it back, or restore a backup and start anew"
            )
        if self._held is not None and self._head() != _IN_USE:
            self._overwritten = True  # for good: SQLite may write its own pages between the others
        if self._overwritten:
            raise StoreError(
                f"store {self._shown}: the file was overwritten while it was open, so that it is "
                "damaged: stop every process that has it open, then servicedesk-kpi restore BACKUP"
            )
        if self._log is not None and _identity(self._log_file) != self._log:
            raise StoreError(
                f"store {self._shown}: its log ({self._log_file.name}) was removed while it was "
                "open: start no other process on it and restart this one in order, which saves it"
            )

    def hold(self) -> None:
        """From now on notices a file that was copied over the open one, as far as its head tells,
        and a log that was removed.

        For processes that keep the store open. The file is never closed again: that would end the
        locks by which SQLite keeps other processes from it. The connection keeps the log there.
        """
        if self._held is not None:
            return
        with suppress(OSError, sqlite3.Error):  # opening it for use says why
            self._held = os.open(self.path, os.O_RDONLY)
            self._keeper = self.connect()
            self._keeper.execute("SELECT count(*) FROM sqlite_master")
            self._log = _identity(self._log_file)

    def close(self) -> None:
        """Ends what :meth:`hold` began; after all other connections."""
        self._log = None
        if self._keeper is not None:
            self._keeper.close()

    def check_room(self) -> None:
        """Raises StoreError if the disk is full, or nearly so."""
        try:
            disk = os.statvfs(self.path.parent)
        except OSError:
            return
        if disk.f_bavail * disk.f_frsize < LEAST_FREE:
            raise StoreError(f"store {self._shown}: the disk is full: free some space")

    def _head(self) -> bytes:
        """What made the file, and how it is written; as in use where that cannot be read."""
        try:
            head = os.pread(self._held or 0, 20, 0)
        except OSError:
            return _IN_USE
        return head[:16] + head[18:]

    @property
    def _log_file(self) -> Path:
        return Path(f"{self.path}-wal")

    def _make_private(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            file = Path(f"{self.path}{suffix}")
            with suppress(OSError):  # of another user: that one decides
                if (mode := file.stat().st_mode) & 0o077:
                    file.chmod(mode & 0o700)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switching to WAL does not wait for a lock as other statements do, so it is retried here."""
    give_up = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
