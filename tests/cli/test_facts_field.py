"""An export without a column for the response, as desks really have: nothing is made up of it."""

import json
import shutil

import pytest

from tests.worlds.commands import run_here
from tests.worlds.paths import ROOT


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(ROOT / "tests/fixtures/field/ost5278", tmp_path / "desk")
    return tmp_path / "desk" / "servicedesk.yaml"


def figures(desk):
    found = run_here(
        *("measure", "--config", desk, "--period", "2026-11", "--now", "2026-11-28T12:00"),
        *("--format", "json"),
    )
    assert found.code == 0, found.err
    return {each["indicator"]: each for each in json.loads(found.out)}


def test_what_the_export_does_not_record_is_not_measured(desk):
    polled = run_here("poll", "--config", desk)
    assert polled.code == 0, polled.err
    assert "note: indicators.resp: f records no first response: cannot be measured" in polled.out
    found = figures(desk)
    assert {name: (each["value"], each["state"]) for name, each in found.items()} == dict.fromkeys(
        ("resp", "high", "clos", "first"), (None, "no_data")
    )
    assert {name: each["excluded"] for name, each in found.items()} == {
        "resp": {"unrecorded_first_response": 30},
        "high": {"unrecorded_priority": 30},
        "clos": {"unrecorded_closing": 30},
        "first": {"unrecorded_team": 30},
    }
    assert not [name for name, each in found.items() if "on hold pauses" in each["formula"]]


@pytest.mark.parametrize("read", [False, True])
def test_check_names_the_missing_fact_of_each_indicator(desk, read):
    if read:
        run_here("poll", "--config", desk)
    found = run_here("check", "--config", desk)
    assert found.code == 0
    assert "all is well" not in found.out
    for line in (
        "indicators.resp: f records no first response: cannot be measured; "
        "give sources.f.columns.first_response_at",
        "indicators.high: f records no priority: cannot be measured",
        "indicators.clos: f records no time of closing: cannot be measured",
        "indicators.first: f records no team: cannot be measured",
    ):
        assert line in found.err


def test_the_printed_rules_are_those_that_could_act(desk):
    run_here("poll", "--config", desk)
    found = run_here("measure", "--config", desk, "--period", "2026-11")
    rules = found.out[found.out.index("rules:") :]
    assert "counted_by opened" in rules
    for idle in ("pauses", "phone_solved_within", "priority at_open", "resolution last"):
        assert idle not in rules
    assert "not measured, excluded: 30 unrecorded_first_response" in found.out
