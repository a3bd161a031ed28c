"""A damaged store: whatever was flipped, no other figure comes of it, and the error says where."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.loading.load import load_settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.store import DeliveryKey, Store, StoreError
from collector.store.checksums import CALL_NUMBERS, TICKET_NUMBERS, checksums, row_checksum
from collector.store.ledger import LedgerChanges, RecordedDefinition, RecordedValue
from tests.worlds.commands import run_here
from tests.worlds.sizes import sample_size

NOON = 1_593_000_000
MEASURE = ("measure", "--period", "2020-06", "--format", "json")
NUMBERS = st.lists(st.none() | st.integers(-(2**62), 2**62), min_size=1, max_size=9)


def _columns() -> Iterator[tuple[str, str]]:
    for name in TICKET_NUMBERS:
        yield "tickets", name
    for name in CALL_NUMBERS[:-1]:  # no call of this desk has an id
        yield "calls", name
    for table in ("tickets", "calls"):
        yield table, "profile"


@pytest.mark.parametrize(("table", "column"), list(_columns()))
def test_a_flipped_bit_in_a_row_is_an_error_that_names_it(
    polled: Path, table: str, column: str
) -> None:
    assert run_here(*MEASURE).code == 0
    with closing(sqlite3.connect(polled / "servicedesk.db")) as store, store:
        n, value = store.execute(f"SELECT n, {column} FROM {table}").fetchone()
        flipped = (value or 0) ^ (1 << random.Random(column).randrange(20))
        store.execute("PRAGMA foreign_keys = OFF")
        store.execute(f"UPDATE {table} SET {column} = ? WHERE n = ?", (flipped, n))
    done = run_here(*MEASURE)
    assert done.code != 0
    assert f"damaged (table {table}, row {n})" in done.err
    assert "restore a backup" in done.err


@given(NUMBERS, st.data())
def test_every_flipped_bit_changes_the_checksum(numbers: list[int | None], data: Any) -> None:
    place = data.draw(st.integers(0, len(numbers) - 1))
    bit = data.draw(st.integers(0, 61))
    other = list(numbers)
    other[place] = (other[place] or 0) ^ (1 << bit)
    if numbers[place] is not None:
        assert row_checksum(other) != row_checksum(numbers)


@given(
    st.lists(
        st.tuples(*[st.integers(-(2**63), 2**63 - 1)] * 3, st.lists(st.integers(0, 2**40))),
        max_size=5,
    )
)
def test_rows_at_once_have_the_checksums_of_each(
    rows: list[tuple[int, int, int, list[int]]],
) -> None:
    flat = [each[3][: len(each[3]) // 3 * 3] for each in rows]
    held = np.array([len(each) // 3 for each in flat], np.int64)
    columns = [np.array([row[place] for row in rows], np.int64) for place in range(3)]
    facts = np.array([number for each in flat for number in each], np.int64)
    wanted = [
        row_checksum((*row[:3], n), ",".join(map(str, own)) or None)
        for row, own, n in zip(rows, flat, held.tolist(), strict=True)
    ]
    assert checksums([*columns, held], facts, held).tolist() == wanted


@pytest.fixture(scope="module")
def figures_of(tmp_path_factory: pytest.TempPathFactory, polled_store: Path) -> Any:
    """Measures a damaged copy of the small desk's store: its figures, or the error."""
    folder = tmp_path_factory.mktemp("damaged")
    for each in polled_store.parent.iterdir():
        if each.is_file():
            shutil.copyfile(each, folder / each.name)
    settings = load_settings(folder / "servicedesk.yaml")
    with closing(sqlite3.connect(folder / "servicedesk.db")) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    intact = (folder / "servicedesk.db").read_bytes()

    def measure(flip: int | None) -> Any:
        damaged = bytearray(intact)
        if flip is not None:
            damaged[flip // 8] ^= 1 << flip % 8
        for rest in folder.glob("servicedesk.db-*"):
            rest.unlink()
        (folder / "servicedesk.db").write_bytes(damaged)
        try:
            with Store.open(settings.store) as store:
                store.check()
                live = Live(Measuring(settings, store)).refresh(NOON)
                return live.figures, live.open_work
        except StoreError as error:
            return error

    return measure, 8 * len(intact)


def test_no_bit_of_the_file_changes_a_figure_unseen(figures_of: Any) -> None:
    measure, bits = figures_of
    right = measure(None)
    assert not isinstance(right, StoreError)
    chosen = random.Random(16)
    found = [measure(chosen.randrange(bits)) for _ in range(sample_size(40, 160, 400))]
    errors = [each for each in found if isinstance(each, StoreError)]
    assert all(each == right for each in found if not isinstance(each, StoreError))
    assert errors


NONSENSE = {
    "cursors": ("position = '{\"n\": 99}'", "cursors, row desk"),
    "poll_states": ("last_success = 'soon'", "poll_states, row desk"),
    "profiles": ("texts = replace(texts, 'urgent', 'urgenu')", "profiles, row"),
    "changes": ("at = at + 1", "changes of ticket"),
}


@pytest.mark.parametrize("table", NONSENSE)
def test_what_cannot_be_decoded_is_named_by_table_and_key(polled: Path, table: str) -> None:
    change, said = NONSENSE[table]
    with closing(sqlite3.connect(polled / "servicedesk.db")) as store, store:
        if not store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
            ticket = store.execute("SELECT min(n) FROM tickets").fetchone()[0]
            store.execute("INSERT INTO changes VALUES (?, 0, 5, 'status', 'new')", (ticket,))
        store.execute(f"UPDATE {table} SET {change}")
    settings = load_settings(polled / "servicedesk.yaml")
    with Store.open(settings.store) as store, pytest.raises(StoreError, match=said):
        store.pages.cursor("desk")
        store.polls.states()
        store.check()


def test_tables_of_what_people_decided_are_named_too(sqlite_store: Store) -> None:
    key = DeliveryKey("5eal", "sv", "archive")
    sqlite_store.deliveries.claim(key, {"a.pdf": "00"}, NOON, frozenset())
    sqlite_store.sweeps.begun("desk", NOON)
    with sqlite_store._database.writing() as connection:
        for statement in (
            "UPDATE deliveries SET files = '{\"a'",
            "UPDATE sweeps SET position = '[1]'",
            "INSERT INTO definitions VALUES (7, 'urgent', 'never', '[]', NULL, 'x')",
            "INSERT INTO given_values VALUES (8, 'urgent', NULL, '2020-06-01', 1, '59', 'x')",
        ):
            connection.exec_driver_sql(statement)
    for read, said in (
        (lambda: sqlite_store.deliveries.find(key), "deliveries, row archive, sv, seal 5eal"),
        (sqlite_store.sweeps.states, "sweeps, row desk"),
        (sqlite_store.ledger.definitions, "definitions, row 7"),
        (sqlite_store.ledger.values_given, "given_values, row 8"),
    ):
        with pytest.raises(StoreError, match=said):
            read()


def test_what_people_decided_is_as_it_was_recorded(sqlite_store: Store) -> None:
    """A figure given by hand with another digit, or another limit, is still JSON."""
    defined = RecordedDefinition("urgent", NOON, '[["target", ">= 90%"]]')
    given = RecordedValue("engagement", None, "2020-06-01", NOON, {"value": 59})
    ledger = sqlite_store.ledger
    ledger.record(lambda *_: LedgerChanges([defined], [given], []))
    assert ledger.definitions() == {"urgent": defined}
    assert ledger.values_given() == [given]
    for table, column, by in (
        ("given_values", "content", "replace(content, '59', '69')"),
        ("given_values", "date", "'2020-07-01'"),
        ("definitions", "content", "replace(content, '90', '80')"),
        ("definitions", "recorded_at", "recorded_at + 1"),
    ):
        with sqlite_store._database.writing() as connection:
            change = f"UPDATE {table} SET {column} = {by}"
            connection.exec_driver_sql(change)
        with pytest.raises(StoreError, match=f"damaged .table {table}, row"):
            ledger.definitions() if table == "definitions" else ledger.values_given()


def test_a_damaged_file_is_refused_at_the_start(polled: Path) -> None:
    file = polled / "servicedesk.db"
    content = bytearray(file.read_bytes())
    with closing(sqlite3.connect(file)) as store:
        (root,) = store.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'polls'"
        ).fetchone()
    content[(root - 1) * 4096 : (root - 1) * 4096 + 64] = b"\xff" * 64
    file.write_bytes(content)
    done = run_here("run")
    assert done.code == 2
    assert "the database file is damaged" in done.err
    asked = run_here("check")
    assert (asked.code, "the database file is damaged" in asked.err) == (2, True)
