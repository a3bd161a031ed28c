"""The year-end forecast of a share or a mean, and its interval.

At the end of a year an indicator is ``good / eligible`` over the whole year. Known are the sums of
the year to date; to come is, for each month left, an expected volume times an expected level. The
forecast is the mean of three such results, which differ in the level of the months to come (DESIGN
§6; on 198 real series it beat exponential smoothing with seasons, ARIMA, Theta and Prophet):

1. the pooled level of the last 12 months;
2. exponential smoothing, weight 0.3, of log(p / (1 - p)) of the monthly shares, each as
   (good + 0.5) / (eligible + 1); of log(m) of monthly means, each with one record more that is
   the mean of part 1. Starts at the first month;
3. the level of the same month a year ago, from 12 months of history on. (Where that month had
   no records none are expected now, so its level does not matter.)

The volume of a month left is that of a year ago times (volume this year + 5) / (volume of the same
months a year ago + 5); under 12 months of history it is the mean of the year to date. The scale is

    sqrt(w² (p (1 - p) / left + extra) + variance of the three results)

with w the share of the year's volume that is left, p the mean level expected of it, and extra the
variance between the last 24 months beyond the binomial one (``chance.extra_variance``). A mean has
no binomial term: extra is the whole variance between its months. The 80 % interval is value ±
c·scale, cut to 0–1 for a share and at 0 for a mean.

A **break** (new rules, a new system) cuts the history away: no level and no volume from before it
is used. The sums of the year to date keep every month: they are part of the year's figure.

Months are counted as year · 12 + month - 1, so any month can begin a (fiscal) year.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from collector.measuring.figures.statistics import Float64, Numbers, extra_variance, unlike_before
from collector.model.codes import NoForecast
from collector.model.columns import Int64

C_AT_START = 1.3
"""Half the width of the interval in scales, until two finished years say better."""

PARTS = ("last_12_months", "smoothed", "last_year")
"""What the results in ``Forecast.parts`` are called; a short history lacks the last."""

YEAR = 12
_FEWEST = 3  # months with records among the last 12, to forecast from
_WEIGHT = 0.3
_STEADY = 5  # records added to both volumes, so that few of them say little about growth
_SPREAD = 24  # months whose differences stand for those to come
_Z80 = NormalDist().inv_cdf(0.9)
_SUSPICIOUS = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """The complete months from month index ``first`` on, oldest first and without gaps.

    ``good``: met records, or the sum of seconds of a mean; ``eligible``: records. Both of shape
    (months,); a month without records has 0. Raises ValueError if the shapes differ.
    """

    first: int
    good: Numbers
    eligible: Int64

    def __post_init__(self) -> None:
        if self.good.ndim != 1 or self.good.shape != self.eligible.shape:
            raise ValueError(f"months of shapes {self.good.shape} and {self.eligible.shape}")

    @property
    def after(self) -> int:
        """The first month that is not complete."""
        return self.first + len(self.eligible)


class Running(NamedTuple):
    """The present month so far, and the share of it that has passed (0–1)."""

    good: float = 0
    eligible: int = 0
    passed: float = 0.0


NOTHING_YET = Running()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one indicator at one instant.

    ``year``: the month in which the year began; ``mean``: a mean duration, not a share;
    ``breaks``: months from which on things are counted anew. The latest that has come counts.
    Raises ValueError if the months known do not end within the year, the year is over and a month
    of it still runs, or more than a whole month has passed.
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
        """The first month of history: with records, and not before the latest break."""
        present = self.months.after
        cut = max([self.months.first, *(month for month in self.breaks if month <= present)])
        seen = np.flatnonzero(self.months.eligible[cut - self.months.first :])
        return cut + int(seen[0]) if seen.size else present

    @property
    def so_far(self) -> tuple[float, float]:
        """Good and eligible of the year to date: also before a break, and of the running month."""
        begin = max(self.year - self.months.first, 0)
        return (
            float(self.months.good[begin:].sum()) + self.running.good,
            float(self.months.eligible[begin:].sum()) + self.running.eligible,
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """The value expected of the whole year: a share 0–1, or mean seconds.

    ``scale``: its uncertainty in the same unit; ``c``: how many scales the 80 % interval reaches to
    either side; ``parts``: the results it is the mean of, as ``PARTS`` names them;
    ``eligible_left``: records still expected; ``months``: complete months it was made from.
    """

    value: float
    scale: float
    c: float
    parts: tuple[float, ...]
    eligible_left: float
    months: int
    mean: bool

    @property
    def low(self) -> float:
        """The lower bound of the 80 % interval; never under 0."""
        return max(0.0, self.value - self.c * self.scale)

    @property
    def high(self) -> float:
        """The upper bound of the 80 % interval; of a share never over 1."""
        high = self.value + self.c * self.scale
        return high if self.mean else min(1.0, high)

    def chance(self, threshold: float, *, at_least: bool = True) -> float:
        """The chance that the year ends at ``threshold`` or above; or below with ``at_least`` off.

        By the normal distribution that has 80 % within value ± c·scale.
        """
        deviation = self.c * self.scale / _Z80
        if deviation == 0:
            reached = self.value >= threshold if at_least else self.value <= threshold
            return float(reached)
        below = NormalDist(self.value, deviation).cdf(threshold)
        return 1 - below if at_least else below


def expected_left(known: Known) -> float | None:
    """How many records the rest of the year is expected to bring; None without any pace yet."""
    volumes = _volumes(known)
    return None if volumes is None else float(volumes.sum())


def expected_volume(known: Known) -> float | None:
    """How many records the whole year is expected to bring: the forecast of a count."""
    left = expected_left(known)
    return None if left is None else known.so_far[1] + left


def forecast(known: Known, c: float = C_AT_START) -> Forecast | NoForecast:
    """The year-end forecast, or why there is none.

    Under way in a month its records count in the year to date, and the rest of its volume is to
    come; levels are learnt from complete months alone.
    """
    months, start = known.months, known.start
    good = months.good[start - months.first :].astype(np.float64)
    eligible = months.eligible[start - months.first :].astype(np.float64)
    if np.count_nonzero(eligible[-YEAR:]) < _FEWEST:
        return NoForecast.SHORT_HISTORY
    volumes = _volumes(known)
    assert volumes is not None  # three months are a pace
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
    # w² p (1 - p) / left, so written that nothing left is no division by 0
    binomial = 0.0 if known.mean or left == 0 else coming * (1 - coming / left) / whole**2
    extra = extra_variance(good[-_SPREAD:], eligible[-_SPREAD:], mean=known.mean)
    disagreement = sum((part - value) ** 2 for part in parts) / len(parts)
    return Forecast(
        value=value,
        scale=float(np.sqrt(binomial + (left / whole) ** 2 * extra + disagreement)),
        c=c,
        parts=tuple(parts),
        eligible_left=left,
        months=len(eligible),
        mean=known.mean,
    )


def _volumes(known: Known) -> Float64 | None:
    """The records expected of each month left, of the present one its rest; None without a pace.

    With 12 months of history, those of a year ago, by the growth between the months of this year
    and the same of last year that are both in the history; where a break leaves no such pair, as
    they were. Otherwise the mean of the year to date; before a first complete month, of the (up to
    12) months before it as well.
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
        growth = float((now + _STEADY) / (then + _STEADY))
        return coming * year_ago * growth
    begin = max(known.year, start)
    if begin == present:
        begin = max(start, present - YEAR)
    passed = present - begin + running.passed
    if passed == 0:
        return None
    return coming * float((volume[begin - months.first :].sum() + running.eligible) / passed)


def _smoothed(good: Float64, eligible: Float64, recent: float, mean: bool) -> float:
    """The last level of exponential smoothing; months without records are passed over."""
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
    """A month unlike the 12 before it, and by how many standard deviations (below: negative)."""

    month: int
    z: float


def suspected_break(months: Months, *, mean: bool = False) -> Suspicion | None:
    """The month most unlike the 12 before it, if chance explains it badly (|z| > 3).

    For a person to look at, nothing else: forecasts that broke by themselves were no better.
    """
    z = unlike_before(months.good, months.eligible, YEAR, mean=mean)
    if not z.size or abs(z).max() <= _SUSPICIOUS:
        return None
    worst = int(abs(z).argmax())
    return Suspicion(months.first + YEAR + worst, float(z[worst]))
