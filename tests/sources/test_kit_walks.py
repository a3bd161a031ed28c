"""The walks of the kit over systems in memory: nothing lost, little read twice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, Rejected
from collector.model.records import Gone, Status, Ticket
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.raw import (
    Action,
    ChangedTicket,
    Fetched,
    Position,
    RawChange,
    RawTicket,
    Removed,
)
from collector.sources.kit.source import TicketSource
from collector.sources.kit.system import KeysetSystem, ListedSystem
from tests.worlds.ticket_world import AGENT, CUSTOMER, World, WorldTicket


class Connection:
    clock_skew = 0.0

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def server_time(self) -> float:
        return float(self.world.now)


class InMemory:
    """What both systems have in common. ``asked``: how often; ``between``: called after each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked = 0
        self.fetched: list[str] = []
        self.between: Callable[[int], object] = lambda number: None

    def connect(self) -> Any:
        return nullcontext(Connection(self.world))

    def check(self, connection: Connection) -> str:
        return "a world"

    def answered(self) -> None:
        self.asked += 1
        self.between(self.asked)

    def fetch(self, connection: Connection, ids: Sequence[str]) -> Iterator[Fetched]:
        tickets = self.world.tickets()
        for number in ids:
            self.fetched.append(number)
            found = tickets.get(int(number))
            yield raw(found) if found else Removed(number, Status.DELETED)
        self.answered()


def raw(ticket: WorldTicket) -> RawTicket:
    return RawTicket(
        id=str(ticket.id),
        opened_at=ticket.opened_at,
        fields=ticket.values,
        changes=[
            RawChange(each.at, each.what, each.old, each.new, each.by)
            for each in ticket.events
            if each.what in ticket.values
        ],
        actions=[
            Action(each.at, "reply", each.by != CUSTOMER)
            for each in ticket.events
            if each.what == "reply"
        ],
        registered_by=ticket.registered_by,
        registered_by_staff=ticket.registered_by != CUSTOMER,
        changed_at=ticket.changed_at,
    )


class ByOffset(InMemory, KeysetSystem[Any]):
    """Lists by time of change, and pages by offset."""

    FEED_ROWS = 5
    PAGE_TICKETS = 3

    def changed_tickets(
        self, connection: Connection, position: Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        rows = sorted((each.changed_at, each.id) for each in self.world.tickets().values())
        some = self.chosen(rows, position)[:page_size]
        found = [ChangedTicket(str(number), at) for at, number in some]
        self.answered()
        return found

    @staticmethod
    def chosen(rows: list[tuple[int, int]], position: Position) -> list[tuple[int, int]]:
        return [row for row in rows if row[0] >= position.at][position.skip :]


class ById(ByOffset):
    """Asks for the ids after the last one instead."""

    @staticmethod
    def chosen(rows: list[tuple[int, int]], position: Position) -> list[tuple[int, int]]:
        return [row for row in rows if row >= (position.at, int(position.last_id or -1) + 1)]


class Listed(InMemory, ListedSystem[Any]):
    """Lists everything with its time of change."""

    FEED_ROWS = 5
    PAGE_TICKETS = 3

    def all_tickets(
        self, connection: Connection, page_size: int
    ) -> Iterator[Sequence[ChangedTicket]]:
        rows = [ChangedTicket(str(n), each.changed_at) for n, each in self.world.tickets().items()]
        for start in range(0, len(rows), page_size):
            self.answered()
            yield rows[start : start + page_size]


KINDS = (ByOffset, ById, Listed)


class Desk:
    """A source over a world, its cursor and what a store would hold."""

    def __init__(self, kind: type[Any]) -> None:
        self.world = World()
        self.system = kind(self.world)
        options = TicketOptions(type="x")
        self.source = TicketSource("desk", options, self.system, ())
        self.cursor: Cursor | None = None
        self.records: dict[str, Ticket | Gone] = {}

    def pages(self, since: int | None = None) -> Iterator[Page]:
        for page in self.source.pages(self.cursor, since):
            self.cursor = json.loads(json.dumps(page.cursor))
            self.records |= {record.id: record for record in page.records}
            yield page

    def drain(self, since: int | None = None) -> set[str]:
        self.system.fetched.clear()
        return {record.id for page in self.pages(since) for record in page.records}

    def statuses(self) -> dict[int, str | None]:
        return {int(n): each.status for n, each in self.records.items() if isinstance(each, Ticket)}

    def true_statuses(self) -> dict[int, str]:
        return {n: each.values["status"] for n, each in self.world.tickets().items()}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def desk(request: pytest.FixtureRequest) -> Desk:
    return Desk(request.param)


@pytest.fixture(params=KINDS[:2], ids=lambda kind: kind.__name__)
def keyset(request: pytest.FixtureRequest) -> Desk:
    return Desk(request.param)


def test_a_drain_reads_what_is_new_and_no_more(desk: Desk) -> None:
    first = [str(desk.world.open()) for _ in range(12)]
    assert desk.drain() == set(first)
    desk.world.now += 3600
    second = str(desk.world.open())
    desk.world.now += 1
    assert desk.drain() >= {second}
    assert desk.drain() == set()


def test_a_second_change_in_the_second_of_reading_is_found(keyset: Desk) -> None:
    ticket = keyset.world.open()
    keyset.drain()
    keyset.world.status(ticket, "open", after=0)
    keyset.drain()
    assert keyset.statuses() == {ticket: "open"}


def test_it_goes_on_after_every_page(desk: Desk) -> None:
    for _ in range(12):
        desk.world.open()
    pages = list(desk.pages())
    for number, page in enumerate(pages, 1):
        before = {each.id for done in pages[:number] for each in done.records}
        cursor = json.loads(json.dumps(page.cursor))
        after = {each.id for rest in desk.source.pages(cursor) for each in rest.records}
        assert before | after == set(map(str, range(1, 13)))


@pytest.mark.parametrize("size", [4, 5, 6, 12])
@pytest.mark.parametrize("moment", range(1, 14))
def test_a_bulk_update_of_which_a_ticket_moves_on(desk: Desk, size: int, moment: int) -> None:
    tickets = [desk.world.open() for _ in range(size)]
    later = desk.world.open()
    desk.drain()
    with desk.world.at_once():
        for each in tickets:
            desk.world.status(each, "open")
    desk.world.status(later, "open", after=1)
    desk.system.asked = 0
    desk.system.between = lambda number: number == moment and desk.world.status(1, "closed")
    desk.drain()
    desk.system.between = lambda number: None
    desk.drain()
    assert desk.statuses() == desk.true_statuses()


def test_a_bulk_update_is_not_read_again_at_every_poll(keyset: Desk) -> None:
    tickets = [keyset.world.open() for _ in range(131)]
    keyset.system.FEED_ROWS, keyset.system.PAGE_TICKETS = 100, 50
    keyset.drain()
    with keyset.world.at_once():
        for each in tickets:
            keyset.world.status(each, "open")
    keyset.world.now += 5
    assert len(keyset.drain()) == 131
    keyset.system.asked = 0
    for _ in range(10):
        keyset.world.now += 10
        assert keyset.drain() == set()
    assert keyset.system.asked <= 40
    assert keyset.system.fetched == []


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_missing_and_nothing_stale(desk: Desk, seed: int) -> None:
    """Bulk updates, changes while reading, commits up to 20 s late, in each order."""
    rng, world = random.Random(seed), desk.world
    for _ in range(8):
        world.open()

    def act(_: int = 0) -> None:
        ticket, after = rng.randrange(1, 9), rng.randrange(3)
        if rng.random() < 0.2:
            world.open(after=after)
        elif rng.random() < 0.2:
            with world.at_once(after=1):
                for each in range(1, 9):
                    world.status(each, rng.choice(("open", "on_hold")))
        else:
            world.status(ticket, rng.choice(("open", "on_hold", "resolved")), after=after)

    for _ in range(25):
        for _ in range(rng.randrange(3)):
            act()
        with world.uncommitted() as late:
            world.status(rng.randrange(1, 9), rng.choice(("open", "resolved")), after=1)
        if rng.random() < 0.5:
            world.reply(rng.randrange(1, 9), AGENT, after=2)
        desk.system.between = lambda number: rng.random() < 0.2 and act()
        desk.drain()
        desk.system.between = lambda number: None
        world.now += rng.randrange(16)
        late.commit()
    desk.drain()
    assert desk.statuses() == desk.true_statuses()
    assert desk.records == {
        each.id: each for page in desk.source.pages(None) for each in page.records
    }


def test_a_date_in_the_future_does_not_take_the_cursor_along(keyset: Desk) -> None:
    now = keyset.world.now
    keyset.world.open(after=365 * 86400)
    keyset.world.now = now
    keyset.drain()
    assert keyset.cursor is not None and keyset.cursor["at"] <= now
    second = keyset.world.open()
    keyset.world.now += 1
    assert keyset.drain() == {str(second)}
    assert keyset.drain() == set()


def test_a_clock_set_back_is_followed(keyset: Desk) -> None:
    first, second = keyset.world.open(), keyset.world.open()
    keyset.drain()
    keyset.world.now -= 3600
    keyset.drain()
    keyset.world.status(first, "open")
    keyset.drain()
    keyset.world.status(second, "open")
    keyset.drain()
    assert keyset.statuses() == {first: "open", second: "open"}


def test_since_reads_again_and_keeps_the_cursor_until_it_is_done(desk: Desk) -> None:
    tickets = {str(desk.world.open()) for _ in range(12)}
    desk.drain()
    before = desk.cursor
    pages = desk.source.pages(desk.cursor, since=1)
    first = next(pages)
    if isinstance(desk.system, KeysetSystem):
        assert first.cursor == before
    found = {each.id for page in (first, *pages) for each in page.records}
    assert found == tickets


def test_a_feed_out_of_order_is_refused(keyset: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        keyset.world.open()
    ask = keyset.system.changed_tickets
    monkeypatch.setattr(keyset.system, "changed_tickets", lambda *args: ask(*args)[::-1])
    with pytest.raises(SourceError, match="order"):
        keyset.drain()


def test_a_foreign_cursor_is_refused(desk: Desk) -> None:
    for cursor in ({}, {"low": 1, "seen": []}, {"at": "x", "seen": 3, "blocks": 7}):
        with pytest.raises(SourceError, match="poll --since"):
            list(desk.source.pages(cursor))


def test_a_ticket_no_longer_listed_is_looked_up() -> None:
    desk = Desk(Listed)
    for _ in range(130):
        desk.world.open()
    desk.drain()
    for number in (7, 120):
        desk.world.purge(number)
    desk.drain()
    assert [n for n, each in desk.records.items() if isinstance(each, Gone)] == ["7", "120"]
    assert desk.drain() == set()


def test_a_listing_is_read_again_when_its_map_changes() -> None:
    desk = Desk(Listed)
    desk.world.open()
    desk.drain()
    options = TicketOptions(type="x", map={"priority": {"normal": "middle"}})
    changed = TicketSource("desk", options, desk.system, ())
    (ticket,) = (each for page in changed.pages(desk.cursor) for each in page.records)
    assert isinstance(ticket, Ticket) and ticket.priority == "middle"


def test_each_listed_ticket_without_an_id_is_rejected() -> None:
    desk = Desk(Listed)
    nameless = Rejected("missing_id", "a ticket without id", "id is empty")
    rows = [ChangedTicket("", found=nameless) for _ in range(7)]
    desk.system.all_tickets = lambda *_: iter([rows])
    pages = list(desk.source.pages(None))
    assert [each for page in pages for each in page.rejected] == [nameless] * 7
