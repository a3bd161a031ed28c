"""The entrance as the service sees it: a process that is started, told, and started again."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from collector.config.server import ServerSettings
from collector.io.errors import UserFacingError
from collector.web.entrance.messages import Settings, hear, pair, tell

log = logging.getLogger(__name__)

_LASTING = 60.0
"""Seconds after which an entrance that ends is started again at once."""

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0
_LAST_WORDS = 8.0
"""Seconds for the answers on their way when the service stops; those of the server are less."""

_FOLLOWING = 30.0
_STOPPING = "the service is being stopped"

_OF_BOTH = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that a terminal or a service manager sends to the entrance, too. They mean the service,
which ends the entrance in its turn; so they are blocked in it from its very start."""


class CannotFollow(UserFacingError):
    """The entrance refuses other settings."""

    permanent = True


class Entrance:
    """The process of :mod:`collector.web.entrance`, which accepts on ``listener`` once it has
    settings. It starts at once, beside what is done until then."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.control: socket.socket
        self._process: subprocess.Popen[bytes]
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def process(self) -> int:
        """Its id."""
        return self._process.pid

    def start(self) -> None:
        """Start it, in place of one that has ended."""
        self.control, theirs = pair()
        numbers = [theirs.fileno(), self.listener.fileno()]
        command = [sys.executable, "-P", "-m", "collector.web.entrance", *map(str, numbers)]
        with theirs, _blocked(_OF_BOTH):
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self.control.setblocking(False)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self) -> str:
        """End it, if it has not done so by itself; return how it ended."""
        self.control.close()
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return f"exit {code}" if code >= 0 else f"signal {-code}"


@contextmanager
def _blocked(signals: tuple[signal.Signals, ...]) -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class BehindEntrance(uvicorn.Server):
    """Serves an application to the entrance, and to nobody else: over sockets that it sends.

    Starts the entrance again when it ends. ``settings``: who is let in at first.
    """

    def __init__(self, app: ASGIApp, entrance: Entrance, settings: ServerSettings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=H11Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                server_header=False,
                date_header=False,  # the entrance's
                proxy_headers=True,
                forwarded_allow_ips="*",  # only the entrance speaks here
                timeout_graceful_shutdown=5,
                h11_max_incomplete_event_size=65_536,
            )
        )
        self.entrance = entrance
        self._settings = settings
        self._answer: asyncio.Future[str | None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop
        self._begun, self._stop = threading.Event(), asyncio.Event()
        self._keeping: asyncio.Task[None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the entrance accept."""
        await self.lifespan.startup()
        self.servers = []
        self._loop = asyncio.get_running_loop()
        self._keeping = self._loop.create_task(self._keep())
        self._begun.set()
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the entrance finish the answers on their way, then stop."""
        self._stop.set()
        with suppress(OSError):
            tell(self.entrance.control, {"end": True})
        until = self._loop.time() + _LAST_WORDS
        while not (self._keeping.done() or self.force_exit or self._loop.time() > until):
            await asyncio.wait((self._keeping,), timeout=0.1)
        self._keeping.cancel()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever serves, who calls ``handle_exit``."""
        yield

    def follow(self, settings: ServerSettings) -> None:
        """Let the entrance follow other settings. Raises CannotFollow, and nothing has changed.

        To be called from another thread than the server's.
        """
        if not self._begun.wait(_FOLLOWING) or self._stop.is_set():
            raise CannotFollow(_STOPPING)
        asked = asyncio.run_coroutine_threadsafe(self._follow(settings), self._loop)
        try:
            refusal = asked.result()
        except CancelledError:
            refusal = _STOPPING
        if refusal is not None:
            raise CannotFollow(refusal)

    async def _follow(self, settings: ServerSettings) -> str | None:
        try:
            async with asyncio.timeout(_FOLLOWING):
                refusal = await self._told(settings)
        except (OSError, TimeoutError):
            self.entrance.kill()  # another one follows what was in force before
            return "the entrance does not answer"
        if refusal is None:
            self._settings = settings
        return refusal

    async def _told(self, settings: ServerSettings) -> str | None:
        while self._answer is not None:  # it is being told others
            await asyncio.wait([self._answer])
        self._answer = self._loop.create_future()
        try:
            tell(self.entrance.control, {"follow": _words(settings)})
            return await self._answer
        finally:
            self._answer = None

    async def _keep(self) -> None:
        """Hear the entrance, and start it again when it has ended."""
        pause = 0.0
        while True:
            began = self._loop.time()
            ended = asyncio.Event()
            self._loop.add_reader(self.entrance.control, self._hear, ended)
            admitting = self._begin(self._admit())
            await ended.wait()
            self._loop.remove_reader(self.entrance.control)
            admitting.cancel()
            if self._answer is not None and not self._answer.done():
                self._answer.set_exception(ConnectionError())
            how = await asyncio.to_thread(self.entrance.end)
            lasted = self._loop.time() - began > _LASTING
            pause = 0.0 if lasted else min(_LONGEST_PAUSE, pause * 2 or _FIRST_PAUSE)
            if not self._stop.is_set():
                log.error("the entrance has ended (%s); it is started again", how)
                await self._wait(pause)
            while not self._stop.is_set():
                try:
                    self.entrance.start()
                    break
                except OSError as error:  # such as no more open files
                    log.error("the entrance cannot be started: %s", error.strerror)
                    await self._wait(_LONGEST_PAUSE)
            if self._stop.is_set():
                return

    async def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until the service stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    async def _admit(self) -> None:
        """Tell the entrance its first settings, until it follows them."""
        with suppress(OSError):  # it has ended
            while (refusal := await self._told(self._settings)) is not None:
                log.error("the entrance lets nobody in: %s", refusal)
                await asyncio.sleep(_LONGEST_PAUSE)

    def _hear(self, ended: asyncio.Event) -> None:
        try:
            heard = hear(self.entrance.control)
        except BlockingIOError:
            return
        if heard is None:
            ended.set()
            return
        message, sockets = heard
        for each in sockets:
            self._begin(self._attend(each))
        if "log" in message:
            level, name, text = message["log"]
            logging.getLogger(name).log(level, "%s", text)
        elif "follows" in message and self._answer is not None and not self._answer.done():
            self._answer.set_result(message["follows"])

    async def _attend(self, line: socket.socket) -> None:
        line.setblocking(False)
        await self._loop.connect_accepted_socket(
            lambda: H11Protocol(self.config, self.server_state, {}), line
        )

    def _begin(self, work: Any) -> asyncio.Task[Any]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _words(settings: ServerSettings) -> Settings:
    trusted = settings.trusted_header
    return {
        "web_config": settings.web_config,
        "header": trusted.name if trusted else None,
        "proxies": [str(each) for each in trusted.proxies] if trusted else [],
    }
