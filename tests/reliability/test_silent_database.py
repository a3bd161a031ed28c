"""A PostgreSQL that goes silent: it is told, the service ends when asked, and goes on by itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import make_url

from collector.store import Store, StoreError
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.fault_proxy import FaultProxy, fault_proxy
from tests.worlds.postgres_server import PostgresServer
from tests.worlds.processes import Running, get, running, value_of

STOPS_WITHIN = 20
"""Seconds; a silent database ended the service after two hours."""


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[FaultProxy]:
    with fault_proxy(postgres.home / ".s.PGSQL.5432") as made:
        yield made


@pytest.fixture
def address(postgres_url: str, proxy: FaultProxy) -> str:
    """The address of an empty database, through the proxy."""
    return f"postgresql://postgres@127.0.0.1:{proxy.port}/{make_url(postgres_url).database}"


def _unready(service: Running, address: str) -> None:
    service.until("503", lambda: get(f"{address}/readyz")[0] == 503)
    text = get(f"{address}/readyz")[1]
    assert "does not answer" in text
    metrics = get(f"{address}/metrics")[1]
    assert value_of(metrics, "servicedesk_store_up") == 0
    assert value_of(metrics, "servicedesk_ready") == 0
    assert value_of(metrics, "servicedesk_source_up", source="desk") == 0


def test_the_service_says_so_comes_back_and_ends_when_asked(
    tmp_path: Path, address: str, proxy: FaultProxy
) -> None:
    write_desk(tmp_path, CONFIGURATION + f"store: {address}\nsnapshot: {{automatic: false}}\n")
    with running(["run"], tmp_path) as service:
        served = service.address()
        service.until("readiness", lambda: get(f"{served}/readyz")[0] == 200)
        proxy.fall_silent()
        _unready(service, served)
        assert get(f"{served}/healthz")[0] == 200
        proxy.recover()
        service.until("readiness again", lambda: get(f"{served}/readyz")[0] == 200)
        proxy.fall_silent()
        _unready(service, served)
        began = time.monotonic()
        assert service.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < STOPS_WITHIN
        assert "Traceback" not in service.log


def test_whoever_waits_for_an_answer_gets_an_error_that_says_so(
    address: str, proxy: FaultProxy
) -> None:
    with Store.open(address) as store:
        proxy.fall_silent()
        with (
            store._database.patience.only(0.2),
            pytest.raises(StoreError, match=r"at 127.0.0.1: the server does not answer"),
        ):
            store.revisions.latest()
        proxy.recover()
        assert store.revisions.latest() == 0


def test_a_program_that_is_to_stop_waits_once_and_then_no_more(
    address: str, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.store.patience.HURRY", 0.3)
    with Store.open(address) as store:
        proxy.fall_silent()
        failed: list[StoreError] = []

        def ask() -> None:
            try:
                store.revisions.latest()
            except StoreError as error:
                failed.append(error)

        waiting = Thread(target=ask)
        waiting.start()
        store.hurry()
        waiting.join(STOPS_WITHIN)
        assert failed
        began = time.monotonic()
        for _ in range(20):
            ask()
        assert len(failed) == 21
        assert time.monotonic() - began < 20 * 0.3


def test_limits_are_those_of_every_connection(address: str) -> None:
    with Store.open(address) as store, store._database.reading() as connection:
        limits = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in (
                "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"
            )
        }  # fmt: skip
        parameters = connection.connection.driver_connection.info.get_parameters()
    assert limits == {
        "lock_timeout": "20s",
        "statement_timeout": "40s",
        "idle_in_transaction_session_timeout": "1min",
    }
    wanted = {"keepalives", "keepalives_idle", "tcp_user_timeout", "connect_timeout"}
    assert wanted <= parameters.keys()
