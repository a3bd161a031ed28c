"""A ticket system as a Source: which walk follows it, and what the program asks of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from collector.io.errors import SourceError
from collector.io.http import BudgetSpent
from collector.model.page import Cursor, Page, RejectedRow
from collector.sources.kit.contract import Look, SourceOptions
from collector.sources.kit.keyset import KeysetWalk
from collector.sources.kit.listing import ListingWalk
from collector.sources.kit.numbered import NumberedWalk
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.raw import ChangedTicket
from collector.sources.kit.reading import Reader
from collector.sources.kit.sweep import DAY, StoreView, Sweep, SweepStep
from collector.sources.kit.system import KeysetSystem, NumberedSystem
from collector.sources.kit.unreadable import Unreadable
from collector.sources.kit.visibility import require_tickets


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
        return Look(self._options.unrecorded)

    def expect_tickets(self) -> None:
        """Take it for an error if no ticket is visible, whatever ``allow_empty`` says.

        To be called once tickets of this source are stored: it is no new desk any more.
        """
        self.system.may_be_empty = False

    def check(self) -> str:
        with _as_documented(), self.system.connect() as connection:
            self.system.require_scope(connection)
            line: str = self.system.check(connection)
            require_tickets(self.system, connection)
        return line

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`.

        Where no more requests may be sent for now, the pages end early, and the last one says so;
        if not even one could be read, BudgetSpent is raised. Tickets for which the system failed
        are asked for again, see ``kit.unreadable``.
        """
        last: Page | None = None
        waiting = Unreadable(cursor)
        with _as_documented(), self.system.connect() as connection:
            try:
                self.system.require_scope(connection)
                reader = self._reader(connection)
                for page in self._walk(connection, reader).pages(cursor, since):
                    last = waiting.noted(page, reader.server_time)
                    yield last
                due, size = waiting.due(reader.server_time), self.system.PAGE_TICKETS
                while due and last is not None:
                    some, due = due[:size], due[size:]
                    batch = reader.batch(ChangedTicket(number) for number in some)
                    again = batch.page(last.cursor, clock_skew=reader.clock_skew)
                    last = waiting.noted(again, reader.server_time, some)
                    yield last
            except BudgetSpent:
                if last is None:
                    raise
                yield Page(records=(), cursor=last.cursor, more=True)

    def sweep(
        self, view: StoreView, position: Cursor | None, now: int, *, accept: bool = False
    ) -> Iterator[SweepStep]:
        """Yield the steps of a sweep, from a position on (None: a new one).

        Where no more requests may be sent for now, they end early, without one that is finished.
        ``now``: epoch seconds. Raises TooManyGone if so many tickets are gone at once that this is
        hardly true, unless ``accept``; and SourceError as :meth:`pages`.
        """
        window = self._options.reconcile.days * DAY
        with _as_documented(), self.system.connect() as connection, suppress(BudgetSpent):
            sweep = Sweep(self.system, connection, self._reader(connection))
            yield from sweep.steps(view, window, position, now, accept=accept)

    def is_scarce(self) -> bool:
        """Return whether few requests are left, so that what can wait should."""
        return self._options.is_scarce()

    def tickets(self, ids: Sequence[str], cursor: Cursor) -> Iterator[Page]:
        """Yield these tickets as they are now, under a cursor that does not move.

        Raises SourceError if the system cannot be read, BudgetSpent if it may not be asked now.
        """
        size = self.system.PAGE_TICKETS
        with _as_documented(), self.system.connect() as connection:
            reader = self._reader(connection)
            for start in range(0, len(ids), size):
                lines = [ChangedTicket(number) for number in ids[start : start + size]]
                yield reader.batch(lines).page(cursor, clock_skew=reader.clock_skew)

    def _reader(self, connection: Any) -> Reader:
        unrecorded = self._options.unrecorded
        return Reader(self.name, self.system, connection, self._mapper, unrecorded)

    def _walk(self, connection: Any, reader: Reader) -> NumberedWalk | KeysetWalk | ListingWalk:
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
