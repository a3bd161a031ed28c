"""The values of exports: what means nothing yet, durations, and times in many forms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import ceil

import pytest
from babel.dates import format_datetime
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collector.sources.csv.durations import read_duration
from collector.sources.csv.empties import EMPTY_WORDS, NOT_YET_WORDS, never, no_text, no_time
from collector.sources.csv.formats import format_problem, instant, read_time
from collector.sources.csv.source import CsvCalls, CsvTickets
from collector.sources.csv.words import LANGUAGES

seeded = settings(deadline=None, database=None)


# -- nothing yet ----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", EMPTY_WORDS)
def test_a_word_for_nothing_is_nothing_everywhere(word: str) -> None:
    for form in (word, word.upper(), f"  {word.lower()} ", f"({word})", f"[{word}]"):
        assert no_text(form) and no_time(form)


@pytest.mark.parametrize("word", NOT_YET_WORDS)
def test_a_word_for_not_yet_is_a_text_elsewhere(word: str) -> None:
    assert no_time(word) and not no_text(word)


@pytest.mark.parametrize(
    "text",
    [
        *("0000-00-00", "0000-00-00 00:00:00", "00/00/0000 00:00", "0", "00.00.0000"),
        *("1900-01-00", "1900-01-00 00:00:00", "00/01/1900", "1/0/1900 0:00", "1/0/00 0:00"),
        *("00-jan-1900 00:00", "00:00:00", "????", "- - -", "…" + ".", "0-jan-00", "0,00", "--:--"),
        *("12:00:00 AM", "-1", "-62135596800"),
    ],
)
def test_dates_that_do_not_exist_are_nothing_yet(text: str) -> None:
    assert no_time(text) or text.startswith("…")


@pytest.mark.parametrize(
    "text",
    [
        *("2020-07-01", "2020-07-01 00:00:00", "soon", "10:00", "08:00:00", "1 jul 2020", "5"),
        *("2020", "1900", "1970 errors"),
    ],
)
def test_other_values_are_no_words_for_nothing(text: str) -> None:
    assert not no_time(text)


@pytest.mark.parametrize(
    "day",
    [(1601, 1, 1), (1753, 1, 1), (1899, 12, 30), (1970, 1, 1), (2099, 12, 31), (9999, 12, 31)],
)
def test_dates_that_systems_write_for_none(day: tuple[int, int, int]) -> None:
    assert never(date(*day)) and never(datetime(*day, 12, 30))


FORMS = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.000Z", "%Y%m%d", "%Y%m%dT%H%M%S"),
    *("%d/%m/%Y", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M", "%d-%b-%Y", "%b %d, %Y %I:%M %p"),
    *("%d %B %Y", "%Y/%m/%d %H:%M"),
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("year", ["0001", "1601", "1753", "1899", "1900", "1970", "9999"])
def test_a_date_that_stands_for_none_does_so_in_any_form(year: str, form: str) -> None:
    """A program that has no time often writes it in another form than its times."""
    for moment in (datetime(2019, 1, 1), datetime(2019, 12, 31, 23, 59, 59)):
        assert no_time(moment.strftime(form).replace("2019", year))


@seeded
@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 30)), st.sampled_from(FORMS))
def test_no_real_date_is_taken_for_none_in_any_form(moment: datetime, form: str) -> None:
    assert not no_time(moment.strftime(form))


@seeded
@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 30)))
def test_no_time_of_a_ticket_is_taken_for_none(moment: datetime) -> None:
    assert not never(moment)
    assert not no_time(moment.isoformat(sep=" ", timespec="seconds"))


# -- durations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("12", 12), ("12.0", 12), ("12,4", 13), ("12.345", 13), ("0", 0), ("007", 7)),
        *(("1 234", 1234), ("1\u00a0234", 1234), ("1\u202f234,5", 1235), ("1'234", 1234)),
        *(("1.234,5", 1235), ("1,234.5", 1235), ("1.234.567", 1_234_567)),
        *(("0:00:12", 12), ("00:00:07.5", 8), ("1:02:03", 3723), ("27:00:00", 97_200)),
        *(("1 day 02:03:04", 93_784), ("0 days 00:00:12", 12), ("2.03:00:00", 183_600)),
        *(("12 s", 12), ("12s", 12), ("12 sek", 12), ("12,5 sec.", 13), ("1 234 s", 1234)),
        *(("3d 4h", 273_600), ("5 min 3 sek", 303), ("2h 30m", 9000), ("1 hour, 5 minutes", 3900)),
        *(("1 timme och 5 minuter", 3900), ("250 ms", 1), ("2v", 1_209_600)),
        *(("PT12S", 12), ("P1DT2H", 93_600), ("pt1m5.5s", 66), ("P2W", 1_209_600)),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("-5", "-0:30", "", "soon", "5 parsecs", "00:05", "1,234", "1.2.3", "1 23", "12,34,5"),
        *("0:5:00", "P", "PT", "5 min 3", "1e3", "١٢", "1:02:03:04", "9" * 40, "1,2,3"),
    ],
)
def test_a_duration_that_says_nothing_or_two_things_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is|has|could"):
        read_duration(text)


@pytest.mark.parametrize(
    ("text", "unit", "decimal", "seconds"),
    [
        *(("12345", "ms", None, 13), ("2", "min", None, 120), ("1,5", "h", None, 5400)),
        *(("00:05", "m:s", None, 5), ("1:30", "h:m", None, 5400), ("0:01:05", "m:s", None, 65)),
        *(("1,234", "s", ",", 2), ("1,234", "s", ".", 1234), ("1.234", "s", ",", 1234)),
    ],
)
def test_a_unit_and_a_decimal_sign_are_settings(text, unit, decimal, seconds) -> None:
    assert read_duration(text, unit, decimal) == seconds


@seeded
@given(st.integers(0, 10**8), st.sampled_from("sm"))
def test_every_form_of_a_duration_says_the_same(seconds: int, _: str) -> None:
    hours, rest = divmod(seconds, 3600)
    minutes, last = divmod(rest, 60)
    forms = [
        *(str(seconds), f"{seconds}.0", f"{seconds} s", f"{seconds:,}".replace(",", " ")),
        *(f"{hours}:{minutes:02}:{last:02}", f"{hours}h {minutes}min {last}s"),
        *(f"PT{hours}H{minutes}M{last}S", f"{hours // 24}d {hours % 24}h {minutes}m {last} sek"),
    ]
    assert {read_duration(form) for form in forms} == {seconds}
    assert read_duration(str(seconds * 1000), "ms") == seconds


@seeded
@given(st.decimals(0, 10_000, places=4), st.integers(0, 10_000))
def test_rounding_up_never_brings_a_wait_within_a_limit(wait, limit: int) -> None:
    read = read_duration(str(wait).replace(".", ","))
    assert read == ceil(wait)
    assert (read <= limit) == (wait <= limit)


# -- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("%Y-%m-%d %H:%M:%S %Z", "%z"),
        ("%d/%m/%Y %I:%M", "%p"),
        ("%d/%m/%Y %H:%M %p", "%I"),
        ("%m/%Y %H:%M", "full date"),
        ("%d/%m %H:%M", "full date"),
        ("%d %Y %H:%M", "full date"),
        ("%d.%m.%Y :%M", "hour"),
        ("%d.%m.%Y %H :%S", "minutes"),
        ("%c", "machine"),
        ("%x %X", "machine"),
        ("%Q", "full date"),
        ("unix", "full date"),
    ],
)
def test_a_format_that_loses_information_is_refused(form: str, says: str) -> None:
    assert says in str(format_problem(form))
    for keys in ({"time_format": form}, {"time_formats": {"closed_at": form}}):
        with pytest.raises(ValidationError, match="time_format"):
            CsvTickets.Options(type="csv_tickets", path="x", **keys)


FORMS = ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%d.%m.%y %H:%M:%S", "%b %d, %Y %H:%M:%S"]


@seeded
@given(st.datetimes(datetime(1971, 1, 1), datetime(2068, 12, 31)), st.sampled_from(FORMS))
def test_what_a_usable_format_writes_it_reads(moment: datetime, form: str) -> None:
    moment = moment.replace(microsecond=0)
    assert format_problem(form) is None
    assert read_time(moment.strftime(form), form) == moment
    if "%p" not in form:
        assert read_time(moment.strftime(form.removesuffix(" %H:%M:%S")), form) == moment.date()


@seeded
@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2068, 12, 31)),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["MMM", "MMMM", "LLL", "LLLL"]),
    st.booleans(),
)
def test_months_and_halves_of_the_day_in_every_language(moment, language, month, chosen) -> None:
    moment = moment.replace(second=0, microsecond=0)
    text = format_datetime(moment, f"dd/{month}/yyyy hh:mm a", locale=language)
    read = read_time(text, "%d/%b/%Y %I:%M %p", language if chosen else None)
    assert read == moment


@pytest.mark.parametrize(
    ("text", "form", "moment"),
    [
        ("01/jul/20 3:45 em", "%d/%b/%y %I:%M %p", datetime(2020, 7, 1, 15, 45)),
        ("01/mar/20 12:00 fm", "%d/%b/%y %I:%M %p", datetime(2020, 3, 1, 0, 0)),
        ("tis 5 maj 2020 kl. 08:00", "%a %d %b %Y kl. %H:%M", datetime(2020, 5, 5, 8, 0)),
        ("mar. 3 mars 2020 08:00", "%a %d %B %Y %H:%M", datetime(2020, 3, 3, 8, 0)),
        ("1 dez 2020 08:00", "%d %b %Y %H:%M", datetime(2020, 12, 1, 8, 0)),
        ("01.Mrz.20 10:00", "%d.%b.%y %H:%M", datetime(2020, 3, 1, 10, 0)),
        ("01.03.2020 3:45 nachm.", "%d.%m.%Y %I:%M %p", datetime(2020, 3, 1, 15, 45)),
        ("01.03.2020 12:10 vorm.", "%d.%m.%Y %I:%M %p", datetime(2020, 3, 1, 0, 10)),
        ("03/01/2020 12:30PM", "%m/%d/%Y %I:%M %p", datetime(2020, 3, 1, 12, 30)),
        ("01/07/2020 3:45em", "%d/%m/%Y %I:%M %p", datetime(2020, 7, 1, 15, 45)),
        ("01/07/2020 3:45 p. m.", "%d/%m/%Y %I:%M %p", datetime(2020, 7, 1, 15, 45)),
        ("2020-07-01 8:00", "iso", datetime(2020, 7, 1, 8, 0)),
        ("2020-07-01 08:00:00 +0200", "iso", datetime(2020, 7, 1, 6, 0, tzinfo=UTC)),
        ("2020-07-01 08:00:00.123+00", "iso", datetime(2020, 7, 1, 8, 0, 0, 123_000, UTC)),
        ("2020-07-01 08:00 UTC", "iso", datetime(2020, 7, 1, 8, 0, tzinfo=UTC)),
        ("2020-07-01", "iso", date(2020, 7, 1)),
        ("20200701", "iso", date(2020, 7, 1)),
        ("1 maj 2020", "%d %B %Y kl. %H:%M", date(2020, 5, 1)),
    ],
)
def test_times_as_systems_write_them(text: str, form: str, moment: date) -> None:
    assert read_time(text, form) == moment


@pytest.mark.parametrize("text", ["2020-07-01 08:00 CEST", "08:00", "2020-07", "31/07/2020 08:00"])
def test_a_time_that_is_not_iso_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"^$|isoformat"):
        read_time(text, "iso")


STOCKHOLM = "Europe/Stockholm"


@seeded
@given(st.integers(0, 7199), st.integers(1, 7199))
def test_the_second_hour_of_an_autumn_night(offset: int, later: int) -> None:
    """Between 02:00 and 04:00 on the clock: an end is never read as before its start."""
    first = int(datetime(2020, 10, 25, 0, 0, tzinfo=UTC).timestamp())
    start = first + offset % 3600
    end = start + later
    zone = timedelta(hours=2), timedelta(hours=1)
    clocks = [
        datetime.fromtimestamp(at, UTC).replace(tzinfo=None) + zone[at >= first + 3600]
        for at in (start, end)
    ]
    read = instant(clocks[0], STOCKHOLM)
    assert read == start
    found = instant(clocks[1], STOCKHOLM)
    if found < start:
        found = instant(clocks[1], STOCKHOLM, later=True)
    assert start <= found <= end
    assert found in {end, end - 3600}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"time_formats": {"opened": "iso"}}, "time_formats.opened"),
        ({"timezones": {"id": "UTC"}}, "timezones.id"),
        ({"units": {"wait_seconds": "min"}}, "units.wait_seconds"),
        ({"language": "xx-nowhere"}, "not a language"),
        ({"columns": {"id": None}}, "columns.id"),
        ({"duplicates": "merge"}, "duplicates"),
    ],
)
def test_settings_of_fields_that_are_none_are_refused(keys, says) -> None:
    with pytest.raises(ValidationError, match=says):
        CsvTickets.Options(type="csv_tickets", path="x", **keys)
    CsvCalls.Options(type="csv_calls", path="x", units={"wait_seconds": "ms"}, decimal=",")
