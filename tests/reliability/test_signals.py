"""``run`` as a process that is told to end, stands still, or has its database restarted."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

from collector.store import Store
from tests.worlds.desk import CONFIGURATION, TICKETS, write_desk
from tests.worlds.json_desk import SIZE, are_whole_pages, json_desk
from tests.worlds.postgres_server import PostgresServer
from tests.worlds.processes import Running, get, running, value_of
from tests.worlds.sizes import sample_size

STILL = sample_size(3, 3, 10)
"""Seconds; several polls are due meanwhile."""


def _metric(address: str, name: str, **labels: str) -> float | None:
    return value_of(get(f"{address}/metrics")[1], f"servicedesk_{name}", **labels)


def _stored(folder: Path) -> int:
    with (
        Store.open(f"sqlite:///{folder / 'servicedesk.db'}") as store,
        store._database.reading() as connection,
    ):
        found = connection.exec_driver_sql("SELECT count(*) FROM tickets WHERE source = 'desk'")
        return int(found.scalar_one())


def test_told_to_end_in_mid_page_it_ends_and_the_next_goes_on(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    with json_desk() as (desk, url):
        now = desk.clock()
        for number in range(4 * SIZE):
            desk.put(number + 1, now - 9000 + number, now - 8000 + number)
        desk.before = lambda: desk.open.clear() if desk.asked == 2 else None
        desk.written(tmp_path, url, "snapshot: {automatic: false}\n")
        with running(["run"], tmp_path) as service:
            service.address()
            service.until("the second page", lambda: not desk.open.is_set())
            began = time.monotonic()
            service.signal(signal.SIGTERM)
            desk.before = lambda: None
            desk.open.set()
            assert service.wait() == 0
            took = time.monotonic() - began
        before = _stored(tmp_path)
        assert before < 4 * SIZE
        assert are_whole_pages(before, 4 * SIZE)
        with running(["run"], tmp_path) as service:
            service.address()
            service.until("the rest", lambda: _stored(tmp_path) == 4 * SIZE)
            assert service.end(signal.SIGTERM) == 0
    figure(f"exit 0 after {took:.1f} s with {before} of {4 * SIZE} stored, the rest by the next")


def test_after_standing_still_it_polls_and_has_missed_none(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    write_desk(tmp_path, CONFIGURATION + "snapshot: {automatic: false}\n")
    with running(["run"], tmp_path) as service:
        address = service.address()
        service.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
        service.signal(signal.SIGSTOP)
        (tmp_path / "tickets.csv").write_text(TICKETS.replace(",open,,,", ",pending,,,"))
        time.sleep(STILL)
        back = time.time()
        service.signal(signal.SIGCONT)
        name = "source_last_success_timestamp_seconds"
        service.until("a poll", lambda: (_metric(address, name, source="desk") or 0) >= int(back))
        missed = _metric(address, "scheduler_events_total", event="missed")
        assert missed == 0
        assert service.end(signal.SIGTERM) == 0
    figure(f"stood still for {STILL} s: polled afterwards, {missed:.0f} missed")


def _urgent(address: str) -> float | None:
    return _metric(address, "tickets_open", priority="urgent", organization="Askersund")


def test_a_database_that_is_restarted_is_found_again(
    tmp_path: Path,
    postgres: PostgresServer,
    postgres_url: str,
    figure: Callable[[str], None],
) -> None:
    write_desk(tmp_path, CONFIGURATION + f"store: {postgres_url}\nsnapshot: {{automatic: false}}\n")

    def ready(service: Running, address: str, status: int) -> None:
        service.until(f"{status}", lambda: get(f"{address}/readyz")[0] == status)

    with running(["run"], tmp_path) as service:
        address = service.address()
        ready(service, address, 200)
        service.until("figures", lambda: _urgent(address) == 1)
        postgres.stop()
        try:
            ready(service, address, 503)
            assert get(f"{address}/healthz")[0] == 200
            assert _urgent(address) == 1, "the last figures stay"
        finally:
            postgres.start()
        row = "6,incident,urgent,Askersund,2020-06-26 16:50:00,,,,new,,,\n"
        (tmp_path / "tickets.csv").write_text(TICKETS + row)
        began = time.monotonic()
        ready(service, address, 200)
        service.until("the new ticket", lambda: _urgent(address) == 2)
        took = time.monotonic() - began
        assert service.end(signal.SIGTERM) == 0
        assert "Traceback" not in service.log
    figure(f"PostgreSQL restarted under `run`: ready, with what had changed, {took:.0f} s later")
