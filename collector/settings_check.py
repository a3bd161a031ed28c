"""What the parts of a configuration say about each other: contradictions, and doubtful things."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from collector.calendars import build_calendar
from collector.kinds import (
    Count,
    GivenForecast,
    Indicator,
    Manual,
    MeanDuration,
    ServiceLevel,
    ShareWhere,
    ShareWithin,
    TicketIndicator,
    delivery_of,
)
from collector.rules import OwnRules
from collector.settings import BEGINNING, CalendarSettings, Settings
from collector.sources import SOURCES
from collector.sources.base import DEFAULT
from collector.targets import BUSINESS_DAYS, TIME_UNITS, YES_NO, Amount, Target
from collector.values import Secret, SecretUnavailable
from collector.yaml_file import Place

Finding = tuple[Place, str]

_TIMES = ", ".join(sorted({*TIME_UNITS, *BUSINESS_DAYS}))
_STORES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def contradictions(settings: Settings) -> list[Finding]:
    """Faults that no single key shows: unknown names, impossible calendars, units that clash."""
    found = [
        *_general(settings),
        *_calendars(settings),
        *_sources(settings),
        *_goals(settings),
        *_rules(settings),
        *(finding for name in settings.indicators for finding in _versions(settings, name)),
    ]
    return list(dict.fromkeys(found))


def warnings(settings: Settings) -> list[Finding]:
    """What is allowed but hardly meant."""
    return [
        *_plain_password(settings),
        *_doubtful_indicators(settings),
        *_secrets(settings),
        *_zones(settings),
        *_unused(settings),
    ]


def _general(settings: Settings) -> Iterator[Finding]:
    if not settings.indicators:
        yield ("indicators",), "is empty: nothing would be measured"
    for key in ("organizations", "priorities"):
        names = getattr(settings, key)
        for index, name in enumerate(names):
            if name in names[:index]:
                yield (key, index), f"{name!r} is given twice"
    if not settings.store.startswith(_STORES):
        yield ("store",), "begins with sqlite:/// or postgresql://"
    for name, chosen in settings.exclude.items():
        yield from _organizations(settings, ("exclude", name), chosen.organization)


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


def _rules(settings: Settings) -> Iterator[Finding]:
    """A record must know its date before it can be measured by the version of that date."""
    places: list[tuple[Place, OwnRules]] = [
        (("rules", "versions", index), version)
        for index, version in enumerate(settings.rules.versions)
    ]
    for name, each in settings.indicators.items():
        for index, own in enumerate(each.versions):
            if own.rules is not None:
                places.append((("indicators", name, "versions", index, "rules"), own.rules))
    for place, rules in places:
        if rules.counted_by is not None:
            yield (
                (*place, "counted_by"),
                "cannot change with time: the date that a record counts on decides its version",
            )


def _versions(settings: Settings, name: str) -> Iterator[Finding]:
    """What is wrong with an indicator as it begins, and with each of its versions."""
    whole = settings.indicators[name]
    place: Place = ("indicators", name)
    yield from _indicator(settings, name, settings.indicator(name), place)
    for index, version in enumerate(whole.versions):
        here: Place = (*place, "versions", index)
        each = settings.indicator(name, version.valid_from)
        for at, text in _indicator(settings, name, each, here):
            if len(at) > len(here) and str(at[len(here)]) in version.model_fields_set:
                yield at, text


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


def _indicator(settings: Settings, name: str, each: Indicator, place: Place) -> Iterator[Finding]:
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
    if isinstance(each, TicketIndicator):
        yield from _answers(settings, each, place)
    if each.target is not None and (problem := _unit_problem(each, each.target)):
        yield (*place, "target"), problem


def _given(settings: Settings, each: Indicator, place: Place) -> Iterator[Finding]:
    """What people give: figures, and forecasts in the place of computed ones."""
    key = "values" if isinstance(each, Manual) else "forecasts"
    for index, given in enumerate(each.values if isinstance(each, Manual) else each.forecasts):
        at = (*place, key, index)
        if given.organization is not None:
            yield from _organizations(settings, at, [given.organization])
        if isinstance(given, GivenForecast) and (
            problem := amount_problem(each, "forecast", given.forecast)
        ):
            yield (*at, "forecast"), problem


def _answers(settings: Settings, each: TicketIndicator, place: Place) -> Iterator[Finding]:
    rules = each.rules.over(settings.general_rules())
    if rules.counted_by == "responded" and set(rules.answers) != {"reply"}:
        own = each.rules.counted_by or each.rules.answers
        yield (
            (*(place if own else ()), "rules"),
            "counted_by responded goes by replies alone; it cannot be had with other answers",
        )


def _records(
    settings: Settings,
    place: Place,
    each: ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count,
) -> Iterator[Finding]:
    for index, source in enumerate(each.records.source or ()):
        if source not in settings.sources:
            yield (*place, "source", index), f"there is no source {source!r}"
    yield from _organizations(settings, place, each.records.organization)
    if isinstance(each, Count):
        foreign = {"queue", "outcome"} if each.of == "tickets" else {
            "kind", "priority", "category", "team", "status"
        }  # fmt: skip
        for key in sorted(foreign & each.records.model_dump(exclude_none=True).keys()):
            yield (*place, key), f"is not a field of {each.of}"
    if isinstance(each, ShareWhere):
        if not each.where.model_dump(exclude_none=True):
            yield (*place[:-1], "where"), "is empty: every ticket would meet it"
        yield from _organizations(settings, (*place[:-1], "where"), each.where.organization)


def _organizations(settings: Settings, place: Place, names: list[str] | None) -> Iterator[Finding]:
    for name in names or ():
        if name not in settings.organizations:
            yield (*place, "organization"), f"{name!r} is not one of organizations"


def amount_problem(each: Indicator, what: str, amount: Amount) -> str | None:
    """Why an amount cannot be the ``value`` or the ``forecast`` of an indicator; None if it can."""
    if isinstance(each, Manual):
        if amount.text.lower() in YES_NO and each.unit != "yes/no":
            return f"{amount.text!r} is not a number; its unit is {each.unit or 'none'}"
        if amount.unit is None or amount.unit == each.unit:
            return None
        return f"{amount.text!r} is not in its unit, {each.unit or 'none'}"
    if what == "value":
        return "it is measured: only a forecast can be given by hand"
    if isinstance(each, Count):
        return None if amount.unit is None else "is a number of records, without a unit"
    if isinstance(each, MeanDuration):
        known = amount.unit in TIME_UNITS or amount.unit in BUSINESS_DAYS
        return None if known else f"needs a unit of time: {_TIMES}"
    if amount.unit != "%":
        return "a share is given in per cent, as in 85 %"
    return None if 0 <= amount.number <= 100 else "a share lies between 0 % and 100 %"


def _unit_problem(each: Indicator, target: Target) -> str | None:
    if isinstance(each, Manual | Count):
        return None
    if isinstance(each, MeanDuration):
        if target.unit in TIME_UNITS or target.unit in BUSINESS_DAYS:
            return None
        return f"needs a unit of time: {_TIMES}"
    if target.unit != "%":
        return 'a share is held against per cent, as in ">= 90%"'
    return None if 0 <= target.number <= 100 else "a share lies between 0% and 100%"


def _plain_password(settings: Settings) -> Iterator[Finding]:
    if urlsplit(settings.store).password:
        yield ("store",), "holds a password; leave it out and set PGPASSWORD or use ~/.pgpass"


def _doubtful_indicators(settings: Settings) -> Iterator[Finding]:
    delivered = {SOURCES[settings.sources[name].type].delivers for name in settings.sources}
    for name, each in settings.indicators.items():
        place: Place = ("indicators", name)
        if each.title.sv == each.title.en == name:
            yield place, "has no title: its id is shown"
        if each.target is None:
            yield place, "has no target: its figure is shown without a verdict"
        elif each.target.number == 0 and not isinstance(each, Manual):
            yield (*place, "target"), "is 0: every figure reaches it; is it meant as not measured?"
        if isinstance(each, Manual) and not each.values:
            yield place, "has no values: it is shown as not measured"
        wanted = delivery_of(each)
        if settings.sources and wanted is not None and wanted not in delivered:
            yield place, f"no source delivers {wanted}: it is shown as not measured"
        for key in ("records", "where"):
            chosen = getattr(getattr(each, key, None), "priority", None)
            for value in chosen or ():
                if value not in settings.priorities:
                    yield (*place, key, "priority"), f"{value!r} is not one of priorities"


def _secrets(settings: Settings) -> Iterator[Finding]:
    for name in settings.sources:
        for key, value in settings.sources[name]:
            if isinstance(value, Secret):
                try:
                    value.reveal()
                except SecretUnavailable as error:
                    yield ("sources", name, key), str(error)


def _zones(settings: Settings) -> Iterator[Finding]:
    for name, options in settings.sources.items():
        naive = getattr(options, "time_format", "epoch") != "epoch"
        if naive and getattr(options, "timezone", "") is None:
            place = ("sources", name, "timezone")
            yield place, f"is not given: times that carry no zone are read in {settings.timezone}"


def _unused(settings: Settings) -> Iterator[Finding]:
    used = {getattr(each, "calendar", None) for each in settings.indicators.values()}
    for name in settings.calendars:
        if name not in used:
            yield ("calendars", name), "no indicator uses it"
    for name in settings.sources:
        table = settings.sources[name].map.get("organization", {})
        if table and not settings.organizations and set(table) != {DEFAULT}:
            yield ("organizations",), f"is empty although sources.{name} maps organizations"
