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
from collector.text.dates import local_times


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
    speech = language_of(settings, language)
    check_indicators(settings, indicator or [])
    at = instant_or_now(now, settings.timezone)
    known_at = at if now and not backtest else None
    with open_measuring(settings, restate=restate, known_at=known_at) as measuring:
        if backtest:
            _backtest(measuring, at, indicator, output)
            return
        figures, calibration, states = forecasts(measuring, at, indicator)
        bounds = measuring.instants(measuring.period("year_to_date", at))
        today, first = measuring.today(at), history_start(measuring, at)
    figures = split_by(figures, by)
    if output is not Format.TABLE:
        write_figures(figures, bounds, settings, today, output)
        return
    out, when = console(150), local_times(settings.timezone, locale=settings.locale)
    out.print(f"[italic]{when(bounds[0])} – {when(at)}[/]")
    print_forecasts(figures, speech, out)
    print_calibration(calibration, speech, out)
    if not brief:
        print_rules(settings, today, out)
    print_changes(settings, indicator_names(figures), first, today + timedelta(days=1), out)
    print_sources(states, at, when, out)


def _backtest(measuring: Measuring, at: int, indicator: list[str] | None, output: Format) -> None:
    rebuilt = rebuilt_forecasts(measuring, at)
    rows = [row for row in rebuilt if not indicator or row.indicator in indicator]
    if output is not Format.TABLE:
        write((backtest_record(row) for row in rows), BACKTEST_COLUMNS, output.value, sys.stdout)
    elif rows:
        print_backtest(rows, console())
    else:
        print("nothing to test: no fiscal year within the history has ended")
