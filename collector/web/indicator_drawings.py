"""The drawings of the page about a figure: its months, how its times are spread, one clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language, Text
from collector.model.quantities import YES_NO_UNIT
from collector.report.blocks import Drawing
from collector.report.charts import clock, distribution
from collector.report.charts.months import Plot, Point, chart
from collector.text import dates
from collector.text.dates import LocalTimes
from collector.text.durations import in_largest_unit
from collector.text.measures import Amounts
from collector.text.numbers import number, percent
from collector.text.vocabulary import short_weekday
from collector.text.words import words_in
from collector.web.indicator_parts import Distribution, Group, is_over
from collector.web.indicator_records import Course, RecordTold
from collector.web.palette import ACCENT
from collector.web.standing import MonthPoint

_MOST_TICKS = 7
_HOUR, _DAY = 3600, 86_400
_STEPS = (
    *(60, 300, 900, 1800, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 12 * _HOUR),
    *(_DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY, 364 * _DAY),
)

WORDS = {
    "opened": Text(sv="började", en="started"),
    "ended": Text(sv="klart", en="done"),
    "now": Text(sv="nu", en="now"),
    "deadline": Text(sv="tidsgräns", en="deadline"),
    "passed": Text(sv="arbetstid som gått", en="business time that passed"),
    "ahead": Text(sv="arbetstid till tidsgränsen", en="business time to the deadline"),
    "overdrawn": Text(sv="arbetstid efter tidsgränsen", en="business time after the deadline"),
    "closed": Text(sv="stängt", en="closed"),
    "paused": Text(sv="räknas inte", en="taken off"),
    "limit": Text(sv="gräns {0}", en="limit {0}"),
    "over": Text(sv="över", en="over"),
    "spread": Text(sv="Fördelning: {0}.", en="Distribution: {0}."),
    "line": Text(sv="Tidslinje för {0}: {1}.", en="Timeline of {0}: {1}."),
}


def trend(points: Sequence[MonthPoint], figure: Figure, language: Language) -> Drawing | None:
    """The months with their target as a line; None with nothing to draw."""
    months = [Point(each.month, each.value, target=each.target) for each in points]
    known = [each for each in months if each.value is not None]
    if figure.unit == YES_NO_UNIT or not known:
        return None
    words = words_in(language)
    amounts = Amounts(figure.measure, words)
    days = [date.fromisoformat(f"{each.month}-01") for each in months]
    latest = known[-1]
    target = words("chart_target", value=amounts.target()) if figure.target else ""
    alt = words(
        "chart_alt",
        title=figure.title[language],
        first=dates.month(days[0], language),
        last=dates.month(days[-1], language),
        latest_month=dates.month(date.fromisoformat(f"{latest.month}-01"), language),
        value=amounts.text(latest.value),
        target=f"{target}." if target else "",
        forecast="",
    )
    plot = Plot(
        points=months,
        names=[dates.month_name(each, language) for each in days],
        years=[str(each.year) if n == 0 or each.month == 1 else "" for n, each in enumerate(days)],
        target=figure.threshold,
        target_label=target,
        forecast=None,
        axis=amounts.axis,
        latest=amounts.text(latest.value),
        no_data=words("chart_no_data"),
        masked=words("chart_masked"),
        share=figure.unit == "ratio",
        unit=amounts.length,
    )
    return chart(plot, ACCENT, alt.strip())


def spread(found: Distribution, language: Language) -> Drawing:
    """The distribution as bars, with the limit marked."""
    most, total = max(each.n for each in found.groups), sum(each.n for each in found.groups)
    bars, said = [], []
    for each in found.groups:
        share = percent(each.n / total, language, 0)
        label = _range(each, language)
        after = f"{number(each.n, language)} ({share})"
        bars.append(distribution.Bar(label, each.n / most, after, is_over(each, found.limit)))
        said.append(f"{label} {share}")
    limit = ""
    if found.limit is not None:
        limit = WORDS["limit"][language].format(in_largest_unit(found.limit, language))
        said.append(limit)
    alt = WORDS["spread"][language].format(", ".join(said))
    return distribution.distribution(bars, limit, ACCENT, alt)


def _range(each: Group, language: Language) -> str:
    if each.high is None:
        return f"> {in_largest_unit(each.low, language)}"
    return f"≤ {in_largest_unit(each.high, language)}"


def clock_line(told: RecordTold, when: LocalTimes, language: Language) -> Drawing | None:
    """One record's clock on a line of time; None where there is nothing to draw."""
    found = told.course
    if found is None:
        return None
    late = told.record.verdict == "missed"
    marks = [("opened", found.start, False)]
    marks.append(("ended" if found.end else "now", found.until, late))
    if found.due is not None:
        marks.append(("deadline", found.due, False))
    said = [f"{WORDS[name][language]} {when(_seconds(at))}" for name, at, _ in marks]
    alt = WORDS["line"][language].format(f"{told.record.source}/{told.record.id}", ", ".join(said))
    first, stop = _seconds(found.start), _seconds(found.stop)
    margin = max(1, (stop - first) // 60)
    open_spans = [(_seconds(each.start), _seconds(each.end)) for each in found.open]
    line = clock.Line(
        first=first - margin,
        last=stop + margin,
        until=_seconds(found.until),
        due=None if found.due is None else _seconds(found.due),
        open=open_spans,
        paused=[(_seconds(each.start), _seconds(each.end)) for each in found.paused],
        marked=[
            clock.Marked(_seconds(at), text, late)
            for (_, at, late), text in zip(marks, said, strict=True)
        ],
        named=[
            ((max(_seconds(each.start), first), min(_seconds(each.end), stop)), each.name)
            for each in sorted((*found.paused, *found.special), key=lambda each: each.start)
        ],
        ticks=_ticks(found, language),
        legend=(
            WORDS["passed"][language],
            WORDS["overdrawn"][language] if found.due and found.due < found.until else "",
            WORDS["ahead"][language]
            if open_spans and open_spans[-1][1] > _seconds(found.until)
            else "",
            WORDS["closed"][language],
            WORDS["paused"][language] if found.paused else "",
        ),
    )
    return clock.clock(line, ACCENT, alt)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _ticks(found: Course, language: Language) -> list[tuple[int, str]]:
    """Round local times between the two ends of a clock, a few of them."""
    length = max(1, _seconds(found.stop) - _seconds(found.start))
    step = next((each for each in _STEPS if length <= each * _MOST_TICKS), _STEPS[-1])
    midnight = found.start.replace(hour=0, minute=0, second=0, fold=0)
    if step >= _DAY:
        days = step // _DAY
        instants = [midnight + timedelta(days=n) for n in range(days, length // _DAY + 2, days)]
    else:
        after = (found.start.replace(tzinfo=None) - midnight.replace(tzinfo=None)).seconds
        begin = -(-after // step) * step
        instants = [
            midnight + timedelta(seconds=begin + n * step) for n in range(length // step + 2)
        ]
    shown = [each for each in instants if found.start <= each <= found.stop]
    return [(_seconds(each), _tick_label(each, step, language)) for each in shown]


def _tick_label(at: datetime, step: int, language: Language) -> str:
    if step >= _DAY or at.hour == at.minute == 0:
        weekday = short_weekday(at.weekday(), language)
        return f"{weekday} {at.day} {dates.month_name(at.date(), language)}"
    return f"{at:%H:%M}"
