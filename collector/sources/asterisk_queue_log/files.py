"""Log files that are rotated while they are being read.

The position is kept for each *log*, not for each file. A log is identified by a hash of its first
bytes, so it is found again after it was renamed, copied and truncated, or compressed. New content
is therefore never determined by time: it is everything after a log's position, and every log that
has none. Only the order of reading new logs is that of their first events, since names do not show
it (in one rotation scheme .0 is the newest, in another the oldest).
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
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Self

from collector.io.errors import SourceError
from collector.model.codes import Fault
from collector.model.page import RejectedRow
from collector.sources.asterisk_queue_log.events import parse_line

HEAD = 4_096
"""Bytes at the beginning of a log that identify it."""
KEPT = 200
"""How many places in logs that no longer exist are kept: the most recently read ones."""
ATTEMPTS = 5
READ_ERRORS = (EOFError, OSError, lzma.LZMAError, zlib.error)
"""Errors raised when reading a compressed file that is damaged or not yet complete."""

_PACKED: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
_ZSTD = b"\x28\xb5\x2f\xfd"
_ROTATED = re.compile(r"[.-]\d[\d.-]*(\.gz|\.bz2|\.xz)?")
_ROTATED_END = re.compile(_ROTATED.pattern + "$")


class FilesMoved(Exception):
    """The files were rotated between looking at them and reading them."""


@dataclass(frozen=True, slots=True)
class Log:
    """A file as it was when it was inspected.

    ``stamp``: device, inode, size in bytes, modification time (ns). ``head``: its first bytes,
    uncompressed. ``packed``: it is compressed. ``first_at``: the instant of its first event (epoch
    seconds), None if the head contains none.
    """

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
    def order(self) -> tuple[int, bool, int]:
        """A sort key from the oldest log to the one being written.

        Of logs that begin in the same second, one without a number or date in its name is newest.
        """
        changed = self.stamp[3]
        first_at = changed // 10**9 if self.first_at is None else self.first_at
        return first_at, not _ROTATED_END.search(self.path.name), changed


@dataclass(frozen=True, slots=True)
class LogPlace:
    """How far a log was read, in uncompressed bytes and lines, and how to recognize it.

    ``head_hash`` is the hash of its first ``head_size`` bytes and ``last_hash`` that of the last
    line before the place, of ``last_size`` bytes. ``skip``: lines up to this instant (epoch
    seconds) are skipped. ``closed``: the log is compressed, was read to its end and will not grow.
    """

    head_size: int = 0
    head_hash: str = ""
    offset: int = 0
    line: int = 0
    last_size: int = 0
    last_hash: str = ""
    first_at: int | None = None
    skip: int | None = None
    closed: bool = False

    def is_before_more(self, log: Log, *, followed: bool) -> bool:
        """Return whether ``log`` must be opened because it may have content after this place.

        A log shorter than the place was truncated if it is the one being followed; otherwise it is
        a copy of content that was already read.
        """
        if log.packed:
            return not self.closed
        return log.size > self.offset or (followed and log.size < self.offset)

    def resumed(self, file: IO[bytes]) -> Self | None:
        """Return the place to continue from and leave ``file`` there.

        It is this place, or the beginning of the line before if that was only half written then.
        None if the content before this place has changed.
        """
        before = self.offset - self.last_size
        try:
            file.seek(before)
            last, more = file.read(self.last_size), file.read(1)
        except READ_ERRORS:
            return None
        if digest(last) != self.last_hash:
            return None
        if not last or last.endswith(b"\n") or not more:
            file.seek(self.offset)
            return self
        file.seek(before)
        return replace(self, offset=before, last_size=0, last_hash=digest(b""))

    def moved(self, log: Log, file: IO[bytes], offset: int, line: int, last: bytes) -> Self:
        """Return the place after the line ``last``, and leave ``file`` there."""
        head = log.head
        if not log.packed:
            if len(head) < min(offset, HEAD):  # the log has grown since we looked
                file.seek(0)
                head = file.read(HEAD)
                file.seek(offset)
            head = head[:offset]  # the rest may be half a line
        return replace(
            self,
            head_size=len(head),
            head_hash=digest(head),
            offset=offset,
            line=line,
            last_size=len(last),
            last_hash=digest(last),
            first_at=log.first_at,
        )


def digest(data: bytes) -> str:
    """Return the hash that identifies bytes in a cursor."""
    return hashlib.sha256(data).hexdigest()[:32]


class LogFiles:
    """The files matched by a path.

    A path without wildcards includes the rotated files that logrotate and Asterisk make of it
    (``queue_log.1``, ``queue_log-20260101.gz``).
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def look(self) -> list[Log]:
        """Inspect every file, repeatedly until nothing moves.

        A file that is renamed while its directory is listed could be missed otherwise. Raises
        SourceError if there is no file or one cannot be read.
        """
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
                    logs.append(_inspect(path))
            except FileNotFoundError:
                continue  # just renamed; the next pass finds it under its new name
            except OSError as error:
                raise unreadable(path, error) from None
        return logs

    def _matching(self) -> list[Path]:
        base = Path(self.path)
        if glob.has_magic(self.path):
            if not glob.has_magic(str(base.parent)):
                _names(base.parent)  # raises if unreadable, which glob ignores
            return sorted(map(Path, glob.glob(self.path)))  # noqa: PTH207 absolute patterns
        return [
            base.parent / name
            for name in _names(base.parent)
            if name == base.name
            or (name.startswith(base.name) and _ROTATED.fullmatch(name, len(base.name)))
        ]


def logs_with_places(
    logs: Sequence[Log], places: Sequence[LogPlace]
) -> list[tuple[Log, LogPlace | None]]:
    """Return every distinct log with its place, or None for a new one.

    Logs with a place come first, in the order of ``places``, then new ones from the oldest on.
    Empty files and files that are not queue logs are left out. While a log is being copied or
    compressed its content exists twice; the uncompressed and longer file is used.
    """
    kept: list[Log] = []
    for log in sorted(logs, key=lambda log: (log.packed, -len(log.head), -log.size)):
        if log.head and not any(other.head.startswith(log.head) for other in kept):
            kept.append(log)
    found = list(zip(kept, _places_of(kept, places), strict=True))
    if any(log.first_at is not None for log in kept):
        found = [(log, place) for log, place in found if place or log.first_at is not None]
    rank = {place: number for number, place in enumerate(places)}
    return sorted(found, key=lambda pair: (rank[pair[1]] if pair[1] else len(rank), pair[0].order))


def places_to_keep(places: Sequence[LogPlace], there: Set[LogPlace]) -> list[LogPlace]:
    """Return ``places`` without old ones in logs that no longer exist; those ``there`` are kept."""
    forgotten = set([place for place in places if place not in there][:-KEPT])
    return [place for place in places if place not in forgotten]


def _places_of(logs: Sequence[Log], places: Sequence[LogPlace]) -> Iterator[LogPlace | None]:
    """Yield the place in each log: of those whose head matches, the one with the longest head."""
    by_head = {(place.head_size, place.head_hash): place for place in places}
    sizes = sorted({size for size, _ in by_head}, reverse=True)
    for log in logs:
        heads = [(size, digest(log.head[:size])) for size in sizes if size <= len(log.head)]
        yield next((by_head[head] for head in heads if head in by_head), None)


@contextmanager
def open_log(log: Log) -> Iterator[IO[bytes]]:
    """Open the uncompressed content of ``log``.

    Raises Moved if its path now leads to another file, and SourceError if it cannot be read.
    """
    try:
        with log.path.open("rb") as raw:
            magic = raw.read(6)
        file = _unpacked(log.path, magic)
    except FileNotFoundError:
        raise FilesMoved from None
    except OSError as error:
        raise unreadable(log.path, error) from None
    with file:
        now = _stamp(os.fstat(file.fileno()))
        if now[:2] != log.stamp[:2] or now[2] < log.size:
            raise FilesMoved
        yield file


def unreadable(path: Path, error: OSError) -> SourceError:
    """Return the error for a file or directory that cannot be read, with what to do about it."""
    if isinstance(error, PermissionError):
        what = "allow the user that runs this program to read it (often by the group asterisk)"
        return SourceError(
            f"permission denied for {path}: {what}", permanent=True, fault=Fault.FILE_DENIED
        )
    if isinstance(error, FileNotFoundError):
        return SourceError(
            f"{path} does not exist: check the path, or mount it", fault=Fault.FILE_MISSING
        )
    text = f"{path} cannot be read: {error.strerror or type(error).__name__}"
    return SourceError(text, fault=Fault.FILE_UNREADABLE)


def _names(directory: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in directory.iterdir())
    except OSError as error:
        raise unreadable(directory, error) from None


def _inspect(path: Path) -> Log:
    status = path.stat()
    with path.open("rb") as raw:
        magic = raw.read(6)
    if magic.startswith(_ZSTD):
        raise SourceError(
            f"{path} is compressed with zstd, which is not supported: decompress it or exclude it "
            "from path",
            permanent=True,
        )
    packed = _opener(magic) is not None
    with _unpacked(path, magic) as file:
        try:
            head = file.read(HEAD)
        except READ_ERRORS:
            if not packed:
                raise
            head = b""  # not yet complete; the file it is made from still exists
    return Log(path, _stamp(status), head, packed, _first_at(head))


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
