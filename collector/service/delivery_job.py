"""Last month's documents, delivered by the service itself as soon as the month is frozen."""

from __future__ import annotations

import logging
from collections.abc import Callable

from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.model.bilingual import Language
from collector.model.periods import Period, named_alike
from collector.report.delivery.bundles import parcels
from collector.report.delivery.deliver import deliver
from collector.report.office import read_office
from collector.snapshot import amendments, stored
from collector.snapshot.chain import of_period
from collector.store import DeliveryKey, Store

log = logging.getLogger(__name__)

AGAIN = 3600
"""Seconds from an attempt that failed to the next."""


class AutomaticDelivery:
    """Delivers the month as it was frozen, if that was whole; another is somebody's decision, and
    so is what is frozen beside it after that. Processes that do so at once do no harm: the ledger
    gives each delivery to one of them.

    ``sleep``: pauses, and tells whether to give up.
    """

    def __init__(self, clock: Callable[[], int], sleep: Callable[[float], object]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._tried: int | None = None

    def look(self, measuring: Measuring) -> bool:
        """Deliver what was not delivered yet; whether anything was tried. Never raises: what goes
        wrong is logged, and tried again in an hour if that may help."""
        now, wanted = self._clock(), measuring.settings.delivery
        if not (wanted.automatic and wanted.targets) or not self._may_try(now):
            return False
        month = named_alike(measuring.period("last_month", now), measuring.fiscal)
        try:
            languages = _waiting(measuring.settings, measuring.store, month)
            if languages:
                self._tried = now
                self._deliver(measuring.settings, measuring.store, month, languages)
            return bool(languages)
        except UserFacingError as problem:
            self._tried = now
            log.error("%s is not delivered, tried again in an hour: %s", month.name, problem)
        return True

    def _may_try(self, now: int) -> bool:
        return self._tried is None or not 0 <= now - self._tried < AGAIN

    def _deliver(
        self, settings: Settings, store: Store, month: Period, languages: list[Language]
    ) -> None:
        snapshot = stored(store, month)
        if snapshot.content["incomplete"]:
            log.warning(
                "%s was frozen as not complete and is not delivered by itself: somebody who has "
                "read it does so with servicedesk-kpi report %s --deliver",
                month.name, month.name,
            )  # fmt: skip
            return
        office = read_office(settings, month)
        for parcel in parcels(settings, snapshot, amendments(store, month), office, languages):
            for outcome in deliver(
                parcel,
                settings.delivery,
                store,
                clock=self._clock,
                insist=False,
                sleep=self._sleep,
            ):
                level = logging.INFO if outcome.became in ("sent", "already") else logging.ERROR
                log.log(level, "%s (%s) to %s", month.name, parcel.language, outcome.text)


def _waiting(settings: Settings, store: Store, month: Period) -> list[Language]:
    """The languages in which some target waits for a frozen month, by the ledger: it got neither
    the month as it was frozen nor with what was frozen beside it."""
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
