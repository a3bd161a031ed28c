"""The entrance passes on what was asked and answered, no more and no less, and holds none of it."""

import errno
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from collector.config.server import ServerSettings
from collector.io.errors import UserFacingError
from collector.web.entrance.lines import Lines, NoAnswer
from collector.web.entrance.messages import pair, tell
from collector.web.lanes import PAGES_AT_ONCE
from tests.worlds.serving import behind_entrance, served

HASH = "$2b$04$hh2OTfCyMvnfUyAnlV5.RuFjP1HY8IcAEcujL/ACbOPUxFChwe32y"
PATIENCE = 60


def until(condition):
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


MADE = [0]
"""Bytes of the endless answer."""

ADDED = {"x-forwarded-for", "x-forwarded-proto", "host"}
"""Headers that differ with a reason."""


async def echo(request: Request):
    body = await request.body()
    return JSONResponse(
        {
            "method": request.method,
            "target": request.scope["raw_path"].decode() + "?" + request.url.query,
            "path": request.url.path,
            "headers": [h for h in request.headers.items() if h[0] not in ADDED],
            "client": request.client.host,
            "scheme": request.url.scheme,
            "body": len(body),
        },
        headers={"X-Told": "yes", "Set-Cookie": "a=b"},
    )


async def headers(request: Request):
    return JSONResponse(dict(request.headers))


async def unread(_):
    return PlainTextResponse("longer than 3 bytes", 413)


def endless(_):
    def parts():
        while True:
            MADE[0] += 65_536
            yield b"x" * 65_536

    return StreamingResponse(parts())


async def broken(_):
    async def parts():
        yield b"the first part"
        raise RuntimeError

    return StreamingResponse(parts())


async def metrics(request: Request):
    return PlainTextResponse(f"asked {request.headers.get('accept', '')}\n")


APP = Starlette(
    routes=[
        Route("/echo/{rest:path}", echo, methods=["GET", "POST", "PUT", "OPTIONS"]),
        Route("/204", lambda _: Response(status_code=204)),
        Route("/304", lambda _: Response(status_code=304, headers={"ETag": '"x"'})),
        Route("/parts", lambda _: StreamingResponse(iter([b"one ", b"", b"two"]))),
        Route("/unread", unread, methods=["POST"]),
        Route("/endless", endless),
        Route("/broken", broken),
        Route("/metrics", metrics),
        Route("/healthz", lambda _: PlainTextResponse("alive\n")),
        Route("/readyz", headers),
        Route("/headers", headers),
    ]
)


@pytest.fixture(scope="module")
def behind():
    with behind_entrance(APP) as found:
        yield found


@pytest.fixture
def address(behind):
    return behind[0]


def exchange(address, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    with closing(connection):
        connection.request(method, path, body, headers or {}, encode_chunked=isinstance(body, list))
        answer = connection.getresponse()
        return answer, answer.read()


ASKED = {
    "a page": ("GET", "/echo/a%20b/%C3%A5?x=1&y=%2F"),
    "two slashes": ("GET", "/echo//x?"),
    "a head": ("HEAD", "/parts"),
    "a head with its length": ("HEAD", "/echo/x"),
    "options": ("OPTIONS", "/echo/x"),
    "no content": ("GET", "/204"),
    "nothing new": ("GET", "/304"),
    "parts": ("GET", "/parts"),
    "a body": ("POST", "/echo/x", b"body"),
    "an empty body": ("POST", "/echo/x", b""),
    "a body in parts": ("POST", "/echo/x", [b"one", b"two"], {"Transfer-Encoding": "chunked"}),
    "not there": ("GET", "/none"),
    "not so": ("POST", "/204", b"x"),
    "many headers": ("GET", "/echo/x", None, {"Accept": "text/html", "Cookie": "a=1; b=2"}),
    "health": ("GET", "/healthz"),
    "the head of metrics": ("HEAD", "/metrics"),
}


@pytest.fixture(scope="module")
def direct():
    with served(APP) as found:
        yield found.removeprefix("http://")


@pytest.mark.parametrize("what", ASKED)
def test_an_answer_is_the_one_that_the_service_gives(address, direct, what):
    expected, text = exchange(direct, *ASKED[what])
    found, same = exchange(address, *ASKED[what])
    assert found.status == expected.status
    ours = {"date", "age", "content-security-policy", "x-content-type-options", "referrer-policy"}
    ours |= {"x-frame-options", "cross-origin-resource-policy", "cache-control"}
    headers = [
        {(n.lower(), v) for n, v in each.getheaders() if n.lower() not in ours}
        for each in (found, expected)
    ]
    assert headers[0] == headers[1]
    dates = [n for n, _ in found.getheaders() if n.lower() == "date"]
    assert len(dates) == 1
    assert same == text


def test_a_connection_serves_many_requests_and_old_clients(address):
    with closing(http.client.HTTPConnection(address, timeout=PATIENCE)) as connection:
        for number in range(3):
            connection.request("POST", "/echo/x", b"x" * number)
            assert json.loads(connection.getresponse().read())["body"] == number
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as old:
        old.sendall(b"GET /parts HTTP/1.0\r\n\r\n")
        with old.makefile("rb") as file:
            assert file.read().endswith(b"\r\n\r\none two"), "not in chunks"


SPOOFED = {
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=10.0.0.1;proto=https",
    "X-Real-IP": "10.0.0.1",
    "X-Servicedesk-Anonymous": "1",
    "Connection": "keep-alive, X-Secret-Hop, Host",
    "X-Secret-Hop": "1",
}


def test_nobody_outside_says_where_a_request_comes_from(address):
    _, body = exchange(address, "GET", "/echo/x", None, SPOOFED)
    told = json.loads(body)
    assert (told["client"], told["scheme"]) == ("127.0.0.1", "http")
    _, body = exchange(address, "GET", "/headers", None, SPOOFED)
    assert json.loads(body) == {
        "host": address,
        "accept-encoding": "identity",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
    }


@pytest.mark.parametrize("length", [10, 20_000_000])
def test_a_body_that_is_not_wanted_is_refused_and_the_reader_hears_why(address, length):
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as sock:
        sock.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length)
        sock.settimeout(0.2)
        try:
            for _ in range(length // 100_000):
                sock.sendall(b"x" * 100_000)
        except (TimeoutError, ConnectionError):
            pass  # nobody has to take it
        sock.settimeout(PATIENCE)
        assert sock.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_request_with_two_lengths_comes_no_further(address):
    host, port = address.split(":")
    head = b"Content-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as sock:
        sock.sendall(b"POST /echo/x HTTP/1.1\r\nHost: x\r\n" + head)
        with sock.makefile("rb") as file:
            assert file.read().startswith(b"HTTP/1.1 400 "), "and the connection ends"


def test_a_body_is_asked_for_only_where_it_is_wanted(address):
    """``Expect: 100-continue``, as curl sends it with a long body."""
    host, port = address.split(":")
    head = b" HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as sock:
        sock.sendall(b"POST /unread" + head)
        assert sock.recv(100).startswith(b"HTTP/1.1 413 ")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as sock:
        sock.sendall(b"POST /echo/x" + head)
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"body")
        assert sock.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_slow_reader_holds_no_memory_and_leaves_no_work_behind(behind):
    address, server = behind
    host, port = address.split(":")
    until(lambda: not server.server_state.tasks)
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(10)
        before = -1
        while before != MADE[0]:  # until nothing more is made
            before = MADE[0]
            time.sleep(0.3)
        assert MADE[0] < 12_000_000, "what the sockets' buffers hold, and little more"
        assert server.server_state.tasks
        taken = 0
        while taken < 16_000_000:
            taken += len(sock.recv(1_000_000))
    until(lambda: not server.server_state.tasks)


def test_a_reader_who_goes_leaves_no_room_for_more_pages_at_once():
    """The service makes a page to its end, whoever is there to read it: also for those who lose
    patience and ask again and again."""
    free, running, most = threading.Event(), [0], [0]
    lock = threading.Lock()

    def page(_):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        assert free.wait(PATIENCE)
        with lock:
            running[0] -= 1
        return PlainTextResponse("made")

    routes = [Route("/page", page), Route("/healthz", lambda _: PlainTextResponse("alive"))]
    with behind_entrance(Starlette(routes=routes)) as (address, server):
        host, port = address.split(":")

        def readers(number):
            found = [socket.create_connection((host, int(port)), PATIENCE) for _ in range(number)]
            for each in found:
                each.sendall(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
            return found

        first = readers(PAGES_AT_ONCE)
        until(lambda: running[0] == PAGES_AT_ONCE)
        for each in [*first, *readers(4)]:
            each.close()
        for _ in range(10):  # meanwhile it hears that they have gone
            assert exchange(address, "GET", "/healthz")[0].status == 200
        assert most[0] == PAGES_AT_ONCE
        free.set()
        until(lambda: not server.server_state.tasks)
        assert exchange(address, "GET", "/page")[1] == b"made", "all places are free again"


def test_no_more_open_files_is_no_answer_for_once(monkeypatch):
    """And no error that would end the asking for figures."""

    def none():
        raise OSError(errno.EMFILE, "Too many open files")

    ours, theirs = pair()
    with ours, theirs:
        monkeypatch.setattr(socket, "socketpair", none)
        with pytest.raises(NoAnswer):
            Lines(ours).new()


def test_what_breaks_off_is_not_taken_for_whole(address):
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"http://{address}/broken", timeout=PATIENCE)


def test_each_form_of_metrics_is_held_by_itself(address):
    for accept in ("text/plain", "application/openmetrics-text", "text/plain"):
        _, body = exchange(address, "GET", "/metrics", None, {"Accept": accept})
        assert body.decode() == f"asked {accept}\n"


def test_another_entrance_comes_in_place_of_one_that_ends(caplog):
    with behind_entrance(APP) as (address, server):
        entrance = server.entrance.process
        os.kill(entrance, signal.SIGTERM)  # a service manager sends it to all; the service decides
        assert exchange(address, "GET", "/healthz")[1] == b"alive\n"
        os.kill(entrance, signal.SIGKILL)
        until(lambda: server.entrance.process != entrance)
        assert exchange(address, "GET", "/healthz")[1] == b"alive\n", "who came meanwhile waits"
    assert "the entrance has ended (signal 9); it is started again" in caplog.text


def test_settings_are_followed_or_nothing_changes(tmp_path, caplog):
    web, faulty = tmp_path / "web.yml", tmp_path / "faulty.yml"
    web.write_text(f"basic_auth_users: {{anna: {HASH}}}\n")
    faulty.write_text("basic_auth_users: {anna: secret}\n")

    def status(path="/parts"):
        return exchange(address, "GET", path)[0].status

    with behind_entrance(APP) as (address, server):
        assert status() == 200
        with pytest.raises(UserFacingError, match=r"faulty.yml:1: .*is not a bcrypt hash"):
            server.follow(ServerSettings(web_config=str(faulty)))
        assert status() == 200
        server.follow(ServerSettings(web_config=str(web)))
        assert status() == 401
        with pytest.raises(UserFacingError, match="faulty"):
            server.follow(ServerSettings(web_config=str(faulty)))
        assert status() == 401
        assert "x-servicedesk-anonymous" in json.loads(exchange(address, "GET", "/readyz")[1])
        web.write_text("basic_auth_users: {anna: secret}\n")
        assert status() == 401
        until(lambda: "what was in force before stays" in caplog.text)
        os.kill(server.entrance.process, signal.SIGKILL)
        until(lambda: "the entrance lets nobody in" in caplog.text)
    assert "secret" not in caplog.text


def test_what_is_being_answered_is_finished_before_the_end():
    free, asked = threading.Event(), threading.Event()

    def late(_):
        asked.set()
        assert free.wait(PATIENCE)
        return PlainTextResponse("late")

    answers = []
    with behind_entrance(Starlette(routes=[Route("/late", late)])) as (address, server):
        reader = threading.Thread(
            target=lambda: answers.append(exchange(address, "GET", "/late")[1])
        )
        reader.start()
        assert asked.wait(PATIENCE)
        server.should_exit = True
        host, port = address.split(":")

        def refuses():
            try:
                socket.create_connection((host, int(port)), timeout=PATIENCE).close()
            except ConnectionRefusedError:
                return True
            return False

        until(refuses)
        free.set()
        reader.join(PATIENCE)
    assert answers == [b"late"]


def test_a_service_that_ends_while_the_entrance_starts_is_no_error():
    ours, theirs = pair()
    settings = {"web_config": None, "header": None, "proxies": []}
    with ours, theirs, socket.socket() as listener:
        numbers = [theirs.fileno(), listener.fileno()]
        tell(ours, {"follow": settings})
        ours.close()
        command = [sys.executable, "-m", "collector.web.entrance", *map(str, numbers)]
        done = subprocess.run(command, pass_fds=numbers, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_entrance_starts_without_what_makes_a_start_slow():
    program = "import sys, collector.web.entrance.__main__; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = (
        r"numpy|sqlalchemy|pydantic|yaml|requests|babel|jinja2|collector\.(measuring|store|config)"
    )
    assert not re.findall(rf"(?:^| )(?:{heavy})\b", done.stdout)
