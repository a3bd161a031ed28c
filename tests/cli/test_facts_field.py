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
    assert "counted in the period in which the ticket was opened" in rules
    for idle in ("on hold", "phone", "priority", "resolution"):
        assert idle not in rules
    assert "not measured, excluded: 30 first response not recorded by the source" in found.out


SOLVED = """store: sqlite:///{folder}/s.db
timezone: Europe/Stockholm
calendars: {{always: {{timezone: Europe/Stockholm, hours: {{mon-sun: ["00:00-24:00"]}}}}}}
sources:
  f:
    type: csv_tickets
    path: {folder}/t.csv
    timezone: Europe/Stockholm
    map: {{status: {{{map}}}}}
indicators:
  solved:
    {{title: S, kind: share_within, to: resolved, within: 8h, calendar: always, target: ">= 80%"}}
"""


def solved(tmp_path, maps, rows):
    file = tmp_path / "servicedesk.yaml"
    file.write_text(SOLVED.format(folder=tmp_path, map=maps))
    lines = (f"{n},2026-11-02 08:{n:02},{row}" for n, row in enumerate(rows))
    (tmp_path / "t.csv").write_text("\n".join(["id,opened_at,status,resolved_at", *lines]))
    return file


def test_a_map_that_opens_finished_tickets_is_named_by_check_and_poll(tmp_path):
    rows = [f"{status},2026-11-02 10:00" for status in ["Stängd"] * 8 + ["Löst"] * 3] + ["Ny,"]
    file = solved(tmp_path, "default: open", rows)
    text = (
        "sources.f.map.status: 11 of 11 tickets with an end are open by their status, so that the "
        "end does not count (statuses: Löst 3, Stängd 8)"
    )
    checked = run_here("check", "--config", file)
    assert (checked.code, "all is well" in checked.out, text in checked.err) == (0, False, True)
    polled = run_here("poll", "--config", file)
    assert (polled.code, f"note: {text}" in polled.out) == (0, True)


def test_what_a_figure_leaves_out_for_want_of_data_stands_below_it(tmp_path):
    rows = [f"Closed,2026-11-02 1{n}:00" for n in range(9)] + ["Closed,"]
    file = solved(tmp_path, "Closed: closed", rows)
    checked = run_here("check", "--config", file)
    assert (checked.code, "all is well" in checked.out) == (0, False)
    assert "1 of 10 tickets of f do not tell: time of resolution; they are left out" in checked.err
    polled = run_here("poll", "--config", file)
    assert "note: indicators.solved: 1 of 10 tickets are left out of the figure: 1" in polled.out
    for language, words in (
        ("en", "left out for want of data: 1 time of resolution not recorded by the source of 10"),
        ("sv", "räknas inte med, eftersom uppgifter saknas: 1 tid för lösning registreras inte"),
    ):
        found = run_here(
            *("measure", "--config", file, "--period", "2026-11", "--now", "2026-11-28T12:00"),
            *("--language", language),
        )
        assert words in " ".join(found.out.split()), found.err
