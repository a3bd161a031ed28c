"""The outlook for the fiscal year: computed, or entered by a person in its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from collector.measuring.figures.forecast import (
    Forecast,
    History,
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

    ``low`` and ``high`` are its 80 % interval. ``chance`` is the probability of reaching the
    target, 0–1. ``months``: the number of complete months it was made from. Without a value,
    ``reason`` says why. ``given``: entered by the person ``set_by`` on the date ``since``;
    ``computed`` is then the program's own forecast. ``odd_month``: the first day of a month that
    differs from the 12 before it by ``odd_by`` standard deviations, perhaps a break that is missing
    in the configuration.
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
    known: History,
    organization: str | None,
    today: date,
    fiscal: FiscalYear,
    *,
    unknown: bool = False,
) -> Outlook:
    """Return the outlook of a measured indicator for the fiscal year of ``today``.

    A forecast entered by hand replaces the computed one. ``unknown``: its sources were
    not read up to now; unread records would look like months without records, so nothing is
    computed.
    """
    result = computed = (
        Outlook(None, reason=NoForecast.NOT_READ) if unknown else _computed(yardstick, known)
    )
    if (given := outlook_by_hand(yardstick, organization, today, fiscal)) is not None:
        result = replace(given, computed=computed.value)
    return result if unknown else _with_suspicion(result, known)


def _with_suspicion(result: Outlook, known: History) -> Outlook:
    """The outlook with a suspected break since the latest configured one, for a person to check."""
    months, start = known.months, known.start
    n = start - months.first
    since = Months(start, months.good[n:], months.eligible[n:])
    suspicion = suspected_break(since, mean=known.mean)
    if suspicion is None:
        return result
    return replace(result, odd_month=month_start(suspicion.month), odd_by=suspicion.z)


def _computed(yardstick: Yardstick, known: History) -> Outlook:
    result = forecast(known)
    if not isinstance(result, Forecast):
        return Outlook(None, reason=result)
    kind = kind_of(yardstick.indicator)
    if kind.is_count:
        return Outlook(expected_volume(known), months=result.months)
    chance, target, limit = None, yardstick.indicator.target, kind.threshold(yardstick)
    if target is not None and limit is not None:
        chance = result.chance(limit, at_least=target.higher_is_better)
    return Outlook(result.value, result.low, result.high, chance, result.months)


def outlook_by_hand(
    yardstick: Yardstick, organization: str | None, day: date, fiscal: FiscalYear
) -> Outlook | None:
    """Return the latest forecast entered by hand up to ``day`` for its fiscal year; None without
    one."""
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
    number = latest.forecast
    in_unit_of_value = kind_of(yardstick.indicator).in_unit_of_value
    return Outlook(
        number if isinstance(number, float) else in_unit_of_value(yardstick, number),
        given=True,
        set_by=latest.set_by,
        since=latest.date,
        comment=latest.comment,
    )
