"""Follows tickets by their time of change, so that none is lost and few are read twice.

Five things make a cursor by time lose tickets, and each has its answer here:

- A change is committed late, dated before others that were seen: every drain begins ``OVERLAP``
  seconds before the cursor, and remembers which (ticket, time) it has read since then.
- A ticket changes while it is listed, and the rows behind it move up: every page begins anew at
  the time of the last row, never at an offset.
- More tickets share a second than fit on a page (a bulk update): that second is read with offsets,
  again and again, until two readings list the same tickets; only then does the cursor pass it.
- A ticket changes twice in one second, and is read in between: a change is only remembered as read
  once its second is over by the server's clock.
- A clock is wrong: the cursor never passes the server's own time, so a ticket dated in the future
  does not take it along; and it follows a server's clock that is set back.

What remains is left to the sweep: changes without a new time of change, and one that is committed
late in the same second as an earlier one of the same ticket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, ClassVar, Protocol, Self

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page
from collector.sources.kit.batch import Batch
from collector.sources.kit.raw import ChangedTicket, Position
from collector.sources.kit.visibility import refuse_nothing, require_tickets

_CLOCKS_DIFFER = 60
"""Seconds by which the clocks of one system's parts may differ."""
_MOST_READINGS = 20
"""How often a tied second is read before it is left to the next drain."""


@dataclass(slots=True)
class Seen:
    """The cursor: everything up to ``at`` (epoch seconds) is read, and the latest of it is listed.

    ``tickets``: when each ticket last changed that was read since the overlap began.
    """

    at: int
    tickets: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """Read a cursor. Raises SourceError if it was not written by :meth:`cursor`."""
        try:
            return cls(
                at=int(cursor["at"]),
                tickets={
                    str(number): int(at) for at, ids in cursor["seen"].items() for number in ids
                },
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(
                "the stored cursor cannot be read; run poll --since to read again", permanent=True
            ) from None

    def cursor(self, overlap: int) -> Cursor:
        """Return the state as a JSON object, without what lies before the overlap."""
        self.tickets = {n: at for n, at in self.tickets.items() if at >= self.at - overlap}
        seen: dict[str, list[str]] = {}
        for number, at in self.tickets.items():
            seen.setdefault(str(at), []).append(number)
        return {"at": self.at, "seen": seen}

    def is_new(self, line: ChangedTicket) -> bool:
        """Return whether this change was not read yet."""
        return self.tickets.get(line.id) != line.at

    def add(self, lines: Sequence[ChangedTicket]) -> None:
        """Remember that these changes are read; of one ticket the last one listed counts."""
        self.tickets.update((line.id, line.at) for line in lines)


class Feed(Protocol):
    """What is walked: a KeysetSystem, or the calls of a source that is asked in the same way."""

    OVERLAP: int
    FEED_ROWS: ClassVar[int]
    PAGE_TICKETS: ClassVar[int]

    def changed_tickets(
        self, connection: Any, position: Position, size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.system.KeysetSystem`."""


class LineReader(Protocol):
    """Makes records of lines: a :class:`~collector.sources.kit.reading.Reader`."""

    @property
    def clock_skew(self) -> float | None:
        """See :class:`~collector.sources.kit.system.Connection`."""

    @property
    def server_time(self) -> int | None:
        """See :class:`~collector.sources.kit.system.Connection`."""

    def batch(self, lines: Sequence[ChangedTicket]) -> Batch:
        """Return the records of these lines."""


class KeysetWalk:
    """One drain of a feed."""

    def __init__(self, system: Feed, connection: Any, reader: LineReader) -> None:
        self._system = system
        self._connection = connection
        self._reader = reader

    def pages(self, cursor: Cursor | None, since: int | None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`.

        With ``since``, everything changed since then is read again; an existing cursor is kept
        meanwhile, so an interruption loses nothing.
        """
        if cursor is None:
            yield from self._walk(Seen(since or 0), since or 0)
            return
        state = Seen.of(cursor)
        if since is not None:
            again = Seen(min(since, state.at))
            for page in self._walk(again, again.at):
                yield replace(page, cursor=cursor)
            state = again
        yield from self._walk(state, max(0, state.at - self._system.OVERLAP))

    def _walk(self, state: Seen, at: int) -> Iterator[Page]:
        """Yield pages of what changed at or after an instant, and a last one."""
        begin, newest = at, state.at
        while True:
            lines = self._ask(Position(at))
            more = len(lines) >= self._system.FEED_ROWS
            highest = max((line.at for line in lines), default=at)
            tied = more and highest <= at
            newest = max(newest, highest)
            if tied:
                yield from self._tie(state, lines, at, begin)
                at += 1
                continue
            yield from self._read(state, lines, highest, begin)
            if not lines and at == begin:
                self._require_tickets(asked_all=at == 0)
            if not more:
                break
            at = highest
        time = self._reader.server_time
        state.at = newest if time is None else min(newest, time)
        end = Batch()
        end.saw(state.at or None)
        skew = self._reader.clock_skew
        yield end.page(state.cursor(self._system.OVERLAP), progress=1.0, clock_skew=skew)

    def _require_tickets(self, *, asked_all: bool) -> None:
        if asked_all:
            refuse_nothing(self._system)
        else:
            require_tickets(self._system, self._connection)

    def _tie(
        self, state: Seen, first: Sequence[ChangedTicket], at: int, begin: int
    ) -> Iterator[Page]:
        """Yield pages of a second that is larger than a page, read until it is stable.

        ``first``: its first page. Two readings in a row must list the same tickets; those of
        earlier drains count as one.
        """
        before = {number for number, changed in state.tickets.items() if changed == at}
        for _ in range(_MOST_READINGS):
            tied: set[str] = set()
            lines, own, skip = first, first, 0
            while True:
                tied.update(line.id for line in own)
                yield from self._read(state, own, at, begin)
                if len(lines) < self._system.FEED_ROWS or len(own) < len(lines):
                    break
                skip += len(lines)
                lines = self._ask(Position(at, skip, lines[-1].id))
                own = [line for line in lines if line.at <= at]
            if tied == before:
                return
            before = tied
            first = [line for line in self._ask(Position(at)) if line.at <= at]
        raise SourceError("tickets of one second keep moving; the next poll will try again")

    def _ask(self, position: Position) -> Sequence[ChangedTicket]:
        """Return a page of the feed. Raises SourceError if it is not in the order of change."""
        lines = self._system.changed_tickets(self._connection, position, self._system.FEED_ROWS)
        if any(line.at > following.at for line, following in pairwise(lines)):
            raise SourceError("tickets are not listed in the order of their changes")
        return lines

    def _read(
        self, state: Seen, lines: Sequence[ChangedTicket], upto: int, begin: int
    ) -> Iterator[Page]:
        """Yield pages of those of these changes that are new. The cursor does not pass ``upto``."""
        fresh = [line for line in lines if state.is_new(line)]
        size = self._system.PAGE_TICKETS
        for start in range(0, len(fresh), size):
            chunk = fresh[start : start + size]
            asked = self._reader.server_time
            batch = self._reader.batch(chunk)
            state.add([line for line in chunk if not _may_change_again(line, asked)])
            reached = min(upto, chunk[-1].at)
            time = self._reader.server_time
            state.at = max(state.at, reached if time is None else min(reached, time))
            share = None if time is None else (reached - begin) / max(1, time - begin)
            cursor = state.cursor(self._system.OVERLAP)
            yield batch.page(cursor, progress=share, clock_skew=self._reader.clock_skew)


def _may_change_again(line: ChangedTicket, now: int | None) -> bool:
    """Return whether a ticket's second was not over when it was read, by the server's time.

    That of a date far ahead, which a clock was wrong for, is never over.
    """
    return now is not None and now <= line.at <= now + _CLOCKS_DIFFER
