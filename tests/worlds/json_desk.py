"""A small desk over HTTP, read as a ``json`` source, that a test changes, slows down and dates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from threading import Event, Lock
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse

from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.serving import served

SIZE = 50
"""Tickets on a page."""

SOURCE = """
  desk:
    type: json
    url: URL
    every: EVERY
    time_format: epoch
    since: {format: epoch}
    order: changed
    tickets: {path: tickets, rows: items, size: 50,
              params: {since: ":since", size: ":size", page: ":page"}}
    fields: {id: id, opened_at: opened, changed_at: changed, status: state, kind: kind,
             priority: priority, organization: organization, first_response_at: responded,
             resolved_at: resolved}
"""


class JsonDesk:
    """Lists its tickets by their time of change. ``ahead``: seconds by which its clock differs from
    this machine's; ``asked``: how many requests came; ``at_once``: how many at most at a time;
    ``before``: called before each answer; ``go_on``: called for each request to ``/go-on``; while
    ``open`` is cleared, no answer is given."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.ahead = 0.0
        self.asked = 0
        self.at_once = 0
        self.before: Callable[[], None] = lambda: None
        self.go_on: Callable[[], None] = lambda: None
        self.open = Event()
        self.open.set()
        self._now = 0
        self._lock = Lock()

    def clock(self) -> int:
        """The present of the desk."""
        return int(time.time() + self.ahead)

    def put(self, number: int, opened: int, changed: int, **more: Any) -> None:
        """A new ticket, or one that has changed."""
        row = {"id": number, "opened": opened, "changed": changed, "state": "open"}
        row |= {"kind": "incident", "priority": "urgent", "organization": "Laxå"}
        self.rows[number] = {**row, "responded": None, "resolved": None, **more}

    def configuration(self, url: str, every: str = "1s") -> str:
        """That of the small desk, with this one in the place of its tickets."""
        first, rest = CONFIGURATION.split("  desk:", 1)
        source = SOURCE.replace("URL", url).replace("EVERY", every)
        return first + source.strip("\n") + "\n  phone:" + rest.split("  phone:", 1)[1]

    def written(self, folder: Path, url: str, more: str = "", every: str = "1s") -> Path:
        """The files of a configuration in a folder."""
        return write_desk(folder, self.configuration(url, every) + more)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        if request.url.path == "/go-on":
            self.go_on()
            await JSONResponse({})(scope, receive, send)
            return
        with self._lock:
            self.asked += 1
            self._now += 1
            self.at_once = max(self.at_once, self._now)
        try:
            self.before()
            await run_sync(lambda: self.open.wait(60))
            asked = request.query_params
            since, size = int(asked.get("since", 0)), int(asked.get("size", SIZE))
            rows = [row for row in list(self.rows.values()) if row["changed"] >= since]
            rows.sort(key=lambda row: (row["changed"], row["id"]))
            first = (int(asked.get("page", 1)) - 1) * size
            answer = JSONResponse(
                {"items": rows[first : first + size]},
                headers={"Date": formatdate(self.clock(), usegmt=True)},
            )
            await answer(scope, receive, send)
        finally:
            with self._lock:
                self._now -= 1


def are_whole_pages(stored: int, of: int) -> bool:
    """Whether so many of all tickets are whole pages; each begins with the last ticket of the one
    before, whose second may hold others."""
    return stored in {*range(SIZE, of, SIZE - 1), 0, of}


@contextmanager
def json_desk() -> Iterator[tuple[JsonDesk, str]]:
    """A running desk, and its address."""
    desk = JsonDesk()
    with served(desk) as url:
        yield desk, url
