"""Recorded answers of real systems, served again with their status and headers.

A recording is ``{"note", "request": {"method", "url"}, "status", "headers", "body"}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.worlds.serving import served

_NOT_SENT_AGAIN = frozenset(
    {"content-length", "content-encoding", "transfer-encoding", "connection"}
)


@contextmanager
def replayed(folder: Path, also: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a server that answers as recorded in the folder; else with 404.

    Of several recordings of the same request it is the first. ``also``: names of recordings for
    further requests, or instead of these, as ``{"GET /api/tickets/?page=1": "01_tickets"}``.
    """
    recorded = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    answers = {key: recorded[name] for key, name in (also or {}).items()}
    for content in recorded.values():
        asked = urlsplit(content["request"]["url"])
        answers.setdefault(_key(content["request"]["method"], asked.path, asked.query), content)

    async def answer(request: Request) -> Response:
        key = _key(request.method, request.url.path, request.url.query)
        content = answers.get(key) or answers.get(_key(request.method, request.url.path, ""))
        if content is None:
            return JSONResponse({"detail": "not recorded"}, 404)
        kept = {k: v for k, v in content["headers"].items() if k.lower() not in _NOT_SENT_AGAIN}
        return JSONResponse(content["body"], content["status"], kept)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    with served(app) as url:
        yield url


def _key(method: str, path: str, query: str) -> str:
    return f"{method} {path}{f'?{query}' if query else ''}"
