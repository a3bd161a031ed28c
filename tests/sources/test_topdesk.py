"""TOPdesk's rows as tickets; how they are asked for is in tests/conformance."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model.page import RejectedRow
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.raw import Ignored
from collector.sources.topdesk import Topdesk, TopdeskOptions, raw_ticket

OPENED = 1_795_322_640  # 2026-11-22T04:44:00Z
OPTIONS = TopdeskOptions.model_validate(
    {
        "type": "topdesk",
        "url": "https://desk.example.org",
        "user": "kpi",
        "password": "${TOPDESK_PASSWORD}",
        "map": {"priority": {"P1": "urgent"}},
    }
)
ROW: dict[str, Any] = {
    "id": "c3f2",
    "status": "firstLine",
    "callType": {"id": "1", "name": "Incident"},
    "priority": {"id": "2", "name": "P1"},
    "operatorGroup": {"id": "3", "name": "Servicedesk"},
    "callerBranch": {"id": "4", "name": "North", "timeZone": "Europe/Stockholm"},
    "category": None,
    "onHold": False,
    "targetDate": "2026-11-22T08:44:00.000+0000",
    "responded": True,
    "responseDate": "2026-11-22T04:50:00.000+0000",
    "completed": False,
    "completedDate": None,
    "closed": False,
    "closedDate": None,
    "callDate": "2026-11-22T04:44:00.000+0000",
    "modificationDate": "2026-11-22T05:00:00.000+0000",
}


def action(minute: int, **more: Any) -> dict[str, Any]:
    at = f"2026-11-22T04:{minute}:00.000+0000"
    return {"entryDate": at, "memoText": "x", "operator": {"name": "Anna"}, "person": None, **more}


def ticket(trail: list[dict[str, Any]], **more: Any):  # type: ignore[no-untyped-def]
    raw = raw_ticket({**ROW, **more}, trail, OPTIONS.url)
    return assemble("desk", raw, OPTIONS.mapper(), OPTIONS.unrecorded)


def test_the_present_state_and_its_own_times() -> None:
    found = ticket([])
    assert (found.opened_at, found.status, found.priority) == (OPENED, "open", "urgent")
    assert (found.kind, found.team, found.organization) == ("Incident", "Servicedesk", "North")
    assert (found.own_first_response_at, found.own_resolution_due_at) == (
        OPENED + 360,
        OPENED + 4 * 3600,
    )
    assert found.first_response_at is None
    assert found.url == "https://desk.example.org/tas/secure/incident?unid=c3f2"


def test_an_answer_is_what_an_operator_wrote_for_the_caller_to_see() -> None:
    mail = {"entryDate": "2026-11-22T04:45:00Z", "title": "received", "details": "x", "sender": "y"}
    file = {"entryDate": "2026-11-22T04:45:00Z", "fileName": "x", "operator": {"name": "Anna"}}
    trail = [
        action(52),
        action(51, invisibleForCaller=False),
        action(50, invisibleForCaller=True),
        action(46, operator=None, person={"name": "Carla"}),
        mail,
        file,
    ]
    found = ticket(trail)
    assert found.first_response_at == OPENED + 7 * 60
    assert found.first_note_at == OPENED + 6 * 60


@pytest.mark.parametrize(
    ("state", "status", "resolved", "met"),
    [
        ({"onHold": True}, "on_hold", None, None),
        ({"completed": True, "completedDate": "2026-11-22T05:44:00Z"}, "resolved", 3600, True),
        ({"completed": True, "completedDate": "2026-11-22T09:44:00Z"}, "resolved", 18000, False),
        (
            {
                "completed": True,
                "completedDate": "2026-11-22T05:44:00Z",
                "closed": True,
                "closedDate": "2026-11-22T06:44:00Z",
            },
            "closed",
            3600,
            True,
        ),
        ({"completed": False, "completedDate": "2026-11-22T05:44:00Z"}, "open", None, None),
    ],
)
def test_completed_is_resolved(
    state: dict[str, Any], status: str, resolved: int | None, met: bool | None
) -> None:
    """A date that is left from before a reopening counts for nothing."""
    found = ticket([], **state)
    assert (found.status, found.own_resolution_met) == (status, met)
    assert found.resolved_at == (None if resolved is None else OPENED + resolved)
    assert found.closed_at == (OPENED + 7200 if status == "closed" else None)


def test_a_partial_incident_is_none_of_its_own() -> None:
    system = Topdesk(OPTIONS)
    with system.connect() as connection:
        found = system.ticket(connection, {**ROW, "status": "partialArchived"})
    assert found == Ignored("c3f2", "partial")


@pytest.mark.parametrize("name", ["callDate", "modificationDate", "id"])
def test_a_row_without_what_is_needed_is_refused(name: str) -> None:
    with pytest.raises(RejectedRow, match=name):
        raw_ticket({**ROW, name: None}, [], OPTIONS.url)


def test_check_says_what_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [ROW, {**ROW, "id": "d4", "priority": {"name": "P9"}}, {**ROW, "status": "partial"}]
    monkeypatch.setattr(
        "collector.sources.topdesk._listed", lambda *_, **more: iter(rows if not more else ())
    )
    system = Topdesk(OPTIONS)
    with system.connect() as connection:
        monkeypatch.setattr(system, "FEED_ROWS", 3)
        said = system.check(connection)
    assert said == (
        "TOPdesk, 3 or more incidents visible; 1 cannot be used: ticket d4: priority 'P9' is not "
        "mapped: add it (or a default) under map.priority"
    )
