"""``run`` as a process: health, metrics, sources that fail, signals; and bad answers over HTTP."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from collector.config.loading.load import load_settings
from collector.io.http import HttpClient
from collector.store import Store
from tests.worlds.commands import run_here, run_process
from tests.worlds.desk import CALLS, CONFIGURATION, TICKETS, write_desk
from tests.worlds.measured import polled
from tests.worlds.processes import complaints_of_promtool, families, get, running, value_of
from tests.worlds.serving import served

TOKEN = "hush-5b1f0c"
NAMES = {
    *(f"queue_{name}" for name in ("callers_waiting", "longest_wait_seconds", "agents_logged_in",
                                   "agents_ready", "agents_on_call", "agents_paused")),
    "calls_refused_today",
    *(f"indicator_{name}" for name in ("ratio", "seconds", "value", "good", "eligible", "pending",
                                       "state", "misses_left", "target_ratio", "target_seconds")),
    *(f"organization_{name}" for name in ("ratio", "seconds", "value", "good", "eligible",
                                          "pending", "state", "misses_left")),
    "tickets_open", "tickets_overdue", "ticket_next_deadline_timestamp_seconds", "calendar_open",
    "source_up", "source_last_success_timestamp_seconds",
    "source_newest_record_timestamp_seconds", "source_poll_duration_seconds",
    "source_poll_interval_seconds", "source_records", "source_rejected_total",
    "source_ignored_total", "source_clock_skew_seconds", "leader", "build_info",
}  # fmt: skip
"""Metrics whose names are fixed, but for the forecast."""


class Tracker:
    """A ticket system that answers as a test tells it, once it is let."""

    def __init__(self) -> None:
        self.answer: Callable[[], Response] = lambda: PlainTextResponse("no", status_code=401)
        self.let = Event()
        self.asked = 0
        self.authorizations: set[str] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from anyio.to_thread import run_sync

        self.asked += 1
        self.authorizations.add(Request(scope).headers.get("authorization", ""))
        await run_sync(lambda: self.let.wait(60))
        await self.answer()(scope, receive, send)


def _with_tracker(folder: Path, address: str, every: str = "1s") -> Path:
    source = f"  broken: {{type: request_tracker, url: '{address}', every: {every},"
    source += " token: '${DESK_TOKEN}'}\n"
    return write_desk(folder, CONFIGURATION.replace("rules:", source + "rules:"))


def test_the_life_of_a_service(tmp_path: Path) -> None:
    tracker = Tracker()
    with served(tracker) as tracker_at:
        once = 1_577_836_800
        with Store.open(load_settings(_with_tracker(tmp_path, tracker_at)).store) as store:
            polled(store, "broken", once)
        with running(["-v", "run"], tmp_path, {"DESK_TOKEN": TOKEN}) as service:
            address = service.address()

            def metrics() -> str:
                return get(f"{address}/metrics")[1]

            def sample(name: str, **labels: str) -> float | None:
                return value_of(metrics(), f"servicedesk_{name}", **labels)

            # Alive at once, but not ready until every source was asked
            assert get(f"{address}/healthz") == (200, "alive\n")
            waiting = "waiting: first poll of broken\n"
            service.until("the other polls", lambda: get(f"{address}/readyz") == (503, waiting))
            tracker.let.set()
            service.until("readiness", lambda: get(f"{address}/readyz") == (200, "ready\n"))

            # What is served; the failing source stops nobody
            names = {f"servicedesk_{name}" for name in NAMES}
            service.until("a measurement of all", lambda: families(metrics()) >= names)
            assert sample("source_up", source="broken") == 0
            assert sample("source_up", source="desk") == 1
            assert sample("source_up", source="phone") == 1
            assert sample("source_records", source="broken") == 0
            assert sample("source_last_success_timestamp_seconds", source="broken") == once
            assert sample("records_stale", records="tickets") == 1
            assert sample("records_stale", records="calls") == 0
            urgent = {"priority": "urgent", "organization": "Askersund"}
            assert sample("tickets_open", **urgent) == 1
            assert sample("tickets_overdue", **urgent) == 1
            assert get(f"{address}/nothing")[0] == 404
            assert get(f"{address}/")[0] == 200

            # Figures follow their file
            row = "6,incident,urgent,Askersund,2020-06-26 16:50:00,,,,new,,,\n"
            (tmp_path / "tickets.csv").write_text(TICKETS + row)
            service.until("the new ticket", lambda: sample("tickets_open", **urgent) == 2)

            # A source that begins to fail keeps its last figures
            seen = sample("source_last_success_timestamp_seconds", source="desk")
            (tmp_path / "tickets.csv").rename(tmp_path / "away.csv")
            service.until("the failure", lambda: sample("source_up", source="desk") == 0)
            assert sample("tickets_open", **urgent) == 2
            stayed = sample("source_last_success_timestamp_seconds", source="desk")
            assert stayed is not None
            assert seen is not None
            assert stayed >= seen
            (tmp_path / "calls.csv").write_text(
                CALLS + "e,it,Laxå,2020-06-17 09:20:00,abandoned,1,,,\n"
            )
            service.until("others to go on", lambda: sample("source_records", source="phone") == 5)
            (tmp_path / "away.csv").rename(tmp_path / "tickets.csv")
            service.until("the recovery", lambda: sample("source_up", source="desk") == 1)

            # A second one on the same port
            port = address.rpartition(":")[2]
            other = tmp_path / "other.yaml"
            other.write_text(
                (tmp_path / "servicedesk.yaml").read_text().replace("port: 0", f"port: {port}")
            )
            refused = run_process(["run", "--config", "other.yaml"], cwd=tmp_path)
            assert refused.code == 2
            assert refused.err == (
                f"error: cannot listen on 127.0.0.1 port {port}: Address already in use; "
                "choose another under server.port\n"
            )

            assert service.end(signal.SIGTERM) == 0
    assert tracker.authorizations == {f"token {TOKEN}"}
    log = service.log
    assert "broken: poll failed (HttpError): GET 127.0.0.1:" in log
    assert "answered 401: the credentials are wrong or lack permissions" in log
    assert log.rstrip().endswith("stopped")
    assert "Traceback" not in log
    assert TOKEN not in log
    assert service.said == ""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it_at_once(tmp_path: Path, sent: signal.Signals) -> None:
    write_desk(tmp_path)
    with running(["run"], tmp_path) as service:
        service.address()
        assert service.end(sent) == 0
    assert "Traceback" not in service.log
    assert service.log.rstrip().endswith("stopped")


def test_a_source_nobody_answers_for(tmp_path: Path) -> None:
    _with_tracker(tmp_path, "http://127.0.0.1:1", "1h")
    with running(["run"], tmp_path, {"DESK_TOKEN": TOKEN}) as service:
        address = service.address()
        service.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
        text = get(f"{address}/metrics")[1]
        assert value_of(text, "servicedesk_source_up", source="broken") == 0
        assert value_of(text, "servicedesk_source_up", source="desk") == 1
        assert service.end(signal.SIGTERM) == 0
    assert "GET 127.0.0.1:1/REST/2.0" in service.log
    assert "the connection failed; the next poll will try again" in service.log
    assert "Traceback" not in service.log


def test_promtool_has_no_complaints(tmp_path: Path) -> None:
    _with_tracker(tmp_path, "http://127.0.0.1:1", "1h")
    with (tmp_path / "calls.csv").open("a") as calls:
        calls.write("x,it,Örebro,2020-06-18 10:00:00,answered,1,,,\n")
    with running(["run"], tmp_path) as service:
        address = service.address()
        service.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
        text = get(f"{address}/metrics")[1]
        assert service.end(signal.SIGTERM) == 0
    assert complaints_of_promtool(text) == ""


# Bad answers


def _half() -> Response:
    return Response('{"version": "5.0.', media_type="application/json")


ANSWERS: list[tuple[str, Callable[[], Response], str]] = [
    ("html", lambda: HTMLResponse("<h1>Log in</h1>"), "returned a web page instead of data"),
    ("401", lambda: PlainTextResponse(TOKEN, 401), "answered 401: the credentials"),
    ("404", lambda: PlainTextResponse(TOKEN, 404), "answered 404: the request was refused"),
    ("302", lambda: Response(status_code=302, headers={"Location": "/login"}), "redirects are not"),
    ("429", lambda: Response(status_code=429, headers={"Retry-After": "3600"}),
     "answered 429 and asks to wait 3600 s; the next poll will try again"),
    ("500", lambda: PlainTextResponse("Traceback (most recent", 500), "answered 500"),
    ("503", lambda: Response(status_code=503), "answered 503; the next poll will try again"),
    ("half", _half, "the response is incomplete or damaged"),
    ("empty", lambda: Response(media_type="application/json"), "the response is incomplete"),
    ("list", lambda: JSONResponse([1, 2]), "returned JSON that is not an object"),
    ("other", lambda: JSONResponse({"hello": "world"}), "broken: failed: "),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "says"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_bad_answers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    answer: Callable[[], Response],
    says: str,
) -> None:
    defaults = HttpClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", lambda _: None)
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    tracker = Tracker()
    tracker.answer = answer
    tracker.let.set()
    with served(tracker) as address:
        file = _with_tracker(tmp_path, address)
        outcome = run_here("-v", "poll", "--config", file)
        checked = run_here("-v", "check", "--config", file)
    assert outcome.code == 1
    desk, phone, broken = outcome.out.splitlines()
    assert desk == "desk: 5 records, 5 new or changed"
    assert phone == "phone: 4 records, 4 new or changed"
    assert broken.startswith("broken: failed: ")
    assert says in broken
    assert "unexpected" not in broken
    assert checked.code == 2
    assert any(line.startswith(f"{file}: sources.broken: ") for line in checked.err.splitlines())
    for text in (outcome.out, outcome.err, checked.out, checked.err):
        assert TOKEN not in text
        assert "Traceback" not in text
    with Store.open(make_url(f"sqlite:///{tmp_path}/servicedesk.db").render_as_string()) as store:
        states = store.polls.states()
        assert store.pages.cursor("broken") is None
    assert states["broken"].consecutive_failures == 1
    assert states["broken"].last_success is None
    assert states["desk"].consecutive_failures == 0
