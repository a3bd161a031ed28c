"""One question to the service: its request and the answer, over a socket made for it."""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType
from typing import Self

import h11

from collector.web.entrance.messages import tell

MOST_LINES = 64
"""To the service at once, each with a question."""

_READ = 65_536
_LONGEST_HEAD = 65_536


class NoAnswer(Exception):
    """The service does not take the question, or breaks off its answer."""


class Lines:
    """Makes lines to the service. ``control``: where it is told of them."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._open = 0

    def new(self) -> Line:
        """Return a line for one question. Raises NoAnswer."""
        if self._open >= MOST_LINES:
            raise NoAnswer
        try:
            ours, theirs = socket.socketpair()
        except OSError:  # such as no more open files
            raise NoAnswer from None
        ours.setblocking(False)
        try:
            with theirs:
                tell(self._control, {"line": True}, [theirs])
        except OSError:
            ours.close()
            raise NoAnswer from None
        return Line(ours, self)

    def opened(self, by: int) -> None:
        """Count the lines that are open."""
        self._open += by


class Line:
    """Events of h11, to and fro; both directions wait until the other side has taken what came
    before, so that a line holds one piece of a body and no more."""

    def __init__(self, sock: socket.socket, lines: Lines) -> None:
        self._socket = sock
        self._lines = lines
        self._protocol = h11.Connection(h11.CLIENT, _LONGEST_HEAD)

    def __enter__(self) -> Self:
        self._lines.opened(1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lines.opened(-1)
        self._socket.close()

    async def send(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> None:
        """Send a part of the request. Raises NoAnswer."""
        data = self._protocol.send(event)
        if data:
            try:
                await asyncio.get_running_loop().sock_sendall(self._socket, data)
            except OSError:
                raise NoAnswer from None

    async def next_event(self) -> h11.Event:
        """Return the next part of the answer. Raises NoAnswer where it breaks off."""
        loop = asyncio.get_running_loop()
        try:
            while (event := self._protocol.next_event()) is h11.NEED_DATA:
                self._protocol.receive_data(await loop.sock_recv(self._socket, _READ))
        except (OSError, h11.RemoteProtocolError):
            raise NoAnswer from None
        if not isinstance(event, h11.Event) or isinstance(event, h11.ConnectionClosed):
            raise NoAnswer
        return event
