"""The figures of now: kept true to the store, published as one snapshot that is never altered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Lock

from collector.measuring.engine.engine import CHUNK, Measuring
from collector.measuring.engine.forecasting import Forecasting, history_start
from collector.measuring.engine.freshness import FROZEN, is_stale, is_unread, readings, staleness
from collector.measuring.engine.open_work import Present, present
from collector.measuring.engine.tallies import Tallies
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.statistics import binomial_threshold
from collector.model.periods import EXPORTED, FiscalYear, parse_period
from collector.store import PollState


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is exported, as it was measured at ``now`` (epoch seconds).

    ``day_start``: when the local day began that counts as today (epoch seconds).
    ``next_change``: per calendar and ``open`` or ``closed`` when it next becomes so.
    ``working_days``: per calendar on how many days of the month it has been open, with today.
    ``misses_threshold``: per share that shall be high, how many misses of today are more than
    chance (``chance.binomial_threshold``). ``stale``: of tickets and calls whether they are
    (``freshness.staleness``). ``quiet``: per source the seconds of open time since its newest
    record.
    """

    now: int
    day_start: int
    figures: tuple[Figure, ...]
    present: Present
    business_hours: dict[str, bool]
    next_change: dict[tuple[str, str], int]
    working_days: dict[str, int]
    misses_threshold: dict[str, int]
    sources: dict[str, PollState]
    stale: dict[str, bool]
    quiet: dict[str, int]


class Live:
    """Measures the exported periods, again and again, as little as possible each time."""

    def __init__(self, measuring: Measuring) -> None:
        self.measuring = measuring
        self._forecasting = Forecasting(measuring)
        self._complete = False  # the tallies hold all the history there is
        self.snapshot: Snapshot | None = None
        self._tallies: Tallies | None = None
        self._revision = -1
        self._shown: object = None
        self._measured = False  # tallies are newer than the figures
        self._figures: tuple[Figure, ...] = ()
        self._thresholds: dict[str, int] = {}
        self._present = Present()
        self._aged: tuple[Snapshot, Snapshot] | None = None
        self._read: dict[str, int] = {}  # the readings that it is told as of
        self._lock = Lock()

    def seen(self, now: int, frozen: int = FROZEN) -> Snapshot | None:
        """The snapshot as it may be shown at ``now``: stale once it is older than ``frozen``
        seconds, as when the store does not answer."""
        snapshot = self.snapshot
        if snapshot is None or now - snapshot.now <= frozen:
            return snapshot
        if self._aged is None or self._aged[0] is not snapshot:
            self._aged = snapshot, aged(snapshot)
        return self._aged[1]

    def remeasure(self, measuring: Measuring) -> None:
        """Go on by a configuration that differs only in what people give: tallies stay."""
        with self._lock:
            self.measuring = measuring
            self._forecasting = Forecasting(measuring)
            self._measured = self._tallies is not None

    def refresh(
        self, now: int, on_progress: Callable[[float], None] = lambda share: None
    ) -> Snapshot:
        """Measure what changed since the last time and publish a new snapshot.

        1. Read the revision first: what is stored from here on is found by the next refresh.
        2. Measure the dates that changed, whose deadlines have passed, or that are new.
        3. Make figures anew if anything was measured, a source became stale, or an hour passed.

        Raises StoreError; the last snapshot then stays.
        """
        with self._lock:
            revision = self.measuring.store.revisions.latest()
            changed = self._measure(now, revision, on_progress)
            self._measured = self._measured or changed
            states = self.measuring.store.polls.states()
            shown = (self._stale(now, states), now // 3600)
            if self._measured or shown != self._shown:
                self._figures = self._all_figures(now, states)
                self._thresholds = _thresholds(self._figures)
                self._shown, self._measured = shown, False
            changed = changed or revision != self._revision or now >= self._present.until
            if changed or (self._present.unread and readings(states) != self._read):
                self._present = present(self.measuring, now, states)
                self._read = readings(states)
            self._revision = revision
            self.snapshot = Snapshot(
                now=now,
                day_start=self.measuring.local.midnight(self.measuring.today(now)),
                figures=self._figures,
                present=self._present,
                business_hours={
                    name: self.measuring.is_open(name, now)
                    for name in self.measuring.settings.calendars
                },
                next_change=self._next_change(now),
                working_days=self._working_days(now),
                misses_threshold=self._thresholds,
                sources=states,
                stale=staleness(self.measuring.settings, now, states),
                quiet=self._quiet(now, states),
            )
            return self.snapshot

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
        """Measure a stretch of the history before what is there; whether there was one.

        Until all is there the figures have no outlook: half a history would give another one.
        Call it again and again, after the first refresh. Raises StoreError.
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
            # what changed since the stretch was read, a refresh may not have seen there
            self._revision = min(self._revision, revision)
        return True

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
                figures = self._forecasting.beside(figures, tallies, now, states)
            found += figures
        return tuple(found)

    def _next_change(self, now: int) -> dict[tuple[str, str], int]:
        return {
            (name, to): at
            for name in self.measuring.settings.calendars
            for to in ("open", "closed")
            if (at := self.measuring.next_change(name, now, to_open=to == "open")) is not None
        }

    def _quiet(self, now: int, states: dict[str, PollState]) -> dict[str, int]:
        measuring, settings = self.measuring, self.measuring.settings
        name = settings.alerts.calendar or next(iter(settings.calendars), None)
        if name is None:
            return {}
        hours = measuring.calendar(settings.calendars[name].in_force(measuring.today(now)))
        return {
            source: max(0, hours.elapsed(state.newest_record_at, now))
            for source, state in states.items()
            if source in settings.sources and state.newest_record_at is not None
        }

    def _working_days(self, now: int) -> dict[str, int]:
        today = self.measuring.today(now)
        calendars = self.measuring.settings.calendars
        return {name: self.measuring.working_days(name, today) for name in calendars}


def aged(snapshot: Snapshot) -> Snapshot:
    """A snapshot that nothing was measured for any more: what it says was so once, and of what is
    expected only what people say remains (DESIGN §6, rule 11)."""
    figures = tuple(
        replace(
            figure,
            state="stale" if figure.state else None,
            misses_left=None,
            left=None,
            required=None,
            outlook=figure.outlook if figure.outlook and figure.outlook.given else None,
        )
        for figure in snapshot.figures
    )
    return replace(snapshot, figures=figures, stale=dict.fromkeys(snapshot.stale, True))


def _thresholds(figures: Iterable[Figure]) -> dict[str, int]:
    """How many misses of today a desk that just reaches its target has on one day of a hundred."""
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
    """The first date that the exported figures rest on: what is expected of the rest of the year
    goes by the year before."""
    first = min(parse_period(name, today, fiscal).first for name in EXPORTED)
    return min(first, fiscal.first(fiscal.year_of(today) - 1))
