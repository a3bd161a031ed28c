"""Watches whether the store can be used: what rests on it must not look well while it cannot."""

from __future__ import annotations

import logging
from threading import Lock
from time import monotonic

from collector.io.errors import UserFacingError
from collector.store import Store

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds after which a store that has not answered yet counts as one that does not."""


class StoreWatch:
    """Asks the store again and again whether it can be read and written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._fault: str | None = None
        self._asked: float | None = None
        self._lock = Lock()

    def look(self) -> None:
        """Ask now; a fault is logged when it begins and when it ends, and not raised."""
        with self._lock:
            self._asked, fault = monotonic(), None
            try:
                self._store.probe()
            except UserFacingError as error:
                fault = str(error)
            before, self._fault, self._asked = self._fault, fault, None
        if fault is not None and fault != before:
            log.error("the store cannot be used, so nothing is stored or measured: %s", fault)
        elif fault is None and before is not None:
            log.info("the store can be used again")

    @property
    def fault(self) -> str | None:
        """Why the store cannot be used; None if it can."""
        asked = self._asked
        if asked is not None and monotonic() - asked > PATIENCE:
            return "the store does not answer"
        return self._fault
