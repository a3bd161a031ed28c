"""The service's health apart from its figures: frozen months, deliveries, Grafana, leadership."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from collector.measuring.engine.engine import Measuring
from collector.snapshot.schedule import Months
from collector.store import DeliveryState, ProvisionState, SweepState


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the service at one instant; immutable, so that a scrape only reads it.

    ``leads``: this process is the one that moves the sources forward. ``provision``: the result of
    the last run of provision; None without a Grafana or before the first run. ``deliveries``: the
    state of document deliveries by target. ``last_month_frozen``: when the last finished month was
    first frozen complete (epoch seconds); 0 if it was not, None if it lies before the first record.
    ``months_missing``: how many finished months should have been frozen and were not, or last month
    incompletely; None before the first refresh. ``sweeps``: those of each source that has any.
    ``ready``: nothing must still happen, or happen again, before the figures are reliable.
    ``store_answers``: the store can be read and written. ``failing``: the sources whose last poll
    by this process failed. ``backed_up``: when the last backup of the store began (epoch seconds).
    ``store_clock_skew``: seconds by which the database's clock is ahead of ours; None where it has
    none of its own. ``held_back``: how many documents of last month, by language, this process
    would deliver if they were final.
    """

    leads: bool = False
    provision: ProvisionState | None = None
    deliveries: Mapping[str, DeliveryState] = field(default_factory=dict)
    last_month_frozen: int | None = None
    months_missing: int | None = None
    sweeps: Mapping[str, SweepState] = field(default_factory=dict)
    ready: bool = False
    store_answers: bool = True
    failing: frozenset[str] = frozenset()
    backed_up: int | None = None
    store_clock_skew: float | None = None
    held_back: int = 0


class HealthMonitor:
    """Reads :class:`Health` from the store, once in each measuring cycle."""

    def __init__(self) -> None:
        self.health = Health()
        self._months = Months()
        self._lock = Lock()

    def refresh(self, measuring: Measuring, now: int) -> Health:
        """Read and publish the state at ``now`` (epoch seconds).

        Raises StoreError when the store fails; the previous state then stays published.
        """
        settings, store = measuring.settings, measuring.store
        with self._lock:
            frozen, missing = self._months.standing(measuring, now)
            grafana, targets = settings.grafana, settings.watched_deliveries
            self.health = Health(
                provision=None if grafana is None else store.provisions.state(grafana.url),
                deliveries=store.deliveries.states() if targets else {},
                last_month_frozen=frozen,
                months_missing=missing,
                sweeps=store.sweeps.states(),
                backed_up=store.backups.last(),
                store_clock_skew=store.clock_skew(),
            )
            return self.health
