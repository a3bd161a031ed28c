"""Dates and instants, in either language."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from collector.text import dates

NBSP = "\u00a0"


def test_dates():
    assert dates.day(date(2020, 7, 31), "sv") == "31 juli 2020".replace(" ", NBSP)
    assert dates.day(date(2020, 7, 31), "en") == "31 July 2020".replace(" ", NBSP)
    assert dates.month(date(2020, 7, 31), "sv") == f"juli{NBSP}2020"
    assert dates.month(date(2020, 5, 1), "en") == f"May{NBSP}2020"


@pytest.mark.parametrize(
    ("language", "weekdays"),
    [("sv", "mån tis ons tor fre lör sön"), ("en", "Mon Tue Wed Thu Fri Sat Sun")],
)
def test_instants_of_records_are_told_to_the_second(language, weekdays):
    when = dates.local_times("Europe/Stockholm", language)
    monday = 1593986400  # 2020-07-06 00:00 in Stockholm
    for number, name in enumerate(weekdays.split()):
        day = f"2020-07-{6 + number:02d}"
        assert when(monday + number * 86_400) == f"{name} {day} 00:00:00"


def test_an_hour_that_comes_twice_has_its_offset():
    when = dates.local_times("Europe/Stockholm")
    assert when(1603585800) == "Sun 2020-10-25 02:30:00 +0200"
    assert when(1603589400) == "Sun 2020-10-25 02:30:00 +0100"


def test_instants():
    def shown(when, language="sv"):
        return dates.instant(when, "Europe/Stockholm", language).replace(NBSP, " ")

    assert shown("2020-07-31T16:50:00+02:00") == "31 juli 2020 kl. 16.50"
    assert shown("2020-07-31T14:50:00Z", "en") == "31 July 2020 at 16:50"
    assert shown(1596207000) == "31 juli 2020 kl. 16.50"
    assert shown("2020-10-25T02:30:00+01:00") == "25 oktober 2020 kl. 02.30 (+01:00)"
    assert shown("2020-10-25T00:30:00Z") == "25 oktober 2020 kl. 02.30 (+02:00)"
    with pytest.raises(ValueError, match="no UTC offset"):
        shown("2020-07-31T16:50:00")


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("Europe/Stockholm", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("Europe/Stockholm", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),  # from 1:00 back to midnight
        ("Asia/Beirut", datetime(2020, 10, 24, 21, tzinfo=UTC)),  # from midnight back to 23:00
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # by half an hour
        ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a date that never was
        ("UTC", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_has_its_offset_if_and_only_if_the_clock_shows_its_time_twice(zone, around):
    when, own = dates.local_times(zone), ZoneInfo(zone)
    start = int(around.timestamp())
    for instant in range(start - 2 * 86_400, start + 2 * 86_400, 900):
        moment = datetime.fromtimestamp(instant, own)
        twice = moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset()
        expected = f"{moment:%a %Y-%m-%d %H:%M:%S}" + (f" {moment:%z}" if twice else "")
        assert when(instant) == expected
