"""The options of ``check``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import ConfigOption


def check(
    config: ConfigOption = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            help="Contact no system and no store: check the file, and the files that it names.",
        ),
    ] = False,
) -> None:
    """Check the configuration, and that the store and every source respond."""
    from collector.cli.check import check_configuration

    check_configuration(offline=offline, config=config)
