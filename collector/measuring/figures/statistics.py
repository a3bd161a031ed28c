"""Statistics: confidence intervals of shares, means and rates, and thresholds for alarms.

Intervals are two-sided, 95 %. Without enough data a function returns None, never nan.
"""

from __future__ import annotations

from math import cos, exp, inf, lgamma, log, pi, sqrt, tan
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from collector.model.columns import Int64

Float64 = NDArray[np.float64]
Numbers = Int64 | Float64

CONFIDENCE = 0.95
_UPPER = (1 + CONFIDENCE) / 2
_Z = NormalDist().inv_cdf(_UPPER)

# Above so many degrees of freedom Student's t is the normal distribution to 3e-6.
_MAX_FREEDOM = 1e6
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_STEPS = 5  # leave 3e-10 at most; four leave 2e-5

# Tail probabilities that differ from the limit only by rounding count as equal to it.
_ROUNDING = 1e-9


# The least standard deviation between months: 1 percentage point of a share, 1 % of a mean.
_MIN_DEVIATION = 0.01
_MIN_MONTHS = 3


class Interval(NamedTuple):
    """A closed interval, in the unit of the quantity that it bounds."""

    low: float
    high: float


def wilson(good: int, n: int) -> Interval | None:
    """Return the interval of the share ``good / n`` (0–1); None without records.

    Wilson 1927, the score interval without continuity correction: it stays within 0–1 and keeps its
    coverage at small n and at shares near 0 and 1, where ±1.96 standard errors do not.
    Raises ValueError unless 0 <= good <= n.
    """
    if not 0 <= good <= n:
        raise ValueError(f"{good} good of {n}: a share lies between 0 and 1")
    if n == 0:
        return None
    share = good / n
    shrink = 1 + _Z**2 / n
    centre = (share + _Z**2 / (2 * n)) / shrink
    half = _Z * sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2) / shrink
    # at a share of 0 or 1 the bound is the share itself except for rounding
    return Interval(max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def newcombe(good_a: int, n_a: int, good_b: int, n_b: int) -> Interval | None:
    """Return the interval of the difference of two shares, ``good_a / n_a - good_b / n_b``; None if
    either has no records.

    Newcombe 1998 (Statistics in Medicine 17, 873–890), method 10: the distances of the Wilson
    bounds from their shares, added in quadrature. Raises ValueError as ``wilson`` does.
    """
    of_a, of_b = wilson(good_a, n_a), wilson(good_b, n_b)
    if of_a is None or of_b is None:
        return None
    a, b = good_a / n_a, good_b / n_b
    return Interval(
        a - b - sqrt((a - of_a.low) ** 2 + (of_b.high - b) ** 2),
        a - b + sqrt((of_a.high - a) ** 2 + (b - of_b.low) ** 2),
    )


def mean_difference(
    sum_a: int, squares_a: int, n_a: int, sum_b: int, squares_b: int, n_b: int
) -> Interval | None:
    """Return the interval of the difference of two means, ``sum_a / n_a - sum_b / n_b``; None if
    either has fewer than two records.

    Sums are of values (seconds), squares of their squares (seconds²). Welch 1947, for variances
    that may differ, with the degrees of freedom of Satterthwaite 1946.
    """
    if n_a < 2 or n_b < 2:
        return None
    # n * squares - sum² is exact in integers; in floats squared seconds soon exceed 53 bits
    error_a = max(0, n_a * squares_a - sum_a**2) / (n_a**2 * (n_a - 1))
    error_b = max(0, n_b * squares_b - sum_b**2) / (n_b**2 * (n_b - 1))
    error = error_a + error_b
    difference = sum_a / n_a - sum_b / n_b
    if error == 0:
        return Interval(difference, difference)
    part_a, part_b = error_a / error, error_b / error
    freedom = 1 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
    half = student_quantile(freedom) * sqrt(error)
    return Interval(difference - half, difference + half)


def student_quantile(freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t with ``freedom`` >= 1 degrees of freedom, which
    need not be whole.

    With t = √freedom · tan(angle) the distribution function is an integral of cos^(freedom - 1),
    smooth on a finite range: Gauss–Legendre quadrature evaluates it, Newton's method inverts it. It
    is concave, so Newton's method from below never steps past the quantile. The error is under 1e-9
    up to 1e4 degrees (against tables and the closed forms for 1, 2 and 4), under 3e-6 beyond.
    """
    freedom = min(freedom, _MAX_FREEDOM)
    at_centre = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(pi)
    wanted = _UPPER - 0.5
    angle = wanted / at_centre
    for _ in range(_STEPS):
        cosines = np.cos((_NODES + 1) * (angle / 2)) ** (freedom - 1)
        reached = at_centre * float(_WEIGHTS @ cosines) * angle / 2
        angle += (wanted - reached) / (at_centre * cos(angle) ** (freedom - 1))
    return sqrt(freedom) * tan(angle)


def rate_ratio(count_a: int, days_a: float, count_b: int, days_b: float) -> Interval | None:
    """Return the interval of the ratio of two Poisson rates, (``count_a / days_a``) /
    (``count_b / days_b``); None without records or days.

    ``high`` is infinite where ``count_b`` is 0. Given the sum of both counts, count_a is binomial
    with the share r·days_a / (r·days_a + days_b) at the ratio r (Przyborowski and Wilenski 1940);
    the bounds follow from the Wilson bounds of that share. Raises ValueError for a negative count.
    """
    share = wilson(count_a, count_a + count_b)
    if share is None or days_a <= 0 or days_b <= 0:
        return None
    return Interval(*(_odds(bound) * (days_b / days_a) for bound in share))


def _odds(share: float) -> float:
    return inf if share == 1 else share / (1 - share)


def binomial_threshold(n: int, miss_share: float, alpha: float = 0.01) -> int:
    """Return the smallest number k of misses among ``n`` records with P(X >= k) <= ``alpha``, for
    X ~ Binomial(n, miss_share).

    A desk that misses the share ``miss_share`` (0–1) in the long run has k or more misses by chance
    with a probability of at most ``alpha``. It is n + 1 where no number of misses is enough, and 0
    where alpha >= 1. Relative error of the probabilities: 1e-11 at n = 3 000, 1e-9 at 20 000.
    Raises ValueError for a negative n and a share outside 0–1.
    """
    if n < 0 or not 0 <= miss_share <= 1:
        raise ValueError(f"no binomial distribution of {n} records at a share of {miss_share}")
    k = np.arange(n + 1)
    if 0 < miss_share < 1:
        log_factorial = np.concatenate(([0.0], np.cumsum(np.log(k[1:]))))
        ways = log_factorial[n] - log_factorial - log_factorial[::-1]
        chance = np.exp(ways + k * log(miss_share) + (n - k) * log(1 - miss_share))
    else:
        chance = (k == n * miss_share).astype(float)
    # P(X >= k) for k = n … 0, which adds the small terms before the large ones
    at_least = np.cumsum(chance[::-1])
    return int(np.count_nonzero(at_least > alpha * (1 + _ROUNDING)))


def extra_variance(good: Numbers, eligible: Numbers, *, mean: bool = False) -> Float64:
    """Return the variance between months beyond chance, along the last axis
    (docs/indicators.md, "Forecasts").

    Of shares ``good / eligible``: their sample variance (n - 1 in the denominator, so it is
    unbiased) less the mean binomial variance at the pooled share, at least 0.01². Of means
    (``mean``; ``good`` are seconds), whose sums do not show the chance within a month: all of the
    variance, at least (1 % of the pooled mean)², in seconds². Months without records are left out;
    with fewer than two others the result is the minimum.
    """
    seen = eligible > 0
    n = np.maximum(seen.sum(axis=-1), 1)
    at_least_one = np.maximum(eligible, 1)
    levels = good / at_least_one
    centre = levels.sum(axis=-1, keepdims=True) / n[..., np.newaxis]
    variance = ((levels - centre) ** 2 * seen).sum(axis=-1) / np.maximum(n - 1, 1)
    pooled = good.sum(axis=-1) / np.maximum(eligible.sum(axis=-1), 1)
    if mean:
        return np.asarray(np.maximum(variance, (_MIN_DEVIATION * pooled) ** 2))
    binomial = pooled * (1 - pooled) * (seen / at_least_one).sum(axis=-1) / n
    return np.asarray(np.maximum(variance - binomial, _MIN_DEVIATION**2))


def deviations_from_before(
    good: Numbers, eligible: Numbers, window: int, *, mean: bool = False
) -> Float64:
    """Return how many standard deviations each month lies above the ``window`` months before it
    (docs/indicators.md, "Forecasts").

    Of shape (months - window,), beginning with month ``window``; empty with fewer months. The
    variance is ``extra_variance`` of the earlier months plus, for shares, the binomial one at the
    midpoint of the two shares: after months with a share of 1 there would be none otherwise, and a
    single miss would be an alarm. 0 for a month without records, or with fewer than three months
    with records before it.
    """
    if len(eligible) <= window:
        return np.zeros(0)
    good, eligible = good.astype(np.float64), eligible.astype(np.float64)
    good_before = sliding_window_view(good, window)[:-1]
    before = sliding_window_view(eligible, window)[:-1]
    usual = good_before.sum(axis=1) / np.maximum(before.sum(axis=1), 1)
    n = np.maximum(eligible[window:], 1)
    level = good[window:] / n
    variance = extra_variance(good_before, before, mean=mean)
    if not mean:
        middle = (level + usual) / 2
        variance = variance + middle * (1 - middle) / n
    enough = (before > 0).sum(axis=1) >= _MIN_MONTHS
    is_testable = (eligible[window:] > 0) & enough & (variance > 0)
    return np.where(is_testable, (level - usual) / np.sqrt(np.where(is_testable, variance, 1)), 0.0)
