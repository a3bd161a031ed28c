"""The year-end forecast of a share or a mean, with its interval.

The method and how it was measured: docs/indicators.md, "Forecasts".

The value of a year is ``good / eligible`` over the whole year: the sums of the year to date, which
are known, plus for each month left an expected volume times an expected level. The forecast is the
mean of three such results that differ in the level of the months left. On 198 real series it beat
seasonal exponential smoothing, ARIMA, Theta and Prophet:

1. the pooled level of the last 12 months;
2. simple exponential smoothing from the first month on, weight 0.3, of log(p / (1 - p)) of the
   monthly shares p = (good + 0.5) / (eligible + 1); for a mean duration of log(m) of the monthly
   means m, each with one more record that equals the level of part 1;
3. the level of the same month a year ago, given at least 12 months of history. (A month without
   records then is expected to have none now, so its level does not matter.)

The expected volume of a month is that of a year ago times (volume this year + 5) / (volume of the
same months a year ago + 5); with under 12 months of history it is the mean of the year to date. The
scale is

    sqrt(w² (p (1 - p) / left + extra) + variance of the three results)

where left is the number of records still expected, w their share of the year's volume, p the mean
level expected of them, and extra the variance between the last months beyond the binomial one
(``statistics.extra_variance``) times 18 / h, of the last h months, at most 36. Few months show
little of what a level that drifts will do; of many, half the variance is a season that the forecast
knows and noise that evens out over the months left. A mean has no binomial term: extra is of the
whole variance between its months. The 80 % interval is value ± 1.28·scale, the normal one, cut to
0–1 for a share and at 0 for a mean.

A **break** (new rules, a new system) cuts off the history: no level and no volume from before it is
used. The sums of the year to date keep all their months, since these are part of the year's value.

Month indices are year · 12 + month - 1, so a (fiscal) year can begin in any month.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from collector.measuring.figures.statistics import (
    Float64,
    Numbers,
    deviations_from_before,
    extra_variance,
)
from collector.model.codes import NoForecast
from collector.model.columns import Int64

HALF_WIDTH = NormalDist().inv_cdf(0.9)
"""Half the width of the 80 % interval in scales.

What could be learnt from a desk's finished years adds nothing: they are few, and each goes right or
wrong as a whole (docs/indicators.md, "Forecasts")."""

ENOUGH_YEARS = 2
"""Finished years from which the intervals count as tested."""

PARTS = ("last_12_months", "smoothed", "last_year")
"""The names of the results in ``Forecast.parts``; with a short history the last is missing."""

YEAR = 12
_MIN_MONTHS = 3  # months with records among the last 12, to forecast from
_WEIGHT = 0.3
_GROWTH_PRIOR = 5  # records added to both volumes, so that a few records do not look like growth
_SPREAD_MONTHS = 36  # last months whose variance tells that of the months to come, at most
_ENOUGH_MONTHS = 18  # of so many months their variance as it is, of twice as many half of it
_SUSPICIOUS_Z = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """The complete months from month index ``first`` on, in order and without gaps.

    ``good``: number of met records, or for a mean the sum of their seconds. ``eligible``: number of
    records. Both of shape (months,); a month without records has 0.
    Raises ValueError if the shapes differ or are not one-dimensional.
    """

    first: int
    good: Numbers
    eligible: Int64

    def __post_init__(self) -> None:
        if self.good.ndim != 1 or self.good.shape != self.eligible.shape:
            raise ValueError(f"months of shapes {self.good.shape} and {self.eligible.shape}")

    @property
    def after(self) -> int:
        """The index of the month after the last one."""
        return self.first + len(self.eligible)


class Running(NamedTuple):
    """The sums of the present month so far, and the share of it that has passed (0–1)."""

    good: float = 0
    eligible: int = 0
    passed: float = 0.0


NOTHING_YET = Running()


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one indicator at one instant: the input of a forecast.

    ``year``: the index of the month in which the year began. ``mean``: a mean duration, not a
    share. ``breaks``: the months from which on history starts again; the latest that has come
    counts. Raises ValueError if the complete months do not end within the year, if a month is
    running after the year's last, or if ``running.passed`` is not in 0–1.
    """

    months: Months
    year: int
    running: Running = NOTHING_YET
    breaks: tuple[int, ...] = ()
    mean: bool = False

    def __post_init__(self) -> None:
        if not self.year <= self.months.after <= self.year + YEAR:
            raise ValueError(f"month {self.months.after} is not in the year from {self.year} on")
        if self.months.after == self.year + YEAR and self.running != NOTHING_YET:
            raise ValueError("after the last month of the year none can be running")
        if not 0 <= self.running.passed <= 1:
            raise ValueError(f"{self.running.passed} of the present month cannot have passed")

    @property
    def start(self) -> int:
        """The index of the first month with records that is not before the latest break; that of
        the present month if there is none."""
        present = self.months.after
        cut = max([self.months.first, *(month for month in self.breaks if month <= present)])
        seen = np.flatnonzero(self.months.eligible[cut - self.months.first :])
        return cut + int(seen[0]) if seen.size else present

    @property
    def so_far(self) -> tuple[float, float]:
        """The sums (good, eligible) of the year to date, including months before a break and the
        running month."""
        begin = max(self.year - self.months.first, 0)
        return (
            float(self.months.good[begin:].sum()) + self.running.good,
            float(self.months.eligible[begin:].sum()) + self.running.eligible,
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """The value expected of the whole year: a share 0–1, or mean seconds if ``mean``.

    ``scale``: its standard deviation in the same unit. ``parts``: the results whose mean it is, in
    the order of ``PARTS``. ``eligible_left``: number of records still expected. ``months``: number
    of complete months it was made from.
    """

    value: float
    scale: float
    parts: tuple[float, ...]
    eligible_left: float
    months: int
    mean: bool

    @property
    def low(self) -> float:
        """The lower bound of the 80 % interval, at least 0."""
        return max(0.0, self.value - HALF_WIDTH * self.scale)

    @property
    def high(self) -> float:
        """The upper bound of the 80 % interval; for a share at most 1."""
        high = self.value + HALF_WIDTH * self.scale
        return high if self.mean else min(1.0, high)

    def chance(self, threshold: float, *, at_least: bool = True) -> float:
        """Return the probability (0–1) that the year ends at ``threshold`` or above; without
        ``at_least``, at it or below.

        By the normal distribution (docs/indicators.md, "Forecasts").
        """
        if self.scale == 0:
            reached = self.value >= threshold if at_least else self.value <= threshold
            return float(reached)
        below = NormalDist(self.value, self.scale).cdf(threshold)
        return 1 - below if at_least else below


def expected_left(known: History) -> float | None:
    """Return how many records are expected in the rest of the year; None while there is no pace to
    go by."""
    volumes = _volumes(known)
    return None if volumes is None else float(volumes.sum())


def expected_volume(known: History) -> float | None:
    """Return how many records are expected in the whole year, which is the forecast of a count;
    None while there is no pace to go by."""
    left = expected_left(known)
    return None if left is None else known.so_far[1] + left


def forecast(known: History) -> Forecast | NoForecast:
    """Return the year-end forecast, or the reason why there is none; see the module's docstring.

    The records of a running month count in the year to date, and the rest of its volume is still to
    come; levels are learnt from complete months only.
    """
    months, start = known.months, known.start
    good = months.good[start - months.first :].astype(np.float64)
    eligible = months.eligible[start - months.first :].astype(np.float64)
    if np.count_nonzero(eligible[-YEAR:]) < _MIN_MONTHS:
        return NoForecast.SHORT_HISTORY
    volumes = _volumes(known)
    assert volumes is not None  # three months with records give a pace
    done_good, done = known.so_far
    left = float(volumes.sum())
    whole = done + left
    if whole == 0:
        return NoForecast.NOTHING_ELIGIBLE

    recent = float(good[-YEAR:].sum() / eligible[-YEAR:].sum())
    expected = [left * recent, left * _smoothed(good, eligible, recent, known.mean)]
    if len(eligible) >= YEAR:
        same, of = good[-YEAR:][: len(volumes)], eligible[-YEAR:][: len(volumes)]
        expected.append(float(volumes @ (same / np.maximum(of, 1))))
    parts = [(done_good + coming) / whole for coming in expected]
    value = sum(parts) / len(parts)

    coming = sum(expected) / len(expected)
    # w² p (1 - p) / left, written so that left = 0 does not divide by zero
    binomial = 0.0 if known.mean or left == 0 else coming * (1 - coming / left) / whole**2
    extra = extra_variance(good[-_SPREAD_MONTHS:], eligible[-_SPREAD_MONTHS:], mean=known.mean)
    extra *= _ENOUGH_MONTHS / min(len(eligible), _SPREAD_MONTHS)
    # of what is still to come, so that it is exactly 0, without rounding, where nothing is
    disagreement = sum((one - coming) ** 2 for one in expected) / len(expected) / whole**2
    return Forecast(
        value=value,
        scale=float(np.sqrt(binomial + (left / whole) ** 2 * extra + disagreement)),
        parts=tuple(parts),
        eligible_left=left,
        months=len(eligible),
        mean=known.mean,
    )


def _volumes(known: History) -> Float64 | None:
    """The records expected in each month left, beginning with the rest of the present one; None
    while there is no pace to go by.

    With 12 months of history: those of a year ago times the growth from last year's months to the
    same months of this year, as far as both are in the history; no growth where a break leaves no
    such pair. Otherwise the mean of the year to date; in the year's first month, that of up to 12
    months before as well.
    """
    months, running, start = known.months, known.running, known.start
    present = months.after
    coming = np.ones(known.year + YEAR - present)
    coming[:1] -= running.passed
    volume = months.eligible.astype(np.float64)
    at = present - months.first
    if present - start >= YEAR:
        year_ago = volume[at - YEAR :][: len(coming)]
        begin = max(known.year, start + YEAR) - months.first
        now = volume[begin:].sum() + running.eligible
        then = volume[begin - YEAR : at - YEAR].sum() + running.passed * year_ago[:1].sum()
        growth = float((now + _GROWTH_PRIOR) / (then + _GROWTH_PRIOR))
        return coming * year_ago * growth
    begin = max(known.year, start)
    if begin == present:
        begin = max(start, present - YEAR)
    passed = present - begin + running.passed
    if passed == 0:
        return None
    return coming * float((volume[begin - months.first :].sum() + running.eligible) / passed)


def _smoothed(good: Float64, eligible: Float64, recent: float, mean: bool) -> float:
    """The last level of exponential smoothing; months without records are skipped."""
    good, eligible = good[eligible > 0], eligible[eligible > 0]
    age = np.arange(len(good))[::-1]
    weights = _WEIGHT * (1 - _WEIGHT) ** age
    weights[0] = (1 - _WEIGHT) ** age[0]
    if mean:
        if recent == 0:
            return 0.0
        return float(np.exp(weights @ np.log((good + recent) / (eligible + 1))))
    odds = (good + 0.5) / (eligible - good + 0.5)
    return float(1 / (1 + np.exp(-(weights @ np.log(odds)))))


class Suspicion(NamedTuple):
    """The index of a month unlike the 12 before it, and by how many standard deviations it lies
    above (negative: below) them."""

    month: int
    z: float


def suspected_break(months: Months, *, mean: bool = False) -> Suspicion | None:
    """Return the month most unlike the 12 before it, if |z| > 3; otherwise None.

    It is only pointed out to a person: forecasts that cut their history by such a rule were no
    better (docs/indicators.md, "Forecasts").
    """
    z = deviations_from_before(months.good, months.eligible, YEAR, mean=mean)
    if not z.size or abs(z).max() <= _SUSPICIOUS_Z:
        return None
    worst = int(abs(z).argmax())
    return Suspicion(months.first + YEAR + worst, float(z[worst]))
