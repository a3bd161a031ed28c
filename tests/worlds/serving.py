"""An application on a loopback port of its own, behind our server, for as long as a test needs."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

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
