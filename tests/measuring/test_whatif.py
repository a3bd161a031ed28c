"""What-if: the same records under another configuration, side by side; nothing is changed."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
import yaml

from collector.cli.flat import ALTERNATIVE_COLUMNS
from collector.config.loading.overrides import also_set_later, with_changes
from collector.io.yaml import FaultyFile
from tests.worlds.commands import run_here
from tests.worlds.desk import write_desk

JUNE = ["--period", "2020-06", "--now", "2020-06-30T12:00"]


@pytest.fixture
def desk(polled: Path) -> Path:
    """The configuration of a desk that was polled and measured once, in the working directory."""
    assert run_here("measure", *JUNE).code == 0
    return polled / "servicedesk.yaml"


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
        ("organizations.first=A", "the parent of 'first' is a list: name an entry, as in [0]"),
        ("indicators[0]=A", "the parent of 0 is not a list"),
        ("organizations[7]=A", "the list has only 2 entries"),
        ("indicators.urgent.target=>= 5%", "not valid YAML"),
        ("indicators.urgent.target=*a", "aliases"),
        ("organizations[0].x=A", "must be text"),
        ("store=sqlite:///other.db", "does not affect how the records in the store are measured"),
        ("sources.desk.path=other.csv", "ns with one of indicators, calendars"),
        ("values_file=other.csv", "does not affect how the records"),
        ("server.port=80", "does not affect how the records"),
        ("goals.easy.level=board", "does not affect how the records"),
        ("no_such_key=1", "does not affect how the records"),
        ("indicators.\udce5=1", "contains a control character or is not UTF-8 text"),
    ],
)
def test_what_cannot_be_set(desk, change, wanted):
    (line,) = faults(change)
    assert f"--set {change}: " in line
    assert wanted in line
    assert not (desk.parent / "other.db").exists()


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


def test_faults_of_the_values_file_are_told_by_its_lines(tmp_path):
    file = write_desk(tmp_path)
    file.write_text("values_file: values.csv\n" + file.read_text())
    (tmp_path / "values.csv").write_text("indicator,date,value\nengagement,2020-05-30,5 %\n")
    with pytest.raises(FaultyFile) as caught:
        with_changes(file, ["indicators.engagement.unit=tkr", "indicators.engagement.target=yes"])
    assert f"{tmp_path}/values.csv:2: value: with --set" in str(caught.value)


def spans(figure):
    return [tuple(figure[side][key][:10] for key in ("from", "to")) for side in SIDES]


SIDES = "in_force", "what_if"
MAY_TO_AUGUST = ("2020-05-01", "2020-09-01")


@pytest.mark.parametrize(
    ("period", "change", "wanted"),
    [
        ("tertial", "fiscal_year_start=6", [MAY_TO_AUGUST, ("2020-06-01", "2020-10-01")]),
        ("2020-t2", "fiscal_year_start=6", [MAY_TO_AUGUST, ("2020-10-01", "2021-02-01")]),
        ("tertial", "tertials=cumulative", [MAY_TO_AUGUST, ("2020-01-01", "2020-09-01")]),
        ("year", "fiscal_year_start=7", [("2020-01-01", "2021-01-01"),
                                         ("2019-07-01", "2020-07-01")]),
        ("tertial", "rules.min_n=2", [MAY_TO_AUGUST] * 2),
        ("2020-06", "fiscal_year_start=6", [("2020-06-01", "2020-07-01")] * 2),
    ],
)  # fmt: skip
def test_each_side_reads_the_period_by_its_own_settings(desk, period, change, wanted):
    """And so each is what would be measured if the change were made."""
    now = ["--now", "2020-06-30T12:00"]
    command = ["what-if", "--period", period, *now, "--set", change]
    done = run_here(*command, "--format", "json")
    found = json.loads(done.out)
    assert [spans(each) for each in found] == [wanted] * 5
    heading = run_here(*command).out.splitlines()[:2]
    if wanted[0] == wanted[1]:
        assert re.fullmatch(rf"{period} · \w+ {wanted[0][0]} 00:00:00 – .*", heading[0])
        assert heading[1].startswith("  --set")
    else:
        for line, name, span in zip(heading, ("In force", "What if"), wanted, strict=True):
            first, after = (f"\\w+ {day} 00:00:00" for day in span)
            assert re.fullmatch(f"{period} · {name}: {first} – {after}", line)
    data = yaml.safe_load(desk.read_text())
    key, _, value = change.partition("=")
    if "." not in key:
        desk.write_text(yaml.safe_dump(data | {key: yaml.safe_load(value)}, sort_keys=False))
        measure = ["measure", "--period", period, *now, "--format", "json", "--restate"]
        for figure, other in zip(json.loads(run_here(*measure).out), found, strict=True):
            for name in ("from", "to", "good", "eligible", "pending", "excluded", "state"):
                assert other["what_if"][name] == figure[name]


def test_another_zone_reads_other_instants(desk):
    command = ["what-if", *JUNE, "--set", "timezone=Pacific/Auckland"]
    found = json.loads(run_here(*command, "--format", "json").out)[0]
    assert found["in_force"]["from"] == "2020-06-01T00:00:00+02:00"
    assert found["what_if"]["from"] == "2020-06-01T00:00:00+12:00"
    first, second = run_here(*command, "--language", "sv").out.splitlines()[:2]
    assert first.startswith("2020-06 · Gällande: mån 2020-06-01 00:00:00 – ons 2020-07-01")
    assert first.endswith(" Europe/Stockholm")
    assert second.endswith("2020-07-01 00:00:00 Pacific/Auckland")


LATER = """
  versions: [{valid_from: 2020-06-20, min_n: 2, answers: [reply, note]}]
calendars:
  office:
    timezone: Europe/Stockholm
    hours: {mon-fri: ["08:00-17:00"]}
    versions:
      - {valid_from: 2020-06-10, hours: {mon-fri: ["07:00-16:00"]}}
      - {valid_from: 2020-06-20, timezone: UTC, holidays: {add: [2020-06-24]}}
indicators:
  versions: {kind: count}
  urgent:
    kind: share_within
    to: first_response
    within: 30min
    calendar: office
    records: {priority: urgent}
    versions:
      - {valid_from: 2020-06-10, within: 20min, rules: {min_n: 3}, target: null}
      - {valid_from: 2020-06-20, within: 10min, records: {kind: incident}}
"""
URGENT, OFFICE, ALL = "indicators.urgent.", "calendars.office.", "rules.versions[0]."


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (["within=5min"], ["versions[0].within", "versions[1].within"]),
        (["versions[0].within=5min"], ["versions[1].within"]),
        (["versions[1].within=5min"], []),
        (["within=5min", "versions[0].within=5min"], ["versions[1].within"]),
        (["within=5min", "versions[0].within=5min", "versions[1].within=5min"], []),
        (["versions=[]", "within=5min"], []),
        (["target='>= 5%'"], ["versions[0].target"]),
        (["records.priority=high"], ["versions[1].records"]),
        (["records={priority: high}"], ["versions[1].records"]),
        (["rules.min_n=1"], ["versions[0].rules.min_n"]),
        (["rules={min_n: 1}"], ["versions[0].rules.min_n"]),
        (["rules.response_pauses=true"], []),
        (["to=resolved"], []),
    ],
)
def test_every_path_that_a_version_sets_again_is_pointed_out(tmp_path, changes, wanted):
    assert later(tmp_path, [URGENT + each for each in changes]) == [URGENT + w for w in wanted]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("rules.min_n=1", [ALL + "min_n", URGENT + "versions[0].rules.min_n"]),
        ("rules.answers[0]=note", [ALL + "answers"]),
        ("rules.response_pauses=true", []),
        ("rules={min_n: 1}", []),
        (OFFICE + "hours.mon-fri=['08:00-12:00']", [OFFICE + "versions[0].hours"]),
        (OFFICE + "timezone=UTC", [OFFICE + "versions[1].timezone"]),
        (OFFICE + "holidays.add=[]", [OFFICE + "versions[1].holidays"]),
        ("calendars.night={timezone: UTC, hours: {mon-fri: ['08:00-17:00']}}", []),
        ("indicators.versions.target='>= 5'", []),
        ("indicators.new={kind: count}", []),
        ("timezone=UTC", []),
    ],
)
def test_of_calendars_and_of_the_general_rules_too(tmp_path, change, wanted):
    assert later(tmp_path, [change]) == wanted


def later(folder, changes):
    """The places that must be set, too; each is told of the first change."""
    file = folder / "servicedesk.yaml"
    file.write_text("timezone: UTC\nrules:\n  answers: [reply]" + LATER)
    lines = also_set_later(with_changes(file, changes), changes)
    paths = [change.partition("=")[0] for change in changes]
    for line in lines:
        path, _, rest = line.partition(" is replaced from ")
        assert path in paths
        assert re.match(r"2020-06-[12]0 on: set ", rest)
    return [line.partition(": set ")[2] for line in lines]


def test_a_later_version_that_sets_it_too_is_pointed_out(tmp_path, monkeypatch):
    file = write_desk(tmp_path)
    data = yaml.safe_load(file.read_text())
    data["indicators"]["urgent"]["versions"] = [
        {"valid_from": "2020-06-10", "target": ">= 95%"},
        {"valid_from": "2020-06-20", "within": "20min"},
    ]
    file.write_text(yaml.safe_dump(data))
    changes = ["indicators.urgent.within=5min", "rules.min_n=5"]
    assert also_set_later(with_changes(file, changes), changes) == [
        "indicators.urgent.within is replaced from 2020-06-20 on: "
        "set indicators.urgent.versions[1].within"
    ]
    monkeypatch.chdir(tmp_path)
    run_here("poll")
    done = run_here("what-if", *JUNE, "--set", "indicators.urgent.within=10h", "--format", "json")
    assert done.err.startswith("note: indicators.urgent.within is replaced from 2020-06-20 on")
    both = ["--set", "indicators.urgent.within=20h", "--set"]
    both += ["indicators.urgent.versions[1].within=20h"]
    done = run_here("what-if", *JUNE, *both, "--indicator", "urgent", "--format", "json")
    (urgent,) = json.loads(done.out)
    assert (urgent["what_if"]["good"], urgent["what_if"]["pending"]) == (2, 1)


def test_for_spreadsheets_each_side_and_each_move_is_a_column(desk):
    sets = ["--set", "indicators.urgent.within=10h"]
    done = run_here("what-if", *JUNE, *sets, "--format", "csv")
    assert done.code == 0, done.err
    found = {row["indicator"]: row for row in csv.DictReader(io.StringIO(done.out))}
    urgent = found["urgent"]
    assert (urgent["in_force_good"], urgent["what_if_good"]) == ("1", "2")
    assert (urgent["moved"], urgent["moved_missed_met"], urgent["moved_met_missed"]) == (
        "1",
        "1",
        "0",
    )
    assert list(urgent) == ALTERNATIVE_COLUMNS
    assert found["urgent"]["in_force_excluded"].isdigit()
