"""Data tables behind the charts, with months or ranges as columns, so that they stay low.

Pure. Each table appears under its chart's caption.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from collector.report.blocks import Cell, Column, Table
from collector.report.charts.months import Point
from collector.report.content.frozen import Indicator
from collector.report.content.report import Report
from collector.text import dates, numbers
from collector.text.characters import DASH
from collector.text.words import capital

_HIDDEN = "·"


def months_across(report: Report, indicator: Indicator, months: Sequence[Point]) -> Table:
    """A table of each month's value and, where it has a denominator, its number of records."""
    words, amounts = report.words, report.amounts(indicator)
    counts = {each["month"]: each["eligible"] for each in indicator.months()}
    value = words("value")
    if unit := amounts.unit:
        value = f"{value} ({unit})"
    rows = [(value, [_mark(each) or amounts.number(each.value) for each in months])]
    if indicator.has_denominator:
        record_counts = [
            _HIDDEN if each.hidden else report.whole(counts[each.month]) for each in months
        ]
        rows.append((words("records"), record_counts))
    marks = {_mark(each) for each in months}
    meanings = {DASH: words("chart_no_data"), _HIDDEN: words("chart_masked")}
    notes = [meaning for mark, meaning in meanings.items() if mark in marks]
    names = [short_month(date.fromisoformat(f"{each.month}-01"), report) for each in months]
    return _across(report, words("month"), names, rows, tuple([", ".join(notes)] if notes else []))


def ranges_across(report: Report, corner: str, groups: Sequence[tuple[str, int]]) -> Table:
    """A table of the number of records in each range and their share of all records.

    ``groups`` are (label, records); ``corner`` is the heading above the row headers.
    """
    words, total = report.words, sum(n for _, n in groups)
    rows = [
        (words("records"), [report.whole(n) for _, n in groups]),
        (
            words("distribution_share"),
            [numbers.percent(n / total, report.language, 0) for _, n in groups],
        ),
    ]
    return _across(report, corner, [name for name, _ in groups], rows)


def short_month(day: date, report: Report) -> str:
    """A short month name with the year: ``jul 2020``, with a space that may break."""
    return f"{dates.month_name(day, report.language)} {day.year}"


def _mark(point: Point) -> str:
    if point.hidden:
        return _HIDDEN
    return DASH if point.value is None else ""


def _across(
    report: Report,
    corner: str,
    names: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    notes: tuple[str, ...] = (),
) -> Table:
    return Table(
        report.words("chart_data"),
        (Column(corner, 1.5), *(Column(capital(name), number=True) for name in names)),
        tuple((Cell(name), *map(Cell, texts)) for name, texts in rows),
        notes=notes,
        compact=True,
    )
