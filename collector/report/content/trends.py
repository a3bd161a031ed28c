"""How a figure compares with last year's: words, an arrow and a sparkline of its months."""

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
from collector.text.measures import Amounts
from collector.text.words import Words, capital

_ARROWS = {1: "↗", 0: "→", -1: "↘"}
_WITHOUT_ARROW = {"chance", "too_few", "pending", "not_comparable", "stale"}
_DIRECTION = {"better", "worse", "other"}


def trend(report: Report, indicator: Indicator) -> Cell:
    """The period compared with the same period a year earlier.

    The arrow shows the direction of the change, the word whether it is an improvement; both are
    shown only if the difference is more than chance.
    """
    words = report.words
    if why := report.masks.figure(indicator, report.content.spans[0], None):
        protected = why == "protected"
        text = words("protected" if protected else "trend_too_few")
        detail = words("protected_why") if protected else ""
        return Cell(capital(text), detail, spark=spark(report, indicator))
    figure = indicator.figure("period")
    comparisons = {each["name"]: each for each in figure["comparisons"]}
    text, detail = _trend_text(report, indicator, comparisons.get("year_before"))
    return Cell(text, detail, spark=spark(report, indicator))


def _trend_text(report: Report, indicator: Indicator, compared: Json | None) -> tuple[str, str]:
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
    if verdict in _WITHOUT_ARROW:
        return capital(words(f"trend_{verdict}")), last_year if verdict != "stale" else ""
    sign = (change > 0) - (change < 0)
    if verdict in _DIRECTION:
        return f"{_ARROWS[sign]}{NBSP}{words(f'trend_{verdict}')}", last_year
    key = {1: "trend_higher", 0: "trend_same", -1: "trend_lower"}[sign]
    return f"{_ARROWS[sign]}{NBSP}{words(key)}", last_year


def points(report: Report, indicator: Indicator) -> list[Point]:
    """The whole desk's months as chart points; hidden months and those without data have no
    value."""
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
    """A sparkline of the months; None if fewer than two have a value."""
    months = points(report, indicator)
    if sum(each.value is not None for each in months) < 2:
        return None
    return sparkline(months, in_words(months, report.words, report.amounts(indicator)))


def in_words(months: Sequence[Point], words: Words, amounts: Amounts) -> str:
    """A description of the sparkline: the first, last, lowest and highest value, each with its
    month, and the number of months without a value."""
    with_value = [(each.value, each.month) for each in months if each.value is not None]
    ends = {
        "first": with_value[0],
        "last": with_value[-1],
        "low": min(with_value),
        "high": max(with_value),
    }
    values = {name: amounts.text(value) for name, (value, _) in ends.items()}
    when = {
        f"{name}_month": dates.month(date.fromisoformat(f"{month}-01"), words.language)
        for name, (_, month) in ends.items()
    }
    key = "spark_alt_same" if ends["low"][0] == ends["high"][0] else "spark_alt"
    sentence = words(key, n=len(months), **values, **when)
    gaps = len(months) - len(with_value)
    if not gaps:
        return sentence
    return f"{sentence} {words('spark_gap' if gaps == 1 else 'spark_gaps', n=gaps)}"
