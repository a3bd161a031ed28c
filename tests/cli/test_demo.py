"""``demo`` as a process: it shows, serves, stops and leaves nothing behind."""

from __future__ import annotations

import re
import signal
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.cli.demo.run import SimulatedClock, next_office_time, simulated_start
from collector.service.listener import listen
from tests.worlds.commands import run_here
from tests.worlds.processes import get, running, value_of, without_progress

PAGES = ["/", "/open", "/indicator/first_line?period=month", "/metrics", "/readyz"]
ARGUMENTS = ["demo", "--port", "0", "--months", "1", "--start", "2020-06-18T10:00"]
STOPPED = "stopped; all files of the demo have been removed\n"


def _folders(tmp_path: Path) -> dict[str, str]:
    """Temporary files go into a folder of ours; the present folder is another."""
    for name in ("here", "temporary"):
        (tmp_path / name).mkdir()
    return {"TMPDIR": str(tmp_path / "temporary")}


def _left_over(tmp_path: Path) -> list[Path]:
    return [*(tmp_path / "here").iterdir(), *(tmp_path / "temporary").iterdir()]


def _board(said: str) -> str:
    """The first board that was printed."""
    _, _, rest = said.partition("year to date")
    return rest.partition("http://")[0]


def test_the_demo(tmp_path: Path) -> None:
    env = _folders(tmp_path)
    with running([*ARGUMENTS, "--seconds", "3"], tmp_path / "here", env) as first:
        address = first.address()
        ready = first.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
        text = get(f"{address}/metrics")[1]
        assert first.wait() == 0
    assert ready
    assert value_of(text, "servicedesk_source_up", source="desk") == 1
    assert value_of(text, "servicedesk_source_up", source="phone") == 1
    assert value_of(text, "servicedesk_calendar_open", calendar="office") == 1
    eligible = value_of(
        text, "servicedesk_indicator_eligible", indicator="first_line", period="year_to_date"
    )
    assert eligible is not None
    assert eligible > 100
    assert without_progress(first.log) == ""
    assert first.said.endswith(STOPPED)
    assert "simulated time Thu 2020-06-18 10:00:00" in _board(first.said)
    assert "Urgent incidents answered" in _board(first.said)
    # a path that is to be copied stays on one line, however long the temporary folder is
    folded = [line for line in first.said.splitlines() if "export SERVICEDESK" not in line]
    assert max(map(len, folded)) <= 120
    assert _left_over(tmp_path) == []

    with running([*ARGUMENTS, "--speed", "600"], tmp_path / "here", env) as second:
        second.address()
        second.until("the board", lambda: "traffic continues" in second.said)
        assert second.end(signal.SIGINT) == 0
    assert without_progress(second.log) == ""
    assert second.said.endswith(STOPPED)
    assert _left_over(tmp_path) == []
    assert _board(second.said) == _board(first.said), "the same seed gives the same history"


def test_what_the_demo_names_opens_and_can_be_used(tmp_path: Path) -> None:
    with running(ARGUMENTS, tmp_path / "here", _folders(tmp_path)) as demo:
        address = demo.address()
        demo.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
        pages = {path: get(f"{address}{path}")[0] for path in PAGES}
        config = re.search(r"SERVICEDESK_KPI_CONFIG=(\S+)", demo.said)
        assert config is not None
        measured = run_here("measure", "--period", "2020-05", "--config", config[1])
        link = re.search(r"http://[^\s\"]+Display.html\?id=\d+", get(f"{address}{PAGES[2]}")[1])
        assert link is not None
        ticket = get(link[0])
        assert demo.end(signal.SIGINT) == 0
    assert set(pages.values()) == {200}
    assert (measured.code, measured.err) == (0, "")
    assert (ticket[0], ticket[1].splitlines()[0][-25:]) == (200, "simulated Request Tracker")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_stopped_while_history_is_made(tmp_path: Path, sent: signal.Signals) -> None:
    env = _folders(tmp_path)
    with running(["demo", "--port", "0"], tmp_path / "here", env) as demo:
        demo.until("the beginning", lambda: "Servicedesk KPI demo" in demo.said)
        assert demo.end(sent) == 0
    assert demo.said.endswith(STOPPED)
    assert "Traceback" not in demo.log
    assert _left_over(tmp_path) == []


def test_a_port_that_is_taken() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        outcome = run_here("demo", "--port", str(taken.getsockname()[1]), "--months", "1")
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert "Address already in use; choose another with --port" in line


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2020-06-18T10:00:00", "2020-06-18T10:00:00"),
        ("2020-06-18T07:00:00", "2020-06-18T08:30:00"),
        ("2020-06-18T17:00:00", "2020-06-22T08:30:00"),  # Midsummer's Eve is closed
        ("2020-10-24T12:00:00", "2020-10-26T08:30:00"),  # the clock goes back in between
    ],
)
def test_the_present_is_in_office_hours(now: str, start: str) -> None:
    zone = ZoneInfo("Europe/Stockholm")
    at = int(datetime.fromisoformat(now).replace(tzinfo=zone).timestamp())
    assert (
        datetime.fromtimestamp(next_office_time(at), zone).replace(tzinfo=None).isoformat() == start
    )


def test_at_real_speed_it_is_now() -> None:
    """A Prometheus beside it compares with its own clock, at night and on holidays, too."""
    night = 1_592_514_000  # 2020-06-18 23:00
    assert simulated_start(1, night) == night
    assert simulated_start(60, night) == next_office_time(night) > night
    clock = SimulatedClock(night, 1, follows=True)
    assert clock.seconds() == night
    before = time.time()
    clock.run()
    assert before - 1 <= clock() <= time.time() + 1


def test_the_clock_stands_until_it_is_told_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 102.5])
    monkeypatch.setattr("collector.cli.demo.run.time.monotonic", lambda: next(moments))
    clock = SimulatedClock(1000, 60)
    assert clock.seconds() == 1000
    clock.run()
    assert clock.seconds() == 1150
