"""What people did to a ticket, by the changes of its status and owner."""

from __future__ import annotations

from collector.sources.kit.history import OWNER, Entries, History
from collector.sources.kit.raw import Action, RawChange

OUTSIDE, NOBODY = {"customer", "robot"}, ("", None)


def acts(*changes: RawChange, owner: str | None = None, registrar: str = "anna") -> list[Action]:
    history = History(OUTSIDE, NOBODY)
    for each in changes:
        history.change(each.at, each.by, each.field, each.old, each.new)
    history.opened(100, registrar, owner)
    return history.since(100)


def test_an_owner_from_the_beginning_was_given_at_the_opening() -> None:
    assert acts(owner="anna") == [Action(100, "assignment", True)]
    assert acts(owner="anna", registrar="robot") == [Action(100, "assignment", False)]
    assert acts() == acts(owner="") == []


def test_the_first_change_tells_who_owned_it_before() -> None:
    taken = RawChange(200, OWNER, "", "bodil", "bodil")
    given_back = RawChange(300, OWNER, "anna", None, "anna")
    assert acts(taken, owner="bodil") == [Action(200, "assignment", True)]
    assert acts(given_back) == [Action(100, "assignment", True)]


def test_a_change_that_is_dated_before_the_opening_is_of_the_opening() -> None:
    assert acts(RawChange(90, OWNER, "", "anna", "anna")) == [Action(100, "assignment", True)]


def test_a_change_of_status_is_an_act_of_whoever_made_it() -> None:
    changes = [RawChange(200, "status", "new", "open", by) for by in ("anna", "robot", "")]
    assert [each.by_staff for each in acts(*changes)] == [True, False, False]
    assert acts(RawChange(200, "team", "a", "b", "anna")) == []


def test_rows_of_a_history_are_read_as_declared() -> None:
    entries = Entries(
        *("at", "by", "what", "old", "new"),
        ours={"state": "status", "owner": OWNER, "log": "reply", "group": "team"},
        ids=("old_id", "new_id"),
        only={"of": "ticket"},
    )
    row = {"at": "2026-11-29T22:00:00Z", "by": 3, "of": "ticket"}
    history = History(OUTSIDE, NOBODY, words={"status": {"1": "new"}})
    history.read(
        [
            {**row, "what": "state", "old": "Neu", "old_id": 1, "new": "Offen", "new_id": 2},
            {**row, "what": "group", "old": "a", "old_id": 7, "new": "b", "new_id": 8},
            {**row, "what": "owner", "old": "-", "new": "Anna", "new_id": 3},
            {**row, "what": "log"},
            {**row, "what": "title", "at": "not looked at"},
            {**row, "what": "log", "of": "article"},
        ],
        entries,
    )
    told = [(each.field, each.old, each.new) for each in history.changes]
    assert told == [("status", "new", "Offen"), ("team", "a", "b"), (OWNER, None, "3")]
    assert [each.act for each in history.actions] == ["status", "assignment", "reply"]
