"""A comparison in machine-readable form: one JSON object, or a row per difference. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from collector.snapshot.compare import RecordChange, SnapshotComparison

COLUMNS = [
    "part", "indicator", "organization", "span", "source", "id", "what", "then", "now", "why",
]  # fmt: skip
_RECORD_FIELDS = ("verdict", "reason", "seconds", "counted_at", "organization")


def comparison_record(comparison: SnapshotComparison) -> dict[str, Any]:
    """Return all differences as one object; for an amendment's see ``snapshot.amendment``."""
    return {
        "figures": [asdict(each) for each in comparison.figures],
        "records": [asdict(each) for each in comparison.records],
        "definitions": [asdict(each) for each in comparison.definitions],
        "by_records_before": {"date": comparison.since, "indicators": list(comparison.earlier)},
        "data_versions": {name: list(both) for name, both in comparison.versions.items()},
    }


def comparison_rows(comparison: SnapshotComparison) -> Iterator[dict[str, Any]]:
    """Yield a row (keys: COLUMNS) per difference; ``part`` is figure, record or definition."""
    for figure in comparison.figures:
        then, now = figure.then or {}, figure.now or {}
        for name in dict.fromkeys((*then, *now)):
            yield _row(
                "figure",
                indicator=figure.indicator,
                organization=figure.organization,
                span=figure.span,
                what=name,
                then=then.get(name),
                now=now.get(name),
            )
    for each in comparison.records:
        yield from _record_rows(each)
    for change in comparison.definitions:
        yield _row(
            "definition",
            indicator=change.indicator,
            what=change.path,
            then=change.then,
            now=change.now,
        )


def _record_rows(change: RecordChange) -> Iterator[dict[str, Any]]:
    """A row per differing field; the verdict always has one, so that no record is left out."""
    then, now = change.then or {}, change.now or {}
    for name in _RECORD_FIELDS:
        if name == "verdict" or then.get(name) != now.get(name):
            yield _row(
                "record",
                indicator=change.indicator,
                organization=(change.now or change.then or {}).get("organization"),
                source=change.source,
                id=change.id,
                what=name,
                then=then.get(name),
                now=now.get(name),
                why=change.why,
            )


def _row(part: str, **cells: Any) -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS), "part": part, **cells}
