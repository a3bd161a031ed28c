"""Long lists, a page at a time: the same for every page's HTML and JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is shown: the page ``number``, from 1, of ``size`` entries each, and
    whether there are ``more`` after it. ``total``: how many entries there are; None if it is not
    known without reading all of them."""

    number: int
    size: int
    more: bool
    total: int | None = None

    @property
    def is_beyond(self) -> bool:
        """Whether the list ends before this page, as when it has become shorter: that nothing is on
        it does not say that there is nothing."""
        return 0 < (self.total or 0) <= (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """The number of the last page of a list whose length is known."""
        return max(1, -(-(self.total or 0) // self.size))


def paged(
    entries: Iterable[Each], number: int, size: int, total: int | None = None
) -> tuple[list[Each], Paging]:
    """The entries of a page. Reads no further than one entry beyond it."""
    start = (number - 1) * size
    found = list(islice(entries, start, start + size + 1))
    return found[:size], Paging(number, size, len(found) > size, total)
