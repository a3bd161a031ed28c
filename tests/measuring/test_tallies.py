"""Tallies add up: days to months to years, organizations to the desk, verdicts to all records."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.business_time.zone import LocalDays
from collector.measuring.figures.distribution import BOUNDS
from collector.measuring.figures.tally import columns, counts, tally
from collector.measuring.verdicts.timeline import Verdict
from collector.model.records import CallOutcome, Change
from tests.worlds.measured import (
    CALLS,
    DAYS,
    FIRST_LINE,
    MEAN,
    ORGANIZATIONS,
    RESPONSE,
    at,
    call,
    holds,
    measure,
    ticket,
    timeline_of,
)
from tests.worlds.sizes import sample_size

FIRST = date(2020, 1, 1)
DAYS_OF_YEAR = 366
START, END = at("2020-01-01"), at("2021-01-01")
LOCAL = LocalDays("Europe/Stockholm")
EXCLUDE = {"test": {"category": "Test"}}
TICKET_TIMELINES = [
    timeline_of(each, exclude=EXCLUDE)
    for each in (RESPONSE, DAYS, MEAN, FIRST_LINE, {"kind": "count"})
]
CALL_TIMELINES = [
    timeline_of({**CALLS, "formula": formula, "short_abandon": "5s"})
    for formula in (
        "answered_of_offered",
        "answered_of_answered",
        "without_early_abandons",
        "abandons_met",
    )
]

instants = st.integers(START, END - 1)
gaps = st.one_of(st.none(), st.integers(-100, 40 * 86400))
organizations = st.sampled_from([*ORGANIZATIONS, None])


@st.composite
def tickets(draw):
    opened = draw(instants)
    response, resolved, closed = (
        None if gap is None else opened + gap for gap in (draw(gaps), draw(gaps), draw(gaps))
    )
    begin = opened + draw(st.integers(0, 86400))
    spans = [
        Change(opened, "status", "open"),
        Change(begin, "status", "on_hold"),
        Change(begin + draw(st.integers(0, 86400)), "status", "open"),
    ]
    one = ticket(
        opened,
        first_response_at=response,
        resolved_at=resolved,
        closed_at=closed,
        organization=draw(organizations),
        category=draw(st.sampled_from(["Test", "Net"])),
        team=draw(st.sampled_from(["Servicedesk", "Network", None])),
        mark=draw(st.sampled_from([None, None, None, "merged", "spam"])),
    )
    return type(one)(**{**{n: getattr(one, n) for n in one.__slots__}, "changes": tuple(spans)})


@st.composite
def calls(draw):
    return call(
        draw(st.sampled_from(list(CallOutcome))),
        draw(st.one_of(st.none(), st.integers(0, 100))),
        draw(instants),
        organization=draw(organizations),
    )


def tallied(timeline, records, now):
    """The tally of every day of 2020, and the verdicts behind it."""
    table, found = measure(timeline, records, now)
    counted = table.entered_at if timeline.clock == "entered" else table.opened_at
    day = LOCAL.dates(counted[found.row]) - FIRST.toordinal()
    return tally(timeline, table, found, None, day, DAYS_OF_YEAR, ORGANIZATIONS), found


def check(timeline, records, now):
    sums, found = tallied(timeline, records, now)
    # by verdict and reason, counted one by one
    plain = Counter()
    seconds = 0
    for v, reason, s in zip(found.verdict, found.reason, found.seconds.tolist(), strict=True):
        name = Verdict(v).name.lower()
        plain[timeline.reasons[reason] if name == "excluded" else name] += 1
        seconds += s if name == "met" and s > -(2**62) else 0
    whole = counts(timeline, sums.sum(axis=(0, 1)))
    assert whole.good == plain["met"]
    assert whole.eligible == plain["met"] + plain["missed"]
    assert whole.pending == plain["pending"]
    assert whole.seconds == seconds
    assert whole.excluded == {
        k: n for k, n in plain.items() if k not in {"met", "missed", "pending", "later"}
    }
    everything = whole.eligible + whole.pending + sum(whole.excluded.values()) + plain["later"]
    assert everything == len(records)
    # months and the year, each from its own records
    for month in range(1, 13):
        first = date(2020, month, 1)
        after = date(2020 + month // 12, month % 12 + 1, 1)
        low, high = LOCAL.midnight(first), LOCAL.midnight(after)
        own = [r for r in records if low <= getattr(r, "opened_at", 0) < high]
        own += [r for r in records if low <= getattr(r, "entered_at", 0) < high]
        alone, _ = tallied(timeline, own, now)
        days = slice((first - FIRST).days, (after - FIRST).days)
        assert np.array_equal(sums[days].sum(axis=0), alone.sum(axis=0))
    # organizations, each from its own records; the last place is of those without one
    for place, name in enumerate([*ORGANIZATIONS, None]):
        alone, _ = tallied(timeline, [r for r in records if r.organization == name], now)
        assert np.array_equal(sums[:, place], alone[:, place])
        assert not np.delete(alone, place, axis=1).any()


@settings(deadline=None, max_examples=sample_size(10, 30))
@given(st.lists(tickets(), max_size=15), st.integers(START, END + 60 * 86400))
def test_tallies_of_tickets_add_up(records, now):
    for timeline in TICKET_TIMELINES:
        check(timeline, records, now)


@settings(deadline=None, max_examples=sample_size(10, 30))
@given(st.lists(calls(), max_size=20), st.integers(START, END + 86400))
def test_tallies_of_calls_add_up(records, now):
    for timeline in CALL_TIMELINES:
        check(timeline, records, now)


def test_days_outside_are_left_out():
    timeline = TICKET_TIMELINES[0]
    table, found = measure(timeline, [ticket("2020-07-13 09:00")] * 3, "2020-07-14 12:00")
    sums = tally(timeline, table, found, None, np.array([-1, 0, 2]), 2, ORGANIZATIONS)
    assert sums.shape == (2, 3, columns(timeline))
    assert sums.sum() == sums[0, 2].sum() == 1


def test_seconds_of_what_is_pending_or_excluded_do_not_count():
    timeline = timeline_of(MEAN)
    opened = "2020-07-13 09:00"
    records = [
        ticket(opened, resolved_at="2020-07-13 10:00"),
        ticket(opened, resolved_at="2020-07-13 10:00", mark="spam"),
        ticket(opened),
        ticket(opened, changes=holds(opened, ("2020-07-13 11:00",))),
        ticket(opened, closed_at="2020-07-13 11:00"),
    ]
    sums, _ = tallied(timeline, records, at("2020-07-20"))
    found = counts(timeline, sums.sum(axis=(0, 1)))
    assert (found.good, found.eligible, found.pending) == (1, 1, 2)
    assert (found.seconds, found.squares) == (3600, 3600**2)
    assert found.excluded == {"spam": 1, "no_resolved_at": 1}
    assert sum(found.histogram) == found.histogram[BOUNDS.index(3600)] == 1
    assert sums.sum(axis=(0, 1)).shape == (columns(timeline),)
    assert sums[(date(2020, 7, 13) - FIRST) // timedelta(days=1)].any()
