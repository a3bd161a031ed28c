"""What programs read: figures and explanations as JSON and CSV, in a stable form."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import IO, Any


def write(records: Iterable[dict[str, Any]], columns: list[str], form: str, out: IO[str]) -> None:
    """Records as ``json`` or ``csv``."""
    if form == "json":
        write_json(records, out)
    else:
        write_csv(records, columns, out)


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
    "pending", "excluded", "value", "unit", "target", "state", "formula", "definition",
    "definition_changes", "left", "misses_left", "required", "median", "p90", "histogram",
    "own_calculation", "forecast", "comparisons",
]  # fmt: skip
EXPLANATION_COLUMNS = [
    "source", "id", "url", "organization", "verdict", "reason", "counted_at", "kind", "priority",
    "teams", "queue", "outcome", "start", "end", "calendar", "elapsed_seconds", "limit_seconds",
    "due", "open", "on_hold", "closed", "paused", "valid_from", "own_first_response", "own_due",
    "own_met", "disagrees",
]  # fmt: skip
ALTERNATIVE_COLUMNS = ["indicator", "period", "in_force", "what_if", "moved"]
BACKTEST_COLUMNS = [
    "indicator", "year", "month", "forecast", "low", "high", "naive", "actual", "held",
]  # fmt: skip
