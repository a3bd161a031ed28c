"""Rules about sources and the collector itself, evaluated by promtool."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.config.checks.alerts import alert_findings
from collector.monitoring.alerts.rules import rules_digest
from collector.monitoring.alerts.source_rules import source_rules
from tests.worlds.measured import RESPONSE, settings_of
from tests.worlds.promtool import Alert, board, firing, promtool, series

STALE = "ServicedeskSourceStale"
NEVER = "ServicedeskSourceNeverRead"
NOT_RECONCILED = "ServicedeskSourceNotReconciled"
REJECTING = "ServicedeskSourceRejecting"
OUTDATED = "ServicedeskRulesOutdated"
ABSENT = "ServicedeskCollectorAbsent"
OPEN = 'calendar_open{calendar="office"}'
READ = 'source_last_success_timestamp_seconds{source="desk"}'
MEASURED = "measured_timestamp_seconds"
HOUR = 3600


def _severities(alerts: list[Alert]) -> list[str]:
    return sorted(each.labels["severity"] for each in alerts)


def test_a_source_that_is_not_read_any_more(tmp_path: Path) -> None:
    """Stale after a quarter of an hour, as its figures are."""
    given = series(60, {READ: "0+60x10 600x49"})
    found = firing(tmp_path, STALE, given, [27, 28, 30, 31])
    told = {minute: _severities(alerts) for minute, alerts in found.items()}
    assert told == {27: [], 28: ["warn"], 30: ["warn"], 31: ["page", "warn"]}
    assert {each.labels["source"] for each in found[31]} == {"desk"}
    assert found[28][0].annotations["summary"] == "desk has not been read for 18m 0s"


def test_at_night_it_wakes_nobody(tmp_path: Path) -> None:
    found = firing(tmp_path, STALE, series(60, {READ: "0x60", OPEN: "0x60"}), [59])
    assert _severities(found[59]) == ["warn"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="all is well"),
        pytest.param({READ: "0x9 600+60x50"}, id="read again in time"),
        pytest.param(
            {
                READ: "0x60",
                'source_stale_after_seconds{source="desk"}': "10800x60",
            },
            id="read once an hour",
        ),
        pytest.param({READ: "0x60", MEASURED: "0x60"}, id="the collector stands still"),
        pytest.param({READ: None}, id="never read is another alert"),
    ],
)
def test_no_source_is_stale(tmp_path: Path, changes: dict[str, str | None]) -> None:
    found = firing(tmp_path, STALE, series(60, changes), [9, 25, 59])
    assert found == {9: [], 25: [], 59: []}


def test_a_source_that_never_answered(tmp_path: Path) -> None:
    given = series(90, {READ: None, 'source_up{source="desk"}': "0x90"})
    found = firing(tmp_path, NEVER, given, [59, 60, 89])
    assert [[a.labels["source"] for a in found[m]] for m in (59, 60, 89)] == [
        [],
        ["desk"],
        ["desk"],
    ]
    first_reading = series(90, {READ: "_x40 2400+60x49"})
    assert firing(tmp_path, NEVER, first_reading, [59, 61, 89]) == {59: [], 61: [], 89: []}


def _rejected(values: str, reason: str = "unmapped") -> dict[str, str | None]:
    return {f'source_rejected_total{{source="desk",reason="{reason}"}}': values}


@pytest.mark.parametrize(
    ("changes", "alerts"),
    [
        pytest.param(_rejected("5x99 7x99"), {90: 0, 101: 1, 158: 1, 175: 0}, id="two more"),
        pytest.param(_rejected("_x99 1x99"), {90: 0, 101: 1, 175: 0}, id="the first one ever"),
        pytest.param(
            {**_rejected("5x199"), **_rejected("_x99 1x99", "bad_number")},
            {90: 0, 101: 1, 175: 0},
            id="the first one for another reason",
        ),
        pytest.param(_rejected("500x199"), {90: 0, 175: 0}, id="none lately"),
        pytest.param(_rejected("500x99 0x99"), {101: 0, 175: 0}, id="another store"),
        pytest.param(_rejected(f"5x99 {'stale ' * 5} 5x94"), {101: 0, 106: 0}, id="a restart"),
        pytest.param(
            {**_rejected("_x99 9x99"), 'source_up{source="desk"}': "_x99 1x99"},
            {97: 0, 101: 1, 150: 1, 175: 0},
            id="a first start, or a Prometheus without a memory",
        ),
        pytest.param(
            _rejected("5x10 stale _x99 9x89"),
            {105: 0, 115: 1, 165: 1, 190: 0},
            id="caught up after a break",
        ),
        pytest.param({}, {175: 0}, id="never any"),
    ],
)
def test_records_that_cannot_be_used(
    tmp_path: Path, changes: dict[str, str | None], alerts: dict[int, int]
) -> None:
    found = firing(tmp_path, REJECTING, series(200, changes), list(alerts))
    assert {minute: len(each) for minute, each in found.items()} == alerts
    number = {"5x99 7x99": "2", "_x99 9x99": "9"}.get(next(iter(changes.values()), ""), "1")
    for each in found.get(101, []):
        assert each.annotations["summary"].startswith(f"{number} records of desk")


def test_rules_of_another_configuration(tmp_path: Path) -> None:
    def told(changes: dict[str, str | None]) -> list[int]:
        found = firing(tmp_path, OUTDATED, series(60, changes), [14, 15, 59])
        return [len(found[minute]) for minute in (14, 15, 59)]

    other, own = (
        'alert_rules_info{digest="other"}',
        f'alert_rules_info{{digest="{rules_digest(board())}"}}',
    )
    assert told({other: "1x60"}) == [0, 1, 1]
    assert told({own: "1x60"}) == [0, 0, 0]
    assert told({other: "1x9", own: "_x9 1x50"}) == [0, 0, 0], "an update of both"
    assert told({}) == [0, 0, 0], "a release that does not tell"


def test_no_collector(tmp_path: Path) -> None:
    found = firing(tmp_path, ABSENT, {"up": "0x60"}, [4, 5, 9, 10])
    told = {minute: _severities(alerts) for minute, alerts in found.items()}
    assert told == {4: [], 5: ["warn"], 9: ["warn"], 10: ["page", "warn"]}


def test_a_collector_that_answers_and_does_not_measure(tmp_path: Path) -> None:
    still = firing(tmp_path, ABSENT, series(60, {MEASURED: "0x60"}), [10, 11, 59])
    assert [_severities(still[m]) for m in (10, 11, 59)] == [[], ["warn"], ["page", "warn"]]
    never = firing(tmp_path, ABSENT, series(60, {MEASURED: None}), [59])
    assert _severities(never[59]) == ["page", "warn"]


def test_a_restart_is_no_absence(tmp_path: Path) -> None:
    given = series(60, {MEASURED: f"0+60x20 {'stale ' * 4} 1500+60x34"})
    found = firing(tmp_path, ABSENT, given, [21, 24, 26, 59])
    assert not any(found.values())


def _change(calendar: str, to: str) -> str:
    return f'calendar_next_change_timestamp_seconds{{calendar="{calendar}",to="{to}"}}'


def _gone(opens: str | None, closes: str | None, calendar: str = "office") -> dict[str, str | None]:
    """The collector is there for ten hours, and tells at which hour a calendar changes next."""
    told = {_change(calendar, "open"): opens, _change(calendar, "closed"): closes}
    return {
        MEASURED: f"0+3600x10 {'stale ' * 300}",
        **{name: at and f"{int(at) * HOUR}x10 {'stale ' * 300}" for name, at in told.items()},
    }


@pytest.mark.parametrize(
    ("opens", "closes", "pages"),
    [
        pytest.param("31", "15", {12: True, 14: True, 20: False, 30: False, 32: True}, id="open"),
        pytest.param("79", "15", {14: True, 50: False, 78: False, 80: True}, id="on a Friday"),
        pytest.param("24", "33", {12: False, 23: False, 25: True, 32: True}, id="at night"),
        pytest.param("200", "209", {12: False, 199: False, 201: True}, id="before a long holiday"),
        pytest.param(None, None, {12: True, 200: True}, id="never closed, or nothing is known"),
        pytest.param(None, "15", {12: True, 20: True}, id="closes for good: it never wakes less"),
    ],
)
def test_without_a_collector_it_goes_by_what_was_told_last(
    tmp_path: Path, opens: str | None, closes: str | None, pages: dict[int, bool]
) -> None:
    given = series(300, _gone(opens, closes), step=HOUR)
    found = firing(tmp_path, ABSENT, given, [hour * 60 for hour in pages], step=HOUR)
    told = {minute // 60: "page" in _severities(alerts) for minute, alerts in found.items()}
    assert told == pages
    assert all("warn" in _severities(alerts) for alerts in found.values())


def test_a_holiday_a_week_ago_does_not_matter(tmp_path: Path) -> None:
    """Closed at this hour last week; the collector dies on an open day."""
    hours = "0x24 1x400"
    changes = {
        OPEN: hours,
        MEASURED: f"0+3600x170 {'stale ' * 20}",
        _change("office", "open"): f"{25 * HOUR}x24 {192 * HOUR}x145 {'stale ' * 20}",
        _change("office", "closed"): f"{33 * HOUR}x24 {180 * HOUR}x145 {'stale ' * 20}",
    }
    given = series(190, changes, step=HOUR)
    found = firing(tmp_path, ABSENT, given, [175 * 60, 185 * 60], step=HOUR)
    assert [_severities(alerts) for alerts in found.values()] == [["page", "warn"], ["warn"]]


def test_one_of_two_calendars_is_open(tmp_path: Path) -> None:
    response = {**RESPONSE, "records": {"priority": "urgent"}}
    settings = settings_of({"one": response, "two": {**response, "calendar": "always"}})
    given = series(300, _gone("31", "15"), step=HOUR)
    found = firing(tmp_path, ABSENT, given, [20 * 60], step=HOUR, settings=settings)
    assert _severities(found[20 * 60]) == ["page", "warn"]


SILENT = "ServicedeskSourceSilent"
QUIET = 'source_quiet_seconds{source="phone"}'


@pytest.mark.parametrize(
    ("changes", "alerts"),
    [
        pytest.param({QUIET: "32401x60"}, 1, id="longer than a day of open time"),
        pytest.param({QUIET: "32400x60"}, 0, id="a day"),
        pytest.param({QUIET: "0x60"}, 0, id="something new"),
        pytest.param({QUIET: None}, 0, id="nothing is known"),
        pytest.param({QUIET: "99999x60", OPEN: "0x60"}, 0, id="at night"),
        pytest.param(
            {QUIET: "99999x60", 'source_last_success_timestamp_seconds{source="phone"}': "0x60"},
            0,
            id="not read: that is another alert",
        ),
    ],
)
def test_a_source_that_is_read_and_silent(
    tmp_path: Path, changes: dict[str, str | None], alerts: int
) -> None:
    found = firing(tmp_path, SILENT, series(60, changes), [45])[45]
    assert [each.labels["source"] for each in found] == ["phone"] * alerts
    if found:
        text = "Nothing new in phone for 9h 0m 1s of open time"
        assert (found[0].labels["severity"], found[0].annotations["summary"]) == ("warn", text)


def test_sources_that_are_often_quiet_are_left_out(tmp_path: Path) -> None:
    given = series(60, {QUIET: "99999x60", QUIET.replace("phone", "desk"): "4000x60"})
    for quiet, expected in ((["phone"], ["desk"]), ([], ["desk", "phone"])):
        settings = settings_of(
            {"one": RESPONSE}, alerts={"page": [], "due_soon": {}, "quiet": quiet,
                                       "silent_after": "1h"}
        )  # fmt: skip
        found = firing(tmp_path, SILENT, given, [45], settings=settings)[45]
        assert sorted(each.labels["source"] for each in found) == expected
    unknown = settings_of({"one": RESPONSE}, alerts={"page": [], "due_soon": {}, "quiet": ["fax"]})
    assert list(alert_findings(unknown)) == [
        (("alerts", "quiet"), "there is no source 'fax'; configured: desk, phone")
    ]


def test_a_wrong_expectation_is_a_failure(tmp_path: Path) -> None:
    """That promtool itself evaluates: an alert that fires where none is expected fails it."""
    firing(tmp_path, ABSENT, {"up": "0x60"}, [30])
    done = promtool("test", "rules", tmp_path / "test.yml")
    assert done.returncode == 1
    assert "FAILED" in done.stdout + done.stderr


def test_a_telephone_system_that_tells_nothing_of_its_queues_is_warned_about() -> None:
    ami = {"type": "asterisk_ami", "host": "pbx", "user": "kpi", "secret": "${AMI_PASSWORD}"}
    settings = settings_of({"one": RESPONSE}, sources={"pbx": ami})
    (rule,) = [each for each in source_rules(settings) if each.name == STALE]
    assert (rule.severity, rule.labels["delivery"]) == ("warn", "queues")
    assert '"pbx"' in rule.expr


def test_a_source_that_cannot_be_reconciled_for_hours(tmp_path: Path) -> None:
    """A passing failure is made up for within the hour, and is no alert."""
    failed = 'source_reconciliation_failed{source="desk"}'
    passing = series(360, {failed: "0x9 1x120 0x240"}, step=60)
    assert firing(tmp_path, NOT_RECONCILED, passing, [130, 300]) == {130: [], 300: []}
    lasting = series(360, {failed: "0x9 1x360"}, step=60)
    found = firing(tmp_path, NOT_RECONCILED, lasting, [240, 260])
    assert {minute: _severities(alerts) for minute, alerts in found.items()} == {
        240: [], 260: ["warn"],
    }  # fmt: skip
    assert found[260][0].annotations["summary"] == "desk cannot be reconciled"


def test_a_source_without_reconciliation_has_no_rule_about_it() -> None:
    settings = settings_of({"answered": RESPONSE})
    assert NOT_RECONCILED not in {rule.name for rule in source_rules(settings)}
