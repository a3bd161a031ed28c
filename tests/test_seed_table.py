"""The committee's table of 2020: records whose figures are the report's, measured to exactly these.

The report says: urgent 80 %, high 80 %, normal 90 %, first line 43 %, mean handling time 10, orders
not measured, calls 65 % within 20 s, HME 59 %, sick leave 6.06 %, budget 1579 tkr, diploma yes.
"""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml
from commands import run_here

CONFIG = Path(__file__).parents[1] / "config" / "servicedesk.yaml"
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
CALLS = [("answered", 20)] * 65 + [("answered", 60)] * 13 + [("answered", 61)] * 4
CALLS += [("abandoned", 3)] * 10 + [("timeout", 120)] * 8


def tickets():
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


def calls():
    for n, (outcome, wait) in enumerate(CALLS):
        yield {
            "id": n,
            "queue": "it-support",
            "organization": MUNICIPALITIES[n % 4],
            "entered_at": f"2020-0{1 + n % 7}-1{n % 10} 09:{n % 60:02}:00",
            "outcome": outcome,
            "wait_seconds": wait,
        }


def write(path, rows):
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return {name: name for name in columns}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The board's own configuration, with files in the place of its systems."""
    folder = tmp_path_factory.mktemp("desk")
    settings = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    settings["store"] = "sqlite:///desk.db"
    shutil.copy(CONFIG.with_name("values.csv"), folder)
    common = {"time_format": "%Y-%m-%d %H:%M:%S", "timezone": "Europe/Stockholm"}
    settings["sources"] = {
        name: {"type": kind, "path": f"{name}.csv", "columns": write(folder / f"{name}.csv", rows)}
        | common
        for name, kind, rows in (
            ("tickets", "csv_tickets", tickets()),
            ("calls", "csv_calls", calls()),
        )
    }
    (folder / "servicedesk.yaml").write_text(
        yaml.safe_dump(settings, sort_keys=False), encoding="utf-8"
    )
    done = run_here("poll", "--config", folder / "servicedesk.yaml")
    assert done.code == 0, done.err
    return folder / "servicedesk.yaml"


def measured(config, period, now, *more):
    arguments = ["--period", period, "--now", now, "--format", "json", *more]
    done = run_here("measure", "--config", config, *arguments)
    assert done.code == 0, done.err
    return json.loads(done.out)


TABLE = {
    # good, eligible, value, unit, state
    "urgent_response": (8, 10, 0.8, "ratio", "missed"),
    "high_response": (16, 20, 0.8, "ratio", "missed"),
    "normal_response": (27, 30, 0.9, "ratio", "met"),
    "first_line": (43, 100, 0.43, "ratio", "missed"),
    "handling_time": (100 * 10 * BUSINESS_DAY, 100, 10 * BUSINESS_DAY, "seconds", "met"),
    "equipment_orders": (0, 0, None, "ratio", "no_data"),
    "answered_20s": (65, 100, 0.65, "ratio", "missed"),
    "answered_60s": (78, 100, 0.78, "ratio", "met"),
    "engagement": (0, 0, 59, "%", "missed"),
    "sick_leave": (0, 0, 6.06, "%", "at_risk"),  # its forecast of 4 % would reach the target
    "budget": (0, 0, 1579, "tkr", "met"),
    "environment_diploma": (0, 0, 1, "yes/no", "met"),
}


def test_the_table_of_the_report(desk):
    figures = measured(desk, "2020-01..2020-07", "2020-08-18T09:00")
    found = {
        f["indicator"]: (f["good"], f["eligible"], f["value"], f["unit"], f["state"])
        for f in figures
    }
    assert list(found) == list(TABLE)
    assert found == TABLE
    assert {f["organization"] for f in figures} == {None}
    assert {f["pending"] for f in figures} == {0}
    assert {(f["from"], f["to"]) for f in figures} == {
        ("2020-01-01T00:00:00+01:00", "2020-08-01T00:00:00+02:00")
    }
    excluded = {f["indicator"]: f["excluded"] for f in figures}
    assert excluded["urgent_response"] == {"deleted": 1, "test": 1}
    assert excluded["answered_20s"] == excluded["equipment_orders"] == {}
    formulas = {f["indicator"]: f["formula"] for f in figures}
    assert formulas["answered_20s"] == "answered_of_offered (wait <= 20 s)"


def test_the_year_as_it_stood_on_31_july(desk):
    """As many again in five months: urgent cannot reach 90 % any more, though the report hopes."""
    figures = measured(desk, "2020", "2020-07-31T12:00")
    states = {f["indicator"]: f["state"] for f in figures}
    assert states == {name: row[-1] for name, row in TABLE.items()} | {
        "high_response": "at_risk",
        "first_line": "at_risk",
        "answered_20s": "at_risk",
    }


def test_the_municipalities_are_the_whole(desk):
    figures = measured(desk, "2020-01..2020-07", "2020-08-18T09:00", "--by", "organization")
    parts, whole = {}, {}
    for f in figures:
        if f["organization"] is None:
            whole[f["indicator"]] = Counter(good=f["good"], eligible=f["eligible"])
        else:
            parts.setdefault(f["indicator"], Counter()).update(
                good=f["good"], eligible=f["eligible"]
            )
    assert len(figures) == 5 * len(TABLE)
    assert parts == whole


def test_months_are_the_whole(desk):
    total = Counter()
    for month in range(1, 8):
        for f in measured(desk, f"2020-{month:02}", "2020-08-18T09:00"):
            total[f["indicator"]] += f["eligible"]
            assert (f["value"] is None) == (f["state"] == "no_data")
    assert total == {name: row[1] for name, row in TABLE.items()}


def test_before_anything_happened_nothing_is_measured(desk):
    figures = measured(desk, "2019", "2020-08-18T09:00")
    assert {f["state"] for f in figures} == {"no_data"}
    assert {f["value"] for f in figures} == {None}


def test_explain_lists_what_the_figure_counts(desk):
    arguments = ["--period", "2020-01..2020-07", "--now", "2020-08-18T09:00", "--format", "json"]
    for name, (good, eligible, value, _, _) in TABLE.items():
        if value is None or not eligible:
            continue
        done = run_here("explain", name, "--config", desk, *arguments)
        assert done.code == 0, done.err
        verdicts = Counter(each["verdict"] for each in json.loads(done.out))
        assert verdicts["met"] == (eligible if name == "handling_time" else good)
        assert verdicts["met"] + verdicts["missed"] == eligible
