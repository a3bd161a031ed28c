"""``init``: from an export as it is to a configuration that gives true figures."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.cli.demo.desk import Desk
from collector.cli.init.desks import DESKS
from collector.cli.init.times import guess_format
from collector.cli.init.words import (
    CALLS,
    TICKETS,
    guessed_columns,
    outcome_of,
    status_of,
    strictest_first,
)
from collector.config.loading.load import load_settings
from collector.sources import SOURCES
from tests.conformance.systems.bench import bench_of
from tests.conformance.systems.fake import SECRET
from tests.conformance.systems.jira_service_management import Fake as Jira
from tests.worlds.commands import COMMAND, Outcome, environment, run_here
from tests.worlds.paths import FIXTURES, ROOT
from tests.worlds.rt_lab import TOKEN, Lab
from tests.worlds.ticket_world import TEAMS

US = """Number,Opened,Priority,State,Responded,Resolved,Caller,Company
INC1,3/2/2026 8:00 AM,P1,Resolved,3/2/2026 8:20 AM,3/2/2026 10:00 AM,Anna Person,North
INC2,3/2/2026 8:00 AM,P1,Closed,3/2/2026 9:00 AM,3/2/2026 11:00 AM,Anna Person,South
INC3,3/25/2026 8:00 AM,P2,In Progress,3/25/2026 9:30 AM,,Anna Person,North
INC4,3/26/2026 8:00 AM,P3,On Hold - Vendor,,N/A,Anna Person,South
"""
SWEDISH = """Ärendenummer;Skapad;Prioritet;Läge;Första svar;Åtgärdat
1;2026-03-02 08:00;Akut;Löst;2026-03-02 08:20;2026-03-02 10:00
2;2026-03-02 08:00;Hög;Pågår;2026-03-02 12:00;Ej satt
3;2026-03-03 08:00;Låg;Vilande;;
"""
CALLS_FILE = """Samtals-ID;Kö;Starttid;Utfall;Väntetid
1;IT;02.03.2026 08:00:00;Besvarat;0:12
2;IT;02.03.2026 08:05:00;Tappat;1:30
3;Växel;02.03.2026 08:07:00;Mystik;0:50
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVICEDESK_KPI_CONFIG", raising=False)
    return tmp_path


def _refusal(outcome: Outcome) -> str:
    assert outcome.code == 2
    assert outcome.out == ""
    (line,) = outcome.err.splitlines()
    return line


def _figures(period: str) -> dict[str, tuple[int, int, int]]:
    """indicator → good, eligible, pending, after a check without a warning and a poll."""
    checked = run_here("check")
    assert (checked.code, checked.err) == (0, "")
    assert "all is well" in checked.out.splitlines()[-1]
    assert run_here("poll").code == 0
    done = run_here("measure", "--period", period, "--format", "json", "--now", "2026-04-01T00:00Z")
    return {f["indicator"]: (f["good"], f["eligible"], f["pending"]) for f in json.loads(done.out)}


def test_a_us_export_gives_true_figures(here: Path) -> None:
    (here / "tickets.csv").write_text(US)
    done = run_here("init", "csv_tickets", "tickets.csv", "--timezone", "America/New_York")
    assert done.code == 0
    settings = load_settings(here / "servicedesk.yaml")
    assert settings.priorities == ["P1", "P2", "P3"]
    assert (settings.alerts.page, settings.paging) == (None, ["P1"]), "without further settings"
    assert settings.organizations == ["North", "South"]
    assert settings.calendars["office"].holidays.country == "US"
    found = _figures("2026-03")
    assert found["p1_response"] == (1, 2, 0)
    assert found["p2_response"] == (1, 1, 0)
    assert found["p3_response"] == (0, 1, 0)
    # open since 25 and 26 March: five business days after those have not passed on 31 March
    assert found["resolved_in_time"] == (2, 2, 2)
    rules = run_here("measure", "--period", "2026-03").out.partition("rules: ")[2]
    assert "counted in the period in which the ticket was opened" in rules
    assert "queue" not in rules, "no calls are measured"
    (first, *_) = json.loads(run_here("measure", "--period", "2026-03", "--format", "json").out)
    assert [*first["title"], *first["rule"]] == ["en", "en"], "the languages in use"


def test_check_of_a_first_configuration_says_who_is_woken_as_the_docs_show_it(here: Path) -> None:
    (here / "tickets.csv").write_bytes((FIXTURES / "first_hour" / "tickets.csv").read_bytes())
    assert (
        run_here("init", "csv_tickets", "tickets.csv", "--timezone", "America/New_York").code == 0
    )
    said = run_here("check").out
    lines = said[said.index("alerts by") : said.index("servicedesk.yaml: all is well")]
    assert "  page  response overdue: P1 (office)\n" in lines
    for page in ("first-hour.md", "alerts.md"):
        assert lines in (ROOT / "docs" / page).read_text()


def test_what_was_guessed_is_said_line_by_line(here: Path) -> None:
    (here / "tickets.csv").write_text(US)
    said = run_here("init", "csv_tickets", "tickets.csv", "--timezone", "UTC").out
    for line in (
        "time zone: UTC",
        "opened_at: the column 'Opened', times as %m/%d/%Y %I:%M %p",
        "priorities, strictest first: P1, P2, P3 (1 first)",
        "status 'On Hold - Vendor': on_hold",
        "not used: 'Caller'",
        "servicedesk-kpi measure --period 2026-03",
    ):
        assert f"  {line}" in said.splitlines()
    assert "Anna" not in said + (here / "servicedesk.yaml").read_text()


def test_a_swedish_export_in_an_old_encoding(here: Path) -> None:
    (here / "t.csv").write_text(SWEDISH, encoding="cp1252")
    zone = ["--timezone", "Europe/Stockholm", "--language", "sv"]
    assert run_here("init", "csv_tickets", "t.csv", *zone).code == 0
    text = (here / "servicedesk.yaml").read_text()
    assert "title: Ärenden med prioritet Akut besvarade inom 30 min" in text
    assert "answered within" not in text
    assert load_settings(here / "servicedesk.yaml").priorities == ["Akut", "Hög", "Låg"]
    assert _figures("2026-03")["akut_response"] == (1, 1, 0)


def test_calls_with_words_and_clocks(here: Path) -> None:
    (here / "c.csv").write_text(CALLS_FILE)
    said = run_here("init", "csv_calls", "c.csv", "--timezone", "Europe/Stockholm").out
    assert "outcome 'Mystik': not known, taken for unanswered: correct it" in said
    assert "calls by queue: IT 2, Växel 1" in said
    found = _figures("2026-03")
    assert found["answered_20s"] == (1, 3, 0)


def test_a_queue_log(here: Path) -> None:
    log = FIXTURES / "asterisk" / "queue_log"
    done = run_here("init", "asterisk_queue_log", str(log), "--timezone", "Europe/Stockholm")
    assert done.code == 0
    assert "calls by queue: " in done.out
    checked = run_here("check")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.splitlines()[-1].startswith("servicedesk.yaml: all is well")
    rules = run_here("measure", "--period", "2020-07").out.partition("rules: ")[2]
    assert "calls that the system took out of the queue: count as unanswered" in rules
    assert "ticket" not in rules, "no tickets are measured"


@pytest.mark.parametrize(
    ("system", "location"),
    [
        ("asterisk_realtime", "sqlite:///queue_log.db"),
        ("asterisk_export", "queue_log.tsv"),
    ],
)
def test_a_queue_log_in_a_table(here: Path, system: str, location: str) -> None:
    recorded = FIXTURES / "asterisk" / "queue_log_realtime.sqlite3"
    (here / "queue_log.db").write_bytes(recorded.read_bytes())
    exported = FIXTURES / "asterisk_22" / "queue_log_table_datetime0.tsv"
    (here / "queue_log.tsv").write_bytes(exported.read_bytes())
    done = run_here("init", system, location, "--timezone", "Europe/Stockholm")
    assert (done.code, done.err) == (0, "")
    written = (here / "servicedesk.yaml").read_text()
    assert "    timezone: UTC" in written, "the names of the calls show it"
    assert "it-support" in written
    checked = run_here("check")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.splitlines()[-1].startswith("servicedesk.yaml: all is well")


def test_request_tracker(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RT_TOKEN", TOKEN)
    lab = Lab(Desk())
    with lab.running():
        for priority in (100, 50, 25, 75):
            lab.create(priority=priority)
        done = run_here("init", "request_tracker", lab.url, "--timezone", "UTC")
        assert done.code == 0, done.err
        assert "priority 100: urgent" in done.out
        assert "request_tracker" in (here / "servicedesk.yaml").read_text()
        assert TOKEN not in (here / "servicedesk.yaml").read_text()
        checked = run_here("check")
    assert (checked.code, checked.err) == (0, "")


OWN_PRIORITIES = {"topdesk": "urgent, low, whatever"}
"""The systems whose priorities have names of the desk's own, which need no map."""


@pytest.mark.parametrize("kind", DESKS)
def test_a_desk_over_http(here: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Its zone is found out, and what it has is said."""
    for name in ("USER", "PASSWORD", "APP_TOKEN"):
        monkeypatch.setenv(f"{kind.upper()}_{name}", SECRET if name != "USER" else "kpi")
    with bench_of(kind, monkeypatch) as bench:
        bench.world.reply(bench.world.open(priority="urgent"))
        bench.world.team(bench.world.open(priority="low"), TEAMS[1])
        bench.world.open(priority="whatever")
        done = run_here("init", kind, bench.url, "--timezone", bench.world.zone)
        assert done.code == 0, done.err
        own = kind in OWN_PRIORITIES
        assert f"{2 + own} tickets by team: " in done.out
        assert f"{'2' if kind == 'django_helpdesk' else TEAMS[1]} 1" in done.out
        assert ("not usable as it is, 1 tickets: priority '9" in done.out) is not own
        written = (here / "servicedesk.yaml").read_text()
        levels = OWN_PRIORITIES.get(kind, "urgent, high, normal, low")
        assert f"priorities: [{levels}]" in written
        source = written.partition("sources:")[2]
        if "timezone" in SOURCES[kind].model_fields:
            assert f"timezone: {bench.world.zone}" in source
        assert SECRET not in written
        checked = run_here("check")
    assert (checked.code, checked.err) == (0, "")


def test_zammad(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAMMAD_TOKEN", SECRET)
    with bench_of("zammad", monkeypatch) as bench:
        none = run_here("init", "zammad", bench.url)
        assert "no ticket is visible" in _refusal(none)
        for priority in ("urgent", "low", "normal"):
            bench.world.open(priority=priority)
        done = run_here("init", "zammad", bench.url, "--timezone", "UTC")
        assert done.code == 0, done.err
        assert "3 of the newest tickets, by group: Servicedesk 3" in done.out
        assert "priority 4 urgent: urgent" in done.out
        text = (here / "servicedesk.yaml").read_text()
        assert SECRET not in text and "priorities: [urgent, high, normal, low]" in text
        checked = run_here("check")
    assert (checked.code, checked.err) == (0, "")


def test_a_desk_without_a_login_says_which_variables_to_set(here: Path) -> None:
    done = run_here("init", "itop", "https://desk.example", "--timezone", "UTC")
    assert (done.code, done.out) == (2, "")
    assert "set the environment variables ITOP_TOKEN, or ITOP_USER and ITOP_PASSWORD" in done.err


@pytest.mark.parametrize("deployment", ["cloud", "data_center"])
def test_jira(here: Path, monkeypatch: pytest.MonkeyPatch, deployment: str) -> None:
    monkeypatch.setattr(Jira, "deployment", deployment)
    monkeypatch.setenv("JIRA_TOKEN", SECRET)
    monkeypatch.delenv("JIRA_USER", raising=False)
    if deployment == "cloud":
        monkeypatch.setenv("JIRA_USER", "kpi@example.org")
    with bench_of("jira_service_management", monkeypatch) as bench:
        bench.world.open()
        bench.world.status(bench.world.open(), "on_hold")
        done = run_here("init", "jira_service_management", bench.url, "--timezone", "UTC")
        assert done.code == 0, done.err
        assert "2 of the newest tickets, by project: Servicedesk 2" in done.out
        text = (here / "servicedesk.yaml").read_text()
        assert SECRET not in text and "projects: [SD]" in text
        assert ("deployment: data_center" in text) == (deployment == "data_center")
        checked = run_here("check")
    assert (checked.code, checked.err) == (0, "")


@pytest.mark.parametrize(
    ("name", "system"),
    [
        *((name, "csv_tickets") for name in ("jira_sv", "freshservice", "preamble", "four")),
        *((name, "csv_tickets") for name in ("ost5278", "units", "footer")),
        *((name, "csv_calls") for name in ("x3cx", "w_hms")),
    ],
)
def test_exports_from_the_field_are_understood(here: Path, name: str, system: str) -> None:
    (file,) = (FIXTURES / "field" / name).glob("*.csv")
    assert run_here("init", system, str(file), "--timezone", "UTC").code == 0
    assert run_here("check").code == 0


def test_a_date_that_can_be_read_in_two_ways_is_not_guessed(here: Path) -> None:
    (here / "t.csv").write_text("id,created,resolved\n1,03/04/2026 08:00,04/04/2026 08:00\n")
    line = _refusal(run_here("init", "csv_tickets", "t.csv"))
    assert "'03/04/2026 08:00' can be read with the day or the month first" in line
    assert "--dates day-first or --dates month-first" in line
    assert not (here / "servicedesk.yaml").exists()
    for order, form in (("day-first", "%d/%m/%Y %H:%M"), ("month-first", "%m/%d/%Y %H:%M")):
        out = f"{order}.yaml"
        assert run_here("init", "csv_tickets", "t.csv", "--dates", order, "--out", out).code == 0
        assert f'time_format: "{form}"' in (here / out).read_text()


def test_one_column_shows_the_order_of_another(here: Path) -> None:
    (here / "t.csv").write_text("id,created,resolved\n1,03/04/2026 08:00,15/04/2026 08:00\n")
    assert run_here("init", "csv_tickets", "t.csv").code == 0
    assert 'time_format: "%d/%m/%Y %H:%M"' in (here / "servicedesk.yaml").read_text()


def test_a_file_is_never_overwritten(here: Path) -> None:
    (here / "t.csv").write_text(US)
    (here / "servicedesk.yaml").write_text("mine")
    line = _refusal(run_here("init", "csv_tickets", "t.csv"))
    assert (
        line == "error: servicedesk.yaml exists already and is never overwritten; choose "
        "another --out"
    )
    assert (here / "servicedesk.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name the system and where it is, as in init csv_tickets FILE"),
        (["jira", "t.csv"], "there is no system 'jira'; there are: csv_calls, csv_tickets"),
        (["csv_tickets", "none.csv"], "none.csv: there is no such file"),
        (["csv_tickets", "empty.csv"], "empty.csv: is empty"),
        (["csv_tickets", "header.csv"], "header.csv: has a header but no rows"),
        (["csv_tickets", "odd.csv"], "no column looks like id or opened_at; name it with --column"),
        (["csv_tickets", "words.csv"], "'Created' holds no times in one known format"),
        (["csv_tickets", "t.csv", "--timezone", "Nowhere"], "'Nowhere' is no time zone"),
        (["csv_tickets", "t.csv", "--country", "XX"], "no holidays are known for 'XX'"),
        (["csv_tickets", "t.csv", "--column", "id"], "--column id: write it as FIELD=NAME"),
        (["csv_tickets", "t.csv", "--column", "id=Nr"], "has no column 'Nr'"),
        (["csv_tickets", "t.csv", "--column", "name=Number"], "--column name: is no field"),
        (["csv_tickets", "t.csv", "--out", "no/where.yaml"], "there is no folder no"),
        (["csv_tickets", "."], ".: is a folder; name its files, as in './*.csv'"),
        (["request_tracker", "http://127.0.0.1:1"], "RT_TOKEN is not set"),
        (
            ["topdesk", "http://127.0.0.1:1"],
            "set the environment variables TOPDESK_USER and TOPDESK_PASSWORD",
        ),
        (["json", "http://x"], "begin with the example config/examples/json.yaml"),
        (["zammad", "http://127.0.0.1:1"], "ZAMMAD_TOKEN is not set"),
        (["jira_service_management", "http://127.0.0.1:1"], "JIRA_TOKEN is not set"),
        (["request_tracker", "rt.example.org"], "rt.example.org: write the address as https://"),
        (["asterisk_queue_log", ""], "name the system and where it is"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_understood_is_refused(
    here: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.delenv("RT_TOKEN", raising=False)
    monkeypatch.delenv("TOPDESK_USER", raising=False)
    for name in ("RT_TOKEN", "ZAMMAD_TOKEN", "JIRA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    (here / "t.csv").write_text(US)
    (here / "empty.csv").write_text("")
    (here / "header.csv").write_text("id,created\n")
    (here / "odd.csv").write_text("Foo,Bar\n1,2\n")
    (here / "words.csv").write_text("id,Created\n1,yesterday\n2,today\n")
    assert says in _refusal(run_here("init", *arguments))
    assert not (here / "servicedesk.yaml").exists()


def test_it_asks_at_a_terminal(here: Path) -> None:
    (here / "t.csv").write_text("id,created,resolved\n1,03/04/2026 08:00,04/04/2026 08:00\n")
    answers = ["2", "t.csv", "Europe/London", "en", "day-first"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "init"], stdin=theirs, stdout=subprocess.PIPE, cwd=here, env=environment()
    ) as process:
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        assert process.stdout is not None
        said = process.stdout.read().decode()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, said
    assert "csv_tickets" in said
    text = (here / "servicedesk.yaml").read_text()
    assert "timezone: Europe/London" in text
    assert 'time_format: "%d/%m/%Y %H:%M"' in text


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2026-03-02 08:00", "N/A"], "iso"),
        (["2026-03-02", "2026-03-03"], "%Y-%m-%d"),
        (["1593590400"], "epoch"),
        (["3/2/2026 8:00 AM", "3/25/2026 9:00 PM"], "%m/%d/%Y %I:%M %p"),
        (["02.03.2026 08:00"], "%d.%m.%Y %H:%M"),
        (["01/jul/20 8:00 fm"], "%d/%b/%y %I:%M %p"),
        (["Wed Jul 01 08:00:00 2020"], "%a %b %d %H:%M:%S %Y"),
    ],
)
def test_formats_of_times(values: list[str], form: str) -> None:
    guess = guess_format(values)
    assert guess is not None
    assert (guess.form, guess.other) == (form, None)


@pytest.mark.parametrize("values", [["hello"], ["00:12"], ["12"], ["3/1/2026", "2026-03-01"]])
def test_what_is_no_format_of_times(values: list[str]) -> None:
    assert guess_format(values) is None


@pytest.mark.parametrize(
    ("found", "ordered"),
    [
        (["P3", "P1", "P2"], ["P1", "P2", "P3"]),
        (
            ["3 - Moderate", "1 - Critical", "2 - High"],
            ["1 - Critical", "2 - High", "3 - Moderate"],
        ),
        (["1 - Low", "3 - High"], ["3 - High", "1 - Low"]),
        (["Låg", "Hög", "Akut", "Normal"], ["Akut", "Hög", "Normal", "Låg"]),
        (["Lowest", "High", "Highest", "Odd"], ["Highest", "High", "Lowest", "Odd"]),
    ],
)
def test_priorities_are_put_in_order(found: list[str], ordered: list[str]) -> None:
    assert strictest_first(found)[0] == ordered


def test_columns_by_synonyms() -> None:
    header = ["Issue key", "Issue id", "Created", "Updated", "Labels", "Labels", "Resolved"]
    assert guessed_columns(header, TICKETS) == {
        "id": "Issue key", "opened_at": "Created", "resolved_at": "Resolved"
    }  # fmt: skip
    header = ["CallID", "Kö", "Call Time", "Result", "Wait (ms)"]
    assert guessed_columns(header, CALLS) == {
        "id": "CallID", "queue": "Kö", "entered_at": "Call Time", "outcome": "Result",
        "wait_seconds": "Wait (ms)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("meaning", "word", "ours"),
    [
        (outcome_of, "Answered", "answered"),
        (outcome_of, "Not answered", "unanswered"),
        (outcome_of, "Obesvarat", "unanswered"),
        (outcome_of, "No answer", "abandoned"),
        (outcome_of, "Foo", None),
        (status_of, "Waiting for customer", "on_hold"),
        (status_of, "Stängt", "closed"),
        (status_of, "Foo", None),
    ],
)
def test_words_of_systems(
    meaning: Callable[[str], str | None], word: str, ours: str | None
) -> None:
    assert meaning(word) == ours


# -- columns that cannot be used, and words that are not known -------------------------------------


def test_what_no_column_tells_is_said_and_left_out(here: Path) -> None:
    """Nothing is guessed from a column that holds nothing usable."""
    many = "".join(f"{n},2026-03-{n:02} 08:00,org {n},P{n},soon,open\n" for n in range(1, 16))
    (here / "t.csv").write_text("id,created,company,priority,resolved,status\n" + many)
    done = run_here("init", "csv_tickets", "t.csv")
    assert done.code == 0, done.err
    assert "priority: 'priority' holds 15 different values: left out" in done.out
    assert "organization: 'company' holds 15 different values: left out" in done.out
    assert "resolved_at: 'resolved' holds no times in one known format, as in 'soon'" in done.out
    assert "only the number of tickets can be measured" in done.out
    settings = load_settings(here / "servicedesk.yaml")
    assert settings.organizations == []
    assert {each.kind for each in map(settings.indicator, settings.indicators)} == {"count"}


def test_an_export_of_calls_that_does_not_tell_how_they_ended_is_refused(here: Path) -> None:
    (here / "c.csv").write_text("id,queue,started\n1,IT,2026-03-02 08:00\n")
    line = _refusal(run_here("init", "csv_calls", "c.csv"))
    assert "no column tells how a call ended; name one with --column outcome=NAME" in line
    assert "the columns are: 'id', 'queue', 'started'" in line


def test_a_column_of_durations_that_holds_none_is_left_out(here: Path) -> None:
    (here / "c.csv").write_text(
        "id,queue,started,outcome,wait\n"
        "1,IT,2026-03-02 08:00,answered,short\n2,IT,2026-03-02 08:05,abandoned,long\n"
    )
    done = run_here("init", "csv_calls", "c.csv", "--column", "wait_seconds=wait")
    assert done.code == 0, done.err
    assert "wait_seconds: 'wait' holds no durations, as in 'short': left out" in done.out
    assert "wait_seconds: wait" not in (here / "servicedesk.yaml").read_text()


def test_times_that_cannot_be_read_are_counted(here: Path) -> None:
    rows = "".join(f"{n},2026-03-{n:02} 08:00,2026-03-{n:02} 09:00\n" for n in range(1, 29))
    (here / "t.csv").write_text(f"id,created,resolved\n{rows}29,2026-03-29 08:00,later\n")
    done = run_here("init", "csv_tickets", "t.csv")
    assert done.code == 0, done.err
    assert "'resolved': 1 times cannot be read" in done.out


def test_a_queue_log_without_a_caller_is_refused(here: Path) -> None:
    (here / "queue_log").write_text("1600000000|NONE|NONE|NONE|QUEUESTART|\n")
    line = _refusal(run_here("init", "asterisk_queue_log", "queue_log"))
    assert "no call has entered a queue yet; give the log of a busy day" in line
