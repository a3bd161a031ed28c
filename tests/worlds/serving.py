"""An application on a loopback port of its own, behind our server, for as long as a test needs."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

from collector.config.server import ServerSettings
from collector.service.entrance import BehindEntrance, Entrance
from collector.service.listener import listen
from collector.web.server import WebServer


@contextmanager
def served(
    app: ASGIApp, context: Callable[[], ssl.SSLContext | None] = lambda: None
) -> Iterator[str]:
    """The address of a running server; ``context``: as of WebServer."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = WebServer(app, context)
    server.config.date_header = False  # a fake tells its own
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        scheme = "https" if context() else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def behind_entrance(
    app: ASGIApp, settings: ServerSettings | None = None
) -> Iterator[tuple[str, BehindEntrance]]:
    """The address of an application behind a real entrance, and its server."""
    listener = listen("127.0.0.1", 0)
    with listener, Entrance(listener) as entrance:
        server = BehindEntrance(app, entrance, settings or ServerSettings())
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        try:
            _await_listening(listener, thread)
            yield address, server
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive(), "the server did not stop"


def _await_listening(listener: socket.socket, thread: threading.Thread) -> None:
    while not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
