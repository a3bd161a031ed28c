"""The queue log in a table, of a database or exported: equal to the file that the same Asterisk
wrote, and whole when rows are committed late."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from collector.io.errors import SourceError
from collector.model.page import Page
from collector.model.records import Call
from collector.sources import SOURCES, make_source
from collector.sources.asterisk_realtime import source as asterisk_realtime
from collector.sources.kit.contract import Source
from tests.worlds.mariadb_server import MariaDBServer
from tests.worlds.paths import FIXTURES

OLDER, NEWER = FIXTURES / "asterisk", FIXTURES / "asterisk_22"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
T = 1_795_991_912
NAMES = ["id", "time", "callid", "queuename", "agent", "event", *(f"data{n}" for n in range(1, 6))]

Row = dict[str, Any]
Fill = Callable[..., Source]


def recorded() -> list[Row]:
    """The rows of Asterisk 22 in MariaDB, as the command mysql printed them."""
    with (NEWER / "queue_log_table_datetime0.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def older() -> list[Row]:
    """The rows of Asterisk 16.28 in SQLite, with microseconds."""
    with closing(sqlite3.connect(OLDER / "queue_log_realtime.sqlite3")) as database:
        return [dict(zip(NAMES, row, strict=True)) for row in database.execute(
            f"SELECT {', '.join(NAMES)} FROM queue_log ORDER BY id"
        )]  # fmt: skip


def of_file(path: Path) -> dict[str, Call]:
    options = {"type": "asterisk_queue_log", "path": str(path)}
    return read(make_source("phone", SOURCES["asterisk_queue_log"].model_validate(options), ()))


def read(source: Source, cursor: Any = None, since: int | None = None) -> dict[str, Call]:
    return calls_of(list(source.pages(cursor, since)))


def calls_of(pages: list[Page]) -> dict[str, Call]:
    return {record.id: record for page in pages for record in page.records}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def epoch(row: Row) -> Row:
    return {**row, "time": str(int(utc(row["time"]).timestamp()))}


def single(row: Row) -> Row:
    """The row in the layout of older versions."""
    data = "|".join(row[f"data{n}"] for n in range(1, 6)).rstrip("|")
    return {**{name: row[name] for name in NAMES[:6]}, "data": data}


def fractions(row: Row) -> Row:
    return {**row, "time": f"{row['time']}.987654"}


def local(row: Row) -> Row:
    return {**row, "time": str(utc(row["time"]).astimezone(STOCKHOLM).replace(tzinfo=None))}


def options_of(kind: str, **keys: Any) -> Source:
    keys = {"timezone": "UTC", **keys}
    return make_source("phone", SOURCES[kind].model_validate({"type": kind, **keys}), ())


@pytest.fixture
def table(tmp_path: Path) -> Fill:
    """Fills an SQLite table with rows, and returns the source that reads it."""

    def fill(rows: list[Row], name: str = "queue_log", **more: Any) -> Source:
        with closing(sqlite3.connect(tmp_path / "asterisk.db")) as database, database:
            database.execute(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(rows[0])})")
            places = ", ".join("?" * len(rows[0]))
            values = [list(row.values()) for row in rows]
            database.executemany(f"INSERT INTO {name} VALUES ({places})", values)
        url = f"sqlite:///{tmp_path}/asterisk.db"
        return options_of("asterisk_realtime", url=url, **{"table": name, **more})

    return fill


# -- equal to the file ----------------------------------------------------------------------------


def test_the_table_of_asterisk_16_is_its_file() -> None:
    database = OLDER / "queue_log_realtime.sqlite3"
    source = options_of("asterisk_realtime", url=f"sqlite:///{database}")
    found = read(source)
    assert found
    assert len(older()) == sum(len((OLDER / n).read_text().splitlines()) for n in LOGS)
    # Asterisk asks for the time twice, once for each: they may lie on either side of a second
    assert {i: (c.queue, c.outcome, c.wait_seconds, c.talk_seconds) for i, c in found.items()} == {
        i: (c.queue, c.outcome, c.wait_seconds, c.talk_seconds)
        for i, c in of_file(OLDER / "queue_log").items()
    }


LOGS = ("queue_log", "queue_log.0")


@pytest.mark.parametrize(
    ("layout", "keys"),
    [
        pytest.param(lambda row: row, {}, id="data1 to data5, seconds"),
        pytest.param(fractions, {}, id="microseconds"),
        pytest.param(epoch, {}, id="epoch seconds in text"),
        pytest.param(single, {}, id="one column of data"),
        pytest.param(lambda row: single(epoch(row)), {}, id="as Asterisk 1.6 wrote it"),
        pytest.param(lambda row: {**row, "data": None}, {}, id="both kinds of data columns"),
        pytest.param(local, {"timezone": "Europe/Stockholm"}, id="local time"),
    ],
)
def test_every_layout_of_the_table_is_the_file(
    table: Fill, layout: Callable[[Row], Row], keys: dict[str, Any]
) -> None:
    expected = of_file(NEWER / "queue_log")
    assert len(expected) == 45
    assert read(table([layout({**row, "id": int(row["id"])}) for row in recorded()], **keys)) == (
        expected
    )


def test_columns_and_tables_of_other_names(table: Fill) -> None:
    names = {"id": "Nr", "time": "created", "callid": "call", "queue": "Queue", "event": "what"}
    theirs = {names.get(n, n): n for n in ("id", "time", "callid", "queue", "agent", "event")}
    rows = [
        {
            **{t: row["queuename" if n == "queue" else n] for t, n in theirs.items()},
            **{f"d{n}": row[f"data{n}"] for n in range(1, 6)},
        }
        for row in recorded()
    ]
    rows = [{**row, "Nr": int(row["Nr"])} for row in rows]
    source = table(rows, "events", columns={**names, "data": "d"})
    assert read(source) == of_file(NEWER / "queue_log")


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDBServer]:
    running = MariaDBServer()
    yield running
    running.remove()


@pytest.mark.integration
def test_the_table_in_mariadb_is_the_file(mariadb: MariaDBServer) -> None:
    created = (NEWER / "schema.sql").read_text().partition(":")[2]
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE asterisk")
        cursor.execute("USE asterisk")
        for name, time in (("queue_log", "datetime"), ("fractions", "datetime(6)")):
            cursor.execute(created.replace("`queue_log`", name).replace("datetime", time))
            places = ", ".join(["%s"] * len(NAMES))
            cursor.executemany(
                f"INSERT INTO {name} VALUES ({places})", [list(r.values()) for r in recorded()]
            )
        cursor.execute("UPDATE fractions SET time = time + INTERVAL 0.999999 SECOND")
        cursor.execute("CREATE USER kpi")
        cursor.execute("GRANT SELECT ON asterisk.* TO kpi")
    expected = of_file(NEWER / "queue_log")
    url = mariadb.url("asterisk", "kpi")
    for name in ("queue_log", "asterisk.fractions"):
        source = options_of("asterisk_realtime", url=url, table=name)
        pages = list(source.pages(None))
        assert calls_of(pages) == expected
        assert list(calls_of(list(source.pages(pages[-1].cursor)))) == []
        assert source.check().startswith("mariadb 1")
        assert not source.look().doubts
    with pytest.raises(SourceError, match=r"doesn't exist") as missing:
        options_of("asterisk_realtime", url=url, table="elsewhere").check()
    assert missing.value.permanent


@pytest.mark.parametrize("time", ["timestamptz", "timestamp", "varchar(26)"])
def test_the_table_in_postgresql_is_the_file(postgres_url: str, time: str) -> None:
    columns = ", ".join(f"{name} varchar(256)" for name in NAMES[2:])
    with psycopg.connect(postgres_url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("CREATE SCHEMA asterisk")
        connection.execute(f"CREATE TABLE asterisk.log (id serial, time {time}, {columns})")
        places = ", ".join(["%s"] * len(NAMES))
        with connection.cursor() as cursor:
            into = f"INSERT INTO asterisk.log VALUES ({places})"
            cursor.executemany(into, [list(row.values()) for row in recorded()])
    source = options_of("asterisk_realtime", url=postgres_url, table="asterisk.log")
    assert read(source) == of_file(NEWER / "queue_log")


# -- what is committed late -----------------------------------------------------------------------


class Live:
    """A table that grows, read by a source whose cursor goes through JSON."""

    def __init__(self, table: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: dict[str, Call] = {}
        self.ignored: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.cursor: Any = None
        self._table = table
        self.now = T
        monkeypatch.setattr("collector.io.database._TIME", {})
        monkeypatch.setattr(asterisk_realtime, "now", lambda: self.now)

    def poll(self, *rows: Row) -> int:
        """Commits rows; returns how many records a poll then gave."""
        source = self._table(list(rows)) if rows else self.source
        self.source = source
        given = 0
        for page in source.pages(self.cursor):
            self.cursor = json.loads(json.dumps(page.cursor))
            self.calls |= calls_of([page])
            self.ignored.update(page.ignored)
            self.rejected.update(each.reason for each in page.rejected)
            given += len(page.records)
        return given


def row(number: int, at: int, event: str, *data: object, callid: str = "1.1") -> Row:
    cells = [*map(str, data), "", "", "", "", ""][:5]
    values = [number, at, f"{callid}", "it", "NONE", event, *cells]
    return dict(zip(NAMES, values, strict=True))


@pytest.fixture
def live(table: Fill, monkeypatch: pytest.MonkeyPatch) -> Live:
    return Live(table, monkeypatch)


def test_an_entry_that_is_committed_after_its_answer_is_found(live: Live) -> None:
    assert live.poll(row(2, T, "CONNECT", 4, "x", 1)) == 0
    live.now += 20
    live.poll(row(1, T - 4, "ENTERQUEUE", "", "070", 1))
    assert [(c.outcome, c.wait_seconds) for c in live.calls.values()] == [("answered", 4)]
    live.now += 600
    live.poll()
    assert live.ignored["no_entry"] == 0, "counted only when nothing can come in between any more"


def test_a_table_that_was_emptied_begins_anew(live: Live, tmp_path: Path) -> None:
    """TRUNCATE begins to count the ids at 1 again; nothing that follows must be passed over."""
    old = [row(n, T - 9000 + n, "ENTERQUEUE", "", "070", 1, callid=f"1.{n}") for n in range(5, 9)]
    assert live.poll(*old) == 4
    with closing(sqlite3.connect(tmp_path / "asterisk.db")) as database, database:
        database.execute("DELETE FROM queue_log")
    assert live.poll() == 0
    assert live.rejected == Counter(), "an empty table says nothing yet"
    live.poll(row(1, T - 900, "ENTERQUEUE", "", "070", 1, callid="2.1"))
    assert live.rejected == {"renumbered": 1}
    live.poll(row(2, T - 800, "ABANDON", 1, 1, 100, callid="2.1"))
    assert live.calls["2.1/it/1"].outcome == "abandoned"
    assert live.rejected == {"renumbered": 1}


@pytest.mark.parametrize("minutes", [0, 10], ids=["within the overlap", "later"])
@pytest.mark.parametrize("step", [1, 2], ids=["the id is another row's", "the id is not there"])
def test_a_table_that_was_emptied_and_has_grown_past_the_last_id_begins_anew(
    live: Live, tmp_path: Path, minutes: int, step: int
) -> None:
    """Between two polls a table was emptied and got more rows than it had before."""

    def callers(first: int, count: int, at: int, by: int = 1) -> list[Row]:
        numbers = range(first, first + count * by, by)
        return [row(n, at + n, "ENTERQUEUE", "", "070", 1, callid=f"{at}.{n}") for n in numbers]

    assert live.poll(*callers(1, 4, T - 60 * minutes)) == 4
    with closing(sqlite3.connect(tmp_path / "asterisk.db")) as database, database:
        database.execute("DELETE FROM queue_log")
    live.now += 3600
    new = callers(1, 9, live.now - 400, step)
    live.poll(*new)
    assert live.rejected == {"renumbered": 1}
    assert {f"{each['callid']}/it/1" for each in new} <= live.calls.keys()
    live.now += 3600
    live.poll()
    assert live.rejected == {"renumbered": 1}


def test_deleting_old_rows_is_no_new_numbering(live: Live, tmp_path: Path) -> None:
    """Of the last row that was read nothing is left, or only rows before it."""
    rows = [row(n, T - 9000 + n, "ENTERQUEUE", "", "070", 1, callid=f"1.{n}") for n in range(1, 7)]
    assert live.poll(*rows) == 6
    for number in (6, 4, 1):
        with closing(sqlite3.connect(tmp_path / "asterisk.db")) as database, database:
            database.execute("DELETE FROM queue_log WHERE id = ?", [number])
        live.now += 100
        live.poll(row(number + 6, live.now, "ENTERQUEUE", "", "070", 1, callid=f"2.{number}"))
    assert live.rejected == {}
    assert len(live.calls) == 9


def test_a_row_that_is_missing_for_good_is_counted_once(live: Live) -> None:
    live.poll(row(2, T, "CONNECT", 4, "x", 1))
    for _ in range(5):
        live.now += 100
        live.poll()
    assert live.ignored == {"no_entry": 1}


def test_what_was_read_gives_no_record_again(live: Live) -> None:
    assert live.poll(row(1, T - 9, "ENTERQUEUE", "", "070", 1)) == 1
    for seconds in (10, 10, 1000):
        live.now += seconds
        assert live.poll() == 0
    assert live.poll(row(2, live.now, "ABANDON", 1, 1, 9)) == 1
    assert [(c.outcome, c.wait_seconds) for c in live.calls.values()] == [("abandoned", 9)]


def test_rows_dated_in_the_future_do_not_hold_the_others_up(live: Live) -> None:
    live.poll(
        row(1, T - 900, "ENTERQUEUE", "", "070", 1),
        row(2, T + 40 * 86_400, "ENTERQUEUE", "", "071", 1, callid="1.2"),
        row(3, T - 800, "ABANDON", 1, 1, 100),
    )
    assert live.cursor["id"] == 3


def test_every_order_of_commits_gives_the_same_calls(live: Live) -> None:
    """One of two events comes a poll later than its neighbours, each in turn."""
    first = [r | {"id": int(r["id"])} for r in map(epoch, recorded()[:40])]
    late, soon = first[::2], first[1::2]
    live.now = int(first[-1]["time"])
    live.poll(*soon)
    live.now += 20
    live.poll(*late)
    again = {i: c for i, c in of_file(NEWER / "queue_log").items() if c.entered_at <= live.now - 20}
    ended = {i for i, c in again.items() if c.left_at and c.left_at <= int(first[-1]["time"]) - 1}
    assert ended and {i: live.calls[i] for i in ended} == {i: again[i] for i in ended}


def test_since_gives_the_calls_from_then_on(table: Fill) -> None:
    source = table([epoch(row) | {"id": int(row["id"])} for row in recorded()])
    *_, last = source.pages(None)
    found = read(source, last.cursor, since=T + 20)
    assert found == {
        i: c
        for i, c in of_file(NEWER / "queue_log").items()
        if max(c.entered_at, c.left_at or 0) >= T + 20
    }


# -- time zones -----------------------------------------------------------------------------------


def test_the_hour_that_occurs_twice_follows_the_calls_names(table: Fill) -> None:
    autumn = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())  # 02:30, the first time
    rows = []
    for number, at in enumerate((autumn, autumn + 600, autumn + 3600, autumn + 4200)):
        told = datetime.fromtimestamp(at, STOCKHOLM).replace(tzinfo=None).isoformat(" ")
        rows.append(row(number, 0, "ENTERQUEUE", callid=f"{at - 3}.{number}") | {"time": told})
    found = read(table(rows, timezone="Europe/Stockholm"))
    assert [c.entered_at - autumn for c in found.values()] == [0, 600, 3600, 4200]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Stockholm", "America/New_York"])
def test_a_zone_that_the_calls_names_contradict_is_doubted(table: Fill, zone: str) -> None:
    source = table([local(r) | {"id": int(r["id"])} for r in recorded()], timezone=zone)
    doubts = source.look().doubts
    assert bool(doubts) == (zone != "Europe/Stockholm")
    assert all(zone in text and place == ("timezone",) for place, text in doubts)


# -- errors ---------------------------------------------------------------------------------------


def test_a_table_without_its_columns_says_which(table: Fill) -> None:
    rows = [{k: v for k, v in r.items() if k != "queuename"} for r in recorded()[:2]]
    source = table(rows)
    with pytest.raises(SourceError, match=r"no column queuename, only .*callid") as caught:
        read(source)
    assert caught.value.permanent


def test_a_cursor_of_another_source_is_refused(table: Fill) -> None:
    source = table(recorded()[:2])
    with pytest.raises(SourceError, match="run poll --since"):
        read(source, {"places": []})


# -- exports --------------------------------------------------------------------------------------


def as_json(rows: list[Row]) -> str:
    return json.dumps(rows)


def as_lines(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_phpmyadmin(rows: list[Row]) -> str:
    head = {"type": "header", "comment": "Export to JSON plugin for PHPMyAdmin"}
    return json.dumps([head, {"type": "table", "name": "queue_log", "data": rows}])


def as_csv(rows: list[Row], delimiter: str = ",") -> str:
    header = delimiter.join(f'"{name}"' for name in rows[0])
    lines = [delimiter.join(f'"{value}"' for value in row.values()) for row in rows]
    return "\r\n".join([header, *lines, ""])


def as_semicolons(rows: list[Row]) -> str:
    return "\ufeff" + as_csv(rows, ";")


def as_batch(rows: list[Row]) -> str:
    """As the command mysql writes it."""
    lines = ["\t".join(str(v) or "NULL" for v in row.values()) for row in rows]
    return "\n".join(["\t".join(rows[0]), *lines, ""])


def as_lines_without_nulls(rows: list[Row]) -> str:
    """As most programs write them, and with a caller's name that holds a separator of lines."""
    lines = [{n: v for n, v in row.items() if v not in ("", None)} for row in rows]
    lines[0]["name"] = "A\u2028B\x85C"
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


FORMS = [as_json, as_lines, as_lines_without_nulls, as_phpmyadmin, as_csv, as_semicolons, as_batch]


def export(path: Path, **more: Any) -> Source:
    return options_of("asterisk_export", path=str(path), **more)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("layout", [dict, single, epoch])
def test_every_form_of_an_export_is_the_file(
    tmp_path: Path, form: Callable[[list[Row]], str], layout: Callable[[Row], Row]
) -> None:
    (tmp_path / "export").write_text(form([layout(row) for row in recorded()]), newline="")
    assert read(export(tmp_path / "export")) == of_file(NEWER / "queue_log")


def test_an_export_without_ids_and_packed_is_the_file(tmp_path: Path) -> None:
    rows = [{n: v for n, v in row.items() if n != "id"} for row in recorded()]
    (tmp_path / "export.gz").write_bytes(gzip.compress(as_csv(rows).encode()))
    assert read(export(tmp_path / "export.gz")) == of_file(NEWER / "queue_log")


def test_the_recorded_export_of_the_table_is_the_file() -> None:
    found = export(NEWER / "queue_log_table_datetime0.tsv")
    assert read(found) == of_file(NEWER / "queue_log")
    assert found.check() == "1 file, 114 events, the last of 2026-11-29T22:39:28+00:00"
    assert found.as_of is None or found.as_of > T


def test_overlapping_exports_are_one(tmp_path: Path) -> None:
    rows = recorded()
    (tmp_path / "b.csv").write_text(as_csv(rows[:70]))
    (tmp_path / "a.json").write_text(as_json(rows[40:]))
    assert read(export(tmp_path / "*")) == of_file(NEWER / "queue_log")


def test_an_export_is_read_again_only_when_it_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(as_csv(recorded()[:60]))
    source = export(file)
    *_, last = source.pages(None)
    assert read(source, last.cursor) == {}
    file.write_text(as_csv(recorded()))
    assert read(source, last.cursor) == of_file(NEWER / "queue_log")


def test_an_export_is_read_again_when_its_map_or_zone_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(as_csv(recorded()))
    *_, last = export(file).pages(None)
    queues = {each.queue for each in of_file(NEWER / "queue_log").values()}
    renamed = export(file, map={"queue": {"default": "all"}})
    assert queues != {"all"} == {call.queue for call in read(renamed, last.cursor).values()}


def test_an_export_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text("[" * 100_000)
    with pytest.raises(SourceError, match="too deep"):
        read(export(tmp_path / "export.json"))


def test_an_export_in_another_order_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(as_csv(recorded()[::-1]))
    with pytest.raises(SourceError, match=r"export\.csv:3: .*ORDER BY id"):
        read(export(tmp_path / "export.csv"))


def test_without_a_header_nothing_of_a_caller_is_said(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(as_csv(recorded()[1:]).partition("\n")[2])
    with pytest.raises(SourceError, match="no column time") as caught:
        read(export(tmp_path / "export.csv"))
    assert "5550000" not in str(caught.value)


def test_ids_that_are_no_numbers_are_not_quoted(table: Fill) -> None:
    source = table([{**r, "data2": "Anna"} for r in recorded()[:3]], columns={"id": "data2"})
    with pytest.raises(SourceError, match="no number") as caught:
        read(source)
    assert "Anna" not in str(caught.value)


def test_a_cut_row_is_rejected_with_its_line(tmp_path: Path) -> None:
    text = as_csv(recorded()).rstrip()
    (tmp_path / "export.csv").write_text(text[:-60])
    (rejected,) = [r for page in export(tmp_path / "export.csv").pages(None) for r in page.rejected]
    assert (rejected.reason, rejected.where) == ("malformed_line", "export.csv:115")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"time": "2020-07-01 08:00:00"},\n oops]', r"export:2: is no JSON"),
        (b'{"time": 1}\n{"time": 2\n', "export:2: is no JSON"),
        (b"time,callid,queuename,agent,event\n\xe5\xe4\xf6\n", "is not utf-8.* text: set encoding"),
    ],
)
def test_an_export_that_cannot_be_read_says_where(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "export").write_bytes(content)
    with pytest.raises(SourceError, match=said):
        read(export(tmp_path / "export", encoding="utf-8"))


def test_a_row_of_json_that_is_no_object_is_rejected_and_no_other(tmp_path: Path) -> None:
    rows = json.loads(as_json(recorded()))
    (tmp_path / "export").write_text(json.dumps([*rows, "the end"]))
    pages = list(export(tmp_path / "export").pages(None))
    assert calls_of(pages) == of_file(NEWER / "queue_log")
    (rejected,) = [each for page in pages for each in page.rejected]
    assert (rejected.reason, rejected.message) == ("malformed_line", "is no object")


def test_an_export_since_an_instant_gives_the_calls_from_then_on(tmp_path: Path) -> None:
    (tmp_path / "export").write_text(as_csv(recorded()))
    source, whole = export(tmp_path / "export"), of_file(NEWER / "queue_log")
    middle = sorted(call.entered_at for call in whole.values())[len(whole) // 2]
    later = read(source, since=middle)
    assert 0 < len(later) < len(whole)
    assert later.items() <= whole.items()
    assert {name for name, call in whole.items() if call.entered_at >= middle} <= later.keys()
