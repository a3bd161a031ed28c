"""The options of ``purge``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import ConfigOption


def purge(
    before: Annotated[
        str | None,
        typer.Option(
            metavar="MONTH",
            help="Records from before this month, as 2024-01; otherwise as retention says.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Delete them; otherwise it is only said what would be.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Delete the records of past months; their figures stay as they are."""
    from collector.cli.purge import purge_records

    purge_records(before, config, delete=yes)
