"""Silent, slow and very many connections keep nobody from being answered."""

import asyncio
import errno
import logging
import socket
import threading
import time
from contextlib import ExitStack

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from collector.web import server as server_module
from collector.web.lanes import PAGES_AT_ONCE, WAITING_PAGES, PageLane
from collector.web.server import most_connections
from collector.web.unheard import is_to_be_attended_to
from tests.worlds.serving import served


async def hello(_):
    return PlainTextResponse("hello")


async def read(request: Request):
    return PlainTextResponse(str(len(await request.body())))


def endless(_):
    def parts():
        while True:
            yield b"x" * 65536

    return StreamingResponse(parts())


APP = Starlette(
    routes=[
        Route("/", hello),
        Route("/read", read, methods=["POST"]),
        Route("/endless", endless),
    ]
)


@pytest.fixture
def limits(monkeypatch):
    """Limits that a test can wait for."""

    def are(most=8, silent=0.3, stalled=0.5):
        monkeypatch.setattr(server_module, "most_connections", lambda: most)
        monkeypatch.setattr(server_module, "SILENT_SECONDS", silent)
        monkeypatch.setattr(server_module, "STALLED_SECONDS", stalled)
        monkeypatch.setattr(server_module, "_SWEEP_SECONDS", 0.05)
        monkeypatch.setattr(server_module, "_UNHEARD_SECONDS", 1)

    return are


def connected(stack, address):
    host, port = address.removeprefix("http://").split(":")
    return stack.enter_context(socket.create_connection((host, int(port)), timeout=30))


def is_ended(sock):
    """Whether the other side ends it, waiting for that; what it sends before does not matter."""
    sock.settimeout(30)
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def test_silent_connections_give_way_to_those_who_ask(limits):
    limits(most=8, silent=600)
    with served(APP) as address, ExitStack() as stack:
        silent = [connected(stack, address) for _ in range(40)]
        for each in silent:
            each.sendall(b"GET")  # the kernel keeps those that say nothing at all
        for _ in range(5):
            assert requests.get(address, timeout=30).text == "hello"
        assert all(is_ended(each) for each in silent[:30]), "those that came first"


def test_a_connection_that_is_answered_does_not_give_way(limits):
    limits(most=4, silent=600, stalled=600)
    with served(APP) as address, ExitStack() as stack:
        reader = connected(stack, address)
        reader.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reader.recv(100)
        for _ in range(20):
            connected(stack, address)
        assert requests.get(address, timeout=30).text == "hello"
        assert len(reader.recv(1 << 20)) > 0
        assert len(reader.recv(1 << 20)) > 0


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost:",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT",
        b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfew",
    ],
    ids=["nothing", "half a head", "a request, then nothing", "then half a head", "half a body"],
)
def test_a_silent_connection_is_ended(limits, sent):
    limits()
    with served(APP) as address, ExitStack() as stack:
        sock = connected(stack, address)
        sock.sendall(sent)
        assert is_ended(sock)


def test_a_head_that_drips_is_not_waited_for(limits):
    limits(silent=0.3)
    with served(APP) as address, ExitStack() as stack:
        sock, begun = connected(stack, address), time.monotonic()
        with pytest.raises(OSError, match=r"reset|pipe"):
            for _ in range(3000):
                sock.sendall(b"G")
                time.sleep(0.01)
        assert time.monotonic() - begun < 29


def test_a_reader_that_takes_nothing_is_ended(limits):
    limits(silent=600, stalled=0.3)
    with served(APP) as address, ExitStack() as stack:
        sock = connected(stack, address)
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        ended = threading.Event()

        def wait():
            while not ended.is_set():
                try:
                    sock.sendall(b"x")
                except OSError:
                    ended.set()
                time.sleep(0.02)

        threading.Thread(target=wait, daemon=True).start()
        assert ended.wait(30)


def test_a_slow_answer_is_waited_for(limits):
    limits(silent=0.1, stalled=0.1)

    async def slow(_):
        await asyncio.sleep(0.6)
        return PlainTextResponse("late")

    with served(Starlette(routes=[Route("/", slow)])) as address:
        assert requests.get(address, timeout=30).text == "late"


def test_without_files_to_open_it_complains_once(limits, monkeypatch, caplog):
    limits()
    with served(APP) as address:
        failures = iter([OSError(errno.EMFILE, "Too many open files")] * 5)
        accept = socket.socket.accept

        def failing(self):
            found = accept(self)
            if (error := next(failures, None)) is not None:
                found[0].close()
                raise error
            return found

        monkeypatch.setattr(socket.socket, "accept", failing)
        with caplog.at_level(logging.ERROR, logger="collector.web.server"):
            for _ in range(8):
                try:
                    text = requests.get(address, timeout=30).text
                except requests.ConnectionError:
                    text = "refused"
        assert text == "hello", "back by itself"
    assert caplog.messages == ["a connection could not be accepted: Too many open files"]


@pytest.mark.parametrize(("files", "most"), [(1024, 256), (100_000, 512), (40, 16), (-1, 512)])
def test_the_limit_lies_below_that_of_open_files(monkeypatch, files, most):
    monkeypatch.setattr(server_module.resource, "getrlimit", lambda _: (files, files))
    assert most_connections() == most


def test_pages_wait_for_each_other_and_metrics_do_not():
    """With all places taken, some wait, the others get 503, and /metrics answers."""
    free, began = threading.Event(), threading.Semaphore(0)

    def page(_):
        began.release()
        assert free.wait(60)
        return PlainTextResponse("made")

    routes = [Route("/page", page), Route("/metrics", hello)]
    app = PageLane(Starlette(routes=routes), ("/metrics",))
    answers = []
    with served(app) as address:

        def ask():
            answers.append(requests.get(address + "/page", timeout=60))

        readers = [threading.Thread(target=ask) for _ in range(PAGES_AT_ONCE + WAITING_PAGES + 10)]
        for each in readers:
            each.start()
        for _ in range(PAGES_AT_ONCE):
            assert began.acquire(timeout=60)
        while len(answers) < 10:
            time.sleep(0.01)
        assert requests.get(address + "/metrics", timeout=60).text == "hello"
        assert not began.acquire(blocking=False), "no more than its places at once"
        free.set()
        for each in readers:
            each.join(60)
    busy = [each for each in answers if each.status_code == 503]
    assert {each.headers["Retry-After"] for each in busy} == {"2"}
    assert len(answers) - len(busy) == PAGES_AT_ONCE + WAITING_PAGES
    assert {each.text for each in answers if each.status_code == 200} == {"made"}


def test_who_waits_too_long_is_asked_to_come_back(monkeypatch):
    monkeypatch.setattr("collector.web.lanes.LONGEST_WAIT", 0.05)
    free, began = threading.Event(), threading.Semaphore(0)

    def page(_):
        began.release()
        assert free.wait(60)
        return PlainTextResponse("made")

    app = PageLane(Starlette(routes=[Route("/page", page)]), ())
    with served(app) as address:
        first = [
            threading.Thread(target=requests.get, args=[address + "/page"], kwargs={"timeout": 60})
            for _ in range(PAGES_AT_ONCE)
        ]
        for each in first:
            each.start()
        for _ in first:
            assert began.acquire(timeout=60)
        late = requests.get(address + "/page", timeout=60)
        free.set()
        for each in first:
            each.join(60)
    assert late.status_code == 503


def test_no_banner():
    with served(APP) as address:
        assert "server" not in requests.get(address, timeout=30).headers


@pytest.mark.parametrize(
    ("seen", "to_be_attended_to"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (b"GET / HTTP/1.1\nHost: x\n\n", True),
        (b"x" * 16_384, True),
        (b"\x16\x03\x01", True),
        (b"\r\n", True),
        (b"\xff", True),
    ],
)
def test_what_is_attended_to(seen, to_be_attended_to):
    assert is_to_be_attended_to(seen) is to_be_attended_to


def test_a_head_in_pieces_and_a_reader_who_says_no_more(limits):
    limits(silent=600)
    with served(APP) as address, ExitStack() as stack:
        sock = connected(stack, address)
        for piece in (b"GET / HT", b"TP/1.1\r\nHost: x\r\nConnection: close\r\n", b"\r\n"):
            time.sleep(0.05)
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as file:
            assert file.read().endswith(b"hello")
        for sent in (b"", b"GET / HT"):
            gone = connected(stack, address)
            gone.sendall(sent)
            gone.shutdown(socket.SHUT_WR)
            assert is_ended(gone)
