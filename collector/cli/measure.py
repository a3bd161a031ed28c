"""Implements ``measure``: prints the figures of a period, and what they are compared with."""

from __future__ import annotations

import sys
from pathlib import Path

from collector.cli.arguments import (
    ORGANIZATION,
    check_by,
    check_indicators,
    instant_or_now,
    language_of,
    parse_period_option,
)
from collector.cli.options import Format, OutputLanguage, WrongInput, find_configuration
from collector.cli.output import indicator_names, split_by, write_figures
from collector.cli.tables.board import print_board, print_figure_rules, print_sources
from collector.cli.tables.cells import is_part
from collector.cli.tables.comparisons import print_comparisons, print_distributions
from collector.cli.tables.definitions import (
    print_changes,
    print_corrections,
    print_rules,
)
from collector.cli.tables.layout import console
from collector.cli.tables.markup import escaped
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.measuring.engine.comparing import comparison_periods
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.questions import (
    manual_values_known,
    open_measuring,
    period_figures,
)
from collector.measuring.engine.splitting import FIELDS, can_be_split
from collector.measuring.figures.figure import definition_date, known_span
from collector.measuring.figures.rules import rules_in_words
from collector.model.bilingual import Language
from collector.text.dates import local_times
from collector.text.words.records import field_name
from collector.text.words.tables import word


def print_figures(
    *,
    period: str,
    by: str | None,
    indicator: list[str] | None,
    now: str | None,
    output: Format,
    compare: bool,
    distribution: bool,
    brief: bool,
    language: OutputLanguage | None,
    config: Path | None,
    restate: bool,
    commit: bool,
) -> None:
    """Print the figures of a period.

    Raises WrongInput for an unknown indicator, or a wrong ``period``, ``by`` or ``now``.
    """
    check_by(by, FIELDS)
    field = None if by == ORGANIZATION else by
    settings = load_settings(find_configuration(config))
    check_indicators(settings, indicator or [])
    chosen_language, at = language_of(settings, language), instant_or_now(now, settings.timezone)
    with open_measuring(
        settings, restate=restate, commit=commit, known_at=at if now else None
    ) as measuring:
        chosen = parse_period_option(measuring, period, at)
        unsplit = _not_split(measuring, field, indicator)
        figures, states = period_figures(
            measuring, chosen, at, indicator, compare=compare, by=field
        )
        values = manual_values_known(measuring)
        bounds, today = measuring.instants(chosen), measuring.today(at)
        spans = [chosen, *(comparison_periods(measuring, chosen, at).values() if compare else ())]
    figures = split_by(figures, by)
    if output is not Format.TABLE:
        if unsplit:
            print(f"note: {_unsplit_note(settings, by, unsplit, 'en')}", file=sys.stderr)
        write_figures(figures, bounds, settings, today, output, chosen_language, field)
        return
    out, when = (
        console(150 if compare else 100),
        local_times(settings.timezone, chosen_language, settings.locale),
    )
    heading = f"{chosen.name} · {when(bounds[0])} – {when(bounds[1])}"
    print_board(figures, heading, chosen_language, out)
    if unsplit:
        note = _unsplit_note(settings, by, unsplit, chosen_language)
        out.print(f"[dim]{escaped(note)}[/]")
    names = indicator_names(figures)
    if not brief:
        rules = {
            each.indicator: rules_in_words(
                settings, each.indicator, (chosen.first, *each.turns), chosen_language
            )
            for each in figures
            if not is_part(each)
        }
        print_figure_rules(figures, rules, chosen_language, out)
        print_rules(settings, definition_date(chosen, today), chosen_language, out)
    earliest = min(span.first for span in spans)
    print_changes(settings, names, earliest, known_span(chosen, today)[1], chosen_language, out)
    print_corrections(figures, values, when, chosen_language, out)
    print_sources(states, at, when, chosen_language, out)
    if compare:
        whole = [each for each in figures if each.part is None]
        print_comparisons(whole, chosen_language, out)
    if distribution:
        print_distributions(figures, chosen_language, out)


def _not_split(measuring: Measuring, field: str | None, only: list[str] | None) -> list[str]:
    """The indicators whose records do not have a field. Raises WrongInput if none of them has."""
    if field is None:
        return []
    timelines = [each for each in measuring.timelines if not only or each.id in only]
    without = [each.id for each in timelines if not can_be_split(each, field)]
    if len(without) == len(timelines):
        raise WrongInput(f"--by {field}: no record of {', '.join(without)} has a {field}")
    return without


def _unsplit_note(
    settings: Settings, by: str | None, unsplit: list[str], language: Language
) -> str:
    titles = ", ".join(settings.indicators[each].title[language] for each in unsplit)
    return word("not_split", language, field_name(by or "", language), titles)
