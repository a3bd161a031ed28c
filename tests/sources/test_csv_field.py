"""Exports as desks have them, through the real commands: no figure without its data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.worlds.commands import Outcome, run_here
from tests.worlds.paths import ROOT

FIELD = ROOT / "tests" / "fixtures" / "field"
NOT_YET = ("dash", "epoch1970", "excel1900", "far", "notset", "null", "qm", "zero0000")
ONE_OF_TWO_HOURS = {"h": (1, 1), "m": (7200, 1), "n": (1, 1)}
ANSWERED_IN_TIME = {"sl20": (1, 1), "calls": (1, 1)}

RIGHT: dict[str, dict[str, tuple[int, int]]] = {
    "four": {"h": (96, 100)},
    **{f"sent_{word}": {"h": (40, 41), "m": (288_000, 40), "n": (41, 41)} for word in NOT_YET},
    "sent_dateonly": {"h": (40, 41), "n": (41, 41)},
    "footer": {"r": (10, 10)},
    "preamble": ONE_OF_TWO_HOURS,
    "units": ONE_OF_TWO_HOURS,
    "topdesk_sep": ONE_OF_TWO_HOURS,
    "freshservice": {"h": (1, 2), "m": (7200, 1), "n": (2, 2)},
    "jira_sv": {"h": (1, 2), "m": (27_900, 1), "n": (2, 2)},
    "w_dec": ANSWERED_IN_TIME,
    "w_hms": ANSWERED_IN_TIME,
    "w_ms": ANSWERED_IN_TIME,
    "w_unit": ANSWERED_IN_TIME,
    "w_nbsp": {"sl20": (0, 1), "calls": (1, 1)},
    "x3cx": {"sl20": (1, 2), "calls": (2, 2)},
}
"""folder → indicator → (good or sum in seconds, eligible) of July 2020"""


def at_work(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a folder of the field, in which commands run."""
    folder = tmp_path / name
    shutil.copytree(FIELD / name, folder)
    monkeypatch.chdir(folder)
    return folder


def measured() -> dict[str, tuple[int, int]]:
    outcome = run_here("measure", "--period", "2020-07", "--format", "json")
    assert outcome.code == 0, outcome.err
    figures = json.loads(outcome.out)
    return {each["indicator"]: (each["good"], each["eligible"]) for each in figures}


def polled() -> Outcome:
    outcome = run_here("poll")
    assert outcome.code == 0, outcome.out
    return outcome


@pytest.mark.parametrize("name", RIGHT)
def test_an_export_as_it_is_gives_the_right_figures(name, tmp_path, monkeypatch) -> None:
    at_work(name, tmp_path, monkeypatch)
    assert run_here("check").code == 0
    outcome = polled().out
    assert "rejected" not in outcome and "doubtful" not in outcome
    found = measured()
    assert {each: found[each] for each in RIGHT[name]} == RIGHT[name]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("four", "read as empty or not yet: '?' 4"),
        ("sent_far", "read as empty or not yet: '9999-12-31 23:59:59' 1"),
        ("sent_dateonly", "1 date(s) without a time are read as the end of the day"),
        ("footer", "left out: total_row 1"),
        ("units", "left out: unit_row 1"),
        ("preamble", "the header is line 3"),
    ],
)
def test_check_says_what_it_made_of_the_file(name, says, tmp_path, monkeypatch) -> None:
    at_work(name, tmp_path, monkeypatch)
    assert says in run_here("check").out


def test_a_format_that_ignores_the_zone_is_refused(tmp_path, monkeypatch) -> None:
    folder = at_work("utc_word", tmp_path, monkeypatch)
    for command in ("check", "poll"):
        outcome = run_here(command)
        assert outcome.code == 2
        assert "servicedesk.yaml:7: sources.f.time_format: %Z" in outcome.err
    file = folder / "servicedesk.yaml"
    text = (
        file.read_text().replace("%Z", "UTC").replace("timezone: Europe/Stockholm", "timezone: UTC")
    )
    file.write_text(text)
    polled()
    assert measured() == ONE_OF_TWO_HOURS


def test_a_two_digit_year_warns(tmp_path, monkeypatch) -> None:
    at_work("jira_sv", tmp_path, monkeypatch)
    warning = "sources.f.time_format: reads years of two digits"
    assert warning in run_here("check").err


EVENTS = """number,opened_at,state,priority
INC1,2020-07-01 08:00,New,4
INC1,2020-07-01 08:00,Active,4
INC1,2020-07-01 08:00,Resolved,3
INC2,2020-07-01 09:00,New,2
INC2,2020-07-01 09:00,Closed,2
"""


def test_a_log_of_events_is_refused_and_never_all_well(tmp_path, monkeypatch) -> None:
    folder = at_work("four", tmp_path, monkeypatch)
    (folder / "t.csv").write_text(EVENTS)
    file = folder / "servicedesk.yaml"
    file.write_text(
        file.read_text().replace("path: t.csv", "path: t.csv\n    columns: {id: number}")
    )
    checked = run_here("check")
    assert (checked.code, "all is well" in checked.out) == (2, False)
    outcome = run_here("poll")
    assert outcome.code == 1
    for text in (checked.err, outcome.out):
        assert "t.csv:4: 1 of 2 ids have several rows that differ, as in a log of events" in text


def test_words_for_not_yet_can_be_added(tmp_path, monkeypatch) -> None:
    folder = at_work("four", tmp_path, monkeypatch)
    export = folder / "t.csv"
    export.write_text(export.read_text().replace("?", "kvar 2"))
    before = run_here("poll").out
    assert "4 doubtful (bad_time 4)" in before
    file = folder / "servicedesk.yaml"
    file.write_text(file.read_text().replace("path: t.csv", "path: t.csv\n    empty: [Kvar 2]"))
    again = run_here("poll", "--restate")
    assert (again.code, "doubtful" in again.out) == (0, False)
    assert measured() == {"h": (96, 100)}


def test_a_word_that_nobody_configured_leaves_a_ticket_open(tmp_path, monkeypatch) -> None:
    folder = at_work("four", tmp_path, monkeypatch)
    export = folder / "t.csv"
    export.write_text(export.read_text().replace("?", "jobbar"))
    assert "4 doubtful (bad_time 4)" in polled().out
    assert measured() == {"h": (96, 100)}


NO_WAITS = "id,queue,entered_at,outcome\n" + "".join(
    f"{n},q,2020-07-01 08:00,{outcome}\n"
    for n, outcome in enumerate(["answered"] * 20 + ["abandoned"] * 10)
)


def test_no_service_level_where_no_wait_of_an_answered_call_is_known(tmp_path, monkeypatch) -> None:
    """Lost callers alone would make it 0 %."""
    folder = at_work("x3cx", tmp_path, monkeypatch)
    (folder / "c.csv").write_text(NO_WAITS)
    file = folder / "servicedesk.yaml"
    head, tail = file.read_text().split("    columns:\n")
    file.write_text(head + tail[tail.index("indicators:") :])
    before = run_here("check")
    assert "indicators.sl20: f records no wait: cannot be measured" in before.err
    assert "all is well" not in before.out
    named = "indicators.sl20: 20 of 30 calls are left out of the figure: 20 unknown wait"
    assert f"note: {named}" in polled().out
    outcome = run_here("measure", "--period", "2020-07", "--format", "json")
    found = {each["indicator"]: each for each in json.loads(outcome.out)}
    assert (found["sl20"]["value"], found["sl20"]["excluded"]) == (None, {"unknown_wait": 20})
    assert found["calls"]["value"] == 30


def test_a_status_that_is_none_of_ours_is_named(tmp_path, monkeypatch) -> None:
    folder = at_work("four", tmp_path, monkeypatch)
    (folder / "t.csv").write_text("id,opened_at,resolved_at,status\n1,2020-07-01 08:00,,Clos\n")
    said = "sources.f.map.status: records have status Clos, which is none of new, open, on_hold"
    assert said in polled().out
    assert said in run_here("check").err
