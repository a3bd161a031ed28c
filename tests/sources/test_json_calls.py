"""``json_calls``: calls of a REST interface, by a configuration alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from collector.io.errors import SourceError
from collector.model.records import Call, Unrecorded
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from tests.worlds.serving import served

T = 1_700_000_000
FIELDS = {
    "id": "uuid",
    "queue": "queue.name",
    "entered_at": "entered",
    "changed_at": "ended || entered",
    "answered_at": "answered",
    "left_at": "ended",
    "outcome": "result",
    "organization": "area",
    "call_id": "call",
}


class Exchange:
    """Lists its calls by the time of their end; ``asked``: the parameters of every request."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []
        self.answer: Any = None

    def add(self, number: int, entered: int, **more: Any) -> dict[str, Any]:
        row = {"uuid": f"u{number}", "entered": entered, "queue": {"name": "support"}, **more}
        self.calls.append(row)
        return row

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/api/calls", self._calls)])

    def _calls(self, request: Request) -> JSONResponse:
        asked = dict(request.query_params)
        self.asked.append(asked)
        if self.answer is not None:
            return JSONResponse(self.answer)
        found = [each for each in self.calls if _changed(each) >= int(asked["since"])]
        if asked.get("sort") == "ended":
            found.sort(key=lambda each: (_changed(each), each["uuid"]))
        page, size = int(asked["page"]), int(asked["size"])
        return JSONResponse({"items": found[(page - 1) * size : page * size]})


def _changed(row: dict[str, Any]) -> int:
    return int(row.get("ended") or row["entered"])


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    made = Exchange()
    with served(made.app()) as url:
        made.url = url
        yield made


def source(exchange: Exchange, *, sort: bool = False, **more: Any) -> Source:
    params = {"since": ":since", "page": ":page", "size": ":size"}
    keys: dict[str, Any] = {
        "type": "json_calls",
        "url": f"{exchange.url}/api",
        "time_format": "epoch",
        "since": {"format": "epoch"},
        "calls": {
            "path": "calls",
            "params": {**params, **({"sort": "ended"} if sort else {})},
            "rows": "items",
            "size": 4,
        },
        "order": "changed" if sort else "any",
        "fields": FIELDS,
        "map": {"outcome": {"taken": "answered", "hangup": "abandoned"}},
        **more,
    }
    return make_source("phone", SOURCES["json_calls"].model_validate(keys), ["Norrby"])


def read(made: Source, cursor: Any = None) -> tuple[dict[str, Call], dict[str, str], Any]:
    pages = list(made.pages(cursor))
    calls = {each.id: each for page in pages for each in page.records if isinstance(each, Call)}
    rejected = {each.where: each.reason for page in pages for each in page.rejected}
    return calls, rejected, json.loads(json.dumps(pages[-1].cursor))


@pytest.mark.parametrize("sort", [False, True], ids=["any order", "in the order of change"])
def test_calls_are_read_with_what_the_expressions_find(exchange: Exchange, sort: bool) -> None:
    exchange.add(1, T, answered=T + 12, ended=T + 90, result="taken", area="Norrby", call="c1")
    exchange.add(2, T + 5, ended=T + 45, result="hangup", call="c2")
    for number in range(3, 13):
        exchange.add(number, T + 100, ended=T + 130, result="hangup")
    calls, rejected, _ = read(source(exchange, sort=sort))
    assert rejected == {} and len(calls) == 12
    assert calls["u1"] == Call(
        source="phone",
        id="u1",
        queue="support",
        entered_at=T,
        outcome="answered",  # type: ignore[arg-type]
        organization="Norrby",
        wait_seconds=12,
        answered_at=T + 12,
        left_at=T + 90,
        call_id="c1",
    )
    assert (calls["u2"].outcome, calls["u2"].wait_seconds) == ("abandoned", 40)


@pytest.mark.parametrize("sort", [False, True], ids=["any order", "in the order of change"])
def test_what_changed_is_read_again_and_nothing_else(exchange: Exchange, sort: bool) -> None:
    talking = exchange.add(1, T, answered=T + 12, result="taken")
    exchange.add(2, T + 5, ended=T + 45, result="hangup")
    made = source(exchange, sort=sort)
    calls, _, cursor = read(made)
    assert calls["u1"].left_at is None
    assert read(made, cursor)[0] == {}
    talking["ended"] = T + 600
    exchange.add(3, T + 590)
    exchange.calls[-1] |= {"ended": T + 610, "result": "hangup"}
    calls, _, cursor = read(made, cursor)
    assert set(calls) == {"u1", "u3"} and calls["u1"].left_at == T + 600
    assert int(exchange.asked[-1]["since"]) == T + 45 - 120, "from the overlap on"
    assert read(made, cursor)[0] == {}


def test_a_row_that_cannot_be_used_is_rejected_and_no_other(exchange: Exchange) -> None:
    exchange.add(1, T, ended=T + 9, result="hangup")
    for number, wrong in enumerate(
        ({"entered": "yesterday"}, {"queue": {"name": None}}, {"result": "vanished"}, {"uuid": ""}),
        2,
    ):
        exchange.add(number, T + number, ended=T + 20)
        exchange.calls[-1] |= wrong
    exchange.add(6, T + 6, ended=T + 20, result={"a": 1})
    calls, rejected, _ = read(source(exchange))
    assert set(calls) == {"u1", "u4"}, "a word that is not mapped is left out of its call"
    assert rejected == {
        "call u2": "bad_time",
        "call u3": "missing_queue",
        "call u4": "unknown_outcome",
        "call ": "missing_id",
        "call u6": "bad_field",
    }


@pytest.mark.parametrize("answer", [[], {}, {"items": None}, {"items": {}}, "x", 7])
def test_an_answer_without_a_list_is_an_error(exchange: Exchange, answer: Any) -> None:
    exchange.answer = answer
    with pytest.raises(SourceError, match=r"calls\.rows finds no list"):
        read(source(exchange))


def test_no_call_is_a_quiet_night(exchange: Exchange) -> None:
    made = source(exchange)
    calls, _, cursor = read(made)
    assert calls == {} and made.check() == "0 calls"
    exchange.add(1, T, ended=T + 9, result="hangup")
    assert set(read(made, cursor)[0]) == {"u1"}


def test_check_counts_and_names_what_is_never_found(exchange: Exchange) -> None:
    exchange.add(1, T, ended=T + 9, result="hangup")
    exchange.add(2, T, ended=T + 9, result="vanished")
    said = source(exchange).check()
    assert said.startswith(
        "2 calls; 1 cannot be used completely: call u2: outcome 'vanished' is not"
    )
    assert "nothing is found by fields.organization, fields.answered_at, fields.call_id" in said


def test_what_is_not_told_is_known(exchange: Exchange) -> None:
    bare = {name: FIELDS[name] for name in ("id", "queue", "entered_at", "changed_at")}
    assert source(exchange).look().unrecorded == frozenset()
    told = source(exchange, fields=bare).look().unrecorded
    assert told == {Unrecorded.WAIT, Unrecorded.OUTCOME}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"calls": {"path": "calls", "rows": "items"}}, "calls does not use :since"),
        ({"fields": {"id": "uuid", "queue": "q", "entered_at": "at"}}, "changed_at"),
        ({"reconcile": {"at": "03:00"}}, "reconcile"),
        ({"ticket": {"path": "calls/:id"}}, "ticket"),
    ],
)
def test_a_mistake_is_named(exchange: Exchange, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        source(exchange, **keys)
