"""Answers of the pages: conditional, and with headers that let nothing in from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
"""No script and no style in a page itself, and nothing from another host."""

_SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",  # for what does not know frame-ancestors
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # where an answer does not say otherwise
}


class SafeHeaders:
    """Adds the headers of safety to every answer of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def conditional(request: Request, body: bytes, media_type: str) -> Response:
    """The body with its ETag, to be asked for again each time; 304 where the reader has it."""
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Language"}
    known = request.headers.get("if-none-match", "").split(",")
    if {"*", etag} & {each.strip().removeprefix("W/") for each in known}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def plain_text(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A one-line plain-text answer, for errors."""
    return Response(text + "\n", status, headers, media_type="text/plain")


def is_below(path: str, places: Iterable[str]) -> bool:
    """Whether a path is one of ``places``, or below one that ends in a slash."""
    return any(path == each or (each[-1] == "/" and path.startswith(each)) for each in places)
