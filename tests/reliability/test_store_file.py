"""The store's file: gone, replaced, on a full disk, read-only; what is beside it, and its modes."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.model.page import Page
from collector.store import Store, StoreError
from collector.store.sqlite import LEAST_FREE
from tests.worlds.commands import run_here, run_process
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.processes import Running, get, running, value_of


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    """A disk of so many bytes at a folder; skips where none may be mounted."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("no disk may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


QUIET = CONFIGURATION + "snapshot: {automatic: false}\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    write_desk(tmp_path, QUIET)
    with running(["run"], tmp_path) as process:
        address = process.address()
        process.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
        yield process


def _says_it_is_not_ready(service: Running, because: str) -> None:
    address = service.address()
    service.until("503", lambda: because in get(f"{address}/readyz")[1])
    assert get(f"{address}/readyz")[0] == 503
    metrics = get(f"{address}/metrics")[1]
    assert value_of(metrics, "servicedesk_store_up") == 0
    assert value_of(metrics, "servicedesk_ready") == 0
    assert value_of(metrics, "servicedesk_source_up", source="desk") == 0


def _is_ready_again(service: Running) -> None:
    address = service.address()
    service.until("readiness again", lambda: get(f"{address}/readyz")[0] == 200)
    up = lambda: value_of(  # noqa: E731
        get(f"{address}/metrics")[1], "servicedesk_source_up", source="desk"
    )
    service.until("polls again", lambda: up() == 1)


def test_a_store_that_is_taken_away_is_told_and_is_back_when_it_is_put_back(
    service: Running, tmp_path: Path
) -> None:
    store, away = tmp_path / "servicedesk.db", tmp_path / "away.db"
    store.rename(away)
    _says_it_is_not_ready(service, "the file that was opened is gone")
    shutil.copyfile(away, store)  # a copy is another file: what is written there must be known
    _says_it_is_not_ready(service, "the file that was opened was replaced")
    away.replace(store)
    _is_ready_again(service)
    store.unlink()
    _says_it_is_not_ready(service, "the file that was opened is gone")
    assert service.end(signal.SIGTERM) == 0
    assert not store.exists()

    # The next start makes no empty store in its place, and neither does any other command
    for command in (["run"], ["poll"], ["measure", "--period", "2020-06"]):
        again = run_process(command, cwd=tmp_path)
        assert again.code == 2, again.out
        assert "it was made here before and is gone: restore it from a backup" in again.err
    assert not store.exists()
    with running(["run", "--create"], tmp_path) as fresh:
        _is_ready_again(fresh)


def test_nothing_is_written_into_a_file_that_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with Store.open(f"sqlite:///{file}") as store:
        file.unlink()
        with pytest.raises(StoreError, match="the file that was opened is gone"):
            store.pages.save("desk", Page(records=[], cursor={"n": 1}), None)
    assert not file.exists()


def test_a_store_emptied_by_others_is_no_new_one(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with Store.open(f"sqlite:///{file}") as store:
        store.remember()
    file.write_bytes(b"")
    with pytest.raises(StoreError, match="it was made here before and is gone"):
        Store.open(f"sqlite:///{file}")
    with Store.open(f"sqlite:///{file}", create=True) as store:
        store.probe()


def test_a_full_disk_is_not_ready(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = os.statvfs("/")
    full = os.statvfs_result((*disk[:4], LEAST_FREE // disk.f_frsize - 1, *disk[5:]))
    monkeypatch.setattr("os.statvfs", lambda _: full)
    with pytest.raises(StoreError, match="the disk is full: free some space"):
        sqlite_store.probe()
    monkeypatch.undo()
    sqlite_store.probe()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_told_and_over_once_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, 8 << 20):
        write_desk(disk, QUIET)
        with running(["run"], disk) as service:
            address = service.address()
            service.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
            fill(disk / "ballast")
            _says_it_is_not_ready(service, "the disk is full")
            (disk / "ballast").unlink()
            _is_ready_again(service)
            assert service.end(signal.SIGTERM) == 0


def fill(file: Path) -> None:
    """Writes until the disk is full."""
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"\0" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC


def test_a_store_that_is_read_only_for_all_is_not_ready(
    postgres_store: Store,
) -> None:
    engine = postgres_store._database._engine
    with engine.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.commit()
    engine.dispose()
    with pytest.raises(StoreError, match="read-only"):
        postgres_store.probe()


def test_only_the_owner_reads_the_store_and_what_is_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.umask(0)
    try:
        write_desk(tmp_path)
        (tmp_path / "servicedesk.db").touch(0o666)  # of an earlier release
        assert run_here("poll").code == 0
        file = tmp_path / "servicedesk.db"
        with Store.open(f"sqlite:///{file}") as store:
            store.probe()
            made = [*tmp_path.glob("servicedesk.db*"), *tmp_path.glob(".servicedesk.db*")]
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in made}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(
        ("servicedesk.db", "servicedesk.db-wal", "servicedesk.db-shm", ".servicedesk.db.made"),
        0o600,
    )
