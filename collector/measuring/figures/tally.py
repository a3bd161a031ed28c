"""Verdicts → tallies: integer sums per local date and organization that add up in any order."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from collector.measuring.figures.distribution import BOUNDS, BUCKETS, bucket_of
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.counts import Checks, Counts
from collector.measuring.verdicts.crosscheck import CrossCheck
from collector.measuring.verdicts.timeline import Timeline, Verdict, Verdicts
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable


class TallyColumn(IntEnum):
    """The columns of a tally. One per reason for exclusion follows, then the histogram if timed.

    SECONDS: the sum over the good records. The sum of their squares, for the spread of a mean,
    would not fit into 64 bits (a hundred records of ten years each): SQUARES_LOW sums the lower 32
    bits of each square and SQUARES_HIGH the bits above, which two thousand million records cannot
    fill. CHECKED and the columns after it: see :class:`Checks` and :class:`CrossCheck`.
    """

    GOOD = 0
    ELIGIBLE = 1
    PENDING = 2
    SECONDS = 3
    SQUARES_LOW = 4
    SQUARES_HIGH = 5
    CHECKED = 6
    CHECKED_GOOD = 7
    OWN_GOOD = 8
    DISAGREE = 9
    COMPARED = 10
    DIFFER = 11


FIRST_REASON = len(TallyColumn)
_BITS = 32
_LOWER = (1 << _BITS) - 1
LONGEST = 3_000_000_000
"""Durations above this many seconds (95 years of 24 hours) count as this many in the squares, which
would overflow otherwise."""


def columns(timeline: Timeline) -> int:
    """Return the number of columns in a tally of this indicator."""
    return _first_bucket(timeline) + (BUCKETS if _is_timed(timeline) else 0)


def column_names(timeline: Timeline) -> list[str]:
    """Return the names of the columns, by which sums are stored: those of reasons and buckets say
    which they are, so that another one more changes none."""
    names = [column.name.lower() for column in TallyColumn]
    names += [f"excluded {reason}" for reason in timeline.reasons[1:]]
    if _is_timed(timeline):
        names += [f"until {bound}" for bound in BOUNDS] + ["above"]
    return names


def _is_timed(timeline: Timeline) -> bool:
    return kind_of(timeline.versions[0].indicator).is_timed


def _first_bucket(timeline: Timeline) -> int:
    return FIRST_REASON + len(timeline.reasons) - 1


def tally(
    timeline: Timeline,
    table: TicketTable | CallTable,
    verdicts: Verdicts,
    checks: CrossCheck | None,
    day: Int64,
    days: int,
    organizations: Sequence[str],
) -> Int64:
    """Sum verdicts into an array of shape (days, organizations + 1, columns).

    ``day``: for each verdict the index of the local date on which its record counts; verdicts
    outside 0 … days - 1 are left out. The last index of the second axis holds records without a
    configured organization. ``checks``: the comparison with the source, or None.
    """
    place = organization_places(table, organizations)[table.profile[verdicts.row]]
    return tally_by(timeline, verdicts, checks, day, days, place, len(organizations) + 1)


def tally_by(
    timeline: Timeline,
    verdicts: Verdicts,
    checks: CrossCheck | None,
    day: Int64,
    days: int,
    place: Int64,
    places: int,
) -> Int64:
    """Sum verdicts into an array of shape (days, places, columns), as :func:`tally` does.

    ``place``: for each verdict the index on the second axis, 0 … places - 1.
    """
    width = columns(timeline)
    size = days * places * width
    cell = ((day * places) + place) * width
    inside = (day >= 0) & (day < days) & (verdicts.verdict != Verdict.LATER)
    met, missed = verdicts.verdict == Verdict.MET, verdicts.verdict == Verdict.MISSED
    column = np.full(len(verdicts.row), TallyColumn.PENDING, dtype=np.int64)
    column[met] = TallyColumn.GOOD
    column[missed] = TallyColumn.ELIGIBLE
    excluded = verdicts.verdict == Verdict.EXCLUDED
    column[excluded] = verdicts.reason[excluded] + FIRST_REASON - 1
    sums = np.bincount((cell + column)[inside], minlength=size).astype(np.int64)
    if _is_timed(timeline):
        timed = inside & met & (verdicts.seconds != ABSENT)
        seconds = verdicts.seconds[timed]
        np.add.at(sums, cell[timed] + TallyColumn.SECONDS, seconds)
        squares = np.minimum(seconds, LONGEST) ** 2
        np.add.at(sums, cell[timed] + TallyColumn.SQUARES_LOW, squares & _LOWER)
        np.add.at(sums, cell[timed] + TallyColumn.SQUARES_HIGH, squares >> _BITS)
        shown = inside & (met | missed) & verdicts.final
        bucket = _first_bucket(timeline) + bucket_of(verdicts.seconds[shown])
        sums += np.bincount(cell[shown] + bucket, minlength=size)
    if checks is not None:
        for index, where in (
            (TallyColumn.CHECKED, checks.checked),
            (TallyColumn.CHECKED_GOOD, checks.checked & met),
            (TallyColumn.OWN_GOOD, checks.own_met),
            (TallyColumn.DISAGREE, checks.disagrees),
            (TallyColumn.COMPARED, checks.compared),
            (TallyColumn.DIFFER, checks.differs),
        ):
            sums += np.bincount(cell[inside & where] + index, minlength=size)
    result = sums.reshape(days, places, width)
    result[..., TallyColumn.ELIGIBLE] += result[..., TallyColumn.GOOD]
    return result


def organization_places(table: TicketTable | CallTable, organizations: Sequence[str]) -> Int64:
    """Return for each profile of a table the index of its organization; for one without any that
    is the index after the last."""
    place = {name: index for index, name in enumerate(organizations)}
    nowhere = len(organizations)
    return np.array([place.get(p.organization or "", nowhere) for p in table.profiles], np.int64)


def counts(timeline: Timeline, sums: Int64) -> Counts:
    """Return the summed columns of a tally, of shape (columns,), by name. Reasons for exclusion
    that did not occur are left out."""
    numbers = sums.tolist()
    first_bucket = _first_bucket(timeline)
    return Counts(
        good=numbers[TallyColumn.GOOD],
        eligible=numbers[TallyColumn.ELIGIBLE],
        pending=numbers[TallyColumn.PENDING],
        seconds=numbers[TallyColumn.SECONDS],
        squares=(numbers[TallyColumn.SQUARES_HIGH] << _BITS) + numbers[TallyColumn.SQUARES_LOW],
        excluded={
            reason: n
            for reason, n in zip(
                timeline.reasons[1:], numbers[FIRST_REASON:first_bucket], strict=True
            )
            if n
        },
        checks=Checks(*numbers[TallyColumn.CHECKED : FIRST_REASON]),
        histogram=tuple(numbers[first_bucket:]),
    )
