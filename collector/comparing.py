"""Figures beside those of other periods: before, a year before, and of the year to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from collector.indicators.comparison import compare
from collector.indicators.figures import Figure
from collector.indicators.periods import Period, previous, year_before
from collector.measuring import Measuring
from collector.store import PollState

Key = tuple[str, str | None]


def others(measuring: Measuring, period: Period, now: int) -> dict[str, Period]:
    """The periods that a period is compared with, by what they are to it."""
    found = {"previous": previous(period), "year_before": year_before(period)}
    first = measuring.fiscal.first(measuring.fiscal.year_of(period.last))
    to_date = Period("year_to_date", first, period.after, period.after)
    if first != period.first:
        found["year_to_date"] = to_date.until(measuring.today(now))
    return found


def compared(
    measuring: Measuring,
    figures: Iterable[Figure],
    period: Period,
    now: int,
    states: dict[str, PollState],
    on_progress: Callable[[float], None] = lambda share: None,
) -> list[Figure]:
    """The figures of a period with their comparisons; measures the other periods.

    A number of records that is still growing is compared with the same part of the others.
    """
    chosen = list(figures)
    only = {figure.indicator for figure in chosen}
    growing = {figure.indicator for figure in chosen if figure.kind == "count"}
    today = measuring.today(now)
    so_far = period.until(today)
    wanted = others(measuring, period, now)
    for done, (name, other) in enumerate(wanted.items()):
        tallies = measuring.tallies(other.first, other.after, now, only=only)
        found: dict[Key, Figure] = {}
        part = other if name == "year_to_date" else _same_part(other, so_far)
        for span, ids in ((other, only), (part, growing)):
            for each in measuring.figures(tallies, span, now, states, ids):
                found[each.indicator, each.organization] = each
        chosen = [_beside(measuring, name, f, found[f.indicator, f.organization], so_far)
                  for f in chosen]  # fmt: skip
        on_progress((done + 1) / len(wanted))
    return chosen


def _beside(
    measuring: Measuring, name: str, figure: Figure, other: Figure, so_far: Period
) -> Figure:
    min_n = measuring.timeline(figure.indicator).on(so_far.last).rules.min_n
    days = (so_far.after - so_far.first).days, (other.period.after - other.period.first).days
    comparison = compare(name, figure, other, min_n, days)
    return replace(figure, comparisons=(*figure.comparisons, comparison))


def _same_part(other: Period, so_far: Period) -> Period:
    """As many days of another period as have passed of this one."""
    length = max((so_far.after - so_far.first).days, 1)
    return other.until(other.first + timedelta(days=length - 1))
