"""Automatic delivery of last month's documents as soon as the month is frozen."""

from __future__ import annotations

import logging
from collections.abc import Callable

from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.model.bilingual import Language
from collector.model.periods import Period, canonical_period
from collector.report.delivery.bundles import parcels
from collector.report.delivery.deliver import deliver
from collector.report.office import read_office
from collector.snapshot import amendments, first_freeze
from collector.snapshot.chain import of_period, of_same_year
from collector.store import DeliveryKey, Store

log = logging.getLogger(__name__)

AGAIN = 3600
"""Seconds from a failed attempt to the next."""


class AutomaticDelivery:
    """Delivers last month as it was frozen, if it was complete then.

    Delivering an incomplete month, or an amendment frozen after a delivery, is left to people.
    Several processes may run at once, since the ledger assigns each delivery to one of them.

    ``clock`` returns epoch seconds. ``sleep`` waits so many seconds; a true result means give up.
    """

    def __init__(self, clock: Callable[[], int], sleep: Callable[[float], object]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._tried: int | None = None

    def run_if_due(self, measuring: Measuring) -> bool:
        """Deliver what was not delivered yet; return whether anything was attempted.

        A UserFacingError is logged and not raised; the next attempt is an hour later.
        """
        now, delivery = self._clock(), measuring.settings.delivery
        if not (delivery.automatic and delivery.targets) or not self._may_try(now):
            return False
        month = canonical_period(measuring.period("last_month", now), measuring.fiscal)
        try:
            languages = _waiting(measuring.settings, measuring.store, month)
            if languages:
                self._tried = now
                self._deliver(measuring.settings, measuring.store, month, languages)
            return bool(languages)
        except UserFacingError as problem:
            self._tried = now
            log.error("%s could not be delivered; trying again in an hour: %s", month.name, problem)
        return True

    def _may_try(self, now: int) -> bool:
        return self._tried is None or not 0 <= now - self._tried < AGAIN

    def _deliver(
        self, settings: Settings, store: Store, month: Period, languages: list[Language]
    ) -> None:
        snapshot = first_freeze(store, month)
        if snapshot.content["incomplete"]:
            log.warning(
                "%s was frozen although incomplete, so it is not delivered automatically: read it, "
                "then run servicedesk-kpi report %s --deliver",
                month.name, month.name,
            )  # fmt: skip
            return
        office = read_office(settings, month)
        for parcel in parcels(
            settings,
            snapshot,
            amendments(store, month),
            office,
            languages,
            of_same_year(store, snapshot),
        ):
            for outcome in deliver(
                parcel,
                settings.delivery,
                store,
                clock=self._clock,
                insist=False,
                sleep=self._sleep,
            ):
                level = logging.INFO if outcome.status in ("sent", "already") else logging.ERROR
                log.log(level, "%s (%s) to %s", month.name, parcel.language, outcome.text)


def _waiting(settings: Settings, store: Store, month: Period) -> list[Language]:
    """Return the languages in which some target still waits for a frozen month.

    According to the ledger it received neither the first snapshot of the month nor an amendment.
    """
    heads = of_period(store.snapshots.heads(), month)
    if not heads:
        return []

    def waits(language: Language, target: str) -> bool:
        known = (store.deliveries.find(DeliveryKey(h.seal, language, target)) for h in heads)
        return all(
            each is None or (each.stage == "failed" and not each.permanent) for each in known
        )

    wanted = settings.delivery
    return [each for each in wanted.languages if any(waits(each, name) for name in wanted.targets)]
