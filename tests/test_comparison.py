"""Figures beside those of other periods: the change, and whether it is more than chance."""

from datetime import date

import pytest
from measured import CALLS, MEAN, RESPONSE, at, call, settings_of, ticket
from samples import save

from collector.comparing import compared, others
from collector.indicators.chance import means, newcombe, rates
from collector.indicators.periods import parse_period
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
    strict = {**CALLS, "rules": {"min_n": 4}}
    assert beside(lone, {"one": strict}, "2020-07")["one"]["previous"].verdict == "better"


def test_without_data_there_is_no_change(lone):
    save(lone, *calls("2020-07", 9, 0), source="phone")
    found = beside(lone, {"one": CALLS}, "2020-07")["one"]
    assert (found["previous"].value, found["previous"].change) == (None, None)
    assert found["previous"].verdict is None
    empty = beside(lone, {"one": CALLS}, "2020-08")["one"]["previous"]
    assert (empty.value, empty.change) == (1.0, None)


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
    assert running["one"]["year_to_date"].value == 41
    # a share takes all there is
    assert running["share"]["previous"].period == "2020-07-01..2020-07-31"
    assert running["share"]["previous"].eligible == 31
    whole = beside(lone, {"one": count}, "2020-07")["one"]["previous"]
    assert (whole.period, whole.value) == ("2020-06-01..2020-06-30", None)


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
