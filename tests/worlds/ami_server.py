"""A manager interface that logs in as Asterisk does and answers QueueStatus with recorded texts."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import md5
from typing import Self

GREETING = "Asterisk Call Manager/11.0.0\r\n"
EMPTY = (
    "Event: QueueStatusComplete\r\nActionID: {id}\r\nEventList: Complete\r\nListItems: 0\r\n\r\n"
)


@dataclass
class AmiServer:
    """``status``: what QueueStatus answers, with ``ActionID: x`` as it was recorded. ``send``: how
    it is sent; ``greeting``: what is said first. ``heard``: the actions that came."""

    status: str = ""
    user: str = "kpi"
    secret: str = "x-lab"
    greeting: str = GREETING
    send: Callable[[socket.socket, bytes], None] = lambda to, data: to.sendall(data)
    tls: ssl.SSLContext | None = None
    heard: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    _logged_in: bool = False

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Serves on a free port of this machine; one connection after another."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(20)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError, ValueError):
                if self.tls is None:
                    self._serve(connection)
                else:
                    with self.tls.wrap_socket(connection, server_side=True) as encrypted:
                        self._serve(encrypted)

    def _serve(self, connection: socket.socket) -> None:
        self._logged_in = False
        connection.sendall(self.greeting.encode())
        with connection.makefile("rb") as lines:
            action: dict[str, str] = {}
            for line in lines:
                name, colon, value = line.decode().strip().partition(": ")
                if colon:
                    action[name] = value
                    continue
                self.heard.append(action)
                self.send(connection, self._answer(action).encode())
                action = {}

    def _answer(self, action: dict[str, str]) -> str:
        head = f"ActionID: {action['ActionID']}\r\n"
        known = action.get("Username") == self.user
        if action["Action"] == "Challenge":
            return f"Response: Success\r\n{head}Challenge: 840415273\r\n\r\n"
        if action["Action"] == "Login":
            key = md5(f"840415273{self.secret}".encode()).hexdigest()
            if known and (action.get("Key") == key or action.get("Secret") == self.secret):
                self._logged_in = True
                event = "Event: FullyBooted\r\nPrivilege: system,all\r\n\r\n"
                return f"Response: Success\r\n{head}Message: Authentication accepted\r\n\r\n{event}"
            return f"Response: Error\r\n{head}Message: Authentication failed\r\n\r\n"
        if not self._logged_in:
            return f"Response: Error\r\n{head}Message: Permission denied\r\n\r\n"
        text = self.status.replace("\r\n", "\n").replace("\n", "\r\n")
        return text.replace("ActionID: x\r\n", head)
