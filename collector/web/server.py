"""The HTTP server: uvicorn behind an entrance that silent and slow connections cannot fill."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from collector.web.unheard import Unheard

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 512
"""Open connections, unless the limit of open files is less than four times as high: polls, the
store and documents need files, too."""

SILENT_SECONDS = 10.0
"""How long a connection may take for its handshake, for the head of a request and for its body, and
how long it may stay without a request."""

STALLED_SECONDS = 60.0
"""How long a reader may take nothing of an answer."""

_SWEEP_SECONDS = 1.0
_BACKLOG = 4096
"""Connections that the kernel holds; it has a limit of its own, of the same size."""

_UNHEARD_SECONDS = 60
"""How long the kernel keeps a connection to itself that has not sent anything. Taking thousands of
them would be work before which those who ask had to wait."""

_AT_A_TIME = 16
"""Accepted before others are attended to again."""

_COMPLAIN_SECONDS = 60.0


def most_connections() -> int:
    """Return how many connections this process may hold open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(16, min(MOST_CONNECTIONS, files // 4))


class _Protocol(H11Protocol):
    """A connection that knows since when it waits for its reader or writer."""

    waits_since: float
    gone: asyncio.Event

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        self.gone = asyncio.Event()
        self._unsent = 0

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.gone.set()

    def on_response_complete(self) -> None:
        self.waits_since = self.loop.time()
        super().on_response_complete()

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:  # the head of a request is complete; its body may follow
            self.waits_since = self.loop.time()
            # the application runs after this; see Forward
            self.scope["extensions"] = {"abort": {"call": self.transport.abort}}

    @property
    def answers(self) -> bool:
        """Whether a request came in whole and its answer is not yet complete."""
        cycle = self.cycle
        whole = cycle is not None and self.conn.their_state is not h11.SEND_BODY
        return whole and not cycle.response_complete

    def is_late(self, now: float) -> bool:
        """Whether nothing was heard, or nothing was taken, for too long."""
        if not self.answers:
            return now - self.waits_since > SILENT_SECONDS
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self.waits_since = unsent, now
        return now - self.waits_since > STALLED_SECONDS


class _Connection:
    """An accepted socket, until its end; without a protocol until it is heard, and during the
    handshake."""

    def __init__(self, sock: socket.socket, since: float) -> None:
        self.socket = sock
        self._since = since
        self.heard = False
        self.protocol: _Protocol | None = None

    @property
    def answers(self) -> bool:
        """Whether an answer is on its way."""
        return self.protocol is not None and self.protocol.answers

    def is_late(self, now: float) -> bool:
        """Whether it is to be ended."""
        if self.protocol is None:
            return now - self._since > SILENT_SECONDS
        return self.protocol.is_late(now)

    def end(self) -> None:
        """End it at once, without a farewell."""
        if self.protocol is not None:
            self.protocol.transport.abort()
        elif self.heard:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        else:
            self.socket.close()


class WebServer(uvicorn.Server):
    """Serves an application on bound sockets.

    At most :func:`most_connections` are open: a new one ends the one that has been silent for
    longest, so that somebody who asks is always heard. ``context`` gives the TLS context for each
    new connection; None: without TLS.
    """

    def __init__(self, app: ASGIApp, context: Callable[[], ssl.SSLContext | None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                log_config=None,
                log_level="error",  # what a stranger sends is no event of ours
                server_header=False,
                proxy_headers=False,  # anybody can write them; see Gate
                timeout_keep_alive=int(SILENT_SECONDS),
                timeout_graceful_shutdown=5,
                h11_max_incomplete_event_size=16_384,
            )
        )
        self._context = context
        self._most = most_connections()
        self._open: dict[_Connection, None] = {}  # in the order of their arrival
        self._tasks: set[asyncio.Task[None]] = set()
        self._watched = True
        self._unheard: Unheard[_Connection]
        self._complained: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept. Unlike uvicorn's own, it knows a connection before its handshake."""
        await self.lifespan.startup()
        self.servers = []
        self._unheard = Unheard(self._hear, self._end)
        for each in sockets or ():
            each.setblocking(False)
            if hasattr(socket, "TCP_DEFER_ACCEPT"):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _UNHEARD_SECONDS)
            each.listen(_BACKLOG)
            self._watch(each)
        self._begin(self._sweep())
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, end what is silent, and wait for answers that are on their way."""
        self.accept_no_more(sockets or ())
        await super().shutdown(sockets)

    def accept_no_more(self, sockets: Iterable[socket.socket]) -> None:
        """Refuse new connections, and end those that are silent."""
        self._watched = False
        for listener in sockets:
            asyncio.get_running_loop().remove_reader(listener)
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # another process may hold it, too
        for task in self._tasks:
            task.cancel()
        for each in [each for each in self._open if not each.answers]:
            self._end(each)
        self._unheard.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _watch(self, listener: socket.socket) -> None:
        if self._watched:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        """Take those that wait."""
        loop = asyncio.get_running_loop()
        for _ in range(_AT_A_TIME):
            try:
                sock, _ = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # such as no more open files
                self._complain(error)
                loop.remove_reader(listener)
                loop.call_later(_SWEEP_SECONDS / 10, self._watch, listener)
                return
            if len(self._open) >= self._most:
                silent = (each for each in self._open if not each.answers)
                oldest = next(silent, None) or next(iter(self._open))
                self._end(oldest)
            sock.setblocking(False)
            connection = _Connection(sock, loop.time())
            self._open[connection] = None
            self._unheard.add(sock, connection)

    def _hear(self, connection: _Connection) -> None:
        connection.heard = True
        self._begin(self._attend(connection))

    async def _attend(self, connection: _Connection) -> None:
        """Shake hands, hand the connection to its protocol, and know its end."""
        context = self._context()
        limits = {"ssl_handshake_timeout": SILENT_SECONDS, "ssl_shutdown_timeout": 1.0}
        try:
            _, connection.protocol = await asyncio.get_running_loop().connect_accepted_socket(
                lambda: _Protocol(self.config, self.server_state, self.lifespan.state),
                connection.socket,
                ssl=context,
                **(limits if context else {}),
            )
            await connection.protocol.gone.wait()
        except OSError:
            pass  # a handshake that failed, or was ended
        finally:
            if connection.protocol is None:  # also where the server ends in a handshake
                connection.socket.close()
            self._open.pop(connection, None)

    def _end(self, connection: _Connection) -> None:
        self._open.pop(connection, None)
        self._unheard.remove(connection.socket)
        connection.end()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = loop.time()
            for each in [each for each in self._open if each.is_late(now)]:
                self._end(each)

    def _complain(self, error: OSError) -> None:
        now = asyncio.get_running_loop().time()
        if self._complained is None or now - self._complained > _COMPLAIN_SECONDS:
            self._complained = now
            log.error("a connection could not be accepted: %s", error.strerror)
