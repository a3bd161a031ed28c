"""Every command through the real entry point: what it prints, where, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.commands import COMMAND, Outcome, environment, run_here, run_process
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.processes import without_progress

NOW = ["--now", "2020-06-26T16:50"]
JUNE = ["--period", "2020-06"]
KEYS = {
    "indicator", "title", "kind", "period", "from", "to", "organization", "good", "eligible",
    "pending", "excluded", "value", "unit", "target", "state", "formula",
}  # fmt: skip
BROKEN = "  broken: {type: request_tracker, url: 'http://127.0.0.1:1', token: '${DESK_TOKEN}'}\n"


def _one_line(outcome: Outcome, code: int = 2) -> str:
    """The only line of a command that was used wrongly."""
    assert outcome.code == code
    assert outcome.out == ""
    (line,) = outcome.err.splitlines()
    return line


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# check


def test_check(desk: Path) -> None:
    outcome = run_here("check")
    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.out.splitlines() == [
        "store: answers",
        "sources.desk: 1 file with the required columns, the last is tickets.csv",
        "sources.phone: 1 file with the required columns, the last is calls.csv",
        "alerts by prometheus: page wakes somebody, warn is read within the hour",
        "  page  response overdue: urgent (office)",
        "  page  source stale, collector absent (office)",
        "  warn  resolution overdue: urgent (office); due soon: urgent (office); backlog",
        "        grows: high, normal, low, other, none (office); 12 others",
        "        (docs/alerts.md)",
        "  hours office: mon-fri 08:00-17:00 Europe/Stockholm, closed on holidays of SE",
        "  links none: set server.url to the address at which people reach the pages",
        "servicedesk.yaml: all is well (5 indicators, 2 sources, 2 organizations)",
    ]


def test_check_offline_touches_nothing(desk: Path) -> None:
    (desk / "tickets.csv").unlink()
    assert run_here("check", "--offline").code == 0
    assert not (desk / "servicedesk.db").exists()


def test_check_offline_looks_at_the_files_of_this_machine(desk: Path) -> None:
    (desk / "tickets.csv").unlink()
    (desk / "calls.csv").write_text("id,queue\n")
    outcome = run_here("check", "--offline")
    assert outcome.code == 0
    desk_line, phone_line = outcome.err.splitlines()
    assert "sources.desk: " in desk_line
    assert "No such file" in desk_line
    assert "has no column 'entered_at' (for entered_at)" in phone_line
    assert outcome.out.splitlines()[-1].startswith("servicedesk.yaml: usable, with 2 warnings (")


def test_a_verdict_with_warnings_never_says_that_all_is_well(desk: Path) -> None:
    _replace(desk / "servicedesk.yaml", "rules:", BROKEN + "rules:")
    outcome = run_here("check", "--offline")
    assert outcome.out.splitlines()[-1].startswith("servicedesk.yaml: usable, with 1 warning (")


def test_a_missing_secret_is_said_once(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_TOKEN", raising=False)
    _replace(desk / "servicedesk.yaml", "rules:", BROKEN + "rules:")
    outcome = run_here("check")
    assert (outcome.code, outcome.err.count("DESK_TOKEN is not set")) == (2, 1)
    assert outcome.err.splitlines()[-1].startswith("servicedesk.yaml: sources.broken: ")


def test_a_failed_poll_is_said_once(desk: Path) -> None:
    (desk / "tickets.csv").unlink()
    outcome = run_here("poll", "desk")
    assert outcome.code == 1
    assert (outcome.out + outcome.err).count("No such file") == 1


def test_check_names_every_source_that_does_not_answer(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "tickets.csv").unlink()
    (desk / "calls.csv").write_text("id,queue\n")
    _replace(desk / "servicedesk.yaml", "rules:", BROKEN + "rules:")
    monkeypatch.delenv("DESK_TOKEN", raising=False)
    outcome = run_here("check")
    assert outcome.code == 2
    lines = [line for line in outcome.err.splitlines() if not line.startswith("warning")]
    assert [line.split(": ")[:2] for line in lines] == [
        ["servicedesk.yaml", f"sources.{name}"] for name in ("desk", "phone", "broken")
    ]
    assert "DESK_TOKEN is not set" in lines[2]
    assert outcome.out == "store: answers\n"


@pytest.mark.parametrize(
    ("store", "says"),
    [
        ("sqlite:///nowhere/desk.db", "does not exist"),
        ("sqlite:///tickets.csv", "is not an SQLite database"),
        ("postgresql://kpi:hush-hush@127.0.0.1:1/desk", "desk at 127.0.0.1"),
    ],
)
def test_a_store_that_cannot_be_reached(desk: Path, store: str, says: str) -> None:
    _replace(desk / "servicedesk.yaml", "server:", f"store: {store}\nserver:")
    outcome = run_here("check")
    assert outcome.code == 2
    (line,) = [line for line in outcome.err.splitlines() if not line.startswith("warning")]
    assert line.startswith("servicedesk.yaml: store: ")
    assert says in line
    for command in (["poll"], ["measure", *JUNE], ["explain", "urgent", *JUNE], ["run"]):
        # A database that is not there yet: systemd is to start the service again
        code = 1 if command == ["run"] and store.startswith("postgresql") else 2
        line = _one_line(run_here(*command), code)
        assert says in line
        assert "hush-hush" not in line


# poll


def test_poll(desk: Path) -> None:
    outcome = run_here("poll")
    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.out.splitlines() == [
        "desk: 5 records, 5 new or changed",
        "phone: 4 records, 4 new or changed",
    ]
    assert run_here("poll").out.splitlines() == [
        "desk: 0 records, 0 new or changed",
        "phone: 0 records, 0 new or changed",
    ]
    assert run_here("poll", "phone", "--since", "2020-06-01").out.splitlines() == [
        "phone: 4 records, 0 new or changed"
    ]


def test_poll_of_a_failing_source_goes_on(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_TOKEN", raising=False)
    _replace(desk / "servicedesk.yaml", "sources:\n", "sources:\n" + BROKEN)
    (desk / "tickets.csv").unlink()
    outcome = run_here("poll")
    assert outcome.code == 1
    broken, tickets, calls = outcome.out.splitlines()
    assert broken.startswith("broken: failed: ")
    assert broken.endswith("the environment variable DESK_TOKEN is not set")
    assert tickets.startswith("desk: failed: ")
    assert calls == "phone: 4 records, 4 new or changed"
    assert "Traceback" not in outcome.err


def test_poll_tells_what_it_rejects(desk: Path) -> None:
    with (desk / "calls.csv").open("a") as file:
        file.writelines(f"n{n},it,Laxå,2020-06-18 10:00:00,answered,1,,,\n" for n in range(96))
        file.write("x,it,Örebro,2020-06-18 10:00:00,answered,1,,,\n")
    outcome = run_here("poll", "phone")
    assert outcome.code == 0
    assert outcome.out == (
        "phone: 101 records, 101 new or changed, 1 doubtful (unmapped_organization 1)\n"
    )
    assert "calls.csv:102: organization 'Örebro' is not mapped" in outcome.err


# measure


def _figures(*arguments: str) -> list[dict[str, Any]]:
    outcome = run_here("measure", *JUNE, "--format", "json", *arguments)
    assert outcome.code == 0
    found: list[dict[str, Any]] = json.loads(outcome.out)
    return found


def test_measure_for_programs(polled: Path) -> None:
    figures = _figures(*NOW)
    assert [set(figure) >= KEYS for figure in figures] == [True] * 5
    by_name = {figure["indicator"]: figure for figure in figures}
    urgent = by_name["urgent"]
    assert urgent == {
        **urgent,
        "title": {
            "sv": "Högprioriterade incidenter med återkoppling inom 30 min",
            "en": "Urgent incidents answered within 30 min",
        },
        "kind": "share_within",
        "period": "2020-06",
        "from": "2020-06-01T00:00:00+02:00",
        "to": "2020-07-01T00:00:00+02:00",
        "organization": None,
        "good": 1,
        "eligible": 2,
        "pending": 1,
        "excluded": {},
        "value": 0.5,
        "unit": "ratio",
        "target": ">= 90%",
        "state": "missed",
    }
    counted = {
        name: (each["good"], each["eligible"], each["pending"], each["state"])
        for name, each in by_name.items()
    }
    # Ticket 1: 2:10, ticket 2: 19:00, ticket 3: 25:59 (Midsummer's Eve is closed)
    seconds = (2 * 60 + 10 + 19 * 60 + 25 * 60 + 59) * 60
    assert counted == {
        "urgent": (1, 2, 1, "missed"),
        "handling": (seconds, 3, 2, "met"),
        "orders": (1, 1, 1, "met"),
        "answered": (2, 4, 0, "missed"),
        "engagement": (0, 0, 0, "missed"),
    }
    assert by_name["handling"]["value"] == seconds / 3
    assert by_name["engagement"]["value"] == 59


def test_now_with_and_without_offset(polled: Path) -> None:
    local = _figures("--now", "2020-06-26T17:00:00")
    assert local == _figures("--now", "2020-06-26T15:00:00+00:00")
    assert local == _figures("--now", "2020-06-26T15:00:00Z")
    assert local != _figures("--now", "2020-06-26T17:00:00Z", "--indicator", "urgent")
    late = _figures("--now", "2020-07-01", "--indicator", "urgent")[0]
    assert (late["good"], late["eligible"], late["pending"]) == (1, 3, 0), "past its deadline"


def test_measure_by_organization(polled: Path) -> None:
    figures = _figures(*NOW, "--by", "organization", "--indicator", "urgent")
    assert [(f["organization"], f["good"], f["eligible"], f["pending"]) for f in figures] == [
        (None, 1, 2, 1),
        ("Askersund", 1, 1, 1),
        ("Laxå", 0, 1, 0),
    ]


def test_measure_as_csv_has_one_value_a_cell(polled: Path) -> None:
    outcome = run_here("measure", *JUNE, *NOW, "--format", "csv", "--by", "organization")
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    records = _figures(*NOW, "--by", "organization")
    assert len(rows) == len(records)
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("[", "{")]
    for row, record in zip(rows, records, strict=True):
        for key, value in record.items():
            if not isinstance(value, dict | list) and key not in ("forecast", "own_calculation"):
                assert row.get(key, "") == ("" if value is None else str(value)), key
        assert (row["title"], row["rule"]) == (record["title"]["en"], record["rule"]["en"])
        assert row["excluded"] == str(sum(record["excluded"].values()))
        median = record["median"]
        assert row["median_seconds"] == ("" if median is None else str(median["seconds"]))


def test_csv_has_the_same_columns_whatever_there_is(polled: Path) -> None:
    def header(*more: str) -> list[str]:
        return run_here("measure", *more, "--format", "csv").out.splitlines()[0].split(",")

    june, none = header(*JUNE), header("--period", "2019")
    assert june == none == header(*JUNE, "--compare", "--language", "sv")
    assert {"excluded", "excluded_merged", "excluded_unrecorded_team"} <= set(june)
    split = header(*JUNE, "--by", "priority")
    assert split[7:9] == ["split", "priority"]
    assert [each for each in split if each not in ("split", "priority")] == june


def test_measure_by_a_field_of_the_records(polled: Path) -> None:
    found = _figures(*NOW, "--by", "priority", "--indicator", "handling")
    assert [(f["split"], f["priority"], f["eligible"], f["pending"]) for f in found] == [
        (None, None, 3, 2),
        ("priority", "urgent", 2, 1),
        ("priority", "normal", 1, 1),
    ]
    assert {f["organization"] for f in found} == {None}
    shown = run_here("measure", *JUNE, *NOW, "--by", "priority", "--language", "sv")
    assert (shown.code, shown.err) == (0, "")
    assert "Prioritet" in shown.out and " akut " in shown.out
    words = " ".join(shown.out.split())
    assert "Inte uppdelat på prioritet, som posterna saknar: Besvarade samtal inom 20 s" in words
    piped = run_here("measure", *JUNE, *NOW, "--by", "queue", "--format", "json")
    assert piped.err.startswith("note: Not split by queue, which their records have not: Urgent")
    assert [f["queue"] for f in json.loads(piped.out) if f["split"]] == ["it"]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("by", [[], ["--by", "organization"]])
def test_the_table_stays_within_100_columns(polled: Path, language: str, by: list[str]) -> None:
    outcome = run_here("measure", *JUNE, *NOW, *by, "--language", language)
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= 100
    words = outcome.out.split()
    for whole in {
        "sv": ["Högprioriterade", "ärendehanteringstid", "Medarbetarundersökning,", "(+väntar)"],
        "en": ["answered", "Employee", "(+pending)"],
    }[language]:
        assert whole in words, "a word was cut in two"
    targets = {"sv": ("minst", "högst"), "en": ("at least", "at most")}[language]
    for sign in ("✗", "✓", *targets):
        assert sign in outcome.out
    days = {"sv": ("mån", "ons", "läst"), "en": ("Mon", "Wed", "read")}[language]
    assert lines[0].startswith(
        f"2020-06 · {days[0]} 2020-06-01 00:00:00 – {days[1]} 2020-07-01 00:00:00"
    )
    assert re.fullmatch(rf"desk: {days[2]} \w\w\w [-\d]+ [:\d]+", lines[-2])


def test_brackets_in_the_data_are_no_markup(desk: Path) -> None:
    _replace(desk / "calls.csv", ",it,", ",[/it] [bold],")
    _replace(desk / "servicedesk.yaml", "en: Calls answered", 'en: "[/red] Calls"')
    _replace(desk / "servicedesk.yaml", '"[/red] Calls" within 20 s', '"[/red] Calls"')
    run_here("poll")
    explained = run_here("explain", "answered", *JUNE)
    assert explained.code == 0
    assert "queue [/it] [bold], outcome answered" in explained.out
    assert explained.out.startswith("[/red] Calls (answered)")
    assert "[/red] Calls" in run_here("measure", *JUNE).out


def test_control_characters_of_others_do_not_reach_the_terminal(desk: Path) -> None:
    _replace(desk / "calls.csv", ",it,", ",\x1b]0;pwned\x07it,")
    run_here("poll")
    explained = run_here("explain", "answered", *JUNE)
    assert explained.code == 0
    assert "\x1b" not in explained.out
    assert "\x07" not in explained.out


# explain


def _explained(*arguments: str) -> list[dict[str, Any]]:
    outcome = run_here("explain", *arguments, "--format", "json")
    assert outcome.code == 0
    found: list[dict[str, Any]] = json.loads(outcome.out)
    return found


def _length(spans: list[list[str]]) -> int:
    between = [datetime.fromisoformat(b) - datetime.fromisoformat(a) for a, b in spans]
    return int(sum(between, timedelta()).total_seconds())


@pytest.mark.parametrize("indicator", ["urgent", "handling", "orders"])
def test_the_arithmetic_adds_up(polled: Path, indicator: str) -> None:
    found = _explained(indicator, *JUNE, *NOW)
    assert found
    for each in found:
        assert _length(each["open"]) - _length(each["on_hold"]) == each["elapsed_seconds"]
        if each["limit_seconds"] is not None and each["end"] is not None:
            within = each["elapsed_seconds"] <= each["limit_seconds"]
            assert each["verdict"] == ("met" if within else "missed")
    (figure,) = _figures(*NOW, "--indicator", indicator)
    verdicts = [each["verdict"] for each in found]
    assert verdicts.count("pending") == figure["pending"]
    assert verdicts.count("met") + verdicts.count("missed") == figure["eligible"]


def test_explain_in_words(polled: Path) -> None:
    outcome = run_here("explain", "urgent", *JUNE, *NOW)
    assert outcome.code == 0
    assert outcome.out.splitlines()[:3] == [
        "Urgent incidents answered within 30 min (urgent), 2020-06",
        "  50.0% · 1 of 2 · target at least 90% · ✗ Off target",
        "  pending 1 · excluded none",
    ]
    expected = """\
met      desk/1 · Askersund · kind incident, priority urgent
    https://desk.example.org/1
    started Thu 2020-06-18 16:50:00, ended Mon 2020-06-22 08:15:00, calendar office
    open    Thu 2020-06-18 16:50:00-17:00:00 = 0:10:00
            + Mon 2020-06-22 08:00:00-08:15:00 = 0:15:00
    closed  Fri 2020-06-19 Midsommarafton
    closed  Sat 2020-06-20 Midsommardagen
    closed  Sun 2020-06-21 closed all day
    elapsed 0:25:00 <= 0:30:00 limit
"""
    assert expected in outcome.out
    assert "still runs, read Fri 2020-06-26 16:50:00" in outcome.out


def test_explain_a_choice(polled: Path) -> None:
    assert [e["id"] for e in _explained("urgent", *JUNE, *NOW)] == ["2", "1", "5"]
    assert [e["id"] for e in _explained("urgent", *JUNE, *NOW, "--verdict", "missed")] == ["2"]
    assert [e["id"] for e in _explained("urgent", *JUNE, *NOW, "--verdict", "excluded")] == []
    assert [e["id"] for e in _explained("urgent", *JUNE, *NOW, "--limit", "2")] == ["2", "1"]
    chosen = _explained("urgent", *JUNE, *NOW, "--organization", "Askersund")
    assert [e["id"] for e in chosen] == ["1", "5"]
    assert [e["id"] for e in _explained("answered", *JUNE)] == ["a", "b", "c", "d"]
    assert _explained("engagement", *JUNE) == []
    assert run_here("explain", "engagement", *JUNE).out.splitlines()[1] == (
        "  59% · target increase from 71.13 · ✗ Off target"
    )


def test_explain_as_csv(polled: Path) -> None:
    outcome = run_here("explain", "urgent", *JUNE, *NOW, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    records = _explained("urgent", *JUNE, *NOW)
    assert [row["id"] for row in rows] == [record["id"] for record in records]
    for row, record in zip(rows, records, strict=True):
        spans = [[datetime.fromisoformat(each) for each in span] for span in record["open"]]
        seconds = sum((end - start).total_seconds() for start, end in spans)
        assert (int(row["open_seconds"]), int(row["closed_days"])) == (
            seconds, len(record["closed"]))  # fmt: skip
        assert row["disagrees_verdict"] == "false"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("[", "{")]


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "error: No such command 'nonsense'; see servicedesk-kpi --help"),
        (["--nonsense"], "No such option: --nonsense"),
        (["measure"], "Missing option '--period'; see servicedesk-kpi measure --help"),
        (["measure", "--period"], "requires an argument"),
        (["measure", "--period", "juli"], "error: --period: 'juli' is not a period: write"),
        (["measure", "--period", "2020-13"], "is not a period"),
        (["measure", "--period", "2020-07..2020-01"], "ends before it begins"),
        (["measure", "--period", "0001"], "lies outside the years 1970 to 2199"),
        (["measure", "--period", "9998"], "lies outside the years 1970 to 2199"),
        (["measure", "--period", "1969"], "lies outside the years 1970 to 2199"),
        (["measure", "--period", "2200-01"], "lies outside the years 1970 to 2199"),
        (["measure", "--period", "0000"], "is not a period"),
        (["measure", "--period", "9999"], "is not a period"),
        (["measure", "--period", "9999-12-31"], "is not a period"),
        (["measure", "--period", "last_month", "--now", "1970-01-02"], "lies outside the years"),
        (["explain", "urgent", "--period", "1969-12"], "lies outside the years 1970 to 2199"),
        (["forecast", "--now", "9999-12-31T23:59+14:00"], "lies outside the years"),
        (["poll", "--since", "0001-01-01T00:00+14:00"], "lies outside the years"),
        (["measure", *JUNE, "--now", "yesterday"], "'yesterday' is not a date or instant"),
        (["measure", *JUNE, "--now", "0001-01-01"], "lies outside the years"),
        (["measure", *JUNE, "--by", "kind"], "--by kind: figures can be split by organization, "),
        (
            ["measure", *JUNE, "--by", "queue", "--indicator", "urgent"],
            "--by queue: no record of urgent has a queue",
        ),
        (["measure", *JUNE, "--indicator", "x"], "there is no indicator 'x'; there are: urgent,"),
        (["measure", *JUNE, "--format", "xml"], "'xml' is not one of 'table', 'json', 'csv'"),
        (["measure", *JUNE, "--language", "no"], "'no' is not one of 'sv', 'en'"),
        (["explain"], "Missing argument"),
        (["explain", "x", *JUNE], "there is no indicator 'x'"),
        (
            ["explain", "urgent", *JUNE, "--verdict", "late"],
            "must be met, missed, pending or excluded",
        ),
        (["explain", "urgent", *JUNE, "--organization", "Örebro"], "--organization Örebro"),
        (["explain", "urgent", *JUNE, "--limit", "0"], "--limit"),
        (["explain", "urgent", *JUNE, "--limit", "many"], "--limit"),
        (["poll", "fax"], "there is no source 'fax'; there are: desk, phone"),
        (["poll", "--since", "x"], "'x' is not a date or instant"),
        (["poll", "desk", "phone"], "unexpected extra argument"),
        (["run", "--port", "9"], "No such option: --port"),
        (["demo", "--port", "99999"], "--port"),
        (["demo", "--speed", "0"], "--speed"),
        (["check", "--config", "none.yaml"], "none.yaml: cannot be read: No such file"),
    ],
)
def test_wrong_arguments(polled: Path, arguments: list[str], says: str) -> None:
    line = _one_line(run_here(*arguments))
    assert says in line
    assert "Value error" not in line


@pytest.mark.parametrize("period", ["1970", "1970-01-01", "2199", "2199-12", "2199-12-31"])
def test_the_first_and_the_last_periods_there_are(polled: Path, period: str) -> None:
    for arguments in (
        ["measure", "--compare"],
        ["explain", "handling"],
        ["explain", "engagement"],
        ["what-if", "--set", "timezone=Pacific/Auckland"],
    ):
        outcome = run_here(*arguments, "--period", period)
        assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("now", ["1970-01-01", "1970-01-01T00:00+14:00", "2199-12-31T23:59-12:00"])
def test_a_present_far_away(polled: Path, now: str) -> None:
    for arguments in (
        ["measure", *JUNE, "--compare"],
        ["measure", "--period", "today"],
        ["measure", "--period", "week"],
        ["measure", "--period", "year_to_date"],
        ["forecast"],
        ["forecast", "--backtest"],
    ):
        outcome = run_here(*arguments, "--now", now)
        if outcome.code:
            assert "lies outside the years 1970 to 2199" in _one_line(outcome)
        else:
            assert outcome.out


def test_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVICEDESK_KPI_CONFIG", raising=False)
    for command in (["check"], ["poll"], ["measure", *JUNE], ["explain", "a", *JUNE], ["run"]):
        line = _one_line(run_here(*command))
        assert line.startswith("error: no configuration found (servicedesk.yaml, ")
        assert line.endswith("give one with --config FILE")


def test_where_the_configuration_is_found(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "config").mkdir()
    file = (desk / "servicedesk.yaml").rename(desk / "config/servicedesk.yaml")
    verdict = run_here("check", "--offline").out.splitlines()[-1]
    assert verdict.startswith("config/servicedesk.yaml: usable")
    monkeypatch.chdir("/")
    monkeypatch.setenv("SERVICEDESK_KPI_CONFIG", str(file))
    verdict = run_here("check", "--offline").out.splitlines()[-1]
    assert verdict.startswith(f"{file}: usable")


def test_without_a_command() -> None:
    for arguments in ([], ["-v"]):
        outcome = run_here(*arguments)
        assert outcome.code == 2
    assert run_here("--help").code == 0
    assert re.fullmatch(r"servicedesk-kpi \d+\.\d+\.\d+\n", run_here("--version").out)


def test_no_sources(desk: Path) -> None:
    _replace(
        desk / "servicedesk.yaml",
        CONFIGURATION[CONFIGURATION.index("sources:") : CONFIGURATION.index("rules:")],
        "",
    )
    assert "no sources are configured" in _one_line(run_here("poll"))
    assert run_here("measure", *JUNE).code == 0


# As a process, with pipes and terminals


@pytest.mark.parametrize(
    "arguments",
    [["measure", *JUNE], ["explain", "handling", *JUNE, "--format", "json"], ["schema"]],
)
def test_a_reader_that_goes_away(polled: Path, arguments: list[str]) -> None:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=polled,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert errors == ""


def test_other_encodings(polled: Path) -> None:
    outcome = run_process(
        ["measure", *JUNE, *NOW], cwd=polled, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    )
    assert outcome.code == 0, outcome.err
    assert "at least 90%" in outcome.out
    assert "? Off target" in outcome.out


def _in_terminal(
    arguments: list[str], cwd: Path, *, out: bool, env: dict[str, str]
) -> tuple[int, str, str]:
    """Run with standard error, and perhaps output, at a terminal: exit code, output, terminal."""
    ours, theirs = pty.openpty()
    with (cwd / "out.txt").open("w") as plain:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env={**environment(env), "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=theirs if out else plain,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:  # Linux says so at the end of a terminal
                break
            if not read:
                break
            shown += read
        os.close(ours)
        code = process.wait(60)
    return code, (cwd / "out.txt").read_text(), shown.decode()


def test_progress_in_a_terminal(desk: Path) -> None:
    code, out, shown = _in_terminal(["poll"], desk, out=False, env={"TERM": "xterm-256color"})
    assert code == 0
    assert "polling desk" in shown
    assert "━" in shown
    assert out.splitlines() == [
        "desk: 5 records, 5 new or changed",
        "phone: 4 records, 4 new or changed",
    ]
    code, out, shown = _in_terminal(
        ["measure", *JUNE, "--format", "json"], desk, out=False, env={"TERM": "xterm-256color"}
    )
    assert code == 0
    assert "measuring 2020-06" in shown
    assert len(json.loads(out)) == 5


def test_colours_only_where_they_are_wanted(polled: Path) -> None:
    arguments = ["measure", *JUNE, *NOW]
    _, _, shown = _in_terminal(arguments, polled, out=True, env={"TERM": "xterm-256color"})
    assert "\x1b[31m✗ Off target" in shown
    _, _, shown = _in_terminal(
        arguments, polled, out=True, env={"TERM": "xterm-256color", "NO_COLOR": "1"}
    )
    assert "\x1b[31m" not in shown
    assert "✗ Off target" in shown
    _, _, shown = _in_terminal(arguments, polled, out=True, env={"TERM": "dumb"})
    assert "\x1b[3" not in shown
    assert "✗ Off target" in shown


def test_no_progress_without_a_terminal(polled: Path) -> None:
    outcome = run_process(["measure", *JUNE, "--format", "json"], cwd=polled)
    assert outcome.code == 0
    assert without_progress(outcome.err) == ""
    assert len(json.loads(outcome.out)) == 5


def test_progress_never_goes_back(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collector.io import progress

    moments = iter(float(10 * n) for n in range(100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(moments))
    caplog.set_level("INFO")
    with progress.progress("polling desk") as report:
        for share in (0.5, 0.1, None, 1.0):
            report(share)
    shown = [re.findall(r"\d+ %", line) for line in caplog.messages]
    assert shown == [["50 %"], ["50 %"], ["50 %"], ["100 %"]]


def test_a_strange_folder(tmp_path: Path) -> None:
    folder = tmp_path / "100 %[1] #å"
    folder.mkdir()
    file = write_desk(folder)
    assert run_here("poll", "--config", file).code == 0
    assert run_here("measure", *JUNE, "--config", file).code == 0
    assert sorted(p.name for p in folder.glob("*.db")) == ["servicedesk.db"]
    assert [p.name for p in tmp_path.iterdir()] == [folder.name]


def test_long_work_is_logged_without_a_terminal(
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from collector.io import progress

    moments = iter([0.0, 1.0, 4.9, 6.0, 6.0, 7.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(moments))
    caplog.set_level("INFO")
    with progress.progress("polling desk", "records") as report:
        report(0.1, 10)  # after a second
        report(0.2, 20)  # after 4.9 seconds
        report(0.5, 600)  # after 6 seconds: one line
        report(0.6, 700)
    assert caplog.messages == ["polling desk: 50 %, 600 records, 100/s, 6 s left"]
    assert capsys.readouterr().out == ""
