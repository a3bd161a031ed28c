"""The figures as CSV, in the form that a spreadsheet of the language opens by itself.

UTF-8 with a byte-order mark. In Swedish fields are parted by semicolons and decimals by a comma, in
English by commas and a point. The header has the same names in both. What a spreadsheet would take
for a formula stands behind an apostrophe.
"""

from __future__ import annotations

import csv
from io import StringIO

from collector.model.bilingual import Language
from collector.report.content.report import Report
from collector.report.content.rows import COLUMNS, Value, figure_rows

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_bytes(report: Report) -> bytes:
    """Every figure of the snapshot, a row each."""
    out = StringIO(newline="")
    separator = ";" if report.language == "sv" else ","
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in figure_rows(report):
        writer.writerow([_written(row.values[name], report.language) for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def _written(value: Value, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    text = repr(value)
    return text.replace(".", ",") if language == "sv" else text


def harmless(text: str) -> str:
    """Text that no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text
