"""Request Tracker 5 through its REST 2 interface, followed by the ids of its transactions.

Transactions are numbered, so the feed needs no clock and no time zone. The first poll walks all
tickets by id; every poll then reads the transactions after the cursor and fetches the tickets they
affect with their complete history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from collector.io.http import HttpClient, HttpError
from collector.model.page import Cursor, Page, RejectedRow
from collector.model.records import Gone, Status
from collector.sources.kit.batch import Batch
from collector.sources.kit.contract import Look, SourceOptions
from collector.sources.request_tracker.api import WINDOW, Api, Item
from collector.sources.request_tracker.cursor import FeedState, Walk
from collector.sources.request_tracker.options import RequestTrackerOptions
from collector.sources.request_tracker.rows import (
    CUSTOM,
    OWNER,
    Event,
    TicketRow,
    event_of,
    identity,
    instant,
    queue_ids,
    row_of,
)
from collector.sources.request_tracker.tickets import Translator, removed_at

PAGE_TICKETS = 50

_CHECKED_TICKETS = 50
"""How many of the newest tickets ``check`` looks at."""

OVERLAP_IDS = 200
OVERLAP_SECONDS = 120
OVERLAP_MOST_IDS = 2000
"""How far before the newest transaction the feed reads again, since a transaction may get its
number early and be committed late: this many ids, and this many seconds of the tracker's own times,
but at most OVERLAP_MOST_IDS ids."""

_DAY = 86400


class RequestTracker:
    """A Request Tracker 5. See :class:`~collector.sources.kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = RequestTrackerOptions

    def __init__(
        self, name: str, options: RequestTrackerOptions, organizations: Sequence[str] = ()
    ) -> None:
        self.name = name
        self.as_of = None  # its responses are always current
        self._options = options
        self._translate = Translator(name, options, organizations)

    def _client(self) -> HttpClient:
        return HttpClient(self._options.url, self._options.headers, ca_file=self._options.ca_file)

    def look(self) -> Look:
        """See :class:`~collector.sources.kit.contract.Source`."""
        return Look(self._options.unrecorded)

    def check(self) -> str:
        """Return the version, what is visible, and the custom fields and comments that are not.

        Raises SourceError if the tracker cannot be read.
        """
        with self._client() as http:
            api = Api(http, self._options)
            version, newest = api.version(), api.newest_ticket()
            if newest is None:
                return f"Request Tracker {version}, no ticket is visible to this user"
            first = max(1, newest - _CHECKED_TICKETS + 1)
            rows = api.tickets(str(number) for number in range(first, newest + 1))
            hidden = self._without_comments(api, rows)
        line = f"Request Tracker {version}, tickets visible up to number {newest}"
        listed = [custom for row in rows for custom in row.get("CustomFields") or ()]
        names = {CUSTOM + str(custom.get("name")) for custom in listed if isinstance(custom, dict)}
        custom = {name for name in self._options.fields.used() if name.startswith(CUSTOM)}
        if missing := sorted(custom - names):
            line += (
                f"; not visible on the newest tickets: {', '.join(missing)} (right SeeCustomField?)"
            )
        if hidden:
            line += f"; no comments visible in: {', '.join(hidden)} (right ShowTicketComments?)"
        return line

    def _without_comments(self, api: Api, rows: Sequence[Item]) -> Sequence[str]:
        """Return the queues of these tickets without visible comments, if comments are read."""
        if not self._options.comments:
            return ()
        queues = {str(identity(queue)): queue for row in rows if (queue := row.get("Queue"))}
        return sorted(
            str(queue.get("Name"))
            for number, queue in queues.items()
            if number.isdigit() and not api.shows_comments(number)
        )

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`.

        1. Without a cursor, note the position of the feed, then walk all tickets by id.
        2. With ``since``, walk the tickets updated since then and those merged or deleted. An
           existing cursor is kept meanwhile, so an interruption loses nothing.
        3. Follow the feed of transactions to the newest one.
        """
        day = None
        if since is not None:
            # the tracker reads dates in its own zone, which is not known: a day early
            day = datetime.fromtimestamp(since - _DAY, UTC).date().isoformat()
        state = None if cursor is None else FeedState.of(cursor)
        with self._client() as http:
            api = Api(http, self._options)
            if day is not None and state is not None:
                for page in self._reread(api, day, state.low):
                    yield replace(page, cursor=state.cursor())
            if state is None:
                state = self._beginning(api, day)
            yield from self._walk(api, state)
            yield from self._feed(api, state)

    def _beginning(self, api: Api, day: str | None) -> FeedState:
        low = max(0, (identity(api.newest_event()) or 0) - OVERLAP_IDS)
        walk = Walk(0, 0, day)
        walk.until = api.newest_ticket(walk.where) or 0
        return FeedState(low, walk=walk)

    def _reread(self, api: Api, day: str, low: int) -> Iterator[Page]:
        walk = Walk(0, 0, day)
        walk.until = api.newest_ticket(walk.where) or 0
        yield from self._walk(api, FeedState(low, walk=walk))
        for items in api.vanished(day):
            ids = {str(ticket) for item in items if (ticket := _ticket_of(item))}
            for chunk in _chunks(sorted(ids, key=int)):
                yield self._fetched(api, chunk).page({}, clock_skew=api.clock_skew)

    def _walk(self, api: Api, state: FeedState) -> Iterator[Page]:
        """Pages of tickets by id, up to the newest one there was when the walk began."""
        while (walk := state.walk) is not None:
            items = api.tickets_after(walk.after, walk.until, walk.where)
            batch = Batch()
            self._translated(api, items, batch)
            walk.after = max((identity(item) or 0 for item in items), default=walk.until)
            progress = walk.after / walk.until if walk.until else 1.0
            if walk.after >= walk.until:
                state.walk = None
            yield batch.page(state.cursor(), progress=progress, clock_skew=api.clock_skew)

    def _feed(self, api: Api, state: FeedState) -> Iterator[Page]:
        """Yield pages of the tickets affected by transactions after the cursor, and a last one."""
        newest = api.newest_event()
        end = Batch()
        if newest is not None:
            start, last = state.low, identity(newest) or 0
            end.saw(_time_of(newest))
            for touched, settled in self._touched(api, state, last, end):
                for chunk in _chunks(list(touched)):
                    batch = self._fetched(api, chunk)
                    state.seen.update(number for ticket in chunk for number in touched[ticket])
                    share = (settled - start) / max(1, last - start)
                    yield batch.page(state.cursor(), progress=share, clock_skew=api.clock_skew)
                state.low = settled
                state.seen = {number for number in state.seen if number > settled}
        yield end.page(state.cursor(), progress=1.0, clock_skew=api.clock_skew)

    def _touched(
        self, api: Api, state: FeedState, last: int, end: Batch
    ) -> Iterator[tuple[dict[str, list[int]], int]]:
        """Yield tickets with their unseen transactions, about a page's worth at a time.

        With them comes the id up to which no new transaction can appear once they are processed.
        """
        touched: dict[str, list[int]] = {}
        low = settled = state.low
        all_settled = True
        while low < last:
            items = api.window(low)
            low += WINDOW
            for item in items:
                number, ticket = identity(item), _ticket_of(item)
                if number is None or ticket is None:
                    self._reject_once(number, state, end)
                elif number not in state.seen:
                    touched.setdefault(str(ticket), []).append(number)
            all_settled = all_settled and _is_settled(low, last, items, end.newest_at)
            settled = low if all_settled else settled
            if len(touched) >= PAGE_TICKETS:
                yield touched, settled
                touched = {}
        yield touched, settled

    def _reject_once(self, number: int | None, state: FeedState, end: Batch) -> None:
        if number in state.seen:
            return
        if number is not None:
            state.seen.add(number)
        error = RejectedRow(
            "bad_field", "the transaction's id or ticket is missing or not a number"
        )
        end.reject(f"transaction {number or 'without id'}", error)

    def _fetched(self, api: Api, ids: Sequence[str]) -> Batch:
        """Return the tickets with these ids as they are now."""
        batch = Batch()
        items = api.tickets(ids)
        self._translated(api, items, batch)
        listed = {str(identity(item)) for item in items}
        if missing := [number for number in ids if number not in listed]:
            ends = _by_ticket(api.vanishings(missing))
            for number in missing:
                self._look_for(api, number, ends.get(number, ()), batch)
        return batch

    def _look_for(self, api: Api, number: str, ends: Sequence[Event], batch: Batch) -> None:
        """Add what became of a ticket that no search lists: merged, deleted or not a ticket.

        ``ends``: the transactions that merged or deleted it.
        """
        try:
            item = api.ticket(number)
        except HttpError as error:
            if error.status != 403:
                raise
            batch.ignored["not_visible"] += 1
            return
        if item is None or item.get("Status") == "deleted":
            batch.records.append(self._gone(number, Status.DELETED, ends))
        elif (shown := identity(item)) is None:
            damage = RejectedRow("bad_field", "the field id is missing or not a number")
            batch.reject(f"ticket {number}", damage)
        elif str(shown) != number:
            batch.records.append(self._gone(number, Status.MERGED, ends))
        else:
            batch.ignored["not_a_ticket"] += 1

    def _translated(self, api: Api, items: Sequence[Item], batch: Batch) -> None:
        """Add the records of these rows to ``batch``."""
        rows: list[TicketRow] = []
        for item in items:
            try:
                rows.append(row_of(item, self._options.fields.used()))
            except RejectedRow as error:
                batch.reject(f"ticket {identity(item) or 'without id'}", error)
        if not rows:
            return
        events: dict[str, list[Event]] = {row.id: [] for row in rows}
        damaged: dict[str, RejectedRow] = {}
        tracked = self._options.fields.tracked()
        custom = {n for row in rows for name, n in row.custom_ids.items() if name in tracked}
        for item in api.histories(events, custom):
            try:
                event = event_of(item)
                events[event.ticket].append(event)
            except RejectedRow as error:
                if (ticket := _ticket_of(item)) is None:
                    batch.reject(f"transaction {identity(item) or 'without id'}", error)
                damaged[str(ticket)] = error
            except KeyError:
                batch.ignored["unasked_transaction"] += 1
        for row in rows:
            try:
                if row.id in damaged:
                    raise damaged[row.id]
                self._add(api, row, events[row.id], batch)
            except RejectedRow as error:
                batch.reject(f"ticket {row.id}", error)

    def _add(self, api: Api, row: TicketRow, events: Sequence[Event], batch: Batch) -> None:
        batch.saw(row.opened_at)
        batch.saw(row.updated_at)
        queues = {number: api.queue_name(number) for number in queue_ids(events)}
        nobody = api.nobody() if any(event.field == OWNER for event in events) else ""
        if row.status == "deleted":
            batch.records.append(self._gone(row.id, Status.DELETED, events))
        elif self._options.queues and not (
            self._translate.teams(row, events, queues) & set(self._options.queues)
        ):
            batch.ignored["other_queue"] += 1
        else:
            batch.records.append(self._translate.ticket(row, events, queues, nobody))

    def _gone(self, number: str, mark: Status, ends: Sequence[Event]) -> Gone:
        return Gone(source=self.name, id=number, mark=mark, at=removed_at(ends, mark))


def _by_ticket(items: Iterable[Item]) -> dict[str, list[Event]]:
    """Return these transactions by ticket, without those that cannot be parsed."""
    found: dict[str, list[Event]] = {}
    for item in items:
        with suppress(RejectedRow):
            event = event_of(item)
            found.setdefault(event.ticket, []).append(event)
    return found


def _ticket_of(item: Item) -> int | None:
    return identity({"id": item.get("ObjectId")})


def _time_of(item: Item) -> int | None:
    try:
        return instant(item, "Created")
    except RejectedRow:
        return None


def _is_settled(high: int, last: int, items: Sequence[Item], newest_at: int | None) -> bool:
    """Return whether every transaction up to id ``high`` must have been committed by now."""
    if high <= last - OVERLAP_MOST_IDS:
        return True
    times = [time for item in items if (time := _time_of(item)) is not None]
    fresh = newest_at is not None and any(time > newest_at - OVERLAP_SECONDS for time in times)
    return high <= last - OVERLAP_IDS and not fresh


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PAGE_TICKETS):
        yield ids[start : start + PAGE_TICKETS]
