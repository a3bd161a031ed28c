"""``json`` against small interfaces that page, log in and fail in every way that it knows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.io.errors import SourceError
from collector.model.page import Page
from collector.model.records import Ticket
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from collector.sources.kit.raw import RawTicket
from collector.sources.mapped.rows import RowMapper
from tests.worlds.serving import served

START = 1_700_000_000
ROWS = [
    {
        "id": n,
        "opened": START + n,
        "changed": START + 9000 - 200 * n,
        "state": "open",
        "who": "Anna",
    }
    for n in range(1, 24)
]
FIELDS = {"id": "id", "opened_at": "opened", "changed_at": "changed", "status": "state"}
SINCE = {"since": ":since"}
ACTS = {"rows": "x", "at": "a", "act": "b", "by_staff": "c"}


class Desk:
    """Lists its rows in the ways that interfaces do. ``seen``: parameters of every request."""

    def __init__(self) -> None:
        self.url = ""
        self.rows: list[dict[str, Any]] = [dict(row) for row in ROWS]
        self.seen: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.urls: list[str] = []
        self.events: dict[str, Any] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/tickets", self._tickets, methods=["GET", "POST"]),
                Route("/api/tickets/{number}/events", self._events),
                Route("/api/tickets/{number}", self._ticket),
                Route("/api/login", self._login, methods=["POST"]),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _tickets(self, request: Request) -> Response:
        asked: dict[str, Any] = dict(request.query_params)
        if request.method == "POST":
            asked |= await request.json()
        self.seen.append(asked)
        self.headers.append(dict(request.headers))
        self.urls.append(str(request.url))
        rows = [row for row in self.rows if row["changed"] >= int(asked.get("since", 0))]
        if asked.get("sort") == "changed":
            rows.sort(key=lambda row: row["changed"])
        size = int(asked.get("size", 10))
        first = (int(asked["page"]) - 1) * size if "page" in asked else int(asked.get("offset", 0))
        first = int(asked.get("after", first))
        some, end = rows[first : first + size], first + size
        if not some and "end" in asked:
            return Response(status_code=int(asked["end"]))
        left = end < len(rows)
        more: dict[str, Any] = {"has_more": left, "cursor": end if left else None}
        more["next"] = f"http://inner.example/api/tickets?after={end}" if left else None
        last = min(end, len(rows))
        link = f"http://inner.example/api/tickets?after={last}&since={asked.get('since', 0)}"
        more["resume"], more["link"] = last, link
        body = json.dumps({"items": some, "meta": more})  # which writes half a pair, too
        return Response(body, media_type="application/json")

    async def _ticket(self, request: Request) -> Response:
        number = request.path_params["number"]
        rows = [row for row in self.rows if str(row["id"]) == number]
        return JSONResponse(rows[0] if rows else {}, 200 if rows else 404)

    async def _events(self, request: Request) -> Response:
        return JSONResponse(self.events[request.path_params["number"]])

    async def _login(self, request: Request) -> Response:
        body = await request.json()
        good = body == {"login": "kpi", "secret": "s3cret", "app": 7}
        return JSONResponse({"session": {"id": "abc"}} if good else {}, 200 if good else 401)

    async def _token(self, request: Request) -> Response:
        good = b"client_secret=s3cret" in await request.body()
        return JSONResponse({"access_token": "abc", "expires_in": 3600} if good else {})


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("LAB_SECRET", "s3cret")
    with _serving() as made:
        yield made


@contextmanager
def _serving() -> Iterator[Desk]:
    made = Desk()
    with served(made.app()) as url:
        made.url = url
        yield made


def source(desk: Desk, tickets: dict[str, Any] | None = None, **more: Any) -> Source:
    keys: dict[str, Any] = {
        "type": "json",
        "url": f"{desk.url}/api",
        "time_format": "epoch",
        "since": {"format": "epoch"},
        "tickets": {"path": "tickets", "rows": "items", "size": 5, **(tickets or {})},
        "fields": FIELDS,
        **more,
    }
    return make_source("desk", SOURCES["json"].model_validate(keys), ())


def read(made: Source) -> dict[str, Ticket]:
    records = (record for page in made.pages(None) for record in page.records)
    return {record.id: record for record in records if isinstance(record, Ticket)}


def refused(**more: Any) -> str:
    keys: dict[str, Any] = {"type": "json", "url": "http://x", "fields": FIELDS}
    keys |= {"tickets": {"path": "tickets", "rows": "items"}, **more}
    with pytest.raises(ValidationError) as caught:
        SOURCES["json"].model_validate(keys)
    first = caught.value.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


# -- how a list goes on ---------------------------------------------------------------------------

SIZED = {**SINCE, "size": ":size"}
WAYS: dict[str, dict[str, Any]] = {
    "page": {"params": {**SIZED, "page": ":page"}},
    "offset": {"params": {**SIZED, "offset": ":offset"}},
    "page until it says so": {"params": {**SIZED, "page": ":page"}, "more": "meta.has_more"},
    "cursor": {"params": {**SIZED, "after": ":cursor"}, "cursor": "meta.cursor"},
    "cursor in a body": {
        "method": "POST",
        "body": {**SIZED, "after": ":cursor"},
        "cursor": "meta.cursor",
    },
    "next": {"params": SIZED, "next": "meta.next"},
    "a cursor to go on from later": {
        "params": {**SIZED, "after": ":cursor"},
        "cursor": "meta.resume",
    },
    "a next address to go on from later": {"params": SIZED, "next": "meta.link"},
    "no content at the end": {"params": {**SIZED, "page": ":page", "end": "204"}},
    "no page after the last": {"params": {**SIZED, "page": ":page", "end": "404"}},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("order", ["any", "changed"])
def test_all_pages_are_read_in_every_way(desk: Desk, way: str, order: str) -> None:
    keys = dict(WAYS[way])
    part = "body" if "body" in keys else "params"
    if order == "changed":
        keys[part] = {**keys[part], "sort": "changed"}
    if "next" in keys:  # a link holds all that the server needs; ours holds only the place
        desk.rows.sort(key=lambda row: row["changed"])
    found = read(source(desk, keys, order=order))
    assert {int(n): each.opened_at for n, each in found.items()} == {
        row["id"]: row["opened"] for row in ROWS
    }


@pytest.mark.parametrize("order", ["any", "changed"])
@pytest.mark.parametrize("way", ["page", "cursor"])
def test_a_bulk_update_larger_than_a_page_is_read_whole(desk: Desk, way: str, order: str) -> None:
    for row in desk.rows:
        row["changed"] = START + 9000
    keys = {**WAYS[way], "params": {**WAYS[way]["params"], "sort": "changed"}}
    assert len(read(source(desk, keys, order=order))) == len(ROWS)


def test_placeholders_in_a_body_keep_their_type(desk: Desk) -> None:
    body = {"since": ":since", "size": ":size", "after": ":cursor", "text": "from :since on"}
    tickets = {"method": "POST", "body": body, "cursor": "meta.cursor"}
    read(source(desk, tickets))
    assert desk.seen[0] == {"since": 0, "size": 5, "text": "from 0 on"}
    assert desk.seen[1]["after"] == "5"


@pytest.mark.parametrize("followed", [True, False])
def test_an_id_that_no_program_can_write_rejects_its_ticket_alone(
    desk: Desk, followed: bool
) -> None:
    desk.rows[0]["id"] = "\ud800"
    fields = FIELDS if followed else {**FIELDS, "changed_at": None}
    tickets = {"params": {**SIZED, "page": ":page"} if followed else {"page": ":page"}}
    if not followed:
        tickets["params"] |= {"size": ":size"}
    made = source(desk, tickets, fields={n: each for n, each in fields.items() if each})
    pages = list(made.pages(None))
    assert sum(len(page.records) for page in pages) == len(ROWS) - 1
    assert [each.reason for page in pages for each in page.rejected] == ["bad_field"]


def test_a_parameter_that_is_ignored_is_an_error_and_no_short_list(desk: Desk) -> None:
    made = source(desk, {"params": {**SINCE, "side": ":page"}})
    with pytest.raises(SourceError, match="the same rows as the one before") as caught:
        read(made)
    assert caught.value.permanent


def test_a_list_that_is_not_there_is_an_error_and_no_empty_list(desk: Desk) -> None:
    with pytest.raises(SourceError, match=r"tickets\.rows finds no list"):
        read(source(desk, {"rows": "data.items"}))


def test_an_error_within_a_good_status_is_one(desk: Desk) -> None:
    with pytest.raises(SourceError, match=r"tickets\.error says"):
        read(source(desk, {"error": "meta"}))


def test_the_next_address_may_not_lead_elsewhere(desk: Desk) -> None:
    with pytest.raises(SourceError, match="not below url"):
        read(source(desk, {"next": "'http://inner.example/admin'"}))


def test_a_list_in_another_order_is_refused_where_order_is_relied_upon(desk: Desk) -> None:
    with pytest.raises(SourceError, match="not listed in the order"):
        read(source(desk, {"params": {**SIZED, "page": ":page"}}, order="changed"))


# -- what has changed -----------------------------------------------------------------------------


def drained(made: Source, cursor: Any) -> tuple[set[str], Any]:
    pages: list[Page] = list(made.pages(cursor))
    ids = {record.id for page in pages for record in page.records}
    return ids, json.loads(json.dumps(pages[-1].cursor))


@pytest.mark.parametrize("follows", [True, False])
def test_only_what_changed_is_read_again(desk: Desk, follows: bool) -> None:
    """Also where the interface lists everything, if tickets tell when they changed."""
    made = source(
        desk, {"params": {"page": ":page", "size": ":size", **(SINCE if follows else {})}}
    )
    every, cursor = drained(made, None)
    assert len(every) == len(ROWS)
    desk.rows[7] |= {"changed": START + 9900, "state": "resolved"}
    desk.seen.clear()
    assert drained(made, cursor)[0] == {"8"}
    assert (len(desk.seen) < 4) == follows


def test_without_a_time_of_change_what_differs_is_read_and_what_is_gone_noticed(desk: Desk) -> None:
    fields = {name: each for name, each in FIELDS.items() if name != "changed_at"}
    made = source(desk, {"params": {"page": ":page"}}, fields=fields)
    _, cursor = drained(made, None)
    assert drained(made, cursor)[0] == set()
    desk.rows[7]["state"] = "resolved"
    assert "8" in drained(made, cursor)[0]


@pytest.mark.parametrize(
    ("keys", "written"),
    [
        ({}, "2023-11-14T22:11:20Z"),
        ({"format": "epoch_ms"}, "1699999880000"),
        ({"format": "%Y-%m-%d %H:%M:%S", "timezone": "Europe/Stockholm"}, "2023-11-14 23:11:20"),
    ],
)
def test_the_time_since_is_written_as_the_interface_needs_it(
    desk: Desk, keys: dict[str, str], written: str
) -> None:
    made = source(desk, {"params": {"changed": ":since"}}, since=keys)
    list(made.pages({"at": START, "seen": {}}))
    assert desk.seen[0]["changed"] == written


def test_a_wrong_request_for_one_ticket_takes_none_for_deleted(desk: Desk) -> None:
    """But says so, since a sweep would take all of them for deleted."""
    right = source(desk, ticket={"path": "tickets/:id"})
    wrong = source(desk, ticket={"path": "ticket/:id"})
    other = source(desk, ticket={"path": "tickets/7", "params": {"id": ":id"}})
    with right.system.connect() as visit:  # type: ignore[attr-defined]
        assert right.system.existing(visit, ["3", "99"]) == {"3"}  # type: ignore[attr-defined]
        found = list(right.system.fetch(visit, ["3", "99"]))  # type: ignore[attr-defined]
    assert [type(each).__name__ for each in found] == ["RawTicket", "Removed"]
    assert "10 tickets" in right.check()
    for made in (wrong, other):
        with pytest.raises(SourceError, match="does not find tickets that are listed"):
            made.check()
        with pytest.raises(SourceError, match="none was taken for deleted"):
            list(made.tickets(["99"], {}))  # type: ignore[attr-defined]


def test_without_a_request_for_one_ticket_it_is_looked_for_among_all(desk: Desk) -> None:
    """For the sweep the list is read once, however many are asked for."""
    system = source(desk, {"params": {"page": ":page", "size": ":size"}}).system  # type: ignore[attr-defined]
    with system.connect() as visit:
        assert system.existing(visit, ["3", "99"]) == {"3"}
        asked = len(desk.seen)
        assert system.existing(visit, ["4"]) == {"4"}
        assert len(desk.seen) == asked
        found = list(system.fetch(visit, ["99", "3"]))
    assert [type(each).__name__ for each in found] == ["NotVisible", "RawTicket"]
    assert found[1].id == "3"


def test_a_ticket_without_its_time_of_change_is_rejected_and_read_at_the_next_change(
    desk: Desk,
) -> None:
    desk.rows = [{**row, "touched": row["changed"]} for row in ROWS]
    desk.rows[4]["touched"] = "yesterday"
    made = source(desk, {"params": {"page": ":page"}}, fields={**FIELDS, "changed_at": "touched"})
    pages = list(made.pages(None))
    rejected = [(each.where, each.reason) for page in pages for each in page.rejected]
    assert rejected == [("ticket 5", "bad_time")]
    assert len([record for page in pages for record in page.records]) == len(ROWS) - 1


def test_what_a_row_says_of_first_events_is_kept(desk: Desk) -> None:
    """A system that has no history but its own first response, and what it made of it."""
    desk.rows = [
        {"id": "1", "opened": START, "changed": START, "state": "open", "met": True}
        | {"answer": START + 60, "note": START + 30, "assigned": START + 10, "mine": START + 61}
    ]
    fields = {
        **FIELDS,
        "first_response_at": "answer",
        "first_note_at": "note",
        "first_assigned_at": "assigned",
        "own_first_response_at": "mine",
        "own_response_met": "met",
    }
    found = read(source(desk, fields=fields))["1"]
    assert found.first_response_at == START + 60
    assert found.first_note_at == START + 30
    assert found.first_assigned_at == START + 10
    assert (found.own_first_response_at, found.own_response_met) == (START + 61, True)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"act": "shouted"}, "act 'shouted' is not one of .*: map it under map.act"),
        ({"act": "reply", "staff": "maybe"}, "'maybe'"),
    ],
)
def test_an_act_that_cannot_be_read_rejects_its_ticket(
    desk: Desk, event: dict[str, str], said: str
) -> None:
    desk.rows = [dict(ROWS[0]) | {"log": [{"at": START + 60, **event}]}]
    acts = {"rows": "log", "at": "at", "act": "act", "by_staff": "staff"}
    pages = list(source(desk, acts=acts).pages(None))
    assert not [record for page in pages for record in page.records]
    (rejected,) = (each for page in pages for each in page.rejected)
    assert re.search(said, rejected.message)


def test_an_act_that_means_nothing_here_is_left_out(desk: Desk) -> None:
    log = [{"at": START + 30, "act": "printed"}, {"at": START + 60, "act": "reply"}]
    desk.rows = [dict(ROWS[0]) | {"log": log}]
    acts = {"rows": "log", "at": "at", "act": "act", "by_staff": "`true`"}
    found = read(source(desk, acts=acts, map={"act": {"printed": "ignore", "reply": "reply"}}))
    assert found["1"].first_response_at == START + 60


def test_a_parameter_may_be_sent_several_times(desk: Desk) -> None:
    read(source(desk, {"params": {"include[]": ["a", "b"]}}))
    assert desk.urls[0].endswith("?include%5B%5D=a&include%5B%5D=b")


# -- rows and expressions -------------------------------------------------------------------------


def test_a_history_within_the_row_and_times_in_milliseconds(desk: Desk) -> None:
    at = [(START + n) * 1000 for n in (0, 60, 120, 180)]
    moves = [{"at": at[1], "f": "state", "o": "new", "n": "wait"}, {"at": at[2], "f": "title"}]
    said = [{"at": at[3], "author": "a"}, {"at": at[2], "author": "c"}]
    desk.rows = [
        {"id": "A-1", "opened": at[0], "changed": at[3] // 1000, "state": "wait", "moves": moves}
        | {"said": said, "customer": "c"},
        {"id": "A-2", "opened": at[0], "changed": at[3] // 1000, "state": "new"},
    ]
    made = source(
        desk,
        time_format="epoch_ms",
        time_formats={"changed_at": "epoch"},
        changes={"rows": "moves", "at": "at", "field": "f", "old": "o", "new": "n"},
        acts={
            "rows": "said",
            "at": "at",
            "act": "'reply'",
            "by_staff": "author != _ticket.customer",
        },
        map={
            "field": {"state": "status", "default": "ignore"},
            "status": {"wait": "on_hold", "new": "new"},
        },
    )
    found = read(made)
    assert found["A-1"].first_response_at == START + 180
    assert [(c.at, c.value) for c in found["A-1"].changes] == [
        (START, "new"),
        (START + 60, "on_hold"),
    ]
    assert found["A-2"].first_response_at is None
    assert "first_response" not in found["A-2"].unrecorded
    assert "first_note" in found["A-2"].unrecorded


def test_a_row_without_what_is_needed_is_rejected_and_no_other(desk: Desk) -> None:
    del desk.rows[3]["opened"]
    desk.rows[5]["opened"] = {"at": 3}
    desk.rows[6]["id"] = None
    made = source(desk)
    pages = list(made.pages(None))
    rejected = sorted((each.where, each.reason) for page in pages for each in page.rejected)
    assert rejected == [
        ("a ticket without id", "missing_id"),
        ("ticket 4", "missing_opened_at"),
        ("ticket 6", "bad_field"),
    ]
    assert len(read(made)) == 7


def test_an_expression_that_finds_nothing_is_named(desk: Desk) -> None:
    fields = {**FIELDS, "team": "group.nmae", "priority": "state"}
    acts = {"rows": "answers", "at": "at", "act": "'reply'", "by_staff": "`true`"}
    said = source(desk, fields=fields, acts=acts).check()
    assert "10 tickets" in said
    assert "nothing is found by fields.team, acts[0].rows" in said
    assert "fields.priority" not in said


def test_check_counts_the_history_and_says_what_cannot_be_used(desk: Desk) -> None:
    event = {"kind": "state", "at": START + 9, "from": "new", "to": "open"}
    desk.events = {str(row["id"]): {"events": [event]} for row in ROWS}
    desk.events["2"] = {"error": "no"}
    request = {"path": "tickets/:id/events"}
    changes = {"request": request, "rows": "events", "at": "at", "field": "kind", "old": "from"}
    made = source(desk, changes={**changes, "new": "to"}, map={"field": {"state": "status"}})
    assert made.check() == (
        "10 tickets, 4 changes of the first 5; 1 cannot be used: ticket 2: changes[0].rows finds "
        "no list in the answer"
    )


def test_a_link_of_a_row_is_kept_and_people_are_not(desk: Desk) -> None:
    fields = {**FIELDS, "url": "join('', ['https://desk.example.org/t/', to_string(id)])"}
    found = read(source(desk, fields=fields, map={"status": {"open": "open"}}))
    assert found["3"].url == "https://desk.example.org/t/3"
    assert "Anna" not in repr(found)


# -- logging in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "header", "value"),
    [
        ({"token": "${LAB_SECRET}"}, "authorization", "Bearer s3cret"),
        (
            {"token": "${LAB_SECRET}", "token_header": "X-Api-Key", "token_scheme": ""},
            "x-api-key",
            "s3cret",
        ),
        ({"user": "kpi", "password": "${LAB_SECRET}"}, "authorization", "Basic a3BpOnMzY3JldA=="),
        (
            {
                "user": "kpi",
                "password": "${LAB_SECRET}",
                "session": {
                    "path": "login",
                    "body": {"login": ":user", "secret": ":password", "app": 7},
                    "token": "session.id",
                    "header": "X-Session",
                    "scheme": "",
                },
            },
            "x-session",
            "abc",
        ),
        ({"headers": {"X-Version": "3"}}, "x-version", "3"),
    ],
    ids=["token", "key", "basic", "session", "header"],
)
def test_it_logs_in(desk: Desk, keys: dict[str, Any], header: str, value: str) -> None:
    read(source(desk, **keys))
    assert desk.headers[0][header] == value


def test_a_key_may_be_a_parameter(desk: Desk) -> None:
    read(source(desk, token="${LAB_SECRET}", token_param="api_key"))
    assert desk.urls[0].endswith("?api_key=s3cret")


def test_it_logs_in_with_client_credentials(desk: Desk) -> None:
    oauth = {
        "token_url": f"{desk.url}/token",
        "client_id": "kpi",
        "client_secret": "${LAB_SECRET}",
    }
    read(source(desk, oauth=oauth))
    assert desk.headers[0]["authorization"] == "Bearer abc"


# -- mistakes in the configuration ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"fields": {**FIELDS, "team": "a..b"}}, "fields.team: .*from character 3 on"),
        ({"fields": {**FIELDS, "team": "lower(x)"}}, r"fields.team: .*lower\(\), which is no"),
        ({"fields": {**FIELDS, "team": "join('x')"}}, r"fields.team: .*1 values instead of 2"),
        ({"tickets": {"path": "t?x=1", "rows": "@"}}, "tickets.path: .*belongs in params"),
        ({"tickets": {"path": "t/:id", "rows": "@"}}, "tickets: .*:id is for"),
        (
            {"tickets": {"path": "t", "rows": "@", "params": {"p": ":page"}, "next": "n"}},
            "tickets: .*two ways",
        ),
        (
            {"tickets": {"path": "t", "rows": "@", "params": {"c": ":cursor"}}},
            "tickets: .*needs both or neither",
        ),
        ({"tickets": {"path": "t", "rows": "@", "body": {"a": 1}}}, "tickets: .*method: POST"),
        (
            {"tickets": {"path": "t", "params": {"p": ":page"}}},
            "tickets.rows: Field required",
        ),
        ({"tickets": {"path": "t", "rows": "@", "more": "m"}}, "tickets: .*more needs a way"),
        ({"ticket": {"path": "t"}}, "ticket: .*needs :id, and no other placeholder"),
        (
            {"acts": {"request": {"path": "log"}, **ACTS}},
            r"acts.0: .*request needs :id, that of the ticket",
        ),
        (
            {"acts": {"request": {"path": ":id", "params": {"s": ":since"}}, **ACTS}},
            r"acts.0: .*request must not use :since",
        ),
        (
            {"acts": {"request": {"path": ":id", "params": {"p": ":page"}}, **ACTS}},
            r"acts.0.request: .*:page needs rows or more",
        ),
        ({"headers": {"X-Api-Key": "abc"}}, "headers: .*X-Api-Key holds a secret: set token"),
        ({"user": "kpi"}, "both user and password"),
        ({"token": "${A}", "user": "b", "password": "${C}"}, "two ways to log in"),
        ({"order": "changed"}, "order: changed needs :since"),
        (
            {"fields": {"id": "id", "opened_at": "o"}, "tickets": {"path": ":since", "rows": "@"}},
            "fields.changed_at is needed",
        ),
        (
            {"acts": {"rows": "x", "at": "a", "act": "b"}},
            "acts.0.by_staff: Field required",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(keys: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(**keys))


def test_in_the_hour_that_comes_twice_nothing_happens_before_the_opening() -> None:
    keys = {
        **{"type": "json", "url": "http://desk.example", "timezone": "Europe/Stockholm"},
        **{"tickets": {"path": "tickets", "rows": "@"}, "fields": {"id": "id", "opened_at": "at"}},
        "changes": {"rows": "log", "at": "at", "field": "'status'", "old": "old", "new": "new"},
    }
    row = {"id": 1, "at": "2026-10-25 02:50:00"}
    row["log"] = [{"at": "2026-10-25 02:10:00", "old": "open", "new": "resolved"}]
    found = RowMapper(SOURCES["json"].model_validate(keys)).ticket(row)
    assert isinstance(found, RawTicket)
    assert [each.at - found.opened_at for each in found.changes] == [20 * 60]
