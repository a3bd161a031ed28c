"""The annexes with the indicators by organization and the distributions of their times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.measuring.figures.distribution import BOUNDS
from collector.model.quantities import BUSINESS_DAYS
from collector.report.blocks import Block, Cell, Chart, Column, Heading, Paragraph, Run, Table
from collector.report.charts.small import bars
from collector.report.content.chart_tables import ranges_across
from collector.report.content.frozen import Indicator, Json, Span
from collector.report.content.report import Report
from collector.text import numbers
from collector.text.characters import DASH, NBSP
from collector.text.durations import in_largest_unit
from collector.text.vocabulary import STATE_LOOKS
from collector.text.words import capital

_MOST_BESIDE = 6
"""Most organizations in one table; further ones go into the next."""
_MOST_GROUPS = 8
_WIDE_FROM = 4


def organization_tables(report: Report) -> list[Block]:
    """The tables by organization: one for each span, or several if there are many organizations.

    Empty if there are no organizations, or none has a figure.
    """
    names = report.content.organizations
    if not names or not (chosen := _by_organization(report)):
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
    symbols = " · ".join(report.state(state) for state in ("met", "at_risk", "missed", "stale"))
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
    cell = report.value(indicator, span, organization)
    state = report.shown_state(indicator, span, organization)
    if state is None or state in {"no_data", "too_few"}:
        return replace(cell, state=state)
    value = indicator.figure(span, organization)["value"]
    text = f"{report.amounts(indicator).number(value)}{NBSP}{STATE_LOOKS[state].symbol}"
    return replace(cell, text=text, state=state)


def distribution_blocks(report: Report, accent: str) -> list[Block]:
    """Median, 90th percentile and histogram of each indicator based on times.

    An indicator that is masked, or that has fewer times than ``min_n``, is left out.
    """
    blocks: list[Block] = []
    for indicator in report.content.indicators:
        figure = indicator.figure("year_to_date")
        hidden = report.masks.figure(indicator, "year_to_date", None) is not None
        enough = sum(n for _, n in figure["histogram"]) >= max(1, indicator.min_n)
        if hidden or not enough or figure["median"] is None:
            continue
        blocks.append(Heading(indicator.title[report.language], 2))
        blocks.append(_quantiles(report, indicator, figure))
        blocks.append(_histogram(report, indicator, figure, accent))
    return blocks


def _quantiles(report: Report, indicator: Indicator, figure: Json) -> Paragraph:
    values = {
        "median": quantile_text(report, indicator, figure["median"]),
        "ninety": quantile_text(report, indicator, figure["p90"]),
    }
    key = "distribution_text_share"
    if indicator.unit == "seconds" and figure["value"] is not None:
        key, values["mean"] = "distribution_text", report.amounts(indicator).text(figure["value"])
    text = " ".join(filter(None, [report.words(key, **values), _clock(report, indicator)]))
    return Paragraph((Run(text),))


def _clock(report: Report, indicator: Indicator) -> str:
    """The note that times are business time, and how long a business day is if days are shown."""
    if indicator.raw["calendar"] is None:
        return ""
    if indicator.shown_in is None or indicator.shown_in[0] not in BUSINESS_DAYS:
        return report.words("distribution_clock")
    day = in_largest_unit(indicator.shown_in[1], report.language)
    return report.words("distribution_clock_day", day=day)


def quantile_text(report: Report, indicator: Indicator, found: Json) -> str:
    """A percentile in words: an estimate with its bounds, both from the histogram.

    ``found`` holds ``low``, ``high`` and ``seconds`` (seconds; ``high`` is None above the last
    bucket). It is written in the indicator's own unit of duration, if it has one.
    """

    def duration(seconds: float, *, exact: bool = True) -> str:
        if indicator.shown_in is not None:
            return report.amounts(indicator).text(seconds)
        return in_largest_unit(seconds, report.language, exact=exact)

    if found["high"] is None:
        return report.words("distribution_over", time=duration(found["low"]))
    if found["low"] == found["high"]:
        return duration(found["low"])
    between = f"{duration(found['low'])}{DASH}{duration(found['high'])}"
    if indicator.shown_in is not None:
        between = report.amounts(indicator).between(found["low"], found["high"])
    return f"≈{NBSP}{duration(found['seconds'], exact=False)} ({between})"


def _histogram(report: Report, indicator: Indicator, figure: Json, accent: str) -> Chart:
    groups = _groups(report, figure["histogram"], indicator.min_n)
    words, title = report.words, indicator.title[report.language]
    most, total = max(n for _, n in groups), sum(n for _, n in groups)
    shares = [numbers.percent(n / total, report.language, 0) for _, n in groups]
    business = indicator.raw["calendar"] is not None
    corner = words("distribution_business_time" if business else "distribution_time")
    alt = words(
        "distribution_alt",
        title=title,
        groups=", ".join(
            f"{name} {share}" for (name, _), share in zip(groups, shares, strict=True)
        ),
    )
    drawn = bars(
        [
            (name, n / most, f"{report.whole(n)} ({share})")
            for (name, n), share in zip(groups, shares, strict=True)
        ],
        accent,
        alt,
    )
    caption = _histogram_caption(report, indicator, total, figure["eligible"])
    return Chart(caption, drawn, ranges_across(report, corner, groups))


def _histogram_caption(report: Report, indicator: Indicator, n: int, eligible: int) -> str:
    """What the histogram counts; records that are not finished have no time and are left out."""
    return report.words(
        "distribution_caption" if n == eligible else "distribution_caption_of",
        title=indicator.title[report.language],
        span=report.span("year_to_date"),
        n=report.whole(n),
        of=report.whole(eligible),
    )


def _groups(
    report: Report, histogram: Sequence[Sequence[int | None]], min_n: int
) -> list[tuple[str, int]]:
    """(label, records) of neighbouring buckets, merged into at most ``_MOST_GROUPS`` groups.

    Consecutive empty groups are joined, and groups under ``min_n`` records with their neighbours.
    """
    counted = {bound: n or 0 for bound, n in histogram}
    bounds: list[int | None] = [*BOUNDS, None]
    filled = [index for index, bound in enumerate(bounds) if counted.get(bound)]
    first, last = filled[0], filled[-1]
    size = -(-(last - first + 1) // _MOST_GROUPS)
    parts = []
    for start in range(first, last + 1, size):
        end = min(start + size - 1, last)
        parts.append((end, sum(counted.get(bound, 0) for bound in bounds[start : end + 1])))
    groups: list[tuple[str, int]] = []
    for end, n in _large_enough(parts, min_n):
        bound = bounds[end]
        key = "distribution_over" if bound is None else "distribution_up_to"
        time = in_largest_unit(BOUNDS[-1] if bound is None else bound, report.language)
        groups.append((capital(report.words(key, time=time)), n))
    return groups


def _large_enough(parts: Sequence[tuple[int, int]], min_n: int) -> list[tuple[int, int]]:
    """(last bucket, records) of groups, none of 1 to ``min_n`` - 1 records, no two empty ones in a
    row.

    A group that is too small becomes part of the next one, and at the end of the one before it.
    """
    found: list[tuple[int, int]] = []
    for end, n in parts:
        before = found[-1][1] if found else min_n
        if 0 < before < min_n or (found and not (n or before)):
            found[-1] = (end, before + n)
        else:
            found.append((end, n))
    while len(found) > 1 and 0 < found[-1][1] < min_n:
        end, n = found.pop()
        found[-1] = (end, found[-1][1] + n)
    return found
