"""Each indicator off target or at risk: its chart, and what people wrote about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from collector.model.periods import month_index, month_start
from collector.model.quantities import YES_NO_UNIT
from collector.report.blocks import (
    Block,
    Chart,
    Drawing,
    Heading,
    Notice,
    Paragraph,
    Run,
)
from collector.report.charts.months import Band, Plot, Point, chart, stretches
from collector.report.content.chart_tables import months_across
from collector.report.content.frozen import Indicator
from collector.report.content.goals import forecast_text
from collector.report.content.report import Report
from collector.report.content.trends import points
from collector.text import dates
from collector.text.words import capital, lower


def wanting(report: Report) -> list[Indicator]:
    """The indicators off target, then those at risk."""
    states = {
        each.id: report.shown_state(each, "year_to_date") for each in report.content.indicators
    }
    return [
        each
        for state in ("missed", "at_risk")
        for each in report.content.indicators
        if states[each.id] == state
    ]


def off_target(
    report: Report,
    comments: Mapping[str, Sequence[Block]],
    accent: str,
    level: Literal[2, 3] = 2,
) -> list[Block]:
    """A heading (of a level), a chart and a comment for each; a missed target without a comment
    says so."""
    found: list[Block] = []
    for indicator in wanting(report):
        state = report.shown_state(indicator, "year_to_date")
        title = indicator.title[report.language]
        found.append(Heading(title, level, f"indicator-{indicator.id}"))
        found.append(_standing(report, indicator))
        drawn = indicator_chart(report, indicator, accent)
        if drawn is not None:
            found.append(drawn)
        elif indicator.unit != YES_NO_UNIT:
            found.append(Paragraph((Run(report.words("chart_none")),), kind="small"))
        found += comment(report, comments.get(indicator.id, ()), missed=state == "missed")
    return found


def other_comments(
    report: Report, comments: Mapping[str, Sequence[Block]], level: Literal[2, 3] = 2
) -> list[Block]:
    """What people wrote about indicators that are neither off target nor at risk."""
    shown = {each.id for each in wanting(report)}
    found: list[Block] = []
    for indicator in report.content.indicators:
        said = comments.get(indicator.id, ())
        if said and indicator.id not in shown:
            found.append(Heading(indicator.title[report.language], level))
            found += said
    return found


def comment(report: Report, said: Sequence[Block], *, missed: bool) -> list[Block]:
    """A comment, or that there is none where there should be one."""
    words = report.words
    if said:
        return [Paragraph((Run(words("comment_title"), strong=True),)), *said]
    if not missed:
        return []
    text = Paragraph((Run(words("comment_missing")),))
    return [Notice("warning", words("comment_missing_title"), (text,))]


def _standing(report: Report, indicator: Indicator) -> Paragraph:
    """State, value, target and forecast in a line."""
    words = report.words
    value = report.value(indicator, "year_to_date")
    forecast, told = forecast_text(report, indicator)
    parts = [
        f"{words('column_now')} {value.text}{f' {value.detail}' if value.detail else ''}",
        f"{words('column_target').lower()} {report.amounts(indicator).target()}",
        lower(words("chart_forecast", value=forecast)) + (f" ({told})" if told else ""),
    ]
    state = report.state(report.shown_state(indicator, "year_to_date"))
    return Paragraph((Run(state, strong=True), Run(f". {capital(', '.join(parts))}.")))


def indicator_chart(report: Report, indicator: Indicator, accent: str) -> Chart | None:
    """The months with target and forecast; None where nothing could be drawn."""
    months = points(report, indicator)
    if indicator.unit == YES_NO_UNIT or not any(each.value is not None for each in months):
        return None
    title = indicator.title[report.language]
    caption = report.words("chart_caption", title=title, months=len(months))
    drawing = _drawing(report, indicator, months, accent)
    return Chart(caption, drawing, months_across(report, indicator, months))


def _drawing(report: Report, indicator: Indicator, months: Sequence[Point], accent: str) -> Drawing:
    words, amounts = report.words, report.amounts(indicator)
    days = [date.fromisoformat(f"{each.month}-01") for each in months]
    to_come = _to_come(report, days[-1])
    axis_days = [*days, *to_come]
    latest = next(each for each in reversed(months) if each.value is not None)
    target = words("chart_target", value=amounts.target()) if indicator.target else ""
    plot = Plot(
        points=months,
        names=[dates.month_name(each, report.language) for each in axis_days],
        years=[
            str(each.year) if index == 0 or each.month == 1 else ""
            for index, each in enumerate(axis_days)
        ],
        target=indicator.threshold,
        target_label=target,
        forecast=_band(report, indicator),
        axis=amounts.axis,
        latest=amounts.text(latest.value),
        no_data=words("chart_no_data"),
        masked=words("chart_masked"),
        share=indicator.unit == "ratio",
        unit=amounts.length,
    )
    forecast = plot.forecast
    alt = words(
        "chart_alt",
        title=indicator.title[report.language],
        first=_month(report, months[0].month),
        last=_month(report, months[-1].month),
        latest_month=_month(report, latest.month),
        value=amounts.text(latest.value),
        target=" ".join([f"{target}.", *_earlier(report, indicator, months)]) if target else "",
        forecast=f"{forecast.label}." if forecast else "",
    )
    return chart(plot, accent, alt.strip())


def _earlier(report: Report, indicator: Indicator, months: Sequence[Point]) -> list[str]:
    """What the target was before it changed within the months, the earliest first."""
    runs = stretches([each.target for each in months])
    return [
        report.words(
            "chart_target_before",
            month=_month(report, months[last + 1].month),
            value=report.amounts(indicator).threshold(value),
        )
        for _, last, value in runs[:-1]
    ]


def _to_come(report: Report, last: date) -> list[date]:
    """The months of the fiscal year behind the last one told."""
    end = month_index(report.content.year[1])
    return [month_start(index) for index in range(month_index(last) + 1, end + 1)]


def _band(report: Report, indicator: Indicator) -> Band | None:
    forecast = indicator.figure("year_to_date")["forecast"]
    if forecast is None or forecast["value"] is None or indicator.is_count:
        return None  # the year's number of records is none of a month's
    text, _ = forecast_text(report, indicator)
    label = report.words("chart_forecast", value=text)
    return Band(forecast["value"], forecast["low"], forecast["high"], label)


def _month(report: Report, month: str) -> str:
    return dates.month(date.fromisoformat(f"{month}-01"), report.language)
