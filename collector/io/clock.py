"""The one clock of the program: now enters here, at the top, and is passed down as a number."""

from __future__ import annotations

from time import time


def now() -> int:
    """The present in whole epoch seconds."""
    return int(time())
