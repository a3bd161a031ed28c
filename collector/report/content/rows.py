"""The figures of a snapshot as rows, for CSV, XLSX and the Kolada-shaped file.

Numbers are those of the snapshot, not rounded. Figures that are hidden in the document have no
numbers here either, and ``hidden`` says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collector.model.bilingual import Text
from collector.report.content.frozen import Goal, Indicator, Json, Span
from collector.report.content.report import Report

Value = str | int | float | None

COLUMNS = (
    "indicator", "title", "council_goal", "board_goal", "organization", "span", "first", "last",
    "good", "eligible", "pending", "value", "unit", "target", "threshold", "state", "hidden",
    "forecast", "forecast_low", "forecast_high", "forecast_set_by", "required", "misses_left",
    "incomplete",
)  # fmt: skip
MONTH_COLUMNS = (
    "indicator", "title", "month", "good", "eligible", "pending", "value", "unit", "threshold",
    "state", "hidden", "incomplete",
)  # fmt: skip
_HIDDEN = (
    "good", "eligible", "pending", "value", "state", "forecast", "forecast_low", "forecast_high",
    "required", "misses_left",
)  # fmt: skip
_AHEAD = (
    "forecast", "forecast_low", "forecast_high", "forecast_set_by", "required", "misses_left",
)  # fmt: skip
"""What is said of the rest of a year; a year that is over has none."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure's values by the names in COLUMNS or MONTH_COLUMNS, with its indicator."""

    indicator: Indicator
    values: dict[str, Value]


def figure_rows(report: Report) -> Iterator[FigureRow]:
    """One row for each indicator, span and organization (the whole desk first)."""
    for indicator in report.content.indicators:
        for span in report.content.spans:
            for figure in indicator.raw[span]:
                yield FigureRow(indicator, _values(report, indicator, span, figure))


def _values(report: Report, indicator: Indicator, span: Span, figure: Json) -> dict[str, Value]:
    organization = figure["organization"]
    first, _, to = report.content.year
    dates = (report.content.first, report.content.last) if span == "period" else (first, to)
    council, board = goals_of(report, indicator)
    forecast = figure["forecast"] or {}
    why = report.masks.figure(indicator, span, organization)
    values: dict[str, Value] = {
        "indicator": indicator.id,
        "title": indicator.title[report.language],
        "council_goal": council,
        "board_goal": board,
        "organization": organization,
        "span": span,
        "first": dates[0].isoformat(),
        "last": dates[1].isoformat(),
        "good": figure["good"] if indicator.measured else None,
        "eligible": figure["eligible"] if indicator.measured else None,
        "pending": figure["pending"] if indicator.measured else None,
        "value": figure["value"],
        "unit": indicator.unit,
        "target": None if indicator.target is None else indicator.target.text,
        "threshold": indicator.threshold,
        "state": figure["state"],
        "hidden": why,
        "forecast": forecast.get("value"),
        "forecast_low": forecast.get("low"),
        "forecast_high": forecast.get("high"),
        "forecast_set_by": forecast.get("set_by"),
        "required": figure["required"],
        "misses_left": figure["misses_left"],
        "incomplete": _incomplete(report),
    }
    if report.content.year_is_over:
        values |= dict.fromkeys(_AHEAD)
    return values if why is None else values | dict.fromkeys(_HIDDEN)


def _incomplete(report: Report) -> str | None:
    """What data were missing when the figures were frozen. Repeated in each row, since rows get
    copied out of their file."""
    return (
        " ".join(Text.of(each)[report.language] for each in report.content.raw["incomplete"])
        or None
    )


def month_rows(report: Report) -> Iterator[FigureRow]:
    """One row for each indicator and month, of the whole desk."""
    for indicator in report.content.indicators:
        for each in indicator.months():
            why = report.masks.month(indicator, each["month"])
            values: dict[str, Value] = {
                "indicator": indicator.id,
                "title": indicator.title[report.language],
                "month": each["month"],
                **{key: each[key] for key in ("good", "eligible", "pending", "value")},
                "unit": indicator.unit,
                "threshold": each["threshold"],
                "state": each["state"],
                "hidden": why,
                "incomplete": _incomplete(report),
            }
            if not indicator.measured:
                values |= dict.fromkeys(("good", "eligible", "pending"))
            hidden = [key for key in _HIDDEN if key in values]
            yield FigureRow(indicator, values if why is None else values | dict.fromkeys(hidden))


def goals_of(report: Report, indicator: Indicator) -> tuple[str | None, str | None]:
    """The titles of the council goal and the board goal that an indicator serves; None if none."""
    goals: dict[str, Goal] = {each.id: each for each in report.content.goals}
    own = goals.get(indicator.goal or "")
    if own is None:
        return None, None
    title = own.title[report.language]
    if own.level == "council":
        return title, None
    above = goals.get(own.under or "")
    return (None if above is None else above.title[report.language]), title
