"""What a service does about a damaged store, a failed look at history, and a lease it gives up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.service import leading
from collector.service.asked_polls import AGAIN_AFTER
from collector.service.freeze_job import AutomaticFreezing
from collector.service.leading import LeaseKeeper
from collector.service.service import Service
from collector.store import Store, StoreError
from tests.worlds.measured import CALLS, at, settings_of

NOW = at("2020-07-02 09:00")


def service_on(store: Store) -> Service:
    return Service(settings_of({"one": CALLS}), store, lambda: NOW)


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def test_damage_that_the_daily_check_finds_makes_it_not_ready_until_a_check_finds_none(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = service_on(sqlite_store)
    service.check_store()
    assert service.store_fault() is None
    with monkeypatch.context() as broken:

        def damaged(_: object) -> None:
            raise StoreError("the store is damaged: tickets, row 7")

        broken.setattr(type(sqlite_store), "check", damaged)
        service.check_store()
    assert "the store is damaged: tickets, row 7" in service.waiting_for()
    health = service.health()
    assert (health.store_answers, health.leads) == (False, False)
    assert "the daily check of the store failed: the store is damaged" in caplog.text
    service.check_store()
    assert service.store_fault() is None
    assert service.health().store_answers


def test_a_history_that_cannot_be_measured_costs_the_forecasts_alone(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = service_on(sqlite_store)
    service.measure()

    def unreadable(_: int) -> bool:
        raise UserFacingError("the store cannot be read")

    monkeypatch.setattr(service.live, "extend", unreadable)
    service.look_back()
    assert "so there are no forecasts: the store cannot be read" in caplog.text
    assert service.snapshot() is not None


def test_who_steps_aside_lets_the_other_lead_and_takes_over_only_when_that_ends(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(leading, "LOOK", 0.01)
    monkeypatch.setattr(leading, "ASIDE", 0.3)
    caplog.set_level(logging.INFO)
    taken: list[str] = []
    with LeaseKeeper(sqlite_store) as one:
        assert one.leads()
        with LeaseKeeper(sqlite_store) as other:
            other.on_taken = lambda: taken.append("other")
            assert not other.leads()
            one.step_aside()
            assert not one.leads()
            until(other.leads)
            assert taken == ["other"]
            assert "this process leads now: it polls, freezes and delivers" in caplog.text
        until(one.leads)


def test_the_lease_is_looked_after_whatever_goes_wrong(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(leading, "LOOK", 0.01)
    with LeaseKeeper(sqlite_store) as keeper:
        take, wrong = keeper._lease.take, [RuntimeError("hidden")]

        def once(seconds: float) -> bool:
            if wrong:
                raise wrong.pop()
            return bool(take(seconds))

        monkeypatch.setattr(keeper._lease, "take", once)
        keeper.step_aside()  # wakes it
        keeper._aside_until = 0.0
        until(keeper.leads)
    assert "the lease could not be renewed: unexpected RuntimeError" in caplog.text
    assert "hidden" not in caplog.text


def test_a_poll_is_asked_for_in_vain_before_polling_has_begun(sqlite_store: Store) -> None:
    service: Any = service_on(sqlite_store)
    service.asked.all_at_once(["phone"])  # as one who begins to lead does
    assert service.asked.ask("phone") == AGAIN_AFTER


def test_a_source_that_cannot_be_made_is_a_failed_poll(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The service goes on, says why, and asks again at the next poll."""

    def impossible(*_: object) -> None:
        raise UserFacingError("the driver oracledb is not installed")

    monkeypatch.setattr("collector.service.reader.build_source", impossible)
    service = service_on(sqlite_store)
    service.poll("phone")
    assert service.health().failing == {"phone"}
    assert "phone: poll failed: the driver oracledb is not installed" in caplog.text
    state = sqlite_store.polls.states()["phone"]
    assert (state.last_success, state.last_failure, state.consecutive_failures) == (None, NOW, 1)
    reader = service._readers["phone"]
    assert not reader.read_named(), "no message has come"
    reader.hear(["7"])
    assert not reader.read_named()
    assert "phone: reading after a message failed: the driver oracledb" in caplog.text


def test_what_cannot_be_frozen_now_is_tried_again_in_an_hour(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [NOW]
    measuring = Measuring(settings_of({"one": CALLS}), sqlite_store)
    job = AutomaticFreezing(lambda: now[0])
    tries: list[int] = []

    def unreadable(*_: object) -> list[object]:
        tries.append(now[0])
        raise StoreError("the store cannot be read")

    monkeypatch.setattr(job._months, "waiting", unreadable)
    for later in (0, 60, 3599, 3600, 3700):
        now[0] = NOW + later
        assert not job.run_if_due(measuring)
    assert tries == [NOW, NOW + 3600]
    assert "no month could be frozen; trying again in an hour: the store cannot be" in caplog.text
