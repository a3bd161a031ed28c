"""The options of ``run``."""

from __future__ import annotations

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

    from collector.service.serving import serve

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what it asks for is done by the start itself
    serve(find_configuration(config), restate=restate, commit=commit, create=create)
