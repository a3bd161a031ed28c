"""A feed of numbers that does not go forward is an error, and no poll without an end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.io.errors import SourceError
from collector.sources.kit.raw import Event
from tests.conformance.systems.bench import Bench, bench_of


@pytest.fixture
def bench() -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patched, bench_of("request_tracker", patched) as made:
        yield made


def test_a_list_that_begins_again_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        bench.world.open()
    source = bench.source()
    system = type(source.system)  # type: ignore[attr-defined]
    first = system.tickets_after

    def from_the_beginning(self: object, connection: object, ticket: int, *rest: object) -> object:
        return first(self, connection, 0, *rest)[:1]

    monkeypatch.setattr(system, "tickets_after", from_the_beginning)
    with pytest.raises(SourceError, match="tickets are not listed in the order of their ids"):
        list(source.pages(None))


def test_a_feed_that_stands_still_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.world.open()
    source = bench.source()
    *_, last = source.pages(None)
    bench.world.open()
    system = type(source.system)  # type: ignore[attr-defined]
    monkeypatch.setattr(system, "events_after", lambda self, connection, number: ([], number))
    with pytest.raises(SourceError, match="the feed does not go forward"):
        list(source.pages({**last.cursor, "low": 0}))


def test_an_entry_without_a_ticket_is_rejected_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the overlap reads it again."""
    bench.world.open()
    source = bench.source()
    *_, last = source.pages(None)
    bench.world.open()
    system = type(source.system)  # type: ignore[attr-defined]
    real = system.events_after

    def with_an_odd_one(self: object, connection: object, number: int) -> tuple[list[Event], int]:
        events, high = real(self, connection, number)
        odd = Event(number=high, ticket=None, at=None)
        return [*events, odd, odd], high

    monkeypatch.setattr(system, "events_after", with_an_odd_one)
    pages = list(source.pages(last.cursor))
    rejected = [each for page in pages for each in page.rejected]
    assert len(rejected) == len({each.where for each in rejected}) > 0
    assert {each.reason for each in rejected} == {"bad_field"}
