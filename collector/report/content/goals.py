"""The committee's table: each goal's indicators with value, forecast, target, state and trend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from collector.report.blocks import Block, Cell, Column, Paragraph, Run, Table
from collector.report.content.assessment import (
    ASSESSMENTS,
    assessment,
    expected_to_miss,
    in_words,
    margin,
)
from collector.report.content.footnotes import Footnotes
from collector.report.content.frozen import Indicator, Json, state_of
from collector.report.content.goal_rows import GoalRow, goal_rows
from collector.report.content.report import Report
from collector.report.content.trends import trend
from collector.snapshot.sentences import no_forecast
from collector.text.characters import DASH, NBSP
from collector.text.words import capital
from collector.text.words.report import ColumnName

_WIDTHS: dict[ColumnName, float] = {
    "council_goal": 1.3, "board_goal": 1.1, "indicator": 2.8, "period": 0.9, "now": 1.0,
    "forecast": 1.2, "target": 2.1, "state": 1.3, "trend": 3.0,
}  # fmt: skip
_NUMBERS = {"period", "now"}
_MOST_NAMED = 12
"""Of more indicators the summary does not name those off target: the table has to find room."""
_OFTEN = 3
"""From so many rows on, what they all say is one note."""
_GOALS = ("council_goal", "board_goal")
_WAS = {"met", "missed"}
"""The states that a year that is over is told of in the past tense."""


def goals_table(report: Report, columns: Sequence[ColumnName]) -> Table:
    """The table, ordered by goal; indicators without a goal come last."""
    shown = _shown(report, columns)
    over, footnotes = report.content.year_is_over, Footnotes()
    rows, notes = _told_once(report, list(_cells(report, shown, footnotes)))
    notes = (*footnotes.texts, *notes, *_without_indicators(report, shown))
    if not rows:
        notes = (report.words("no_goals_yet"), *notes)
    return Table(
        caption=report.words(
            "goals_caption_over" if over else "goals_caption",
            span=report.span_as_known("year_to_date"),
        ),
        columns=tuple(
            Column(_title(report, name), _WIDTHS[name], number=name in _NUMBERS) for name in shown
        ),
        rows=tuple(rows),
        header_cells=_headers(shown),
        notes=notes,
        compact=True,
        landscape=True,
        flowing=True,
    )


def _cells(
    report: Report, shown: Sequence[ColumnName], footnotes: Footnotes
) -> Iterator[tuple[Cell, ...]]:
    for row in goal_rows(report):
        if isinstance(row, GoalRow):
            yield tuple(_cell(report, row, name, footnotes) for name in shown)
        elif set(_GOALS) & set(shown):
            yield (Cell(row, strong=True),)


def _without_indicators(report: Report, shown: Sequence[ColumnName]) -> list[str]:
    """A line with the goals that no indicator serves; none if the table has no goals."""
    if not set(_GOALS) & set(shown):
        return []
    goals, language = report.content.goals, report.language
    served = {each.goal for each in report.content.indicators}
    served |= {goal.under for goal in goals if goal.id in served}
    titles = [
        goal.title[language] for goal in goals if goal.level != "area" and goal.id not in served
    ]
    return [report.words("goals_without", titles="; ".join(titles))] if titles else []


def _told_once(
    report: Report, rows: Sequence[tuple[Cell, ...]]
) -> tuple[list[tuple[Cell, ...]], tuple[str, ...]]:
    """That there is nothing to compare is a note if several rows would say so."""
    none = capital(report.words("trend_none"))
    n = sum(cell.text == none for row in rows for cell in row)
    if n < _OFTEN:
        return list(rows), ()
    told = [
        tuple(
            replace(cell, text="" if cell.spark else DASH) if cell.text == none else cell
            for cell in row
        )
        for row in rows
    ]
    return told, (report.words("trend_none_note", n=n),)


def _shown(report: Report, columns: Sequence[ColumnName]) -> list[ColumnName]:
    """The chosen columns without those that would be empty or repeat another."""
    without = set(() if report.content.goals else _GOALS)
    if report.content.is_year_so_far:
        without.add("period")
    if report.content.year_is_over:
        without.add("forecast")
    return [name for name in columns if name not in without]


def _headers(shown: Sequence[ColumnName]) -> int:
    """The number of row-header columns: goals and indicator if they come first, otherwise none."""
    end = shown.index("indicator") + 1
    return end if all(name in _GOALS for name in shown[: end - 1]) else 0


def _title(report: Report, name: ColumnName) -> str:
    if name == "period":
        return capital(report.period).replace(NBSP, " ")  # a title may break
    if name == "now" and report.content.year_is_over:
        return report.words("column_result")
    return report.words(f"column_{name}")


def _cell(report: Report, row: GoalRow, name: ColumnName, footnotes: Footnotes) -> Cell:
    if name == "council_goal":
        return Cell(row.council)
    if name == "board_goal":
        return Cell(row.board)
    indicator, why = row.indicator, report.words("protected_why")
    if name == "forecast":
        value, interval, remark = forecast_parts(report, indicator)
        said, note = _set_by(report, indicator)
        cell = Cell(value, interval or (said if note else remark))
        return footnotes.marked(cell, note) if note else cell
    cell = _figures(report, indicator, name)
    return footnotes.marked(replace(cell, detail=""), why) if cell.detail == why else cell


def _set_by(report: Report, indicator: Indicator) -> tuple[str, str]:
    """Of a forecast set by a person: the computed one, and who set it and when; else empty."""
    forecast: Json | None = indicator.figure("year_to_date")["forecast"]
    _, _, remark = forecast_parts(report, indicator)
    if not remark or forecast is None or not forecast["given"]:
        return "", ""
    computed = ""
    if forecast["computed"] is not None:
        text = report.amounts(indicator).text(forecast["computed"])
        computed = report.words("computed", value=text)
    return computed, given_by(report, forecast)


def _figures(report: Report, indicator: Indicator, name: ColumnName) -> Cell:
    match name:
        case "indicator":
            return Cell(indicator.title[report.language], strong=True)
        case "period":
            return report.value(indicator, "period")
        case "now":
            return report.value(indicator, "year_to_date")
        case "target":
            return target_cell(report, indicator)
        case "state":
            return state_cell(report, indicator)
        case _:
            return trend(report, indicator)


def state_cell(report: Report, indicator: Indicator) -> Cell:
    """The assessment of the year so far, by symbol, word and colour."""
    found = assessment(report, indicator)
    text, colour = in_words(report, found)
    if report.masks.figure(indicator, "year_to_date", None) == "protected":
        text = report.words("protected")
    doubt = found == "met" and expected_to_miss(report, indicator)
    detail = report.words("state_doubt") if doubt else ""
    return Cell(text, detail, state=colour, strong=found is not None)


def forecast_text(report: Report, indicator: Indicator) -> tuple[str, str]:
    """The forecast followed by its interval, and the remark on it (see ``forecast_parts``)."""
    value, interval, remark = forecast_parts(report, indicator)
    return f"{value} ({interval})" if interval else value, remark


def forecast_parts(report: Report, indicator: Indicator) -> tuple[str, str, str]:
    """The forecast for the year as three texts: value, interval and remark.

    The remark says who set the forecast, or why there is none. A dash and two empty texts if there
    is no forecast to show.
    """
    words, amounts = report.words, report.amounts(indicator)
    forecast: Json | None = indicator.figure("year_to_date")["forecast"]
    hidden = report.masks.figure(indicator, "year_to_date", None) is not None
    if forecast is None or hidden or report.content.year_is_over:
        return DASH, "", ""
    if forecast["value"] is None:
        reason = no_forecast(forecast["reason"])
        return DASH, "", words(f"forecast_{reason or 'none'}")
    text, low, high = amounts.text(forecast["value"]), forecast["low"], forecast["high"]
    if forecast["given"]:
        remark = given_by(report, forecast)
        if forecast["computed"] is not None:
            remark += f"; {words('computed', value=amounts.text(forecast['computed']))}"
        return text, "", remark
    has_interval = low is not None and high is not None
    return text, amounts.between(low, high) if has_interval else "", ""


def given_by(report: Report, forecast: Json) -> str:
    """``satt av Förvaltningschef 31 juli 2020``: who set a forecast, and when."""
    who = forecast["set_by"]
    text = report.words("set_by", who=who) if who else report.words("set_by_hand")
    return f"{text} {report.day(forecast['since'])}" if forecast["since"] else text


def target_cell(report: Report, indicator: Indicator) -> Cell:
    """The target, and below it the value required for the rest of the year and the misses left, or
    by how much a closed year reached it or not."""
    if indicator.target is None:
        return Cell(report.words("no_target"))
    text = capital(report.amounts(indicator).target())
    if report.masks.figure(indicator, "year_to_date", None) is not None:
        return Cell(text)
    figure = indicator.figure("year_to_date")
    if state_of(figure) in {"no_data", "stale", "too_few"}:
        return Cell(text)
    if report.content.year_is_over:
        return Cell(text, margin(report, indicator))
    details = [_required(report, indicator, figure["required"])]
    if details != [report.words("safe")]:
        details.append(_misses(report, figure))
    return Cell(text, "; ".join(filter(None, details)))


def _required(report: Report, indicator: Indicator, required: float | None) -> str:
    """The value required for the rest of the year, or in words that the target is out of reach or
    already secured."""
    if required is None:
        return ""
    words, high = report.words, indicator.higher_is_better
    value = report.amounts(indicator).text(required)
    if indicator.unit == "ratio" and (required > 1 if high else required < 0):
        return words("unreachable", value=value)
    if indicator.unit == "ratio" and (required <= 0 if high else required >= 1):
        return words("safe")
    if required < 0:  # of a duration or a number of records
        return words("safe" if high else "out_of_reach")
    return words("required", value=value)


def _misses(report: Report, figure: Json) -> str:
    n = figure["misses_left"]
    if n is None:
        return ""
    if not n and state_of(figure) == "met":
        return report.words("no_miss_left")
    many = "misses_left" if n >= 0 else "misses_over"
    one = "one_miss_left" if n >= 0 else "one_miss_over"
    text = report.words(one if abs(n) == 1 else many, n=report.whole(abs(n)))
    return text.replace(" ", NBSP, 1)


def summary(report: Report) -> list[Block]:
    """The summary in plain words: indicators by state, and which are off target or at risk."""
    indicators, by_state = report.content.indicators, _by_state(report)
    was = "was_" if report.content.year_is_over else ""
    sentences = [result(report)]
    off = f"lead_{was}off"
    leads = ((off, "missed"), ("lead_off_unlikely", "unlikely"), ("lead_risk", "at_risk"))
    for key, state in leads:
        titles = [each.title[report.language] for each in by_state[state]]
        if titles and len(indicators) <= _MOST_NAMED:
            sentences.append(report.words(key, titles="; ".join(titles)))
    return [_paragraph(" ".join(sentences))]


def result(report: Report) -> str:
    """The result in a line: ``Av 12 indikatorer: 6 når målet, 4 i riskzonen och 2 når inte
    målet.``"""
    indicators = report.content.indicators
    if not indicators:
        return report.words("lead_none")
    was = "was_" if report.content.year_is_over else ""
    counts = [
        report.words(f"lead_{was if state in _WAS else ''}{state}", n=len(members)).replace(
            " ", NBSP, 1
        )
        for state, members in _by_state(report).items()
        if members
    ]
    return report.words(
        "lead_all" if len(indicators) > 1 else "lead_one",
        n=len(indicators),
        states=report.words.listed(counts),
    )


def _by_state(report: Report) -> dict[str, list[Indicator]]:
    found: dict[str, list[Indicator]] = {each: [] for each in (*ASSESSMENTS, "no_target")}
    for each in report.content.indicators:
        found[assessment(report, each) or "no_target"].append(each)
    return found


def _paragraph(text: str) -> Paragraph:
    return Paragraph((Run(text),), kind="lead")
