"""Data quality: the sources and their age, missing or excluded records, values entered by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from collector.measuring.figures.forecast import ENOUGH_YEARS
from collector.model.bilingual import Text
from collector.report.blocks import (
    Block,
    Cell,
    Column,
    Heading,
    Items,
    Notice,
    Paragraph,
    Run,
    Table,
)
from collector.report.content.frozen import Indicator, Json, Span
from collector.report.content.report import Report
from collector.text.characters import DASH
from collector.text.durations import in_largest_unit
from collector.text.words.definitions import changed_value_in_words, exclusion_reason, label

_SEALED_INSTANT = re.compile(
    r"\b\w{3} (?P<day>\d{4}-\d{2}-\d{2}) (?P<time>\d{2}:\d{2}:\d{2})(?: (?P<offset>[+-]\d{4}))?"
)


def incomplete_notice(report: Report) -> list[Block]:
    """A warning that data were missing, with the reason for each source; empty if none were."""
    lines = incomplete_lines(report)
    if not lines:
        return []
    return [Notice("warning", report.words("incomplete_title"), paragraphs(lines))]


def incomplete_lines(report: Report) -> list[str]:
    """That data were missing, then the reason for each source; empty if none were."""
    why = [_sealed_sentence(report, each) for each in report.content.raw["incomplete"]]
    return [report.words("incomplete"), *why] if why else []


def _sealed_sentence(report: Report, gap: Json) -> str:
    """A sentence of the snapshot on what data lack, with the source's title and with instants as
    the rest of the document writes them."""
    said = Text.of(gap)[report.language]
    if gap.get("source"):
        said = said.replace(str(gap["source"]), report.source(str(gap["source"])), 1)

    def instant(found: re.Match[str]) -> str:
        at = datetime.fromisoformat(f"{found['day']}T{found['time']}{found['offset'] or ''}")
        return report.instant(
            (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(report.timezone))).isoformat()
        )

    return _SEALED_INSTANT.sub(instant, said)


def data_quality(report: Report) -> list[Block]:
    """The chapter's blocks: sources, records behind each figure, indicators without a value, how
    well forecasts have held, and versions."""
    blocks: list[Block] = []
    if coverage := [_sealed_sentence(report, each) for each in report.content.raw["notes"]]:
        blocks.append(Notice("note", report.words("covers_title"), paragraphs(coverage)))
    if report.content.raw["sources"]:
        blocks.append(_sources(report))
    blocks += [_records_behind(report, span) for span in reversed(report.content.spans)]
    blocks += _not_measured(report)
    return [*blocks, *_calibration(report), _versions(report)]


def _sources(report: Report) -> Table:
    words = report.words
    rows = [
        (
            Cell(report.source(str(each["name"]))),
            Cell(words("yes") if each["complete"] else words("no"), strong=not each["complete"]),
            Cell(_at(report, each["as_of"])),
            Cell(_age(report, each["age_seconds"])),
            Cell(_at(report, each["records_since"])),
            Cell(_at(report, each["newest_record"])),
            Cell(report.whole(each["records"])),
            Cell(_rejected(report, each["rejected"])),
        )
        for each in report.content.raw["sources"]
    ]
    columns = (
        Column(words("source")),
        Column(words("source_complete")),
        Column(words("source_known"), 1.6),
        Column(words("source_age")),
        Column(words("source_begins"), 1.6),
        Column(words("source_newest"), 1.6),
        Column(words("records"), number=True),
        Column(words("source_rejected"), 1.4),
    )
    return Table(words("sources_caption"), columns, tuple(rows), compact=True)


def _at(report: Report, at: str | None) -> str:
    return DASH if at is None else report.instant(at)


def _age(report: Report, seconds: int | None) -> str:
    """The age of a source's data when the figures were assessed, in its largest unit."""
    return DASH if seconds is None else in_largest_unit(seconds, report.language, exact=False)


def _rejected(report: Report, rejected: Mapping[str, int]) -> str:
    counts = [f"{why.replace('_', ' ')} {report.whole(n)}" for why, n in sorted(rejected.items())]
    return ", ".join(counts) or report.whole(0)


def _records_behind(report: Report, span: Span) -> Table:
    words = report.words
    rows = [_row(report, each, span) for each in report.content.indicators if each.measured]
    columns = (
        Column(words("column_indicator"), 3.2),
        Column(words("quality_eligible"), number=True),
        Column(words("quality_pending"), number=True),
        Column(words("quality_excluded"), 2.2),
        Column(words("quality_own"), 1.6),
    )
    caption = words("quality_caption", span=report.span(span))
    return Table(caption, columns, tuple(rows), compact=True)


def _row(report: Report, indicator: Indicator, span: Span) -> tuple[Cell, ...]:
    figure = indicator.figure(span)
    n = report.whole(figure["eligible"])
    why = report.masks.figure(indicator, span, None)
    if why is not None:
        n = report.words("too_few", n=indicator.min_n) if why == "too_few" else DASH
    return (
        Cell(indicator.title[report.language]),
        Cell(n),
        Cell(DASH if why else report.whole(figure["pending"])),
        Cell(DASH if why else excluded_text(report, figure["excluded"])),
        Cell(DASH if why else _own_calculation(report, figure["own_calculation"])),
    )


def excluded_text(report: Report, excluded: Mapping[str, int]) -> str:
    """The numbers of excluded records, by reason."""
    counts = [
        f"{report.whole(n)} {exclusion_reason(name, report.language, n)}"
        for name, n in sorted(excluded.items())
    ]
    return "; ".join(counts) or report.whole(0)


def _own_calculation(report: Report, checks: Json | None) -> str:
    """How far the source's own SLA verdicts agree with ours."""
    words = report.words
    if checks is None:
        return words("own_none")
    of = checks["checked"] or checks["compared"]
    differ = checks["disagree"] if checks["checked"] else checks["differ"]
    if differ:
        return words("own_differs", n=report.whole(differ), of=report.whole(of))
    return words("own_agrees", n=report.whole(of))


def _not_measured(report: Report) -> list[Block]:
    titles = [
        each.title[report.language]
        for each in report.content.indicators
        if each.figure("year_to_date")["value"] is None
    ]
    if not titles:
        return []
    entries = tuple((_text(title),) for title in titles)
    return [Heading(report.words("not_measured_title"), 2), Items(entries)]


def _calibration(report: Report) -> list[Block]:
    calibration = report.content.raw["calibration"]
    if not any(each.figure("year_to_date")["forecast"] for each in report.content.indicators):
        return []
    if calibration["years"] >= ENOUGH_YEARS:
        return [
            _text(
                report.words(
                    "calibrated", **{k: calibration[k] for k in ("years", "held", "forecasts")}
                )
            )
        ]
    return [_text(report.words("untested"))]


def _versions(report: Report) -> Paragraph:
    versions = report.content.raw["data_versions"]
    program = report.content.raw["program"]
    text = report.words(
        "versions", program=program, **{k: versions[k] for k in ("holidays", "tzdata")}
    )
    return Paragraph((Run(text),), kind="small")


def manual_entries(report: Report) -> list[Block]:
    """A table of the values and forecasts entered by hand, with author and date, or that there are
    none."""
    words = report.words
    rows = [row for each in report.content.indicators for row in _manual_rows(report, each)]
    if not rows:
        return [_text(words("given_none"))]
    columns = (
        Column(words("column_indicator"), 3.2),
        Column(words("given_what"), 1.6),
        Column(words("given_by"), 1.4),
        Column(words("given_when"), 1.3),
        Column(words("given_comment"), 2),
    )
    caption = "given_caption_over" if report.content.year_is_over else "given_caption"
    return [Table(words(caption), columns, tuple(rows), compact=True)]


def _manual_rows(report: Report, indicator: Indicator) -> Iterator[tuple[Cell, ...]]:
    words, amounts = report.words, report.amounts(indicator)
    for figure in indicator.raw["year_to_date"]:
        name, organization = indicator.title[report.language], figure["organization"]
        name = name if organization is None else f"{name} · {organization}"
        forecast = figure["forecast"] or {}
        who = forecast.get("set_by") or words("unknown")
        if not indicator.measured and figure["value"] is not None:
            entry = f"{words('given_value')} {amounts.text(figure['value'])}"
            given_on = figure.get("given_on")
            same = forecast.get("since") == given_on
            by = who if same and forecast.get("given") else words("unknown")
            yield _manual_row(report, name, entry, by, given_on, figure.get("comment"))
            name = ""
        if forecast.get("given") and not report.content.year_is_over:
            entry = f"{words('given_forecast')} {amounts.text(forecast['value'])}"
            comment = forecast["comment"] if name else None
            yield _manual_row(report, name, entry, who, forecast["since"], comment)


def _manual_row(
    report: Report, name: str, entry: str, who: str, when: str | None, comment: str | None
) -> tuple[Cell, ...]:
    day = DASH if when is None else report.day(when)
    return Cell(name), Cell(entry), Cell(who), Cell(day), Cell(comment or "")


def restatements(report: Report) -> list[Block]:
    """Definitions changed for past dates, and corrected values that were entered by hand."""
    lines: dict[str, None] = {}
    corrected: dict[str, None] = {}
    for each in report.content.indicators:
        lines |= dict.fromkeys(_restatements(report, each))
        corrected |= dict.fromkeys(_corrections(report, each))
    blocks: list[Block] = []
    for key, changes in (("restated_title", lines), ("corrected_title", corrected)):
        if changes:
            blocks.append(Heading(report.words(key), 2))
            blocks.append(Items(tuple((_text(line),) for line in changes)))
    return blocks


def _restatements(report: Report, indicator: Indicator) -> Iterator[str]:
    nothing = report.words("nothing")
    for each in indicator.raw["restatements"]:
        for change in each["changes"]:
            path = change["path"].removeprefix(f"indicators.{indicator.id}.")
            text = report.words(
                "definition_changed",
                since=report.day(change["since"]),
                what=label(path, report.language),
                before=changed_value_in_words(path, change["before"], nothing, report.language),
                after=changed_value_in_words(path, change["after"], nothing, report.language),
            )
            yield f"{report.instant(each['recorded_at'])}: {text}"


def _corrections(report: Report, indicator: Indicator) -> Iterator[str]:
    for each in indicator.raw["corrections"]:
        whose = f" · {each['organization']}" if each["organization"] else ""
        before, after = (_amounts(report, indicator, each[key]) for key in ("before", "after"))
        yield (
            f"{report.instant(each['recorded_at'])}: {indicator.title[report.language]}{whose}, "
            f"{report.day(each['date'])}: {before} → {after}"
        )


def _amounts(report: Report, indicator: Indicator, entry: Mapping[str, Any] | None) -> str:
    amounts = report.amounts(indicator)
    keys = {"value": "given_value", "forecast": "given_forecast"}
    parts = [
        f"{report.words(word)} {amounts.text(entry[key])}"
        for key, word in keys.items()
        if entry and entry.get(key) is not None
    ]
    return ", ".join(parts) or report.words("nothing")


def _text(text: str) -> Paragraph:
    return Paragraph((Run(text),))


def paragraphs(lines: Sequence[str]) -> tuple[Paragraph, ...]:
    """A paragraph for each line."""
    return tuple(_text(line) for line in lines)
