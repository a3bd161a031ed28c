"""."""

from __future__ import annotations

from time import time


def now() -> int:
    """The present, in epoch seconds: the one clock of the program."""
    return int(time())
