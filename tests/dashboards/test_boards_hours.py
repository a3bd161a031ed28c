"""Calls by the hour, from what a Prometheus kept of two days: exact, also over midnight."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.exposition import generate_latest

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.model.page import Rejected
from collector.model.records import Call, CallOutcome
from collector.monitoring.grafana.layout import every_panel
from collector.monitoring.metrics.collector import Counters
from collector.store import Store
from tests.worlds.measured import CALLS, at, call, polled, settings_of
from tests.worlds.metrics import metrics_registry
from tests.worlds.paths import BOARDS
from tests.worlds.real_prometheus import RealPrometheus, needed
from tests.worlds.samples import save

pytestmark = pytest.mark.integration

SCRAPED = 120
"""Seconds between two scrapes: the first 50 s after a full hour, the last 10 s before one."""

FIRST, LAST = at("2020-07-12 21:00"), at("2020-07-13 10:00")
GAP = range(at("2020-07-13 04:30"), at("2020-07-13 05:30"))
"""The collector was not scraped then."""

# A quiet Sunday evening with two calls, then a night that begins with more than the day had
CALLED = {
    "2020-07-12 21:10": "answered",
    "2020-07-12 22:40": "abandoned",
    "2020-07-13 00:05": "answered",
    "2020-07-13 00:06": "answered",
    "2020-07-13 00:20": "abandoned",
    "2020-07-13 01:30": "timeout",
    "2020-07-13 05:40": "answered",
    "2020-07-13 07:59": "answered",
    "2020-07-13 08:01": "answered",
    "2020-07-13 08:02": "key_exit",
    "2020-07-13 09:15": "abandoned",
}
REJECTED = {"2020-07-12 23:30": 2, "2020-07-13 08:30": 3}
KEPT = tuple(
    f"servicedesk_{name}"
    for name in ("calls_today", "day_start", "source_rejected_total", "source_rank", "queue_rank")
)


def _calls() -> list[Call]:
    return [
        call(CallOutcome(outcome), 5, when, f"{number}", queue="it" if number % 2 else "växel")
        for number, (when, outcome) in enumerate(CALLED.items())
    ]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory) -> Iterator[RealPrometheus]:
    needed()
    folder = tmp_path_factory.mktemp("hours")
    settings = settings_of({"answered": CALLS})
    with Store.open(f"sqlite:///{folder / 'store.db'}") as store:
        history = "\n".join(_scraped(store, Live(Measuring(settings, store)), settings))
    with RealPrometheus(folder / "prometheus", history=f"{history}\n# EOF\n") as running:
        yield running


def _scraped(store: Store, live: Live, settings) -> Iterator[str]:
    """What scrapes of two days saw, line by line, with the time of each."""
    waiting = _calls()
    rejected = {at(when): n for when, n in REJECTED.items()}
    metrics = metrics_registry(settings, lambda: live.snapshot, Counters())
    families: dict[str, list[str]] = {}
    for now in range(FIRST - 10, LAST + 1, SCRAPED):
        while waiting and waiting[0].entered_at <= now:
            save(store, waiting.pop(0), source="phone")
        for when in [when for when in rejected if when <= now]:
            lines = [Rejected("no_time", f"line {n}", "empty") for n in range(rejected.pop(when))]
            save(store, source="phone", rejected=lines)
        polled(store, "phone", now)
        polled(store, "desk", now)
        live.refresh(now)
        if now in GAP:
            continue
        for line in generate_latest(metrics).decode().splitlines():
            if line.startswith(KEPT):
                families.setdefault(re.split(r"[{ ]", line)[0], []).append(f"{line} {now}")
    for name, lines in families.items():
        yield f"# TYPE {name.removesuffix('_total')} {'counter' if '_total' in name else 'gauge'}"
        yield from lines


def hourly(prometheus: RealPrometheus, panel: int, name: str, board: str = "telephone"):
    """Labels → the hours that have passed by then → what the panel shows."""
    boards = json.loads((BOARDS / f"sv/{board}.json").read_text())
    (found,) = (p for p in every_panel(boards) if p["id"] == panel)
    exprs = [t["expr"] for t in found["targets"] if re.fullmatch(rf"{name}(_\d)?", t["refId"])]
    assert found["interval"] == "1h"
    return {
        tuple(labels.values()): {int(when - FIRST) // 3600: n for when, n in values.items()}
        for expr in exprs
        for labels, values in prometheus.query_range(_asked(expr), FIRST, LAST, 3600)
    }


def _asked(expr: str) -> str:
    return expr.replace("$queue", "it|växel").replace("$__range", f"{LAST - FIRST}s")


def counted(*outcomes: str, queue: str | None = None) -> dict[int, int]:
    """Hours of the evening and the night → calls, for hours with any."""
    found: dict[int, int] = {}
    for each in _calls():
        if (not outcomes or each.outcome in outcomes) and queue in (None, each.queue):
            hour = (each.entered_at - FIRST) // 3600 + 1
            found[hour] = found.get(hour, 0) + 1
    return found


def told(values: dict[int, float]) -> dict[int, float]:
    return {hour: n for hour, n in values.items() if n}


def test_calls_of_each_hour(prometheus):
    (offered,) = hourly(prometheus, 6, "offered").values()
    expected = counted()
    assert expected[4] == 3  # the first hour of a day, before which there were only two
    del expected[9]  # 05–06: nobody looked at its beginning
    assert told(offered) == expected
    assert 8 not in offered  # 04–05: nobody looked at its end
    assert 9 not in offered
    (answered,) = hourly(prometheus, 6, "answered").values()
    assert told(answered) == {h: n for h, n in counted("answered").items() if h != 9}
    (lost,) = hourly(prometheus, 6, "lost").values()
    assert told(lost) == counted("abandoned", "timeout")


def test_calls_of_each_hour_by_queue(prometheus):
    for panel, name, outcomes in ((7, "offered", ()), (8, "lost", ("abandoned", "timeout"))):
        found = hourly(prometheus, panel, name)
        assert set(found) == {("it",), ("växel",)}
        for (queue,), values in found.items():
            expected = counted(*outcomes, queue=queue)
            assert told(values) == {h: n for h, n in expected.items() if h != 9}


def test_no_hour_is_negative_and_none_is_made_up(prometheus):
    for name in ("offered", "answered", "lost"):
        (values,) = hourly(prometheus, 6, name).values()
        assert all(n >= 0 and n == int(n) for n in values.values())
        assert 0 not in values  # an hour before the first nobody had looked


def test_rejected_rows_of_each_hour(prometheus):
    found = hourly(prometheus, 8, "hour", "collector")
    assert {key: told(values) for key, values in found.items()} == {("phone",): {3: 2, 12: 3}}
