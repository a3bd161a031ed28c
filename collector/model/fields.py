"""Value types used in the configuration: durations, dates and time zones."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    WithJsonSchema,
)

LONGEST_DURATION = 3653 * 86400
"""Seconds; ten years."""

_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"\s*(\d+)\s*(s|min|m|h|d)\s*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Strict(BaseModel):
    """Base of every settings model: frozen, unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True
    )


def small_number(digits: str) -> int:
    """Return the value of some digits, of which only the first twelve significant ones are read.

    Python refuses to convert thousands of digits; twelve already exceed every limit that is
    checked afterwards.
    """
    return int(digits.lstrip("0")[:12] or "0")


def parse_duration(text: object) -> int:
    """Return the seconds in ``30s``, ``30min``, ``2h`` or ``1d`` (24 hours).

    Raises ValueError for anything else, and for more than ten years. Bare numbers are errors too,
    since half of the readers take them for minutes and half for seconds.
    """
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"{text!r} is not a duration: write a number and a unit, as in 30s or 2h")
    seconds = small_number(match[1]) * _SECONDS[match[2]]
    if seconds > LONGEST_DURATION:
        raise ValueError(f"{text!r} is longer than ten years")
    return seconds


def duration_text(seconds: int) -> str:
    """Return a duration in seconds as people write it: 20s, 60s, 30min, 8h, 2d.

    Equal durations always give the same text.
    """
    for unit in ("d", "h", "min"):
        if seconds and seconds % _SECONDS[unit] == 0 and seconds > _SECONDS["min"]:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"


Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    PlainSerializer(lambda seconds: f"{seconds}s", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\s*\d+\s*(s|min|m|h|d)\s*$"}),
]
"""A duration in the configuration (``30min``), integer seconds in the program."""


def _positive(seconds: int) -> int:
    if seconds == 0:
        raise ValueError("must be at least 1s")
    return seconds


Interval = Annotated[Duration, AfterValidator(_positive)]
"""A duration of at least one second."""


def parse_day(value: object) -> date:
    """Return a date given as such or written as ``2020-12-24``.

    Raises ValueError for anything else, including datetimes and bare numbers.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        with suppress(ValueError):
            return date.fromisoformat(value.strip())
    raise ValueError("must be a date, as in 2020-12-24")


Day = Annotated[date, BeforeValidator(parse_day)]
"""A date in the configuration (``2020-12-24``)."""


def _known_zone(name: object) -> object:
    try:
        ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not a time zone; write one such as Europe/Stockholm"
        ) from None
    return name


TimeZoneName = Annotated[str, BeforeValidator(_known_zone)]
"""An IANA time zone name."""
