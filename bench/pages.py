"""Times every page on a large store, as a ratio to a scrape of new figures, and its size.

    python bench/pages.py [--size 100000] [--store FILE]

The store is that of ``measuring.py``; last month is frozen. The pages are asked of the application
itself, without a server and a network between, in interleaved rounds. ``CPU`` is the time of this
process, which other programs on the machine disturb little; ``wall`` is what a reader waits. A page
is asked again and again (median and 95th percentile), and once after each of some changes of a
ticket. A page may take 50 ms and 100 kB; what misses that is marked. Last, the records of a month
and of a year are streamed as CSV, with the most memory that Python held meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import NOW, fill, settings, ticket
from starlette.types import ASGIApp, Message

from collector.model.page import Page
from collector.service.service import Service
from collector.service.serving import web_app
from collector.snapshot.freeze import FreezeRequest, freeze
from collector.store import Store
from collector.web.pages import PAGES

ROUNDS = 40
CHANGES = 5
MOST_SECONDS = 0.050
MOST_BYTES = 100_000
METRICS = "/metrics"
NAMED = {
    "indicator": "/indicator/normal_response?period=month",
    "runbook": "/runbook/source-stale",
    "month": "/months/2020-11",
}
MORE = {
    "indicator, records chosen": "/indicator/normal_response?period=2020-11&team=Servicedesk"
    "&verdict=missed&sort=-time",
    "indicator, year to date": "/indicator/normal_response?period=year_to_date",
    "what-if, moved": "/what-if?indicator=normal_response&month=2020-11&closes=1080",
    "open, a priority": "/open?priority=normal",
    "goals as JSON": "/api/v1/goals",
}
"""Pages about one thing, by name; and further questions that are worth a line."""
STREAMED = {
    "a month": "/indicator/normal_response/records.csv?period=2020-11",
    "a year": "/indicator/normal_response/records.csv?period=2020",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds of this process and of the wall clock that an answer took, and its bytes."""

    cpu: float
    wall: float
    size: int


async def asked(app: ASGIApp, address: str) -> Answer:
    """Ask, and let the answer go. Raises AssertionError unless it is 200."""
    path, _, query = address.partition("?")
    size = status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal size, status
        status = message.get("status", status)
        size += len(message.get("body", b""))

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"accept", b"text/html")],
        "http_version": "1.1",
        "asgi": {"spec_version": "2.4"},
    }
    cpu, wall = time.process_time(), time.perf_counter()
    await app(scope, receive, send)
    taken = Answer(time.process_time() - cpu, time.perf_counter() - wall, size)
    assert status == 200, (address, status)
    return taken


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
            app = web_app(service)
            asyncio.run(report(app, service, given.size))
            asyncio.run(stream(app))


async def report(app: ASGIApp, service: Service, size: int) -> None:
    """Time every address, and print it."""
    pages = {each.NAME: NAMED.get(each.NAME, each.PATH) for each in PAGES}
    addresses = {"metrics": METRICS, **pages, **MORE}
    for address in addresses.values():
        await asked(app, address)  # templates
    rounds = [
        {name: await asked(app, address) for name, address in addresses.items()}
        for _ in range(ROUNDS)
    ]
    changed: dict[str, list[Answer]] = {name: [] for name in addresses}
    for number in range(CHANGES):
        for name, address in addresses.items():
            change(service, number)
            changed[name].append(await asked(app, address))
    # what was encoded before costs nothing, so a scrape of a new state is the measure
    yardstick = statistics.median(each.cpu for each in changed["metrics"])
    print(f"{size:,} tickets and as many calls; goal: {MOST_SECONDS * 1000:.0f} ms, 100 kB a page")
    print(f"{'':26} {'ms CPU':>12} {'ms wall':>14} {'CPU, changed':>13} {'x':>6} {'kB':>6}")
    for name in addresses:
        own = [each[name] for each in rounds]
        cpu, after = ([each.cpu for each in group] for group in (own, changed[name]))
        middle, length = statistics.median(cpu), own[0].size
        limited = name != "metrics"
        late = "  slow" if limited and max(middle, statistics.median(after)) > MOST_SECONDS else ""
        large = "  large" if limited and length > MOST_BYTES else ""
        print(
            f"{name:26} {spread(cpu):>12} {spread([each.wall for each in own]):>14} "
            f"{statistics.median(after) * 1000:13.1f} {middle / yardstick:6.2f} "
            f"{length / 1000:6.1f}{late}{large}"
        )


def spread(seconds: Sequence[float]) -> str:
    """``12.3 (15.0)``: the median and the 95th percentile in milliseconds."""
    most = statistics.quantiles(seconds, n=20)[-1]
    return f"{statistics.median(seconds) * 1000:.1f} ({most * 1000:.1f})"


def change(service: Service, number: int) -> None:
    """A ticket of today is new or another, and the service has measured it."""
    pages = service.store.pages
    record = ticket(random.Random(number), 10**7, NOW - 7200 - number)
    pages.save("desk", Page(records=[record], cursor={"n": number}), pages.cursor("desk"))
    service.measure()


async def stream(app: ASGIApp) -> None:
    """Print how much memory it takes to stream records."""
    print(f"{'records as CSV':26} {'MB sent':>12} {'MB held at most':>14}")
    for name, address in STREAMED.items():
        tracemalloc.start()
        answer = await asked(app, address)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"{name:26} {answer.size / 1e6:12.1f} {most / 1e6:14.1f}")


if __name__ == "__main__":
    main()
