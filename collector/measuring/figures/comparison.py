"""Compares a figure with that of another period: the change, and whether it is more than chance."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import NamedTuple

from collector.measuring.figures.figure import Figure, FigureComparison
from collector.measuring.figures.statistics import Interval, mean_difference, newcombe, rate_ratio


class _Test(NamedTuple):
    """The 95 % interval of a change and the verdict on it; None where no test applies."""

    interval: Interval | None
    verdict: str | None


_NO_TEST = _Test(None, None)


def compare(
    name: str, figure: Figure, other: Figure, min_n: int, *, alike: bool, days: int | None = None
) -> FigureComparison:
    """Compare ``figure`` with ``other``, the same indicator's figure in another period.

    ``name``: previous, year_before or year_to_date. ``min_n``: eligible records below which there
    is no verdict. ``alike``: both are measured in the same way, and ``other`` is known from its
    beginning. ``days``: both cover only so many first days of their periods.

    The interval of the change: of shares Newcombe 1998, method 10; of means Welch 1947; of counts
    the ratio of two Poisson rates, see ``statistics``.
    """

    def result(change: float | None, test: _Test = _NO_TEST) -> FigureComparison:
        interval = test.interval
        high = None if interval is None or interval.high == inf else interval.high
        return FigureComparison(
            name=name,
            period=f"{other.period.first}..{other.period.last}",
            value=other.value,
            eligible=other.eligible,
            own=figure.value,
            days=days,
            change=change,
            low=None if interval is None else interval.low,
            high=high,
            verdict=test.verdict,
        )

    part_of_it = name == "year_to_date"
    if "stale" in (figure.state, other.state):  # unread records would look like none
        return result(None, _Test(None, "stale"))
    if figure.value is None or other.value is None or (part_of_it and figure.is_count):
        return result(None)
    if not alike:
        return result(None, _Test(None, "not_comparable"))
    change = figure.value - other.value
    if not figure.is_measured or part_of_it:
        return result(change)
    if min(figure.eligible, other.eligible) < min_n and figure.has_denominator:
        return result(change, _Test(None, "too_few"))
    test = _test(figure, other)
    if (figure.pending or other.pending) and not _settled(figure, other, test):
        return result(change, _Test(None, "pending"))
    return result(change, test)


def _test(figure: Figure, other: Figure) -> _Test:
    interval, no_change = _interval(figure, other)
    if interval is None:
        return _NO_TEST
    if interval.low <= no_change <= interval.high:
        return _Test(interval, "chance")
    return _Test(interval, _direction(figure, grows=interval.low > no_change))


def _settled(figure: Figure, other: Figure, test: _Test) -> bool:
    """Whether the verdict holds however the pending records end.

    A share is bounded by all of them good and all of them bad. A mean has no such bound: the longer
    a record is open the more it adds, and those that ended first are the short ones.
    """
    if figure.family == "seconds":
        return False
    up = _test(_decided(figure, good=True), _decided(other, good=False))
    down = _test(_decided(figure, good=False), _decided(other, good=True))
    return up.verdict == test.verdict == down.verdict


def _decided(figure: Figure, *, good: bool) -> Figure:
    """The figure if all its pending records end good, or bad."""
    more = figure.pending if good else 0
    return replace(figure, good=figure.good + more, eligible=figure.eligible + figure.pending)


def _interval(figure: Figure, other: Figure) -> tuple[Interval | None, float]:
    """The 95 % interval of the change, and the value that means no change."""
    if figure.is_count:
        return rate_ratio(figure.eligible, _days(figure), other.eligible, _days(other)), 1.0
    if figure.family == "seconds":
        of_figure = figure.good, figure.squares, figure.eligible
        return mean_difference(*of_figure, other.good, other.squares, other.eligible), 0.0
    return newcombe(figure.good, figure.eligible, other.good, other.eligible), 0.0


def _days(figure: Figure) -> int:
    return (figure.period.after - figure.period.first).days


DIRECTIONS = frozenset({"better", "worse", "other"})
"""The verdicts of a change that is more than chance; ``other`` where there is no target."""


def _direction(figure: Figure, *, grows: bool) -> str:
    if figure.target is None:
        return "other"
    return "better" if grows == figure.target.higher_is_better else "worse"
