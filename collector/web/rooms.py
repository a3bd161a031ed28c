"""How many heavy answers are made at once: the others are asked to come back in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = 2
"""So many heavy answers at once; polls, measurements and the other pages go on beside them."""

RETRY_AFTER = 2
"""Seconds after which a reader who was turned away may ask again."""

_ROOMS = BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """Too many heavy answers are being made. Answered with 503 and Retry-After."""

    def __init__(self) -> None:
        super().__init__(f"{AT_ONCE} such answers are being made already: ask again in a moment")


@contextmanager
def room() -> Iterator[None]:
    """A room for one heavy answer, such as measuring a month or making a document. Raises Busy."""
    if not _ROOMS.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _ROOMS.release()
