"""A figure beside that of another period: the change, and whether it is more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from collector.indicators.chance import Interval, means, newcombe, rates

if TYPE_CHECKING:
    from collector.indicators.figures import Figure


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a figure was in another period.

    ``name``: previous, year_before or year_to_date. ``change`` is the figure less ``value``, in
    the figure's unit: of a share 0.05 is 5 points. ``low`` and ``high`` bound that change with
    95 % (of a count its ratio to the other, day by day); None where nothing can be said, or where
    one period is part of the other. ``verdict``: ``better``, ``worse``, ``other`` (without a
    target), ``chance`` (the interval holds no change), ``too_few`` (under min_n in either) or None.
    """

    name: str
    period: str
    value: float | None
    eligible: int
    change: float | None
    low: float | None = None
    high: float | None = None
    verdict: str | None = None


def compare(
    name: str, figure: Figure, other: Figure, min_n: int, days: tuple[int, int]
) -> Comparison:
    """The figure beside ``other``. ``days``: how many days each stands for."""
    span = f"{other.period.first}..{other.period.last}"
    if figure.value is None or other.value is None:
        return Comparison(name, span, other.value, other.eligible, None)
    part_of_it = name == "year_to_date"
    if part_of_it and figure.kind == "count":
        return Comparison(name, span, other.value, other.eligible, None)
    change = figure.value - other.value
    plain = Comparison(name, span, other.value, other.eligible, change)
    if figure.kind == "manual" or part_of_it:
        return plain
    if min(figure.eligible, other.eligible) < min_n and figure.kind != "count":
        return Comparison(name, span, other.value, other.eligible, change, verdict="too_few")
    found, none = _interval(figure, other, days)
    if found is None:
        return plain
    verdict = "chance" if found.low <= none <= found.high else _direction(figure, change)
    high = None if found.high == inf else found.high
    return Comparison(name, span, other.value, other.eligible, change, found.low, high, verdict)


def _interval(
    figure: Figure, other: Figure, days: tuple[int, int]
) -> tuple[Interval | None, float]:
    """The interval of the change, and what it would be without any."""
    if figure.kind == "count":
        return rates(figure.eligible, days[0], other.eligible, days[1]), 1.0
    if figure.unit == "seconds":
        minutes = means(
            figure.minutes,
            figure.squares,
            figure.eligible,
            other.minutes,
            other.squares,
            other.eligible,
        )
        return minutes and Interval(minutes.low * 60, minutes.high * 60), 0.0
    return newcombe(figure.good, figure.eligible, other.good, other.eligible), 0.0


def _direction(figure: Figure, change: float) -> str:
    if figure.target is None or change == 0:
        return "other"
    return "better" if (change > 0) == figure.target.higher_is_better else "worse"
