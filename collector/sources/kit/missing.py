"""Whether a ticket that its system does not find is deleted.

That there is no such ticket (404, 410 or 204 for its id) is also what a proxy says during
maintenance, and what a wrong path says of every ticket. So it is believed only if the system, asked
in the same way, finds another ticket, one that it lists, and then still does not find the missing
one. If it finds none that it lists, nothing that it says of single tickets is true.

The same is asked where a ticket cannot be read, and where none of those asked for may be seen: else
a failure of the whole system would be taken for one of these tickets, and passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from collector.io.errors import SourceError
from collector.io.http import BudgetSpent, HttpError
from collector.model.page import Rejected
from collector.sources.kit.raw import Fetched, NotVisible, Removed
from collector.sources.kit.system import TicketSystem
from collector.sources.kit.visibility import listed

UNREADABLE = "unreadable"
"""The reason by which a ticket is rejected for which the system fails."""
_WITNESSES = 3
"""How many tickets are asked for that are listed: one may be deleted in between, or fail."""
_NONE_FOUND = (
    "tickets are not found, but neither is ticket {}, which is listed: a proxy, a wrong path or a "
    "missing right says so of every ticket, so none was taken for deleted; the next poll will try "
    "again; if it stays so, check url and what this user may read"
)


def in_doubt(found: Sequence[Fetched]) -> bool:
    """Return whether some tickets are missing or unreadable, or none at all may be seen."""
    return any(is_missing(each) or _is_unreadable(each) for each in found) or all(
        isinstance(each, NotVisible) for each in found
    )


def is_missing(found: Fetched) -> bool:
    """Return whether all that is known of a ticket is that the system does not find it."""
    return isinstance(found, Removed) and found.missing


def require_witness(system: TicketSystem[Any], connection: Any, others: Collection[str]) -> bool:
    """Return whether the system finds a ticket that it lists, and that is none of ``others``.

    False if none is listed. Raises SourceError if it lists tickets and does not find them.
    """
    shown: list[str] = []

    def witnesses() -> Iterator[str]:
        for number in listed(system, connection):
            shown.append(number)
            if number not in others:
                yield number

    if any(_finds(system, connection, number) for number in islice(witnesses(), _WITNESSES)):
        return True
    if shown:
        raise SourceError(_NONE_FOUND.format(shown[0]))
    return False


def _finds(system: TicketSystem[Any], connection: Any, number: str) -> bool:
    try:
        return system.finds(connection, number)
    except BudgetSpent:
        raise
    except HttpError:
        return False


def _is_unreadable(found: Fetched) -> bool:
    return isinstance(found, Rejected) and found.reason == UNREADABLE
