"""The settings of snapshots: when a month is frozen, and when not."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from collector.model.fields import Interval, Strict

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def _time_of_day(value: object) -> int:
    """Seconds since midnight on the local clock. Raises ValueError for anything but ``HH:MM``."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError('is not a time of day: write it in quotes, as in "07:00"')
    return int(match[1]) * 3600 + int(match[2]) * 60


TimeOfDay = Annotated[
    int,
    BeforeValidator(_time_of_day),
    WithJsonSchema({"type": "string", "pattern": rf"^{_TIME.pattern}$"}),
]
"""``"07:00"`` in the configuration, seconds since midnight on the local clock in the program."""


class SnapshotSettings(Strict):
    """When last month is frozen.

    ``automatic``: ``run`` freezes it; otherwise a person has to. It happens on the
    ``working_day``-th day of the month on which ``calendar`` is open (by default the calendar of
    alerts), or on the last day of the month if there are not that many, from ``at`` on in the
    reporting time zone.

    ``max_clock_skew``: nothing is frozen while the clock of a source or of the store's database
    differs by more from this machine's: one of them is wrong, and so may be the month.
    """

    automatic: bool = True
    working_day: Annotated[int, Field(ge=1, le=15)] = 1
    at: Annotated[TimeOfDay, Field(validate_default=True)] = "07:00"  # type: ignore[assignment]
    calendar: str | None = None
    max_clock_skew: Annotated[Interval, Field(validate_default=True)] = "5min"  # type: ignore[assignment]
