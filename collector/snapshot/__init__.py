"""Snapshots: the figures the committee saw, frozen once, sealed in a chain, never changed."""

from collector.snapshot.chain import (
    Damaged,
    Frozen,
    NotFrozen,
    SnapshotError,
    amendments,
    latest,
    stored,
)

__all__ = ["Damaged", "Frozen", "NotFrozen", "SnapshotError", "amendments", "latest", "stored"]
