"""Refuses a request that says in two ways where it ends."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from collector.web.answers import plain_text

_REFUSED = plain_text("the request has two lengths", 400, {"Connection": "close"})


class OneFraming:
    """Refuses requests with a length beside a transfer coding, and ends their connection.

    A proxy that goes by the one passes on as a body what a server that goes by the other takes for
    the next request, with headers of a stranger's choice: also that in which a proxy names its
    user. See RFC 9112, 6.1.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        names = {name for name, _ in scope.get("headers", ())}
        both = {b"content-length", b"transfer-encoding"} <= names
        await (_REFUSED if both else self._app)(scope, receive, send)
