"""The options of ``forecast``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import (
    BriefOption,
    ByOption,
    ConfigOption,
    Format,
    FormatOption,
    IndicatorsOption,
    LanguageOption,
    NowOption,
    RestateOption,
)


def forecast(
    by: ByOption = None,
    indicator: IndicatorsOption = None,
    backtest: Annotated[
        bool,
        typer.Option(
            "--backtest", help="Print how good forecasts were, rebuilt from what was known."
        ),
    ] = False,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    brief: BriefOption = False,
    language: LanguageOption = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Print how the fiscal year is expected to end, and what is needed to meet its targets."""
    from collector.cli.forecast import print_forecast

    print_forecast(
        by=by,
        indicator=indicator,
        backtest=backtest,
        now=now,
        output=output,
        brief=brief,
        language=language,
        config=config,
        restate=restate,
    )
