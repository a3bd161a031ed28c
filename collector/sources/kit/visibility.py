"""Tells a desk without tickets from a user who may not see them: silence is not zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collector.io.errors import SourceError
from collector.model.codes import Fault
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
_NOTHING_ANY_MORE = (
    "no ticket is visible to this user any more, though tickets were read before: a right may be "
    "missing, or the address is that of another system; if all are gone for good, run "
    "servicedesk-kpi poll with --reconcile --accept-gone"
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
    """Raise SourceError if a ticket system shows no ticket at all, as :func:`refuse_nothing`."""
    if not _may_be_silent(system) and next(listed(system, connection), None) is None:
        refuse_nothing(system)


def refuse_nothing(system: Any) -> None:
    """Raise SourceError for a ticket system that has just shown no ticket, unless it may be empty.

    What is no ticket system, as a source of calls, may be silent.
    """
    if not _may_be_silent(system):
        text = _NOTHING if system.may_be_empty else _NOTHING_ANY_MORE
        raise SourceError(text, fault=Fault.NOTHING_VISIBLE)


def _may_be_silent(system: Any) -> bool:
    return not isinstance(system, TicketSystem) or (
        system.may_be_empty and system.options.allow_empty
    )


def require_progress(newest: int | None, read: int) -> None:
    """Raise SourceError if the newest visible number of a feed lies below one read earlier.

    ``newest``: None if no entry is visible.
    """
    if (newest or 0) < read:
        raise SourceError(_BACKWARDS.format(newest=newest or 0, read=read), fault=Fault.RIGHTS_LOST)
