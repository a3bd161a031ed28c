"""The options of ``erase``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.options import ConfigOption


def erase(
    source: Annotated[
        str | None,
        typer.Argument(metavar="SOURCE", help="The source's name.", show_default=False),
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID...", help="Tickets or calls, by their id there.", show_default=False
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--ids", metavar="FILE", help="A file with one id a line.", show_default=False
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Erase them; otherwise it is only said what would be.")
    ] = False,
    log: Annotated[bool, typer.Option("--log", help="List what was erased, without ids.")] = False,
    config: ConfigOption = None,
) -> None:
    """Erase what leads to some tickets or calls; figures stay as they are."""
    from collector.cli.erase import erase_records, print_log

    if log:
        print_log(config)
        return
    raise typer.Exit(erase_records(source, ids or [], file, config, erase=yes))
