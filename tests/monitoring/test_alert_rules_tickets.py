"""Rules about tickets and callers, evaluated by promtool."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.config.checks.warnings import warnings
from collector.monitoring.alerts.rules import alert_groups
from tests.worlds.measured import CALLS, RESOLUTION, RESPONSE, settings_of
from tests.worlds.promtool import firing, series

OVERDUE = "ServicedeskResponseOverdue"
UNANSWERED = 'tickets_unanswered_overdue_when_read{priority="urgent",organization="Laxå"}'
HIGH = 'tickets_unanswered_overdue_when_read{priority="high",organization="Laxå"}'
OPEN = 'calendar_open{calendar="office"}'
READ = 'source_last_success_timestamp_seconds{source="desk"}'
FROM_MINUTE_10 = "0x9 1x50"


def test_an_unanswered_urgent_ticket_wakes_somebody(tmp_path: Path) -> None:
    given = series(60, {UNANSWERED: FROM_MINUTE_10, HIGH: "0x60"})
    found = firing(tmp_path, OVERDUE, given, [10, 11, 59])
    assert found[10] == [], "clocks may be a minute apart"
    (alert,) = found[11]
    assert found[59] == [alert]
    assert alert.labels == {
        "alertname": OVERDUE,
        "severity": "page",
        "priority": "urgent",
        "organization": "Laxå",
        "sources": "desk",
    }
    said = alert.annotations
    assert said["summary"] == "1 unanswered past the deadline: tickets of priority urgent, Laxå"
    assert said["summary_sv"] == "1 utan återkoppling i tid: ärenden med prioritet urgent, Laxå"
    assert said["runbook_url"] == "https://kpi.example.org/runbook/response-overdue"
    assert said["explain_url"] == (
        "https://kpi.example.org/open?priority=urgent&organization=Lax%C3%A5"
    )


def test_other_priorities_warn(tmp_path: Path) -> None:
    (alert,) = firing(tmp_path, OVERDUE, series(60, {HIGH: "3x60"}), [30])[30]
    assert (alert.labels["severity"], alert.labels["priority"]) == ("warn", "high")
    assert alert.annotations["summary"].startswith("3 unanswered")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({UNANSWERED: "0x60"}, id="nothing is overdue"),
        pytest.param({UNANSWERED: None}, id="no such series"),
        pytest.param({UNANSWERED: " ".join(["NaN"] * 60)}, id="NaN"),
        pytest.param({UNANSWERED: "0x29 1 0x30"}, id="answered in time, by a clock that is behind"),
        pytest.param({OPEN: "0x60"}, id="at night, on Sundays, on holidays"),
        pytest.param({OPEN: None}, id="nobody knows whether it is open"),
        pytest.param({"measured_timestamp_seconds": "0x60"}, id="the gauges stand still"),
        pytest.param({READ: "0x60"}, id="the ticket system is stale"),
        pytest.param({READ: None}, id="the ticket system never answered"),
        pytest.param({READ: " ".join(["NaN"] * 60)}, id="nobody knows when it was read"),
        pytest.param({'source_stale_after_seconds{source="desk"}': None}, id="no limit is known"),
    ],
)
def test_silent(tmp_path: Path, changes: dict[str, str | None]) -> None:
    given = series(60, {UNANSWERED: "1x60", **changes})
    assert firing(tmp_path, OVERDUE, given, [30, 45, 58]) == {30: [], 45: [], 58: []}
    healthy = series(60, {UNANSWERED: "1x60"})
    assert firing(tmp_path, OVERDUE, healthy, [58])[58], "and without that it fires"


def test_every_source_of_tickets_must_be_fresh(tmp_path: Path) -> None:
    two = {name: {"type": "csv_tickets", "path": f"{name}.csv"} for name in ("desk", "branch")}
    settings = settings_of({"one": {**RESPONSE, "records": {"priority": "urgent"}}}, sources=two)
    branch = 'source_last_success_timestamp_seconds{source="branch"}'
    given = {UNANSWERED: "1x60", 'source_stale_after_seconds{source="branch"}': "900x60"}
    for read, alerts in ((None, 0), ("0x60", 0), ("0+60x60", 1)):
        changed = series(60, {**given, branch: read})
        found = firing(tmp_path, OVERDUE, changed, [58], settings=settings)
        assert len(found[58]) == alerts, read


def test_each_priority_has_the_hours_of_its_own_deadlines(tmp_path: Path) -> None:
    settings = settings_of(
        {
            "urgent": {**RESPONSE, "records": {"priority": "urgent"}, "calendar": "always"},
            "high": {**RESPONSE, "records": {"priority": "high"}},
        }
    )
    night = {OPEN: "0x60", 'calendar_open{calendar="always"}': "1x60"}
    given = series(60, {UNANSWERED: "1x60", HIGH: "1x60", **night})
    (alert,) = firing(tmp_path, OVERDUE, given, [58], settings=settings)[58]
    assert alert.labels["priority"] == "urgent"


def test_tickets_without_a_priority(tmp_path: Path) -> None:
    settings = settings_of({"any": RESPONSE})
    nameless = 'tickets_unanswered_overdue_when_read{organization="Laxå"}'
    found = firing(tmp_path, OVERDUE, series(60, {nameless: "1x60"}), [58], settings=settings)
    (alert,) = found[58]
    assert "priority" not in alert.labels
    assert alert.annotations["summary"].endswith("tickets without a priority, Laxå")


def test_tickets_of_a_priority_that_is_not_listed_warn(tmp_path: Path) -> None:
    settings = settings_of({"any": RESPONSE}, server={"url": "https://k.example.org"})
    others = 'tickets_unanswered_overdue_when_read{priority="other",organization="other"}'
    found = firing(tmp_path, OVERDUE, series(60, {others: "2x60"}), [58], settings=settings)
    (alert,) = found[58]
    assert (alert.labels["severity"], alert.labels["priority"]) == ("warn", "other")
    assert alert.annotations["summary"].endswith("tickets of other priorities, other")
    assert alert.annotations["explain_url"].endswith("/open?priority=other&organization=other")


def test_a_desk_that_tells_no_organizations_apart_names_none(tmp_path: Path) -> None:
    settings = settings_of({"any": RESPONSE}, organizations=[])
    others = 'tickets_unanswered_overdue_when_read{priority="urgent",organization="other"}'
    found = firing(tmp_path, OVERDUE, series(60, {others: "2x60"}), [58], settings=settings)
    (alert,) = found[58]
    assert alert.annotations["summary"].endswith("tickets of priority urgent")


def test_an_indicator_of_a_priority_that_is_not_listed_alerts_as_other() -> None:
    settings = settings_of({"one": {**RESPONSE, "records": {"priority": "P9"}}})
    rules = [rule for group in alert_groups(settings) for rule in group.rules]
    assert [rule.of for rule in rules if rule.name == OVERDUE] == ["other"]


def test_the_strictest_priority_pages_whatever_it_is_called() -> None:
    settings = settings_of({"any": RESPONSE}, priorities=["P1", "P2", "P3", "P4"])
    rules = {
        rule.of: rule for g in alert_groups(settings) for rule in g.rules if rule.name == OVERDUE
    }
    severities = {of: rule.severity for of, rule in rules.items()}
    assert severities == {
        "P1": "page", "P2": "warn", "P3": "warn", "P4": "warn", "other": "warn", "": "warn",
    }  # fmt: skip
    assert settings.due_soon == {"P1": 600, "P2": 1800, "P3": 3600}


def test_a_priority_that_looks_like_a_template(tmp_path: Path) -> None:
    name = 'P1 {{ "akut" }}\\'
    settings = settings_of({"any": RESPONSE}, priorities=[name])
    whose = 'priority="P1 {{ \\"akut\\" }}\\\\",organization="Laxå"'
    own = f"tickets_unanswered_overdue_when_read{{{whose}}}"
    found = firing(tmp_path, OVERDUE, series(60, {own: "1x60"}), [58], settings=settings)
    (alert,) = found[58]
    assert alert.labels["priority"] == name
    assert alert.annotations["summary"].endswith(f"tickets of priority {name}, Laxå")


def test_tickets_of_no_organization(tmp_path: Path) -> None:
    given = series(60, {'tickets_unanswered_overdue_when_read{priority="urgent"}': "2x60"})
    (alert,) = firing(tmp_path, OVERDUE, given, [58])[58]
    assert alert.annotations["summary"].endswith("tickets of priority urgent")
    assert alert.annotations["explain_url"].endswith("/open?priority=urgent")


def test_a_restart_of_the_collector_does_not_flap(tmp_path: Path) -> None:
    """It is gone for three minutes and comes back at another address; the alert stays the same."""
    gone = f"1x29 {'stale ' * 31}"
    before = 'instance="kpi:9109",job="servicedesk"'
    after = before.replace("9109", "9110")
    changes: dict[str, str | None] = {}
    for name, values in series(60, {UNANSWERED: "1x60"}).items():
        bare = name.removeprefix("servicedesk_").partition("{")[0]
        own = name.partition("{")[2].partition("job=")[0]
        ages = "timestamp" in name
        number = values.partition("x")[0]
        was = f"0+60x29 {'stale ' * 31}" if ages else gone.replace("1", number, 1)
        now = f"{'_ ' * 33}" + ("1980+60x27" if ages else f"{number}x27")
        changes |= {f"{bare}{{{own}{before}}}": was, f"{bare}{{{own}{after}}}": now}
    given = {f"servicedesk_{name}": values for name, values in changes.items() if values}
    found = firing(tmp_path, OVERDUE, given, [28, 30, 31, 32, 33, 34, 35, 50])
    assert {len(alerts) for alerts in found.values()} == {1}, found
    assert len({str(alerts[0].labels) for alerts in found.values()}) == 1


def test_it_ends_soon_after_the_desk_closes(tmp_path: Path) -> None:
    given = series(60, {UNANSWERED: "1x60", OPEN: "1x19 0x40"})
    found = firing(tmp_path, OVERDUE, given, [19, 23, 26])
    assert [len(alerts) for alerts in found.values()] == [1, 1, 0]


def test_answered_but_not_solved_in_time(tmp_path: Path) -> None:
    overdue = 'tickets_overdue_when_read{priority="urgent",organization="Laxå"}'
    late = series(60, {overdue: "2x60", UNANSWERED: "1x60"})
    (alert,) = firing(tmp_path, "ServicedeskResolutionOverdue", late, [30])[30]
    assert alert.labels["severity"] == "warn"
    assert alert.annotations["summary"].startswith("1 past the deadline for being solved")
    unanswered = series(60, {overdue: "1x60", UNANSWERED: "1x60"})
    assert firing(tmp_path, "ServicedeskResolutionOverdue", unanswered, [30]) == {30: []}


HOUR = 3600
NORMAL = 'tickets_overdue{priority="normal",organization="Laxå"}'


@pytest.mark.parametrize(
    ("values", "alerts"),
    [
        pytest.param("10x190 16x10", 1, id="half as many again"),
        pytest.param("10x190 15x10", 0, id="not so many"),
        pytest.param("10x60 16 10x130 16x10", 0, id="as many as on Tuesday"),
        pytest.param("2x190 4x10", 0, id="few"),
        pytest.param("_x150 10x40 30x10", 0, id="too short a memory"),
        pytest.param("10x190 NaN NaN NaN NaN NaN NaN", 0, id="NaN"),
    ],
)
def test_the_backlog_grows(tmp_path: Path, values: str, alerts: int) -> None:
    given = series(200, {NORMAL: values}, step=HOUR)
    found = firing(tmp_path, "ServicedeskBacklogGrows", given, [195 * 60], step=HOUR)
    assert len(found[195 * 60]) == alerts


def test_only_priorities_that_wake_somebody_tell_of_each_ticket_not_solved(tmp_path: Path) -> None:
    settings = settings_of({"solved": {**RESOLUTION, "records": {"priority": "normal"}}})
    given = series(60, {NORMAL: "4x60"})
    with pytest.raises(AssertionError, match="there is no alert"):
        firing(tmp_path, "ServicedeskResolutionOverdue", given, [30], settings=settings)
    found = firing(tmp_path, "ServicedeskBacklogGrows", given, [30], settings=settings)
    assert found == {30: []}


def test_a_deadline_is_near(tmp_path: Path) -> None:
    """Due in an hour: told ten minutes before, less what a poll may have to be waited for."""
    urgent = 'ticket_next_deadline_timestamp_seconds{priority="urgent",organization="Laxå"}'
    high = urgent.replace("urgent", "high")
    given = series(70, {urgent: "3600x70", high: "3600x70"})
    found = firing(tmp_path, "ServicedeskDueSoon", given, [31, 49, 52, 60, 65])
    told = {minute: [a.labels["priority"] for a in alerts] for minute, alerts in found.items()}
    assert told == {31: [], 49: ["high"], 52: ["high", "urgent"], 60: ["high", "urgent"], 65: []}
    severities = {a.labels["priority"]: a.labels["severity"] for a in found[52]}
    assert severities == {"urgent": "warn", "high": "info"}
    (alert,) = [a for a in found[52] if a.labels["priority"] == "urgent"]
    assert alert.annotations["summary"].startswith("A deadline in 8m 0s: ")
    night = series(70, {urgent: "3600x70", OPEN: "0x70"})
    assert firing(tmp_path, "ServicedeskDueSoon", night, [55]) == {55: []}


WAITED = 'calls_waiting_when_read_seconds{queue="it"}'
ONE_WAITS = "_x10 0+60x50"


def test_a_caller_waits(tmp_path: Path) -> None:
    given = series(60, {WAITED: ONE_WAITS, READ: "0x60"})
    found = firing(tmp_path, "ServicedeskCallerWaits", given, [12, 13, 14, 50])
    assert [len(alerts) for alerts in found.values()] == [0, 0, 1, 1]
    (alert,) = found[14]
    assert alert.annotations["summary"] == "A caller has waited 4m 0s in it"
    assert alert.labels["severity"] == "warn"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({WAITED: None}, id="nobody waits"),
        pytest.param({WAITED: "60x60"}, id="each is answered within a minute"),
        pytest.param({WAITED: "180x60"}, id="nobody has been read since"),
        pytest.param({OPEN: "0x60"}, id="closed"),
        pytest.param({'source_last_success_timestamp_seconds{source="phone"}': "0x60"}, id="stale"),
    ],
)
def test_no_caller_waits(tmp_path: Path, changes: dict[str, str | None]) -> None:
    given = series(60, {WAITED: "0+60x60", **changes})
    assert firing(tmp_path, "ServicedeskCallerWaits", given, [30, 50]) == {30: [], 50: []}
    healthy = series(60, {WAITED: "0+60x60"})
    assert firing(tmp_path, "ServicedeskCallerWaits", healthy, [50])[50], "else it fires"


def test_without_telephone_there_is_no_rule_about_callers() -> None:
    sources = {"desk": {"type": "csv_tickets", "path": "tickets.csv"}}
    settings = settings_of({"one": RESPONSE, "calls": CALLS}, sources=sources)
    assert "servicedesk-calls" not in {group.name for group in alert_groups(settings)}


def _waits(every: str, **alerts: object) -> dict[str, int]:
    """``for`` of the rules about urgent tickets, with a second ticket system read so often."""
    sources = {
        "desk": {"type": "csv_tickets", "path": "desk.csv"},
        "facility": {"type": "csv_tickets", "path": "facility.csv", "every": every},
    }
    response = {**RESPONSE, "records": {"priority": "urgent"}}
    solved = {**RESOLUTION, "records": {"priority": "urgent"}}
    more = {"alerts": alerts} if alerts else {}
    settings = settings_of({"one": response, "two": solved}, sources=sources, **more)
    rules = (
        rule for group in alert_groups(settings) for rule in group.rules if rule.of == "urgent"
    )
    return {rule.name.removeprefix("Servicedesk"): rule.for_seconds for rule in rules}


@pytest.mark.parametrize(
    ("every", "soon"), [("10s", 120), ("2m", 240), ("5m", 300), ("6h", 300), ("1d", 300)]
)
def test_a_source_that_is_read_seldom_silences_nothing(every: str, soon: int) -> None:
    """Half of the ten minutes before a deadline are left to act in; what is overdue is counted as
    of the last reading of its own source."""
    waits = _waits(every)
    assert waits["ResponseOverdue"] == waits["ResolutionOverdue"] == 60
    assert waits["DueSoon"] == soon


def test_a_page_beside_a_source_that_is_read_every_six_hours(tmp_path: Path) -> None:
    sources = {
        "desk": {"type": "csv_tickets", "path": "desk.csv"},
        "facility": {"type": "csv_tickets", "path": "facility.csv", "every": "6h"},
    }
    settings = settings_of(
        {"one": {**RESPONSE, "records": {"priority": "urgent"}}}, sources=sources
    )
    given = {
        UNANSWERED: FROM_MINUTE_10,
        'ticket_next_deadline_timestamp_seconds{priority="urgent",organization="Laxå"}': "3600x60",
        'source_last_success_timestamp_seconds{source="facility"}': "0x60",
        'source_stale_after_seconds{source="facility"}': "64800x60",
    }
    found = firing(tmp_path, OVERDUE, series(60, given), [10, 11], settings=settings)
    assert [len(alerts) for alerts in found.values()] == [0, 1]
    soon = firing(tmp_path, "ServicedeskDueSoon", series(60, given), [54, 55], settings=settings)
    assert [len(alerts) for alerts in soon.values()] == [0, 1]


BREAK = "0x12 780+60x50"
"""Read at 0 and not again before minute 13, which no limit of staleness notices."""


@pytest.mark.parametrize(("late", "alerts"), [("0x60", 0), ("0x12 1x50", 1)])
def test_a_break_in_reading(tmp_path: Path, late: str, alerts: int) -> None:
    """A deadline passes at minute 3 while nothing is read. Boards tell it as missed at once;
    whether it is to wake somebody only the next reading tells."""
    told = 'tickets_{}{{priority="urgent",organization="Laxå"}}'
    since = 'calls_waiting_since_timestamp_seconds{queue="it"}'
    passed, reads = "0x2 1x10 0x50", {READ: BREAK, READ.replace("desk", "phone"): BREAK}
    given = series(
        60,
        {
            told.format("unanswered_overdue"): passed if alerts == 0 else "0x2 1x60",
            told.format("overdue"): passed if alerts == 0 else "0x2 1x60",
            UNANSWERED: late,
            told.format("overdue_when_read"): late,
            since: "0x12",
            WAITED: "0x12",
            **reads,
        },
    )
    found = firing(tmp_path, OVERDUE, given, [6, 12, 14])
    assert [len(each) for each in found.values()] == [0, 0, alerts]
    for name in ("ServicedeskCallerWaits", "ServicedeskSourceStale"):
        assert firing(tmp_path, name, given, [6, 12]) == {6: [], 12: []}


@pytest.mark.parametrize(
    ("every", "due_soon", "warned"),
    [
        ("5m", "10min", False),
        ("6m", "10min", True),
        ("15m", "1h", False),
        ("16m", "1h", True),
        ("6h", "1h", True),
    ],
)
def test_check_names_a_source_that_is_read_too_seldom(
    every: str, due_soon: str, warned: bool
) -> None:
    sources = {
        "desk": {"type": "csv_tickets", "path": "desk.csv", "every": every},
        "phone": {"type": "csv_calls", "path": "calls.csv", "every": "1d"},
    }
    settings = settings_of(
        {"one": RESPONSE, "calls": CALLS},
        sources=sources,
        priorities=["urgent"],
        alerts={"page": [], "due_soon": {"urgent": due_soon}},
    )
    said = {place: text for place, text in warnings(settings) if place[-1] == "every"}
    assert list(said) == ([("sources", "desk", "every")] if warned else [])
    shortest = "10min" if due_soon == "10min" else "30min"
    assert all(text.startswith(f"is longer than half of {shortest},") for text in said.values())
