"""How a figure stands beside last year's: words, an arrow, and its months as a small drawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from collector.report.blocks import Cell, Drawing
from collector.report.charts.months import Point
from collector.report.charts.small import sparkline
from collector.report.content.frozen import Indicator, Json
from collector.report.content.report import Report
from collector.text import dates
from collector.text.characters import NBSP
from collector.text.words import capital

_ARROWS = {1: "↗", 0: "→", -1: "↘"}
_SAYS = {"chance", "too_few", "pending", "not_comparable", "stale"}
_DIRECTION = {"better", "worse", "other"}


def trend(report: Report, indicator: Indicator) -> Cell:
    """The period beside the same one a year before. The arrow shows where the value went, the word
    whether that is better; both only where it is more than chance."""
    words = report.words
    if why := report.masks.figure(indicator, report.content.spans[0], None):
        protected = why == "protected"
        said = words("protected" if protected else "trend_too_few")
        told = words("protected_why") if protected else ""
        return Cell(capital(said), told, spark=spark(report, indicator))
    figure = indicator.figure("period")
    found = {each["name"]: each for each in figure["comparisons"]}
    text, detail = _said(report, indicator, found.get("year_before"))
    return Cell(text, detail, spark=spark(report, indicator))


def _said(report: Report, indicator: Indicator, compared: Json | None) -> tuple[str, str]:
    words = report.words
    if compared is None or (compared["change"] is None and compared["verdict"] is None):
        return capital(words("trend_none")), ""
    verdict, change = compared["verdict"], compared["change"]
    last_year = ""
    if compared["value"] is not None and not 0 < compared["eligible"] < indicator.min_n:
        value = report.amounts(indicator).text(compared["value"])
        last_year = words("last_year", span=report.other_span(compared["period"]), value=value)
    if verdict == "chance":
        return f"→{NBSP}{words('trend_chance')}", last_year
    if verdict in _SAYS:
        return capital(words(f"trend_{verdict}")), last_year if verdict != "stale" else ""
    sign = (change > 0) - (change < 0)
    if verdict in _DIRECTION:
        return f"{_ARROWS[sign]}{NBSP}{words(f'trend_{verdict}')}", last_year
    key = {1: "trend_higher", 0: "trend_same", -1: "trend_lower"}[sign]
    return f"{_ARROWS[sign]}{NBSP}{words(key)}", last_year


def points(report: Report, indicator: Indicator) -> list[Point]:
    """The months of the whole desk, hidden ones and those without data marked as such."""
    return [
        Point(
            each["month"],
            None if (why := report.masks.month(indicator, each["month"])) else each["value"],
            hidden=why is not None,
            target=each["threshold"],
        )
        for each in indicator.months()
    ]


def spark(report: Report, indicator: Indicator) -> Drawing | None:
    """The months as a small drawing; none where fewer than two have a value."""
    months = points(report, indicator)
    if sum(each.value is not None for each in months) < 2:
        return None
    return sparkline(months, _in_words(report, indicator, months))


def _in_words(report: Report, indicator: Indicator, months: Sequence[Point]) -> str:
    """What the drawing shows, as a sentence: the first value and the last, the lowest and the
    highest, each with its month, and how many months have none."""
    words, amounts = report.words, report.amounts(indicator)
    known = [(each.value, each.month) for each in months if each.value is not None]
    ends = {"first": known[0], "last": known[-1], "low": min(known), "high": max(known)}
    told = {name: amounts.text(value) for name, (value, _) in ends.items()}
    when = {
        f"{name}_month": dates.month(date.fromisoformat(f"{month}-01"), report.language)
        for name, (_, month) in ends.items()
    }
    key = "spark_alt_same" if ends["low"][0] == ends["high"][0] else "spark_alt"
    said = words(key, n=len(months), **told, **when)
    gaps = len(months) - len(known)
    if not gaps:
        return said
    return f"{said} {words('spark_gap' if gaps == 1 else 'spark_gaps', n=gaps)}"
