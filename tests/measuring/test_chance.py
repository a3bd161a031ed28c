"""Intervals against published tables and exact fractions; thresholds against exact sums."""

from fractions import Fraction
from math import comb, inf, isfinite, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.measuring.figures.statistics import (
    Interval,
    binomial_threshold,
    deviations_from_before,
    extra_variance,
    mean_difference,
    newcombe,
    rate_ratio,
    student_quantile,
    wilson,
)
from tests.worlds.sizes import sample_size

seldom = settings(deadline=None, max_examples=sample_size(50, 200))

Z = 1.959963984540054  # 97.5 % of the normal distribution


@st.composite
def shares(draw):
    n = draw(st.integers(1, 5000))
    return draw(st.integers(0, n)), n


# Wilson


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 857–872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(good, n, low, high):
    assert wilson(good, n) == pytest.approx((low, high), abs=0.00005)


def test_wilson_at_the_ends_is_closed():
    # 0 of n: high = z² / (n + z²); the mirror image at n of n
    assert wilson(0, 20) == pytest.approx((0, Z**2 / (20 + Z**2)), rel=1e-12)
    assert wilson(0, 20).low == 0
    assert wilson(20, 20) == pytest.approx((20 / (20 + Z**2), 1), rel=1e-12)
    assert wilson(20, 20).high == 1
    assert wilson(0, 1) == pytest.approx((0, Z**2 / (1 + Z**2)), rel=1e-12)


def test_wilson_without_records_is_nothing():
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("good", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_wilson_refuses_what_is_no_share(good, n):
    with pytest.raises(ValueError, match=rf"^{good} good of {n}: a share lies between 0 and 1$"):
        wilson(good, n)


@given(shares())
@seldom
def test_wilson_bounds_are_as_far_as_chance_reaches(share):
    """Each bound is the share from which the observed one is 1.96 standard errors away."""
    good, n = share
    low, high = wilson(good, n)
    assert 0 <= low <= good / n <= high <= 1
    for bound in (low, high):
        assert (good / n - bound) ** 2 * n == pytest.approx(Z**2 * bound * (1 - bound), abs=1e-9)
    mirrored = wilson(n - good, n)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high), abs=1e-12)


@given(shares())
@seldom
def test_wilson_is_monotone(share):
    good, n = share
    if good < n:
        assert wilson(good, n).low < wilson(good + 1, n).low
        assert wilson(good, n).high < wilson(good + 1, n).high
    wide, narrow = wilson(good, n), wilson(2 * good, 2 * n)
    assert narrow.high - narrow.low < wide.high - wide.low


# Newcombe


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 873–890, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombe_as_published(a, b, low, high):
    assert newcombe(*a, *b) == pytest.approx((low, high), abs=0.00005)


def test_newcombe_without_records_is_nothing():
    assert newcombe(0, 0, 3, 5) is None
    assert newcombe(3, 5, 0, 0) is None
    with pytest.raises(ValueError, match="6 good of 5"):
        newcombe(3, 5, 6, 5)


@given(shares(), shares())
@seldom
def test_newcombe_holds_the_difference_and_turns_with_its_sign(a, b):
    low, high = newcombe(*a, *b)
    assert -1 <= low <= a[0] / a[1] - b[0] / b[1] <= high <= 1
    turned = newcombe(*b, *a)
    assert (-turned.high, -turned.low) == pytest.approx((low, high), abs=1e-12)


# Student's t and Welch


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        # closed forms: tan(0.475 pi), 0.95 sqrt(2 / 0.0975), and for 4 the cubic's root
        (1, 12.706204736174707),
        (2, 0.95 * sqrt(2 / 0.0975)),
        (4, 2.7764451051977987),
        # tables
        (3, 3.182446305284263),
        (5, 2.5705818356363141),
        (10, 2.2281388519649385),
        (30, 2.0422724563012373),
        (100, 1.9839715184496334),
    ],
)
def test_student_as_tabled(freedom, quantile):
    assert student_quantile(freedom) == pytest.approx(quantile, abs=1e-9)


@pytest.mark.parametrize("freedom", [1e3, 1e4, 1e5, 1e6])
def test_student_meets_the_normal_distribution(freedom):
    # Fisher's expansion; its next term is under 3 / freedom^3
    expansion = Z + (Z**3 + Z) / (4 * freedom) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * freedom**2)
    assert student_quantile(freedom) == pytest.approx(expansion, abs=1e-8)
    assert student_quantile(1e12) == student_quantile(1e6)
    assert student_quantile(1e12) == pytest.approx(Z, abs=3e-6)


@given(st.floats(1, 1000), st.floats(0.01, 100))
@seldom
def test_student_falls_with_the_degrees_of_freedom(freedom, more):
    assert student_quantile(freedom) > student_quantile(freedom + more) > Z


def test_welch_by_hand():
    # a: 1 2 3 4 (mean 2.5, variance 5/3), b: 10 12 14 (mean 12, variance 4)
    a, b = (10, 30, 4), (36, 440, 3)
    of_a, of_b = (5 / 3) / 4, 4 / 3
    freedom = (of_a + of_b) ** 2 / (of_a**2 / 3 + of_b**2 / 2)
    half = student_quantile(freedom) * sqrt(of_a + of_b)
    assert mean_difference(*a, *b) == pytest.approx((-9.5 - half, -9.5 + half), rel=1e-12)


def test_welch_of_two_equals_is_students_t():
    # equal n and variances: freedom is 2 (n - 1) = 2; both have variance 2, so the error is √2
    half = 0.95 * sqrt(2 / 0.0975) * sqrt(2 / 2 + 2 / 2)
    # 1 3 and 5 7: difference of means -4
    assert mean_difference(4, 10, 2, 12, 74, 2) == pytest.approx((-4 - half, -4 + half), rel=1e-9)


def test_means_need_two_records_each():
    assert mean_difference(5, 25, 1, 12, 74, 2) is None
    assert mean_difference(12, 74, 2, 5, 25, 1) is None
    assert mean_difference(0, 0, 0, 0, 0, 0) is None


def test_means_that_never_vary_leave_nothing_to_chance():
    assert mean_difference(6, 12, 3, 10, 50, 2) == Interval(-3, -3)


def test_means_of_large_numbers_keep_their_digits():
    """Ten years in seconds with a spread of one second: the squares have 22 digits."""
    far = 10 * 366 * 86400 * 100
    values = [far, far + 1, far + 2]
    squares = sum(v * v for v in values)
    # variance 1 each: freedom 4, error sqrt(2/3)
    half = 2.7764451051977987 * sqrt(2 / 3)
    interval = mean_difference(sum(values), squares, 3, sum(values), squares, 3)
    assert interval == pytest.approx((-half, half), rel=1e-9)


@given(
    st.lists(st.integers(0, 10**6), min_size=2, max_size=30),
    st.lists(st.integers(0, 10**6), min_size=2, max_size=30),
    st.integers(1, 3600),
)
@seldom
def test_means_hold_the_difference_and_scale(a, b, unit):
    def sums(values):
        return sum(values), sum(v * v for v in values), len(values)

    low, high = mean_difference(*sums(a), *sums(b))
    assert low <= sum(a) / len(a) - sum(b) / len(b) <= high
    scaled = mean_difference(*sums([v * unit for v in a]), *sums([v * unit for v in b]))
    assert scaled == pytest.approx((low * unit, high * unit), rel=1e-9, abs=1e-6)
    turned = mean_difference(*sums(b), *sums(a))
    assert turned == pytest.approx((-high, -low), rel=1e-9, abs=1e-6)


# rates


def test_rates_by_hand():
    # 10 in 5 days to 20 in 10: of 30 records 10; share s = r·5 / (r·5 + 10), r = 2 s / (1 - s)
    low, high = wilson(10, 30)
    expected = (2 * low / (1 - low), 2 * high / (1 - high))
    assert rate_ratio(10, 5, 20, 10) == pytest.approx(expected, rel=1e-12)


def test_rates_at_nought():
    # 0 of 3: from 0 to z² / 3; without any of the second there is no upper bound
    assert rate_ratio(0, 1, 3, 1) == pytest.approx((0, Z**2 / 3), rel=1e-12)
    assert rate_ratio(3, 1, 0, 1) == pytest.approx((3 / Z**2, inf), rel=1e-12)


def test_rates_without_data_are_nothing():
    assert rate_ratio(0, 1, 0, 1) is None
    assert rate_ratio(3, 0, 2, 1) is None
    assert rate_ratio(3, 1, 2, 0) is None
    assert rate_ratio(3, -1, 2, 1) is None
    assert rate_ratio(3, 0.5, 2, 0.5) is not None


@given(st.integers(0, 500), st.integers(1, 400), st.integers(0, 500), st.integers(1, 400))
@seldom
def test_rates_hold_the_ratio_and_turn(count_a, days_a, count_b, days_b):
    interval = rate_ratio(count_a, days_a, count_b, days_b)
    if interval is None:
        assert count_a == count_b == 0
        return
    assert not any(isnan(bound) for bound in interval)
    assert isfinite(interval.high) == (count_b > 0)
    if count_a and count_b:
        assert interval.low <= (count_a / days_a) / (count_b / days_b) <= interval.high
        turned = rate_ratio(count_b, days_b, count_a, days_a)
        assert (1 / turned.high, 1 / turned.low) == pytest.approx(interval, rel=1e-9)


# how many misses are too many


@pytest.mark.parametrize(
    ("n", "share", "k"),
    [(50, 0.10, 11), (75, 0.10, 15), (75, 0.05, 10), (150, 0.10, 25), (375, 0.10, 53)],
)
def test_thresholds_as_found_before(n, share, k):
    assert binomial_threshold(n, share) == k


def test_thresholds_at_the_ends():
    assert binomial_threshold(0, 0.1) == 1
    assert binomial_threshold(5, 0.0) == 1  # no miss at all is expected: the first is too many
    assert binomial_threshold(5, 1.0) == 6  # nothing but misses is expected: never too many
    assert binomial_threshold(1, 0.5, alpha=0.4) == 2  # P(X >= 1) = 0.5
    assert binomial_threshold(1, 0.5, alpha=0.6) == 1
    assert binomial_threshold(5, 0.3, alpha=1.0) == 0  # P(X >= 0) = 1


def test_a_tail_equal_to_the_limit_is_enough():
    # P(X >= 2) = 0.1² = 0.01, which in floats is a little more
    assert binomial_threshold(2, 0.1) == 2
    assert binomial_threshold(1, 0.5, alpha=0.5) == 1
    # and just under it is not: 1e-8 is no rounding
    assert binomial_threshold(2, 0.1, alpha=0.01 * (1 - 1e-8)) == 3


@pytest.mark.parametrize(("n", "share"), [(-1, 0.5), (5, -0.1), (5, 1.1)])
def test_thresholds_refuse_what_is_no_distribution(n, share):
    with pytest.raises(
        ValueError, match=rf"^no binomial distribution of {n} records at a share of {share}$"
    ):
        binomial_threshold(n, share)


@given(st.integers(0, 60), st.integers(1, 99), st.sampled_from([1, 5, 10]))
@seldom
def test_thresholds_are_exact(n, hundredths, alpha):
    p, limit = Fraction(hundredths, 100), Fraction(alpha, 100)
    tail, k = Fraction(0), n + 1
    while tail <= limit:
        k -= 1
        if k < 0:
            break
        tail += comb(n, k) * p**k * (1 - p) ** (n - k)
    assert binomial_threshold(n, hundredths / 100, alpha / 100) == k + 1


def test_thresholds_are_exact_for_large_n():
    n, p = 3000, Fraction(1, 10)
    tails, tail = {}, Fraction(0)
    for k in range(n, 250, -1):
        tail += comb(n, k) * p**k * (1 - p) ** (n - k)
        tails[k] = tail
    exact = min(k for k in tails if tails[k] <= Fraction(1, 100))
    assert binomial_threshold(n, 0.1) == exact
    # at the very tail of k and a little beside it
    assert binomial_threshold(n, 0.1, float(tails[340]) * (1 + 1e-8)) == 340
    assert binomial_threshold(n, 0.1, float(tails[340]) * (1 - 1e-8)) == 341


@given(st.integers(1, 400), st.floats(0.01, 0.9))
@seldom
def test_thresholds_are_monotone(n, share):
    k = binomial_threshold(n, share)
    assert k <= binomial_threshold(n + 1, share) <= k + 1
    assert k <= binomial_threshold(n, share + 0.05)
    assert k >= binomial_threshold(n, share, alpha=0.05)


# between months


def test_extra_variance_of_shares_by_hand():
    # 0.2, 0.5, 0.8: variance 0.09; pooled 0.5, binomial 0.25 / 10
    assert extra_variance(np.array([2, 5, 8]), np.array([10, 10, 10])) == pytest.approx(0.065)
    # 0.2 and 0.8 of 10 and 30: variance 0.18; pooled 26/40, binomial 0.2275 · (1/10 + 1/30) / 2
    found = extra_variance(np.array([2, 24]), np.array([10, 30]))
    assert found == pytest.approx(0.18 - 0.2275 / 15)


def test_extra_variance_passes_over_months_without_records():
    good, eligible = np.array([0, 2, 0, 5, 8]), np.array([0, 10, 0, 10, 10])
    assert extra_variance(good, eligible) == pytest.approx(0.065)
    assert extra_variance(good, eligible, mean=True) == pytest.approx(0.09)


def test_extra_variance_is_never_under_one_point():
    # alike: variance 0, less than binomial
    assert extra_variance(np.array([5, 5]), np.array([10, 10])) == 0.01**2
    assert extra_variance(np.array([5, 0]), np.array([10, 0])) == 0.01**2
    assert extra_variance(np.array([0, 0]), np.array([0, 0])) == 0.01**2
    # means alike: 1 % of 300
    flat = extra_variance(np.array([600, 1200]), np.array([2, 4]), mean=True)
    assert flat == pytest.approx(9.0)
    assert extra_variance(np.array([300]), np.array([1]), mean=True) == pytest.approx(9.0)
    assert extra_variance(np.array([0, 0]), np.array([0, 0]), mean=True) == 0


def test_extra_variance_along_the_last_axis():
    good, eligible = np.array([[2, 5, 8], [5, 5, 5]]), np.full((2, 3), 10)
    assert extra_variance(good, eligible) == pytest.approx(np.array([0.065, 0.0001]))
    # means 0.2 0.5 0.8, and 1 % of 0.5
    of_means = extra_variance(good, eligible, mean=True)
    assert of_means == pytest.approx(np.array([0.09, 0.000025]))


def test_unlike_before_by_hand():
    # 0.5, 0.5, 0.5 and then 1.0 of 10: middle 0.75, variance 0.0001 + 0.1875 / 10
    good, eligible = np.array([5, 5, 5, 10]), np.array([10, 10, 10, 10])
    assert deviations_from_before(good, eligible, 3) == pytest.approx([0.5 / sqrt(0.01885)])
    # and 0.2 of 20: middle 0.35, variance 0.0001 + 0.2275 / 20
    good[3:], eligible[3:] = 4, 20
    assert deviations_from_before(good, eligible, 3) == pytest.approx(
        [-0.3 / sqrt(0.0001 + 0.011375)]
    )
    # and 1 of 1: middle 0.75, variance 0.0001 + 0.1875
    good[3:], eligible[3:] = 1, 1
    assert deviations_from_before(good, eligible, 3) == pytest.approx([0.5 / sqrt(0.1876)])
    # pooled before, not the mean of shares: 26 / 40 from 2/10, 24/30; then 0.5 of 10
    good, eligible = np.array([2, 12, 12, 5]), np.array([10, 15, 15, 10])
    between = (0.2**2 + 0.8**2 * 2) - 1.8**2 / 3
    extra = between / 2 - 0.2275 * (1 / 10 + 2 / 15) / 3
    sd = sqrt(extra + 0.575 * 0.425 / 10)
    assert deviations_from_before(good, eligible, 3) == pytest.approx([(0.5 - 0.65) / sd])


def test_unlike_before_of_means():
    # 100 s in each of three months: 1 % is 1 s
    good, eligible = np.array([100, 200, 300, 412]), np.array([1, 2, 3, 4])
    assert deviations_from_before(good, eligible, 3, mean=True) == pytest.approx([3.0])
    # all 0 s before: no spread to measure by
    assert deviations_from_before(good * [0, 0, 0, 1], eligible, 3, mean=True).tolist() == [0]


def test_unlike_before_where_nothing_can_be_said():
    good, eligible = np.array([5, 5, 5, 10]), np.array([10, 10, 10, 10])
    assert deviations_from_before(good, eligible, 4).shape == (0,)
    assert deviations_from_before(good, eligible, 5).shape == (0,)
    assert deviations_from_before(good, eligible, 2).tolist()[1] == 0  # two months before
    none = deviations_from_before(good * [1, 1, 1, 0], eligible * [1, 1, 1, 0], 3)
    assert none.tolist() == [0]
    nothing_before = deviations_from_before(good * [0, 0, 0, 1], eligible * [0, 0, 0, 1], 3)
    assert nothing_before.tolist() == [0]
    gap = deviations_from_before(good * [1, 0, 1, 1], eligible * [1, 0, 1, 1], 3)
    assert gap.tolist() == [0]


def test_unlike_before_moves_along():
    good, eligible = np.array([5, 5, 5, 5, 10, 5]), np.full(6, 10)
    found = deviations_from_before(good, eligible, 3)
    assert found.shape == (3,)
    assert found[0] == 0
    assert found[1] == pytest.approx(0.5 / sqrt(0.01885))
    # before: 0.5, 0.5, 1.0: pooled 2/3, variance 1/12, binomial 2/9 / 10; middle 7/12
    extra = 1 / 12 - 2 / 90
    assert found[2] == pytest.approx(-(1 / 6) / sqrt(extra + (7 / 12) * (5 / 12) / 10))


def test_unlike_before_moves_along_with_the_records():
    # means of 100 s throughout, of more and more records; then 107 s where 1 % is 1 s
    eligible = np.array([1, 2, 3, 4, 5])
    good = eligible * [100, 100, 100, 100, 107]
    assert deviations_from_before(good, eligible, 3, mean=True) == pytest.approx([0.0, 7.0])


def test_a_miss_after_a_faultless_year_is_no_alarm():
    good, eligible = np.full(13, 200), np.full(13, 200)
    good[12], eligible[12] = 4, 5
    assert abs(deviations_from_before(good, eligible, 12)[0]) < 3
    good[12] = 0
    assert deviations_from_before(good, eligible, 12)[0] < -4
