"""How the fiscal year is expected to end: computed, or as somebody says in its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from collector.indicators.forecast import Forecast, Known, expected_volume, forecast
from collector.indicators.periods import FiscalYear
from collector.indicators.states import in_unit_of_value, threshold
from collector.indicators.verdicts import Yardstick
from collector.kinds import Count, GivenForecast, Manual, ManualValue


@dataclass(frozen=True, slots=True)
class Outlook:
    """The value expected of the whole fiscal year, in the unit of the figure.

    ``low`` and ``high`` bound it with 80 %; ``chance`` is that of reaching the target. ``given``:
    a person says so, ``set_by`` and ``since`` when; ``computed`` is then what the program would
    have said. Without a value ``reason`` says why there is none.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    months: int = 0
    reason: str = ""
    given: bool = False
    set_by: str | None = None
    since: date | None = None
    comment: str | None = None
    computed: float | None = None


def outlook(
    yardstick: Yardstick,
    known: Known,
    c: float,
    organization: str | None,
    today: date,
    fiscal: FiscalYear,
) -> Outlook:
    """The outlook of an indicator that is measured; a person's forecast wins over the computed."""
    computed = _computed(yardstick, known, c)
    given = given_outlook(yardstick, organization, today, fiscal)
    return computed if given is None else replace(given, computed=computed.value)


def _computed(yardstick: Yardstick, known: Known, c: float) -> Outlook:
    made = forecast(known, c)
    if not isinstance(made, Forecast):
        return Outlook(None, reason=str(made))
    if isinstance(yardstick.indicator, Count):
        return Outlook(expected_volume(known), months=made.months)
    chance, target, limit = None, yardstick.indicator.target, threshold(yardstick)
    if target is not None and limit is not None:
        chance = made.chance(limit, at_least=target.higher_is_better)
    return Outlook(made.value, made.low, made.high, chance, made.months)


def given_outlook(
    yardstick: Yardstick, organization: str | None, day: date, fiscal: FiscalYear
) -> Outlook | None:
    """What a person last said up to ``day`` about the fiscal year that it lies in."""
    indicator = yardstick.indicator
    entries: list[ManualValue] | list[GivenForecast] = (
        indicator.values if isinstance(indicator, Manual) else indicator.forecasts
    )
    latest = max(
        (
            each
            for each in entries
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
    return Outlook(
        said if isinstance(said, float) else in_unit_of_value(yardstick, said),
        given=True,
        set_by=latest.set_by,
        since=latest.date,
        comment=latest.comment,
    )
