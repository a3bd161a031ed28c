"""The annex with the indicators by organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.report.blocks import Block, Cell, Column, Table
from collector.report.content.assessment import Assessment, assessment, in_words
from collector.report.content.frozen import Indicator, Span
from collector.report.content.report import Report
from collector.text.characters import DASH, NBSP

_MOST_BESIDE = 6
"""Most organizations in one table; further ones go into the next."""
_WIDE_FROM = 4


def organization_tables(report: Report) -> list[Block]:
    """The tables by organization: one for each span, or several if there are many organizations.

    Empty if there are not two organizations, or none has a figure.
    """
    names = report.content.organizations
    if len(names) < 2 or not (chosen := _by_organization(report)):
        return []
    parts = [names[at : at + _MOST_BESIDE] for at in range(0, len(names), _MOST_BESIDE)]
    return [
        _table(report, chosen, span, part)
        for span in reversed(report.content.spans)
        for part in parts
    ]


def _by_organization(report: Report) -> list[Indicator]:
    """The indicators that are measured or that some organization has a value for."""
    return [
        each
        for each in report.content.indicators
        if each.measured or any(f["value"] is not None for f in each.figures("year_to_date"))
    ]


def _table(
    report: Report, indicators: Sequence[Indicator], span: Span, names: Sequence[str]
) -> Table:
    words = report.words
    rows = [
        (
            Cell(each.title[report.language], report.amounts(each).unit),
            _figure(report, each, span, None),
            *(_figure(report, each, span, name) for name in names),
        )
        for each in indicators
    ]
    small = sorted({each.min_n for each in indicators if each.measured and each.min_n})
    symbols = " · ".join(in_words(report, each)[0] for each in _symbols(report, indicators, span))
    notes = (symbols, *_small_note(report, small))
    return Table(
        caption=words("organizations_caption", span=report.span(span)),
        columns=(
            Column(words("column_indicator"), 3.0),
            *(Column(name, number=True) for name in (words("whole"), *names)),
        ),
        rows=tuple(rows),
        notes=notes,
        compact=True,
        landscape=len(names) > _WIDE_FROM,
    )


def _assessment(
    report: Report, indicator: Indicator, span: Span, organization: str | None
) -> Assessment | None:
    """How a figure stands: that of the whole for the year so far as the table of goals has it."""
    if organization is None and span == "year_to_date":
        return assessment(report, indicator)
    return report.shown_state(indicator, span, organization)


def _symbols(report: Report, indicators: Sequence[Indicator], span: Span) -> tuple[Assessment, ...]:
    """The assessments whose symbols are explained; "unlikely" only where it occurs."""
    found = any(_assessment(report, each, span, None) == "unlikely" for each in indicators)
    unlikely: tuple[Assessment, ...] = ("unlikely",) if found else ()
    return ("met", "at_risk", *unlikely, "missed", "stale")


def _is_divided(indicator: Indicator, span: Span) -> bool:
    """Whether any record of an indicator tells its organization. Where there is none at all, there
    is nothing to divide."""
    parts = indicator.figures(span)
    if any(each["eligible"] or each["pending"] or each["excluded"] for each in parts):
        return True
    if any(each["value"] is not None for each in parts):
        return True
    whole = indicator.figure(span)
    return not (whole["eligible"] or whole["pending"])


def _small_note(report: Report, small: Sequence[int]) -> list[str]:
    """The note on the number of records below which nothing is shown.

    ``small``: the different limits of the indicators, sorted.
    """
    if not small:
        return []
    if len(small) == 1:
        return [report.words("organizations_note", n=small[0])]
    return [report.words("organizations_note_differ", least=small[0], most=small[-1])]


def _figure(report: Report, indicator: Indicator, span: Span, organization: str | None) -> Cell:
    """The value with the symbol of its state; its unit stands beside the indicator's title."""
    if all(each["organization"] != organization for each in indicator.raw[span]):
        return Cell(DASH)
    if organization is not None and not _is_divided(indicator, span):
        return Cell(DASH, report.words("not_by_organization"))
    cell = report.value(indicator, span, organization)
    found = _assessment(report, indicator, span, organization)
    text, colour = in_words(report, found)
    if found is None or found in {"no_data", "too_few"}:
        return replace(cell, state=colour)
    value = report.amounts(indicator).number(indicator.figure(span, organization)["value"])
    return replace(cell, text=f"{value}{NBSP}{text.partition(NBSP)[0]}", state=colour)
