"""Backups: of a store in use, checked, brought back; and the move to another engine."""

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from collector.service.drain import drain
from collector.store import Store, StoreError
from collector.store.backup import back_up, inspect_file, restore
from collector.store.migrate import HEAD
from tests.worlds.commands import run_here
from tests.worlds.fake_source import NAME, FakeSource, dump
from tests.worlds.samples import FULL, T0, call, save, ticket


@pytest.fixture
def file(tmp_path, sqlite_url):
    """A store with a few pages."""
    with Store.open(sqlite_url) as store:
        assert drain(FakeSource(6), store, clock=lambda: T0).ok
    return Path(sqlite_url.removeprefix("sqlite:///"))


def url_of(file):
    return f"sqlite:///{file}"


def test_a_backup_holds_what_the_store_held(file, tmp_path):
    found = back_up(file, tmp_path / "b.db")
    assert dump(url_of(tmp_path / "b.db")) == dump(url_of(file))
    assert found.version == HEAD
    assert found.rows["tickets"] > 0
    assert found.size == (tmp_path / "b.db").stat().st_size
    assert (tmp_path / "b.db").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.glob("*b.db*")) == ["b.db"], "one file, complete"


def test_a_plain_copy_loses_what_a_backup_holds(file, tmp_path):
    with Store.open(url_of(file)) as store:
        save(store, ticket("late"), source="desk")
        shutil.copyfile(file, tmp_path / "copied.db")
        back_up(file, tmp_path / "b.db")
    assert inspect_file(tmp_path / "copied.db").rows != inspect_file(tmp_path / "b.db").rows
    with Store.open(url_of(tmp_path / "b.db")) as store:
        assert store.pages.cursor("desk") == {"page": 1}


def test_while_pages_are_stored_each_backup_is_of_one_moment(new_sqlite_url, tmp_path, figure):
    """Rows and cursor agree, as if the service had stopped between two pages."""
    known = {}
    with Store.open(new_sqlite_url) as store:
        drain(FakeSource(1), store, clock=lambda: T0)
        file = Path(new_sqlite_url.removeprefix("sqlite:///"))
        begun = threading.Event()
        writer = threading.Thread(
            target=drain,
            args=(FakeSource(20), store),
            kwargs={"clock": lambda: T0, "on_page": lambda *_: begun.set()},
        )
        writer.start()
        begun.wait(60)
        number = 0
        while writer.is_alive() and number < 5:
            number += 1
            back_up(file, tmp_path / f"{number}.db")
        writer.join()
    assert number > 0
    for each in range(1, number + 1):
        url = url_of(tmp_path / f"{each}.db")
        with Store.open(url) as store:
            reached = store.pages.cursor(NAME)["page"]
        if reached not in known:
            undisturbed = url_of(tmp_path / f"page-{reached}.db")
            with Store.open(undisturbed) as store:
                drain(FakeSource(reached), store, clock=lambda: T0)
            known[reached] = dump(undisturbed)
        assert dump(url) == known[reached]
    figure(f"{number} backups beside a writer, each of one moment")


def test_a_backup_does_not_wait_for_a_writer(file, tmp_path):
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM dirty")
        before = inspect_file(file).rows
        assert back_up(file, tmp_path / "b.db").rows == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("store.db", "the file exists; name a new one"),
        ("none/b.db", "none does not exist; create"),
        ("x" * 260, "File name too long"),
    ],
)
def test_where_no_backup_can_be_written(file, tmp_path, name, words):
    held = dump(url_of(file))
    with pytest.raises(StoreError, match=words):
        back_up(file, tmp_path / name)
    assert dump(url_of(file)) == held


def test_a_backup_that_fails_leaves_nothing(file, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("collector.store.backup._sync", full)
    with pytest.raises(StoreError, match=r"backup .*b\.db: No space left on device"):
        back_up(file, tmp_path / "b.db")
    assert not list(tmp_path.glob("*b.db*"))


def test_what_a_killed_backup_left_is_removed_a_day_later(file, tmp_path):
    left, other = tmp_path / ".a.db.77.partial", tmp_path / ".notes.partial"
    for each in (left, other):
        each.write_text("half")
    back_up(file, tmp_path / "b.db")
    assert left.exists(), "another one may be at work"
    for each in (left, other):
        os.utime(each, (1, 1))
    back_up(file, tmp_path / "c.db")
    assert not left.exists()
    assert other.exists(), "it is not ours"


def test_a_damaged_store_is_not_called_a_damaged_backup(file, tmp_path):
    held = bytearray(file.read_bytes())
    for page in range(20, len(held) // 4096):
        held[4096 * page : 4096 * page + 16] = bytes(16)
    file.write_bytes(held)
    with pytest.raises(StoreError, match=r"store .*store\.db: .*damaged.*restore"):
        back_up(file, tmp_path / "b.db")
    assert not list(tmp_path.glob("*b.db*"))


def test_a_backup_in_the_place_of_a_store(file, tmp_path):
    back_up(file, tmp_path / "b.db")
    held = dump(url_of(file))
    with Store.open(url_of(file)) as store:
        save(store, ticket("later"))
    later = dump(url_of(file))
    found, kept = restore(tmp_path / "b.db", file)
    assert dump(url_of(file)) == held
    assert dump(url_of(kept)) == later, "what was there is kept"
    assert found.rows == inspect_file(tmp_path / "b.db").rows
    assert file.stat().st_mode & 0o777 == 0o600
    assert restore(tmp_path / "b.db", file)[1] != kept, "nor does a second one replace it"


def test_a_backup_where_there_is_no_store(file, tmp_path):
    back_up(file, tmp_path / "b.db")
    assert restore(tmp_path / "b.db", tmp_path / "new.db")[1] is None
    assert dump(url_of(tmp_path / "new.db")) == dump(url_of(file))


def test_a_store_in_use_is_not_replaced(file, tmp_path):
    back_up(file, tmp_path / "b.db")
    with Store.open(url_of(file)) as store:
        save(store, ticket("later"))
        with pytest.raises(StoreError, match="a process has it open; stop the service"):
            restore(tmp_path / "b.db", file)
        assert store.pages.cursor("desk") == {"page": 1}


def test_a_damaged_store_is_replaced(file, tmp_path):
    back_up(file, tmp_path / "b.db")
    held = dump(url_of(file))
    file.write_bytes(b"not a database, but once it was one" * 300)
    restore(tmp_path / "b.db", file)
    assert dump(url_of(file)) == held


def damaged(file):
    content = bytearray(file.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    file.write_bytes(content)


def later_release(file):
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def other_database(file):
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE x (y)")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (damaged, "the file is damaged|database file is damaged"),
        (later_release, f"version 9999, but this release only knows versions up to {HEAD}"),
        (other_database, "this is an SQLite database, but not a store"),
        (lambda file: file.write_text("nothing of the kind"), "is not an SQLite database"),
        (lambda file: file.unlink(), "there is no such file"),
    ],
)
def test_what_is_no_backup_replaces_nothing(file, tmp_path, spoil, words):
    back_up(file, tmp_path / "b.db")
    held = dump(url_of(file))
    spoil(tmp_path / "b.db")
    with pytest.raises(StoreError, match=words):
        restore(tmp_path / "b.db", file)
    assert dump(url_of(file)) == held
    assert not list(tmp_path.glob("*before-restore*"))


RECORDS = (FULL, ticket("2", organization="Ä \N{SNOWMAN} 'x'"), call(wait_seconds=3))


def test_a_store_moves_to_another_engine_and_back(store, store_url, postgres_url, tmp_path):
    drain(FakeSource(8), store, clock=lambda: T0)
    for record in RECORDS:
        save(store, record, source="desk" if record in RECORDS[:2] else "phone")
    there = url_of(tmp_path / "moved.db") if "postgres" in store_url else postgres_url
    with Store.open(there) as target:
        found = {each.table: each for each in store.copy_to(target)}
    assert dump(there, log=True) == dump(store_url, log=True)
    assert found["tickets"].rows > 2
    with Store.open(there) as target:  # it goes on where the other one was
        assert save(target, ticket("3"))
        assert target.pages.cursor(NAME) == store.pages.cursor(NAME)


def test_a_target_that_holds_records_is_left_alone(sqlite_store, tmp_path):
    there = url_of(tmp_path / "there.db")
    save(sqlite_store, *RECORDS[:2])
    with Store.open(there) as target:
        save(target, ticket("own"))
        held = dump(there)
        with pytest.raises(StoreError, match="it is not empty"):
            sqlite_store.copy_to(target)
    assert dump(there) == held


def test_what_arrives_otherwise_is_noticed(sqlite_store, tmp_path):
    there = url_of(tmp_path / "there.db")
    save(sqlite_store, *RECORDS[:2])
    with Store.open(there) as target:
        held = dump(there)
        with target._database.writing() as connection:
            connection.execute(text(
                "CREATE TRIGGER lossy AFTER INSERT ON tickets BEGIN "
                "UPDATE tickets SET team = 'x' WHERE n = NEW.n; END"
            ))  # fmt: skip
        with pytest.raises(StoreError, match="table tickets does not hold what was copied"):
            sqlite_store.copy_to(target)
    assert dump(there) == held, "nothing was kept"


def test_the_commands(polled, tmp_path):
    before = run_here("measure", "--period", "2020-06", "--format", "json")
    done = run_here("backup", "kept.db")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("kept.db: ")
    assert "tickets" in done.out
    with Store.open(url_of(polled / "servicedesk.db")) as store:
        assert store.backups.last() > T0
    again = run_here("backup", "kept.db")
    assert (again.code, again.err) == (
        2,
        "error: backup kept.db: the file exists; name a new one\n",
    )
    (polled / "servicedesk.db").unlink()
    done = run_here("restore", "kept.db")
    assert (done.code, done.err) == (0, "")
    assert run_here("measure", "--period", "2020-06", "--format", "json").out == before.out
    copied = run_here("copy", "--to", "sqlite:///other.db")
    assert (copied.code, copied.err) == (0, "")
    assert "the same in both by digest" in copied.out
    assert dump(url_of(polled / "other.db")) == dump(url_of(polled / "servicedesk.db"))


def test_postgresql_has_its_own_tools(polled, postgres_url):
    config = polled / "servicedesk.yaml"
    config.write_text(f"store: {postgres_url}\n" + config.read_text().replace("store:", "#"))
    tools = {"backup": "pg_dump --format=custom --file=kept.db", "restore": "pg_restore"}
    for command, tool in tools.items():
        done = run_here(command, "kept.db")
        assert done.code == 2
        assert tool in done.err


def test_the_tools_of_postgresql(polled, postgres, postgres_url, tmp_path):
    """The commands of docs/operations.md, against a real server."""
    with Store.open(postgres_url) as store:
        drain(FakeSource(3), store, clock=lambda: T0)
    held = dump(postgres_url)
    postgres.run_tool("pg_dump", "--format=custom", "--file=kept.dump", "--dbname", postgres_url)
    with Store.open(postgres_url) as store:
        save(store, ticket("later"))
    assert dump(postgres_url) != held
    postgres.run_tool("pg_restore", "--clean", "--if-exists", "--dbname", postgres_url, "kept.dump")
    assert dump(postgres_url) == held
    config = polled / "servicedesk.yaml"
    config.write_text(f"store: {postgres_url}\n" + config.read_text().replace("store:", "#"))
    assert run_here("backup", "--record").code == 0
    with Store.open(postgres_url) as store:
        assert store.backups.last() > T0


def test_how_backup_is_misused(polled):
    assert run_here("backup").err == "error: name the file of the backup\n"
    assert run_here("backup", "b.db", "--record").code == 2
    (polled / "servicedesk.db").unlink()
    done = run_here("backup", "b.db")
    assert (done.code, "there is no such file" in done.err) == (2, True)
    assert not (polled / "servicedesk.db").exists(), "asking makes no empty store"
