"""From lines of a feed to a page's records: fetching in batches, and what became of each ticket."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from collector.io.errors import SourceError
from collector.io.http import BudgetSpent, HttpError, ResponseTooLarge
from collector.model.page import Rejected, RejectedRow
from collector.model.records import Gone, Status, Unrecorded
from collector.sources.kit.batch import Batch
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.missing import UNREADABLE, in_doubt, is_missing, require_witness
from collector.sources.kit.raw import (
    ChangedTicket,
    Fetched,
    Ignored,
    NotVisible,
    RawTicket,
    Removed,
)
from collector.sources.kit.system import BatchError, TicketSystem
from collector.sources.kit.values import translated

T = TypeVar("T")

NOT_VISIBLE = "not_visible"

_UNCERTAIN = 500
"""With which a system fails for one ticket, or for all."""
_BY_ONE = frozenset({400, 404, 413, 414, 422, _UNCERTAIN})
"""Statuses with which systems fail a whole batch because of one id in it, or of its size."""


class Reader:
    """Reads tickets of one system over one connection."""

    def __init__(
        self,
        source: str,
        system: TicketSystem[Any],
        connection: Any,
        mapper: Mapper,
        unrecorded: frozenset[Unrecorded],
    ) -> None:
        self.source = source
        self._system = system
        self._connection = connection
        self._mapper = mapper
        self._unrecorded = unrecorded

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which the system's clock is ahead of ours, as far as known."""
        skew: float | None = self._connection.clock_skew
        return skew

    @property
    def server_time(self) -> int | None:
        """The system's own time (epoch seconds), as far as known."""
        time = self._connection.server_time
        return None if time is None else int(time)

    def batch(self, lines: Iterable[ChangedTicket]) -> Batch:
        """Return the records of these tickets, each once, as they are now.

        Raises SourceError as the system does, and if what it says of tickets that are not there is
        not to be believed.
        """
        batch = Batch()
        unique = {line.id or id(line): line for line in lines}.values()
        wanted = {line.id: line for line in unique if line.found is None}
        given = [line.found for line in unique if line.found is not None]
        ids = [line.id for line in unique]
        found = self._believed([*given, *self._fetched(wanted)], ids)
        for each in found:
            self._add(each, batch)
        answered = {_id_of(each) for each in found}
        if left_out := sum(number not in answered for number in wanted):
            batch.ignored[NOT_VISIBLE] += left_out
        return batch

    def again(self, ids: Sequence[str], gone: Container[str], now: int) -> Batch:
        """Return stored tickets as they are now.

        Those of ``gone``, which the system does not list any more, are marked as not visible if it
        does not show them either: since its own time, or else ``now`` (epoch seconds).
        """
        batch = Batch()
        every = read_batch(lambda some: self._system.fetch(self._connection, some), ids)
        found = self._believed(every, ids)
        for each in found:
            self._add(each, batch)
        batch.ignored.clear()  # these are no entries of a feed
        shown = {_id_of(each) for each in found if not isinstance(each, NotVisible | Ignored)}
        at = self.server_time or now
        batch.records += [
            Gone(source=self.source, id=number, mark=Status.NOT_VISIBLE, at=at)
            for number in ids
            if number in gone and number not in shown
        ]
        return batch

    def _fetched(self, lines: Mapping[str, ChangedTicket]) -> Sequence[Fetched]:
        def fetch(some: Sequence[str]) -> Iterator[Fetched]:
            reads = {number: read for number in some if (read := lines[number].read) is not None}
            yield from (translated(number, read) for number, read in reads.items())
            if others := [number for number in some if number not in reads]:
                yield from self._system.fetch(self._connection, others)

        if not lines:
            return []
        try:
            return read_batch(fetch, list(lines))
        except HttpError as error:
            if len(lines) > 1 or not self._is_its_own_fault(error, *lines):
                raise
            return [Rejected(UNREADABLE, f"ticket {next(iter(lines))}", str(error))]

    def _is_its_own_fault(self, error: HttpError, number: str) -> bool:
        """Return whether the system fails for this one ticket alone, since it shows another.

        Without another to compare with nothing is known, and it is the system's.
        """
        if error.status != _UNCERTAIN:
            return False
        try:
            return require_witness(self._system, self._connection, {number})
        except BudgetSpent:
            raise
        except SourceError:
            return False

    def _believed(self, found: Sequence[Fetched], ids: Sequence[str]) -> Sequence[Fetched]:
        """Return what became of tickets that were asked for; of missing ones, what may be believed.

        Raises SourceError if the system does not even find what it lists.
        """
        if not ids or not in_doubt(found):
            return found
        there = {_id_of(each) for each in found if isinstance(each, RawTicket | Ignored)}
        proven = require_witness(self._system, self._connection, {*ids} - there)
        missing = [each.id for each in found if isinstance(each, Removed) and each.missing]
        again: list[Fetched] = [NotVisible(number) for number in missing]
        if proven and missing:
            again = read_batch(lambda few: self._system.fetch(self._connection, few), missing)
        return [*(each for each in found if not is_missing(each)), *again]

    def _add(self, found: Fetched, batch: Batch) -> None:
        match found:
            case RawTicket():
                batch.saw(found.opened_at)
                batch.saw(found.changed_at)
                try:
                    ticket = assemble(self.source, found, self._mapper, self._unrecorded)
                    batch.records.append(ticket)
                except RejectedRow as error:
                    batch.reject(f"ticket {found.id}", error)
            case Removed():
                gone = Gone(source=self.source, id=found.id, mark=found.mark, at=found.at)
                batch.records.append(gone)
            case NotVisible():
                batch.ignored[NOT_VISIBLE] += 1
            case Ignored():
                batch.ignored[found.reason] += 1
            case Rejected():
                batch.rejected.append(found)


def read_batch(
    fetch: Callable[[Sequence[str]], Iterable[T]], ids: Sequence[str], answers: bool = False
) -> list[T | Rejected]:
    """Fetch tickets; where one of them makes the system fail, the others all the same.

    The batch is halved until the ticket is found, which is rejected. A failure that may be that of
    the whole system (status 500) is only halved if a single ticket can be read (``answers``: that
    is known already); otherwise it is raised, as every other error is.
    """
    try:
        return list(fetch(ids))
    except SourceError as error:
        blamed = isinstance(error, BatchError | ResponseTooLarge) or (
            isinstance(error, HttpError) and error.status in _BY_ONE
        )
        certain = answers or error.permanent or isinstance(error, BatchError)
        if not blamed or (len(ids) == 1 and not certain):
            raise
        if len(ids) == 1:
            return [Rejected(UNREADABLE, f"ticket {ids[0]}", str(error))]
        if not certain and not any(_is_readable(fetch, each) for each in (ids[0], ids[-1])):
            raise
        answers = answers or not certain
    middle = len(ids) // 2
    return [
        *read_batch(fetch, ids[:middle], answers),
        *read_batch(fetch, ids[middle:], answers),
    ]


def read_existing(existing: Callable[[Sequence[str]], set[str]], ids: Sequence[str]) -> set[str]:
    """Return which tickets exist; one that makes the system fail counts as existing.

    Batches are halved as by :func:`read_batch`.
    """

    def found(some: Sequence[str]) -> list[Fetched]:
        return [Ignored(number, "") for number in existing(some)]

    there = read_batch(found, ids)
    return {_id_of(each) for each in there}


def _is_readable(fetch: Callable[[Sequence[str]], Iterable[object]], number: str) -> bool:
    try:
        list(fetch([number]))
    except SourceError:
        return False
    return True


def _id_of(found: Fetched) -> str:
    return found.where.removeprefix("ticket ") if isinstance(found, Rejected) else found.id
