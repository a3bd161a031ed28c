"""The options of ``init``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.options import OutputLanguage


class Dates(StrEnum):
    """The order of day and month in dates that do not show it."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def init(
    system: Annotated[
        str | None,
        typer.Argument(
            help="csv_tickets, csv_calls, asterisk_queue_log, asterisk_realtime, asterisk_export, "
            "request_tracker, zammad or jira_service_management."
        ),
    ] = None,
    location: Annotated[
        str | None, typer.Argument(metavar="[FILE|URL]", help="Its file, or its address.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The configuration to write.")] = Path(
        "servicedesk.yaml"
    ),
    timezone: Annotated[
        str | None, typer.Option(help="Time zone of the desk; by default that of this machine.")
    ] = None,
    language: Annotated[
        OutputLanguage | None, typer.Option(help="Language of titles; by default en.")
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="Whose holidays are closed; by default by the time zone.")
    ] = None,
    dates: Annotated[
        Dates | None, typer.Option(help="Order of day and month where the dates do not show it.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=NAME", help="The CSV column of a field; repeatable."),
    ] = None,
) -> None:
    """Write a first configuration from a ticket or telephone system; asks what it is not told."""
    from collector.cli.init.run import write_starter

    write_starter(
        system=system,
        location=location,
        out=out,
        timezone=timezone,
        language=language.value if language else None,
        country=country,
        dates=dates.value if dates else None,
        columns=column or [],
    )
