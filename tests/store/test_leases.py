"""Leases: one holder at a time, whatever clocks and processes do, and no write of a former one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.pool import QueuePool

from collector.io import process
from collector.io.process import own_name, read_name
from collector.model.page import Page
from collector.store import Lease, LeaseLost, Store, StoreError
from collector.store.schema import leases

NAME = "collector"
LONG = 60.0


@pytest.fixture
def two(store_url: str) -> Iterator[tuple[Store, Store]]:
    """The same store, as two processes have it."""
    with Store.open(store_url) as one, Store.open(store_url) as other:
        yield one, other


def page(n: int) -> Page:
    return Page(records=[], cursor={"n": n})


def age(store: Store, seconds: int) -> None:
    """As if the lease had been renewed so many seconds before it was."""
    renewed = {"renewed_ms": leases.c.renewed_ms - 1000 * seconds}
    with store._database.writing(guarded=False) as connection:
        connection.execute(update(leases).values(**renewed))


@contextmanager
def held_by(store: Store, holder: process.ProcessName) -> Iterator[None]:
    """As if another process held the lease."""
    with store._database.writing(guarded=False) as connection:
        connection.execute(update(leases).values(holder=str(holder)))
    yield


def test_one_holds_it_until_it_gives_it_up(two: tuple[Store, Store]) -> None:
    first, second = (store.lease(NAME) for store in two)
    assert first.take(LONG)
    assert not second.take(LONG)
    assert second.holder() == own_name().in_words
    assert first.take(LONG), "it is renewed"
    first.release()
    assert second.take(LONG)
    assert not first.take(LONG)


@pytest.mark.parametrize("seconds", [61, -61], ids=["not renewed", "the clock was set back"])
def test_it_passes_on_when_its_age_is_more_than_its_time(
    two: tuple[Store, Store], seconds: int
) -> None:
    first, second = (store.lease(NAME) for store in two)
    assert first.take(LONG)
    age(two[0], seconds)
    assert second.take(LONG)
    assert not first.take(LONG)


def test_nothing_is_written_without_it_or_after_it_was_lost(two: tuple[Store, Store]) -> None:
    one, other = two
    first, second = (store.lease(NAME) for store in two)
    with pytest.raises(LeaseLost, match="does not hold the lease 'collector'"):
        one.pages.save("desk", page(1), None)
    assert first.take(LONG)
    one.pages.save("desk", page(1), None)
    age(one, 61)
    one.pages.save("desk", page(2), {"n": 1})  # late, but nobody else has taken it
    assert second.take(LONG)
    with pytest.raises(LeaseLost):
        one.pages.save("desk", page(3), {"n": 2})
    second.release()
    with pytest.raises(LeaseLost):
        one.pages.save("desk", page(3), {"n": 2})
    assert other.pages.cursor("desk") == {"n": 2}
    assert first.take(LONG), "under a higher number"
    one.pages.save("desk", page(3), {"n": 2})


def test_a_process_without_a_lease_writes_as_before(two: tuple[Store, Store]) -> None:
    service, command = two
    assert service.lease(NAME).take(LONG)
    command.pages.save("desk", page(1), None)
    assert service.pages.cursor("desk") == {"n": 1}


def test_a_holder_that_is_gone_from_this_machine_is_replaced_at_once(
    two: tuple[Store, Store],
) -> None:
    first, second = (store.lease(NAME) for store in two)
    assert first.take(LONG)
    ended = subprocess.Popen(["true"])
    ended.wait()
    with held_by(two[0], replace(own_name(), pid=ended.pid)):
        assert second.take(LONG)


def test_of_a_process_that_cannot_be_seen_from_here_nothing_is_believed(
    two: tuple[Store, Store],
) -> None:
    first, second = (store.lease(NAME) for store in two)
    assert first.take(LONG)
    with held_by(two[0], replace(own_name(), host="elsewhere", pid=1, world="other/pid:[1]")):
        assert not second.take(LONG)
        assert second.holder() == "process 1 on elsewhere"


def test_a_number_that_is_used_again_is_another_process() -> None:
    own = own_name()
    assert not own.is_gone()
    assert replace(own, started="1").is_gone()
    assert read_name(str(own)) == own


def test_a_holder_that_nobody_wrote_is_damage(sqlite_store: Store) -> None:
    lease: Lease = sqlite_store.lease(NAME)
    assert lease.take(LONG)
    with sqlite_store._database.writing(guarded=False) as connection:
        connection.execute(update(leases).values(holder="nonsense"))
    with pytest.raises(StoreError, match="table leases, row collector"):
        lease.holder()


def test_it_is_renewed_while_all_other_connections_are_in_use(store_url: str) -> None:
    """Pages and jobs of a busy service may have them all: whoever leads goes on leading."""
    with Store.open(store_url) as store, ExitStack() as busy:
        lease = store.lease(NAME)
        assert lease.take(LONG)
        pool = store._database._engine.pool
        assert isinstance(pool, QueuePool)
        pool._timeout = 0
        with pytest.raises(StoreError):
            for _ in range(100):
                busy.enter_context(store._database.reading())
        assert lease.take(LONG)
        assert lease.holder() is None
        lease.release()
