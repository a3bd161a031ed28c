"""A store that is exchanged under a process that has it open: nothing is mixed, and it is told."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from collector.store import Store, StoreError, postgresql
from collector.store.engine import parse_url
from tests.worlds.commands import run_process
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.processes import get, running
from tests.worlds.samples import save, ticket


def _say(url: str, statement: str) -> None:
    """By another hand than that of the store."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _is_refused(store: Store, words: str) -> None:
    """Also when it is asked again, and once the other hand has written more."""
    for _ in range(2):
        with pytest.raises(StoreError, match=words):
            store.probe()
        with pytest.raises(StoreError, match=words):
            save(store, ticket("late"), source="desk")
    assert store.pages.cursor("desk") == {"page": 1}


def test_a_process_does_not_write_into_tables_that_a_later_release_has_changed(
    store: Store, store_url: str
) -> None:
    save(store, ticket("early"), source="desk")
    _say(store_url, "UPDATE alembic_version SET version_num = '9999'")
    _is_refused(store, "another release has changed its tables meanwhile .version 9999, not 00")


@pytest.mark.parametrize("counter", ["probes", "revision"])
def test_an_earlier_state_is_not_gone_on_with(store: Store, store_url: str, counter: str) -> None:
    """As after ``pg_restore --clean`` beside a service; another process may have written since."""
    save(store, ticket("early"), source="other")
    save(store, ticket("early"), source="desk")
    store.probe()
    store.probe()
    _say(store_url, f"UPDATE counters SET value = 0 WHERE name = '{counter}'")
    if counter == "probes":
        with pytest.raises(StoreError, match="earlier state of itself"):
            store.probe()
    else:
        with pytest.raises(StoreError, match="earlier state of itself"):
            save(store, ticket("late"), source="desk")
    _say(store_url, f"UPDATE counters SET value = 1000000 WHERE name = '{counter}'")
    _is_refused(store, "earlier state of itself")


def test_another_store_is_not_gone_on_with(store: Store, store_url: str) -> None:
    save(store, ticket("early"), source="desk")
    store.probe()
    _say(store_url, "UPDATE counters SET value = value + 1 WHERE name = 'identity'")
    _is_refused(store, "exchanged for another one")
    _say(store_url, "UPDATE counters SET value = value - 1 WHERE name = 'identity'")
    store.probe()
    save(store, ticket("late"), source="desk")


def test_two_processes_and_a_failed_probe_are_no_exchange(store: Store, store_url: str) -> None:
    with Store.open(store_url) as other:
        for each in (store, other, store, other):
            each.probe()
            save(each, ticket(f"{time.monotonic_ns()}"), source="desk")
        broken = other._database
        with pytest.raises(ZeroDivisionError), broken.writing() as connection:
            connection.execute(text("UPDATE counters SET value = value + 9"))
            _ = 1 / 0
        store.probe()
        other.probe()


def test_a_backup_that_is_copied_over_the_open_file_is_told(tmp_path: Path) -> None:
    """SQLite notices nothing of it, and ends with a file of the pages of both."""
    write_desk(tmp_path, CONFIGURATION + "snapshot: {automatic: false}\n")
    with running(["run"], tmp_path) as process:
        ready = f"{process.address()}/readyz"
        process.until("readiness", lambda: get(ready)[0] == 200)
        assert run_process(["backup", "b.db"], cwd=tmp_path).code == 0
        shutil.copyfile(tmp_path / "b.db", tmp_path / "servicedesk.db")
        process.until("503", lambda: "was overwritten while it was open" in get(ready)[1])
        assert get(ready)[0] == 503
    assert run_process(["restore", "b.db"], cwd=tmp_path).code == 0
    assert run_process(["check", "--offline"], cwd=tmp_path).code == 0


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda held: b"x" + held[1:]])
def test_a_file_that_was_cut_off_or_scribbled_over_is_not_written(
    sqlite_store: Store, spoil: Callable[[bytes], bytes]
) -> None:
    save(sqlite_store, ticket("early"), source="desk")
    sqlite_store.lease("test").take(60)
    sqlite_store.probe()
    file = sqlite_store._database.file.path
    held = file.read_bytes()
    file.write_bytes(spoil(held))
    with pytest.raises(StoreError, match="overwritten while it was open"):
        sqlite_store.probe()
    file.write_bytes(held)
    with pytest.raises(StoreError, match="overwritten while it was open"):
        sqlite_store.probe()


def test_a_log_that_is_removed_is_told_and_loses_nothing(sqlite_store: Store) -> None:
    """Another process would make a new one, and neither would know of the other's rows."""
    file = sqlite_store._database.file
    with Store.open(f"sqlite:///{file.path}") as serving:
        serving.lease("test").take(60)
        save(serving, ticket("early"), source="desk")
        serving.probe()
        Path(f"{file.path}-wal").unlink()
        for _ in range(2):
            with pytest.raises(StoreError, match="was removed while it was open"):
                serving.probe()
        sqlite_store.close()
    with Store.open(f"sqlite:///{file.path}") as again:
        assert again.pages.cursor("desk") == {"page": 1}
        again.check()


def test_a_copy_may_take_longer_than_a_transaction_may_do_nothing(
    postgres_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one database waits while what the other one holds is compared."""
    monkeypatch.setattr(postgresql, "IDLE_SECONDS", 1)
    save(postgres_store, ticket("early"), source="desk")
    address = postgres_store._database._engine.url
    with (
        Store.open(address.render_as_string(hide_password=False)) as source,
        Store.open(f"sqlite:///{tmp_path}/to.db") as target,
    ):
        source.copy_to(target, lambda found: time.sleep(1.5 if found.table == "cursors" else 0))
        assert target.pages.cursor("desk") == {"page": 1}
