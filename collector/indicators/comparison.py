"""A figure beside that of another period: the change, and whether it is more than chance."""

from __future__ import annotations

from math import inf

from collector.indicators.chance import Interval, means, newcombe, rates
from collector.indicators.figures import Comparison, Figure


def compare(
    name: str, figure: Figure, other: Figure, min_n: int, *, alike: bool, days: int | None = None
) -> Comparison:
    """The figure beside ``other``.

    ``alike``: both are measured in the same way. ``days``: both are cut to so many first days.
    """

    def beside(
        change: float | None, interval: Interval | None = None, verdict: str | None = None
    ) -> Comparison:
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
            verdict=verdict,
        )

    part_of_it = name == "year_to_date"
    if figure.value is None or other.value is None or (part_of_it and figure.kind == "count"):
        return beside(None)
    if not alike:
        return beside(None, verdict="not_comparable")
    change = figure.value - other.value
    if figure.kind == "manual" or part_of_it:
        return beside(change)
    if min(figure.eligible, other.eligible) < min_n and figure.kind != "count":
        return beside(change, verdict="too_few")
    found, none = _interval(figure, other)
    if found is None:
        return beside(change)
    if found.low <= none <= found.high:
        return beside(change, found, "chance")
    return beside(change, found, _direction(figure, grows=found.low > none))


def _interval(figure: Figure, other: Figure) -> tuple[Interval | None, float]:
    """The interval of the change, and what it would be without any."""
    if figure.kind == "count":
        return rates(figure.eligible, _days(figure), other.eligible, _days(other)), 1.0
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


def _days(figure: Figure) -> int:
    return (figure.period.after - figure.period.first).days


def _direction(figure: Figure, *, grows: bool) -> str:
    if figure.target is None:
        return "other"
    return "better" if grows == figure.target.higher_is_better else "worse"
