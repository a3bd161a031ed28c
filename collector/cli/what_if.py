"""Implements ``what-if``: prints the figures of a period under another configuration."""

from __future__ import annotations

import sys
from pathlib import Path

from collector.cli.arguments import (
    check_indicators,
    instant_or_now,
    language_of,
    parse_period_option,
)
from collector.cli.flat import ALTERNATIVE_COLUMNS, flat_alternative
from collector.cli.options import Format, OutputLanguage, find_configuration
from collector.cli.output import indicator_names, write
from collector.cli.records import alternative_record
from collector.cli.tables.board import print_figure_rules
from collector.cli.tables.definitions import print_changes, print_rules
from collector.cli.tables.layout import console
from collector.cli.tables.what_if import print_alternatives, print_spans
from collector.config.loading.load import load_settings
from collector.config.loading.overrides import also_set_later, with_changes
from collector.io.progress import progress
from collector.measuring.engine.definition_guard import check_definitions
from collector.measuring.engine.questions import measuring_at
from collector.measuring.engine.what_if import alternatives
from collector.measuring.figures.figure import definition_date, known_span
from collector.measuring.figures.rules import rules_in_words
from collector.store import Store
from collector.text.iso_times import iso_span


def print_what_if(
    *,
    period: str,
    changes: list[str],
    indicator: list[str] | None,
    now: str | None,
    output: Format,
    brief: bool,
    language: OutputLanguage | None,
    config: Path | None,
) -> None:
    """Print the figures under another limit, calendar, formula or target; changes nothing.

    ``changes`` are texts PATH=VALUE. Raises WrongInput for an unknown indicator, or a wrong period
    or ``now``.
    """
    file = find_configuration(config)
    settings, other = load_settings(file), with_changes(file, changes)
    check_indicators(settings, indicator or [])
    at = instant_or_now(now, settings.timezone)
    for line in also_set_later(other, changes):
        print(f"note: {line}", file=sys.stderr)
    known_at = at if now else None
    with Store.open(settings.store, settings.store_password) as store:
        check_definitions(settings, store, instant_or_now(None, settings.timezone))
        sides = [measuring_at(each, store, known_at) for each in (settings, other)]
        in_force, alternative = ((side, parse_period_option(side, period, at)) for side in sides)
        with progress(f"measuring {in_force[1].name} both ways") as report:
            found = list(alternatives(in_force, alternative, at, indicator or [], report))
    bounds = [side.instants(chosen) for side, chosen in (in_force, alternative)]
    if output is not Format.TABLE:
        spans = [iso_span(s.timezone, b) for s, b in zip((settings, other), bounds, strict=True)]
        records = (alternative_record(each, *spans) for each in found)
        write(records, ALTERNATIVE_COLUMNS, output.value, sys.stdout, flat_alternative)
        return
    out, spoken = console(150), language_of(settings, language)
    zones = settings.timezone, other.timezone
    print_spans(in_force[1].name, zones, bounds, spoken, settings.locale, out)
    for text in changes:
        out.print(f"  --set {text}", markup=False)
    print_alternatives(found, spoken, out)
    today = alternative[0].today(at)
    figures = [each.other for each in found]
    names = indicator_names(figures)
    if not brief:
        turns = {each.indicator: each.turns for each in figures if each.organization is None}
        rules = {
            name: rules_in_words(other, name, (alternative[1].first, *days), spoken)
            for name, days in turns.items()
        }
        print_figure_rules(figures, rules, spoken, out)
        print_rules(other, definition_date(alternative[1], today), spoken, out)
    print_changes(other, names, *known_span(alternative[1], today), spoken, out)
