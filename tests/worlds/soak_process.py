"""A service that polls, measures and answers in fast time, and tells how it stands.

``python -m tests.worlds.soak_process FOLDER DESK CYCLES``: in each cycle the clock goes on by STEP,
the desk at that address is told to do so, every source is polled, all is measured, and /metrics and
a page are asked for over HTTP. After a fifth of the cycles, and then eight times more, it writes a
line of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import urllib.request
from pathlib import Path

from collector.config.loading.load import load_settings
from collector.measuring.engine.definition_guard import register
from collector.service.service import Service
from collector.service.serving import web_app
from collector.store import Store
from tests.worlds.serving import served

START = 1_780_000_000
STEP = 2600
"""Epoch seconds at the beginning, and seconds from one cycle to the next: 5,000 are five months."""
PAGES = ("/", "/open", "/indicator/urgent", "/months", "/sources", "/indicator/urgent?period=year")


def standing(store: Path) -> dict[str, int]:
    """Resident bytes, threads, open files, and bytes of the write-ahead log."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
        "threads": threading.active_count(),
        "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "wal": store.with_name(f"{store.name}-wal").stat().st_size,
    }


def asked(url: str) -> None:
    """Ask for a page, and read it."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()


def main(folder: Path, desk: str, cycles: int) -> None:
    """Go through the cycles."""
    settings = load_settings(folder / "servicedesk.yaml")
    now = START
    marks = {cycles * tenth // 10 for tenth in range(2, 11)}
    with Store.open(settings.store) as store:
        register(settings, store, now)
        service = Service(settings, store, clock=lambda: now)
        with served(web_app(service)) as address:
            for cycle in range(1, cycles + 1):
                now += STEP
                asked(f"{desk}/go-on")
                for name in settings.sources:
                    service.poll(name)
                service.freeze()
                service.watch.look()
                for path in ("/metrics", PAGES[cycle % len(PAGES)]):
                    asked(address + path)
                if cycle in marks:
                    told = {"cycle": cycle, **standing(folder / "servicedesk.db")}
                    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
