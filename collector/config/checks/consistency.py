"""What the parts of a configuration say about each other: contradictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set

from collector.config.calendars import build_calendar
from collector.config.checks.alerts import watching
from collector.config.checks.report import reporting
from collector.config.checks.versions import version_findings
from collector.config.indicators import (
    Count,
    GivenForecast,
    Indicator,
    Manual,
    MeanDuration,
    ServiceLevel,
    ShareWhere,
    ShareWithin,
)
from collector.config.rules import CallFilter, TicketFilter
from collector.config.settings import BEGINNING, CalendarSettings, Settings
from collector.io.yaml import Finding, Place
from collector.model.quantities import (
    BUSINESS_DAYS,
    TIME_UNITS,
    YES_NO,
    YES_NO_UNIT,
    Amount,
    Target,
)

_TIMES = ", ".join(sorted({*TIME_UNITS, *BUSINESS_DAYS}))
_BESIDE: Mapping[str | int, str] = {"formula": "short_abandon"}
"""What makes something wrong that stands beside it."""
_YES_OR_NO = "is yes or no, or 1 or 0: that is its unit"
_STORES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def contradictions(settings: Settings) -> list[Finding]:
    """Faults that no single key shows: unknown names, impossible calendars, units that clash."""
    found = [
        *_general(settings),
        *_calendars(settings),
        *_sources(settings),
        *_goals(settings),
        *watching(settings),
        *reporting(settings),
        *version_findings(settings),
        *(finding for name in settings.indicators for finding in _versions(settings, name)),
    ]
    return list(dict.fromkeys(found))


def _general(settings: Settings) -> Iterator[Finding]:
    if not settings.indicators:
        yield ("indicators",), "is empty: nothing would be measured"
    for key in ("organizations", "priorities"):
        names = getattr(settings, key)
        for index, name in enumerate(names):
            if name in names[:index]:
                yield (key, index), f"{name!r} is given twice"
    if settings.store_password is not None and settings.store.startswith("sqlite"):
        yield ("store_password",), "is for PostgreSQL: a file has none"
    if not settings.store.startswith(_STORES):
        yield ("store",), "begins with sqlite:/// or postgresql://"
    for name, chosen in settings.exclude.items():
        if not chosen.model_dump(exclude_none=True):
            yield ("exclude", name), "is empty: every ticket would be left out"
        yield from _names(settings, ("exclude", name), chosen)


def _calendars(settings: Settings) -> Iterator[Finding]:
    for name, calendar in settings.calendars.items():
        yield from _calendar(("calendars", name), calendar.in_force(BEGINNING))
        for index, version in enumerate(calendar.versions):
            place = ("calendars", name, "versions", index)
            yield from _calendar(place, calendar.in_force(version.valid_from))


def _calendar(place: Place, calendar: CalendarSettings) -> Iterator[Finding]:
    try:
        if not build_calendar(calendar).seconds_per_business_day:
            yield (*place, "hours"), "is never open: no clock would ever run"
    except ValueError as error:
        yield (*place, "holidays"), str(error)


def _versions(settings: Settings, name: str) -> Iterator[Finding]:
    """What is wrong with an indicator as it begins, and with each of its versions."""
    for each, place, says in versions_of(settings, name):
        for at, text in _indicator(settings, each, place):
            if says(at) or says((*at[:-1], _BESIDE.get(at[-1], at[-1]))):
                yield at, text


def versions_of(
    settings: Settings, name: str
) -> Iterator[tuple[Indicator, Place, Callable[[Place], bool]]]:
    """An indicator as it begins and as each of its versions makes it, with its place.

    The function tells whether what stands at a place is said there, and not only earlier.
    """
    place: Place = ("indicators", name)
    yield settings.indicator(name), place, lambda at: True
    for index, version in enumerate(settings.indicators[name].versions):
        here: Place = (*place, "versions", index)
        keys = version.model_fields_set

        def says(at: Place, n: int = len(here), keys: Set[str] = keys) -> bool:
            return len(at) > n and str(at[n]) in keys

        yield settings.indicator(name, version.valid_from), here, says


def _sources(settings: Settings) -> Iterator[Finding]:
    for name in settings.sources:
        for value, ours in settings.sources[name].map.get("organization", {}).items():
            if settings.organizations and ours not in settings.organizations:
                place = ("sources", name, "map", "organization", value)
                yield place, f"{ours!r} is not one of organizations"


def _goals(settings: Settings) -> Iterator[Finding]:
    for name, goal in settings.goals.items():
        if goal.under is not None and goal.under not in settings.goals:
            yield ("goals", name, "under"), f"there is no goal {goal.under!r}"
        elif goal.under is not None and settings.goals[goal.under].level != "council":
            yield ("goals", name, "under"), f"{goal.under!r} is not a goal of the council"


def _indicator(settings: Settings, each: Indicator, place: Place) -> Iterator[Finding]:
    if each.goal is not None and each.goal not in settings.goals:
        yield (*place, "goal"), f"there is no goal {each.goal!r}"
    if isinstance(each, ShareWithin | MeanDuration) and each.calendar not in settings.calendars:
        known = ", ".join(settings.calendars) or "none"
        yield (*place, "calendar"), f"there is no calendar {each.calendar!r}; there are: {known}"
    if isinstance(each, ShareWithin | MeanDuration) and each.start == each.end:
        yield (*place, "to"), f"begins and ends with {each.end}"
    yield from _given(settings, each, place)
    if not isinstance(each, Manual):
        yield from _records(settings, (*place, "records"), each)
    if isinstance(each, MeanDuration) and each.unit not in {None, *TIME_UNITS, *BUSINESS_DAYS}:
        yield (*place, "unit"), f"is a unit of time: {_TIMES}; other words go into unit_label"
    if (
        isinstance(each, ServiceLevel)
        and each.formula == "short_abandons_met"
        and (not each.short_abandon)
    ):
        yield (*place, "formula"), "needs short_abandon: how soon a hang-up counts as met"
    if each.target is not None and (problem := _target_problem(each, each.target)):
        yield (*place, "target"), problem


def _given(settings: Settings, each: Indicator, place: Place) -> Iterator[Finding]:
    """What people give: figures, and forecasts in the place of computed ones."""
    key = "values" if isinstance(each, Manual) else "forecasts"
    for index, given in enumerate(each.values if isinstance(each, Manual) else each.forecasts):
        at = (*place, key, index)
        if given.organization is not None:
            yield from _organizations(settings, at, [given.organization])
        if isinstance(given, GivenForecast):
            if problem := amount_problem(each, "forecast", given.forecast):
                yield (*at, "forecast"), problem
        elif each.unit == YES_NO_UNIT:
            for what in ("value", "forecast"):
                if getattr(given, what) not in {None, 0, 1}:
                    yield (*at, what), _YES_OR_NO


def _records(
    settings: Settings,
    place: Place,
    each: ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count,
) -> Iterator[Finding]:
    yield from _names(settings, place, each.records)
    if isinstance(each, Count):
        foreign = {"queue", "outcome"} if each.of == "tickets" else {
            "kind", "priority", "category", "team", "status"
        }  # fmt: skip
        for key in sorted(foreign & each.records.model_dump(exclude_none=True).keys()):
            yield (*place, key), f"is not a field of {each.of}"
    if isinstance(each, ShareWhere):
        if not each.where.model_dump(exclude_none=True):
            yield (*place[:-1], "where"), "is empty: every ticket would meet it"
        yield from _names(settings, (*place[:-1], "where"), each.where)


def _names(
    settings: Settings, place: Place, chosen: TicketFilter | CallFilter
) -> Iterator[Finding]:
    """Sources and organizations that a filter names, and nothing else does."""
    for index, source in enumerate(chosen.source or ()):
        if source not in settings.sources:
            yield (*place, "source", index), f"there is no source {source!r}"
    yield from _organizations(settings, place, chosen.organization)


def _organizations(settings: Settings, place: Place, names: list[str] | None) -> Iterator[Finding]:
    for name in names or ():
        if name not in settings.organizations:
            yield (*place, "organization"), f"{name!r} is not one of organizations"


def amount_problem(each: Indicator, what: str, amount: Amount) -> str | None:
    """Why an amount cannot be the ``value`` or the ``forecast`` of an indicator; None if it can."""
    if isinstance(each, Manual):
        if each.unit == YES_NO_UNIT:
            return None if amount.unit is None and amount.number in {0, 1} else _YES_OR_NO
        if amount.text.lower() in YES_NO:
            return f"{amount.text!r} is not a number; its unit is {each.unit or 'none'}"
        if amount.unit is None or amount.unit == each.unit:
            return None
        return f"{amount.text!r} is not in its unit, {each.unit or 'none'}"
    if what == "value":
        return "it is measured: only a forecast can be given by hand"
    if isinstance(each, Count | MeanDuration):
        words = amount.text.lower() in YES_NO
        return "is a number, not yes or no" if words else _measured_problem(each, amount)
    if amount.unit != "%":
        return "a share is given in per cent, as in 85 %"
    return None if 0 <= amount.number <= 100 else "a share lies between 0 % and 100 %"


def _measured_problem(each: Count | MeanDuration, given: Amount | Target) -> str | None:
    """Why a number cannot be one of records, or a mean duration."""
    if isinstance(each, Count) and given.unit is not None:
        return "is a number of records, without a unit"
    if isinstance(each, MeanDuration) and given.unit not in {*TIME_UNITS, *BUSINESS_DAYS}:
        return f"needs a unit of time: {_TIMES}"
    return "cannot be below 0" if given.number < 0 else None


def _target_problem(each: Indicator, target: Target) -> str | None:
    if isinstance(each, Manual):
        return _by_hand_problem(each, target)
    if isinstance(each, Count | MeanDuration):
        if target.comparison == "is":
            return 'is held against a number, as in ">= 100" or "<= 4h"'
        return _measured_problem(each, target)
    if target.unit != "%":
        return 'a share is held against per cent, as in ">= 90%"'
    return None if 0 <= target.number <= 100 else "a share lies between 0% and 100%"


def _by_hand_problem(each: Manual, target: Target) -> str | None:
    yes_no = target.comparison == "is"
    if each.unit == YES_NO_UNIT:
        return None if yes_no else 'its unit is yes/no: write "yes" or "no"'
    if yes_no:
        return f"its unit is {each.unit or 'none'}; yes or no needs the unit {YES_NO_UNIT}"
    if target.unit in {None, each.unit}:
        return None
    return f"{target.text!r} is not in its unit, {each.unit or 'none'}"
