"""Business hours as written in the configuration: time windows, weekdays and ranges of weekdays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby, pairwise
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from collector.model.codes import WEEKDAYS

_TIME = r"((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?|24:00(?::00)?)"
_WINDOW = re.compile(rf"\s*{_TIME}\s*-\s*{_TIME}\s*")

Window = tuple[str, str]


def _window(text: object) -> object:
    match = _WINDOW.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f'{text!r} is not a time window: write it as in "08:00-17:00"')
    if _clock(match[2]) <= _clock(match[1]):
        raise ValueError(f"{text!r} closes before it opens; split it at midnight")
    return match[1], match[2]


def _clock(time: str) -> str:
    return f"{time}:00"[:8]


def _without_overlaps(windows: list[Window]) -> list[Window]:
    ordered = sorted((_clock(start), _clock(end)) for start, end in windows)
    for (_, end), (start, _) in pairwise(ordered):
        if start < end:
            raise ValueError(
                f"the windows overlap: one opens at {start[:5]}, before another closes at {end[:5]}"
            )
    return windows


Windows = Annotated[
    list[Annotated[Window, BeforeValidator(_window), WithJsonSchema({"type": "string"})]],
    AfterValidator(_without_overlaps),
]


def windows_text(windows: Iterable[Window]) -> str:
    """The windows of a day as one line, ``closed`` without any; equal hours have equal texts.

    Windows that touch are joined.
    """
    joined: list[Window] = []
    for start, end in sorted((_clock(start), _clock(end)) for start, end in windows):
        begins = joined.pop()[0] if joined and joined[-1][1] == start else start
        joined.append((begins, end))
    return ", ".join(f"{_short(start)}-{_short(end)}" for start, end in joined) or "closed"


def _short(clock: str) -> str:
    return clock.removesuffix(":00") if clock.count(":") == 2 else clock


def _range_of_days(key: str) -> tuple[str, ...]:
    """The weekdays of ``mon`` or ``mon-fri``.

    Raises ValueError for anything else, and for a range that runs backwards.
    """
    first, dash, last = (part.strip() for part in key.lower().partition("-"))
    if not dash:
        last = first
    if first not in WEEKDAYS or last not in WEEKDAYS:
        raise ValueError(f"{key!r} is not a day or a range of days (mon … sun, mon-fri)")
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    if end < start:
        raise ValueError(f"{key!r} runs backwards; write two ranges, as in fri-sun and mon")
    return WEEKDAYS[start : end + 1]


def _known_days(key: str) -> str:
    _range_of_days(key)
    return key


def _by_weekday(hours: dict[str, Windows]) -> dict[str, Windows]:
    """Expands ranges: ``{mon-fri: [...]}`` → one entry for each weekday."""
    days: dict[str, Windows] = {}
    for key, windows in hours.items():
        for day in _range_of_days(key):
            if day in days:
                raise ValueError(f"{day} is listed twice, the second time in {key!r}")
            days[day] = windows
    return days


Hours = Annotated[
    dict[Annotated[str, AfterValidator(_known_days)], Windows], AfterValidator(_by_weekday)
]


def week_text(hours: Mapping[str, Iterable[Window]]) -> str:
    """The hours of a week as one line, such as ``mon-thu 08:00-17:00, fri 08:00-15:00``; closed
    days are left out."""
    by_day = [(day, windows_text(hours.get(day, ()))) for day in WEEKDAYS]
    parts = []
    for text, found in groupby(by_day, lambda each: each[1]):
        first, *more = [day for day, _ in found]
        if text != "closed":
            parts.append(f"{first}-{more[-1]} {text}" if more else f"{first} {text}")
    return ", ".join(parts)
