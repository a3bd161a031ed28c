"""Figures split by a field of their records: the parts add up, and each is what its records say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain
from collector.measuring.engine.questions import period_figures
from collector.measuring.engine.splitting import FIELDS, can_be_split, split_figures
from collector.model.periods import parse_period
from collector.store import Store
from tests.measuring.test_properties import (
    AFTER,
    CASES,
    FIRST,
    STOCKHOLM,
    bench,  # noqa: F401 - a fixture
    desks,
    instants,
    worlds,
)
from tests.worlds import measured
from tests.worlds.measured import (
    CALLS,
    RESPONSE,
    WITH_HISTORY,
    at,
    call,
    polled,
    settings_of,
    ticket,
)
from tests.worlds.samples import save
from tests.worlds.sizes import sample_size

PERIOD = parse_period(f"{FIRST}..2020-11-11", FIRST)
assert PERIOD.after == AFTER


def numbers(figure):
    return Counter(
        good=figure.good,
        eligible=figure.eligible,
        pending=figure.pending,
        squares=figure.squares,
        **{f"excluded_{why}": n for why, n in figure.excluded.items()},
        **{f"bucket_{n}": each for n, each in enumerate(figure.histogram)},
    )


def told(explained, field, records):
    """The value of a record's field, as far as what explains it says, or its source."""
    if field == "hour":
        return datetime.fromtimestamp(explained.counted_at, measured.STOCKHOLM).hour
    if field == "weekday":
        return datetime.fromtimestamp(explained.counted_at, measured.STOCKHOLM).isoweekday()
    if field in ("priority", "queue"):
        value = explained.facts[field]
        return None if value == "-" else value
    return getattr(records[explained.id], field)


def counted(timeline, explained):
    """What a record adds to the numbers of its part."""
    mean = timeline.versions[0].indicator.kind == "mean_duration"
    match explained.verdict:
        case "met":
            return {"good": explained.clock.elapsed if mean else 1, "eligible": 1}
        case "missed":
            return {"eligible": 1}
        case "pending":
            return {"pending": 1}
        case _:
            return {f"excluded_{explained.reason}": 1}


@settings(CASES, max_examples=sample_size(40, 150, 400))
@given(st.data())
def test_the_parts_add_up_and_hold_their_records(bench, data):  # noqa: F811
    """By every field: parts sum to the whole, which is the figure itself, and the records that are
    explained one by one give the same parts."""
    world = data.draw(worlds)
    records, now = data.draw(desks(world)), data.draw(instants(STOCKHOLM))
    by = data.draw(st.sampled_from(FIELDS))
    bench.fill(*records)
    measuring, by_id = bench.measuring(world), {each.id: each for each in records}
    split = [each for each in measuring.timelines if can_be_split(each, by)]
    tallies = measuring.tallies(FIRST, AFTER, now)
    usual = {
        each.indicator: each
        for each in measuring.figures(tallies, PERIOD, now, {})
        if each.organization is None
    }
    found = list(split_figures(measuring, PERIOD, now, by, {}, [each.id for each in split]))
    for timeline in split:
        whole, *parts = (each for each in found if each.indicator == timeline.id)
        assert whole == usual[timeline.id]
        assert sum((numbers(each) for each in parts), Counter()) == +numbers(whole)
        expected: dict[object, Counter] = {}
        for each in explain(measuring, timeline, PERIOD, now):
            own = expected.setdefault(told(each, by, by_id), Counter())
            own.update(counted(timeline, each))
        said = {
            each.part.value: +Counter(
                {
                    key: n
                    for key, n in numbers(each).items()
                    if not key.startswith(("squares", "bucket"))
                }
            )
            for each in parts
        }
        assert said == {value: +own for value, own in expected.items()}


# By hand

DESK = [
    ticket(
        "2020-07-01 08:30", "1", priority="urgent", team="Network", category="Mail",
        first_response_at="2020-07-01 08:40",
        changes=[("2020-07-01 08:30", "priority", "low"),
                 ("2020-07-01 08:35", "priority", "urgent")],
    ),
    ticket("2020-07-01 08:50", "2", priority="low", team="Network",
           first_response_at="2020-07-01 10:00"),
    ticket("2020-07-02 16:59", "3", priority="P5", team="Servicedesk",
           first_response_at="2020-07-03 08:05"),
    ticket("2020-07-02 23:30", "4", priority="urgent", first_response_at="2020-07-03 08:01"),
    ticket("2020-07-02 23:40", "5", mark="spam"),
    ticket("2020-08-01 00:00", "6", priority="urgent", first_response_at="2020-08-01 00:00"),
    call(wait=5, number="a"),
    call(wait=25, number="b", queue="vip"),
    call(wait=5, number="c", queue="vip"),
]  # fmt: skip
AT_OPEN = {**RESPONSE, "rules": {"min_n": 2}}
INDICATORS = {
    "answered": AT_OPEN,
    "as_answered": {**AT_OPEN, "rules": {"min_n": 2, "priority": "at_response"}},
    "turned": {
        **AT_OPEN,
        "versions": [{"valid_from": "2020-07-02", "rules": {"priority": "strictest"}}],
    },
    "calls": {**CALLS, "rules": {"min_n": 1}},
    "survey": {"kind": "manual", "values": [{"date": "2020-07-01", "value": 5}]},
}


@pytest.fixture
def measuring(sqlite_url):
    with Store.open(sqlite_url) as store:
        save(store, *DESK)
        yield Measuring(settings_of(INDICATORS, sources=WITH_HISTORY), store)


def split(measuring, indicator, by):
    """(value, good, eligible, excluded, state) of the whole and of each part."""
    july, now = parse_period("2020-07", FIRST), at("2020-08-03 08:00")
    figures, _ = period_figures(measuring, july, now, [indicator], by=by)
    return [
        (f.part and f.part.value, f.good, f.eligible, sum(f.excluded.values()), f.state)
        for f in figures
    ]


def test_priorities_come_in_their_order_others_by_number_and_what_is_not_stated_last(measuring):
    polled(measuring.store, "desk", at("2020-08-02 08:00"))
    assert split(measuring, "answered", "priority") == [
        (None, 3, 4, 1, "missed"),
        ("urgent", 1, 1, 0, "too_few"),
        ("low", 1, 2, 0, "missed"),
        ("P5", 1, 1, 0, "too_few"),
        (None, 0, 0, 1, "no_data"),
    ]
    assert [each[:3] for each in split(measuring, "answered", "team")] == [
        (None, 3, 4),
        ("Network", 1, 2),
        ("Servicedesk", 1, 1),
        (None, 1, 1),
    ]
    assert [each[0] for each in split(measuring, "answered", "category")] == [None, "Mail", None]


def test_the_priority_is_the_one_by_which_the_record_was_judged(measuring):
    """The first ticket was low when it was opened, and urgent when it was answered."""
    assert ("urgent", 2, 2) in [each[:3] for each in split(measuring, "as_answered", "priority")]
    assert ("low", 0, 1) in [each[:3] for each in split(measuring, "as_answered", "priority")]
    assert ("low", 1, 2) in [each[:3] for each in split(measuring, "turned", "priority")]


def test_the_hour_is_that_of_the_local_clock(measuring):
    assert [each[:4] for each in split(measuring, "answered", "hour")] == [
        (None, 3, 4, 1),
        (8, 1, 2, 0),
        (16, 1, 1, 0),
        (23, 1, 1, 1),
    ]


def test_calls_have_queues_and_what_has_no_such_field_stays_whole(measuring):
    assert [each[:3] for each in split(measuring, "calls", "queue")] == [
        (None, 2, 3),
        ("vip", 1, 2),
        ("it", 1, 1),
    ]
    for indicator, by in (("calls", "team"), ("answered", "queue"), ("survey", "hour")):
        assert len(split(measuring, indicator, by)) == 1
        assert not can_be_split(measuring.timeline(indicator), by)


def test_what_is_left_of_a_running_year_is_estimated_for_the_whole_only(measuring):
    year, now = parse_period("2020", FIRST), at("2020-07-10 08:00")
    only = ["answered", "calls"]
    usual, _ = period_figures(measuring, year, now, only)
    figures, _ = period_figures(measuring, year, now, only, by="hour", compare=True)
    whole = [each for each in figures if each.part is None]
    assert [replace(f, comparisons=()) for f in whole] == [f for f in usual if not f.organization]
    assert all(each.comparisons for each in whole)
    parts = [each for each in figures if each.part is not None]
    assert parts
    assert {(f.left, f.misses_left, f.required, f.comparisons) for f in parts} == {
        (None, None, None, ())
    }
