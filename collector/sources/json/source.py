"""Tickets of a REST interface that has no source of its own.

Nothing about it is known but what the configuration says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice

from collector.io.errors import SourceError
from collector.io.http import HttpError
from collector.model.fields import Strict
from collector.model.page import RejectedRow
from collector.sources.json.feed import Followed
from collector.sources.json.options import JsonOptions
from collector.sources.json.requests import Request
from collector.sources.json.walk import Visit
from collector.sources.kit.looking import faults
from collector.sources.kit.raw import (
    ChangedTicket,
    Fetched,
    NotVisible,
    RawTicket,
    Removed,
)
from collector.sources.kit.system import BatchError, KeysetSystem, ListedSystem, TicketSystem
from collector.sources.kit.values import rejected
from collector.sources.mapped.rows import Document, Json, RowMapper

_LOOKED_AT = 100
_HISTORIES = 5
"""How many tickets ``check`` looks at, and of how many it asks for the history."""


class _JsonSystem(TicketSystem[Visit]):
    """What both ways of reading tickets have in common."""

    def __init__(self, options: JsonOptions) -> None:
        self.options = options

    @contextmanager
    def connect(self) -> Iterator[Visit]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        with self.options.client() as http:
            yield Visit(http, self.options, RowMapper(self.options))

    def check(self, connection: Visit) -> str:
        """Return what the first tickets look like, the first fault, and what matches nothing."""
        rows = list(islice(connection.listed(), _LOOKED_AT))
        asks = len(self.options.requests())
        looked = rows[:_HISTORIES] if asks else rows
        found = [connection.rows.ticket(row, self._documents(connection)) for row in looked]
        found += [connection.rows.ticket(row, no_history) for row in rows[len(looked) :]]
        tickets = [each for each in found if isinstance(each, RawTicket)]
        more = " or more" if len(rows) == _LOOKED_AT else ""
        line = f"{len(rows)}{more} tickets"
        histories = f" of the first {len(looked)}" if asks else ""
        if self.options.changes:
            line += f", {sum(len(each.changes) for each in tickets)} changes{histories}"
        if self.options.acts:
            line += f", {sum(len(each.actions) for each in tickets)} acts{histories}"
        line += faults(found, self.options)
        if self.options.fields.changed_at is not None:
            for row in rows:
                with suppress(RejectedRow):
                    connection.rows.changed_at(row)
        matches = connection.rows.matches
        silent = [place for place, _ in self.options.places() if rows and not matches[place]]
        first = connection.rows.id(rows[0]) if rows and self.options.ticket is not None else ""
        if first and _is_absent(connection.row_of(first)):
            text = "ticket does not find tickets that are listed: correct its path or row"
            raise SourceError(text, permanent=True)
        if silent:
            line += f"; nothing is found by {', '.join(silent)}: correct or remove what is wrong"
        return line

    def existing(self, connection: Visit, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`: without any history."""
        if self.options.ticket is not None:
            return {each for each in ids if not _is_absent(connection.row_of(each))}
        if connection.existing is None:
            connection.existing = frozenset(map(connection.rows.id, connection.listed()))
        return set(ids) & connection.existing

    def fetch(self, connection: Visit, ids: Sequence[str]) -> Iterator[Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`.

        Tickets are asked for by ``ticket``, or else looked for among all.
        """
        rows: dict[str, Json] = {}
        if self.options.ticket is not None:
            rows = {number: connection.row_of(number) for number in ids}
        else:
            for row in connection.listed():
                if (number := connection.rows.id(row)) in ids:
                    rows[number] = row
        for number in ids:
            row = rows.get(number)
            if _is_absent(row):
                yield row or NotVisible(number)
            else:
                yield self._ticket(connection, row)

    def _ticket(self, connection: Visit, row: Json) -> Fetched:
        return connection.rows.ticket(row, self._documents(connection))

    def line(self, connection: Visit, row: Json, otherwise: int) -> ChangedTicket:
        """Return a ticket's line. ``otherwise``: when it changed, where its row does not tell."""
        number = connection.rows.id(row)
        try:
            at = connection.rows.changed_at(row)
        except RejectedRow as error:
            return ChangedTicket(number, otherwise, rejected(number, error))
        if number and self.options.requests():
            return ChangedTicket(number, at, read=lambda: self._ticket(connection, row))
        return ChangedTicket(number, at, connection.rows.ticket(row))

    def _documents(self, connection: Visit) -> Document:
        """Return what asks for a ticket's history, each request once."""
        asked: list[tuple[Request, Sequence[Json]]] = []

        def documents(place: str, section: Strict, row: Json) -> Sequence[Json] | None:
            request: Request | None = getattr(section, "request", None)
            if request is None:
                return None
            for other, known in asked:
                if other == request:
                    return known
            if not (number := connection.rows.id(row)):
                raise RejectedRow("missing_id", "id is empty")
            try:
                pages = connection.pages(request, {"id": number}, f"{place}.request")
                found = [body for body in pages if body is not None]
            except HttpError:
                raise
            except SourceError as error:  # this ticket's, perhaps; not that of its whole batch
                raise BatchError(str(error), permanent=error.permanent) from None
            asked.append((request, found))
            return found

        return documents


class JsonTickets(_JsonSystem, Followed, KeysetSystem[Visit]):
    """Tickets with a time of change."""

    def __init__(self, options: JsonOptions) -> None:
        super().__init__(options)
        self._follow(options)


class JsonListing(_JsonSystem, ListedSystem[Visit]):
    """Tickets without a time of change: all of them, at every poll."""

    def all_tickets(self, connection: Visit, page_size: int) -> Iterator[Sequence[ChangedTicket]]:
        """See :class:`~collector.sources.kit.system.ListedSystem`."""
        rows = connection.listed()
        while some := list(islice(rows, page_size)):
            yield [
                ChangedTicket(connection.rows.id(row), found=connection.rows.ticket(row))
                for row in some
            ]


def _is_absent(row: Json) -> bool:
    return row is None or isinstance(row, Removed | NotVisible)


def no_history(_place: str, _section: Strict, _row: Json) -> Sequence[Json]:
    """Ask for no history, where only the rest of a ticket is looked at."""
    return ()
