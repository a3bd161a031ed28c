"""The process of the entrance. Its arguments: the numbers of its control socket and its listener.

It ends when the service does, and not by a signal that both receive: Ctrl-C in a terminal, and the
SIGTERM of a service manager. The service starts it with these signals blocked.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import sys
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from collector.io.errors import UserFacingError
from collector.web.answers import SafeHeaders
from collector.web.entrance.forward import Forward
from collector.web.entrance.held import Held
from collector.web.entrance.lines import Lines
from collector.web.entrance.messages import Message, Settings, hear, tell
from collector.web.framing import OneFraming
from collector.web.gate import Gate
from collector.web.lanes import BESIDE, HEALTH, MESSAGES, PageLane
from collector.web.server import WebServer
from collector.web.web_file import WebFileInForce

_LONGEST_TEXT = 8_000


class _ToTheService(logging.Handler):
    """Hands what is logged to the service, which writes it in the form that is configured."""

    def __init__(self, control: socket.socket) -> None:
        super().__init__()
        self._control = control

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)[:_LONGEST_TEXT]
        with suppress(OSError):  # it does not read
            tell(self._control, {"log": [record.levelno, record.name, text]})


class _Entrance:
    """Serves what is to be served, by the settings in force."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        lines = Lines(control)
        self._inner = PageLane(Held(Forward(lines), lines), BESIDE)
        self._settings: Settings | None = None
        self._web_file = WebFileInForce(None)
        self._app: ASGIApp = self._inner
        self.server = WebServer(self, self.context)

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS context for a new connection."""
        return self._web_file.context()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application in force."""
        await self._app(scope, receive, send)

    def heed(self) -> bool:
        """Read what the service says and act on it; False once it is gone."""
        heard = hear(self._control)
        if heard is None:
            return False
        message, _ = heard
        if "follow" in message:
            told: Message = {"follows": None}
            try:
                self._follow(message["follow"])
            except UserFacingError as error:
                told = {"follows": str(error)}
            tell(self._control, told)
        else:
            self.server.should_exit = True
        return True

    @property
    def follows(self) -> bool:
        """Whether there are settings in force."""
        return self._settings is not None

    def _follow(self, settings: Settings) -> None:
        """Follow other settings, or raise UserFacingError, and nothing has changed."""
        web_file, given = self._web_file, settings["web_config"]
        if self._settings is None or given != self._settings["web_config"]:
            web_file = WebFileInForce(None if given is None else Path(given))
            self._web_file.refuse_without(web_file)
        proxies = [ip_network(each) for each in settings["proxies"]]
        gate = Gate(self._inner, web_file, (*HEALTH, MESSAGES), settings["header"], proxies)
        self._settings, self._web_file = settings, web_file
        self._app = SafeHeaders(OneFraming(gate))


async def _serve(entrance: _Entrance, control: socket.socket, listener: socket.socket) -> None:
    def heed() -> None:
        try:
            while entrance.heed():
                pass
        except BlockingIOError:
            return
        except OSError:
            pass
        os._exit(0)  # the service is gone: nobody may take us for it

    control.setblocking(False)
    asyncio.get_running_loop().add_reader(control, heed)
    await entrance.server.serve([listener])


def main() -> None:
    """Run until the service says so, or is gone."""
    control, listener = (socket.socket(fileno=int(each)) for each in sys.argv[1:])
    with control, listener:
        for each in (control, listener):
            each.set_inheritable(False)
        handlers = [_ToTheService(control)]
        logging.basicConfig(level=logging.INFO, handlers=handlers, format="%(message)s")
        entrance = _Entrance(control)
        with suppress(OSError):  # the service is gone: there is nobody to tell
            while not entrance.follows:
                if not entrance.heed():
                    return
        if entrance.follows:
            asyncio.run(_serve(entrance, control, listener))


if __name__ == "__main__":
    main()
