"""Implements ``poll``: reads the sources to their end once, and prints a line for each."""

from __future__ import annotations

from pathlib import Path

import typer

from collector.cli.arguments import parse_instant
from collector.cli.options import WrongInput, find_configuration
from collector.config.loading.load import load_settings
from collector.service.poll import Reconciling, poll_once


def poll_sources(
    *,
    source: str | None,
    since: str | None,
    config: Path | None,
    restate: bool,
    commit: bool,
    reconcile: bool,
    accept_gone: bool,
) -> None:
    """Read one source, or all, to its end; ``since`` (a date or instant): again from then on.

    ``reconcile``: then sweep it; ``accept_gone``: however many tickets are gone. Raises WrongInput
    without sources, for an unknown one, for a ``since`` that cannot be read, and for
    ``accept_gone`` alone; typer.Exit with the code of ``poll_once`` unless that is 0.
    """
    settings = load_settings(find_configuration(config))
    if not settings.sources:
        raise WrongInput("no sources are configured; add one under sources:")
    if source is not None and source not in settings.sources:
        configured = ", ".join(settings.sources)
        raise WrongInput(f"there is no source {source!r}; there are: {configured}")
    if accept_gone and not reconcile:
        raise WrongInput("--accept-gone needs --reconcile")
    start = None if since is None else parse_instant(since, settings.timezone)
    names = [source] if source else list(settings.sources)
    sweeping = Reconciling(accept_gone) if reconcile else None
    code = poll_once(
        settings, names, start, print, restate=restate, commit=commit, reconcile=sweeping
    )
    if code:
        raise typer.Exit(code)
