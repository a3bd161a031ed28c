"""A figure taken apart is what ``measure``, ``measure --by`` and ``explain`` say."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import pairwise

import pytest
import requests

from collector.measuring.engine.explain import explanations
from collector.measuring.engine.explanation_rows import EXPLANATION_COLUMNS, explanation_row
from collector.measuring.engine.open_tickets import running_clocks
from collector.measuring.engine.questions import period_figures
from collector.measuring.engine.splitting import FIELDS
from collector.measuring.figures.distribution import BOUNDS, groups
from collector.report.charts.svg import INK
from collector.text.iso_times import iso_instants
from collector.web.desk import Desk
from collector.web.indicator_page import IndicatorPage
from collector.web.indicator_records import PAGE_SIZE, csv_of
from collector.web.parameters import Question

MEASURED = ("urgent", "first_line", "handling", "answered", "tickets")
JUNE = "2020-06"


def content(desk: Desk, indicator: str, **values: str):
    asked = Question(values, "en", path=indicator)
    return IndicatorPage().content(desk, asked)


def measured(desk: Desk, indicator: str, period: str, **more):
    chosen = desk.measuring.period(period, desk.now)
    return period_figures(desk.measuring, chosen, desk.now, [indicator], **more)[0]


def records(desk: Desk, indicator: str, period: str, *only):
    chosen = desk.measuring.period(period, desk.now)
    organization, verdict = only or (None, None)
    return list(explanations(desk.measuring, indicator, chosen, desk.now, organization, verdict))


@pytest.mark.parametrize(
    "period", ["month", "year_to_date", "2020-q2", JUNE, "2020-07-01..2020-07-10"]
)
@pytest.mark.parametrize("indicator", [*MEASURED, "costs"])
def test_a_figure_is_that_of_measure(desk, indicator, period):
    """Kept, published or measured for the page; with its comparison a year before."""
    by_organization = measured(desk, indicator, period, compare=True)
    (whole,) = [each for each in by_organization if each.organization is None]
    for shown in (desk, replace(desk, live=None)):
        if shown.live is None and period == "2020-q2" and whole.is_measured:
            continue
        found = content(shown, indicator, period=period)
        assert found.standing is not None
        assert found.standing.value == whole.value
        assert found.standing.state == whole.state
        if whole.is_measured:
            assert (found.standing.n, found.standing.pending) == (whole.eligible, whole.pending)
            assert {each.reason: each.n for each in found.excluded} == whole.excluded
            assert found.by_organization is not None
            parts = {each.value: each.figure for each in found.by_organization.parts}
            assert parts == {
                each.organization: each.value for each in by_organization if each.organization
            }
        if shown.live is not None:
            compared = {each.name: each for each in whole.comparisons if each.value is not None}
            assert {each.name for each in found.comparisons} == {*compared} - {"year_to_date"}
            for each in found.comparisons:
                other = compared[each.name]
                assert (each.value, each.change, each.verdict) == (
                    other.value, other.change, other.verdict,
                )  # fmt: skip


def test_a_period_that_is_neither_kept_nor_short_is_left_to_the_command(desk):
    found = content(replace(desk, live=None), "urgent", period="2020-q2")
    assert found.standing is None
    assert (found.records, found.breakdowns) == ([], [])
    assert [each.period for each in found.months] == ["2020-06", "2020-05", "2020-04"]


@pytest.mark.parametrize("indicator", MEASURED)
def test_the_trend_is_that_of_each_month(desk, indicator):
    found = content(desk, indicator).trend
    assert len(found) == 13
    for point in found[::6]:
        figure = measured(desk, indicator, point.month)[0]
        running_count = figure.is_count and point.month == "2020-07"
        assert point.value == (None if running_count else figure.value)
        assert point.target == figure.threshold


@pytest.mark.parametrize("organization", [None, "Laxå"])
@pytest.mark.parametrize("indicator", MEASURED)
def test_parts_add_up_to_the_figure_and_are_those_of_measure(desk, indicator, organization):
    asked = {} if organization is None else {"organization": organization}
    found = content(desk, indicator, period=JUNE, **asked)
    assert {"weekday", "hour"} <= {each.by for each in found.breakdowns} <= set(FIELDS)
    for each in found.breakdowns:
        assert sum(part.n for part in each.parts) == found.standing.n
        assert sum(part.pending for part in each.parts) == found.standing.pending
        if organization is None:
            split = [f for f in measured(desk, indicator, JUNE, by=each.by) if f.part]
            assert [part.figure for part in each.parts] == [f.value for f in split]
        for part in each.parts[:2]:
            listed = content(desk, indicator, period=JUNE, **asked, **{each.by: part.value})
            counting = content(
                desk, indicator, period=JUNE, verdict="excluded", **asked, **{each.by: part.value}
            )
            in_list = listed.paging.total - counting.paging.total
            assert in_list == part.n + part.pending, (each.by, part)


def _key(sort, record):
    """What a record is sorted by."""
    match sort:
        case "counted":
            return record.counted_at
        case "time":
            return -1 if record.elapsed_seconds is None else record.elapsed_seconds
        case "verdict":
            return ["missed", "pending", "met", "excluded"].index(record.verdict)
        case _:
            return record.organization


@pytest.mark.parametrize("sort", ["counted", "time", "verdict", "organization"])
def test_records_are_sorted_filtered_and_paged(desk, sort):
    for verdict in (None, "missed"):
        wanted = records(desk, "urgent", "2020-05-20..2020-06-19", None, verdict)
        for falling in (False, True):
            asked = {"period": "2020-05-20..2020-06-19", "sort": ("-" * falling) + sort}
            if verdict:
                asked["verdict"] = verdict
            found, number = [], 1
            while True:
                page = content(desk, "urgent", **asked, page=str(number))
                found += page.records
                if not page.paging.more:
                    break
                number += 1
            assert page.paging.total == len(wanted) == len(found)
            assert number == -(-len(wanted) // PAGE_SIZE)
            assert {(each.source, each.id) for each in found} == {
                (each.source, each.id) for each in wanted
            }
            for one, other in pairwise(found):
                first, second = (other, one) if falling else (one, other)
                assert _key(sort, first) <= _key(sort, second)


def test_csv_is_that_of_explain_for_a_year_and_a_choice(site, desk):
    instant = iso_instants(desk.settings.timezone)
    for query, only in (
        ("period=year_to_date", (None, None)),
        ("period=2020-06&verdict=missed&organization=Lax%C3%A5", ("Laxå", "missed")),
    ):
        answer = requests.get(f"{site}/indicator/urgent/records.csv?{query}", timeout=30)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "content-length" not in answer.headers, "it is sent as it is made"
        rows = list(csv.reader(io.StringIO(answer.content.decode())))
        period = query.partition("&")[0].removeprefix("period=")
        wanted = [explanation_row(each, instant) for each in records(desk, "urgent", period, *only)]
        assert rows[0] == EXPLANATION_COLUMNS
        assert [row[1] for row in rows[1:]] == [each["id"] for each in wanted]
        elapsed = EXPLANATION_COLUMNS.index("elapsed_seconds")
        assert [row[elapsed] for row in rows[1:]] == [
            "" if each["elapsed_seconds"] is None else str(each["elapsed_seconds"])
            for each in wanted
        ]


def test_a_year_is_read_a_month_at_a_time(desk, monkeypatch):
    """Constant memory: no reading of the store spans more than a month."""
    spans = []
    measuring = desk.measuring
    table = measuring.table

    def noted(clock, *asked):
        spans.extend(asked)
        return table(clock, *asked)

    monkeypatch.setattr(measuring, "table", noted)
    lines = list(
        csv_of(
            desk,
            Question({}, "en", path="answered"),
            measuring.period("2019-01..2020-06", desk.now),
        )
    )
    assert len(lines) > 500
    assert max(end - start for start, end in spans) <= 31 * 86_400 + 3600


def open_until(at, spans):
    """The seconds within spans of time before an instant."""
    return sum(max(0.0, (min(each.end, at) - each.start).total_seconds()) for each in spans)


def test_a_clock_is_that_of_explain(desk):
    """The time line's instants are those of ``explain``; the business hours that are drawn as
    passed, less the pauses, are the time that it took."""
    seen = set()
    for indicator in ("urgent", "answered"):
        for each in records(desk, indicator, "2020-07")[-40:]:
            told = content(desk, indicator, record=f"{each.source}/{each.id}").told
            assert told.record.verdict == each.verdict
            clock, drawn = each.clock, told.course
            assert drawn is not None
            seen.add(each.verdict)
            assert int(drawn.start.timestamp()) == clock.start
            assert open_until(drawn.until, drawn.open) == clock.elapsed
            if clock.calendar is not None:
                assert (drawn.end and int(drawn.end.timestamp())) == clock.end
                assert int(drawn.until.timestamp()) == clock.until
            within = open_until(drawn.due, drawn.open)
            assert within == clock.limit, "the deadline is where the limit is used up"
    assert {"met", "missed"} <= seen


def test_the_deadline_of_an_open_ticket_is_that_of_the_list(desk):
    running = running_clocks(desk.measuring, desk.now)
    assert {each.overdue for each in running} == {True, False}
    for each in running:
        told = content(desk, each.indicator, record=f"{each.source}/{each.id}").told
        assert int(told.course.due.timestamp()) == each.due
        assert told.record.limit_seconds - told.record.elapsed_seconds == each.left


def test_drawings_say_in_words_what_they_show(site):
    page = requests.get(
        f"{site}/indicator/urgent?record=desk/late&period=2020-06&lang=en", timeout=30
    ).text
    assert "Timeline of desk/late: started Tue 2020-07-14 15:00:00, now" in page
    assert "deadline Tue 2020-07-14 15:30:00." in page
    assert "Distribution: " in page
    assert "limit 30\xa0min" in page
    assert INK not in page.replace(f'"{INK}"', "")


@pytest.mark.parametrize("limit", [None, 1800, 1801])
def test_groups_hold_every_duration_and_stop_at_the_limit(limit):
    histogram = [0] * (len(BOUNDS) + 1)
    for place in (4, 25, 26, 27, 40, len(BOUNDS)):
        histogram[place] = place
    found = groups(histogram, 5, limit)
    assert sum(each.n for each in found) == sum(histogram)
    for one, other in pairwise(found):
        assert one.high == other.low
    if limit in BOUNDS:
        assert any(each.high == limit for each in found)
    assert groups([0] * len(histogram), 5) == []
