"""How tickets are stored that their source no longer shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from collector.model.records import Change, Gone, Ticket
from collector.store.profiles import CHUNK
from collector.store.rows import to_ticket
from collector.store.schema import changes, tickets


def marked_tickets(connection: Connection, gone: Iterable[Gone]) -> list[Ticket]:
    """The tickets of ``gone`` that the store has, each with its mark. At most one Gone per
    ticket."""
    by_source: dict[str, dict[str, Gone]] = {}
    for record in gone:
        by_source.setdefault(record.source, {})[record.id] = record
    return [
        marked(ticket, records[ticket.id])
        for source, records in by_source.items()
        for ticket in _stored(connection, source, list(records))
    ]


def marked(ticket: Ticket, gone: Gone) -> Ticket:
    """The ticket with its mark, and with the change of status if its instant is known.

    Marking it again changes nothing, and an instant that was once known is kept.
    """
    mark = str(gone.mark)
    history = ticket.changes
    if gone.at is not None and Change(gone.at, "status", mark) not in history:
        history = (*history, Change(gone.at, "status", mark))
    return replace(ticket, mark=mark, status=mark, changes=history)


def _stored(connection: Connection, source: str, ids: Sequence[str]) -> Iterator[Ticket]:
    for start in range(0, len(ids), CHUNK):
        own = (tickets.c.source == source, tickets.c.id.in_(ids[start : start + CHUNK]))
        rows = connection.execute(select(tickets).where(*own)).all()
        histories: dict[int, list[Change]] = {row.n: [] for row in rows}
        query = select(changes).join(tickets, tickets.c.n == changes.c.ticket).where(*own)
        for row in connection.execute(query.order_by(changes.c.ticket, changes.c.seq)):
            histories[row.ticket].append(Change(row.at, row.field, row.value))
        yield from (to_ticket(row, histories[row.n]) for row in rows)
