"""SIGHUP: the configuration is read anew, all or nothing, while the service goes on."""

import logging
import signal
import threading
from pathlib import Path

import pytest
from starlette.applications import Starlette

from collector.cli.commands.run import run
from collector.config.loading.load import load_settings
from collector.service import reload as reload_module
from collector.service import serving
from collector.service.reload import ServiceInForce
from collector.service.service import Service
from collector.store import Store
from tests.worlds.processes import get, running


@pytest.fixture
def file(polled: Path) -> Path:
    found = polled / "servicedesk.yaml"
    found.write_text(found.read_text() + "snapshot: {automatic: false}\n")
    return found


@pytest.fixture
def in_force(file):
    with Store.open(load_settings(file).store) as store:
        service = Service(load_settings(file), store)
        service.start()
        found = ServiceInForce(service, lambda _: Starlette())
        yield found
        found.stop()


def admitted(_):
    """An entrance that follows all settings."""


MORE = """  late:
    title: {sv: Sena, en: Late}
    kind: share_within
    to: first_response
    within: 8h
    calendar: office
"""


def with_indicator(file):
    text = file.read_text()
    file.write_text(text.replace("indicators:\n", "indicators:\n" + MORE))


def test_other_settings_are_followed_with_figures_from_the_first_moment_on(in_force, file):
    before = in_force.service
    with_indicator(file)
    assert in_force.reload(file, admitted)
    after = in_force.service
    assert after is not before
    assert before.stopping.is_set()
    assert {figure.indicator for figure in after.snapshot().figures} >= {"late", "urgent"}
    assert after.counters is before.counters
    assert after.counters.configuration_followed
    assert not in_force.reload(Path("none.yaml"), admitted)


FAULTS = {
    "a fault": (lambda text: text.replace("mean_duration", "meen_duration"), "meen_duration"),
    "no YAML": (lambda text: text + "\n  : [", "not valid YAML"),
    "another store": (lambda text: text + "\nstore: sqlite:///other.db\n", "store: restart to"),
    "another port": (lambda text: text.replace("port: 0", "port: 9"), "server.port: restart to"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_cannot_be_followed_changes_nothing(in_force, file, what, caplog):
    before = in_force.service
    spoil, words = FAULTS[what]
    file.write_text(spoil(file.read_text()))
    with caplog.at_level(logging.ERROR):
        assert not in_force.reload(file, admitted)
    assert in_force.service is before
    assert not before.stopping.is_set()
    assert not before.counters.configuration_followed
    assert any(words in line and "nothing has changed" in line for line in caplog.messages)
    assert not (file.parent / "other.db").exists()


def test_an_unexpected_error_changes_nothing_and_the_next_signal_is_heard(
    in_force, file, monkeypatch, caplog
):
    def fails(_):
        raise KeyError("a password")

    before = in_force.service
    with monkeypatch.context() as broken:
        broken.setattr(reload_module, "load_settings", fails)
        assert not in_force.reload(file, admitted)
    assert in_force.service is before
    assert "nothing has changed: unexpected KeyError" in caplog.text
    assert "a password" not in caplog.text
    with_indicator(file)
    assert in_force.reload(file, admitted)


def test_a_reload_that_hangs_does_not_keep_the_service_from_ending(in_force, file, monkeypatch):
    """As while a file lies on a disk that does not answer."""
    begun, go_on = threading.Event(), threading.Event()

    def hangs(_):
        begun.set()
        go_on.wait(60)
        raise FileNotFoundError

    monkeypatch.setattr(reload_module, "load_settings", hangs)
    monkeypatch.setattr(reload_module, "PATIENCE", 0.1)
    reloading = threading.Thread(target=in_force.reload, args=(file, admitted))
    reloading.start()
    assert begun.wait(30)
    assert in_force.stop() is False, "so that the process does not wait for that thread"
    assert in_force.service.stopping.is_set()
    go_on.set()
    reloading.join(30)


def test_a_signal_during_the_start_ends_nothing(monkeypatch):
    seen = []
    monkeypatch.setattr(
        serving, "serve", lambda *_, **__: seen.append(signal.getsignal(signal.SIGHUP))
    )
    before = signal.getsignal(signal.SIGHUP)
    try:
        run(Path("servicedesk.yaml"))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert seen == [signal.SIG_IGN]


def test_a_source_that_is_new_must_be_polled_before_it_is_ready(in_force, file):
    before = in_force.service
    before._polled |= set(before.settings.sources)
    text = file.read_text()
    new = "sources:\n  other: {type: csv_tickets, path: tickets.csv, timezone: UTC, every: 1h}\n"
    file.write_text(text.replace("sources:\n", new))
    assert in_force.reload(file, admitted)
    after = in_force.service
    assert {"desk", "phone"} <= after._polled
    assert set(after.settings.sources) == {"other", "desk", "phone"}


def test_once_stopped_it_follows_nothing(in_force, file):
    in_force.stop()
    with_indicator(file)
    before = in_force.service
    assert not in_force.reload(file, admitted)
    assert in_force.service is before


def test_a_running_process(file):
    with running(["run"], file.parent) as process:
        address = process.address()

        def metrics():
            return get(address + "/metrics")[1]

        process.until("the first figures", lambda: 'indicator="urgent"' in metrics())
        assert "servicedesk_config_last_reload_successful 1.0" in metrics()
        with_indicator(file)
        process.signal(signal.SIGHUP)
        process.until("the new indicator", lambda: 'indicator="late"' in metrics())
        assert "servicedesk_indicator_value" in metrics()
        file.write_text(file.read_text().replace("mean_duration", "meen"))
        process.signal(signal.SIGHUP)
        process.until("the refusal", lambda: "last_reload_successful 0.0" in metrics())
        assert 'indicator="late"' in metrics()
        assert get(address + "/readyz")[0] == 200
    assert "the configuration was read again; 2 sources" in process.log
    assert "nothing has changed" in process.log
