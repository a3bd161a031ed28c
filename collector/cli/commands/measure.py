"""The options of ``measure``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import (
    BriefOption,
    CommitOption,
    ConfigOption,
    Format,
    FormatOption,
    IndicatorsOption,
    LanguageOption,
    NowOption,
    PeriodOption,
    RestateOption,
    SplitOption,
)


def measure(
    period: PeriodOption,
    by: SplitOption = None,
    indicator: IndicatorsOption = None,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Compare with earlier periods: is it more than chance?"),
    ] = False,
    distribution: Annotated[
        bool, typer.Option("--distribution", help="Also print median, 90th percentile, histogram.")
    ] = False,
    brief: BriefOption = False,
    language: LanguageOption = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
    commit: CommitOption = False,
) -> None:
    """Print the figures of a period."""
    from collector.cli.measure import print_figures

    print_figures(
        period=period,
        by=by,
        indicator=indicator,
        now=now,
        output=output,
        compare=compare,
        distribution=distribution,
        brief=brief,
        language=language,
        config=config,
        restate=restate,
        commit=commit,
    )
