"""Every query of boards and rules against a real Prometheus that scrapes the running demo."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from collector.cli.demo.settings import demo_settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.questions import period_figures
from collector.monitoring.grafana.layout import every_panel
from collector.store import Store
from tests.worlds.paths import ROOT
from tests.worlds.processes import get, running, without_progress
from tests.worlds.real_prometheus import RealPrometheus, needed

START = "2020-06-18T10:00"
VALUES = {
    "period": "last_month", "indicator": ".+", "share": "urgent_response",
    "duration": "handling_time", "organization": "South", "queue": "it-support",
    "__range": "1m", "__interval": "15s",
}  # fmt: skip
MAY_BE_EMPTY = re.compile(
    r"records_stale|source_rejected|grafana_|\boffset\b|snapshot_|deliver|_compared|disagreement"
    r"|count\|manual|_value\{|forecast_by_hand|\[14d\]"
    r"|store_clock_skew|% 6 == [2-5]|clock_skew.*% 6 == 1|^\(0 \*"
)
"""What a demo that has just begun does not have: faults, a Grafana, yesterday's samples, another
opinion about first responses, counts or values of organizations, a database with a clock of its
own, a third source or queue, which would have the third colour, a queue log with a clock, and a
share without a target. By the clock on the wall, which it has left, it has been silent for years,
and what is silent has no state."""

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealPrometheus, Path, str]]:
    needed()
    folder = tmp_path_factory.mktemp("demo")
    (folder / "temporary").mkdir()
    arguments = ["demo", "--port", "0", "--months", "4", "--start", START, "--speed", "1"]
    with running(arguments, folder, {"TMPDIR": str(folder / "temporary")}) as process:
        address = process.address()
        process.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
        process.until("the history", lambda: "forecast_ratio{" in get(f"{address}/metrics")[1])
        with RealPrometheus(folder / "prometheus", {"desk": [address]}) as prometheus:
            (own,) = (folder / "temporary").glob("servicedesk-kpi-*")
            yield prometheus, own, address
        assert process.end(signal.SIGTERM) == 0
        # warnings tell of a busy machine, or of the month that is frozen after a minute
        said = without_progress(process.log).splitlines()
        assert [line for line in said if " WARNING " not in line] == []


def _panel_queries() -> Iterator[Any]:
    for file in sorted((ROOT / "dashboards/sv").glob("*.json")):
        for panel in every_panel(json.loads(file.read_text())):
            for target in panel["targets"]:
                name = f"{file.stem}-{panel['id']}-{target['refId']}"
                yield pytest.param(target["expr"], id=name)


def _rule_queries() -> Iterator[Any]:
    rules = yaml.safe_load((ROOT / "config/prometheus/servicedesk.rules.yml").read_text())
    for group in rules["groups"]:
        for number, rule in enumerate(group["rules"]):
            yield pytest.param(rule["expr"], id=f"{rule['alert']}-{number}")


@pytest.mark.parametrize("expr", [*_panel_queries()])
def test_a_panel_is_answered(demo: tuple[RealPrometheus, Path, str], expr: str) -> None:
    prometheus, _, _ = demo
    asked = re.sub(r"\$(\w+)", lambda found: VALUES.get(found[1], found[0]), expr)
    if not prometheus.query(asked) and not MAY_BE_EMPTY.search(asked):
        # on a busy machine a reading comes late, and figures are stale until the next one
        prometheus.until(f"answer to {asked}", lambda: prometheus.query(asked))


@pytest.mark.parametrize("expr", [*_rule_queries()])
def test_a_rule_is_answered(demo: tuple[RealPrometheus, Path, str], expr: str) -> None:
    """What it gives depends on the clock on the wall, which the demo of another year has left."""
    prometheus, _, _ = demo
    prometheus.query(expr)
    for name in set(re.findall(r"servicedesk_\w+", expr)):
        told = prometheus.query(f"count({name})")
        assert told or MAY_BE_EMPTY.search(name) or "waiting" in name, name


def test_the_figures_are_those_that_are_measured(demo: tuple[RealPrometheus, Path, str]) -> None:
    prometheus, own, address = demo
    start = int(
        datetime.fromisoformat(START).replace(tzinfo=ZoneInfo("Europe/Stockholm")).timestamp()
    )
    keys = {
        "desk": {"url": address, "token": f"file:{own / 'token'}", "comments": True},
        "phone": {"path": str(own / "queue_log*")},
    }
    settings = demo_settings(own, keys, start)
    at = max(s.value for s in prometheus.query("timestamp(servicedesk_measured_timestamp_seconds)"))
    (measured,) = prometheus.query("servicedesk_measured_timestamp_seconds", at)
    with Store.open(settings.store) as store:
        measuring = Measuring(settings, store)
        now = int(measured.value)
        figures, _ = period_figures(measuring, measuring.period("last_month", now), now, None)
    for kind, unit in (("ratio", "ratio"), ("seconds", "seconds")):
        for prefix, whole in (("indicator", True), ("organization", False)):
            query = f'servicedesk_{prefix}_{kind}{{period="last_month"}}'
            told = {
                (s.labels["indicator"], s.labels.get("organization")): s.value
                for s in prometheus.query(query, at)
            }
            expected = {
                (f.indicator, f.organization): f.value
                for f in figures
                if f.unit == unit and f.value is not None and (f.organization is None) == whole
            }
            assert told == pytest.approx(expected, rel=1e-12)
            assert expected
