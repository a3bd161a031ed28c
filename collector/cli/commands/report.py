"""The options of ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.options import ConfigOption


def report(
    month: Annotated[
        str,
        typer.Argument(
            metavar="MONTH", help="A frozen period: 2020-07, 2020-01..2020-07, 2020-q2, 2020-h1."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Directory to write to.", show_default=False),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="pdf, docx, html, csv, xlsx, json, kolada, fgs; comma-separated or repeated.",
        ),
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="sv or en; comma-separated or repeated.")
    ] = None,
    deliver: Annotated[
        bool,
        typer.Option("--deliver", help="Send to the targets under delivery: instead."),
    ] = False,
    again: Annotated[
        list[str] | None,
        typer.Option(
            "--again",
            metavar="TARGET",
            help="With --deliver: send to this target even if that was, or may have been, done.",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write the committee's document of a frozen period, and its data."""
    from collector.cli.report import write_report

    write_report(
        month=month,
        out=out,
        formats=formats,
        languages=languages,
        deliver=deliver,
        again=again,
        config=config,
    )
