"""What every source has in common: its options, its pages, its errors, and the value maps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import BeforeValidator

from collector.records import Record
from collector.values import Interval, Strict

Cursor = Mapping[str, Any]
"""Where a source continues; JSON-able, written by the source, understood by it alone."""

DEFAULT = "default"

MOST_REJECTED = 0.05
"""The share of rejected records above which a poll fails: more likely a wrong map than bad rows."""


class SourceError(Exception):
    """A source could not be read.

    ``permanent``: trying again without a change of configuration or rights is of no use. The text
    is for people and holds neither secrets nor anything a response said.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class RejectedRow(Exception):
    """One record that cannot be used. ``reason`` is a short word for counting."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected record for the poll log: ``where`` is a file and line or a ticket's id."""

    reason: str
    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records that are stored together with the cursor that stands behind them.

    ``newest_at``: the latest instant the source's own records carry. ``clock_skew``: seconds that
    the source's clock is ahead of ours, where the source tells its clock. ``progress``: the share
    of the present drain that is done, 0 to 1, where it can be known. ``ignored``: counts of
    well-formed entries that mean nothing to us, by a short word (``unknown_event``). ``whole``:
    (rejected, all) rows of the whole drain, where the source reads all there is and not what is
    new; known before the first page, so the share of wrong rows can be judged at once.
    """

    records: Sequence[Record]
    cursor: Cursor
    rejected: Sequence[Rejected] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    newest_at: int | None = None
    clock_skew: float | None = None
    progress: float | None = None
    whole: tuple[int, int] | None = None


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


def _text_keys(value: object) -> object:
    """YAML reads ``100: urgent`` as a number and ``yes: x`` as a bool; sources deliver text."""
    if isinstance(value, dict):
        return {str(k).lower() if isinstance(k, bool) else str(k): v for k, v in value.items()}
    return value


ValueMap = Annotated[dict[str, str], BeforeValidator(_text_keys)]


class SourceOptions(Strict):
    """The keys that every source takes.

    ``ACCESS``: those which only say how the source is reached, and not what its records mean.
    """

    ACCESS: ClassVar[frozenset[str]] = frozenset({"every"})

    type: str
    every: Interval = 60
    map: dict[str, ValueMap] = {}


class Mapper:
    """Translates a source's own values to ours, field by field, as ``map:`` says.

    A value stands for itself when its field has no map, or when it already is one of ours (a
    target of the map, or a configured organization). Otherwise the map's ``default`` is taken.
    Without one a missing value is absent, and an unmapped value raises RejectedRow.
    """

    def __init__(self, maps: Mapping[str, Mapping[str, str]], organizations: Sequence[str]) -> None:
        self._maps = maps
        self._ours = {name: frozenset(m.values()) for name, m in maps.items()}
        self._organizations = frozenset(organizations)

    def __call__(self, name: str, value: str | None) -> str | None:
        """Our value of field ``name`` for the source's ``value`` (stripped; empty is missing)."""
        value = value.strip() if value else None
        table = self._maps.get(name)
        if value and table and value in table and value != DEFAULT:
            return table[value]
        if value and self._is_ours(name, value):
            return value
        if table and DEFAULT in table:
            return table[DEFAULT]
        if not value:
            return None
        raise RejectedRow(
            f"unmapped_{name}",
            f"{name} {value!r} is not mapped: add it (or a default) under map.{name}",
        )

    def _is_ours(self, name: str, value: str) -> bool:
        if name == "organization":
            return value in self._organizations or not self._organizations
        return name not in self._maps or value in self._ours[name]
