"""How often 80 % intervals hold on simulated desks: bench/forecast.py, smaller and seeded."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.worlds.paths import ROOT

FILE = ROOT / "bench" / "forecast.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_forecast", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def by_size(bench: ModuleType) -> dict[int, list[Any]]:
    """The forecasts of ten desks of each size over four years."""
    return {
        size: [row for rows in bench.simulated_rows(2, 4, 1, size).values() for row in rows]
        for size in bench.SIZES
    }


def test_intervals_hold_about_four_times_of_five_in_early_and_in_late_years(
    bench: ModuleType, by_size: dict[int, list[Any]]
) -> None:
    every = [row for rows in by_size.values() for row in rows]
    for years in ([1], [2], [3, 4]):
        of_years = [row for row in every if row.year in years]
        assert 0.75 <= bench.coverage(of_years) <= 0.85
        for size, rows in by_size.items():  # ten desks alone tell it less exactly
            found = bench.coverage([row for row in rows if row.year in years])
            assert 0.70 <= found <= 0.90, (size, years)


def test_forecasts_beat_simple_ones_on_desks_of_every_size(
    by_size: dict[int, list[Any]],
) -> None:
    for rows in by_size.values():
        error = np.mean([row.made.error for row in rows])
        assert error < np.mean([row.made.naive_error for row in rows])
        assert error < np.mean([row.seasonal for row in rows])
        assert error < np.mean([row.holt_winters for row in rows])
