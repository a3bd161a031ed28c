"""What a sweep believes, and what it does with tickets for which the system fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from collector.io.errors import SourceError
from collector.io.http import HttpError
from collector.model.records import Gone, Status
from collector.model.stored import StoredTicket
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.raw import Fetched, Position, RawTicket, Removed
from collector.sources.kit.reading import Reader, read_existing
from collector.sources.kit.sweep import DAY, Sweep, TooManyGone
from collector.sources.kit.system import ChangedTicket, KeysetSystem, is_plausible


@pytest.mark.parametrize(
    ("gone", "of", "believed"),
    [
        (0, 0, True),
        (0, 5, True),
        (1, 1, True),  # of a single ticket nothing more can be known
        (2, 2, False),
        (3, 4, True),
        (4, 9, False),
        (4, 10, True),
        (13, 100, True),
        (14, 100, False),
        (100, 100, False),
        (103, 1000, True),
        (104, 1000, False),
    ],
)
def test_how_many_may_be_gone_at_once(gone: int, of: int, believed: bool) -> None:
    assert is_plausible(gone, of) is believed


class System:
    """Shows even numbers, and fails for a batch with one of ``poisoned``."""

    def __init__(self, poisoned: set[str], status: int = 500) -> None:
        self.poisoned, self.status = poisoned, status
        self.asked = 0

    def existing(self, ids: Sequence[str]) -> set[str]:
        self.asked += 1
        if self.poisoned & set(ids):
            raise HttpError("it fails", permanent=False, status=self.status)
        return {each for each in ids if int(each) % 2 == 0}


def test_a_ticket_for_which_the_system_fails_counts_as_existing() -> None:
    system = System({"7"})
    found = read_existing(system.existing, [str(n) for n in range(40)])
    assert found == {str(n) for n in range(0, 40, 2)} | {"7"}
    assert system.asked < 20


def test_a_system_that_fails_for_all_is_an_error() -> None:
    everything = [str(n) for n in range(40)]
    with pytest.raises(SourceError, match="it fails"):
        read_existing(System(set(everything)).existing, everything)
    with pytest.raises(SourceError, match="it fails"):
        read_existing(System({"7"}, status=503).existing, everything)


_FIELDS = {"kind": "i", "status": "o", "priority": "h"}
_WORDS = {"kind": {"i": "incident"}, "status": {"o": "open"}, "priority": {"h": "high"}}


class Faltering(KeysetSystem[Any]):
    """Shows all tickets when it is asked for them, and says "not found" of some a moment later."""

    PAGE_TICKETS = 10

    def __init__(self, *deleted: int) -> None:
        super().__init__(TicketOptions(type="x"))
        self.deleted = {str(each) for each in deleted}

    def check(self, connection: Any) -> str:
        return ""

    def changed_tickets(
        self, connection: Any, position: Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        return []

    def existing(self, connection: Any, ids: Sequence[str]) -> set[str]:
        return set(ids)

    def fetch(self, connection: Any, ids: Sequence[str]) -> Iterator[Fetched]:
        for each in ids:
            gone = each in self.deleted
            yield (
                Removed(each, Status.DELETED)
                if gone
                else RawTicket(id=each, opened_at=1, fields=_FIELDS)
            )

    def swept(self, *, accept: bool = False) -> list[str]:
        """The tickets that a sweep of 40 open ones takes for deleted, before any error."""
        connection = SimpleNamespace(clock_skew=None, server_time=None)
        stored = [StoredTicket(n, str(n), None, True, 0) for n in range(1, 41)]
        reader = Reader("desk", self, connection, Mapper(_WORDS, ()), frozenset())
        marked: list[str] = []
        steps = Sweep(self, connection, reader).steps(
            lambda since: stored, 35 * DAY, None, 2 * DAY, accept=accept
        )
        try:
            for step in steps:
                marked += [each.id for each in step.page.records if isinstance(each, Gone)]
        except TooManyGone:
            marked.append("too many")
        return marked


def test_what_is_found_deleted_only_while_tickets_are_read_is_judged_too() -> None:
    assert Faltering(3, 14).swept() == ["3", "14"]
    assert Faltering(*range(1, 41)).swept() == ["too many"], "nothing is marked"
    assert Faltering(1, 2, 11, 12, 21, 22, 31, 32).swept() == [
        *"12",
        "11",
        "12",
        "21",
        "22",
        "too many",
    ]
    assert len(Faltering(*range(1, 41)).swept(accept=True)) == 40
