"""Event logs and audits: the shapes of four that are public, with what a person reads from them.

The times of each ticket, read off the files by hand (March 2026; hold is time on hold, in hours):

=======  ======  ======  =========  =====  ==========  ========  =====================  =====
ticket   opened  answer  resolved   again  closed      now       teams                  hold
=======  ======  ======  =========  =====  ==========  ========  =====================  =====
uci.csv, times in UTC
INC001   2 8:00  –       2 15:00    0      7 15:00     closed    Group 10, Group 20     4
INC002   2 9:00  –       3 10:00    1      8 10:00     closed    Group 10               0
INC003   2 11:00 –       –          0      –           on_hold   Group 10               –
bpi2014.csv, times in UTC, one hour before those of the file
IM01     2 7:00  2 7:30  3 9:00     1      3 9:00      closed    TEAM0001, TEAM0002     3
IM02     2 9:00  –       –          0      –           new       TEAM0001               0
IM03     the file does not tell when it was opened
bpi2013.csv, times in UTC, one hour before those of the file
1-1      2 7:00  –       2 11:00    0      9 11:00     closed    A1, B2 2nd             2
1-2      2 9:00  –       2 9:04     0      –           resolved  A1                     0
audit.csv with incidents.csv, times in UTC
a1       2 8:00  2 8:50  2 15:00    0      7 15:00     closed    First line, Network    4
a2       2 9:00  –       3 10:00    1      –           resolved  First line             0
a3       2 11:00 –       –          0      –           new       First line             0
a4       2 11:30 –       2 16:00    0      –           resolved  First line             ?
a9       is not in the list
=======  ======  ======  =========  =====  ==========  ========  =====================  =====

a4 is resolved in the list, and open by its last change: its resolution is that of the list, and its
time on hold and reopenings are not known.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collector.io.errors import SourceError
from collector.model.page import Page
from collector.model.records import Ticket, Unrecorded
from collector.service.drain import drain
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from collector.store import Store
from tests.worlds.paths import FIXTURES

FILES = FIXTURES / "histories"
LOGS: dict[str, dict[str, Any]] = {
    "uci.csv": {
        "type": "csv_events",
        "timezone": "UTC",
        "time_format": "%d/%m/%Y %H:%M",
        "columns": {
            **{"id": "number", "at": "sys_updated_at", "sequence": "sys_mod_count"},
            **{"by": "sys_updated_by", "requestor": "caller_id", "status": "incident_state"},
            **{"team": "assignment_group", "own_resolution_met": "made_sla"},
        },
        "robots": ["Updated by 0"],
        "map": {
            "status": {
                "Active": "open",
                "Awaiting User Info": "on_hold",
                "Awaiting Vendor": "on_hold",
            },
            "priority": {
                **{"1 - Critical": "urgent", "2 - High": "high"},
                **{"3 - Moderate": "normal", "4 - Low": "low"},
            },
        },
    },
    "bpi2014.csv": {
        "type": "csv_events",
        "timezone": "Europe/Amsterdam",
        "delimiter": ";",
        "time_format": "%d-%m-%Y %H:%M:%S",
        "columns": {
            **{"id": "Incident ID", "at": "DateStamp", "activity": "IncidentActivity_Type"},
            **{"sequence": "IncidentActivity_Number", "team": "Assignment Group"},
        },
        "map": {
            "activity": {
                **{"Open": "opened", "Assignment": "assignment", "Reopen": "open"},
                **{"Communication with customer": "reply", "Closed": "closed"},
                **{"Pending vendor": "on_hold", "Vendor Reference": "open"},
            }
        },
    },
    "bpi2013.csv": {
        "type": "csv_events",
        "columns": {
            **{"id": "case:concept:name", "at": "time:timestamp", "by": "org:resource"},
            **{"status": "lifecycle:transition", "team": "org:group", "priority": "impact"},
        },
        "robots": ["Siebel"],
        "map": {
            "status": {
                **{"In Progress": "open", "Awaiting Assignment": "open"},
                **{"Wait - User": "on_hold", "In Call": "resolved"},
            }
        },
    },
    "audit.csv": {
        "type": "csv_changes",
        "tickets": str(FILES / "incidents.csv"),
        "timezone": "UTC",
        "columns": {
            **{"id": "documentkey", "at": "sys_created_on", "field": "fieldname"},
            **{"old": "oldvalue", "new": "newvalue", "by": "user"},
        },
        "ticket_columns": {
            **{"id": "sys_id", "status": "state", "team": "assignment_group"},
            "requestor": "caller_id",
        },
        "robots": ["system"],
        "map": {
            "field": {
                **{"state": "status", "assignment_group": "team", "comments": "reply"},
                **{"work_notes": "note", "assigned_to": "assignment", "default": "ignore"},
                "priority": "priority",
            },
            "status": {"1": "new", "2": "open", "3": "on_hold", "6": "resolved", "7": "closed"},
            "priority": {"1": "urgent", "2": "high", "3": "normal", "4": "low"},
            "team": {"g10": "First line", "g20": "Network"},
        },
    },
}


def source(path: Path | str, **keys: Any) -> Source:
    options = SOURCES[keys["type"]].model_validate({"path": str(path), **keys})
    return make_source("desk", options, ())


def public(name: str, folder: Path = FILES, **more: Any) -> Source:
    """One of the public shapes, also from copies of its files in another folder."""
    return source(folder / name, **{**LOGS[name], **more})


def found(of: Source, cursor: Any = None) -> dict[str, Ticket]:
    return {each.id: each for page in of.pages(cursor) for each in page.records}


def one(of: Source) -> Ticket:
    (ticket,) = found(of).values()
    return ticket


def last_page(of: Source) -> Page:
    *_, last = of.pages(None)
    return last


def written(folder: Path, text: str, name: str = "log.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def day(at: int | None) -> str:
    return "–" if at is None else f"{datetime.fromtimestamp(at, UTC):%-d %-H:%M}"


def held(ticket: Ticket) -> float | str:
    """Hours on hold; – while it is on hold."""
    line = [change for change in ticket.changes if change.field == "status"]
    ends = [*(change.at for change in line[1:]), None]
    spans = [(a.at, b) for a, b in zip(line, ends, strict=True) if a.value == "on_hold"]
    if Unrecorded.HOLDS in ticket.unrecorded:
        return "?"
    return "–" if any(b is None for _, b in spans) else sum((b or 0) - a for a, b in spans) / 3600


def line(ticket: Ticket) -> tuple[Any, ...]:
    """A ticket as in the table above."""
    teams = [change.value for change in ticket.changes if change.field == "team"]
    times = ticket.opened_at, ticket.first_response_at, ticket.resolved_at
    again = ticket.reopened, day(ticket.closed_at), ticket.status
    return (*map(day, times), *again, ", ".join(teams), held(ticket))


BY_HAND = {
    "uci.csv": {
        "INC001": ("2 8:00", "–", "2 15:00", 0, "7 15:00", "closed", "Group 10, Group 20", 4),
        "INC002": ("2 9:00", "–", "3 10:00", 1, "8 10:00", "closed", "Group 10", 0),
        "INC003": ("2 11:00", "–", "–", 0, "–", "on_hold", "Group 10", "–"),
    },
    "bpi2014.csv": {
        "IM01": ("2 7:00", "2 7:30", "3 9:00", 1, "3 9:00", "closed", "TEAM0001, TEAM0002", 3),
        "IM02": ("2 9:00", "–", "–", 0, "–", "new", "TEAM0001", 0),
    },
    "bpi2013.csv": {
        "1-1": ("2 7:00", "–", "2 11:00", 0, "9 11:00", "closed", "A1, B2 2nd", 2),
        "1-2": ("2 9:00", "–", "2 9:04", 0, "–", "resolved", "A1", 0),
    },
    "audit.csv": {
        "a1": ("2 8:00", "2 8:50", "2 15:00", 0, "7 15:00", "closed", "First line, Network", 4),
        "a2": ("2 9:00", "–", "3 10:00", 1, "–", "resolved", "First line", 0),
        "a3": ("2 11:00", "–", "–", 0, "–", "new", "First line", 0),
        "a4": ("2 11:30", "–", "2 16:00", 0, "–", "resolved", "First line", "?"),
    },
}


@pytest.mark.parametrize("name", LOGS)
def test_the_figures_are_those_read_by_hand(name: str) -> None:
    assert {number: line(each) for number, each in found(public(name)).items()} == BY_HAND[name]


def test_first_acts_are_those_of_staff() -> None:
    log, audit = found(public("bpi2014.csv")), found(public("audit.csv"))
    assert day(log["IM01"].first_assigned_at) == "2 7:05"
    assert day(audit["a1"].first_note_at) == "2 9:00"  # and a second
    assert day(audit["a1"].first_status_at) == "2 8:20"
    assert day(audit["a2"].first_assigned_at) == "2 9:10"
    # Siebel, a machine, moved it to In Progress; the first person to change the status is Olof.
    assert day(found(public("bpi2013.csv"))["1-1"].first_status_at) == "2 8:00"


def test_priorities_have_their_history() -> None:
    assert [
        (day(change.at), change.value)
        for change in found(public("uci.csv"))["INC001"].changes
        if change.field == "priority"
    ] == [("2 8:00", "normal"), ("2 13:00", "high")]


def test_own_verdicts_are_those_of_the_last_row() -> None:
    log = found(public("uci.csv"))
    assert [log[number].own_resolution_met for number in sorted(log)] == [True, False, True]


def test_what_a_log_does_not_tell_is_declared() -> None:
    never = {Unrecorded.REGISTRAR, Unrecorded.KIND, Unrecorded.ORGANIZATION}
    acts = {Unrecorded.FIRST_RESPONSE, Unrecorded.NOTE, Unrecorded.ASSIGNMENT}
    assert public("uci.csv").look().unrecorded == never | acts
    rest = {Unrecorded.CATEGORY, Unrecorded.PRIORITY, Unrecorded.PRIORITIES, Unrecorded.NOTE}
    assert public("bpi2014.csv").look().unrecorded == never | rest
    assert public("audit.csv").look().unrecorded == never | {Unrecorded.CATEGORY}
    a4 = found(public("audit.csv"))["a4"].unrecorded
    assert a4 >= {Unrecorded.HOLDS, Unrecorded.REOPENINGS, Unrecorded.STATUS_CHANGE}


def test_what_was_left_out_is_counted_and_said() -> None:
    assert last_page(public("bpi2014.csv")).ignored == {"no_opening": 1}
    assert last_page(public("audit.csv")).ignored == {"not_listed": 1}
    said = public("bpi2014.csv").check()
    assert "1 ticket(s) without a row that tells when they were opened" in said
    assert "map.activity: 'Reassignment' 2, 'Operator Update' 1, 'Update from customer' 1" in said
    assert "Siebel" not in public("bpi2013.csv").check()


def test_a_status_without_a_meaning_is_named(tmp_path: Path) -> None:
    text = "id,at,status\n1,2026-03-02T08:00:00Z,Awaiting\n1,2026-03-02T09:00:00Z,Resolved\n"
    log = source(written(tmp_path, text), type="csv_events")
    assert "without a meaning under map.status: 'Awaiting' 1" in log.check()
    assert one(log).status == "resolved"


@pytest.mark.parametrize("name", LOGS)
def test_the_order_of_rows_does_not_matter(name: str, tmp_path: Path) -> None:
    """Every file has its rows in another order; rows of one instant have a sequence."""
    head, *rows = (FILES / name).read_text().splitlines()
    for seed in range(20):
        random.Random(seed).shuffle(rows)
        written(tmp_path, "\n".join([head, *rows, ""]), name)
        assert found(public(name, tmp_path)) == found(public(name))


def test_a_file_that_begins_with_the_newest_is_read_from_its_end(tmp_path: Path) -> None:
    head, *rows = (FILES / "uci.csv").read_text().splitlines()
    columns = {**LOGS["uci.csv"]["columns"], "sequence": None}
    for name, lines in (("up", rows), ("down", rows[::-1])):
        written(tmp_path, "\n".join([head, *lines, ""]), f"{name}.csv")
    up, down = (
        found(source(tmp_path / f"{name}.csv", **{**LOGS["uci.csv"], "columns": columns}))
        for name in ("up", "down")
    )
    assert up == down == found(public("uci.csv"))


@pytest.mark.parametrize("tickets", [1, 2, 3])
@pytest.mark.parametrize("newest_first", [True, False])
def test_the_rows_of_each_ticket_tell_whether_the_newest_comes_first(
    tmp_path: Path, tickets: int, newest_first: bool
) -> None:
    """Its rows stand together, the tickets in the order in which they were opened."""
    text = "id,at,activity\n"
    for number in range(1, tickets + 1):
        moment = f"2026-03-0{number}T1"
        rows = [(f"{moment}0", "opened"), (f"{moment}1", "resolved"), (f"{moment}1", "closed")]
        for at, activity in rows[::-1] if newest_first else rows:
            text += f"{number},{at}:00:00,{activity}\n"
    log = source(written(tmp_path, text), type="csv_events", timezone="UTC")
    assert {each.status for each in found(log).values()} == {"closed"}
    assert len(found(log)) == tickets


def test_within_a_second_a_row_before_the_opening_tells_that_the_newest_comes_first(
    tmp_path: Path,
) -> None:
    rows = "".join(f"1,2026-03-02T10:00:00,{each}\n" for each in ("closed", "resolved", "opened"))
    log = source(written(tmp_path, f"id,at,activity\n{rows}"), type="csv_events", timezone="UTC")
    assert one(log).status == "closed"


AUTUMN = "id,at,activity,opened_at\n{}1,2026-10-25T02:{}:00,resolved,{}\n"


@pytest.mark.parametrize(("at", "minutes"), [("50", 0), ("55", 5), ("10", 20)])
@pytest.mark.parametrize("row", [True, False])
def test_in_the_hour_that_comes_twice_nothing_happens_before_the_opening(
    tmp_path: Path, at: str, minutes: int, row: bool
) -> None:
    """Opened at 02:50 of the first time, as a row of its own or as a column tells."""
    opened = "2026-10-25T02:50:00"
    text = AUTUMN.format(f"1,{opened},opened,\n", at, "") if row else AUTUMN.format("", at, opened)
    keys = {"type": "csv_events", "timezone": "Europe/Stockholm"}
    ticket = one(source(written(tmp_path, text), **keys))
    assert ticket.resolved_at == ticket.opened_at + 60 * minutes


@pytest.mark.parametrize(("status", "since"), [("resolved", 60), ("on_hold", 60), ("open", 0)])
def test_the_first_status_of_a_row_after_the_opening_is_that_of_the_row(
    tmp_path: Path, status: str, since: int
) -> None:
    text = f"id,at,status,opened_at\n1,{1_600_000_060},{status},{1_600_000_000}\n"
    log = source(written(tmp_path, text), type="csv_events", time_format="epoch")
    last = one(log).changes[-1]
    assert (last.value, last.at - 1_600_000_000) == (status, since)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from("1234"),
        st.integers(1_600_000_000, 1_600_000_050),
        st.sampled_from(["new", "open", "on_hold", "resolved", "closed", ""]),
        st.sampled_from(["A", "B", ""]),
        st.sampled_from(["reply", "note", ""]),
        st.sampled_from(["anna", "robot", ""]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda event: event[:2],
)
REPLIES = {"activity": {"reply": "reply", "note": "note"}}


def event_log(path: Path) -> Source:
    keys = {"type": "csv_events", "time_format": "epoch", "robots": ["robot"], "map": REPLIES}
    return source(path, **keys)


def log_text(events: Any) -> str:
    rows = "".join(",".join(map(str, event)) + "\n" for event in events)
    return f"id,at,status,team,activity,by\n{rows}"


@given(EVENTS, st.randoms(use_true_random=False), st.integers(1, 3))
@settings(max_examples=60)
def test_any_order_in_any_number_of_files_gives_the_same_tickets(
    tmp_path_factory: pytest.TempPathFactory, events: Any, rng: random.Random, files: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    whole = found(event_log(written(folder, log_text(events), "whole.csv")))
    mixed = [*events, events[0]]  # one is repeated
    rng.shuffle(mixed)
    for number in range(files):
        written(folder, log_text(mixed[number::files]), f"part-{number}.csv")
    assert found(event_log(folder / "part-*.csv")) == whole


@given(EVENTS, st.integers(0, 12), st.booleans())
@settings(max_examples=40)
def test_what_is_read_bit_by_bit_equals_the_whole(
    tmp_path_factory: pytest.TempPathFactory, events: Any, first: int, appended: bool
) -> None:
    folder = tmp_path_factory.mktemp("log")
    whole = found(event_log(written(folder, log_text(events), "whole.csv")))
    log, kept = event_log(folder / "part-*.csv"), dict[str, Ticket]()
    written(folder, log_text(events[:first]), "part-1.csv")
    pages = list(log.pages(None))
    name = "part-1.csv" if appended else "part-2.csv"
    written(folder, log_text(events if appended else events[first:]), name)
    pages += log.pages(pages[-1].cursor)
    for page in pages:
        kept.update((each.id, each) for each in page.records)
    assert kept == whole


def test_files_that_did_not_change_are_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, log_text([("1", 1_600_000_000, "new", "A", "", "")]))
    cursor = last_page(event_log(path)).cursor
    assert list(event_log(path).pages(cursor)) == []
    os.utime(path, (1_600_000_100, 1_600_000_100))
    (touched,) = event_log(path).pages(cursor)
    assert not touched.records
    assert list(event_log(path).pages(touched.cursor)) == []


def test_rows_that_are_gone_are_said(tmp_path: Path, store: Store, caplog) -> None:
    events = [("1", 1_600_000_000 + n, "new", "A", "", f"p{n}") for n in range(3)]
    for number, event in enumerate(events):
        written(tmp_path, log_text([event]), f"part-{number}.csv")
    log = event_log(tmp_path / "part-*.csv")
    assert drain(log, store, clock=lambda: 1_600_001_000).ok
    (tmp_path / "part-1.csv").unlink()
    assert drain(log, store, clock=lambda: 1_600_002_000).ok
    assert "1 rows fewer than at the last poll" in caplog.text


def test_a_file_that_cannot_be_read_fails_the_poll_before_anything_is_stored(
    tmp_path: Path, store: Store
) -> None:
    written(tmp_path, log_text([("1", 1_600_000_000, "new", "A", "", "")]), "part-1.csv")
    written(tmp_path, "a,b\n1,2\n", "part-2.csv")
    refused = drain(event_log(tmp_path / "part-*.csv"), store, clock=lambda: 1_600_001_000)
    assert "part-2.csv has no column" in str(refused.error)
    assert store.records.span() is None


def test_a_later_row_with_the_same_sequence_is_a_correction(tmp_path: Path) -> None:
    head = "id,at,sequence,status\n"
    rows = "1,2026-03-02T08:00:00Z,1,new\n1,2026-03-02T09:00:00Z,2,resolved\n"
    written(tmp_path, head + rows, "log-1.csv")
    written(tmp_path, head + "1,2026-03-02T09:00:00Z,2,open\n", "log-2.csv")
    log = source(tmp_path / "log-*.csv", type="csv_events")
    assert (one(log).status, one(log).first_resolved_at, one(log).reopened) == ("open", None, 0)
    assert last_page(log).ignored == {"corrected_row": 1}


def test_sequences_are_numbers_where_they_are_numbers(tmp_path: Path) -> None:
    at = "2026-03-02T08:00:00Z"
    text = f"id,at,sequence,status\n1,{at},10,closed\n1,{at},9,resolved\n1,{at},0,new\n"
    log = source(written(tmp_path, text), type="csv_events")
    assert [each.value for each in one(log).changes] == ["new", "resolved", "closed"]


def test_a_reply_is_none_unless_it_is_mapped(tmp_path: Path) -> None:
    text = "id,at,activity\n1,2026-03-02T08:00:00Z,open\n1,2026-03-02T09:00:00Z,reply\n"
    path = written(tmp_path, text)
    assert one(source(path, type="csv_events")).first_response_at is None
    mapped = one(source(path, type="csv_events", map=REPLIES))
    assert day(mapped.first_response_at) == "2 9:00"


def test_changes_tell_the_tickets_where_there_is_no_list(tmp_path: Path) -> None:
    text = (
        "id,at,field,old,new,by\n"
        "1,2026-03-02T08:00:00Z,Created,,,anna\n"
        "1,2026-03-02T09:00:00Z,status,new,on_hold,bo\n"
        "1,2026-03-02T10:00:00Z,status,on_hold,resolved,bo\n"
        "1,2026-03-02T09:30:00Z,owner,bo,,bo\n"
        "2,2026-03-02T08:00:00Z,Created,,,anna\n"
        "3,2026-03-02T09:00:00Z,status,new,resolved,bo\n"
    )
    maps = {"field": {"Created": "opened", "owner": "assignment"}, "kind": {"default": "incident"}}
    log = source(written(tmp_path, text), type="csv_changes", map=maps)
    assert {number: line(each)[:3] for number, each in found(log).items()} == {
        "1": ("2 8:00", "–", "2 10:00"),
        "2": ("2 8:00", "–", "–"),
    }
    assert held(found(log)["1"]) == 1
    assert found(log)["2"].status == "new"
    assert found(log)["1"].first_assigned_at is None  # the owner was taken away
    assert {each.kind for each in found(log).values()} == {"incident"}
    assert last_page(log).ignored == {"no_opening": 1}


def test_without_any_opening_it_is_said_what_to_set(tmp_path: Path) -> None:
    text = "id,at,field,old,new\n1,2026-03-02T08:00:00Z,status,new,open\n"
    log = source(written(tmp_path, text), type="csv_changes")
    for ask in (log.check, lambda: list(log.pages(None))):
        with pytest.raises(SourceError, match=r"opened: set columns\.opened_at.*set tickets"):
            ask()


def test_a_list_with_other_ids_is_refused(tmp_path: Path) -> None:
    columns = {**LOGS["audit.csv"]["ticket_columns"], "id": "number"}
    with pytest.raises(SourceError, match=r"no ticket with changes.*ticket_columns\.id"):
        public("audit.csv", ticket_columns=columns).check()


def test_a_ticket_without_its_opening_does_not_begin_at_its_next_row(tmp_path: Path) -> None:
    """A row with a wrong time may be the opening: the others alone would tell another history."""
    rows = [f"{n},{1_600_000_000 + n},new\n{n},1600000900,resolved" for n in range(1, 30)]
    rows.append("30,yesterday,new\n30,1600000900,resolved")
    (tmp_path / "log.csv").write_text("\n".join(["id,at,status", *rows, ""]))
    keys = {"type": "csv_events", "path": str(tmp_path / "log.csv"), "time_format": "epoch"}
    made = make_source("desk", SOURCES["csv_events"].model_validate(keys), ())
    pages = list(made.pages(None))
    assert {each.id for page in pages for each in page.records} == {str(n) for n in range(1, 30)}
    assert {page.whole for page in pages} == {(1, 30)}


def test_rows_that_cannot_be_used_are_rejected_with_file_and_line(
    tmp_path: Path, store: Store
) -> None:
    good = [(str(n), 1_600_000_000 + n, "new", "A", "", "") for n in range(10)]
    bad = [("11", "yesterday", "new", "A", "", "")]
    log = event_log(written(tmp_path, log_text([*good, *bad])))
    (rejected,) = last_page(log).rejected
    assert (rejected.where, rejected.reason) == ("log.csv:12", "bad_time")
    refused = drain(log, store, clock=lambda: 1_600_001_000)
    assert str(refused.error).startswith("1 of 11 records rejected")
    with pytest.raises(SourceError, match="1 of 11 tickets cannot be used completely"):
        log.check()


def test_a_word_that_is_none_of_ours_is_refused() -> None:
    for kind, name in (("csv_events", "activity"), ("csv_changes", "field")):
        with pytest.raises(ValidationError, match="'answer' is not one of"):
            source("log.csv", type=kind, map={name: {"Sent": "answer"}})


def test_csv_tickets_leads_here() -> None:
    columns = {"id": "number", "status": "incident_state"}
    keys = {"type": "csv_tickets", "timezone": "UTC", "time_format": "%d/%m/%Y %H:%M"}
    tickets = source(FILES / "uci.csv", **keys, columns=columns)
    with pytest.raises(SourceError, match=r"type: csv_events, with columns\.at .*csv_changes"):
        tickets.check()


def test_nobody_is_kept() -> None:
    people = ("caller1", "agent1", "agent2", "system", "Caller 1", "Updated by 7", "Hello", "Olof")
    for name in LOGS:
        kept = repr(list(public(name).pages(None)))
        assert not [each for each in people if each in kept]


def test_pages_are_small_and_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.sources.csv.histories.PAGE_TICKETS", 1)
    pages = list(public("bpi2014.csv").pages(None))
    assert [len(page.records) for page in pages] == [1, 1]
    assert sum((Counter(page.ignored) for page in pages), Counter()) == {"no_opening": 1}
