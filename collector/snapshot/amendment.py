"""The part of an amendment that says what it amends and what changed. Pure.

It is sealed like everything in ``snapshot.format``, so it is written out key by key here and does
not follow what the command line prints.
"""

from __future__ import annotations

from typing import Any

from collector.snapshot.chain import FrozenSnapshot
from collector.snapshot.compare import SnapshotComparison


def amends(before: FrozenSnapshot, comparison: SnapshotComparison) -> dict[str, Any]:
    """Return the number and seal of the amended snapshot, and everything that changed since."""
    return {"number": before.number, "seal": before.seal, "changes": _changes(comparison)}


def _changes(comparison: SnapshotComparison) -> dict[str, Any]:
    return {
        "figures": [
            {
                "indicator": each.indicator,
                "organization": each.organization,
                "span": each.span,
                "then": each.then,
                "now": each.now,
            }
            for each in comparison.figures
        ],
        "records": [
            {
                "indicator": each.indicator,
                "source": each.source,
                "id": each.id,
                "then": each.then,
                "now": each.now,
                "why": each.why.value,
            }
            for each in comparison.records
        ],
        "definitions": [
            {
                "indicator": each.indicator,
                "path": each.path,
                "then": each.then,
                "now": each.now,
            }
            for each in comparison.definitions
        ],
        "by_records_before": {"date": comparison.since, "indicators": list(comparison.earlier)},
        "data_versions": {name: list(both) for name, both in comparison.versions.items()},
    }
