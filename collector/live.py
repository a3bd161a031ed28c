"""The figures of now: kept true to the store, published as one snapshot that is never altered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Lock

import numpy as np

from collector.forecasting import Forecasting, history_start
from collector.freshness import is_stale, is_unread
from collector.indicators.figures import Figure
from collector.indicators.judging import deadlines_ahead
from collector.indicators.periods import EXPORTED, FiscalYear, parse_period
from collector.indicators.selection import excluded_for, priority_in_force, with_priorities
from collector.indicators.verdicts import NEVER, Yardstick
from collector.measuring import CHUNK, Measuring
from collector.store import PollState
from collector.tables import Int64, TicketTable
from collector.tallies import Tallies


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """The open tickets of one priority and organization.

    ``overdue`` have a running clock past its limit; ``next_deadline`` (epoch seconds) is the
    earliest one still ahead, None where none runs.
    """

    open: int
    overdue: int
    next_deadline: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is exported, as it was measured at ``now`` (epoch seconds)."""

    now: int
    figures: tuple[Figure, ...]
    open_tickets: dict[tuple[str, str], OpenTickets]
    business_hours: dict[str, bool]
    sources: dict[str, PollState]


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
        self._open: dict[tuple[str, str], OpenTickets] = {}
        self._open_until = 0
        self._lock = Lock()

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
            revision = self.measuring.store.revision()
            changed = self._measure(now, revision, on_progress)
            self._measured = self._measured or changed
            states = self.measuring.store.poll_states()
            shown = (self._stale(now, states), now // 3600)
            if self._measured or shown != self._shown:
                self._figures = self._all_figures(now, states)
                self._shown, self._measured = shown, False
            if changed or revision != self._revision or now >= self._open_until:
                self._measure_open(now)
            self._revision = revision
            self.snapshot = Snapshot(
                now=now,
                figures=self._figures,
                open_tickets=self._open,
                business_hours={
                    name: self.measuring.is_open(name, now)
                    for name in self.measuring.settings.calendars
                },
                sources=states,
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
        begin, revision = history_start(self.measuring, now), self.measuring.store.revision()
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

    def _measure_open(self, now: int) -> None:
        """Count the open tickets, those overdue, and the deadlines ahead."""
        measuring = self.measuring
        table = measuring.store.open_tickets()
        overdue = np.zeros(len(table), dtype=np.bool_)
        ahead = np.full(len(table), NEVER, dtype=np.int64)
        for timeline in measuring.timelines:
            for row, due in deadlines_ahead(timeline, table, now, measuring.local):
                overdue[row] |= due < now
                np.minimum.at(ahead, row, np.where(due >= now, due, NEVER))
        self._open_until = int(ahead.min(initial=NEVER)) + 1
        self._open = {
            (priority, organization): OpenTickets(0, 0, None)
            for priority in measuring.settings.priorities
            for organization in measuring.settings.organizations
        }
        today = measuring.today(now)
        rules = measuring.settings.general_rules(today)
        general = replace(measuring.timelines[0].on(today), rules=rules)
        for key, rows in _grouped(general, table).items():
            next_due = int(ahead[rows].min(initial=NEVER))
            self._open[key] = OpenTickets(
                open=len(rows),
                overdue=int(overdue[rows].sum()),
                next_deadline=None if next_due == NEVER else next_due,
            )


def _grouped(general: Yardstick, table: TicketTable) -> dict[tuple[str, str], Int64]:
    """Rows of a table by priority and organization; what a ticket lacks is an empty text.

    ``general`` has the rules for all. What ``exclude`` names is left out.
    """
    table = with_priorities(general, table)
    codes: dict[tuple[str, str], list[int]] = {}
    for code in np.unique(table.profile).tolist():
        profile = table.profiles[code]
        if not any(excluded_for(name, profile, general) for name in general.exclude):
            key = priority_in_force(profile, general) or "", profile.organization or ""
            codes.setdefault(key, []).append(code)
    return {key: np.flatnonzero(np.isin(table.profile, codes[key])) for key in sorted(codes)}


def window_start(today: date, fiscal: FiscalYear) -> date:
    """The first date that the exported figures rest on: what is expected of the rest of the year
    goes by the year before."""
    first = min(parse_period(name, today, fiscal).first for name in EXPORTED)
    return min(first, fiscal.first(fiscal.year_of(today) - 1))
