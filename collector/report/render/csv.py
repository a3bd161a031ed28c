"""The figures as CSV that a spreadsheet in the report's language opens correctly.

UTF-8 with a byte-order mark. Swedish uses semicolons and decimal commas, English commas and decimal
points; the header is the same in both. Text that a spreadsheet would take for a formula gets a
leading apostrophe.
"""

from __future__ import annotations

import csv
from io import StringIO

from collector.model.bilingual import Language
from collector.report.content.report import Report
from collector.report.content.rows import COLUMNS, Value, figure_rows

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_bytes(report: Report) -> bytes:
    """Render every figure of a snapshot as a row."""
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
    """Return the text so that no spreadsheet evaluates it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
