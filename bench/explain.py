"""CPU time of ``explain`` beside that of ``measure`` on the same month, in processes of their own.

    python bench/explain.py [--sizes 1097 7560]

The month has so many tickets in an SQLite store, one clock with office hours and pauses on hold;
medians of interleaved runs, user and system time, imports included.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import NOW, START, ticket
from startup import cpu_seconds

from collector.model.page import Page
from collector.store import PollResult, Store

ROUNDS = 5
PROGRAM = Path(__file__).parents[1] / ".venv/bin/servicedesk-kpi"
SETTINGS = """store: sqlite:///store.sqlite
timezone: Europe/Stockholm
organizations: [Askersund, Hallsberg, Laxå, Lekeberg]
sources: {desk: {type: csv_tickets, path: tickets.csv, timezone: Europe/Stockholm}}
calendars:
  office:
    {timezone: Europe/Stockholm, hours: {mon-fri: ["08:00-17:00"]}, holidays: {country: SE}}
indicators:
  resolved:
    {title: Resolved, kind: share_within, to: resolved, within: 16h, calendar: office,
     target: ">= 80%"}
"""
MONTH = 31 * 86_400
MEASURE = ("measure", "--period", "2019-01", "--now", "2020-12-30T12:00")
EXPLAIN = ("explain", "resolved", *MEASURE[1:])


def fill(folder: Path, size: int) -> None:
    """A configuration and a store with so many tickets opened in January 2019."""
    (folder / "servicedesk.yaml").write_text(SETTINGS)
    rng = random.Random(size)
    tickets = [ticket(rng, n, START + int(n * MONTH / size)) for n in range(size)]
    with Store.open(f"sqlite:///{folder / 'store.sqlite'}") as store:
        store.pages.save("desk", Page(records=tickets, cursor={"n": size}), None)
        store.polls.record(
            PollResult(source="desk", started_at=NOW, finished_at=NOW, ok=True, records=size)
        )


def main() -> None:
    """Print CPU seconds of ``measure``, and how many times that each form of ``explain`` takes."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[1097, 7560])
    print("CPU time of explain beside measure on the same month; goal: 1.5 times")
    for size in arguments.parse_args().sizes:
        with TemporaryDirectory() as name:
            folder = Path(name)
            fill(folder, size)
            forms = {form: (*EXPLAIN, "--format", form) for form in ("table", "csv", "json")}
            commands = {"measure": MEASURE, **forms}
            for command in commands.values():
                subprocess.run([PROGRAM, *command], cwd=folder, check=True, capture_output=True)
            runs = [
                {name: cpu_seconds([PROGRAM, *each], folder) for name, each in commands.items()}
                for _ in range(ROUNDS)
            ]
            medians = {name: statistics.median(run[name] for run in runs) for name in commands}
            base = medians.pop("measure")
            cells = ", ".join(f"{form} {each / base:.2f}" for form, each in medians.items())
            print(f"  {size:,} tickets: measure {base:.2f} s; explain {cells} times", flush=True)


if __name__ == "__main__":
    main()
