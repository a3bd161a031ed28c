"""``POST /hooks/SOURCE``: a system says that tickets have changed, and they are read soon."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from collector.io.secrets import SecretUnavailable
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.webhook import LONGEST_MESSAGE, BadMessage
from collector.web.answers import plain_text

log = logging.getLogger(__name__)

LONGEST_BODY_SECONDS = 10.0
"""How long the body of a message may take, before anything is known about who sends it."""


class Hooks:
    """Answers messages of systems. Nothing of a message is kept but the ids of tickets.

    ``sources``: the options of all sources. ``queue``: takes a source and ids to read, and returns
    whether it had room. ``count``: takes a source and one of ``webhook.HOOK_RESULTS``.
    """

    def __init__(
        self,
        sources: Mapping[str, SourceOptions],
        queue: Callable[[str, Sequence[str]], bool],
        count: Callable[[str, str], None],
    ) -> None:
        self._options = {
            name: each
            for name, each in sources.items()
            if isinstance(each, TicketOptions) and each.webhook is not None
        }
        self._queue = queue
        self._count = count
        self._silent: set[str] = set()

    def route(self) -> Route:
        """The route to add to the application."""
        return Route("/hooks/{source}", self.answer, methods=["POST"])

    async def answer(self, request: Request) -> Response:
        """Queue the tickets of a genuine message.

        202 if it is genuine, also without a ticket of ours; 401 if it is not; 404 for a source that
        takes none; 408 if it is too slow, 413 if it is too long, 400 if it is not whole or no JSON;
        503 if the secret is not available.
        """
        name = request.path_params["source"]
        options = self._options.get(name)
        if options is None or options.webhook is None:
            return plain_text("no source takes messages here", 404)
        try:
            async with asyncio.timeout(LONGEST_BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            self._count(name, "refused")
            late = plain_text(f"not whole within {LONGEST_BODY_SECONDS:g} s", 408)
            late.headers["Connection"] = "close"  # what is still to come is no request
            return late
        except ClientDisconnect:
            self._count(name, "refused")
            return plain_text("the body is not whole", 400)
        if body is None:
            self._count(name, "refused")
            return plain_text(f"longer than {LONGEST_MESSAGE} bytes", 413)
        try:
            genuine = options.webhook.is_genuine(options.HOOK, request.headers, body)
        except SecretUnavailable as error:
            self._say_once(name, "the secret of its webhook is not available: %s", error)
            return plain_text("messages cannot be verified at the moment", 503)
        if not genuine:
            self._count(name, "refused")
            self._say_once(name, "a message was refused, since its signature or token is wrong")
            return plain_text("the signature or token is missing or wrong", 401)
        try:
            ids = options.webhook.tickets(options.HOOK, body)
        except BadMessage:
            self._count(name, "no_ticket")
            return plain_text("the body is not JSON", 400)
        return self._queued(name, ids, options.webhook.ticket or options.HOOK.ticket)

    def _queued(self, name: str, ids: Sequence[str], path: str) -> Response:
        if not ids:
            self._count(name, "no_ticket")
            self._say_once(name, "a message names no ticket at %s", path)
            return plain_text(f"nothing to read: there is no ticket's id at {path}", 202)
        if not self._queue(name, ids):
            self._count(name, "dropped")
            return plain_text("not read at once; the next poll reads it", 202)
        self._count(name, "accepted")
        return plain_text("will be read", 202)

    def _say_once(self, name: str, text: str, *values: object) -> None:
        if f"{name} {text}" not in self._silent:
            self._silent.add(f"{name} {text}")
            log.warning(f"%s: webhook: {text} (said once)", name, *values)


async def _body(request: Request) -> bytes | None:
    """The body; None if it is too long, of which no more is read."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 12 or int(declared) > LONGEST_MESSAGE):
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_MESSAGE:
            return None
    return bytes(body)
