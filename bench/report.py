"""Times freezing a year and making each form of its report, with 100,000 tickets and calls.

    python bench/report.py [--size 100000]

The store holds that number of tickets and of calls in the year 2020, all read to their end; the
configuration is ``config/servicedesk.yaml``, with four municipalities. Each step runs in a separate
process with the store as its only input.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import measuring as desk

from collector.config.settings import fiscal_year
from collector.measuring.engine.definition_guard import register
from collector.model.periods import written_period
from collector.report.render.files import FORMATS, render_files
from collector.snapshot import first_freeze
from collector.snapshot.chain import envelope
from collector.snapshot.freeze import FreezeRequest, freeze
from collector.store import Store

YEAR = "2020"
FORMS = ("html", "pdf", "docx", "xlsx")


def fill(path: Path, size: int) -> None:
    """Build a store of the year 2020 alone, its sources read after the year ended."""
    desk.START = int(datetime(2020, 1, 1, tzinfo=desk.ZONE).timestamp())
    desk.NOW = int(datetime(2021, 1, 1, 0, 5, tzinfo=desk.ZONE).timestamp())
    desk.fill(path, size)


def frozen(path: Path) -> dict[str, float]:
    """Freeze the year: the seconds it took, and the bytes of the content."""
    settings = desk.settings(path)
    period = written_period(YEAR, fiscal_year(settings))
    with Store.open(settings.store) as store:
        now = int(time.time())
        register(settings, store, now)
        # incomplete, because the configuration's values by hand are not of 2020
        request = FreezeRequest(period, incomplete=True)
        began = time.perf_counter()
        freeze(settings, store, request, lambda: now)
        spent = time.perf_counter() - began
        size = len(first_freeze(store, period).raw)
    return {"seconds": spent, "bytes": size}


def made(path: Path, form: str) -> dict[str, float]:
    """Make one form in Swedish: the seconds it took, imports included, and its bytes."""
    settings = desk.settings(path)
    with Store.open(settings.store) as store:
        snapshot = first_freeze(store, written_period(YEAR, fiscal_year(settings)))
    began = time.perf_counter()
    ((_, content),) = render_files(
        snapshot, envelope(snapshot), settings.report, formats=[form], languages=["sv"]
    )
    return {"seconds": time.perf_counter() - began, "bytes": len(content)}


def main() -> None:
    """Build the store, run each step in a process of its own, and print the results."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--size", type=int, default=100_000)
    arguments.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.step:
        step, path = options.step
        result = frozen(Path(path)) if step == "freeze" else made(Path(path), step)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**result, "peak": peak}))
        return
    assert set(FORMS) <= set(FORMATS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.db"
        fill(path, options.size)
        print(f"a year of {options.size:,} tickets and {options.size:,} calls\n")
        for step in ("freeze", *FORMS):
            command = [sys.executable, __file__, "--step", step, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            result = json.loads(done.stdout)
            size = f"{result['bytes'] / 1000:,.0f} kB"
            print(f"{step:8}{result['seconds']:>8.2f} s{size:>12}{result['peak']:>8.0f} MB peak")


if __name__ == "__main__":
    main()
