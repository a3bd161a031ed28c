"""The contract of a ticket system: all that a new source writes.

A source is one file with two classes, and one line in ``sources.SOURCES``:

- its options, a :class:`~collector.sources.kit.options.TicketOptions` (over HTTP one of
  ``kit.web``): the keys of its configuration, its words for ours, and which facts it can give;
- the system, a class of one of three feeds, by how one learns what has changed there:

  ==================  ============================================  ==============================
  ``NumberedSystem``  its changes are numbered in one sequence       Request Tracker
  ``KeysetSystem``    its tickets can be asked by time of change     Zammad, Jira, TOPdesk, SQL
  ``ListedSystem``    neither: everything is read at every poll      django-helpdesk, files
  ==================  ============================================  ==============================

  Of the first, ``windows.WindowedSystem`` is for numbers that come in no order (iTop) and
  ``backwards.BackwardsSystem`` for logs that begin with their newest entry (GLPI); of the second
  ``undated.UndatedSystem`` for lists of ids without times (Znuny). ``single.SingleTickets`` beside
  a feed asks for tickets one by one.

A system only asks and translates: ``fetch`` returns a ticket's rows as a RawTicket, in the system's
own words. The kit does everything else: pages and cursors, overlaps and late commits, batches and
poisoned ids, value maps, history to facts (``lifecycle``), rejections and counts, budgets.

A good source has three layers: methods that ask (a few lines each); a pure function from one
ticket's rows to a RawTicket, over ``values``, ``history`` and ``columns``, that raises RejectedRow
for anything it cannot use; and nothing kept but what it needs. People, subjects and texts are
neither asked for nor returned; where the interface cannot leave them out, the pure function does
not look at them.

Errors: a system raises SourceError (HttpClient does it for HTTP; ``permanent`` where only another
configuration can help), never with anything of an answer in its text. RejectedRow is for one
ticket. Anything else is a bug.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

from collector.io.errors import SourceError
from collector.sources.kit.raw import (
    ChangedTicket,
    Event,
    Fetched,
    NotVisible,
    Position,
    RawTicket,
    Removed,
)


class Connection(Protocol):
    """An open way to a system, for one poll: an HttpClient, or what the source makes of one."""

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which the system's clock is ahead of ours; None if unknown."""

    @property
    def server_time(self) -> float | None:
        """The system's own time when it last answered (epoch seconds); None if unknown."""


C = TypeVar("C", bound=Connection)
S = TypeVar("S")
T = TypeVar("T")


def once_a_poll(ask: Callable[[S, C], T]) -> Callable[[S, C], T]:
    """Make a method of a system ask once for each connection, and then know the answer."""
    known: WeakKeyDictionary[C, T] = WeakKeyDictionary()

    @wraps(ask)
    def answer(system: S, connection: C) -> T:
        if connection not in known:
            known[connection] = ask(system, connection)
        return known[connection]

    return answer


class BatchError(SourceError):
    """The system answers, but not for all of these ids together, because of one of them.

    Raise it from ``fetch`` where a system fails a whole batch for one id; the kit then halves the
    batch. For HttpError with status 400, 404, 413, 414, 422 or 500, and for an answer that is too
    large, it does so by itself.
    """


class TicketSystem(ABC, Generic[C]):
    """What all ticket systems have in common. Created with its options, without any I/O.

    ``PAGE_TICKETS``: the most tickets that are fetched at once, which make a page of records.
    ``FEED_ROWS``: the rows of a feed that are asked for at once. ``SWEEP_IDS``: the ids that
    ``existing`` is asked for at once. ``ROOT``: the path below the address of a system over HTTP,
    with keys of its options in braces.
    """

    PAGE_TICKETS: ClassVar[int] = 50
    FEED_ROWS: ClassVar[int] = 100
    SWEEP_IDS: ClassVar[int] = 100
    ROOT: ClassVar[str] = ""

    options: Any
    may_be_empty = True
    """Whether ``allow_empty`` holds: only as long as no ticket of it is stored."""

    def __init__(self, options: Any) -> None:
        self.options = options

    def connect(self) -> AbstractContextManager[C]:
        """Return the connection for one poll; over HTTP that of WebOptions."""
        connection: AbstractContextManager[C] = self.options.client(
            self.ROOT.format_map(dict(self.options))
        )
        return connection

    @abstractmethod
    def check(self, connection: C) -> str:
        """Return one line that says what was found: version, what is visible, what is missing.

        Raises SourceError if the system cannot be read or its data cannot be used.
        """

    def require_scope(self, connection: C) -> None:
        """Raise SourceError if a part that the configuration names (a queue, a project) is not
        there for this user any more: its tickets would be missing unnoticed. Asked at each poll."""

    @abstractmethod
    def fetch(self, connection: C, ids: Sequence[str]) -> Iterable[Fetched]:
        """Yield what became of each of these tickets (at most PAGE_TICKETS), in any order.

        Each id gives a RawTicket; Removed, for one that is merged or deleted (``missing`` where it
        is only not found); NotVisible, for one that only lacks a right; Ignored, for what is no
        ticket of ours; or Rejected, for one whose rows cannot be used (``rejected(id, error)``
        makes it of a RejectedRow). An id may be left
        out: it is then taken for not visible. An answer may hold another ticket than was asked for
        (a merged one's target): compare its id.
        """

    def existing(self, connection: C, ids: Sequence[str]) -> set[str]:
        """Return those of these ids that are still tickets visible here, as cheaply as possible.

        A sweep asks it for stored tickets, at most SWEEP_IDS at once, and ``fetch`` for those that
        are missing. Merged and deleted ones are left out where that is known.
        """
        found = self.fetch(connection, ids)
        return {each.id for each in found if isinstance(each, RawTicket)}

    def finds(self, connection: C, number: str) -> bool:
        """Return whether the request that tells when a ticket is missing finds this one."""
        found = list(self.fetch(connection, [number]))
        return bool(found) and not any(isinstance(each, Removed | NotVisible) for each in found)


class KeysetSystem(TicketSystem[C]):
    """Tickets can be asked for by their time of change, in its order.

    The kit asks from ``OVERLAP`` seconds before the last change that it knows, for what is
    committed late, and remembers what it has read since then, so that a bulk update is listed
    again but not fetched again. ``OVERLAP``: longer where an index lags, and by an hour where times
    are local without an offset, since it comes twice in autumn (``TicketOptions.overlap``).
    """

    OVERLAP: int = 120

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.OVERLAP = max(self.OVERLAP, options.overlap)

    @abstractmethod
    def changed_tickets(
        self, connection: C, position: Position, size: int
    ) -> Sequence[ChangedTicket]:
        """Return the tickets that changed at ``position.at`` or later, the earliest first.

        At most ``size``, in the order of change, and of one second always in the same order
        (by id). Fewer only if there are no more: rows that the interface hides are made up for by
        asking on. ``position.skip`` (a multiple of ``size``) tickets of the first second are
        left out; an interface without offsets may ask for ids after ``position.last_id`` in that
        second instead. No upper limit of time, and no clock of ours.
        """


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far before the newest entry a numbered feed is read again, since an entry may get its
    number early and be committed late: so many ``ids``, and so many ``seconds`` by the system's
    own times, but at most ``most`` ids."""

    ids: int = 200
    seconds: int = 120
    most: int = 2000


class NumberedSystem(TicketSystem[C]):
    """Changes are numbered in one increasing sequence, and so are tickets.

    The first poll walks all tickets by id; every poll then follows the numbers. No clock and no
    time zone matters.
    """

    OVERLAP: ClassVar[Overlap] = Overlap()

    @abstractmethod
    def newest_event(self, connection: C, after: int) -> Event | None:
        """Return the visible entry with the highest number; None if there is none.

        ``after``: all up to this number are read already, so only higher ones matter.
        """

    @abstractmethod
    def events_after(self, connection: C, number: int) -> tuple[Sequence[Event], int]:
        """Return the first visible entries with higher numbers, and up to which they are all.

        That number is higher than ``number``, also if nothing is visible up to it (a window of
        numbers), and may be beyond the newest entry.
        """

    @abstractmethod
    def newest_ticket(self, connection: C, since: date | None = None) -> int | None:
        """Return the highest visible id of the tickets changed since a day, None without any."""

    @abstractmethod
    def tickets_after(
        self, connection: C, ticket: int, until: int, since: date | None = None
    ) -> Sequence[ChangedTicket]:
        """Return the first visible tickets above an id, at most PAGE_TICKETS or so, by id.

        Empty only if there are none up to the id ``until``. ``since``: only those changed on or
        after a day, which is a day early so that zones do not matter.
        """

    def check(self, connection: C) -> str:
        """See :class:`TicketSystem`: up to which number tickets are visible."""
        newest = self.newest_ticket(connection)
        found = "no ticket is" if newest is None else f"tickets up to number {newest} are"
        return f"{self.options.title.en}, {found} visible"

    def removed_since(self, connection: C, since: date) -> Iterator[Sequence[str]]:
        """Yield ids of tickets merged or deleted since a day that ``tickets_after`` omits."""
        yield from ()


class ListedSystem(TicketSystem[C]):
    """Every poll lists all tickets; the kit finds out which have changed since the last one."""

    SWEEP_IDS = 10**6

    @abstractmethod
    def all_tickets(self, connection: C, size: int) -> Iterator[Sequence[ChangedTicket]]:
        """Yield all visible tickets in pages of about this size; the order does not matter.

        They hold what was found, or else a time of change that is different after every change.
        """

    def existing(self, connection: C, ids: Sequence[str]) -> set[str]:
        lines = (line for page in self.all_tickets(connection, self.FEED_ROWS) for line in page)
        return set(ids) & {line.id for line in lines if not isinstance(line.found, Removed)}


_FEW, _SHARE = 3, 10


def is_plausible(gone: int, of: int) -> bool:
    """Return whether so many of a source's tickets can be gone at once; else a right was lost.

    More than three and one in ten are not, and neither are all of several.
    """
    return gone <= _FEW + of // _SHARE and not gone == of > 1
