"""Who is let in: TLS, passwords, and a proxy that has asked for them."""

from __future__ import annotations

import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.web.answers import is_below, plain_text
from collector.web.web_file import WebFileInForce

MOST_FAILURES = 10
"""So many wrong passwords from one address within FAILURE_SECONDS are checked; no more."""

FAILURE_SECONDS = 60.0

_ADDRESSES = 256
"""With wrong passwords, that are remembered."""

_WAITING = 32
"""Passwords that wait for their check, which is slow on purpose."""


class Gate:
    """Lets in who has a password, or comes through a proxy that has asked for one.

    ``open_paths``: paths, or what they begin with if they end in a slash, that need neither. They
    are marked as ``anonymous`` in the scope. ``header``: the one in which a proxy at one of the
    addresses ``proxies`` names its user.
    """

    def __init__(
        self,
        app: ASGIApp,
        web_file: WebFileInForce,
        open_paths: Sequence[str],
        header: str | None = None,
        proxies: Sequence[IPv4Network | IPv6Network] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._web_file = web_file
        self._open = tuple(open_paths)
        self._header = header
        self._proxies = proxies
        self._clock = clock
        self._checking = CapacityLimiter(1)
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 401, or 429 after too many wrong passwords."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._web_file.refresh()
        if not self._web_file.users and self._header is None:
            await self._app(scope, receive, send)
            return
        status = await self._status(scope)
        if status == 200:
            await self._app(scope, receive, send)
        elif is_below(scope["path"], self._open):
            await self._app({**scope, "anonymous": True}, receive, send)
        else:
            await _REFUSED[status](scope, receive, send)

    async def _status(self, scope: Scope) -> int:
        headers, address = Headers(scope=scope), (scope["client"] or ("",))[0]
        if self._header is not None and headers.get(self._header, "").strip():
            return 200 if self._is_proxy(address) else 403
        given = _credentials(headers.get("authorization", ""))
        if given is None or not self._web_file.users:
            return 401
        if self._web_file.knows(*given):
            return 200
        if self._is_banned(address) or self._checking.statistics().tasks_waiting >= _WAITING:
            return 429
        at = self._clock()
        self._count(address, at)  # before the check: else many at once would all be checked
        if not await to_thread.run_sync(self._web_file.verify, *given, limiter=self._checking):
            return 401
        with suppress(KeyError, ValueError):
            self._failures[address].remove(at)
        return 200

    def _count(self, address: str, at: float) -> None:
        self._failures.setdefault(address, []).append(at)
        self._failures.move_to_end(address)
        while len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)

    def _is_proxy(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in each for each in self._proxies)

    def _is_banned(self, address: str) -> bool:
        since = self._clock() - FAILURE_SECONDS
        recent = [at for at in self._failures.get(address, ()) if at > since]
        if recent:
            self._failures[address] = recent
        else:
            self._failures.pop(address, None)
        return len(recent) >= MOST_FAILURES


_REFUSED = {
    401: plain_text(
        "a user and a password are needed",
        401,
        {"WWW-Authenticate": 'Basic realm="servicedesk-kpi", charset="UTF-8"'},
    ),
    403: plain_text("a user is named, but not by a proxy that may do so", 403),
    429: plain_text(
        "too many wrong passwords: wait a minute", 429, {"Retry-After": str(int(FAILURE_SECONDS))}
    ),
}


def _credentials(header: str) -> tuple[str, str] | None:
    """The user and the password of basic authentication; None for anything else."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = (
            base64.b64decode(value.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (user, password) if colon else None
