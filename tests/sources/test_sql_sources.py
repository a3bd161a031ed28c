"""Tickets and calls by SQL, from SQLite files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from collector.io.errors import SourceError, UserFacingError
from collector.model.records import OF_CALLS, Call, Change, Ticket, Unrecorded
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source

TICKETS = """
    SELECT id, opened_at, changed_at, status, priority FROM ticket
    WHERE changed_at >= :since ORDER BY changed_at, id LIMIT :limit
"""
CALLS = """
    SELECT id, queue, entered_at, left_at, left_at AS changed_at, outcome, wait_seconds FROM call
    WHERE left_at >= :since ORDER BY changed_at, id
"""
STOCKHOLM = ZoneInfo("Europe/Stockholm")

Run = Callable[..., None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
def run(file: Path) -> Iterator[Run]:
    """Executes statements in the desk's database."""
    with closing(sqlite3.connect(file)) as database:

        def execute(statement: str, *rows: tuple[Any, ...]) -> None:
            with database:
                if rows:
                    database.executemany(statement, rows)
                else:
                    database.execute(statement)

        execute("CREATE TABLE ticket (id INTEGER, opened_at, changed_at, status, priority)")
        execute("CREATE TABLE move (ticket INTEGER, at, field, old, new, changed_by)")
        execute("CREATE TABLE act (ticket INTEGER, at, act, by_staff)")
        execute("CREATE TABLE call (id, queue, entered_at, left_at, outcome, wait_seconds)")
        yield execute


def source(file: Path, kind: str = "sql_tickets", **more: Any) -> Source:
    keys = {"type": kind, "url": f"sqlite:///{file}", "timezone": "Europe/Stockholm"}
    keys |= {"tickets": TICKETS} if kind == "sql_tickets" else {"calls": CALLS}
    return make_source("desk", SOURCES[kind].model_validate({**keys, **more}), ())


def read(of: Source, cursor: Any = None) -> dict[str, Any]:
    return {record.id: record for page in of.pages(cursor) for record in page.records}


def rejected(of: Source) -> dict[str, str]:
    return {each.where: each.reason for page in of.pages(None) for each in page.rejected}


def local(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).timestamp())


OPEN = ("2026-03-02 09:00:00", "2026-03-02 09:00:00", "open", "high")
TICKET = "INSERT INTO ticket VALUES (?, ?, ?, ?, ?)"
CALL = "INSERT INTO call VALUES (?, ?, ?, ?, ?, ?)"


# -- the configuration ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "query", "words"),
    [
        ("tickets", "DELETE FROM ticket", "must be a SELECT"),
        ("tickets", "SELECT id FROM ticket", "selects no column opened_at"),
        ("tickets", "SELECT * FROM ticket", "selects no column id"),
        (
            "tickets",
            "SELECT id, opened_at, changed_at FROM ticket ORDER BY changed_at",
            "needs both or neither: a column changed_at, and changed_at >= :since",
        ),
        (
            "tickets",
            "SELECT id, opened_at, changed_at FROM ticket WHERE changed_at >= :since",
            "must end with ORDER BY changed_at, id",
        ),
        (
            "tickets",
            "SELECT id, opened_at FROM ticket WHERE queue = :queue",
            "has a parameter :queue, which is none of this query's",
        ),
        ("changes", "SELECT ticket, at, field, old, new FROM move", "does not use :ids"),
        ("acts", "SELECT ticket, at FROM done WHERE ticket IN :ids", "selects no column act"),
        ("ids", "SELECT number FROM ticket", "selects no column id: name it, as in"),
    ],
)
def test_a_query_that_cannot_work_is_refused_with_its_name(
    file: Path, key: str, query: str, words: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        source(file, **{key: query})
    (error,) = caught.value.errors()
    assert error["loc"] == (key,)
    assert words in error["msg"]


def test_calls_need_their_end(file: Path) -> None:
    with pytest.raises(ValidationError, match="selects no column changed_at"):
        source(file, "sql_calls", calls="SELECT id, queue, entered_at FROM call")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://kpi:geheim@db/desk",
        "postgresql://kpi@db/desk?password=geheim",
        "mssql+pyodbc://?odbc_connect=PWD%3Dgeheim",
        "no address, geheim",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_quoted(file: Path, url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        source(file, url=url)
    (error,) = caught.value.errors()
    assert error["loc"] == ("url",)
    assert "geheim" not in error["msg"]


def test_words_in_comments_and_casts_are_no_columns_and_no_parameters(file: Path) -> None:
    query = "SELECT id, opened_at, '12:30' || x::text AS team -- priority :x\n FROM ticket"
    made = source(file, tickets=query)
    assert {Unrecorded.PRIORITY} <= made.look().unrecorded
    assert Unrecorded.TEAM not in made.look().unrecorded


# -- what is told ---------------------------------------------------------------------------------


def test_a_fact_that_is_not_selected_is_unrecorded(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN))
    told = {Unrecorded.STATUS, Unrecorded.PRIORITY}
    assert source(file).look().unrecorded == frozenset(Unrecorded) - OF_CALLS - told
    (ticket,) = read(source(file)).values()
    assert ticket.unrecorded == frozenset(Unrecorded) - OF_CALLS - told
    assert (ticket.opened_at, ticket.status) == (local("2026-03-02 09:00"), "open")


def test_a_history_tells_who_answered_when_and_what_was_before(file: Path, run: Run) -> None:
    run(TICKET, (7, OPEN[0], "2026-03-02 11:00:00", "closed", "high"), (8, *OPEN))
    run(
        "INSERT INTO move VALUES (?, ?, ?, ?, ?, ?)",
        (7, "2026-03-02 10:30:00", "status", "pending", "open", "anna"),
        (7, "2026-03-02 10:00:00", "status", "new", "pending", "anna"),
        (7, "2026-03-02 11:00:00", "status", "open", "closed", "anna"),
        (7, "2026-03-02 09:30:00", "prio", "low", "high", "anna"),
    )
    run(
        "INSERT INTO act VALUES (?, ?, ?, ?)",
        (7, "2026-03-02 09:10:00", "answer", 0),
        (7, "2026-03-02 09:20:00", "answer", 1),
        (8, "2026-03-02 09:05:00", "note", 1),
    )
    made = source(
        file,
        changes="SELECT * FROM (SELECT ticket, at, field, old, new, changed_by FROM move)"
        " WHERE ticket IN :ids",
        acts="SELECT ticket, at, act, by_staff FROM act WHERE ticket IN :ids",
        map={
            "field": {"prio": "priority", "status": "status"},
            "act": {"answer": "reply", "note": "note"},
            "status": {"new": "new", "open": "open", "pending": "on_hold", "closed": "closed"},
        },
    )
    found = read(made)
    ticket, opened = found["7"], local("2026-03-02 09:00")
    assert ticket.first_response_at == opened + 20 * 60
    assert ticket.changes == (
        Change(opened, "status", "new"),
        Change(opened + 60 * 60, "status", "on_hold"),
        Change(opened + 90 * 60, "status", "open"),
        Change(opened + 120 * 60, "status", "closed"),
        Change(opened, "priority", "low"),
        Change(opened + 30 * 60, "priority", "high"),
    )
    assert (ticket.resolved_at, ticket.closed_at) == (opened + 7200, opened + 7200)
    assert found["8"].first_note_at == opened + 5 * 60
    known = {Unrecorded.HOLDS, Unrecorded.REOPENINGS, Unrecorded.NOTE, Unrecorded.PRIORITIES}
    assert not known & made.look().unrecorded


def test_a_table_without_times_of_change_is_read_whole(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN), (2, *OPEN))
    whole = {"tickets": "SELECT id, opened_at, status FROM ticket", "ids": "SELECT id FROM ticket"}
    *_, last = source(file, **whole).pages(None)
    assert read(source(file, **whole), last.cursor) == {}
    run("UPDATE ticket SET status = 'resolved' WHERE id = 2")
    run("DELETE FROM ticket WHERE id = 1")
    found = read(source(file, **whole), last.cursor)
    assert (found["2"].status, found["1"].mark) == ("resolved", "deleted")


def test_what_only_the_query_leaves_out_is_not_taken_for_deleted(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN), (2, *OPEN))
    whole = {"tickets": "SELECT id, opened_at FROM ticket WHERE status = 'open'"}
    *_, last = source(file, **whole).pages(None)
    run("UPDATE ticket SET status = 'archived' WHERE id = 2")
    pages = list(source(file, **whole).pages(last.cursor))
    assert [record.id for page in pages for record in page.records] == ["1"]
    assert [page.ignored for page in pages if page.ignored] == [{"not_visible": 1}]


# -- following ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [" LIMIT :limit", ""])
def test_a_tie_larger_than_a_page_is_read_whole(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr("collector.sources.sql.tickets.SqlTickets.FEED_ROWS", 5)
    monkeypatch.setattr("collector.sources.sql.tickets.SqlTickets.PAGE_TICKETS", 2)
    run(TICKET, *((number, *OPEN) for number in range(23)))
    made = source(file, tickets=TICKETS.replace(" LIMIT :limit", limit))
    assert sorted(map(int, read(made))) == list(range(23))


def test_a_second_change_in_the_same_second_is_read(file: Path, run: Run) -> None:
    at = int(datetime.now(tz=STOCKHOLM).timestamp()) + 5
    run(TICKET, (1, at, at, "new", "high"))
    *_, last = source(file, time_format="epoch").pages(None)
    run("UPDATE ticket SET status = 'open'")
    (ticket,) = read(source(file, time_format="epoch"), last.cursor).values()
    assert ticket.status == "open"


def test_the_hour_that_comes_twice_loses_nothing(file: Path, run: Run) -> None:
    at = "2025-10-26 02:50:00"
    run(TICKET, (1, at, at, "open", "high"))
    *_, last = source(file).pages(None)
    later = "2025-10-26 02:10:00"  # half an hour later, after the clock was set back
    run(TICKET, (2, later, later, "open", "high"))
    assert list(read(source(file), last.cursor)) == ["2"]


# -- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-03-02T08:00:00Z", "2026-03-02 09:00:00"),
        ("2026-03-02 09:00:00.123", "2026-03-02 09:00:00"),
        ("2026-03-02 10:00:00+02:00", "2026-03-02 09:00:00"),
    ],
)
def test_times_with_a_zone_and_without(file: Path, run: Run, value: str, at: str) -> None:
    run(TICKET, (1, value, OPEN[1], "open", "high"))
    (ticket,) = read(source(file)).values()
    assert ticket.opened_at == local(at)


@pytest.mark.parametrize("value", [None, "", "yesterday", 17, 3.5, b"\xff\x00", "0000-00-00"])
def test_a_value_of_the_wrong_kind_rejects_its_ticket_and_no_other(
    file: Path, run: Run, value: object
) -> None:
    run(TICKET, (1, *OPEN), (2, value, *OPEN[1:]))
    assert list(read(source(file))) == ["1"]
    assert list(rejected(source(file))) == ["ticket 2"]


def test_a_change_of_an_unknown_field_rejects_its_ticket(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN))
    run("INSERT INTO move VALUES (1, '2026-03-02 10:00', 'colour', 'red', 'blue', '')")
    query = "SELECT ticket, at, field, old, new FROM move WHERE ticket IN :ids"
    assert rejected(source(file, changes=query)) == {"ticket 1": "unknown_field"}


def test_no_value_of_an_optional_time_is_none(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN))
    query = "SELECT id, opened_at, '0000-00-00 00:00:00' AS resolved_at FROM ticket"
    (ticket,) = read(source(file, tickets=query)).values()
    assert ticket.resolved_at is None


def test_calls_are_read_by_the_rules_of_files(file: Path, run: Run) -> None:
    start, end = "2026-03-02 09:00:00", "2026-03-02 09:00:30"
    run(
        CALL,
        ("a", "it", start, end, "ok", 12),
        ("b", "it", start, end, "hangup", 30.2),
        ("c", "it", start, end, "strange", 5),
        ("d", None, start, end, "ok", 5),
        ("e", "it", start, end, "ok", -3),
    )
    made = source(file, "sql_calls", map={"outcome": {"ok": "answered", "hangup": "abandoned"}})
    found = read(made)
    waits = {number: (call.outcome.value, call.wait_seconds) for number, call in found.items()}
    assert waits == {"a": ("answered", 12), "b": ("abandoned", 31), "e": ("answered", None)}
    assert rejected(made) == {
        "call c": "unknown_outcome",
        "call d": "missing_queue",
        "call e": "bad_seconds",
    }
    assert found["a"].entered_at == local(start)
    assert isinstance(found["a"], Call)


# -- what goes wrong ------------------------------------------------------------------------------


def test_an_unknown_column_is_named_with_those_that_are_known(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN))
    query = "SELECT id, opened_at, status AS stat FROM ticket"
    with pytest.raises(SourceError, match="tickets selects a column stat, which is none of"):
        read(source(file, tickets=query))


def test_a_query_that_the_database_refuses_is_said(file: Path, run: Run) -> None:
    with pytest.raises(SourceError, match="does not accept the query: no such table: tickets"):
        source(file, tickets="SELECT id, opened_at FROM tickets").check()


def test_a_file_that_is_not_there_is_not_made(file: Path) -> None:
    with pytest.raises(SourceError, match="does not exist: check url"):
        source(file).check()
    assert not file.exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://kpi@localhost:1/desk", "desk at localhost:1 cannot be reached"),
        ("mysql://kpi@localhost:1/desk", "desk at localhost:1 cannot be reached"),
        ("mssql+pymssql://kpi@db/desk", "pymssql is not installed: pip install pymssql"),
        ("oracle+oracledb://kpi@db/desk", "oracledb is not installed: pip install oracledb"),
        ("foxpro://kpi@db/desk", "foxpro is no kind of database that is known here"),
    ],
)
def test_a_database_that_is_down_and_a_driver_that_is_missing_are_said(
    file: Path, url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_PASSWORD", "geheim")
    with pytest.raises(UserFacingError, match=words) as caught:
        source(file, url=url, password="${DESK_PASSWORD}").check()
    assert "geheim" not in str(caught.value)


def test_the_extra_that_brings_a_driver_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pymysql", None)
    with pytest.raises(SourceError, match=r"pip install 'servicedesk-kpi\[mysql\]'"):
        source(file, url="mysql://kpi@localhost/desk").check()


def test_check_says_what_it_sees_and_what_cannot_be_used(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN), (2, *OPEN), (2, *OPEN), (3, *OPEN[:3], "odd"))
    said = source(file, map={"priority": {"high": "urgent"}}).check()
    assert said.startswith("sqlite 3.")
    assert "4 tickets; several rows for one id: does a join lack a condition?" in said
    assert "1 cannot be used: ticket 3: priority 'odd' is not mapped" in said


def test_nothing_is_written(file: Path, run: Run) -> None:
    run(TICKET, (1, *OPEN))
    visit = source(file).system.connect()  # type: ignore[attr-defined]
    with visit, pytest.raises(SourceError):
        list(visit.rows("DELETE FROM ticket RETURNING id"))
    (ticket,) = read(source(file)).values()
    assert isinstance(ticket, Ticket)
