"""The command ``erase``: what is told before and after, and that figures stay."""

import json
import logging
from pathlib import Path

import pytest

from collector.store import Store
from tests.worlds.commands import run_here
from tests.worlds.frozen_desk import ASKED, CONFIGURATION, TODAY, write_frozen_desk, write_tickets

ROWS = [
    "HEMLIG-1,2019-11-05T09:00,2019-11-05T10:00,closed,Laxå",
    "HEMLIG-2,2019-11-20T09:00,2019-12-01T10:00,closed,",
    "HEMLIG-3,2019-12-05T09:00,,open,Laxå",
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk with November 2019 frozen."""
    monkeypatch.chdir(tmp_path)
    write_frozen_desk(tmp_path, ROWS)
    return tmp_path


def test_it_says_first_what_would_be_erased(desk: Path) -> None:
    shown = run_here("erase", "desk", "HEMLIG-1", "HEMLIG-3", "none")
    assert shown.out.splitlines()[:4] == [
        "desk: 1 ticket would be erased",
        "  HEMLIG-3: is open and still changes: close it, poll, and erase it then",
        "  none: is not stored: there is nothing to erase",
        "frozen under their ids, and that stays: 2019-11 (snapshot 1)",
    ]
    assert shown.code == 1
    assert "Nothing was changed" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100
    assert run_here("erase", "desk", "HEMLIG-1", "HEMLIG-3", "none").out == shown.out
    assert run_here("erase", "desk", "HEMLIG-1").code == 0
    assert run_here("erase", "--log").out == "nothing was erased\n"


def test_figures_stay_and_the_ticket_is_gone_for_good(desk: Path) -> None:
    before = run_here(*ASKED).out
    (desk / "ids.txt").write_text("HEMLIG-1\r\n\nHEMLIG-2\n", encoding="utf-8")
    logging.getLogger("collector.cli.erase").setLevel(logging.INFO)
    done = run_here("erase", "desk", "--ids", "ids.txt", "--yes")
    assert done.code == 0, done.err
    assert done.out.startswith("desk: 2 tickets erased\n")
    assert "source desk: 2 tickets erased" in done.err
    assert "HEMLIG" not in done.err
    assert run_here(*ASKED).out == before
    changed = [row.replace("2019-11-05T10", "2019-11-05T11") for row in ROWS]
    write_tickets(desk, changed)
    assert run_here("poll").out == "desk: 3 records, 0 new or changed\n"
    assert run_here(*ASKED).out == before
    explained = run_here("explain", "tickets", "--period", "2019-11")
    assert "HEMLIG" not in explained.out
    assert explained.out.count("desk/erased-") == 2
    said = run_here("erase", "--log").out
    assert said.startswith(f"{TODAY}T")
    assert said.split()[1:] == ["desk", "2", "tickets"]
    again = run_here("erase", "desk", "HEMLIG-1", "--yes")
    assert (again.code, again.out.splitlines()[1].split(": ")[1][:17]) == (0, "was erased before")


def test_what_was_frozen_stays_whole_and_differs_in_nothing_else(desk: Path) -> None:
    before = run_here("snapshot", "compare", "2019-11", "--format", "json").out
    run_here("erase", "desk", "HEMLIG-1", "HEMLIG-2", "--yes")
    assert run_here("snapshot", "verify").code == 0
    assert run_here("snapshot", "compare", "2019-11", "--format", "json").out == before
    assert json.loads(before)["records"] == []


def test_in_postgresql_it_says_what_its_administrator_does(desk: Path, postgres_url: str) -> None:
    file = desk / "servicedesk.yaml"
    file.write_text(f"{CONFIGURATION}store: {postgres_url}\n", encoding="utf-8")
    run_here("poll")
    before = run_here(*ASKED).out
    done = run_here("erase", "desk", "HEMLIG-1", "--yes")
    assert "VACUUM FULL tickets, calls" in done.out
    assert (done.code, run_here(*ASKED).out) == (0, before)


def test_a_snapshot_that_cannot_be_read_is_told(desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk / 'servicedesk.db'}")
    with store, store._database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS snapshots_no_update")
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE snapshots SET records = x'00'")
    shown = run_here("erase", "desk", "HEMLIG-1")
    assert "which cannot be read (snapshot 1)" in shown.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "say what to erase: erase SOURCE ID, or erase SOURCE --ids FILE"),
        (("desk",), "say what to erase: erase SOURCE ID, or erase SOURCE --ids FILE"),
        (("dsk", "1"), "there is no source 'dsk'; there are: desk"),
        (("desk", "--ids", "none.txt"), "--ids none.txt: No such file or directory"),
        (("desk", "--ids", "binary"), "--ids binary: is not a text in UTF-8 with one id a line"),
    ],
)
def test_a_mistake(desk: Path, arguments: tuple[str, ...], told: str) -> None:
    (desk / "binary").write_bytes(b"\xff\xfe\x00")
    refused = run_here("erase", *arguments)
    assert refused.code == 2
    assert told in refused.err
