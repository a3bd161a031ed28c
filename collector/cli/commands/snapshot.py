"""The options of ``snapshot``: freeze, show, verify, compare."""

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
)

snapshot = typer.Typer(help="Freeze a month, show it, verify it, compare it with now.")

NumberOption = Annotated[
    int | None, typer.Option("--number", help="This snapshot instead of the latest of the period.")
]


@snapshot.command()
def freeze(
    month: MonthArgument,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Freeze incomplete data as well, marked so.")
    ] = False,
    amendment: Annotated[
        bool,
        typer.Option("--amendment", help="Freeze the present as well; replaces nothing."),
    ] = False,
    now: NowOption = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Freeze a period: written once, with a seal that covers all earlier snapshots."""
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
    language: LanguageOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a snapshot; as json exactly the delivered bytes, content and seal."""
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
        list[str] | None,
        typer.Argument(metavar="[MONTH]", help="Only the snapshots of this period."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A delivered snapshot (show --format json).")
    ] = None,
    seal: Annotated[
        str | None,
        typer.Option(
            "--seal",
            metavar="HEX",
            help="A seal as printed on a document, or its beginning of at least 16 digits.",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Verify that snapshots are byte for byte as frozen; exit 1 and say where if not."""
    from collector.cli.verify import verify_snapshots

    verify_snapshots(
        words=month or [],
        file=file,
        seal=seal,
        config=config,
    )


@snapshot.command()
def sign(
    month: MonthArgument,
    again: Annotated[
        list[str] | None,
        typer.Option(
            "--again",
            metavar="WITNESS",
            help="Tell this witness once more, even if it was or may have been told; repeatable.",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Sign a period's snapshots and give their seals to the witnesses, after a full verify."""
    from collector.cli.snapshot import sign_snapshots

    sign_snapshots(month=month, again=again or [], config=config)


@snapshot.command()
def compare(
    month: MonthArgument,
    number: NumberOption = None,
    output: Annotated[Format, typer.Option("--format", help="Output format.")] = Format.TABLE,
    now: NowOption = None,
    language: LanguageOption = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Print how the figures would differ now, and due to which records; exit 1 if they do."""
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
