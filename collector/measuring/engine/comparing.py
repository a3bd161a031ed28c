"""Figures beside those of other periods: before, a year before, and of the year to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from collector.config.definition_changes import measured_alike
from collector.config.definitions import Definition, definitions
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.tallies import Tallies, first_record
from collector.measuring.figures.comparison import compare
from collector.measuring.figures.figure import Figure
from collector.model.periods import Period, previous, year_before
from collector.store import PollState

Key = tuple[str, str | None]

LOOK_BACK = timedelta(days=366)
"""How long before a period a record shows that the period is known from its beginning."""
_BARELY = 50


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
    """The figures of a period with their comparisons; measures it again with the other periods and
    up to a year before them, to know whether each is known from its beginning.

    While the period runs a number of records grows with every day: its finished days are compared
    with as many first days of the others.
    """
    chosen = list(figures)
    only = {figure.indicator for figure in chosen}
    today = measuring.today(now)
    counts = {f.indicator for f in chosen if f.is_count and period.after > today}
    finished = max(0, (min(period.after, today) - period.first).days)
    courses = {name: definitions(measuring.settings, name) for name in only}
    wanted = others(measuring, period, now)
    first = _reach(measuring, min(other.first for other in wanted.values()))
    tallies = measuring.tallies(first, period.after, now, on_progress, only)

    begins = [_begins(measuring, tallies, figure) for figure in chosen]

    def of(span: Period, ids: set[str]) -> dict[Key, Figure]:
        found = measuring.figures(tallies, span, now, states, ids)
        return {(each.indicator, each.organization): each for each in found}

    for name, other in wanted.items():
        days = None if name == "year_to_date" else min(finished, _length(other))
        beside = of(other, only)
        own: dict[Key, Figure] = {}
        if counts and days:
            beside |= of(_part(other, days), counts)
            own = of(_part(period, days), counts)
        for place, figure in enumerate(chosen):
            key = figure.indicator, figure.organization
            growing = days is not None and figure.indicator in counts
            if growing and not days:
                continue
            mine, its = own.get(key, figure), beside[key]
            comparison = compare(
                name,
                mine,
                its,
                measuring.timeline(figure.indicator).on(period.until(today).last).rules.min_n,
                alike=_alike(measuring, courses[figure.indicator], figure, other, today)
                and _whole(begins[place], its.period),
                days=days if growing else None,
            )
            comparisons = (*figure.comparisons, comparison)
            chosen[place] = replace(figure, comparisons=comparisons)
    return chosen


def _reach(measuring: Measuring, earliest: date) -> date:
    """The first date to measure: up to a year before the earliest period, if there are records."""
    span = measuring.store.records.span()
    begin = earliest if span is None else measuring.today(span[0])
    return earliest if begin >= earliest else max(begin, earliest - LOOK_BACK)


def _begins(measuring: Measuring, tallies: Tallies, figure: Figure) -> date | None:
    """The date of the first record behind a figure's indicator and organization, if known."""
    if not figure.is_measured:
        return None
    name, places = figure.organization, measuring.settings.organizations
    return first_record(tallies, figure.indicator, None if name is None else places.index(name))


def _whole(begins: date | None, other: Period) -> bool:
    """Whether a period is known from its beginning: the first record comes on its first day, or,
    as a year begins with New Year's Day, before a fiftieth of it has passed.

    A figure whose own period is known in part has no other with records but the year to date.
    """
    return begins is None or (begins - other.first).days * _BARELY <= _length(other)


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
