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
    reconcile: Annotated[
        bool,
        typer.Option("--reconcile", help="Then look for tickets that the source no longer shows."),
    ] = False,
    accept_gone: Annotated[
        bool,
        typer.Option("--accept-gone", help="With --reconcile: even if very many are gone at once."),
    ] = False,
    config: ConfigOption = None,
    restate: RestateOption = False,
    commit: CommitOption = False,
) -> None:
    """Read every source to its end once, then stop."""
    from collector.cli.poll import poll_sources

    poll_sources(
        source=source,
        since=since,
        config=config,
        restate=restate,
        commit=commit,
        reconcile=reconcile,
        accept_gone=accept_gone,
    )
