"""What commands take: their options, and how a person's words become instants and periods."""

from __future__ import annotations

import os
import time
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from collector.config.settings import Settings, fiscal_year
from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.model.periods import YEARS, Period, named_alike, within_reach, written_period

PLACES = ("servicedesk.yaml", "config/servicedesk.yaml", "/etc/servicedesk-kpi/servicedesk.yaml")


class Format(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class LanguageOption(StrEnum):
    """The language of titles and words."""

    SV = "sv"
    EN = "en"


class WrongInput(UserFacingError):
    """Wrong arguments or configuration; the text says what and what to do."""

    permanent = True


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration file.", show_default=False),
]
PeriodOption = Annotated[
    str,
    typer.Option(
        help="2020-07, 2020, 2020-01..2020-07, 2020-07-14, 2020-t1, 2020-q1, 2020-h1, today, "
        "week, month, quarter, tertial, half_year, year, year_to_date, last_month or last_year."
    ),
]
NowOption = Annotated[
    str | None, typer.Option(metavar="ISO", help="Measure as it was known at this instant.")
]
RestateOption = Annotated[
    bool,
    typer.Option("--restate", help="Accept definitions that change figures of the past; logged."),
]
SpeechOption = Annotated[LanguageOption, typer.Option("--language", help="Language of titles.")]


def find_configuration(config: Path | None) -> Path:
    """The configuration to use: the option, the environment, or one of the usual places."""
    if config is not None:
        return config
    named = os.environ.get("SERVICEDESK_KPI_CONFIG")
    if named:
        return Path(named)
    for place in PLACES:
        if Path(place).is_file():
            return Path(place)
    raise WrongInput(f"no configuration found ({', '.join(PLACES)}); name one with --config FILE")


def check_indicators(settings: Settings, wanted: list[str]) -> None:
    for name in wanted:
        if name not in settings.indicators:
            known = ", ".join(settings.indicators)
            raise WrongInput(f"there is no indicator {name!r}; there are: {known}")


def now_or(text: str | None, timezone: str) -> int:
    return int(time.time()) if text is None else instant_of(text, timezone)


def instant_of(text: str, timezone: str) -> int:
    """Epoch seconds of an ISO 8601 date or instant; without an offset in the reporting zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongInput(f"{text!r} is not a date or instant: write 2020-07-14T08:00") from None
    if moment.year not in YEARS:
        raise WrongInput(f"{text!r} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return int(moment.timestamp())


def written_month(settings: Settings, text: str) -> Period:
    """The period that MONTH names by its dates, under the one name that those have: a word such as
    last_month would be another one tomorrow."""
    fiscal = fiscal_year(settings)
    try:
        if not text.strip()[:1].isdigit():
            raise ValueError(f"{text!r} is not a period: write one by its dates, as in 2020-07")
        return named_alike(within_reach(written_period(text, fiscal)), fiscal)
    except ValueError as error:
        raise WrongInput(f"MONTH: {error}") from None


def period_of(measuring: Measuring, text: str, now: int) -> Period:
    try:
        return within_reach(measuring.period(text, now))
    except ValueError as error:
        raise WrongInput(f"--period: {error}") from None
