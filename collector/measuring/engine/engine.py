"""Store → tallies: measures whole spans, and keeps tallies up to date with a changing store.

The connection between the store and the pure functions of measuring. Work is proportional to what
changed: the store knows which hours hold changed records, the tallies know when their pending
verdicts can change, and only those local dates are measured again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, lru_cache, partial
from typing import cast

import numpy as np

from collector.business_time import BusinessCalendar
from collector.business_time.zone import LocalDays
from collector.config.calendars import Calendars, special_days
from collector.config.definitions import definitions
from collector.config.settings import Settings, fiscal_year, sources_of
from collector.measuring.engine.freshness import is_stale, is_unread
from collector.measuring.engine.spans import (
    batches,
    counting_instants,
    places,
    runs,
    spans_since,
)
from collector.measuring.engine.stored_tallies import StoredTallies
from collector.measuring.engine.tallies import NEVER_MEASURED, Tallies, history_by_month
from collector.measuring.figures.figure import (
    Figure,
    manual_figure,
    measured_figure,
    not_measured,
)
from collector.measuring.figures.forecast import History, expected_left
from collector.measuring.figures.tally import columns, counts, tally
from collector.measuring.judge import Judged, judge
from collector.measuring.kinds.progress import Progress
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.timeline import NEVER, Timeline, timelines, wide_clocks
from collector.model.codes import SpecialDay
from collector.model.columns import CallTable, TicketTable
from collector.model.periods import Period, month_index, month_start, parse_period
from collector.model.rewind import rewind_tickets
from collector.store import Clock, PollState, Store

DAYS_AT_ONCE = 100
"""How many changed days are measured together, to share the fixed cost of a measurement."""

KEPT = 3
"""How many tables are kept in memory, each of at most a month or of some changed days."""


class Measuring:
    """Measures a store by a configuration: records → tallies → figures.

    ``known_at``: epoch seconds of an instant in the past, for looking back: tickets then have the
    texts, resolutions and closings of that instant. Without it they have today's, which reads less.
    All ``now`` are epoch seconds UTC. Methods that read the store raise StoreError if it fails.
    """

    def __init__(self, settings: Settings, store: Store, *, known_at: int | None = None) -> None:
        self.settings = settings
        self.store = store
        self.known_at = known_at
        self.calendar = Calendars()
        self.timelines = timelines(settings, self.calendar)
        self.local = LocalDays(settings.timezone)
        self.fiscal = fiscal_year(settings)
        self.sources = {name: sources_of(settings, name) for name in settings.indicators}
        self.clocks = sorted({each.clock for each in self.timelines if each.clock})
        self.definitions = cache(partial(definitions, settings))  # of an indicator
        self._tables = lru_cache(maxsize=KEPT)(self._read)
        self._judged: tuple[object, tuple[str, int], Judged] | None = None
        self._wide = wide_clocks(self.timelines, is_past=known_at is not None)
        names, known = settings.organizations, self.definitions
        self.purged = StoredTallies(store, self.timelines, names, known, self.local)

    def timeline(self, indicator: str) -> Timeline:
        """Return the timeline of an indicator. Raises KeyError for an unknown id."""
        return {each.id: each for each in self.timelines}[indicator]

    @cache  # noqa: B019 - one Measuring lives as long as its configuration
    def special_days(self, calendar: str, valid: date) -> dict[date, SpecialDay]:
        """Return the dates on which a calendar, in its version in force on ``valid``, differs from
        its weekly hours, and why. Raises KeyError for an unknown calendar."""
        settings = self.settings
        return special_days(settings.calendars[calendar].in_force(valid), settings.languages)

    def today(self, now: int) -> date:
        """Return the local date of an instant in the reporting time zone."""
        return date.fromordinal(int(self.local.dates(now)))

    def period(self, text: str, now: int) -> Period:
        """Parse a period as seen from ``now``. Raises ValueError if malformed, with examples."""
        return parse_period(text, self.today(now), self.fiscal)

    def instants(self, period: Period) -> tuple[int, int]:
        """Return the first instant of a period and the first one after it (epoch seconds)."""
        return self.local.midnight(period.first), self.local.midnight(period.after)

    def hours(self, calendar: str, now: int) -> BusinessCalendar:
        """Return the hours of a calendar in its version in force today."""
        return self.calendar(self.settings.calendars[calendar].in_force(self.today(now)))

    def table(self, clock: str, *spans: tuple[int, int]) -> TicketTable | CallTable:
        """Read the records that may count by ``clock`` in any of the spans ``[start, end)`` (epoch
        seconds): calls for the clock ``entered``, tickets otherwise. Raises StoreError.

        The last few are kept while the store is the same: first a figure is asked for, then its
        records."""
        return self._tables(clock, spans, self.store.revisions.latest())

    def _read(
        self, clock: str, spans: tuple[tuple[int, int], ...], _: int
    ) -> TicketTable | CallTable:
        records = self.store.records
        if clock == "entered":
            return records.calls(*spans)
        wide = clock in self._wide
        if self.known_at is None:
            return records.tickets(cast(Clock, clock), *spans, wide=wide)
        table = records.tickets(cast(Clock, clock), *spans, wide=wide, between=True)
        return rewind_tickets(table, records.changed_since(table.key, self.known_at), self.known_at)

    def spans(self, first: date, after: date) -> list[tuple[str, tuple[date, date]]]:
        """Return what is to be read one at a time for ``[first, after)``. Raises StoreError."""
        begins = {clock: self.store.records.first_counted(clock) for clock in self.clocks}
        return spans_since(begins, first, after, self.local)

    def judge(self, timeline: Timeline, table: TicketTable | CallTable, now: int) -> Judged:
        """Return the verdicts of an indicator on a table as known at ``now``. The last ones are
        kept, as the last table is."""
        asked, last = (timeline.id, now), self._judged
        if last is None or last[0] is not table or last[1] != asked:
            self._judged = last = table, asked, judge(timeline, table, now, self.local)
        return last[2]

    def tallies(
        self,
        first: date,
        after: date,
        now: int,
        on_progress: Callable[[float], None] = lambda share: None,
        only: Iterable[str] | None = None,
    ) -> Tallies:
        """Measure every record that counts from ``first`` up to, not including, ``after``.

        ``only``: the ids of the indicators to measure; None for all. ``on_progress`` gets the share
        done, 0–1. Raises StoreError.
        """
        result = self._empty(first, after)
        result.since = self.purged.since(now)
        wanted = None if only is None else set(only)
        clocks = {each.clock for each in self.timelines if wanted is None or each.id in wanted}
        spans = [each for each in self.spans(result.first, result.after) if each[0] in clocks]
        for done, (clock, span) in enumerate(spans):
            self._measure_into(result, clock, [span], now, wanted)
            on_progress((done + 1) / len(spans))
        return result

    def _empty(self, first: date, after: date) -> Tallies:
        wide = {each.id: columns(each) for each in self.timelines if each.clock}
        return Tallies.empty(first, after, wide, self.clocks, len(self.settings.organizations) + 1)

    def _measure_into(
        self,
        result: Tallies,
        clock: str,
        spans: list[tuple[date, date]],
        now: int,
        wanted: set[str] | None = None,
    ) -> None:
        """Measure the dates in ``[first, after)`` of each span and store their sums in ``result``.

        All spans are read as one table, to share the fixed cost of each indicator.
        """
        dates = [range(first.toordinal(), after.toordinal()) for first, after in spans]
        days = np.array([day for run in dates for day in run], dtype=np.int64)
        positions = days - result.first.toordinal()
        midnight = self.local.midnight
        own = [each for each in self.timelines if each.clock == clock]
        own = [each for each in own if wanted is None or each.id in wanted]
        bounds = [(midnight(first), midnight(after)) for first, after in spans]
        table, gone = self.purged.undisturbed(
            lambda: (self.table(clock, *bounds), self.purged.of_dates(own, days))
        )
        on_days = [places(days, at, self.local) for at in counting_instants(clock, table)]
        simple = clock in {"opened", "entered"}  # the row's own instant, whatever the rules
        wakes_at = np.full(len(days), NEVER, dtype=np.int64)
        for timeline in own:
            verdicts, checks = self.judge(timeline, table, now)
            counted_at = verdicts.counted_at
            day = on_days[0][verdicts.row] if simple else places(days, counted_at, self.local)
            names = self.settings.organizations
            sums = tally(timeline, table, verdicts, checks, day, len(days), names)
            result.sums[timeline.id][positions] = sums + gone.get(timeline.id, 0)
            for on_day in on_days:
                inside = on_day[verdicts.row] >= 0
                np.minimum.at(wakes_at, on_day[verdicts.row[inside]], verdicts.wakes_at[inside])
        result.wakes_at[clock][positions] = wakes_at

    def refresh(self, result: Tallies, now: int, changed_since: int | None) -> bool:
        """Bring tallies up to date in place; return whether anything was measured again.

        ``changed_since``: the store's revision at which the tallies were measured; None if the
        store has not changed since. Raises StoreError.
        """
        today = self.today(now)
        dirty = {clock: set[int]() for clock in self.clocks}
        marks = [] if changed_since is None else self.store.revisions.dirty_since(changed_since)
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
            for batch in batches(sorted(inside), DAYS_AT_ONCE):
                self._measure_into(result, clock, list(runs(batch)), now)
                measured_any = True
        return measured_any

    def _grow(self, result: Tallies, days: int) -> None:
        """Add empty days that are due at once, so that the next refresh measures them even if the
        store fails now."""
        if days > 0:
            more = self._empty(result.after, result.after + timedelta(days=days))
            for wakes_at in more.wakes_at.values():
                wakes_at[:] = NEVER_MEASURED
            result.extend(more)

    def figures(
        self,
        result: Tallies,
        period: Period,
        now: int,
        states: dict[str, PollState],
        only: Iterable[str] | None = None,
    ) -> Iterator[Figure]:
        """Yield the figures of a period: each indicator for the whole desk, then by organization.

        ``result`` must hold the dates from ``history_of`` on. ``only``: ids; None for all.
        """
        wanted = None if only is None else set(only)
        today = self.today(now)
        running_year = self.is_running_year(period, now)
        for timeline in self.timelines:
            if wanted is not None and timeline.id not in wanted:
                continue
            names = [None, *self.settings.organizations]
            if not timeline.clock:
                yield from (
                    manual_figure(timeline, period, name, today, self.fiscal) for name in names
                )
                continue
            sums = result.of(timeline.id, period.first, period.after).sum(axis=0)
            progress = self.progress(timeline, period, now, states)
            if purge := self.purged.purge_of(timeline.id, period, now):
                gone = self.today(purge.at)
                nothing = counts(timeline, 0 * sums[0])
                for name in names:
                    yield not_measured(timeline, nothing, period, name, today, gone)
                continue
            for place, name in enumerate(names, start=-1):
                own = None if name is None else place
                part = sums.sum(axis=0) if own is None else sums[own]
                if running_year:
                    progress = replace(progress, left=self.left_of_year(result, timeline, own, now))
                yield measured_figure(
                    timeline, counts(timeline, part), period, name, progress, today
                )

    def progress(
        self, timeline: Timeline, period: Period, now: int, states: Mapping[str, PollState]
    ) -> Progress:
        """Return how far a period has come for an indicator, by the pace so far."""
        start, end = (self.local.midnight(day) for day in (period.first, period.ends))
        until = min(now, self.local.midnight(period.after))
        names = self.sources[timeline.id]
        is_count = kind_of(timeline.versions[0].indicator).is_count
        return Progress(
            share=min(max((now - start) / (end - start), 0.0), 1.0),
            stale=is_stale(self.settings, names, until, states),
            unread=is_unread(names, states),
            read=is_count and self._is_read(timeline, period, now, states),
        )

    def _is_read(
        self, timeline: Timeline, period: Period, now: int, states: Mapping[str, PollState]
    ) -> bool:
        """Whether a period has begun and all sources of an indicator were read completely, with
        records from before its end: then there being none in it is known, too."""
        start, end = self.instants(period)
        names, begins_before = self.sources[timeline.id], self.store.records.begins_before
        complete = bool(names) and all(n in states and states[n].last_success for n in names)
        if not complete or start > now or is_unread(names, states):
            return False
        return any(begins_before(name, cast(Clock, timeline.clock), end) for name in names)

    def is_unknown(self, indicator: str, until: int, states: Mapping[str, PollState]) -> bool:
        """Return whether a source of an indicator was not read up to ``until`` (epoch seconds) or
        never completely, so that missing records do not mean that there were none."""
        sources = self.sources[indicator]
        return is_stale(self.settings, sources, until, states) or is_unread(sources, states)

    def is_running_year(self, period: Period, now: int) -> bool:
        """Return whether a period is the present fiscal year, or that year to date."""
        today = self.today(now)
        year = self.fiscal.year_of(today)
        whole = self.fiscal.first(year), self.fiscal.first(year + 1)
        return (period.first, period.ends) == whole and today in period

    def history_of(self, period: Period, now: int) -> date:
        """Return the first date whose records a period's figures depend on.

        For the running fiscal year that includes the year before: its rest is estimated from it.
        """
        if self.is_running_year(period, now):
            return self.fiscal.first(self.fiscal.year_of(period.first) - 1)
        return period.first

    def passed(self, now: int) -> float:
        """Return the share of the present local month that is over, 0–1."""
        month = month_index(self.today(now))
        start, end = (self.local.midnight(month_start(each)) for each in (month, month + 1))
        return (now - start) / (end - start)

    def known(
        self, result: Tallies, timeline: Timeline, place: int | None, now: int, volume: bool = False
    ) -> History:
        """Return what the tallies show of an indicator by month; see
        :func:`~collector.measuring.engine.tallies.history_by_month`."""
        until = self.today(now), self.passed(now), self.fiscal
        return history_by_month(result, timeline, place, *until, volume=volume)

    def left_of_year(
        self, result: Tallies, timeline: Timeline, place: int | None, now: int
    ) -> float | None:
        """Return how many records are expected in the rest of the fiscal year; ``result`` must hold
        the dates from ``history_of`` on."""
        return expected_left(self.known(result, timeline, place, now, volume=True))
