"""Periods of any length: words, fiscal years and tertials, and what they are compared with."""

from datetime import date, timedelta

import pytest

from collector.model.periods import (
    FiscalYear,
    Period,
    first_whole_month,
    month_index,
    month_start,
    parse_period,
    previous,
    year_before,
)

TODAY = date(2020, 7, 14)  # a Tuesday
MAY = FiscalYear(5)
CUMULATIVE = FiscalYear(1, cumulative=True)


def span(text, fiscal=None, today=TODAY):
    period = parse_period(text, today, fiscal)
    return period.first.isoformat(), period.after.isoformat()


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("today", "2020-07-14", "2020-07-15"),
        ("week", "2020-07-13", "2020-07-20"),
        ("month", "2020-07-01", "2020-08-01"),
        ("quarter", "2020-07-01", "2020-10-01"),
        ("tertial", "2020-05-01", "2020-09-01"),
        ("half_year", "2020-07-01", "2021-01-01"),
        ("year", "2020-01-01", "2021-01-01"),
        ("year_to_date", "2020-01-01", "2020-07-15"),
        ("last_month", "2020-06-01", "2020-07-01"),
        ("last_year", "2019-01-01", "2020-01-01"),
        ("2020", "2020-01-01", "2021-01-01"),
        ("2020-t1", "2020-01-01", "2020-05-01"),
        ("2020-t3", "2020-09-01", "2021-01-01"),
        ("2020-q1", "2020-01-01", "2020-04-01"),
        ("2020-q4", "2020-10-01", "2021-01-01"),
        ("2020-h1", "2020-01-01", "2020-07-01"),
        ("2020-h2", "2020-07-01", "2021-01-01"),
        ("2020-12", "2020-12-01", "2021-01-01"),
        ("2020-02-29", "2020-02-29", "2020-03-01"),
        ("2020-01..2020-07", "2020-01-01", "2020-08-01"),
        ("2020-t1..2020-q3", "2020-01-01", "2020-10-01"),
        (" 2019-12-30 .. 2020-01-02 ", "2019-12-30", "2020-01-03"),
    ],
)
def test_words(text, first, after):
    assert span(text) == (first, after)
    assert parse_period(text, TODAY).name == text.strip()


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2020", "2020-05-01", "2021-05-01"),
        ("year", "2020-05-01", "2021-05-01"),
        ("last_year", "2019-05-01", "2020-05-01"),
        ("year_to_date", "2020-05-01", "2020-07-15"),
        ("2020-t1", "2020-05-01", "2020-09-01"),
        ("2020-t3", "2021-01-01", "2021-05-01"),
        ("2020-q4", "2021-02-01", "2021-05-01"),
        ("quarter", "2020-05-01", "2020-08-01"),
        ("half_year", "2020-05-01", "2020-11-01"),
        ("2020-05", "2020-05-01", "2020-06-01"),
        ("month", "2020-07-01", "2020-08-01"),
    ],
)
def test_fiscal_years_begin_when_they_do(text, first, after):
    assert span(text, MAY) == (first, after)


def test_before_its_first_month_it_is_the_year_before():
    assert span("year", MAY, date(2020, 4, 30)) == ("2019-05-01", "2020-05-01")
    assert span("tertial", MAY, date(2020, 4, 30)) == ("2020-01-01", "2020-05-01")
    assert [MAY.year_of(date(2020, month, 1)) for month in (4, 5)] == [2019, 2020]
    assert FiscalYear().year_of(date(2020, 1, 1)) == 2020


def test_cumulative_tertials_begin_with_the_year():
    assert span("2020-t1", CUMULATIVE) == ("2020-01-01", "2020-05-01")
    assert span("2020-t2", CUMULATIVE) == ("2020-01-01", "2020-09-01")
    assert span("tertial", CUMULATIVE) == ("2020-01-01", "2020-09-01")
    assert span("2020-q2", CUMULATIVE) == ("2020-04-01", "2020-07-01")


@pytest.mark.parametrize(
    "text",
    ["", "2020-13", "2020-t0", "2020-t4", "2020-q5", "2020-h3", "2020-x1", "yesterday",
     "2020-02-30", "20-01", "2020-1", "..", "2020..", "2020-07-01T00:00", "0000", "9999-t9"],
)  # fmt: skip
def test_what_is_no_period(text):
    with pytest.raises(ValueError, match="is not a period: write 2020-07, "):
        parse_period(text, TODAY)


def test_backwards_and_the_end_of_the_calendar():
    with pytest.raises(ValueError, match="ends before it begins"):
        parse_period("2020-07..2020-06", TODAY)
    assert span("2020-07..2020-07") == ("2020-07-01", "2020-08-01")
    with pytest.raises(ValueError, match="period"):
        parse_period("9999-12", TODAY)
    with pytest.raises(ValueError, match="lies outside the calendar"):
        parse_period("today", date.max)


def test_only_what_goes_on_ends_later():
    for text in ("today", "year", "2020-t1", "2020-01..2020-07"):
        period = parse_period(text, TODAY)
        assert period.ends == period.after
    assert parse_period("year_to_date", TODAY).ends == date(2021, 1, 1)
    assert parse_period("year_to_date", TODAY, MAY).ends == date(2021, 5, 1)


def test_dates_of_a_period():
    period = parse_period("2020-07", TODAY)
    assert date(2020, 7, 1) in period
    assert date(2020, 7, 31) in period
    assert date(2020, 6, 30) not in period
    assert date(2020, 8, 1) not in period
    assert period.last == date(2020, 7, 31)


def test_the_part_until_a_date():
    period = parse_period("2020-07", TODAY)
    assert period.until(date(2020, 7, 14)).after == date(2020, 7, 15)
    assert period.until(date(2020, 7, 31)).after == date(2020, 8, 1)
    assert period.until(date(2021, 1, 1)).after == date(2020, 8, 1)
    assert period.until(date(2019, 1, 1)).after == date(2020, 7, 2)
    part = parse_period("year_to_date", TODAY).until(date(2020, 3, 1))
    assert part == Period("year_to_date", date(2020, 1, 1), date(2020, 3, 2), date(2021, 1, 1))


@pytest.mark.parametrize(
    ("text", "before", "a_year_ago"),
    [
        ("2020-07", ("2020-06-01", "2020-07-01"), ("2019-07-01", "2019-08-01")),
        ("2020-01", ("2019-12-01", "2020-01-01"), ("2019-01-01", "2019-02-01")),
        ("2020-t2", ("2020-01-01", "2020-05-01"), ("2019-05-01", "2019-09-01")),
        ("2020", ("2019-01-01", "2020-01-01"), ("2019-01-01", "2020-01-01")),
        ("2020-01..2020-07", ("2019-06-01", "2020-01-01"), ("2019-01-01", "2019-08-01")),
        ("week", ("2020-07-06", "2020-07-13"), ("2019-07-15", "2019-07-22")),
        ("today", ("2020-07-13", "2020-07-14"), ("2019-07-16", "2019-07-17")),
        ("2020-02-29", ("2020-02-28", "2020-02-29"), ("2019-03-02", "2019-03-03")),
        ("year_to_date", ("2019-01-01", "2019-07-15"), ("2019-01-01", "2019-07-15")),
        ("2020-02-01..2020-02-29", ("2020-01-01", "2020-02-01"), ("2019-02-01", "2019-03-01")),
        ("2020-02-29..2020-03-31", ("2020-01-28", "2020-02-29"), ("2019-02-28", "2019-04-01")),
        ("2020-01-15..2020-02-28", ("2019-12-01", "2020-01-15"), ("2019-01-15", "2019-03-01")),
        ("2020-07-01..2020-07-28", ("2020-06-03", "2020-07-01"), ("2019-07-01", "2019-07-29")),
        ("2020-07-01..2020-07-27", ("2020-06-04", "2020-07-01"), ("2019-07-03", "2019-07-30")),
    ],
)
def test_what_a_period_is_compared_with(text, before, a_year_ago):
    period = parse_period(text, TODAY)
    found = [(p.first.isoformat(), p.after.isoformat()) for p in (previous(period),
             year_before(period))]  # fmt: skip
    assert found == [before, a_year_ago]
    to_date = text == "year_to_date"
    assert previous(period).name == ("year_before" if to_date else "previous")
    assert year_before(period).name == "year_before"
    assert previous(period).ends == previous(period).after


def test_short_periods_keep_their_weekdays():
    for days in range(1, 28):
        period = Period("x", TODAY, TODAY + timedelta(days=days), TODAY + timedelta(days=days))
        assert year_before(period).first.weekday() == TODAY.weekday()


def test_months_as_numbers():
    assert month_index(date(2020, 1, 31)) == 24240
    assert month_start(24240) == date(2020, 1, 1)
    assert month_start(24251) == date(2020, 12, 1)
    assert [first_whole_month(date(2020, 1, day)) for day in (1, 2, 31)] == [24240, 24241, 24241]
    assert MAY.first(2020, 8) == date(2021, 1, 1)
