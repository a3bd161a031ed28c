"""Figures beside those of other periods: the change, and whether it is more than chance."""

from datetime import date, timedelta

import pytest
from measured import CALLS, MEAN, RESPONSE, at, call, settings_of, ticket, timeline_of
from samples import save

from collector.comparing import compared, others
from collector.indicators.chance import means, newcombe, rates
from collector.indicators.comparison import compare
from collector.indicators.figures import measured
from collector.indicators.periods import parse_period
from collector.indicators.states import Progress
from collector.indicators.tally import Counts
from collector.measuring import Measuring
from collector.records import Outcome
from collector.store import Store

NOW = "2020-08-18 12:00"


@pytest.fixture
def lone(sqlite_url):
    with Store.open(sqlite_url) as opened:
        yield opened


def calls(month, good, bad):
    """Calls of the 14th of a month, answered in time or not."""
    return [
        call(
            Outcome.ANSWERED, 5 if n < good else 50, f"{month}-14 09:00", f"{month} {n}"
        )
        for n in range(good + bad)
    ]  # fmt: skip


def beside(store, indicators, period, now=NOW, organization=None, **more):
    measuring = Measuring(settings_of(indicators, **more), store)
    at_now = at(now)
    chosen = measuring.period(period, at_now)
    tallies = measuring.tallies(chosen.first, chosen.after, at_now)
    figures = measuring.figures(tallies, chosen, at_now, {})
    found = compared(measuring, figures, chosen, at_now, {})
    return {
        f.indicator: {c.name: c for c in f.comparisons}
        for f in found
        if f.organization == organization
    }


def test_previous_year_before_and_year_to_date(lone):
    save(lone, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), *calls("2019-07", 88, 12),
         *calls("2020-01", 10, 90), source="phone")  # fmt: skip
    found = beside(lone, {"one": CALLS}, "2020-07")["one"]
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


def test_worse_and_without_a_target_other(lone):
    save(lone, *calls("2020-07", 60, 40), *calls("2020-06", 90, 10), source="phone")
    plain = {k: v for k, v in CALLS.items() if k != "target"}
    lost = {**CALLS, "target": "<= 95%"}
    found = beside(lone, {"one": CALLS, "plain": plain, "low": lost}, "2020-07")
    verdicts = {name: each["previous"].verdict for name, each in found.items()}
    assert verdicts == {"one": "worse", "plain": "other", "low": "better"}


def test_few_records_are_said_to_be_few(lone):
    save(lone, *calls("2020-07", 4, 0), *calls("2020-06", 0, 99), source="phone")
    found = beside(lone, {"one": CALLS}, "2020-07")["one"]["previous"]
    assert (found.change, found.verdict, found.low) == (1.0, "too_few", None)
    assert (found.period, found.value, found.eligible) == ("2020-06-01..2020-06-30", 0.0, 99)
    strict = {**CALLS, "rules": {"min_n": 4}}
    assert beside(lone, {"one": strict}, "2020-07")["one"]["previous"].verdict == "better"


def test_without_data_there_is_no_change(lone):
    save(lone, *calls("2020-07", 9, 0), source="phone")
    found = beside(lone, {"one": CALLS}, "2020-07")["one"]
    assert (found["previous"].value, found["previous"].change) == (None, None)
    assert found["previous"].verdict is None
    assert (found["previous"].period, found["previous"].eligible) == ("2020-06-01..2020-06-30", 0)
    empty = beside(lone, {"one": CALLS}, "2020-08")["one"]["previous"]
    assert (empty.value, empty.change, empty.eligible) == (1.0, None, 9)


def test_means_by_their_spread(lone):
    def solved(month, *minutes):
        start = at(f"{month}-14 09:00")
        return [
            ticket(start, f"{month} {n}", resolved_at=start + 60 * m) for n, m in enumerate(minutes)
        ]

    save(lone, *solved("2020-07", 60, 62, 64, 66, 68), *solved("2020-06", 90, 95, 100, 105, 110))
    always = {**MEAN, "calendar": "always"}
    found = beside(lone, {"one": always}, "2020-07")["one"]["previous"]
    assert found.change == (64 - 100) * 60
    low, high = means(320, sum(m * m for m in (60, 62, 64, 66, 68)), 5,
                      500, sum(m * m for m in (90, 95, 100, 105, 110)), 5)  # fmt: skip
    assert (found.low, found.high) == (60 * low, 60 * high)
    assert found.verdict == "better"


COUNT = {"kind": "count", "target": ">= 1"}


def tickets_of(first, after, each_day=1):
    days = [first + timedelta(days=n) for n in range((after - first).days)]
    return [ticket(f"{day} 09:00", f"{day} {n}") for day in days for n in range(each_day)]


def test_a_number_that_still_grows_by_its_finished_days(lone):
    save(lone, *tickets_of(date(2020, 7, 1), date(2020, 8, 10)))
    save(lone, *tickets_of(date(2020, 8, 10), date(2020, 8, 11), 7))
    running = beside(lone, {"one": COUNT, "share": RESPONSE}, "month", "2020-08-10 12:00")
    before = running["one"]["previous"]
    assert (before.period, before.eligible) == ("2020-07-01..2020-07-09", 9)
    assert (before.own, before.value, before.days) == (9, 9, 9)  # today's seven are not all
    assert (before.change, before.verdict) == (0, "chance")
    assert (before.low, before.high) == rates(9, 9, 9, 9)
    assert running["one"]["year_to_date"].change is None
    to_date = running["one"]["year_to_date"]
    assert (to_date.value, to_date.eligible) == (47, 47)
    assert to_date.period == "2020-01-01..2020-08-10"
    # a share takes all there is
    share = running["share"]["previous"]
    assert (share.period, share.eligible, share.days) == ("2020-07-01..2020-07-31", 31, None)


def test_on_its_first_day_a_number_has_nothing_to_be_compared(lone):
    save(lone, *tickets_of(date(2020, 7, 1), date(2020, 8, 2)))
    assert list(beside(lone, {"one": COUNT}, "month", "2020-08-01 12:00")["one"]) == [
        "year_to_date"
    ]
    assert list(beside(lone, {"one": COUNT}, "month", "2020-08-02 12:00")["one"]) == [
        "previous", "year_before", "year_to_date",
    ]  # fmt: skip


def test_a_finished_number_by_the_day_with_the_whole_other(lone):
    """February has fewer days and fewer tickets, but more of them a day."""
    save(lone, *tickets_of(date(2020, 1, 1), date(2020, 2, 1), 20))
    save(lone, *tickets_of(date(2020, 2, 1), date(2020, 3, 1), 21))
    whole = beside(lone, {"one": COUNT}, "2020-02")["one"]["previous"]
    assert (whole.own, whole.value, whole.change, whole.days) == (609, 620, -11, None)
    assert whole.period == "2020-01-01..2020-01-31"
    assert (whole.low, whole.high) == rates(609, 29, 620, 31)
    assert whole.verdict == "chance"
    save(lone, *(ticket(f"2020-02-14 10:00:{n % 60:02}", f"more {n}") for n in range(10)))
    save(lone, *(ticket("2020-01-14 10:00", f"still more {n}") for n in range(21, 36)))
    save(lone, *tickets_of(date(2020, 2, 1), date(2020, 3, 1), 24))
    more = beside(lone, {"one": COUNT}, "2020-02")["one"]["previous"]
    assert more.low > 1
    assert more.verdict == "better"


def test_more_a_day_is_more_even_where_the_number_is_smaller(lone):
    save(lone, *tickets_of(date(2020, 1, 1), date(2020, 2, 1), 200))
    save(lone, *tickets_of(date(2020, 2, 1), date(2020, 3, 1), 213))
    found = beside(lone, {"one": COUNT}, "2020-02")["one"]["previous"]
    assert found.change == 29 * 213 - 31 * 200 < 0
    assert (found.low > 1, found.verdict) == (True, "better")


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
def test_what_is_measured_otherwise_has_no_verdict(lone, kind, more):
    save(lone, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    save(lone, *tickets_of(date(2020, 6, 1), date(2020, 8, 1)))
    found = beside(lone, {"one": {**kind, **more}}, "2020-07")["one"]["previous"]
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
def test_what_is_held_against_another_target_is_still_compared(lone, more):
    save(lone, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    found = beside(lone, {"one": {**CALLS, **more}}, "2020-07")["one"]["previous"]
    assert found.verdict == "better"


def test_a_period_in_which_things_changed_compares_with_none(lone):
    save(lone, *calls("2020-07", 90, 10), *calls("2020-06", 60, 40), source="phone")
    version = {"versions": [{"valid_from": "2020-07-20", "within": "30s"}]}
    july = {"one": {**CALLS, **version}}
    assert beside(lone, july, "2020-07")["one"]["previous"].verdict == "not_comparable"
    assert beside(lone, july, "month", "2020-07-19 12:00")["one"]["previous"].verdict == "better"


def test_few_records_by_the_rule_of_the_periods_own_date(lone):
    save(lone, *calls("2020-07", 4, 0), *calls("2020-06", 0, 99), source="phone")
    version = {"versions": [{"valid_from": "2020-08-01", "rules": {"min_n": 2}}]}
    found = beside(lone, {"one": {**CALLS, **version}}, "2020-07")["one"]["previous"]
    assert found.verdict == "too_few"


def test_means_that_are_the_same_and_never_vary_are_no_change(lone):
    """The interval is the change itself, nought: what it meets it holds."""
    for month in ("2020-06", "2020-07"):
        start = at(f"{month}-14 09:00")
        save(lone, *(ticket(start, f"{month} {n}", resolved_at=start + 600) for n in range(5)))
    found = beside(lone, {"one": {**MEAN, "calendar": "always"}}, "2020-07")["one"]["previous"]
    assert (found.change, found.low, found.high, found.verdict) == (0, 0, 0, "chance")


def figure(eligible, target="<= 1", period="2020-03", kind="count"):
    given = {"kind": kind, "target": target}
    if target is None:
        del given["target"]
    chosen, today = parse_period(period, date(2020, 8, 18)), date(2020, 8, 18)
    tallied = Counts(good=eligible, eligible=eligible)
    return measured(timeline_of(given), tallied, chosen, None, Progress(1.0, stale=False), today)


def test_numbers_are_better_or_worse_by_the_day():
    """3000 in the 29 days of February are more than 3001 in the 31 of March."""
    march, february = figure(3001), figure(3000, period="2020-02")
    found = compare("previous", march, february, 5, alike=True)
    assert (found.low, found.high) == rates(3001, 31, 3000, 29)
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
    assert (found.low, found.high) == rates(1, 31, 4, 29)
    assert found.verdict == "chance"


def test_figures_given_by_hand_change_without_chance(lone):
    given = {"kind": "manual", "unit": "%", "target": "< baseline 5%", "values": [
        {"date": "2020-06-30", "value": 5.5}, {"date": "2020-07-31", "value": 6.06},
    ]}  # fmt: skip
    found = beside(lone, {"one": given}, "2020-07")["one"]["previous"]
    assert found.value == 5.5
    assert found.change == pytest.approx(0.56)
    assert found.verdict is None


def test_by_organization(lone):
    save(lone, *(c for month in ("2020-06", "2020-07") for c in calls(month, 5, 5)), source="phone")
    assert (
        beside(lone, {"one": CALLS}, "2020-07", organization="Laxå")["one"]["previous"].value
        is None
    )


def test_the_year_to_date_is_compared_with_that_of_last_year(lone):
    measuring = Measuring(settings_of({"one": CALLS}), lone)
    period = parse_period("year_to_date", date(2020, 8, 18))
    found = others(measuring, period, at(NOW))
    assert list(found) == ["previous", "year_before"]
    assert {(p.first, p.after) for p in found.values()} == {(date(2019, 1, 1), date(2019, 8, 19))}
    month = others(measuring, parse_period("2020-12", date(2020, 8, 18)), at(NOW))
    assert month["year_to_date"].after == date(2020, 8, 19)
