"""The committee's table of 2020: records whose figures are the report's, measured to exactly these.

The report says: urgent 80 %, high 80 %, normal 90 %, first line 43 %, mean handling time 10, orders
not measured, calls 65 % within 20 s, HME 59 %, sick leave 6.06 %, budget 1579 tkr, diploma yes. Of
calls within 60 s other figures are taken here, so that the two limits are told apart.
"""

import json
from collections import Counter

import pytest

from tests.worlds.commands import run_here
from tests.worlds.seed_desk import BUSINESS_DAY, LOST, NOW, PERIOD, write_desk

CALLS = [("answered", 20)] * 65 + [("answered", 60)] * 13 + [("answered", 61)] * 4 + LOST


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The board's own configuration, with files in the place of its systems."""
    config = write_desk(tmp_path_factory.mktemp("desk"), CALLS)
    done = run_here("poll", "--config", config)
    assert done.code == 0, done.err
    return config


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
    figures = measured(desk, PERIOD, NOW)
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


SEED = {
    # Nuvärde, Prognos, Målvärde, as the report prints them; its calls are one row there
    "urgent_response": (0.80, 0.90, ">= 90%"),
    "high_response": (0.80, 0.85, ">= 85%"),
    "normal_response": (0.90, 0.90, ">= 90%"),
    "first_line": (0.43, 0.43, ">= 45%"),
    "handling_time": (10 * BUSINESS_DAY, 10 * BUSINESS_DAY, "<= 10 business_days"),
    "equipment_orders": (None, None, ">= 0%"),  # prints 0 % of what was not measured
    "answered_20s": (0.65, 0.60, ">= 70%"),
    "answered_60s": (0.65, 0.60, ">= 70%"),
    "engagement": (59, 57, "> baseline 71.13"),
    "sick_leave": (6.06, 4, "< baseline 5%"),
    "budget": (1579, 420, ">= 0 tkr"),
    "environment_diploma": (1, 1, "yes"),
}


def test_the_goal_table_of_the_report(tmp_path):
    config = write_desk(tmp_path)
    assert run_here("poll", "--config", config).code == 0
    now = {f["indicator"]: f for f in measured(config, PERIOD, NOW)}
    arguments = ["--now", "2020-07-31T23:59", "--format", "json"]
    done = run_here("forecast", "--config", config, *arguments)
    assert done.code == 0, done.err
    forecasts = {
        f["indicator"]: f["forecast"]["value"]
        for f in json.loads(done.out)
        if f["organization"] is None
    }
    found = {name: (f["value"], forecasts[name], f["target"]) for name, f in now.items()}
    assert found == SEED


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
    figures = measured(desk, PERIOD, NOW, "--by", "organization")
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
        for f in measured(desk, f"2020-{month:02}", NOW):
            total[f["indicator"]] += f["eligible"]
            assert (f["value"] is None) == (f["state"] == "no_data")
    assert total == {name: row[1] for name, row in TABLE.items()}


def test_before_anything_happened_nothing_is_measured(desk):
    figures = measured(desk, "2019", NOW)
    assert {f["state"] for f in figures} == {"no_data"}
    assert {f["value"] for f in figures} == {None}


def test_explain_lists_what_the_figure_counts(desk):
    arguments = ["--period", "2020-01..2020-07", "--now", NOW, "--format", "json"]
    for name, (good, eligible, value, _, _) in TABLE.items():
        if value is None or not eligible:
            continue
        done = run_here("explain", name, "--config", desk, *arguments)
        assert done.code == 0, done.err
        verdicts = Counter(each["verdict"] for each in json.loads(done.out))
        assert verdicts["met"] == (eligible if name == "handling_time" else good)
        assert verdicts["met"] + verdicts["missed"] == eligible
