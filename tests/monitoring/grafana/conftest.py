"""What the tests of provisioning begin with: a stub of each release, and a store."""

from __future__ import annotations

import pytest

from collector.monitoring.grafana import compare
from collector.store import Store
from tests.worlds.grafana_stub import V11, V12, V13, Stub, grafana
from tests.worlds.provisioning import (
    ENVIRONMENT,
    use_boards,
)

RELEASES = (V11, V12, V13)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(compare, "_COST", 16)  # seals as slowly as need be are tested elsewhere
    use_boards(monkeypatch, tmp_path / "boards")


@pytest.fixture
def opened(sqlite_url):
    with Store.open(sqlite_url) as store:
        yield store


@pytest.fixture(params=RELEASES)
def stub(request):
    return Stub(version=request.param)


@pytest.fixture
def url(stub):
    with grafana(stub) as address:
        yield address
