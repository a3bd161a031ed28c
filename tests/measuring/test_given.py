"""Figures and forecasts given by hand, as they were known at an instant that lies back."""

import pytest

from collector.measuring.engine import questions
from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.forecasting import forecasts
from collector.measuring.engine.manual_history import manual_entries_in, settings_as_known
from collector.measuring.engine.questions import (
    measuring_at,
    open_measuring,
    period_figures,
)
from collector.store import RecordedValue, Store
from tests.worlds.measured import RESPONSE, at, settings_of

JULY, AUGUST = "2020-07-01", "2020-08-01"


def budget(*values, store="sqlite:///none.db", **more):
    manual = {"kind": "manual", "unit": "tkr", "values": list(values)}
    return settings_of({"budget": manual, **more}, store=store)


def seen(when, content, day=JULY, indicator="budget", organization=None):
    return RecordedValue(indicator, organization, day, when, content)


def value(number, day=JULY, **more):
    return {"date": day, "value": number, **more}


def known(settings, rows, known_at):
    """Date and value of each, as they were known."""
    indicator = settings_as_known(settings, rows, known_at).indicators["budget"]
    return {str(each.date): each.value for each in indicator.values}


def test_of_each_the_last_one_seen_by_then():
    rows = [
        seen(100, {"value": 5.0}),
        seen(150, {"value": 1.0}, AUGUST),
        seen(200, {"value": 6.0}),
        seen(300, {"value": 7.0, "comment": "audited"}),
    ]
    settings = budget(value(7, comment="audited"), value(1, AUGUST))
    for when, wanted in ((100, 5), (199, 5), (200, 6), (299, 6), (300, 7), (999, 7)):
        assert known(settings, rows, when) == {JULY: wanted, AUGUST: 1}
    # seen for the first time later: the store may be younger than the value
    assert known(settings, rows, 99) == {JULY: 5, AUGUST: 1}
    (comment,) = {
        v.comment for v in settings_as_known(settings, rows, 299).indicators["budget"].values
    }
    assert comment is None


def test_what_was_taken_back_later_is_there_again_and_before_that_gone():
    rows = [seen(100, {"value": 5.0}), seen(200, None), seen(300, {"value": 8.0}), seen(400, None)]
    found = {when: known(budget(), rows, when) for when in (50, 199, 200, 300, 400)}
    assert found == {50: {JULY: 5}, 199: {JULY: 5}, 200: {}, 300: {JULY: 8}, 400: {}}


def test_each_organization_on_its_own():
    rows = [seen(100, {"value": 5.0}), seen(100, {"value": 2.0}, organization="Laxå")]
    rows += [seen(200, {"value": 3.0}, organization="Laxå")]
    settings = budget(value(5), value(3, organization="Laxå"))
    then = settings_as_known(settings, rows, 150).indicators["budget"].values
    assert [(v.organization, v.value) for v in then] == [(None, 5), ("Laxå", 2)]


def test_an_assumption_stays():
    """What is set by a what-if, or not recorded yet, was never seen."""
    rows = [seen(100, {"value": 5.0}), seen(200, {"value": 6.0})]
    assert known(budget(value(9)), rows, 150) == {JULY: 9}
    assert known(budget(), rows, 150) == {}
    assert known(budget(value(6), value(4, AUGUST)), rows, 150) == {JULY: 5, AUGUST: 4}


def test_forecasts_of_what_is_measured():
    def urgent(*forecasts):
        return settings_of({"urgent": {**RESPONSE, "forecasts": list(forecasts)}})

    rows = [
        seen(100, {"forecast": "85 %", "set_by": "Eva"}, indicator="urgent"),
        seen(200, {"forecast": "80 %"}, indicator="urgent"),
        seen(50, {"value": 3.0}, AUGUST, indicator="urgent"),  # it was given by hand then
        seen(60, {"forecast": "3"}, "2020-09-01", indicator="urgent"),
        seen(200, None, AUGUST, indicator="urgent"),
        seen(200, None, "2020-09-01", indicator="urgent"),
        seen(100, {"value": 3.0}, indicator="gone"),
    ]
    settings = urgent({"date": JULY, "forecast": "80 %"})
    (then,) = settings_as_known(settings, rows, 199).indicators["urgent"].forecasts
    assert (then.forecast.text, then.set_by) == ("85 %", "Eva")
    assert settings_as_known(settings, rows, 200) == settings


def test_what_is_not_by_hand_stays_the_same_object():
    settings = budget(value(6), urgent=RESPONSE)
    then = settings_as_known(settings, [seen(100, {"value": 5.0}), seen(200, {"value": 6.0})], 150)
    assert then.indicators["urgent"] is settings.indicators["urgent"]
    assert manual_entries_in(then) == {("budget", None, JULY): {"value": 5.0}}


@pytest.fixture
def ledger(sqlite_url, monkeypatch):
    """Settings without values, whose store saw 5 on 5 July and 6 on 20 July; it is September."""
    monkeypatch.setattr(questions, "now", lambda: at("2020-09-01 00:00"))
    with Store.open(sqlite_url) as store:
        for when, *values in (
            (at("2020-07-05 00:00"), value(5, forecast=50)),
            (at("2020-07-20 00:00"), value(6, forecast=60)),
        ):
            register(budget(*values), store, when)
    return budget(store=sqlite_url)


def test_commands_look_back(ledger):
    """The value, and the forecast for the year that was taken back since."""
    settings = ledger.model_copy(update={"indicators": budget(value(7)).indicators})
    found = {}
    for text in ("2020-07-10 12:00", "2020-07-25 12:00", "2020-09-02 12:00"):
        now = at(text)
        with open_measuring(settings, known_at=now) as measuring:
            period = measuring.period("2020-07", now)
            figures, _ = period_figures(measuring, period, now, None)
            years, _, _ = forecasts(measuring, now, None)
            outlook = years[0].outlook
            found[text[:10]] = figures[0].value, outlook and outlook.value
    assert found == {"2020-07-10": (5, 50), "2020-07-25": (6, 60), "2020-09-02": (7, None)}


def test_the_present_reads_no_ledger(ledger, sqlite_url):
    with Store.open(sqlite_url) as store:
        assert measuring_at(ledger, store, None).settings is ledger
