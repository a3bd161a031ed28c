"""The options that commands share, and the search for the configuration file.

Imports nothing slow beside typer, so that ``--help`` and wrong arguments stay fast.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from collector.io.errors import UserFacingError

PLACES = ("servicedesk.yaml", "config/servicedesk.yaml", "/etc/servicedesk-kpi/servicedesk.yaml")


class Format(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class OutputLanguage(StrEnum):
    """The language of titles and words."""

    SV = "sv"
    EN = "en"


class WrongInput(UserFacingError):
    """Wrong arguments or configuration; the message says what is wrong and what to do."""

    permanent = True


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration file.", show_default=False),
]
PeriodOption = Annotated[
    str,
    typer.Option(
        help="2020-07, 2020, 2020-01..2020-07, 2020-07-14, 2020-q1, 2020-h1, today, week, month, "
        "quarter, half_year, year, year_to_date, last_month or last_year."
    ),
]
NowOption = Annotated[
    str | None, typer.Option(metavar="ISO", help="Measure with what was known at this instant.")
]
RestateOption = Annotated[
    bool,
    typer.Option("--restate", help="Accept definitions that change past figures; recorded."),
]
CommitOption = Annotated[
    bool,
    typer.Option("--commit", help="Setting up is done: hold definitions against the past."),
]
CreateOption = Annotated[
    bool,
    typer.Option("--create", help="Make an empty store where the one made before is gone."),
]
BriefOption = Annotated[
    bool, typer.Option("--brief", help="Only the table, without the rules behind it.")
]
LanguageOption = Annotated[
    OutputLanguage | None,
    typer.Option("--language", help="Language of titles and words; by default the desk's own."),
]
IndicatorsOption = Annotated[
    list[str] | None, typer.Option("--indicator", help="Only this indicator; repeatable.")
]
ByOption = Annotated[str | None, typer.Option(help="organization: also print each organization.")]
SplitOption = Annotated[
    str | None,
    typer.Option(
        "--by", help="Also print each organization, team, priority, category, queue or hour."
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="Output format.")]
MonthArgument = Annotated[
    str,
    typer.Argument(metavar="MONTH", help="2020-07, 2020-01..2020-07, 2020-q2, 2020-h1 or 2020."),
]


def find_configuration(config: Path | None) -> Path:
    """The configuration file: ``--config``, SERVICEDESK_KPI_CONFIG, or the first of ``PLACES``.

    Raises WrongInput when none of them names one.
    """
    if config is not None:
        return config
    from_environment = os.environ.get("SERVICEDESK_KPI_CONFIG")
    if from_environment:
        return Path(from_environment)
    for place in PLACES:
        if Path(place).is_file():
            return Path(place)
    raise WrongInput(f"no configuration found ({', '.join(PLACES)}); give one with --config FILE")
