"""The machine's clock is set while the service runs: nothing waits for it, and it is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector.config.loading.load import load_settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.freshness import is_stale, with_true_ages
from collector.measuring.engine.live import Live
from collector.service.asked_polls import AskedPolls
from collector.service.scheduler import SteadyScheduler
from collector.service.service import Service
from collector.store import PollState, Store
from tests.worlds.set_clock import SetClock, set_clock

HOUR = 3600
MONTH = 35 * 24 * HOUR
SOON = 60
"""Seconds: far less than any step here, far more than a loaded machine takes for one second."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    return set_clock(monkeypatch)


@pytest.fixture
def service(polled: Path, clock: SetClock) -> Iterator[Service]:
    """The small desk, read every second."""
    file = polled / "servicedesk.yaml"
    file.write_text(file.read_text() + "snapshot: {automatic: false}\n")
    settings = load_settings(file)
    with Store.open(settings.store) as store:
        running = Service(settings, store, tick=1)
        running.start()
        try:
            yield running
        finally:
            running.stop()


def _until(condition: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain: {what}"
        time.sleep(0.02)


def _goes_on(service: Service, clock: SetClock) -> None:
    """Every source is polled and all is measured, by the clock as it is now."""

    def done() -> bool:
        snapshot = service.live.snapshot
        if snapshot is None or abs(snapshot.now - clock()) > SOON:
            return False
        states = service.store.polls.states()
        return all(abs((states[n].last_started or 0) - clock()) <= SOON for n in states)

    _until(done, "polls and figures of now")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (-HOUR, "the machine's clock was set back by 3600 s"),
        (MONTH, f"the machine's clock was set forward by {MONTH} s"),
    ],
)
def test_a_clock_that_is_set_stops_neither_polls_nor_figures(
    service: Service, clock: SetClock, caplog: pytest.LogCaptureFixture, step: int, said: str
) -> None:
    _goes_on(service, clock)
    clock.ahead += step
    _goes_on(service, clock)
    assert said in caplog.text
    assert service.counters.clock_steps == {"back": step < 0, "forward": step > 0}
    assert service.counters.events["missed"] == 0


def test_a_poll_that_is_asked_for_after_a_step_is_made_at_once(clock: SetClock) -> None:
    """Before the scheduler has noticed, too: noticing must not move it away."""
    seen: list[float] = []
    scheduler = SteadyScheduler(1, seen.append)
    for name in ("desk", "phone"):
        scheduler.add_job(print, "interval", minutes=10, id=f"poll {name}")
    scheduler.start(paused=True)
    try:
        clock.ahead += HOUR
        assert AskedPolls(scheduler).ask("desk") == 0
        due = {each.id: each.next_run_time.timestamp() - clock() for each in scheduler.get_jobs()}
    finally:
        scheduler.shutdown()
    assert seen == [pytest.approx(HOUR, abs=1)]
    assert due == {
        "poll desk": pytest.approx(0, abs=SOON),
        "poll phone": pytest.approx(600, abs=SOON),
    }


def test_figures_of_a_time_that_is_still_to_come_are_not_kept(polled: Path) -> None:
    """A deadline that passed only by the wrong clock has not passed."""
    settings = load_settings(polled / "servicedesk.yaml")
    noon = 1_592_388_000
    with Store.open(settings.store) as store:
        wrong, right = Live(Measuring(settings, store)), Live(Measuring(settings, store))
        wrong.refresh(noon + 20 * 24 * HOUR)
        corrected = wrong.refresh(noon)
        assert corrected.figures == right.refresh(noon).figures
        assert corrected.open_work == right.refresh(noon).open_work


def test_a_reading_from_the_future_is_as_old_as_it_is_far(polled: Path) -> None:
    settings = load_settings(polled / "servicedesk.yaml")
    now = 1_600_000_000
    read = {"desk": PollState(source="desk", last_success=now + HOUR)}
    assert is_stale(settings, ["desk"], now, with_true_ages(now, read))
    assert not is_stale(settings, ["desk"], now, read)  # of a period that is over it is enough
    with Store.open(settings.store) as store:
        live = Live(Measuring(settings, store))
        live.refresh(now)
        shown = live.seen(now - HOUR)
        assert shown is not None
        assert all(shown.stale.values())
