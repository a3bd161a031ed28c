"""Rules about the day, the year and frozen months, evaluated by promtool."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from collector.measuring.figures.statistics import binomial_threshold
from tests.worlds.measured import CALLS, settings_of
from tests.worlds.promtool import firing, series

DAY = "ServicedeskDayBelowTarget"
OPEN = 'calendar_open{calendar="office"}'
CALLS_READ = 'source_last_success_timestamp_seconds{source="phone"}'
TICKETS_READ = 'source_last_success_timestamp_seconds{source="desk"}'
HOUR = 3600


def _today(
    good: str, eligible: str, indicator: str = "answered_20s", target: float = 0.7
) -> dict[str, str | None]:
    """Figures of today, with the threshold that the collector exports for them."""
    samples = sum(int(part.partition("x")[2]) + 1 for part in eligible.split())
    counts = [int(part.partition("x")[0]) for part in eligible.split()]
    thresholds = [
        f"{binomial_threshold(n, 1 - target)}x{part.partition('x')[2]}"
        for n, part in zip(counts, eligible.split(), strict=True)
    ]
    of = f'{{indicator="{indicator}",period="today"}}'
    return {
        f"indicator_good{of}": good,
        f"indicator_eligible{of}": eligible,
        f'indicator_misses_threshold{{indicator="{indicator}"}}': " ".join(thresholds),
        f'indicator_target_ratio{{indicator="{indicator}"}}': f"{target}x{samples}",
    }


def test_more_misses_today_than_chance_explains(tmp_path: Path) -> None:
    """Of 150 calls 59 misses come by chance on a day of a hundred; half a deviation more is 62."""
    given = series(60, _today("88x60", "150x60"))
    found = firing(tmp_path, DAY, given, [14, 15, 59])
    assert [len(alerts) for alerts in found.values()] == [0, 1, 1]
    (alert,) = found[15]
    assert alert.labels == {
        "alertname": DAY,
        "severity": "warn",
        "indicator": "answered_20s",
        "sources": "phone",
    }
    assert alert.annotations["summary"] == (
        "62 misses today, more than chance explains: answered_20s"
    )
    assert alert.annotations["explain_url"].endswith("/indicator/answered_20s?period=today")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(_today("89x60", "150x60"), id="chance may explain it"),
        pytest.param(_today("110x60", "150x60"), id="on target"),
        pytest.param(_today("0x60", "29x60"), id="too few say too little"),
        pytest.param({OPEN: "0x60"}, id="closed"),
        pytest.param({CALLS_READ: "0x60"}, id="stale"),
        pytest.param({CALLS_READ: None}, id="never read"),
        pytest.param(
            {'indicator_misses_threshold{indicator="answered_20s"}': None}, id="no threshold"
        ),
        pytest.param(
            {'indicator_target_ratio{indicator="answered_20s"}': None}, id="no target any more"
        ),
        pytest.param(
            {'indicator_good{indicator="answered_20s",period="today"}': " ".join(["NaN"] * 60)},
            id="NaN",
        ),
    ],
)
def test_no_bad_day(tmp_path: Path, changes: dict[str, str | None]) -> None:
    given = series(60, {**_today("88x60", "150x60"), **changes})
    assert firing(tmp_path, DAY, given, [10, 59]) == {10: [], 59: []}


def test_a_new_day_begins_with_nothing(tmp_path: Path) -> None:
    """It keeps firing for half an hour after midnight of a desk that never closes."""
    given = series(80, _today("88x29 0x50", "150x29 0x50"))
    found = firing(tmp_path, DAY, given, [29, 58, 61])
    assert [len(alerts) for alerts in found.values()] == [1, 1, 0]


def test_a_stale_source_silences_only_what_rests_on_it(tmp_path: Path) -> None:
    bad = {**_today("30x60", "150x60"), **_today("30x60", "150x60", "first_line", 0.45)}
    stale = firing(tmp_path, DAY, series(60, {**bad, TICKETS_READ: "0x60"}), [59])[59]
    assert [each.labels["indicator"] for each in stale] == ["answered_20s"]
    both = firing(tmp_path, DAY, series(60, bad), [59])[59]
    assert [each.labels["indicator"] for each in both] == ["answered_20s", "first_line"]


def test_indicators_of_one_source_among_two_rest_on_it_alone(tmp_path: Path) -> None:
    two = {name: {"type": "csv_calls", "path": f"{name}.csv"} for name in ("phone", "branch")}
    settings = settings_of({"own": {**CALLS, "records": {"source": "phone"}}}, sources=two)
    given = series(60, _today("30x60", "150x60", "own"))
    (alert,) = firing(tmp_path, DAY, given, [59], settings=settings)[59]
    assert alert.labels["sources"] == "phone"


def _year(state: str, values: str, indicator: str = "answered_20s") -> dict[str, str | None]:
    of = f'{{indicator="{indicator}",period="year_to_date",state="{state}"}}'
    return {f"indicator_state{of}": values}


@pytest.mark.parametrize(
    ("values", "hours"),
    [
        pytest.param("0x199 1x199", {199: 0, 202: 1, 300: 1, 385: 0}, id="told for a week"),
        pytest.param("1x399", {100: 1, 200: 0, 390: 0}, id="known for long"),
        pytest.param("0x399", {100: 0, 390: 0}, id="within reach"),
        pytest.param("_x199 1x199", {202: 1, 390: 0}, id="the first that is known of it"),
        pytest.param(f"{'NaN ' * 400}", {390: 0}, id="NaN"),
    ],
)
def test_the_year_is_out_of_reach(tmp_path: Path, values: str, hours: dict[int, int]) -> None:
    given = series(400, _year("missed", values), step=HOUR)
    minutes = [hour * 60 for hour in hours]
    found = firing(tmp_path, "ServicedeskYearUnreachable", given, minutes, step=HOUR)
    assert {minute // 60: len(alerts) for minute, alerts in found.items()} == hours


def test_at_night_the_year_is_not_told(tmp_path: Path) -> None:
    """Closed for fifteen hours, open for nine: there in the hours, and never repeated at night."""
    week = f"{'1x8 0x14 ' * 5}{'0x47 '}{'1x8 0x14 ' * 2}"
    given = series(220, {**_year("missed", "1x220"), OPEN: week}, step=HOUR)
    alert = "ServicedeskYearUnreachable"
    hours = {5: 1, 8: 1, 10: 0, 20: 0, 23: 0, 29: 1, 47: 0, 101: 1, 110: 0, 150: 0}
    found = firing(tmp_path, alert, given, [hour * 60 for hour in hours], step=HOUR)
    assert {minute // 60: len(alerts) for minute, alerts in found.items()} == hours


def _forecast(value: str, unit: str, target: str, indicator: str) -> dict[str, str | None]:
    of = f'indicator="{indicator}"'
    return {
        f'indicator_forecast_{unit}{{{of},period="year_to_date",bound="expected"}}': value,
        f"indicator_target_{unit}{{{of}}}": target,
    }


@pytest.mark.parametrize(
    ("changes", "alerts"),
    [
        pytest.param(_forecast("0.68x99", "ratio", "0.7x99", "answered_20s"), 1, id="at risk"),
        pytest.param(_forecast("0.7x99", "ratio", "0.7x99", "answered_20s"), 0, id="will reach"),
        pytest.param({}, 0, id="no forecast yet"),
        pytest.param(
            {
                **_forecast("0.68x99", "ratio", "0.7x99", "answered_20s"),
                **_year("at_risk", "0x99"),
            },
            0,
            id="on target so far",
        ),
        pytest.param(
            {
                **_forecast("0.68x99", "ratio", "0.7x99", "answered_20s"),
                CALLS_READ: "0x99",
            },
            0,
            id="stale",
        ),
    ],
)
def test_the_year_is_at_risk(tmp_path: Path, changes: dict[str, str | None], alerts: int) -> None:
    given = series(99, {**_year("at_risk", "1x99"), **changes})
    found = firing(tmp_path, "ServicedeskYearAtRisk", given, [59, 98])
    assert [len(each) for each in found.values()] == [0, alerts], "not before an hour"


def test_a_mean_is_at_risk_when_it_is_expected_to_be_long(tmp_path: Path) -> None:
    for expected, alerts in (("400000x99", 1), ("300000x99", 0)):
        changes = _forecast(expected, "seconds", "324000x99", "handling_time")
        given = series(99, {**_year("at_risk", "1x99", "handling_time"), **changes})
        found = firing(tmp_path, "ServicedeskYearAtRisk", given, [98])
        assert len(found[98]) == alerts
        assert all(each.labels["severity"] == "info" for each in found[98])


HALF_DAY = 43_200
MISSING = "snapshot_months_missing"


def _a_year(skipped: int | None) -> dict[str, str | None]:
    """1970, two samples a day: no month is missing but one, from the second day of the next on.

    ``skipped``: the month (1–12) in which nobody freezes the one before.
    """
    days = [date(1970, 1, 1) + timedelta(days=sample // 2) for sample in range(2 * 365)]
    missing = (str(int(day.day > 1 and day.month == skipped)) for day in days)
    return {MISSING: " ".join(missing)}


@pytest.mark.parametrize("skipped", [None, 1, 7])
def test_a_month_that_is_not_frozen(tmp_path: Path, skipped: int | None) -> None:
    minutes = [720 * sample for sample in range(2 * 364)]
    given = series(730, _a_year(skipped), step=HALF_DAY)
    found = firing(tmp_path, "ServicedeskSnapshotMissing", given, minutes, step=HALF_DAY)
    fired = {datetime.fromtimestamp(60 * minute, UTC).date() for minute in minutes if found[minute]}
    assert {day.month for day in fired if day.day > 1} == ({skipped} if skipped else set())
    assert not fired or min(fired).day == 2, "not on the day on which it is frozen"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({MISSING: "0x200"}, id="all are frozen"),
        pytest.param({MISSING: None}, id="a release that does not tell"),
        pytest.param({OPEN: "0x200"}, id="closed"),
    ],
)
def test_nothing_is_missing_yet(tmp_path: Path, changes: dict[str, str | None]) -> None:
    old: dict[str, str | None] = {MISSING: "2x200"}
    given = series(200, old)
    assert len(firing(tmp_path, "ServicedeskSnapshotMissing", given, [60])[60]) == 1
    silent = firing(tmp_path, "ServicedeskSnapshotMissing", series(200, {**old, **changes}), [60])
    assert silent == {60: []}
