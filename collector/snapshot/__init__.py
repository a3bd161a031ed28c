"""What the committee saw: figures frozen once, sealed in a chain, and never changed."""

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
