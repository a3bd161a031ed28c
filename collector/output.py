"""What programs read: figures and explanations as JSON and CSV, in a stable form."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from collector.explain import Explanation
from collector.indicators.figures import Figure

Instant = Callable[[int | None], str | None]


def iso_instants(timezone: str) -> Instant:
    """Epoch seconds → ISO 8601 with offset, in a time zone; None stays None."""
    zone = ZoneInfo(timezone)
    return lambda at: None if at is None else datetime.fromtimestamp(at, zone).isoformat()


def figure_record(figure: Figure, start: str | None, end: str | None) -> dict[str, Any]:
    """A figure for programs; ``from`` and ``to`` are half-open."""
    return {
        "indicator": figure.indicator,
        "title": {"sv": figure.title.sv, "en": figure.title.en},
        "kind": figure.kind,
        "period": figure.period.name,
        "from": start,
        "to": end,
        "organization": figure.organization,
        "good": figure.good,
        "eligible": figure.eligible,
        "pending": figure.pending,
        "excluded": figure.excluded,
        "value": figure.value,
        "unit": figure.unit,
        "target": None if figure.target is None else figure.target.text,
        "state": figure.state,
        "formula": figure.formula,
    }


def explanation_record(each: Explanation, instant: Instant) -> dict[str, Any]:
    """An explanation for programs: instants ISO 8601, durations seconds, spans half-open."""
    return {
        "source": each.source,
        "id": each.id,
        "url": each.url,
        "organization": each.organization,
        "verdict": each.verdict,
        "reason": each.reason or None,
        "counted_at": instant(each.counted_at),
        **{key: each.facts.get(key) for key in ("kind", "priority", "teams", "queue", "outcome")},
        "start": instant(each.start),
        "end": instant(each.end),
        "calendar": each.calendar,
        "elapsed_seconds": each.elapsed,
        "limit_seconds": each.limit,
        "due": instant(each.due),
        "open": [[instant(a), instant(b)] for a, b in each.counted],
        "on_hold": [[instant(p.start), instant(p.end)] for p in each.paused],
        "closed": [[day.isoformat(), why] for day, why in each.closed],
    }


def write_json(records: Iterable[dict[str, Any]], out: IO[str]) -> None:
    """A JSON list, one record a line."""
    out.write("[")
    separator = "\n"
    for record in records:
        out.write(separator + json.dumps(record, ensure_ascii=False))
        separator = ",\n"
    out.write("\n]\n")


def write_csv(records: Iterable[dict[str, Any]], columns: list[str], out: IO[str]) -> None:
    """CSV with a header; what is a list or an object in JSON is JSON in its cell."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([_cell(record[column]) for column in columns])


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else value


FIGURE_COLUMNS = [
    "indicator", "title", "kind", "period", "from", "to", "organization", "good", "eligible",
    "pending", "excluded", "value", "unit", "target", "state", "formula",
]  # fmt: skip
EXPLANATION_COLUMNS = [
    "source", "id", "url", "organization", "verdict", "reason", "counted_at", "kind", "priority",
    "teams", "queue", "outcome", "start", "end", "calendar", "elapsed_seconds", "limit_seconds",
    "due", "open", "on_hold", "closed",
]  # fmt: skip
