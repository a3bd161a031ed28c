"""Figures beside those of other periods: the change, and whether it is more than chance."""

from datetime import date

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


def test_numbers_by_the_day_and_only_the_same_part(lone):
    records = [ticket(f"2020-07-{day:02} 09:00", f"j{day}") for day in range(1, 32)]
    records += [ticket(f"2020-08-{day:02} 09:00", f"a{day}") for day in range(1, 11)]
    save(lone, *records)
    count = {"kind": "count", "target": ">= 1"}
    running = beside(lone, {"one": count, "share": RESPONSE}, "month", "2020-08-10 23:00")
    before = running["one"]["previous"]
    assert (before.period, before.eligible) == ("2020-07-01..2020-07-10", 10)
    assert (before.change, before.verdict) == (0, "chance")
    assert (before.low, before.high) == rates(10, 10, 10, 10)
    assert running["one"]["year_to_date"].change is None
    to_date = running["one"]["year_to_date"]
    assert (to_date.value, to_date.eligible) == (41, 41)
    assert to_date.period == "2020-01-01..2020-08-10"
    # a share takes all there is
    assert running["share"]["previous"].period == "2020-07-01..2020-07-31"
    assert running["share"]["previous"].eligible == 31
    whole = beside(lone, {"one": count}, "2020-07")["one"]["previous"]
    assert (whole.period, whole.value) == ("2020-06-01..2020-06-30", None)


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
    found = compare("previous", march, february, 5, (31, 29))
    assert (found.low, found.high) == rates(3001, 31, 3000, 29)
    assert found.high < 1
    assert (found.change, found.verdict) == (1, "better")
    back = compare("previous", february, march, 5, (29, 31))
    assert (back.change, back.verdict) == (-1, "worse")
    # as many in fewer days are more, too
    same = compare("previous", figure(3000, ">= 1"), february, 5, (31, 29))
    assert (same.change, same.verdict) == (0, "worse")
    assert compare("previous", figure(3000, None), february, 5, (31, 29)).verdict == "other"
    # the interval of equal rates holds 1, and not 2
    assert compare("previous", march, march, 5, (31, 31)).verdict == "chance"
    assert compare("previous", figure(6002), march, 5, (31, 31)).verdict == "worse"


def test_few_numbers_are_numbers_all_the_same():
    """A count under min_n is no share of few."""
    found = compare("previous", figure(1), figure(4, period="2020-02"), 5, (31, 29))
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
