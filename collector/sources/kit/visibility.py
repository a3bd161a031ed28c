"""Tells a desk without tickets from a user who may not see them: silence is not zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collector.io.errors import SourceError
from collector.sources.kit.raw import Position, Removed
from collector.sources.kit.system import (
    KeysetSystem,
    ListedSystem,
    NumberedSystem,
    TicketSystem,
)

_NOTHING = (
    "no ticket is visible to this user: a right may be missing, or the address is that of another "
    "system; if there really is none yet, set allow_empty: true"
)
_BACKWARDS = (
    "the newest entry that is visible has the number {newest}, and {read} was read already: was a "
    "right taken away? If the system was restored from a backup, run poll --since"
)


def listed(system: TicketSystem[Any], connection: Any) -> Iterator[str]:
    """Yield the ids of some tickets that a system lists at this moment; none if it lists none."""
    match system:
        case NumberedSystem():
            newest = system.newest_ticket(connection)
            if newest is None:
                return
            yield str(newest)
            lines = system.tickets_after(connection, 0, newest)
        case KeysetSystem():
            lines = system.changed_tickets(connection, Position(0), system.FEED_ROWS)
        case ListedSystem():
            pages = system.all_tickets(connection, system.FEED_ROWS)
            lines = next((page for page in pages if page), ())
    yield from (line.id for line in lines if not isinstance(line.found, Removed))


def require_tickets(system: Any, connection: Any) -> None:
    """Raise SourceError if a ticket system shows no ticket at all, unless it may be empty.

    What is no ticket system, as a source of calls, may be silent.
    """
    if not isinstance(system, TicketSystem) or system.options.allow_empty:
        return
    if next(listed(system, connection), None) is None:
        raise SourceError(_NOTHING)


def require_progress(newest: int | None, read: int) -> None:
    """Raise SourceError if the newest visible number of a feed lies below one read earlier.

    ``newest``: None if no entry is visible.
    """
    if (newest or 0) < read:
        raise SourceError(_BACKWARDS.format(newest=newest or 0, read=read))
