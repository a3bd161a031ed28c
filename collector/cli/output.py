"""Output for programs: figures and explanations as JSON and CSV, in a stable form."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import date
from typing import IO, Any

from collector.cli.options import Format
from collector.config.settings import Settings
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.text.csv_lines import csv_lines
from collector.text.iso_times import iso_span

_as_json = json.JSONEncoder(ensure_ascii=False).encode


def write(
    records: Iterable[dict[str, Any]],
    columns: list[str],
    form: str,
    out: IO[str],
    flat: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> None:
    """Write records as ``form``, which is ``json`` or ``csv``; ``columns`` are those of CSV, and
    ``flat`` makes a row of a record."""
    if form == "json":
        write_json(records, out)
    else:
        write_csv(map(flat, records), columns, out)


def write_json(records: Iterable[dict[str, Any]], out: IO[str]) -> None:
    """Write a JSON list, one record per line."""
    out.write("[")
    separator = "\n"
    for record in records:
        out.write(separator + _as_json(record))
        separator = ",\n"
    out.write("\n]\n")


def write_csv(records: Iterable[dict[str, Any]], columns: list[str], out: IO[str]) -> None:
    """Write CSV with a header; every cell is one value: see ``flat``."""
    out.writelines(csv_lines(records, columns))


def write_figures(
    figures: list[Figure],
    bounds: tuple[int, int],
    settings: Settings,
    today: date,
    output: Format,
    language: Language,
    split: str | None = None,
) -> None:
    """Print the figures of a period for programs, each with its definition on ``today``.

    ``bounds`` is the period's half-open span in epoch seconds; ``language``: of the texts in CSV;
    ``split``: the field by which figures are split, besides organizations.
    """
    # Imported here because the terminal table needs none of it.
    from collector.cli.flat import figure_columns, flat_figure  # noqa: PLC0415
    from collector.cli.records import definition_record, figure_record  # noqa: PLC0415

    start, end = iso_span(settings.timezone, bounds)
    by_id = {f.indicator: f for f in figures}
    defined = {
        n: definition_record(settings, n, f.period, f.turns, today) for n, f in by_id.items()
    }
    spoken = settings.languages
    records = (figure_record(f, start, end, spoken, split) | defined[f.indicator] for f in figures)
    if output is Format.JSON:
        write_json(records, sys.stdout)
        return
    rows = (flat_figure(each, settings.exclude, language) for each in records)
    write_csv(rows, figure_columns(settings.exclude, split), sys.stdout)


def split_by(figures: list[Figure], by: str | None) -> list[Figure]:
    """The figures of the whole desk, and with ``by`` those of its organizations as well."""
    return figures if by else [f for f in figures if f.organization is None]


def indicator_names(figures: Iterable[Figure]) -> list[str]:
    """The distinct indicators of figures, in their order."""
    return list(dict.fromkeys(figure.indicator for figure in figures))


BACKTEST_COLUMNS = [
    "indicator", "year", "month", "forecast", "low", "high", "naive", "actual", "held",
]  # fmt: skip
