"""A ticket for which its system fails blocks nobody, and is asked for until it can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest

from collector.io.errors import SourceError
from collector.io.http import HttpError
from collector.sources.kit.raw import Fetched
from collector.sources.kit.unreadable import FIRST, LONGEST
from tests.sources.test_kit_walks import ById, ByOffset, Connection, Desk, InMemory, Listed


class Failing(InMemory):
    """Answers 500 where ``broken`` tickets are asked for, or all are if it is ``down``."""

    broken: frozenset[str] = frozenset()
    down = False

    def fetch(self, connection: Connection, ids: Sequence[str]) -> Iterator[Fetched]:
        if self.down or self.broken & set(ids):
            raise HttpError("answered 500", permanent=False, status=500)
        yield from super().fetch(connection, ids)


class FailingByOffset(Failing, ByOffset): ...


class FailingById(Failing, ById): ...


class FailingListed(Failing, Listed): ...


KINDS = (FailingByOffset, FailingById, FailingListed)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__bases__[1].__name__)
def desk(request: pytest.FixtureRequest) -> Desk:
    """A desk with three tickets that are read, of which the second has changed since."""
    made = Desk(request.param)
    for _ in range(3):
        made.world.open()
        made.world.now += 200
    made.drain()
    made.world.status(2, "resolved")
    made.world.now += 10  # its second is over, so that it is not read anew for that
    made.system.broken = frozenset({"2"})
    return made


def drain(desk: Desk) -> list[str]:
    """The tickets that are rejected as unreadable."""
    return [
        each.where for page in desk.pages() for each in page.rejected if each.reason == "unreadable"
    ]


def waiting(desk: Desk) -> dict[str, Any]:
    assert desk.cursor is not None
    found: dict[str, Any] = desk.cursor.get("unreadable", {})
    return found


def test_one_changed_ticket_that_fails_is_rejected_and_blocks_nobody(desk: Desk) -> None:
    assert drain(desk) == ["ticket 2"]
    desk.world.now += 200
    desk.world.status(3, "resolved")
    drain(desk)
    assert desk.statuses()[3] == "resolved"
    assert set(waiting(desk)) == {"2"}


def test_it_is_read_later_though_it_does_not_change_again(desk: Desk) -> None:
    drain(desk)
    desk.system.broken = frozenset()
    desk.world.now += FIRST - 100
    assert desk.drain() == set(), "not yet"
    desk.world.now += 200
    assert "2" in desk.drain()
    assert desk.statuses() == desk.true_statuses()
    assert waiting(desk) == {}
    assert "unreadable" not in (desk.cursor or {})


def test_while_it_fails_it_is_asked_for_ever_more_rarely_but_once_a_day(desk: Desk) -> None:
    tried = [desk.world.now] if drain(desk) else []
    while len(tried) < 14:
        desk.world.now += 150
        tried += [desk.world.now] if drain(desk) else []
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert waits[0] == pytest.approx(FIRST, abs=150)
    assert waits[1] == pytest.approx(2 * FIRST, abs=150)
    assert waits[-1] == pytest.approx(LONGEST, abs=150)


def test_where_it_changes_again_it_is_read_at_once(desk: Desk) -> None:
    drain(desk)
    desk.system.broken = frozenset()
    desk.world.now += 10
    desk.world.status(2, "open")
    assert "2" in desk.drain()
    assert waiting(desk) == {}


def test_a_system_that_fails_for_every_ticket_fails_the_poll(desk: Desk) -> None:
    desk.system.down = True
    before = desk.cursor
    with pytest.raises(SourceError):
        desk.drain()
    assert desk.cursor == before
    desk.system.down, desk.system.broken = False, frozenset()
    assert "2" in desk.drain()


def test_one_that_is_gone_meanwhile_is_no_longer_waited_for(desk: Desk) -> None:
    drain(desk)
    desk.system.broken = frozenset()
    desk.world.delete(2)
    desk.world.now += FIRST + 1
    desk.drain()
    assert waiting(desk) == {}


def test_a_cursor_that_nobody_wrote_is_refused(desk: Desk) -> None:
    desk.cursor = {**(desk.cursor or {}), "unreadable": {"2": "soon"}}
    with pytest.raises(SourceError, match="cursor cannot be read"):
        desk.drain()
