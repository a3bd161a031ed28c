"""What a source is: its options, what it says of itself, and its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol

from collector.model.bilingual import Text
from collector.model.fields import Interval, Strict
from collector.model.page import Cursor, Page
from collector.sources.kit.mapping import ValueMap

MOST_REJECTED = 0.05
"""The share of rejected records above which a poll fails: more likely a wrong map than bad rows."""


class Source(Protocol):
    """One system that is polled: a class, and its options in ``sources.SOURCES``.

    ``Options``: the model of its keys in the configuration.
    """

    Options: ClassVar[type[SourceOptions]]

    name: str
    """Its name in the configuration."""

    def __init__(self, name: str, options: Any, organizations: Sequence[str]) -> None:
        """``options``: an instance of ``Options``; ``organizations``: the configured ones. No I/O.

        Raises SourceError.
        """
        ...

    @property
    def as_of(self) -> int | None:
        """When what the last :meth:`pages` read was written, where it says nothing of what happened
        afterwards, as an export (epoch seconds). None: it holds all up to the reading itself."""
        ...

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """Everything behind ``cursor`` (None: from the beginning), then stop.

        The same cursor gives the same records, so a page that was not stored is read again.
        Entries that cannot be used are counted as rejected and do not raise. ``since`` asks to
        read again from that instant (epoch seconds), whatever the cursor says. Raises SourceError
        where the system cannot be read; pages already yielded stay valid.
        """
        ...

    def check(self) -> str:
        """One line that says what was found. Raises SourceError."""
        ...


class SourceOptions(Strict):
    """The keys that every source takes, and what a source says of itself.

    The class variables describe the system to the rest of the program, which asks nowhere which
    source it deals with. ``implementation``: the source's class, as ``module:Class``, which only
    those import who poll. ``delivers``: tickets or calls. ``title``: what readers of a report call
    it. ``settings_in_words``: those of its own keys that say what its records mean, in the words of
    readers (``map`` and ``fields`` need none). ``ACCESS``: those which only say how the source is
    reached, and not what its records mean.
    """

    implementation: ClassVar[str]
    delivers: ClassVar[Literal["tickets", "calls"]]
    title: ClassVar[Text]
    settings_in_words: ClassVar[Mapping[str, Text]] = {}
    ACCESS: ClassVar[frozenset[str]] = frozenset({"every"})

    type: str
    every: Interval = 60
    map: dict[str, ValueMap] = {}
