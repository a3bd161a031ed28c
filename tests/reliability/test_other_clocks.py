"""``run`` as a process whose wall clock is wrong, or is set while it runs: faketime."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.store import Store
from tests.worlds.json_desk import JsonDesk, json_desk
from tests.worlds.other_clock import OtherClock
from tests.worlds.processes import get, running, value_of
from tests.worlds.sizes import heavy

DAY = 86_400
WRONG = 35 * DAY
LAST_OF_JUNE = datetime(2026, 6, 29, 10, tzinfo=UTC).timestamp()
SOON = 60
"""Seconds that a loaded machine may take for what takes one; far less than any step here."""

CLOCKS = (
    "import json, time; "
    "print(json.dumps([time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)]))"
)


@pytest.fixture
def clock(tmp_path: Path) -> OtherClock:
    return OtherClock(tmp_path)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Months are tried each second, not each minute, or after a failure each hour."""
    command = [sys.executable, "-m", "tests.worlds.hasty_process"]
    monkeypatch.setattr("tests.worlds.processes.COMMAND", command)


def test_only_the_wall_clock_is_another(clock: OtherClock) -> None:
    clock.set(WRONG)
    ours = time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)
    said = subprocess.check_output([sys.executable, "-c", CLOCKS], env=dict(clock.environment))
    wall, *steady = (theirs - own for theirs, own in zip(json.loads(said), ours, strict=True))
    assert wall == pytest.approx(WRONG, abs=SOON)
    assert steady == [pytest.approx(0, abs=SOON)] * 2


def _filled(desk: JsonDesk) -> None:
    """Tickets of May and June 2026, as a desk has them on 29 June."""
    desk.ahead = LAST_OF_JUNE - time.time()
    for number in range(1, 60):
        opened = int(LAST_OF_JUNE) - number * DAY + 3600
        desk.put(number, opened, opened + 7200, responded=opened + 600, resolved=opened + 7200)


def test_a_clock_35_days_ahead_freezes_and_delivers_nothing(
    tmp_path: Path, clock: OtherClock, figure: Callable[[str], None]
) -> None:
    """And once it is right, June is frozen and delivered when it is over."""
    more = "delivery: {formats: [json], targets: {board: {type: folder, path: board}}}\n"
    with json_desk() as (desk, url):
        _filled(desk)
        configured = desk.configuration(url)
        begin, end = configured.index("  phone:"), configured.index("rules:")
        configured = configured[:begin] + configured[end:]  # a file knows no clock
        (tmp_path / "servicedesk.yaml").write_text(
            configured[: configured.index("  answered:")]
            + configured[configured.index("  engagement:") :]
            + more
        )
        clock.set(desk.ahead + WRONG)
        with running(["run"], tmp_path, clock.environment) as service:
            address = service.address()
            said = "The clock of the source desk and our own differ by"
            service.until("the refusal", lambda: said in service.log)

            def told() -> float | None:
                name = "servicedesk_source_clock_skew_seconds"
                return value_of(get(f"{address}/metrics")[1], name, source="desk")

            skew = service.until("the skew", told)
            assert skew == pytest.approx(-WRONG, abs=SOON)
            assert _frozen(tmp_path) == []
            assert not (tmp_path / "board").exists()
            over = datetime(2026, 7, 2, 10, tzinfo=UTC).timestamp()
            desk.ahead = over - time.time()
            clock.set(desk.ahead)
            service.until("June", lambda: "2026-06 is frozen" in service.log)
            service.until("its delivery", lambda: any((tmp_path / "board").rglob("*.json")))
            assert service.end(signal.SIGTERM) == 0
        assert _frozen(tmp_path) == ["2026-06-01"]
        assert "Traceback" not in service.log
    figure(f"skew {skew:,.0f} s: 0 months frozen, 0 delivered; June frozen once the clock is right")


def _frozen(folder: Path) -> list[str]:
    with Store.open(f"sqlite:///{folder / 'servicedesk.db'}") as store:
        return [head.first for head in store.snapshots.heads()]


@pytest.mark.parametrize("step", [-3600, pytest.param(3600, marks=heavy)], ids=["back", "forward"])
def test_a_clock_set_by_an_hour_while_it_runs_stops_nothing(
    tmp_path: Path, clock: OtherClock, figure: Callable[[str], None], step: int
) -> None:
    with json_desk() as (desk, url):
        now = desk.clock()
        desk.put(1, now - DAY, now - DAY)
        desk.written(tmp_path, url, "snapshot: {automatic: false}\n")
        with running(["run"], tmp_path, clock.environment) as service:
            address = service.address()

            def sample(name: str, **labels: str) -> float:
                found = value_of(get(f"{address}/metrics")[1], f"servicedesk_{name}", **labels)
                return -1.0 if found is None else found

            service.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
            open_before = sample("tickets_open", priority="urgent", organization="Laxå")
            began = time.monotonic()
            clock.set(step)
            desk.put(2, now - 60, now)

            def goes_on() -> bool:
                last = sample("source_last_success_timestamp_seconds", source="desk")
                more = sample("tickets_open", priority="urgent", organization="Laxå") > open_before
                return more and abs(last - time.time() - step) < SOON

            service.until("polls and figures by the clock as it is now", goes_on)
            took = time.monotonic() - began
            way = "back" if step < 0 else "forward"
            service.until("the step", lambda: sample("clock_steps_total", direction=way) == 1)
            assert f"the machine's clock was set {way} by" in service.log
            assert sample("scheduler_events_total", event="missed") <= 0
            assert service.end(signal.SIGTERM) == 0
        assert "Traceback" not in service.log
    figure(f"clock set {way} by 1 h: polled and measured by it {took:.1f} s later, 0 polls missed")
