"""The options of ``what-if``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import (
    BriefOption,
    ConfigOption,
    Format,
    FormatOption,
    IndicatorsOption,
    LanguageOption,
    NowOption,
    PeriodOption,
)


def what_if(
    period: PeriodOption,
    changes: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="A changed setting, as in the configuration; repeatable.",
        ),
    ],
    indicator: IndicatorsOption = None,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    brief: BriefOption = False,
    language: LanguageOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the figures under another limit, calendar, formula or target; changes nothing."""
    from collector.cli.what_if import print_what_if

    print_what_if(
        period=period,
        changes=changes,
        indicator=indicator,
        now=now,
        output=output,
        brief=brief,
        language=language,
        config=config,
    )
