"""The Request Tracker source against a real Request Tracker 5."""

from __future__ import annotations

import time
from typing import Any

import pytest

from collector.model.page import Cursor
from collector.model.records import Change, Gone, Ticket
from collector.sources import make_source
from collector.sources.kit.contract import Source
from collector.sources.request_tracker.options import RequestTrackerOptions
from tests.worlds.real_rt import RealRT

pytestmark = pytest.mark.integration

PRIORITIES = {"0": "low", "50": "normal", "75": "high", "100": "urgent"}


def source(rt: RealRT, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Source:
    monkeypatch.setenv("LAB_TOKEN", rt.tokens["kpi"])
    settings = {
        "type": "request_tracker",
        "url": rt.url,
        "token": "${LAB_TOKEN}",
        "map": {"priority": PRIORITIES},
        **options,
    }
    return make_source("desk", RequestTrackerOptions.model_validate(settings), ())


def drain(tracker: Source, cursor: Cursor | None, since: int | None = None) -> Any:
    """The last record of each ticket, and the cursor."""
    records: dict[str, Ticket | Gone] = {}
    for page in tracker.pages(cursor, since):
        assert not page.rejected
        records.update({record.id: record for record in page.records})
        cursor = page.cursor
    return records, cursor


def values(ticket: Ticket, field: str) -> list[str]:
    return [change.value for change in ticket.changes if change.field == field]


def test_a_desks_life_is_followed(rt: RealRT, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = source(rt, monkeypatch)
    began = int(time.time())

    answered = rt.create(who="cust1", Priority=75)  # a customer may not fill in our fields
    rt.put(answered, CustomFields={"Municipality": "Hallsberg", "TicketType": "Incident"})
    rt.reply(answered, kind="comment")
    commented = int(time.time())
    time.sleep(1.1)  # the tracker's times are whole seconds
    rt.reply(answered)
    rt.put(answered, Queue="Second line")
    rt.put(answered, Status="stalled")
    phone = rt.create(Status="resolved")
    worked_out = rt.create(
        Priority=50, CustomFields={"Municipality": "Laxå", "TicketType": "Order"}
    )
    rt.put(worked_out, Status="open")
    rt.put(worked_out, Status="resolved")
    doomed, merged, target = rt.create(), rt.create(), rt.create()
    rt.create(Queue="Elsewhere")

    records, cursor = drain(tracker, None)
    assert set(records) == {answered, phone, worked_out, doomed, merged, target}
    first = records[answered]
    assert began <= first.opened_at <= commented < first.first_response_at <= time.time()
    assert (first.kind, first.priority, first.organization) == ("Incident", "high", "Hallsberg")
    assert (first.team, first.status) == ("Second line", "on_hold")
    assert first.resolved_at is None and not first.solved_by_registrar
    assert Change(first.opened_at, "kind", "Incident") in first.changes
    assert values(first, "team") == ["Servicedesk", "Second line"]
    assert values(first, "status") == ["new", "open", "on_hold"]
    solved = records[phone]
    assert solved.resolved_at == solved.first_resolved_at == solved.opened_at
    assert solved.solved_by_registrar and solved.first_response_at is None
    assert Change(solved.opened_at, "status", "resolved") in solved.changes
    order = records[worked_out]
    assert (order.kind, order.organization) == ("Order", "Laxå")
    assert order.solved_by_registrar and order.resolved_at is not None

    # Nothing new: nothing is delivered again.
    again, cursor = drain(tracker, cursor)
    assert again == {}

    rt.reply(worked_out, who="cust1")  # opens it again
    rt.put(worked_out, Priority=100, CustomFields={"TicketType": "Incident", "Private": "secret"})
    rt.put(answered, who="agent2", Status="resolved")
    rt.put(doomed, Status="deleted")
    rt.put(merged, MergeInto=target)
    late = rt.create()
    changed, cursor = drain(tracker, cursor)
    assert changed[doomed] == Gone(source="desk", id=doomed, mark="deleted", at=changed[doomed].at)
    assert changed[merged] == Gone(source="desk", id=merged, mark="merged", at=changed[merged].at)
    assert set(changed) == {worked_out, answered, doomed, merged, target, late}
    reopened = changed[worked_out]
    assert (reopened.status, reopened.resolved_at, reopened.reopened) == ("open", None, 1)
    assert reopened.first_resolved_at == order.resolved_at
    assert values(reopened, "priority") == ["normal", "urgent"]
    assert values(reopened, "kind") == ["Order", "Incident"]
    assert changed[answered].resolved_at is not None

    # A second first load, and a re-reading, tell the same as the feed has told.
    expected = {**records, **changed}
    whole, _ = drain(tracker, None)
    assert whole == expected
    reread, after = drain(tracker, cursor, since=began)
    assert reread == expected
    assert after == cursor
    assert "marked" not in repr(expected) and "cust1" not in repr(expected)


def test_the_check_names_version_and_hidden_fields(
    rt: RealRT, monkeypatch: pytest.MonkeyPatch
) -> None:
    rt.create()
    line = source(rt, monkeypatch).check()
    assert line.startswith("Request Tracker 5.") and "not seen" not in line
    hidden = source(rt, monkeypatch, fields={"category": "CF.Private"}).check()
    assert "CF.Private" in hidden and rt.tokens["kpi"] not in hidden


def test_user_and_password_serve_as_well(rt: RealRT, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", "kpi-password")
    by_password = source(rt, monkeypatch, token=None, user="kpi", password="${LAB_PASSWORD}")
    assert by_password.check().startswith("Request Tracker 5.")
