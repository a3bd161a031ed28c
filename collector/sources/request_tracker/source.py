"""Request Tracker 5 through its REST 2 interface, followed by the ids of its transactions.

Transactions are numbered, so the feed needs no clock and no time zone. A ticket is fetched with its
complete history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date

from collector.io.http import HttpError
from collector.model.page import Rejected, RejectedRow
from collector.model.records import Status
from collector.sources.kit.raw import (
    ChangedTicket,
    Fetched,
    Ignored,
    NotVisible,
    Removed,
)
from collector.sources.kit.raw import (
    Event as FeedEvent,
)
from collector.sources.kit.system import NumberedSystem
from collector.sources.kit.values import rejected
from collector.sources.request_tracker.api import WINDOW, Api, Item
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

_CHECKED_TICKETS = 50
"""How many of the newest tickets ``check`` looks at."""

Line = tuple[str, Fetched]
"""A ticket's id, empty if it has none, and what was found."""


class RequestTracker(NumberedSystem[Api]):
    """A Request Tracker 5. See :class:`~collector.sources.kit.system.NumberedSystem`."""

    def __init__(self, options: RequestTrackerOptions) -> None:
        self.options = options
        self._translate = Translator(options)

    @contextmanager
    def connect(self) -> Iterator[Api]:
        with self.options.client() as http:
            yield Api(http, self.options)

    def check(self, connection: Api) -> str:
        """Return the version, what is visible, and the custom fields and comments that are not.

        Raises SourceError if the tracker cannot be read.
        """
        version, newest = connection.version(), connection.newest_ticket()
        if newest is None:
            return f"Request Tracker {version}, no ticket is visible to this user"
        first = max(1, newest - _CHECKED_TICKETS + 1)
        rows = connection.tickets(str(number) for number in range(first, newest + 1))
        hidden = self._without_comments(connection, rows)
        line = f"Request Tracker {version}, tickets visible up to number {newest}"
        listed = [custom for row in rows for custom in row.get("CustomFields") or ()]
        names = {CUSTOM + str(custom.get("name")) for custom in listed if isinstance(custom, dict)}
        custom = {name for name in self.options.fields.used() if name.startswith(CUSTOM)}
        if missing := sorted(custom - names):
            line += (
                f"; not visible on the newest tickets: {', '.join(missing)} (right SeeCustomField?)"
            )
        if hidden:
            line += f"; no comments visible in: {', '.join(hidden)} (right ShowTicketComments?)"
        return line

    def require_scope(self, connection: Api) -> None:
        """See :class:`~collector.sources.kit.system.TicketSystem`: the queues."""
        connection.require_queues(self.options.queues)

    def _without_comments(self, api: Api, rows: Sequence[Item]) -> Sequence[str]:
        """Return the queues of these tickets without visible comments, if comments are read."""
        if not self.options.comments:
            return ()
        queues = {str(identity(queue)): queue for row in rows if (queue := row.get("Queue"))}
        return sorted(
            str(queue.get("Name"))
            for number, queue in queues.items()
            if number.isdigit() and not api.shows_comments(number)
        )

    def newest_event(self, connection: Api, after: int) -> FeedEvent | None:
        item = connection.newest_event()
        return None if item is None else _line_of(item)

    def events_after(self, connection: Api, number: int) -> tuple[Sequence[FeedEvent], int]:
        return [_line_of(item) for item in connection.window(number)], number + WINDOW

    def newest_ticket(self, connection: Api, since: date | None = None) -> int | None:
        return connection.newest_ticket(_changed(since))

    def tickets_after(
        self, connection: Api, ticket: int, until: int, since: date | None = None
    ) -> Sequence[ChangedTicket]:
        items = connection.tickets_after(ticket, until, _changed(since))
        lines = self._translated(connection, items)
        return [ChangedTicket(number, found=found) for number, found in lines]

    def removed_since(self, connection: Api, since: date) -> Iterator[Sequence[str]]:
        for items in connection.vanished(since.isoformat()):
            yield [str(ticket) for item in items if (ticket := _ticket_of(item))]

    def existing(self, connection: Api, ids: Sequence[str]) -> set[str]:
        return {str(identity(item)) for item in connection.tickets(ids)}

    def fetch(self, connection: Api, ids: Sequence[str]) -> Iterator[Fetched]:
        items = connection.tickets(ids)
        yield from (found for _, found in self._translated(connection, items))
        listed = {str(identity(item)) for item in items}
        if missing := [number for number in ids if number not in listed]:
            ends = _by_ticket(connection.vanishings(missing))
            for number in missing:
                yield _look_for(connection, number, ends.get(number, ()))

    def finds(self, connection: Api, number: str) -> bool:
        """See :class:`~collector.sources.kit.system.TicketSystem`: no search tells it."""
        return connection.ticket(number) is not None

    def _translated(self, api: Api, items: Sequence[Item]) -> Iterator[Line]:
        """Yield what these rows are, with their histories."""
        rows: list[TicketRow] = []
        for item in items:
            number = str(identity(item) or "")
            try:
                rows.append(row_of(item, self.options.fields.used()))
            except RejectedRow as error:
                yield number, rejected(number, error)
        if not rows:
            return
        events: dict[str, list[Event]] = {row.id: [] for row in rows}
        damaged: dict[str, RejectedRow] = {}
        tracked = self.options.fields.tracked()
        custom = {n for row in rows for name, n in row.custom_ids.items() if name in tracked}
        for item in api.histories(events, custom):
            try:
                event = event_of(item)
                events[event.ticket].append(event)
            except RejectedRow as error:
                if (ticket := _ticket_of(item)) is None:
                    where = f"transaction {identity(item) or 'without id'}"
                    yield "", Rejected(error.reason, where, str(error))
                damaged[str(ticket)] = error
            except KeyError:
                yield "", Ignored("", "unasked_transaction")
        for row in rows:
            try:
                if row.id in damaged:
                    raise damaged[row.id]
                yield row.id, self._ticket(api, row, events[row.id])
            except RejectedRow as error:
                yield row.id, rejected(row.id, error)

    def _ticket(self, api: Api, row: TicketRow, events: Sequence[Event]) -> Fetched:
        if row.status == "deleted":
            return _removed(row.id, Status.DELETED, events)
        queues = {number: api.queue_name(number) for number in queue_ids(events)}
        if self.options.queues and not (
            self._translate.teams(row, events, queues) & set(self.options.queues)
        ):
            return Ignored(row.id, "other_queue")
        nobody = api.nobody() if any(event.field == OWNER for event in events) else ""
        return self._translate.ticket(row, events, queues, nobody)


def _look_for(api: Api, number: str, ends: Sequence[Event]) -> Fetched:
    """Return what became of a ticket that no search lists: merged, deleted or not a ticket.

    ``ends``: the transactions that merged or deleted it.
    """
    try:
        item = api.ticket(number)
    except HttpError as error:
        if error.status != 403:
            raise
        return NotVisible(number)
    if item is None:
        return Removed(number, Status.DELETED, removed_at(ends, Status.DELETED), missing=True)
    if item.get("Status") == "deleted":
        return _removed(number, Status.DELETED, ends)
    shown = identity(item)
    if shown is None:
        damage = RejectedRow("bad_field", "the field id is missing or not a number")
        return rejected(number, damage)
    if str(shown) != number:
        return _removed(number, Status.MERGED, ends)
    return Ignored(number, "not_a_ticket")


def _removed(number: str, mark: Status, ends: Sequence[Event]) -> Removed:
    return Removed(number, mark, removed_at(ends, mark))


def _changed(since: date | None) -> str:
    """Return the condition of a query for tickets changed since a day."""
    return f"LastUpdated >= '{since.isoformat()}'" if since else ""


def _line_of(item: Item) -> FeedEvent:
    ticket = _ticket_of(item)
    number = None if ticket is None else str(ticket)
    return FeedEvent(identity(item), number, _time_of(item))


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
