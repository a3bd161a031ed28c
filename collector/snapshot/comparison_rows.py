"""A comparison in machine-readable form: one JSON object, or a row per difference. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """Yield a row (keys: COLUMNS) per difference; ``part`` is figure, record or definition. Every
    cell is one value: what is counted by reason, or is a forecast with its interval, has a row for
    each (``excluded.merged``), a list is its values with commas."""
    for figure in comparison.figures:
        then, now = _flat(figure.then or {}), _flat(figure.now or {})
        for name in dict.fromkeys((*then, *now)):
            if then.get(name) != now.get(name):
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
        old, new = (_flat({change.path: each}) for each in (change.then, change.now))
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                yield _row(
                    "definition",
                    indicator=change.indicator,
                    what=name,
                    then=old.get(name),
                    now=new.get(name),
                )


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name, each a single one."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": each for key, each in _flat(value).items()}
        elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
            for each in value:  # changes of a definition within the period
                found[f"{name}.{each['from']}.{each['path']}"] = each["after"]
        else:
            found[name] = ", ".join(map(str, value)) if isinstance(value, list) else value
    return found


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
