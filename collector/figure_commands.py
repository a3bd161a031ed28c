"""The commands that show figures: measure, explain, forecast, what-if."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import islice
from typing import Annotated

import typer

from collector.arguments import (
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
    in_words,
    now_or,
    period_of,
)
from collector.assignments import also_set_later, with_changes
from collector.backtest_table import print_backtest
from collector.boards import print_comparisons, print_distributions
from collector.comparing import others
from collector.configuration import load_settings
from collector.explanations import (
    print_changes,
    print_corrections,
    print_definition,
    print_explanation,
    print_figure,
    print_given,
    print_restatements,
    print_rules,
)
from collector.forecast_table import print_calibration, print_forecasts
from collector.forecasting import history_start
from collector.indicators.figures import Figure, judged_on, known_span
from collector.measuring import Measuring
from collector.output import (
    ALTERNATIVE_COLUMNS,
    BACKTEST_COLUMNS,
    EXPLANATION_COLUMNS,
    FIGURE_COLUMNS,
    alternative_record,
    backtest_record,
    definition_record,
    explanation_record,
    figure_record,
    iso_instants,
    iso_span,
    write,
)
from collector.progress import progress
from collector.registry import check_definitions
from collector.runtime import (
    explanations,
    forecasts,
    measuring_at,
    opened,
    period_figures,
    rebuilt_forecasts,
    values_known,
)
from collector.settings import Settings
from collector.store import Store
from collector.terminal import (
    console,
    local_times,
    print_board,
    print_formulas,
    print_sources,
)
from collector.whatif import alternatives
from collector.whatif_table import print_alternatives, print_spans

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
    with in_words(), opened(settings, restate=restate, known_at=at if now else None) as measuring:
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


def explain(
    indicator: Annotated[str, typer.Argument(help="The indicator's id.")],
    period: PeriodOption,
    organization: Annotated[str | None, typer.Option(help="Only this organization.")] = None,
    verdict: Annotated[
        str | None, typer.Option(help="Only met, missed, pending or excluded.")
    ] = None,
    disagreements: Annotated[
        bool,
        typer.Option("--disagreements", help="Only those whose source calculated otherwise."),
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many records.")] = None,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Print every record behind a figure: verdict, reason and arithmetic."""
    settings = load_settings(find_configuration(config))
    check_indicators(settings, [indicator])
    if verdict not in (None, "met", "missed", "pending", "excluded"):
        raise WrongInput(f"--verdict {verdict}: is met, missed, pending or excluded")
    if organization is not None and organization not in settings.organizations:
        raise WrongInput(f"--organization {organization}: not one of the configured ones")
    at = now_or(now, settings.timezone)
    with in_words(), opened(settings, restate=restate, known_at=at if now else None) as measuring:
        chosen = period_of(measuring, period, at)
        figures, _ = period_figures(measuring, chosen, at, [indicator])
        figures = [f for f in figures if f.organization == organization]
        found = explanations(
            measuring,
            indicator,
            chosen,
            at,
            organization,
            verdict,
            disagreements=disagreements,
        )
        if output is not Format.TABLE:
            instant = iso_instants(settings.timezone)
            records = (explanation_record(each, instant) for each in islice(found, limit))
            write(records, EXPLANATION_COLUMNS, output.value, sys.stdout)
            return
        out, when = console(), local_times(settings.timezone)
        for figure in figures:
            print_figure(figure, out)
            print_definition(settings, indicator, [chosen.first, *figure.turns], out)
        print_restatements(measuring.store.restatements(indicator), when, out)
        print_given(values_known(measuring, indicator), when, out)
        for each in islice(found, limit):
            print_explanation(each, when, out)


def forecast(
    by: ByOption = None,
    indicator: IndicatorsOption = None,
    backtest: Annotated[
        bool,
        typer.Option(
            "--backtest", help="How good forecasts were: each rebuilt from what was known."
        ),
    ] = False,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    language: SpeechOption = LanguageOption.EN,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Print how the fiscal year is expected to end, and what its rest must bring."""
    _check_by(by)
    settings = load_settings(find_configuration(config))
    check_indicators(settings, indicator or [])
    at = now_or(now, settings.timezone)
    known_at = at if now and not backtest else None
    with in_words(), opened(settings, restate=restate, known_at=known_at) as measuring:
        if backtest:
            _backtest(measuring, at, indicator, output)
            return
        figures, calibration, states = forecasts(measuring, at, indicator)
        bounds = measuring.instants(measuring.period("year_to_date", at))
        today, first = measuring.today(at), history_start(measuring, at)
    figures = _split(figures, by)
    if output is not Format.TABLE:
        _write_figures(figures, bounds, settings, today, output)
        return
    out, when = console(150), local_times(settings.timezone)
    out.print(f"[italic]{when(bounds[0])} – {when(at)}[/]")
    print_forecasts(figures, language.value, out)
    print_calibration(calibration, language.value, out)
    print_rules(settings, today, out)
    print_changes(settings, _names(figures), first, today + timedelta(days=1), out)
    print_sources(states, at, when, out)


def _backtest(measuring: Measuring, at: int, indicator: list[str] | None, output: Format) -> None:
    rows = [row for row in rebuilt_forecasts(measuring, at) if row.indicator in (indicator or [])
            or not indicator]  # fmt: skip
    if output is not Format.TABLE:
        write((backtest_record(row) for row in rows), BACKTEST_COLUMNS, output.value, sys.stdout)
    elif rows:
        print_backtest(rows, console())
    else:
        print("no fiscal year is finished that began within the history: nothing to test")


def what_if(
    period: PeriodOption,
    changes: Annotated[
        list[str],
        typer.Option("--set", metavar="PATH=VALUE", help="As in the configuration; repeatable."),
    ],
    indicator: IndicatorsOption = None,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    language: SpeechOption = LanguageOption.EN,
    config: ConfigOption = None,
) -> None:
    """Print the figures under another limit, calendar, formula or target; changes nothing."""
    file = find_configuration(config)
    settings, other = load_settings(file), with_changes(file, changes)
    check_indicators(settings, indicator or [])
    at = now_or(now, settings.timezone)
    for line in also_set_later(other, changes):
        print(f"note: {line}", file=sys.stderr)
    known_at = at if now else None
    with in_words(), Store.open(settings.store) as store:
        check_definitions(settings, store, now_or(None, settings.timezone))
        sides = [measuring_at(each, store, known_at) for each in (settings, other)]
        in_force, alternative = ((side, period_of(side, period, at)) for side in sides)
        with progress(f"measuring {in_force[1].name} both ways") as report:
            found = list(alternatives(in_force, alternative, at, indicator or [], report))
    bounds = [side.instants(chosen) for side, chosen in (in_force, alternative)]
    if output is not Format.TABLE:
        spans = [iso_span(s.timezone, b) for s, b in zip((settings, other), bounds, strict=True)]
        records = (alternative_record(each, *spans) for each in found)
        write(records, ALTERNATIVE_COLUMNS, output.value, sys.stdout)
        return
    out = console(150)
    zones = settings.timezone, other.timezone
    print_spans(in_force[1].name, zones, bounds, language.value, out)
    for text in changes:
        out.print(f"  --set {text}", markup=False)
    print_alternatives(found, language.value, out)
    print_formulas([each.other for each in found], out)
    today = alternative[0].today(at)
    print_rules(other, judged_on(alternative[1], today), out)
    names = [each.other.indicator for each in found]
    print_changes(other, names, *known_span(alternative[1], today), out)


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
