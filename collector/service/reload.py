"""SIGHUP: the configuration is read anew, and the service replaced by one that follows it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send

from collector.config.loading.load import load_settings
from collector.config.server import ServerSettings
from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.measuring.engine.definition_guard import register
from collector.service.service import Service

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for which the end of the service waits for a reload."""

_FOR_A_RESTART = ("store", "store_password", "server.host", "server.port")
"""What a running process cannot change."""


class CannotReload(UserFacingError):
    """The configuration asks for what only a restart can give."""

    permanent = True


class ServiceInForce:
    """The service that polls and answers, and its web application; replaced as a whole.

    ``app_of`` makes the application of a service.
    """

    def __init__(
        self,
        service: Service,
        app_of: Callable[[Service], ASGIApp],
    ) -> None:
        self.service = service
        self._app_of = app_of
        self._app = app_of(service)
        self._lock = Lock()
        self._ended = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application in force."""
        await self._app(scope, receive, send)

    def reload(self, file: Path, admit: Callable[[ServerSettings], None]) -> bool:
        """Follow a configuration file, or leave all as it is; return whether it is followed.

        1. Read and check it, with the files that it names, and what it would change of the past.
        2. Measure by it, so that there are figures from the first moment on.
        3. Let in by it: ``admit`` tells the entrance, or raises UserFacingError.
        4. End the polls that run, after their page; then answer and poll by it.

        An unexpected error changes nothing either: the next signal is to be heard all the same.
        """
        with self._lock:
            if self._ended:
                return False
            old = self.service
            try:
                fresh = load_settings(file)
                _refuse_what_needs_a_restart(old.settings, fresh)
                register(fresh, old.store, old.clock())
                service = old.follower(fresh)
                app = self._app_of(service)
                admit(fresh.server)
            except UserFacingError as error:
                old.counters.reloaded(None)
                log.error("the configuration was not read again; nothing has changed: %s", error)
                return False
            except Exception as error:
                old.counters.reloaded(None)
                log.error(
                    "the configuration was not read again; nothing has changed: unexpected %s",
                    type(error).__name__,
                )
                return False
            if self._ended:
                return False
            service.reread = lambda: load_settings(file)
            if not old.retire():
                log.error("a poll that began before goes on beside the new configuration")
            self.service, self._app = service, app
            service.start()
            service.counters.reloaded(service.clock())
            log.info("the configuration was read again; %d sources", len(fresh.sources))
            return True

    def stop(self) -> bool:
        """Stop the service for good; return whether all has ended, also a reload that was under
        way: it may wait for a file on a disk that does not answer."""
        if self._ended:
            return True
        free = self._lock.acquire(timeout=PATIENCE)
        self._ended = True
        try:
            return self.service.stop() and free
        finally:
            if free:
                self._lock.release()


def _refuse_what_needs_a_restart(old: Settings, fresh: Settings) -> None:
    changed = []
    for path in _FOR_A_RESTART:
        before: object = old
        after: object = fresh
        for name in path.split("."):
            before, after = getattr(before, name), getattr(after, name)
        if before != after:
            changed.append(path)
    if changed:
        raise CannotReload(f"{', '.join(changed)}: restart to change this")
