"""The options of ``poll``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import CommitOption, ConfigOption, RestateOption


def poll(
    source: Annotated[str | None, typer.Argument(help="Only this source; by default all.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Read again from this date onwards.")
    ] = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
    commit: CommitOption = False,
) -> None:
    """Read every source to its end once, then stop."""
    from collector.cli.poll import poll_sources

    poll_sources(source=source, since=since, config=config, restate=restate, commit=commit)
