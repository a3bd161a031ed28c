"""The sections of the indicators off target or at risk: chart and commentary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from collector.report.content.assessment import Assessment, assessment, in_words, margin
from collector.report.content.chart_tables import months_across
from collector.report.content.frozen import Indicator
from collector.report.content.goals import forecast_text
from collector.report.content.report import Report
from collector.report.content.trends import points
from collector.text import dates
from collector.text.words import capital, lower


def off_target_or_at_risk(report: Report) -> list[Indicator]:
    """The indicators off target, then those that probably miss it, then those at risk."""
    states = {each.id: assessment(report, each) for each in report.content.indicators}
    return [
        each
        for state in ("missed", "unlikely", "at_risk")
        for each in report.content.indicators
        if states[each.id] == state
    ]


def without_comment(report: Report, comments: Mapping[str, object]) -> list[Indicator]:
    """The indicators off target, or that probably miss it, on which nobody has commented."""
    return [
        each
        for each in report.content.indicators
        if each.id not in comments and assessment(report, each) in {"missed", "unlikely"}
    ]


def off_target_sections(
    report: Report,
    comments: Mapping[str, Sequence[Block]],
    accent: str,
    level: Literal[2, 3] = 2,
) -> list[Block]:
    """A heading of the given level, a chart and the commentary for each indicator off target or at
    risk; a missed target without commentary gets a warning instead.

    ``comments``: blocks by indicator id.
    """
    blocks: list[Block] = []
    for indicator in off_target_or_at_risk(report):
        title = indicator.title[report.language]
        blocks.append(Heading(title, level, f"indicator-{indicator.id}"))
        blocks.append(_status_line(report, indicator))
        drawn = indicator_chart(report, indicator, accent)
        if drawn is not None:
            blocks.append(drawn)
        elif indicator.unit != YES_NO_UNIT:
            blocks.append(Paragraph((Run(report.words("chart_none")),), kind="small"))
        found = assessment(report, indicator)
        blocks += commentary_blocks(report, comments.get(indicator.id, ()), found)
    return blocks


def other_comments(
    report: Report, comments: Mapping[str, Sequence[Block]], level: Literal[2, 3] = 2
) -> list[Block]:
    """The commentary on indicators that are neither off target nor at risk, under headings."""
    shown = {each.id for each in off_target_or_at_risk(report)}
    blocks: list[Block] = []
    for indicator in report.content.indicators:
        text = comments.get(indicator.id, ())
        if text and indicator.id not in shown:
            blocks.append(Heading(indicator.title[report.language], level))
            blocks += text
    return blocks


def commentary_blocks(
    report: Report, written: Sequence[Block], found: Assessment | None
) -> list[Block]:
    """The commentary, or a warning if a missed target has none."""
    words = report.words
    if written:
        first, title = written[0], Run(f"{words('comment_title')}: ", strong=True)
        if isinstance(first, Paragraph):  # title and text stay on one page
            return [replace(first, runs=(title, *first.runs)), *written[1:]]
        return [Paragraph((replace(title, text=words("comment_title")),)), *written]
    if found not in {"missed", "unlikely"}:
        return []
    key = "comment_missing_over" if report.content.year_is_over else "comment_missing"
    if found == "unlikely":
        key = "comment_missing_unlikely"
    warning = Paragraph((Run(words(key)),))
    return [Notice("warning", words("comment_missing_title"), (warning,))]


def _status_line(report: Report, indicator: Indicator) -> Paragraph:
    """State, value, target and forecast in one line."""
    words = report.words
    value = report.value(indicator, "year_to_date")
    over = report.content.year_is_over
    now = "column_result" if over else "column_now"
    parts = [
        " ".join(filter(None, [words(now), value.text, value.detail])),
        report.aim(indicator),
    ]
    if over:
        parts += filter(None, [margin(report, indicator)])
    else:
        forecast, remark = forecast_text(report, indicator)
        said = lower(words("chart_forecast", value=forecast))
        parts.append(said + (f" ({remark})" if remark else ""))
    state, _ = in_words(report, assessment(report, indicator))
    return Paragraph((Run(state, strong=True), Run(f". {capital(', '.join(parts))}.")))


def indicator_chart(report: Report, indicator: Indicator, accent: str) -> Chart | None:
    """A chart of the months with target and forecast; None if there is nothing to draw."""
    months = points(report, indicator)
    if indicator.unit == YES_NO_UNIT or not any(each.value is not None for each in months):
        return None
    key = "chart_caption_over" if report.content.year_is_over else "chart_caption"
    caption = report.words(key, months=len(months))
    drawing = _drawing(report, indicator, months, accent)
    return Chart(caption, drawing, months_across(report, indicator, months))


def _drawing(report: Report, indicator: Indicator, months: Sequence[Point], accent: str) -> Drawing:
    words, amounts = report.words, report.amounts(indicator)
    days = [date.fromisoformat(f"{each.month}-01") for each in months]
    to_come = _remaining_months(report, days[-1])
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
    """Earlier targets that were in force within the months shown, earliest first."""
    runs = stretches([each.target for each in months])
    return [
        report.words(
            "chart_target_before",
            month=_month(report, months[last + 1].month),
            value=report.amounts(indicator).threshold(value),
        )
        for _, last, value in runs[:-1]
    ]


def _remaining_months(report: Report, last: date) -> list[date]:
    """The first days of the fiscal year's months after ``last``."""
    end = month_index(report.content.year[1])
    return [month_start(index) for index in range(month_index(last) + 1, end + 1)]


def _band(report: Report, indicator: Indicator) -> Band | None:
    forecast = indicator.figure("year_to_date")["forecast"]
    if report.content.year_is_over or forecast is None or forecast["value"] is None:
        return None
    if indicator.is_count:
        return None  # a count for the whole year has no place among monthly counts
    text, _ = forecast_text(report, indicator)
    label = report.words("chart_forecast", value=text)
    return Band(forecast["value"], forecast["low"], forecast["high"], label)


def _month(report: Report, month: str) -> str:
    return dates.month(date.fromisoformat(f"{month}-01"), report.language)
