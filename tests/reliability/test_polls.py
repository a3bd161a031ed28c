"""What a poll tells of itself: who was faster, what takes too long, and why nobody answers."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES

from collector.io.errors import without_next_poll
from collector.io.http import HttpClient
from collector.io.responses import HttpError
from collector.service.drain import drain
from collector.service.scheduler import SteadyScheduler
from collector.store import Store
from tests.worlds.commands import run_here
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.fake_source import NAME, FakeSource


def test_a_poll_that_another_process_has_overtaken_is_no_failure(
    sqlite_store: Store, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = count(1_800_000_000).__next__

    def overtake(page: Any, _: int) -> None:
        if page.cursor["page"] == 3:
            with Store.open(sqlite_url) as other:
                assert drain(FakeSource(6), other, clock=clock).ok

    with caplog.at_level(logging.INFO):
        result = drain(FakeSource(20), sqlite_store, clock=clock, on_page=overtake)
    assert result.overtaken
    state = sqlite_store.polls.states()[NAME]
    assert (state.consecutive_failures, state.last_failure, state.last_error) == (0, None, None)
    assert [each for each in caplog.records if each.levelno > logging.INFO] == []
    assert f"{NAME}: poll left to another process" in caplog.text


def test_what_takes_longer_than_its_interval_is_not_told_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The scheduler's library told it each time; the service counts it and tells it once."""
    let, skipped, enough = Event(), count(1), Event()
    scheduler = SteadyScheduler(2, print)
    scheduler.add_job(let.wait, "interval", seconds=0.02, id="poll desk")

    def heard(_: object) -> None:
        if next(skipped) == 3:
            enough.set()

    scheduler.add_listener(heard, EVENT_JOB_MAX_INSTANCES)
    scheduler.start()
    try:
        assert enough.wait(60)
    finally:
        let.set()
        scheduler.shutdown()
    assert "skipped" not in caplog.text


@pytest.fixture
def refusing() -> Iterator[str]:
    """A port that is taken, and at which nobody listens."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as made:
        yield made


def _said_of(address: str, deadline: float = 20) -> str:
    with (
        HttpClient(address, tries=1, deadline=deadline) as client,
        pytest.raises(HttpError) as error,
    ):
        client.get("/tickets")
    return str(error.value)


def _answering(listener: socket.socket, answer: Callable[[socket.socket], object]) -> str:
    def serve() -> None:
        with listener.accept()[0] as client:
            answer(client)

    Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    assert "cannot be resolved (DNS)" in _said_of("http://rt.example.org")


def test_a_port_at_which_nobody_listens(refusing: str) -> None:
    assert "refused: nothing listens there" in _said_of(f"http://{refusing}")


def test_a_server_that_speaks_no_tls(listener: socket.socket) -> None:
    where = _answering(
        listener, lambda client: (client.recv(1), client.sendall(b"HTTP/1.1 400 Bad\r\n\r\n"))
    )
    assert "TLS could not be agreed on" in _said_of(f"https://{where}")


def test_a_server_that_takes_too_long(listener: socket.socket) -> None:
    where = _answering(listener, lambda client: client.recv(65_536) and client.recv(1))
    said = _said_of(f"http://{where}", deadline=0.3)
    assert "timed out" in said or "not finished within 0.3 s" in said


def test_a_server_that_hangs_up(listener: socket.socket) -> None:
    where = _answering(listener, lambda client: client.recv(65_536))
    assert "the connection failed" in _said_of(f"http://{where}")


def test_check_does_not_speak_of_a_next_poll(desk: Path, refusing: str) -> None:
    source = f"  broken: {{type: request_tracker, url: 'http://{refusing}', token: '${{HOME}}'}}\n"
    write_desk(desk, CONFIGURATION.replace("rules:", source + "rules:"))
    done = run_here("check")
    assert done.code == 2
    assert "refused: nothing listens there" in done.err
    assert "next poll" not in done.err


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("it broke off: the next poll will try again", "it broke off"),
        ("timed out; the next poll will try again", "timed out"),
        ("404; the next poll will try again; if it stays so, check url",
         "404; if it stays so, check url"),
        ("answered 403: correct it", "answered 403: correct it"),
    ],
)  # fmt: skip
def test_what_is_said_to_who_asks_once(text: str, now: str) -> None:
    assert without_next_poll(text) == now
