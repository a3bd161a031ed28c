"""Implements ``measure``: prints the figures of a period, and what they are compared with."""

from __future__ import annotations

from pathlib import Path

from collector.cli.arguments import (
    check_by,
    check_indicators,
    instant_or_now,
    language_of,
    parse_period_option,
)
from collector.cli.options import Format, OutputLanguage, find_configuration
from collector.cli.output import indicator_names, split_by, write_figures
from collector.cli.tables.board import print_board, print_formulas, print_sources
from collector.cli.tables.comparisons import print_comparisons, print_distributions
from collector.cli.tables.definitions import (
    print_changes,
    print_corrections,
    print_rules,
)
from collector.cli.tables.layout import console
from collector.config.loading.load import load_settings
from collector.measuring.engine.comparing import comparison_periods
from collector.measuring.engine.questions import (
    manual_values_known,
    open_measuring,
    period_figures,
)
from collector.measuring.figures.figure import definition_date, known_span
from collector.text.dates import local_times


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
    check_by(by)
    settings = load_settings(find_configuration(config))
    speech = language_of(settings, language)
    check_indicators(settings, indicator or [])
    at = instant_or_now(now, settings.timezone)
    with open_measuring(
        settings, restate=restate, commit=commit, known_at=at if now else None
    ) as measuring:
        chosen = parse_period_option(measuring, period, at)
        figures, states = period_figures(measuring, chosen, at, indicator, compare=compare)
        values = manual_values_known(measuring)
        bounds, today = measuring.instants(chosen), measuring.today(at)
        spans = [chosen, *(comparison_periods(measuring, chosen, at).values() if compare else ())]
    figures = split_by(figures, by)
    if output is not Format.TABLE:
        write_figures(figures, bounds, settings, today, output)
        return
    out, when = (
        console(150 if compare else 100),
        local_times(settings.timezone, locale=settings.locale),
    )
    heading = f"{chosen.name} · {when(bounds[0])} – {when(bounds[1])}"
    print_board(figures, heading, speech, out)
    if not brief:
        print_formulas(figures, out)
        print_rules(settings, definition_date(chosen, today), out)
    earliest = min(span.first for span in spans)
    print_changes(settings, indicator_names(figures), earliest, known_span(chosen, today)[1], out)
    print_corrections(figures, values, when, out)
    print_sources(states, at, when, out)
    if compare:
        print_comparisons(figures, speech, out)
    if distribution:
        print_distributions(figures, speech, out)
