"""What the fake of a ticket system is, and the door it stands behind.

The door counts requests, sends the world's time as ``Date`` and can misbehave in every way that a
server or a proxy can, so that a fake need only answer well.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, ClassVar

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.worlds.ticket_world import World

SECRET = "secret-7e57ed"
SECRETS = {"FAKE_SECRET": SECRET, "WRONG_SECRET": "secret-0bad"}


class Fake(ABC):
    """A system that shows a world as the real one would.

    ``options``: the keys of the source besides ``type`` and ``url``; its secret is
    ``${FAKE_SECRET}``, and ``unreadable`` are those that differ where it is refused. ``left_out``:
    cases that cannot apply, with the reason, which is printed in docs/conformance.md.
    ``requests_per_ticket``: how many requests a changed ticket costs at least.
    ``merge_moves_replies``: whether a merged ticket's answers become those of its target.
    """

    options: ClassVar[Mapping[str, Any]]
    unreadable: ClassVar[Mapping[str, Any]] = {"password": "${WRONG_SECRET}"}
    left_out: ClassVar[Mapping[str, str]] = {}
    requests_per_ticket: ClassVar[float] = 1.0
    merge_moves_replies: ClassVar[bool] = False

    def __init__(self, world: World) -> None:
        self.world = world

    def attach(self, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: B027
        """Stand behind the door in a way of its own, for what is no HTTP."""

    @abstractmethod
    def app(self) -> ASGIApp:
        """The server. It refuses requests without the secret."""

    @abstractmethod
    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """Whether a request asks for this ticket by its id, maybe among others."""

    @abstractmethod
    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """The ticket and the name of the field, if this object of an answer holds its opening."""


@dataclass(slots=True)
class Reply:
    """A response in place of the fake's: ``cut``: only so many bytes of it arrive."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"detail": "no"}'
    kind: str = "application/json"
    cut: int | None = None


@dataclass(slots=True)
class Door:
    """Stands before a fake. ``requests``: of all that came, method and path.

    ``replies``: sent instead, one for each request; ``always``: from then on. ``poisoned``: tickets
    for which every request fails that names them, with the status ``poison``. ``before``: called
    with the number of each request before it is answered.
    """

    fake: Fake
    requests: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    always: Reply | None = None
    poisoned: set[int] = field(default_factory=set)
    poison: int = 500
    before: Callable[[int], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive()).get("more_body"):
            body += message.get("body", b"")
        body += message.get("body", b"")
        self.requests.append(f"{scope['method']} {scope['path']}")
        if self.before:
            self.before(len(self.requests))
        query = scope["query_string"].decode()
        reply = self.replies.pop(0) if self.replies else self.always
        if reply is None and any(
            self.fake.asks_for(scope["path"], query, body.decode(), each) for each in self.poisoned
        ):
            reply = Reply(self.poison)
        if reply is None:
            reply = await self._answer(scope, body)
        await _send(reply, self.fake.world.now, send)

    def ask(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Any:
        """The status and the JSON with which the fake answers, without a server between."""
        scope = {
            **{"type": "http", "http_version": "1.1", "scheme": "http", "server": ("fake", 80)},
            **{"method": method, "path": path, "raw_path": path.encode(), "root_path": ""},
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        }
        reply = asyncio.run(self._answer(scope, body))
        is_json = reply.kind.partition(";")[0].endswith("json")
        return reply.status, json.loads(reply.body or b"null") if is_json else None

    async def _answer(self, scope: Scope, body: bytes) -> Reply:
        """The fake's own answer, spoiled where the world says so."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def collect(message: Message) -> None:
            sent.append(message)

        await self.fake.app()(scope, receive, collect)
        headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        content = b"".join(message.get("body", b"") for message in sent[1:])
        if self.fake.world.spoiled and content[:1] in (b"{", b"["):
            content = json.dumps(_spoiled(json.loads(content), self.fake)).encode()
        kept = {k: v for k, v in headers.items() if k not in ("content-length", "date")}
        kind = kept.pop("content-type", "application/json")
        return Reply(sent[0]["status"], kept, content, kind)


async def _send(reply: Reply, now: int, send: Send) -> None:
    whole = {
        "content-type": reply.kind,
        "content-length": str(len(reply.body)),
        "date": formatdate(now, usegmt=True),
        **{name.lower(): value for name, value in reply.headers.items()},
    }
    if reply.status == 204:
        del whole["content-length"]
    headers = [(name.encode(), value.encode()) for name, value in whole.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.cut is None:
        await send({"type": "http.response.body", "body": reply.body})
    else:
        await send(
            {"type": "http.response.body", "body": reply.body[: reply.cut], "more_body": True}
        )
        raise ConnectionAbortedError("the rest does not arrive")


def _spoiled(value: Any, fake: Fake) -> Any:
    """An answer with the openings of the world's spoiled tickets replaced."""
    if isinstance(value, list):
        return [_spoiled(each, fake) for each in value]
    if not isinstance(value, dict):
        return value
    found = fake.opening(value)
    changed = {name: _spoiled(each, fake) for name, each in value.items()}
    if found is not None and found[0] in fake.world.spoiled:
        changed[found[1]] = fake.world.spoiled[found[0]]
    return changed
