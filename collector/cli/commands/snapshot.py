"""``snapshot``: freeze, show, verify, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.options import (
    ConfigOption,
    Format,
    LanguageOption,
    MonthArgument,
    NowOption,
    RestateOption,
    SpeechOption,
)

snapshot = typer.Typer(help="Freeze a month, show it, verify it, compare it with the present.")

NumberOption = Annotated[
    int | None, typer.Option("--number", help="This snapshot, not the latest of the period.")
]


@snapshot.command()
def freeze(
    month: MonthArgument,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Also what is not complete; it is marked so.")
    ] = False,
    amendment: Annotated[
        bool,
        typer.Option("--amendment", help="The present, beside what was frozen; never over it."),
    ] = False,
    now: NowOption = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Freeze a period: written once, with a seal over all that was frozen before."""
    from collector.cli.snapshot import freeze_period

    freeze_period(
        month=month,
        incomplete=incomplete,
        amendment=amendment,
        now=now,
        config=config,
        restate=restate,
    )


@snapshot.command()
def show(
    month: MonthArgument,
    number: NumberOption = None,
    output: Annotated[Format, typer.Option("--format", help="table or json.")] = Format.TABLE,
    language: SpeechOption = LanguageOption.EN,
    config: ConfigOption = None,
) -> None:
    """Print what was frozen; json is what is delivered, content and seal to the byte."""
    from collector.cli.snapshot import show_snapshot

    show_snapshot(
        month=month,
        number=number,
        output=output,
        language=language,
        config=config,
    )


@snapshot.command()
def verify(
    month: Annotated[
        str | None, typer.Argument(metavar="[MONTH]", help="Only the contents of this period.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A delivered snapshot (show --format json).")
    ] = None,
    seal: Annotated[
        str | None, typer.Option("--seal", metavar="HEX", help="A seal as printed on a document.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Prove that what was frozen is as it was frozen, to the byte; exit 1 and say where if not."""
    from collector.cli.snapshot import verify_snapshots

    verify_snapshots(
        month=month,
        file=file,
        seal=seal,
        config=config,
    )


@snapshot.command()
def compare(
    month: MonthArgument,
    number: NumberOption = None,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    now: NowOption = None,
    language: SpeechOption = LanguageOption.EN,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Print what the figures would be now, and which records changed them; exit 1 if any did."""
    from collector.cli.snapshot import compare_snapshot

    compare_snapshot(
        month=month,
        number=number,
        output=output,
        now=now,
        language=language,
        config=config,
        restate=restate,
    )
