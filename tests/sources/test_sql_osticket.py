"""osTicket by config/examples/sql_tickets-osticket.yaml, from rows recorded from 1.18, in a real
MariaDB; what is expected was counted by hand from the rows and their README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from collector.io.errors import SourceError
from collector.io.yaml import read_yaml
from collector.model.records import Change
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from tests.worlds.mariadb_server import MariaDBServer
from tests.worlds.paths import FIXTURES, ROOT

pytestmark = pytest.mark.integration

RECORDED = FIXTURES / "osticket"
T = 1_795_991_040  # 2026-11-29T22:24:00Z
TABLES = {
    "01_ticket": "ost_ticket",
    "02_status": "ost_ticket_status",
    "03_priority_cdata": "ost_ticket__cdata",
    "04_priority": "ost_ticket_priority",
    "05_thread": "ost_thread",
    "06_thread_entry": "ost_thread_entry",
    "07_thread_event": "ost_thread_event",
    "08_event": "ost_event",
    "09_department": "ost_department",
    "11_user_org": "ost_user",
}
TIMES = {"created", "updated", "lastupdate", "closed", "reopened", "duedate", "est_duedate"}
TIMES |= {"timestamp", "lastresponse", "lastmessage"}
BY_HAND = {
    # first response, first resolution, present resolution, reopened, all in seconds after 22:24:00
    12: (33, 34, 34, 0),
    13: (36, None, None, 0),
    14: (38, None, None, 0),
    15: (None, None, None, 0),
    16: (40, 41, 45, 1),
    17: (46, 47, None, 1),
    18: (52, None, None, 0),
    21: (None, None, None, 0),
    22: (None, None, None, 0),
    23: (None, 55, 55, 0),
    24: (None, None, None, 0),
    25: (None, 56, 56, 0),
}


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDBServer]:
    running = MariaDBServer()
    yield running
    running.remove()


@pytest.fixture(scope="module")
def address(server: MariaDBServer) -> str:
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = ''")  # osTicket writes 0000-00-00
        cursor.execute("CREATE DATABASE osticket")
        cursor.execute("USE osticket")
        events = {name: number for number, name in rows("08_event")[1]}
        for file, table in TABLES.items():
            names, values = rows(file)
            if table == "ost_thread_event":
                place = names.index("event")
                names = [name if name != "event" else "event_id" for name in names]
                values = [[events[v] if i == place else v for i, v in enumerate(r)] for r in values]
            fill(cursor, table, names, values)
        fill(cursor, "ost_organization", ["id", "name"], [["2", "North"]])
        fill(cursor, "ost_help_topic", ["topic_id", "topic"], [["1", "General Inquiry"]])
        cursor.execute("CREATE USER kpi IDENTIFIED BY 'pass-7e57'")
        cursor.execute("GRANT SELECT ON osticket.* TO kpi")
    return server.url("osticket", "kpi")


def rows(file: str) -> tuple[list[str], list[list[str]]]:
    header, *lines = (RECORDED / f"{file}.tsv").read_text().splitlines()
    return header.split("\t"), [line.split("\t") for line in lines]


def fill(cursor: Any, table: str, names: list[str], values: list[list[str]]) -> None:
    def kind(name: str) -> str:
        place = names.index(name)
        numbers = all(row[place] == "NULL" or row[place].isdigit() for row in values)
        return "DATETIME" if name in TIMES else "INT" if numbers else "VARCHAR(255)"

    cursor.execute(f"CREATE TABLE {table} ({', '.join(f'`{n}` {kind(n)}' for n in names)})")
    cursor.executemany(
        f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(names))})",
        [[None if each == "NULL" else each for each in row] for row in values],
    )


@pytest.fixture
def source(address: str, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setenv("OSTICKET_PASSWORD", "pass-7e57")
    return configured(url=address)


def configured(**more: Any) -> Source:
    file = ROOT / "config" / "examples" / "sql_tickets-osticket.yaml"
    keys = {**read_yaml(file).data["sources"]["desk"], **more}
    return make_source("desk", SOURCES["sql_tickets"].model_validate(keys), ())


@pytest.fixture
def found(source: Source) -> dict[str, Any]:
    return {record.id: record for page in source.pages(None) for record in page.records}


def test_every_ticket_is_read(found: dict[str, Any]) -> None:
    assert sorted(map(int, found)) == [n for n in range(1, 35) if n != 20]


@pytest.mark.parametrize("number", BY_HAND)
def test_its_facts_are_those_counted_by_hand(found: dict[str, Any], number: int) -> None:
    ticket = found[str(number)]
    instants = (ticket.first_response_at, ticket.first_resolved_at, ticket.resolved_at)
    seconds = [None if at is None else at - T for at in instants]
    assert (*seconds, ticket.reopened) == BY_HAND[number]


def test_the_others_are_open_and_unanswered(found: dict[str, Any]) -> None:
    bulk = [found[str(number)] for number in (*range(1, 12), *range(26, 35))]
    assert {(t.status, t.first_response_at, t.resolved_at) for t in bulk} == {("open", None, None)}
    levels = [ticket.priority for ticket in bulk]
    assert {each: levels.count(each) for each in levels} == {
        "normal": 6, "low": 6, "high": 4, "urgent": 4,
    }  # fmt: skip


def test_a_transfer_is_a_move_between_teams(found: dict[str, Any]) -> None:
    moves = [each for each in found["14"].changes if each.field == "team"]
    assert moves == [Change(T + 24, "team", "Support"), Change(T + 37, "team", "Sales")]


def test_an_annulled_closing_happened_all_the_same(found: dict[str, Any]) -> None:
    moves = [each for each in found["16"].changes if each.field == "status"]
    assert moves == [
        Change(T + 24, "status", "open"),
        Change(T + 41, "status", "resolved"),
        Change(T + 43, "status", "open"),
        Change(T + 45, "status", "resolved"),
    ]


def test_a_merged_child_is_marked_and_its_answer_is_the_parents(found: dict[str, Any]) -> None:
    assert found["19"].mark == "merged"
    assert (found["18"].mark, found["18"].first_response_at) == (None, T + 52)


def test_assigned_closed_and_solved_on_the_phone(found: dict[str, Any]) -> None:
    assert found["21"].first_assigned_at == T + 55
    assert (found["23"].status, found["23"].closed_at) == ("closed", T + 55)
    assert [n for n, t in found.items() if t.solved_by_registrar] == ["25"]
    assert {t.organization for t in found.values()} == {"North"}


def test_a_sweep_finds_what_was_deleted(source: Source) -> None:
    system = source.system  # type: ignore[attr-defined]
    with system.connect() as connection:
        assert system.existing(connection, ["19", "20", "21"]) == {"19", "21"}
        (gone,) = system.fetch(connection, ["20"])
    assert (gone.id, gone.mark) == ("20", "deleted")


def test_a_change_is_read_and_nothing_else(
    source: Source, server: MariaDBServer, found: dict[str, Any]
) -> None:
    *_, last = source.pages(None)
    assert [record for page in source.pages(last.cursor) for record in page.records] == []
    with server.connect("osticket") as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE ost_ticket SET updated = '2026-11-29 22:30:00' WHERE ticket_id = 22")
        try:
            again = [record.id for page in source.pages(last.cursor) for record in page.records]
        finally:
            cursor.execute("UPDATE ost_ticket SET updated = created WHERE ticket_id = 22")
    assert again == ["22"]


def test_check_says_what_it_sees(source: Source) -> None:
    said = source.check()
    assert re.match(r"mariadb \d+\.\d+\.\d+, ", said)
    assert said.endswith(", 33 tickets, 10 changes of theirs, 17 acts, 33 ids")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"password": "${WRONG}"}, "refuses the user or the password"),
        ({"tickets": "SELECT id, opened_at FROM nothing"}, "nothing' doesn't exist"),
        ({"tickets": "SELECT SLEEP(3) AS id, NOW() AS opened_at", "timeout": "1s"}, "over 1 s"),
    ],
)
def test_what_the_database_refuses_is_said(
    address: str, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], words: str
) -> None:
    monkeypatch.setenv("OSTICKET_PASSWORD", "pass-7e57")
    monkeypatch.setenv("WRONG", "pass-0bad")
    with pytest.raises(SourceError, match=words) as caught:
        configured(url=address, **more).check()
    assert "pass-" not in str(caught.value)


def test_nothing_is_written(server: MariaDBServer, address: str) -> None:
    """Not even by a user who may, through a query that was let through."""
    with server.connect("osticket") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (n INT)")
        cursor.execute(
            "CREATE FUNCTION bump() RETURNS INT MODIFIES SQL DATA"
            " BEGIN INSERT INTO counter VALUES (1); RETURN 1; END"
        )
    written = configured(
        url=server.url("osticket"), password=None, tickets="SELECT bump() AS id, 1 AS opened_at"
    )
    with pytest.raises(SourceError, match="only reading is allowed"):
        written.check()
    with server.connect("osticket") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM counter")
        assert cursor.fetchone() == (0,)
