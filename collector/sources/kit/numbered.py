"""Follows a numbered feed: the first walk over all tickets by id, then the entries by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Self

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, Rejected
from collector.sources.kit.batch import Batch
from collector.sources.kit.raw import ChangedTicket, Event
from collector.sources.kit.reading import Reader
from collector.sources.kit.system import NumberedSystem, Overlap
from collector.sources.kit.visibility import require_progress, require_tickets

_DAY = 86400


@dataclass(slots=True)
class Walk:
    """A walk by id over all tickets, or those changed since ``day`` (ISO date).

    Done up to id ``after``; it ends at id ``until``.
    """

    after: int
    until: int
    day: str | None = None

    @property
    def since(self) -> date | None:
        """The day. It was set one day early, since the system's time zone is not known."""
        return date.fromisoformat(self.day) if self.day else None


@dataclass(slots=True)
class FeedState:
    """The cursor: an unfinished walk, if any, and the position in the feed.

    All entries up to number ``low`` are processed, and of those above it the ``seen`` ones.
    """

    low: int
    seen: set[int] = field(default_factory=set)
    walk: Walk | None = None

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """Read a cursor. Raises SourceError if it was not written by :meth:`cursor`."""
        try:
            walk = cursor.get("walk")
            return cls(
                low=int(cursor["low"]),
                seen={int(number) for number in cursor["seen"]},
                walk=Walk(int(walk["after"]), int(walk["until"]), walk["day"]) if walk else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(
                "the stored cursor cannot be read; run poll --since to read again", permanent=True
            ) from None

    def cursor(self) -> Cursor:
        """Return the state as a JSON object."""
        cursor: dict[str, Any] = {"low": self.low, "seen": sorted(self.seen)}
        if self.walk:
            walk = self.walk
            cursor["walk"] = {"after": walk.after, "until": walk.until, "day": walk.day}
        return cursor


class NumberedWalk:
    """One drain of a NumberedSystem."""

    def __init__(self, system: NumberedSystem[Any], connection: Any, reader: Reader) -> None:
        self._system = system
        self._connection = connection
        self._reader = reader

    def pages(self, cursor: Cursor | None, since: int | None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`.

        1. Without a cursor, note the position of the feed, then walk all tickets by id.
        2. With ``since``, walk the tickets changed since then and those merged or deleted. An
           existing cursor is kept meanwhile, so an interruption loses nothing.
        3. Follow the feed to its newest entry.
        """
        day = None if since is None else datetime.fromtimestamp(since - _DAY, UTC).date()
        state = None if cursor is None else FeedState.of(cursor)
        if day is not None and state is not None:
            for page in self._reread(day, state.low):
                yield replace(page, cursor=state.cursor())
        if state is None:
            require_tickets(self._system, self._connection)
            newest = self._system.newest_event(self._connection, 0)
            number = (newest and newest.number) or 0
            state = FeedState(max(0, number - self._system.OVERLAP.ids), walk=self._begun(day))
        yield from self._walk(state)
        yield from self._feed(state)

    def _begun(self, day: date | None) -> Walk:
        until = self._system.newest_ticket(self._connection, day) or 0
        return Walk(0, until, day.isoformat() if day else None)

    def _reread(self, day: date, low: int) -> Iterator[Page]:
        yield from self._walk(FeedState(low, walk=self._begun(day)))
        for ids in self._system.removed_since(self._connection, day):
            for chunk in self._chunks(sorted(set(ids), key=int)):
                batch = self._reader.batch(ChangedTicket(number) for number in chunk)
                yield batch.page({}, clock_skew=self._reader.clock_skew)

    def _walk(self, state: FeedState) -> Iterator[Page]:
        """Pages of tickets by id, up to the newest one there was when the walk began."""
        while (walk := state.walk) is not None:
            lines = self._system.tickets_after(self._connection, walk.after, walk.until, walk.since)
            batch = self._reader.batch(lines)
            ids = (int(line.id) for line in lines if line.id.isascii() and line.id.isdigit())
            after = max(ids, default=walk.until)
            if after <= walk.after and walk.after < walk.until:
                raise SourceError("tickets are not listed in the order of their ids")
            walk.after = after
            progress = walk.after / walk.until if walk.until else 1.0
            if walk.after >= walk.until:
                state.walk = None
            skew = self._reader.clock_skew
            yield batch.page(state.cursor(), progress=progress, clock_skew=skew)

    def _feed(self, state: FeedState) -> Iterator[Page]:
        """Yield pages of the tickets named by entries after the cursor, and a last one."""
        newest = self._system.newest_event(self._connection, state.low)
        end = Batch()
        require_progress(None if newest is None else newest.number, state.low)
        if newest is None:
            require_tickets(self._system, self._connection)
        else:
            start, last = state.low, newest.number or 0
            end.saw(newest.at)
            for touched, settled in self._touched(state, last, end):
                for chunk in self._chunks(list(touched)):
                    batch = self._reader.batch(ChangedTicket(number) for number in chunk)
                    state.seen.update(number for ticket in chunk for number in touched[ticket])
                    share = (settled - start) / max(1, last - start)
                    skew = self._reader.clock_skew
                    yield batch.page(state.cursor(), progress=share, clock_skew=skew)
                state.low = settled
                state.seen = {number for number in state.seen if number > settled}
        yield end.page(state.cursor(), progress=1.0, clock_skew=self._reader.clock_skew)

    def _touched(
        self, state: FeedState, last: int, end: Batch
    ) -> Iterator[tuple[dict[str, list[int]], int]]:
        """Yield tickets with their unseen entries, about a page's worth at a time.

        With them comes the number up to which no new entry can appear once they are processed.
        """
        overlap = self._system.OVERLAP
        touched: dict[str, list[int]] = {}
        low = settled = state.low
        all_settled = True
        while low < last:
            events, high = self._system.events_after(self._connection, low)
            if high <= low:
                raise SourceError("the feed does not go forward: numbers are missing or ignored")
            low = high
            for event in events:
                if event.number is None or event.ticket is None:
                    _reject_once(event.number, state, end)
                elif event.number not in state.seen:
                    touched.setdefault(event.ticket, []).append(event.number)
            all_settled = all_settled and _is_settled(low, last, events, end.newest_at, overlap)
            settled = low if all_settled else settled
            if len(touched) >= self._system.PAGE_TICKETS:
                yield touched, settled
                touched = {}
        yield touched, settled

    def _chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        for start in range(0, len(ids), self._system.PAGE_TICKETS):
            yield ids[start : start + self._system.PAGE_TICKETS]


def _reject_once(number: int | None, state: FeedState, end: Batch) -> None:
    if number in state.seen:
        return
    if number is not None:
        state.seen.add(number)
    message = "the transaction's id or ticket is missing or not a number"
    end.rejected.append(Rejected("bad_field", f"transaction {number or 'without id'}", message))


def _is_settled(
    high: int, last: int, events: Sequence[Event], newest_at: int | None, overlap: Overlap
) -> bool:
    """Return whether every entry up to number ``high`` must have been committed by now."""
    if high <= last - overlap.most:
        return True
    times = [event.at for event in events if event.at is not None]
    fresh = newest_at is not None and any(at > newest_at - overlap.seconds for at in times)
    return high <= last - overlap.ids and not fresh
