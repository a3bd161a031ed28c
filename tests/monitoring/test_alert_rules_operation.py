"""Rules about clocks, readiness and backups, evaluated by promtool."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.monitoring.alerts.rules import alert_groups
from tests.worlds.measured import RESPONSE, settings_of
from tests.worlds.promtool import firing, series

SKEW, NOT_READY, OLD = "ServicedeskClockSkew", "ServicedeskNotReady", "ServicedeskBackupOld"
OF_DESK = 'source_clock_skew_seconds{source="desk"}'
OF_STORE = "store_clock_skew_seconds"
BACKUP = "backup_timestamp_seconds"
OPEN = 'calendar_open{calendar="office"}'
MEASURED = "measured_timestamp_seconds"
KEEPS = settings_of({"answer": RESPONSE}, alerts={"backup_older_than": "30min"})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({OF_DESK: "0x9 301x50"}, "of desk differ by 5m 1s"),
        ({OF_DESK: "0x9 -3600x50"}, "of desk differ by 1h 0m 0s"),
        ({OF_STORE: "0x9 -3600x50"}, "of its database differ by 1h 0m 0s"),
        (
            {OF_DESK: "0x9 -3024000x50", MEASURED: "0+60x8 3024540+60x50"},
            "of desk differ by 35d 0h 0m 0s",  # ours is the wrong one, also for Prometheus
        ),
        (
            {f'{OF_STORE}{{instance="{n}"}}': s for n, s in (("a", "0x60"), ("b", "0x9 -360x50"))},
            "of its database differ by 6m 0s",  # that of one of two collectors
        ),
    ],
)
def test_a_clock_that_is_wrong(tmp_path: Path, changes: dict[str, str | None], says: str) -> None:
    found = firing(tmp_path, SKEW, series(60, changes), [19, 21, 59])
    assert [len(alerts) for alerts in found.values()] == [0, 1, 1], "after ten minutes"
    assert says in found[21][0].annotations["summary"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="no clock is known"),
        pytest.param({OF_DESK: "300x60", OF_STORE: "-300x60"}, id="within the limit"),
        pytest.param({OF_DESK: "0x9 900x5 0x45"}, id="one slow answer"),
        pytest.param({OF_DESK: "900x60", MEASURED: "0x60"}, id="the collector stands still"),
    ],
)
def test_no_clock_is_wrong(tmp_path: Path, changes: dict[str, str | None]) -> None:
    found = firing(tmp_path, SKEW, series(60, changes), [9, 24, 58])
    assert found == {9: [], 24: [], 58: []}


def test_a_collector_that_is_not_ready(tmp_path: Path) -> None:
    """Also when its store is gone, and it measures no more; and one of two."""
    given = series(60, {"ready": "1x9 0x50", MEASURED: "0x60", 'ready{instance="b"}': "1x60"})
    found = firing(tmp_path, NOT_READY, given, [19, 21, 59])
    assert [len(alerts) for alerts in found.values()] == [0, 1, 1], "after ten minutes"


def test_a_store_at_fault_is_told_also_where_a_source_was_never_read(tmp_path: Path) -> None:
    never = {'source_last_success_timestamp_seconds{source="desk"}': None}
    given = series(60, {"ready": "0x60", "store_up": "1x9 0x50", **never})
    found = firing(tmp_path, NOT_READY, given, [19, 21, 59])
    assert [len(alerts) for alerts in found.values()] == [0, 1, 1], "after ten minutes"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"ready": "1x60"}, id="ready"),
        pytest.param({}, id="gone is another alert"),
        pytest.param({"ready": "0x8 1x51"}, id="it has just been started"),
        pytest.param(
            {"ready": "0x60", 'source_last_success_timestamp_seconds{source="desk"}': None},
            id="the first reading takes long",
        ),
    ],
)
def test_no_collector_is_unready(tmp_path: Path, changes: dict[str, str | None]) -> None:
    found = firing(tmp_path, NOT_READY, series(60, changes), [9, 24, 58])
    assert found == {9: [], 24: [], 58: []}


def test_a_backup_that_is_too_old(tmp_path: Path) -> None:
    given = series(60, {BACKUP: "0x60"})
    found = firing(tmp_path, OLD, given, [44, 47], settings=KEEPS)
    assert [len(alerts) for alerts in found.values()] == [0, 1], "half an hour, and a quarter"
    assert found[47][0].annotations["summary"] == "The last backup of the store is 47m 0s old"


def test_no_backup_at_all(tmp_path: Path) -> None:
    found = firing(tmp_path, OLD, series(60, {}), [44, 46], settings=KEEPS)
    assert [len(alerts) for alerts in found.values()] == [0, 1], "half an hour, and a quarter"
    assert found[46][0].annotations["summary"] == "The store has never been backed up"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({BACKUP: "0x9 540+60x50"}, id="backed up"),
        pytest.param({BACKUP: "0x60", OPEN: "0x60"}, id="nobody is there"),
        pytest.param({MEASURED: "0x60"}, id="the collector stands still"),
    ],
)
def test_no_backup_is_old(tmp_path: Path, changes: dict[str, str | None]) -> None:
    found = firing(tmp_path, OLD, series(60, changes), [9, 30, 58], settings=KEEPS)
    assert found == {9: [], 30: [], 58: []}


def test_backups_are_watched_only_where_an_age_is_set() -> None:
    without = settings_of({"answer": RESPONSE})
    assert OLD not in {rule.name for group in alert_groups(without) for rule in group.rules}
