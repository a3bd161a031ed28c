"""Callers beside stays: who is moved between queues, or back in one soon, is one caller.

What is expected was counted by hand.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from collector.config.definitions import definitions
from collector.measuring.figures.tally import counts, tally
from collector.model.records import Call, CallOutcome
from tests.worlds.measured import CALLS, at, call, measure, settings_of, timeline_of

A, B, T, E = (CallOutcome.ANSWERED, CallOutcome.ABANDONED, CallOutcome.TIMEOUT, CallOutcome.EMPTY)
START = at("2026-03-02 09:00")
LATER = START + 86_400
CALLERS = {**CALLS, "of": "callers", "within": "20s", "records": {}}


def stays(*several: tuple[int, CallOutcome, int | None, int], **more: Any) -> list[Call]:
    """The stays of one call: seconds after the start, outcome, wait, talk."""
    found = []
    for n, (entered, outcome, wait, talk) in enumerate(several):
        left = None if wait is None else START + entered + wait + talk
        found.append(
            replace(
                call(outcome, wait, START + entered, f"c/it/{n}", left_at=left, **more),
                call_id=more.get("call_id", "c"),
                answered_at=START + entered + wait if outcome is A and wait is not None else None,
            )
        )
    return found


def verdicts(records: list[Call], now: int = LATER, **more: Any) -> list[tuple[str, int]]:
    """Each stay's verdict, and its wait in seconds."""
    timeline = timeline_of({**CALLERS, **more.pop("indicator", {})}, **more)
    _, found = measure(timeline, records, now)
    names = {0: "met", 1: "missed", 2: "pending", 3: "excluded", 4: "later"}
    reasons = timeline.versions[0].reasons
    return [
        (f"{names[verdict]} {reasons[reason]}".strip(), seconds)
        for verdict, reason, seconds in zip(
            found.verdict.tolist(), found.reason.tolist(), found.seconds.tolist(), strict=True
        )
    ]


SAME = "excluded same_caller"


def said(records: list[Call], now: int = LATER, **more: Any) -> list[str]:
    return [verdict for verdict, _ in verdicts(records, now, **more)]


def test_who_is_back_in_the_queue_is_one_caller() -> None:
    """A dialplan loop: three entries, and an answer 15 s after the first of them."""
    records = stays((0, T, 5, 0), (5, T, 5, 0), (10, A, 5, 60))
    assert verdicts(records) == [("met", 15), (SAME, 5), (SAME, 5)]
    assert said(records, indicator={"of": "stays"}) == ["missed", "missed", "met"]


def test_the_whole_wait_counts() -> None:
    records = stays((0, T, 12, 0), (12, A, 9, 60))
    assert verdicts(records) == [("missed", 21), (SAME, 9)]


def test_who_is_moved_after_an_answer_was_answered_then() -> None:
    """A blind transfer into another queue keeps the call."""
    first, *_ = stays((0, A, 9, 10))
    _, second = stays((0, A, 9, 10), (19, B, 30, 0), queue="hr")
    assert verdicts([first, second]) == [("met", 9), (SAME, 30)]


def test_the_last_end_counts_where_nobody_answered() -> None:
    for last, wanted in ((B, "missed"), (E, "missed"), (CallOutcome.KEY_EXIT, "excluded key_exit")):
        assert said(stays((0, T, 5, 0), (5, last, 5, 0))) == [wanted, SAME]
    early = {"formula": "without_early_abandons"}
    records = stays((0, T, 15, 0), (15, B, 3, 0))
    assert said(records, indicator=early) == ["excluded early_abandon", SAME]
    records = stays((0, T, 15, 0), (15, B, 9, 0))
    assert said(records, indicator=early) == ["missed", SAME]


def test_only_who_is_back_in_time_is_the_same() -> None:
    for gap, wanted in ((60, SAME), (61, "missed")):
        assert said(stays((0, T, 5, 0), (5 + gap, T, 5, 0)))[1] == wanted
    records = stays((0, T, 5, 0), (305, T, 5, 0))
    assert said(records, indicator={"rejoin_within": "5min"}) == ["missed", SAME]
    assert said(records, indicator={"rejoin_within": "4min"}) == ["missed", "missed"]
    talked = stays((0, A, 5, 600), (605, A, 5, 60))
    assert said(talked) == ["met", SAME], "the time counts from the end of the talk"


def test_only_the_same_call_is() -> None:
    one, other = stays((0, T, 5, 0)), stays((6, A, 5, 0), call_id="d")
    assert said([*one, *other]) == ["missed", "met"]
    unknown = [replace(each, call_id=None) for each in stays((0, T, 5, 0), (5, A, 5, 0))]
    assert said(unknown) == ["missed", "met"]
    sources = {name: {"type": "asterisk_queue_log", "path": "x"} for name in ("phone", "other")}
    here, there = stays((0, T, 5, 0), (5, A, 5, 0))
    assert said([here, replace(there, source="other")], sources=sources) == ["missed", "met"]


def test_only_the_desks_own_queues_count() -> None:
    first, second = stays((0, T, 5, 0), (5, A, 5, 0))
    records = [first, replace(second, queue="hr")]
    assert said(records, indicator={"records": {"queue": "it"}}) == ["missed"]
    assert said(records, indicator={"records": {"queue": ["it", "hr"]}}) == ["met", SAME]


def test_callers_of_two_dates_are_two() -> None:
    """Else the figure of a date would depend on what is measured with it."""
    midnight = at("2026-03-03 00:00") - START
    records = stays((midnight - 5, T, 5, 0), (midnight, A, 5, 0))
    assert said(records) == ["missed", "met"]


def test_what_was_known_at_an_instant() -> None:
    records = stays((0, T, 12, 0), (12, A, 5, 60))
    assert said(records, START + 5) == ["pending", "later"]
    assert said(records, START + 11) == ["pending", "later"]
    assert said(records, START + 13) == ["pending", SAME]
    assert said(records, START + 30) == ["met", SAME]
    slow = stays((0, T, 12, 0), (12, CallOutcome.OPEN, None, 0))
    assert said(slow, START + 20) == ["pending", SAME]
    assert said(slow, START + 21) == ["missed", SAME]


def test_a_caller_who_was_not_let_in_and_then_answered_was_answered() -> None:
    records = stays((0, CallOutcome.REFUSED, 0, 0), (10, A, 5, 0))
    assert verdicts(records) == [("met", 15), (SAME, 5)]
    refused = stays((0, CallOutcome.REFUSED, 0, 0), (10, CallOutcome.REFUSED, 0, 0))
    assert said(refused) == ["excluded refused", SAME]


def test_no_wait_is_made_up() -> None:
    first, second = stays((0, T, 5, 0), (5, A, 5, 0))
    assert said([first, replace(second, wait_seconds=None)]) == ["excluded unknown_wait", SAME]


def test_nothing_is_lost_and_the_order_of_rows_changes_nothing() -> None:
    chance = random.Random(17)
    records = []
    for number in range(300):
        entered = chance.randrange(3 * 86_400)
        stay = (entered, chance.choice([A, B, T, E]), chance.randrange(30), 0)
        (one,) = stays(stay, call_id=str(chance.randrange(60)))
        records.append(replace(one, id=str(number), queue=chance.choice(["it", "hr"])))
    timeline = timeline_of({**CALLERS, "rejoin_within": "2h"})
    found = {}
    for _ in range(3):
        chance.shuffle(records)
        table, verdicts = measure(timeline, records, START + 10 * 86_400)
        by_id = dict(zip([r.id for r in records], verdicts.verdict.tolist(), strict=True))
        found[tuple(sorted(by_id.items()))] = True
        summed = counts(
            timeline, tally(timeline, table, verdicts, None, verdicts.row * 0, 1, [])[0, 0]
        )
        assert summed.eligible + sum(summed.excluded.values()) == len(records)
        assert summed.excluded["same_caller"] > 20
    assert len(found) == 1


@pytest.mark.parametrize("key", ["of", "rejoin_within"])
def test_stays_are_the_default_and_leave_the_definition_as_it_was(key: str) -> None:
    for of in ("stays", "callers"):
        settings = settings_of({"one": {**CALLERS, "of": of}})
        (definition,) = definitions(settings, "one")
        assert (f"indicators.one.{key}" in definition.says) == (of == "callers")
