"""Zammad: what is expected was written by hand from its documentation and its source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.model.records import Change, Ticket, Unrecorded
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.raw import RawTicket, Removed
from collector.sources.zammad import ZammadOptions, ticket_of
from tests.conformance.systems.bench import Bench, bench_of
from tests.worlds.serving import served

CUSTOMER, ANNA, BODIL = 7, 3, 4
STATES = [
    {"id": 1, "name": "new", "state_type_id": 1},
    {"id": 2, "name": "open", "state_type_id": 2},
    {"id": 3, "name": "pending reminder", "state_type_id": 3},
    {"id": 4, "name": "closed", "state_type_id": 5},
    {"id": 5, "name": "merged", "state_type_id": 6},
    {"id": 6, "name": "pending close", "state_type_id": 4},
    {"id": 7, "name": "removed", "state_type_id": 7},
    {"id": 8, "name": "waiting for the supplier", "state_type_id": 2},
    {"id": 9, "name": "done", "state_type_id": 5},
]


def at(clock: str) -> int:
    """An instant of 22 January 2025, which clocks below stand for, in UTC."""
    return int(datetime.fromisoformat(f"2025-01-22T{clock}:00+00:00").timestamp())


def time(clock: str) -> str:
    return f"2025-01-22T{clock}:00.255Z"


def row(**more: Any) -> dict[str, Any]:
    """A ticket as in the documentation of ``expand``, shortened."""
    return {
        **{"id": 3, "number": "53003", "title": "Order 787556", "article_count": 2},
        **{"group_id": 1, "group": "Sales", "state_id": 2, "state": "open"},
        **{"priority_id": 2, "priority": "2 normal", "organization": "Chrispresso Inc."},
        **{"owner_id": 1, "owner": "-", "customer_id": CUSTOMER, "customer": "emily@example.com"},
        **{"created_by_id": CUSTOMER, "created_by": "emily@example.com", "type": None},
        **{"first_response_at": None, "first_response_escalation_at": None},
        **{"first_response_diff_in_min": None, "close_diff_in_min": None},
        **{"close_at": None, "close_escalation_at": None, "last_close_at": None},
        **{"created_at": time("08:00"), "updated_at": time("12:00")},
        **more,
    }


def entry(clock: str, attribute: str, old: tuple[int, str], new: tuple[int, str], by: int = ANNA):
    """An entry of a ticket's history: ids and names before and after."""
    return {
        **{"object": "Ticket", "type": "updated", "o_id": 3, "attribute": attribute},
        **{"id_from": old[0], "value_from": old[1], "id_to": new[0], "value_to": new[1]},
        **{"created_by_id": by, "created_at": time(clock)},
    }


def article(clock: str, sender: str = "Agent", by: int = ANNA, **more: Any) -> dict[str, Any]:
    usual = {"type": "email", "internal": False, "body": "not looked at", "from": "Anna"}
    return {**usual, "sender": sender, "created_by_id": by, "created_at": time(clock), **more}


def options(**more: Any) -> ZammadOptions:
    keys = {"type": "zammad", "url": "https://desk.example", "token": "${T}"}
    return ZammadOptions.model_validate({**keys, **more})


def found(
    history: Any = (), articles: Any = None, chosen: ZammadOptions | None = None, **more: Any
) -> RawTicket | Removed:
    chosen = chosen or options()
    return ticket_of(row(**more), history, articles, chosen, chosen.words_of_states(STATES))


def ticket(
    history: Any = (), articles: Any = None, chosen: ZammadOptions | None = None, **more: Any
) -> Ticket:
    chosen = chosen or options()
    raw = found(history, articles, chosen, **more)
    assert isinstance(raw, RawTicket)
    return assemble("desk", raw, chosen.mapper(), chosen.unrecorded)


def test_a_ticket_with_its_history() -> None:
    history = [
        {"object": "Ticket", "type": "created", "created_by_id": 7, "created_at": time("08:00")},
        {**entry("08:00", "", (0, ""), (0, "")), "object": "Ticket::Article", "type": "created"},
        entry("08:10", "owner", (1, "-"), (ANNA, "Anna Andersson")),
        entry("08:20", "state", (1, "new"), (2, "open")),
        entry("08:30", "priority", (2, "2 normal"), (3, "3 high")),
        entry("09:00", "group", (2, "1st Level"), (1, "Sales")),
        entry("09:10", "state", (2, "open"), (6, "pending close")),
        entry("10:00", "state", (6, "pending close"), (4, "closed"), by=1),
        entry("11:00", "state", (4, "closed"), (2, "open"), by=CUSTOMER),
        entry("12:00", "state", (2, "open"), (4, "closed")),
    ]
    ends = {"state_id": 4, "state": "closed", "priority": "3 high", "owner_id": ANNA}
    assert ticket(history, first_response_at=time("08:40"), **ends) == Ticket(
        source="desk",
        id="3",
        opened_at=at("08:00"),
        first_response_at=at("08:40"),
        first_resolved_at=at("10:00"),
        resolved_at=at("12:00"),
        closed_at=at("12:00"),
        reopened=1,
        kind=None,
        priority="high",
        organization="Chrispresso Inc.",
        status="closed",
        team="Sales",
        url="https://desk.example/#ticket/zoom/3",
        first_status_at=at("08:20"),
        first_assigned_at=at("08:10"),
        own_first_response_at=at("08:40"),
        changes=(
            Change(at("08:00"), "status", "new"),
            Change(at("08:20"), "status", "open"),
            Change(at("09:10"), "status", "on_hold"),
            Change(at("10:00"), "status", "closed"),
            Change(at("11:00"), "status", "open"),
            Change(at("12:00"), "status", "closed"),
            Change(at("08:00"), "priority", "normal"),
            Change(at("08:30"), "priority", "high"),
            Change(at("08:00"), "team", "1st Level"),
            Change(at("09:00"), "team", "Sales"),
        ),
        unrecorded=frozenset({Unrecorded.NOTE, Unrecorded.CATEGORY}),
    )


def test_what_an_agent_writes_is_an_answer_or_a_note() -> None:
    written = [
        article("08:00", "Customer", ANNA, type="phone"),  # registered by an agent
        article("08:01", "System", 1),  # an automatic reply
        article("08:10", internal=True),
        article("08:20", type="note"),  # public, and still no communication
        article("08:30", "Agent", CUSTOMER),  # an agent's own ticket
        article("08:40"),
        article("08:50"),
    ]
    read = ticket((), written, options(articles=True))
    assert (read.first_note_at, read.first_response_at) == (at("08:10"), at("08:40"))
    assert Unrecorded.NOTE not in read.unrecorded


def test_the_articles_of_a_merged_ticket_bring_an_earlier_answer() -> None:
    written = [article("08:45"), article("08:05")]
    assert ticket((), written, options(articles=True)).first_response_at == at("08:05")
    own = ticket(first_response_at=time("08:45"))
    assert (own.first_response_at, own.own_first_response_at) == (at("08:45"), at("08:45"))


def test_a_merged_ticket_ends_when_it_was_merged() -> None:
    merge = {**entry("09:00", "", (3, ""), (2, "#53002 Order")), "type": "merged_into"}
    history = [merge, entry("09:00", "state", (2, "open"), (5, "merged"))]
    gone = found(history, state_id=5, state="merged")
    assert gone == Removed("3", "merged", at("09:00"))


def test_a_state_counts_by_its_own_name_or_else_by_its_type() -> None:
    assert ticket(state_id=8, state="waiting for the supplier").status == "open"
    assert ticket(state_id=9, state="done").status == "closed"
    assert ticket(state_id=7, state="removed").mark == "deleted"
    known = options(map={"status": {"waiting for the supplier": "on_hold", "done": "resolved"}})
    assert ticket(chosen=known, state_id=8).status == "on_hold"
    assert ticket(chosen=known, state_id=9).status == "resolved"


def test_a_renamed_state_keeps_its_history() -> None:
    renamed = [entry("09:00", "state", (2, "opened"), (4, "shut"))]
    assert ticket(renamed, state_id=4, state="closed").resolved_at == at("09:00")


def test_who_registered_a_ticket_and_solved_it() -> None:
    by_anna = {"created_by_id": ANNA, "state_id": 4}
    closed = [entry("08:05", "state", (2, "open"), (4, "closed"))]
    assert ticket(closed, **by_anna).solved_by_registrar
    assert not ticket(closed, **{**by_anna, "created_by_id": BODIL}).solved_by_registrar
    assert not ticket(closed, **{**by_anna, "created_by_id": CUSTOMER}).solved_by_registrar
    assert not ticket(closed, chosen=options(robots=[ANNA]), **by_anna).solved_by_registrar


def test_an_owner_at_the_opening_is_an_assignment() -> None:
    assert ticket(owner_id=ANNA, created_by_id=ANNA).first_assigned_at == at("08:00")
    assert ticket().first_assigned_at is None
    given_back = [entry("09:00", "owner", (ANNA, "Anna"), (1, "-"))]
    assert ticket(given_back, created_by_id=ANNA).first_assigned_at == at("08:00")


def test_zammads_own_deadlines_and_verdicts() -> None:
    due = {"first_response_escalation_at": time("10:00"), "close_escalation_at": time("16:00")}
    pending = ticket(**due)
    assert (pending.own_response_due_at, pending.own_response_met) == (at("10:00"), None)
    assert (pending.own_resolution_due_at, pending.own_resolution_met) == (at("16:00"), None)
    ended = ticket(first_response_diff_in_min=0, close_diff_in_min=-1)
    assert (ended.own_response_met, ended.own_resolution_met) == (True, False)


def test_kind_and_category_are_attributes_of_the_site() -> None:
    chosen = options(fields={"kind": "type", "category": "topic", "organization": None})
    changed = [{**entry("09:00", "type", (0, "Request"), (0, "Incident")), "id_from": None}]
    read = ticket(changed, chosen=chosen, type="Incident", topic="Printing")
    assert (read.kind, read.category, read.organization) == ("Incident", "Printing", None)
    assert Change(at("08:00"), "kind", "Request") in read.changes


def test_an_attribute_that_does_not_exist_is_no_empty_one() -> None:
    with pytest.raises(RejectedRow, match="field topic is missing"):
        found(chosen=options(fields={"category": "topic"}))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with bench_of("zammad", monkeypatch) as made:
        yield made


def test_check_says_what_is_visible_and_which_attribute_is_not_there(bench: Bench) -> None:
    assert "no ticket is visible" in bench.source().check()
    bench.world.open()
    assert bench.source().check() == "Zammad, tickets up to id 1 are visible"
    with pytest.raises(SourceError, match=r"fields.category: tickets have no attribute") as caught:
        bench.source(fields={"category": "topic"}).check()
    assert caught.value.permanent


def test_without_articles_a_changed_ticket_costs_one_request_beside_the_search(
    bench: Bench,
) -> None:
    tickets = [bench.world.open() for _ in range(10)]
    source = bench.source(articles=False)
    assert {each.id for page in source.pages(None) for each in page.records} == set(
        map(str, tickets)
    )
    assert sum("articles" in each for each in bench.door.requests) == 0
    assert sum("history" in each for each in bench.door.requests) == 10


def test_a_search_that_ignores_the_condition_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would list everything from the beginning, at every poll."""
    monkeypatch.setenv("T", "7e57ed")

    async def everything(_: Request) -> JSONResponse:
        return JSONResponse([row(updated_at="2019-01-01T00:00:00.000Z")])

    app = Starlette(routes=[Route("/api/v1/tickets/search", everything, methods=["POST"])])
    since = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
    with served(app) as url:
        source = options(url=url).source("desk", ())
        with pytest.raises(SourceError, match="ignores the condition"):
            list(source.pages({"at": since, "seen": {}}))


def test_a_token_is_sent_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", "7e57ed")
    assert options().login().credentials(None).headers == {"Authorization": "Token token=7e57ed"}
    by_password = options(token=None, user="kpi", password="${T}")
    assert by_password.login().credentials(None).headers["Authorization"].startswith("Basic ")
