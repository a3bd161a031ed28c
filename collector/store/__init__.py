"""The record store: the truth that every figure is computed from."""

from collector.store.errors import CursorMoved, StoreError
from collector.store.polls import PollResult, PollState
from collector.store.store import Clock, Store

__all__ = ["Clock", "CursorMoved", "PollResult", "PollState", "Store", "StoreError"]
