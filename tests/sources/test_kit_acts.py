"""What people did to a ticket, by the changes of its status and owner."""

from __future__ import annotations

from collector.sources.kit.acts import OWNER, acts_of
from collector.sources.kit.raw import Action, RawChange

SILENT, NOBODY = {"", "customer", "robot"}, ("", None)


def acts(*changes: RawChange, owner: str | None = None, registrar: str = "anna") -> list[Action]:
    return [*acts_of(changes, 100, registrar, owner, SILENT, NOBODY)]


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
