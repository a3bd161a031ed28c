"""What periods are called in titles, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from collector.text.period_names import period_title
from collector.text.words import Words
from tests.worlds.report_world import content, indicator, made, plain, tables

CALENDAR = date(2020, 1, 1), date(2020, 12, 31), date(2020, 7, 31)
SCHOOL = date(2020, 7, 1), date(2021, 6, 30), date(2020, 10, 31)


@pytest.mark.parametrize(
    ("name", "first", "last", "year", "sv", "en"),
    [
        ("2020-07", "2020-07-01", "2020-07-31", CALENDAR, "juli 2020", "July 2020"),
        ("2020-t2", "2020-05-01", "2020-08-31", CALENDAR, "tertial 2 2020", "tertial 2 2020"),
        ("2020-h1", "2020-01-01", "2020-06-30", CALENDAR, "halvår 1 2020", "half-year 1 2020"),
        ("2020-q3", "2020-07-01", "2020-09-30", CALENDAR, "kvartal 3 2020", "quarter 3 2020"),
        ("2020-01..2020-07", "2020-01-01", "2020-07-31", CALENDAR,
         "1 januari–31 juli 2020", "1 January–31 July 2020"),
        ("2019-11..2020-02", "2019-11-01", "2020-02-29", CALENDAR,
         "1 november 2019–29 februari 2020", "1 November 2019–29 February 2020"),
        ("2020", "2020-01-01", "2020-12-31", CALENDAR, "helåret 2020", "full year 2020"),
        ("2020-01..2020-12", "2020-01-01", "2020-12-31", CALENDAR,
         "helåret 2020", "full year 2020"),
        ("2020", "2020-07-01", "2021-06-30", SCHOOL, "helåret 2020/2021", "full year 2020/2021"),
        ("2020-07-14", "2020-07-14", "2020-07-14", CALENDAR, "14 juli 2020", "14 July 2020"),
        ("2020-02-01..2020-02-29", "2020-02-01", "2020-02-29", CALENDAR,
         "februari 2020", "February 2020"),
        ("2019-09..2020-08", "2019-09-01", "2020-08-31", CALENDAR,
         "1 september 2019–31 augusti 2020", "1 September 2019–31 August 2020"),
        ("2019-12-30..2020-01-05", "2019-12-30", "2020-01-05", CALENDAR,
         "30 december 2019–5 januari 2020", "30 December 2019–5 January 2020"),
        ("today", "2020-07-14", "2020-07-14", CALENDAR, "i dag", "today"),
        ("year_to_date", "2020-01-01", "2020-07-14", CALENDAR,
         "hittills i år", "year to date"),
        ("2020-02", "2020-02-01", "2020-02-28", CALENDAR,
         "1 februari–28 februari 2020", "1 February–28 February 2020"),
    ],
)  # fmt: skip
def test_titles(
    name: str, first: str, last: str, year: tuple[date, date, date], sv: str, en: str
) -> None:
    dates = date.fromisoformat(first), date.fromisoformat(last)
    for language, title in (("sv", sv), ("en", en)):
        words = Words(language)
        assert plain(period_title(*dates, words, name=name, year=year[:2])) == title


def test_title_and_columns_say_which_span_is_which() -> None:
    shown = made(content(indicator()))
    assert plain(shown.subtitle) == "Juli 2020"
    goals = tables(shown)[0]
    assert plain(goals.columns[1].title) == "Juli 2020"
    assert plain(goals.caption) == (
        "Mål och indikatorer. Nuvärde: 1 januari–31 juli 2020. Prognos: hela året."
    )
