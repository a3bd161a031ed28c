"""Feeds by time of change whose lists tell no times: a search returns ids, in the order of change.

Their times are asked for afterwards, so a ticket that changes in between has a later one than the
place where it is listed. Nothing behind it may be passed over because of that.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TypeVar

from collector.io.errors import SourceError
from collector.model.codes import Fault
from collector.model.page import Rejected
from collector.sources.kit.raw import ChangedTicket, Position
from collector.sources.kit.reading import read_batch
from collector.sources.kit.system import C, KeysetSystem

T = TypeVar("T")
_NONE_READABLE = (
    "none of {} tickets in a row that its search lists may be read: is a right of this user "
    "missing?"
)


class UndatedSystem(KeysetSystem[C]):
    """Ids can be searched by time of change, in its order, and times be asked for by ids."""

    @abstractmethod
    def ids_changed(self, connection: C, at: int, most: int) -> Sequence[str]:
        """Return the ids of the first tickets that changed at ``at`` or later, at most ``most``.

        In the order of change, and of one second always in the same order.
        """

    @abstractmethod
    def times_of(self, connection: C, ids: Sequence[str]) -> Iterable[tuple[str, int]]:
        """Yield ids and times of change (epoch seconds) of those of these tickets that are visible.

        One for which the system fails is found by halving, as with ``fetch``.
        """

    def changed_tickets(
        self, connection: C, position: Position, size: int
    ) -> Sequence[ChangedTicket]:

        def listed() -> Sequence[str]:
            found = self.ids_changed(connection, position.at, position.skip + size)
            return found[position.skip :]

        ids = listed()
        asked = connection.server_time
        lines = self._dated(connection, ids, position.at)
        late = [line for line in lines if asked is not None and line.at >= asked]
        if late and len(ids) == size and listed() != ids:
            lines = [line for line in lines if line not in late]  # they are listed further on
        return _ascending(lines)

    def _dated(self, connection: C, ids: Sequence[str], begin: int) -> list[ChangedTicket]:
        """Return lines in the order of the ids; one that cannot be read has the time before it.

        None is left out, so that a full page stays one and the walk goes on behind it. But if the
        search lists tickets none of which is visible, there is nothing: raises SourceError if more
        follow, which would never be reached.
        """
        found = read_batch(lambda some: self.times_of(connection, some), ids) if ids else []
        unreadable = {e.where.removeprefix("ticket "): e for e in found if isinstance(e, Rejected)}
        times = dict(each for each in found if not isinstance(each, Rejected))
        if not found:
            if len(ids) >= self.FEED_ROWS:
                raise SourceError(_NONE_READABLE.format(len(ids)), fault=Fault.NOTHING_VISIBLE)
            return []
        lines = []
        for number in ids:
            begin = times.get(number, begin)
            lines.append(ChangedTicket(number, begin, unreadable.get(number)))
        return lines


def by_halves(
    ask: Callable[[Sequence[str]], Mapping[str, T] | None], ids: Sequence[str]
) -> dict[str, T]:
    """Return what a system tells of tickets that are asked for together, by id.

    ``ask`` returns None where it refuses all because of one; that one is left out.
    """
    found = ask(ids) if ids else {}
    if found is not None:
        return dict(found)
    half = len(ids) // 2
    parts = (ids[:half], ids[half:]) if half else ()
    return {number: row for part in parts for number, row in by_halves(ask, part).items()}


def _ascending(lines: Sequence[ChangedTicket]) -> Sequence[ChangedTicket]:
    """Return lines in their order, with times that never fall: the earliest of those behind."""
    earliest = accumulate((line.at for line in reversed(lines)), min)
    return [replace(line, at=at) for line, at in zip(lines, [*earliest][::-1], strict=True)]
