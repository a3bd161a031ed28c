"""Whether a file has changed."""

from __future__ import annotations

from pathlib import Path


def stamp_of(file: str | None) -> object:
    """Return a value that changes when the file changes; None without a file."""
    try:
        status = Path(file or "").stat() if file else None
    except OSError:
        return None
    return status and (status.st_mtime_ns, status.st_size, status.st_ino)
