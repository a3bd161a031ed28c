"""History to facts, in the words of the kit and of no ticket system."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model.page import RejectedRow
from collector.model.records import Change, Ticket, Unrecorded
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import Action, RawChange, RawTicket

T = 1_600_000_000
STATUSES = {"1": "new", "2": "open", "4": "on_hold", "5": "resolved", "6": "closed"}
"""Numbers, as other systems have them."""


def ticket(*changes: RawChange, status: str = "2", **more: Any) -> Ticket:
    """What becomes of a ticket with this history; its last status is that of the history."""
    moves = [change.new for change in changes if change.field == "status"]
    fields = {"status": moves[-1] if moves else status, **more.pop("fields", {})}
    raw = {"resolved_at": None, "registered_by": "anna", "registered_by_staff": True, "url": None}
    raw |= {"actions": (), **more}
    mapper = Mapper({"status": STATUSES, "priority": {"Hög": "high"}}, ())
    whole = RawTicket(id="7", opened_at=T, fields=fields, changes=changes, **raw)
    return assemble("desk", whole, mapper)


NO_HISTORY = frozenset({Unrecorded.HOLDS, Unrecorded.REOPENINGS})


def totals(status: str, **more: Any) -> Ticket:
    """What becomes of a ticket of which a system only tells how it is now, and some times."""
    mapper = Mapper({"status": STATUSES}, ())
    raw = RawTicket(id="7", opened_at=T, fields={"status": status}, **more)
    return assemble("desk", raw, mapper, NO_HISTORY)


def status(after: int, old: str, new: str, by: str = "bo") -> RawChange:
    return RawChange(T + after, "status", old, new, by)


def test_a_life_with_a_hold_and_a_reopening() -> None:
    made = ticket(
        status(60, "1", "4"),
        status(120, "4", "2"),
        status(180, "2", "5"),
        status(240, "5", "2"),
        status(300, "2", "5"),
        status(360, "5", "6"),
    )
    line = [(change.at - T, change.value) for change in made.changes]
    assert line == [
        *((0, "new"), (60, "on_hold"), (120, "open"), (180, "resolved"), (240, "open")),
        *((300, "resolved"), (360, "closed")),
    ]
    assert (made.first_resolved_at, made.resolved_at) == (T + 180, T + 300)
    assert (made.closed_at, made.reopened, made.status) == (T + 360, 1, "closed")


def test_an_open_ticket_is_not_resolved_whatever_its_system_says() -> None:
    made = ticket(status(60, "2", "5"), status(90, "5", "2"), resolved_at=T + 60)
    assert (made.resolved_at, made.closed_at) == (None, None)
    assert made.first_resolved_at == T + 60


def test_the_system_is_believed_where_the_history_does_not_tell() -> None:
    assert ticket(status="5", resolved_at=T + 500).resolved_at == T + 500
    assert ticket(status="5").resolved_at == T
    assert ticket(status(60, "2", "5"), resolved_at=T + 500).resolved_at == T + 60


def cut(now: str, *changes: RawChange, **more: Any) -> Ticket:
    """What becomes of a ticket whose history lacks its last entries."""
    mapper = Mapper({"status": STATUSES}, ())
    raw = RawTicket(id="7", opened_at=T, fields={"status": now}, changes=changes, **more)
    return assemble("desk", raw, mapper)


def test_an_end_that_the_history_does_not_show_is_no_end_at_the_opening() -> None:
    made = cut("5", status(60, "1", "2"))
    assert (made.first_resolved_at, made.resolved_at) == (None, None)
    assert made.unrecorded == NO_HISTORY | {Unrecorded.RESOLUTION}
    assert cut("6", status(60, "1", "2")).unrecorded >= {Unrecorded.CLOSING}
    told = cut("6", status(60, "1", "2"), resolved_at=T + 90, closed_at=T + 99)
    assert (told.resolved_at, told.closed_at) == (T + 90, T + 99)
    assert told.unrecorded == NO_HISTORY


def test_an_end_that_the_history_does_not_show_is_not_that_of_an_earlier_resolution() -> None:
    line = (status(60, "1", "5"), status(90, "5", "2"))
    assert cut("5", *line).resolved_at is None
    stale = cut("5", *line, resolved_at=T + 60)
    assert stale.resolved_at is None and Unrecorded.RESOLUTION in stale.unrecorded
    again = cut("5", *line, resolved_at=T + 120)
    assert (again.first_resolved_at, again.resolved_at) == (T + 60, T + 120)


def test_a_reopening_that_the_history_does_not_show_is_not_none() -> None:
    made = cut("2", status(60, "1", "5"))
    assert (made.first_resolved_at, made.resolved_at) == (T + 60, None)
    assert made.unrecorded == NO_HISTORY


def test_only_staff_answers() -> None:
    actions = [
        Action(T + 10, "reply", by_staff=False),
        Action(T + 20, "note", by_staff=True),
        Action(T + 30, "status", by_staff=True),
        Action(T + 40, "reply", by_staff=True),
        Action(T + 50, "reply", by_staff=True),
        Action(T + 60, "assignment", by_staff=True),
    ]
    made = ticket(actions=actions)
    assert made.first_response_at == T + 40
    assert (made.first_note_at, made.first_status_at) == (T + 20, T + 30)
    assert made.first_assigned_at == T + 60


@pytest.mark.parametrize(
    ("by", "staff", "answered", "solved"),
    [
        ("anna", True, None, True),
        ("bo", True, None, False),
        ("anna", False, None, False),
        ("anna", True, 30, False),
        ("anna", True, 90, True),
    ],
)
def test_solved_by_whoever_registered_it(
    by: str, staff: bool, answered: int | None, solved: bool
) -> None:
    actions = [] if answered is None else [Action(T + answered, "reply", by_staff=True)]
    made = ticket(status(60, "2", "5", by), registered_by_staff=staff, actions=actions)
    assert made.solved_by_registrar is solved


def test_a_field_that_the_system_does_not_have_is_absent() -> None:
    made = ticket(RawChange(T + 5, "team", "A", "B", "bo"), fields={"priority": "Hög"})
    assert (made.team, made.priority, made.kind) == (None, "high", None)
    assert [change.field for change in made.changes] == ["status", "priority"]


def test_a_value_filled_in_later_counts_from_the_opening() -> None:
    team = RawChange(T + 50, "team", "", "First line", "bo")
    made = ticket(team, fields={"team": "First line"})
    assert Change(T, "team", "First line") in made.changes


@pytest.mark.parametrize("old", [None, ""])
def test_an_end_whose_status_before_is_not_told_is_not_at_the_opening(old: str | None) -> None:
    made = ticket(RawChange(T + 50, "status", old, "5", "bo"))
    assert (made.resolved_at, made.first_resolved_at) == (T + 50, T + 50)
    assert made.changes == (Change(T, "status", "new"), Change(T + 50, "status", "resolved"))
    held = ticket(RawChange(T + 50, "status", old, "4", "bo"))
    assert held.changes[-1] == Change(T + 50, "status", "on_hold")
    at_once = ticket(RawChange(T, "status", old, "5", "bo"))
    assert at_once.changes == (Change(T, "status", "resolved"),)


def test_an_unmapped_value_rejects_the_ticket() -> None:
    with pytest.raises(RejectedRow, match="priority 'Låg' is not mapped") as caught:
        ticket(fields={"priority": "Låg"})
    assert caught.value.reason == "unmapped_priority"


def test_without_a_history_the_systems_own_times_count() -> None:
    made = totals("6", resolved_at=T + 60, closed_at=T + 90)
    assert (made.first_resolved_at, made.resolved_at, made.closed_at) == (T + 60, T + 60, T + 90)
    assert made.changes == (Change(T, "status", "new"),)
    assert made.unrecorded == NO_HISTORY


def test_without_a_history_an_end_without_a_time_is_unknown() -> None:
    assert totals("5").unrecorded == NO_HISTORY | {Unrecorded.RESOLUTION}
    assert totals("6").unrecorded == NO_HISTORY | {Unrecorded.RESOLUTION, Unrecorded.CLOSING}
    assert totals("6", closed_at=T + 9).resolved_at == T + 9


def test_without_a_history_an_open_ticket_may_have_been_resolved_before() -> None:
    made = totals("2", resolved_at=T + 60, closed_at=T + 90)
    assert (made.first_resolved_at, made.resolved_at, made.closed_at) == (T + 60, None, None)


def test_without_a_history_a_hold_is_only_known_now() -> None:
    made = totals("4")
    assert (made.status, made.changes) == ("on_hold", (Change(T, "status", "new"),))


def test_a_closing_time_of_the_system_serves_a_ticket_that_was_closed_at_once() -> None:
    assert ticket(status="6", resolved_at=T + 5, closed_at=T + 9).closed_at == T + 9


def test_links_that_could_run_scripts_are_left_out() -> None:
    assert ticket(url="javascript:alert(1)").url is None
    assert ticket(url="https://desk.example/7").url == "https://desk.example/7"
