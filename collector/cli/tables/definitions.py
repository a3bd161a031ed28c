"""Definitions for the terminal: the rules in force, what changed, and values given by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from rich.console import Console

from collector.cli.tables.markup import escaped
from collector.config.definition_changes import changes_within
from collector.config.definitions import (
    definition_content,
    definitions,
    idle_rules,
    readable,
    without_idle_rules,
    written_rules,
)
from collector.config.settings import Settings, sources_delivering
from collector.measuring.figures.figure import Figure
from collector.model.codes import WEEKDAYS
from collector.store import RecordedDefinition, RecordedValue
from collector.text.dates import LocalTimes


def print_definition(
    settings: Settings, indicator: str, days: Sequence[date], out: Console
) -> None:
    """Print the definition in force on the first of ``days``, then the changes on later ones."""
    before: dict[str, str] = {}
    for day in days:
        now = without_idle_rules(definition_content(settings, indicator, day))
        changed = {path: text for path, text in now.items() if before.get(path) != text}
        removed = {path: "no longer" for path in before if path not in now}
        if before and (changed or removed):
            out.print(f"  from {day}:")
        for name, lines in _sections(indicator, changed | removed).items():
            out.print(f"  [dim]{name:<10}[/] {escaped(' · '.join(lines))}")
        before = now
    out.print()


def _sections(indicator: str, definition: Mapping[str, str]) -> dict[str, list[str]]:
    """Section → lines of a definition, each with the rest of its path and its value."""
    found: dict[str, list[str]] = {}
    for path, text in definition.items():
        head, _, rest = path.partition(".")
        rest = rest.removeprefix(f"{indicator}.") if head == "indicators" else rest
        name = {"indicators": "definition", "calendars": "calendar"}.get(head, head)
        if not rest:
            name, rest = "general", path
        found.setdefault(name, []).append(f"{rest} {readable(text)}")
    if "calendar" in found:
        found["calendar"] = _joined_days(found["calendar"])
    return found


def _joined_days(lines: list[str]) -> list[str]:
    """Joins weekdays with equal hours into one line: ``office.hours.mon-fri 08:00-17:00``."""
    joined: list[str] = []
    first = last = ""
    for line in lines:
        path, _, windows = line.partition(" ")
        start, day, name = path.partition(".hours.")
        follows = (last, name) in pairwise(WEEKDAYS)
        if (
            day
            and joined
            and follows
            and joined[-1] == f"{start}{day}{_days(first, last)} {windows}"
        ):
            joined[-1] = f"{start}{day}{_days(first, name)} {windows}"
        else:
            joined.append(line)
            first = name
        last = name
    return joined


def _days(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def print_rules(settings: Settings, day: date, out: Console) -> None:
    """Print the rules that hold for all figures on ``day``, and those that indicators override.

    Rules that can act on nothing that the sources record are left out.
    """
    names = sources_delivering(settings, "tickets")
    idle = idle_rules(settings.sources[name].unrecorded for name in names)
    general = written_rules(settings.general_rules(day))
    parts = [f"{key} {_plainly(value)}" for key, value in general.items() if key not in idle]
    parts += [f"fiscal year from month {settings.fiscal_year_start}"]
    parts += [f"tertials {settings.tertials}"] if settings.tertials != "separate" else []
    parts += [f"reporting zone {settings.timezone}"]
    parts += [f"without {name}" for name in settings.exclude]
    out.print(f"[dim]rules: {escaped(' · '.join(parts))}[/]")
    for name in settings.indicators:
        own = written_rules(settings.rules_of(name, day))
        other = [f"{k} {_plainly(v)}" for k, v in own.items() if v != general[k] and k not in idle]
        if other:
            out.print(f"[dim]  {name}: {escaped(' · '.join(other))}[/]")


def print_changes(
    settings: Settings, indicators: Iterable[str], first: date, after: date, out: Console
) -> None:
    """Print the changes of definitions after ``first`` and before ``after``, a line for each."""
    changes = [
        (each.since, f"{each.path}: {each.before or 'nothing'} → {each.after or 'nothing'}")
        for name in indicators
        for each in changes_within(definitions(settings, name), first, after)
    ]
    for since, text in sorted(dict.fromkeys(changes), key=lambda change: change[0]):
        out.print(f"[dim]from {since}: {escaped(text)}[/]", soft_wrap=True)


def _plainly(value: object) -> str:
    if isinstance(value, list):
        return " or ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def print_restatements(
    restated: Iterable[RecordedDefinition], when: LocalTimes, out: Console
) -> None:
    """Print when the definitions of past figures were changed."""
    for each in restated:
        for changed in each.restated:
            text = f"restated {when(each.recorded_at)}: {changed['path']}: "
            text += f"{changed['before'] or 'nothing'} → {changed['after'] or 'nothing'}, "
            out.print(f"  {text}from {changed['since']} on", markup=False, soft_wrap=True)


def print_values_by_hand(values: Sequence[RecordedValue], when: LocalTimes, out: Console) -> None:
    """Print the history of figures and forecasts given by hand, including replaced ones."""
    latest = {(each.organization, each.date): each for each in values}
    for each in values:
        old = "" if latest[each.organization, each.date] is each else ", replaced since"
        line = f"  {_given(each)} (seen {when(each.recorded_at)}{old})"
        out.print(line, markup=False, soft_wrap=True)


def print_corrections(
    figures: Iterable[Figure], values: Sequence[RecordedValue], when: LocalTimes, out: Console
) -> None:
    """Print what values given by hand were before they were corrected: those that the figures show,
    and those of the period that they would show had they not been withdrawn."""
    for figure in figures:
        about = figure.indicator, figure.organization
        own = [v for v in values if (v.indicator, v.organization) == about]
        for day in _decisive_days(figure, own):
            for before, after in pairwise(v for v in own if v.date == day):
                text = f"{figure.indicator}, {_given(before)} until {when(after.recorded_at)}"
                out.print(f"[dim]{escaped(text)}[/]", soft_wrap=True)


def _decisive_days(figure: Figure, own: Iterable[RecordedValue]) -> list[str]:
    """The ISO date of the value that a figure shows, and of later ones that were withdrawn."""
    if figure.is_measured:
        return []
    first, last = (day.isoformat() for day in (figure.period.first, figure.period.last))
    shown = "" if figure.given_on is None else figure.given_on.isoformat()
    latest = {each.date: each.content for each in own}
    withdrawn = {day for day, content in latest.items() if content is None and first <= day <= last}
    return [shown, *sorted(day for day in withdrawn if day > shown)]


def _given(value: RecordedValue) -> str:
    content = "taken back"
    if value.content is not None:
        content = " · ".join(f"{k.replace('_', ' ')} {text}" for k, text in value.content.items())
    where = f" {value.organization}" if value.organization else ""
    return f"{value.date}{where}: {content}"
