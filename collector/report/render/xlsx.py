"""The figures as a workbook: goals, municipalities, months, definitions, data quality.

Cells contain unrounded numbers with a number format, and real dates; titles, states and spans are
in the document's language (the CSV has the codes). The same snapshot gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from collector.config.definitions import without_idle_rules
from collector.report.content.definition_words import value_in_words
from collector.report.content.frozen import Indicator
from collector.report.content.quality import incomplete_lines
from collector.report.content.report import Report
from collector.report.content.rows import (
    COLUMNS,
    MONTH_COLUMNS,
    FigureRow,
    Value,
    figure_rows,
    month_rows,
)
from collector.text.characters import NBSP
from collector.text.vocabulary import state_text
from collector.text.words.definitions import exclusion_reason, in_order, label
from collector.text.words.sheets import CODES, COLUMN_TITLES

_SHARES = {"value", "threshold", "forecast", "forecast_low", "forecast_high", "required"}
_WIDTHS = {"title": 46, "council_goal": 34, "board_goal": 34, "indicator": 20, "target": 20}
_OTHER_WIDTH = 13
_DATES = {"first": "yyyy-mm-dd", "last": "yyyy-mm-dd", "month": "yyyy-mm"}
_GOALS = tuple(name for name in COLUMNS if name not in {"organization", "hidden"})


def xlsx_bytes(report: Report, title: str, author: str, draft: Sequence[str] = ()) -> bytes:
    """Render the workbook of a snapshot. ``draft``: as of a ``Document``; it stands in the header
    of every printed page, in the properties, and first on the sheet about the data's quality."""
    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        known_at = datetime.fromisoformat(report.content.raw["known_at"]).replace(tzinfo=None)
        mark, why = draft[:1], ": ".join(draft)
        named = ": ".join([*mark, title])
        about = {"title": named, "author": author, "status": "".join(mark), "created": known_at}
        book.set_properties(about)
        sheets = _Sheets(book, report, why)
        rows = list(figure_rows(report))
        whole = [each for each in rows if each.values["organization"] is None]
        sheets.figures("sheet_goals", _GOALS, whole)
        sheets.figures("sheet_municipalities", COLUMNS, rows)
        sheets.figures("sheet_months", MONTH_COLUMNS, month_rows(report))
        sheets.texts("sheet_definitions", ("indicator", "path", "says"), _definitions(report))
        sheets.texts("sheet_quality", _QUALITY, _quality(report, why))
    return out.getvalue()


class _Sheets:
    """Writes sheets with a frozen header row."""

    def __init__(self, book: Any, report: Report, draft: str) -> None:
        self._book = book
        self._draft = draft
        self._report = report
        self._words = report.words
        self._header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._share = book.add_format({"num_format": "0.0%"})
        self._decimal = book.add_format({"num_format": "#,##0.0#"})
        self._whole = book.add_format({"num_format": "#,##0"})
        self._dates = {
            column: book.add_format({"num_format": form, "align": "left"})
            for column, form in _DATES.items()
        }

    def figures(self, name: str, columns: Sequence[str], rows: Iterable[FigureRow]) -> None:
        """Write figures with the number formats of their units."""
        sheet = self._sheet(name, columns)
        for at, row in enumerate(rows, 1):
            for index, column in enumerate(columns):
                value = self._shown(row.indicator, column, row.values[column])
                _put(sheet, at, index, value, self._form(row.indicator, column))

    def texts(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        """Write texts and whole numbers."""
        sheet = self._sheet(name, columns)
        for at, row in enumerate(rows, 1):
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                _put(sheet, at, index, self._told(column, value), self._whole)

    def _sheet(self, name: str, columns: Sequence[str]) -> Any:
        sheet = self._book.add_worksheet(self._words(name))
        sheet.freeze_panes(1, 0)
        if self._draft:
            sheet.set_header("&C&B" + self._draft.replace("&", "&&"))
        for index, column in enumerate(columns):
            sheet.set_column(index, index, _WIDTHS.get(column, _OTHER_WIDTH))
            title = COLUMN_TITLES[column][self._words.language]
            sheet.write_string(0, index, title, self._header)
        return sheet

    def _shown(self, indicator: Indicator, column: str, value: Value) -> Value | date:
        """A value as the sheet has it: dates as dates, codes and targets in words."""
        if column in _DATES and isinstance(value, str):
            return date.fromisoformat(value if len(value) > len("2020-07") else f"{value}-01")
        if column == "target" and value is not None:
            return self._report.amounts(indicator).target().replace(NBSP, " ")
        return self._told(column, value)

    def _told(self, column: str, value: Value) -> Value:
        language = self._words.language
        if column == "state" and isinstance(value, str):
            return state_text(value, language).replace(NBSP, " ")
        words = CODES.get((column, str(value)))
        return value if words is None else words[language]

    def _form(self, indicator: Indicator, column: str) -> Any:
        if column in self._dates:
            return self._dates[column]
        if column not in _SHARES:
            return self._whole
        return self._share if indicator.unit == "ratio" else self._decimal


def _put(sheet: Any, row: int, column: int, value: Value | date, form: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
    elif value is not None:
        sheet.write_number(row, column, value, form)


def _definitions(report: Report) -> Iterable[Sequence[Value]]:
    for each in report.content.indicators:
        prefix = f"indicators.{each.id}."
        acting = without_idle_rules(each.raw["definition"])
        definition = {path.removeprefix(prefix): value for path, value in acting.items()}
        for path, value in in_order(definition.items()):
            yield (
                each.id,
                label(path, report.language),
                value_in_words(path, value, report.language),
            )


_QUALITY = ("indicator", "span", "reason", "records")


def _quality(report: Report, draft: str) -> Iterable[Sequence[Value]]:
    """Why this is a draft and data are incomplete, and numbers of pending and excluded records (by
    reason), except for hidden figures."""
    for paragraph in filter(None, [draft, *incomplete_lines(report)]):
        yield None, None, paragraph, None
    for each in report.content.indicators:
        for span in report.content.spans:
            figure = each.figure(span)
            if not each.measured or report.masks.figure(each, span, None) is not None:
                continue
            yield each.id, span, report.words("quality_pending"), figure["pending"]
            for name, n in sorted(figure["excluded"].items()):
                yield each.id, span, exclusion_reason(name, report.language), n
