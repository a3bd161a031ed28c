"""The record store: the truth that every figure is computed from."""

from collector.store.errors import CursorMoved, StoreError
from collector.store.ledger import GivenValue, News, Recorded
from collector.store.polls import PollResult, PollState
from collector.store.store import Clock, Store

__all__ = [
    "Clock",
    "CursorMoved",
    "GivenValue",
    "News",
    "PollResult",
    "PollState",
    "Recorded",
    "Store",
    "StoreError",
]
