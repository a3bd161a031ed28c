"""The current figures: kept up to date with the store and published as one immutable snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Lock

from collector.measuring.engine.comparing import compared, needed_from
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import history_start, with_outlooks
from collector.measuring.engine.freshness import (
    FROZEN_AFTER,
    is_stale,
    is_unread,
    last_readings,
    staleness,
    with_true_ages,
)
from collector.measuring.engine.hours import is_open, next_change, working_days
from collector.measuring.engine.months import MonthlyFigures
from collector.measuring.engine.open_work import OpenWork, open_work
from collector.measuring.engine.spans import CHUNK
from collector.measuring.engine.tallies import Tallies
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.statistics import binomial_threshold
from collector.model.periods import EXPORTED, FiscalYear, Period, parse_period
from collector.store import PollState


@dataclass(frozen=True, slots=True)
class LiveSnapshot:
    """All that is exported, as measured at ``now`` (epoch seconds).

    ``day_start``: when the local day of today began (epoch seconds). ``calendar_open``: whether
    each calendar is open. ``next_change``: by calendar and ``open`` or ``closed``, when it next
    becomes so (epoch seconds). ``working_days``: by calendar, on how many days of the month up to
    and including today it has open hours. ``misses_threshold``: for each share with a lower limit,
    how many misses today are more than chance (``statistics.binomial_threshold``). ``stale``: of
    tickets and calls, see ``freshness.staleness``. ``quiet``: by source, the seconds of business
    time since its newest record.
    """

    now: int
    day_start: int
    figures: tuple[Figure, ...]
    open_work: OpenWork
    calendar_open: dict[str, bool]
    next_change: dict[tuple[str, str], int]
    working_days: dict[str, int]
    misses_threshold: dict[str, int]
    sources: dict[str, PollState]
    stale: dict[str, bool]
    quiet: dict[str, int]
    months: tuple[Figure, ...] = ()


_PATIENCE = 2.0
"""How many seconds a page waits for a refresh that is being made."""


class Live:
    """Measures the exported periods repeatedly, each time only what changed.

    ``refresh`` and ``extend`` may run in another thread than the readers of ``snapshot``.
    """

    def __init__(self, measuring: Measuring) -> None:
        self.measuring = measuring
        self._complete = False  # the tallies hold the whole history
        self.snapshot: LiveSnapshot | None = None
        self._tallies: Tallies | None = None
        self._revision = -1
        self._shown: object = None
        self._measured = False  # tallies are newer than the figures
        self._figures: tuple[Figure, ...] = ()
        self._monthly = MonthlyFigures()
        self._months: tuple[Figure, ...] = ()
        self._thresholds: dict[str, int] = {}
        self._present = OpenWork()
        self._aged: tuple[LiveSnapshot, LiveSnapshot] | None = None
        self._read: dict[str, int] = {}  # the last readings that _present is based on
        self._lock = Lock()

    def seen(self, now: int, frozen: int = FROZEN_AFTER) -> LiveSnapshot | None:
        """Return the snapshot to show at ``now`` (epoch seconds); None before the first one.

        Once it is older than ``frozen`` seconds, such as when the store does not answer, it is
        marked stale; so it is where it lies as far ahead, since the clock was set back.
        """
        snapshot = self.snapshot
        if snapshot is None or abs(now - snapshot.now) <= frozen:
            return snapshot
        if self._aged is None or self._aged[0] is not snapshot:
            self._aged = snapshot, marked_stale(snapshot)
        return self._aged[1]

    def last_reads(self) -> dict[str, int]:
        """Return when each source was last read to its end (epoch seconds), if it ever was, as of
        the last refresh."""
        states = self.snapshot.sources if self.snapshot else {}
        return {name: s.last_success for name, s in states.items() if s.last_success is not None}

    def remeasure(self, measuring: Measuring) -> None:
        """Use a configuration that differs only in values entered by hand; keep the tallies."""
        with self._lock:
            self.measuring = measuring
            self._measured = self._tallies is not None

    def refresh(
        self, now: int, on_progress: Callable[[float], None] = lambda share: None
    ) -> LiveSnapshot:
        """Measure what changed since the last time, publish a new snapshot and return it.

        0. If ``now`` lies before the last refresh, the clock was set back: begin anew, since what
           was measured holds verdicts about a time that is still to come.
        1. Read the revision first: what is stored after that is found by the next refresh.
        2. Measure the dates that changed, whose deadlines have passed, or that are new.
        3. Compute the figures again if anything was measured, the staleness of a source changed, or
           a new hour began.

        ``now``: epoch seconds. ``on_progress`` gets the share done, 0–1.
        Raises StoreError if the store fails; the last snapshot then stays.
        """
        with self._lock:
            if self.snapshot is not None and now < self.snapshot.now:
                self._begin_anew()
            revision = self.measuring.store.revisions.latest()
            changed = self._measure(now, revision, on_progress)
            self._measured = self._measured or changed
            told = self.measuring.store.polls.states()
            states = with_true_ages(now, told)
            shown = (self._stale(now, states), now // 3600)
            if self._measured or shown != self._shown:
                self._figures = self._all_figures(now, states)
                self._months = self._all_months(now, states)
                self._thresholds = _thresholds(self._figures)
                self._shown, self._measured = shown, False
            changed = changed or revision != self._revision or now >= self._present.until
            if changed or (self._present.unread and last_readings(states) != self._read):
                self._present = open_work(self.measuring, now, states)
                self._read = last_readings(states)
            self._revision = revision
            self.snapshot = LiveSnapshot(
                now=now,
                day_start=self.measuring.local.midnight(self.measuring.today(now)),
                figures=self._figures,
                open_work=self._present,
                calendar_open={
                    name: is_open(self.measuring, name, now)
                    for name in self.measuring.settings.calendars
                },
                next_change=self._next_change(now),
                working_days=self._working_days(now),
                misses_threshold=self._thresholds,
                sources=told,
                stale=staleness(self.measuring.settings, now, states),
                quiet=self._quiet(now, states),
                months=self._months,
            )
            return self.snapshot

    def figures_of(
        self, indicator: str, period: Period, now: int, frozen: int = FROZEN_AFTER
    ) -> list[Figure] | None:
        """Return the figures of any period, of the whole desk and of each organization, from the
        tallies that are kept; with comparisons as far as the history reaches. None if the period
        lies before them, before the first refresh, and while a refresh takes long. Once the last
        refresh is older than ``frozen`` seconds, those of a period that ran then are stale, however
        new the sources are: the tallies are not, see ``seen``.

        ``now``: epoch seconds. Raises StoreError if the store cannot be read.
        """
        if self.snapshot is None or not self._lock.acquire(timeout=_PATIENCE):
            return None
        try:
            measuring, tallies = self.measuring, self._tallies
            if tallies is None or not self._reaches(measuring.history_of(period, now)):
                return None
            states = with_true_ages(now, measuring.store.polls.states())
            figures = list(measuring.figures(tallies, period, now, states, [indicator]))
            measured = self.snapshot.now
            if abs(now - measured) > frozen and period.after > measuring.today(measured):
                figures = [_stale_figure(each) for each in figures]
            if not self._reaches(needed_from(measuring, period, now)):
                return figures
            return compared(measuring, figures, tallies, period, now, states)
        finally:
            self._lock.release()

    def _reaches(self, first: date) -> bool:
        """Whether the tallies hold all records from a date on."""
        assert self._tallies is not None
        if first >= self._tallies.first:
            return True
        span = self.measuring.store.records.span()
        return span is None or self.measuring.today(span[0]) >= self._tallies.first

    def _measure(self, now: int, revision: int, on_progress: Callable[[float], None]) -> bool:
        today = self.measuring.today(now)
        if self._tallies is None:
            after = today + timedelta(days=1)
            first = window_start(today, self.measuring.fiscal)
            self._complete = False
            self._tallies = self.measuring.tallies(first, after, now, on_progress)
            return True
        since = self._revision if revision != self._revision else None
        return self.measuring.refresh(self._tallies, now, since)

    def extend(self, now: int) -> bool:
        """Measure one more chunk of the history before the tallies; return whether there was one.

        Call it repeatedly after the first refresh until it returns False. Figures have an outlook
        only once the history is complete, since a partial history would give another one.
        ``now``: epoch seconds. Raises StoreError if the store fails.
        """
        tallies = self._tallies
        if tallies is None:
            return False
        begin = history_start(self.measuring, now)
        revision = self.measuring.store.revisions.latest()
        first = max(begin, tallies.first - CHUNK)
        if first >= tallies.first:
            self._measured = self._measured or not self._complete
            self._complete = True
            return False
        self._complete = False
        more = self.measuring.tallies(first, tallies.first, now)
        with self._lock:
            tallies.extend(more)
            # a refresh meanwhile did not cover this chunk: let the next one look at all changes
            self._revision = min(self._revision, revision)
        return True

    def _begin_anew(self) -> None:
        self._tallies, self._revision = None, -1
        self._complete = False
        self._monthly = MonthlyFigures()

    def _stale(self, now: int, states: dict[str, PollState]) -> list[tuple[bool, bool]]:
        measuring = self.measuring
        return [
            (is_stale(measuring.settings, names, now, states), is_unread(names, states))
            for names in measuring.sources.values()
        ]

    def _all_figures(self, now: int, states: dict[str, PollState]) -> tuple[Figure, ...]:
        tallies = self._tallies
        assert tallies is not None
        found: list[Figure] = []
        for name in EXPORTED:
            period = self.measuring.period(name, now)
            figures = self.measuring.figures(tallies, period, now, states)
            if self._complete and self.measuring.is_running_year(period, now):
                figures = with_outlooks(self.measuring, figures, tallies, now, states)
            found += figures
        return tuple(found)

    def _all_months(self, now: int, states: dict[str, PollState]) -> tuple[Figure, ...]:
        assert self._tallies is not None
        return self._monthly.of(self.measuring, self._tallies, now, states)

    def _next_change(self, now: int) -> dict[tuple[str, str], int]:
        return {
            (name, to): at
            for name in self.measuring.settings.calendars
            for to in ("open", "closed")
            if (at := next_change(self.measuring, name, now, to_open=to == "open")) is not None
        }

    def _quiet(self, now: int, states: dict[str, PollState]) -> dict[str, int]:
        measuring, settings = self.measuring, self.measuring.settings
        name = settings.alerts.calendar or next(iter(settings.calendars), None)
        if name is None:
            return {}
        hours = measuring.hours(name, now)
        return {
            source: max(0, hours.elapsed(state.newest_record_at, now))
            for source, state in states.items()
            if source in settings.sources and state.newest_record_at is not None
        }

    def _working_days(self, now: int) -> dict[str, int]:
        today = self.measuring.today(now)
        calendars = self.measuring.settings.calendars
        return {name: working_days(self.measuring, name, today) for name in calendars}


def marked_stale(snapshot: LiveSnapshot) -> LiveSnapshot:
    """Return the snapshot marked stale: values stay, states are stale, and of what is expected only
    forecasts entered by hand remain. Months that were over stay as they were."""
    present = max((figure.period.first for figure in snapshot.months), default=None)
    return replace(
        snapshot,
        figures=tuple(map(_stale_figure, snapshot.figures)),
        months=tuple(
            _stale_figure(each) if each.period.first == present else each
            for each in snapshot.months
        ),
        stale=dict.fromkeys(snapshot.stale, True),
    )


def _stale_figure(figure: Figure) -> Figure:
    return replace(
        figure,
        state="stale" if figure.state else None,
        misses_left=None,
        left=None,
        required=None,
        outlook=figure.outlook if figure.outlook and figure.outlook.given else None,
    )


def _thresholds(figures: Iterable[Figure]) -> dict[str, int]:
    """The misses per day that a desk just on target has by chance on at most 1 % of days."""
    return {
        figure.indicator: binomial_threshold(figure.eligible, 1 - figure.threshold)
        for figure in figures
        if figure.period.name == "today"
        and figure.organization is None
        and figure.unit == "ratio"
        and figure.threshold is not None
        and figure.target is not None
        and figure.target.higher_is_better
    }


def window_start(today: date, fiscal: FiscalYear) -> date:
    """Return the first date whose records the exported figures depend on; the records expected in
    the rest of the year are estimated from the year before."""
    first = min(parse_period(name, today, fiscal).first for name in EXPORTED)
    return min(first, fiscal.first(fiscal.year_of(today) - 1))
