"""The only clock of the program: callers at the top read it and pass the instant down."""

from __future__ import annotations

from time import time


def now() -> int:
    """Return the current instant in whole epoch seconds."""
    return int(time())
