"""What an amendment says beside its figures: what it amends, and how it differs. Pure.

Sealed as what stands in ``snapshot.format``: key by key, whatever the command line prints.
"""

from __future__ import annotations

from typing import Any

from collector.snapshot.chain import Frozen
from collector.snapshot.compare import Comparison


def amends(before: Frozen, found: Comparison) -> dict[str, Any]:
    """The number and the seal of what is amended, and all that changed since."""
    return {"number": before.number, "seal": before.seal, "changes": _changes(found)}


def _changes(found: Comparison) -> dict[str, Any]:
    return {
        "figures": [
            {
                "indicator": each.indicator,
                "organization": each.organization,
                "span": each.span,
                "then": each.then,
                "now": each.now,
            }
            for each in found.figures
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
            for each in found.records
        ],
        "definitions": [
            {
                "indicator": each.indicator,
                "path": each.path,
                "then": each.then,
                "now": each.now,
            }
            for each in found.definitions
        ],
        "by_records_before": {"date": found.since, "indicators": list(found.earlier)},
        "data_versions": {name: list(both) for name, both in found.versions.items()},
    }
