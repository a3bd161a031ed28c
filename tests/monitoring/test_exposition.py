"""/metrics as bytes: encoded once for each published state, never from an earlier one."""

import gzip
from dataclasses import replace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.monitoring.metrics.collector import Counters, DeskCollector
from collector.monitoring.metrics.exposition import Exposition
from tests.worlds.measured import RESPONSE, at, polled, settings_of, ticket
from tests.worlds.samples import save

NOW = at("2020-07-15 12:00")


class Desk:
    """A desk whose metrics are collected, and how often they were."""

    def __init__(self, store):
        settings = settings_of({"one": RESPONSE})
        save(store, ticket("2020-07-13 09:00", "1"))
        polled(store, "desk", NOW)
        self.shown = Live(Measuring(settings, store)).refresh(NOW)
        self.counters = Counters()
        collector = DeskCollector(settings, lambda: self.shown, self.counters)
        self.exposition = Exposition(collector)
        self.collected, collect = 0, collector.collect

        def counted():
            self.collected += 1
            return collect()

        collector.collect = counted

    def text(self, accept="", *, compress=False):
        return self.exposition.encode(accept, compress=compress)[0]


@pytest.fixture
def desk(sqlite_store):
    return Desk(sqlite_store)


def test_the_same_state_is_encoded_once(desk):
    assert b"servicedesk_indicator_info" in desk.text()
    desk.text()
    assert desk.collected == 1


def test_figures_of_the_same_second_are_others(desk):
    desk.text()
    desk.shown = replace(desk.shown, working_days={"office": 99})
    assert b'servicedesk_working_day{calendar="office"} 99.0' in desk.text()


def test_what_is_counted_shows_at_once(desk):
    desk.text()
    desk.counters.add("missed")
    assert b'servicedesk_scheduler_events_total{event="missed"} 1.0' in desk.text()


def test_every_form_is_whole(desk):
    plain = desk.text()
    assert b"process_cpu_seconds_total" in plain
    assert gzip.decompress(desk.text(compress=True)).startswith(plain.split(b"# HELP process_")[0])
    accept = "application/openmetrics-text; version=1.0.0"
    names = {each.name for each in text_string_to_metric_families(desk.text(accept).decode())}
    assert {"servicedesk_scheduler_events", "process_cpu_seconds"} <= names
