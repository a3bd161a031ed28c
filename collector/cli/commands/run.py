"""The options of ``run``."""

from __future__ import annotations

import typer

from collector.cli.options import (
    CommitOption,
    ConfigOption,
    CreateOption,
    RestateOption,
    find_configuration,
)


def run(
    config: ConfigOption = None,
    restate: RestateOption = False,
    commit: CommitOption = False,
    create: CreateOption = False,
) -> None:
    """Poll, measure and serve /metrics, /healthz and /readyz until stopped."""
    import signal
    import sys

    from collector.io.errors import UserFacingError
    from collector.service.serving import serve

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what it asks for is done by the start itself
    try:
        serve(find_configuration(config), restate=restate, commit=commit, create=create)
    except UserFacingError as error:
        if error.permanent:
            raise
        print(f"error: {error}", file=sys.stderr)  # such as a database that is not there yet
        raise typer.Exit(1) from None
