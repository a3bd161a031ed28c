"""Numbered feeds of systems that list rows in no order: they are asked for in windows of numbers.

A window that is empty is followed by one of twice the size, so that a gap costs little, and the
highest number is found in doubled steps and then by halving.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from collector.sources.kit.raw import ChangedTicket, Event
from collector.sources.kit.system import C, NumberedSystem


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers higher than ``after`` and at most ``until``, if that is set; at most ``most`` rows of
    them, whichever, if that is set."""

    after: int
    until: int | None = None
    most: int | None = None


class WindowedSystem(NumberedSystem[C]):
    """Rows between two numbers can be asked for, and how many of them at most.

    ``WINDOW``: the numbers that a window spans, and the most rows that are asked for without one.
    """

    WINDOW: ClassVar[int] = 1000

    _newest: Sequence[Event] = ()
    """All entries since ``newest_event``, by number, as long as they are few."""

    @abstractmethod
    def events_in(self, connection: C, span: Span) -> Sequence[Event]:
        """Return the entries with these numbers, in any order."""

    @abstractmethod
    def tickets_in(self, connection: C, span: Span, since: date | None) -> Sequence[int]:
        """Return the ids of tickets in a span, in any order; ``since``: changed since that day."""

    def newest_event(self, connection: C, after: int) -> Event | None:
        found = self.events_in(connection, Span(after, most=self.WINDOW))
        self._newest = _by_number(found) if len(found) < self.WINDOW else ()
        if len(found) < self.WINDOW:
            return self._newest[-1] if self._newest else None

        def one(low: int) -> int | None:
            return _above(low, map(_number, self.events_in(connection, Span(low, most=1))))

        last = highest(one, after) or 0
        return next(iter(self.events_in(connection, Span(last - 1, last))), None)

    def events_after(self, connection: C, number: int) -> tuple[Sequence[Event], int]:
        until = number + self.WINDOW
        found = self._newest or _by_number(self.events_in(connection, Span(number, until)))
        some = [each for each in found if _number(each) > number]
        if len(some) <= self.FEED_ROWS:
            return some, until
        return some[: self.FEED_ROWS], _number(some[self.FEED_ROWS - 1])

    def newest_ticket(self, connection: C, since: date | None = None) -> int | None:
        return highest(
            lambda low: _above(low, self.tickets_in(connection, Span(low, most=1), since))
        )

    def tickets_after(
        self, connection: C, ticket: int, until: int, since: date | None = None
    ) -> Sequence[ChangedTicket]:
        low, size = ticket, self.WINDOW
        while low < until:
            found = self.tickets_in(connection, Span(low, min(low + size, until)), since)
            if found:
                return [ChangedTicket(str(each)) for each in sorted(found)[: self.PAGE_TICKETS]]
            low, size = low + size, 2 * size
        return []


def highest(any_above: Callable[[int], int | None], after: int = 0) -> int | None:
    """Return the highest number above ``after``, None if there is none.

    ``any_above`` returns one of the numbers above another, whichever; None without any. It is asked
    some twice the logarithm of the distance.
    """
    found = any_above(after)
    if found is None:
        return None
    low, bound, step = found, None, 1
    while bound is None or low < bound:
        middle = low + step if bound is None else (low + bound) // 2
        if (found := any_above(middle)) is None:
            bound = middle
        else:
            low, step = found, 2 * step
    return low


def _above(low: int, found: Iterable[int]) -> int | None:
    return max((each for each in found if each > low), default=None)


def _by_number(events: Sequence[Event]) -> list[Event]:
    return sorted(events, key=_number)


def _number(event: Event) -> int:
    return event.number or 0
