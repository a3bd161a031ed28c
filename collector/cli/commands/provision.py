"""The options of ``provision``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.options import ConfigOption


def provision(
    check: Annotated[
        bool, typer.Option("--check", help="Only print what differs; exit 2 if anything does.")
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Write even if the data source has none of our metrics yet."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write files for Grafana and Prometheus instead."
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", metavar="FILE", help="Write only the rules for Prometheus."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Put boards, rules and contact points into Grafana, and keep them as configured."""
    from collector.cli.provision import provision_grafana

    provision_grafana(
        check=check,
        anyway=anyway,
        out=out,
        rules=rules,
        config=config,
    )
