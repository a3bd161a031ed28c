"""The Request Tracker source: against a real one's recordings, and against a simulated one."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from collector.cli.demo.desk import Desk
from collector.cli.demo.tickets import DeskModel
from collector.cli.demo.ticketsql import Table, compile_query
from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.model.records import Change, Gone, Ticket, Unrecorded
from collector.sources.request_tracker.rows import event_of, instant, row_of
from tests.worlds.rt_lab import (
    DAY,
    PRIORITIES,
    START,
    TOKEN,
    Lab,
    recorded,
    resumed,
    source,
    stored,
)
from tests.worlds.serving import served
from tests.worlds.sizes import sample_size


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TOKEN", TOKEN)


# -- recordings of a real Request Tracker 5.0.3 ------------------------------------------------


def at(clock: str) -> int:
    return int(datetime.fromisoformat(f"2026-11-22T{clock}Z").timestamp())


def recordings() -> Starlette:
    """Answers questions from the recordings of tickets 1 to 10 and 21 to 24."""
    known = {*range(1, 11), *range(21, 25)}
    tickets = {int(row["id"]): row for name in ("01", "02") for row in recorded(name)["items"]}
    acts = {int(row["id"]): row for name in ("13", "14", "15") for row in recorded(name)["items"]}
    acts.update({int(row["id"]): {**row, "ObjectId": "2"} for row in recorded("09")["items"]})
    links = [row for row in recorded("12")["items"] if row["Type"] == "AddLink"]
    acts.update({int(row["id"]): {**row, "ObjectId": "21"} for row in links})
    acts = {number: row for number, row in acts.items() if int(row["ObjectId"]) in known}
    ones = {"21": ("07", 200), "23": ("08", 200)}
    texts = {
        name: (lambda row, name=name: row[name]) for name in ("Type", "Field", "NewValue", "Status")
    }
    table = Table(
        numbers={"id": lambda r: int(r["id"]), "ObjectId": lambda r: int(r["ObjectId"])},
        texts={**texts, "ObjectType": lambda _: "RT::Ticket"},
        dates={},
        lookups={},
        zone=ZoneInfo("UTC"),
    )

    def search(request: Request) -> JSONResponse:
        rows = tickets if request.path_params["what"] == "tickets" else acts
        query = compile_query(request.query_params["query"], table)
        down = request.query_params["order"] == "DESC"
        found = [rows[n] for n in sorted(rows, reverse=down) if query.matches(rows[n])]
        size = int(request.query_params["per_page"])
        skip = (int(request.query_params["page"]) - 1) * size
        return JSONResponse({"items": found[skip : skip + size], "total": None, "pages": None})

    def single(request: Request) -> JSONResponse:
        name, status = ones.get(request.path_params["number"], ("20", 404))
        return JSONResponse(recorded(name), status)

    def queue(request: Request) -> JSONResponse:
        if request.path_params["number"] == "3":
            return JSONResponse(recorded("16"))
        return JSONResponse({"Name": "Second line"})

    return Starlette(
        routes=[
            Route("/REST/2.0/rt", lambda _: JSONResponse(recorded("21"))),
            Route("/REST/2.0/ticket/{number}", single),
            Route("/REST/2.0/queue/{number}", queue),
            Route("/REST/2.0/{what}", search),
        ]
    )


def changes(ticket: Ticket, field: str) -> list[tuple[int, str]]:
    return [(change.at, change.value) for change in ticket.changes if change.field == field]


NOT_READ = frozenset({Unrecorded.NOTE, Unrecorded.CLOSING, Unrecorded.CATEGORY})
"""What is not read by default: comments, a status that means closed, a field for the category."""


def test_the_recorded_tickets_are_as_written_down_by_hand() -> None:
    with served(recordings()) as url:
        pages = list(source(url).pages(None))
        line = source(url).check()
    assert line == "Request Tracker 5.0.3, tickets visible up to number 24"
    assert not any(page.rejected for page in pages)
    records = stored(pages)
    assert set(records) == {str(n) for n in (*range(1, 11), *range(21, 25))}
    assert records["21"] == Gone(source="desk", id="21", mark="merged", at=at("04:45:01"))
    assert records["23"] == Gone(source="desk", id="23", mark="deleted", at=at("04:45:01"))
    assert records["2"] == Ticket(
        source="desk",
        id="2",
        opened_at=at("04:44:33"),
        first_response_at=at("04:44:44"),
        first_status_at=at("04:44:45"),
        first_resolved_at=at("04:44:45"),
        resolved_at=at("04:45:00"),
        reopened=1,
        kind="Incident",
        priority="high",
        organization="South",
        status="resolved",
        team="Servicedesk",
        url=f"{url}/Ticket/Display.html?id=2",
        changes=(
            Change(at("04:44:33"), "status", "new"),
            Change(at("04:44:44"), "status", "open"),
            Change(at("04:44:45"), "status", "resolved"),
            Change(at("04:44:59"), "status", "open"),
            Change(at("04:45:00"), "status", "resolved"),
            Change(at("04:44:33"), "priority", "high"),
            Change(at("04:44:33"), "team", "Servicedesk"),
            Change(at("04:44:33"), "kind", "Incident"),
        ),
        unrecorded=NOT_READ,
    )
    by_customer = records["1"]
    assert (by_customer.opened_at, by_customer.first_response_at) == (
        at("04:44:32"),
        at("04:44:44"),
    )
    assert (by_customer.kind, by_customer.organization, by_customer.status) == (None, None, "open")
    passed_on = records["3"]
    assert changes(passed_on, "team") == [
        (at("04:44:33"), "Servicedesk"),
        (at("04:44:46"), "Second line"),
    ]
    held = records["4"]
    assert [value for _, value in changes(held, "status")] == ["new", "open", "on_hold", "open"]
    untouched = records["8"]
    assert untouched.first_response_at is None and changes(untouched, "status") == [
        (at("04:44:35"), "new")
    ]
    rejected = records["24"]
    assert (rejected.resolved_at, rejected.status) == (at("04:45:01"), "resolved")
    assert rejected.solved_by_registrar and rejected.first_response_at is None
    assert "Lab ticket" not in repr(records) and "cust1" not in repr(records)


def test_a_merged_tickets_history_is_kept_apart() -> None:
    """The recorded history of ticket 21 after its merge also shows ticket 22's opening."""
    creates = [row for row in recorded("12")["items"] if row["Type"] == "Create"]
    assert len(creates) == 2  # so histories must be taken by ObjectId, as the source does


# -- schema drift -------------------------------------------------------------------------------

USED = frozenset({"Priority", "SLA", "Queue", "CF.TicketType"})


@pytest.mark.parametrize("bad", [None, 1.5, True, [], {}, "", "x", [None], [{}], {"id": None}])
def test_drift_in_rows_is_rejected_and_never_a_crash(bad: object) -> None:
    row = recorded("01")["items"][1]
    event = recorded("09")["items"][0]
    for good, read in ((row, lambda item: row_of(item, USED)), (event, event_of)):
        read(good)
        for name in good:
            for changed in ({**good, name: bad}, {k: v for k, v in good.items() if k != name}):
                try:
                    read(changed)
                except RejectedRow as error:
                    assert error.reason == "bad_field"


@pytest.mark.parametrize("name", ["Status", "Created", "Requestor", "Queue", "CustomFields", "id"])
def test_a_missing_field_is_not_guessed(name: str) -> None:
    row = {k: v for k, v in recorded("01")["items"][1].items() if k != name}
    with pytest.raises(RejectedRow, match=name):
        row_of(row, USED)


# -- a simulated Request Tracker ----------------------------------------------------------------


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(Desk()).running() as running:
        yield running


def test_an_idle_poll_fetches_nothing_and_still_tells_the_clocks(lab: Lab) -> None:
    lab.create()
    first = lab.poll(None)
    assert set(stored(first)) == {"1"}
    (last,) = lab.poll(resumed(first[-1].cursor))
    assert (last.records, last.cursor) == ((), first[-1].cursor)
    assert last.newest_at == START + 60 and last.clock_skew is not None


def test_an_empty_desk_and_its_first_ticket(lab: Lab) -> None:
    new = source(lab.url, allow_empty=True)
    pages = list(new.pages(None))
    assert stored(pages) == {}
    assert new.check() == "Request Tracker 5.0.3, no ticket is visible to this user"
    with pytest.raises(SourceError, match="set allow_empty: true"):
        lab.poll(None)
    lab.create()
    assert set(stored(lab.poll(pages[-1].cursor))) == {"1"}


def test_a_life_is_followed(lab: Lab) -> None:
    desk = lab.desk
    number = int(lab.create(custom={"TicketType": "Order", "Municipality": "Laxå"}))
    cursor = lab.poll(None)[-1].cursor
    desk.comment(START + 100, number, "agent1")
    desk.correspond(START + 110, number, "user1")
    desk.correspond(START + 120, number, "agent1")
    desk.set_priority(START + 125, number, "agent1", 100)
    desk.set_custom(START + 126, number, "agent1", "TicketType", "Incident")
    desk.move(START + 130, number, "agent1", "Second line")
    desk.set_status(START + 140, number, "agent2", "stalled")
    desk.set_status(START + 150, number, "agent2", "resolved")
    desk.correspond(START + 160, number, "user1")
    (ticket,) = stored(lab.poll(cursor)).values()
    opened = START + 60
    assert ticket == Ticket(
        source="desk",
        id="1",
        opened_at=opened,
        first_response_at=START + 120,
        first_status_at=START + 140,
        first_resolved_at=START + 150,
        resolved_at=None,
        reopened=1,
        kind="Incident",
        priority="urgent",
        organization="Laxå",
        status="open",
        team="Second line",
        url=f"{lab.url}/Ticket/Display.html?id=1",
        changes=(
            Change(opened, "status", "new"),
            Change(START + 120, "status", "open"),
            Change(START + 140, "status", "on_hold"),
            Change(START + 150, "status", "resolved"),
            Change(START + 160, "status", "open"),
            Change(opened, "priority", "normal"),
            Change(START + 125, "priority", "urgent"),
            Change(opened, "team", "Servicedesk"),
            Change(START + 130, "team", "Second line"),
            Change(opened, "kind", "Order"),
            Change(START + 126, "kind", "Incident"),
        ),
        unrecorded=NOT_READ,
    )


def test_solved_by_the_registrar(lab: Lab) -> None:
    desk = lab.desk
    at_once = lab.create("agent1", status="resolved")
    soon = lab.create("agent1")
    desk.set_status(START + 200, int(soon), "agent1", "resolved")
    by_another = lab.create("agent1")
    desk.set_status(START + 300, int(by_another), "agent2", "resolved")
    answered = lab.create("agent1")
    desk.correspond(START + 400, int(answered), "agent2")
    desk.set_status(START + 401, int(answered), "agent1", "resolved")
    written_later = lab.create("agent1")  # on the phone, as far as one knew until then
    desk.set_status(START + 500, int(written_later), "agent1", "resolved")
    desk.correspond(START + 501, int(written_later), "agent2")
    for_himself = lab.create("user1", status="resolved")
    records = stored(lab.poll(None))
    by_phone = {n for n, ticket in records.items() if ticket.solved_by_registrar}
    assert by_phone == {at_once, soon, written_later}
    assert records[written_later].first_response_at == START + 501
    assert records[for_himself].resolved_at == records[for_himself].opened_at
    assert records[at_once].first_resolved_at == records[at_once].opened_at


def test_what_vanishes_is_marked(lab: Lab) -> None:
    merged, target, deleted = lab.create(), lab.create(), lab.create()
    cursor = lab.poll(None)[-1].cursor
    lab.desk.merge(START + 500, int(merged), "agent1", int(target))
    lab.desk.set_status(START + 501, int(deleted), "agent1", "deleted")
    records = stored(lab.poll(cursor))
    assert records[merged] == Gone(source="desk", id=merged, mark="merged", at=START + 500)
    assert records[deleted] == Gone(source="desk", id=deleted, mark="deleted", at=START + 501)
    assert isinstance(records[target], Ticket)


def test_reminders_are_no_tickets(lab: Lab) -> None:
    lab.create()
    cursor = lab.poll(None)[-1].cursor
    lab.create()
    lab.desk.tickets[1].type = "reminder"
    pages = lab.poll(cursor)
    assert stored(pages) == {} and pages[0].ignored == {"not_a_ticket": 1}


def test_a_late_commit_is_not_lost(lab: Lab) -> None:
    lab.create()
    late = lab.create()
    cursor = lab.poll(None)[-1].cursor
    lab.desk.set_status(lab.now, int(late), "agent1", "stalled")
    lab.desk.withheld.add(len(lab.desk.transactions))
    for _ in range(50):
        lab.create()
    pages = lab.poll(cursor)
    assert late not in stored(pages)
    lab.desk.withheld.clear()
    assert set(stored(lab.poll(pages[-1].cursor))) == {late}


def test_a_late_commit_during_an_import_is_not_lost(lab: Lab) -> None:
    """Many ids in little time: the overlap is counted in seconds as well."""
    late = lab.create()
    cursor = lab.poll(None)[-1].cursor
    lab.desk.set_status(lab.now, int(late), "agent1", "stalled")
    lab.desk.withheld.add(len(lab.desk.transactions))
    for _ in range(450):
        lab.desk.create(lab.now + 20, "user1", "user1")
    pages = lab.poll(cursor)
    lab.desk.withheld.clear()
    assert set(stored(lab.poll(pages[-1].cursor))) == {late}


def test_hidden_rows_are_not_taken_for_the_end(lab: Lab) -> None:
    for _ in range(5):
        lab.create()
    shown = set(stored(lab.poll(None)))
    before = len(lab.desk.transactions)
    for _ in range(150):
        lab.create()
    lab.desk.withheld.update(range(before + 1, len(lab.desk.transactions) + 1))
    assert set(stored(lab.poll(None))) == shown
    last = lab.create()
    pages = lab.poll(None)
    assert set(stored(pages)) == {*shown, last}


def test_a_change_under_many_hidden_rows_is_found(lab: Lab) -> None:
    changed = lab.create()
    cursor = lab.poll(None)[-1].cursor
    lab.desk.set_status(lab.now, int(changed), "agent1", "stalled")
    before = len(lab.desk.transactions)
    for _ in range(150):
        lab.create()
    lab.desk.withheld.update(range(before + 1, len(lab.desk.transactions) + 1))
    assert set(stored(lab.poll(cursor))) == {changed}


def test_a_time_in_1970_is_no_time() -> None:
    assert instant({"Resolved": "1970-01-01T00:00:00Z"}, "Resolved") is None
    assert instant({"Resolved": "2026-03-02T01:00:00Z"}, "Resolved") == START + 3600


def test_the_cursor_stays_small_and_moves_on(lab: Lab) -> None:
    for _ in range(400):
        lab.create()
    cursor = lab.poll(None)[-1].cursor
    lab.now += 3600
    for _ in range(400):
        lab.create()
    after = lab.poll(cursor)[-1].cursor
    assert after["low"] >= len(lab.desk.transactions) - 400
    assert len(after["seen"]) <= 400 and "walk" not in after


@pytest.mark.parametrize("history", [False, True], ids=["first load", "feed"])
def test_a_kill_between_pages_loses_and_doubles_nothing(history: bool) -> None:
    desk = DeskModel(3, START, START + (1 if history else 8) * DAY)
    with Lab(desk).running() as lab:
        lab.now = START + (1 if history else 8) * DAY
        start = lab.poll(None)[-1].cursor if history else None
        lab.now = START + 8 * DAY
        whole = lab.poll(start)
        assert len(whole) > 4
        for killed_after in range(1, len(whole)):
            before = whole[:killed_after]
            after = lab.poll(resumed(before[-1].cursor))
            assert stored([*before, *after]) == stored(whole)
            done = sum(len(page.records) for page in (*before, *after))
            assert done <= sum(len(page.records) for page in whole)
        assert all(len(page.records) <= 50 for page in whole)


@pytest.mark.parametrize("seed", range(sample_size(4, 4, 6)))
def test_following_with_late_commits_tells_the_same_as_reading_all(seed: int) -> None:
    rng = random.Random(seed)
    desk = DeskModel(seed, START, START + DAY)
    with Lab(desk).running() as lab:
        lab.now = START + DAY
        pages = lab.poll(None)
        while lab.now < START + 6 * DAY:
            lab.now += rng.randrange(60, 3 * 3600)
            known = len(desk.transactions)
            desk.advance(lab.now)
            fresh = range(known + 1, len(desk.transactions) + 1)
            desk.withheld = {number for number in fresh if rng.random() < 0.2}
            pages += lab.poll(resumed(pages[-1].cursor))
        desk.withheld = set()
        pages += lab.poll(resumed(pages[-1].cursor))
        live = {n: r for n, r in stored(pages).items() if isinstance(r, Ticket)}
        whole = stored(lab.poll(None))
        assert live == {n: r for n, r in whole.items() if isinstance(r, Ticket)}
        gone = {t.id for t in desk.tickets if t.merged_into or t.status == "deleted"}
        assert {int(n) for n, r in stored(pages).items() if isinstance(r, Gone)} <= gone


def test_since_reads_again_and_leaves_the_cursor_alone(lab: Lab) -> None:
    old = lab.create()
    lab.now += 10 * DAY
    again, deleted = lab.create(), lab.create()
    lab.desk.set_status(lab.now, int(deleted), "agent1", "deleted")
    cursor = lab.poll(None)[-1].cursor
    pages = lab.poll(cursor, since=lab.now - DAY)
    assert set(stored(pages)) == {again, deleted}
    assert all(page.cursor == cursor for page in pages)
    assert set(stored(lab.poll(cursor, since=START))) == {old, again, deleted}


def test_since_without_a_cursor_begins_there_and_resumes_there(lab: Lab) -> None:
    for _ in range(150):
        lab.create()
    lab.now += 10 * DAY
    recent = {lab.create() for _ in range(120)}
    pages = lab.poll(None, since=lab.now - 5 * DAY)
    walked = [page for page in pages if "walk" in page.cursor]
    assert walked and pages[0].cursor["walk"]["day"] == "2026-03-06"
    for page in walked:
        assert set(stored([page])) <= recent
    assert recent <= set(stored([pages[0], *lab.poll(resumed(pages[0].cursor))]))


def test_an_unmapped_value_rejects_one_ticket_and_says_which(lab: Lab) -> None:
    lab.create(priority=33)
    fine = lab.create()
    pages = lab.poll(None)
    assert set(stored(pages)) == {fine}
    rejected = pages[0].rejected[0]
    assert (rejected.reason, rejected.where) == ("unmapped_priority", "ticket 1")
    assert "'33'" in rejected.message and "map.priority" in rejected.message
    assert lab.poll(pages[-1].cursor)[-1].rejected == ()


def test_own_statuses_are_added_to_the_known_ones(lab: Lab) -> None:
    lab.create(status="waiting")
    lab.create(status="done")
    lab.create(status="junk")
    status = {"waiting": "on_hold", "done": "closed", "junk": "spam"}
    records = stored(lab.poll(None, map={"priority": PRIORITIES, "status": status}))
    assert [record.status for record in records.values()] == ["on_hold", "closed", "spam"]
    assert records["2"].closed_at == records["2"].resolved_at == records["2"].opened_at
    assert (records["2"].mark, records["3"].mark) == (None, "spam")


def test_only_the_queues_asked_for_also_when_a_ticket_leaves_them(lab: Lab) -> None:
    stays, elsewhere = lab.create(), lab.create(queue="Field service")
    leaves = lab.create()
    lab.desk.move(lab.now, int(leaves), "agent1", "Field service")
    pages = lab.poll(None, queues=["Servicedesk"])
    assert set(stored(pages)) == {stays, leaves}
    assert pages[0].ignored == {"other_queue": 1} and elsewhere not in stored(pages)


def test_a_queue_that_is_not_there_any_more_is_an_error_of_the_poll(lab: Lab) -> None:
    """Else its tickets would be passed over as those of another queue."""
    lab.create()
    lab.poll(None, queues=["Servicedesk", "Field service"])
    renamed = source(lab.url, queues=["Servicedesk", "Lokal support"])
    for read in (renamed.check, lambda: list(renamed.pages(None))):
        with pytest.raises(SourceError, match="there is no queue Lokal support") as caught:
            read()
        assert caught.value.permanent


def test_fields_can_come_from_elsewhere(lab: Lab) -> None:
    lab.create(queue="Second line", custom={"TicketType": "100"})
    fields = {"kind": "Queue", "priority": "CF.TicketType", "team": None, "organization": None}
    (ticket,) = stored(lab.poll(None, fields=fields)).values()
    assert (ticket.kind, ticket.priority, ticket.team) == ("Second line", "urgent", None)


def test_the_check_names_what_is_not_seen(lab: Lab) -> None:
    lab.create()
    line = source(lab.url, fields={"category": "CF.Typo"}).check()
    assert line.startswith("Request Tracker 5.0.3, tickets visible up to number 1; ")
    assert "CF.Typo" in line and "CF.TicketType" not in line


def test_wrong_credentials_and_cursors_are_told_without_secrets(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SourceError, match="read again"):
        lab.poll({"low": "x"})
    monkeypatch.setenv("LAB_TOKEN", "wrong-7e57ed")
    with pytest.raises(SourceError, match="401") as caught:
        lab.poll(None)
    assert caught.value.permanent
    assert "7e57ed" not in caplog.text + str(caught.value)
    ours = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    assert ours and not any("query=" in record.getMessage() for record in ours)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": None},
        {"user": "kpi"},
        {"user": "kpi", "password": "${X}"},
        {"token": "plain-text"},
        {"url": "ftp://desk"},
        {"url": "https://kpi:pw@desk"},
        {"fields": {"kind": "Subject"}},
        {"fields": {"kind": "CF.a'b"}},
        {"fields": {"subject": "Subject"}},
        {"unknown": 1},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source("https://desk.example", **wrong)
