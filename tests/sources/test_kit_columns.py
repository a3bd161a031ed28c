"""What systems declare: columns, deadlines, values; and lists that come in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from collector.io.errors import SourceError
from collector.model.bilingual import Text
from collector.model.fields import Strict
from collector.model.page import RejectedRow
from collector.model.records import Unrecorded
from collector.sources.kit.columns import Columns, Deadline
from collector.sources.kit.history import History
from collector.sources.kit.options import numbers, told_by, unrecorded
from collector.sources.kit.paging import by_start, by_token, by_total
from collector.sources.kit.raw import OwnSla
from collector.sources.kit.undated import by_halves
from collector.sources.kit.web import LocalTimes, Robots, TokenOrPassword

ZONE = ZoneInfo("Europe/Stockholm")
OPENED = 1_795_322_640  # 2026-11-22T04:44:00Z
COLUMNS = Columns(
    opened_at="created",
    resolved_at=("last_end", "end"),
    changed_at="changed",
    values={"priority": "priority.name", "team": "group"},
    response=Deadline("reply_due", "replied"),
    resolution=Deadline("end_due", left="minutes_left"),
)
TIMES, LEFT = Deadline("due", "done"), Deadline("due", left="left")
MISSED = Deadline("due", missed="over")
ROW: dict[str, Any] = {
    "id": 7,
    "created": "2026-11-22 05:44:00",
    "priority": {"name": "high"},
    "group": "desk",
}


def test_a_row_is_read_by_its_columns() -> None:
    history = History({"robot"}, registrar="anna")
    history.act(OPENED - 60, "anna", "assignment")
    found = COLUMNS.ticket(
        {**ROW, "last_end": None, "end": "2026-11-22T05:00:00Z"},
        history,
        "https://desk.example/7",
        ZONE,
        fields={"kind": "incident"},
    )
    assert (found.id, found.opened_at, found.resolved_at) == ("7", OPENED, OPENED + 960)
    assert found.fields == {"priority": "high", "team": "desk", "kind": "incident"}
    assert found.actions[0].at == OPENED
    assert found.registered_by_staff
    assert (found.closed_at, found.changed_at, found.own) == (None, None, OwnSla())


def test_a_row_without_its_opening_is_refused() -> None:
    with pytest.raises(RejectedRow, match="created"):
        COLUMNS.ticket({**ROW, "created": None}, History(), None, ZONE)
    found = COLUMNS.ticket({**ROW, "created": None}, History(), None, ZONE, opened_at=5)
    assert found.opened_at == 5


@pytest.mark.parametrize(
    ("deadline", "row", "told"),
    [
        (Deadline(), {}, (None, None, None)),
        (TIMES, {"due": "1970-01-03T00:00:00Z"}, (172800, None, None)),
        (TIMES, {"due": 90000, "done": "1970-01-02T01:00:00Z"}, (90000, 90000, True)),
        (TIMES, {"due": "90000", "done": "1970-01-02T01:00:01Z"}, (90000, 90001, False)),
        (LEFT, {"due": 90000, "left": -1}, (90000, None, False)),
        (LEFT, {"due": 90000, "left": "0"}, (90000, None, True)),
        (LEFT, {}, (None, None, None)),
        (MISSED, {"over": "yes"}, (None, None, False)),
        (MISSED, {"over": "no"}, (None, None, None)),
    ],
)
def test_a_deadline_was_kept_as_the_system_says(
    deadline: Deadline, row: dict[str, Any], told: tuple[int | None, int | None, bool | None]
) -> None:
    assert deadline.read(row, None) == told


def test_columns_are_asked_for_by_their_names() -> None:
    assert list(COLUMNS.names()) == [
        *("created", "last_end", "end", "changed", "priority", "group"),
        *("reply_due", "replied", "end_due", "minutes_left"),
    ]


class Fields(Strict):
    kind: str | None = None
    team: str | None = "group"


class Options(LocalTimes, TokenOrPassword, Robots):
    title = Text(sv="Det", en="It")
    ACCESS = frozenset({"own"})
    settings_in_words: ClassVar = {"own": Text(sv="Egen", en="Own")}


def test_what_the_classes_of_options_declare_adds_up() -> None:
    assert {"own", "url", "token", "user", "password", "every", "webhook"} <= Options.ACCESS
    assert not {"timezone", "robots"} & Options.ACCESS
    assert set(Options.settings_in_words) == {"own", "timezone", "robots"}
    assert "own" not in TokenOrPassword.ACCESS


def test_facts_and_values_are_named_shortly() -> None:
    assert told_by(Fields) == {Unrecorded.KIND: "fields.kind", Unrecorded.TEAM: "fields.team"}
    assert unrecorded("holds") == {Unrecorded.HOLDS}
    assert numbers("new", "open") == {"1": "new", "2": "open"}


def test_a_list_is_read_to_its_end_whatever_its_pages_hold() -> None:
    whole = [{"n": n} for n in range(7)]
    pages = [3, 2, 1, 1]

    def ask(start: int) -> tuple[list[dict[str, int]], bool]:
        some = whole[start : start + pages.pop(0)]
        return some, start + len(some) < len(whole)

    assert list(by_start(ask)) == whole
    assert list(by_start(lambda start: ([], True))) == []
    assert list(by_total(lambda at: {"rows": whole[at : at + 2], "total": 7}, "rows")) == whole


def test_a_list_with_tokens_ends_with_its_last_page_and_never_turns_round() -> None:
    answers = {
        None: {"rows": [{"n": 1}], "nextPageToken": "b"},
        "b": {"rows": [{"n": 2}], "nextPageToken": "c", "isLast": True},
    }
    found = by_token(lambda more: answers[more.get("nextPageToken")], "rows")
    assert [row["n"] for row in found] == [1, 2]
    turns = {None: "a", "a": "b", "b": "a"}
    for turn in (lambda _: "a", turns.get):
        with pytest.raises(SourceError, match="back to an earlier one"):
            list(
                by_token(
                    lambda more, to=turn: {"nextPageToken": to(more.get("nextPageToken"))}, "rows"
                )
            )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            lambda at: {"rows": [{"n": n} for n in range(2)], "total": 7},
            "shows the same 2 rows again",
        ),
        (lambda at: {"rows": [{"n": at}, {"n": at + 1}], "total": 1}, "says that there are 1"),
        (lambda at: {"rows": [{"n": at}, {"n": at + 1}]}, "says that there are 0"),
    ],
    ids=["a page that repeats", "a total below what is shown", "no total"],
)
def test_a_list_whose_end_is_not_known_is_no_list(answer: Any, words: str) -> None:
    """Else the rest of it would be missing without a word."""
    with pytest.raises(SourceError, match=words):
        list(by_total(answer, "rows"))


def test_one_that_is_refused_does_not_hide_the_others() -> None:
    def ask(ids: Sequence[str]) -> dict[str, str] | None:
        return None if "3" in ids else {each: f"row {each}" for each in ids}

    assert set(by_halves(ask, list("12345"))) == set("1245")
    assert by_halves(ask, []) == by_halves(ask, ["3"]) == {}
