"""SIGHUP: the configuration is read anew, and the service replaced by one that follows it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from ssl import SSLContext
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send

from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.measuring.engine.definition_guard import register
from collector.service.service import Service
from collector.web.web_file import WebFileInForce

log = logging.getLogger(__name__)

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
        web_file: WebFileInForce,
        app_of: Callable[[Service, WebFileInForce], ASGIApp],
    ) -> None:
        self.service = service
        self.web_file = web_file
        self._app_of = app_of
        self._app = app_of(service, web_file)
        self._lock = Lock()
        self._ended = False

    def context(self) -> SSLContext | None:
        """Return the TLS context for a new connection."""
        return self.web_file.context()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application in force."""
        await self._app(scope, receive, send)

    def reload(self, file: Path) -> bool:
        """Follow a configuration file, or leave all as it is; return whether it is followed.

        1. Read and check it, with the files that it names, and what it would change of the past.
        2. Measure by it, so that there are figures from the first moment on.
        3. End the polls that run, after their page; then answer and poll by it.

        An unexpected error changes nothing either: the next signal is to be heard all the same.
        """
        with self._lock:
            if self._ended:
                return False
            old = self.service
            try:
                service, web_file = self._follower(old, file)
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
            service.reread = lambda: load_settings(file)
            app = self._app_of(service, web_file)
            if not old.retire():
                log.error("a poll that began before goes on beside the new configuration")
            self.service, self.web_file, self._app = service, web_file, app
            service.start()
            service.counters.reloaded(service.clock())
            number = len(service.settings.sources)
            log.info("the configuration was read again; %d sources", number)
            return True

    def _follower(self, old: Service, file: Path) -> tuple[Service, WebFileInForce]:
        fresh = load_settings(file)
        _refuse_what_needs_a_restart(old.settings, fresh)
        web_config = fresh.server.web_config
        web_file = self.web_file
        if web_config != old.settings.server.web_config:
            web_file = WebFileInForce(None if web_config is None else Path(web_config))
            self.web_file.refuse_without(web_file)
        register(fresh, old.store, old.clock())
        return old.follower(fresh), web_file

    def stop(self) -> bool:
        """Stop the service for good; return whether all has ended."""
        with self._lock:
            if self._ended:
                return True
            self._ended = True
            return self.service.stop()


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
