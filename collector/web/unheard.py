"""Connections whose first request is not yet whole: each costs a socket, and nothing else."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable
from typing import Generic, TypeVar

_LONGEST_HEAD = 16_384
_AT_A_TIME = 64
_ENDS = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
_EVENTS = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET


Connection = TypeVar("Connection")


class Unheard(Generic[Connection]):
    """Looks at what has come, without taking it, until there is something to attend to.

    ``heard`` takes a connection with the whole head of a request, or with anything else that is to
    be attended to; ``gone`` one that has ended before.
    """

    def __init__(
        self, heard: Callable[[Connection], None], gone: Callable[[Connection], None]
    ) -> None:
        self._heard = heard
        self._gone = gone
        self._poll = select.epoll()
        self._connections: dict[int, tuple[socket.socket, Connection]] = {}
        asyncio.get_running_loop().add_reader(self._poll, self._look)

    def close(self) -> None:
        """Look no more."""
        asyncio.get_running_loop().remove_reader(self._poll)
        self._poll.close()

    def add(self, sock: socket.socket, connection: Connection) -> None:
        """Begin to look at a connection."""
        self._connections[sock.fileno()] = sock, connection
        self._poll.register(sock, _EVENTS)

    def remove(self, sock: socket.socket) -> None:
        """Look at it no more; to be called before it is closed."""
        if self._connections.pop(sock.fileno(), None) is not None:
            self._poll.unregister(sock)

    def _look(self) -> None:
        for number, events in self._poll.poll(0, _AT_A_TIME):
            if number not in self._connections:
                continue  # ended in the meantime
            sock, connection = self._connections[number]
            try:
                seen = sock.recv(_LONGEST_HEAD, socket.MSG_PEEK)
            except BlockingIOError:
                continue
            except OSError:
                seen = b""
            if is_to_be_attended_to(seen):
                self.remove(sock)
                self._heard(connection)
            elif events & _ENDS or not seen:
                self.remove(sock)
                self._gone(connection)


def is_to_be_attended_to(seen: bytes) -> bool:
    """Whether these first bytes are the whole head of a request, too much for one, or the beginning
    of something else, such as a handshake."""
    head = b"\n\r\n" in seen or b"\n\n" in seen
    return head or len(seen) >= _LONGEST_HEAD or (bool(seen) and not 0x21 <= seen[0] < 0x7F)
