"""iTop, by answers recorded from 3.2; what is expected was counted by hand.

Recorded are the rows of all tickets and their operations, each class in one answer. The fake of the
conformance suite answers the source's own questions from them. Accounts were not recorded: all acts
are those of one administrator, who is nobody's caller.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.model.records import Gone, Ticket
from collector.sources import make_source
from collector.sources.itop import ItopOptions, raw_ticket
from collector.sources.kit.contract import Source
from collector.sources.kit.raw import NotVisible, RawTicket, Removed
from collector.sources.kit.windows import WindowedSystem
from tests.conformance.systems.itop import core_get
from tests.worlds.paths import FIXTURES
from tests.worlds.replay import replayed
from tests.worlds.serving import served

RECORDED = FIXTURES / "itop"
T = 1_795_990_860  # 2026-11-29 23:21:00 in Paris; the recordings begin in this minute
PEOPLE = ("Cust", "Agent", "My first name", "marked")
_TICKETS = ("02_userrequests", "03_incidents")
_OPERATIONS = (
    *("13_history_create", "11_history_status", "15_history_caselog"),
    "22_history_delete_ticket",
)


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return found


def rows(*names: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The objects of recordings: class, id and fields."""
    for name in names:
        for each in recorded(name)["body"]["objects"].values():
            fields = {**each["fields"], "finalclass": each["class"]}
            yield each["class"], int(each["key"]), fields


def objects(name: str) -> list[tuple[str, int, dict[str, Any]]]:
    """What was recorded of a class. All tickets have the caller of ticket 2 (recording 05)."""
    if name == "User":
        return [("User", 1, {"contactid": "1"})]
    if name == "Team":
        return list(rows("24_teams"))
    if name in ("Ticket", "UserRequest", "Incident"):
        found = [(c, n, {**fields, "caller_id": "40"}) for c, n, fields in rows(*_TICKETS)]
        return [each for each in found if name in ("Ticket", each[0])]
    return [each for each in rows(*_OPERATIONS) if name in ("CMDBChangeOp", each[0])]


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ITOP_TOKEN", "token-7e57ed")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:

    async def answer(request: Request) -> JSONResponse:
        assert request.headers["Auth-Token"] == "token-7e57ed"
        asked = json.loads(parse_qs((await request.body()).decode())["json_data"][0])
        headers = {"Date": "Sun, 29 Nov 2026 22:25:13 GMT"}
        return JSONResponse(core_get(asked, objects(asked["class"])), headers=headers)

    with served(Starlette(routes=[Route("/webservices/rest.php", answer, methods=["POST"])])) as at:
        yield at


def source(url: str, **more: Any) -> Source:
    settings = {"type": "itop", "url": url, "token": "${ITOP_TOKEN}", "timezone": "Europe/Paris"}
    return make_source("desk", ItopOptions.model_validate({**settings, **more}), ())


@pytest.fixture(scope="module")
def found(url: str) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ITOP_TOKEN", "token-7e57ed")
        return {record.id: record for page in source(url).pages(None) for record in page.records}


# Seconds after T; the columns: opened, first note, first response, first assigned, first resolved,
# resolved, closed, reopened. Counted in 02, 03 (opened), 11 (status, owner) and 15 (logs).
BY_HAND = {
    1: (25, None, 47, 45, 48, 48, None, 0),
    2: (27, None, 52, 50, 60, 60, None, 0),
    3: (27, None, None, 61, None, None, None, 0),
    4: (29, None, 68, 65, None, None, None, 0),
    5: (30, None, None, 70, 72, 80, None, 1),
    6: (30, None, None, 82, 84, 84, 85, 0),
    7: (32, None, None, 89, 91, 91, None, 0),
    8: (33, None, None, 91, 91, 91, None, 0),
    10: (35, None, 93, 95, None, None, None, 0),
    11: (36, 97, None, None, None, None, None, 0),
    12: (37, None, None, None, None, None, None, 0),
    13: (38, None, None, None, None, None, None, 0),
    14: (38, None, None, None, None, None, None, 0),
    15: (39, None, None, None, None, None, None, 0),
    16: (40, None, None, None, None, None, None, 0),
    17: (41, None, None, None, None, None, None, 0),
    18: (41, None, None, None, None, None, None, 0),
    19: (42, None, None, None, None, None, None, 0),
    20: (43, None, None, None, None, None, None, 0),
    21: (44, None, None, None, None, None, None, 0),
}
NAMES = (
    *("opened_at", "first_note_at", "first_response_at", "first_assigned_at"),
    *("first_resolved_at", "resolved_at", "closed_at"),
)


@pytest.mark.parametrize("number", BY_HAND)
def test_the_figures_equal_those_counted_by_hand(found: dict[str, Any], number: int) -> None:
    ticket = found[str(number)]
    seconds = [at and at - T for at in (getattr(ticket, name) for name in NAMES)]
    assert (*seconds, ticket.reopened) == BY_HAND[number]


def test_long_histories_are_read_in_windows_of_numbers(
    url: str, found: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WindowedSystem, "WINDOW", 7)
    pages = source(url).pages({"low": 0, "seen": [], "walk": None})
    followed = {record.id: record for page in pages for record in page.records}
    assert followed == found


def history(ticket: Ticket, name: str) -> list[tuple[int, str]]:
    return [(change.at - T, change.value) for change in ticket.changes if change.field == name]


def test_every_ticket_is_read_and_the_deleted_one_known(found: dict[str, Any]) -> None:
    assert {int(n) for n, each in found.items() if isinstance(each, Ticket)} == BY_HAND.keys()
    assert found["9"] == Gone(source="desk", id="9", mark="deleted", at=T + 92)


def test_time_on_hold(found: dict[str, Any]) -> None:
    assert history(found["2"], "status") == [
        *((27, "new"), (50, "open"), (53, "on_hold"), (58, "open"), (60, "resolved")),
    ]


def test_teams_have_names_and_the_first_begins_at_the_opening(found: dict[str, Any]) -> None:
    assert history(found["4"], "team") == [(29, "Helpdesk"), (67, "Network support")]
    assert (found["4"].team, found["21"].team) == ("Network support", None)


def test_earlier_priorities(found: dict[str, Any]) -> None:
    assert history(found["3"], "priority") == [(27, "low"), (63, "urgent")]


def test_the_class_or_the_type_of_a_request_is_the_kind(found: dict[str, Any]) -> None:
    assert (found["1"].kind, found["2"].kind) == ("incident", "request")


def test_organization_and_service(found: dict[str, Any]) -> None:
    assert (found["1"].organization, found["21"].organization) == ("North", "South")
    assert found["1"].category == "Software"


def test_a_child_is_resolved_with_its_parent(found: dict[str, Any]) -> None:
    assert history(found["8"], "status") == [(33, "new"), (91, "resolved")]


def test_registered_and_solved_by_one_person_without_an_answer(found: dict[str, Any]) -> None:
    assert [n for n in BY_HAND if found[str(n)].solved_by_registrar] == [5, 6, 7, 8]


def test_its_own_time_to_own_is_kept_beside(found: dict[str, Any]) -> None:
    assert (found["10"].own_first_response_at, found["10"].first_response_at) == (T + 95, T + 93)
    assert found["1"].own_response_met is None, "no SLA applies, though sla_tto_passed is no"


def test_what_is_missing_was_deleted_or_is_not_visible(url: str) -> None:
    system = source(url).system  # type: ignore[attr-defined]
    with system.connect() as connection:
        found = {each.id: each for each in system.fetch(connection, ["1", "9", "99"])}
        assert system.existing(connection, ["1", "9", "99"]) == {"1"}
    assert isinstance(found["1"], RawTicket)
    assert (found["9"], found["99"]) == (Removed("9", "deleted", T + 92), NotVisible("99"))


def test_nothing_of_people_is_stored(url: str) -> None:
    kept = repr([(page.records, page.cursor) for page in source(url).pages(None)])
    assert not [each for each in PEOPLE if each in kept]


def test_check_tells_a_wrong_time_zone(url: str) -> None:
    assert source(url).check() == "iTop, tickets up to number 21 are visible"
    with pytest.raises(SourceError, match="57 min off in the zone Europe/London"):
        source(url, timezone="Europe/London").check()


@pytest.mark.parametrize(
    ("name", "said", "permanent"),
    [
        ("20_bad_login", r"code 1\); check the login", True),
        ("21_no_version", r"code 2\)", True),
        ("18_bad_oql", r"code 100\); check classes", False),
        ("19_bad_field", r"code 100\); check classes", False),
    ],
)
def test_an_error_inside_a_200_is_one(name: str, said: str, permanent: bool) -> None:
    also = {"POST /webservices/rest.php?version=1.4": name}
    with replayed(RECORDED, also) as address, pytest.raises(SourceError, match=said) as caught:
        list(source(address).pages(None))
    assert caught.value.permanent is permanent


@pytest.mark.parametrize("name", ["08_page9", "14_history_delete", "16_deleted_ticket", "17_none"])
def test_nothing_found_is_null(name: str) -> None:
    with replayed(RECORDED, {"POST /webservices/rest.php?version=1.4": name}) as address:
        for read in (source(address).check, lambda: list(source(address).pages(None))):
            with pytest.raises(SourceError, match="no ticket is visible to this user"):
                read()


# -- the pure function ----------------------------------------------------------------------------


def raw(*entries: dict[str, Any], outside: tuple[str, ...] = ("0", "9"), **more: Any) -> RawTicket:
    _, number, fields = next(rows("23_reopened_now"))
    row = {**fields, "id": str(number), "class": "UserRequest", "caller_id": "40", **more}
    options = ItopOptions.model_validate(
        {"type": "itop", "url": "https://desk.example", "token": "${T}", "timezone": "Europe/Paris"}
    )
    return raw_ticket(row, entries, outside, {"0": None}, options)


def entry(number: int, **fields: str) -> dict[str, str]:
    return {"id": str(number), "date": "2026-11-29 23:22:31", "user_id": "1", **fields}


def test_an_entry_by_the_caller_or_by_nobody_is_no_answer() -> None:
    logged = [entry(n, attcode="public_log", user_id=by) for n, by in enumerate(("9", "0", "1"))]
    assert [each.by_staff for each in raw(*logged).actions] == [False, False, True]


def test_operations_count_in_the_order_of_their_numbers() -> None:
    resolved = entry(9, attcode="status", oldvalue="assigned", newvalue="resolved")
    assigned = entry(10, attcode="status", oldvalue="resolved", newvalue="assigned")
    assert [each.new for each in raw(assigned, resolved).changes] == ["resolved", "assigned"]


def test_a_missed_deadline_is_told_and_a_kept_one_not() -> None:
    missed = raw(sla_tto_passed="yes", tto_escalation_deadline="2026-11-29 23:22:00")
    assert (missed.own.response_met, missed.own.response_due_at) == (False, T + 60)
    assert raw(sla_tto_passed="no").own.response_met is None


def test_an_opening_that_is_no_time_is_refused() -> None:
    with pytest.raises(RejectedRow, match="start_date"):
        raw(start_date="soon")
