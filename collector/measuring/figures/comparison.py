"""A figure beside that of another period: the change, and whether it is more than chance."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import NamedTuple

from collector.measuring.figures.figure import Comparison, Figure
from collector.measuring.figures.statistics import Interval, means, newcombe, rates


class _Told(NamedTuple):
    """What chance says of a change: its interval and the verdict; neither where it says nothing."""

    interval: Interval | None
    verdict: str | None


_NOTHING = _Told(None, None)


def compare(
    name: str, figure: Figure, other: Figure, min_n: int, *, alike: bool, days: int | None = None
) -> Comparison:
    """The figure beside ``other``.

    ``alike``: both are measured in the same way, and ``other`` is known from its beginning.
    ``days``: both are cut to so many first days.
    """

    def beside(change: float | None, told: _Told = _NOTHING) -> Comparison:
        interval = told.interval
        high = None if interval is None or interval.high == inf else interval.high
        return Comparison(
            name=name,
            period=f"{other.period.first}..{other.period.last}",
            value=other.value,
            eligible=other.eligible,
            own=figure.value,
            days=days,
            change=change,
            low=None if interval is None else interval.low,
            high=high,
            verdict=told.verdict,
        )

    part_of_it = name == "year_to_date"
    if "stale" in (figure.state, other.state):  # what was not read would pass for what was not
        return beside(None, _Told(None, "stale"))
    if figure.value is None or other.value is None or (part_of_it and figure.is_count):
        return beside(None)
    if not alike:
        return beside(None, _Told(None, "not_comparable"))
    change = figure.value - other.value
    if not figure.is_measured or part_of_it:
        return beside(change)
    if min(figure.eligible, other.eligible) < min_n and figure.has_denominator:
        return beside(change, _Told(None, "too_few"))
    told = _told(figure, other)
    if (figure.pending or other.pending) and not _settled(figure, other, told):
        return beside(change, _Told(None, "pending"))
    return beside(change, told)


def _told(figure: Figure, other: Figure) -> _Told:
    found, none = _interval(figure, other)
    if found is None:
        return _NOTHING
    if found.low <= none <= found.high:
        return _Told(found, "chance")
    return _Told(found, _direction(figure, grows=found.low > none))


def _settled(figure: Figure, other: Figure, told: _Told) -> bool:
    """Whether the verdict stands however the records still open end.

    Shares lie between all of them good and all bad. A mean has no such bound: the longer a record
    is open the more it adds, and those that ended first are the short ones.
    """
    if figure.family == "seconds":
        return False
    up = _told(_decided(figure, good=True), _decided(other, good=False))
    down = _told(_decided(figure, good=False), _decided(other, good=True))
    return up.verdict == told.verdict == down.verdict


def _decided(figure: Figure, *, good: bool) -> Figure:
    """A share once all that is pending is good, or bad."""
    more = figure.pending if good else 0
    return replace(figure, good=figure.good + more, eligible=figure.eligible + figure.pending)


def _interval(figure: Figure, other: Figure) -> tuple[Interval | None, float]:
    """The interval of the change, and what it would be without any."""
    if figure.is_count:
        return rates(figure.eligible, _days(figure), other.eligible, _days(other)), 1.0
    if figure.family == "seconds":
        of_figure = figure.good, figure.squares, figure.eligible
        return means(*of_figure, other.good, other.squares, other.eligible), 0.0
    return newcombe(figure.good, figure.eligible, other.good, other.eligible), 0.0


def _days(figure: Figure) -> int:
    return (figure.period.after - figure.period.first).days


def _direction(figure: Figure, *, grows: bool) -> str:
    if figure.target is None:
        return "other"
    return "better" if grows == figure.target.higher_is_better else "worse"
