"""django-helpdesk, by answers recorded from 2.6.1; what is expected was written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from collector.io.http import HttpError
from collector.model.page import RejectedRow
from collector.model.records import Change, Gone, Ticket, Unrecorded
from collector.sources import make_source
from collector.sources.django_helpdesk import DjangoHelpdeskOptions, raw_ticket
from collector.sources.kit.contract import Source
from collector.sources.kit.raw import RawTicket
from tests.worlds.paths import FIXTURES
from tests.worlds.replay import replayed

RECORDED = FIXTURES / "django_helpdesk"
T = 1_795_991_298  # 2026-11-29T22:28:18Z, the opening of ticket 1
PEOPLE = ("cust@lab.test", "marked")


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("LAB_PASSWORD", "password-7e57ed")
    with replayed(RECORDED) as address:
        yield address


def source(url: str, **more: Any) -> Source:
    settings = {"type": "django_helpdesk", "url": url, "user": "kpi", "password": "${LAB_PASSWORD}"}
    settings["map"] = {"team": {"1": "Servicedesk", "2": "Second line"}, **more.pop("map", {})}
    return make_source("desk", DjangoHelpdeskOptions.model_validate({**settings, **more}), ())


@pytest.fixture
def found(url: str) -> dict[str, Any]:
    return {record.id: record for page in source(url).pages(None) for record in page.records}


def facts(ticket: Ticket, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(ticket, name) for name in names)


def test_every_ticket_is_read(found: dict[str, Any]) -> None:
    assert sorted(map(int, found)) == [*range(1, 9), *range(10, 22)]


def test_answered_and_resolved(found: dict[str, Any]) -> None:
    ticket = found["1"]
    assert facts(ticket, "opened_at", "first_response_at", "resolved_at") == (T, T + 6, T + 7)
    assert facts(ticket, "status", "priority", "team") == ("resolved", "normal", "Servicedesk")
    assert ticket.changes[:2] == (Change(T, "status", "open"), Change(T + 7, "status", "resolved"))
    assert (ticket.reopened, ticket.closed_at, ticket.solved_by_registrar) == (0, None, False)


def test_a_note_is_no_answer(found: dict[str, Any]) -> None:
    assert facts(found["2"], "first_note_at", "first_response_at") == (T + 8, T + 10)
    assert facts(found["4"], "first_note_at", "first_response_at") == (T + 14, None)


def test_reopened_and_closed(found: dict[str, Any]) -> None:
    ticket = found["6"]
    assert facts(ticket, "first_resolved_at", "resolved_at", "closed_at") == (
        T + 17,
        T + 19,
        T + 19,
    )
    assert ticket.reopened == 1


def test_merged_tickets_are_gone_and_duplicates_closed(found: dict[str, Any]) -> None:
    assert found["7"] == Gone(source="desk", id="7", mark="merged")
    assert facts(found["11"], "status", "resolved_at") == ("closed", T + 22)


def test_what_is_not_told_is_declared(url: str, found: dict[str, Any]) -> None:
    lacking = {Unrecorded.HOLDS, Unrecorded.ASSIGNMENT, Unrecorded.PRIORITIES, Unrecorded.TEAMS}
    lacking |= {Unrecorded.KIND, Unrecorded.ORGANIZATION, Unrecorded.CATEGORY}
    assert source(url).look().unrecorded == found["1"].unrecorded == lacking
    kind = {"kind": {"default": "incident"}}
    assert source(url, map=kind).look().unrecorded == lacking - {Unrecorded.KIND}


def test_customers_with_accounts_are_no_staff(url: str) -> None:
    pages = source(url, customers=[1]).pages(None)
    tickets = [each for page in pages for each in page.records if isinstance(each, Ticket)]
    assert {each.first_response_at for each in tickets} == {None}


def test_nothing_of_people_is_stored(url: str) -> None:
    kept = repr([(page.records, page.cursor) for page in source(url).pages(None)])
    assert not [each for each in PEOPLE if each in kept]


def test_a_ticket_no_longer_listed_is_asked_for_and_deleted(url: str) -> None:
    """Ticket 9 was listed once; by id it answers 404."""
    *_, last = source(url).pages(None)
    blocks = {**last.cursor["blocks"]}
    _, ids = blocks["0"]
    cursor = json.loads(json.dumps({"blocks": {**blocks, "0": ["before", ids | 1 << 9]}}))
    records = [record for page in source(url).pages(cursor) for record in page.records]
    assert Gone(source="desk", id="9", mark="deleted") in records


def test_check_counts(url: str) -> None:
    assert source(url).check() == "django-helpdesk, 20 tickets visible"


def test_a_wrong_password_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", "password-0bad")
    refused = {"GET /api/tickets/": "07_no_auth"}
    with (
        replayed(RECORDED, refused) as url,
        pytest.raises(HttpError, match="credentials") as caught,
    ):
        list(source(url).pages(None))
    assert caught.value.permanent


# -- the pure function ----------------------------------------------------------------------------


def row(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    whole = {"id": 3, "queue": 1, "status": 1, "on_hold": False, "priority": 3, "merged_to": None}
    start = {"id": 1, "user": None, "public": True, "comment": "x", "date": "2026-11-29T22:28:18Z"}
    listed = [{**start, **entry, "id": n} for n, entry in enumerate(({}, *entries), 1)]
    return {**whole, "followup_set": listed, **more}


def raw(*entries: dict[str, Any], **more: Any) -> RawTicket:
    return raw_ticket(row(*entries, **more), "https://desk.example", frozenset())


def test_a_click_without_a_text_is_no_answer() -> None:
    click = {"user": 1, "comment": "", "new_status": 3, "date": "2026-11-29T22:30:00Z"}
    assert [act.act for act in raw(click, status=3).actions] == ["status"]


def test_on_hold_is_known_now_and_not_since_when() -> None:
    held = raw(on_hold=True)
    assert held.fields["status"] == "on_hold"
    assert [(change.at, change.new) for change in held.changes] == [(T, "1")]
    assert raw(on_hold=True, status=4).fields["status"] == "4"


def test_a_status_that_no_follow_up_explains_has_no_known_time() -> None:
    assert Unrecorded.RESOLUTION in raw(status=4).unrecorded
    assert not raw().unrecorded


def test_without_a_follow_up_the_opening_is_unknown() -> None:
    with pytest.raises(RejectedRow, match="opened"):
        raw_ticket(row(followup_set=[]), "https://desk.example", frozenset())
