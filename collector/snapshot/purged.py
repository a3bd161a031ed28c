"""Frozen figures whose records were purged, beside the sums that are stored of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from collector.measuring.engine.engine import Measuring
from collector.model.periods import Period
from collector.snapshot.as_figures import figures_of
from collector.snapshot.chain import FrozenSnapshot, decode_row
from collector.store import SnapshotHead


@dataclass(frozen=True, slots=True)
class PurgedPeriod:
    """A frozen period, the first and last date of its latest snapshot ``number``, whose records
    were purged on a date. ``others``: the indicators whose figures are others than the frozen ones
    by the stored sums and what records are left; ``unmeasured``: those that have no sums by their
    present definition."""

    number: int
    first: date
    last: date
    purged: date
    others: tuple[str, ...]
    unmeasured: tuple[str, ...]


def purged_periods(measuring: Measuring, now: int) -> Iterator[PurgedPeriod]:
    """Yield the frozen periods that begin in a purged month, their figures measured at ``now``
    (epoch seconds). Raises StoreError, also where a stored sum is damaged."""
    standing, latest = measuring.purged.standing(), dict[tuple[str, str], SnapshotHead]()
    for head in measuring.store.snapshots.heads():
        latest[head.first, head.last] = head
    for head in latest.values():
        first, last = date.fromisoformat(head.first), date.fromisoformat(head.last)
        purge, row = standing.purge_of(first), measuring.store.snapshots.find(head.number)
        if purge is not None and row is not None:
            others, unmeasured = _compared(measuring, decode_row(row), first, last, now)
            gone = measuring.today(purge.at)
            yield PurgedPeriod(head.number, first, last, gone, others, unmeasured)


def _compared(
    measuring: Measuring, snapshot: FrozenSnapshot, first: date, last: date, now: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    after = last + timedelta(days=1)
    period = Period(snapshot.content["period"]["name"], first, after, after)
    tallies = measuring.tallies(first, after, now)
    present = {
        (each.indicator, each.organization): each
        for each in measuring.figures(tallies, period, now, measuring.store.polls.states())
    }
    others, unmeasured = dict[str, None](), dict[str, None]()
    for frozen in figures_of(snapshot.content, "period"):
        own = present.get((frozen.indicator, frozen.organization))
        if own is None or not own.is_measured:
            continue
        if own.purged is not None:
            unmeasured[own.indicator] = None
        elif any(
            getattr(own, part) != getattr(frozen, part)
            for part in ("good", "eligible", "pending", "excluded")
        ):
            others[own.indicator] = None
    return tuple(others), tuple(unmeasured)
