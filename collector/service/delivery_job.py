"""Automatic delivery of last month's documents as soon as they are final."""

from __future__ import annotations

import logging
from collections.abc import Callable

from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.model.bilingual import Language
from collector.model.periods import Period, canonical_period
from collector.report.content.unfinished import what_is_missing
from collector.report.delivery.bundles import parcels
from collector.report.delivery.deliver import deliver
from collector.report.delivery.parcel import Parcel
from collector.report.drafts import any_draft
from collector.report.office import read_office
from collector.snapshot import amendments, first_freeze
from collector.snapshot.chain import of_period, of_same_year
from collector.snapshot.completeness import wrong_clocks
from collector.snapshot.freeze import Refused
from collector.snapshot.sentences import gap_sentence, sealed_times
from collector.store import Delivery, DeliveryKey, Store

log = logging.getLogger(__name__)

AGAIN = 3600
"""Seconds from a failed attempt to the next."""


class AutomaticDelivery:
    """Delivers last month as it was frozen, once its documents are final: it was complete then, and
    nothing makes them drafts.

    Delivering anything else, or an amendment frozen after a delivery, is left to people. Several
    processes may run at once, since the ledger assigns each delivery to one of them.

    ``clock`` returns epoch seconds. ``sleep`` waits so many seconds; a true result means give up.
    """

    def __init__(self, clock: Callable[[], int], sleep: Callable[[float], object]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._tried: int | None = None
        self._told: set[str] = set()
        self.held_back = 0
        """How many documents, by language, wait for people to make them final."""

    def run_if_due(self, measuring: Measuring) -> bool:
        """Deliver last month if a target waits for it; return whether anything was attempted.

        A UserFacingError is logged and not raised; the next attempt is an hour later. So is a
        document that is not final: what is missing is logged once.
        """
        now, delivery = self._clock(), measuring.settings.delivery
        if not (delivery.automatic and delivery.targets) or not self._may_try(now):
            return False
        month = canonical_period(measuring.period("last_month", now), measuring.fiscal)
        held: list[str] = []
        try:
            languages = _waiting(measuring.settings, measuring.store, month)
            if languages:
                self._tried = now
                held = self._deliver(measuring.settings, measuring.store, month, languages)
            return bool(languages)
        except UserFacingError as problem:
            self._tried = now
            log.error("%s could not be delivered; trying again in an hour: %s", month.name, problem)
        finally:
            self._hold_back(held)
        return True

    def _may_try(self, now: int) -> bool:
        return self._tried is None or not 0 <= now - self._tried < AGAIN

    def _hold_back(self, why: list[str]) -> None:
        """Remember the documents that are not final; what was not said before is logged."""
        self.held_back = len(why)
        for each in why:
            if each not in self._told:
                log.warning("%s", each)
        self._told = set(why)

    def _deliver(
        self, settings: Settings, store: Store, month: Period, languages: list[Language]
    ) -> list[str]:
        """Send what is final; return for each language that is not, why. Raises Refused while a
        clock is wrong."""
        snapshot = first_freeze(store, month)
        if snapshot.content["incomplete"]:
            return [
                f"{month.name} was frozen although incomplete, so it is not delivered "
                f"automatically: read it, then run servicedesk-kpi report {month.name} --deliver "
                f"--language {each}"
                for each in languages
            ]
        _refuse_wrong_clocks(settings, store)
        held, others = [], of_same_year(store, snapshot)
        office, later = read_office(settings, month), amendments(store, month)
        for parcel in parcels(settings, snapshot, later, office, languages, others):
            if parcel.draft:
                why = "; ".join(what_is_missing(settings, snapshot, office, others))
                held.append(
                    f"{month.name} ({parcel.language}) is a draft, so it is not delivered "
                    f"automatically before it is finished: {why}"
                )
            else:
                self._send(settings, store, month, parcel)
        return held

    def _send(self, settings: Settings, store: Store, month: Period, parcel: Parcel) -> None:
        results = deliver(
            parcel,
            settings.delivery,
            store,
            clock=self._clock,
            insist=False,
            sleep=self._sleep,
        )
        for outcome in results:
            level = logging.INFO if outcome.status in ("sent", "already") else logging.ERROR
            log.log(level, "%s (%s) to %s", month.name, parcel.language, outcome.text)


def _refuse_wrong_clocks(settings: Settings, store: Store) -> None:
    when = sealed_times(settings.timezone)
    if wrong := list(wrong_clocks(settings, store.polls.states(), store.clock_skew())):
        raise Refused("; ".join(gap_sentence(each, when).en.rstrip(".") for each in wrong))


def _waiting(settings: Settings, store: Store, month: Period) -> list[Language]:
    """Return the languages in which some target still waits for a frozen month.

    According to the ledger it received neither the first snapshot of the month nor an amendment,
    except as a draft, which the finished document follows.
    """
    heads = of_period(store.snapshots.heads(), month)
    if not heads:
        return []

    def waits(language: Language, target: str) -> bool:
        known = (store.deliveries.find(DeliveryKey(h.seal, language, target)) for h in heads)
        return all(map(_may_follow, known))

    wanted = settings.delivery
    return [each for each in wanted.languages if any(waits(each, name) for name in wanted.targets)]


def _may_follow(delivery: Delivery | None) -> bool:
    """Whether the finished document can still be sent after this delivery."""
    if delivery is None:
        return True
    was_draft = delivery.stage == "sent" and any_draft(delivery.files)
    return was_draft or (delivery.stage == "failed" and not delivery.permanent)
