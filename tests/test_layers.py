"""A module imports only what stands above it; the pure middle touches neither clock nor I/O."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "collector"

ORDER = [
    "records",
    "values",
    "local_time",
    "pauses",
    "odometer",
    "business_time",
    "history",
    "tables",
    "rewind",
    "storable",
    "sources",
    "targets",
    "yaml_file",
    "rules",
    "kinds",
    "opening_hours",
    "watch_settings",
    "committee_settings",
    "office_words",
    "annex_words",
    "report_words",
    "report_settings",
    "delivery_settings",
    "snapshot_settings",
    "settings",
    "calendars",
    "version_check",
    "watch_check",
    "logos",
    "report_check",
    "settings_check",
    "settings_doubts",
    "values_file",
    "setting_paths",
    "configuration",
    "assignments",
    "store",
    "given",
    "definitions",
    "redefinitions",
    "registry",
    "indicators",
    "poll",
    "freshness",
    "tallies",
    "measuring",
    "forecasting",
    "backtesting",
    "comparing",
    "whatif",
    "explain",
    "present",
    "outstanding",
    "output",
    "terminal",
    "committee",
    "report",
    "explanations",
    "boards",
    "forecast_table",
    "whatif_table",
    "backtest_table",
    "progress",
    "runtime",
    "snapshot",
    "live",
    "figure_metrics",
    "service_metrics",
    "alerts",
    "metrics",
    "whole_file",
    "delivery",
    "grafana",
    "web",
    "service",
    "demo",
    "arguments",
    "figure_commands",
    "provision_command",
    "snapshot_command",
    "report_command",
    "cli",
]

PURE = (
    *("business_time", "pauses", "local_time", "odometer", "history", "rewind", "indicators"),
    *("rules", "kinds", "given", "definitions", "redefinitions", "alerts"),
)
OUTSIDE = {"time", "os", "socket", "requests", "sqlalchemy", "random", "logging", "pathlib"}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_from_above(path: Path) -> None:
    own = ORDER.index(layer(path))
    for name in imported(path):
        assert not name.startswith("dashboards"), "boards are built from the program, not with it"
        if name.startswith("collector."):
            other = name.split(".")[1]
            assert ORDER.index(other) <= own, f"{layer(path)} may not import {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_the_middle_is_pure(path: Path) -> None:
    if layer(path) in PURE:
        assert not {name.split(".")[0] for name in imported(path)} & OUTSIDE


def test_every_module_has_its_place() -> None:
    assert {layer(path) for path in MODULES} == set(ORDER)
