"""The options of ``poll``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import ConfigOption, RestateOption, WrongInput, find_configuration


def poll(
    source: Annotated[str | None, typer.Argument(help="Only this source; by default all.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Read again from this date onwards.")
    ] = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Read every source to its end once, then stop."""
    # the docstring is the help text, so what it raises stands here: WrongInput without sources and
    # for an unknown one, typer.Exit with the code of poll_once unless that is 0
    from collector.cli.arguments import parse_instant
    from collector.config.loading.load import load_settings
    from collector.service.poll import poll_once

    settings = load_settings(find_configuration(config))
    if not settings.sources:
        raise WrongInput("no sources are configured; add one under sources:")
    if source is not None and source not in settings.sources:
        configured = ", ".join(settings.sources)
        raise WrongInput(f"there is no source {source!r}; there are: {configured}")
    start = None if since is None else parse_instant(since, settings.timezone)
    names = [source] if source else list(settings.sources)
    code = poll_once(settings, names, start, print, restate=restate)
    if code:
        raise typer.Exit(code)
