"""A proxy on loopback that loses what a network loses: for a while nothing comes through it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread


class FaultProxy:
    """Passes bytes on to a Unix socket while it is open; else it keeps them, and says nothing."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open = Event()
        self._open.set()
        self._ended = False
        self._sockets: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """From now on nothing comes through, and no connection ends."""
        self._open.clear()

    def recover(self) -> None:
        """All that was kept comes through."""
        self._open.set()

    def end(self) -> None:
        self._ended = True
        self._open.set()
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self._ended:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._target))
            self._sockets += [client, server]
            for one, other in ((client, server), (server, client)):
                Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while heard := one.recv(65_536):
                self._open.wait()
                other.sendall(heard)
        self._open.wait()
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def fault_proxy(target: Path) -> Iterator[FaultProxy]:
    """A proxy to a Unix socket while the block runs."""
    proxy = FaultProxy(target)
    try:
        yield proxy
    finally:
        proxy.end()
