"""The simulated desk: the same for the same seed, plausible, and as awkward as the real one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from collector.cli.demo.desk import Desk
from collector.cli.demo.hours import ZONE, DeskAgreement
from collector.cli.demo.request_tracker import request_tracker_app
from collector.cli.demo.tickets import FIRST_LINE, DeskModel
from tests.worlds.serving import served

START = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
DAY = 86400
NOW = START + 3 * DAY


def books(model: DeskModel) -> object:
    return (model.tickets, model.transactions, model.by_ticket)


def test_the_same_seed_gives_the_same_life_in_any_number_of_steps() -> None:
    end = START + 40 * DAY
    at_once = DeskModel(7, START, end)
    in_steps = DeskModel(7, START, START)
    for at in range(START, end, 40_000):
        in_steps.advance(at)
        in_steps.advance(at - 5)  # an earlier instant changes nothing
    in_steps.advance(end)
    assert books(in_steps) == books(at_once)
    assert books(DeskModel(8, START, end)) != books(at_once)


def test_time_only_goes_forward() -> None:
    model = DeskModel(1, START, START + 60 * DAY)
    times = [act.at for act in model.transactions]
    assert times == sorted(times)
    assert [act.id for act in model.transactions] == list(range(1, len(times) + 1))
    assert [ticket.id for ticket in model.tickets] == list(range(1, len(model.tickets) + 1))
    assert times[0] >= START and times[-1] <= START + 60 * DAY


def test_a_desk_of_a_municipal_board_is_plausible() -> None:
    model = DeskModel(1, START, START + 90 * DAY)
    per_day = len(model.tickets) / (90 * 5 / 7)
    assert 28 < per_day < 45
    moved = {act.ticket for act in model.transactions if act.field == "Queue"}
    assert 0.38 < 1 - len(moved) / len(model.tickets) < 0.48
    assert all(model.queues[t.queue - 1] == FIRST_LINE for t in model.tickets if t.id not in moved)
    kinds = Counter(ticket.custom["TicketType"] for ticket in model.tickets)
    assert kinds["Incident"] > kinds["Service request"] > kinds["Order"] > 100
    assert {t.custom["Municipality"] for t in model.tickets} == {
        *("Askersund", "Hallsberg", "Laxå", "Lekeberg")
    }
    acts = Counter((act.type, act.new) for act in model.transactions)
    assert acts["Status", "stalled"] > 100 and acts["Status", "deleted"] > 3
    assert sum(ticket.merged_into is not None for ticket in model.tickets) > 3


def test_deadlines_are_set_by_the_system_and_mostly_met() -> None:
    model = DeskModel(1, START, START + 60 * DAY)
    deadlines = [act for act in model.transactions if act.field == "Due"]
    assert {act.creator for act in deadlines} == {"RT_System"}
    first = {act.ticket: act for act in reversed(deadlines)}
    assert set(first) == {ticket.id for ticket in model.tickets}
    answers = {
        act.ticket: act.at
        for act in reversed(model.transactions)
        if act.type == "Correspond" and act.creator.startswith("agent")
    }
    met = [
        answers[ticket.id] <= instant(first[ticket.id].new)
        for ticket in model.tickets
        if ticket.creator in ticket.requestors and ticket.id in answers
    ]
    assert len(met) > 500
    assert 0.75 < sum(met) / len(met) < 0.95
    owners = [act for act in model.transactions if act.type == "Set" and act.field == "Owner"]
    assert len(owners) > 1000
    assert {act.old for act in owners} >= {"6"} and all(act.new.isdigit() for act in owners)


def instant(naive: str) -> int:
    return int(datetime.fromisoformat(naive).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2020-06-16 10:00", "2020-06-16 10:30"),
        ("2020-06-16 16:30", "2020-06-17 07:30"),  # at closing time: the next morning
        ("2020-06-16 16:45", "2020-06-17 07:45"),
        ("2020-04-30 14:00", "2020-04-30 14:30"),  # a half day elsewhere
        ("2020-06-20 14:00", "2020-06-22 08:00"),  # a Saturday
    ],
)
def test_the_systems_own_hours(opened: str, due: str) -> None:
    zone = ZoneInfo(ZONE)
    at, expected = (
        int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) for text in (opened, due)
    )
    assert DeskAgreement(date(2020, 1, 1)).response(100, at) == expected


def test_the_deadline_follows_who_had_the_last_word() -> None:
    class Agreement:
        def response(self, priority: int, asked_at: int) -> int:
            return asked_at + priority

        def resolution(self, priority: int, opened_at: int) -> int:
            return opened_at + 1000

    desk = Desk(agreement=Agreement())
    asked, registered = desk.create(START, "user1", "user1"), desk.create(START, "agent1", "user1")
    desk.correspond(START + 10, asked, "user1")
    desk.correspond(START + 20, asked, "agent1")
    desk.correspond(START + 30, asked, "user1")
    desk.set_due(START + 40, asked, "agent1", 0)
    desk.correspond(START + 50, registered, "user1")
    told = [
        (act.ticket, instant(act.new) - START if not act.new.startswith("1970") else None)
        for act in desk.transactions
        if act.field == "Due"
    ]
    assert told == [(1, 50), (2, 1000), (1, 1000), (1, 80), (1, None), (2, 100)]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    at = START
    for _ in range(6):
        at += 60
        desk.create(at, "user1", "user1", priority=75, custom={"TicketType": "Incident"})
    desk.correspond(START + 1000, 1, "agent1")
    desk.comment(START + 1001, 1, "agent1")
    desk.set_status(START + 1002, 1, "agent1", "resolved")
    desk.set_status(START + 1003, 1, "agent1", "open")
    desk.move(START + 1004, 1, "agent1", "Second line")
    desk.merge(START + 1005, 2, "agent1", 3)
    desk.set_status(START + 1006, 4, "agent1", "deleted")
    return desk


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with served(request_tracker_app(desk, lambda: NOW, token="secret")) as address:
        yield address + "/REST/2.0"


def get(url: str, status: int = 200, token: str = "secret", **params: str) -> Any:
    params = {name.replace("queue_name", "fields[Queue]"): v for name, v in params.items()}
    answer = requests.get(
        url, params=params, headers={"Authorization": f"token {token}"}, timeout=10
    )
    assert answer.status_code == status
    assert answer.headers["Date"] == "Thu, 05 Mar 2026 00:00:00 GMT"
    return answer.json()


def ids(body: Any) -> list[str]:
    return [item["id"] for item in body["items"]]


def test_a_token_is_required(url: str) -> None:
    assert get(f"{url}/rt") == {"Version": "5.0.3"}
    assert get(f"{url}/rt", 401, token="other") == {"message": "Unauthorized"}


def test_totals_are_not_told_and_hidden_rows_shorten_pages(url: str) -> None:
    body = get(f"{url}/transactions", query="id > 0", orderby="id", per_page="5")
    assert ids(body) == ["1", "3", "5"]  # the others are records of e-mail
    assert body["total"] is None and body["pages"] is None and "next_page" not in body
    assert ids(get(f"{url}/transactions", query="id > 9999")) == []


def test_a_page_has_at_most_a_hundred_rows() -> None:
    desk = Desk()
    for _ in range(150):
        desk.create(START, "user1", "user1")
    with served(request_tracker_app(desk, lambda: NOW, token="secret")) as address:
        body = get(f"{address}/REST/2.0/tickets", query="id > 0", per_page="1000")
        assert len(ids(body)) == body["per_page"] == 100
        later = get(f"{address}/REST/2.0/tickets", query="id > 0", per_page="1000", page="2")
        assert len(ids(later)) == 50


def test_merged_and_deleted_tickets_are_only_there_by_id(url: str) -> None:
    assert ids(get(f"{url}/tickets", query="id > 0")) == ["1", "3", "5", "6"]
    assert ids(get(f"{url}/tickets", query="id = 2 OR id = 4 OR Status = 'deleted'")) == []
    assert get(f"{url}/ticket/2")["id"] == 3
    assert get(f"{url}/ticket/4")["Status"] == "deleted"
    assert get(f"{url}/ticket/99", 404) == {"message": "Not Found"}


def test_a_row_has_what_was_asked_for(url: str) -> None:
    fields = "Status,Queue,Resolved,CustomFields,Subject"
    body = get(f"{url}/tickets", query="id = 1", fields=fields, queue_name="Name")
    (row,) = body["items"]
    assert set(row) == {"id", "type", "Status", "Queue", "Resolved", "CustomFields"}
    assert row["Queue"]["Name"] == "Second line"
    assert (row["Status"], row["Resolved"]) == ("open", "2026-03-02T00:16:42Z")
    assert [field["values"] for field in row["CustomFields"]] == [[], ["Incident"]]
    unset = get(f"{url}/tickets", query="id = 5", fields="Resolved")["items"][0]["Resolved"]
    assert unset == "1970-01-01T00:00:00Z"


def test_history_names_queues_by_number_and_not_the_first_status(url: str) -> None:
    query = "ObjectType = 'RT::Ticket' AND (ObjectId = 1) AND (Type = 'Status' OR Type = 'Set')"
    body = get(f"{url}/transactions", query=query, fields="Field,OldValue,NewValue")
    told = [(item["Field"], item["OldValue"], item["NewValue"]) for item in body["items"]]
    assert told == [
        ("Status", "new", "open"),
        ("Status", "open", "resolved"),
        ("Status", "resolved", "open"),
        ("Queue", "1", "2"),
    ]


def test_dates_are_naive_in_the_users_zone(url: str) -> None:
    # The sixth ticket was created at 00:06:00 UTC, which is 01:06 in Stockholm.
    assert ids(get(f"{url}/tickets", query="Created >= '2026-03-02 01:06:00'")) == ["6"]
    assert ids(get(f"{url}/tickets", query="Created >= '2026-03-02'"))[0] == "1"


def test_comments_are_seen_where_it_is_allowed(desk: Desk, url: str) -> None:
    desk.comment(START + 2000, 6, "agent1")
    query = "Type = 'Comment'"
    assert ids(get(f"{url}/transactions", query=query)) == []
    app = request_tracker_app(desk, lambda: NOW, token="secret", comments=["Second line"])
    with served(app) as address:
        rest = f"{address}/REST/2.0/transactions"
        (comment,) = get(rest, query=query, fields="ObjectId")["items"]
        assert comment["ObjectId"] == "1"
        assert ids(get(rest, query=f"{query} AND TicketQueue = 1")) == []
        assert ids(get(rest, query=f"{query} AND TicketQueue = 2")) == [comment["id"]]


def test_owners_are_named_in_rows_and_numbered_in_history(desk: Desk, url: str) -> None:
    desk.set_owner(START + 2000, 5, "agent1", "agent1")
    desk.set_owner(START + 2001, 5, "agent1", "agent1")  # is so already
    (row,) = get(f"{url}/tickets", query="id = 5", fields="Owner,Due")["items"]
    assert (row["Owner"]["id"], row["Due"]) == ("agent1", "1970-01-01T00:00:00Z")
    query = "ObjectId = 5 AND Field = 'Owner'"
    told = get(f"{url}/transactions", query=query, fields="Type,OldValue,NewValue")["items"]
    number = str(get(f"{url}/user/agent1")["_hyperlinks"][0]["id"])
    assert [(act["Type"], act["OldValue"], act["NewValue"]) for act in told] == [
        ("Set", "6", number),
        ("SetWatcher", "6", number),
    ]
    assert get(f"{url}/user/Nobody")["_hyperlinks"][0]["id"] == 6
    get(f"{url}/user/agent9", 404)


@pytest.mark.parametrize(
    "query",
    [
        "Foo = 3",
        "id >",
        "(id = 1",
        "id = 'x'",
        "id = 1 OR id = x",
        "id = 1 OR Foo = 1",
        "id = 1 id = 2",
        "&",
    ],
)
def test_questions_that_make_no_sense_are_refused(url: str, query: str) -> None:
    get(f"{url}/tickets", 400, query=query)
