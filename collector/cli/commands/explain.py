"""The options of ``explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import (
    ConfigOption,
    Format,
    FormatOption,
    LanguageOption,
    NowOption,
    PeriodOption,
    RestateOption,
)


def explain(
    indicator: Annotated[str, typer.Argument(help="The indicator's id.")],
    period: PeriodOption,
    organization: Annotated[str | None, typer.Option(help="Only this organization.")] = None,
    verdict: Annotated[
        str | None, typer.Option(help="Only met, missed, pending or excluded.")
    ] = None,
    disagreements: Annotated[
        bool,
        typer.Option(
            "--disagreements", help="Only those for which the source calculated differently."
        ),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Print at most this many records.")
    ] = None,
    now: NowOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Print every record behind a figure: verdict, reason and arithmetic."""
    from collector.cli.explain import print_explanations

    print_explanations(
        indicator=indicator,
        period=period,
        organization=organization,
        verdict=verdict,
        disagreements=disagreements,
        limit=limit,
        now=now,
        output=output,
        language=language,
        config=config,
        restate=restate,
    )
