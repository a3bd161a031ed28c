"""Distributions: fixed buckets, exact at the limits of service desks, and honest percentiles."""

import random
from itertools import pairwise

import numpy as np
import pytest

from collector.measuring.figures.distribution import BOUNDS, BUCKETS, Quantile, bucket_of, quantile
from collector.measuring.figures.tally import counts, tally
from collector.model.records import CallOutcome
from tests.worlds.measured import (
    CALLS,
    MEAN,
    ORGANIZATIONS,
    RESPONSE,
    at,
    call,
    measure,
    ticket,
    timeline_of,
)

MINUTE, HOUR = 60, 3600


def histogram(seconds):
    return np.bincount(bucket_of(np.array(seconds, dtype=np.int64)), minlength=BUCKETS).tolist()


def test_the_bounds_ascend_and_hold_the_usual_limits():
    assert all(a < b for a, b in pairwise(BOUNDS))
    assert len(BOUNDS) + 1 == BUCKETS
    assert BOUNDS[:3] == (0, 5, 10)
    assert all(b <= 1.5 * a for a, b in pairwise(BOUNDS[2:]))  # no bucket wider than half of it
    usual = [20, 60, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, 40 * HOUR]
    assert set(usual) <= set(BOUNDS)
    assert all(isinstance(bound, int) for bound in BOUNDS)


def test_a_bound_belongs_to_the_bucket_below_it():
    for index, bound in enumerate(BOUNDS):
        assert bucket_of(np.array([bound, bound + 1])).tolist() == [index, index + 1]
    assert bucket_of(np.array([0])).tolist() == [0]


@pytest.mark.parametrize(
    ("seconds", "share", "wanted"),
    [
        ([], 0.5, None),
        ([0], 0.5, Quantile(0, 0, 0)),
        ([0, 0, 7], 0.5, Quantile(0, 0, 0)),
        # the only one of (5, 10]: half of it, and nine tenths
        ([7], 0.5, Quantile(7.5, 5, 10)),
        ([7], 0.9, Quantile(9.5, 5, 10)),
        ([7], 1.0, Quantile(10, 5, 10)),
        # two of (5, 10], two of (20, 25]: the second shortest is the last of the first bucket
        ([6, 7, 21, 22], 0.5, Quantile(10, 5, 10)),
        # the first behind half of five is the third: a half of the way through 2 in its bucket
        ([6, 7, 21, 22, 41], 0.5, Quantile(21.25, 20, 25)),
        # 90 % of ten: the ninth
        ([6] * 9 + [3 * HOUR], 0.9, Quantile(10, 5, 10)),
        ([6] * 8 + [3 * HOUR] * 2, 0.9, Quantile(9900, 9000, 10800)),
        ([BOUNDS[-1] + 1], 0.5, Quantile(BOUNDS[-1], BOUNDS[-1], None)),
    ],
)
def test_percentiles_by_hand(seconds, share, wanted):
    assert quantile(histogram(seconds), share) == wanted


@pytest.mark.parametrize("share", [0.01, 0.25, 0.5, 0.9, 0.99])
def test_the_true_percentile_lies_within_its_bounds(share):
    chance = random.Random(share)
    for _ in range(300):
        seconds = [int(chance.lognormvariate(8, 2)) for _ in range(chance.randrange(1, 40))]
        found = quantile(histogram(seconds), share)
        rank = next(k for k in range(1, len(seconds) + 1) if k >= share * len(seconds))
        true = sorted(seconds)[rank - 1]
        assert found.low <= found.seconds
        assert found.high is None or found.seconds <= found.high
        assert found.low < true or true == found.low == 0
        assert found.high is None or true <= found.high


def tallied(indicator, records, now="2020-07-20 12:00"):
    timeline = timeline_of(indicator)
    table, found = measure(timeline, records, now)
    sums = tally(timeline, table, found, None, found.row * 0, 1, ORGANIZATIONS)
    return counts(timeline, sums.sum(axis=(0, 1)))


def shown(found):
    bounds = [*BOUNDS, None]
    return {bounds[i]: n for i, n in enumerate(found.histogram) if n}


def test_ended_clocks_are_shown_met_or_missed_and_running_ones_are_not():
    opened = "2020-07-13 09:00"
    found = tallied(
        RESPONSE,
        [
            ticket(opened, "1", first_response_at="2020-07-13 09:30"),
            ticket(opened, "2", first_response_at="2020-07-13 09:30:01"),
            ticket(opened, "3"),
            ticket(opened, "4", first_response_at="2020-07-13 09:05", mark="spam"),
            ticket(opened, "5", first_response_at="2020-07-13 08:55"),
            ticket("2020-07-20 11:59", "6"),
        ],
    )
    assert shown(found) == {30 * MINUTE: 1, 40 * MINUTE: 1}
    assert (found.good, found.eligible, found.pending) == (1, 3, 1)
    # what lies within a bound is what the share within it counts
    within = sum(n for bound, n in zip(BOUNDS, found.histogram, strict=False) if bound <= 1800)
    assert within == found.good


def test_of_calls_the_waits_of_those_answered():
    entered = "2020-07-14 09:00"
    found = tallied(
        CALLS,
        [
            call(CallOutcome.ANSWERED, 20, entered, "1"),
            call(CallOutcome.ANSWERED, 21, entered, "2"),
            call(CallOutcome.ABANDONED, 3, entered, "3"),
            call(CallOutcome.TIMEOUT, 90, entered, "4"),
            call(CallOutcome.KEY_EXIT, 3, entered, "5"),
            call(CallOutcome.ANSWERED, None, entered, "6"),
            call(CallOutcome.OPEN, None, "2020-07-20 11:59", "7"),
        ],
    )
    assert shown(found) == {20: 1, 25: 1}
    assert found.excluded == {"key_exit": 1, "unknown_wait": 1}


def test_a_mean_shows_its_records_and_keeps_the_sum_of_their_squares():
    opened = "2020-07-13 09:00"
    ends = ("2020-07-13 10:00:59", "2020-07-13 09:02")
    found = tallied(MEAN, [ticket(opened, str(n), resolved_at=end) for n, end in enumerate(ends)])
    assert shown(found) == {75 * MINUTE: 1, 2 * MINUTE: 1}
    assert found.seconds == 3659 + 120
    assert found.squares == 3659**2 + 120**2


def test_very_long_records_do_not_overflow_the_squares():
    long = {**MEAN, "calendar": "always"}
    opened, ended = at("1990-01-01 09:00"), at("2020-07-13 09:00")
    found = tallied(long, [ticket(opened, str(n), resolved_at=ended) for n in range(100)])
    assert found.squares == 100 * (ended - opened) ** 2 > 2**63
    assert shown(found) == {None: 100}
    century = tallied(long, [ticket("1910-01-01 09:00", resolved_at=ended)])
    assert century.seconds > 3 * 10**9
    assert century.squares == 9 * 10**18


def test_what_has_no_duration_has_no_histogram():
    assert tallied({"kind": "count"}, [ticket("2020-07-13 09:00")]).histogram == ()
