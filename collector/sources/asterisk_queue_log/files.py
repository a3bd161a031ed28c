"""Log files that are rotated while they are read.

Where we are is kept as a place in each *log*, not in a file: a log is told by a hash of its first
bytes, so it is found again when it was renamed, copied and truncated, or compressed. What is new
is therefore never told by a time: it is what stands behind a log's place, and every log that has
none. Only the order in which new logs are read is that of their first events; their names do not
tell (in one rotation scheme .0 is the newest, in another the oldest).
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
from collector.model.page import RejectedRow
from collector.sources.asterisk_queue_log.events import parse_line

HEAD = 4_096
"""Bytes from the beginning of a log that tell it from others."""
KEPT = 200
"""Places that are kept of logs that are not there any more: the ones read last."""
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
_ROTATED_END = re.compile(_ROTATED.pattern + "$")


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
    def order(self) -> tuple[int, bool, int]:
        """Ascending from the oldest log to the one that is being written. Logs may begin in the
        same second, and then a name without a number or a date is the newest."""
        changed = self.stamp[3]
        first_at = changed // 10**9 if self.first_at is None else self.first_at
        return first_at, not _ROTATED_END.search(self.path.name), changed


@dataclass(frozen=True, slots=True)
class Place:
    """How far a log was read, in unpacked bytes and lines, and what to know it by: a hash of its
    first bytes, and one of the last line before the place.

    ``skip``: its lines up to that instant are passed over. ``closed``: read to its end where it
    is packed, and will not grow.
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
        """Whether ``log`` has to be opened: it may hold something behind this place. A shorter one
        was cut, or, unless it is the one that is followed, is a copy of what was read."""
        if log.packed:
            return not self.closed
        return log.size > self.offset or (followed and log.size < self.offset)

    def resumed(self, file: IO[bytes]) -> Self | None:
        """The place to go on from, where ``file`` is left: this one, or the beginning of a line
        that was half written then. None when what stood before this place does not any more."""
        before = self.offset - self.last_size
        try:
            file.seek(before)
            last, more = file.read(self.last_size), file.read(1)
        except BROKEN:
            return None
        if digest(last) != self.last_hash:
            return None
        if not last or last.endswith(b"\n") or not more:
            file.seek(self.offset)
            return self
        file.seek(before)
        return replace(self, offset=before, last_size=0, last_hash=digest(b""))

    def moved(self, log: Log, file: IO[bytes], offset: int, line: int, last: bytes) -> Self:
        """The place behind the line ``last``; ``file`` is left there."""
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
    """What bytes are known by in a cursor."""
    return hashlib.sha256(data).hexdigest()[:32]


class LogFiles:
    """The files that a path stands for. A path without wildcards takes in the predecessors that
    logrotate and Asterisk make of it (``queue_log.1``, ``queue_log-20260101.gz``)."""

    def __init__(self, path: str) -> None:
        self.path = path

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
                    logs.append(_inspect(path))
            except FileNotFoundError:
                continue  # renamed meanwhile: found under its new name when we look again
            except OSError as error:
                raise unreadable(path, error) from None
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


def in_order(logs: Sequence[Log], places: Sequence[Place]) -> list[tuple[Log, Place | None]]:
    """Each content once, with its place: known logs first and as ``places`` are, then the others,
    the oldest first. What holds nothing, or no queue log, is left out.

    The same content is there twice while a log is copied or compressed; the plain and longer one
    is taken.
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


def remembered(places: Sequence[Place], there: Set[Place]) -> list[Place]:
    """``places`` without those in logs that are long gone; never without one that is ``there``."""
    forgotten = set([place for place in places if place not in there][:-KEPT])
    return [place for place in places if place not in forgotten]


def _places_of(logs: Sequence[Log], places: Sequence[Place]) -> Iterator[Place | None]:
    """The place in each log: of those with its beginning the one with the longest."""
    by_head = {(place.head_size, place.head_hash): place for place in places}
    sizes = sorted({size for size, _ in by_head}, reverse=True)
    for log in logs:
        heads = [(size, digest(log.head[:size])) for size in sizes if size <= len(log.head)]
        yield next((by_head[head] for head in heads if head in by_head), None)


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


def _inspect(path: Path) -> Log:
    status = path.stat()
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
