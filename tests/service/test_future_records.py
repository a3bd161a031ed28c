"""A record dated in the future does not make its source look alive, of tickets and calls alike."""

from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from collector.config.loading.load import load_settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.monitoring.metrics.collector import Counters
from collector.service.drain import drain
from collector.service.poll import build_source
from collector.store import Store
from tests.worlds.commands import run_here
from tests.worlds.measured import at
from tests.worlds.metrics import metrics_registry
from tests.worlds.paths import FIXTURES

NOW = at("2026-11-02 20:00")
NEWEST = at("2026-11-02 08:10")
FAR = "3,2099-02-07 06:28,\n"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The folder fut of the fixtures, with a record of 2099."""
    for name in ("servicedesk.yaml", "t.csv"):
        (tmp_path / name).write_text((FIXTURES / "field" / "fut" / name).read_text())
    with (tmp_path / "t.csv").open("a") as file:
        file.write(FAR)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Desk:
    """The desk's sources, polled when it is told to, and its metrics."""

    def __init__(self, store: Store) -> None:
        self.settings = load_settings(Path("servicedesk.yaml"))
        self.store = store
        self.live = Live(Measuring(self.settings, store))

    def poll(self, now):
        (name,) = self.settings.sources
        assert drain(build_source(self.settings, name), self.store, clock=lambda: now).ok

    def metrics(self, now):
        """The samples of the source, by name and by reason if they have one."""
        self.live.refresh(now)
        text = generate_latest(
            metrics_registry(self.settings, lambda: self.live.snapshot, Counters())
        ).decode()
        return {
            sample.labels.get("reason") or sample.name.removeprefix("servicedesk_"): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if "source" in sample.labels
        }


def test_the_alert_of_silence_stays_armed(desk):
    with Store.open("sqlite:///s.db") as store:
        world = Desk(store)
        world.poll(NOW)
        seen = world.metrics(NOW)
        assert seen["source_newest_record_timestamp_seconds"] == NEWEST
        assert seen["source_quiet_seconds"] == NOW - NEWEST
        world.poll(NOW + 86_400)  # nothing new
        assert world.metrics(NOW + 86_400)["source_quiet_seconds"] == NOW + 86_400 - NEWEST


def test_after_a_correction_the_newest_record_is_the_newest(desk):
    with Store.open("sqlite:///s.db") as store:
        world = Desk(store)
        world.poll(NOW)
        file = desk / "t.csv"
        file.write_text(file.read_text().replace(FAR, "3,2026-11-02 11:28,\n"))
        world.poll(NOW + 60)
        newest = world.metrics(NOW + 60)["source_newest_record_timestamp_seconds"]
        assert newest == at("2026-11-02 11:28")
        file.write_text(file.read_text().replace("11-02 11:28", "11-02 07:28"))
        world.poll(NOW + 120)
        newest = world.metrics(NOW + 120)["source_newest_record_timestamp_seconds"]
        assert newest == NEWEST


def test_poll_and_check_warn_of_it(desk):
    polled = run_here("poll")
    assert "f: 3 records, 3 new or changed, 1 doubtful (in_future 1)" in polled.out
    assert "id '3': dated 2099-02-07T05:28:00+00:00, in the future" in polled.err
    checked = run_here("check")
    assert "sources.f: warning: 1 stored record(s) dated in the future" in checked.out


def test_ignored_entries_are_a_metric_by_reason(tmp_path, monkeypatch):
    source = FIXTURES / "field" / "exitcode"
    (tmp_path / "queue_log").write_text(
        (source / "queue_log").read_text() + "1168400001|x|helpdesk|A|CONNECT|3|y|1\n"
    )
    (tmp_path / "servicedesk.yaml").write_text((source / "servicedesk.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    with Store.open("sqlite:///s.db") as store:
        world = Desk(store)
        world.poll(NOW)
        seen = world.metrics(NOW)
        assert (seen["after_end"], seen["no_entry"]) == (1, 1)
