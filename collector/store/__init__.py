"""The record store: everything that was polled, and from which every figure is computed."""

from collector.store.deliveries import Delivery, DeliveryKey, DeliveryState, Stage
from collector.store.erasable import Named, Standing
from collector.store.errors import CursorMoved, LeaseLost, Overtaken, StoreError, UnreadableText
from collector.store.leases import LEASE_SECONDS, Lease
from collector.store.ledger import LedgerChanges, RecordedDefinition, RecordedValue
from collector.store.polls import PollResult, PollState
from collector.store.provisions import ObjectKey, ObjectMarks, ProvisionState
from collector.store.purged import Purge
from collector.store.records import Clock
from collector.store.snapshots import SnapshotHead, SnapshotRow
from collector.store.store import Store
from collector.store.sweeps import SweepState

__all__ = [
    "LEASE_SECONDS",
    "Clock",
    "CursorMoved",
    "Delivery",
    "DeliveryKey",
    "DeliveryState",
    "Lease",
    "LeaseLost",
    "LedgerChanges",
    "Named",
    "ObjectKey",
    "ObjectMarks",
    "Overtaken",
    "PollResult",
    "PollState",
    "ProvisionState",
    "Purge",
    "RecordedDefinition",
    "RecordedValue",
    "SnapshotHead",
    "SnapshotRow",
    "Stage",
    "Standing",
    "Store",
    "StoreError",
    "SweepState",
    "UnreadableText",
]
