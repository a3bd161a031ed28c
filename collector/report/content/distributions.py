"""The annex with the distributions of times: ranges, with the indicator's own limit among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.measuring.figures.distribution import BOUNDS
from collector.model.fields import parse_duration
from collector.model.quantities import BUSINESS_DAYS
from collector.report.blocks import Block, Chart, Heading, Paragraph, Run
from collector.report.charts.small import bars
from collector.report.content.chart_tables import ranges_across
from collector.report.content.frozen import Indicator, Json
from collector.report.content.report import Report
from collector.text import numbers
from collector.text.characters import DASH, NBSP
from collector.text.durations import in_largest_unit, range_in_largest_unit
from collector.text.words import capital

_MOST_GROUPS = 8


@dataclass(frozen=True, slots=True)
class _Group:
    """Records with times above ``low`` up to and including ``high`` seconds.

    ``high`` None: no upper bound. ``open``: also the records that have no time.
    """

    low: int
    high: int | None
    n: int
    open: bool = False


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
    if not blocks:
        return []
    return [Paragraph((Run(report.words("distribution_note")),), kind="small"), *blocks]


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
    words, title, total = report.words, indicator.title[report.language], figure["eligible"]
    limit, groups = ranges(indicator, figure)
    names = [_name(report, each) for each in groups]
    shares = [numbers.percent(each.n / total, report.language, 0) for each in groups]
    business = indicator.raw["calendar"] is not None
    corner = words("distribution_business_time" if business else "distribution_time")
    told = ", ".join(f"{name} {share}" for name, share in zip(names, shares, strict=True))
    within = _within(report, indicator, figure, limit)
    alt = " ".join(filter(None, [words("distribution_alt", title=title, groups=told), within]))
    most = max(each.n for each in groups)
    drawn = bars(
        [
            (name, each.n / most, f"{report.whole(each.n)} ({share})")
            for name, each, share in zip(names, groups, shares, strict=True)
        ],
        accent,
        alt,
        mark=None if limit is None else (_after(groups, limit), within),
    )
    caption = capital(words("distribution_caption", span=report.span("year_to_date")))
    counted = [(name, each.n) for name, each in zip(names, groups, strict=True)]
    return Chart(caption, drawn, ranges_across(report, corner, counted))


def _within(report: Report, indicator: Indicator, figure: Json, limit: int | None) -> str:
    """The share within the limit, as the table of goals has it; empty without a limit."""
    if limit is None:
        return ""
    timed = sum(n for bound, n in figure["histogram"] if bound is not None and bound <= limit)
    untimed = figure["good"] - timed if limit in BOUNDS else 0
    return report.words(
        "distribution_within_untimed" if untimed else "distribution_within",
        n=report.whole(untimed),
        limit=in_largest_unit(limit, report.language),
        good=report.whole(figure["good"]),
        of=report.whole(figure["eligible"]),
        share=report.amounts(indicator).text(figure["value"]),
    )


def _name(report: Report, group: _Group) -> str:
    words, language = report.words, report.language
    if group.open and group.high == group.low:
        return capital(words("distribution_open"))
    if group.high is None:
        over = words("distribution_over", time=in_largest_unit(group.low, language))
        return capital(words("distribution_or_open", over=over) if group.open else over)
    return range_in_largest_unit(group.low, group.high, language)


def _after(groups: Sequence[_Group], limit: int) -> int:
    """The number of groups within the limit."""
    return sum(each.high is not None and each.high <= limit and not each.open for each in groups)


def ranges(indicator: Indicator, figure: Json) -> tuple[int | None, list[_Group]]:
    """The indicator's limit in seconds, if times can be told apart by it, and the groups of all its
    records: ranges of times, and those without a time.

    The limit is a bound. On both sides of it neighbouring buckets are merged into at most
    ``_MOST_GROUPS`` groups in all, none of 1 to ``min_n`` - 1 records. What the table of goals
    tells anyway (how many are within the limit, and how many are not) is shown whatever its size.
    """
    counts = dict(figure["histogram"])
    cells = [
        _Group(low, high, counts.get(high, 0))
        for low, high in zip((0, *BOUNDS), (*BOUNDS, None), strict=True)
    ]
    first, last = (next(i for i in order if cells[i].n) for order in (
        range(len(cells)), range(len(cells) - 1, -1, -1)
    ))  # fmt: skip
    cells = cells[first : last + 1]
    untimed = figure["eligible"] - sum(each.n for each in cells)
    limit, least = _limit(indicator), max(1, indicator.min_n)
    inside, outside = _split(cells, limit, figure["good"]) if limit is not None else ([], cells)
    timed = sum(each.n for each in inside)
    if (
        limit is not None
        and (timed != figure["good"] or not inside)
        and (
            not least <= timed < figure["good"]
            or 0 < sum(each.n for each in outside) + untimed < least
        )
    ):
        limit, inside, outside = None, [], cells
    size = -(-(len(inside) + len(outside)) // _MOST_GROUPS)
    groups = [*_merged(inside, size, least), *_merged(outside, size, least)]
    if untimed > 0:
        late = sum(each.n for each in outside)
        if untimed < least or 0 < late < least:
            start = limit if limit is not None else groups[-1].low
            kept = [each for each in groups if each.low < start] if start else []
            n = sum(each.n for each in groups) - sum(each.n for each in kept)
            return limit, [*kept, _Group(start, None, n + untimed, open=True)]
        groups.append(_Group(0, 0, untimed, open=True))
    return limit, groups


def _limit(indicator: Indicator) -> int | None:
    """The limit of a share within a time, in seconds; None without one, if it is in business days,
    or if it changed within the year."""
    key = f"indicators.{indicator.id}.within"
    said = indicator.raw["definition"].get(key)
    if said is None or any(each["path"] == key for each in indicator.raw["definition_changes"]):
        return None
    try:
        return parse_duration(said)
    except ValueError:
        return None


def _split(cells: Sequence[_Group], limit: int, good: int) -> tuple[list[_Group], list[_Group]]:
    """The groups within a limit and those above it. A group that the limit divides is divided by
    the number of good records."""
    inside = [each for each in cells if each.high is not None and each.high <= limit]
    outside = [each for each in cells if each.low >= limit and each not in inside]
    for each in cells:
        if each.low < limit and each not in inside:
            n = min(max(good - sum(one.n for one in inside), 0), each.n)
            inside.append(_Group(each.low, limit, n))
            outside.insert(0, _Group(limit, each.high, each.n - n))
    return inside, outside


def _merged(cells: Sequence[_Group], size: int, least: int) -> list[_Group]:
    """Groups of ``size`` neighbours, none of 1 to ``least`` - 1 records unless all are so few, no
    two empty ones in a row.

    A group that is too small becomes part of the next one, and at the end of the one before it.
    """
    found: list[_Group] = []
    for at in range(0, len(cells), size):
        part = cells[at : at + size]
        group = _Group(part[0].low, part[-1].high, sum(each.n for each in part))
        before = found[-1].n if found else least
        if found and (0 < before < least or not (group.n or before)):
            found[-1] = _joined(found[-1], group)
        else:
            found.append(group)
    while len(found) > 1 and 0 < found[-1].n < least:
        last = found.pop()
        found[-1] = _joined(found[-1], last)
    return found


def _joined(one: _Group, other: _Group) -> _Group:
    return _Group(one.low, other.high, one.n + other.n)
