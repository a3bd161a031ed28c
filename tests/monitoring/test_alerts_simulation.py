"""The false-alarm simulation of docs/alerts.md, smaller: seeded, so the same each time."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest

from tests.worlds.paths import ROOT

FILE = ROOT / "bench" / "alerts_simulation.py"


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("alerts_simulation", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_it_counts_as_the_rule_does(simulation: ModuleType) -> None:
    """62 of 150 is what promtool finds in test_alert_rules_figures."""
    limits = simulation.too_many(0.7)
    assert np.ceil(limits[150]) == 62
    assert np.isinf(limits[29])
    assert np.isfinite(limits[30])
    assert simulation.rule_waits() == 15
    holds = np.array([True] * 15 + [False] + [True] * 20)
    assert simulation.fires_at(holds, 15) == 31
    assert simulation.fires_at(holds[:31], 15) == simulation.NEVER


def test_a_healthy_desk_is_left_alone(simulation: ModuleType) -> None:
    found = simulation.alarms_a_year(3, seed=7)
    assert sum(ours for ours, _ in found.values()) < 2
    assert sum(naive for _, naive in found.values()) > 100, "and comparing shares would not do"


def test_a_desk_that_misses_twice_as_often_is_noticed_the_same_day(simulation: ModuleType) -> None:
    share, hours = simulation.notices(60, seed=7)["answered_20s"]
    assert share > 0.98
    assert hours < 4


def test_nobody_is_woken_wrongly(simulation: ModuleType) -> None:
    urgent, outages = simulation.urgent_pages(20, seed=7), simulation.outage_pages(2, seed=7)
    assert urgent.wrong == 0
    assert urgent.overlooked < 20, "in an outage, of which another alert tells"
    assert urgent.right > 1000
    assert (outages.wrong, outages.overlooked, outages.right) == (0, 0, 8)


def test_by_the_clock_there_would_be_wrong_pages(simulation: ModuleType) -> None:
    assert simulation.urgent_pages(20, seed=7, by_readings=False).wrong > 10
