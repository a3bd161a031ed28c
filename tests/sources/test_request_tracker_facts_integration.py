"""Owners, notes and deadlines of a real Request Tracker 5, as the source tells them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from collector.model.records import Gone, Ticket
from tests.sources.test_request_tracker_integration import drain, source
from tests.worlds.real_rt import RealRT

pytestmark = pytest.mark.integration

RESPONSE, RESOLUTION = 1800, 8 * 3600


def told(ticket: Ticket) -> tuple[Any, ...]:
    """RT's deadlines as seconds since the opening, each with its verdict."""
    dues = ticket.own_response_due_at, ticket.own_resolution_due_at
    response, resolution = (None if due is None else due - ticket.opened_at for due in dues)
    return response, ticket.own_response_met, resolution, ticket.own_resolution_met


def near(limit: int) -> Any:
    """RT's clock may tick between a ticket's creation and what follows it."""
    return pytest.approx(limit, abs=3)


def test_own_verdicts(rt: RealRT, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = source(rt, monkeypatch, robots=["Robot"])

    def asked(level: str | None = None) -> str:
        number = rt.create(who="cust1", Queue="Agreed")
        if level:
            rt.put(number, SLA=level)
        return number

    silent, answered, followed, unanswered = (asked() for _ in range(4))
    late, in_loop, only_resolved = asked("at_once"), asked("in_loop"), asked("resolved")
    ignoring, by_robot, by_hand = asked("ignoring"), asked(), asked()
    phone, without = rt.create(Queue="Agreed", Status="resolved"), rt.create(who="cust1")
    records, cursor = drain(tracker, None)
    assert told(records[silent]) == (near(RESPONSE), None, None, None)
    assert told(records[answered]) == (near(RESPONSE), None, None, None)
    assert told(records[late]) == (near(0), None, None, None)
    assert told(records[phone]) == (None, None, near(RESOLUTION), True)
    assert records[phone].solved_by_registrar

    time.sleep(1.1)  # the tracker's times are whole seconds
    for number in (answered, followed, late, in_loop, only_resolved, ignoring):
        rt.reply(number)
    rt.reply(followed, who="cust1")
    rt.reply(by_robot, who="robot")
    time.sleep(1.1)
    rt.reply(in_loop)
    rt.put(by_hand, Due="2031-01-01 00:00:00")
    rt.put(without, Due="2031-01-01 00:00:00")
    done = answered, followed, unanswered, late, in_loop, only_resolved, ignoring, by_hand, without
    for number in done:
        rt.put(number, Status="resolved")
    records, cursor = drain(tracker, cursor)
    assert told(records[answered]) == (near(RESPONSE), True, near(RESOLUTION), True)
    assert told(records[followed]) == (near(RESPONSE), True, None, None)
    assert told(records[unanswered]) == (near(RESPONSE), True, None, None)
    assert told(records[late]) == (near(0), False, None, None)
    assert told(records[in_loop]) == (near(RESPONSE), True, None, None)
    assert told(records[only_resolved]) == (None, None, near(RESOLUTION), True)
    assert told(records[ignoring]) == (near(RESPONSE), True, near(RESOLUTION), True)
    assert told(records[by_robot]) == (near(RESPONSE), True, None, None)
    assert records[by_robot].first_response_at is None
    assert told(records[by_hand]) == told(records[without]) == (None, None, None, None)
    assert silent not in records
    for record in records.values():
        assert record.own_first_response_at is None

    quiet = source(rt, monkeypatch, sla=False)
    whole, _ = drain(quiet, None)
    assert {told(whole[number]) for number in done} == {(None, None, None, None)}


def test_owners_and_statuses(rt: RealRT, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = source(rt, monkeypatch, robots=["robot"])
    owned, given, taken, by_robot, free = (
        rt.create(Owner="agent2"),
        *(rt.create(who="cust1") for _ in range(4)),
    )
    records, cursor = drain(tracker, None)
    assert records[owned].first_assigned_at == records[owned].opened_at
    assert {records[n].first_assigned_at for n in (given, taken, by_robot, free)} == {None}

    time.sleep(1.1)
    rt.put(by_robot, who="robot", Owner="agent1", Status="open")
    changed, cursor = drain(tracker, cursor)
    assert set(changed) == {by_robot}
    assert (changed[by_robot].first_assigned_at, changed[by_robot].first_status_at) == (None, None)

    rt.put(given, Owner="agent2")
    rt.call("PUT", f"/ticket/{taken}/take", "agent2", json={})
    rt.call("PUT", f"/ticket/{by_robot}/steal", "agent2", json={})
    before = int(time.time())
    changed, cursor = drain(tracker, cursor)
    assert set(changed) == {given, taken, by_robot}
    firsts = {n: changed[n].first_assigned_at for n in changed}
    assert all(records[n].opened_at < at <= before for n, at in firsts.items())

    time.sleep(1.1)
    rt.call("PUT", f"/ticket/{taken}/untake", "agent2", json={})
    rt.call("PUT", f"/ticket/{taken}/take", "agent1", json={})
    rt.put(free, Status="stalled")
    changed, cursor = drain(tracker, cursor)
    assert changed[taken].first_assigned_at == firsts[taken]
    assert changed[free].first_status_at is not None
    whole, _ = drain(tracker, None)
    assert {n: whole[n].first_assigned_at for n in firsts} == firsts
    assert "agent2" not in repr(whole)


def test_notes_and_hidden_notes(rt: RealRT, monkeypatch: pytest.MonkeyPatch) -> None:
    """The noter sees comments in Servicedesk, and tickets without their comments in Quiet."""
    monkeypatch.setitem(rt.tokens, "kpi", rt.tokens["noter"])
    line = source(rt, monkeypatch).check()
    assert "comment" not in line
    tracker = source(rt, monkeypatch, comments=True, robots=["robot"])
    noted, quiet = rt.create(who="cust1"), rt.create(who="cust1", Queue="Quiet")
    rt.reply(quiet, kind="comment")
    line = tracker.check()
    assert "no comments visible in: Quiet, Servicedesk (right ShowTicketComments?)" in line
    records, cursor = drain(tracker, None)
    assert records[noted].first_note_at is None

    rt.reply(noted, who="robot", kind="comment")
    time.sleep(1.1)
    before = int(time.time())
    rt.reply(noted, kind="comment")
    assert "no comments visible in: Quiet (right" in tracker.check()
    changed, cursor = drain(tracker, cursor)
    assert set(changed) == {noted}
    assert changed[noted].first_note_at >= before
    assert changed[noted].first_response_at is None

    rt.reply(quiet, kind="comment")  # which touches nothing that is seen
    unseen, cursor = drain(tracker, cursor)
    assert unseen == {}
    late = rt.create()
    rt.reply(late, kind="comment")
    whole, _ = drain(tracker, None)
    assert whole[noted] == changed[noted]
    assert whole[late].first_note_at is not None
    hidden = [number for number, record in whole.items() if record.team == "Quiet"]
    assert len(hidden) == 2 and {whole[n].first_note_at for n in hidden} == {None}
    assert {whole[n].opened_at > 0 for n in hidden} == {True}


def test_when_a_ticket_vanished(rt: RealRT, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = source(rt, monkeypatch)
    began = int(time.time())
    first, second, third, doomed = (rt.create() for _ in range(4))
    _, cursor = drain(tracker, None)
    rt.put(first, MergeInto=second)
    once = int(time.time())
    time.sleep(1.1)
    rt.put(second, MergeInto=third)
    rt.put(doomed, Status="deleted")
    changed, _ = drain(tracker, cursor)
    marks = {n: record.mark for n, record in changed.items() if isinstance(record, Gone)}
    assert marks == {first: "merged", second: "merged", doomed: "deleted"}
    assert began <= changed[first].at <= once < changed[second].at <= time.time()
    assert once < changed[doomed].at <= time.time()
