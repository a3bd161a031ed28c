"""``run``: polls every source on its own interval, measures, and serves until told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Event, Lock
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)

from collector.config.loading.values_file import same_except_values
from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.errors import UserFacingError
from collector.io.stamps import stamp_of
from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.measuring.engine.live import Live, LiveSnapshot
from collector.monitoring.health import Health, HealthMonitor
from collector.monitoring.metrics.collector import Counters
from collector.monitoring.queues import QueuesNow
from collector.monitoring.readings import Readings
from collector.service.asked_polls import AskedPolls
from collector.service.definitions_watch import SUPERSEDED, DefinitionsWatch
from collector.service.delivery_job import AutomaticDelivery
from collector.service.freeze_job import AutomaticFreezing
from collector.service.leading import Alone, Leading, PollsSeen, fresh_sources
from collector.service.purge_job import AutomaticPurging
from collector.service.reader import SourceReader
from collector.service.scheduler import SteadyScheduler
from collector.service.store_watch import StoreWatch
from collector.sources.kit.options import TicketOptions
from collector.store import Store

log = logging.getLogger(__name__)

TICK = 15
"""Seconds between measurements without new data, since deadlines pass and days end anyway."""

WATCH = 5
"""Seconds between looks at the store itself."""

HOOKED = 2
"""Seconds between readings of tickets that messages have named."""

DAY = 86_400
"""Seconds between checks of the whole store."""

STOP_SECONDS = 25.0
"""How long to wait at the end for jobs that run."""

LOOK_BACK = 60
"""Seconds between checks for history that was not measured yet (a first poll may have brought it),
for definitions recorded by another process, and for months to freeze."""

_EVENTS = {
    EVENT_JOB_MISSED: "missed",
    EVENT_JOB_MAX_INSTANCES: "overlapped",
    EVENT_JOB_ERROR: "failed",
}


class Service:
    """Scheduler, polls and live figures on one open store.

    ``clock`` returns epoch seconds; ``tick``: seconds between measurements; ``frozen``: seconds
    after which figures that were not measured again are stale. ``leading``: whether this process
    polls, freezes and delivers, or only serves what another one stores; by default there is none.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Callable[[], int] = now,
        tick: int = TICK,
        frozen: int = FROZEN_AFTER,
        leading: Leading | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.live = Live(Measuring(settings, store))
        self.reread: Callable[[], Settings] | None = None
        self._values_stamp = stamp_of(settings.values_file)
        self.definitions = DefinitionsWatch()
        self.counters = Counters()
        self._monitor = HealthMonitor()
        self.leading = leading or Alone()
        self.watch = StoreWatch(store)
        self._unmeasured: str | None = None
        self._damage: str | None = None
        self.readings = Readings()
        self.queues = QueuesNow(settings, clock)
        self.stopping = Event()
        self._freezing = AutomaticFreezing(clock, self._is_to_end)
        self._purging = AutomaticPurging(clock, self._is_to_end)
        self._delivery = AutomaticDelivery(clock, self._wait)
        self._tick = tick
        self._frozen = frozen
        self._measuring = Lock()
        self._polled: set[str] = set()
        self._polls_seen = PollsSeen()
        self._overlapped: set[str] = set()
        shared = self.queues, self.readings, self._is_to_end
        self._readers = {
            name: SourceReader(name, settings, store, clock, *shared) for name in settings.sources
        }
        self._scheduler = SteadyScheduler(2 * len(settings.sources) + 3, self._clock_was_set)
        self.asked = AskedPolls(self._scheduler)

    def follower(self, settings: Settings) -> Service:
        """Return a service that goes on from this one by other settings, with figures measured.

        Sources whose settings are the same need not be polled again to be relied on. Raises
        StoreError if the store cannot be read.
        """
        new = Service(settings, self.store, self.clock, self._tick, self._frozen, self.leading)
        before, now = self.settings.sources, settings.sources
        new._polled = {n for n in self._polled if n in now and now[n] == before[n]}
        new.counters, new.watch = self.counters, self.watch
        new.live.refresh(self.clock())
        new._monitor.refresh(new.live.measuring, self.clock())
        return new

    def today(self) -> date:
        """Return the current date in the reporting time zone."""
        return self.live.measuring.today(self.clock())

    def start(self) -> None:
        """Start measuring and polling: each source at once, then at its own interval."""
        self._scheduler.add_listener(self._count, sum(_EVENTS))  # a bit for each event
        begin = {"next_run_time": datetime.now(UTC)}

        def every(
            seconds: int, job: Callable[..., None], name: str, *args: str, **how: Any
        ) -> None:
            self._scheduler.add_job(job, "interval", args=args, seconds=seconds, id=name, **how)

        every(min(self._tick, WATCH), self.watch.look, "store", **begin)
        every(self._tick, self.measure, "measure", **begin)
        every(LOOK_BACK, self.look_back, "history", **begin)
        every(LOOK_BACK, self.freeze, "freeze", **begin)
        every(DAY, self.check_store, "check")
        if self.settings.delivery.targets:
            every(LOOK_BACK, self.deliver, "deliver")
        if self.settings.values_file is not None:
            every(self._tick, self.reread_values, "values")
        for name, options in self.settings.sources.items():
            every(options.every, self.poll, f"poll {name}", name, **begin)
            if isinstance(options, TicketOptions) and options.webhook is not None:
                every(HOOKED, self.read_named, f"hooks of {name}", name)
        self._scheduler.start()
        self.leading.on_taken = lambda: self.asked.all_at_once(self.settings.sources)

    def ask_to_stop(self) -> None:
        """Begin nothing new, and wait no longer for a store that does not answer."""
        self.stopping.set()
        self.store.hurry()

    def retire(self) -> bool:
        """Finish each source's page and make room for a follower; return whether all has ended."""
        self.stopping.set()
        return self._scheduler.stop(STOP_SECONDS)

    def stop(self) -> bool:
        """Finish the current page of each source, then stop; return whether all has ended.

        Sources and store have limits of their own, so that only a fault of ours lasts longer.
        """
        self.ask_to_stop()
        return self._scheduler.stop(STOP_SECONDS)

    def poll(self, name: str) -> None:
        """Read one source and measure the result, while this process leads; errors of the source
        are logged and not raised."""
        if not self.leading.leads():
            self.queues.forget(name)  # what they are now, another process knows
            return
        self._readers[name].poll()
        self._polled.add(name)
        if not self.stopping.is_set():
            self.measure()

    def ask_for_poll(self, name: str) -> float | None:
        """Start a poll of a source and return 0, or the seconds until one may be asked for again;
        None where another process polls."""
        return self.asked.ask(name) if self.leading.leads() else None

    def hear(self, name: str, ids: Sequence[str]) -> bool:
        """Remember tickets of a source that have changed; return whether they will be read by this
        process, and not only by the next poll."""
        return self.leading.leads() and self._readers[name].hear(ids)

    def read_named(self, name: str) -> None:
        """Read the tickets of a source that messages have named, and measure what changed."""
        if not self._is_to_end() and self._readers[name].read_named():
            self.measure()

    def measure(self) -> None:
        """Update the figures and the health; if the store fails, the last ones are kept."""
        try:
            with self._measuring:  # the clock is read in turn, so that an earlier instant was set
                now = self.clock()
                self.live.refresh(now)
            self._monitor.refresh(self.live.measuring, now)
            self._polled |= self._polls_seen.since_start(self.live.snapshot)
            if not self.leading.leads():  # what another one reads as planned can be relied on
                self._polled |= fresh_sources(self.settings, now, self.live.snapshot)
            self._unmeasured = None
        except UserFacingError as error:
            self._unmeasured = str(error)
            log.error("measuring failed, keeping the last figures: %s", error)

    def look_back(self) -> None:
        """Measure the history before the exported periods, so that forecasts can be made."""
        try:
            self.check_definitions()
            while not self.stopping.is_set() and self.live.extend(self.clock()):
                pass
            self.measure()
        except UserFacingError as error:
            log.error("the history could not be measured, so there are no forecasts: %s", error)

    def check_store(self) -> None:
        """Look for damage in all that is stored. What is found stays a fault until a later look."""
        try:
            self.store.check()
            self._damage = None
        except UserFacingError as error:
            self._damage = str(error)
            log.error("the daily check of the store failed: %s", error)

    def freeze(self) -> None:
        """Freeze the months that are due, sign them and tell the witnesses; purge what is not kept.

        Waits until every source was polled, and does nothing once other definitions are in force.
        """
        if self._is_to_end() or self.waiting_for():
            return
        if self._freezing.run(self.live.measuring):
            self.measure()
        self._purging.run_if_due(self.live.measuring)

    def deliver(self) -> None:
        """Deliver last month's documents once it is frozen."""
        if not self._is_to_end() and self._delivery.run_if_due(self.live.measuring):
            self.measure()

    def check_definitions(self) -> None:
        """Detect that another process has recorded definitions that differ from ours, which may
        then lead. Raises StoreError if the store cannot be read.
        """
        before = self.definitions.superseded
        self.definitions.look(self.settings, self.store, self.clock())
        if self.definitions.superseded and not before:
            self.leading.step_aside()

    def reread_values(self) -> None:
        """Apply changes in the values file; a file with errors changes nothing."""
        stamp = stamp_of(self.settings.values_file)
        if self.reread is None or stamp == self._values_stamp:
            return
        self._values_stamp = stamp
        try:
            fresh = self.reread()
        except UserFacingError as faulty:
            log.error("the values file has errors, keeping the previous values: %s", faulty)
            return
        if not same_except_values(fresh, self.settings):
            log.warning("the configuration has changed: restart to apply it")
            return
        try:
            register(fresh, self.store, self.clock())
            self.live.remeasure(Measuring(fresh, self.store))
        except UserFacingError as error:
            log.error(
                "the values file could not be applied, keeping the previous values: %s", error
            )
            self._values_stamp = None
            return
        self.settings = fresh
        log.info("the values file was read again")
        self.measure()

    def snapshot(self) -> LiveSnapshot | None:
        """Return the figures to export: the last measured ones, stale if too old by our clock."""
        return self.live.seen(self.clock(), self._frozen)

    def health(self) -> Health:
        """Return the last health; the service leads only while it runs and its store responds."""
        leads, fault = not self._is_to_end(), self.store_fault()
        return replace(
            self._monitor.health,
            leads=leads and fault is None,
            ready=not self.waiting_for(),
            store_answers=fault is None,
            failing=frozenset(n for n, each in self._readers.items() if leads and each.failed),
            held_back=self._delivery.held_back if leads else 0,
        )

    def waiting_for(self) -> list[str]:
        """Return what must still happen before the figures are reliable, one line each."""
        waiting = [f"first poll of {n}" for n in self.settings.sources if n not in self._polled]
        if self.live.snapshot is None:
            waiting.append("first measuring")
        if self.definitions.superseded:
            waiting.append(SUPERSEDED)
        if fault := self.store_fault():
            waiting.append(fault)
        return waiting

    def store_fault(self) -> str | None:
        """Return why the store cannot be read or written now; None if it can."""
        return self.watch.fault or self._damage or self._unmeasured

    def _is_to_end(self) -> bool:
        """Whether to begin nothing that changes the store or anything outside, and to end it."""
        return self.stopping.is_set() or not self.leading.leads()

    def _wait(self, seconds: float) -> bool:
        """Wait before another attempt; return whether to give up."""
        return self.stopping.wait(seconds) or self._is_to_end()

    def _clock_was_set(self, seconds: float) -> None:
        """Note that the machine's clock was set; what was measured ahead of it is measured anew."""
        self.counters.clock_was_set(forward=seconds > 0)
        log.warning(
            "the machine's clock was set %s by %.0f s; polling and measuring go on as planned",
            "forward" if seconds > 0 else "back",
            abs(seconds),
        )

    def _count(self, event: JobEvent) -> None:
        what = _EVENTS[event.code]
        self.counters.add(what)
        if what != "overlapped":
            log.warning("scheduler: %s %s", event.job_id, what)
        elif event.job_id not in self._overlapped:
            self._overlapped.add(event.job_id)
            log.warning("scheduler: %s takes longer than its interval (said once)", event.job_id)
