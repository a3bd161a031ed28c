"""A proxy on loopback that does what a network does: it loses, delays, slows, cuts and hangs up."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_LINGER = struct.pack("ii", 1, 0)
"""Closing a socket resets its connection."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What becomes of a connection's answers: ``latency``: seconds before each part; ``rate``:
    bytes a second; ``cut_after``: bytes until it is reset; ``share``: of connections it befalls."""

    latency: float = 0.0
    rate: int | None = None
    cut_after: int | None = None
    share: float = 1.0


CLEAR = Weather()


class FaultProxy:
    """Passes bytes on to a Unix socket, or to a port of this machine, while it is open; else it
    keeps them, and says nothing. ``weather``: that of the connections that are made from now on."""

    def __init__(self, target: Path | int, seed: int = 0) -> None:
        self._target = target
        self.weather = CLEAR
        self._chance = random.Random(seed)
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
            weather = self.weather if self._chance.random() < self.weather.share else CLEAR
            if weather.cut_after == 0:
                _reset(client)
                continue
            server = self._connect()
            self._sockets += [client, server]
            for one, other, over in ((client, server, CLEAR), (server, client, weather)):
                Thread(target=self._pass, args=(one, other, over), daemon=True).start()

    def _connect(self) -> socket.socket:
        if isinstance(self._target, int):
            return socket.create_connection(("127.0.0.1", self._target))
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._target))
        return server

    def _pass(self, one: socket.socket, other: socket.socket, weather: Weather) -> None:
        left = weather.cut_after
        with suppress(OSError):
            while heard := one.recv(65_536):
                self._open.wait()
                time.sleep(weather.latency)
                if left is not None and len(heard) >= left:
                    other.sendall(heard[:left])
                    _reset(other)
                    break
                left = None if left is None else left - len(heard)
                _send(other, heard, weather.rate)
        self._open.wait()
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _send(sock: socket.socket, heard: bytes, rate: int | None) -> None:
    if rate is None:
        sock.sendall(heard)
        return
    step = max(1, rate // 10)
    for start in range(0, len(heard), step):
        sock.sendall(heard[start : start + step])
        time.sleep(step / rate)


def _reset(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    sock.close()


@contextmanager
def fault_proxy(target: Path | int, seed: int = 0) -> Iterator[FaultProxy]:
    """A proxy to a Unix socket or a port while the block runs."""
    proxy = FaultProxy(target, seed)
    try:
        yield proxy
    finally:
        proxy.end()
