"""Implements ``forecast``: how the fiscal year is expected to end, and how good forecasts were."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from collector.cli.arguments import check_by, check_indicators, instant_or_now, language_of
from collector.cli.options import Format, OutputLanguage, find_configuration
from collector.cli.output import BACKTEST_COLUMNS, indicator_names, split_by, write, write_figures
from collector.cli.records import backtest_record
from collector.cli.tables.backtest import print_backtest
from collector.cli.tables.board import print_sources
from collector.cli.tables.definitions import print_changes, print_rules
from collector.cli.tables.forecasts import print_calibration, print_forecasts
from collector.cli.tables.layout import console
from collector.config.loading.load import load_settings
from collector.measuring.engine.backtesting import rebuilt_forecasts
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import forecasts, history_start
from collector.measuring.engine.questions import open_measuring
from collector.model.bilingual import Language
from collector.text.dates import local_times
from collector.text.words.backtest import BACKTEST_WORDS


def print_forecast(
    *,
    by: str | None,
    indicator: list[str] | None,
    backtest: bool,
    now: str | None,
    output: Format,
    brief: bool,
    language: OutputLanguage | None,
    config: Path | None,
    restate: bool,
) -> None:
    """Print how the fiscal year is expected to end, and what is still needed to meet its targets.

    With ``backtest`` print how good earlier forecasts were instead. Raises WrongInput for an
    unknown indicator, or a wrong ``by`` or ``now``.
    """
    check_by(by)
    settings = load_settings(find_configuration(config))
    check_indicators(settings, indicator or [])
    at = instant_or_now(now, settings.timezone)
    known_at, spoken = at if now and not backtest else None, language_of(settings, language)
    with open_measuring(settings, restate=restate, known_at=known_at) as measuring:
        if backtest:
            _backtest(measuring, at, indicator, output, spoken)
            return
        figures, calibration, states = forecasts(measuring, at, indicator)
        bounds = measuring.instants(measuring.period("year_to_date", at))
        today, first = measuring.today(at), history_start(measuring, at)
    figures = split_by(figures, by)
    if output is not Format.TABLE:
        write_figures(figures, bounds, settings, today, output, spoken)
        return
    out, when = console(150), local_times(settings.timezone, spoken, settings.locale)
    out.print(f"[italic]{when(bounds[0])} – {when(at)}[/]")
    print_forecasts(figures, spoken, out)
    print_calibration(calibration, spoken, out)
    if not brief:
        print_rules(settings, today, spoken, out)
    names, after = indicator_names(figures), today + timedelta(days=1)
    print_changes(settings, names, first, after, spoken, out)
    print_sources(states, at, when, spoken, out)


def _backtest(
    measuring: Measuring,
    at: int,
    indicator: list[str] | None,
    output: Format,
    language: Language,
) -> None:
    rebuilt = rebuilt_forecasts(measuring, at)
    rows = [row for row in rebuilt if not indicator or row.indicator in indicator]
    if output is not Format.TABLE:
        write((backtest_record(row) for row in rows), BACKTEST_COLUMNS, output.value, sys.stdout)
    elif rows:
        print_backtest(rows, language, console())
    else:
        print(BACKTEST_WORDS["nothing"][language])
