"""What the Request Tracker source tells beside answers: notes, owners, statuses, deadlines."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from collector.cli.demo.desk import Desk
from collector.cli.demo.tickets import DeskModel
from collector.model.page import RejectedRow
from collector.model.records import Gone, Status, Ticket, Unrecorded
from collector.sources.request_tracker.api import Api
from collector.sources.request_tracker.rows import Event, row_of
from collector.sources.request_tracker.tickets import removed_at
from tests.worlds.rt_lab import DAY, START, TOKEN, Lab, recorded, resumed, source, stored

SEEN = "Second line"
"""The queue whose comments are seen."""


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TOKEN", TOKEN)


class ShortDeadlines:
    """Answered within ten minutes, resolved within a hundred."""

    def response(self, priority: int, asked_at: int) -> int:
        return asked_at + 600

    def resolution(self, priority: int, opened_at: int) -> int:
        return opened_at + 6000


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(Desk(agreement=ShortDeadlines()), comments=[SEEN]).running() as running:
        yield running


def only(lab: Lab, **options: Any) -> Ticket:
    """The one ticket of the desk as a first load tells it, and the feed too."""
    (ticket,) = stored(lab.poll(None, **options)).values()
    assert isinstance(ticket, Ticket)
    return ticket


def firsts(ticket: Ticket) -> tuple[int | None, ...]:
    """First answer, note, change of status and owner, in seconds since the beginning."""
    instants = (
        *(ticket.first_response_at, ticket.first_note_at),
        *(ticket.first_status_at, ticket.first_assigned_at),
    )
    return tuple(None if at is None else at - START for at in instants)


def act(lab: Lab, number: int, at: int, who: str) -> None:
    """One person does everything that could be taken for an answer, a second apart."""
    lab.desk.comment(START + at, number, who)
    lab.desk.set_owner(START + at + 1, number, who, f"{who}-owner")
    lab.desk.set_status(START + at + 2, number, who, "stalled")
    lab.desk.correspond(START + at + 3, number, who)


def test_what_staff_did_first(lab: Lab) -> None:
    number = int(lab.create(queue=SEEN))
    act(lab, number, 100, "user1")
    act(lab, number, 200, "RT_System")
    act(lab, number, 300, "Autoreply")
    act(lab, number, 400, "agent1")
    act(lab, number, 500, "agent2")
    robots = ["autoREPLY", "monitor"]
    assert firsts(only(lab, robots=robots, comments=True)) == (403, 400, 402, 401)
    assert firsts(only(lab, robots=robots)) == (403, None, 402, 401)
    assert firsts(only(lab, comments=True)) == (303, 300, 302, 301)
    assert "owner" not in repr(only(lab, comments=True))


def test_the_owner_at_the_opening_is_no_transaction(lab: Lab) -> None:
    by_staff, by_customer = lab.create("agent1", owner="agent1"), lab.create(owner="agent1")
    by_robot, given_on = lab.create("robot", owner="agent1"), lab.create("agent1", owner="agent1")
    given_back = lab.create("agent1")
    lab.desk.set_owner(START + 899, int(by_customer), "agent2", "Nobody")
    for number in (given_on, by_customer):
        lab.desk.set_owner(START + 900, int(number), "agent2", "agent2")
    lab.desk.set_owner(START + 901, int(given_on), "agent2", "Nobody")
    lab.desk.set_owner(START + 902, int(given_back), "agent1", "agent1")
    lab.desk.set_owner(START + 903, int(given_back), "agent1", "Nobody")
    tickets = stored(lab.poll(None, robots=["robot"]))
    for number in (by_staff, given_on):
        assert tickets[number].first_assigned_at == tickets[number].opened_at
    assert tickets[by_customer].first_assigned_at == START + 900
    assert tickets[by_robot].first_assigned_at is None
    assert tickets[given_back].first_assigned_at == START + 902


def test_nobody_has_another_number_elsewhere(lab: Lab) -> None:
    lab.desk.users.update({"Nobody": 10, "agent1": 6})
    number = int(lab.create())
    lab.desk.set_owner(START + 100, number, "agent1", "agent1")
    assert only(lab).first_assigned_at == START + 100
    lab.desk.set_owner(START + 101, number, "agent1", "Nobody")
    assert only(lab).first_assigned_at == START + 100


def test_users_that_are_not_shown(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    number = int(lab.create())
    lab.desk.set_owner(START + 100, number, "agent1", "agent1")
    lab.desk.set_owner(START + 101, number, "agent1", "Nobody")
    asked = []
    get = Api._get

    def refused(api: Api, path: str, *params: Any) -> Any:
        asked.append(path)
        return get(api, path.replace("/user/Nobody", "/user/hidden"), *params)

    monkeypatch.setattr(Api, "_get", refused)
    assert only(lab).first_assigned_at == START + 100
    assert asked.count("/user/Nobody") == 1


def test_a_row_without_its_owner_is_not_guessed() -> None:
    row = {k: v for k, v in recorded("01")["items"][1].items() if k != "Owner"}
    with pytest.raises(RejectedRow, match="Owner"):
        row_of(row, frozenset({"Queue"}))


def test_a_machine_solves_nothing_on_the_telephone(lab: Lab) -> None:
    lab.create("monitor", status="resolved")
    assert only(lab).solved_by_registrar
    assert not only(lab, robots=["Monitor"]).solved_by_registrar


def test_deadlines_and_verdicts(lab: Lab) -> None:
    number = int(lab.create())
    opened = START + 60
    waiting = only(lab)
    assert (waiting.own_response_due_at, waiting.own_response_met) == (opened + 600, None)
    assert waiting.own_resolution_due_at is None
    cursor = lab.poll(None)[-1].cursor
    lab.desk.correspond(opened + 601, number, "agent1")
    lab.desk.set_status(opened + 700, number, "agent1", "resolved")
    (done,) = stored(lab.poll(resumed(cursor))).values()
    assert (done.own_response_due_at, done.own_response_met) == (opened + 600, False)
    assert (done.own_resolution_due_at, done.own_resolution_met) == (opened + 6000, True)
    assert done.own_first_response_at is None
    silent = only(lab, sla=False)
    assert silent.own_response_due_at is silent.own_resolution_met is None
    assert firsts(silent) == firsts(done)


def test_a_deadline_that_moves_is_noticed(lab: Lab) -> None:
    """Not only behind an act that is followed anyhow."""
    number = int(lab.create())
    cursor = lab.poll(None)[-1].cursor
    lab.desk.set_due(START + 100, number, "RT_System", START + 5000)
    (ticket,) = stored(lab.poll(resumed(cursor))).values()
    assert ticket.own_response_due_at == START + 5000


def test_the_last_of_several_resolutions_counts(lab: Lab) -> None:
    number = int(lab.create())
    lab.desk.correspond(START + 100, number, "agent1")
    for at in (200, 9000):
        lab.desk.set_status(START + at, number, "agent1", "resolved")
        lab.desk.set_status(START + at + 1, number, "agent1", "open")
    lab.desk.set_status(START + 9500, number, "agent1", "resolved")
    lab.desk.set_due(START + 9600, number, "RT_System", START + 20_000)
    lab.desk.set_status(START + 9999, number, "agent1", "rejected")  # it was out of work already
    assert only(lab).own_resolution_due_at == START + 60 + 6000
    assert only(lab).own_resolution_met is False


def test_a_resolution_without_a_transaction_has_no_verdict(lab: Lab) -> None:
    number = int(lab.create("agent1"))
    ticket = lab.desk.tickets[number - 1]
    ticket.status, ticket.resolved = "resolved", START + 500
    told = only(lab)
    assert (told.resolved_at, told.own_resolution_due_at) == (START + 500, None)


# -- comments that are not seen ----------------------------------------------------------------


def noted(lab: Lab, number: int, count: int) -> None:
    for _ in range(count):
        lab.now += 1
        lab.desk.comment(lab.now, number, "agent1")


def test_hidden_comments_are_not_taken_for_the_end(lab: Lab) -> None:
    """Far more of them than a page holds: below, between and above what is seen."""
    hidden, seen = int(lab.create()), int(lab.create(queue=SEEN))
    noted(lab, hidden, 250)
    lab.now += 1
    lab.desk.correspond(lab.now, hidden, "agent1")
    answered_at = lab.now
    noted(lab, hidden, 120)
    noted(lab, seen, 120)
    noted(lab, hidden, 2300)
    tickets = stored(lab.poll(None, comments=True))
    assert tickets[str(hidden)].first_response_at == answered_at
    assert tickets[str(hidden)].first_note_at is None
    assert tickets[str(seen)].first_note_at == answered_at + 121
    without = stored(lab.poll(None))
    found = tickets[str(hidden)]
    not_read = found.unrecorded | {Unrecorded.NOTE}
    assert without[str(hidden)] == replace(found, unrecorded=not_read)


def test_a_ticket_without_any_visible_history(lab: Lab) -> None:
    """Imported ones can be so; the walk ends."""
    number = int(lab.create())
    noted(lab, number, 250)
    lab.desk.transactions[0].type = "Import"
    lab.desk.transactions[2].type = "Import"  # its deadline
    assert only(lab, comments=True).first_note_at is None


def test_the_feed_notices_a_comment_where_it_is_asked_for(lab: Lab) -> None:
    number = int(lab.create(queue=SEEN))
    cursor = lab.poll(None)[-1].cursor
    noted(lab, number, 1)
    assert stored(lab.poll(resumed(cursor))) == {}
    (ticket,) = stored(lab.poll(resumed(cursor), comments=True)).values()
    assert ticket.first_note_at == lab.now
    hidden = int(lab.create())
    cursor = lab.poll(None, comments=True)[-1].cursor
    late = lab.create()
    noted(lab, hidden, 1500)
    pages = lab.poll(resumed(cursor), comments=True)
    assert set(stored(pages)) == {late}
    noted(lab, hidden, 100)
    (page,) = lab.poll(resumed(pages[-1].cursor), comments=True)
    assert page.records == ()
    last = lab.create()
    assert set(stored(lab.poll(resumed(page.cursor), comments=True))) == {last}


@pytest.mark.parametrize("comments", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_following_tells_the_same_as_reading_all(seed: int, comments: bool) -> None:
    chance = random.Random(seed)
    desk = DeskModel(seed, START, START + DAY)
    with Lab(desk, comments=[SEEN]).running() as lab:
        lab.now = START + DAY
        pages = lab.poll(None, comments=comments)
        while lab.now < START + 5 * DAY:
            lab.now += chance.randrange(60, 3 * 3600)
            pages += lab.poll(resumed(pages[-1].cursor), comments=comments)
        live, whole = (
            {n: r for n, r in stored(read).items() if isinstance(r, Ticket)}
            for read in (pages, lab.poll(None, comments=comments))
        )
        assert live == whole
        notes = [ticket for ticket in live.values() if ticket.first_note_at]
        assert all(SEEN in {c.value for c in t.changes if c.field == "team"} for t in notes)
        assert bool(notes) is comments
        assert any(ticket.own_response_met is False for ticket in live.values())
        assert any(ticket.own_resolution_met for ticket in live.values())


def test_the_check_names_queues_without_comments(lab: Lab) -> None:
    seen, hidden = int(lab.create(queue=SEEN)), int(lab.create())
    noted(lab, hidden, 150)
    assert "comment" not in source(lab.url).check()
    line = source(lab.url, comments=True).check()
    assert line.endswith(
        "; no comments visible in: Second line, Servicedesk (right ShowTicketComments?)"
    )
    noted(lab, seen, 1)
    line = source(lab.url, comments=True).check()
    assert line.endswith("; no comments visible in: Servicedesk (right ShowTicketComments?)")


@pytest.mark.parametrize("wrong", [{"comments": "some"}, {"robots": "robot"}, {"sla": None}])
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source("https://desk.example", **wrong)


# -- when a ticket vanished -----------------------------------------------------------------------


def link(number: int, ticket: str, into: str) -> Event:
    address = f"fsck.com-rt://desk.example/ticket/{into}"
    return Event(number, ticket, START + number, "AddLink", "MergedInto", "", address, "agent1")


def status(number: int, new: str) -> Event:
    return Event(number, "7", START + number, "Status", "Status", "open", new, "agent1")


@pytest.mark.parametrize(
    ("events", "mark", "number"),
    [
        ([], Status.MERGED, None),
        ([link(1, "7", "7")], Status.MERGED, None),  # another into this one
        ([link(1, "7", "7"), link(2, "7", "77"), status(3, "deleted")], Status.MERGED, 2),
        ([link(2, "7", "8"), status(3, "deleted"), status(4, "open")], Status.DELETED, 3),
        ([status(5, "deleted"), status(3, "deleted")], Status.DELETED, 5),
        ([link(1, "7", "8")], Status.DELETED, None),
    ],
)
def test_when_it_vanished(events: Sequence[Event], mark: Status, number: int | None) -> None:
    assert removed_at(events, mark) == (None if number is None else START + number)


def test_reading_again_tells_when_tickets_vanished(lab: Lab) -> None:
    merged, target, last, deleted = (int(lab.create()) for _ in range(4))
    cursor = lab.poll(None)[-1].cursor
    lab.desk.merge(START + 900, merged, "agent1", target)
    lab.desk.merge(START + 901, target, "agent1", last)
    lab.desk.set_status(START + 902, deleted, "agent1", "deleted")
    expected = {
        str(merged): Gone(source="desk", id=str(merged), mark="merged", at=START + 900),
        str(target): Gone(source="desk", id=str(target), mark="merged", at=START + 901),
        str(deleted): Gone(source="desk", id=str(deleted), mark="deleted", at=START + 902),
    }
    for pages in (lab.poll(resumed(cursor)), lab.poll(resumed(cursor), since=START)):
        gone = {n: r for n, r in stored(pages).items() if isinstance(r, Gone)}
        assert gone == expected
