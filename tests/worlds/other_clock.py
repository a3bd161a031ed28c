"""Processes by a clock of their own: faketime (Debian package ``faketime``) before the C library.

Only the wall clock is another. What libfaketime would do by itself is switched off, since no
machine does it: it also moves the monotonic clocks, by which waits are measured
(DONT_FAKE_MONOTONIC), and the times of files (NO_FAKE_STAT).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.worlds.programs import program

_LIBRARIES = Path("/usr/lib")
_LIBRARY = "*/faketime/libfaketimeMT.so.1"


class OtherClock:
    """The wall clock of the processes that get ``environment``; it can be set while they run."""

    def __init__(self, folder: Path) -> None:
        program("faketime")
        found = next(_LIBRARIES.glob(_LIBRARY), None)
        if found is None:
            pytest.skip(f"faketime is here, but not {_LIBRARIES}/{_LIBRARY}")
        self._file = folder / "clock"
        self.set(0)
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, ahead: float) -> None:
        """Set it so many seconds ahead of this machine's."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{ahead:+.0f}\n")
        fresh.rename(self._file)
