"""How the fiscal year is expected to end: computed, or as somebody says in its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from collector.measuring.figures.forecast import (
    Forecast,
    Known,
    Months,
    expected_volume,
    forecast,
    suspected_break,
)
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import Yardstick
from collector.model.codes import NoForecast
from collector.model.periods import FiscalYear, month_start


@dataclass(frozen=True, slots=True)
class Outlook:
    """The value expected of the whole fiscal year, in the unit of the figure.

    ``low`` and ``high`` bound it with 80 %; ``chance`` is that of reaching the target. ``given``:
    a person says so, ``set_by`` and ``since`` when; ``computed`` is then what the program would
    have said. Without a value ``reason`` says why there is none. ``odd_month``: one that is unlike
    the 12 before it by ``odd_by`` standard deviations, perhaps a break that nobody configured.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    months: int = 0
    reason: NoForecast | None = None
    given: bool = False
    set_by: str | None = None
    since: date | None = None
    comment: str | None = None
    computed: float | None = None
    odd_month: date | None = None
    odd_by: float | None = None


def outlook(
    yardstick: Yardstick,
    known: Known,
    c: float,
    organization: str | None,
    today: date,
    fiscal: FiscalYear,
    *,
    unknown: bool = False,
) -> Outlook:
    """The outlook of an indicator that is measured; a person's forecast wins over the computed.

    ``unknown``: its sources were not read up to now. What they did not tell would pass for months
    without records, so nothing is computed.
    """
    made = computed = (
        Outlook(None, reason=NoForecast.NOT_READ) if unknown else _computed(yardstick, known, c)
    )
    if (given := given_outlook(yardstick, organization, today, fiscal)) is not None:
        made = replace(given, computed=computed.value)
    return made if unknown else _with_suspicion(made, known)


def _with_suspicion(made: Outlook, known: Known) -> Outlook:
    """The outlook with the month that a person should look at, behind the latest break."""
    months, start = known.months, known.start
    n = start - months.first
    since = Months(start, months.good[n:], months.eligible[n:])
    found = suspected_break(since, mean=known.mean)
    if found is None:
        return made
    return replace(made, odd_month=month_start(found.month), odd_by=found.z)


def _computed(yardstick: Yardstick, known: Known, c: float) -> Outlook:
    made = forecast(known, c)
    if not isinstance(made, Forecast):
        return Outlook(None, reason=made)
    kind = kind_of(yardstick.indicator)
    if kind.is_count:
        return Outlook(expected_volume(known), months=made.months)
    chance, target, limit = None, yardstick.indicator.target, kind.threshold(yardstick)
    if target is not None and limit is not None:
        chance = made.chance(limit, at_least=target.higher_is_better)
    return Outlook(made.value, made.low, made.high, chance, made.months)


def given_outlook(
    yardstick: Yardstick, organization: str | None, day: date, fiscal: FiscalYear
) -> Outlook | None:
    """What a person last said up to ``day`` about the fiscal year that it lies in."""
    latest = max(
        (
            each
            for each in yardstick.indicator.given
            if each.forecast is not None
            and each.organization == organization
            and each.date <= day
            and fiscal.year_of(each.date) == fiscal.year_of(day)
        ),
        key=lambda each: each.date,
        default=None,
    )
    if latest is None or latest.forecast is None:
        return None
    said = latest.forecast
    in_unit_of_value = kind_of(yardstick.indicator).in_unit_of_value
    return Outlook(
        said if isinstance(said, float) else in_unit_of_value(yardstick, said),
        given=True,
        set_by=latest.set_by,
        since=latest.date,
        comment=latest.comment,
    )
