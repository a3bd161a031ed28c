"""Znuny, by answers recorded from 6.5.15; what is expected was counted by hand.

Recorded are the rows of tickets 2, 3, 4, 6 and 9 and the histories of 3, 4 and 5, by the routes of
that desk's own web service. For the other histories empty ones are answered.
"""

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
from starlette.types import ASGIApp

from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.model.records import Ticket, Unrecorded
from collector.sources import make_source
from collector.sources.kit.contract import Source
from collector.sources.kit.raw import NotVisible, RawTicket
from collector.sources.znuny import ZnunyOptions, raw_ticket
from tests.worlds.paths import FIXTURES
from tests.worlds.serving import served

RECORDED = FIXTURES / "znuny"
T = 1_795_324_074  # 2026-11-22 05:07:54 UTC, the opening of tickets 2 and 3
PEOPLE = ("cust1", "agent1", "Lab ", "broken", "we look", "internal")
ROOT = "/nph-genericinterface.pl/Webservice/Lab"
SESSION = {"SessionID": "6qSio90QPlOzg2GZYke9Qzvq4OEYtQLn"}
ROUTES = {"search": "POST /Ticket/Search", "history": "GET /Ticket/History/:TicketID"}


def body(name: str) -> Any:
    found = json.loads((RECORDED / f"{name}.json").read_text())
    return found.get("body", found)


def tickets() -> dict[str, dict[str, Any]]:
    names = ("02_get_two_extended", "03_get_open", "15_reopened_and_merged")
    return {str(row["TicketID"]): row for name in names for row in body(name)["Ticket"]}


def histories() -> dict[str, dict[str, Any]]:
    names = ("04_history", "05_history_reopened")
    return {each["TicketID"]: each for name in names for each in body(name)["TicketHistory"]}


def desk(refused: str | None = None, login: str = "01_session") -> ASGIApp:
    """A server of what was recorded. ``refused``: the answer to all but the login."""
    headers = {"Date": "Sun, 22 Nov 2026 05:07:59 GMT"}
    rows, told = tickets(), histories()

    def sent(content: Any) -> JSONResponse:
        return JSONResponse(content if refused is None else body(refused), headers=headers)

    async def session(request: Request) -> JSONResponse:
        assert await request.json() == {"UserLogin": "kpi", "Password": "password-7e57ed"}
        return JSONResponse(body(login), headers=headers)

    async def search(request: Request) -> JSONResponse:
        assert request.query_params["SessionID"] == SESSION["SessionID"]
        asked = await request.json()
        found = asked.get("TicketID") or body("06_search_newer")["TicketID"]
        since = asked.get("TicketLastChangeTimeNewerDate", "")
        known = [each for each in found if each in rows and rows[each]["Changed"] >= since]
        known = ["9"] if asked.get("SortBy") == "Age" else known  # the newest first
        return sent({"TicketID": known[: int(asked["Limit"])]} if known else {})

    def part(name: str, found: dict[str, Any]) -> Any:
        async def answer(request: Request) -> JSONResponse:
            ids = request.path_params["ids"].split(",")
            denied = not rows.keys() >= set(ids)
            some = [found.get(each, {"TicketID": each, "History": []}) for each in ids]
            return sent(body("10_missing") if denied else {name: some})

        return answer

    return Starlette(
        routes=[
            Route(f"{ROOT}/Session", session, methods=["POST"]),
            Route(f"{ROOT}/Ticket/Search", search, methods=["POST"]),
            Route(f"{ROOT}/Ticket/History/{{ids}}", part("TicketHistory", told)),
            Route(f"{ROOT}/Ticket/{{ids}}", part("Ticket", rows)),
        ]
    )


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZNUNY_PASSWORD", "password-7e57ed")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(desk()) as address:
        yield address


def options(url: str, **more: Any) -> ZnunyOptions:
    login = {"type": "znuny", "url": url, "user": "kpi", "password": "${ZNUNY_PASSWORD}"}
    return ZnunyOptions.model_validate({**login, "webservice": "Lab", "routes": ROUTES, **more})


def source(url: str, **more: Any) -> Source:
    return make_source("desk", options(url, **more), ())


@pytest.fixture(scope="module")
def found(url: str) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZNUNY_PASSWORD", "password-7e57ed")
        return {record.id: record for page in source(url).pages(None) for record in page.records}


# Seconds after T; the columns: opened, first response, first status, first assigned, first
# resolved, resolved, closed, reopened. Of 2 and 9 there is no history.
BY_HAND = {
    2: (0, 3, None, None, None, None, None, 0),
    3: (0, 3, 3, 0, 4, 4, 4, 0),
    4: (1, 4, 4, 1, 4, None, None, 1),
    9: (2, None, None, None, None, None, None, 0),
}
NAMES = (
    *("opened_at", "first_response_at", "first_status_at", "first_assigned_at"),
    *("first_resolved_at", "resolved_at", "closed_at"),
)


@pytest.mark.parametrize("number", BY_HAND)
def test_the_figures_equal_those_counted_by_hand(found: dict[str, Any], number: int) -> None:
    ticket = found[str(number)]
    seconds = [None if at is None else at - T for at in (getattr(ticket, name) for name in NAMES)]
    assert (*seconds, ticket.reopened) == BY_HAND[number]


def test_every_ticket_is_read_and_the_merged_one_marked(found: dict[str, Any]) -> None:
    assert {n: each.mark for n, each in found.items()} == {
        **dict.fromkeys(("2", "3", "4", "9")),
        "6": "merged",
    }


def history(ticket: Ticket, name: str) -> list[tuple[int, str]]:
    return [(change.at - T, change.value) for change in ticket.changes if change.field == name]


def test_time_on_hold(found: dict[str, Any]) -> None:
    assert history(found["3"], "status") == [
        *((0, "new"), (3, "open"), (4, "on_hold"), (4, "open"), (4, "closed")),
    ]


def test_values_as_they_are(found: dict[str, Any]) -> None:
    ticket = found["3"]
    assert (ticket.priority, ticket.team, ticket.organization) == ("high", "Servicedesk", "NORTH")
    assert (ticket.kind, ticket.category) == ("Unclassified", None)
    assert (found["4"].status, found["9"].status) == ("open", "new")


def test_notes_are_not_told(found: dict[str, Any]) -> None:
    assert Unrecorded.NOTE in found["2"].unrecorded, "article 10 is an internal one by an agent"


def test_its_own_verdicts_are_kept_beside(found: dict[str, Any]) -> None:
    assert found["2"].own_first_response_at == T + 3
    assert (found["2"].own_response_met, found["2"].own_resolution_met) == (True, None)
    assert found["2"].own_resolution_due_at == 1_795_435_200
    assert (found["3"].own_response_met, found["3"].own_resolution_met) == (True, True)
    assert (found["9"].own_response_due_at, found["9"].own_response_met) == (1_795_422_600, None)


def test_one_ticket_without_access_does_not_hide_the_others(url: str) -> None:
    system = source(url).system  # type: ignore[attr-defined]
    with system.connect() as connection:
        found = list(system.fetch(connection, ["2", "999999", "3"]))
        assert system.existing(connection, ["2", "999999"]) == {"2"}
    became = {each.id: type(each) for each in found}
    assert became == {"2": RawTicket, "999999": NotVisible, "3": RawTicket}


def test_nothing_of_people_is_stored(url: str) -> None:
    kept = repr([(page.records, page.cursor) for page in source(url).pages(None)])
    assert not [each for each in PEOPLE if each in kept]


def test_check_tells_a_wrong_time_zone(url: str) -> None:
    assert source(url).check() == "Znuny, tickets are visible"
    with pytest.raises(SourceError, match="-60 min off in the zone Europe/Paris"):
        source(url, timezone="Europe/Paris").check()


def test_a_session_that_ended_is_renewed_once_and_then_said() -> None:
    with (
        served(desk("09_badauth")) as address,
        pytest.raises(SourceError, match="refuses the search") as caught,
    ):
        source(address).check()
    assert caught.value.permanent


def test_a_refused_login_is_said() -> None:
    with (
        served(desk(login="09_badauth")) as address,
        pytest.raises(SourceError, match="refuses the login; check user, password") as caught,
    ):
        source(address).check()
    assert caught.value.permanent


@pytest.mark.parametrize("route", ["GET /Session", "PUT /Ticket", "/Ticket", "GET Ticket"])
def test_a_route_is_a_method_and_a_path_and_the_login_never_in_one(route: str) -> None:
    name = "session" if "Session" in route else "search"
    with pytest.raises(ValidationError, match=f"routes.{name}"):
        options("https://desk.example", routes={name: route})


def test_nothing_found_is_an_empty_object_and_no_other_one() -> None:
    with served(desk("08_search_empty")) as address:
        for read in (source(address).check, lambda: list(source(address).pages(None))):
            with pytest.raises(SourceError, match="no ticket is visible to this user"):
                read()
    with (
        served(desk("01_session")) as address,
        pytest.raises(SourceError, match="the field TicketID"),
    ):
        source(address).check()


# -- the pure function ----------------------------------------------------------------------------


def raw(*lines: dict[str, Any], robots: tuple[int, ...] = (1,), **more: Any) -> RawTicket:
    row = {**tickets()["4"], **more}
    return raw_ticket(row, {"History": list(lines)}, options("https://desk.example", robots=robots))


def line(what: str, name: str, by: int = 2) -> dict[str, Any]:
    at = "2026-11-22 05:07:58"
    return {"HistoryType": what, "Name": name, "CreateBy": by, "CreateTime": at}


def test_a_move_names_the_new_queue_first() -> None:
    found = raw(*histories()["5"]["History"], Queue="Secondline")
    moves = [(each.old, each.new) for each in found.changes if each.field == "team"]
    assert moves == [("Servicedesk", "Secondline")]


def test_a_priority_names_the_old_one_first() -> None:
    found = raw(line("PriorityUpdate", "%%3 normal%%3%%4 high%%4"))
    assert [(each.old, each.new) for each in found.changes] == [("3 normal", "4 high")]


def test_the_first_type_is_no_change_and_words_of_add_ons_are_none() -> None:
    lines = line("TypeUpdate", "%%Unclassified%%1"), line("PriorityUpdate", "raised by an add-on")
    assert raw(*lines).changes == []


def test_machines_register_and_own_no_ticket() -> None:
    lines = line("NewTicket", "%%1%%Raw%%3 normal%%new%%4", by=1), line("OwnerUpdate", "%%root%%1")
    found = raw(*lines)
    assert (found.registered_by_staff, found.actions[0].act) == (False, "reply")
    assert raw(line("NewTicket", "%%1"), robots=(2,)).registered_by_staff is False


def test_an_address_is_no_organization() -> None:
    assert raw(CustomerID="cust1@north.example.test").fields["organization"] is None


def test_an_opening_that_is_no_time_is_refused() -> None:
    with pytest.raises(RejectedRow, match="Created"):
        raw(Created="soon")
