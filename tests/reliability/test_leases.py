"""Two collectors on one store, as processes: one leads, both serve, and no late write is stored."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from collector.store import Store
from collector.store.schema import leases
from tests.worlds.collector_process import BETWEEN, INSIDE, LEASE_SECONDS
from tests.worlds.desk import CONFIGURATION, TICKETS, write_desk
from tests.worlds.processes import Running, get, running, value_of

Figure = Callable[[str], None]
BUSY_SECONDS = 60
"""What a machine that does much else may add to a failover."""


class Two:
    """A folder with a desk, and the collectors that run on it."""

    def __init__(self, folder: Path, url: str, ends: ExitStack) -> None:
        write_desk(folder, CONFIGURATION + f"store: {url}\nsnapshot: {{automatic: false}}\n")
        self.folder, self.url, self._ends = folder, url, ends

    def start(self) -> Collector:
        return Collector(self.folder, self._ends.enter_context(running(["run"], self.folder)))

    def fence(self) -> int:
        with Store.open(self.url) as store, store._database.reading() as connection:
            return int(connection.execute(select(leases.c.fence)).scalar_one())

    def says(self, status: str) -> None:
        """What the desk says of its fourth ticket from now on."""
        fresh = self.folder / "tickets.new"
        fresh.write_text(TICKETS.replace(",open,,,", f",{status},,,"))
        fresh.rename(self.folder / "tickets.csv")

    def status(self) -> str | None:
        """What the store says of it."""
        with Store.open(self.url) as store, store._database.reading() as connection:
            found = connection.exec_driver_sql("SELECT status FROM tickets WHERE id = '4'")
            return found.scalar_one()


class Collector:
    """One of them."""

    def __init__(self, folder: Path, process: Running) -> None:
        self._folder, self.process = folder, process
        self.address = process.address()
        self.pid = process._process.pid

    def leads(self) -> bool:
        return value_of(get(f"{self.address}/metrics")[1], "servicedesk_leader") == 1

    def is_ready(self) -> bool:
        return get(f"{self.address}/readyz")[0] == 200

    def begins_to_lead(self, since: float) -> float:
        """Wait until it leads, for no longer than the lease may last from ``since`` on; the seconds
        since then."""
        self.process.until("its lead", self.leads)
        took = time.monotonic() - since
        assert took <= LEASE_SECONDS + 1 + BUSY_SECONDS
        return took

    def will_stop_at(self, place: str) -> None:
        """Let it stop there when it comes by."""
        fresh = self._folder / "stop.new"
        fresh.write_text(str(self.pid))
        fresh.rename(self._folder / f"stop-{place}")

    def stops(self) -> float:
        """Wait until it has stopped; when that was."""
        self.process.until("its stop", self._is_stopped)
        return time.monotonic()

    def _is_stopped(self) -> bool:
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    def goes_on(self) -> None:
        self.process._process.send_signal(signal.SIGCONT)


@pytest.fixture
def two(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    command = [sys.executable, "-m", "tests.worlds.collector_process", str(tmp_path)]
    monkeypatch.setattr("tests.worlds.processes.COMMAND", command)
    with ExitStack() as ends:
        yield Two(tmp_path, store_url, ends)


def test_one_leads_and_another_takes_over_when_it_is_killed(
    two: Two, store_engine: str, figure: Figure
) -> None:
    first, second = _one_and_one_that_stands_by(two)
    before, killed = two.fence(), time.monotonic()
    first.process.kill()
    figure(f"{store_engine}, killed: failover after {second.begins_to_lead(killed):.1f} s")
    two.says("pending")
    second.process.until("its poll", lambda: two.status() == "pending")
    assert two.fence() == before + 1
    assert "Traceback" not in second.process.log


# A process that stands still may hold a lock of SQLite's file, which only its end gives free.
@pytest.mark.parametrize("store_engine", ["postgresql"], indirect=True)
def test_another_takes_over_from_one_that_stands_still(two: Two, figure: Figure) -> None:
    first, second = _one_and_one_that_stands_by(two)
    before = two.fence()
    first.will_stop_at(BETWEEN)
    two.says("waiting")
    stopped = first.stops()
    two.says("pending")
    took = second.begins_to_lead(stopped)
    figure(f"postgresql, stopped between transactions: {took:.1f} s, 0 late writes stored")
    second.process.until("its poll", lambda: two.status() == "pending")
    assert two.fence() == before + 1
    first.goes_on()  # with a page of the time before in its hands
    first.process.until("its end", lambda: "left to another process" in first.process.log)
    assert not first.leads()
    assert two.status() == "pending"
    assert first.is_ready() and second.is_ready()
    assert "Traceback" not in first.process.log


def _one_and_one_that_stands_by(two: Two) -> tuple[Collector, Collector]:
    first = two.start()
    first.process.until("its lead", first.leads)
    second = two.start()
    second.process.until("readiness", second.is_ready)
    assert not second.leads()
    assert re.search(r"standing by: process \d+ on \S+ polls", second.process.log)
    return first, second


@pytest.mark.parametrize("store_engine", ["postgresql"], indirect=True)
def test_one_that_stands_still_in_a_transaction_keeps_postgresql_no_longer_than_the_lease(
    two: Two, figure: Figure
) -> None:
    first = two.start()
    first.process.until("its lead", first.leads)
    second = two.start()
    first.will_stop_at(INSIDE)
    stopped = first.stops()
    took = second.begins_to_lead(stopped)
    figure(f"postgresql, stopped inside a transaction: {took:.1f} s")
    first.goes_on()
    first.process.until("its new role", lambda: "standing by" in first.process.log)
    assert not first.leads()
    assert first.process.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("store_engine", ["sqlite"], indirect=True)
def test_one_that_stands_still_in_a_transaction_keeps_a_file_until_it_ends(two: Two) -> None:
    first = two.start()
    first.process.until("its lead", first.leads)
    second = two.start()
    first.will_stop_at(INSIDE)
    first.stops()
    second.process.until("its doubt", lambda: not second.is_ready())
    assert not second.leads()
    assert get(f"{second.address}/healthz")[0] == 200
    killed = time.monotonic()
    first.process.kill()
    second.begins_to_lead(killed)
    second.process.until("readiness", second.is_ready)


@pytest.mark.parametrize("store_engine", ["sqlite"], indirect=True)
def test_one_that_ends_in_order_leaves_the_lease_at_once(two: Two) -> None:
    first = two.start()
    first.process.until("its lead", first.leads)
    second = two.start()
    assert first.process.end(signal.SIGTERM) == 0
    second.begins_to_lead(time.monotonic())
