"""What boards show of a desk whose sources were never read, or not for a long time: never a 0 that
nobody knows of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from collector.monitoring.grafana.layout import every_panel
from collector.monitoring.metrics.collector import Counters
from collector.service.service import Service
from collector.service.serving import web_app
from tests.dashboards.test_boards_prometheus import Running, answer, asked, board, instant
from tests.worlds.boards_desk import NOW, desk
from tests.worlds.boards_world import DESK, World
from tests.worlds.metrics import metrics_registry
from tests.worlds.real_prometheus import RealPrometheus, needed
from tests.worlds.serving import served

TABLES = {("response", 7): 0, ("organizations", 2): 0, ("telephone", 9): 0}


@contextmanager
def scraped(service: Service, folder: Path) -> Iterator[Running]:
    app = web_app(service)
    with (
        served(app) as address,
        RealPrometheus(folder, {"desk": [address]}) as prometheus,
    ):
        yield Running(prometheus, World(service))


def _shown(running: Running, panel: tuple[str, int]) -> dict[str, list[float]]:
    at = instant(running)
    period = "today"
    return {
        query.name: [value for _, value in answer(running, query, at)]
        for query in asked(running, *panel, period)
    }


def _freshness(running: Running) -> float:
    """What the panel Data would say if this desk had not been measured years ago."""
    (state,) = (query for query in asked(running, "today", 1, "today") if query.name == "state")
    fresh, _, gone = state.expr.partition(" unless on () ")
    assert "measured_timestamp" in gone
    ((_, value),) = answer(running, state._replace(expr=fresh), instant(running))
    return value


@pytest.mark.integration
def test_what_was_never_read_is_not_measured(sqlite_url, tmp_path):
    needed()
    with (
        desk(sqlite_url, silent=("desk", "phone", "other")) as service,
        scraped(service, tmp_path / "prometheus") as running,
    ):
        for panel in (*DESK, *TABLES):
            assert not any(_shown(running, panel).values()), panel
            (drawn,) = (p for p in every_panel(board(panel[0])) if p["id"] == panel[1])
            said = "Inget att visa" if panel in TABLES else "–\u00a0Ej mätt"
            assert drawn["fieldConfig"]["defaults"]["noValue"] == said
        assert _freshness(running) == 2, "and it says why"


@pytest.mark.integration
def test_what_is_old_is_shown_as_stale(sqlite_url, tmp_path):
    needed()
    with (
        desk(sqlite_url, late=7200) as service,
        scraped(service, tmp_path / "prometheus") as running,
    ):
        for panel, names in DESK.items():
            shown = _shown(running, panel)
            (drawn,) = (p for p in every_panel(board(panel[0])) if p["id"] == panel[1])
            legends = {t["refId"]: t["legendFormat"] for t in drawn["targets"]}
            for name in names:
                assert shown[name] == []
                assert shown[f"{name}_stale"], panel
                marked = f"{legends[f'{name}_stale']} {_mapped(drawn, f'{name}_stale')}"
                assert "◷\u00a0Inaktuell" in marked.replace("\\xa0", "\u00a0")
                assert "✓" not in marked
        for panel in TABLES:
            assert set(_shown(running, panel)["stale"]) == {1}
        assert _freshness(running) == 1


def _mapped(panel, name):
    """The mappings of a query of a panel, as text."""
    (own,) = (o for o in panel["fieldConfig"]["overrides"] if o["matcher"]["options"] == name)
    return str([p["value"] for p in own["properties"] if p["id"] == "mappings"])


@pytest.mark.parametrize(
    ("silent", "late", "told"),
    [
        ((), 0, {"tickets": 0, "calls": 0}),
        (("other",), 0, {"tickets": 0}),
        (("desk",), 0, {"calls": 0}),
        (("desk", "phone", "other"), 0, {}),
        ((), 1201, {"tickets": 1, "calls": 1}),
        ((), 870, {"tickets": 0, "calls": 0}),
    ],
)
def test_what_lies_on_the_desk_is_told_once_it_was_read(sqlite_url, silent, late, told):
    with desk(sqlite_url, silent=silent, late=late) as service:
        text = generate_latest(
            metrics_registry(service.settings, service.snapshot, Counters(), service.health)
        ).decode()
        for records, names in (
            ("tickets", ("tickets_open", "tickets_overdue", "tickets_unanswered_overdue",
                         "tickets_overdue_when_read", "tickets_unanswered_overdue_when_read",
                         "ticket_next_deadline_timestamp_seconds")),
            ("calls", ("calls_waiting", "calls_today", "calls_waiting_since_timestamp_seconds")),
        ):  # fmt: skip
            for name in names:
                assert (f"servicedesk_{name}{{" in text) is (records in told), name
            stale = f'servicedesk_records_stale{{records="{records}"}} '
            if records in told:
                assert f"{stale}{told[records]}.0" in text
            else:
                assert stale not in text
        figures = {f.state for f in service.live.snapshot.figures if f.kind == "service_level"}
        assert ("stale" in figures) is (told.get("calls") != 0), "figures, boards: one rule"
    assert NOW > 0
