"""Figures beside those of other periods: before, a year before, and of the year to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from collector.definitions import Definition, definitions
from collector.indicators.comparison import compare
from collector.indicators.figures import Figure
from collector.indicators.periods import Period, previous, year_before
from collector.measuring import Measuring
from collector.redefinitions import measured_alike
from collector.store import PollState
from collector.tallies import Tallies

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

    While the period runs a number of records grows with every day: its finished days are compared
    with as many first days of the others.
    """
    chosen = list(figures)
    only = {figure.indicator for figure in chosen}
    today = measuring.today(now)
    counts = {f.indicator for f in chosen if f.kind == "count" and period.after > today}
    until = min(period.after, today) if counts else period.first
    finished = measuring.tallies(period.first, until, now, only=counts)
    courses = {name: definitions(measuring.settings, name) for name in only}

    def of(tallies: Tallies, span: Period, ids: set[str]) -> dict[Key, Figure]:
        found = measuring.figures(tallies, span, now, states, ids)
        return {(each.indicator, each.organization): each for each in found}

    wanted = others(measuring, period, now)
    for done, (name, other) in enumerate(wanted.items()):
        days = None if name == "year_to_date" else min(finished.days, _length(other))
        tallies = measuring.tallies(other.first, other.after, now, only=only)
        beside = of(tallies, other, only)
        own: dict[Key, Figure] = {}
        if counts and days:
            beside |= of(tallies, _part(other, days), counts)
            own = of(finished, _part(period, days), counts)
        for place, figure in enumerate(chosen):
            key = figure.indicator, figure.organization
            growing = days is not None and figure.indicator in counts
            if growing and not days:
                continue
            comparison = compare(
                name,
                own.get(key, figure),
                beside[key],
                measuring.timeline(figure.indicator).on(period.until(today).last).rules.min_n,
                alike=_alike(measuring, courses[figure.indicator], figure, other, today),
                days=days if growing else None,
            )
            comparisons = (*figure.comparisons, comparison)
            chosen[place] = replace(figure, comparisons=comparisons)
        on_progress((done + 1) / len(wanted))
    return chosen


def _length(period: Period) -> int:
    return (period.after - period.first).days


def _part(period: Period, days: int) -> Period:
    return period.until(period.first + timedelta(days=days - 1))


def _alike(
    measuring: Measuring, course: list[Definition], figure: Figure, other: Period, today: date
) -> bool:
    """Whether a figure is measured as in another period, and no break lies between them."""
    so_far = figure.period.until(today)
    breaks = measuring.settings.indicators[figure.indicator].breaks
    if any(other.first < day <= so_far.last for day in breaks):
        return False
    return measured_alike(course, (so_far.first, so_far.after), (other.first, other.after))
