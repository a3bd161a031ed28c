"""Output for programs: figures and explanations as JSON and CSV, in a stable form."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from datetime import date
from typing import IO, Any

from collector.cli.options import Format
from collector.config.settings import Settings
from collector.measuring.figures.figure import Figure
from collector.text.iso_times import iso_span

_as_json = json.JSONEncoder(ensure_ascii=False).encode
_NESTED = (list, dict)


def write(records: Iterable[dict[str, Any]], columns: list[str], form: str, out: IO[str]) -> None:
    """Write records as ``form``, which is ``json`` or ``csv``; ``columns`` are those of CSV."""
    if form == "json":
        write_json(records, out)
    else:
        write_csv(records, columns, out)


def write_json(records: Iterable[dict[str, Any]], out: IO[str]) -> None:
    """Write a JSON list, one record per line."""
    out.write("[")
    separator = "\n"
    for record in records:
        out.write(separator + _as_json(record))
        separator = ",\n"
    out.write("\n]\n")


def write_csv(records: Iterable[dict[str, Any]], columns: list[str], out: IO[str]) -> None:
    """Write CSV with a header; lists and objects are written into their cell as JSON."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([_cell(record[column]) for column in columns])


def write_figures(
    figures: list[Figure],
    bounds: tuple[int, int],
    settings: Settings,
    today: date,
    output: Format,
) -> None:
    """Print the figures of a period for programs, each with its definition on ``today``.

    ``bounds`` is the period's half-open span in epoch seconds.
    """
    # Imported here because the terminal table needs none of it.
    from collector.cli.records import definition_record, figure_record  # noqa: PLC0415

    start, end = iso_span(settings.timezone, bounds)
    by_id = {f.indicator: f for f in figures}
    defined = {n: definition_record(settings, n, f.period, today) for n, f in by_id.items()}
    records = (figure_record(f, start, end) | defined[f.indicator] for f in figures)
    write(records, FIGURE_COLUMNS, output.value, sys.stdout)


def split_by(figures: list[Figure], by: str | None) -> list[Figure]:
    """The figures of the whole desk, and with ``by`` those of its organizations as well."""
    return figures if by else [f for f in figures if f.organization is None]


def indicator_names(figures: Iterable[Figure]) -> list[str]:
    """The distinct indicators of figures, in their order."""
    return list(dict.fromkeys(figure.indicator for figure in figures))


def _cell(value: Any) -> Any:
    if not isinstance(value, _NESTED):
        return value  # the writer leaves the cell of None empty
    return _as_json(value) if value else str(value)


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
