"""What the commands about figures print: definitions, comparisons, distributions, forecasts."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from collector.service import poll
from tests.worlds.commands import run_here
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.measured import at

JUNE = ["--period", "2020-06"]
NOW = ["--now", "2020-06-30T12:00"]


@pytest.fixture
def polled(polled: Path) -> Path:
    """The configuration of a desk whose sources were read once, in the working directory."""
    return polled / "servicedesk.yaml"


def out_of(*arguments: str) -> str:
    done = run_here(*arguments)
    assert (done.code, done.err) == (0, "")
    return done.out


def restated(*arguments: str) -> str:
    """As :func:`out_of`, and what was polled by other definitions is measured by these."""
    done = run_here(*arguments, "--restate")
    assert done.code == 0
    assert done.err.startswith("restated ")
    return done.out


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_measure_prints_the_rules_in_force(polled: Path) -> None:
    edit(
        polled,
        "rules: {min_n: 1}",
        "rules: {min_n: 1, answers: [reply, note]}\ntertials: cumulative",
    )
    edit(polled, '    target: ">= 90%"', '    target: ">= 90%"\n    rules: {answers: [status]}')
    words = " ".join(restated("measure", *JUNE, *NOW).split())
    for rule in (
        "counted in the period in which the ticket was opened",
        "counts as an answer: a reply to who asked, an internal note",
        "a response before the opening: as the source says",
        "calls that the system took out of the queue: count as unanswered",
        "fewest records for an assessment: 1",
        "the fiscal year begins in month: 1",
        "tertials: from the beginning of the year",
        "time zone: Europe/Stockholm",
    ):
        assert f"{rule} ·" in words or f"{rule} desk:" in words or f"{rule} urgent:" in words, rule
    assert "urgent: counts as an answer: a change of status" in words
    # of files that know neither holds, reopenings, earlier priorities nor who registered a ticket
    for rule in (
        "pauses while on hold",
        "resolution that counts",
        "priority in force",
        "solved on",
    ):
        assert rule not in words.partition("rules: ")[2], rule


def test_brief_leaves_out_the_rules(polled: Path) -> None:
    for command in (["measure", *JUNE], ["forecast"], ["what-if", *JUNE, "--set", "rules.min_n=2"]):
        whole = out_of(*command, *NOW)
        brief = out_of(*command, *NOW, "--brief")
        assert "rules: " in whole
        assert "rules: " not in brief
        assert "Indicator" in brief


def test_explain_prints_the_definition_in_force_and_how_it_changed(polled: Path) -> None:
    version = (
        "    versions: [{valid_from: 2020-06-20, within: 20min, rules: {min_n: 9}}]\n  handling:"
    )
    edit(polled, "  handling:", version)
    words = " ".join(restated("explain", "urgent", *JUNE, *NOW).split())
    for said in (
        "answered within 30 min of business time (office hours); by their present priority; "
        "from 2020-06-20: answered within 20 min",
        "definition measure: share within a limit · priority: urgent · the clock runs from: open",
        "limit: 30 min · calendar: office hours · target: at least 90% rules counted in the period",
        "calendar office hours: time zone Europe/Stockholm · Monday–Friday 08:00–17:00",
        "categories of holidays de_facto, public",
        "time zone: Europe/Stockholm · the fiscal year begins in month: 1",
        "from 2020-06-20: definition limit: 20 min rules fewest records for an assessment: 9",
    ):
        assert said in words, said
    assert "measured by the version valid from 2020-06-20" in words
    before = " ".join(out_of("explain", "urgent", "--period", "2020-06-18", *NOW).split())
    assert "from 2020-06-20:" not in before
    assert "valid from" not in before


def test_edits_of_the_past_are_refused_until_they_are_asked_for(polled: Path) -> None:
    committed = run_here("measure", *JUNE, *NOW, "--format", "json", "--commit")
    assert (committed.code, '"good": 1' in committed.out) == (0, True)
    assert committed.err.startswith("committed: ")
    edit(polled, "within: 30min", "within: 20min")
    line = "  indicators.urgent.within: 30min → 20min, for records from 2020-06-15 on\n"
    for command in (["measure", *JUNE], ["explain", "urgent", *JUNE], ["forecast"]):
        done = run_here(*command, *NOW)
        assert (done.code, done.out) == (2, "")
        assert "  indicators.urgent.within: 30min → 20min, for records from 2020-06-15" in done.err
        assert "--restate" in done.err
        assert "Traceback" not in done.err
    assert run_here("check", "--offline").code == 0  # what is written is right, only new
    checked = run_here("check")
    assert checked.code == 2
    assert "store: the configuration would change past figures:" in checked.err
    assert line in checked.err
    done = run_here("measure", *JUNE, *NOW, "--restate", "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)[0]["good"] == 0
    assert "restated urgent: indicators.urgent.within: 30min → 20min" in done.err
    assert '"good": 0' in out_of("measure", *JUNE, *NOW, "--format", "json")
    explained = out_of("explain", "urgent", *JUNE, *NOW)
    restatement = r"restated \w{3} 20..-..-.. ..:..:..: urgent: limit: 30 min → 20 min"
    assert re.search(restatement, explained)


def test_setting_up_asks_for_nothing(polled: Path) -> None:
    out_of("measure", *JUNE, *NOW)
    edit(polled, "within: 30min", "within: 20min")
    assert run_here("check").code == 0
    assert '"good": 0' in out_of("measure", *JUNE, *NOW, "--format", "json")
    committed = run_here("poll", "--commit")
    assert (committed.code, committed.err.splitlines()[0][:11]) == (0, "committed: ")
    edit(polled, "within: 20min", "within: 30min")
    assert run_here("poll").code == 2


def test_the_history_of_a_figure_given_by_hand(polled: Path) -> None:
    out_of("measure", *JUNE, *NOW)
    edit(polled, "value: 59}", "value: 60, set_by: HR, comment: Late answers}")
    corrected = run_here("explain", "engagement", *JUNE)
    assert corrected.err == "corrected engagement, 2020-05-31: value 59.0 → value 60.0\n"
    explained = corrected.out
    assert re.search(r"2020-05-31: value 59 \(seen .*, replaced since\)", explained)
    assert re.search(
        r"2020-05-31: comment Late answers · set by HR · value 60 \(seen [^,]*\)", explained
    )
    edit(polled, "values: [{date: 2020-05-31", "values: [{date: 2020-06-01")
    moved = run_here("explain", "engagement", *JUNE)
    assert "2020-05-31: taken back" in moved.out
    assert moved.err == "corrected engagement, 2020-05-31: value 60.0 → taken back\n"


def write_calls(file: Path, months: dict[str, int]) -> None:
    """A hundred calls of the 5th of each month, so many of them answered in time."""
    rows = [
        f"{month}-{n},it,Laxå,{month}-05 09:00:00,answered,{5 if n < good else 50}\n"
        for month, good in months.items()
        for n in range(100)
    ]
    header = "id,queue,organization,entered_at,outcome,wait_seconds\n"
    (file.parent / "calls.csv").write_text(header + "".join(rows))


def test_comparisons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_calls(write_desk(tmp_path), {"2019-12": 0, "2020-05": 90, "2020-06": 60})
    monkeypatch.chdir(tmp_path)
    assert run_here("poll").code == 0
    table = out_of("measure", *JUNE, *NOW, "--compare", "--indicator", "answered")
    lines = table.rpartition("Calls answered")[2].splitlines()
    assert re.search(r"60\.0% +90\.0% +−30\.0\spp, worse +– +75\.0%$", lines[0].rstrip())
    swedish = out_of("measure", *JUNE, *NOW, "--compare", "--language", "sv")
    assert "Perioden före" in swedish
    assert "−30,0 p.e.," in swedish
    assert "sämre" in swedish
    figures = json.loads(out_of("measure", *JUNE, *NOW, "--compare", "--format", "json"))
    answered = next(f for f in figures if f["indicator"] == "answered")
    previous = answered["comparisons"][0]
    assert previous["name"] == "previous"
    assert previous["change"] == pytest.approx(-0.3)
    assert previous["low"] < -0.3 < previous["high"] < 0
    plain = json.loads(out_of("measure", *JUNE, *NOW, "--format", "json"))
    assert plain[0]["comparisons"] == []


def one_line(table: str) -> str:
    """A table without its folds: cells on several lines stand behind the others."""
    return " ".join(table.split())


def test_of_numbers_the_change_is_said_to_be_by_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6,177 in the 29 days of February are more than 6,200 in the 31 of January."""
    file = write_desk(tmp_path)
    count = "  volume: {title: V, kind: count, of: calls, target: '>= 10'}\n  urgent:\n"
    edit(file, "  urgent:\n", count)
    rows = [
        f"{month}-{n},it,Laxå,{month}-05 09:00:00,answered,5\n"
        for month, calls in (("2019-12", 1), ("2020-01", 6200), ("2020-02", 6177))
        for n in range(calls)
    ]
    header = "id,queue,organization,entered_at,outcome,wait_seconds\n"
    (tmp_path / "calls.csv").write_text(header + "".join(rows))
    monkeypatch.chdir(tmp_path)
    assert run_here("poll").code == 0
    chosen = ["--period", "2020-02", "--compare", "--indicator", "volume", *NOW]
    assert re.search(r"−23 calls, better by the day", one_line(out_of("measure", *chosen)))
    swedish = one_line(out_of("measure", *chosen, "--language", "sv"))
    assert re.search(r"−23 samtal, bättre per dygn", swedish)


def test_of_yes_and_no_the_two_values_say_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = "values: [{date: 2020-05-31, value: yes}, {date: 2020-06-30, value: no}]"
    manual = f"  diploma: {{title: D, kind: manual, unit: yes/no, target: 'yes', {values}}}\n"
    edit(write_desk(tmp_path), "  urgent:\n", f"{manual}  urgent:\n")
    monkeypatch.chdir(tmp_path)
    assert run_here("poll").code == 0
    table = out_of("measure", *JUNE, *NOW, "--compare", "--indicator", "diploma")
    assert table.splitlines()[-1].split() == ["D", "no", "yes", "–", "no"]


def test_distributions(polled: Path) -> None:
    table = out_of("measure", *JUNE, *NOW, "--distribution")
    words = " ".join(table.split())
    assert "Urgent incidents answered within 30 min n 2 · median ≈ 25 min (20 min–25 min)" in words
    assert "90% within ≈ 38 min (30 min–40 min)" in words
    assert re.search(r"30–40\smin +█{15} +1 \(50%\)", table)
    swedish = " ".join(out_of("measure", *JUNE, *NOW, "--distribution", "--language", "sv").split())
    assert "median ≈ 25,5 h (24 h–27 h) · 90 % inom ≈ 26,7 h" in swedish
    figure = json.loads(out_of("measure", *JUNE, *NOW, "--format", "json"))[0]
    assert figure["median"] == {"seconds": 1500.0, "low": 1200, "high": 1500}
    assert figure["histogram"] == [[1500, 1], [2400, 1]]
    assert max(map(len, table.splitlines())) <= 100


def test_what_the_rest_must_give(polled: Path) -> None:
    figure = json.loads(out_of("measure", *JUNE, "--now", "2020-06-16T00:00", "--format", "json"))[
        0
    ]
    # one late of one after half of the month; one more to come
    assert (figure["good"], figure["eligible"], figure["left"]) == (0, 1, 1)
    assert figure["required"] == pytest.approx(1.8)
    assert figure["misses_left"] == -1
    assert figure["definition_changes"] == []
    assert figure["forecast"] is None


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk with calls of three years and a half, 60 to 80 % of them in time."""
    folder = tmp_path_factory.mktemp("years")
    months = {
        f"{year}-{month:02}": 60 + (month * 7 + year) % 20
        for year in range(2017, 2021)
        for month in range(1, 13)
        if (year, month) < (2020, 7)
    }
    file = write_desk(folder)
    write_calls(file, months)
    assert run_here("poll", "--config", file).code == 0
    return folder


@pytest.fixture
def history(years: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same desk for a test of its own, in the working directory."""
    shutil.copytree(years, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "servicedesk.yaml"


def test_forecasts(history: Path) -> None:
    table = out_of("forecast", *NOW)
    row = next(line for line in table.splitlines() if line.startswith("Calls answered"))
    assert re.search(r"\d\d\.\d% +600 +\d\d\.\d% \(\d\d\.\d–\d\d\.\d%\) +at least 70% ", row)
    assert "history too short" in table
    assert "Needed for the rest" in table
    assert re.search(
        r"80% interval: in 3 finished years it held \d\d of 3\d outcomes \(\d\d%\)", table
    )
    young = out_of("forecast", "--now", "2018-06-30T12:00")
    assert "80% interval: not tested here yet, there are no two finished years" in young
    swedish = out_of("forecast", *NOW, "--language", "sv")
    assert "Krävs resten av året" in swedish
    assert re.search(r"\(för kort\s.*historik\)", swedish, re.DOTALL)  # folded at 150 columns
    parts = out_of("forecast", *NOW, "--by", "organization")
    below = parts.rpartition("Calls answered")[2]
    assert re.search(r"^  · Askersund .*\n  · Laxå ", below, re.MULTILINE)
    (figure,) = json.loads(out_of("forecast", *NOW, "--indicator", "answered", "--format", "json"))
    outlook = figure["forecast"]
    assert outlook["low"] < outlook["value"] < outlook["high"]
    assert (outlook["given"], outlook["months"]) == (False, 41)
    assert figure["period"] == "year_to_date"
    rows = list(csv.DictReader(io.StringIO(out_of("forecast", *NOW, "--format", "csv"))))
    assert len(rows) == 5


def test_a_forecast_set_by_hand_is_marked(history: Path) -> None:
    given = 'forecasts: [{date: 2020-06-01, forecast: "80 %", set_by: Head, comment: More staff}]'
    edit(history, "    within: 20s\n", f"    within: 20s\n    {given}\n")
    table = " ".join(out_of("forecast", *NOW).split())
    assert "80.0% *" in table
    assert re.search(
        r"\* Calls answered within 20 s: set by Head 2020-06-01; computed \d\d.\d%; More staff",
        table,
    )


def test_the_back_test(history: Path) -> None:
    done = run_here("forecast", "--backtest", *NOW)
    assert done.code == 0
    table = done.out
    assert "Forecasts of shares, rebuilt from what was known at the time" in table
    for month in range(1, 12):
        assert re.search(rf"after month {month} ", table)
    assert "year from 2018-01" in table
    assert re.search(r"all +3\d +\d\.\d\d +\d\.\d\d +(forecast|naive) ", table)
    assert re.search(r"Overall \d+% closer than|Naive wins", table)
    rows = json.loads(out_of("forecast", "--backtest", *NOW, "--format", "json"))
    assert {row["indicator"] for row in rows} == {"answered"}
    assert {row["year"] for row in rows} == {"2017-01-01", "2018-01-01", "2019-01-01"}
    assert all(row["low"] <= row["forecast"] <= row["high"] for row in rows)
    assert out_of("forecast", "--backtest", *NOW, "--indicator", "urgent").startswith(
        "nothing to test"
    )


def test_without_history_there_is_nothing_to_test(polled: Path) -> None:
    assert out_of("forecast", "--backtest", *NOW) == (
        "nothing to test: no fiscal year within the history has ended\n"
    )


def test_disagreements_with_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_desk(tmp_path)
    (tmp_path / "tickets.csv").write_text(
        "id,priority,opened_at,first_response_at,own_first_response_at,own_response_due_at,"
        "own_response_met\n"
        "1,urgent,2020-06-15 09:00:00,2020-06-15 09:10:00,,2020-06-15 09:30:00,yes\n"
        "2,urgent,2020-06-15 09:00:00,2020-06-15 09:40:00,2020-06-15 09:20:00,,ja\n"
    )
    monkeypatch.chdir(tmp_path)
    assert run_here("poll", "desk").code == 0
    shown = out_of("explain", "urgent", *JUNE, *NOW, "--disagreements")
    assert "desk/1" not in shown
    assert "missed   desk/2" in shown
    assert (
        "source  first response Mon 2020-06-15 09:20:00, met; disagrees on the verdict and the "
        "first response" in shown
    )
    every = out_of("explain", "urgent", *JUNE, *NOW)
    assert "source  due Mon 2020-06-15 09:30:00, met\n" in every
    records = json.loads(
        out_of("explain", "urgent", *JUNE, *NOW, "--disagreements", "--format", "json")
    )
    assert [(r["id"], r["own_met"], r["disagrees"]) for r in records] == [
        ("2", True, ["verdict", "first response"])
    ]
    figure = json.loads(out_of("measure", *JUNE, *NOW, "--format", "json"))[0]
    assert figure["own_calculation"] == {
        "checked": 2, "good": 1, "own_good": 2, "disagree": 1, "compared": 1, "differ": 1,
    }  # fmt: skip


def test_a_values_file_beside_the_configuration(polled: Path) -> None:
    edit(polled, "values: [{date: 2020-05-31, value: 59}]", "values: []")
    polled.write_text("values_file: values.csv\n" + polled.read_text())
    values = polled.parent / "values.csv"
    values.write_text("indicator;date;value;forecast\nengagement;2020-05-31;72,5;73 %\n")
    done = run_here("measure", *JUNE, "--format", "json")
    corrected = "corrected engagement, 2020-05-31: value 59.0 → value 72.5 and forecast 73.0\n"
    assert done.err == corrected
    engagement = json.loads(done.out)[-1]
    assert (engagement["value"], engagement["state"]) == (72.5, "met")
    assert engagement["forecast"]["value"] == 73
    then = json.loads(out_of("measure", *JUNE, *NOW, "--format", "json"))[-1]
    assert (then["value"], then["forecast"]) == (59, None)  # as it was seen first
    values.write_text("indicator;date;value\nengagement;2020-05-31;many\n")
    done = run_here("measure", *JUNE)
    assert done.code == 2
    assert done.err.startswith(f"{values}:2: value: 'many' is not an amount")


def test_periods_of_a_fiscal_year(polled: Path) -> None:
    polled.write_text("fiscal_year_start: 5\n" + CONFIGURATION)
    restated("measure", *JUNE, *NOW)
    for period, first, after in (
        ("2020", "2020-05-01T00:00:00+02:00", "2021-05-01T00:00:00+02:00"),
        ("2020-t1", "2020-05-01T00:00:00+02:00", "2020-09-01T00:00:00+02:00"),
        ("tertial", "2020-05-01T00:00:00+02:00", "2020-09-01T00:00:00+02:00"),
    ):
        figure = json.loads(out_of("measure", "--period", period, *NOW, "--format", "json"))[0]
        assert (figure["from"], figure["to"]) == (first, after)


def test_wrong_arguments(polled: Path) -> None:
    for arguments, says in (
        (["forecast", "--by", "team"], "--by team: figures can be split by organization"),
        (["forecast", "--indicator", "nobody"], "there is no indicator 'nobody'"),
        (["what-if", *JUNE], "Missing option '--set'"),
        (["measure", "--period", "2020-t4"], "'2020-t4' is not a period"),
        (["measure", "--period", "1970..2070"], "'1970..2070' is longer than 100 years"),
    ):
        done = run_here(*arguments)
        assert (done.code, done.out) == (2, "")
        assert says in done.err


VERSION = "    versions: [{valid_from: 2020-06-20, within: 20min, rules: {min_n: 9}}]\n  handling:"


def test_what_becomes_another_one_within_a_period_is_named(polled: Path) -> None:
    edit(polled, "  handling:", VERSION)
    restated("measure", *JUNE, *NOW)
    change = "from 2020-06-20: urgent: limit: 30 min → 20 min"
    june = out_of("measure", *JUNE, *NOW)
    assert june.count(change) == 1
    assert (
        "urgent: fewest records for an assessment: 9" in june
    )  # the rules of the period's last day
    assert change in out_of("measure", "--period", "2020-07", "--compare", *NOW)
    assert change in out_of("forecast", *NOW)
    assert change not in out_of("measure", *JUNE, *NOW, "--indicator", "handling")
    early = out_of("measure", "--period", "2020-06-01..2020-06-19", *NOW)
    assert change not in early
    assert "urgent: fewest records for an assessment: 9" not in early
    rewound = out_of("measure", *JUNE, "--now", "2020-06-19T12:00")
    assert change not in rewound
    other = out_of("what-if", *JUNE, *NOW, "--set", "indicators.handling.target=<= 9 business_days")
    assert change in other


def test_figures_carry_their_definition(polled: Path) -> None:
    edit(polled, "  handling:", VERSION)
    restated("measure", *JUNE, *NOW)

    def urgent(period: str) -> dict:
        return json.loads(out_of("measure", "--period", period, *NOW, "--format", "json"))[0]

    june, early = urgent("2020-06"), urgent("2020-06-01..2020-06-19")
    assert june["definition"]["indicators.urgent.within"] == "20min"
    assert june["definition"]["indicators.urgent.records.priority"] == ["urgent"]
    assert june["definition"]["calendars.office.hours.mon"] == "08:00-17:00"
    assert june["definition_changes"] == [
        {"from": "2020-06-20", "path": path, "before": before, "after": after}
        for path, before, after in (
            ("indicators.urgent.within", "30min", "20min"),
            ("rules.min_n", "1", "9"),
        )
    ]
    assert early["definition"]["indicators.urgent.within"] == "30min"
    assert early["definition_changes"] == []
    rows = list(csv.DictReader(io.StringIO(out_of("measure", *JUNE, *NOW, "--format", "csv"))))
    assert rows[0]["rule"] == june["rule"]["en"]
    assert rows[0]["rule"].endswith("from 2020-06-20: answered within 20 min of business time "
                                    "(office hours); by their present priority")  # fmt: skip


def test_a_corrected_value_is_named_where_it_is_shown(polled: Path) -> None:
    out_of("measure", *JUNE, *NOW)
    edit(polled, "value: 59}", "value: 60}")
    assert run_here("poll").err == "corrected engagement, 2020-05-31: value 59.0 → value 60.0\n"
    line = r"engagement, 2020-05-31: value 59 until \w+ "
    assert re.search(line, out_of("measure", *JUNE))
    assert not re.search(line, out_of("measure", *JUNE, *NOW))  # it was not seen by then
    assert not re.search(line, out_of("measure", *JUNE, "--indicator", "urgent"))
    edit(polled, "value: 60}", "value: 60}, {date: 2020-06-15, value: 61}")
    assert not re.search(line, out_of("measure", *JUNE))


def test_corrections_are_named_as_far_as_they_were_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """59 of 31 May, seen on 5 June; 60 on the 15th; 61 of 18 June on the 20th, gone on the 25th."""
    file = write_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    texts = ["value: 59}", "value: 60}", "value: 60}, {date: 2020-06-18, value: 61}", "value: 60}"]
    for day, before, after in zip((5, 15, 20, 25), ["value: 59}", *texts], texts, strict=False):
        edit(file, before, after)
        monkeypatch.setattr(poll, "now", lambda day=day: at(f"2020-06-{day:02} 08:00"))
        assert run_here("poll").code == 0
    may = "engagement, 2020-05-31: value 59 until Mon 2020-06-15 08:00:00"
    june = "engagement, 2020-06-18: value 61 until Thu 2020-06-25 08:00:00"
    ledger = [
        "2020-05-31: value 59 (seen Fri 2020-06-05 08:00:00",
        "2020-05-31: value 60 (seen Mon 2020-06-15 08:00:00",
        "2020-06-18: value 61 (seen Sat 2020-06-20 08:00:00",
        "2020-06-18: taken back (seen Thu 2020-06-25 08:00:00",
    ]
    for day, named, seen in (
        ("01", [], 0),
        ("14", [], 1),
        ("16", [may], 2),
        ("21", [], 3),  # what is shown was not another one before
        ("26", [may, june], 4),
    ):
        now = ["--now", f"2020-06-{day}T12:00"]
        words = out_of("measure", *JUNE, *now)
        assert [line for line in (may, june) if line in words] == named, day
        explained = out_of("explain", "engagement", *JUNE, *now)
        assert [line for line in ledger if line in explained] == ledger[:seen], day
        assert ("replaced since" in explained) == (seen > 1)
    words = out_of("measure", "--period", "2020-05", "--now", "2020-06-26T12:00")
    assert may in words and june not in words  # that was not of May


def test_a_mean_that_is_not_quite_its_target_is_not_shown_as_if_it_were(polled: Path) -> None:
    edit(polled, '"<= 10 business_days"', '"<= 1.7 business_days"')
    restated("measure", *JUNE, *NOW)
    figure = json.loads(
        out_of("measure", *JUNE, *NOW, "--indicator", "handling", "--format", "json")
    )[0]
    assert figure["value"] != 1.7 * 9 * 3600
    table = out_of("measure", *JUNE, *NOW, "--indicator", "handling")
    row = next(line for line in table.splitlines() if line.startswith("Mean handling time"))
    assert "1.7 business days" not in row.replace("at most 1.7 business days", "")


def test_what_if_stands_beside_what_is_in_force_or_nothing(polled: Path) -> None:
    assert run_here("poll", "--commit").code == 0
    edit(polled, "within: 30min", "within: 5h")
    done = run_here("what-if", *JUNE, *NOW, "--set", "rules.min_n=2")
    assert (done.code, done.out) == (2, "")
    assert "indicators.urgent.within: 30min → 5h, for records from 2020-06-15 on" in done.err
    restated("measure", *JUNE, *NOW)
    assert "In force" in out_of("what-if", *JUNE, *NOW, "--set", "rules.min_n=2")


def test_after_another_map_figures_are_stale_until_the_source_was_read_anew(polled: Path) -> None:
    edit(
        polled,
        "type: csv_tickets, ",
        "type: csv_tickets, map: {priority: {high: urgent, normal: normal}}, ",
    )
    done = run_here("measure", *JUNE, *NOW, "--restate", "--indicator", "urgent")
    assert (
        "desk: its settings now yield other records; the next poll reads it from the beginning"
        in done.err
    )
    assert "◷ Stale" in done.out
    assert run_here("poll").code == 0
    assert "◷ Stale" not in out_of("measure", *JUNE, *NOW, "--indicator", "urgent")
