"""A comparison for programs: as one JSON object, and as a row for each thing that differs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from collector.snapshot.compare import Comparison, RecordChange

COLUMNS = [
    "part", "indicator", "organization", "span", "source", "id", "what", "then", "now", "why",
]  # fmt: skip
_OF_RECORD = ("verdict", "reason", "seconds", "counted_at", "organization")


def record(found: Comparison) -> dict[str, Any]:
    """All that differs as one object. An amendment seals its own, see ``snapshot.amendment``."""
    return {
        "figures": [asdict(each) for each in found.figures],
        "records": [asdict(each) for each in found.records],
        "definitions": [asdict(each) for each in found.definitions],
        "by_records_before": {"date": found.since, "indicators": list(found.earlier)},
        "data_versions": {name: list(both) for name, both in found.versions.items()},
    }


def rows(found: Comparison) -> Iterator[dict[str, Any]]:
    """Rows of COLUMNS; ``part`` is figure, record or definition."""
    for figure in found.figures:
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
    for record in found.records:
        yield from _of_record(record)
    for change in found.definitions:
        yield _row(
            "definition",
            indicator=change.indicator,
            what=change.path,
            then=change.then,
            now=change.now,
        )


def _of_record(record: RecordChange) -> Iterator[dict[str, Any]]:
    """What differs of a record; the verdict always, so that none is left out."""
    then, now = record.then or {}, record.now or {}
    for name in _OF_RECORD:
        if name == "verdict" or then.get(name) != now.get(name):
            yield _row(
                "record",
                indicator=record.indicator,
                organization=(record.now or record.then or {}).get("organization"),
                source=record.source,
                id=record.id,
                what=name,
                then=then.get(name),
                now=now.get(name),
                why=record.why,
            )


def _row(part: str, **given: Any) -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS), "part": part, **given}
