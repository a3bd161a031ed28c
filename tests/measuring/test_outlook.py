"""How the fiscal year is expected to end: what the forecast says, and who may say otherwise."""

from datetime import date

import numpy as np
import pytest

from collector.measuring.figures.forecast import Forecast, History, Months, forecast
from collector.measuring.figures.outlook import Outlook, outlook, outlook_by_hand
from collector.model.codes import NoForecast
from collector.model.periods import FiscalYear, month_index
from tests.worlds.measured import CALLS, MEAN, timeline_of

JANUARY = month_index(date(2020, 1, 1))
TODAY = date(2020, 7, 14)
YEAR = FiscalYear()
PLAIN = {k: v for k, v in CALLS.items() if k != "target"}


def known(good, eligible, year=JANUARY, **more):
    """Whole months up to the end of June 2020."""
    months = Months(JANUARY + 6 - len(good), np.array(good), np.array(eligible))
    return History(months, year, **more)


SIX = known([60, 70, 80, 70, 60, 80], [100] * 6)


def of(indicator, facts=SIX, organization=None, today=TODAY, fiscal=YEAR):
    return outlook(timeline_of(indicator).on(today), facts, organization, today, fiscal)


def test_what_the_forecast_says_and_the_chance_of_the_target():
    made = forecast(SIX)
    assert isinstance(made, Forecast)
    assert of(CALLS) == Outlook(made.value, made.low, made.high, chance=made.chance(0.7), months=6)
    # of what shall be low the chance to stay below
    low = of({**CALLS, "target": "<= 60%"})
    assert low.chance == made.chance(0.6, at_least=False)
    assert 0 < low.chance < 0.5
    assert of(PLAIN) == Outlook(made.value, made.low, made.high, months=6)


def test_why_there_is_none():
    assert of(CALLS, known([5, 5], [10, 10])) == Outlook(None, reason=NoForecast.SHORT_HISTORY)


def test_a_count_is_its_expected_volume_alone():
    # 100 a month for six months, and six to come
    assert of({"kind": "count", "target": ">= 9"}) == Outlook(1200.0, months=6)


def test_a_month_unlike_those_before_is_pointed_out_behind_the_latest_break():
    good, eligible = [90] * 13 + [20] + [90] * 4, [100] * 18
    found = of(CALLS, known(good, eligible))
    # 20 of 100 after 90 of 100: the fourteenth of the 18 months up to June
    assert found.odd_month == date(2020, 2, 1)
    assert found.odd_by == pytest.approx(-0.7 / np.sqrt(0.0001 + 0.55 * 0.45 / 100))
    cut = of(CALLS, known(good, eligible, breaks=(JANUARY + 1,)))
    assert (cut.odd_month, cut.odd_by, cut.months) == (None, None, 5)


def test_months_of_means_are_unlike_by_their_own_spread():
    # 100 s in each of twelve months, where 1 % is a second; then 104 s
    facts = known([1000] * 12 + [1040], [10] * 13, mean=True)
    found = of({**MEAN, "calendar": "always"}, facts)
    assert (found.odd_month, found.odd_by) == (date(2020, 6, 1), pytest.approx(4.0))


GIVEN = [
    {"date": "2020-03-01", "forecast": "72 %", "set_by": "Head", "comment": "More staff"},
    {"date": "2020-02-01", "forecast": "71 %"},
    {"date": "2020-07-15", "forecast": "73 %"},
    {"date": "2020-04-01", "forecast": "50 %", "organization": "Laxå"},
]


def test_a_person_wins_and_the_computed_one_stays_beside():
    computed = of(CALLS).value
    assert of({**CALLS, "forecasts": GIVEN}) == Outlook(
        0.72,
        given=True,
        set_by="Head",
        since=date(2020, 3, 1),
        comment="More staff",
        computed=computed,
    )
    assert of({**CALLS, "forecasts": GIVEN}, organization="Laxå").value == 0.5
    assert of({**CALLS, "forecasts": GIVEN}, organization="Askersund").value == computed
    assert of({**CALLS, "forecasts": GIVEN}, today=date(2020, 7, 15)).value == 0.73
    # in a fiscal year from May on, what was said in March is of another one
    assert of({**CALLS, "forecasts": GIVEN}, fiscal=FiscalYear(5)).value == computed


def test_what_people_say_is_in_the_unit_of_the_figure():
    mean = timeline_of({**MEAN, "forecasts": [{"date": "2020-03-01", "forecast": "2 h"}]})
    assert outlook_by_hand(mean.on(TODAY), None, TODAY, YEAR) == Outlook(
        7200.0, given=True, since=date(2020, 3, 1)
    )
    values = [{"date": "2020-03-01", "value": 5, "forecast": 4}, {"date": "2020-04-01", "value": 6}]
    sick = timeline_of({"kind": "manual", "unit": "%", "values": values}).on(TODAY)
    found = outlook_by_hand(sick, None, TODAY, YEAR)
    assert (found.value, found.since) == (4.0, date(2020, 3, 1))
    assert outlook_by_hand(timeline_of(CALLS).on(TODAY), None, TODAY, YEAR) is None
