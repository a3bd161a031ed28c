"""Times a cold start, a cycle without changes and one with 100 changed tickets, on large stores.

    python bench/measuring.py [--sizes 100000 1000000] [--keep FOLDER]

A store is an SQLite database with that number of tickets and of calls in 24 months. Each size is
measured in a separate process that has the store as its only input; peak memory is that of this
process. The bars are the goals that the program was designed for; what misses them is marked.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.config.loading.load import load_and_check
from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.model.page import Page
from collector.model.records import Call, CallOutcome, Change, Ticket
from collector.store import PollResult, Store

ZONE = ZoneInfo("Europe/Stockholm")
START = int(datetime(2019, 1, 1, tzinfo=ZONE).timestamp())
NOW = int(datetime(2020, 12, 30, 12, tzinfo=ZONE).timestamp())
PAGE = 20_000
CYCLES = 30
CONFIG = Path(__file__).parents[1] / "config" / "servicedesk.yaml"


def settings(store: Path) -> Settings:
    """The shipped configuration with an SQLite store at this path."""
    found, _, _ = load_and_check(CONFIG)
    assert found is not None
    return found.model_copy(update={"store": f"sqlite:///{store}"})


def ticket(rng: random.Random, number: int, opened: int) -> Ticket:
    """An invented ticket opened at ``opened`` (epoch seconds): most are answered and resolved, some
    are put on hold or passed on."""
    priority = rng.choices(["urgent", "high", "normal", "low"], [5, 15, 70, 10])[0]
    kind = rng.choices(["incident", "request", "order"], [60, 30, 10])[0]
    response = opened + int(rng.lognormvariate(7.5, 1.5))
    resolved = response + int(rng.lognormvariate(10, 1.6))
    changes = [
        Change(opened, "status", "new"),
        Change(opened, "priority", priority),
        Change(opened, "team", "Servicedesk"),
        Change(opened, "kind", kind),
    ]
    if rng.random() < 0.5:
        changes.append(Change(response, "team", "Second line"))
    if rng.random() < 0.1:
        changes.append(Change(response, "status", "on_hold"))
        changes.append(Change((response + resolved) // 2, "status", "open"))
    done = resolved < NOW and rng.random() < 0.995
    changes.append(Change(resolved, "status", "resolved") if done else changes[0])
    return Ticket(
        source="desk",
        id=str(number),
        opened_at=opened,
        first_response_at=response if response < NOW else None,
        first_resolved_at=resolved if done else None,
        resolved_at=resolved if done else None,
        kind=kind,
        priority=priority,
        organization=rng.choice(["Askersund", "Hallsberg", "Laxå", "Lekeberg"]),
        status="resolved" if done else "open",
        team="Servicedesk",
        changes=tuple(sorted(set(changes), key=lambda c: c.at)),
    )


def call(rng: random.Random, number: int, entered: int) -> Call:
    """An invented call that enters its queue at ``entered`` (epoch seconds)."""
    outcome = rng.choices(
        [CallOutcome.ANSWERED, CallOutcome.ABANDONED, CallOutcome.TIMEOUT], [85, 13, 2]
    )[0]
    wait = int(rng.expovariate(1 / 18))
    answered = outcome is CallOutcome.ANSWERED
    return Call(
        source="phone",
        id=str(number),
        queue=rng.choice(["it-support", "it-vip"]),
        entered_at=entered,
        outcome=outcome,
        wait_seconds=wait,
        answered_at=entered + wait if answered else None,
        left_at=None if answered else entered + wait,
        talk_seconds=300 if answered else None,
    )


def fill(path: Path, size: int) -> dict[str, float]:
    """Build the store; source → inserted rows per second."""
    rates: dict[str, float] = {}
    with Store.open(f"sqlite:///{path}") as store:
        for source, make in (("desk", ticket), ("phone", call)):
            rng = random.Random(f"{source} {size}")
            spent = 0.0
            cursor: dict[str, int] | None = None
            for first in range(0, size, PAGE):
                numbers = range(first, min(first + PAGE, size))
                step = (NOW - START) / size
                records = [make(rng, n, START + int(n * step)) for n in numbers]
                page = Page(records=records, cursor={"n": numbers[-1]})
                began = time.perf_counter()
                store.pages.save(source, page, cursor)
                spent += time.perf_counter() - began
                cursor = dict(page.cursor)
            rates[source] = size / spent
            store.polls.record(
                PollResult(source=source, started_at=NOW, finished_at=NOW, ok=True, records=size)
            )
    return rates


def timed(act: Callable[[], object]) -> float:
    """The wall-clock seconds that a call takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measured(path: Path, size: int) -> dict[str, float]:
    """Cold start, cycles without and with 100 changed tickets in seconds, and peak memory in MB.

    To be run in a separate process.
    """
    began = time.perf_counter()
    with Store.open(f"sqlite:///{path}") as store:
        live = Live(Measuring(settings(path), store))
        live.refresh(NOW)
        cold = time.perf_counter() - began
        live.refresh(NOW)
        quiet = statistics.median(timed(lambda: live.refresh(NOW + 1)) for _ in range(CYCLES))
        recent = statistics.median(
            _changed(store, live, range(size - 2_000, size), turn) for turn in range(5)
        )
        spread = statistics.median(_changed(store, live, range(size), turn) for turn in range(3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cold": cold, "quiet": quiet, "recent": recent, "spread": spread, "peak": peak}


def _changed(store: Store, live: Live, among: range, turn: int) -> float:
    """Seconds of one cycle after 100 of these tickets were changed."""
    rng = random.Random(turn)
    records = []
    for number in rng.sample(among, 100):
        known = store.records.ticket("desk", str(number))
        assert known is not None
        answer = (known.first_response_at or known.opened_at) + 60
        records.append(replace(known, first_response_at=answer))
    cursor = store.pages.cursor("desk")
    store.pages.save("desk", Page(records=records, cursor={"turn": time.time_ns()}), cursor)
    return timed(lambda: live.refresh(NOW + 1))


BARS = (
    ("cold", "cold start to first figures", 5.0, "s"),
    ("quiet", "one cycle, nothing changed", 0.005, "s"),
    ("recent", "one cycle, 100 changed tickets (of the last days)", 0.1, "s"),
    ("spread", "one cycle, 100 changed tickets (any of 24 months)", 0.1, "s"),
    ("peak", "peak memory", 400.0, "MB"),
)


def main() -> None:
    """Build the stores, measure each in a process of its own, and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    arguments.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure, options.sizes[0])))
        return
    results: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            path = Path(folder) / f"{size}.db"
            rates = fill(path, size)
            rate = ", ".join(f"{source} {rate:,.0f} rows/s" for source, rate in rates.items())
            megabytes = path.stat().st_size / 2**20
            print(
                f"{size:,} tickets and calls: first insert {rate}; {megabytes:,.0f} MB", flush=True
            )
            command = [sys.executable, __file__, "--measure", str(path), "--sizes", str(size)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            results[size] = json.loads(done.stdout)
    head = "".join(f"{size:>14,}" for size in results)
    print(f"\n{'':52}{head}{'bar':>12}")
    for key, label, bar, unit in BARS:
        cells = [
            f"{each[key]:.4f} {unit}" if unit == "s" else f"{each[key]:.0f} MB"
            for each in results.values()
        ]
        short = any(each[key] > bar for each in results.values())
        row = "".join(f"{cell:>14}" for cell in cells)
        print(f"{label:52}{row}{f'<= {bar:g} {unit}':>12}{'   falls short' if short else ''}")


if __name__ == "__main__":
    main()
