"""The HTTP session that everything here uses: bounded in time, and discreet.

What a bare ``requests`` leaves open is closed: a deadline over the whole exchange however slowly
the answer drips, no redirects, no proxy or .netrc from the environment, no query in a log.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

HTTP_ERRORS = (requests.RequestException, HTTPError)
"""What an exchange may raise; some of urllib3's own pass through requests."""
TIMEOUT = requests.Timeout
BROKEN = (
    HTTPError,
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""Of these, a connection that failed or broke: another one may not."""


def is_untrusted(error: Exception) -> bool:
    """Whether the server's certificate was refused."""
    return isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error)


class Wires:
    """Handles on the open connections, so that a guard can cut them while a read blocks.

    A read timeout starts anew with every byte that drips in, also within the headers, where no
    code of ours runs. Cutting makes the blocked read return.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []

    def add(self, connection: socket.socket) -> None:
        """Remember a new connection; forget, and close, the handles of the earlier ones."""
        self.close()
        with self._lock:
            self._handles.append(connection.dup())

    def cut(self) -> None:
        """End the connection now."""
        with self._lock:
            for handle in self._handles:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the handles; the connections themselves are not touched."""
        with self._lock:
            while self._handles:
                self._handles.pop().close()


class AbortableAdapter(HTTPAdapter):
    """An adapter without retries of its own, whose connections report to ``wires``."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Build the pool manager with connection classes that report their sockets."""
        super().init_poolmanager(*args, **kwargs)
        wires = self._wires

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                connection = super()._new_conn()
                wires.add(connection)
                return connection

        class Encrypted(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                connection = super()._new_conn()
                wires.add(connection)
                return connection

        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
            "https": type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": Encrypted}),
        }


class HttpSession(requests.Session):
    """Follows no redirect, reads no body by itself, tries once, and can be cut at a deadline.

    ``ca_file``: certificates to trust instead of the usual ones.
    """

    def __init__(self, ca_file: str | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = ca_file or True
        self._wires = Wires()
        for scheme in ("http://", "https://"):
            self.mount(scheme, AbortableAdapter(self._wires))
        redact_library_logs()

    def exchange(self, method: str, url: str, **parts: Any) -> requests.Response:
        """One request and the head of its answer; ``parts`` as for :meth:`request`.

        Raises requests.RequestException, and OSError or ValueError where no request can be made.
        """
        return self.request(method, url, allow_redirects=False, stream=True, **parts)

    @contextlib.contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Within it all exchanges are over after so many seconds: what still runs is cut, and
        raises as a connection that broke."""
        guard = threading.Timer(seconds, self._wires.cut)
        guard.daemon = True
        guard.start()
        try:
            yield
        finally:
            guard.cancel()

    def close(self) -> None:
        """Close the connections."""
        super().close()
        self._wires.close()


def _without_query(record: logging.LogRecord) -> bool:
    """A logging filter: no query string, and no record that quotes what a server said."""
    if str(record.msg).startswith("Failed to parse headers"):
        return False
    record.msg = re.sub(r"\?[^\s\"']*", "?…", record.getMessage())
    record.args = ()
    record.exc_info = record.exc_text = None
    return True


def redact_library_logs() -> None:
    """Let no log record of the HTTP library show a query; done once, harmless again."""
    for module in ("connectionpool", "connection", "response", "util.retry"):
        logger = logging.getLogger(f"urllib3.{module}")
        if _without_query not in logger.filters:
            logger.addFilter(_without_query)
