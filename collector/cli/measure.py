"""The commands that show figures: measure, explain, forecast, what-if."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from typing import Annotated

import typer

from collector.cli.arguments import (
    ConfigOption,
    Format,
    LanguageOption,
    NowOption,
    PeriodOption,
    RestateOption,
    SpeechOption,
    WrongInput,
    check_indicators,
    find_configuration,
    now_or,
    period_of,
)
from collector.cli.output import (
    FIGURE_COLUMNS,
    write,
)
from collector.cli.records import (
    definition_record,
    figure_record,
)
from collector.cli.tables.board import console, print_board, print_formulas, print_sources
from collector.cli.tables.comparisons import print_comparisons, print_distributions
from collector.cli.tables.explanations import (
    print_changes,
    print_corrections,
    print_rules,
)
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.measuring.engine.comparing import others
from collector.measuring.engine.questions import (
    opened,
    period_figures,
    values_known,
)
from collector.measuring.figures.figure import Figure, judged_on, known_span
from collector.text.dates import local_times
from collector.text.iso_times import iso_span

IndicatorsOption = Annotated[
    list[str] | None, typer.Option("--indicator", help="Only this one; repeatable.")
]
ByOption = Annotated[str | None, typer.Option(help="organization: also each of them.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]


def measure(
    period: PeriodOption,
    by: ByOption = None,
    indicator: IndicatorsOption = None,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    compare: Annotated[
        bool, typer.Option("--compare", help="Beside earlier periods: is it more than chance?")
    ] = False,
    distribution: Annotated[
        bool, typer.Option("--distribution", help="Median, 90th percentile and a histogram.")
    ] = False,
    language: SpeechOption = LanguageOption.EN,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Print the figures of a period."""
    _check_by(by)
    settings = load_settings(find_configuration(config))
    check_indicators(settings, indicator or [])
    at = now_or(now, settings.timezone)
    with opened(settings, restate=restate, known_at=at if now else None) as measuring:
        chosen = period_of(measuring, period, at)
        figures, states = period_figures(measuring, chosen, at, indicator, compare=compare)
        values = values_known(measuring)
        bounds, today = measuring.instants(chosen), measuring.today(at)
        spans = [chosen, *(others(measuring, chosen, at).values() if compare else ())]
    figures = _split(figures, by)
    if output is not Format.TABLE:
        _write_figures(figures, bounds, settings, today, output)
        return
    out, when = console(120 if compare else 100), local_times(settings.timezone)
    heading = f"{chosen.name} · {when(bounds[0])} – {when(bounds[1])}"
    print_board(figures, heading, language.value, out)
    print_formulas(figures, out)
    print_rules(settings, judged_on(chosen, today), out)
    earliest = min(span.first for span in spans)
    print_changes(settings, _names(figures), earliest, known_span(chosen, today)[1], out)
    print_corrections(figures, values, when, out)
    print_sources(states, at, when, out)
    if compare:
        print_comparisons(figures, language.value, out)
    if distribution:
        print_distributions(figures, language.value, out)


def _check_by(by: str | None) -> None:
    if by not in (None, "organization"):
        raise WrongInput(f"--by {by}: figures can be split by organization")


def _split(figures: list[Figure], by: str | None) -> list[Figure]:
    return figures if by else [f for f in figures if f.organization is None]


def _names(figures: Iterable[Figure]) -> list[str]:
    return list(dict.fromkeys(figure.indicator for figure in figures))


def _write_figures(
    figures: list[Figure],
    bounds: tuple[int, int],
    settings: Settings,
    today: date,
    output: Format,
) -> None:
    start, end = iso_span(settings.timezone, bounds)
    by_id = {f.indicator: f for f in figures}
    defined = {n: definition_record(settings, n, f.period, today) for n, f in by_id.items()}
    records = (figure_record(f, start, end) | defined[f.indicator] for f in figures)
    write(records, FIGURE_COLUMNS, output.value, sys.stdout)
