"""Log files that are rotated while they are read.

Where we are is kept as a place in a *log*, not in a file: a log is told by a hash of its first
bytes, so it is found again when it was renamed, copied and truncated, or compressed. Logs are
ordered by their first event; their names do not tell (in one rotation scheme .0 is the newest, in
another the oldest).
"""

from __future__ import annotations

import bz2
import glob
import gzip
import hashlib
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from collector.sources.base import RejectedRow, SourceError
from collector.sources.queue_log_events import parse_line

HEAD = 4_096
"""Bytes from the beginning of a log that tell it from others."""
ATTEMPTS = 5
BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)
"""What reading a packed file that is damaged, or not yet complete, raises."""

_PACKED: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
_ZSTD = b"\x28\xb5\x2f\xfd"
_ROTATED = re.compile(r"[.-]\d[\d.-]*(\.gz|\.bz2|\.xz)?")


class Moved(Exception):
    """The files were rotated between looking at them and reading them."""


@dataclass(frozen=True, slots=True)
class Log:
    """A file as it was when we looked. ``stamp``: device, inode, size, time of change (ns);
    ``first_at``: its first event's instant, absent when its beginning holds none."""

    path: Path
    stamp: tuple[int, int, int, int]
    head: bytes
    packed: bool
    first_at: int | None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.stamp[2]

    @property
    def order(self) -> tuple[int, int]:
        """Ascending from the oldest log to the one that is being written."""
        changed = self.stamp[3]
        return (changed // 10**9 if self.first_at is None else self.first_at), changed


@dataclass(frozen=True, slots=True)
class Place:
    """How far a log was read, in unpacked bytes and lines, and what to know it by: a hash of its
    first bytes, and one of the last line before the place."""

    head_size: int = 0
    head_hash: str = ""
    offset: int = 0
    line: int = 0
    last_size: int = 0
    last_hash: str = ""

    def is_in(self, log: Log) -> bool:
        """Whether ``log`` begins as the log of this place did."""
        head = log.head[: self.head_size]
        return len(head) == self.head_size > 0 and digest(head) == self.head_hash

    def stands_in(self, file: IO[bytes]) -> bool:
        """Whether the line before this place is there; ``file`` is left at the place."""
        file.seek(self.offset - self.last_size)
        return digest(file.read(self.last_size)) == self.last_hash

    @classmethod
    def after(cls, log: Log, file: IO[bytes], offset: int, line: int, last: bytes) -> Place:
        """The place behind the line ``last``; ``file`` is left there."""
        head = log.head
        if len(head) < min(offset, HEAD):  # the log has grown since we looked
            file.seek(0)
            head = file.read(HEAD)
            file.seek(offset)
        head = head[:offset]
        return cls(len(head), digest(head), offset, line, len(last), digest(last))


def digest(data: bytes) -> str:
    """What bytes are known by in a cursor."""
    return hashlib.sha256(data).hexdigest()[:32]


class LogFiles:
    """The files that a path stands for. A path without wildcards takes in the predecessors that
    logrotate and Asterisk make of it (``queue_log.1``, ``queue_log-20260101.gz``)."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._known: dict[Path, Log] = {}

    def look(self) -> list[Log]:
        """Every file, looked at until nothing moves: a file that is renamed while its directory
        is listed can be missed. Raises SourceError when there is none or one is unreadable."""
        before: list[Log] | None = None
        for _ in range(ATTEMPTS):
            logs = self._look_once()
            if before is not None and _identities(before) == _identities(logs):
                break
            before = logs
        if not logs:
            raise SourceError(
                f"no file matches {self.path}: check the path, and that Asterisk writes a queue "
                "log (queue_log and, with realtime, queue_log_to_file in logger.conf)"
            )
        return logs

    def _look_once(self) -> list[Log]:
        logs = []
        for path in self._matching():
            try:
                if path.is_file():
                    logs.append(self._inspect(path))
            except FileNotFoundError:
                continue  # renamed meanwhile: found under its new name when we look again
            except OSError as error:
                raise unreadable(path, error) from None
        self._known = {log.path: log for log in logs}
        return logs

    def _matching(self) -> list[Path]:
        base = Path(self.path)
        if glob.has_magic(self.path):
            if not glob.has_magic(str(base.parent)):
                _names(base.parent)  # glob is silent where a directory cannot be read
            return sorted(map(Path, glob.glob(self.path)))  # noqa: PTH207 absolute patterns
        return [
            base.parent / name
            for name in _names(base.parent)
            if name == base.name
            or (name.startswith(base.name) and _ROTATED.fullmatch(name, len(base.name)))
        ]

    def _inspect(self, path: Path) -> Log:
        status = path.stat()
        known = self._known.get(path)
        if known and known.stamp == _stamp(status):
            return known
        with path.open("rb") as raw:
            magic = raw.read(6)
        if magic.startswith(_ZSTD):
            raise SourceError(
                f"{path} is packed with zstd, which cannot be read here: unpack it or leave it "
                "out of path",
                permanent=True,
            )
        packed = _opener(magic) is not None
        with _unpacked(path, magic) as file:
            try:
                head = file.read(HEAD)
            except BROKEN:
                if not packed:
                    raise
                head = b""  # not yet complete: what it was made from is still there
        return Log(path, _stamp(status), head, packed, _first_at(head))


def in_order(logs: Sequence[Log], place: Place | None) -> list[Log]:
    """Oldest first, each content once, without what holds nothing or is no queue log.

    The same content is there twice while a log is copied or compressed; the plain and longer one
    is taken. The log of ``place`` stays in whatever it begins with.
    """
    kept: list[Log] = []
    for log in sorted(logs, key=lambda log: (log.packed, -len(log.head), -log.size)):
        if log.head and not any(other.head.startswith(log.head) for other in kept):
            kept.append(log)
    if any(log.first_at is not None for log in kept):
        kept = [log for log in kept if log.first_at is not None or (place and place.is_in(log))]
    return sorted(kept, key=lambda log: log.order)


def reaching(logs: Sequence[Log], instant: int | None) -> list[Log]:
    """Of ordered logs those that can hold events at or after ``instant`` (None: all)."""
    if instant is None:
        return list(logs)
    started = [i for i, log in enumerate(logs) if log.first_at is not None]
    first = max((i for i in started if (logs[i].first_at or 0) <= instant), default=0)
    return list(logs[first:])


@contextmanager
def opened(log: Log) -> Iterator[IO[bytes]]:
    """The unpacked bytes of ``log``. Raises Moved when its path now leads to something else."""
    try:
        with log.path.open("rb") as raw:
            magic = raw.read(6)
        file = _unpacked(log.path, magic)
    except FileNotFoundError:
        raise Moved from None
    except OSError as error:
        raise unreadable(log.path, error) from None
    with file:
        now = _stamp(os.fstat(file.fileno()))
        if now[:2] != log.stamp[:2] or now[2] < log.size:
            raise Moved
        yield file


def unreadable(path: Path, error: OSError) -> SourceError:
    """A file or directory that cannot be read, with what to do about it."""
    if isinstance(error, PermissionError):
        what = "give the user that runs this the right to read it (often the group asterisk)"
        return SourceError(f"{path} may not be read: {what}", permanent=True)
    if isinstance(error, FileNotFoundError):
        return SourceError(f"{path} does not exist: check the path, or mount it")
    return SourceError(f"{path} cannot be read: {error.strerror or type(error).__name__}")


def _names(directory: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in directory.iterdir())
    except OSError as error:
        raise unreadable(directory, error) from None


def _identities(logs: Sequence[Log]) -> list[tuple[Path, tuple[int, ...]]]:
    return [(log.path, log.stamp[:2]) for log in logs]


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _opener(magic: bytes) -> Callable[[Path], Any] | None:
    return next((opener for start, opener in _PACKED.items() if magic.startswith(start)), None)


def _unpacked(path: Path, magic: bytes) -> IO[bytes]:
    opener = _opener(magic)
    file: IO[bytes] = opener(path) if opener else path.open("rb")
    return file


def _first_at(head: bytes) -> int | None:
    for line in head.split(b"\n")[:-1]:
        try:
            return parse_line(line.strip(b"\0\r").decode(errors="replace")).at
        except RejectedRow:
            continue
    return None
