"""What alert rules can watch in a configuration: deadlines by priority, indicators by sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from collector.config.indicators import Indicator
from collector.config.settings import Settings, sources_of
from collector.measuring.kinds.table import kind_of
from collector.model.groups import group_of, other_than


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The indicators that set deadlines for tickets of a priority: a configured one, ``other_than``
    these, or "" for tickets without one.

    ``response``: those of the first response; ``other``: all others.
    """

    priority: str
    response: tuple[str, ...]
    other: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All indicators, those of the first response before the others."""
        return self.response + self.other


def deadlines(settings: Settings) -> list[Deadlines]:
    """The deadlines of each priority for which an indicator sets any."""
    found = [
        Deadlines(
            priority,
            tuple(_setting_deadlines(settings, priority, to_response=True)),
            tuple(_setting_deadlines(settings, priority, to_response=False)),
        )
        for priority in (*settings.priorities, other_than(settings.priorities), "")
    ]
    return [each for each in found if each.all]


def _setting_deadlines(settings: Settings, priority: str, *, to_response: bool) -> Iterable[str]:
    for name in settings.indicators:
        for each in versions(settings, name):
            event, chosen = each.deadline_event, each.priorities
            if event is None or (event == "first_response") is not to_response:
                continue
            if chosen is None or priority in {group_of(p, settings.priorities) for p in chosen}:
                yield name
                break


def versions(settings: Settings, name: str) -> list[Indicator]:
    """All dated versions of an indicator: past, present and future."""
    return [settings.indicator(name, day) for day in settings.turns(name)]


def calendars_of(settings: Settings, names: Iterable[str]) -> list[str]:
    """The calendars that the clocks of indicators use in any of their versions, sorted."""
    used = {
        calendar
        for name in names
        for each in versions(settings, name)
        if (calendar := getattr(each, "calendar", None)) is not None
    }
    return sorted(used)


def general_calendar(settings: Settings) -> list[str]:
    """The calendar, as a list of one, for calls and the day's shares; empty without calendars."""
    chosen = settings.alerts.calendar or next(iter(settings.calendars), None)
    return [] if chosen is None else [chosen]


def longest_poll_interval(settings: Settings, sources: Iterable[str]) -> int:
    """The longest poll interval in seconds; 0 without sources."""
    return max((settings.sources[name].every for name in sources), default=0)


def shares_with_minimum(settings: Settings) -> list[str]:
    """The indicators whose misses can be counted: shares whose target is a minimum."""
    return [
        name
        for name in measured_indicators(settings)
        if kind_of(settings.indicators[name]).is_share and True in directions(settings, name)
    ]


def measured_indicators(settings: Settings) -> list[str]:
    """The indicators that are measured from records of a configured source."""
    return [
        name
        for name, each in settings.indicators.items()
        if each.measured_on is not None and sources_of(settings, name)
    ]


def directions(settings: Settings, name: str) -> set[bool]:
    """Whether higher is better, for the targets of all versions; empty without a target."""
    targets = [each.target for each in versions(settings, name)]
    return {target.higher_is_better for target in targets if target is not None}


def by_sources(settings: Settings, names: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    """The indicators grouped by the sources they depend on."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        found.setdefault(tuple(sources_of(settings, name)), []).append(name)
    return found
