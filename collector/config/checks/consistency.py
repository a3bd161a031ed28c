"""Checks across the parts of a configuration: names that do not exist, and contradictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set

from collector.config.calendars import build_calendar
from collector.config.checks.alerts import alert_findings
from collector.config.checks.names import unknown
from collector.config.checks.report import report_findings
from collector.config.checks.versions import version_findings
from collector.config.indicators import Indicator
from collector.config.rules import CallFilter, TicketFilter
from collector.config.settings import BEGINNING, CalendarSettings, Settings
from collector.io.yaml import Finding, Place

_AFFECTED_BY: Mapping[str | int, str] = {"formula": "short_abandon"}
"""Key → a key beside it whose value can make it wrong."""
_STORES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def contradictions(settings: Settings) -> list[Finding]:
    """The faults that no single key shows: unknown names, calendars that never open, units that do
    not match, and so on."""
    findings = [
        *_general(settings),
        *_languages(settings),
        *_calendars(settings),
        *_sources(settings),
        *_goals(settings),
        *alert_findings(settings),
        *report_findings(settings),
        *version_findings(settings),
        *(finding for name in settings.indicators for finding in _versions(settings, name)),
    ]
    return list(dict.fromkeys(findings))


def _general(settings: Settings) -> Iterator[Finding]:
    if not settings.indicators:
        yield ("indicators",), "is empty: nothing would be measured"
    for key in ("organizations", "priorities"):
        names = getattr(settings, key)
        for index, name in enumerate(names):
            if name in names[:index]:
                yield (key, index), f"{name!r} is listed twice"
    if settings.store_password is not None and settings.store.startswith("sqlite"):
        yield ("store_password",), "is only for PostgreSQL: an SQLite file has no password"
    if not settings.store.startswith(_STORES):
        yield ("store",), "must begin with sqlite:/// or postgresql://"
    for name, chosen in settings.exclude.items():
        if not chosen.model_dump(exclude_none=True):
            yield ("exclude", name), "is empty: every ticket would be excluded"
        yield from _names(settings, ("exclude", name), chosen)


def _languages(settings: Settings) -> Iterator[Finding]:
    chosen = {"report": settings.report.languages, "delivery": settings.delivery.languages}
    if settings.grafana is not None:
        chosen["grafana"] = settings.grafana.languages
    for section, languages in chosen.items():
        for index, language in enumerate(languages):
            if language not in settings.languages:
                place = (section, "languages", index)
                yield place, f"{language} is not in use: remove it, or add it to languages"


def _calendars(settings: Settings) -> Iterator[Finding]:
    for name, calendar in settings.calendars.items():
        yield from _calendar(("calendars", name), calendar.in_force(BEGINNING))
        for index, version in enumerate(calendar.versions):
            place = ("calendars", name, "versions", index)
            yield from _calendar(place, calendar.in_force(version.valid_from))


def _calendar(place: Place, calendar: CalendarSettings) -> Iterator[Finding]:
    try:
        if not build_calendar(calendar).seconds_per_business_day:
            yield (*place, "hours"), "is never open, so no clock would ever run; add opening hours"
    except ValueError as error:
        yield (*place, "holidays"), str(error)


def _versions(settings: Settings, name: str) -> Iterator[Finding]:
    """The faults of an indicator as it starts, and of each of its versions."""
    for each, place, sets in versions_of(settings, name):
        for at, text in _indicator(settings, each, place):
            if sets(at) or sets((*at[:-1], _AFFECTED_BY.get(at[-1], at[-1]))):
                yield at, text


def versions_of(
    settings: Settings, name: str
) -> Iterator[tuple[Indicator, Place, Callable[[Place], bool]]]:
    """An indicator as it starts and as each of its versions leaves it, each with its place.

    The third item tells whether a place below is set by this version itself, rather than taken
    over from an earlier one.
    """
    place: Place = ("indicators", name)
    yield settings.indicator(name), place, lambda at: True
    for index, version in enumerate(settings.indicators[name].versions):
        here: Place = (*place, "versions", index)
        keys = version.model_fields_set

        def sets(at: Place, n: int = len(here), keys: Set[str] = keys) -> bool:
            return len(at) > n and str(at[n]) in keys

        yield settings.indicator(name, version.valid_from), here, sets


def _sources(settings: Settings) -> Iterator[Finding]:
    for name in settings.sources:
        for value, ours in settings.sources[name].map.get("organization", {}).items():
            if settings.organizations and ours not in settings.organizations:
                place = ("sources", name, "map", "organization", value)
                yield place, f"{ours!r} is not listed under organizations"


_ABOVE = {"board": "council", "council": "area"}


def _goals(settings: Settings) -> Iterator[Finding]:
    for name, goal in settings.goals.items():
        if goal.under is not None and goal.under not in settings.goals:
            yield ("goals", name, "under"), unknown("goal", goal.under, settings.goals)
        elif goal.under is not None and goal.level == "area":
            yield ("goals", name, "under"), "a goal with level: area is under no other"
        elif goal.under is not None and settings.goals[goal.under].level != _ABOVE[goal.level]:
            above = _ABOVE[goal.level]
            yield ("goals", name, "under"), f"{goal.under!r} is not a goal with level: {above}"


def _indicator(settings: Settings, each: Indicator, place: Place) -> Iterator[Finding]:
    if each.goal is not None and each.goal not in settings.goals:
        yield (*place, "goal"), unknown("goal", each.goal, settings.goals)
    elif each.goal is not None and settings.goals[each.goal].level == "area":
        yield (*place, "goal"), f"{each.goal!r} is an area; name one of its goals"
    calendar = getattr(each, "calendar", None)
    if calendar is not None and calendar not in settings.calendars:
        yield (*place, "calendar"), unknown("calendar", calendar, settings.calendars)
    for at, text in each.own_problems():
        yield (*place, *at), text
    yield from _entries(settings, each, place)
    for key in ("records", "where"):
        if (chosen := getattr(each, key, None)) is not None:
            yield from _names(settings, (*place, key), chosen)
    if each.target is not None and (problem := each.target_problem(each.target)):
        yield (*place, "target"), problem


def _entries(settings: Settings, each: Indicator, place: Place) -> Iterator[Finding]:
    """The faults of the figures and forecasts that people entered."""
    for index, entry in enumerate(each.given):
        here = (*place, each.GIVEN, index)
        if entry.organization is not None:
            yield from _organizations(settings, here, [entry.organization])
        for at, problem in each.entry_problems(entry):
            yield (*here, *at), problem


def _names(
    settings: Settings, place: Place, chosen: TicketFilter | CallFilter
) -> Iterator[Finding]:
    """The sources and organizations that a filter names, but that are not configured."""
    for index, source in enumerate(chosen.source or ()):
        if source not in settings.sources:
            yield (*place, "source", index), unknown("source", source, settings.sources)
    yield from _organizations(settings, place, chosen.organization)


def _organizations(settings: Settings, place: Place, names: list[str] | None) -> Iterator[Finding]:
    for name in names or ():
        if name not in settings.organizations:
            yield (*place, "organization"), f"{name!r} is not listed under organizations"
