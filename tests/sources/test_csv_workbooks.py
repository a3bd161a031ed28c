"""Workbooks and packed files, read as the CSV files that they stand for."""

from __future__ import annotations

import gzip
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter

from collector.io.errors import SourceError
from collector.model.records import Call, Ticket
from collector.sources import SOURCES, make_source
from collector.sources.csv import workbook
from collector.sources.kit.contract import Source
from tests.sources.test_csv_histories import BY_HAND, FILES, found, line, public
from tests.worlds.commands import run_here

NOON = datetime(2026, 3, 2, 12, 0, 0)
SAME = 1_772_452_800  # 2026-03-02T12:00:00Z


def book(path: Path, *rows: list[Any], sheets: tuple[str, ...] = ("Export",)) -> Path:
    """A workbook with these rows in its last sheet."""
    with xlsxwriter.Workbook(path) as made:
        forms = {
            datetime: made.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            date: made.add_format({"num_format": "dd/mm/yyyy"}),
            time: made.add_format({"num_format": "hh:mm:ss"}),
            timedelta: made.add_format({"num_format": "[h]:mm:ss"}),
        }
        made_sheets = [made.add_worksheet(name) for name in sheets]
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    made_sheets[-1].write(at, column, value, forms.get(type(value)))
    return path


def source(path: Path, kind: str = "csv_tickets", **keys: Any) -> Source:
    keys = {"timezone": "UTC", **keys}
    return make_source(
        "desk", SOURCES[kind].model_validate({"type": kind, "path": str(path), **keys}), ()
    )


def records(of: Source) -> list[Any]:
    return [record for page in of.pages(None) for record in page.records]


@pytest.mark.parametrize("form", ["iso", "epoch", "%d/%m/%Y %H:%M"])
def test_times_are_real_times_whatever_the_format(tmp_path: Path, form: str) -> None:
    head = ["id", "opened_at", "resolved_at", "team"]
    path = book(tmp_path / "t.xlsx", head, [17, NOON, NOON + timedelta(seconds=59)], ["A-2", NOON])
    first, second = records(source(path, time_format=form))
    assert isinstance(first, Ticket)
    assert (first.id, first.opened_at, first.resolved_at) == ("17", SAME, SAME + 59)
    assert (second.id, second.resolved_at, second.team) == ("A-2", None, None)


def test_texts_in_a_workbook_have_the_configured_format(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", ["id", "opened_at"], ["1", "02/03/2026 12:00"], ["2", NOON])
    found_at = [each.opened_at for each in records(source(path, time_format="%d/%m/%Y %H:%M"))]
    assert found_at == [SAME, SAME]


def test_a_date_alone_is_the_end_of_its_day_as_in_any_csv_file(tmp_path: Path) -> None:
    head = ["id", "opened_at", "resolved_at"]
    path = book(tmp_path / "t.xlsx", head, [1, NOON, date(2026, 3, 2)])
    (ticket,) = records(source(path))
    assert ticket.resolved_at == SAME + 12 * 3600 - 1


def test_long_numbers_are_whole(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", ["id", "opened_at"], [202611150000017, NOON])
    assert [each.id for each in records(source(path))] == ["202611150000017"]


def test_durations_are_read(tmp_path: Path) -> None:
    head = ["id", "queue", "entered_at", "outcome", "wait_seconds", "talk_seconds"]
    rows = [
        [1, "it", NOON, "answered", 12, timedelta(hours=25, seconds=3)],
        [2, "it", NOON, "answered", time(0, 1, 5), 7.5],
    ]
    one, two = records(source(book(tmp_path / "c.xlsx", head, *rows), "csv_calls"))
    assert isinstance(one, Call)
    assert (one.wait_seconds, one.talk_seconds) == (12, 25 * 3600 + 3)
    assert (two.wait_seconds, two.talk_seconds) == (65, 8)


def test_a_title_and_a_total_are_no_records(tmp_path: Path) -> None:
    rows = [["Tickets of March"], [], ["id", "opened_at", "team"], [1, NOON, "A"], ["Total 1"]]
    (page,) = source(book(tmp_path / "t.xlsx", *rows)).pages(None)
    assert [each.id for each in page.records] == ["1"]
    assert page.ignored == {"before_header": 1, "total_row": 1}


def test_errors_name_file_and_row(tmp_path: Path) -> None:
    rows = [["id", "opened_at", "team"], [1, NOON, "A"], [], [2, "soon", "A"]]
    (page,) = source(book(tmp_path / "t.xlsx", *rows)).pages(None)
    assert [(each.where, each.reason) for each in page.rejected] == [("t.xlsx:4", "bad_time")]


def test_the_first_sheet_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", ["id", "opened_at"], [1, NOON], sheets=("Start", "Data"))
    assert len(records(source(path, sheet="Data"))) == 1
    with pytest.raises(SourceError, match="no header line"):
        source(path).check()
    with pytest.raises(SourceError, match="no sheet 'Rows': set sheet to one of 'Start', 'Data'"):
        source(path, sheet="Rows").check()


def test_a_broken_workbook_is_said(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", ["id", "opened_at"], [1, NOON])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="holds no Excel workbook"):
        source(path).check()
    path.write_bytes(
        whole.replace(b"PK\x03\x04", b"PK\x03\x05").replace(b"PK\x03\x05", b"PK\x03\x04", 1)
    )
    with pytest.raises(SourceError, match="cannot be read as a workbook"):
        source(path).check()
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(SourceError, match=r"old form \(\.xls\) or with a password"):
        source(path).check()


def test_histories_are_read_from_workbooks_too(tmp_path: Path) -> None:
    lines = [row.split(",") for row in (FILES / "uci.csv").read_text().splitlines()]
    form = "%d/%m/%Y %H:%M"

    def cell(text: str) -> Any:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            return int(text) if text.isdigit() else text

    book(tmp_path / "uci.csv", *([cell(text) for text in row] for row in lines))
    assert {n: line(each) for n, each in found(public("uci.csv", tmp_path)).items()} == BY_HAND[
        "uci.csv"
    ]


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    text = "id,opened_at\n1,2026-03-02 12:00\n"
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert [each.opened_at for each in records(source(path))] == [SAME]
    path.write_bytes(gzip.compress(text.encode() * 50)[:40])
    with pytest.raises(SourceError, match=r"t\.csv\.gz cannot be read: EOFError"):
        source(path).check()


def test_init_reads_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [[n, NOON + timedelta(hours=n), NOON + timedelta(hours=n + 1)] for n in range(1, 6)]
    book(tmp_path / "t.xlsx", ["Number", "Created", "Resolved"], *rows)
    done = run_here("init", "csv_tickets", "t.xlsx", "--timezone", "Europe/London")
    assert done.code == 0, done.err
    assert "opened_at: Created" in (tmp_path / "servicedesk.yaml").read_text()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (1.7e15, "1700000000000000"),  # never in scientific notation
        (17.5, "17.5"),
        (date(2026, 3, 2), "2026-03-02"),  # of a workbook in the strict form, which has true dates
        (NOON, "2026-03-02T12:00:00"),
        (time(8, 5), "8:05:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"),
        (-timedelta(minutes=2), "-0:02:00"),
    ],
)
def test_every_kind_of_cell_is_the_text_that_a_csv_file_would_have(value: Any, text: str) -> None:
    cell = SimpleNamespace(value=value, number_format="General")
    assert workbook._text(cell, lambda _: None) == text


def test_a_workbook_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "t.xlsx", ["id", "opened_at"], [1, NOON])
    monkeypatch.setattr(workbook, "MOST_BYTES", 1000)
    with pytest.raises(SourceError, match="is too large a workbook: save it as CSV UTF-8"):
        records(source(path))
