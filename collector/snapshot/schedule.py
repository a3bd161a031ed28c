"""The finished months that are to be frozen and are not, and when their time comes.

Last month's time is its working day; that of an older month has come. None is forgotten because
another month ended meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from collector.business_time.zone import DAY, EPOCH_ORDINAL
from collector.measuring.engine.engine import Measuring
from collector.model.periods import Period, month_index, month_start
from collector.snapshot.canonical import parsed
from collector.snapshot.chain import of_period
from collector.store import SnapshotHead, Store


@dataclass(frozen=True, slots=True)
class PendingMonth:
    """A finished month without a complete snapshot. ``last``: it is the month before this one;
    ``frozen``: it has a snapshot, which says of itself that it is not complete."""

    month: Period
    last: bool
    frozen: bool


class Months:
    """Looks for months to freeze. Remembers which snapshots are complete: they never change."""

    def __init__(self) -> None:
        self._complete: dict[str, bool] = {}

    def waiting(self, measuring: Measuring, now: int) -> list[PendingMonth]:
        """The months to freeze, the oldest first, whether or not their time has come.

        They begin with the first one that was ever frozen, or the one before that in which the
        store was first used; not before the first record. An older month that somebody froze as not
        complete is left to people. Raises StoreError.
        """
        heads, span = measuring.store.snapshots.heads(), measuring.store.records.span()
        return self._waiting(measuring, heads, span, month_index(measuring.today(now)) - 1)

    def standing(self, measuring: Measuring, now: int) -> tuple[int | None, int]:
        """When the month before this one was first frozen whole (epoch seconds; 0: it is not, None:
        it lies before the first record), and how many months whose time has come are missing.

        Raises StoreError.
        """
        store, last = measuring.store, month_index(measuring.today(now)) - 1
        heads, span = store.snapshots.heads(), store.records.span()
        due, over = self._waiting(measuring, heads, span, last), is_over(measuring, now)
        missing = sum(over or not each.last for each in due)
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
        """The first of some snapshots that is complete. Raises StoreError."""
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
    first = [last if used is None else month_index(measuring.today(used)) - 1]
    for head in heads:
        try:
            index = month_index(date.fromisoformat(head.first))
        except (TypeError, ValueError):
            continue  # tampered with: verify says so, and it must stop nothing else
        if of_period([head], _month(index)):
            first.append(index)
    return max(min(first), month_index(measuring.today(span[0])))


def _month(index: int) -> Period:
    first, after = month_start(index), month_start(index + 1)
    return Period(f"{first:%Y-%m}", first, after, after)


def _is_complete(store: Store, number: int) -> bool:
    """Whether a snapshot says so of itself; what cannot be read does not."""
    try:
        row = store.snapshots.find(number)
        return row is not None and parsed(row.content)["incomplete"] == []
    except (TypeError, KeyError, ValueError):
        return False


def has_come(measuring: Measuring, now: int) -> bool:
    """Whether last month's time to be frozen has come: the configured working day of this month is
    over, or its time of day has come, or the month ends without so many working days."""
    today, wanted = measuring.today(now), measuring.settings.snapshot
    if is_over(measuring, now):
        return True
    wall = (today.toordinal() - EPOCH_ORDINAL) * DAY + wanted.at
    ends = (today + timedelta(days=1)).day == 1
    reached = ends or _working_days(measuring, today) >= wanted.working_day
    return reached and now >= int(measuring.local.instants(wall))


def is_over(measuring: Measuring, now: int) -> bool:
    """Whether the working day on which last month is frozen is over."""
    today = measuring.today(now)
    before = 0 if today.day == 1 else _working_days(measuring, today - timedelta(days=1))
    return before >= measuring.settings.snapshot.working_day


def _working_days(measuring: Measuring, day: date) -> int:
    """How many working days of its month there were up to and with a date; without any calendar
    every day is one."""
    calendar = measuring.settings.snapshot_calendar
    return day.day if calendar is None else measuring.working_days(calendar, day)
