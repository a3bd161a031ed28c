"""The HTTP session used throughout the program: limited in time, and discreet in logs.

It adds what plain ``requests`` lacks: a deadline for the whole exchange even if the response
trickles in slowly, no redirects, no proxy or .netrc from the environment, and no query strings in
logs.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError

from collector.io.connection_faults import causes

HTTP_ERRORS = (requests.RequestException, HTTPError)
"""Errors of an exchange; some of urllib3's own pass through requests."""
TIMEOUT_ERROR = requests.Timeout
"""Those in which the server took too long."""
CONNECTION_ERRORS = (
    HTTPError,
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""Those in which the connection failed; a new one may succeed."""


def is_untrusted(error: Exception) -> bool:
    """Return whether the server's certificate was rejected."""
    return isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error)


_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (NameResolutionError, socket.gaierror),
        "the name of the host cannot be resolved (DNS): check the address",
    ),
    ((ssl.SSLError,), "TLS could not be agreed on: check that https is spoken there"),
    ((ConnectionRefusedError,), "refused: nothing listens there; check host and port"),
    ((ConnectTimeoutError,), "connecting timed out: the host is down, or a firewall is between"),
    ((ConnectionResetError, BrokenPipeError), "the server broke off"),
)


def in_words(error: Exception) -> str:
    """Return what went wrong with a connection, and where to look: name, port, TLS or time.

    The libraries wrap the cause several times, and their texts may quote the query.
    """
    found = list(causes(error))
    for kinds, words in _REASONS:
        if any(isinstance(each, kinds) for each in found):
            if ConnectTimeoutError in kinds:
                return words
            return f"{words}; so the connection failed"
    if any(isinstance(each, OSError) and each.errno in _NO_WAY for each in found):
        return "no way leads to the host from here; so the connection failed"
    return "timed out" if isinstance(error, TIMEOUT_ERROR) else "the connection failed"


_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH}


class OpenConnections:
    """Handles on the open connections, so that a timer can cut them while a read blocks.

    A read timeout restarts with every byte received, even within the headers, where none of our
    code runs. Cutting the connection makes the blocked read return.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []

    def add(self, connection: socket.socket) -> None:
        """Keep a handle on a new connection and close the handles of earlier ones."""
        self.close()
        with self._lock:
            self._handles.append(connection.dup())

    def cut(self) -> None:
        """Shut the connections down now."""
        with self._lock:
            for handle in self._handles:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the handles; the connections themselves stay open."""
        with self._lock:
            while self._handles:
                self._handles.pop().close()


class AbortableAdapter(HTTPAdapter):
    """An adapter without retries whose connections register with ``wires``."""

    def __init__(self, wires: OpenConnections) -> None:
        self._wires = wires
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pool manager with connection classes that register their sockets."""
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
    """A session without redirects, retries or implicit body reads, which a deadline can cut off.

    ``ca_file``: certificates to trust instead of the default ones.
    """

    def __init__(self, ca_file: str | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = ca_file or True
        self._wires = OpenConnections()
        for scheme in ("http://", "https://"):
            self.mount(scheme, AbortableAdapter(self._wires))
        redact_library_logs()

    def exchange(self, method: str, url: str, **parts: Any) -> requests.Response:
        """Send a request and return the response with its body unread.

        ``parts`` are the keyword arguments of :meth:`request`. Raises one of HTTP_ERRORS if the
        exchange fails, and OSError or ValueError if no request can be made.
        """
        return self.request(method, url, allow_redirects=False, stream=True, **parts)

    @contextlib.contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Limit all exchanges in the block to so many seconds in total.

        An exchange still running then is cut off and raises as a failed connection does.
        """
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
    """A logging filter that removes query strings and drops records that quote a response."""
    if str(record.msg).startswith("Failed to parse headers"):
        return False
    record.msg = re.sub(r"\?[^\s\"']*", "?…", record.getMessage())
    record.args = ()
    record.exc_info = record.exc_text = None
    return True


def redact_library_logs() -> None:
    """Keep query strings out of the HTTP library's log records; may be called repeatedly."""
    for module in ("connectionpool", "connection", "response", "util.retry"):
        logger = logging.getLogger(f"urllib3.{module}")
        if _without_query not in logger.filters:
            logger.addFilter(_without_query)
