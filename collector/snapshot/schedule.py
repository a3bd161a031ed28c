"""Which finished months are still to be frozen, and when.

Last month is due on the configured working day of this month. Older months are overdue and stay on
the list when another month ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from collector.business_time.zone import DAY, EPOCH_ORDINAL
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.hours import working_days
from collector.model.periods import Period, month_index, month_start
from collector.snapshot.canonical import parse_json
from collector.snapshot.chain import of_period
from collector.store import SnapshotHead, Store


@dataclass(frozen=True, slots=True)
class PendingMonth:
    """A finished month without a complete snapshot. ``last``: it is the month before this one;
    ``frozen``: it has a snapshot, but one marked as incomplete."""

    month: Period
    last: bool
    frozen: bool


class Months:
    """Finds months to freeze; caches which snapshots are complete, since they never change."""

    def __init__(self) -> None:
        self._complete: dict[str, bool] = {}

    def waiting(self, measuring: Measuring, now: int) -> list[PendingMonth]:
        """Return the months to freeze, the oldest first, due or not; ``now``: epoch seconds.

        They begin with the first month ever frozen, or the month before the store was first used,
        but not before the first record. Older months that were frozen as incomplete are left for
        people to amend. Raises StoreError.
        """
        heads, span = measuring.store.snapshots.heads(), measuring.store.records.span()
        return self._waiting(measuring, heads, span, month_index(measuring.today(now)) - 1)

    def standing(self, measuring: Measuring, now: int) -> tuple[int | None, int]:
        """Return when last month was first frozen completely, and how many months are overdue.

        The first is in epoch seconds, as ``now``; 0 if it is not frozen, None if it lies before the
        first record. Raises StoreError.
        """
        store, last = measuring.store, month_index(measuring.today(now)) - 1
        heads, span = store.snapshots.heads(), store.records.span()
        pending, over = self._waiting(measuring, heads, span, last), is_over(measuring, now)
        missing = sum(over or not each.last for each in pending)
        if span is None or month_index(measuring.today(span[0])) > last:
            return None, missing
        frozen = self.complete(store, of_period(heads, _month(last)))
        return (0 if frozen is None else frozen.frozen_at), missing

    def _waiting(
        self,
        measuring: Measuring,
        heads: Sequence[SnapshotHead],
        span: tuple[int, int] | None,
        last: int,
    ) -> list[PendingMonth]:
        found = []
        for index in range(_begin(measuring, heads, span, last), last + 1):
            own = of_period(heads, _month(index))
            if not own or (index == last and not self.complete(measuring.store, own)):
                found.append(PendingMonth(_month(index), index == last, bool(own)))
        return found

    def complete(self, store: Store, heads: Sequence[SnapshotHead]) -> SnapshotHead | None:
        """Return the first complete snapshot of these, or None. Raises StoreError."""
        for head in heads:
            if head.seal not in self._complete:
                self._complete[head.seal] = _is_complete(store, head.number)
            if self._complete[head.seal]:
                return head
        return None


def _begin(
    measuring: Measuring, heads: Sequence[SnapshotHead], span: tuple[int, int] | None, last: int
) -> int:
    if span is None:
        return last + 1
    used = measuring.store.ledger.in_use_since()
    first = [last]
    if used is not None:  # of a clock that was ahead it is of no month that is still to come
        first = [min(last, month_index(measuring.today(used)) - 1)]
    for head in heads:
        try:
            index = month_index(date.fromisoformat(head.first))
        except (TypeError, ValueError):
            continue  # tampered with: verify reports it, and nothing else may fail because of it
        if of_period([head], _month(index)):
            first.append(index)
    return max(min(first), month_index(measuring.today(span[0])))


def _month(index: int) -> Period:
    first, after = month_start(index), month_start(index + 1)
    return Period(f"{first:%Y-%m}", first, after, after)


def _is_complete(store: Store, number: int) -> bool:
    """Whether a snapshot is marked as complete; one that cannot be read is not."""
    try:
        row = store.snapshots.find(number)
        return row is not None and parse_json(row.content)["incomplete"] == []
    except (TypeError, KeyError, ValueError):
        return False


def is_due(measuring: Measuring, now: int) -> bool:
    """Whether last month is due to be frozen at ``now`` (epoch seconds).

    It is from the configured time on the configured working day of this month on, or on the month's
    last day if it has fewer working days.
    """
    today, schedule = measuring.today(now), measuring.settings.snapshot
    if is_over(measuring, now):
        return True
    wall = (today.toordinal() - EPOCH_ORDINAL) * DAY + schedule.at
    ends = (today + timedelta(days=1)).day == 1
    reached = ends or _working_days(measuring, today) >= schedule.working_day
    return reached and now >= int(measuring.local.instants(wall))


def is_over(measuring: Measuring, now: int) -> bool:
    """Whether the working day on which last month is due is over at ``now`` (epoch seconds)."""
    today = measuring.today(now)
    before = 0 if today.day == 1 else _working_days(measuring, today - timedelta(days=1))
    return before >= measuring.settings.snapshot.working_day


def _working_days(measuring: Measuring, day: date) -> int:
    """The working days of a date's month up to and including it; all days without a calendar."""
    calendar = measuring.settings.snapshot_calendar
    return day.day if calendar is None else working_days(measuring, calendar, day)
