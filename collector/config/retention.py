"""The settings of retention: for how long records are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from collector.model.fields import Strict

LEAST_MONTHS = 25
"""This fiscal year and the one before are measured record by record: at most 24 months."""


class RetentionSettings(Strict):
    """How long tickets and calls are kept, in months, the present one among them; without it for
    ever. Figures and snapshots are kept in any case."""

    records: Annotated[int, Field(ge=LEAST_MONTHS, le=1200)] | None = None
