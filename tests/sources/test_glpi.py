"""GLPI, by answers recorded from 10.0.16; what is expected was counted by hand.

Recorded are all tickets, each one's log and follow-ups, and one ticket with its log in one answer.
The answers of the other tickets are put together in that form from their recorded parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.io.errors import SourceError
from collector.io.http import HttpError
from collector.model.page import RejectedRow
from collector.model.records import Gone, Ticket
from collector.sources import make_source
from collector.sources.glpi import GlpiOptions, raw_ticket
from collector.sources.kit.contract import Source
from collector.sources.kit.raw import RawTicket
from tests.worlds.paths import FIXTURES
from tests.worlds.replay import replayed

RECORDED = FIXTURES / "glpi"
T = 1_795_991_580  # 2026-11-29 23:33:00 in Stockholm; the recordings last two minutes from there
STOCKHOLM = ZoneInfo("Europe/Stockholm")
ENTITIES = {1: "North", 2: "South", 3: "East", 4: "West"}
PEOPLE = ("marked", "cust1", "agent1", "agent2")


def body(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())["body"]


def answers(folder: Path) -> None:
    """Write the answers of a session as recordings, each request with what was recorded for it."""
    listed = {row["id"]: row for row in body("02_tickets_raw") + body("06_tickets_deleted")}
    log = {row["id"]: row for row in body("51_log_feed_tickets")}
    written: dict[int, dict[int, Any]] = {}
    for path in sorted(RECORDED.glob("*.json")):
        for row in body(path.stem):
            if isinstance(row, dict) and row.get("itemtype") == "Ticket":
                if "linked_action" in row:
                    log[row["id"]] = row
                else:
                    written.setdefault(row["items_id"], {})[row["id"]] = row
    found: dict[str, Any] = {"initSession": {"session_token": "session-7e57ed"}}
    found["getFullSession"] = body("01_full_session")
    found["Log/"] = sorted(log.values(), key=lambda row: -row["id"])[:200]
    found["search/Ticket"] = {"data": [{"2": n} for n in sorted(listed) if n not in (7, 9)]}
    for number, row in listed.items():
        own = {str(e["id"]): e for e in log.values() if e["items_id"] == number}
        entity = f"Root entity &#62; {ENTITIES[row['entities_id']]}"
        category = "Mail" if row["itilcategories_id"] else 0
        names = {"entities_id": entity, "itilcategories_id": category, "_logs": own}
        found[f"Ticket/{number}"] = {**row, **names}
        found[f"Ticket/{number}/ITILFollowup"] = [*written.get(number, {}).values()]
        found[f"Ticket/{number}/Ticket_Ticket"] = []
    found["Ticket/1"] = body("57_with_logs")
    found["Ticket/7/Ticket_Ticket"] = body("10_merged_source_links")
    headers = {"Date": "Sun, 29 Nov 2026 22:34:36 GMT", "Content-Type": "application/json"}
    for n, (path, content) in enumerate(found.items()):
        request = {"method": "GET", "url": f"http://HOST/apirest.php/{path}"}
        answer = {"request": request, "status": 200, "headers": headers, "body": content}
        (folder / f"{n:02}.json").write_text(json.dumps(answer))


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("GLPI_TOKEN", "token-7e57ed")
    answers(tmp_path)
    with replayed(tmp_path) as address:
        yield address


def source(url: str, **more: Any) -> Source:
    settings = {
        "type": "glpi",
        "url": url,
        "token": "${GLPI_TOKEN}",
        "timezone": "Europe/Stockholm",
    }
    return make_source("desk", GlpiOptions.model_validate({**settings, **more}), ())


@pytest.fixture
def found(url: str) -> dict[str, Any]:
    return {record.id: record for page in source(url).pages(None) for record in page.records}


# Seconds after T; the columns: opened, first note, first response, first assigned, first resolved,
# resolved, closed, reopened.
BY_HAND = {
    1: (9, None, 31, 30, 35, 35, None, 0),
    2: (10, 36, 37, None, None, None, None, 0),
    3: (11, None, 39, None, 47, 47, None, 0),
    4: (11, None, None, None, None, None, None, 0),
    5: (12, None, 56, None, None, None, None, 0),
    6: (13, None, 57, None, 60, 68, None, 1),
    8: (15, None, 71, None, None, None, None, 0),
    11: (17, None, None, None, 75, 75, None, 0),
    13: (19, None, None, None, None, None, None, 0),
    15: (21, None, None, 81, None, None, None, 0),
    18: (23, None, None, None, 85, 85, 85, 0),
    19: (24, None, 88, None, 88, None, None, 1),
    20: (25, None, None, None, None, None, None, 0),
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


def history(ticket: Ticket, name: str) -> list[tuple[int, str]]:
    return [(change.at - T, change.value) for change in ticket.changes if change.field == name]


def test_every_ticket_is_read_but_those_in_the_trash(found: dict[str, Any]) -> None:
    listed = {row["id"] for row in body("02_tickets_raw")}
    assert {int(n) for n, each in found.items() if isinstance(each, Ticket)} == listed
    assert len(listed) == 21


def test_time_on_hold(found: dict[str, Any]) -> None:
    assert history(found["3"], "status") == [
        *((11, "new"), (11, "open"), (40, "on_hold"), (44, "open"), (47, "resolved")),
    ]


def test_a_move_between_groups_is_a_removal_and_an_addition(found: dict[str, Any]) -> None:
    assert history(found["5"], "team") == [(12, "Servicedesk"), (54, "Secondline")]
    assert found["5"].team == "Secondline"


def test_earlier_priorities_and_kinds(found: dict[str, Any]) -> None:
    assert history(found["4"], "priority") == [(11, "normal"), (49, "urgent"), (50, "low")]
    assert history(found["16"], "kind") == [(22, "incident"), (82, "request")]


def test_entity_and_category_have_names(found: dict[str, Any]) -> None:
    assert found["1"].organization == "Root entity > North"
    assert (found["1"].category, found["13"].category) == ("Mail", None)


def test_a_ticket_registered_and_solved_on_the_phone(found: dict[str, Any]) -> None:
    assert (found["11"].solved_by_registrar, found["1"].solved_by_registrar) == (True, False)


def test_its_own_time_to_own_is_kept_beside(found: dict[str, Any]) -> None:
    ticket = found["1"]
    assert ticket.own_first_response_at == T + 30
    assert ticket.own_response_due_at == ticket.opened_at + 1800
    assert ticket.own_resolution_due_at == ticket.opened_at + 4 * 3600
    assert (ticket.own_response_met, ticket.own_resolution_met) == (True, True)
    assert (found["20"].own_response_met, found["2"].own_response_due_at) == (None, None)


def test_a_ticket_in_the_trash_is_merged_or_deleted(url: str) -> None:
    system = source(url).system  # type: ignore[attr-defined]
    with system.connect() as connection:
        merged, deleted, purged = system.fetch(connection, ["7", "9", "10"])
    assert (merged.mark, merged.at) == ("merged", T + 93)
    assert (deleted.mark, deleted.at) == ("deleted", T + 72)
    assert (purged.mark, purged.at) == ("deleted", None)


def test_the_feed_tells_of_tickets_in_the_trash(url: str) -> None:
    cursor = {"low": 880, "seen": [], "walk": None}
    records = [record for page in source(url).pages(cursor) for record in page.records]
    assert Gone(source="desk", id="7", mark="merged", at=T + 93) in records


def test_nothing_of_people_is_stored(url: str) -> None:
    kept = repr([(page.records, page.cursor) for page in source(url).pages(None)])
    assert not [each for each in PEOPLE if each in kept]


def test_check_tells_a_wrong_time_zone(url: str) -> None:
    assert source(url).check() == "GLPI, tickets up to number 24 are visible"
    with pytest.raises(SourceError, match="60 min off in the zone Europe/London"):
        source(url, timezone="Europe/London").check()


def test_a_refused_login_is_said(url: str, tmp_path: Path) -> None:
    (tmp_path / "refused.json").write_text((RECORDED / "46_bad_login.json").read_text())
    refused = {"GET /apirest.php/initSession": "refused"}
    with replayed(tmp_path, refused) as address, pytest.raises(HttpError, match="credentials"):
        source(address).check()


# -- the pure function ----------------------------------------------------------------------------


def raw(*written: dict[str, Any], **more: Any) -> RawTicket:
    return raw_ticket({**body("57_with_logs"), **more}, written, "https://desk.example", STOCKHOLM)


def test_a_follow_up_by_a_requester_or_by_nobody_is_no_answer() -> None:
    at = {"date": None, "date_creation": "2026-11-29 23:33:31", "is_private": 0}
    replies = [{**at, "users_id": number} for number in (9, 0, 7)]
    acts = [each.by_staff for each in raw(*replies).actions if each.act == "reply"]
    assert acts == [False, False, True, True]  # the last is the solution


def test_a_ticket_without_a_log_has_an_empty_list() -> None:
    assert raw(_logs=[]).changes == []


def test_an_opening_that_is_no_time_is_refused() -> None:
    with pytest.raises(RejectedRow, match="date"):
        raw(date="soon")
