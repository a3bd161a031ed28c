"""Spans of local dates and batches: how much is read and measured at a time; and the instants by
which it is read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np

from collector.business_time.zone import LocalDays
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable

CHUNK = timedelta(days=31)
"""How much is read from the store at a time: enough for speed, little enough for memory."""


def batches(items: list[int], size: int) -> Iterator[list[int]]:
    """The items in lists of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def chunks(first: date, after: date) -> Iterator[tuple[date, date]]:
    """Yield consecutive spans ``[first, after)`` of at most CHUNK."""
    while first < after:
        yield first, min(first + CHUNK, after)
        first += CHUNK


def spans_since(
    begins: Mapping[str, int | None], first: date, after: date, local: LocalDays
) -> list[tuple[str, tuple[date, date]]]:
    """Return the chunks of ``[first, after)``, each with its clock, without those before the
    clock's first record.

    ``begins``: clock → the earliest instant (epoch seconds) by which a record counts, or None.
    """
    return [
        (clock, span)
        for clock, begin in begins.items()
        if begin is not None
        for span in chunks(first, after)
        if local.midnight(span[1]) > begin
    ]


def runs(ordinals: list[int]) -> Iterator[tuple[date, date]]:
    """Runs of consecutive dates in ascending ordinals, as spans ``[first, after)``."""
    run: list[int] = []
    for day in ordinals:
        if run and day != run[-1] + 1:
            yield date.fromordinal(run[0]), date.fromordinal(run[-1] + 1)
            run = []
        run.append(day)
    if run:
        yield date.fromordinal(run[0]), date.fromordinal(run[-1] + 1)


def places(days: Int64, instants: Int64, local: LocalDays) -> Int64:
    """Return the index of each instant's local date in ``days`` (ascending ordinals), or -1."""
    known = instants != ABSENT
    dates = local.dates(np.where(known, instants, 0))
    place = np.searchsorted(days, dates)
    listed = known & (days.take(place, mode="clip") == dates)
    return np.where(listed, place, -1)


def counting_instants(clock: str, table: TicketTable | CallTable) -> list[Int64]:
    """The columns by which a table is read, and by which its records may count."""
    if isinstance(table, CallTable):
        return [table.entered_at]
    return {
        "opened": [table.opened_at],
        "responded": [table.first_response_at, table.opened_at],
        "resolved": [table.resolved_at, table.first_resolved_at],
    }[clock]
