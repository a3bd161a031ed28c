"""A bad network between `poll` and its source: it ends in time, and later all is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from collector.store import Store
from tests.worlds.commands import Outcome, run_process
from tests.worlds.fault_proxy import CLEAR, FaultProxy, Weather, fault_proxy
from tests.worlds.json_desk import JsonDesk, are_whole_pages, json_desk
from tests.worlds.sizes import heavy

TICKETS = 120
DEADLINE = 20 + 1
BUSY = 40
"""Seconds that a loaded machine may add."""


class Lab:
    """A desk behind a proxy, and polls of it, each a process of its own."""

    def __init__(self, folder: Path, desk: JsonDesk, proxy: FaultProxy) -> None:
        self.folder, self.desk, self.proxy = folder, desk, proxy
        now = desk.clock()
        for number in range(1, TICKETS + 1):
            desk.put(number, now - 9000 + number, now - 8000 + number)
        desk.written(folder, f"http://127.0.0.1:{proxy.port}", "snapshot: {automatic: false}\n")

    def poll(self) -> tuple[Outcome, float]:
        """How the command ended, and the seconds that the poll of the desk took."""
        done = run_process(["poll"], cwd=self.folder)
        assert "Traceback" not in done.err
        with self.store() as store:
            took = store.polls.states()["desk"].duration
        assert took < DEADLINE + BUSY
        return done, took

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.folder / 'servicedesk.db'}")

    def stored(self) -> int:
        """How many tickets are stored."""
        with self.store() as store, store._database.reading() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM tickets WHERE source = 'desk'")
            return int(found.scalar_one())


@pytest.fixture
def lab(tmp_path: Path) -> Lab:  # type: ignore[misc]
    with json_desk() as (desk, url), fault_proxy(int(url.rpartition(":")[2])) as proxy:
        yield Lab(tmp_path, desk, proxy)


def _once_it_is_well(lab: Lab) -> None:
    lab.proxy.weather = CLEAR
    lab.proxy.recover()
    assert lab.poll()[0].code == 0
    assert lab.stored() == TICKETS
    assert lab.desk.at_once == 1, "never two requests at a time"


BAD = {
    "hangs up": Weather(cut_after=0),
    "cuts after 600 bytes": Weather(cut_after=600),
    "cuts 30 % of connections": Weather(cut_after=600, share=0.3),
    "2 s of latency": Weather(latency=2.0),
    "200 bytes a second": Weather(rate=200),
}
_USUAL = {"cuts after 600 bytes"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in _USUAL else [heavy]) for name in BAD]
)
def test_whatever_a_network_does_the_poll_ends_in_time_and_all_is_read_later(
    lab: Lab, figure: Callable[[str], None], name: str
) -> None:
    lab.proxy.weather = BAD[name]
    done, took = lab.poll()
    if done.code:
        assert "desk: failed: GET 127.0.0.1" in done.out
    before = lab.stored()
    assert are_whole_pages(before, TICKETS)
    figure(f"{name}: {'poll failed' if done.code else 'read'} after {took:.0f} s")
    _once_it_is_well(lab)


@heavy
def test_a_network_that_says_nothing_ends_the_poll_in_time(
    lab: Lab, figure: Callable[[str], None]
) -> None:
    lab.proxy.fall_silent()
    done, took = lab.poll()
    assert done.code == 1
    figure(f"silent: poll failed after {took:.0f} s; all {TICKETS} tickets read once it is well")
    _once_it_is_well(lab)
