"""The year-end forecast by hand, against a second plain implementation, and on a real help desk.

Worked cases count months from 0: the year begins in month 12 unless said otherwise.
"""

import csv
from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.measuring.figures.backtest import (
    BacktestRow,
    BacktestSeries,
    BacktestSummary,
    backtest,
    summaries,
)
from collector.measuring.figures.forecast import (
    PARTS,
    Forecast,
    History,
    Months,
    Running,
    Suspicion,
    expected_left,
    expected_volume,
    forecast,
    suspected_break,
)
from collector.model.codes import NoForecast
from tests.worlds.paths import shared
from tests.worlds.sizes import sample_size

seldom = settings(deadline=None, max_examples=sample_size(40, 150))

HELPDESK = "data/helpdesk_monthly.csv"
INDICATORS = ("resp2", "resp8", "resp48", "res5d", "res20d")
JANUARY = 12  # month index 0 of the worked cases is a January
BREAK = 2012 * 12 + 8
Z80 = 1.2815515655446004  # 90 % of the normal distribution


def months(pairs, first=0):
    good, eligible = zip(*pairs, strict=True) if pairs else ((), ())
    return Months(first, np.array(good, np.int64), np.array(eligible, np.int64))


def close(value):
    return pytest.approx(value, rel=1e-12, abs=1e-15)


# --- a second implementation, in loops, that shares nothing with the first


def plain_start(first, eligible, breaks):
    present = first + len(eligible)
    start = first
    for month in breaks:
        if start < month <= present:
            start = month
    while start < present and eligible[start - first] == 0:
        start += 1
    return start


def plain_volumes(first, eligible, year, running, start):
    present = first + len(eligible)
    left = range(present, year + 12)
    result = []
    if present - start >= 12:
        now, then = running[1], 0.0
        for month in range(year, present):
            if month - 12 >= start:
                now += eligible[month - first]
                then += eligible[month - 12 - first]
        if left:
            then += running[2] * eligible[present - 12 - first]
        for month in left:
            result.append(eligible[month - 12 - first] * (now + 5) / (then + 5))
    else:
        used = [month for month in range(year, present) if month >= start]
        if not used:
            used = [month for month in range(present - 12, present) if month >= start]
        time = len(used) + running[2]
        if time == 0:
            return None
        pace = (sum(eligible[month - first] for month in used) + running[1]) / time
        result = [pace for _ in left]
    if result:
        result[0] *= 1 - running[2]
    return result


def plain(first, good, eligible, year, running=(0, 0, 0.0), breaks=(), mean=False):
    present = first + len(eligible)
    start = plain_start(first, eligible, breaks)
    volumes = plain_volumes(first, eligible, year, running, start)
    done_good, done = running[0], running[1]
    for month in range(max(year, first), present):
        done_good += good[month - first]
        done += eligible[month - first]
    history = [(good[m - first], eligible[m - first]) for m in range(start, present)]
    if sum(1 for _, d in history[-12:] if d > 0) < 3:
        return None, volumes, done
    left = sum(volumes)
    if done + left == 0:
        return None, volumes, done
    recent = sum(n for n, _ in history[-12:]) / sum(d for _, d in history[-12:])
    level = None
    for n, d in history:
        if d == 0:
            continue
        if mean:
            x = log((n + recent) / (d + 1)) if recent else 0.0
        else:
            share = (n + 0.5) / (d + 1)
            x = log(share / (1 - share))
        level = x if level is None else 0.3 * x + 0.7 * level
    smoothed = exp(level) if mean else exp(level) / (1 + exp(level))
    if mean and not recent:
        smoothed = 0.0
    results = []
    for part in range(3 if len(history) >= 12 else 2):
        total = done_good
        for place, volume in enumerate(volumes):
            n, d = history[len(history) - 12 + place] if part == 2 else (0, 0)
            total += volume * (recent if part == 0 else smoothed if part == 1 else recent)
            if part == 2 and d > 0:
                total += volume * (n / d - recent)
        results.append(total / (done + left))
    value = sum(results) / len(results)
    variance = sum((r - value) ** 2 for r in results) / len(results)
    last = history[-36:]
    seen = [(n, d) for n, d in last if d > 0]
    levels = [n / d for n, d in seen]
    centre = sum(levels) / len(levels)
    between = sum((x - centre) ** 2 for x in levels) / (len(levels) - 1)
    pooled = sum(n for n, _ in seen) / sum(d for _, d in seen)
    w = left / (done + left)
    if mean:
        extra = max(between, (0.01 * pooled) ** 2)
        inner = extra * 18 / len(last)
    else:
        binomial = sum(pooled * (1 - pooled) / d for _, d in seen) / len(seen)
        extra = max(between - binomial, 0.01**2)
        p = (value * (done + left) - done_good) / left if left else 0.0
        inner = (p * (1 - p) / left if left else 0.0) + extra * 18 / len(last)
    return (value, sqrt(max(w * w * inner + variance, 0.0)), tuple(results)), volumes, done


def agree(known):
    """The forecast of both implementations; asserts that they are one."""
    m = known.months
    expected, volumes, done = plain(
        m.first,
        m.good.tolist(),
        m.eligible.tolist(),
        known.year,
        tuple(known.running),
        known.breaks,
        known.mean,
    )
    size = max(1.0, float(m.good.max(initial=0))) if known.mean else 1.0
    if volumes is None:
        assert expected_left(known) is None
        assert expected_volume(known) is None
    else:
        assert expected_left(known) == pytest.approx(sum(volumes), rel=1e-9, abs=1e-9)
        assert expected_volume(known) == pytest.approx(done + sum(volumes), rel=1e-9, abs=1e-9)
    made = forecast(known)
    if expected is None:
        assert isinstance(made, NoForecast)
        return None
    value, scale, parts = expected
    assert made.value == pytest.approx(value, abs=1e-9 * size)
    assert made.parts == pytest.approx(parts, abs=1e-9 * size)
    assert made.scale == pytest.approx(scale, rel=1e-6, abs=1e-9 * size)
    assert made.eligible_left == pytest.approx(sum(volumes), rel=1e-9, abs=1e-9)
    assert len(made.parts) == (3 if made.months >= 12 else 2)
    return made


@st.composite
def situations(draw, mean=None):
    """Seeded months with gaps and growth, any year's beginning, breaks, a running month."""
    mean = draw(st.booleans()) if mean is None else mean
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    length = draw(st.integers(0, 40))
    first = draw(st.integers(24_000, 24_400))
    eligible = random.poisson(draw(st.sampled_from([0.3, 3, 60])), length)
    eligible[: draw(st.integers(0, 4))] = 0
    if mean:
        good = np.array([random.integers(0, 10**5, n).sum() for n in eligible], np.int64)
    else:
        good = random.binomial(eligible, random.uniform(0, 1, length))
    present = first + length
    year = present - draw(st.integers(0, 12))
    if year == present - 12:
        running = Running()
    else:
        n = draw(st.integers(0, 20))
        passed = draw(st.sampled_from([0.0, 0.25, 0.9, 1.0]))
        running = Running(draw(st.integers(0, n)) * (3600 if mean else 1), n, passed)
    breaks = tuple(present - back for back in draw(st.lists(st.integers(-2, 20), max_size=2)))
    return History(Months(first, good, eligible), year, running, breaks, mean)


@given(situations())
@settings(seldom, max_examples=sample_size(120, 240, 600))
def test_both_implementations_agree(known):
    agree(known)


# --- by hand


def test_three_equal_months():
    known = History(months([(5, 10)] * 3, first=JANUARY), JANUARY)
    made = forecast(known)
    # pace 10, nine months left; every level 0.5; no variance between months: the least, 0.0001,
    # times 18 / 3; w² (p (1 - p) / left + extra) = (90/120)² (0.25 / 90 + 0.0006)
    assert made == Forecast(
        value=close(0.5),
        scale=close(sqrt(0.75**2 * (0.25 / 90 + 0.0006))),
        parts=close((0.5, 0.5)),
        eligible_left=close(90.0),
        months=3,
        mean=False,
    )
    assert made.low == close(0.5 - Z80 * made.scale)
    assert made.high == close(0.5 + Z80 * made.scale)


def test_three_months_that_differ():
    made = forecast(History(months([(2, 10), (5, 10), (8, 10)], first=JANUARY), JANUARY))
    # smoothed: logits -ln 3.4, 0, ln 3.4 (8.5 / 2.5); 0.49 · -ln 3.4 + 0.21 · 0 + 0.3 · ln 3.4
    smoothed = 1 / (1 + 3.4**0.19)
    a, b = 0.5, (15 + 90 * smoothed) / 120
    p = (0.5 + smoothed) / 2
    # shares 0.2 0.5 0.8: variance 0.09, binomial 0.25 / 10; of three months six times the rest
    inner = 0.75**2 * (p * (1 - p) / 90 + 0.065 * 6)
    assert made.parts == close((a, b))
    assert made.value == close((a + b) / 2)
    assert made.scale == close(sqrt(inner + ((a - b) / 2) ** 2))


def test_a_second_year():
    # last year 20 a month, 10 met, but 15 of 20 in December; this year 30 a month, 12 met
    known = History(
        months([(10, 20)] * 11 + [(15, 20)] + [(12, 30)] * 3),
        JANUARY,
    )
    made = forecast(known)
    # growth (90 + 5) / (60 + 5); nine months left
    left = 9 * 20 * 95 / 65
    # last 12 months: 8 · 10 + 15 + 36 of 9 · 20 + 90
    recent = 131 / 270
    # logits: 0 eleven times, ln(15.5 / 5.5), thrice ln(12.5 / 18.5)
    level = 0.3 * 0.343 * log(15.5 / 5.5) + (1 - 0.343) * log(12.5 / 18.5)
    smoothed = 1 / (1 + exp(-level))
    # last year's April to November 0.5, December 0.75
    year_ago = (8 * 0.5 + 0.75) / 9
    parts = [(36 + left * level) / (90 + left) for level in (recent, smoothed, year_ago)]
    value = sum(parts) / 3
    p = (recent + smoothed + year_ago) / 3
    # 15 months: eleven 0.5, one 0.75, three 0.4
    centre = (5.5 + 0.75 + 1.2) / 15
    between = (11 * 0.25 + 0.75**2 + 3 * 0.16 - 15 * centre**2) / 14
    pooled = 161 / 330
    binomial = pooled * (1 - pooled) * (12 / 20 + 3 / 30) / 15
    extra = max(between - binomial, 0.0001) * 18 / 15
    inner = (left / (90 + left)) ** 2 * (p * (1 - p) / left + extra)
    disagreement = sum((part - value) ** 2 for part in parts) / 3
    assert made == Forecast(
        value=close(value),
        scale=close(sqrt(inner + disagreement)),
        parts=close(tuple(parts)),
        eligible_left=close(left),
        months=15,
        mean=False,
    )
    assert PARTS == ("last_12_months", "smoothed", "last_year")
    assert expected_left(known) == made.eligible_left
    assert expected_volume(known) == close(90 + left)


def test_under_way_in_a_month():
    # last year 20 a month; this year 30 in January; of February a quarter has passed, 6 met of 9
    known = History(
        months([(10, 20)] * 12 + [(15, 30)]), JANUARY, Running(good=6, eligible=9, passed=0.25)
    )
    # growth (30 + 9 + 5) / (20 + 0.25 · 20 + 5); three quarters of February and ten months left
    left = (0.75 + 10) * 20 * 44 / 30
    assert expected_left(known) == close(left)
    assert expected_volume(known) == close(39 + left)
    made = forecast(known)
    # every complete month is at 0.5, so every level is
    assert made.parts == close(((21 + left / 2) / (39 + left),) * 3)
    assert made.months == 13
    # that month at its end, not yet known to be complete
    over = replace(known, running=Running(6, 9, 1.0))
    assert expected_left(over) == close(10 * 20 * 44 / 45)


def test_same_month_a_year_ago_is_weighted_by_volume():
    # last year's months left: November 30 records at 1.0, December 10 at 0; this year's ten at 0.5
    known = History(months([(5, 10)] * 10 + [(30, 30), (0, 10)] + [(5, 10)] * 10), JANUARY)
    made = forecast(known)
    # growth 1; left 40, of which 30 are met
    assert made.eligible_left == close(40)
    assert made.parts[2] == close((50 + 30) / 140)
    # the last 12 months: 30 + 0 + 50 of 140
    assert made.parts[0] == close((50 + 40 * 80 / 140) / 140)


def test_a_month_without_records_a_year_ago_is_expected_to_have_none():
    # last December had none: this one is expected to have none
    no_december = History(months([(5, 10)] * 11 + [(0, 0)] + [(6, 10)] * 10), JANUARY)
    assert expected_left(no_december) == close(10.0 * 105 / 105)
    # last November has no records, December 10 all met
    known = History(months([(5, 10)] * 10 + [(0, 0), (10, 10)] + [(5, 10)] * 10), JANUARY)
    made = forecast(known)
    assert made.eligible_left == close(10)
    assert made.parts[2] == close((50 + 10) / 110)
    # within the last 12 the recent share is 60 / 110
    assert made.parts[0] == close((50 + 10 * 60 / 110) / 110)


def test_smoothing_passes_over_months_without_records():
    known = History(months([(2, 10), (0, 0), (5, 10), (0, 0), (8, 10)], first=JANUARY), JANUARY)
    made = forecast(known)
    # pace 30 / 5 months: 42 left
    assert made.eligible_left == close(42)
    assert made.parts[1] == close((15 + 42 / (1 + 3.4**0.19)) / 72)
    assert made.months == 5


def test_a_mean_duration():
    # sums of seconds and records: means 100, 200, 300
    known = History(months([(1000, 10), (4000, 20), (3000, 10)], JANUARY), JANUARY, mean=True)
    made = forecast(known)
    # pace 40 / 3: 120 left; recent 8000 / 40 = 200
    # smoothed, each month with one record of 200 s more: 1200/11, 4200/21, 3200/11
    smoothed = (1200 / 11) ** 0.49 * 200**0.21 * (3200 / 11) ** 0.3
    a, b = 200.0, (8000 + 120 * smoothed) / 160
    assert made.parts == close((a, b))
    assert made.value == close((a + b) / 2)
    # the variance between months is 10 000, of three months six times that; nothing binomial
    assert made.scale == close(sqrt(0.75**2 * 60_000 + ((a - b) / 2) ** 2))
    assert made.mean is True
    assert made.low == 0
    assert made.high == close(made.value + Z80 * made.scale)


def test_means_that_do_not_vary_have_one_percent():
    known = History(months([(1000, 10), (2000, 20), (3000, 30)], JANUARY), JANUARY, mean=True)
    made = forecast(known)
    assert made.value == close(100.0)
    assert made.scale == close(0.75 * 1.0 * sqrt(6))


def test_means_of_nothing_but_zeros():
    made = forecast(History(months([(0, 10)] * 3, JANUARY), JANUARY, mean=True))
    assert (made.value, made.scale, made.low, made.high) == (0, 0, 0, 0)


def test_the_last_12_months_and_the_last_36():
    # 13 months ago and before all met; since then half
    old, new = [(10, 10)] * 25, [(5, 10)] * 12
    known = History(months(old + new), year=36)
    made = forecast(known)
    assert made.months == 37
    assert made.parts[0] == close(0.5)
    # the variance is half that of 36 months, 24 at 1 and 12 at 0.5:
    # (24 / 36 + 12 / 9) / 35; pooled 5/6
    extra = (2 / 35 - 5 / 36 / 10) / 2
    value = made.value
    left = made.eligible_left
    w = left / (10 + left)
    p = (value * (10 + left) - 5) / left
    disagreement = sum((part - value) ** 2 for part in made.parts) / 3
    assert made.scale == close(sqrt(w**2 * (p * (1 - p) / left + extra) + disagreement))


# --- how much history is enough


def test_under_three_months_there_is_no_forecast():
    two = History(months([(5, 10)] * 2, JANUARY), JANUARY)
    assert forecast(two) is NoForecast.SHORT_HISTORY
    assert expected_left(two) == close(100.0)
    # empty months are no history, before the first records and between them
    assert forecast(History(months([(0, 0), (5, 10), (5, 10)], JANUARY), JANUARY)) == (
        NoForecast.SHORT_HISTORY
    )
    assert forecast(History(months([(5, 10), (0, 0), (5, 10)], JANUARY), JANUARY)) == (
        NoForecast.SHORT_HISTORY
    )
    three = History(months([(5, 10), (0, 0), (5, 10), (5, 10)], JANUARY), JANUARY)
    assert isinstance(forecast(three), Forecast)


def test_records_older_than_12_months_are_no_history():
    # three months with records, of which two are among the last 12
    pairs = [(5, 10)] + [(0, 0)] * 9 + [(5, 10), (0, 0), (5, 10)]
    assert forecast(History(months(pairs), JANUARY)) is NoForecast.SHORT_HISTORY
    assert isinstance(forecast(History(months(pairs[1:]), JANUARY - 1)), NoForecast)
    pairs = [(5, 10)] + [(0, 0)] * 9 + [(5, 10), (5, 10)]
    assert isinstance(forecast(History(months(pairs), JANUARY)), Forecast)


def test_nothing_eligible_so_far_and_so_none_expected():
    # October to December 10 each, none since: the pace of the year to date is 0
    known = History(months([(5, 10)] * 3 + [(0, 0)], first=9), JANUARY)
    assert expected_left(known) == 0
    assert expected_volume(known) == 0
    assert forecast(known) is NoForecast.NOTHING_ELIGIBLE
    assert forecast(known) == "nothing_eligible"
    # one that runs is enough: 1 in 1.5 months, 10.5 left
    known = replace(known, running=Running(1, 1, 0.5))
    assert forecast(known).eligible_left == close(10.5 / 1.5)


def test_eleven_months_and_twelve():
    eleven = forecast(History(months([(5, 10)] * 11, first=1), JANUARY))
    assert len(eleven.parts) == 2
    twelve = forecast(History(months([(5, 10)] * 12), JANUARY))
    assert len(twelve.parts) == 3
    assert twelve.months == 12
    # months before the first records do not lengthen it
    late = forecast(History(months([(0, 0)] + [(5, 10)] * 11), JANUARY))
    assert (len(late.parts), late.months) == (2, 11)


# --- volumes


def test_pace_without_last_year():
    # six months at 10, 20 … 60: the year to date, not the months before it
    known = History(months([(0, 10 * n) for n in range(1, 7)], first=9), JANUARY)
    assert expected_left(known) == close(9 * 50)
    # a quarter of April passed with 25 records: 175 in 3.25 months
    known = replace(known, running=Running(0, 25, 0.25))
    assert expected_left(known) == close(8.75 * 175 / 3.25)


def test_pace_before_the_first_complete_month():
    # of no history: 6 records in a fifth of the month
    empty = months([], first=JANUARY)
    assert expected_left(History(empty, JANUARY, Running(3, 6, 0.2))) == close(30 * 11.8)
    assert expected_volume(History(empty, JANUARY, Running(3, 6, 0.2))) == close(6 + 30 * 11.8)
    assert expected_left(History(empty, JANUARY)) is None
    assert expected_volume(History(empty, JANUARY)) is None
    # two months of last year and a half of this one's first: 10 + 20 + 9 in 2.5
    known = History(months([(0, 10), (0, 20)], first=10), JANUARY, Running(0, 9, 0.5))
    assert expected_left(known) == close(11.5 * 39 / 2.5)
    assert expected_left(replace(known, running=Running())) == close(12 * 15)


def test_pace_counts_from_the_first_records_on():
    # measuring began in March
    known = History(months([(0, 0), (0, 0), (0, 30), (0, 10)], first=JANUARY), JANUARY)
    assert expected_left(known) == close(8 * 20)


def test_growth_of_few_records_is_held_back():
    # a year ago 10 a month, this January none: growth 5 / 15, not 0
    known = History(months([(0, 10)] * 12 + [(0, 0)]), JANUARY)
    assert expected_left(known) == close(110 / 3)


def test_a_new_year_repeats_the_last():
    known = History(months([(0, n) for n in range(1, 13)]), JANUARY)
    assert expected_left(known) == close(78)
    # 3 in the half of January: growth (3 + 5) / (0.5 + 5)
    known = replace(known, running=Running(0, 3, 0.5))
    assert expected_left(known) == close((0.5 + 77) * 8 / 5.5)


def test_growth_compares_only_months_that_both_years_have():
    # history from November on, eighteen months: this year's November to April against last year's
    known = History(months([(0, 10)] * 12 + [(0, 20)] * 6, first=22), year=34)
    assert expected_left(known) == close(60 * 125 / 65)
    # from the year's ninth month on: nine of this year's have none to compare with
    known = History(months([(0, 10)] * 4 + [(0, 20)] * 9, first=20), year=24)
    # history 13 months: only September is in both: (20 + 5) / (10 + 5)
    assert expected_left(known) == close(30 * 25 / 15)
    # 12 months: none is, and last year's stay as they were
    known = History(months([(0, 10)] * 4 + [(0, 20)] * 8, first=20), year=24)
    assert expected_left(known) == close(40)


def test_the_year_over():
    known = History(months([(5, 10)] * 12 + [(6, 10)] * 12), JANUARY)
    made = forecast(known)
    assert made.parts == close((0.6, 0.6, 0.6))
    assert (made.eligible_left, made.scale) == (0, 0)
    assert made.low == made.high == made.value
    short = History(months([(5, 10)] * 4, first=20), JANUARY)
    assert expected_left(short) == 0
    assert expected_volume(short) == 40


# --- breaks


def test_a_break_cuts_the_history():
    before, after = [(9, 90)] * 20, [(5, 10), (5, 10), (8, 10), (6, 10)]
    cut = History(months(before + after, first=0), JANUARY + 8, breaks=(20,))
    assert cut.start == 20
    alone = History(months(after, first=20), JANUARY + 8)
    assert forecast(cut) == forecast(alone)
    assert forecast(cut).months == 4


def test_a_break_in_the_year_keeps_the_year_to_date():
    # the year from month 12 on: January to June 90 at 0.1, since July 10 at 0.5
    known = History(months([(9, 90)] * 18 + [(5, 10)] * 3), JANUARY, breaks=(18,))
    made = forecast(known)
    assert known.so_far == (69, 570)
    # pace 10 since the break, three months left at 0.5
    assert made.eligible_left == close(30)
    assert made.parts == close((84 / 600, 84 / 600))


def test_the_latest_break_that_has_come_counts():
    pairs = [(5, 10)] * 20
    assert History(months(pairs), JANUARY).start == 0
    assert History(months(pairs), JANUARY, breaks=(8, 15, 3)).start == 15
    # at the present month nothing is left; ahead nothing is cut yet
    now = History(months(pairs), JANUARY, breaks=(3, 20))
    assert now.start == 20
    assert forecast(now) is NoForecast.SHORT_HISTORY
    assert expected_left(now) is None
    assert expected_left(replace(now, running=Running(0, 4, 0.5))) == close(3.5 * 8)
    assert History(months(pairs), JANUARY, breaks=(3, 21)).start == 3
    # before the first month there is nothing to cut
    assert History(months(pairs, first=5), 24, breaks=(3,)).start == 5


# --- what is refused


def test_months_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"^months of shapes \(2,\) and \(3,\)$"):
        Months(0, np.zeros(2), np.zeros(3, np.int64))
    with pytest.raises(ValueError, match="months of shapes"):
        Months(0, np.zeros((2, 2)), np.zeros((2, 2), np.int64))
    assert Months(7, np.zeros(2), np.zeros(2, np.int64)).after == 9


def test_the_present_month_lies_in_the_year():
    thirteen = months([(5, 10)] * 13)
    for year in (1, 13):
        History(thirteen, year)
    for year in (0, 14):
        with pytest.raises(ValueError, match=rf"^month 13 is not in the year from {year} on$"):
            History(thirteen, year)
    with pytest.raises(ValueError, match=r"^after the last month of the year none can be running$"):
        History(thirteen, 1, Running(0, 0, 0.1))
    History(thirteen, 2, Running(0, 0, 0.1))


@pytest.mark.parametrize("passed", [-0.1, 1.1])
def test_a_month_passes_from_0_to_1(passed):
    with pytest.raises(ValueError, match=rf"^{passed} of the present month cannot have passed$"):
        History(months([]), 0, Running(0, 0, passed))


# --- the interval and the chance


def made_up(value=0.5, scale=0.1, *, mean=False):
    return Forecast(value, scale, (value,), 10.0, 12, mean)


def test_the_interval_is_cut_at_what_is_possible():
    assert made_up(0.05).low == 0
    assert made_up(0.95).high == 1
    assert made_up(0.5).low == close(0.5 - 0.1 * Z80)
    assert made_up(0.5).high == close(0.5 + 0.1 * Z80)
    assert made_up(5.0, 10.0, mean=True).low == 0
    assert made_up(5.0, 10.0, mean=True).high == close(5 + 10 * Z80)
    assert made_up(50.0, 10.0, mean=True).low == close(50 - 10 * Z80)


def test_chance_of_a_threshold():
    made = made_up(0.5, 0.1)
    assert made.chance(0.5) == close(0.5)
    assert made.chance(made.low) == close(0.9)
    assert made.chance(made.high) == close(0.1)
    assert made.chance(made.high, at_least=False) == close(0.9)
    assert made.chance(0.4) == close(0.8413447460685429)  # one standard deviation below


def test_chance_without_uncertainty():
    sure = made_up(0.5, 0.0)
    assert [sure.chance(t) for t in (0.4, 0.5, 0.6)] == [1, 1, 0]
    assert [sure.chance(t, at_least=False) for t in (0.4, 0.5, 0.6)] == [0, 1, 1]


def test_a_year_with_nothing_left_is_certain():
    """16 of 34 divided by 34 three times and added differs from 16/34 by a rounding."""
    good = [1, 0, 0, 1, 1, 0, 1, 5, 1, 1, 4, 1, 0, 1]
    eligible = [2, 0, 7, 1, 4, 1, 3, 6, 3, 5, 4, 2, 3, 2]
    known = History(Months(24000, np.array(good), np.array(eligible)), 24003, Running(0, 0, 1.0))
    made = forecast(known)
    assert isinstance(made, Forecast)
    assert made.scale == 0


@given(situations(), st.floats(0, 1), st.floats(0, 1))
@seldom
def test_interval_and_chance_hang_together(known, threshold, more):
    made = forecast(known)
    if not isinstance(made, Forecast):
        return
    size = 1.0 if not known.mean else 1e5
    assert made.scale >= 0
    assert 0 <= made.low <= made.value <= made.high
    assert known.mean or made.high <= 1
    below, above = sorted((threshold * size, threshold * size + more * size))
    assert made.chance(below) >= made.chance(above)
    assert 0 <= made.chance(below) <= 1
    if made.scale:
        total = made.chance(below) + made.chance(below, at_least=False)
        assert total == pytest.approx(1)
        assert made.chance(made.value - Z80 * made.scale) == pytest.approx(0.9)


# --- what must not matter


@given(situations(mean=True), st.sampled_from([60, 3600, 10**6]))
@seldom
def test_the_unit_of_time_does_not_matter(known, unit):
    made = forecast(known)
    m, r = known.months, known.running
    scaled = forecast(
        replace(
            known,
            months=Months(m.first, m.good * unit, m.eligible),
            running=r._replace(good=r.good * unit),
        )
    )
    if isinstance(made, NoForecast):
        assert scaled is made
        return
    assert scaled.value == pytest.approx(made.value * unit, rel=1e-9)
    assert scaled.scale == pytest.approx(made.scale * unit, rel=1e-6, abs=1e-6)
    assert scaled.eligible_left == made.eligible_left
    assert scaled.chance(made.value * unit * 1.1) == pytest.approx(
        made.chance(made.value * 1.1), abs=1e-6
    )


@given(situations(mean=False))
@seldom
def test_met_and_missed_are_mirror_images(known):
    made = forecast(known)
    m, r = known.months, known.running
    mirrored = forecast(
        replace(
            known,
            months=Months(m.first, m.eligible - m.good, m.eligible),
            running=r._replace(good=r.eligible - r.good),
        )
    )
    if isinstance(made, NoForecast):
        assert mirrored is made
        return
    assert mirrored.value == pytest.approx(1 - made.value)
    assert mirrored.scale == pytest.approx(made.scale, abs=1e-9)
    assert mirrored.parts == pytest.approx(tuple(1 - part for part in made.parts))


@given(situations(), st.integers(-500, 500))
@seldom
def test_the_calendar_does_not_matter(known, shift):
    moved = History(
        Months(known.months.first + shift, known.months.good, known.months.eligible),
        known.year + shift,
        known.running,
        tuple(month + shift for month in known.breaks),
        known.mean,
    )
    assert forecast(moved) == forecast(known)


@given(situations(), st.integers(1, 30))
@seldom
def test_months_before_the_first_records_do_not_matter(known, lead):
    m = known.months
    longer = Months(
        m.first - lead,
        np.concatenate((np.zeros(lead, m.good.dtype), m.good)),
        np.concatenate((np.zeros(lead, np.int64), m.eligible)),
    )
    assert forecast(replace(known, months=longer)) == forecast(known)
    assert expected_left(replace(known, months=longer)) == expected_left(known)


# --- back-test


def desk(length=60, seed=1, mean=False, first=JANUARY):
    random = np.random.default_rng(seed)
    eligible = random.integers(20, 60, length)
    good = random.binomial(eligible, 0.7) * (100 if mean else 1)
    return Months(first, good, eligible)


def known_of(whole):
    """What was known of ``whole`` when a month began: the months before it."""
    return lambda month: Months(
        whole.first,
        whole.good[: max(month - whole.first, 0)],
        whole.eligible[: max(month - whole.first, 0)],
    )


def series(whole, **of):
    return BacktestSeries(known_of(whole), **of)


def test_backtest_rebuilds_each_forecast_from_what_was_known():
    whole, asked = desk(36), []

    def as_known(month):
        asked.append(month)
        return known_of(whole)(month)

    rows = backtest({"a": BacktestSeries(as_known)}, [24])
    assert sorted(asked) == list(range(25, 37))
    assert [(row.indicator, row.year, row.month) for row in rows] == [
        ("a", 24, month) for month in range(1, 12)
    ]
    for row in rows:
        known = History(known_of(whole)(24 + row.month), 24)
        assert row.forecast == forecast(known)
        assert row.naive == close(whole.good[12 : 12 + row.month].sum() / known.so_far[1])
        assert row.actual == close(whole.good[12:24].sum() / whole.eligible[12:24].sum())


def test_backtest_believes_the_snapshots():
    """What was corrected since, later or never, does not reach into an earlier forecast."""
    whole = desk(36)
    corrected = Months(whole.first, whole.good // 2, whole.eligible)

    def as_known(month):
        return known_of(whole if month < 36 else corrected)(month)

    rows, plainly = (
        backtest({"a": BacktestSeries(as_known)}, [24]),
        backtest({"a": series(whole)}, [24]),
    )
    assert [row.forecast for row in rows] == [row.forecast for row in plainly]
    assert rows[0].actual == close(corrected.good[12:24].sum() / whole.eligible[12:24].sum())


def test_backtest_in_the_order_of_years_and_indicators():
    rows = backtest({"b": series(desk()), "a": series(desk(seed=2))}, [36, 24, 36])
    assert [(row.year, row.indicator) for row in rows] == (
        [(24, "b")] * 11 + [(24, "a")] * 11 + [(36, "b")] * 11 + [(36, "a")] * 11
    )


def test_backtest_leaves_out_what_cannot_be_compared():
    # the first year: forecasts from the third month on
    assert [row.month for row in backtest({"a": series(desk())}, [12])] == list(range(3, 12))
    # the year to date without records until May
    quiet = desk(36)
    quiet.eligible[12:16] = quiet.good[12:16] = 0
    assert [row.month for row in backtest({"a": series(quiet)}, [24])] == list(range(5, 12))
    # a year without any
    quiet.eligible[12:24] = quiet.good[12:24] = 0
    assert backtest({"a": series(quiet)}, [24]) == ()
    assert backtest({}, [24]) == ()


def test_backtest_hands_on_kind_and_breaks():
    whole = desk(36, mean=True)
    rows = backtest({"a": series(whole, mean=True, breaks=(30,))}, [24])
    # the break in the seventh month leaves no forecast after months 6, 7 and 8
    assert [row.month for row in rows] == [1, 2, 3, 4, 5, 9, 10, 11]
    for row in rows:
        known = History(known_of(whole)(24 + row.month), 24, breaks=(30,), mean=True)
        assert row.forecast == forecast(known)
        assert row.forecast.mean


def test_backtest_refuses_other_months_than_it_asked_for():
    with pytest.raises(ValueError, match=r"^asked for the months before 36, got those before 30$"):
        backtest({"a": BacktestSeries(lambda month: known_of(desk())(30))}, [24])


@given(st.permutations(["a", "b", "c", "d"]))
@settings(deadline=None, max_examples=10)
def test_the_order_of_indicators_does_not_matter(names):
    rows = backtest({name: series(desk(seed=ord(name))) for name in names}, [12, 24, 36])
    usual = backtest({name: series(desk(seed=ord(name))) for name in "abcd"}, [36, 24, 12])
    assert set(rows) == set(usual)


def row(year, ratio, *, scale=0.1, month=1, indicator="a", mean=False, naive=0.5):
    """A forecast of 0.5 that was off by so many scales."""
    return BacktestRow(
        indicator, year, month, made_up(0.5, scale, mean=mean), naive, 0.5 + ratio * scale
    )


# --- summaries


def test_a_summary_by_hand():
    # errors 0.2, 0, 0.1 of 0.5; naive 0.6, 0.6, 0.45; intervals 2, 2 and 1 · 0.1 · 1.28 wide
    rows = [row(12, 2, naive=0.6), row(12, 0, naive=0.6), row(12, -2, scale=0.05, naive=0.45)]
    (summary,) = summaries(rows, lambda r: r.year).values()
    assert summary == BacktestSummary(
        count=3,
        error=close(0.1),
        naive_error=close((0.1 + 0.1 + 0.05) / 3),
        coverage=close(1 / 3),
        width=close(0.5 * Z80 / 3),
    )
    assert summary.naive_wins
    assert rows[0].error == close(0.2)
    assert rows[2].error == close(0.1)
    assert rows[0].naive_error == close(0.1)


def test_an_interval_holds_what_lies_within_its_bounds():
    assert row(12, 0.9999 * Z80).held
    assert row(12, -0.9999 * Z80).held
    assert not row(12, 1.0001 * Z80).held
    assert not row(12, -1.0001 * Z80).held


def test_naive_wins_a_draw():
    assert BacktestSummary(1, 0.2, 0.2, 1.0, 0.1).naive_wins
    assert BacktestSummary(1, 0.2, 0.1, 1.0, 0.1).naive_wins
    assert not BacktestSummary(1, 0.2, 0.21, 1.0, 0.1).naive_wins


def test_summaries_in_the_order_of_their_key():
    rows = [row(24, 1, month=2), row(12, 1, month=3), row(12, 1, month=2, indicator="b")]
    assert [(k, s.count) for k, s in summaries(rows, lambda r: r.year).items()] == [
        (12, 2),
        (24, 1),
    ]
    assert list(summaries(rows, lambda r: r.month)) == [2, 3]
    assert list(summaries(rows, lambda r: r.indicator)) == ["a", "b"]
    assert summaries([], lambda r: r.year) == {}


def test_shares_and_seconds_are_not_added_up():
    rows = [row(12, 1), row(12, 1, mean=True)]
    with pytest.raises(ValueError, match=r"^shares and mean seconds have no common error$"):
        summaries(rows, lambda r: r.year)
    assert len(summaries(rows, lambda r: str(r.forecast.mean))) == 2


# --- a break that nobody configured


def test_a_suspected_break_by_hand():
    # 100 s in each of 12 months, 1 % of it is 1 s: 103 is just not over 3, 104 is
    usual = [(1000, 10)] * 12
    assert suspected_break(months([*usual, (1030, 10)]), mean=True) is None
    found = suspected_break(months([*usual, (1040, 10)], first=7), mean=True)
    assert found == Suspicion(19, close(4.0))
    found = suspected_break(months([*usual, (1000, 10), (950, 10)], first=7), mean=True)
    assert found == Suspicion(20, close(-5.0))
    assert suspected_break(months([*usual, (970, 10)]), mean=True) is None


def test_the_worst_month_is_suspected():
    # 0.9 of 100; then 0.2, and 0.1: the first is further from what was
    usual = [(90, 100)] * 12
    found = suspected_break(months([*usual, (20, 100), (10, 100), (20, 100)]))
    assert found.month == 12
    # middle 0.55: variance 0.0001 + 0.2475 / 100
    assert found.z == close(-0.7 / sqrt(0.0001 + 0.002475))


def test_a_short_history_cannot_be_suspected():
    assert suspected_break(months([])) is None
    assert suspected_break(months([(90, 100)] * 11 + [(0, 100)])) is None
    assert suspected_break(months([(90, 100)] * 12 + [(0, 100)])).month == 12


# --- the real help desk, 2010-01 to 2013-11; December 2013 had no tickets


@pytest.fixture(scope="module")
def helpdesk():
    with shared(HELPDESK).open() as file:
        table = list(csv.DictReader(file))
    eligible = np.array([int(line["n"]) for line in table] + [0])
    return {
        name: Months(2010 * 12, np.array([int(line[name]) for line in table] + [0]), eligible)
        for name in INDICATORS
    }


YEARS = [year * 12 for year in (2011, 2012, 2013)]


def points(summary):
    """In percentage points, three decimals."""
    shares = (summary.error, summary.naive_error, summary.coverage, summary.width)
    return (summary.count, *(round(100 * share, 3) for share in shares))


def test_helpdesk_years(helpdesk):
    """The forecast wins two years; it loses 2013, after a break that nobody told it of."""
    rows = backtest({name: series(whole) for name, whole in helpdesk.items()}, YEARS)
    found = {year // 12: points(s) for year, s in summaries(rows, lambda r: r.year).items()}
    assert found == {
        2011: (55, 3.639, 6.297, 96.364, 19.978),
        2012: (55, 1.765, 4.365, 90.909, 14.829),
        2013: (55, 6.550, 3.897, 78.182, 18.339),
    }
    wins = {year // 12: s.naive_wins for year, s in summaries(rows, lambda r: r.year).items()}
    assert wins == {2011: False, 2012: False, 2013: True}


def test_helpdesk_break_improves_2013(helpdesk):
    indicators = {name: series(whole, breaks=(BREAK,)) for name, whole in helpdesk.items()}
    rows = backtest(indicators, YEARS)
    found = {year // 12: points(s) for year, s in summaries(rows, lambda r: r.year).items()}
    assert found == {
        2011: (55, 3.639, 6.297, 96.364, 19.978),
        2012: (40, 2.017, 4.910, 85.0, 16.422),
        2013: (55, 2.239, 3.897, 92.727, 11.641),
    }
    assert not summaries(rows, lambda r: r.year)[YEARS[2]].naive_wins
    untold = backtest({name: series(whole) for name, whole in helpdesk.items()}, YEARS)
    with_break, without = (summaries(r, lambda row: row.year)[YEARS[2]] for r in (rows, untold))
    assert with_break.error < without.error / 2
    assert with_break.width < without.width


def test_helpdesk_agrees_with_plain_loops(helpdesk):
    made = 0
    for whole in helpdesk.values():
        for breaks in ((), (BREAK,)):
            for mean in (False, True):
                for month in range(2010 * 12, 2014 * 12):
                    known = History(
                        known_of(whole)(month),
                        month - month % 12,
                        Running(5, 9, 0.3) if month % 5 == 0 else Running(),
                        breaks,
                        mean,
                    )
                    made += agree(known) is not None
    # of 48 months the first three have no history, nor have the break's
    assert made == 5 * 2 * (45 + 42)


def test_helpdesk_breaks_are_suspected(helpdesk):
    found = {name: suspected_break(whole) for name, whole in helpdesk.items()}
    assert {name: s and (s.month, round(s.z, 3)) for name, s in found.items()} == {
        "resp2": (2011 * 12 + 2, 3.987),
        "resp8": (2011 * 12 + 2, 3.658),
        "resp48": None,
        "res5d": (BREAK, -7.325),
        "res20d": (BREAK, -5.576),
    }
