"""The tallies of records that were purged: added to those of the records that stay.

Tallies add up, so a figure of a purged month is what it was: to the sums over the deleted records,
stored by date and organization and by month and field, those over the present records are added.
They are by the definition that was in force at the purge. By another one the month is not measured
any more, and no figure is made of what is left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TypeVar

import numpy as np

from collector.business_time.zone import LocalDays
from collector.config.definition_changes import measured_otherwise
from collector.config.definitions import Definition, as_text, from_text
from collector.io.errors import UserFacingError
from collector.measuring.figures.tally import column_names, columns
from collector.measuring.verdicts.timeline import Timeline
from collector.model.columns import Int64
from collector.model.periods import Period, month_index, month_start
from collector.store import Purge, Store, StoreError

T = TypeVar("T")
Value = str | int | None

NOWHERE = ""
"""Stands for records without a configured organization."""


class RecordsPurged(UserFacingError):
    """What was asked for needs records that were purged; the message says which, and when."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What was purged, as of one generation of the store.

    ``first``: the first month of which anything was, by its index. ``lost``: by indicator the
    purged months that are not measured by its present definition.
    """

    generation: int = 0
    purges: tuple[Purge, ...] = ()
    first: int | None = None
    lost: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def before(self) -> date | None:
        """The first date that was not purged; None without a purge."""
        return date.fromisoformat(self.purges[-1].before) if self.purges else None

    def purge_of(self, day: date) -> Purge | None:
        """The purge that took the records of a date; None if they are there."""
        return next((p for p in self.purges if day < date.fromisoformat(p.before)), None)


class StoredTallies:
    """The tallies of purged records, for one configuration. Methods raise StoreError."""

    def __init__(
        self,
        store: Store,
        timelines: Sequence[Timeline],
        organizations: Sequence[str],
        definitions: Callable[[str], list[Definition]],
        local: LocalDays,
    ) -> None:
        """``definitions`` returns those of an indicator; ``local``: the reporting zone."""
        self._store = store.purged
        self._timelines = timelines
        self._places = {name: n for n, name in enumerate([*organizations, NOWHERE])}
        self._definitions = definitions
        self._local = local
        self._standing = Standing()
        self._sums = lru_cache(maxsize=4)(self._read)

    def standing(self) -> Standing:
        """What was purged until now."""
        generation = self._store.generation()
        if generation != self._standing.generation:
            self._standing = self._find()
        return self._standing

    def undisturbed(self, read: Callable[[], T]) -> T:
        """Return what ``read`` returns when no record was purged meanwhile: it reads records and
        stored sums, and one that moves from there to here is in both, or in neither."""
        while True:
            generation = self._store.generation()
            found = read()
            if self._store.generation() == generation:
                return found

    def purge_of(self, indicator: str, period: Period, now: int) -> Purge | None:
        """Return the purge because of which a period is not measured; None if it is.

        That is so where a month of it was purged, and its sums are by another definition, or
        ``now`` (epoch seconds) lies before the end of what was purged: how the records stood then
        is not known any more.
        """
        standing = self.standing()
        if not standing.purges:
            return None
        looks_back = now < standing.purges[-1].instant
        for month in _months(period.first, period.after):
            purge = standing.purge_of(month_start(month))
            if purge and (looks_back or month in standing.lost.get(indicator, ())):
                return purge
        return None

    def split_purge_of(self, period: Period) -> Purge | None:
        """Return the purge because of which a period cannot be split by a field: sums by fields are
        those of whole months."""
        ends = [period.first, period.after]
        standing = self.standing()
        return next((p for day in ends if day.day > 1 and (p := standing.purge_of(day))), None)

    def since(self, now: int) -> dict[str, date]:
        """Return, by indicator, the first date from which on all is measured, where some month
        before is not."""
        standing = self.standing()
        if standing.before is None:
            return {}
        if now < standing.purges[-1].instant:
            return {each.id: standing.before for each in self._timelines}
        return {
            name: month_start(max(months) + 1) for name, months in standing.lost.items() if months
        }

    def gone(self, period: Period) -> tuple[str, date] | None:
        """Return the date before which records were purged, and when, if some of a period were;
        None if a list of its records is whole."""
        purge = self.standing().purge_of(period.first)
        return None if purge is None else (purge.before, self._day(purge))

    def require(self, first: date, what: str) -> None:
        """Raise RecordsPurged if the records of a date, for which ``what`` is asked, were
        purged."""
        if (purge := self.standing().purge_of(first)) is not None:
            raise RecordsPurged(f"{what} cannot be told: {self.reason(purge)}")

    def reason(self, purge: Purge) -> str:
        """Say which records a purge took, and when."""
        return f"the records from before {purge.before} were purged on {self._day(purge)}"

    def of_dates(self, timelines: Iterable[Timeline], days: Int64) -> dict[str, Int64]:
        """Return by indicator the sums of dates (ascending ordinals), of shape (days, organizations
        + 1, columns); indicators without any are left out."""
        before = self.standing().before
        gone = [] if before is None else [d for d in days.tolist() if d < before.toordinal()]
        if not gone:
            return {}
        months = sorted({month_index(date.fromordinal(day)) for day in gone})
        stored = self._sums(tuple(map(_named, months)), "", self._standing.generation)
        positions = {date.fromordinal(day).isoformat(): n for n, day in enumerate(days.tolist())}
        found: dict[str, Int64] = {}
        for timeline in timelines:
            sums = self._zeros(timeline, len(days))
            for month in self._measured(timeline, months):
                for day, places in stored.get((timeline.id, _named(month)), {}).items():
                    if (position := positions.get(day)) is not None:
                        self._add(sums[position], timeline, places)
            found[timeline.id] = sums
        return found

    def by_value(
        self, timeline: Timeline, period: Period, by: str, organization: str | None
    ) -> dict[Value, Int64]:
        """Return the sums of the purged months in a period by the values of a field, of shape
        (columns,); of an organization, or of the whole desk."""
        before = self.standing().before
        if before is None or period.first >= before:
            return {}
        months = _months(period.first, min(period.after, before))
        stored = self._sums(tuple(map(_named, months)), by, self._standing.generation)
        found: dict[Value, Int64] = {}
        for month in self._measured(timeline, months):
            for text, places in stored.get((timeline.id, _named(month)), {}).items():
                sums = self._zeros(timeline, 1)[0]
                self._add(sums, timeline, places)
                place = self._places.get(organization) if organization else None
                own = sums.sum(axis=0) if organization is None else sums[place]
                if own.any():
                    value: Value = json.loads(text)
                    found[value] = found[value] + own if value in found else own
        return found

    def cells(
        self, timeline: Timeline, sums: Int64, names: Sequence[str]
    ) -> dict[str, dict[str, dict[str, int]]]:
        """Return sums of shape (values, organizations + 1, columns) as they are stored; ``names``:
        of the values."""
        told, places = column_names(timeline), list(self._places)
        found: dict[str, dict[str, dict[str, int]]] = {}
        for value, place, column in np.argwhere(sums).tolist():
            own = found.setdefault(names[value], {}).setdefault(places[place], {})
            own[told[column]] = int(sums[value, place, column])
        return found

    def _day(self, purge: Purge) -> date:
        return date.fromordinal(int(self._local.dates(purge.at)))

    def _measured(self, timeline: Timeline, months: Iterable[int]) -> list[int]:
        """Those of some purged months whose sums are by the present definition."""
        lost = self._standing.lost.get(timeline.id, frozenset())
        return [month for month in months if month not in lost]

    def _zeros(self, timeline: Timeline, n: int) -> Int64:
        return np.zeros((n, len(self._places), columns(timeline)), dtype=np.int64)

    def _add(
        self, sums: Int64, timeline: Timeline, stored: Mapping[str, Mapping[str, int]]
    ) -> None:
        """Add stored cells to sums of shape (organizations + 1, columns).

        Raises StoreError for one that this release does not know: left out, it would be missing
        from a figure unseen.
        """
        index = {name: n for n, name in enumerate(column_names(timeline))}
        for organization, columns_of in stored.items():
            for name, n in columns_of.items():
                if organization not in self._places or name not in index:
                    raise StoreError(
                        f"the sums of purged records of {timeline.id} have {name!r} of "
                        f"{organization!r}, which this release does not know: run the release "
                        "that purged them"
                    )
                sums[self._places[organization], index[name]] += n

    def _read(
        self, months: tuple[str, ...], by: str, _: int
    ) -> dict[tuple[str, str], dict[str, dict[str, dict[str, int]]]]:
        return self._store.sums(months, by)

    def _find(self) -> Standing:
        state = self._store.state()
        if not state.purges:
            return Standing(state.generation)
        purges = tuple(map(self._here, state.purges))
        before = date.fromisoformat(purges[-1].before)
        by = self._store.measured_by()
        numbers = {n for n in by.values() if n is not None}
        told = self._store.definitions(numbers)
        ends = self._store.last_purged_by(numbers)
        begins = [month_index(date.fromisoformat(f"{month}-01")) for _, month in by]
        if state.first is not None:
            begins.append(month_index(date.fromordinal(int(self._local.dates(state.first)))))
        first = min(begins, default=month_index(before))
        months = range(first, month_index(before))
        lost = {}
        for timeline in self._timelines:
            if not timeline.clock:
                continue
            course = self._definitions(timeline.id)
            now = as_text(course)
            own = {n for (name, _), n in by.items() if n is not None and name == timeline.id}
            known = {n: from_text(told[n]) for n in own if told[n] != now}
            lost[timeline.id] = frozenset(
                month
                for month in months
                if (n := by.get((timeline.id, _named(month)))) is None
                or (
                    n in known
                    and measured_otherwise(
                        known[n],
                        course,
                        (month_start(month), month_start(month + 1)),
                        date.fromisoformat(ends[n]) if n in ends else before,
                    )
                )
            )
        return Standing(state.generation, purges, first, lost)

    def _here(self, purge: Purge) -> Purge:
        """A purge with the date of the present reporting zone: where that lies further east, the
        month after it has begun before the instant, and has lost records, too."""
        month = month_index(date.fromisoformat(purge.before))
        if self._local.midnight(month_start(month)) >= purge.instant:
            return purge
        return replace(purge, before=month_start(month + 1).isoformat())


def stored_key(value: Value) -> str:
    """Return a value of a field as it is stored."""
    return json.dumps(value, ensure_ascii=False)


def _months(first: date, after: date) -> range:
    """The months that a span of dates touches."""
    return range(month_index(first), month_index(after) + (after.day > 1))


def _named(month: int) -> str:
    return f"{month_start(month):%Y-%m}"
