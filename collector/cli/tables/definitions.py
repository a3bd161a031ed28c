"""Definitions for the terminal: the rules in force, what changed, and values given by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from rich.console import Console

from collector.cli.tables.layout import Sheet, phrases, words
from collector.cli.tables.markup import escaped, printable
from collector.config.definition_changes import Difference, changes_within
from collector.config.definitions import (
    definition_content,
    definitions,
    idle_rules,
    rules_about,
    without_idle_rules,
    written_rules,
)
from collector.config.settings import Settings, sources_delivering
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.report.content.definition_sections import (
    change_in_words,
    definition_in_words,
    rule_line,
)
from collector.store import RecordedDefinition, RecordedValue
from collector.text.dates import LocalTimes
from collector.text.numbers import decimals, number
from collector.text.words import lower
from collector.text.words.definitions import label, value_in_words
from collector.text.words.tables import word


def print_definition(
    settings: Settings, indicator: str, days: Sequence[date], language: Language, out: Console
) -> None:
    """Print the definition in force on the first of ``days``, then the changes on later ones."""
    before: dict[str, str] = {}
    for day in days:
        now = without_idle_rules(definition_content(settings, indicator, day))
        changed = {path: text for path, text in now.items() if before.get(path) != text}
        removed: dict[str, str | None] = {path: None for path in before if path not in now}
        if before and (changed or removed):
            out.print(f"  {word('from', language, day)}")
        sections = definition_in_words(indicator, now, changed | removed, language)
        shown = Sheet(words(), phrases())
        for name, lines in sections.items():
            shown.add_row(f"  [dim]{word(name, language)}[/]", escaped(" · ".join(lines)))
        shown.print(out, language)
        before = now
    out.print()


def print_rules(settings: Settings, day: date, language: Language, out: Console) -> None:
    """Print the rules that hold for all figures on ``day``, and those that indicators override.

    Rules that can act on nothing that the sources record are left out, and so are those of tickets
    where only calls are measured, and those of calls where only tickets are.
    """
    measured = (settings.indicator(name, day) for name in settings.indicators)
    about = frozenset[str]().union(*map(rules_about, measured))
    names = sources_delivering(settings, "tickets")
    idle = idle_rules(settings.sources[name].unrecorded for name in names)
    general = written_rules(settings.general_rules(day))

    def said(rules: Mapping[str, Any]) -> list[str]:
        return [rule_line(k, v, language) for k, v in rules.items() if k in about - idle]

    parts = said(general)
    cumulative = ("tertials",) if settings.tertials != "separate" else ()
    for path in ("fiscal_year_start", *cumulative, "timezone"):
        value = value_in_words(path, str(getattr(settings, path)), language)
        parts.append(f"{lower(label(path, language))}: {value}")
    parts += [word("without", language, name) for name in settings.exclude]
    text = word("rules", language, " · ".join(parts))
    out.print(f"[dim]{escaped(text)}[/]")
    for name in settings.indicators:
        own = written_rules(settings.rules_of(name, day))
        other = said({key: value for key, value in own.items() if value != general[key]})
        if other:
            out.print(f"[dim]  {escaped(name)}: {escaped(' · '.join(other))}[/]")


def print_changes(
    settings: Settings,
    indicators: Iterable[str],
    first: date,
    after: date,
    language: Language,
    out: Console,
) -> None:
    """Print the changes of definitions after ``first`` and before ``after``, a line for each."""
    changes = [
        (
            each.since,
            word("changed", language, each.since, *change_in_words(each, language)),
        )
        for name in indicators
        for each in changes_within(definitions(settings, name), first, after)
    ]
    for _, text in sorted(dict.fromkeys(changes), key=lambda change: change[0]):
        out.print(f"[dim]{escaped(text)}[/]", soft_wrap=True)


def print_restatements(
    restated: Iterable[RecordedDefinition], when: LocalTimes, language: Language, out: Console
) -> None:
    """Print when the definitions of past figures were changed."""
    for each in restated:
        for changed in each.restated:
            since = date.fromisoformat(changed["since"])
            what = Difference(changed["path"], since, changed["before"], changed["after"])
            said = change_in_words(what, language)
            at = when(each.recorded_at)
            text = word("restated", language, at, *said, changed["since"])
            out.print(f"  {printable(text)}", markup=False, soft_wrap=True)


def print_values_by_hand(
    values: Sequence[RecordedValue], when: LocalTimes, language: Language, out: Console
) -> None:
    """Print the history of figures and forecasts given by hand, including replaced ones."""
    latest = {(each.organization, each.date): each for each in values}
    for each in values:
        key = "seen" if latest[each.organization, each.date] is each else "replaced"
        seen = word(key, language, when(each.recorded_at))
        out.print(f"  {_given(each, language)} ({seen})", markup=False, soft_wrap=True)


def print_corrections(
    figures: Iterable[Figure],
    values: Sequence[RecordedValue],
    when: LocalTimes,
    language: Language,
    out: Console,
) -> None:
    """Print what values given by hand were before they were corrected: those that the figures show,
    and those of the period that they would show had they not been withdrawn."""
    for figure in figures:
        about = figure.indicator, figure.organization
        own = [v for v in values if (v.indicator, v.organization) == about]
        for day in _decisive_days(figure, own):
            for before, after in pairwise(v for v in own if v.date == day):
                said = f"{figure.indicator}, {_given(before, language)}"
                text = word("until", language, said, when(after.recorded_at))
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


def _given(value: RecordedValue, language: Language) -> str:
    content = word("taken_back", language)
    if value.content is not None:
        content = " · ".join(
            f"{word(_GIVEN[key], language)} {_amount(text, language)}"
            for key, text in value.content.items()
        )
    where = f" {value.organization}" if value.organization else ""
    return f"{value.date}{where}: {content}"


_GIVEN = {
    "value": "value",
    "forecast": "given_forecast",
    "set_by": "set_by",
    "comment": "comment",
}
"""The words for the keys of an entry."""


def _amount(value: object, language: Language) -> str:
    """A number as the language writes it; text as it was written."""
    if isinstance(value, int | float):
        return number(value, language, decimals(value))
    return str(value)
