"""Watches whether the definitions that this process measures by are still those in force."""

from __future__ import annotations

import logging

from collector.config.settings import Settings
from collector.measuring.engine.definition_guard import PastEdited, check_definitions
from collector.measuring.engine.engine import Measuring
from collector.store import Store

log = logging.getLogger(__name__)

SUPERSEDED = (
    "another process has recorded other definitions: restart with the current configuration"
)


class DefinitionsWatch:
    """Compares the recorded definitions with ours, whenever they change or a new day begins."""

    def __init__(self) -> None:
        self.superseded = False
        """Whether another process has recorded definitions that differ from ours."""
        self._seen: object = None

    def look(self, settings: Settings, store: Store, now: int) -> None:
        """Compare them as of ``now`` (epoch seconds). Raises StoreError if the store cannot be
        read."""
        seen = store.ledger.definitions(), Measuring(settings, store).today(now)
        if seen == self._seen:
            return
        self.superseded = False
        try:
            check_definitions(settings, store, now, always=True)
        except PastEdited as error:
            self.superseded = True
            log.error("%s; %s", SUPERSEDED, error)
        self._seen = seen
