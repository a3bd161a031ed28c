"""Sources that are no ticket system of the kit: what each shows of a few tickets or calls.

An office holds stays: each begins, and may end later. Its source shows them as rows of a file, a
table, an interface or the output of a program. All else is asked of the source itself.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.io.http import HttpClient
from collector.model.page import Cursor, Page
from collector.model.records import Call, Ticket
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from collector.sources.kit.web import HttpOptions
from tests.worlds.serving import served

START = 1_700_000_000
CALLER = "0701234567"
Row = dict[str, Any]


@dataclass
class Stay:
    """A ticket from its opening to its resolution, or a call to its end. Epoch seconds.

    ``word``: the status or outcome in place of the right one; ``opening``: what stands in place of
    the beginning, if it is not the right one.
    """

    begin: int
    end: int | None = None
    word: str | None = None
    opening: object = ...

    @property
    def shown(self) -> object:
        return self.begin if self.opening is ... else self.opening


@dataclass
class Office(ABC):
    """``records``: the last of each that was delivered; ``told``: why something was not.

    ``twice``: every row is shown twice. ``step``: seconds between what happens.
    ``left_out``: cases that cannot apply, with the reason.
    """

    folder: Path
    stays: dict[int, Stay] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    now: int = START
    step: int = 60
    twice: bool = False
    cursor: Cursor | None = None
    records: dict[str, Ticket | Call] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    url: str = ""

    kind: ClassVar[str]
    page: ClassVar[str]
    left_out: ClassVar[dict[str, str]] = {}
    meaning: ClassVar[Row] = {"map": {"status": {w: w for w in ("new", "open", "resolved")}}}

    def __post_init__(self) -> None:
        self._written: list[Row] | None = None

    # -- what happens -------------------------------------------------------------------------

    def open(self, **more: Any) -> int:
        """A new stay, a step later; its number."""
        self.now += self.step
        number = len(self.stays) + 1
        self.stays[number] = Stay(self.now, **more)
        return number

    def end(self, number: int) -> None:
        """A stay ends, a step later."""
        self.now += self.step
        self.stays[number].end = self.now

    @property
    def expected(self) -> dict[str, tuple[int, int | None]]:
        """When each stay that is shown began and ended, as written by hand."""
        return {
            self.name(n): (each.begin, each.end)
            for n, each in self.stays.items()
            if n not in self.withheld
        }

    def name(self, number: int) -> str:
        """The id of a stay's record."""
        return str(number)

    # -- how it is shown ----------------------------------------------------------------------

    @property
    @abstractmethod
    def options(self) -> Row:
        """The keys of the source."""

    @abstractmethod
    def rows(self, number: int, stay: Stay) -> list[Row]:
        """What is shown of a stay."""

    @abstractmethod
    def write(self, rows: Sequence[Row]) -> None:
        """Show these rows, and no others."""

    def all_rows(self) -> list[Row]:
        """Everything that is shown now."""
        shown = [(n, each) for n, each in self.stays.items() if n not in self.withheld]
        rows = [row for number, each in shown for row in self.rows(number, each)]
        return [row for row in rows for _ in range(1 + self.twice)]

    def show(self) -> None:
        """Write what is shown now, unless it stands there already."""
        rows = self.all_rows()
        if rows != self._written:
            self.write(rows)
            self._written = [dict(row) for row in rows]

    def cut(self) -> None:
        """Leave out the end of what was written, in the middle of a row."""
        place = next(path for path in self.folder.iterdir() if path.is_file())
        place.write_bytes(place.read_bytes()[:-9])
        self._written = None

    def vanish(self) -> None:
        """Let the system be gone."""
        next(path for path in self.folder.iterdir() if path.is_file()).unlink()
        self._written = None

    def running(self, _: pytest.MonkeyPatch) -> AbstractContextManager[object]:
        """The system, while it runs."""
        return nullcontext()

    # -- how it is read -----------------------------------------------------------------------

    def source(self) -> Source:
        """A new source, as after a restart."""
        keys = {"type": self.kind, **self.meaning, **self.options}
        options = SOURCES[self.kind].model_validate(keys)
        return make_source("office", options, ())

    def pages(self) -> Iterator[Page]:
        """Pages from the cursor on, each taken as a store takes it."""
        for page in self.source().pages(self.cursor):
            self.cursor = json.loads(json.dumps(page.cursor))
            self._take(page)
            yield page

    def drain(self) -> set[str]:
        """Show all and read what is new; the ids of what was delivered."""
        self.show()
        return {record.id for page in self.pages() for record in page.records}

    def _take(self, page: Page) -> None:
        for record in page.records:
            assert isinstance(record, Ticket | Call)
            self.records[record.id] = record
        self.told.update(each.reason for each in (*page.rejected, *page.left_out))
        self.told.update(page.ignored)

    @property
    def found(self) -> dict[str, tuple[int, int | None]]:
        """When each record began and ended."""
        return {
            each.id: (each.opened_at, each.resolved_at)
            if isinstance(each, Ticket)
            else (each.entered_at, each.left_at)
            for each in self.records.values()
        }


class _File(Office):
    """Rows in a CSV file."""

    @property
    def options(self) -> Row:
        return {"path": str(self.folder / "export.csv"), "time_format": "epoch"}

    def write(self, rows: Sequence[Row]) -> None:
        names = list(self.rows(0, Stay(0))[0])
        with (self.folder / "export.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(names)
            out.writerows([["" if v is None else v for v in row.values()] for row in rows])


class CsvTickets(_File):
    kind, page = "csv_tickets", "collector.sources.csv.source.PAGE_ROWS"

    def rows(self, number: int, stay: Stay) -> list[Row]:
        status = stay.word or ("open" if stay.end is None else "resolved")
        return [{"id": number, "opened_at": stay.shown, "resolved_at": stay.end, "status": status}]


class CsvEvents(_File):
    kind, page = "csv_events", "collector.sources.csv.histories.PAGE_TICKETS"

    def rows(self, number: int, stay: Stay) -> list[Row]:
        opened = {"id": number, "at": stay.shown, "status": stay.word or "new", "by": "Anna"}
        ended = {"id": number, "at": stay.end, "status": "resolved", "by": "Anna"}
        return [opened] if stay.end is None else [opened, ended]


class CsvChanges(_File):
    kind, page = "csv_changes", "collector.sources.csv.histories.PAGE_TICKETS"

    def rows(self, number: int, stay: Stay) -> list[Row]:
        names = ("id", "at", "field", "old", "new", "by")
        rows = [(number, stay.shown, "opened", None, None, "Anna")]
        if stay.word is not None:
            rows.append((number, stay.begin, "status", "new", stay.word, "Anna"))
        if stay.end is not None:
            rows.append((number, stay.end, "status", "new", "resolved", "Anna"))
        return [dict(zip(names, row, strict=True)) for row in rows]


class _Calls(Office):
    """A row a call, that is answered after a second."""

    meaning: ClassVar = {"map": {"outcome": {"answered": "answered"}}}

    def rows(self, number: int, stay: Stay) -> list[Row]:
        return [
            {
                "id": number,
                "queue": "it",
                "entered_at": stay.shown,
                "changed_at": stay.begin if stay.end is None else stay.end,
                "outcome": stay.word or "answered",
                "answered_at": stay.begin + 1,
                "left_at": stay.end,
                "caller": CALLER,
            }
        ]


class CsvCalls(_Calls, _File):
    kind, page = "csv_calls", "collector.sources.csv.source.PAGE_ROWS"


class SqlCalls(_Calls):
    kind, page = "sql_calls", "collector.sources.sql.calls.SqlCalls.PAGE_TICKETS"
    left_out: ClassVar = {"cut": "a database answers a whole query or none"}
    columns: ClassVar = "id, queue, entered_at, changed_at, outcome, answered_at, left_at"

    @property
    def options(self) -> Row:
        query = f"SELECT {self.columns} FROM call WHERE changed_at >= :since"
        return {
            "url": f"sqlite:///{self.folder}/calls.db",
            "time_format": "epoch",
            "calls": f"{query} ORDER BY changed_at, id",
        }

    def write(self, rows: Sequence[Row]) -> None:
        _fill(self.folder / "calls.db", "call", self.rows(0, Stay(0))[0], rows)


class JsonCalls(_Calls):
    kind, page = "json_calls", "collector.sources.json.calls.JsonCalls.PAGE_TICKETS"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._shown: list[Row] = []
        self._size: int | None = None
        self._status = 200

    @contextmanager
    def running(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        def answer(request: Request) -> Response:
            since, page = (int(request.query_params[name]) for name in ("since", "page"))
            found = [each for each in self._shown if each["changed_at"] >= since]
            body = json.dumps({"calls": found[5 * (page - 1) : 5 * page]}).encode()
            return Response(body[: self._size], self._status, media_type="application/json")

        def without_pauses(self: HttpOptions, path: str = "") -> HttpClient:
            made = client(self, path)
            made._sleep = lambda _: None
            return made

        client = HttpOptions.client
        monkeypatch.setattr(HttpOptions, "client", without_pauses)
        with served(Starlette(routes=[Route("/calls", answer)])) as self.url:
            yield

    @property
    def options(self) -> Row:
        fields = ("id", "queue", "entered_at", "changed_at", "outcome", "answered_at", "left_at")
        params = {"since": ":since", "page": ":page"}
        return {
            "url": self.url,
            "time_format": "epoch",
            "since": {"format": "epoch"},
            "calls": {"path": "calls", "params": params, "rows": "calls"},
            "fields": {name: name for name in fields},
        }

    def write(self, rows: Sequence[Row]) -> None:
        self._shown, self._size, self._status = list(rows), None, 200

    def cut(self) -> None:
        self._size, self._written = 30, None

    def vanish(self) -> None:
        self._status, self._written = 403, None


class Command(Office):
    """A tap that prints all tickets at each run, and a state."""

    kind, page = "command", "collector.sources.command.source.PAGE_TICKETS"

    @property
    def options(self) -> Row:
        return {
            "command": ["cat", str(self.folder / "tap.jsonl")],
            "state": "stdin",
            "time_format": "epoch",
            "fields": {
                "id": "id",
                "opened_at": "created",
                "resolved_at": "done",
                "status": "state",
            },
        }

    def rows(self, number: int, stay: Stay) -> list[Row]:
        status = stay.word or ("open" if stay.end is None else "resolved")
        row = {"id": number, "created": stay.shown, "done": stay.end, "state": status, "by": "Anna"}
        return [row]

    def write(self, rows: Sequence[Row]) -> None:
        written = [{"type": "RECORD", "stream": "tickets", "record": row} for row in rows]
        lines = [*written, {"type": "STATE", "value": {"upto": self.now}}]
        (self.folder / "tap.jsonl").write_text("".join(f"{json.dumps(e)}\n" for e in lines))


class _QueueLog(Office):
    """The events of calls, in the order in which they happened."""

    meaning: ClassVar = {}

    names: ClassVar = (
        *("id", "time", "callid", "queuename", "agent", "event"),
        *(f"data{n}" for n in range(1, 6)),
    )

    def name(self, number: int) -> str:
        return f"{number}.1/it/1"

    def rows(self, number: int, stay: Stay) -> list[Row]:
        caller, begin = f"{number}.1", stay.begin
        events = [(stay.shown, begin, "NONE", stay.word or "ENTERQUEUE", "", CALLER, "1")]
        events.append((begin + 1, begin + 1, "Anna", "CONNECT", "1", "x", "1"))
        if stay.end is not None:
            events.append((stay.end, stay.end, "Anna", "COMPLETEAGENT", "1", "50", "1"))
        return [
            dict(zip(("order", *self.names), (at, 0, shown, caller, "it", *rest), strict=False))
            for shown, at, *rest in events
        ]

    def all_rows(self) -> list[Row]:
        rows = sorted(super().all_rows(), key=lambda row: int(row["order"]))
        for number, row in enumerate(rows, 1):
            row["id"] = number
        return rows


class AsteriskQueueLog(_QueueLog):
    kind, page = "asterisk_queue_log", "collector.sources.asterisk_queue_log.source.PAGE_LINES"
    left_out: ClassVar = {"late_commit": "Asterisk only appends to the file"}

    @property
    def options(self) -> Row:
        return {"path": str(self.folder / "queue_log")}

    def write(self, rows: Sequence[Row]) -> None:
        names = self.names[1:]
        texts = ["|".join(_text(row.get(name)) for name in names).rstrip("|") for row in rows]
        (self.folder / "queue_log").write_text("".join(f"{text}\n" for text in texts))


class AsteriskExport(_QueueLog, _File):
    kind, page = "asterisk_export", "collector.sources.asterisk_realtime.exports.PAGE_ROWS"

    @property
    def options(self) -> Row:
        return {"path": str(self.folder / "export.csv")}

    def write(self, rows: Sequence[Row]) -> None:
        _File.write(self, [{name: row.get(name) for name in self.names} for row in rows])

    def rows(self, number: int, stay: Stay) -> list[Row]:
        found = super().rows(number, stay)
        return found if number else [dict.fromkeys(self.names)]


class AsteriskRealtime(_QueueLog):
    """Rows get their ids when they are committed."""

    kind, page = "asterisk_realtime", "collector.sources.asterisk_realtime.source.PAGE_ROWS"
    left_out: ClassVar = {
        "cut": "a database answers a whole query or none",
        "duplicates": "each row of the table has its own id",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        self._ids: dict[tuple[object, ...], int] = {}

    def running(self, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[object]:
        monkeypatch.setattr("collector.io.database._TIME", {})
        monkeypatch.setattr("collector.sources.asterisk_realtime.source.now", lambda: self.now)
        return nullcontext()

    @property
    def options(self) -> Row:
        return {"url": f"sqlite:///{self.folder}/asterisk.db"}

    def all_rows(self) -> list[Row]:
        rows = super().all_rows()
        for row in rows:
            key = (row["callid"], row["event"], row["order"])
            row["id"] = self._ids.setdefault(key, len(self._ids) + 1)
        return rows

    def write(self, rows: Sequence[Row]) -> None:
        shown = [{name: row.get(name, "") for name in self.names} for row in rows]
        _fill(self.folder / "asterisk.db", "queue_log", dict.fromkeys(self.names), shown)


def _fill(file: Path, table: str, names: Row, rows: Sequence[Row]) -> None:
    columns, places = ", ".join(names), ", ".join("?" * len(names))
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        database.execute(f"DELETE FROM {table}")
        into = f"INSERT INTO {table} VALUES ({places})"
        values = [[_plain(row.get(name)) for name in names] for row in rows]
        database.executemany(into, values)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int | float | str) else json.dumps(value)


def _text(value: object) -> str:
    return "" if value is None else str(value).replace("|", "").replace("\n", " ")


_ALL: tuple[type[Office], ...] = (
    *(AsteriskQueueLog, AsteriskRealtime, AsteriskExport, Command),
    *(CsvCalls, CsvChanges, CsvEvents, CsvTickets, JsonCalls, SqlCalls),
)
OFFICES: dict[str, type[Office]] = {each.kind: each for each in _ALL}
NO_RECORDS = {
    "asterisk_ami": "it tells how the queues stand at this moment and records nothing; "
    "tests/sources/test_asterisk_ami.py"
}
"""Sources that no case applies to."""
