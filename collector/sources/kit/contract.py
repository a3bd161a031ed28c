"""The interface of a source: its options, its description of itself, and its pages.

Two levels. To the program every source is a :class:`Source`, which yields pages. A ticket system
need not be one: it is a class of :mod:`collector.sources.kit.system` and says only how to ask its
interface; the kit makes pages of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar, Literal, Protocol

from collector.io.budget import Requests
from collector.model.bilingual import Text
from collector.model.fields import Interval, Strict
from collector.model.page import Cursor, Page
from collector.model.records import Record, Unrecorded
from collector.sources.kit.mapping import ValueMap

REJECTED_SHARE_LIMIT = 0.05
"""The share of rejected records above which a poll fails: the map is then probably wrong. The same
holds for entries that were ignored for one of LOSSES."""
LOSSES = frozenset({"no_entry", "unknown_event"})
"""Reasons for ignoring an entry that mean that something of a record may be missing."""


def imported(implementation: str) -> Any:
    """Return the class named by ``module:Class``.

    Options name classes instead of importing them: they are loaded with every configuration, the
    classes (and so HTTP and parsers) only by whoever polls; and the classes import their options.
    """
    module, _, class_name = implementation.partition(":")
    return getattr(import_module(module), class_name)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the first records of a source shows.

    ``unrecorded``: what it tells of no record. ``partly``: of what it does not tell of some, how
    many of how many records that should have it. ``doubts``: what is probably a mistake in its
    keys: the path of a key, and why. ``records``: all that it has, if these are not too many.
    """

    unrecorded: frozenset[Unrecorded] = frozenset()
    partly: Mapping[Unrecorded, tuple[int, int]] = field(default_factory=dict)
    doubts: Sequence[tuple[tuple[str, ...], str]] = ()
    records: Sequence[Record] = ()


class Source(Protocol):
    """One system that is polled: a class, and its options in ``sources.SOURCES``.

    ``Options``: the model of its keys in the configuration.
    """

    Options: ClassVar[type[SourceOptions]]

    name: str
    """The source's name in the configuration."""

    def __init__(self, name: str, options: Any, organizations: Sequence[str]) -> None:
        """Create the source without any I/O.

        ``options``: an instance of ``Options``. ``organizations``: the configured ones. Raises
        SourceError if the options cannot be used.
        """
        ...

    @property
    def as_of(self) -> int | None:
        """When the data read by the last :meth:`pages` were written (epoch seconds).

        Set by sources such as exports, which contain nothing that happened after they were written.
        None: the data are complete up to the time of reading.
        """
        ...

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """Yield everything after ``cursor`` (None: from the beginning), then stop.

        The same cursor gives the same records, so a page that was not stored is read again.
        Unusable entries are counted as rejected and do not raise. With ``since`` (epoch seconds)
        everything from that instant on is read again, whatever the cursor says. Raises SourceError
        if the system cannot be read; pages that were already yielded stay valid.
        """
        ...

    def look(self) -> Look:
        """Return what a look at its first records shows; without any, what its options say.

        Raises SourceError as :meth:`check`.
        """
        ...

    def check(self) -> str:
        """Return one line that describes what was found.

        Raises SourceError if the system cannot be read or its data cannot be used.
        """
        ...


class SourceOptions(Strict):
    """The keys that every source accepts, and what a source says of itself.

    The class variables describe the system to the rest of the program, which never checks which
    source it is dealing with. ``implementation``: the source's class as ``module:Class``, imported
    only by whoever polls. ``delivers``: tickets or calls; or queues, which are no records but the
    state of a telephone system at this moment (``Page.queues``). ``title``: the system's name in
    reports.
    ``settings_in_words``: descriptions, for readers of reports, of those of its own keys that
    affect what its records mean (``map`` and ``fields`` are described elsewhere). ``ACCESS``: the
    keys that only say how to reach the source and do not affect what its records mean.
    ``LOCAL``: it reads files of this machine. ``UNRECORDED``: what the system does not tell of any
    record. ``REMEDIES``: the key that makes it tell a fact which it does not tell as configured, as
    a path below the source.
    """

    implementation: ClassVar[str]
    delivers: ClassVar[Literal["tickets", "calls", "queues"]]
    title: ClassVar[Text]
    settings_in_words: ClassVar[Mapping[str, Text]] = {}
    ACCESS: ClassVar[frozenset[str]] = frozenset({"every"})
    LOCAL: ClassVar[bool] = False
    UNRECORDED: ClassVar[frozenset[Unrecorded]] = frozenset()
    REMEDIES: ClassVar[Mapping[Unrecorded, str]] = {}

    type: str
    every: Interval = 60
    map: dict[str, ValueMap] = {}

    def __init_subclass__(cls, **more: Any) -> None:
        """Add up ACCESS and ``settings_in_words``: every class declares its own part."""
        super().__init_subclass__(**more)
        said = [vars(each) for each in cls.__mro__]
        cls.ACCESS = frozenset().union(*(each.get("ACCESS", ()) for each in said))
        words = [each.get("settings_in_words", {}) for each in said]
        cls.settings_in_words = {name: each[name] for each in words[::-1] for name in each}

    def source(self, name: str, organizations: Sequence[str]) -> Source:
        """Create the source that these options configure, under its name in the configuration.

        ``organizations``: the configured ones. Raises SourceError if the options cannot be used.
        """
        source: Source = imported(self.implementation)(name, self, organizations)
        return source

    def allowance(self) -> Requests | None:
        """How many requests its server was sent and may be sent now; None if it is asked over no
        network, or was not asked yet."""
        return None

    @property
    def registers_later(self) -> bool:
        """Whether its tickets may be registered after the conversation that answered them."""
        return False

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        """What it does not tell of any ticket as it is configured."""
        return self.UNRECORDED

    def doubts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what these keys may say but probably do not mean: the path of a key, and why."""
        yield from ()
