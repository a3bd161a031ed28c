"""CSV sources: what a row means, every way in which one can be wrong, and what is read when."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collector.io.errors import SourceError
from collector.model.records import OF_CALLS, Call, CallOutcome, Change, Ticket, Unrecorded
from collector.sources.csv import source as csv_files
from collector.sources.csv.rows import CsvRow
from collector.sources.csv.source import CsvCalls, CsvTickets
from collector.sources.csv.table import Notes
from collector.sources.kit.mapping import Mapper

T = 1_600_000_000
YEAR = 31_557_600
TICKETS = "id,opened_at,first_response_at,resolved_at,closed_at,status,priority,organization,url\n"
CALLS = "id,queue,entered_at,outcome,wait_seconds,answered_at,left_at,talk_seconds\n"
ORGANIZATIONS = ["Askersund", "Laxå"]
ACTS = {Unrecorded.NOTE, Unrecorded.STATUS_CHANGE, Unrecorded.ASSIGNMENT}
NO_HISTORY = {
    Unrecorded.HOLDS,
    Unrecorded.REOPENINGS,
    Unrecorded.REGISTRAR,
    Unrecorded.PRIORITIES,
    Unrecorded.TEAMS,
}


def tickets(path: Path, **options: object) -> CsvTickets:
    return CsvTickets(
        "file", CsvTickets.Options(type="csv_tickets", path=str(path), **options), ORGANIZATIONS
    )


def calls(path: Path, **options: object) -> CsvCalls:
    options = {"time_format": "epoch", **options}
    return CsvCalls(
        "file", CsvCalls.Options(type="csv_calls", path=str(path), **options), ORGANIZATIONS
    )


def written(tmp_path: Path, text: str | bytes, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def drained(source: CsvTickets | CsvCalls, cursor: object = None) -> tuple[list, list, Counter]:
    records, rejected, ignored = {}, [], Counter()
    for page in source.pages(cursor):
        assert len({record.id for record in page.records}) == len(page.records)
        records.update((record.id, record) for record in page.records)
        rejected += [*page.rejected, *page.left_out]
        ignored.update(page.ignored)
    return list(records.values()), rejected, ignored


def one(source: CsvTickets | CsvCalls) -> Ticket | Call:
    records, rejected, _ = drained(source)
    assert rejected == []
    assert len(records) == 1
    return records[0]


def test_a_ticket_with_everything(tmp_path):
    path = written(
        tmp_path,
        "Nr;Öppnad;Svar;Löst;Status;Prio;Kommun;Typ;Grupp;Kategori;Länk\r\n"
        "17;2020-09-13T14:26:40+02:00;2020-09-13T12:30:00Z;2020-09-14 08:00:00+02:00;Löst;"
        "1 - Critical;Laxå;incident;1st;Nät;https://desk.example.org/17\r\n",
    )
    columns = {
        "id": "Nr", "opened_at": "Öppnad", "first_response_at": "Svar", "resolved_at": "Löst",
        "status": "Status", "priority": "Prio", "organization": "Kommun", "kind": "Typ",
        "team": "Grupp", "category": "Kategori", "url": "Länk",
    }  # fmt: skip
    maps = {"priority": {"1 - Critical": "urgent"}, "status": {"Löst": "resolved"}}
    assert one(tickets(path, columns=columns, delimiter=";", map=maps)) == Ticket(
        source="file",
        id="17",
        opened_at=T,
        first_response_at=T + 200,
        first_resolved_at=1_600_063_200,
        resolved_at=1_600_063_200,
        kind="incident",
        priority="urgent",
        organization="Laxå",
        category="Nät",
        status="resolved",
        team="1st",
        url="https://desk.example.org/17",
        changes=(
            Change(T, "status", "new"),
            Change(T, "priority", "urgent"),
            Change(T, "team", "1st"),
            Change(T, "kind", "incident"),
        ),
        unrecorded=frozenset({*NO_HISTORY, *ACTS, Unrecorded.CLOSING}),
    )


OWN = (
    "first_note_at,first_status_at,first_assigned_at,own_first_response_at,own_response_due_at,"
    "own_response_met,own_resolution_due_at,own_resolution_met"
)


def with_own(tmp_path: Path, row: str, **options: object) -> CsvTickets:
    text = f"id,opened_at,{OWN}\n1,{T},{row}\n"
    return tickets(written(tmp_path, text), time_format="epoch", **options)


def test_what_the_system_says_itself(tmp_path):
    times = [T + n for n in range(1, 7)]
    note, status, owner, response, response_due, due = times
    row = f"{note},{status},{owner},{response},{response_due},ja,{due},NO"
    source = with_own(tmp_path, row)
    assert one(source) == Ticket(
        source="file",
        id="1",
        opened_at=T,
        first_note_at=note,
        first_status_at=status,
        first_assigned_at=owner,
        own_first_response_at=response,
        own_response_due_at=response_due,
        own_response_met=True,
        own_resolution_due_at=due,
        own_resolution_met=False,
        unrecorded=frozenset(Unrecorded) - OF_CALLS - ACTS,
    )
    (page,) = source.pages(None)
    assert page.newest_at == response  # a deadline is no event
    assert one(with_own(tmp_path, ",,,,,,,")) == Ticket(
        source="file", id="1", opened_at=T, unrecorded=frozenset(Unrecorded) - OF_CALLS - ACTS
    )


@pytest.mark.parametrize(
    ("word", "met"),
    [
        *((word, True) for word in ("yes", "TRUE", "1", "Ja", " yes ")),
        *((word, False) for word in ("No", "false", "0", "NEJ")),
        ("", None),
    ],
)
def test_words_for_yes_and_no(tmp_path, word, met):
    ticket = one(with_own(tmp_path, f",,,,,{word},,"))
    assert (ticket.own_response_met, ticket.own_resolution_met) == (met, None)


@pytest.mark.parametrize(("word", "met"), [("I tid", True), ("Sen", False), ("nej", False)])
def test_own_words_for_yes_and_no(tmp_path, word, met):
    """YAML reads a bare yes as true; ours stand for themselves beside a map."""
    maps = {"own_resolution_met": {"I tid": True, "Sen": "no"}}
    assert one(with_own(tmp_path, f",,,,,,,{word}", map=maps)).own_resolution_met is met


def test_a_default_for_yes_and_no(tmp_path):
    maps = {"own_response_met": {"0": "yes", "default": False}}
    for word, met in (("0", True), ("what", False), ("", False), ("1", True)):
        assert one(with_own(tmp_path, f",,,,,{word},,", map=maps)).own_response_met is met


@pytest.mark.parametrize(
    ("maps", "reason"),
    [
        ({}, "bad_yes_no"),
        ({"own_response_met": {"I tid": "yes"}}, "unmapped_own_response_met"),
        ({"own_response_met": {"perhaps": "in time"}}, "bad_yes_no"),
    ],
)
def test_other_words_are_not_guessed(tmp_path, maps, reason):
    (ticket,), (rejected,), _ = drained(with_own(tmp_path, ",,,,,perhaps,,", map=maps))
    assert (ticket.own_response_met, rejected.reason) == (None, reason)
    assert "own_response_met" in rejected.message


@pytest.mark.parametrize("name", [n for n in OWN.split(",") if n.endswith("_at")])
def test_every_instant_is_checked(tmp_path, name):
    text = f"id,opened_at,{name}\n1,{T},soon\n"
    source = tickets(written(tmp_path, text), time_format="epoch")
    _, (rejected,), _ = drained(source)
    assert rejected.reason == "bad_time" and name in rejected.message


@pytest.mark.parametrize(
    ("status", "mark", "initial"),
    [
        ("Merged", "merged", "new"),
        ("DELETED", "deleted", "new"),
        ("spam", "spam", "new"),
        ("on_hold", None, "new"),
        ("open", None, "open"),
        ("Väntar", None, "Väntar"),
        ("", None, None),
    ],
)
def test_statuses_and_marks(tmp_path, status, mark, initial):
    ticket = one(tickets(written(tmp_path, f"id,opened_at,status\n1,2020-01-01T10:00Z,{status}\n")))
    assert ticket.mark == mark
    assert [change.value for change in ticket.changes if change.field == "status"] == [initial][
        : bool(initial)
    ]


def test_our_own_words_need_no_map(tmp_path):
    path = written(
        tmp_path, "id,opened_at,status\n1,2020-01-01T10:00Z,Merged\n2,2020-01-01T10:00Z,Borta\n"
    )
    records, rejected, _ = drained(tickets(path, map={"status": {"Borta": "Deleted"}}))
    assert ([record.mark for record in records], rejected) == (["merged", "deleted"], [])


@pytest.mark.parametrize(
    ("row", "wait"),
    [
        (f"1,it,{T},answered,7,,,", 7),
        (f"1,it,{T},Answered,0,{T + 9},,", 0),
        (f"1,it,{T},answered,,{T + 9},{T + 99},90", 9),
        (f"1,it,{T},abandoned,,,{T + 12},", 12),
        (f"1,it,{T},timeout,30,,{T + 31},", 30),
        (f"1,it,{T},withdrawn,,,,", None),
        (f"1,it,{T},open,,,,", None),
    ],
)
def test_waits(tmp_path, row, wait):
    call = one(calls(written(tmp_path, f"{CALLS}{row}\n")))
    assert (call.wait_seconds, call.queue, call.entered_at) == (wait, "it", T)


def test_calls_are_mapped(tmp_path):
    path = written(
        tmp_path,
        f"id,queue,entered_at,outcome,organization,wait_seconds\n1,4711,{T},LOST,,5\n2,,{T},answered,laxa,5\n",
    )
    maps = {
        "queue": {"4711": "it", "default": "other"},
        "outcome": {"LOST": "abandoned"},
        "organization": {"laxa": "Laxå", "default": "Askersund"},
    }
    records, rejected, _ = drained(calls(path, map=maps))
    assert rejected == []
    assert [(c.queue, c.outcome, c.organization) for c in records] == [
        ("it", CallOutcome.ABANDONED, "Askersund"),
        ("other", CallOutcome.ANSWERED, "Laxå"),
    ]


BAD_TICKETS = [
    (",2020-01-01T10:00Z,,,,,,,", "missing_id", "id"),
    ("1,,,,,,,,", "missing_opened_at", "opened_at"),
    ("1,2020-01-01T10:00,,,,,,,", "no_timezone", "timezone"),
    ("1,2020-01-01,,,,,,,", "bad_time", "2020-01-01"),
    ("1,last week,,,,,,,", "bad_time", "last week"),
    ("1,2020-13-01T10:00Z,,,,,,,", "bad_time", "2020-13"),
    ("1,1969-01-01T10:00Z,,,,,,,", "bad_time", "1971"),
    ("2.0261E+15,2020-01-01T10:00Z,,,,,,,", "rounded_id", "as text"),
    ("1,2020-01-01T10:00Z", "wrong_fields", "2 fields"),
    ("1,2020-01-01T10:00Z,,,,,,,,,extra", "wrong_fields", "11 fields"),
    ('1,2020-01-01T10:00Z,,,,"a"b,,,', "bad_quotes", "CSV"),
]
BAD_CALLS = [
    (f",it,{T},answered,5,,,", "missing_id", "id"),
    (f"1,,{T},answered,5,,,", "missing_queue", "queue"),
    ("1,it,,answered,5,,,", "missing_entered_at", "entered_at"),
    (f"1,it,{T},,5,,,", "missing_outcome", "outcome"),
    (f'"2,02611E+15",it,{T},answered,5,,,', "rounded_id", "as text"),
    (f"1,it,{T}000,answered,5,,,", "bad_time", "2200"),
    ("1,it,noon,answered,5,,,", "bad_time", "noon"),
    (f"1,it,-{T},answered,5,,,", "bad_time", f"-{T}"),
]


@pytest.mark.parametrize(("row", "reason", "says"), BAD_TICKETS)
def test_wrong_tickets(tmp_path, row, reason, says):
    good = "9,2020-01-01T10:00Z,,,,,,,\n"
    records, rejected, _ = drained(tickets(written(tmp_path, f"{TICKETS}{good}{row}\n{good}")))
    assert [(r.reason, r.where) for r in rejected] == [(reason, "export.csv:3")]
    assert says in rejected[0].message
    assert [record.id for record in records] == ["9"]


@pytest.mark.parametrize(("row", "reason", "says"), BAD_CALLS)
def test_wrong_calls(tmp_path, row, reason, says):
    good = f"9,it,{T},answered,5,,,\n"
    records, rejected, _ = drained(calls(written(tmp_path, f"{CALLS}{row}\n{good}")))
    assert [(r.reason, r.where) for r in rejected] == [(reason, "export.csv:2")]
    assert says in rejected[0].message
    assert [record.id for record in records] == ["9"]


@pytest.mark.parametrize(
    ("row", "reason", "says", "kept"),
    [
        ("1,2020-01-01T10:00Z,,2020-01-01T09:00Z,,,,,", "ends_before_start", "resolved_at", {}),
        ("1,2020-01-01T10:00Z,,,2020-01-01T09:00Z,,,,", "ends_before_start", "closed_at", {}),
        (
            "1,2020-01-01T10:00Z,,,,,,Atlantis,",
            "unmapped_organization",
            "Atlantis",
            {"organization": None},
        ),
        ("1,2020-01-01T10:00Z,31/12/2020,,,,high,,", "bad_time", "31/12", {"priority": "high"}),
    ],
)
def test_a_ticket_is_kept_without_a_field_that_cannot_be_used(tmp_path, row, reason, says, kept):
    source = tickets(written(tmp_path, f"{TICKETS}{row}\n"))
    (ticket,), (rejected,), _ = drained(source)
    assert (rejected.reason, rejected.where) == (reason, "export.csv:2")
    assert says in rejected.message
    assert (ticket.id, ticket.first_response_at, ticket.resolved_at, ticket.closed_at) == (
        *("1", None, None, None),
    )
    assert {name: getattr(ticket, name) for name in kept} == kept
    (page,) = source.pages(None)
    assert page.whole == (1, 1), "a ticket without a field counts as wrong"


@pytest.mark.parametrize(
    ("row", "reason", "says", "outcome", "wait"),
    [
        (f"1,it,{T},vanished,5,,,", "unknown_outcome", "vanished", "abandoned", 5),
        (f"1,it,{T},vanished,5,{T + 5},,", "unknown_outcome", "vanished", "answered", 5),
        (f"1,it,{T},vanished,5,{T - 1},,", "ends_before_start", "answered_at", "answered", 5),
        (f"1,it,{T},vanished,5,8:05,,", "bad_time", "answered_at", "answered", 5),
        (f"1,it,{T},vanished,5,,,1:05", "bad_seconds", "talk_seconds", "unknown", 5),
        (f"1,it,{T},answered,,,,", "missing_wait", "wait_seconds", "answered", None),
        (f"1,it,{T},answered,-5,,,", "bad_seconds", "-5", "answered", None),
        (f"1,it,{T},answered,-5,{T + 4},,", "bad_seconds", "-5", "answered", 4),
        (f"1,it,{T},abandoned,-5,,{T + 4},", "bad_seconds", "-5", "abandoned", 4),
        (f"1,it,{T},answered,00:05,,,", "bad_seconds", "units.wait_seconds", "answered", None),
        (f"1,it,{T},answered,5,,,x", "bad_seconds", "talk_seconds", "answered", 5),
        (f"1,it,{T},answered,5,{T - 1},,", "ends_before_start", "answered_at", "answered", 5),
        (f"1,it,{T},abandoned,5,,{T - 1},", "ends_before_start", "left_at", "abandoned", 5),
        (f"1,it,{T},answered,5,{T + 5},{T + 4},", "ends_before_start", "left_at", "answered", 5),
    ],
)
def test_a_call_keeps_its_outcome_without_a_field_that_cannot_be_used(
    tmp_path, row, reason, says, outcome, wait
):
    (call,), (rejected, *_), _ = drained(calls(written(tmp_path, f"{CALLS}{row}\n")))
    assert (call.outcome, call.wait_seconds) == (outcome, wait)
    assert (rejected.reason, rejected.where) == (reason, "export.csv:2")
    assert says in rejected.message


def test_a_response_before_the_opening_is_let_through(tmp_path):
    path = written(
        tmp_path, "id,opened_at,first_response_at\n1,2020-01-01T10:00Z,2020-01-01T09:55Z\n"
    )
    ticket = one(tickets(path))
    assert ticket.first_response_at == ticket.opened_at - 300


@pytest.mark.parametrize("form", ["%d/%m/%y %H:%M", "%d/%m/%y"])
def test_a_time_more_than_a_year_before_the_opening_stands_for_none(tmp_path, form):
    """Years of two digits make 1900 2000, and 1899 1999."""
    zero = [datetime(year, 1, 1, tzinfo=UTC).strftime(form) for year in (2000, 1999)]
    opened = datetime(2020, 7, 1, tzinfo=UTC).strftime(form)
    text = f"id,opened_at,first_response_at,resolved_at\n1,{opened},{','.join(zero)}\n"
    ticket = one(tickets(written(tmp_path, text), time_format=form, timezone="UTC"))
    assert (ticket.first_response_at, ticket.resolved_at) == (None, None)
    assert not ticket.unrecorded & {"first_response", "resolution"}


@pytest.mark.parametrize(("text", "known"), [("later", True), ("####", False)])
def test_what_a_spreadsheet_could_not_show_is_not_taken_for_none(tmp_path, text, known):
    path = written(tmp_path, f"id,opened_at,resolved_at\n1,2020-01-01T10:00Z,{text}\n")
    (ticket,), (rejected,), _ = drained(tickets(path))
    assert ("resolution" in ticket.unrecorded) is not known
    assert ("add it under empty" in rejected.message) is known


def test_links_of_other_schemes_are_left_out(tmp_path):
    path = written(tmp_path, "id,opened_at,url\n1,2020-01-01T10:00Z,javascript:alert(1)\n")
    assert one(tickets(path)).url is None


@pytest.mark.parametrize(
    ("text", "form", "zone", "expected"),
    [
        ("1600000000", "epoch", None, T),
        ("1600000000.75", "epoch", None, T),
        ("2020-09-13T12:26:40Z", "iso", None, T),
        ("2020-09-13 14:26:40.9+0200", "iso", None, T),
        ("20200913T122640Z", "iso", None, T),
        ("2020-09-13 14:26:40", "iso", "Europe/Stockholm", T),
        ("2020-09-13T12:26:40Z", "iso", "Europe/Stockholm", T),
        ("13/09/2020 14:26:40", "%d/%m/%Y %H:%M:%S", "Europe/Stockholm", T),
        ("13/09/2020 14:26:40 +0200", "%d/%m/%Y %H:%M:%S %z", None, T),
        # 02:30 does not exist on that day: it is what the clock shows an hour later
        ("2020-03-29 02:30", "iso", "Europe/Stockholm", 1585445400),
        ("2020-03-29 03:30", "iso", "Europe/Stockholm", 1585445400),
        # 02:30 exists twice: the first
        ("2020-10-25 02:30", "iso", "Europe/Stockholm", 1603585800),
    ],
)
def test_times(tmp_path, text, form, zone, expected):
    options = {"time_format": form, "timezone": zone} if zone else {"time_format": form}
    assert (
        one(tickets(written(tmp_path, f"id,opened_at\n1,{text}\n"), **options)).opened_at
        == expected
    )


@settings(deadline=None, database=None)
@given(st.integers(T - 10 * YEAR, T + 50 * YEAR))
@example(1_603_587_000)
def test_local_times_name_the_instant_they_came_from(instant):
    moment = datetime.fromtimestamp(instant, ZoneInfo("Europe/Stockholm"))
    options = CsvTickets.Options(type="csv_tickets", path="x", timezone="Europe/Stockholm")
    text = moment.replace(tzinfo=None).isoformat()
    row = CsvRow({"t_at": text}, options, Mapper({}, []), Notes())
    assert row.start("t_at") == (instant - 3600 if moment.fold else instant)
    assert row.time("t_at", since=instant) == instant


def test_lines_are_those_of_an_editor(tmp_path):
    text = (
        "\ufeffid,opened_at,category\r\n"
        '1,2020-01-01T10:00Z,"one\r\ntwo, ""three"""\r\n'
        "\r\n"
        "2,wrong,\r\n"
        ",,\r\n"
        '3,wrong,"a\nb\nc"\r\n'
        "4,wrong,"
    )
    records, rejected, ignored = drained(tickets(written(tmp_path, text)))
    assert [(r.id, r.category) for r in records] == [("1", 'one\r\ntwo, "three"')]
    assert [r.where for r in rejected] == ["export.csv:5", "export.csv:7", "export.csv:10"]
    assert ignored == {"blank_row": 1}


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1252", "Laxå"), ("utf-16", "Laxå"), ("utf-8", "\ufeffLaxå"), ("utf-8-sig", "\ufeffLaxå")],
)
def test_encodings(tmp_path, encoding, text):
    mark, name = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    path = written(
        tmp_path, f"{mark}id,opened_at,organization\n1,2020-01-01T10:00Z,{name}\n".encode(codec)
    )
    assert one(tickets(path, encoding=encoding)).organization == "Laxå"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    path = written(tmp_path, "id,opened_at,\n1,2020-01-01T10:00Z,\n".replace(",", delimiter))
    assert one(tickets(path, delimiter=delimiter)).id == "1"


def test_several_rows_of_one_ticket_need_a_rule(tmp_path):
    path = written(
        tmp_path,
        "id,opened_at,priority\n1,2020-01-01T10:00Z,low\n2,2020-01-01T10:00Z,low\n1,2020-01-01T10:00Z,high\n",
    )
    with pytest.raises(SourceError, match=r"export\.csv:4: 1 of 2 ids have several rows .*events"):
        drained(tickets(path))
    with pytest.raises(SourceError, match="duplicates: last"):
        tickets(path).check()
    for rule, priority in (("last", "high"), ("first", "low")):
        records, _, ignored = drained(tickets(path, duplicates=rule))
        assert {r.id: r.priority for r in records} == {"1": priority, "2": "low"}
        assert ignored == {"duplicate_id": 1}


UNUSABLE = [
    (b"", {}, "no header"),
    (b"\n\n", {}, "no header"),
    (b"id,opened\n1,2\n", {}, "opened_at"),
    (b"id;opened_at\n1;2\n", {}, "looks like ';'"),
    (b"id,opened_at\n1,2\n", {"columns": {"team": "Grupp"}}, "Grupp"),
    (b"id,id,opened_at\n1,1,2\n", {}, "more than once"),
    (b"PK\x03\x04\xff\xfe\x00", {}, "encoding"),
    (b"id,opened_at\n", {"encoding": "utf-16"}, "encoding"),
    ("id,opened_at,x\n1,2020-01-01T10:00Z,å\n".encode("cp1252"), {"encoding": "utf-8"}, "set enc"),
    (b"id,opened_at,x\n1,2020-01-01T10:00Z,\x81\n", {}, "set encoding"),
    (b'id,opened_at\n1,2020-01-01T10:00Z\n"2,2020-01-01T10:00Z\n3,x\n', {}, "export.csv:3"),
]


@pytest.mark.parametrize(("content", "options", "says"), UNUSABLE)
def test_files_that_are_of_no_use(tmp_path, content, options, says):
    with pytest.raises(SourceError) as caught:
        drained(tickets(written(tmp_path, content), **options))
    assert says in str(caught.value)


def test_files_that_are_not_there(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path / "*.csv"):
        with pytest.raises(SourceError, match="check the path"):
            drained(tickets(path))
        with pytest.raises(SourceError):
            tickets(path).check()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_right_to_read(tmp_path):
    path = written(tmp_path, "id,opened_at\n")
    path.chmod(0)
    with pytest.raises(SourceError, match="permission denied"):
        drained(tickets(path))


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"columns": {"prio": "x"}}, ("columns", "prio")),
        ({"time_format": "unix"}, ("time_format",)),
        ({"time_format": "%H:%M"}, ("time_format",)),
        ({"time_format": "%Q"}, ("time_format",)),
        ({"timezone": "Stockholm"}, ("timezone",)),
        ({"delimiter": ";;"}, ("delimiter",)),
        ({"delimiter": '"'}, ("delimiter",)),
        ({"encoding": "latin-99"}, ("encoding",)),
        ({"encoding": "rot13"}, ("encoding",)),
        ({"map": {"prio": {"1": "urgent"}}}, ("map",)),
        ({"separator": ";"}, ("separator",)),
    ],
)
def test_wrong_options_are_refused_with_their_path(tmp_path, options, where):
    with pytest.raises(ValidationError) as caught:
        tickets(tmp_path, **options)
    assert [error["loc"] for error in caught.value.errors()] == [where]


def test_an_unchanged_file_costs_nothing(tmp_path):
    path = written(tmp_path, "id,opened_at\n1,2020-01-01T10:00Z\n")
    (page,) = tickets(path).pages(None)
    cursor = json.loads(json.dumps(page.cursor))
    assert page.progress == 1
    assert list(tickets(path).pages(cursor)) == []

    os.utime(path, ns=(1, 1))  # touched: the content is looked at, not read
    (page,) = tickets(path).pages(cursor)
    assert (page.records, page.cursor == cursor, page.whole) == ([], False, (0, 0))
    assert list(tickets(path).pages(page.cursor)) == []

    written(tmp_path, "id,opened_at\n1,2020-01-01T10:00Z\n2,2020-01-01T10:00Z\n")
    assert [record.id for record in drained(tickets(path), page.cursor)[0]] == ["1", "2"]
    assert len(list(tickets(path).pages(page.cursor, since=0))) == 1


def test_a_glob_reads_only_what_changed(tmp_path):
    for name in "abc":
        written(tmp_path, f"id,opened_at\n{name},2020-01-01T10:00Z\n", f"{name}.csv")
    *_, last = tickets(tmp_path / "*.csv").pages(None)
    assert len(last.cursor["files"]) == 3
    written(tmp_path, "id,opened_at\nB,2020-01-01T10:00Z\n", "b.csv")
    (tmp_path / "c.csv").unlink()
    (page,) = tickets(tmp_path / "*.csv").pages(last.cursor)
    assert [record.id for record in page.records] == ["B"]
    assert len(page.cursor["files"]) == 2


def test_only_the_last_page_says_that_the_file_was_read(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_files, "PAGE_ROWS", 3)
    rows = "".join(f"{n},2020-01-01T10:00Z\n" for n in range(7))
    path = written(tmp_path, f"id,opened_at\n{rows}8,never\n")
    pages = list(tickets(path).pages(None))
    assert [len(page.records) + len(page.rejected) for page in pages] == [3, 3, 2]
    assert [bool(page.cursor["files"]) for page in pages] == [False, False, True]
    assert pages[0].newest_at == 1_577_872_800
    again = list(tickets(path).pages(pages[1].cursor))
    assert [page.records for page in again] == [page.records for page in pages]


MARCH, APRIL = "2020-03-01T10:00Z", "2020-04-01T10:00Z"


def monthly(tmp_path: Path, **priorities: str) -> CsvTickets:
    """One file per keyword; each holds ticket 1 with the given priority."""
    for name, priority in priorities.items():
        written(tmp_path, f"id,opened_at,priority\n1,{MARCH},{priority}\n", f"{name}.csv")
    return tickets(tmp_path / "*.csv")


def test_the_map_entry_that_a_rejection_asked_for_brings_the_value_in(tmp_path):
    path = written(tmp_path, f"id,opened_at,organization\n1,{MARCH},Laxå\n2,{MARCH},Laxa\n")
    (page,) = tickets(path).pages(None)
    assert [each.reason for each in page.left_out] == ["unmapped_organization"]
    assert [record.organization for record in page.records] == ["Laxå", None]
    mended = tickets(path, map={"organization": {"Laxa": "Laxå"}})
    (page,) = mended.pages(json.loads(json.dumps(page.cursor)))
    assert [(record.id, record.organization) for record in page.records] == [
        ("1", "Laxå"),
        ("2", "Laxå"),
    ]
    assert list(mended.pages(page.cursor)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"map": {"priority": {"1": "urgent"}}},
        {"timezone": "Europe/Stockholm"},
        {"time_format": "%Y-%m-%dT%H:%M%z"},
        {"columns": {"url": "link"}},
        {"encoding": "utf-8"},
    ],
)
def test_every_option_that_decides_about_rows_reads_again(tmp_path, changed):
    path = written(tmp_path, f"id,opened_at,priority,link\n1,{MARCH},1,https://example.org\n")
    (page,) = tickets(path).pages(None)
    assert len(list(tickets(path, **changed).pages(page.cursor))) == 1
    assert list(tickets(path, every="5min").pages(page.cursor)) == []
    with pytest.raises(SourceError, match="delimiter"):
        list(tickets(path, delimiter=";").pages(page.cursor))


def test_other_organizations_or_an_older_cursor_read_again(tmp_path):
    path = written(tmp_path, f"id,opened_at\n1,{MARCH}\n")
    (page,) = tickets(path).pages(None)
    options = CsvTickets.Options(type="csv_tickets", path=str(path))
    assert list(CsvTickets("file", options, ORGANIZATIONS[::-1]).pages(page.cursor)) == []
    assert len(list(CsvTickets("file", options, ["Kumla"]).pages(page.cursor))) == 1
    assert len(list(tickets(path).pages({"files": page.cursor["files"]}))) == 1


def test_every_page_tells_the_share_of_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_files, "PAGE_ROWS", 3)
    good = "".join(f"{n},{MARCH}\n" for n in range(6))
    written(tmp_path, f"id,opened_at\n{good}\n", "a.csv")
    written(tmp_path, f"id,opened_at\n{good}7,never\n,,\n8\n", "b.csv")
    source = tickets(tmp_path / "*.csv")
    pages = list(source.pages(None))
    assert [page.whole for page in pages] == [(2, 8)] * 5, "tickets, not rows"
    assert [page.progress for page in pages] == sorted(page.progress for page in pages)
    written(tmp_path, f"id,opened_at\n{good}7,never\n", "b.csv")
    assert {page.whole for page in source.pages(pages[-1].cursor)} == {(1, 7)}


def test_blank_and_double_rows_are_counted_once_over_all_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_files, "PAGE_ROWS", 2)
    rows = f"1,{MARCH}\n2,{MARCH}\n,\n3,{MARCH}\n,\n1,{MARCH}\n4,{MARCH}\n"
    path = written(tmp_path, f"id,opened_at\n{rows}")
    assert drained(tickets(path))[2] == {"blank_row": 2, "repeated_row": 1}


def test_the_last_file_decides_whichever_of_them_changed(tmp_path):
    source = monthly(tmp_path, a="low", b="normal", c="high")
    *_, last = source.pages(None)
    monthly(tmp_path, b="urgent")
    assert [page.records[0].priority for page in source.pages(last.cursor)] == ["urgent", "high"]
    first, *_ = source.pages(last.cursor)  # ended in between: the rest is still to be read
    assert [page.records[0].priority for page in source.pages(first.cursor)] == ["high"]


def test_a_bad_file_does_not_keep_the_others_from_being_read(tmp_path):
    source = monthly(tmp_path, a="low", c="high")
    written(tmp_path, "number;date\n", "b.csv")
    (tmp_path / "d.csv").mkdir()
    pages = source.pages(None)
    assert next(pages).records[0].priority == "low"
    last = next(pages)
    assert [Path(path).name for path in last.cursor["files"]] == ["a.csv", "c.csv"]
    with pytest.raises(SourceError, match=r"b\.csv has no column"):
        next(pages)

    (tmp_path / "d.csv").rmdir()
    with pytest.raises(SourceError, match=r"b\.csv"):  # and nothing is read again meanwhile
        next(source.pages(last.cursor))
    monthly(tmp_path, b="normal")
    assert [page.records[0].priority for page in source.pages(last.cursor)] == ["normal", "high"]


def test_a_file_that_goes_bad_between_the_passes(tmp_path):
    source = monthly(tmp_path, a="low", b="normal", c="high")
    pages = source.pages(None)
    next(pages)
    (tmp_path / "b.csv").unlink()
    last = next(pages)
    assert last.records[0].priority == "high"
    with pytest.raises(SourceError, match=r"b\.csv"):
        next(pages)
    monthly(tmp_path, b="normal")
    assert [page.records[0].priority for page in source.pages(last.cursor)] == ["normal", "high"]


def test_what_is_written_between_the_passes_is_read_by_the_next_drain(tmp_path):
    source = monthly(tmp_path, a="low", b="normal")
    pages = source.pages(None)
    next(pages)
    monthly(tmp_path, b="urgent")
    last = next(pages)
    (page,) = source.pages(last.cursor)
    assert page.records[0].priority == "urgent"


def test_check_opens_every_file(tmp_path):
    path = written(tmp_path, "id,opened_at\n")
    assert "export.csv" in tickets(path).check()
    written(tmp_path, "nothing\n")
    with pytest.raises(SourceError, match="no column"):
        tickets(path).check()


def test_check_reads_the_first_rows(tmp_path, monkeypatch):
    good = "".join(f"{n},{MARCH}\n" for n in range(39))
    path = written(tmp_path, f"id,opened_at\n{good}x2,never\n")
    line = tickets(path).check()
    assert line.endswith(
        "last is export.csv; 1 of 40 records cannot be used completely: export.csv:41: "
        "opened_at 'never' is not a time of format iso between 1971 and 2200"
    )
    written(tmp_path, f"id,opened_at\n{good}x2,never\n3\n3\n")
    with pytest.raises(SourceError, match=r"^3 of 42 records cannot be used .*: export.csv:41: "):
        tickets(path).check()
    monkeypatch.setattr(csv_files, "CHECKED_ROWS", 39)
    assert "rejected" not in tickets(path).check()
