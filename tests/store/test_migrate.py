"""Opening: migrations, and all that is no store."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, text

import collector.store.indexes  # noqa: F401 - they belong to the metadata
from collector.model.columns import ABSENT
from collector.model.history import intervals
from collector.model.page import Page
from collector.model.records import Change
from collector.service.drain import drain
from collector.store import Store, StoreError
from collector.store import migrate as migrate_module
from collector.store.engine import parse_url
from collector.store.rows import FACTS, TICKET_COLUMNS, ticket_row
from collector.store.schema import changes, definitions, metadata, profiles
from tests.worlds.fake_source import NAME, FakeSource, dump
from tests.worlds.polling import FORKSERVER, migrate
from tests.worlds.samples import FULL, T0, ticket


def test_the_migrations_make_the_tables_of_the_schema(store, store_url):
    engine = create_engine(parse_url(store_url))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_opening_again_changes_nothing(store, store_url):
    before = dump(store_url, log=True)
    with Store.open(store_url):
        assert dump(store_url, log=True) == before


def test_several_processes_may_open_a_new_store_at_once(store_url):
    start = FORKSERVER.Barrier(4)
    processes = []
    for _ in range(4):
        ours, theirs = FORKSERVER.Pipe(duplex=False)
        process = FORKSERVER.Process(target=migrate, args=(store_url, start, theirs))
        process.start()
        theirs.close()
        processes.append((process, ours))
    answers = [ours.recv() for _, ours in processes]
    for process, ours in processes:
        process.join()
        process.close()
        ours.close()
    assert answers == [0] * 4


def test_a_store_of_the_first_release_keeps_its_holds_and_learns_its_reopenings(store_url):
    """What 0001 wrote, brought up to date, is what storing the same tickets today gives."""
    whole = [
        FULL,
        ticket("2", changes=FULL.changes, category="other"),
        ticket("3", reopened=1, kind="order", changes=(Change(T0 + 1, "status", "new"),)),
        ticket("4"),
        ticket("5", priority="high", changes=(Change(T0, "priority", "low"),)),  # behind
        ticket("6", priority="low", changes=(Change(T0, "priority", "low"),)),
        ticket("7", changes=FULL.changes[-6:]),
        ticket("8", changes=(Change(T0 + 9, "priority", "b"), Change(T0, "priority", "a"))),
    ]
    old = [replace(each, **dict.fromkeys(FACTS)) for each in whole]
    engine = create_engine(parse_url(store_url))
    with engine.begin() as connection:
        command.upgrade(migrate_module.alembic_config(connection), "0001")
        for n, each in enumerate(old, 1):
            held = [
                f"{a},{ABSENT if b is None else b}"
                for a, b in intervals(each.changes, "status", {"on_hold"})
            ]
            values, profile = ticket_row(each)
            row = dict(zip(TICKET_COLUMNS, values, strict=True))
            row |= {"facts_held": len(held), "facts": ",".join(held) or None, "n": n}
            del row["unrecorded"]
            texts = {"n": n, "digest": f"of {n}", "texts": json.dumps(profile[:-1])}
            connection.execute(insert(profiles), texts)
            names = {"facts_held": "held", "facts": "holds"}
            columns = {names.get(c, c): v for c, v in row.items()} | {"profile": n}
            marks = ", ".join(f":{c}" for c in columns)
            into = f"INSERT INTO tickets ({', '.join(columns)}) VALUES ({marks})"
            connection.execute(text(into), columns)
            for seq, c in enumerate(each.changes):
                change = {"ticket": n, "seq": seq, "at": c.at, "field": c.field, "value": c.value}
                connection.execute(insert(changes), change)
    engine.dispose()
    with Store.open(store_url) as migrated:
        for each in old:
            assert migrated.records.ticket(each.source, each.id) == each
        cursor = migrated.pages.cursor("desk")
        assert migrated.pages.save("desk", Page(records=old, cursor={"p": 1}), cursor) == 0


@pytest.mark.parametrize("recorded", [[], [T0 + 5, T0, T0 + 9]])
def test_an_upgrade_does_not_loosen_definitions_that_were_held_before(store_url, recorded):
    engine = create_engine(parse_url(store_url))
    with engine.begin() as connection:
        command.upgrade(migrate_module.alembic_config(connection), "0011")
        for n, at in enumerate(recorded, 1):
            values = {"n": n, "indicator": "urgent", "recorded_at": at, "content": "[]"}
            connection.execute(insert(definitions), values)
    engine.dispose()
    with Store.open(store_url) as upgraded:
        assert upgraded.ledger.committed_at() == min(recorded, default=None)
        assert upgraded.ledger.is_held() == bool(recorded)
        assert len(upgraded.ledger.definitions()) == bool(recorded), "with their digests"


def test_a_later_schema_is_refused(store, store_url):
    engine = create_engine(parse_url(store_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=rf"9999.*up to {migrate_module.HEAD}.*install the"):
        Store.open(store_url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("no url", "not a URL"),
        ("postgresql://kpi:hunter2@db:port/kpi", "not a URL"),
        ("mysql://root:hunter2@db/kpi", "'mysql' is not supported"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("postgresql://kpi:hunter2@/kpi?host=/nowhere", "kpi at local"),
    ],
)
def test_what_is_no_store(url, says):
    with pytest.raises(StoreError, match=says) as caught:
        Store.open(url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_directory(tmp_path):
    with pytest.raises(StoreError, match=r"the directory .*nowhere does not exist"):
        Store.open(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}")


def test_a_directory(tmp_path):
    with pytest.raises(StoreError, match="this is a directory"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database\n" * 1000)
    with pytest.raises(StoreError, match="is not an SQLite database"):
        Store.open(f"sqlite:///{tmp_path / 'notes.txt'}")
    assert (tmp_path / "notes.txt").read_text() == "not a database\n" * 1000


def test_a_file_that_cannot_be_opened(tmp_path):
    path = tmp_path / "store.db"
    path.symlink_to(tmp_path / "nowhere" / "store.db")  # as good as missing rights, also for root
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(f"sqlite:///{path}")


def test_the_file_is_as_safe_as_it_can_be(new_sqlite_url):
    with Store.open(new_sqlite_url) as store, store._database._engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 2, 1, 30_000]
    assert [p.name for p in Path(parse_url(new_sqlite_url).database).parent.iterdir()] == [
        "store.db"
    ]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_postgresql_that_does_not_hold_every_text_is_refused(postgres, encoding):
    name = postgres.new_name()
    postgres.create(name, encoding=encoding)
    with pytest.raises(StoreError, match=f"encoding is {encoding}.* ENCODING 'UTF8'"):
        Store.open(postgres.url(name))
    postgres.drop_database(name)


def test_a_postgresql_that_was_restarted_is_found_again(postgres, postgres_url):
    with Store.open(postgres_url) as store:
        assert drain(FakeSource(3), store, clock=lambda: 0).ok
        postgres.stop()
        result = drain(FakeSource(6), store, clock=lambda: 0)
        assert not result.ok
        postgres.start()
        assert drain(FakeSource(6), store, clock=lambda: 0).ok
        assert store.pages.cursor(NAME) == {"page": 6}


def test_a_postgresql_restarted_between_two_pages_loses_nothing(postgres, postgres_url):
    def restart(page, _):
        if page.cursor["page"] == 2:
            postgres.stop()
            postgres.start()

    with Store.open(postgres_url) as store:
        assert drain(FakeSource(6), store, clock=lambda: 0, on_page=restart).ok
        assert store.pages.cursor(NAME) == {"page": 6}


def test_the_version_that_needs_no_migration_is_the_newest() -> None:
    scripts = ScriptDirectory(str(Path(migrate_module.__file__).parent / "migrations"))
    assert scripts.get_current_head() == migrate_module.HEAD
