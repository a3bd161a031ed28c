"""Reads one source for the service: polls, parts of sweeps, and tickets named by messages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic

from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.monitoring.queues import QueuesNow
from collector.monitoring.readings import Readings
from collector.service.drain import drain, log_poll
from collector.service.hooks import WaitingTickets, read_tickets
from collector.service.poll import build_source
from collector.service.sweep import is_due, sweep
from collector.sources.kit.contract import Source
from collector.sources.kit.source import TicketSource
from collector.store import PollResult, Store

log = logging.getLogger(__name__)

SWEEP_SECONDS = 10.0
"""How long a sweep goes on after a poll before it waits for the next one."""


class SourceReader:
    """Reads one source, only one thing at a time.

    ``clock`` returns epoch seconds. ``stop``: whether to end what is under way after its page.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        store: Store,
        clock: Callable[[], int],
        queues: QueuesNow,
        readings: Readings,
        stop: Callable[[], bool],
    ) -> None:
        self._name = name
        self._settings = settings
        self._store = store
        self._clock = clock
        self._queues = queues
        self._readings = readings
        self._stop = stop
        self._busy = Lock()
        self.failed = False
        """Whether the last poll failed, which a store that cannot be written does not know."""
        self._waiting = WaitingTickets()

    def poll(self) -> None:
        """Drain the source, then go on with a sweep that is due.

        Its errors are logged and not raised.
        """
        started, name = self._clock(), self._name
        with self._busy, self._readings.of(name):
            try:
                source = build_source(self._settings, name)
                result = drain(
                    source,
                    self._store,
                    clock=self._clock,
                    stop=self._stop,
                    on_page=lambda page, _: self._queues.saw(name, page.queues),
                    on_read=lambda page: self._readings.saw(name, page),
                )
                if result.ok and not result.stopped:
                    self._sweep(source)
            except UserFacingError as error:
                result = PollResult(
                    source=name,
                    started_at=started,
                    finished_at=self._clock(),
                    ok=False,
                    error=str(error),
                    fault=error.fault,
                )
                log.error("%s: poll failed: %s", name, error)
                log_poll(result, self._store)
        self.failed = not result.ok and not result.overtaken
        if self.failed:
            self._queues.forget(name)
        if result.changed:
            log.info("%s: %d records, %d new or changed", name, result.records, result.changed)

    def _sweep(self, source: Source) -> None:
        """Go on with a sweep for a while: a poll has just read what the feed tells, so that what is
        still different is what it does not tell. Half of any limit of requests is left to polls. A
        failure does not make the poll fail."""
        options = self._settings.sources[self._name]
        if not isinstance(source, TicketSource):
            return
        try:
            now = self._clock()
            state = self._store.sweeps.begun(self._name, now)
            if not is_due(options, state, self._settings.timezone, now):
                return
        except UserFacingError as error:
            log.error("%s: no reconciliation: %s", self._name, error)
            return
        end = monotonic() + min(SWEEP_SECONDS, options.every / 2)
        sweep(
            source,
            self._store,
            clock=self._clock,
            stop=lambda: self._stop() or monotonic() >= end or source.is_scarce(),
        )

    def hear(self, ids: Sequence[str]) -> bool:
        """Remember tickets that have changed by a message; return whether there was room."""
        return self._waiting.add(ids)

    def read_named(self) -> bool:
        """Read the tickets that messages have named, unless the source is being read just now.

        Where few requests are left, they are left to the next poll: a bulk update sends a message
        for each ticket. Return whether any of them changed. Errors are logged and not raised.
        """
        if not self._waiting or not self._busy.acquire(blocking=False):
            return False
        try:
            source = build_source(self._settings, self._name)
            if not isinstance(source, TicketSource):
                return False
            ids = self._waiting.take()
            return not source.is_scarce() and read_tickets(source, self._store, ids).changed > 0
        except UserFacingError as error:
            log.error("%s: reading after a message failed: %s", self._name, error)
            return False
        finally:
            self._busy.release()
