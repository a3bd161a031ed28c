"""An application on a loopback port of its own, behind our server, for as long as a test needs."""

from __future__ import annotations

import asyncio
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


class _Prompt(WebServer):
    """Begins and ends without delay: uvicorn looks ten times a second whether it is to end, and
    waits as long again for connections even where none has a question open."""

    def __init__(self, app: ASGIApp, context: Callable[[], ssl.SSLContext | None]) -> None:
        super().__init__(app, context)
        self.config.date_header = False  # a fake tells its own
        self.ready = threading.Event()

    async def main_loop(self) -> None:
        """Serve until ``stop`` is called."""
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        self.ready.set()
        await self._told.wait()

    def stop(self) -> None:
        """Let it end; called from another thread."""
        self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As the service's own, but without a wait where nobody waits for an answer."""
        if any(each.answers for each in self._open):
            return await super().shutdown(sockets)
        self.accept_no_more(sockets or ())
        return await self.lifespan.shutdown()


@contextmanager
def served(
    app: ASGIApp, context: Callable[[], ssl.SSLContext | None] = lambda: None
) -> Iterator[str]:
    """The address of a running server; ``context``: as of WebServer."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = _Prompt(app, context)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    assert server.ready.wait(60), "the server did not start"
    try:
        scheme = "https" if context() else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
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
    end = time.monotonic() + 60
    while not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < end, "the entrance did not start"
        time.sleep(0.005)
