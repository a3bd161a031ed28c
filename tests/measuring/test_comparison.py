"""Figures beside those of other periods: the change, and whether it is more than chance."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.measuring.engine.comparing import comparison_periods, with_comparisons
from collector.measuring.engine.engine import Measuring
from collector.measuring.figures.comparison import compare
from collector.measuring.figures.figure import measured_figure
from collector.measuring.figures.statistics import mean_difference, newcombe, rate_ratio
from collector.measuring.kinds.progress import Progress
from collector.measuring.verdicts.counts import Counts
from collector.model.periods import parse_period
from collector.model.records import CallOutcome
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    MEAN,
    RESPONSE,
    at,
    call,
    polled,
    settings_of,
    ticket,
    timeline_of,
)
from tests.worlds.samples import save

NOW = "2020-08-18 12:00"


@pytest.fixture
def old_store(sqlite_store):
    """A store that began long before what is compared."""
    start = at("2018-12-31 09:00")
    save(sqlite_store, ticket(start, "old", first_response_at=start + 60, resolved_at=start + 60))
    save(sqlite_store, call(CallOutcome.ANSWERED, 5, start, "old"), source="phone")
    return sqlite_store


def calls(month, good, bad):
    """Calls of the 14th of a month, answered in time or not."""
    return [
        call(
            CallOutcome.ANSWERED, 5 if n < good else 50, f"{month}-14 09:00", f"{month} {n}"
        )
        for n in range(good + bad)
    ]  # fmt: skip


def beside(store, indicators, period, now=NOW, organization=None, read=None, **more):
    measuring = Measuring(settings_of(indicators, **more), store)
    at_now = at(now)
    if read is not None:
        for name in ("desk", "phone"):
            polled(store, name, at(read))
    states = {} if read is None else store.polls.states()
    chosen = measuring.period(period, at_now)
    tallies = measuring.tallies(chosen.first, chosen.after, at_now)
    figures = measuring.figures(tallies, chosen, at_now, states)
    found = with_comparisons(measuring, figures, chosen, at_now, states)
    return {
        f.indicator: {c.name: c for c in f.comparisons}
        for f in found
        if f.organization == organization
    }


def test_previous_year_before_and_year_to_date(old_store):
    save(old_store, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), *calls("2019-07", 88, 12),
         *calls("2020-01", 10, 90), source="phone")  # fmt: skip
    found = beside(old_store, {"one": CALLS}, "2020-07")["one"]
    assert list(found) == ["previous", "year_before", "year_to_date"]
    before = found["previous"]
    assert (before.period, before.value, before.eligible) == ("2020-06-01..2020-06-30", 0.6, 100)
    assert before.change == pytest.approx(0.3)
    assert (before.low, before.high) == newcombe(90, 100, 60, 100)
    assert before.verdict == "better"
    year = found["year_before"]
    assert (year.period, year.value) == ("2019-07-01..2019-07-31", 0.88)
    assert (year.change, year.verdict) == (pytest.approx(0.02), "chance")
    to_date = found["year_to_date"]
    assert (to_date.period, to_date.eligible) == ("2020-01-01..2020-07-31", 300)
    assert to_date.value == pytest.approx(160 / 300)
    assert (to_date.low, to_date.high, to_date.verdict) == (None, None, None)


def test_worse_and_without_a_target_other(old_store):
    save(old_store, *calls("2020-07", 60, 40), *calls("2020-06", 90, 10), source="phone")
    plain = {k: v for k, v in CALLS.items() if k != "target"}
    lost = {**CALLS, "target": "<= 95%"}
    found = beside(old_store, {"one": CALLS, "plain": plain, "low": lost}, "2020-07")
    verdicts = {name: each["previous"].verdict for name, each in found.items()}
    assert verdicts == {"one": "worse", "plain": "other", "low": "better"}


def test_few_records_are_said_to_be_few(old_store):
    save(old_store, *calls("2020-07", 4, 0), *calls("2020-06", 0, 99), source="phone")
    found = beside(old_store, {"one": CALLS}, "2020-07")["one"]["previous"]
    assert (found.change, found.verdict, found.low) == (1.0, "too_few", None)
    assert (found.period, found.value, found.eligible) == ("2020-06-01..2020-06-30", 0.0, 99)
    strict = {**CALLS, "rules": {"min_n": 4}}
    assert beside(old_store, {"one": strict}, "2020-07")["one"]["previous"].verdict == "better"


def test_without_data_there_is_no_change(old_store):
    save(old_store, *calls("2020-07", 9, 0), source="phone")
    found = beside(old_store, {"one": CALLS}, "2020-07")["one"]
    assert (found["previous"].value, found["previous"].change) == (None, None)
    assert found["previous"].verdict is None
    assert (found["previous"].period, found["previous"].eligible) == ("2020-06-01..2020-06-30", 0)
    empty = beside(old_store, {"one": CALLS}, "2020-08")["one"]["previous"]
    assert (empty.value, empty.change, empty.eligible) == (1.0, None, 9)


def test_means_by_their_spread(old_store):
    def solved(month, *minutes):
        start = at(f"{month}-14 09:00")
        return [
            ticket(start, f"{month} {n}", resolved_at=start + 60 * m) for n, m in enumerate(minutes)
        ]

    save(
        old_store, *solved("2020-07", 60, 62, 64, 66, 68), *solved("2020-06", 90, 95, 100, 105, 110)
    )
    always = {**MEAN, "calendar": "always"}
    found = beside(old_store, {"one": always}, "2020-07")["one"]["previous"]
    assert found.change == (64 - 100) * 60
    low, high = mean_difference(320, sum(m * m for m in (60, 62, 64, 66, 68)), 5,
                      500, sum(m * m for m in (90, 95, 100, 105, 110)), 5)  # fmt: skip
    assert (found.low, found.high) == (pytest.approx(60 * low), pytest.approx(60 * high))
    assert found.verdict == "better"


COUNT = {"kind": "count", "target": ">= 1"}


def tickets_of(first, after, each_day=1):
    days = [first + timedelta(days=n) for n in range((after - first).days)]
    return [ticket(f"{day} 09:00", f"{day} {n}") for day in days for n in range(each_day)]


def test_a_number_that_still_grows_by_its_finished_days(old_store):
    save(old_store, *tickets_of(date(2020, 7, 1), date(2020, 8, 10)))
    save(old_store, *tickets_of(date(2020, 8, 10), date(2020, 8, 11), 7))
    running = beside(old_store, {"one": COUNT, "share": RESPONSE}, "month", "2020-08-10 12:00")
    before = running["one"]["previous"]
    assert (before.period, before.eligible) == ("2020-07-01..2020-07-09", 9)
    assert (before.own, before.value, before.days) == (9, 9, 9)  # today's seven are not all
    assert (before.change, before.verdict) == (0, "chance")
    assert (before.low, before.high) == rate_ratio(9, 9, 9, 9)
    assert running["one"]["year_to_date"].change is None
    to_date = running["one"]["year_to_date"]
    assert (to_date.value, to_date.eligible) == (47, 47)
    assert to_date.period == "2020-01-01..2020-08-10"
    # a share takes all there is
    share = running["share"]["previous"]
    assert (share.period, share.eligible, share.days) == ("2020-07-01..2020-07-31", 31, None)


def test_on_its_first_day_a_number_has_nothing_to_be_compared(old_store):
    save(old_store, *tickets_of(date(2020, 7, 1), date(2020, 8, 2)))
    assert list(beside(old_store, {"one": COUNT}, "month", "2020-08-01 12:00")["one"]) == [
        "year_to_date"
    ]
    assert list(beside(old_store, {"one": COUNT}, "month", "2020-08-02 12:00")["one"]) == [
        "previous", "year_before", "year_to_date",
    ]  # fmt: skip


def test_a_finished_number_by_the_day_with_the_whole_other(old_store):
    """February has fewer days and fewer tickets, but more of them a day."""
    save(old_store, *tickets_of(date(2020, 1, 1), date(2020, 2, 1), 20))
    save(old_store, *tickets_of(date(2020, 2, 1), date(2020, 3, 1), 21))
    whole = beside(old_store, {"one": COUNT}, "2020-02")["one"]["previous"]
    assert (whole.own, whole.value, whole.change, whole.days) == (609, 620, -11, None)
    assert whole.period == "2020-01-01..2020-01-31"
    assert (whole.low, whole.high) == rate_ratio(609, 29, 620, 31)
    assert whole.verdict == "chance"
    save(old_store, *(ticket(f"2020-02-14 10:00:{n % 60:02}", f"more {n}") for n in range(10)))
    save(old_store, *(ticket("2020-01-14 10:00", f"still more {n}") for n in range(21, 36)))
    save(old_store, *tickets_of(date(2020, 2, 1), date(2020, 3, 1), 24))
    more = beside(old_store, {"one": COUNT}, "2020-02")["one"]["previous"]
    assert more.low > 1
    assert more.verdict == "better"


def test_more_a_day_is_more_even_where_the_number_is_smaller(old_store):
    save(old_store, *tickets_of(date(2020, 1, 1), date(2020, 2, 1), 200))
    save(old_store, *tickets_of(date(2020, 2, 1), date(2020, 3, 1), 213))
    found = beside(old_store, {"one": COUNT}, "2020-02")["one"]["previous"]
    assert (found.own, found.value) == (6177, 6200)  # the example of docs/indicators.md
    assert found.change == 29 * 213 - 31 * 200 < 0
    assert (found.low > 1, found.verdict) == (True, "better")


def seconds_each(month, *seconds):
    start = at(f"{month}-14 09:00")
    return [ticket(start, f"{month} {n}", resolved_at=start + s) for n, s in enumerate(seconds)]


def test_the_interval_of_means_holds_their_change(old_store):
    """59 s and 61 s are nought and one whole minute, yet two seconds apart."""
    always = {**MEAN, "calendar": "always"}
    save(old_store, *seconds_each("2020-06", *[59] * 20), *seconds_each("2020-07", *[61] * 20))
    found = beside(old_store, {"one": always}, "2020-07")["one"]["previous"]
    assert (found.change, found.low, found.high, found.verdict) == (2, 2, 2, "worse")


def test_means_under_a_minute_have_a_spread(old_store):
    slow = {**MEAN, "calendar": "always", "target": "<= 1h"}
    save(
        old_store, *seconds_each("2020-06", *range(1, 21)), *seconds_each("2020-07", *range(31, 51))
    )
    found = beside(old_store, {"one": slow}, "2020-07")["one"]["previous"]
    sums = [(sum(r), sum(s * s for s in r), 20) for r in (range(31, 51), range(1, 21))]
    assert (found.low, found.high) == mean_difference(*sums[0], *sums[1])
    assert found.low < found.change == 30 < found.high
    assert found.verdict == "worse"


# Known in part


@pytest.mark.parametrize(
    ("first", "verdict"), [(date(2020, 6, 1), "better"), (date(2020, 6, 2), "not_comparable")]
)
def test_what_begins_before_the_first_record_is_not_compared(sqlite_store, first, verdict):
    save(sqlite_store, *tickets_of(first, date(2020, 7, 1)))
    save(sqlite_store, *tickets_of(date(2020, 7, 1), date(2020, 8, 1), 9))
    save(sqlite_store, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    found = beside(sqlite_store, {"one": COUNT, "share": CALLS}, "2020-07")
    before = found["one"]["previous"]
    assert before.value == (date(2020, 7, 1) - first).days
    assert (before.verdict, before.change is None) == (verdict, verdict == "not_comparable")
    # the calls begin on the 14th, whenever the tickets do
    share = found["share"]["previous"]
    assert (share.value, share.change, share.low, share.verdict) == (0.6, None, None,
                                                                     "not_comparable")  # fmt: skip
    assert found["share"]["year_before"].verdict is None  # there is nothing of it


def test_a_record_within_the_year_before_shows_that_a_period_is_whole(sqlite_store):
    save(sqlite_store, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    share = {"one": CALLS}
    for day, verdict in (("2018-06-28", "not_comparable"), ("2018-07-01", "better")):
        # a year before the earliest of those it is compared with: July 2019
        save(sqlite_store, call(CallOutcome.ANSWERED, 5, f"{day} 09:00", day), source="phone")
        assert beside(sqlite_store, share, "2020-07")["one"]["previous"].verdict == verdict


def test_of_the_very_first_month_nothing_is_compared(sqlite_store):
    save(sqlite_store, *calls("2019-07", 9, 9), *calls("2020-07", 60, 40), source="phone")
    found = beside(sqlite_store, {"one": CALLS}, "2019-07")["one"]
    assert (found["previous"].value, found["previous"].verdict) == (None, None)
    to_date = found["year_to_date"]
    assert (to_date.value, to_date.change, to_date.verdict) == (0.5, None, "not_comparable")


def test_by_organization_it_is_the_organizations_first_record(old_store):
    here = [replace(c, organization="Laxå") for month, bad in (("2020-06", 40), ("2020-07", 0))
            for c in calls(month, 60, bad)]  # fmt: skip
    save(old_store, *here, source="phone")
    assert beside(old_store, {"one": CALLS}, "2020-07")["one"]["previous"].verdict == "better"
    found = beside(old_store, {"one": CALLS}, "2020-07", organization="Laxå")["one"]["previous"]
    assert (found.value, found.verdict) == (0.6, "not_comparable")
    whole = replace(call(CallOutcome.ANSWERED, 5, "2020-06-01 00:00", "first"), organization="Laxå")
    save(old_store, whole, source="phone")
    found = beside(old_store, {"one": CALLS}, "2020-07", organization="Laxå")["one"]["previous"]
    assert found.verdict == "better"


@pytest.mark.parametrize(("day", "verdict"), [(8, "better"), (9, "not_comparable")])
def test_a_year_may_begin_with_some_quiet_days(sqlite_store, day, verdict):
    """A fiftieth of 365 days are 7.3."""
    save(sqlite_store, *tickets_of(date(2019, 1, day), date(2020, 1, 1), 2))
    save(sqlite_store, *tickets_of(date(2020, 1, 1), date(2021, 1, 1), 3))
    found = beside(sqlite_store, {"one": COUNT}, "2020", "2021-02-01 12:00")["one"]["previous"]
    assert found.verdict == verdict


# Not read


def test_the_silence_of_a_source_is_not_compared(old_store):
    save(old_store, *tickets_of(date(2020, 6, 1), date(2020, 7, 11), 2))
    save(old_store, *calls("2020-07", 60, 40), *calls("2020-06", 90, 10), source="phone")
    both = {"one": COUNT, "share": CALLS}
    for read, verdict in (("2020-07-11 00:00", "stale"), ("2020-08-01 00:00", "worse")):
        found = beside(old_store, both, "2020-07", read=read)
        for each, values in (("one", (20, 60)), ("share", (0.6, 0.9))):
            before = found[each]["previous"]
            assert (before.own, before.value, before.verdict) == (*values, verdict)
            assert (before.change is None, before.low is None) == (verdict == "stale",) * 2


def test_the_other_period_must_be_read_to_its_end_too(old_store):
    save(old_store, *calls("2020-07", 60, 40), *calls("2020-06", 90, 10), source="phone")
    measuring = Measuring(settings_of({"one": CALLS}), old_store)
    polled(old_store, "phone", at("2020-06-20"))
    july = measuring.period("2020-07", at(NOW))
    tallies = measuring.tallies(july.first, july.after, at(NOW))
    fresh = list(measuring.figures(tallies, july, at(NOW), {}))
    found = with_comparisons(measuring, fresh, july, at(NOW), old_store.polls.states())
    before = found[0].comparisons[0]
    assert (before.value, before.change, before.verdict) == (0.9, None, "stale")


def test_finished_days_that_were_read_are_compared_while_the_period_goes_on(old_store):
    save(old_store, *tickets_of(date(2020, 6, 1), date(2020, 7, 11), 2))
    now = "2020-07-11 12:00"
    for read, change, verdict in (
        ("2020-07-11 00:00", 0, "chance"),
        ("2020-07-10 12:00", None, "stale"),
    ):
        found = beside(old_store, {"one": COUNT}, "month", now, read=read)["one"]["previous"]
        assert (found.days, found.own, found.change, found.verdict) == (10, 20, change, verdict)


# Still open


def test_of_means_nothing_is_said_while_records_are_open(old_store):
    """Of 100 that take long, those that have ended by now are the quick ones."""
    always = {**MEAN, "calendar": "always"}
    save(old_store, *seconds_each("2020-06", *range(36_000, 36_020)))
    save(old_store, *seconds_each("2020-07", *range(3_600, 3_620)))
    early = beside(old_store, {"one": always}, "2020-07")["one"]["previous"]
    assert early.verdict == "better"
    save(old_store, ticket("2020-07-20 09:00", "open"))
    found = beside(old_store, {"one": always}, "2020-07")["one"]["previous"]
    assert (found.change, found.low, found.high) == (early.change, None, None)
    assert found.verdict == "pending"
    # so it is while the other's are
    assert beside(old_store, {"one": always}, "2020-08")["one"]["previous"].verdict is None
    save(old_store, *seconds_each("2020-08", *range(60, 80)))
    assert beside(old_store, {"one": always}, "2020-08")["one"]["previous"].verdict == "pending"


def share(good, eligible, pending=0, target=">= 45%", period="2020-07"):
    given = {**FIRST_LINE, "target": target}
    chosen, today = parse_period(period, date(2020, 8, 18)), date(2020, 8, 18)
    tallied = Counts(good=good, eligible=eligible, pending=pending)
    return measured_figure(
        timeline_of(given), tallied, chosen, None, Progress(1.0, stale=False), today
    )


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        (share(90, 100), share(60, 100), "better"),
        (share(90, 100, 5), share(60, 100), "better"),  # 90 of 105 are better, too
        (share(90, 100, 40), share(60, 100), "pending"),  # 90 of 140 may be chance
        (share(90, 100), share(60, 100, 200), "pending"),  # 260 of 300
        (share(90, 100), share(60, 100, 5), "better"),
        (share(60, 100, 5), share(90, 100), "worse"),
        (share(60, 100, 200), share(90, 100), "pending"),  # 260 of 300
        (share(80, 100, 1), share(80, 100), "chance"),
        (share(80, 100, 99), share(80, 100), "pending"),
        (share(4, 4, 99), share(80, 100), "too_few"),
    ],
)
def test_of_shares_nothing_is_said_that_open_records_could_turn(now, before, verdict):
    found = compare("previous", now, before, 5, alike=True)
    assert found.verdict == verdict
    assert found.change == now.value - before.value
    assert (found.low is None) == (verdict in {"pending", "too_few"})


# Measured otherwise


def versioned(**changes):
    return {"versions": [{"valid_from": "2020-07-01", **changes}]}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (CALLS, versioned(within="30s")),
        (CALLS, versioned(rules={"withdrawn": "callback"})),
        (CALLS, versioned(records={"queue": ["it"]})),
        (CALLS, {"breaks": ["2020-07-01"]}),
        (CALLS, {"breaks": ["2020-06-15"]}),
        (RESPONSE, versioned(calendar="always")),
        (RESPONSE, versioned(rules={"answers": ["reply", "note"]})),
    ],
)
def test_what_is_measured_otherwise_has_no_verdict(old_store, kind, more):
    save(old_store, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    save(old_store, *tickets_of(date(2020, 6, 1), date(2020, 8, 1)))
    found = beside(old_store, {"one": {**kind, **more}}, "2020-07")["one"]["previous"]
    assert found.value is not None
    assert (found.change, found.low, found.high) == (None, None, None)
    assert found.verdict == "not_comparable"


@pytest.mark.parametrize(
    "more",
    [
        versioned(target=">= 60%"),
        versioned(rules={"min_n": 7}),
        {"versions": [{"valid_from": "2020-05-31", "within": "30s"}]},
        {"versions": [{"valid_from": "2020-08-01", "within": "30s"}]},
        {"breaks": ["2020-06-01"]},
        {"breaks": ["2020-08-01"]},
    ],
)
def test_what_is_held_against_another_target_is_still_compared(old_store, more):
    save(old_store, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    found = beside(old_store, {"one": {**CALLS, **more}}, "2020-07")["one"]["previous"]
    assert found.verdict == "better"


def test_a_period_in_which_things_changed_compares_with_none(old_store):
    save(old_store, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    version = {"versions": [{"valid_from": "2020-07-20", "within": "30s"}]}
    july = {"one": {**CALLS, **version}}
    assert beside(old_store, july, "2020-07")["one"]["previous"].verdict == "not_comparable"
    assert (
        beside(old_store, july, "month", "2020-07-19 12:00")["one"]["previous"].verdict == "better"
    )


def test_few_records_by_the_rule_of_the_periods_own_date(old_store):
    save(old_store, *calls("2020-07", 4, 0), *calls("2020-06", 0, 99), source="phone")
    version = {"versions": [{"valid_from": "2020-08-01", "rules": {"min_n": 2}}]}
    found = beside(old_store, {"one": {**CALLS, **version}}, "2020-07")["one"]["previous"]
    assert found.verdict == "too_few"


def test_means_that_are_the_same_and_never_vary_are_no_change(old_store):
    """The interval is the change itself, nought: what it meets it holds."""
    for month in ("2020-06", "2020-07"):
        start = at(f"{month}-14 09:00")
        save(old_store, *(ticket(start, f"{month} {n}", resolved_at=start + 600) for n in range(5)))
    found = beside(old_store, {"one": {**MEAN, "calendar": "always"}}, "2020-07")["one"]["previous"]
    assert (found.change, found.low, found.high, found.verdict) == (0, 0, 0, "chance")


def figure(eligible, target="<= 1", period="2020-03", kind="count"):
    given = {"kind": kind, "target": target}
    if target is None:
        del given["target"]
    chosen, today = parse_period(period, date(2020, 8, 18)), date(2020, 8, 18)
    tallied = Counts(good=eligible, eligible=eligible)
    return measured_figure(
        timeline_of(given), tallied, chosen, None, Progress(1.0, stale=False), today
    )


def test_numbers_are_better_or_worse_by_the_day():
    """3000 in the 29 days of February are more than 3001 in the 31 of March."""
    march, february = figure(3001), figure(3000, period="2020-02")
    found = compare("previous", march, february, 5, alike=True)
    assert (found.low, found.high) == rate_ratio(3001, 31, 3000, 29)
    assert found.high < 1
    assert (found.change, found.verdict) == (1, "better")
    back = compare("previous", february, march, 5, alike=True)
    assert (back.change, back.verdict) == (-1, "worse")
    # as many in fewer days are more, too
    same = compare("previous", figure(3000, ">= 1"), february, 5, alike=True)
    assert (same.change, same.verdict) == (0, "worse")
    assert compare("previous", figure(3000, None), february, 5, alike=True).verdict == "other"
    # the interval of equal rates holds 1, and not 2
    assert compare("previous", march, march, 5, alike=True).verdict == "chance"
    assert compare("previous", figure(6002), march, 5, alike=True).verdict == "worse"


def test_few_numbers_are_numbers_all_the_same():
    """A count under min_n is no share of few."""
    found = compare("previous", figure(1), figure(4, period="2020-02"), 5, alike=True)
    assert (found.low, found.high) == rate_ratio(1, 31, 4, 29)
    assert found.verdict == "chance"


def test_figures_given_by_hand_change_without_chance(old_store):
    given = {"kind": "manual", "unit": "%", "target": "< baseline 5%", "values": [
        {"date": "2020-06-30", "value": 5.5}, {"date": "2020-07-31", "value": 6.06},
    ]}  # fmt: skip
    found = beside(old_store, {"one": given}, "2020-07")["one"]["previous"]
    assert found.value == 5.5
    assert found.change == pytest.approx(0.56)
    assert found.verdict is None


def test_by_organization(old_store):
    save(
        old_store,
        *(c for month in ("2020-06", "2020-07") for c in calls(month, 5, 5)),
        source="phone",
    )
    assert (
        beside(old_store, {"one": CALLS}, "2020-07", organization="Laxå")["one"]["previous"].value
        is None
    )


def test_the_year_to_date_is_compared_with_that_of_last_year(old_store):
    measuring = Measuring(settings_of({"one": CALLS}), old_store)
    period = parse_period("year_to_date", date(2020, 8, 18))
    found = comparison_periods(measuring, period, at(NOW))
    assert list(found) == ["previous", "year_before"]
    assert {(p.first, p.after) for p in found.values()} == {(date(2019, 1, 1), date(2019, 8, 19))}
    tertials = Measuring(settings_of({"one": CALLS}, tertials="cumulative"), old_store)
    for text in ("2020-t1", "2020-t2", "tertial"):
        found = comparison_periods(tertials, tertials.period(text, at(NOW)), at(NOW))
        last = 5 if text == "2020-t1" else 9
        wanted = date(2019, 1, 1), date(2019, last, 1)
        assert [(p.first, p.after) for p in found.values()] == [wanted, wanted], text
    separate = comparison_periods(measuring, measuring.period("2020-t2", at(NOW)), at(NOW))[
        "previous"
    ]
    assert (separate.first, separate.after) == (date(2020, 1, 1), date(2020, 5, 1))
    month = comparison_periods(measuring, parse_period("2020-12", date(2020, 8, 18)), at(NOW))
    assert month["year_to_date"].after == date(2020, 8, 19)
