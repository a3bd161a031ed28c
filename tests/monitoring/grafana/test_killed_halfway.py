"""Provisioning that is cut off, or killed, at any write: the next run completes it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from collector.monitoring.grafana import compare
from collector.monitoring.grafana.client import Unreachable
from collector.store import Store
from tests.worlds.grafana_stub import V11, V12, V13, Stub, grafana
from tests.worlds.polling import FORKSERVER
from tests.worlds.provisioning import ENVIRONMENT, provision, seed_foreign, settings_for, use_boards
from tests.worlds.provisioning_process import provision_in_process
from tests.worlds.sizes import sample_size

OPTIONS = {"policies": "route"}


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(compare, "_COST", 16)
    use_boards(monkeypatch, tmp_path / "boards")


def seeded(version):
    stub = Stub(version=version)
    seed_foreign(stub)
    return stub


def undisturbed(version, folder):
    """What a run without disturbance makes, and with how many writes."""
    stub = seeded(version)
    with grafana(stub) as url, Store.open(f"sqlite:///{folder / 'undisturbed.db'}") as store:
        assert provision(settings_for(url, **OPTIONS), store).drift == 0
    return stub.held(), len(stub.writes)


def completes(stub, url, store, whole):
    """The next run ends well and makes what an undisturbed one makes; another writes nothing."""
    outcome = provision(settings_for(url, **OPTIONS), store)
    assert (outcome.failures, outcome.drift) == ([], 0)
    assert stub.held() == whole
    writes = len(stub.writes)
    assert provision(settings_for(url, **OPTIONS), store).written == 0
    assert len(stub.writes) == writes
    assert stub.resets == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("version", "first"), [(V11, 1), (V12, 2), (V13, 3)])
def test_a_connection_that_breaks_at_any_write_harms_nothing(version, first, moment, tmp_path):
    """Before Grafana carries it out, or after, when its answer does not come. In a usual run each
    version breaks at every sixth write, each at others; in CI at every third, so that at each write
    one of them breaks."""
    step = sample_size(6, 3, 1)
    whole, writes = undisturbed(version, tmp_path)
    assert writes >= 12
    for broken in range(min(first, step), writes + 1, step):
        stub = seeded(version)

        def fail(request, stub=stub, broken=broken, late=moment == "after"):
            written = len(stub.writes) + (0 if late or request.verb == "GET" else 1)
            if written >= broken:
                raise ConnectionError

        setattr(stub, moment, fail)
        with grafana(stub) as url, Store.open(f"sqlite:///{tmp_path / f'{broken}.db'}") as store:
            with pytest.raises(Unreachable, match="the connection broke"):
                provision(settings_for(url, **OPTIONS), store)
            setattr(stub, moment, lambda request: None)
            completes(stub, url, store, whole)


@pytest.mark.parametrize("version", [V11, V13])
def test_killed_again_and_again_it_comes_to_its_end(version, tmp_path):
    """kill -9 at the second write of each run; every run goes on where the last was killed."""
    whole, writes = undisturbed(version, tmp_path)
    stub = seeded(version)
    database = f"sqlite:///{tmp_path / 'store.db'}"
    with Store.open(database):
        pass
    running: list[int] = []
    begun = [0]

    def kill(request):
        if request.verb != "GET" and len(stub.writes) == begun[0] + 2:
            os.kill(running[-1], signal.SIGKILL)
            raise ConnectionError

    stub.after = kill
    with grafana(stub) as url:
        settings = settings_for(url, **OPTIONS).model_dump(mode="json", exclude_unset=True)
        kills = 0
        while (code := _run(settings, database, tmp_path / "boards", running)) == -signal.SIGKILL:
            kills += 1
            begun[0] = len(stub.writes)
            assert kills <= writes, "it does not go on"
        assert code == 0
        assert kills >= writes // 2
        with Store.open(database) as store:
            completes(stub, url, store, whole)


def _run(settings, database, boards: Path, running) -> int:
    ours, theirs = FORKSERVER.Pipe(duplex=False)
    process = FORKSERVER.Process(
        target=provision_in_process,
        args=(json.dumps(settings), database, str(boards), dict(ENVIRONMENT), theirs),
    )
    process.start()
    theirs.close()
    running.append(ours.recv())
    process.join()
    code = process.exitcode
    process.close()
    ours.close()
    return code
