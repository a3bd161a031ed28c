"""Compares figures with those of the previous period, a year before, and the year to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from collector.config.definition_changes import measured_in_the_same_way
from collector.config.definitions import Definition
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.tallies import Tallies, first_record
from collector.measuring.figures.comparison import compare
from collector.measuring.figures.figure import Figure
from collector.model.periods import Period, previous, year_before
from collector.store import PollState

Key = tuple[str, str | None]

LOOK_BACK = timedelta(days=366)
"""How far before a period to look for a record that shows that the period is known from its
beginning."""
_PARTS = 50  # one part in so many may be missing at the beginning of a period


def comparison_periods(measuring: Measuring, period: Period, now: int) -> dict[str, Period]:
    """Return the periods to compare a period with, by name: previous, year_before, year_to_date.

    The last is left out where it begins on the same day. ``now``: epoch seconds.
    """
    found = {"previous": previous(period), "year_before": year_before(period)}
    first = measuring.fiscal.first(measuring.fiscal.year_of(period.last))
    to_date = Period("year_to_date", first, period.after, period.after)
    if first != period.first:
        found["year_to_date"] = to_date.until(measuring.today(now))
    return found


def with_comparisons(
    measuring: Measuring,
    figures: Iterable[Figure],
    period: Period,
    now: int,
    states: dict[str, PollState],
    on_progress: Callable[[float], None] = lambda share: None,
) -> list[Figure]:
    """Return the figures of a period with their comparisons; parts of the desk have none.

    This measures the period again together with the other periods and up to a year before them, to
    find out whether each is known from its beginning. While the period runs, the finished days of a
    count are compared with as many first days of the others, since a count grows with every day.
    ``now``: epoch seconds. Raises StoreError if the store cannot be read.
    """
    chosen = list(figures)
    only = {figure.indicator for figure in chosen}
    first = needed_from(measuring, period, now)
    tallies = measuring.tallies(first, period.after, now, on_progress, only)
    return compared(measuring, chosen, tallies, period, now, states)


def needed_from(measuring: Measuring, period: Period, now: int) -> date:
    """Return the first date that tallies must hold for the comparisons of a period. Raises
    StoreError if the store cannot be read."""
    others = comparison_periods(measuring, period, now).values()
    return _reach(measuring, min(other.first for other in others))


def compared(
    measuring: Measuring,
    figures: Iterable[Figure],
    tallies: Tallies,
    period: Period,
    now: int,
    states: dict[str, PollState],
) -> list[Figure]:
    """Return the figures with their comparisons, from tallies that begin with ``needed_from``."""
    chosen = list(figures)
    only = {figure.indicator for figure in chosen}
    today = measuring.today(now)
    counts = {f.indicator for f in chosen if f.is_count and period.after > today}
    finished = max(0, (min(period.after, today) - period.first).days)
    courses = {name: measuring.definitions(name) for name in only}
    other_periods = comparison_periods(measuring, period, now)

    begins = [_begins(measuring, tallies, figure) for figure in chosen]

    def of(span: Period, ids: set[str]) -> dict[Key, Figure]:
        found = measuring.figures(tallies, span, now, states, ids)
        return {(each.indicator, each.organization): each for each in found}

    for name, other in other_periods.items():
        days = None if name == "year_to_date" else min(finished, _length(other))
        beside = of(other, only)
        own: dict[Key, Figure] = {}
        if counts and days:
            beside |= of(_part(other, days), counts)
            own = of(_part(period, days), counts)
        for place, figure in enumerate(chosen):
            if figure.part is not None:
                continue
            key = figure.indicator, figure.organization
            growing = days is not None and figure.indicator in counts
            if growing and not days:
                continue
            own_figure, other_figure = own.get(key, figure), beside[key]
            comparison = compare(
                name,
                own_figure,
                other_figure,
                measuring.timeline(figure.indicator).on(period.until(today).last).rules.min_n,
                alike=_alike(measuring, courses[figure.indicator], figure, other, today)
                and _whole(begins[place], other_figure.period),
                days=days if growing else None,
            )
            comparisons = (*figure.comparisons, comparison)
            chosen[place] = replace(figure, comparisons=comparisons)
    return chosen


def _reach(measuring: Measuring, earliest: date) -> date:
    """The first date to measure: up to a year before the earliest period if there are records."""
    span = measuring.store.records.span()
    begin = earliest if span is None else measuring.today(span[0])
    return earliest if begin >= earliest else max(begin, earliest - LOOK_BACK)


def _begins(measuring: Measuring, tallies: Tallies, figure: Figure) -> date | None:
    """The date of the first record of a figure's indicator and organization, if any."""
    if not figure.is_measured:
        return None
    name, places = figure.organization, measuring.settings.organizations
    return first_record(tallies, figure.indicator, None if name is None else places.index(name))


def _whole(begins: date | None, other: Period) -> bool:
    """Whether a period is known from its beginning: the first record comes before a fiftieth of it
    has passed, since a year begins with New Year's Day.

    Where a figure's own period is known in part, no other period but the year to date has records.
    """
    return begins is None or (begins - other.first).days * _PARTS <= _length(other)


def _length(period: Period) -> int:
    return (period.after - period.first).days


def _part(period: Period, days: int) -> Period:
    return period.until(period.first + timedelta(days=days - 1))


def _alike(
    measuring: Measuring, course: list[Definition], figure: Figure, other: Period, today: date
) -> bool:
    """Whether a figure is measured as in another period, with no break in between."""
    so_far = figure.period.until(today)
    breaks = measuring.settings.indicators[figure.indicator].breaks
    if any(other.first < day <= so_far.last for day in breaks):
        return False
    return measured_in_the_same_way(
        course, (so_far.first, so_far.after), (other.first, other.after)
    )
