"""Two lanes: metrics and health answer at once, whatever readers of pages do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from collector.web.answers import is_below, plain_text
from collector.web.rooms import RETRY_AFTER

METRICS = "/metrics"

HEALTH = ("/healthz", "/readyz")

MESSAGES = "/hooks/"
"""Of systems, which prove by themselves who they are."""

BESIDE = (METRICS, *HEALTH, MESSAGES, "/static/")
"""What is no page, or is below a path that ends in a slash."""

ANONYMOUS = b"x-servicedesk-anonymous"
"""The header by which the entrance says that it knows nothing about who asks."""

PAGES_AT_ONCE = 3
"""So many pages are made at the same time."""

WAITING_PAGES = 12
"""So many requests wait for that; others are asked to come back."""

LONGEST_WAIT = 5.0
"""Seconds after which a request that waits is asked to come back as well."""


class PageLane:
    """Lets few pages be made at the same time, the others wait a little or get 503.

    ``beside``: paths that are not pages and never wait, or what they are below.
    """

    def __init__(self, app: ASGIApp, beside: Sequence[str]) -> None:
        self._app = app
        self._beside = beside
        self._places = asyncio.Semaphore(PAGES_AT_ONCE)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or is_below(scope["path"], self._beside):
            await self._app(scope, receive, send)
            return
        if self._waiting >= WAITING_PAGES or not await self._take_place():
            text = "many pages are being made: ask again in a moment"
            busy = plain_text(text, 503, {"Retry-After": str(RETRY_AFTER)})
            await busy(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._places.release()

    async def _take_place(self) -> bool:
        self._waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return True
