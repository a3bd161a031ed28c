"""Calls: the formulas on every outcome, and examples that others published."""

import pytest

from collector.measuring.figures.tally import counts, tally
from collector.measuring.verdicts.timeline import Verdict
from collector.model.records import CallOutcome
from tests.worlds.measured import CALLS, at, call, flips, measure, timeline_of, verdict, word

LATER = "2020-07-14 12:00"
FORMULAS = (
    "answered_of_offered",
    "answered_of_answered",
    "without_early_abandons",
    "abandons_met",
)
ENTERED = at("2020-07-14 09:00")


def of(formula="answered_of_offered", rules=None, **more):
    return timeline_of({**CALLS, "formula": formula, **more}, rules)


def good_and_eligible(timeline, calls, now=LATER):
    table, found = measure(timeline, calls, now)
    day = found.row * 0
    found_counts = counts(timeline, tally(timeline, table, found, None, day, 1, [])[0, 0])
    every = found_counts.eligible + found_counts.pending + sum(found_counts.excluded.values())
    assert every == len(calls)
    return found_counts.good, found_counts.eligible


A, B, T, E, W, N = (
    CallOutcome.ANSWERED,
    CallOutcome.ABANDONED,
    CallOutcome.TIMEOUT,
    CallOutcome.EMPTY,
    "withdrawn",
    CallOutcome.UNANSWERED,
)
MET, MISSED = "met", "missed"
NOT_ANSWERED, EARLY = "excluded unanswered", "excluded early_abandon"


@pytest.mark.parametrize(
    ("outcome", "wait", "wanted"),
    [
        (A, 0, (MET, MET, MET, MET)),
        (A, 20, (MET, MET, MET, MET)),
        (A, 21, (MISSED, MISSED, MISSED, MISSED)),
        (B, 0, (MISSED, NOT_ANSWERED, EARLY, MET)),
        (B, 20, (MISSED, NOT_ANSWERED, EARLY, MET)),
        (B, 21, (MISSED, NOT_ANSWERED, MISSED, MISSED)),
        *((o, 20, (MISSED, NOT_ANSWERED, MISSED, MET)) for o in (T, E, W, N)),
        *((o, 21, (MISSED, NOT_ANSWERED, MISSED, MISSED)) for o in (T, E, W, N)),
        *((o, 5, (f"excluded {o}",) * 4) for o in ("key_exit", "callback", "unknown")),
        *((o, None, (f"excluded {o}",) * 4) for o in ("key_exit", "callback", "unknown")),
    ],
)
def test_each_outcome_by_each_formula(outcome, wait, wanted):
    one = call(CallOutcome(outcome), wait)
    assert tuple(word(of(formula), one, LATER) for formula in FORMULAS) == wanted


def test_a_wait_that_nobody_knows_excludes_only_where_it_decides():
    """A lost caller without a wait is still lost: leaving it out would raise the share."""
    unknown = "excluded unknown_wait"
    for outcome, wanted in (
        (A, (unknown,) * 4),
        (B, (MISSED, NOT_ANSWERED, unknown, unknown)),
        (T, (MISSED, NOT_ANSWERED, MISSED, unknown)),
    ):
        one = call(outcome, None, left_at=ENTERED + 600)
        assert tuple(word(of(formula), one, LATER) for formula in FORMULAS) == wanted
    short = of(short_abandon="5s")
    assert word(short, call(B, None), LATER) == unknown
    assert word(short, call(T, None), LATER) == MISSED


def test_short_abandons_may_count_as_met():
    timeline = of("short_abandons_met", short_abandon="5s")
    for one, wanted in (
        (call(A, 20), MET),
        (call(A, 21), MISSED),
        (call(B, 0), MET),
        (call(B, 5), MET),
        (call(B, 6), MISSED),
        (call(T, 5), MISSED),
        (call(W, 5), MISSED),
        (call(B, None), "excluded unknown_wait"),
        (call(T, None), MISSED),
        (call(A, None), "excluded unknown_wait"),
        (call(CallOutcome.KEY_EXIT, 3), "excluded key_exit"),
    ):
        assert word(timeline, one, LATER) == wanted, one


@pytest.mark.parametrize("formula", FORMULAS)
def test_short_abandons_leave_the_denominator(formula):
    timeline = of(formula, short_abandon="5s")
    for wait in (0, 5):
        assert word(timeline, call(B, wait), LATER) == "excluded short_abandon"
    assert word(timeline, call(B, 6), LATER) != "excluded short_abandon"
    for outcome in (A, T, E, CallOutcome.WITHDRAWN):
        assert word(timeline, call(outcome, 5), LATER) != "excluded short_abandon"
    assert word(of(formula), call(B, 0), LATER) != "excluded short_abandon"


@pytest.mark.parametrize("wait", [0, 30, None])
def test_callers_who_were_not_let_in_are_beside_the_figure_or_missed(wait):
    one = call(CallOutcome.REFUSED, wait, left_at=ENTERED)
    for formula in FORMULAS:
        assert word(of(formula), one, LATER) == "excluded refused"
        wanted = NOT_ANSWERED if formula == "answered_of_answered" else MISSED
        assert word(of(formula, {"refused": "unanswered"}), one, LATER) == wanted


def test_callers_who_were_not_let_in_are_counted_when_asked_for():
    one, other = call(CallOutcome.REFUSED, 0), call(A, 5)
    count = {"kind": "count", "of": "calls"}
    asked = timeline_of({**count, "records": {"outcome": "refused"}})
    assert [word(asked, each, LATER) for each in (one, other)] == [MET, None]
    assert word(timeline_of(count), one, LATER) == "excluded refused"
    offered = timeline_of(count, {"refused": "unanswered"})
    assert word(offered, one, LATER) == MET


def test_withdrawn_callers_may_be_callbacks():
    one = call(CallOutcome.WITHDRAWN, 30)
    assert word(of(), one, LATER) == MISSED
    for formula in FORMULAS:
        timeline = of(formula, {"withdrawn": "callback"})
        assert word(timeline, one, LATER) == "excluded callback"
        assert word(timeline, call(A, 30), LATER) == MISSED


@pytest.mark.parametrize("formula", ["answered_of_offered", "without_early_abandons"])
def test_a_waiting_caller_is_pending_then_missed(formula):
    waiting = call(CallOutcome.OPEN)
    timeline = of(formula)
    assert verdict(timeline, waiting, ENTERED) == ("pending", "", 0, ENTERED + 21)
    assert flips(timeline, waiting, ENTERED + 20) == ENTERED + 21
    assert verdict(timeline, waiting, ENTERED + 50)[:3] == ("missed", "", 50)
    assert word(timeline, waiting, ENTERED - 1) == "later"


def test_a_waiting_caller_is_no_answer_yet():
    """Of the answered only: nobody knows yet whether the call will be one of them."""
    waiting = call(CallOutcome.OPEN)
    for after in (0, 20, 21, 5000):
        found = verdict(of("answered_of_answered"), waiting, ENTERED + after)
        assert found == ("pending", "", after, None)


@pytest.mark.parametrize(
    "one",
    [
        call(A, 30, answered_at=ENTERED + 30, left_at=ENTERED + 90),
        call(A, 30, left_at=ENTERED + 90),  # left_at is the end of the talk
        call(A, 30),
    ],
)
def test_an_answer_to_come_is_not_known_yet(one):
    timeline = of(within="60s")
    assert verdict(timeline, one, ENTERED - 1) == ("later", "", 0, ENTERED)
    assert verdict(timeline, one, ENTERED + 29) == ("pending", "", 29, ENTERED + 30)
    assert verdict(timeline, one, ENTERED + 30) == ("met", "", 30, None)
    # one that is too late is missed before it is answered, and stays so
    assert word(of(), one, ENTERED + 20) == "pending"
    assert word(of(), one, ENTERED + 21) == "missed"
    assert word(of(), one, LATER) == "missed"
    # ... and wakes when it turns out to be none of those that count
    key = call(CallOutcome.KEY_EXIT, 40)
    assert verdict(of(), key, ENTERED + 30) == ("missed", "", 30, ENTERED + 40)
    assert word(of(), key, ENTERED + 40) == "excluded key_exit"


def test_without_a_wait_a_lost_call_ends_when_it_left():
    lost = call(B, None, left_at=ENTERED + 15)
    assert verdict(of(), lost, ENTERED + 14) == ("pending", "", 14, ENTERED + 15)
    assert verdict(of(), lost, ENTERED + 15) == ("missed", "", None, None)


def test_an_outcome_to_come_chooses_no_call_yet():
    """Until its end a call counts among those that wait, and wakes there."""
    one = call(A, 30)
    answered, waiting = (
        timeline_of({"kind": "count", "of": "calls", "records": {"outcome": outcome}})
        for outcome in ("answered", "open")
    )
    assert verdict(answered, one, ENTERED + 29) == ("later", "", None, ENTERED + 30)
    assert verdict(waiting, one, ENTERED + 29) == ("met", "", None, ENTERED + 30)
    assert verdict(answered, one, ENTERED + 30) == ("met", "", None, None)
    assert verdict(waiting, one, ENTERED + 30) is None


def test_records_are_chosen_by_every_given_field():
    fields = {"source": "phone", "queue": "it", "organization": "Laxå", "outcome": "answered"}
    one = call(A, 5, organization="Laxå")
    assert word(of(records=fields), one, LATER) == MET
    for name in fields:
        other = {**fields, name: ["other", "third"]}
        assert word(of(records=other), one, LATER) is None
    assert word(of(records=fields), call(A, 5), LATER) is None


def test_count_of_calls():
    timeline = timeline_of({"kind": "count", "of": "calls", "records": {"queue": "it"}})
    calls = [call(outcome, 5) for outcome in CallOutcome] + [call(A, 5, queue="other")]
    _, found = measure(timeline, calls, LATER)
    refused = [outcome is CallOutcome.REFUSED for outcome in CallOutcome]
    assert found.verdict.tolist() == [Verdict.EXCLUDED if one else Verdict.MET for one in refused]


@pytest.mark.parametrize("indicator", [CALLS, {"kind": "count", "of": "calls"}])
def test_columns_are_as_narrow_as_they_say(indicator):
    widths = ["int64", "int8", "int16", "int64", "bool", "int64", "int64"]
    for records in ([], [call(A, 5), call(CallOutcome.OPEN), call(B, None)]):
        _, found = measure(timeline_of(indicator), records, LATER)
        assert [len(column) for column in found.columns()] == [len(records)] * 7
        assert [column.dtype.name for column in found.columns()] == widths


# Published examples: A answered, a within the limit, B abandoned, b within the limit, s short

ICMI = (1000, 860, 60, 20, 10)
GENESYS = (300, 200, 100, 50, 50)
GENESYS_LIMIT = {"within": "20s", "short_abandon": "10s"}


def calls_of(answered, good, abandoned, early, short):
    waits = [3] * short + [15] * (early - short) + [200] * (abandoned - early)
    return [
        *(call(A, 20) for _ in range(good)),
        *(call(A, 21) for _ in range(answered - good)),
        *(call(B, wait) for wait in waits),
    ]


@pytest.mark.parametrize(
    ("example", "formula", "more", "share"),
    [
        (ICMI, "abandons_met", {}, 83.0),
        (ICMI, "answered_of_answered", {}, 86.0),
        (ICMI, "answered_of_offered", {}, 81.1),
        (ICMI, "without_early_abandons", {}, 82.7),
        (ICMI, "answered_of_offered", {"short_abandon": "5s"}, 81.9),
        (ICMI, "short_abandons_met", {"short_abandon": "5s"}, 82.1),
        (GENESYS, "answered_of_offered", GENESYS_LIMIT, 57.1),
    ],
)
def test_published_examples(example, formula, more, share):
    good, eligible = good_and_eligible(of(formula, **more), calls_of(*example))
    assert round(100 * good / eligible, 1) == share


@pytest.mark.parametrize(
    ("formula", "share"),
    [("without_early_abandons", 77.8), ("answered_of_offered", 70.0), ("abandons_met", 80.0)],
)
def test_ciscos_example(formula, share):
    """70 answered and 10 abandoned within the limit, 20 that were over it either way."""
    for late_answers in (0, 7, 20):
        calls = calls_of(70 + late_answers, 70, 30 - late_answers, 10, 0)
        good, eligible = good_and_eligible(of(formula), calls)
        assert round(100 * good / eligible, 1) == share
