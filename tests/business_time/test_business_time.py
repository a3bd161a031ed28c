"""Business time against a second-by-second oracle, real cases of other engines, and by hand."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.business_time.calendar import BusinessCalendar, Pauses
from collector.business_time.odometer import Odometer, compile_odometer
from collector.business_time.zone import EARLIEST, LATEST
from collector.model.codes import WEEKDAYS
from tests.worlds.paths import shared
from tests.worlds.sizes import sample_size

H, D = 3600, 86400
OFFICE = {day: [("08:00", "17:00")] for day in WEEKDAYS[:5]}
ALWAYS = {day: [("00:00", "24:00")] for day in WEEKDAYS}


def at(text: str, zone: str = "Europe/Stockholm") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def seconds(text: str) -> int:
    return sum(int(part) * unit for part, unit in zip(text.split(":"), (H, 60, 1), strict=False))


def joined(windows: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Windows in seconds since midnight. Those that touch are one, as they are for people: where
    the clock is put forward, the time at which they touch may be one that there is not."""
    found: list[tuple[int, int]] = []
    for a, b in sorted((seconds(a), seconds(b)) for a, b in windows):
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        else:
            found.append((a, b))
    return found


class Oracle:
    """Every second from ``low`` to ``high`` marked open or closed, date by date with zoneinfo."""

    def __init__(self, spec: dict[str, Any], low: int, high: int) -> None:
        self.low, zone = low, ZoneInfo(spec["timezone"])
        self.open = np.zeros(high - low, dtype=bool)
        self.closing: dict[date, int] = {}
        day = datetime.fromtimestamp(low, UTC).date() - timedelta(3)
        while day <= datetime.fromtimestamp(high, UTC).date() + timedelta(3):
            midnight = datetime(day.year, day.month, day.day)

            def stamp(wall: int, midnight: datetime = midnight) -> int:
                local = midnight + timedelta(seconds=wall)
                return int(local.replace(tzinfo=zone).timestamp())

            weekly = spec["hours"].get(WEEKDAYS[day.weekday()], [])
            windows = spec.get("date_hours", {}).get(day, weekly)
            if day in spec.get("holidays", ()) or stamp(0) == stamp(D):
                windows = []
            for a, b in ((stamp(a), stamp(b)) for a, b in joined(windows)):
                self.open[max(a - low, 0) : max(b - low, 0)] = True
                if a < b:
                    self.closing[day] = max(b, self.closing.get(day, b))
            day += timedelta(1)

    def elapsed(self, start: int, end: int, pauses: Any = ()) -> int:
        if end < start:
            return -self.elapsed(end, start, pauses)
        span = self.open[start - self.low : end - self.low].copy()
        for a, b in pauses:
            span[max(a - start, 0) : max(b - start, 0)] = False
        return int(span.sum())

    def add(self, start: int, n: int, pauses: Any = ()) -> int | None:
        """None when it lies outside the seconds known."""
        span = self.open.copy()
        for a, b in pauses:
            span[max(a - self.low, 0) : max(b - self.low, 0)] = False
        s = start - self.low
        worked = np.cumsum(span[s:]) if n > 0 else np.cumsum(span[:s][::-1])
        if n == 0:
            return start
        if worked.size == 0 or worked[-1] < abs(n):
            return None
        steps = int(np.searchsorted(worked, abs(n))) + 1
        return start + steps if n > 0 else start - steps


# --- cases of other engines -----------------------------------------------------------------

CASES = 212


@cache
def cases() -> list[dict[str, Any]]:
    """The shared cases; read once a run of a process."""
    read: list[dict[str, Any]] = json.loads(shared("data/business_time_cases.json").read_text())
    return read


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize("number", range(CASES))
def test_cases_of_other_engines(number: int) -> None:
    case = cases()[number]
    spec = {
        "timezone": case["timezone"],
        "hours": case["hours"],
        "holidays": frozenset(map(date.fromisoformat, case.get("holidays", []))),
        "date_hours": {
            date.fromisoformat(day): hours for day, hours in case.get("date_hours", {}).items()
        },
    }
    calendar, tags = BusinessCalendar(**spec), set(case.get("tags", []))
    start = epoch(case["start"])
    pauses = [(epoch(a), epoch(b)) for a, b in case.get("pauses", [])]
    rows = Pauses(
        np.zeros(len(pauses), dtype=np.int64),
        np.array([a for a, _ in pauses], dtype=np.int64),
        np.array([b for _, b in pauses], dtype=np.int64),
    )
    starts = np.array([start])
    if case["add_seconds"] is None:
        end, expected = epoch(case["end"]), case["expected_seconds"]
        if "reversed-zero" in tags:  # that engine answers 0, ours is signed
            assert end < start
            assert expected == 0
            expected = Oracle(spec, end, start).elapsed(start, end, pauses)
            assert expected < 0
        assert calendar.elapsed(start, end, pauses) == expected
        assert calendar.elapsed(starts, end, rows).tolist() == [expected]
        assert calendar.elapsed(end, start, pauses) == -expected
        return
    end, count = epoch(case["expected_end"]), case["add_seconds"]
    assert calendar.elapsed(start, end, pauses) == count
    ours = calendar.add(start, count, pauses)
    assert calendar.add(starts, count, rows).tolist() == [ours]
    if "boundary-next-open" in tags:  # that engine rolls a deadline at closing to the opening
        assert ours <= end
        assert calendar.elapsed(ours, end, pauses) == 0
    else:
        assert ours == end


def test_there_are_212_cases() -> None:
    assert len(cases()) == CASES


# --- against the oracle ---------------------------------------------------------------------

TURNS = {  # days around which a zone's clock does something
    "Europe/Stockholm": ["2024-03-31", "2024-10-27", "2019-12-24", "1879-01-01", "2150-03-29"],
    "Europe/Berlin": ["1945-05-24", "1980-04-06", "2025-10-26"],
    "Europe/Amsterdam": ["1937-07-01", "1940-05-16"],
    "America/New_York": ["2024-03-10", "2024-11-03", "2007-01-01"],
    "America/Sao_Paulo": ["2017-10-15", "2018-02-18"],
    "America/Nuuk": ["2024-03-30", "2024-10-26"],
    "America/Juneau": ["1867-10-19", "2024-03-10"],
    "Australia/Lord_Howe": ["2024-04-07", "2024-10-06"],
    "Asia/Tehran": ["2022-03-22", "2022-09-22"],
    "Asia/Kathmandu": ["1986-01-01", "2024-01-01"],
    "Pacific/Apia": ["2011-12-30", "2012-04-01"],
    "Pacific/Kwajalein": ["1969-10-01", "1993-08-21"],
    "Africa/Casablanca": ["2024-03-10", "2024-04-14"],
    "Africa/Monrovia": ["1972-01-07"],
    "UTC": ["2024-02-29", "1970-01-01"],
}
MARGIN = 6 * D


def clock(second: int) -> str:
    return f"{second // H:02}:{second // 60 % 60:02}:{second % 60:02}"


@st.composite
def day_windows(draw: st.DrawFn) -> list[tuple[str, str]]:
    edges = st.one_of(
        st.sampled_from([0, H, 2 * H, 2 * H + 1800, 3 * H, 8 * H, 12 * H, 17 * H, 23 * H, D]),
        st.integers(0, D),
    )
    bounds = sorted(draw(st.lists(edges, unique=True, max_size=6)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    windows = [(clock(a), clock(b)) for a, b in pairs]
    if draw(st.booleans()) and len(bounds) > 2:  # touching windows
        windows = [(clock(a), clock(b)) for a, b in pairwise(bounds)]
    return draw(st.permutations(windows))


@st.composite
def specs(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    zone = draw(st.sampled_from(sorted(TURNS)))
    day = date.fromisoformat(draw(st.sampled_from(TURNS[zone])))
    near = st.integers(-4, 4).map(lambda n: day + timedelta(n))
    spec = {
        "timezone": zone,
        "hours": draw(st.dictionaries(st.sampled_from(WEEKDAYS), day_windows(), min_size=3)),
        "holidays": frozenset(draw(st.lists(near, max_size=2))),
        "date_hours": draw(st.dictionaries(near, day_windows(), max_size=2)),
    }
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return spec, int(midnight.timestamp())


offsets = st.one_of(st.integers(-3 * D, 3 * D), st.integers(-144, 144).map(lambda n: n * 1800))
pause_lists = st.lists(st.tuples(offsets, st.integers(-60, 2 * D)), max_size=5)


@settings(deadline=None, max_examples=sample_size(40, 150))
@given(specs(), offsets, offsets, offsets, pause_lists)
def test_elapsed_equals_the_oracle(
    chosen: tuple[dict[str, Any], int], a: int, b: int, c: int, breaks: list[tuple[int, int]]
) -> None:
    spec, zero = chosen
    calendar, oracle = BusinessCalendar(**spec), Oracle(spec, zero - MARGIN, zero + MARGIN)
    a, b, c = zero + a, zero + b, zero + c
    pauses = [(zero + s, zero + s + length) for s, length in breaks]
    assert calendar.elapsed(a, b) == oracle.elapsed(a, b)
    assert calendar.elapsed(a, b, pauses) == oracle.elapsed(a, b, pauses)
    assert calendar.elapsed(b, a, pauses) == -oracle.elapsed(a, b, pauses)
    for p in ((), pauses):
        assert calendar.elapsed(a, b, p) + calendar.elapsed(b, c, p) == calendar.elapsed(a, c, p)
    assert calendar.is_open(a) is bool(oracle.open[a - oracle.low])
    low, high = min(a, b), max(a, b)
    marked = np.zeros(high - low, dtype=bool)
    windows = calendar.windows(low, high)
    for start, end in windows:
        assert low <= start < end <= high
        marked[start - low : end - low] = True
    assert (marked == oracle.open[low - oracle.low : high - oracle.low]).all()
    assert all(left[1] < right[0] for left, right in pairwise(windows))
    middle = (low + high) // 2
    several = [(low, middle), (low, high), (high, low), (middle, high), (low, low)]
    each = calendar.windows_of_each(*np.array(several).T)
    assert list(each) == [calendar.windows(*span) for span in several]


@settings(deadline=None, max_examples=sample_size(40, 150))
@given(specs(), offsets, st.integers(-2 * D, 2 * D), pause_lists)
def test_add_equals_the_oracle_and_is_the_inverse_of_elapsed(
    chosen: tuple[dict[str, Any], int], a: int, n: int, breaks: list[tuple[int, int]]
) -> None:
    spec, zero = chosen
    calendar, oracle = BusinessCalendar(**spec), Oracle(spec, zero - MARGIN, zero + MARGIN)
    a = zero + a
    pauses = [(zero + s, zero + s + length) for s, length in breaks]
    exact = oracle.elapsed(a, a + n)
    for count in {n, exact, -exact, 0, 1, -1}:
        for p in ((), pauses):
            expected = oracle.add(a, count, p)
            if expected is None and not any(calendar._week):
                with pytest.raises(ValueError, match="open hours left"):
                    calendar.add(a, count, p)
                continue
            found = calendar.add(a, count, p)
            assert calendar.elapsed(a, found, p) == count
            if expected is None:
                assert not oracle.low <= found < oracle.low + len(oracle.open)
            else:
                assert found == expected


@settings(deadline=None, max_examples=sample_size(30, 100))
@given(specs(), offsets, st.integers(1, 3))
def test_end_of_business_day_equals_the_oracle(
    chosen: tuple[dict[str, Any], int], a: int, days: int
) -> None:
    spec, zero = chosen
    a, margin = zero + a, 40 * D
    calendar, oracle = BusinessCalendar(**spec), Oracle(spec, zero - margin, zero + margin)
    today = datetime.fromtimestamp(a, ZoneInfo(spec["timezone"])).date()
    later = [closing for day, closing in sorted(oracle.closing.items()) if day > today]
    if any(spec["hours"].values()):
        assert calendar.end_of_business_day(a, days) == later[days - 1]
    elif len(later) < days:
        with pytest.raises(ValueError, match="open hours left"):
            calendar.end_of_business_day(a, days)


@settings(deadline=None, max_examples=sample_size(10, 40))
@given(specs(), st.integers(0, 2**32))
def test_arrays_equal_scalars(chosen: tuple[dict[str, Any], int], seed: int) -> None:
    spec, zero = chosen
    spec["hours"]["wed"] = [("10:00", "11:00"), ("14:00", "24:00")]
    calendar, scalar = BusinessCalendar(**spec), BusinessCalendar(**spec)
    generator = np.random.default_rng(seed)
    start, end = zero + generator.integers(-30 * D, 30 * D, (2, 4, 5))
    n = generator.integers(-3 * D, 3 * D, (4, 5))
    row = generator.integers(0, 20, 60)
    begin = zero + generator.integers(-30 * D, 30 * D, 60)
    pauses = Pauses(row, begin, begin + generator.integers(-D, 9 * D, 60))
    paused, added = calendar.elapsed(start, end, pauses), calendar.add(start, n, pauses)
    days = calendar.end_of_business_day(start, 2)
    plain, due, is_open = calendar.elapsed(start, end), calendar.add(start, n), calendar.is_open(n)
    assert paused.dtype == added.dtype == plain.dtype == due.dtype == days.dtype == np.int64
    for i, index in enumerate(np.ndindex(4, 5)):
        own = [
            (int(a), int(b))
            for r, a, b in zip(pauses.row, pauses.start, pauses.end, strict=True)
            if r == i
        ]
        a, b, count = int(start[index]), int(end[index]), int(n[index])
        assert plain[index] == scalar.elapsed(a, b)
        assert paused[index] == scalar.elapsed(a, b, own)
        assert due[index] == scalar.add(a, count)
        assert added[index] == scalar.add(a, count, own)
        assert is_open[index] == scalar.is_open(count)
        assert days[index] == scalar.end_of_business_day(a, 2)


@settings(deadline=None, max_examples=sample_size(15, 60))
@given(
    st.sampled_from(["Europe/Stockholm", "America/New_York", "Asia/Tehran"]),
    st.integers(-700_000_000, 4_000_000_000),
)
def test_open_is_what_the_local_clock_says(zone: str, t: int) -> None:
    calendar = BusinessCalendar(zone, {**OFFICE, "sat": [("10:00", "12:30"), ("13:00", "15:00")]})
    minutes = np.arange(t - t % 60, t + 3 * D, 60)
    expected = []
    for minute in minutes.tolist():
        local = datetime.fromtimestamp(minute, ZoneInfo(zone))
        now = f"{local:%H:%M}"
        expected.append(
            ("08:00" <= now < "17:00")
            if local.weekday() < 5
            else local.weekday() == 5 and ("10:00" <= now < "12:30" or "13:00" <= now < "15:00")
        )
    assert calendar.is_open(minutes).tolist() == expected


def test_the_order_of_questions_does_not_matter() -> None:
    years = (1990, 2050, 1900, 2024, 1871, 2110, 2023)
    questions = [(at(f"{y}-02-27T10:00"), at(f"{y + 1}-04-02T09:30:11")) for y in years]
    fresh = [BusinessCalendar("Europe/Stockholm", OFFICE).elapsed(*q) for q in questions]
    due = [BusinessCalendar("Europe/Stockholm", OFFICE).add(a, 9 * H) for a, _ in questions]
    for seed in range(10):
        order = random.Random(seed).sample(range(len(years)), len(years))
        calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
        assert [calendar.elapsed(*questions[i]) for i in order] == [fresh[i] for i in order]
        assert [calendar.add(questions[i][0], 9 * H) for i in order] == [due[i] for i in order]


def test_threads_may_share_a_calendar() -> None:
    years = [1900 + 37 * i % 250 for i in range(200)]
    shared = BusinessCalendar("Europe/Stockholm", OFFICE)

    def ask(year: int) -> int:
        return shared.elapsed(at(f"{year}-01-05T12:00"), at(f"{year}-12-05T12:00"))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, years))
    assert answers == [ask(year) for year in years]


def test_a_search_is_as_right_as_slots() -> None:
    """A calendar with a closed second every day is too fine for an index of slots."""
    hours = {day: [("00:00", "12:00"), ("12:00:01", "24:00")] for day in WEEKDAYS}
    calendar = BusinessCalendar("Europe/Stockholm", hours)
    whole = BusinessCalendar("Europe/Stockholm", ALWAYS)
    start, end = at("2024-01-01T00:00"), at("2025-01-01T00:00")
    assert calendar.elapsed(start, end) == whole.elapsed(start, end) - 366
    assert calendar._compiled is not None
    assert calendar._compiled.slot is None
    assert whole._compiled is not None
    assert whole._compiled.slot is not None
    noon = at("2024-06-03T12:00")
    assert [calendar.is_open(noon + i) for i in (-1, 0, 1)] == [True, False, True]


# --- by hand --------------------------------------------------------------------------------


def test_a_working_day_and_a_weekend() -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    friday, monday = at("2024-06-07T16:30"), at("2024-06-10T09:15")
    assert calendar.elapsed(friday, monday) == 30 * 60 + 75 * 60
    assert calendar.elapsed(monday, friday) == -105 * 60
    assert calendar.elapsed(at("2024-06-08T00:00"), at("2024-06-09T23:59")) == 0
    assert calendar.add(friday, 1800) == at("2024-06-07T17:00"), "closing time, not Monday"
    assert calendar.add(friday, 1801) == at("2024-06-10T08:00:01")
    assert calendar.add(monday, -75 * 60) == at("2024-06-10T08:00"), "opening time, not Friday"
    assert calendar.add(at("2024-06-08T12:00"), 0) == at("2024-06-08T12:00")
    assert type(calendar.elapsed(friday, monday)) is int
    assert type(calendar.add(friday, np.int64(5))) is int


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2024-03-31", 23), ("2024-10-27", 25), ("2024-03-30", 24), ("2024-10-28", 24)],
)
def test_days_around_the_clock_have_the_hours_they_have(day: str, hours: int) -> None:
    calendar = BusinessCalendar("Europe/Stockholm", ALWAYS)
    start = at(f"{day}T00:00")
    end = at(f"{date.fromisoformat(day) + timedelta(1)}T00:00")
    assert calendar.elapsed(start, end) == hours * H
    assert calendar.add(start, hours * H) == end
    assert calendar.windows(start, end) == [(start, end)]


def test_spring_moves_forward_and_autumn_takes_the_first() -> None:
    night = BusinessCalendar("Europe/Stockholm", {"sun": [("02:30", "04:00")]})
    spring = at("2024-03-31T00:00"), at("2024-04-01T00:00")
    assert night.windows(*spring) == [(at("2024-03-31T03:30"), at("2024-03-31T04:00"))]
    autumn = at("2024-10-27T00:00"), at("2024-10-28T00:00")
    first = int(datetime(2024, 10, 27, 0, 30, tzinfo=UTC).timestamp())
    assert night.windows(*autumn) == [(first, at("2024-10-27T04:00"))]
    assert night.elapsed(*autumn) == int(2.5 * H)
    gone = BusinessCalendar("America/Los_Angeles", {"sun": [("02:30", "03:15")]})
    assert gone.elapsed(at("2006-04-02T00:00"), at("2006-04-04T00:00")) == 0


def test_a_midnight_that_the_clock_skips() -> None:
    zone = "America/Sao_Paulo"
    calendar = BusinessCalendar(zone, ALWAYS)
    saturday, monday = at("2017-10-14T00:00", zone), at("2017-10-16T00:00", zone)
    assert calendar.elapsed(saturday, monday) == 47 * H
    early = BusinessCalendar(zone, {"sun": [("00:00", "02:00")]})
    assert early.elapsed(saturday, monday) == H


def test_a_date_that_never_was_has_no_hours() -> None:
    calendar = BusinessCalendar(
        "Pacific/Apia", {"thu": [("09:00", "17:00")], "fri": [("09:00", "17:00")]}
    )
    thursday = at("2011-12-29T12:00", "Pacific/Apia")
    assert calendar.elapsed(thursday, at("2012-01-02T00:00", "Pacific/Apia")) == 5 * H
    assert calendar.end_of_business_day(thursday, 1) == at("2012-01-05T17:00", "Pacific/Apia")


def test_several_windows_in_any_order_and_touching() -> None:
    calendar = BusinessCalendar(
        "Europe/Stockholm", {"mon": [("13:00", "17:00"), ("08:00", "10:00"), ("10:00", "12:00")]}
    )
    monday = at("2024-06-10T00:00")
    assert calendar.windows(monday, monday + D) == [
        (monday + 8 * H, monday + 12 * H),
        (monday + 13 * H, monday + 17 * H),
    ]
    assert calendar.add(monday, 4 * H) == monday + 12 * H
    assert calendar.add(monday, 4 * H + 1) == monday + 13 * H + 1
    assert calendar.seconds_per_business_day == 8 * H


def test_night_shifts_are_one_window_across_midnight() -> None:
    calendar = BusinessCalendar(
        "Europe/Stockholm",
        {"mon": [("22:00", "24:00")], "tue": [("00:00", "06:00"), ("22:00", "24:00:00")]},
    )
    monday = at("2024-06-10T00:00")
    assert calendar.windows(monday, monday + 2 * D) == [
        (monday + 22 * H, monday + 30 * H),
        (monday + 46 * H, monday + 48 * H),
    ]
    assert calendar.add(monday, 3 * H) == monday + 25 * H
    assert calendar.elapsed(monday + 23 * H, monday + 25 * H) == 2 * H
    assert calendar.end_of_business_day(monday - D, 1) == monday + 24 * H


def test_holidays_win_over_date_hours_and_both_over_the_week() -> None:
    eve, day, saturday, closed = (date(2020, 12, d) for d in (23, 25, 19, 21))
    calendar = BusinessCalendar(
        timezone="Europe/Stockholm",
        hours=OFFICE,
        holidays=frozenset({day}),
        date_hours={
            eve: [("08:00", "12:00")],
            day: [("08:00", "12:00")],
            saturday: [("10:00", "11:00")],
            closed: [],
        },
    )
    start, end = at("2020-12-19T00:00"), at("2020-12-27T00:00")
    assert [b - a for a, b in calendar.windows(start, end)] == [H, 9 * H, 4 * H, 9 * H]
    assert calendar.elapsed(start, end) == 23 * H
    assert calendar.end_of_business_day(at("2020-12-22T12:00"), 1) == at("2020-12-23T12:00")
    assert calendar.end_of_business_day(at("2020-12-24T12:00"), 1) == at("2020-12-28T17:00")


@pytest.mark.parametrize(
    ("opened", "days", "due"),
    [
        ("2024-06-10T09:00", 2, "2024-06-12T17:00"),
        ("2024-06-10T23:00", 2, "2024-06-12T17:00"),
        ("2024-06-10T03:00", 2, "2024-06-12T17:00"),
        ("2024-06-08T12:00", 2, "2024-06-11T17:00"),
        ("2024-06-07T12:00", 1, "2024-06-10T17:00"),
        ("2024-03-29T12:00", 1, "2024-04-01T17:00"),
        ("2024-12-20T12:00", 261, "2025-12-22T17:00"),
    ],
)
def test_business_days(opened: str, days: int, due: str) -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    assert calendar.end_of_business_day(at(opened), days) == at(due)
    both = calendar.end_of_business_day(np.array([at(opened)]), np.array([[days], [days]]))
    assert both.tolist() == [[at(due)]] * 2


def test_pauses_overlap_touch_reach_outside_and_come_unsorted() -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    ten = at("2024-06-10T10:00")
    pauses = [
        (ten + 2 * H, ten + 3 * H),
        (ten - 50 * H, ten + 60),
        (ten + H, ten + 2 * H),
        (ten + H + 600, ten + H + 1200),
        (ten + 3 * H - 1, ten + 3 * H + 60),
        (ten + 100, ten + 100),
        (ten + 500, ten + 400),
        (ten + 6 * H, 2**62),
    ]
    assert calendar.elapsed(ten, ten + 10 * H, pauses) == 6 * H - 2 * H - 120
    assert calendar.elapsed(ten + 10 * H, ten, pauses) == -(6 * H - 2 * H - 120)
    assert calendar.elapsed(ten, ten, pauses) == 0
    assert calendar.add(ten, H - 60, pauses) == ten + H, "reached where the pause begins"
    assert calendar.add(ten, H - 59, pauses) == ten + 3 * H + 61
    assert calendar.add(ten + 4 * H, -H, pauses) == ten + H - 60
    assert calendar.elapsed(ten, ten + H, []) == H


def test_a_deadline_behind_an_endless_pause_is_refused_at_once() -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    ten = at("2024-06-10T10:00")
    for pause, n in (((ten + H, 2**62), H + 1), ((-(2**62), ten - H), -H - 1)):
        with pytest.raises(ValueError, match="open hours left"):
            calendar.add(ten, n, [pause])
        with pytest.raises(ValueError, match="open hours left"):
            calendar.add(np.array([ten, ten]), n, Pauses(*(np.array([i]) for i in (1, *pause))))
        sign = n // abs(n)
        assert calendar.add(ten, sign * H, [pause]) == ten + sign * H
    for pause, n in (((ten + H, None), H + 1), ((EARLIEST, ten - H), -H - 1)):
        with pytest.raises(ValueError, match="open hours left"):
            calendar.add(ten, n, [pause])
    assert calendar.add(ten, 5 * H, [(ten + H, at("2031-06-09T08:00"))]) == at("2031-06-09T12:00")
    assert calendar._compiled is not None
    assert calendar._compiled.high - calendar._compiled.low < 40 * 366 * D


def test_only_an_endless_pause_of_its_own_keeps_a_deadline_away() -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    ten = at("2024-06-10T10:00")
    week = 45 * H
    # far back and far ahead, over an hour of pause: 60 weeks are further than what is compiled
    assert calendar.add(ten, -60 * week, [(ten - 2 * H, ten - H)]) == at("2023-04-17T09:00")
    assert calendar.add(ten, 60 * week, [(ten + H, ten + 2 * H)]) == at("2025-08-04T11:00")
    # the second row is reached before the pause begins, or was before it ended
    for sign, pause in ((1, (ten + 2 * H, 2**62)), (-1, (-(2**62), ten - 2 * H))):
        fresh = BusinessCalendar("Europe/Stockholm", OFFICE)
        own = Pauses(*(np.array([i]) for i in (1, *pause)))
        found = fresh.add(np.array([ten, ten]), sign * np.array([60 * week, H]), own)
        assert found.tolist() == [fresh.add(ten, sign * 60 * week), ten + sign * H]
    # the last second there is, behind a pause that ends before it
    always, start = BusinessCalendar("UTC", ALWAYS), at("9998-06-01T00:00", "UTC")
    assert always.add(start, H, [(start + H - 1, LATEST - 2)]) == LATEST - 1


def test_pauses_of_arrays() -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    ten = at("2024-06-10T10:00")
    start = np.array([ten, ten, ten])
    pauses = Pauses(
        np.array([2, 0, 2]), np.array([ten, ten, ten]), np.array([ten + 9, ten + 60, ten + 7])
    )
    assert calendar.elapsed(start, ten + H, pauses).tolist() == [3540, 3600, 3591]
    assert calendar.elapsed(ten + H, start, pauses).tolist() == [-3540, -3600, -3591]
    assert calendar.add(start, H, pauses).tolist() == [ten + 3660, ten + H, ten + 3609]
    assert calendar.elapsed(ten, ten + H, Pauses(*np.array([[0], [ten], [ten + 60]]))) == 3540
    assert calendar.elapsed(start, ten + H, [(ten, ten + 1)]).tolist() == [3599, 3599, 3599]
    with pytest.raises(ValueError, match="outside the 3 spans"):
        calendar.elapsed(start, ten, Pauses(np.array([3]), np.array([ten]), np.array([ten])))


def test_broadcasting_and_empty_arrays() -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    monday = at("2024-06-10T08:00")
    column, row = monday + np.arange(3)[:, None] * H, monday + np.arange(4) * 2 * H
    assert calendar.elapsed(column, row).tolist() == [
        [H * (2 * j - i) for j in range(4)] for i in range(3)
    ]
    assert calendar.add(monday, np.array([0, H, 9 * H])).tolist() == [
        monday, monday + H, monday + 9 * H,
    ]  # fmt: skip
    none = np.array([], dtype=np.int64)
    empty = Pauses(none, none, none)
    for result in (
        calendar.elapsed(none, monday, empty),
        calendar.add(none, 5, empty),
        calendar.end_of_business_day(none, 1),
        calendar.is_open(none),
    ):
        assert result.shape == (0,)
    assert calendar.elapsed(row.astype(np.int32), row).tolist() == [0] * 4


@pytest.mark.parametrize("year", [1, 2, 1066, 1899, 2500, 9998])
def test_far_years(year: int) -> None:
    calendar = BusinessCalendar("UTC", OFFICE)
    start = int(datetime(year, 3, 1, tzinfo=UTC).timestamp())
    assert calendar.elapsed(start, start + 28 * D) == 4 * 45 * H
    due = calendar.add(start, 45 * H)
    assert calendar.elapsed(start, due) == 45 * H
    assert due - start <= 9 * D


def test_there_is_no_horizon() -> None:
    calendar = BusinessCalendar("Europe/Stockholm", OFFICE)
    start = at("2024-06-10T08:00")
    assert calendar.elapsed(start, start + 20871 * 7 * D) == 20871 * 45 * H, "400 years"
    assert calendar.add(start, 20871 * 45 * H + 1) == start + 20871 * 7 * D + 1
    assert calendar.add(start, -5218 * 45 * H) == at("1924-06-09T08:00")


@pytest.mark.parametrize("weeks", [521, 5218])
def test_the_span_doubles_until_it_is_wide_enough(
    weeks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a hundred years are a few steps away, not a hundred."""
    compiled = []

    def counted(*given: Any) -> Odometer:
        compiled.append(given)
        return compile_odometer(*given)

    monkeypatch.setattr("collector.business_time.calendar.compile_odometer", counted)
    monday, span = at("2024-06-10T08:00", "UTC"), weeks * 7 * D
    for question, wanted in (
        (lambda c: c.add(monday, weeks * 45 * H + H), monday + span + H),
        (lambda c: c.add(monday, -weeks * 45 * H), monday - span),
        (lambda c: c.end_of_business_day(monday, weeks * 5), monday + span + 9 * H),
    ):
        compiled.clear()
        assert question(BusinessCalendar("UTC", OFFICE)) == wanted
        assert len(compiled) <= 2 + (weeks // 52).bit_length()


def test_beyond_the_calendar_is_an_error() -> None:
    calendar = BusinessCalendar("UTC", ALWAYS)
    first = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
    assert calendar.elapsed(first, first + D) == D
    for wrong in (first - 1, last + 1, -(2**63)):
        with pytest.raises(ValueError, match="years 1 to 9999"):
            calendar.elapsed(wrong, 0)
    assert BusinessCalendar("UTC", ALWAYS).elapsed(last - D, last) == D
    with pytest.raises(ValueError, match=r"open hours left|years 1 to 9999"):
        BusinessCalendar("UTC", ALWAYS).add(last - D, 3 * D)
    with pytest.raises(ValueError, match="years 1 to 9999"):
        calendar.add(0, 2**62)
    for no_number in (1.0, "0", True, None):
        with pytest.raises(TypeError, match="whole seconds"):
            calendar.elapsed(no_number, 0)  # type: ignore[call-overload]


def test_a_calendar_that_never_opens() -> None:
    for closed in (
        BusinessCalendar("Europe/Stockholm", {}),
        BusinessCalendar("Europe/Stockholm", {"mon": []}, frozenset({date(2024, 1, 1)})),
        BusinessCalendar(
            "UTC", {}, frozenset({date(2024, 1, 1)}), {date(2024, 1, 1): OFFICE["mon"]}
        ),
    ):
        assert closed.elapsed(0, 2**31) == 0
        assert closed.elapsed(np.array([0]), 2**31).tolist() == [0]
        assert closed.add(5, 0) == 5
        assert closed.windows(0, 2**31) == []
        assert closed.is_open(0) is False
        assert closed.seconds_per_business_day == 0
        for n in (1, -1):
            with pytest.raises(ValueError, match="open hours left"):
                closed.add(0, n)
        with pytest.raises(ValueError, match="open hours left"):
            closed.end_of_business_day(0, 1)


def test_a_calendar_of_dates_alone_ends() -> None:
    calendar = BusinessCalendar(
        "Europe/Stockholm", {}, date_hours={date(2030, 6, 3): OFFICE["mon"]}
    )
    assert calendar.add(0, 9 * H) == at("2030-06-03T17:00")
    assert calendar.add(at("2090-01-01T00:00"), -H) == at("2030-06-03T16:00")
    assert calendar.end_of_business_day(0, 1) == at("2030-06-03T17:00")
    assert calendar.elapsed(0, at("2030-06-03T09:00")) == H
    days = {date(2030, 6, 3): OFFICE["mon"], date(2033, 6, 3): OFFICE["mon"]}
    for ask, wanted in (
        (lambda c: c.end_of_business_day(0, 2), "2033-06-03T17:00"),
        (lambda c: c.add(0, 10 * H), "2033-06-03T09:00"),
        (lambda c: c.add(at("2090-01-01T00:00"), -10 * H), "2030-06-03T16:00"),
        (lambda c: c.add(0, 18 * H + 1), None),
        (lambda c: c.add(at("2090-01-01T00:00"), -18 * H - 1), None),
        (lambda c: c.end_of_business_day(0, 3), None),
    ):
        two = BusinessCalendar("Europe/Stockholm", {}, date_hours=days)
        if wanted is None:
            with pytest.raises(ValueError, match="open hours left"):
                ask(two)
        else:
            assert ask(two) == at(wanted)
        assert two._compiled is not None
        assert two._compiled.high - two._compiled.low < 80 * 366 * D, "no further than its dates"
    for question in (lambda: calendar.add(0, 9 * H + 1), lambda: calendar.add(0, -1)):
        with pytest.raises(ValueError, match="open hours left"):
            question()


def test_the_last_date_may_open_in_another_year_of_utc() -> None:
    east = BusinessCalendar("Asia/Tokyo", {}, date_hours={date(2030, 1, 1): OFFICE["mon"]})
    assert east.add(at("2030-06-01T00:00", "UTC"), -9 * H) == at("2029-12-31T23:00", "UTC")
    late = {date(2030, 12, 31): [("17:00", "23:00")]}
    west = BusinessCalendar("America/Los_Angeles", {}, date_hours=late)
    assert west.add(at("2030-06-01T00:00", "UTC"), 6 * H) == at("2031-01-01T07:00", "UTC")


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ({"monday": []}, "'monday' is not a day"),
        ({1: [], "tuesday": []}, "is not a day"),
        ({"mon": [("8:00", "17:00")]}, "'8:00' is not a time"),
        ({"mon": [("08:00", "24:01")]}, "'24:01' is not a time"),
        ({"mon": [("08:00", "17:60")]}, "'17:60' is not a time"),
        ({"mon": [("08:00", "17:00 ")]}, "is not a time"),
        ({"mon": [(28800, 61200)]}, "28800 is not a time"),
        ({"mon": [("17:00", "08:00")]}, "must close after it opens"),
        ({"mon": [("08:00", "08:00")]}, "must close after it opens"),
        ({"mon": [("22:00", "06:00")]}, "split it at midnight"),
        ({"mon": [("08:00", "12:00"), ("11:59:59", "17:00")]}, "mon: two windows overlap"),
    ],
)
def test_wrong_hours_are_refused(hours: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BusinessCalendar("Europe/Stockholm", hours)


def test_wrong_zones_dates_and_days_are_refused() -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        BusinessCalendar("Europe/Uppsala", OFFICE)
    with pytest.raises(ValueError, match="2024-01-02: two windows overlap"):
        BusinessCalendar("UTC", {}, date_hours={date(2024, 1, 2): [("08:00", "12:00")] * 2})
    for days in (0, -1, 10**9):
        with pytest.raises(ValueError, match=r"^the number of business days must be 1 or more"):
            BusinessCalendar("UTC", OFFICE).end_of_business_day(0, days)


def test_calendars_are_equal_by_what_they_say() -> None:
    one = BusinessCalendar("UTC", {"mon": [("08:00", "12:00"), ("12:00", "17:00")]})
    two = BusinessCalendar("UTC", {"mon": [("08:00:00", "17:00")], "tue": []}, frozenset(), {})
    one.elapsed(0, 10**9)
    assert one == two
    assert hash(one) == hash(two)
    assert len({one, two}) == 1
    assert one != BusinessCalendar("Etc/UTC", {"mon": [("08:00", "17:00")]})
    assert one != BusinessCalendar("UTC", {"mon": [("08:00", "17:00")]}, {date(2024, 1, 1)})
    assert hash(one) != hash(BusinessCalendar("Etc/UTC", {"mon": [("08:00", "17:00")]}))
    assert repr(one) == "BusinessCalendar('UTC', 0 special dates)"
    assert (
        BusinessCalendar("UTC", {**OFFICE, "fri": [("08:00", "16:00")]}).seconds_per_business_day
        == 31680
    )


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def test_pauses_of_arrays_in_every_form():
    """For every span alike, for each its own, as arrays; an open end is None."""
    calendar = BusinessCalendar("UTC", {day: [("00:00", "24:00")] for day in WEEK})
    start, end = np.array([0, 1000]), np.array([500, 2000])
    assert calendar.elapsed(start, end, []).tolist() == [500, 1000]
    assert calendar.elapsed(start, end, [(400, 1100)]).tolist() == [400, 900]
    assert calendar.elapsed(start, end, [[(0, 100), (50, 200)], []]).tolist() == [300, 1000]
    assert calendar.elapsed(start, end, [[], [(1500, None)]]).tolist() == [500, 500]
    assert calendar.elapsed(0, 500, [(400, None)]) == 400
    rows = Pauses(np.array([1]), np.array([1500]), np.array([1600]))
    assert calendar.elapsed(start, end, rows).tolist() == [500, 900]


@pytest.mark.parametrize("wrong", [[1, 2], [(1, 2, 3)], [[(1, 2)]], [[(1, 2)], [3]], ["ab"]])
def test_pauses_that_are_none_are_refused(wrong):
    calendar = BusinessCalendar("UTC", {day: [("00:00", "24:00")] for day in WEEK})
    with pytest.raises((TypeError, ValueError), match=r"pause|whole seconds"):
        calendar.elapsed(np.array([0, 1000]), np.array([500, 2000]), wrong)


def test_holidays_are_dates():
    with pytest.raises(ValueError, match="'2020-06-19' is not a date"):
        BusinessCalendar("UTC", {}, holidays={"2020-06-19"})
