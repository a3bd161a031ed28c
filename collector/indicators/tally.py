"""Verdicts → tallies: small sums per local date and organization that add up in any order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from collector.indicators.verdicts import Verdict, Verdicts, Yardstick
from collector.tables import ABSENT, CallTable, Int64, TicketTable

GOOD, ELIGIBLE, PENDING, SECONDS, FIRST_REASON = range(5)
"""Columns of a tally; from FIRST_REASON on, one per reason of exclusion."""


class Counts(NamedTuple):
    """A tally in words: records that are good, eligible, pending, excluded by reason, and the
    sum of the seconds of the good ones: clocks that still run would make it depend on now."""

    good: int
    eligible: int
    pending: int
    seconds: int
    excluded: dict[str, int]


def columns(yardstick: Yardstick) -> int:
    """How many columns a tally of this indicator has."""
    return FIRST_REASON + len(yardstick.reasons) - 1


def tally(
    yardstick: Yardstick,
    table: TicketTable | CallTable,
    found: Verdicts,
    day: Int64,
    days: int,
    organizations: Sequence[str],
) -> Int64:
    """Sum verdicts into an array of (days, organizations + 1, columns).

    ``day``: for each verdict the index of the local date it counts on; those outside 0 … days-1
    are left out. The last place on the second axis is of records without an organization.
    """
    places = len(organizations) + 1
    width = columns(yardstick)
    column = np.full(len(found.row), -1, dtype=np.int64)
    column[found.verdict == Verdict.MET] = GOOD
    column[found.verdict == Verdict.MISSED] = ELIGIBLE
    column[found.verdict == Verdict.PENDING] = PENDING
    excluded = found.verdict == Verdict.EXCLUDED
    column[excluded] = found.reason[excluded] + FIRST_REASON - 1
    inside = (column >= 0) & (day >= 0) & (day < days)
    place = _places(table, organizations)[table.profile[found.row]]
    cell = ((day * places) + place) * width
    size = days * places * width
    sums = np.bincount((cell + column)[inside], minlength=size).astype(np.int64)
    timed = inside & (column == GOOD) & (found.seconds != ABSENT)
    np.add.at(sums, (cell + SECONDS)[timed], found.seconds[timed])
    result = sums.reshape(days, places, width)
    result[..., ELIGIBLE] += result[..., GOOD]
    return result


def _places(table: TicketTable | CallTable, organizations: Sequence[str]) -> Int64:
    place = {name: index for index, name in enumerate(organizations)}
    nowhere = len(organizations)
    return np.array([place.get(p.organization or "", nowhere) for p in table.profiles], np.int64)


def counts(yardstick: Yardstick, sums: Int64) -> Counts:
    """A summed tally (one value per column) in words; reasons that did not occur are left out."""
    return Counts(
        good=int(sums[GOOD]),
        eligible=int(sums[ELIGIBLE]),
        pending=int(sums[PENDING]),
        seconds=int(sums[SECONDS]),
        excluded={
            reason: int(n)
            for reason, n in zip(yardstick.reasons[1:], sums[FIRST_REASON:], strict=True)
            if n
        },
    )
