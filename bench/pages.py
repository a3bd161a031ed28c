"""Times every page on a large store, as a ratio to ``/metrics`` in the same process, and its size.

    python bench/pages.py [--size 100000] [--store FILE]

The store is that of ``measuring.py``; last month is frozen. The pages are asked of the application
itself, without a server and a network between: medians of interleaved rounds. A page may take 50 ms
and 100 kB; what misses that is marked.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from measuring import NOW, fill, settings
from starlette.types import ASGIApp, Message

from collector.service.service import Service
from collector.service.serving import web_app
from collector.snapshot.freeze import FreezeRequest, freeze
from collector.store import Store
from collector.web.pages import PAGES

ROUNDS = 15
MOST_SECONDS = 0.050
MOST_BYTES = 100_000
METRICS = "/metrics"
NAMED = {
    "indicator": "/indicator/normal_response?period=month",
    "runbook": "/runbook/source-stale",
    "month": "/months/2020-11",
}
MORE = {
    "what-if, moved": "/what-if?indicator=normal_response&month=2020-11&closes=1080",
    "goals as JSON": "/api/v1/goals",
}
"""Pages about one thing, by name; and further questions that are worth a line."""


def asked(app: ASGIApp, address: str) -> tuple[float, int]:
    """Seconds that an answer takes, and its bytes. Raises AssertionError unless it is 200."""
    path, _, query = address.partition("?")
    found: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        found.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"accept", b"text/html")],
        "http_version": "1.1",
    }
    began = time.perf_counter()
    asyncio.run(app(scope, receive, send))
    seconds = time.perf_counter() - began
    status = next(each["status"] for each in found if each["type"] == "http.response.start")
    assert status == 200, (address, status)
    return seconds, sum(len(each.get("body", b"")) for each in found)


def main() -> None:
    """Print a line for each page."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--size", type=int, default=100_000)
    arguments.add_argument("--store", type=Path, help="keep the store here, or use the one there")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = given.store or Path(folder) / "store.sqlite"
        if not file.exists():
            fill(file, given.size)
        os.environ.setdefault("TZ", "Europe/Stockholm")
        configured = settings(file)
        with Store.open(configured.store) as store:
            service = Service(configured, store, clock=lambda: NOW)
            service.measure()
            service.look_back()
            november = service.live.measuring.period("2020-11", NOW)
            freeze(configured, store, FreezeRequest(november, incomplete=True), lambda: NOW)
            report(web_app(service), given.size)


def report(app: ASGIApp, size: int) -> None:
    """Time every address, and print it."""
    pages = {each.NAME: NAMED.get(each.NAME, each.PATH) for each in PAGES}
    addresses = {"metrics": METRICS, **pages, **MORE}
    for address in addresses.values():
        asked(app, address)  # templates, and what is kept of the store
    rounds = [
        {name: asked(app, address) for name, address in addresses.items()} for _ in range(ROUNDS)
    ]
    middle = {name: statistics.median(each[name][0] for each in rounds) for name in addresses}
    print(f"{size:,} tickets and as many calls; goal: {MOST_SECONDS * 1000:.0f} ms, 100 kB a page")
    print(f"{'page':16} {'ms':>8} {'x metrics':>10} {'kB':>7}")
    for name, seconds in middle.items():
        length = rounds[0][name][1]
        own = name == "metrics"
        late = "" if own or seconds <= MOST_SECONDS else "  slow"
        large = "" if own or length <= MOST_BYTES else "  large"
        ratio = seconds / middle["metrics"]
        print(f"{name:16} {seconds * 1000:8.1f} {ratio:10.2f} {length / 1000:7.1f}{late}{large}")


if __name__ == "__main__":
    main()
