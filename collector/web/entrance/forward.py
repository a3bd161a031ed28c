"""Requests that are passed on to the service, and its answers, piece by piece."""

from __future__ import annotations

import asyncio

import h11
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.web.answers import plain_text
from collector.web.entrance.lines import Line, Lines, NoAnswer
from collector.web.lanes import ANONYMOUS
from collector.web.rooms import RETRY_AFTER

Headers = list[tuple[bytes, bytes]]

SILENT: ASGIApp = plain_text("the service does not answer", 503, {"Retry-After": str(RETRY_AFTER)})
"""The answer in its place."""

_OF_ONE_CONNECTION = frozenset(
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade expect".split()
)
"""Headers that concern one connection, not what is passed over it."""

_SAID_BY_US = frozenset((b"forwarded", b"x-real-ip", ANONYMOUS))
"""Headers that only the entrance may write, with those that begin with ``x-forwarded-``."""


class Forward:
    """Passes requests on, and answers 503 where the service does not answer."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. What was begun and cannot be finished is broken off, so that nobody
        takes it for whole."""
        if scope["type"] != "http":
            return
        begun = asyncio.Event()
        try:
            with self._lines.new() as line:
                await self._exchange(line, scope, receive, send, begun)
        except NoAnswer:
            if begun.is_set():
                scope["extensions"]["abort"]["call"]()
                await receive()  # so that its end is known
            else:
                await SILENT(scope, receive, send)

    async def _exchange(
        self, line: Line, scope: Scope, receive: Receive, send: Send, begun: asyncio.Event
    ) -> None:
        await line.send(request_of(scope))
        wanted = asyncio.Event()  # the body
        if not _waits_to_be_asked(scope):
            wanted.set()
        reading = asyncio.ensure_future(_pass_body(line, receive, wanted))
        answering = asyncio.ensure_future(_pass_answer(line, send, wanted, begun))
        answered = asyncio.ensure_future(begun.wait())
        try:  # whoever asks may go before there is an answer
            await asyncio.wait((reading, answering), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() and reading.result():
                # the service makes it to the end all the same: till then it takes up its place
                await asyncio.wait((answering, answered), return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
        finally:
            tasks = reading, answering, answered
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def request_of(scope: Scope) -> h11.Request:
    """The request as the service is to see it, without its body."""
    query = scope["query_string"]
    return h11.Request(
        method=scope["method"],
        target=scope["raw_path"] + (b"?" + query if query else b""),
        headers=_forwarded(scope),
    )


def _forwarded(scope: Scope) -> Headers:
    given: Headers = scope["headers"]
    named = {
        each.strip().lower()
        for name, value in given
        if name == b"connection"
        for each in value.split(b",")
    }
    dropped = (_OF_ONE_CONNECTION | _SAID_BY_US | named) - {b"host", b"content-length"}
    headers = [
        (name, value)
        for name, value in given
        if name not in dropped and not name.startswith(b"x-forwarded-")
    ]
    if not any(name == b"host" for name, _ in headers):  # as in HTTP/1.0
        headers.append((b"host", b""))
    if any(name == b"transfer-encoding" for name, _ in given):
        headers.append((b"transfer-encoding", b"chunked"))
    if _waits_to_be_asked(scope):
        headers.append((b"expect", b"100-continue"))
    if scope["client"] is not None:
        headers.append((b"x-forwarded-for", scope["client"][0].encode()))
    headers.append((b"x-forwarded-proto", scope["scheme"].encode()))
    if scope.get("anonymous"):
        headers.append((ANONYMOUS, b"1"))
    return headers


def _waits_to_be_asked(scope: Scope) -> bool:
    return any(
        name == b"expect" and value.lower() == b"100-continue" for name, value in scope["headers"]
    )


async def _pass_body(line: Line, receive: Receive, wanted: asyncio.Event) -> bool:
    """Pass the body on, as far as the service wants it; return when whoever asks is gone, and
    whether the service has the whole request."""
    await wanted.wait()
    heard, more = True, True
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return heard and not more
        if not heard or not more:
            continue
        more = message.get("more_body", False)
        try:
            if message.get("body"):
                await line.send(h11.Data(data=message["body"]))
            if not more:
                await line.send(h11.EndOfMessage())
        except NoAnswer:  # it may have answered all the same: that the body is too long
            heard = False


async def _pass_answer(line: Line, send: Send, wanted: asyncio.Event, begun: asyncio.Event) -> None:
    while True:
        event = await line.next_event()
        if isinstance(event, h11.InformationalResponse):
            wanted.set()
        elif isinstance(event, h11.Response):
            begun.set()
            start = {"status": event.status_code, "headers": answer_headers(event)}
            await send({"type": "http.response.start", **start})
        elif isinstance(event, h11.Data):
            body = {"body": bytes(event.data), "more_body": True}
            await send({"type": "http.response.body", **body})
        else:
            await send({"type": "http.response.body", "body": b""})
            return


def answer_headers(answer: h11.Response) -> Headers:
    """The headers of an answer that concern its reader: among them the wish that its connection
    ends, which the service has only where what follows cannot be understood."""
    return [
        (name, value)
        for name, value in answer.headers
        if name not in _OF_ONE_CONNECTION or (name, value) == (b"connection", b"close")
    ]
