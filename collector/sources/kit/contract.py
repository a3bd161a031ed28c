"""What every source has in common: its options, its pages, its errors, and the value maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, Protocol

from collector.model.fields import Interval, Strict
from collector.model.page import Cursor, Page
from collector.sources.kit.mapping import ValueMap

MOST_REJECTED = 0.05
"""The share of rejected records above which a poll fails: more likely a wrong map than bad rows."""


class Source(Protocol):
    """One system that is polled. A class in one file and one line in ``sources.SOURCES``.

    ``Options`` is the model of its keys in the configuration. A source is built from its name
    there, those options and the configured organizations; building it does no I/O.
    """

    Options: ClassVar[type[SourceOptions]]
    delivers: ClassVar[Literal["tickets", "calls"]]
    name: str

    @property
    def as_of(self) -> int | None:
        """When what the last :meth:`pages` read was written, where it says nothing of what happened
        afterwards, as an export (epoch seconds). None: it holds all up to the reading itself."""
        ...

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """Everything behind ``cursor`` (None: from the beginning), then stop.

        ``since`` asks to read again from that instant (epoch seconds), whatever the cursor says.
        Raises SourceError. Pages already yielded stay valid.
        """
        ...

    def check(self) -> str:
        """One line that says what was found. Raises SourceError."""
        ...


class SourceOptions(Strict):
    """The keys that every source takes.

    ``ACCESS``: those which only say how the source is reached, and not what its records mean.
    """

    ACCESS: ClassVar[frozenset[str]] = frozenset({"every"})

    type: str
    every: Interval = 60
    map: dict[str, ValueMap] = {}
