"""The options of ``backup``, ``restore`` and ``copy``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.options import ConfigOption


def backup(
    file: Annotated[Path | None, typer.Argument(help="The new file.", show_default=False)] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Only note that other tools made a backup just now.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Write a consistent, checked copy of the store to a file; the service may go on."""
    from collector.cli.backup import back_up_store

    back_up_store(file, config, record=record)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", show_default=False)],
    config: ConfigOption = None,
) -> None:
    """Put a backup in the place of the store; stop the service first."""
    from collector.cli.backup import restore_store

    restore_store(file, config)


def copy(
    to: Annotated[str, typer.Option(metavar="URL", help="An empty database.", show_default=False)],
    config: ConfigOption = None,
) -> None:
    """Copy the store into another database, as from SQLite to PostgreSQL, and compare them."""
    from collector.cli.backup import copy_store

    copy_store(to, config)
