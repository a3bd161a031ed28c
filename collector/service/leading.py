"""Which of several collectors on one store polls, freezes and delivers; the others stand by."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.measuring.engine.freshness import is_stale
from collector.measuring.engine.live import LiveSnapshot
from collector.store import LEASE_SECONDS, Store

log = logging.getLogger(__name__)

COLLECTOR = "collector"
PROVISIONING = "provisioning"
"""The names of leases: of the collectors that run, and of who writes into Grafana."""
_DOES = "polls, freezes and delivers"
LOOK = 0.5
"""Seconds between looks at a lease that another process holds."""
ASIDE = 5.0
"""Seconds for which a process that steps aside leaves the lease to others."""
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, as the lease runs out meanwhile."""


class Leading(Protocol):
    """Whether this process is the one that moves the sources forward."""

    on_taken: Callable[[], None]
    """Called, in any thread, when it begins to lead."""

    def leads(self) -> bool:
        """Whether it leads now."""

    def step_aside(self) -> None:
        """Let another process lead, if there is one."""


class Alone:
    """Leads always: of a store that no other process has."""

    def __init__(self) -> None:
        self.on_taken: Callable[[], None] = _nothing

    def leads(self) -> bool:
        """Always."""
        return True

    def step_aside(self) -> None:
        """There is nobody else."""


class LeaseKeeper:
    """Takes the lease of a store when it is free, and renews it, in a thread of its own, until the
    end of the block. It belongs to the process and not to a service, which a reload replaces."""

    def __init__(self, store: Store, name: str = COLLECTOR, does: str = _DOES) -> None:
        """``does``: what its holder does, for messages."""
        self.on_taken: Callable[[], None] = _nothing
        self.other: str | None = None
        """Who holds it instead, in words; None if that is this process, or not known."""
        self._lease = store.lease(name)
        self._does = does
        self._seconds = LEASE_SECONDS
        self._until = 0.0
        """Until when the lease is certainly ours, by our own clock; the database's runs from a
        later instant on."""
        self._led: bool | None = None
        self._aside_until = 0.0
        self._failed = False
        self._ended = False
        self._wake = Event()
        self._thread = Thread(target=self._run, daemon=True, name="lease")

    def leads(self) -> bool:
        """Whether the lease is ours now. Also false where it could not be renewed in time."""
        return _running() < self._until

    def step_aside(self) -> None:
        """Give the lease up, and leave it to others for ASIDE seconds."""
        self._aside_until = _running() + ASIDE
        self._until = 0.0
        self._wake.set()

    def __enter__(self) -> LeaseKeeper:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._wake.set()
        self._thread.join(self._seconds)
        self._until = 0.0
        with suppress(UserFacingError):  # it runs out by itself
            self._lease.release()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._pause())
            self._wake.clear()
            if self._ended:
                return
            try:
                self._look()
            except Exception as error:  # without this thread nobody would poll any more
                log.error("the lease could not be renewed: unexpected %s", type(error).__name__)
                self._failed = True

    def _pause(self) -> float:
        return LOOK if self._failed or not self.leads() else min(self._seconds / 3, ASIDE)

    def _look(self) -> None:
        """Take or renew the lease; errors of the store are told by whoever watches it."""
        asked, led = _running(), self.leads()
        try:
            if asked < self._aside_until:
                self._until = 0.0
                self._lease.release()
                return
            held = self._lease.take(self._seconds)
            self.other = None if held else self._lease.holder()
            self._failed = False
        except UserFacingError as error:
            log.debug("the lease could not be renewed: %s", error)
            self._failed = True
            return
        self._until = asked + self._seconds if held else 0.0
        self._tell(held)
        if held and not led:
            self.on_taken()

    def _tell(self, held: bool) -> None:
        if held and self._led is False:
            log.info("this process leads now: it %s", self._does)
        elif not held and self._led is not False:
            log.info("standing by: %s %s", self.other or "another process", self._does)
        self._led = held


class PollsSeen:
    """Which sources were polled while this process watched, by whichever process."""

    def __init__(self) -> None:
        self._first: Mapping[str, object] | None = None

    def since_start(self, snapshot: LiveSnapshot | None) -> set[str]:
        """Return those of which a poll has ended since the first call."""
        states = {} if snapshot is None else snapshot.sources
        ends = {name: (each.last_success, each.last_failure) for name, each in states.items()}
        if self._first is None:
            self._first = ends
        first = self._first
        return {name for name, end in ends.items() if end != first.get(name, (None, None))}


def fresh_sources(settings: Settings, now: int, snapshot: LiveSnapshot | None) -> set[str]:
    """Return the sources that were read so lately, before ``now`` (epoch seconds), that they are
    not stale."""
    states = {} if snapshot is None else snapshot.sources
    read = (name for name in settings.sources if name in states and states[name].last_success)
    return {name for name in read if not is_stale(settings, [name], now, states)}


def _running() -> float:
    return time.clock_gettime(_CLOCK)


def _nothing() -> None:
    pass
