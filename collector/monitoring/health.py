"""How the service fares beside its figures: frozen months, deliveries, Grafana, and who leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from collector.measuring.engine.engine import Measuring
from collector.snapshot.schedule import Months
from collector.store import DeliveryState, PollResult, ProvisionState


@dataclass(frozen=True, slots=True)
class Health:
    """What the service says of itself; never altered, so a scrape only reads it.

    ``leads``: see :class:`Leadership`. ``provision``: where the Grafana stands that boards are put
    into; None without one, or before the first time. ``deliveries``: how those of documents stand,
    by target. ``last_month_frozen``: when the last finished month was first frozen whole (epoch
    seconds); 0 where it is not, None where it lies before the first record. ``months_missing``:
    how many finished months should have been frozen so and are not; None before the first look.
    """

    leads: bool = False
    provision: ProvisionState | None = None
    deliveries: Mapping[str, DeliveryState] = field(default_factory=dict)
    last_month_frozen: int | None = None
    months_missing: int | None = None


class HealthMonitor:
    """Reads from the store what :class:`Health` says, once in a cycle of measuring."""

    def __init__(self) -> None:
        self.health = Health()
        self._months = Months()
        self._lock = Lock()

    def refresh(self, measuring: Measuring, now: int) -> Health:
        """Publishes the state at ``now`` (epoch seconds). Raises StoreError; the last one then
        stays."""
        settings, store = measuring.settings, measuring.store
        with self._lock:
            frozen, missing = self._months.standing(measuring, now)
            grafana, targets = settings.grafana, settings.delivery.targets
            self.health = Health(
                provision=None if grafana is None else store.provisions.state(grafana.url),
                deliveries=store.deliveries.states() if targets else {},
                last_month_frozen=frozen,
                months_missing=missing,
            )
            return self.health


class Leadership:
    """Whether this process is the one that moves the sources forward.

    It is once it has moved a cursor or found nothing to move, as long as its last drain of no
    source ended because another process had moved the cursor. A source that does not answer
    changes nothing: nobody else moves it forward either.
    """

    def __init__(self) -> None:
        self._ours: dict[str, bool] = {}

    def moved(self, source: str) -> None:
        """This process has just stored a page of the source."""
        self._ours[source] = True

    def drained(self, result: PollResult) -> None:
        """A drain by this process has ended."""
        if result.overtaken:
            self._ours[result.source] = False
        elif result.ok:
            self._ours[result.source] = True

    def leads(self) -> bool:
        """Whether it does, by what its own drains met."""
        ours = list(self._ours.values())
        return bool(ours) and all(ours)
