"""Parses and validates command-line arguments: instants, periods and indicators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.cli.options import OutputLanguage, WrongInput
from collector.config.settings import Settings, fiscal_year
from collector.io.clock import now as present
from collector.measuring.engine.engine import Measuring
from collector.model.bilingual import Language
from collector.model.periods import (
    YEARS,
    Period,
    canonical_period,
    require_measurable,
    written_period,
)

ORGANIZATION = "organization"


def check_by(by: str | None, fields: Sequence[str] = ()) -> None:
    """Raises WrongInput unless ``--by`` is absent, ``organization``, or one of ``fields``."""
    known = (ORGANIZATION, *fields)
    if by is not None and by not in known:
        names = f"{', '.join(known[:-1])} or {known[-1]}" if fields else known[0]
        raise WrongInput(f"--by {by}: figures can be split by {names}")


def check_indicators(settings: Settings, names: list[str]) -> None:
    """Raises WrongInput for an indicator that is not configured."""
    for name in names:
        if name not in settings.indicators:
            known = ", ".join(settings.indicators)
            raise WrongInput(f"there is no indicator {name!r}; there are: {known}")


def language_of(settings: Settings, asked: OutputLanguage | None) -> Language:
    """The language given with ``--language``, otherwise that of the desk.

    Raises WrongInput for a language that is not in use.
    """
    if asked is None:
        return settings.language
    if asked.value not in settings.languages:
        in_use = ", ".join(settings.languages)
        raise WrongInput(f"--language {asked.value}: is not in use (languages: [{in_use}])")
    return asked.value


def instant_or_now(text: str | None, timezone: str) -> int:
    """The instant given with ``--now``, otherwise the current time, in epoch seconds.

    Raises WrongInput when ``text`` cannot be read; without an offset it is in ``timezone``.
    """
    return present() if text is None else parse_instant(text, timezone)


def parse_instant(text: str, timezone: str) -> int:
    """Epoch seconds of an ISO 8601 date or instant; without an offset it is in ``timezone``.

    Raises WrongInput when the text is neither, or lies outside the supported years.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongInput(f"{text!r} is not a date or instant such as 2020-07-14T08:00") from None
    if moment.year not in YEARS:
        raise WrongInput(f"{text!r} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return int(moment.timestamp())


def parse_month(settings: Settings, text: str) -> Period:
    """The period named by the MONTH argument (a month, or a longer period), by its canonical name.

    Raises WrongInput for a text that is not a period, and for words such as last_month: they would
    mean another period tomorrow.
    """
    fiscal = fiscal_year(settings)
    try:
        if not text.strip()[:1].isdigit():
            raise ValueError(f"{text!r} is not a period written as dates, such as 2020-07")
        return canonical_period(require_measurable(written_period(text, fiscal)), fiscal)
    except ValueError as error:
        raise WrongInput(f"MONTH: {error}") from None


def parse_period_option(measuring: Measuring, text: str, now: int) -> Period:
    """The period given with ``--period``, relative to ``now`` (epoch seconds).

    Raises WrongInput when the text is not a period or lies outside the supported years.
    """
    try:
        return require_measurable(measuring.period(text, now))
    except ValueError as error:
        raise WrongInput(f"--period: {error}") from None
