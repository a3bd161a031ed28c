"""Snapshots: the figures the committee saw, frozen once, sealed in a chain, never changed."""

from collector.snapshot.chain import (
    DamagedSnapshot,
    FrozenSnapshot,
    NotFrozen,
    SnapshotError,
    amendments,
    first_freeze,
    latest,
)

__all__ = [
    "DamagedSnapshot",
    "FrozenSnapshot",
    "NotFrozen",
    "SnapshotError",
    "amendments",
    "first_freeze",
    "latest",
]
