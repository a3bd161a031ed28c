"""The desk of the report of 2020: a configuration, records, values and files of the office.

Measured for 2020-01..2020-07 (as known on 18 August 2020) its figures are the report's to the
digit. What the report prints and no measurement can give: orders within 2 days (0 %, 0 %, 0 %: it
was not measured, so there are no records of it), and the one row of calls within 20 and 60 seconds,
which is two indicators of the same figures here.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.worlds.paths import CONFIG, FIXTURES

PERIOD = "2020-01..2020-07"
NOW = "2020-08-18T09:00"
OFFICE = FIXTURES / "seed"
MUNICIPALITIES = ["Askersund", "Hallsberg", "Laxå", "Lekeberg"]
BUSINESS_DAY = 9 * 3600

# Mondays at 08:00 and, 9, 10 and 11 business days later at closing, the day of the resolution;
# no holiday lies between.
WEEKS = [
    ("2020-01-13", ("2020-01-23", "2020-01-24", "2020-01-27")),
    ("2020-02-03", ("2020-02-13", "2020-02-14", "2020-02-17")),
    ("2020-03-16", ("2020-03-26", "2020-03-27", "2020-03-30")),
    ("2020-06-22", ("2020-07-02", "2020-07-03", "2020-07-06")),
    ("2020-07-06", ("2020-07-16", "2020-07-17", "2020-07-20")),
]
# priority: (answered within the limit, later); the last second in time, and the first too late
INCIDENTS = {
    "urgent": (8, 2, "08:30:00", "08:30:01"),
    "high": (16, 4, "10:00:00", "10:00:01"),
    "normal": (27, 3, "16:00:00", "16:00:01"),
}
REQUESTS = 40
FIRST_LINE = 43
Calls = Sequence[tuple[str, int]]
LOST = [("abandoned", 3)] * 10 + [("timeout", 120)] * 8
CALLS = [("answered", 20)] * 65 + [("answered", 61)] * 17 + LOST
"""(outcome, seconds waited): as many within 20 as within 60 seconds."""


def tickets() -> Iterator[dict[str, Any]]:
    answers = [
        (priority, clock)
        for priority, (good, late, in_time, too_late) in INCIDENTS.items()
        for clock in [in_time] * good + [too_late] * late
    ]
    answers += [("normal", None)] * REQUESTS
    for n, (priority, clock) in enumerate(answers):
        monday, ends = WEEKS[n % len(WEEKS)]
        # as many of 9 days as of 11
        resolved = ends[{0: 0, 1: 2}.get(n // len(WEEKS) % 5, 1)]
        yield {
            "id": n,
            "kind": "request" if clock is None else "incident",
            "priority": priority,
            "organization": MUNICIPALITIES[n * 7 % 4],
            "team": "Servicedesk" if n * 37 % 100 < FIRST_LINE else "Nät",
            "opened_at": f"{monday} 08:00:00",
            "first_response_at": f"{monday} {clock}" if clock else "",
            "resolved_at": f"{resolved} 17:00:00",
            "status": "resolved",
        }
    # none of these may count: opened after the period, deleted, a test
    outside = {"kind": "incident", "priority": "urgent", "team": "Nät", "status": "open"}
    yield {"id": "after", **outside, "opened_at": "2020-08-01 00:00:00"}
    july = {**outside, "opened_at": "2020-07-01 09:00:00"}
    yield {"id": "deleted", **july, "status": "deleted"}
    yield {"id": "test", **july, "category": "Test"}


def calls(waits: Calls) -> Iterator[dict[str, Any]]:
    for n, (outcome, wait) in enumerate(waits):
        yield {
            "id": n,
            "queue": "it-support",
            "organization": MUNICIPALITIES[n % 4],
            "entered_at": f"2020-0{1 + n % 7}-1{n % 10} 09:{n % 60:02}:00",
            "outcome": outcome,
            "wait_seconds": wait,
        }


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Write a CSV; its columns, each as itself."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return {name: name for name in columns}


def write_desk(folder: Path, waits: Calls = CALLS) -> Path:
    """Write everything into a folder; the configuration's path.

    It is the board's own configuration, with files in the place of its systems, and forecasts that
    managers gave.
    """
    settings = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    settings["store"] = "sqlite:///desk.db"
    values = CONFIG.with_name("values.csv").read_text(encoding="utf-8")
    values += "answered_60s,,2020-07-31,,60 %,,Förvaltningschef\n"
    (folder / "values.csv").write_text(values, encoding="utf-8")
    common = {"time_format": "%Y-%m-%d %H:%M:%S", "timezone": "Europe/Stockholm"}
    settings["sources"] = {
        name: {"type": kind, "path": f"{name}.csv", "columns": write(folder / f"{name}.csv", rows)}
        | common
        for name, kind, rows in (
            ("tickets", "csv_tickets", tickets()),
            ("calls", "csv_calls", calls(waits)),
        )
    }
    for name in ("committee", "commentary"):
        shutil.copytree(OFFICE / name, folder / name)
    config = folder / "servicedesk.yaml"
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    config.write_text(text, encoding="utf-8")
    return config
