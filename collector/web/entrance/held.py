"""Answers that the entrance holds: /metrics for some seconds, health for none."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import floor

import h11
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.web.answers import plain_text
from collector.web.entrance.forward import Headers, answer_headers
from collector.web.entrance.lines import Lines, NoAnswer
from collector.web.lanes import ANONYMOUS, HEALTH, METRICS
from collector.web.rooms import RETRY_AFTER

OLDEST = 5.0
"""Seconds after which figures are not told any more; counted from when they were asked for."""

PATIENCE = 4.0
"""Seconds for the service to answer."""

REFRESH = 1.0
"""Seconds from one question for figures to the next, while somebody wants them."""

WANTED = 180.0
"""Seconds for which figures are asked for after somebody wanted them."""

_MOST_FORMS = 16

_NOT_HELD: ASGIApp = plain_text(
    f"the service has not answered for {PATIENCE:g} s: nothing is known about it",
    503,
    {"Retry-After": str(RETRY_AFTER)},
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, and when it was asked for, by the clock of the event loop."""

    status: int
    headers: Headers
    body: bytes
    asked: float


class Question:
    """A question that many ask, and the service only now and then.

    ``oldest``: for how many seconds an answer is held; ``wanted``: for how many the next one is
    asked for, although nobody asks.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[Answer]], oldest: float = 0.0, wanted: float = 0.0
    ) -> None:
        self._ask = ask
        self._oldest = oldest
        self._keep = wanted
        self._wanted = 0.0
        self._held: Answer | None = None
        self._next: asyncio.Future[Answer | None]
        self._task: asyncio.Task[None] | None = None

    async def answer(self, since: float = 0.0) -> Answer | None:
        """Return what is held, or else the next answer, in any case one that was asked for after
        ``since``; None if there is none in time."""
        self._wanted = now = asyncio.get_running_loop().time()
        if self._task is None:
            self._next = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._follow())
        if self._held is not None and self._held.asked > max(now - self._oldest, since):
            return self._held
        try:
            async with asyncio.timeout(PATIENCE):
                while (answer := await asyncio.shield(self._next)) is not None:
                    if answer.asked > since:
                        return answer
        except TimeoutError:
            pass
        return None

    def forget(self) -> None:
        """Ask no more once the question on its way is answered."""
        self._keep = 0.0

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            answer = None
            try:
                async with asyncio.timeout(PATIENCE):
                    answer = self._held = await self._ask()
            except (NoAnswer, TimeoutError):
                pass  # what is held grows old
            waiting, self._next = self._next, loop.create_future()
            waiting.set_result(answer)
            if loop.time() - self._wanted >= self._keep:
                self._task = self._held = None
                return
            await asyncio.sleep(max(0.0, began + REFRESH - loop.time()))


class Held:
    """Answers for machines: ``/metrics`` from what is held, health by asking the service, once for
    all who ask at the same time. Other requests are passed to ``app``."""

    def __init__(self, app: ASGIApp, lines: Lines) -> None:
        self._app = app
        self._lines = lines
        self._questions: OrderedDict[tuple[str, bytes, bool, bool], Question] = OrderedDict()
        self._told: dict[str, int] = {}
        self._since = 0.0
        """When somebody was told another state of health: figures from before contradict it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope.get("path")
        if scope.get("method") not in ("GET", "HEAD") or path not in (METRICS, *HEALTH):
            await self._app(scope, receive, send)
            return
        answer = await self._question(scope).answer(self._since if path == METRICS else 0.0)
        if answer is None:
            await _NOT_HELD(scope, receive, send)
            return
        if path != METRICS and answer.status != self._told.get(path):
            self._told[path], self._since = answer.status, asyncio.get_running_loop().time()
        age = asyncio.get_running_loop().time() - answer.asked
        headers = [*answer.headers, (b"age", b"%d" % floor(age))]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _question(self, scope: Scope) -> Question:
        """The question of a request: the same for all who want the same form of an answer."""
        path, anonymous = scope["path"], bool(scope.get("anonymous"))
        accept = b", ".join(value for name, value in scope["headers"] if name == b"accept")
        compress = any(b"gzip" in v for n, v in scope["headers"] if n == b"accept-encoding")
        if path != METRICS:
            accept, compress = b"", False
        key = path, accept, compress, anonymous
        if key not in self._questions:

            async def ask() -> Answer:
                return await _asked(self._lines, *key)

            limits = (OLDEST, WANTED) if path == METRICS else ()
            self._questions[key] = Question(ask, *limits)
        self._questions.move_to_end(key)
        while len(self._questions) > _MOST_FORMS:
            self._questions.popitem(last=False)[1].forget()
        return self._questions[key]


async def _asked(lines: Lines, path: str, accept: bytes, compress: bool, anonymous: bool) -> Answer:
    """Ask the service. Raises NoAnswer."""
    asked = asyncio.get_running_loop().time()
    headers = [(b"host", b"")]
    headers += [(b"accept", accept)] if accept else []
    headers += [(b"accept-encoding", b"gzip")] if compress else []
    headers += [(ANONYMOUS, b"1")] if anonymous else []
    body, start = [], None
    with lines.new() as line:
        await line.send(h11.Request(method="GET", target=path, headers=headers))
        await line.send(h11.EndOfMessage())
        while not isinstance(event := await line.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                start = event
            elif isinstance(event, h11.Data):
                body.append(bytes(event.data))
    assert start is not None
    return Answer(start.status_code, answer_headers(start), b"".join(body), asked)
