"""Tells a desk without tickets from a user who may not see them: silence is not zero."""

from __future__ import annotations

from typing import Any

from collector.io.errors import SourceError
from collector.model.codes import Fault
from collector.sources.kit.raw import Position
from collector.sources.kit.system import KeysetSystem, ListedSystem, NumberedSystem

_NOTHING = (
    "no ticket is visible to this user: a right may be missing, or the address is that of another "
    "system; if there really is none yet, set allow_empty: true"
)
_BACKWARDS = (
    "the newest entry that is visible has the number {newest}, and {read} was read already: was a "
    "right taken away? If the system was restored from a backup, run poll --since"
)


def require_tickets(system: Any, connection: Any) -> None:
    """Raise SourceError if a ticket system shows no ticket at all, unless it may be empty.

    What is no ticket system, as a source of calls, may be silent.
    """
    match system:
        case NumberedSystem():
            shown = system.newest_ticket(connection) is not None
        case KeysetSystem():
            shown = bool(system.changed_tickets(connection, Position(0), system.FEED_ROWS))
        case ListedSystem():
            shown = any(system.all_tickets(connection, system.FEED_ROWS))
        case _:
            return
    if not shown and not system.options.allow_empty:
        raise SourceError(_NOTHING, fault=Fault.NOTHING_VISIBLE)


def require_progress(newest: int | None, read: int) -> None:
    """Raise SourceError if the newest visible number of a feed lies below one read earlier.

    ``newest``: None if no entry is visible.
    """
    if (newest or 0) < read:
        raise SourceError(_BACKWARDS.format(newest=newest or 0, read=read), fault=Fault.RIGHTS_LOST)
