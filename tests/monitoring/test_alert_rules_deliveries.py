"""The rule about deliveries, evaluated by promtool."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.monitoring.alerts.rules import alert_groups
from tests.worlds.measured import RESPONSE, settings_of
from tests.worlds.promtool import firing, series

FAILED = "ServicedeskDeliveryFailed"
OPEN = 'calendar_open{calendar="office"}'
TARGETS = {"targets": {name: {"type": "folder", "path": name} for name in ("archive", "board")}}
DELIVERS = settings_of({"answer": RESPONSE}, delivery=TARGETS)


def standing(unclear: str, failing: str, target: str = "board") -> dict[str, str | None]:
    """What is told of two targets, one of them without any trouble."""
    told: dict[str, str | None] = {}
    for name, values in (("archive", ("0x60", "0x60")), (target, (unclear, failing))):
        told[f'deliveries_unclear{{target="{name}"}}'] = values[0]
        told[f'deliveries_failing{{target="{name}"}}'] = values[1]
    return told


@pytest.mark.parametrize(
    ("unclear", "failing", "many"),
    [("0x9 1x50", "0x60", "1"), ("0x60", "0x9 2x50", "2"), ("0x9 1x50", "0x9 2x50", "3")],
    ids=["unclear", "failed", "both"],
)
def test_what_did_not_arrive(tmp_path: Path, unclear: str, failing: str, many: str) -> None:
    given = series(60, standing(unclear, failing))
    found = firing(tmp_path, FAILED, given, [24, 26, 59], settings=DELIVERS)
    assert [len(alerts) for alerts in found.values()] == [0, 1, 1], "after a quarter of an hour"
    (alert,) = found[26]
    assert (alert.labels["target"], alert.labels["severity"]) == ("board", "warn")
    assert alert.annotations["summary"].endswith(f"board that failed or are unclear: {many}")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(standing("0x60", "0x60"), id="all arrived"),
        pytest.param(standing("0x9 1x9 0x42", "0x60"), id="it is being sent"),
        pytest.param(standing("0x60", "0x9 1x9 0x42"), id="the second attempt arrives"),
        pytest.param({**standing("1x60", "1x60"), OPEN: "0x60"}, id="closed"),
        pytest.param(
            {**standing("1x60", "1x60"), "measured_timestamp_seconds": "0x60"},
            id="the collector stands still",
        ),
        pytest.param(standing("1x60", "1x60", "gone"), id="a target of another configuration"),
    ],
)
def test_no_delivery_failed(tmp_path: Path, changes: dict[str, str | None]) -> None:
    found = firing(tmp_path, FAILED, series(60, changes), [9, 24, 58], settings=DELIVERS)
    assert found == {9: [], 24: [], 58: []}


def test_only_where_something_is_delivered() -> None:
    without = settings_of({"answer": RESPONSE})
    assert FAILED not in {rule.name for group in alert_groups(without) for rule in group.rules}


HELD_BACK = "ServicedeskDeliveryHeldBack"


def test_a_report_that_nobody_has_finished(tmp_path: Path) -> None:
    given = series(60, {"deliveries_held_back": "0x9 2x50"})
    found = firing(tmp_path, HELD_BACK, given, [24, 26, 59], settings=DELIVERS)
    assert [len(alerts) for alerts in found.values()] == [0, 1, 1], "after a quarter of an hour"
    assert found[26][0].annotations["summary"].endswith("not delivered (2 languages)")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"deliveries_held_back": "0x60"}, id="delivered, or not yet frozen"),
        pytest.param({"deliveries_held_back": None}, id="the first start"),
        pytest.param({"deliveries_held_back": "1x60", OPEN: "0x60"}, id="at night"),
    ],
)
def test_no_report_is_held_back(tmp_path: Path, changes: dict[str, str | None]) -> None:
    found = firing(tmp_path, HELD_BACK, series(60, changes), [24, 59], settings=DELIVERS)
    assert found == {24: [], 59: []}


def test_who_delivers_by_command_is_not_reminded() -> None:
    settings = settings_of({"answer": RESPONSE}, delivery={**TARGETS, "automatic": False})
    names = {rule.name for group in alert_groups(settings) for rule in group.rules}
    assert FAILED in names
    assert HELD_BACK not in names
