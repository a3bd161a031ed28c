"""Numbers in no order, lists without times, routes and zones: what several systems share."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from collector.io.errors import SourceError
from collector.model.bilingual import Text
from collector.sources.kit.raw import ChangedTicket, Event, Position
from collector.sources.kit.routes import ask
from collector.sources.kit.undated import UndatedSystem
from collector.sources.kit.web import LocalTimes
from collector.sources.kit.windows import Span, WindowedSystem, highest


@pytest.mark.parametrize("seed", range(30))
def test_the_highest_is_found_whichever_number_is_shown(seed: int) -> None:
    rng = random.Random(seed)
    numbers = rng.sample(range(1, 10 ** rng.randrange(2, 7)), rng.randrange(1, 60))
    asked = []

    def any_above(low: int) -> int | None:
        asked.append(low)
        return rng.choice([n for n in numbers if n > low] or [None])  # type: ignore[list-item]

    assert highest(any_above, rng.choice((0, min(numbers) - 1))) == max(numbers)
    assert len(asked) <= 60


def test_there_is_no_highest_without_any() -> None:
    assert highest(lambda low: None) is None


class Numbers(WindowedSystem[Any]):
    """Some numbers, in no order."""

    WINDOW = 8
    FEED_ROWS = 3
    PAGE_TICKETS = 2

    def __init__(self, *numbers: int) -> None:
        super().__init__(None)
        self.numbers = numbers
        self.spans: list[Span] = []

    def check(self, connection: Any) -> str:
        return ""

    def fetch(self, connection: Any, ids: Any) -> Any:
        return ()

    def _in(self, span: Span) -> list[int]:
        self.spans.append(span)
        last = span.until or max(self.numbers)
        found = [n for n in self.numbers if span.after < n <= last]
        return found if span.most is None else found[: span.most]

    def events_in(self, connection: Any, span: Span) -> list[Event]:
        return [Event(n, str(n), n) for n in self._in(span)]

    def tickets_in(self, connection: Any, span: Span, since: Any) -> list[int]:
        return self._in(span)


@pytest.mark.parametrize("numbers", [(3, 1, 2), range(40, 0, -1), (70, 2, 64, 65, 3, 69, 1, 4, 5)])
def test_all_entries_are_read_whether_few_or_many(numbers: tuple[int, ...]) -> None:
    system = Numbers(*numbers)
    newest = system.newest_event(None, 0)
    assert newest is not None and newest.number == max(numbers)
    low, read = 0, []
    while low < max(numbers):
        events, high = system.events_after(None, low)
        assert high > low
        read += [event.number for event in events]
        low = high
    assert read == sorted(numbers)


def test_a_gap_in_the_ids_is_crossed_in_windows_that_grow() -> None:
    system = Numbers(5, 1, 100_000, 99_999, 2)
    assert system.newest_ticket(None) == 100_000
    system.spans.clear()
    pages, last = [], 0
    while found := system.tickets_after(None, last, 100_000):
        pages.append([each.id for each in found])
        last = int(found[-1].id)
    assert pages == [["1", "2"], ["5"], ["99999", "100000"]]
    assert len(system.spans) < 20


class Undated(UndatedSystem[Any]):
    """``order``: what each search returns; ``times``: of the tickets when they are asked for."""

    def __init__(self, *order: str, **times: int) -> None:
        super().__init__(SimpleNamespace(overlap=0))
        self.order, self.times = list(order), times
        self.server_time = 50

    def check(self, connection: Any) -> str:
        return ""

    def fetch(self, connection: Any, ids: Any) -> Any:
        return ()

    def ids_changed(self, connection: Any, at: int, most: int) -> list[str]:
        return list(self.order.pop(0) if len(self.order) > 1 else self.order[0])[:most]

    def times_of(self, connection: Any, ids: Any) -> Any:
        return ((each, self.times[each]) for each in ids if each in self.times)

    def lines(self, size: int) -> list[ChangedTicket]:
        return list(self.changed_tickets(self, Position(1), size))


def test_a_ticket_that_changed_while_it_was_listed_hides_none_behind_it() -> None:
    lines = Undated("abc", a=10, b=60, c=30).lines(9)
    assert [(each.id, each.at) for each in lines] == [("a", 10), ("b", 30), ("c", 30)]


def test_the_last_of_a_full_page_is_left_out_if_it_has_moved() -> None:
    assert [each.id for each in Undated("abc", "abd", a=10, b=20, c=60).lines(3)] == ["a", "b"]
    assert [each.id for each in Undated("abc", "abc", a=10, b=20, c=60).lines(3)] == ["a", "b", "c"]


def test_a_listed_ticket_that_may_not_be_read_keeps_its_place_so_that_a_full_page_stays_one() -> (
    None
):
    lines = Undated("abc", a=10, c=30).lines(9)
    assert [(each.id, each.at) for each in lines] == [("a", 10), ("b", 10), ("c", 30)]


def test_listed_tickets_none_of_which_may_be_read_are_nothing_to_see() -> None:
    assert Undated("abc").lines(9) == []


def test_a_page_of_which_none_may_be_read_is_no_end_of_the_list() -> None:
    several = Undated("".join(map(chr, range(0x400, 0x400 + Undated.FEED_ROWS))))
    with pytest.raises(SourceError, match="none of 100 tickets in a row"):
        several.lines(Undated.FEED_ROWS)


class Asked:
    """A client that keeps what it was asked."""

    def get(self, path: str, params: Any, **_: Any) -> Any:
        self.asked: Any = ("GET", path, params)

    def post(self, path: str, json: Any, **_: Any) -> Any:
        self.asked = ("POST", path, json)


@pytest.mark.parametrize(
    ("route", "sent"),
    [
        ("GET /T/:ID", ("GET", "/T/1,2", [("a", "x"), ("a", "y")])),
        ("GET /T", ("GET", "/T", [("ID", "1"), ("ID", "2"), ("a", "x"), ("a", "y")])),
        ("POST /T", ("POST", "/T", {"ID": ["1", "2"], "a": ["x", "y"]})),
        ("POST /:ID/:IDs", ("POST", "/1,2/:IDs", {"a": ["x", "y"]})),
    ],
)
def test_a_route_takes_what_it_names_and_sends_the_rest(route: str, sent: Any) -> None:
    client: Any = Asked()
    ask(client, route, {"ID": ["1", "2"], "a": ["x", "y"]})
    assert client.asked == sent


def test_a_zone_is_refused_by_a_quarter_of_an_hour() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
    client: Any = SimpleNamespace(server_time=now)
    keys = {"type": "it", "url": "https://desk.example", "timezone": "Asia/Kathmandu"}
    options = Local.model_validate(keys)
    options.refuse_other_zone(client, int(now) + 900)
    options.refuse_other_zone(client, int(now) - 5000, ago=4500)
    options.refuse_other_zone(client, int(now) - 5000, only_ahead=True)
    for theirs, more in ((901, {}), (-901, {}), (901, {"only_ahead": True}), (0, {"ago": 901})):
        with pytest.raises(SourceError, match="15 min off in the zone Asia/Kathmandu"):
            options.refuse_other_zone(client, int(now) + theirs, **more)


class Local(LocalTimes):
    title = Text(sv="Det", en="It")
