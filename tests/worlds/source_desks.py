"""For each source a small system that it reads: the one thing that the suite of sources needs.

A ticket system over the kit has its fake in ``tests/conformance/systems``. Any other source adds
an entry to :data:`SYSTEMS`; everything else is asked of its class.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.conformance.systems import TYPES, fake, fake_of
from tests.worlds.ami_server import AmiServer
from tests.worlds.paths import FIXTURES
from tests.worlds.serving import served
from tests.worlds.ticket_world import PEOPLE, World

SECRETS = fake.SECRETS
"""Environment variables, and secrets that no text may hold."""


@dataclass(frozen=True, slots=True)
class System:
    """A system with some records, of which one cannot be used; or one without any.

    ``options``: the keys that read it; ``unreadable``: those that differ where it cannot be read;
    ``records``: how many can be used. ``personal``: what stands in its data of people. ``page``:
    the constant that says how much a page holds.
    """

    options: Mapping[str, Any]
    unreadable: Mapping[str, Any]
    records: int
    personal: tuple[str, ...]
    page: str | None = None


def ticket_system(kind: str) -> Callable[[Path], AbstractContextManager[System]]:
    """Five tickets of whom one has a priority that is not mapped, in the fake of a system."""

    @contextmanager
    def system(_: Path) -> Iterator[System]:
        world = World()
        for priority in ("urgent", "high", "whatever", "low", "normal"):
            world.reply(world.open(priority=priority))
        world.status(1, "resolved")
        world.now += 3600
        made = fake_of(kind)(world)
        with served(fake.Door(made)) as url:
            yield System(
                options={"url": url, **made.options},
                unreadable=made.unreadable,
                records=4,
                personal=PEOPLE,
                page="collector.sources.kit.system.TicketSystem.PAGE_TICKETS",
            )

    return system


@contextmanager
def queue_log(folder: Path) -> Iterator[System]:
    """Four callers, and a line that is none."""
    lines = ["1600000000|NONE|NONE|NONE|QUEUESTART|"]
    for number in range(1, 5):
        at = 1_600_000_000 + 100 * number
        start, number_ = f"|{at}.{number}|it-support", f"07012345{number:02}"
        lines += [
            f"{at}{start}|NONE|ENTERQUEUE||{number_}|1",
            f"{at + 10}{start}|Agent Anna|CONNECT|10|{at}.9{number}|3",
            f"{at + 90}{start}|Agent Anna|COMPLETEAGENT|10|80|1",
        ]
    lines.insert(5, "no event")
    (folder / "queue_log").write_text("".join(f"{line}\n" for line in lines))
    yield System(
        options={"path": str(folder / "queue_log")},
        unreadable={"path": str(folder / "elsewhere" / "queue_log")},
        records=4,
        personal=("07012345", "Anna"),
        page="collector.sources.asterisk_queue_log.source.PAGE_LINES",
    )


QUEUE_LOG_ROWS = [
    (3 * number + nth, at + after, f"{at}.{number}", event, data)
    for number, at in enumerate(range(1_600_000_100, 1_600_000_500, 100))
    for nth, (after, event, data) in enumerate(
        [
            (0, "ENTERQUEUE", "|0701234567|1"),
            (10, "CONNECT", "10|1600000000.9|3"),
            (90, "COMPLETEAGENT", "10|80|1"),
        ]
    )
] + [(99, "yesterday", "1600000000.9", "ENTERQUEUE", "|0701234567|1")]
"""Four callers as rows of a table, and one row that cannot be used."""


@contextmanager
def queue_log_table(folder: Path) -> Iterator[System]:
    """The queue log in a database."""
    with closing(sqlite3.connect(folder / "asterisk.db")) as database, database:
        database.execute(
            "CREATE TABLE queue_log (id INTEGER, time, callid, queuename, agent, event, data)"
        )
        into = "INSERT INTO queue_log VALUES (?, ?, ?, 'it-support', 'Agent Anna', ?, ?)"
        database.executemany(into, QUEUE_LOG_ROWS)
    yield System(
        options={"url": f"sqlite:///{folder}/asterisk.db"},
        unreadable={"url": f"sqlite:///{folder}/elsewhere.db"},
        records=4,
        personal=("07012345", "Anna"),
        page="collector.sources.asterisk_realtime.source.PAGE_ROWS",
    )


@contextmanager
def queue_log_export(folder: Path) -> Iterator[System]:
    """The same rows in a file."""
    lines = [f"{n},{t},{c},it-support,Agent Anna,{e},{d}" for n, t, c, e, d in QUEUE_LOG_ROWS]
    header = "id,time,callid,queuename,agent,event,data"
    (folder / "queue_log.csv").write_text("\n".join([header, *lines, ""]))
    yield System(
        options={"path": str(folder / "queue_log.csv")},
        unreadable={"path": str(folder / "elsewhere.csv")},
        records=4,
        personal=("07012345", "Anna"),
        page="collector.sources.asterisk_realtime.exports.PAGE_ROWS",
    )


@contextmanager
def manager_interface(_: Path) -> Iterator[System]:
    """Queues with callers, by recorded answers; nothing of it is a record."""
    answer = FIXTURES / "asterisk_22" / "ami_QueueStatus_waiting.txt"
    with AmiServer(status=answer.read_text(), secret=SECRETS["FAKE_SECRET"]).running() as server:
        options = {
            "host": "127.0.0.1",
            "port": server.port,
            "user": "kpi",
            "secret": "${FAKE_SECRET}",
        }
        yield System(
            options=options,
            unreadable={"user": "somebody"},
            records=0,
            personal=("5550020", "Anna", "Local/"),
        )


def csv_file(header: str, good: str, wrong: str) -> Callable[[Path], AbstractContextManager]:
    """A file of thirty rows of which the last is wrong; ``good`` holds the number of the row."""

    @contextmanager
    def system(folder: Path) -> Iterator[System]:
        rows = [good.format(number=number, at=1_600_000_000 + number) for number in range(29)]
        (folder / "export.csv").write_text("\n".join([header, *rows, wrong, ""]))
        yield System(
            options={"path": str(folder / "export.csv"), "time_format": "epoch"},
            unreadable={"path": str(folder / "elsewhere.csv")},
            records=29,
            personal=("Anna",),
            page="collector.sources.csv.source.PAGE_ROWS",
        )

    return system


def sql_table(
    create: str, good: str, wrong: str, queries: Mapping[str, str], page: str
) -> Callable[[Path], AbstractContextManager]:
    """An SQLite file with thirty rows of which the last is wrong; ``good`` holds its number."""

    @contextmanager
    def system(folder: Path) -> Iterator[System]:
        with closing(sqlite3.connect(folder / "desk.db")) as database, database:
            database.execute(create)
            for number in range(29):
                database.execute(good.format(number=number, at=1_600_000_000 + number))
            database.execute(wrong)
        yield System(
            options={"url": f"sqlite:///{folder}/desk.db", "time_format": "epoch", **queries},
            unreadable={"url": f"sqlite:///{folder}/elsewhere.db"},
            records=29,
            personal=("Anna",),
            page=page,
        )

    return system


@contextmanager
def call_interface(_: Path) -> Iterator[System]:
    """Thirty calls in pages, of which the last has an outcome that nobody mapped."""
    calls = [
        {"uuid": n, "line": "it", "from": 1_600_000_000 + n, "how": "taken", "caller": "Anna"}
        for n in range(29)
    ]
    calls.append({**calls[0], "uuid": "x", "from": 1_600_000_030, "how": "vanished"})

    def answer(request: Request) -> JSONResponse:
        if request.headers.get("Authorization") != f"Bearer {fake.SECRET}":
            return JSONResponse({"error": "unauthorized"}, 401)
        since, page = int(request.query_params["since"]), int(request.query_params["page"])
        found = [each for each in calls if int(str(each["from"])) >= since]
        return JSONResponse({"calls": found[10 * (page - 1) : 10 * page]})

    with served(Starlette(routes=[Route("/v1/calls", answer)])) as url:
        yield System(
            options={
                "url": f"{url}/v1",
                "token": "${FAKE_SECRET}",
                "time_format": "epoch",
                "since": {"format": "epoch"},
                "calls": {
                    "path": "calls",
                    "params": {"since": ":since", "page": ":page"},
                    "rows": "calls",
                },
                "fields": {
                    "id": "uuid",
                    "queue": "line",
                    "entered_at": "from",
                    "changed_at": "from",
                    "outcome": "how",
                    "wait_seconds": "`7`",
                },
                "map": {"outcome": {"taken": "answered"}},
            },
            unreadable={"token": "${WRONG_SECRET}"},
            records=29,
            personal=("Anna",),
            page="collector.sources.json.calls.JsonCalls.PAGE_TICKETS",
        )


@contextmanager
def csv_history(folder: Path, header: str, rows: Sequence[str], wrong: str) -> Iterator[System]:
    """The rows of 29 tickets, in which each stands with its number, and one row that is wrong."""
    lines = [row.format(n=n, at=1_600_000_000 + 100 * n) for n in range(29) for row in rows]
    (folder / "log.csv").write_text("\n".join([header, *lines, wrong, ""]))
    yield System(
        options={"path": str(folder / "log.csv"), "time_format": "epoch"},
        unreadable={"path": str(folder / "elsewhere.csv")},
        records=29,
        personal=("Anna",),
        page="collector.sources.csv.histories.PAGE_TICKETS",
    )


def csv_events(folder: Path) -> AbstractContextManager[System]:
    """Tickets that were opened and resolved."""
    rows = ["{n},{at},new,First line,Anna", "{n},1700000000,resolved,Second line,Anna"]
    return csv_history(folder, "id,at,status,team,by", rows, "x,yesterday,new,First line,Anna")


def csv_changes(folder: Path) -> AbstractContextManager[System]:
    """Tickets that were opened and resolved."""
    rows = ["{n},{at},opened,,,Anna", "{n},1700000000,status,new,resolved,Anna"]
    return csv_history(folder, "id,at,field,old,new,by", rows, "x,yesterday,opened,,,Anna")


@contextmanager
def tap(folder: Path) -> Iterator[System]:
    """A Singer tap of 29 tickets and one that cannot be used."""
    fields = {"id": "id", "opened_at": "created", "status": "state"}
    rows = [{"id": n, "created": 1_600_000_000 + n, "state": "open"} for n in range(29)]
    rows.append({"id": 29, "created": 0, "state": "open"})
    written: list[Any] = [{"type": "SCHEMA", "stream": "tickets", "schema": {}}]
    written += [
        {"type": "RECORD", "stream": "tickets", "record": {**r, "by": "Anna"}} for r in rows
    ]
    written.append({"type": "STATE", "value": {"upto": 1_600_000_028}})
    (folder / "tap.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in written))
    yield System(
        options={
            "command": ["cat", str(folder / "tap.jsonl")],
            "state": "stdin",
            "time_format": "epoch",
            "fields": fields,
        },
        unreadable={"command": ["cat", str(folder / "elsewhere.jsonl")]},
        records=29,
        personal=("Anna",),
        page="collector.sources.command.source.PAGE_TICKETS",
    )


SYSTEMS: dict[str, Callable[[Path], AbstractContextManager[System]]] = {
    **{kind: ticket_system(kind) for kind in TYPES},
    "asterisk_queue_log": queue_log,
    "asterisk_realtime": queue_log_table,
    "asterisk_export": queue_log_export,
    "asterisk_ami": manager_interface,
    "command": tap,
    "csv_changes": csv_changes,
    "csv_events": csv_events,
    "json_calls": call_interface,
    "sql_tickets": sql_table(
        "CREATE TABLE ticket (id, opened_at, changed_at, status, requestor)",
        "INSERT INTO ticket VALUES ({number}, {at}, {at}, 'open', 'Anna')",
        "INSERT INTO ticket VALUES ('x', 'yesterday', 1600000030, 'open', 'Anna')",
        {
            "tickets": "SELECT id, opened_at, changed_at, status FROM ticket"
            " WHERE changed_at >= :since ORDER BY changed_at, id LIMIT :limit"
        },
        "collector.sources.sql.tickets.SqlTickets.PAGE_TICKETS",
    ),
    "sql_calls": sql_table(
        "CREATE TABLE call (id, queue, entered_at, changed_at, outcome, wait_seconds, caller)",
        "INSERT INTO call VALUES ({number}, 'it', {at}, {at}, 'answered', 7, 'Anna')",
        "INSERT INTO call VALUES ('x', 'it', 1600000030, 1600000030, 'vanished', 7, 'Anna')",
        {
            "calls": "SELECT id, queue, entered_at, changed_at, outcome, wait_seconds FROM call"
            " WHERE changed_at >= :since ORDER BY changed_at, id"
        },
        "collector.sources.sql.calls.SqlCalls.PAGE_TICKETS",
    ),
    "csv_tickets": csv_file(
        "id,opened_at,status,requestor", "{number},{at},open,Anna", "x,yesterday,open,Anna"
    ),
    "csv_calls": csv_file(
        "id,queue,entered_at,outcome,wait_seconds,caller",
        "{number},it-support,{at},answered,7,Anna",
        "x,it-support,1600000000,vanished,7,Anna",
    ),
}
