"""Automatic freezing: last month on its working day, and earlier months left over."""

from __future__ import annotations

import logging
from collections.abc import Callable

from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.model.bilingual import Text
from collector.report.delivery.attest import attest
from collector.service.drain import never_stop
from collector.snapshot.freeze import FreezeRequest, Incomplete, amend, freeze
from collector.snapshot.schedule import Months, PendingMonth, is_due
from collector.snapshot.signing import is_signed
from collector.store import SnapshotHead

log = logging.getLogger(__name__)

AGAIN = 3600
"""Seconds from a failed attempt to the next."""


class AutomaticFreezing:
    """Freezes each month once. A second process does no harm: the store keeps the first snapshot.

    ``clock`` returns epoch seconds. ``stop``: whether to leave the remaining months for next time,
    or to another process.
    """

    def __init__(self, clock: Callable[[], int], stop: Callable[[], bool] = never_stop) -> None:
        self._clock = clock
        self._stop = stop
        self._months = Months()
        self._tried: int | None = None
        self._fresh: list[SnapshotHead] = []
        self._attested: int | None = None

    def run(self, measuring: Measuring) -> bool:
        """Do what is due: freeze, then sign and tell the witnesses; whether there was anything."""
        frozen = self.run_if_due(measuring)
        return self.attest_if_due(measuring) or frozen

    def attest_if_due(self, measuring: Measuring) -> bool:
        """Sign what this process froze, and give new seals to the witnesses; whether anything was
        attempted.

        At once after a freeze, otherwise every hour. After a restart what is unsigned is left to
        people: somebody else may have written it. A UserFacingError is logged and not raised.
        """
        now, settings = self._clock(), measuring.settings
        due = self._attested is None or not 0 <= now - self._attested < AGAIN
        if not settings.snapshot.watched or not due:
            return False
        self._attested, done = now, False
        try:
            for each in attest(
                settings, measuring.store, self._fresh, clock=self._clock, insist=False
            ):
                done = True
                level = logging.INFO if each.status == "sent" else logging.ERROR
                log.log(level, "%s", each.text)
            signing = settings.snapshot.sign
            self._fresh = [
                each for each in self._fresh if signing is not None and not is_signed(each, signing)
            ]
        except UserFacingError as problem:
            log.error("new seals could not be signed or sent; trying again in an hour: %s", problem)
        return done

    def run_if_due(self, measuring: Measuring) -> bool:
        """Freeze the months that are due and not frozen yet; return whether any was frozen now.

        A month with incomplete data is logged and tried again every hour; it is never frozen that
        way. If somebody froze last month while incomplete and it is complete now, an amendment is
        frozen. A UserFacingError is logged and not raised.
        """
        now = self._clock()
        if not measuring.settings.snapshot.automatic or not self._may_try(now):
            return False
        try:
            waiting = self._months.waiting(measuring, now)
            come = is_due(measuring, now)
        except UserFacingError as problem:
            self._tried = now
            log.warning("no month could be frozen; trying again in an hour: %s", problem)
            return False
        due = [each for each in waiting if come or not each.last]
        done = [self._try(measuring, each) for each in due if not self._stop()]
        self._tried = None if all(done) or self._stop() else now
        return any(done)

    def _may_try(self, now: int) -> bool:
        return self._tried is None or not 0 <= now - self._tried < AGAIN

    def _try(self, measuring: Measuring, due: PendingMonth) -> bool:
        name = due.month.name
        again = "was not frozen; trying again in an hour"
        try:
            work = amend if due.frozen else freeze
            done = work(measuring.settings, measuring.store, FreezeRequest(due.month), self._clock)
        except Incomplete as missing:
            reasons = "; ".join(missing.reasons)
            log.warning("%s is incomplete and %s: %s", name, again, reasons)
            return False
        except UserFacingError as problem:
            log.warning("%s %s: %s", name, again, problem)
            return False
        found = done.snapshot
        beside = ", complete now, beside what was frozen" if due.frozen else ""
        self._fresh.append(found.head)
        self._attested = None
        log.info("%s is frozen%s: snapshot %d, seal %s", name, beside, found.number, found.seal)
        for note in found.content["notes"]:
            log.warning("%s: %s", name, Text.of(note).en)
        return True
