"""The HTTP client against a real server on loopback that misbehaves on purpose."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.utils import formatdate

import pytest

from collector.io.http import Answer, HttpClient, HttpError, HttpUrl
from collector.io.secrets import Secret
from collector.model.fields import Strict

TOKEN = "token-7e57ed"
QUERY = {"query": "marked-query"}

Script = Callable[[socket.socket, int], None]


@contextmanager
def server(script: Script) -> Iterator[tuple[str, list[bytes]]]:
    """Runs ``script`` for every connection, with the number of the request; notes the requests."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    requests: list[bytes] = []
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with closing(connection):
                connection.settimeout(5)
                with contextlib.suppress(OSError):  # the client may go, as it should
                    request = b""
                    while b"\r\n\r\n" not in request:
                        request += connection.recv(65536)
                    requests.append(request)
                    script(connection, len(requests))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
    finally:
        stop.set()
        thread.join(10)
        listener.close()


def reply(status: str, body: bytes = b"{}", *headers: str, kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def saying(*answers: bytes) -> Script:
    """Answers one after the other; the last for ever."""
    return lambda connection, n: connection.sendall(answers[min(n, len(answers)) - 1])


class Sleeps:
    """Counts pauses instead of making them."""

    def __init__(self) -> None:
        self.made: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.made.append(seconds)


def ask(url: str, sleeps: Sleeps | None = None, **options: object) -> Answer:
    def headers() -> dict[str, str]:
        return {"Authorization": f"token {TOKEN}"}

    with HttpClient(url, headers, sleep=sleeps or Sleeps(), **options) as client:  # type: ignore[arg-type]
        return client.get("/api", QUERY)


def failure(script: Script, **options: object) -> tuple[HttpError, int, Sleeps]:
    """The error of asking, the number of requests that were made, and the pauses."""
    sleeps = Sleeps()
    with server(script) as (url, requests), pytest.raises(HttpError) as caught:
        ask(url, sleeps, **options)
    text = str(caught.value)
    assert text.startswith("GET 127.0.0.1:") and "/api: " in text
    assert TOKEN not in text and "marked" not in text and "?" not in text
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value, len(requests), sleeps


def test_an_object_comes_with_the_clock_skew() -> None:
    date = f"Date: {formatdate(1_600_000_000, usegmt=True)}"
    with server(saying(reply("200 OK", b'{"a": 1}', date))) as (url, requests):
        answer = ask(url + "/", clock=lambda: 1_599_999_990.0)
    assert (answer.body, answer.status, answer.clock_skew) == ({"a": 1}, 200, 10.0)
    assert requests[0].startswith(b"GET /api?query=marked-query HTTP/1.1\r\n")
    assert f"Authorization: token {TOKEN}".encode() in requests[0]


def test_a_missing_or_damaged_date_is_no_skew() -> None:
    for date in ("X-Nothing: 1", "Date: rubbish"):
        with server(saying(reply("200 OK", b"{}", date))) as (url, _):
            assert ask(url).clock_skew is None


def test_a_date_in_an_older_form_is_in_utc_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with server(saying(reply("200 OK", b"{}", "Date: Sun Sep 13 12:26:40 2020"))) as (url, _):
            assert ask(url, clock=lambda: 1_600_000_000.0).clock_skew == 0.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("status", ["429 Slow", "500 Oops", "502 Bad", "503 Busy", "504 Late"])
def test_temporary_failures_are_tried_again(status: str) -> None:
    with server(saying(reply(status), reply(status), reply("200 OK", b'{"a": 1}'))) as (url, seen):
        sleeps = Sleeps()
        assert ask(url, sleeps).body == {"a": 1}
    assert len(seen) == 3 and len(sleeps.made) == 2


@pytest.mark.parametrize("status", ["429 Slow", "500 Oops", "503 Busy"])
def test_after_five_tries_the_job_is_given_back(status: str) -> None:
    error, tries, sleeps = failure(saying(reply(status)))
    assert (error.permanent, error.status) == (False, int(status[:3]))
    assert tries == 5
    assert all(0 <= pause <= 8 for pause in sleeps.made) and len(set(sleeps.made)) == 4


@pytest.mark.parametrize(
    ("wait", "shortest"),
    [("0", 0), ("3", 3), ("-5", 0), ("soon", 0), ("", 0), ("9" * 40, 0), ("1.5", 1.5)],
)
def test_retry_after_is_heeded(wait: str, shortest: float) -> None:
    answers = (reply("429 Slow", b"{}", f"Retry-After: {wait}"), reply("200 OK"))
    with server(saying(*answers)) as (url, _):
        sleeps = Sleeps()
        ask(url, sleeps)
    assert len(sleeps.made) == 1 and shortest <= sleeps.made[0] < shortest + 8


def test_retry_after_may_be_a_date_of_the_servers_clock() -> None:
    headers = [f"Date: {formatdate(1_000, usegmt=True)}"]
    headers += [f"Retry-After: {formatdate(1_009, usegmt=True)}"]
    with server(saying(reply("503 Busy", b"{}", *headers), reply("200 OK"))) as (url, _):
        sleeps = Sleeps()
        ask(url, sleeps)
    assert sleeps.made == [9.0]


@pytest.mark.parametrize("options", [{}, {"deadline": 9000.0}])
def test_a_long_wait_gives_the_job_back_at_once(options: dict[str, float]) -> None:
    error, tries, sleeps = failure(saying(reply("429 Slow", b"", "Retry-After: 3600")), **options)
    assert not error.permanent and "asks to wait 3600 s" in str(error)
    assert (tries, sleeps.made) == (1, [])


def test_a_wait_beyond_the_deadline_gives_the_job_back() -> None:
    error, tries, _ = failure(saying(reply("429 Slow", b"", "Retry-After: 30")), deadline=20.0)
    assert not error.permanent and tries == 1


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("401 No", "credentials"),
        ("403 No", "permissions"),
        ("400 What", "configuration"),
        ("404 Where", "address"),
        ("302 There", "redirect"),
        ("304 Same", "redirect"),
    ],
)
def test_refusals_are_final(status: str, hint: str) -> None:
    error, tries, _ = failure(saying(reply(status, b"{}", "Location: http://127.0.0.2/marked")))
    assert (error.permanent, error.status, tries) == (True, int(status[:3]), 1)
    assert hint in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        reply("200 OK", b"<html>log in, marked</html>", kind="text/html"),
        reply("200 OK", b"\n<!DOCTYPE html>", kind="application/json"),
        reply("200 OK", b"please log in", kind="text/plain"),
    ],
)
def test_a_page_instead_of_data_is_final(answer: bytes) -> None:
    error, tries, _ = failure(saying(answer))
    assert error.permanent and tries == 1 and "login" in str(error)


@pytest.mark.parametrize("body", [b"[1]", b"null", b'"text"', b"12"])
def test_another_container_is_final(body: bytes) -> None:
    error, tries, _ = failure(saying(reply("200 OK", body)))
    assert error.permanent and tries == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b'{"items": [1, 2',
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nff\r\n{",
        reply("200 OK", b""),
        reply("200 OK", b"[" * 100_000),
        reply("200 OK", b'{"a": "\xff"}'),
        reply("200 OK", b"not gzip", "Content-Encoding: gzip"),
        b"",
        b"rubbish\r\n\r\n",
    ],
    ids=[
        "half",
        "half-with-length",
        "half-chunk",
        "empty",
        "deep",
        "not-utf-8",
        "not-gzip",
        "nothing",
        "not-http",
    ],
)
def test_half_an_answer_is_tried_again(answer: bytes) -> None:
    error, tries, _ = failure(saying(answer))
    assert not error.permanent and tries == 5
    with server(saying(answer, reply("200 OK", b'{"a": 1}'))) as (url, _):
        assert ask(url).body == {"a": 1}


def test_nobody_there_is_not_final() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(HttpError) as caught:
        ask(f"http://127.0.0.1:{port}")
    assert not caught.value.permanent and caught.value.status is None


def test_a_gzip_bomb_stops() -> None:
    bomb = gzip.compress(b'{"a": "' + b"0" * 50_000_000 + b'"}')
    answer = reply("200 OK", bomb, "Content-Encoding: gzip")
    error, tries, _ = failure(saying(answer), max_bytes=1_000_000)
    assert error.permanent and tries == 1 and "larger than" in str(error)


def test_gzip_below_the_limit_is_read() -> None:
    answer = reply("200 OK", gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip")
    with server(saying(answer)) as (url, _):
        assert ask(url).body == {"a": 1}


def drip(head: bytes) -> Script:
    def script(connection: socket.socket, _: int) -> None:
        connection.sendall(head)
        for _ in range(1000):
            connection.sendall(b" ")
            time.sleep(0.05)

    return script


@pytest.mark.parametrize(
    "script",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX-Long: "),
        lambda connection, _: connection.recv(9999) and connection.recv(1),
    ],
    ids=["body", "headers", "silence"],
)
def test_the_deadline_holds_however_slowly_the_answer_drips(script: Script) -> None:
    start = time.monotonic()
    error, _, _ = failure(script, deadline=0.5)
    assert not error.permanent
    assert 0.3 < time.monotonic() - start < 25, "the answer itself takes fifty seconds"


def test_the_deadline_holds_over_all_tries() -> None:
    now = [0.0]

    def pass_time(seconds: float) -> None:
        now[0] += 7.0

    with server(saying(reply("503 Busy"))) as (url, seen):
        client = HttpClient(url, sleep=pass_time, monotonic=lambda: now[0])
        with client, pytest.raises(HttpError):
            client.get("/api", QUERY)
    assert len(seen) == 3


def test_logs_hold_neither_token_nor_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    damaged = b"HTTP/1.1 200 OK\r\nno colon in this marked header\r\n\r\n{}"
    for answer in (reply("200 OK"), reply("503 Busy"), damaged):
        with server(saying(answer)) as (url, _), contextlib.suppress(HttpError):
            ask(url)
    logged = " ".join([caplog.text, *(str(record.__dict__) for record in caplog.records)])
    assert "GET /api?…" in logged
    assert TOKEN not in logged and "marked" not in logged


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(saying(reply("200 OK"))) as (url, _):
        assert ask(url).body == {}


def test_bad_credentials_and_files_are_told_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    missing = HttpClient("http://127.0.0.1", lambda: {"X": Secret("${NOT_SET}").reveal()})
    broken = HttpClient("http://127.0.0.1", lambda: {"X": "marked\nline"})
    foreign = HttpClient("http://127.0.0.1", lambda: {"X": "marked→"})
    no_file = HttpClient("https://127.0.0.1", ca_file="/nowhere/marked.pem")
    for client in (missing, broken, foreign, no_file):
        with client, pytest.raises(HttpError) as caught:
            client.get("/api")
        assert caught.value.permanent and "marked" not in str(caught.value)


def test_addresses_are_checked() -> None:
    class Settings(Strict):
        url: HttpUrl

    assert Settings(url="https://desk.example/rt/").url == "https://desk.example/rt"
    for bad in ("desk.example", "ftp://x", "file:///etc/passwd", "https://", "http://u:p@x/"):
        with pytest.raises(ValueError, match="address"):
            Settings(url=bad)
    for bad in ("http://x/?a=b", "http://x/#a", "http://x:99999", "http://[x"):
        with pytest.raises(ValueError, match="address"):
            Settings(url=bad)


def test_connections_are_used_again() -> None:
    connections: list[int] = []

    def script(connection: socket.socket, _: int) -> None:
        connections.append(1)
        for _ in range(3):
            body = json.dumps({"n": len(connections)}).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            connection.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            connection.recv(65536)

    with server(script) as (url, _), HttpClient(url) as client:
        assert [client.get("/a").body for _ in range(3)] == [{"n": 1}] * 3
