"""What-if: the same records under another configuration, side by side; nothing is changed."""

import json
import re
from pathlib import Path

import pytest
import yaml
from commands import run_here
from desk import write_desk

from collector.configuration import load_settings
from collector.whatif import also_set_later, with_changes
from collector.yaml_file import FaultyFile

JUNE = ["--period", "2020-06", "--now", "2020-06-30T12:00"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk that was polled and measured once; the present folder."""
    file = write_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run_here("poll").code == 0
    assert run_here("measure", *JUNE).code == 0
    return file


def what_if(*changes, more=()):
    sets = [part for change in changes for part in ("--set", change)]
    done = run_here("what-if", *JUNE, *sets, "--format", "json", *more)
    assert done.code == 0, done.err
    return {each["indicator"]: each for each in json.loads(done.out)}


def faults(*changes):
    sets = [part for change in changes for part in ("--set", change)]
    done = run_here("what-if", *JUNE, *sets)
    assert (done.code, done.out) == (2, "")
    return done.err.splitlines()


def test_another_limit(desk):
    found = what_if("indicators.urgent.within=10h")["urgent"]
    assert (found["in_force"]["good"], found["what_if"]["good"]) == (1, 2)
    assert found["in_force"]["eligible"] == found["what_if"]["eligible"] == 3
    assert found["moved"] == [{"from": "missed", "to": "met", "records": 1}]
    assert found["what_if"]["formula"].startswith("elapsed <= 10h")


def test_several_at_once_and_of_every_kind(desk):
    found = what_if(
        "calendars.office.hours={mon-fri: ['00:00-24:00']}",
        "indicators.answered.formula=answered_of_answered",
        "indicators.answered.target='>= 50%'",
        "indicators.orders.within=4 business_days",
        "rules.counted_by=resolved",
    )
    answered = found["answered"]
    assert (answered["what_if"]["good"], answered["what_if"]["eligible"]) == (2, 3)
    assert answered["what_if"]["target"] == ">= 50%"
    assert [answered[side]["state"] for side in ("in_force", "what_if")] == ["missed", "met"]
    assert answered["moved"] == [{"from": "missed", "to": "excluded", "records": 1}]
    assert found["orders"]["moved"] == [{"from": "missed", "to": "not counted", "records": 1}]
    assert {each["to"] for each in found["urgent"]["moved"]} == {"missed", "not counted"}


def test_nothing_is_changed(desk):
    before = {path.name: path.read_bytes() for path in desk.parent.iterdir()}
    what_if("indicators.urgent.within=10h", "rules.min_n=99")
    assert {path.name: path.read_bytes() for path in desk.parent.iterdir()} == before
    measured = run_here("measure", *JUNE, "--format", "json")
    assert json.loads(measured.out)[0]["good"] == 1


def test_the_same_again_moves_nothing(desk):
    measured = json.loads(run_here("measure", *JUNE, "--format", "json").out)
    found = what_if("indicators.urgent.within=30min")
    for figure in measured:
        both = found[figure["indicator"]]
        assert both["moved"] == []
        assert both["in_force"] == both["what_if"]
        assert both["in_force"] == {key: figure[key] for key in both["in_force"]}


def test_only_some_indicators(desk):
    found = what_if("indicators.urgent.within=10h", more=["--indicator", "answered"])
    assert list(found) == ["answered"]
    assert found["answered"]["moved"] == []


def test_the_table_shows_both(desk):
    done = run_here("what-if", *JUNE, "--set", "indicators.urgent.within=10h", "--language", "sv")
    assert done.code == 0
    row = next(line for line in done.out.splitlines() if line.startswith("Högprior"))
    assert re.search(r"33,3 %\s+3\s+✗ Når inte målet\s+66,7 %\s+3", row)
    assert "+33,3 p.e." in row
    assert "1 missade →" in row
    assert "inga ändras" in done.out
    assert "--set indicators.urgent.within=10h" in done.out


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("indicators.urgent.within", "write PATH=VALUE"),
        ("=5", "write PATH=VALUE"),
        ("indicators..within=5", "write PATH=VALUE"),
        ("organizations.first=A", "what holds 'first' is a list: name an entry, as in [0]"),
        ("indicators[0]=A", "what holds 0 is not a list"),
        ("organizations[7]=A", "there are only 2 entries"),
        ("indicators.urgent.target=>= 5%", "not valid YAML"),
        ("indicators.urgent.target=*a", "aliases"),
    ],
)
def test_what_cannot_be_set(desk, change, wanted):
    (line,) = faults(change)
    assert f"--set {change}: " in line
    assert wanted in line


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("indicators.urgent.within=soon", "indicators.urgent.within: with --set indicators.urgent"),
        ("indicators.urgent.withing=5h", "indicators.urgent.withing: with --set"),
        ("indicators.urgent.calendar=night", "there is no calendar 'night'"),
        ("indicators.nobody.within=5h", "indicators.nobody.kind: with --set"),
        ("timezone=Mars/Base", "'Mars/Base' is not a time zone"),
    ],
)
def test_what_is_wrong_with_it_is_said(desk, change, wanted):
    lines = faults(change)
    assert any(wanted in line for line in lines), lines


def test_all_wrong_assignments_at_once(desk):
    assert len(faults("a", "b", "indicators.urgent.within=5h")) == 2


def test_a_list_entry_and_a_new_key(tmp_path):
    file = write_desk(tmp_path)
    settings = with_changes(file, ["organizations[1]=Lekeberg", "exclude.test.category=Test"])
    assert settings.organizations == ["Askersund", "Lekeberg"]
    assert settings.exclude["test"].category == ["Test"]
    with pytest.raises(FaultyFile):
        with_changes(file, ["organizations[2]=Lekeberg"])


def test_a_later_version_that_sets_it_too_is_pointed_out(tmp_path, monkeypatch):
    file = write_desk(tmp_path)
    data = yaml.safe_load(file.read_text())
    data["indicators"]["urgent"]["versions"] = [
        {"valid_from": "2020-06-10", "target": ">= 95%"},
        {"valid_from": "2020-06-20", "within": "20min"},
    ]
    file.write_text(yaml.safe_dump(data))
    settings = load_settings(file)
    assert also_set_later(settings, ["indicators.urgent.within=5min", "rules.min_n=5"]) == [
        "indicators.urgent.within is another one from 2020-06-20 on: "
        "set indicators.urgent.versions[1].within"
    ]
    monkeypatch.chdir(tmp_path)
    run_here("poll")
    done = run_here("what-if", *JUNE, "--set", "indicators.urgent.within=10h", "--format", "json")
    assert done.err.startswith("note: indicators.urgent.within is another one from 2020-06-20 on")
    both = ["--set", "indicators.urgent.within=20h", "--set"]
    both += ["indicators.urgent.versions[1].within=20h"]
    done = run_here("what-if", *JUNE, *both, "--indicator", "urgent", "--format", "json")
    (urgent,) = json.loads(done.out)
    assert (urgent["what_if"]["good"], urgent["what_if"]["pending"]) == (2, 1)
