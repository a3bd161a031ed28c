"""What reads without a fault and is hardly possible is doubted: units, columns, days and months."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.records import Call, CallOutcome, Ticket
from collector.sources.csv.plausible import (
    begun_twice,
    cut_short,
    exchanged_days,
    good_by_default,
    ids_of_one,
    implausible_calls,
    implausible_tickets,
)

START = 1_600_000_000


def call(wait: int | None, **more) -> Call:
    outcome = more.pop("outcome", CallOutcome.ANSWERED)
    given = {"source": "f", "id": "1", "queue": "q", "entered_at": START, "outcome": outcome}
    return Call(**given, wait_seconds=wait, **more)


def ticket(**ends: int) -> Ticket:
    ends = {name: START + seconds for name, seconds in ends.items()}
    return Ticket(source="f", id="1", opened_at=START, **ends)


def odd(tickets, *, registered_afterwards: bool = False, dates=()) -> list[str]:
    found = implausible_tickets(tickets, registered_afterwards=registered_afterwards, dates=dates)
    return places(found)


def places(found) -> list[str]:
    return [".".join(where) for where, _ in found]


@pytest.mark.parametrize(
    ("waits", "doubted"),
    [
        ([12_000, 40_000, 8_000, 5_000, 20_000], True),  # milliseconds
        ([1, 1, 0, 1, 1], True),  # fractions of a day, rounded up
        ([12, 40, 8, 5, 20], False),
        ([12, 40, 8, 7_000, 9_000], False),
        ([0, 0, 0, 0, 0], False),
        ([12_000, 1], False),
        ([], False),
    ],
)
def test_waits_that_hardly_count_seconds(waits, doubted) -> None:
    assert places(implausible_calls([call(n) for n in waits])) == ["units.wait_seconds"] * doubted


@pytest.mark.parametrize(
    ("wait", "times", "doubted"),
    [
        (720, {"answered_at": START + 12}, True),
        (720, {"left_at": START + 12, "outcome": CallOutcome.ABANDONED}, True),
        (12, {"answered_at": START + 90}, False),  # a menu before the queue
        (60, {"answered_at": START + 12}, False),
        (None, {"answered_at": START + 12}, False),
    ],
)
def test_a_wait_that_is_longer_than_the_call(wait, times, doubted) -> None:
    assert places(implausible_calls([call(wait, **times)])) == ["units.wait_seconds"] * doubted


@pytest.mark.parametrize(
    ("talk", "answered_at", "of", "doubted"),
    [(0, None, 10, True), (0, START, 10, False), (None, None, 10, False), (0, None, 30, False)],
)
def test_answered_calls_in_which_nobody_talked(talk, answered_at, of, doubted) -> None:
    silent = call(5, talk_seconds=talk, answered_at=answered_at)
    calls = [silent, *[call(5, talk_seconds=60)] * (of - 1)]
    assert places(implausible_calls(calls)) == ["map.outcome"] * doubted


@pytest.mark.parametrize(
    ("wait", "of", "doubted"), [(90, 20, True), (90, 19, False), (12, 20, False)]
)
def test_a_wait_that_is_the_whole_call(wait, of, doubted) -> None:
    calls = [call(wait, talk_seconds=80)] * of
    assert places(implausible_calls(calls)) == ["columns.wait_seconds"] * doubted


def test_several_words_that_only_a_default_makes_good() -> None:
    words = {("outcome", "answered", "Lost"): 8, ("outcome", "answered", "OK"): 32}
    words |= {("own_response_met", "yes", "Fine"): 9, ("kind", "order", "A"): 3}
    words |= {("own_response_met", "no", word): 9 for word in ("late", "none")}
    ((where, text),) = good_by_default(Counter(words))
    assert (where, "(OK 32, Lost 8)" in text) == (("map", "outcome"), True)


def test_a_file_of_as_many_rows_as_systems_export_at_most() -> None:
    assert [n for n in (999, 1_000, 10_000, 65_535, 70_000) if cut_short(n)] == [1000, 10000, 65535]


def test_numbers_of_rows_are_no_ids() -> None:
    calls = [replace(call(5), id=str(n % 20), entered_at=START + n) for n in range(40)]
    assert "20 of 20 ids begin at several times" in (begun_twice(calls) or "")
    assert begun_twice(calls[:21]) is None
    assert begun_twice([*calls[:20], *calls[:20]]) is None


@pytest.mark.parametrize(
    ("ends", "field"),
    [
        ({"resolved_at": 900, "closed_at": 600}, "resolved_at"),
        ({"resolved_at": 600, "closed_at": 600}, None),
        ({"first_response_at": 900, "resolved_at": 600}, "first_response_at"),
        ({"first_response_at": 900}, None),
    ],
)
def test_ends_in_an_order_that_columns_hardly_have(ends, field) -> None:
    expected = [f"columns.{field}"] if field else []
    assert odd([ticket(**ends)]) == expected
    usual = [ticket(**dict.fromkeys(ends, 600 + n)) for n in range(30)]
    assert odd([ticket(**ends), *usual]) == []


def test_answers_before_the_opening_unless_tickets_are_registered_afterwards() -> None:
    early = [ticket(first_response_at=-600 - n) for n in range(2)]
    usual = [ticket(first_response_at=600 + n) for n in range(30)]
    assert odd([*early, *usual]) == ["timezones.first_response_at"]
    assert odd([*early, *usual], registered_afterwards=True) == []
    assert odd([early[0], *usual]) == []


@pytest.mark.parametrize("name", ["first_response_at", "resolved_at"])
def test_times_that_all_come_equally_long_after_the_opening(name) -> None:
    alike, other = [ticket(**{name: 28_800})] * 19, [ticket(**{name: 600})]
    assert odd([*alike, *other]) == [f"columns.{name}"]
    assert odd([*alike, *other], dates=[name]) == odd(alike) == odd([*alike, *other * 3]) == []


@pytest.mark.parametrize(
    ("ids", "doubted"),
    [
        (["00017", "17"], True),
        (["17.0", "17"], True),
        (["INC 17", "inc17"], True),
        (["17.0", "18.0", "1.70"], False),
        (["INC17", "REQ17", "170", "17"], False),
        (["17", "17"], False),
    ],
)
def test_one_record_under_two_ids(ids, doubted) -> None:
    assert (ids_of_one(ids) is not None) is doubted


YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
OCTOBER, SPRING = YEAR[273:304] * 3, YEAR[60:120]


@pytest.mark.parametrize(
    ("own", "days"),
    [
        *(("%d/%m/%Y 0H:07", days) for days in (YEAR, OCTOBER, SPRING)),
        *(("%d-%m-%Y H:07:00", days) for days in (YEAR, OCTOBER, SPRING)),
        *(("%d.%m.%Y 0H:07", days) for days in (YEAR, OCTOBER, SPRING)),
        *(("%d/%m/%Y", days) for days in (YEAR, SPRING)),
    ],
)
def test_days_that_a_spreadsheet_took_for_months(own, days) -> None:
    excel = "%-m/%-d/%Y".replace("/", own[2]) + (" H:07" if "H" in own else "")

    def written(form: str, number: int, day: date) -> str:
        hour = 8 + number % 9
        return day.strftime(form).replace("0H", f"{hour:02}").replace("H", str(hour))

    mixed = [written(excel if d.day <= 12 else own, n, d) for n, d in enumerate(days)]
    found = exchanged_days(mixed)
    assert found is not None and "day and month" in found
    for form in (own, excel):
        assert exchanged_days(written(form, n, day) for n, day in enumerate(days)) is None


@given(
    st.lists(st.dates(), max_size=400),
    st.sampled_from(["%d/%m/%Y", "%-d/%-m/%Y", "%m/%d/%Y", "%-m/%-d/%y", "%Y-%m-%d"]),
    st.sampled_from(["", " 09:05", " 9:05", " 9:05 AM", " 17:00:01"]),
)
def test_dates_of_one_form_raise_no_doubt(days, form, clock) -> None:
    assert exchanged_days(day.strftime(form) + clock for day in days) is None
