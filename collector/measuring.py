"""Store → tallies: measure whole spans, and keep tallies true to a store that goes on changing.

The only place between the store and the pure functions of ``indicators``. Work is proportional to
what changed: the store tells which hours hold changed records, a tally tells when its pending
verdicts run out, and only the local dates so marked are measured again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import cast

import numpy as np

from collector.business_time import BusinessCalendar
from collector.calendars import build_calendars, special_days
from collector.indicators.calls import measure_calls
from collector.indicators.figures import Figure, Progress, by_hand, measured
from collector.indicators.periods import Period
from collector.indicators.tally import columns, counts, tally
from collector.indicators.tickets import measure_tickets
from collector.indicators.verdicts import NEVER, Verdicts, Yardstick, yardsticks
from collector.local_time import LocalDays
from collector.settings import Manual, Settings
from collector.settings_check import delivery_of
from collector.sources import SOURCES
from collector.store import Clock, PollState, Store
from collector.tables import ABSENT, CallTable, Int64, TicketTable

CHUNK = timedelta(days=31)
"""How much is read from the store at a time: enough to be fast, little enough to be small."""

DAYS_AT_ONCE = 100
"""How many changed days are read together: what a measurement costs at all, it costs once."""

STALE_AFTER = 15 * 60
"""Seconds without a successful poll after which figures are stale; at least three intervals."""


AT_ONCE = ABSENT
"""An instant before every other: what was never measured."""


@dataclass(slots=True)
class Tallies:
    """Tallies of the local dates from ``first``: per indicator (days, organizations + 1, columns).

    ``wakes_at``: per clock and day, the first instant at which a verdict there can change by
    itself.
    """

    first: date
    days: int
    sums: dict[str, Int64] = field(default_factory=dict)
    wakes_at: dict[str, Int64] = field(default_factory=dict)

    @property
    def after(self) -> date:
        """The first date behind the tallies."""
        return self.first + timedelta(days=self.days)

    def index(self, day: date) -> int:
        """The place of a date on the first axis, cut to what there is."""
        return min(max((day - self.first).days, 0), self.days)


class Measuring:
    """Measures a store by a configuration. Figures come from tallies, tallies from records."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.calendars: dict[str, BusinessCalendar] = build_calendars(settings)
        self.yardsticks = yardsticks(settings, self.calendars)
        self.local = LocalDays(settings.timezone)
        self.clocks = sorted({y.clock for y in self.yardsticks if y.clock})

    @cache  # noqa: B019 - one Measuring lives as long as its configuration
    def special_days(self, calendar: str) -> dict[date, str]:
        """The dates on which a calendar differs from its weekly hours, and what they are."""
        return special_days(self.settings.calendars[calendar])

    def today(self, now: int) -> date:
        """The local date of an instant, in the reporting time zone."""
        return date.fromordinal(int(self.local.dates(now)))

    def instants(self, period: Period) -> tuple[int, int]:
        """The first instant of a period and the first one after it."""
        return self.local.midnight(period.first), self.local.midnight(period.after)

    def table(self, clock: str, *spans: tuple[int, int]) -> TicketTable | CallTable:
        """The records whose ``clock`` lies in any of ``[start, end)``."""
        if clock == "entered":
            return self.store.calls(*spans)
        return self.store.tickets(cast(Clock, clock), *spans)

    def verdicts(
        self, yardstick: Yardstick, table: TicketTable | CallTable, now: int
    ) -> tuple[Verdicts, Int64]:
        """The verdicts of an indicator on a table, and the instant by which each counts."""
        if isinstance(table, CallTable):
            found = measure_calls(yardstick, table, now)
            return found, table.entered_at[found.row]
        found = measure_tickets(yardstick, table, now)
        counted = {
            "opened": table.opened_at,
            "responded": table.first_response_at,
            "resolved": table.resolved_at,
        }[yardstick.clock]
        return found, counted[found.row]

    def tallies(
        self,
        first: date,
        after: date,
        now: int,
        on_progress: Callable[[float], None] = lambda share: None,
        only: Iterable[str] | None = None,
    ) -> Tallies:
        """Measure every record that counts from ``first`` up to, not including, ``after``.

        ``only``: the ids of the indicators wanted. ``on_progress`` is told the share done, 0–1.
        """
        result = self._empty(first, after)
        wanted = None if only is None else set(only)
        spans = [(c, s) for c in self.clocks for s in _chunks(result.first, result.after)]
        for done, (clock, span) in enumerate(spans):
            self._measure_into(result, clock, [span], now, wanted)
            on_progress((done + 1) / len(spans))
        return result

    def _empty(self, first: date, after: date) -> Tallies:
        days = max(0, (after - first).days)
        places = len(self.settings.organizations) + 1
        return Tallies(
            first,
            days,
            {
                y.id: np.zeros((days, places, columns(y)), dtype=np.int64)
                for y in self.yardsticks
                if y.clock
            },
            {clock: np.full(days, NEVER, dtype=np.int64) for clock in self.clocks},
        )

    def _measure_into(
        self,
        result: Tallies,
        clock: str,
        spans: list[tuple[date, date]],
        now: int,
        wanted: set[str] | None = None,
    ) -> None:
        """Measure the dates in ``[first, after)`` of each span and put them in their place.

        All spans are one table: what an indicator costs, it costs once.
        """
        dates = [range(first.toordinal(), after.toordinal()) for first, after in spans]
        days = np.array([day for run in dates for day in run], dtype=np.int64)
        here = days - result.first.toordinal()
        midnight = self.local.midnight
        table = self.table(clock, *((midnight(first), midnight(after)) for first, after in spans))
        wakes_at = np.full(len(days), NEVER, dtype=np.int64)
        for yardstick in self.yardsticks:
            if yardstick.clock != clock or (wanted is not None and yardstick.id not in wanted):
                continue
            found, counted_at = self.verdicts(yardstick, table, now)
            day = np.searchsorted(days, self.local.dates(counted_at))
            result.sums[yardstick.id][here] = tally(
                yardstick, table, found, day, len(days), self.settings.organizations
            )
            np.minimum.at(wakes_at, day, found.wakes_at)
        result.wakes_at[clock][here] = wakes_at

    def refresh(self, result: Tallies, now: int, changed_since: int | None) -> bool:
        """Bring tallies up to date in place; whether anything was measured again.

        ``changed_since``: the store's revision that the tallies stand for; None where the store
        has not changed since.
        """
        today = self.today(now)
        dirty = {clock: set[int]() for clock in self.clocks}
        marks = [] if changed_since is None else self.store.dirty_since(changed_since)
        for clock, days in dirty.items():
            begins = np.array([hour for c, hour in marks if c == clock], dtype=np.int64) * 3600
            days.update(self.local.dates(np.concatenate([begins, begins + 3599])).tolist())
        self._grow(result, (today - result.after).days + 1)
        for clock, wakes_at in result.wakes_at.items():
            first = result.first.toordinal()
            dirty[clock].update((np.flatnonzero(wakes_at <= now) + first).tolist())
        measured_any = False
        for clock, days in dirty.items():
            inside = {d for d in days if result.first.toordinal() <= d < result.after.toordinal()}
            for some in _batches(sorted(inside), DAYS_AT_ONCE):
                self._measure_into(result, clock, list(_runs(some)), now)
                measured_any = True
        return measured_any

    def _grow(self, result: Tallies, days: int) -> None:
        """Room for more days, which wake at once: should the store now fail, the next refresh
        measures them."""
        if days <= 0:
            return
        more = self._empty(result.after, result.after + timedelta(days=days))
        result.days += days
        for name, sums in more.sums.items():
            result.sums[name] = np.concatenate([result.sums[name], sums])
        for clock, wakes_at in more.wakes_at.items():
            at_once = np.full_like(wakes_at, AT_ONCE)
            result.wakes_at[clock] = np.concatenate([result.wakes_at[clock], at_once])

    def figures(
        self,
        result: Tallies,
        period: Period,
        now: int,
        states: dict[str, PollState],
        only: Iterable[str] | None = None,
    ) -> Iterator[Figure]:
        """The figures of a period: each indicator for the whole desk, then by organization."""
        wanted = None if only is None else set(only)
        here = slice(result.index(period.first), result.index(period.after))
        start, end = self.instants(period)
        share = min(max((now - start) / (end - start), 0.0), 1.0)
        for yardstick in self.yardsticks:
            if wanted is not None and yardstick.id not in wanted:
                continue
            names = [None, *self.settings.organizations]
            if isinstance(yardstick.indicator, Manual):
                yield from (by_hand(yardstick, period, n, self.today(now)) for n in names)
                continue
            sums = result.sums[yardstick.id][here].sum(axis=0)
            progress = Progress(
                share,
                stale=self.is_stale(yardstick, min(now, end), states),
                unread=self.is_unread(yardstick, states),
            )
            for place, name in enumerate(names, start=-1):
                part = sums.sum(axis=0) if name is None else sums[place]
                yield measured(yardstick, counts(yardstick, part), period, name, progress)

    def is_stale(self, yardstick: Yardstick, until: int, states: dict[str, PollState]) -> bool:
        """Whether one of an indicator's sources has not been read up to ``until`` (DESIGN §6.11).

        A source that was never read at all is not stale: there are no data.
        """
        for name in self.sources_of(yardstick):
            state = states.get(name)
            limit = max(STALE_AFTER, 3 * self.settings.sources[name].every)
            if state and state.last_success and state.last_success < until - limit:
                return True
        return False

    def is_unread(self, yardstick: Yardstick, states: dict[str, PollState]) -> bool:
        """Whether one of an indicator's sources was asked and not yet read to its end: what is
        there of it is only a part, or old and new mixed."""
        known = [states.get(name) for name in self.sources_of(yardstick)]
        return any(s is not None and (s.last_success is None or s.partial) for s in known)

    def sources_of(self, yardstick: Yardstick) -> list[str]:
        """The configured sources that an indicator draws on."""
        wanted = delivery_of(yardstick.indicator)
        named = getattr(getattr(yardstick.indicator, "records", None), "source", None)
        return [
            name
            for name in self.settings.sources
            if SOURCES[self.settings.sources[name].type].delivers == wanted
            and (named is None or name in named)
        ]


def _batches(items: list[int], size: int) -> Iterator[list[int]]:
    """The items in lists of ``size``, the last one shorter."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _chunks(first: date, after: date) -> Iterator[tuple[date, date]]:
    while first < after:
        yield first, min(first + CHUNK, after)
        first += CHUNK


def _runs(ordinals: list[int]) -> Iterator[tuple[date, date]]:
    """Ascending ordinals of dates as spans of dates side by side, ``[first, after)`` each."""
    run: list[int] = []
    for day in ordinals:
        if run and day != run[-1] + 1:
            yield date.fromordinal(run[0]), date.fromordinal(run[-1] + 1)
            run = []
        run.append(day)
    if run:
        yield date.fromordinal(run[0]), date.fromordinal(run[-1] + 1)
