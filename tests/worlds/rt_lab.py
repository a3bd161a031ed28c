"""A simulated Request Tracker for tests, and how the source is pointed at it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from collector.cli.demo.desk import Desk
from collector.cli.demo.request_tracker import request_tracker_app
from collector.model.page import Cursor, Page
from collector.model.records import Gone, Ticket
from collector.sources import make_source
from collector.sources.kit.contract import Source
from collector.sources.request_tracker.options import RequestTrackerOptions
from tests.worlds.paths import FIXTURES
from tests.worlds.serving import served

RECORDED = FIXTURES / "rt5"
TOKEN = "token-7e57ed"
PRIORITIES = {"100": "urgent", "75": "high", "50": "normal", "25": "low"}
START = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
DAY = 86400


def recorded(name: str) -> Any:
    """The body of a recorded answer."""
    (path,) = RECORDED.glob(f"{name}_*.json")
    content = json.loads(path.read_text())
    return content.get("body", content)


def source(url: str, /, **options: Any) -> Source:
    """The source; its token is taken from LAB_TOKEN."""
    settings = {
        "type": "request_tracker",
        "url": url,
        "token": "${LAB_TOKEN}",
        "map": {"priority": PRIORITIES},
        **options,
    }
    return make_source("desk", RequestTrackerOptions.model_validate(settings), ())


def stored(pages: Sequence[Page]) -> dict[str, Ticket | Gone]:
    """What a store holds after these pages: the last record of each ticket."""
    return {record.id: record for page in pages for record in page.records}


def resumed(cursor: Cursor) -> Cursor:
    """A cursor as it comes back from a store."""
    return json.loads(json.dumps(cursor))


class Lab:
    """A desk, its clock and a running server; ``comments``: where notes may be seen."""

    def __init__(self, desk: Desk, comments: Sequence[str] = ()) -> None:
        self.desk = desk
        self.comments = comments
        self.now = START
        self.url = ""

    @contextmanager
    def running(self) -> Iterator[Lab]:
        app = request_tracker_app(self.desk, lambda: self.now, token=TOKEN, comments=self.comments)
        with served(app) as self.url:
            yield self

    def create(self, who: str = "user1", **facts: Any) -> str:
        """Open a ticket a minute later."""
        self.now += 60
        return str(self.desk.create(self.now, who, "user1", **facts))

    def poll(self, cursor: Cursor | None, since: int | None = None, **options: Any) -> list[Page]:
        return list(source(self.url, **options).pages(cursor, since))
