"""Finds what no feed tells: tickets deleted without a trace, moved out of sight, silently edited.

A sweep has two parts. First the system is asked, cheaply and in batches, which of the stored
tickets it still shows: those opened lately, those still open, and those that could not be seen
before. Then these are read again: the ones that it does not show, to tell deleted from merged from
not visible; marked ones that it shows after all; open ones of which nothing was heard for a day;
and every night a seventh of the others. A system that lists everything at every poll has shown the
last two already.

Between the parts it is judged: if very many are gone at once, a right was lost rather than so many
tickets, and nothing is marked. Only a ticket that the first part missed is ever taken for not
visible. What only the second part finds deleted is judged again, together with that: a right may be
lost, or another server answer "not found", while a sweep goes on.

A sweep moves no cursor. It can stop after any step, and go on there another day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self
from zlib import crc32

from collector.io.errors import SourceError
from collector.model.codes import Fault
from collector.model.page import Cursor, Page
from collector.model.records import Gone, Status, Ticket
from collector.model.stored import SHOWN_AGAIN, StoredTicket
from collector.sources.kit.reading import Reader, read_existing
from collector.sources.kit.system import ListedSystem, TicketSystem, is_plausible

DAY = 86400
_NIGHTS = 7
"""In how many nights all tickets of the window are read again."""


class StoreView(Protocol):
    """The stored tickets of one source, to read."""

    def __call__(self, since: int) -> Sequence[StoredTicket]:
        """Return the tickets opened since then (epoch seconds), those still open, and those no
        longer visible, in the order of their numbers."""


@dataclass(frozen=True, slots=True)
class SweepStep:
    """``page``: to be stored under the cursor as it is. ``position``: where the sweep goes on; None
    if it is finished. ``found``: what the page's marks are, and how many tickets came back."""

    page: Page
    position: Cursor | None
    found: Mapping[str, int] = field(default_factory=dict)


class TooManyGone(SourceError):
    """So many tickets are gone at once that a right was probably lost; none was marked."""

    fault = Fault.RIGHTS_LOST


@dataclass(slots=True)
class _Progress:
    """The position: ``asked`` or read up to the ticket ``after``; begun at ``began``.

    ``of``: how many unmarked tickets were asked for, ``gone``: those of them that are not shown,
    ``back``: marked ones that are.
    """

    began: int
    after: int = 0
    judged: bool = False
    of: int = 0
    gone: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)

    @classmethod
    def of_position(cls, position: Cursor | None, now: int) -> Self:
        if position is None:
            return cls(now)
        try:
            return cls(
                began=int(position["began"]),
                after=int(position["after"]),
                judged=bool(position["judged"]),
                of=int(position["of"]),
                gone=[str(each) for each in position["gone"]],
                back=[str(each) for each in position["back"]],
            )
        except (KeyError, TypeError, ValueError):
            return cls(now)

    def position(self) -> Cursor:
        return {
            **{"began": self.began, "after": self.after, "judged": self.judged, "of": self.of},
            **{"gone": list(self.gone), "back": list(self.back)},
        }


class Sweep:
    """One sweep of a source's tickets."""

    def __init__(self, system: TicketSystem[Any], connection: Any, reader: Reader) -> None:
        self._system = system
        self._connection = connection
        self._reader = reader

    def steps(
        self, view: StoreView, window: int, position: Cursor | None, now: int, *, accept: bool
    ) -> Iterator[SweepStep]:
        """Yield steps from ``position`` on (None: from the beginning) to the end.

        ``window``: how far back, in seconds before ``now`` (epoch seconds), tickets are looked for
        that are not open. ``accept``: mark tickets however many are gone. Raises TooManyGone, and
        SourceError as the system does.
        """
        progress = _Progress.of_position(position, now)
        stored = view(progress.began - window)
        if not progress.judged:
            for some in _chunks(stored, progress.after, self._system.SWEEP_IDS):
                self._ask(some, progress)
                yield SweepStep(Page(records=(), cursor={}), progress.position())
            self._judge(progress, accept)
            progress.judged, progress.after = True, 0
        wanted = [each for each in stored if self._is_to_be_read(each, progress)]
        for some in _chunks(wanted, progress.after, self._system.PAGE_TICKETS):
            page, found = self._read(some, progress, now)
            late = self._deleted_since(page, some, progress)
            if late:
                progress.gone += late
                self._judge(progress, accept)
            progress.after = some[-1].number
            yield SweepStep(page, progress.position(), found)
        yield SweepStep(Page(records=(), cursor={}), None)

    def _ask(self, some: Sequence[StoredTicket], progress: _Progress) -> None:
        ids = [each.id for each in some]
        shown = read_existing(lambda few: self._system.existing(self._connection, few), ids)
        progress.of += sum(each.mark is None for each in some)
        progress.gone += [each.id for each in some if each.mark is None and each.id not in shown]
        progress.back += [each.id for each in some if each.mark and each.id in shown]
        progress.after = some[-1].number

    def _judge(self, progress: _Progress, accept: bool) -> None:
        gone = len(progress.gone)
        if accept or is_plausible(gone, progress.of):
            return
        raise TooManyGone(
            f"{gone} of {progress.of} tickets are gone at once, so nothing was marked: was a right"
            " of this user taken away? If they are gone for good, run servicedesk-kpi poll"
            f" {self._reader.source} --reconcile --accept-gone"
        )

    @staticmethod
    def _deleted_since(
        page: Page, some: Sequence[StoredTicket], progress: _Progress
    ) -> Sequence[str]:
        """Return the tickets that are deleted by a page, although they were there when asked."""
        known = {each.id for each in some if each.mark is None} - {*progress.gone}
        return [
            each.id
            for each in page.records
            if isinstance(each, Gone) and each.mark == Status.DELETED and each.id in known
        ]

    def _is_to_be_read(self, ticket: StoredTicket, progress: _Progress) -> bool:
        if ticket.id in progress.gone or ticket.id in progress.back:
            return True
        if ticket.mark or isinstance(self._system, ListedSystem):
            return False
        if ticket.is_open:
            return ticket.last_event_at <= progress.began - DAY
        return crc32(ticket.id.encode()) % _NIGHTS == progress.began // DAY % _NIGHTS

    def _read(
        self, some: Sequence[StoredTicket], progress: _Progress, now: int
    ) -> tuple[Page, Counter[str]]:
        """Return these tickets as they are, without those whose mark is the same, and counts."""
        gone = frozenset(progress.gone)
        marks = {each.id: each.mark for each in some}
        batch = self._reader.again(list(marks), gone, now)
        found: Counter[str] = Counter()
        for each in batch.records:
            if isinstance(each, Gone) and marks.get(each.id, "") != each.mark:
                found[each.mark] += each.id in marks
            elif isinstance(each, Ticket) and not each.mark and marks.get(each.id):
                found[SHOWN_AGAIN] += 1
        kept = [
            each
            for each in batch.records
            if not isinstance(each, Gone) or marks.get(each.id, "") != each.mark
        ]
        return replace(batch.page({}), records=tuple(kept)), found


def _chunks(
    tickets: Sequence[StoredTicket], after: int, size: int
) -> Iterator[Sequence[StoredTicket]]:
    rest = [each for each in tickets if each.number > after]
    for start in range(0, len(rest), size):
        yield rest[start : start + size]
