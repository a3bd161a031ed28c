"""A ticket system as a Source: which walk follows it, and what the program asks of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from collector.io.errors import SourceError
from collector.io.http import BudgetSpent
from collector.model.page import Cursor, Page, RejectedRow
from collector.sources.kit.contract import Look, SourceOptions
from collector.sources.kit.keyset import KeysetWalk
from collector.sources.kit.listing import ListingWalk
from collector.sources.kit.numbered import NumberedWalk
from collector.sources.kit.reading import Reader
from collector.sources.kit.system import KeysetSystem, NumberedSystem, TicketOptions


class TicketSource:
    """One configured ticket system. See :class:`~collector.sources.kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = TicketOptions

    def __init__(
        self, name: str, options: TicketOptions, system: Any, organizations: Sequence[str]
    ) -> None:
        self.name = name
        self.as_of: int | None = None  # a system's answers are always current
        self.system = system
        self._options = options
        self._mapper = options.mapper(organizations)

    def look(self) -> Look:
        """See :class:`~collector.sources.kit.contract.Source`."""
        return Look(self._options.unrecorded)

    def check(self) -> str:
        """See :class:`~collector.sources.kit.contract.Source`."""
        with _as_documented(), self.system.connect() as connection:
            line: str = self.system.check(connection)
        return line

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`.

        Where no more requests may be sent for now, the pages end early, and the last one says so;
        if not even one could be read, BudgetSpent is raised.
        """
        last: Page | None = None
        with _as_documented(), self.system.connect() as connection:
            try:
                for page in self._walk(connection).pages(cursor, since):
                    last = page
                    yield page
            except BudgetSpent:
                if last is None:
                    raise
                yield Page(records=(), cursor=last.cursor, more=True)

    def _walk(self, connection: Any) -> NumberedWalk | KeysetWalk | ListingWalk:
        unrecorded = self._options.unrecorded
        reader = Reader(self.name, self.system, connection, self._mapper, unrecorded)
        match self.system:
            case NumberedSystem() as system:
                return NumberedWalk(system, connection, reader)
            case KeysetSystem() as system:
                return KeysetWalk(system, connection, reader)
            case system:
                words = {name: sorted(m.items()) for name, m in self._options.words().items()}
                return ListingWalk(system, connection, reader, repr(sorted(words.items())))


@contextmanager
def _as_documented() -> Iterator[None]:
    """Raise SourceError where an answer about more than one ticket cannot be used."""
    try:
        yield
    except RejectedRow as error:
        raise SourceError(f"an answer is not as it should be: {error}") from None
