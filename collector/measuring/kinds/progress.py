"""How far a period has come, and how many records it will still have. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from collector.measuring.verdicts.counts import Counts


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a period has come, and whether its data are up to date.

    ``share``: the share of the period that is over, 0–1. ``stale``: a source was not read up to now
    or to the period's end. ``unread``: a source has been polled but never read completely.
    ``left``: number of records expected in the rest of the period, if known better than by its
    pace so far. ``read``: it has begun, and its sources were read completely, so that there being
    no records is a number, too.
    """

    share: float
    stale: bool
    unread: bool = False
    left: float | None = None
    read: bool = False

    @property
    def unknown(self) -> bool:
        """Whether records are missing because the sources were not read, not because none came."""
        return self.stale or self.unread

    @property
    def over(self) -> bool:
        """Whether the period has ended."""
        return self.share >= 1


def records_to_come(tallied: Counts, progress: Progress) -> int | None:
    """Return how many records will still be decided: those pending and those expected in the rest
    of the period.

    The latter are ``progress.left`` or, without it, those that the pace so far gives. None where
    the sources were not read: missing records say nothing about the pace.
    """
    if progress.unknown:
        return None
    if progress.over or progress.share <= 0:
        return tallied.pending
    if progress.left is not None:
        return tallied.pending + round(progress.left)
    seen = tallied.eligible + tallied.pending
    return tallied.pending + round(seen * (1 - progress.share) / progress.share)
