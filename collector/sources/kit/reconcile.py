"""When a ticket system is swept, as the configuration says it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from collector.model.fields import Strict

_TIME_OF_DAY = r"(([01]\d|2[0-3]):[0-5]\d|never)"


def _time_of_day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_TIME_OF_DAY, value):
        return value
    raise ValueError('must be a time of day, as "03:00", or never')


class Reconcile(Strict):
    """When stored tickets are looked for in the system, to find what its feed does not tell.

    ``at``: the time of day, in the reporting time zone, or never. ``days``: how far back tickets
    are looked for that are not open.
    """

    at: Annotated[
        str,
        BeforeValidator(_time_of_day),
        WithJsonSchema({"type": "string", "pattern": f"^{_TIME_OF_DAY}$"}),
    ] = "03:00"
    days: Annotated[int, Field(ge=1, le=3660)] = 35
