"""Local dates and midnights against zoneinfo itself."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest

from collector.business_time.zone import DAY, LocalDays, as_instants


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize("years", [(1938, 1946), (2000, 2004), (2060, 2061)])
def test_dates_equal_zoneinfo_in_every_zone(years: tuple[int, int]) -> None:
    random = np.random.default_rng(years[0])
    low, high = (utc(f"{year}-01-01") for year in years)
    wrong = []
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        instants = random.integers(low, high, 60)
        expected = [datetime.fromtimestamp(t, zone).toordinal() for t in instants.tolist()]
        if LocalDays(name).dates(instants).tolist() != expected:
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Stockholm", "2024-03-31T01:00"),
        ("America/Sao_Paulo", "2017-10-15T03:00"),
        ("America/Sao_Paulo", "2018-02-18T02:00"),
        ("Australia/Lord_Howe", "2024-04-06T15:00"),
        ("Pacific/Apia", "2011-12-30T10:00"),
        ("Africa/Freetown", "1939-09-01T00:00"),
        ("Europe/Amsterdam", "1937-07-01T00:00"),
    ],
)
def test_walls_go_forward_over_gaps_and_take_the_first_of_two(zone: str, instant: str) -> None:
    around = utc(instant)
    local = LocalDays(zone)
    walls = np.arange(around - 2 * DAY, around + 2 * DAY, 61)
    expected = [
        int(
            (datetime(1970, 1, 1) + timedelta(seconds=w)).replace(tzinfo=ZoneInfo(zone)).timestamp()
        )
        for w in walls.tolist()
    ]
    assert local.instants(walls).tolist() == expected


def test_midnight_is_the_first_instant_of_the_date() -> None:
    stockholm = LocalDays("Europe/Stockholm")
    assert stockholm.midnight(date(2024, 6, 1)) == utc("2024-05-31T22:00")
    assert stockholm.midnight(date(2024, 12, 1)) == utc("2024-11-30T23:00")
    sao_paulo = LocalDays("America/Sao_Paulo")
    assert sao_paulo.midnight(date(2017, 10, 15)) == utc("2017-10-15T03:00"), "01:00, no 00:00"
    apia = LocalDays("Pacific/Apia")
    assert apia.midnight(date(2011, 12, 30)) == apia.midnight(date(2011, 12, 31))


def test_midnight_starts_its_date_in_every_year() -> None:
    growing = LocalDays("Europe/Stockholm")
    for year in (2024, 1900, 2150, 1878, 1879, 1, 9999):
        fresh, day = LocalDays("Europe/Stockholm"), date(year, 7, 1)
        for local in (fresh, growing) if 1800 < year < 2200 else (fresh,):
            at = local.midnight(day)
            assert local.dates([at - 1, at]).tolist() == [day.toordinal() - 1, day.toordinal()]


def test_shapes_are_kept() -> None:
    local = LocalDays("Asia/Kathmandu")
    assert local.dates(np.zeros((2, 3), dtype=np.int64)).shape == (2, 3)
    assert local.dates([]).shape == (0,)
    assert local.dates(0).shape == ()


@pytest.mark.parametrize("zone", ["Europe/Uppsala", "", "../etc/passwd", "Europe"])
def test_unknown_zones_are_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        LocalDays(zone)


def test_what_is_no_instant_is_refused() -> None:
    for wrong in (1.5, True, [0.0], 10**30, "0"):
        with pytest.raises(TypeError, match="whole seconds"):
            as_instants(wrong)
    for wrong in (utc("0001-01-01") - 1, utc("9999-12-31") + DAY, np.iinfo(np.int64).min):
        with pytest.raises(ValueError, match="years 1 to 9999"):
            as_instants(wrong)
