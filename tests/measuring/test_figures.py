"""Figures of tallies and of what is given by hand, field by field; without a store."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from collector.measuring.figures.figure import manual_figure, measured_figure
from collector.measuring.kinds.progress import Progress
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.counts import Checks, Counts
from collector.model.periods import FiscalYear, parse_period
from tests.worlds.measured import CALLS, FIRST_LINE, MEAN, RESPONSE, timeline_of

TODAY = date(2020, 7, 14)
JULY = parse_period("2020-07", TODAY)
HALF = Progress(0.5, stale=False)
LABEL = {"sv": "st", "en": "pieces"}


def figure(indicator, tallied, period=JULY, organization=None, today=TODAY, **more):
    timeline = timeline_of(indicator, more.pop("rules", None), **more)
    return measured_figure(timeline, tallied, period, organization, HALF, today)


def given(values, period="2020-07", today=TODAY, organization=None, fiscal=None, **more):
    manual = {"kind": "manual", "unit": "%", "target": "< baseline 5%", "values": values, **more}
    chosen = parse_period(period, today)
    return manual_figure(timeline_of(manual), chosen, organization, today, fiscal or FiscalYear())


def test_a_figure_keeps_all_that_it_is_made_of():
    tallied = Counts(
        good=8, eligible=10, pending=2, seconds=7200, squares=1800,
        excluded={"spam": 1}, checks=Checks(checked=3), histogram=(1, 2),
    )  # fmt: skip
    found = figure({**RESPONSE, "unit_label": LABEL}, tallied, organization="Laxå")
    assert (found.indicator, found.title.en, found.kind) == ("one", "Measure", "share_within")
    assert (found.period, found.organization) == (JULY, "Laxå")
    assert (found.good, found.eligible, found.pending) == (8, 10, 2)
    assert (found.excluded, found.checks) == ({"spam": 1}, Checks(checked=3))
    assert (found.squares, found.histogram) == (1800, (1, 2))
    assert (found.value, found.unit, found.state) == (0.8, "ratio", "at_risk")
    assert (found.target.text, found.threshold) == (">= 90%", 0.9)
    assert found.unit_label.en == "pieces"
    assert (found.turns, found.shown_in, found.outlook, found.comment) == ((), None, None, None)
    # twelve so far, twelve more, and the two: 24 in all, of which 22 must be good
    assert (found.left, found.misses_left) == (14, 0)
    assert found.required == pytest.approx((0.9 * 24 - 8) / 14)
    assert found.formula.startswith("elapsed <= 30min / all due; opened to first_response")


def test_without_a_record_there_is_no_value():
    assert (figure(RESPONSE, Counts()).value, figure(RESPONSE, Counts()).state) == (
        None,
        "no_data",
    )
    assert figure({"kind": "count"}, Counts(pending=3)).value is None


def test_a_mean_is_seconds_by_records_and_shown_in_a_unit():
    tallied = Counts(good=4, eligible=4, seconds=4 * 3600)
    found = figure(MEAN, tallied)
    assert (found.good, found.value, found.unit) == (4 * 3600, 3600.0, "seconds")
    assert found.shown_in == ("business_days", 9 * 3600)  # that of the target
    assert figure({**MEAN, "unit": "min"}, tallied).shown_in == ("min", 60)
    plain = {k: v for k, v in MEAN.items() if k != "target"}
    assert figure(plain, tallied).shown_in == ("hours", 3600)


@pytest.mark.parametrize(
    ("more", "unit"), [({}, "tickets"), ({"of": "calls"}, "calls"), ({"unit": "st"}, "st")]
)
def test_a_count_is_its_own_value(more, unit):
    found = figure({"kind": "count", **more}, Counts(good=7, eligible=7))
    assert (found.value, found.unit, found.good) == (7.0, unit, 7)
    assert isinstance(found.value, float)


def test_a_period_is_held_against_its_last_day_or_today():
    later = {**CALLS, "versions": [{"valid_from": "2020-07-15", "target": ">= 80%"}]}
    tallied = Counts(good=3, eligible=4)
    for today, target, turns in (
        (date(2020, 6, 1), ">= 70%", ()),  # before the period: its first day
        (date(2020, 7, 14), ">= 70%", ()),  # a turn to come is none yet
        (date(2020, 7, 15), ">= 80%", (date(2020, 7, 15),)),
        (date(2020, 9, 1), ">= 80%", (date(2020, 7, 15),)),
    ):
        found = figure(later, tallied, today=today)
        assert (found.target.text, found.turns) == (target, turns), today
    # a version that begins on the first or behind the last date makes no turn
    assert figure(later, tallied, parse_period("2020-07-15", TODAY), today=TODAY).turns == ()
    until = parse_period("2020-07-01..2020-07-14", TODAY)
    assert figure(later, tallied, until, today=date(2020, 9, 1)).target.text == ">= 70%"
    assert figure(FIRST_LINE, tallied).target.text == ">= 45%"


def test_the_formula_names_the_turns_that_change_it():
    versions = [
        {"valid_from": "2020-07-02", "target": ">= 75%"},
        {"valid_from": "2020-07-03", "within": "60s"},
    ]
    found = figure({**CALLS, "versions": versions}, Counts())
    first, second = (f"answered_of_offered (wait <= {limit} s)" for limit in (20, 60))
    assert found.formula == f"{first}; from 2020-07-03; {second}"


# Given by hand


VALUES = [
    {"date": "2020-05-31", "value": 6.5, "comment": "Spring"},
    {"date": "2020-07-10", "value": 4.5, "comment": "Summer"},
    {"date": "2020-07-15", "value": 7},  # tomorrow
    {"date": "2020-07-12", "forecast": 4, "comment": "says nothing of now", "set_by": "HR"},
    {"date": "2020-07-13", "value": 9, "organization": "Laxå", "forecast": 8},
]


def test_the_latest_value_up_to_the_end_of_the_period_counts():
    found = given(VALUES, unit_label=LABEL)
    assert (found.value, found.comment, found.state) == (4.5, "Summer", "met")
    assert (found.kind, found.organization, found.indicator) == ("manual", None, "one")
    assert (found.good, found.eligible, found.pending, found.excluded) == (0, 0, 0, {})
    assert (found.unit, found.unit_label.sv, found.formula) == ("%", "st", "given by hand")
    assert (found.target.text, found.threshold, found.turns) == ("< baseline 5%", 5.0, ())
    assert (found.outlook.value, found.outlook.set_by) == (4.0, "HR")
    assert (found.period, found.title.sv) == (JULY, "Mått")
    june = given(VALUES, "2020-06")
    assert (june.value, june.comment, june.state) == (6.5, "Spring", "missed")
    assert june.outlook is None  # that forecast came in July
    assert given(VALUES, today=date(2020, 7, 15)).value == 7
    # what hopes to reach the target is not lost
    assert given([*VALUES[:1], *VALUES[3:]]).state == "at_risk"


def test_each_organization_has_values_and_forecasts_of_its_own():
    laxa = given(VALUES, organization="Laxå")
    assert (laxa.value, laxa.organization, laxa.outlook.value) == (9, "Laxå", 8.0)
    askersund = given(VALUES, organization="Askersund")
    assert (askersund.value, askersund.outlook, askersund.comment) == (None, None, None)
    assert askersund.state == "no_data"


def test_a_value_is_good_for_so_many_days_up_to_the_end_of_its_period():
    values = [{"date": "2020-06-21", "value": 3}]
    assert given(values, valid_days=24).value == 3  # today, 14 July, is the 24th from 21 June on
    assert given(values, valid_days=23).value is None
    later = date(2020, 11, 1)
    assert given(values, valid_days=41, today=later).value == 3  # 31 July is the 41st
    assert given(values, valid_days=40, today=later).value is None
    # and the 366th from 1 August 2019 on
    assert given([{"date": "2019-08-01", "value": 3}], today=later).value == 3
    assert given([{"date": "2019-07-31", "value": 3}], today=later).value is None


def test_a_figure_given_by_hand_without_unit_target_or_values():
    found = given([], unit=None, target=None)
    assert (found.unit, found.target, found.threshold, found.value) == ("1", None, None, None)
    assert (found.outlook, found.comment, found.unit_label) == (None, None, None)


def test_targets_given_by_hand_turn_with_time():
    versions = [{"valid_from": "2020-07-15", "target": "< baseline 4%"}]
    before, after = (given(VALUES[:2], today=date(2020, 7, day), versions=versions)
                     for day in (14, 15))  # fmt: skip
    assert (before.target.text, before.state, before.turns) == ("< baseline 5%", "met", ())
    assert (after.threshold, after.state) == (4.0, "missed")
    assert after.turns == (date(2020, 7, 15),)
    assert replace(after, period=before.period).formula == "given by hand"


def test_the_forecast_given_by_hand_is_that_of_the_fiscal_year():
    values = [{"date": "2020-04-30", "value": 6, "forecast": 3}]
    assert given(values).outlook.value == 3.0
    assert given(values, fiscal=FiscalYear(5)).outlook is None


# Formulas


BY = "counted by opened, priority at_open"


@pytest.mark.parametrize(
    ("indicator", "rules", "wanted"),
    [
        (CALLS, {}, "answered_of_offered (wait <= 20 s)"),
        ({**CALLS, "short_abandon": "5s"}, {},
         "answered_of_offered (wait <= 20 s, without hang-ups within 5 s)"),
        ({**CALLS, "short_abandon": "5s", "formula": "short_abandons_met"}, {},
         "short_abandons_met (wait <= 20 s, with hang-ups within 5 s)"),
        ({"kind": "manual"}, {}, "given by hand"),
        ({"kind": "count", "of": "calls"}, {}, "number of calls"),
        (FIRST_LINE, {}, f"true at resolution / all resolved; {BY}"),
        (RESPONSE, {},
         f"elapsed <= 30min / all due; opened to first_response, calendar office, no pauses; {BY}"),
        (RESPONSE, {"response_pauses": True, "counted_by": "responded", "priority": "strictest"},
         "elapsed <= 30min / all due; opened to first_response, calendar office, on hold pauses; "
         "counted by responded, priority strictest"),
        (MEAN, {"closed_pauses": True},
         "sum of seconds / records; opened to resolved, calendar office, "
         f"on hold and closed until reopened pauses; {BY}"),
        (MEAN, {"closed_pauses": True, "resolution_pauses": False},
         "sum of seconds / records; opened to resolved, calendar office, "
         f"closed until reopened pauses; {BY}"),
        (MEAN, {"resolution_pauses": False},
         f"sum of seconds / records; opened to resolved, calendar office, no pauses; {BY}"),
    ],
)  # fmt: skip
def test_how_each_kind_is_made_in_one_line(indicator, rules, wanted):
    yardstick = timeline_of(indicator, rules).versions[0]
    assert kind_of(yardstick.indicator).formula(yardstick) == wanted


@pytest.mark.parametrize(("start", "last"), [(1, date(2020, 12, 31)), (7, date(2021, 6, 30))])
def test_a_forecast_helps_until_the_fiscal_year_is_over(start, last):
    values = [{"date": "2020-12-01", "value": 6, "forecast": 4}]

    def seen(today):
        return given(values, "2020-12", today, fiscal=FiscalYear(start))

    assert seen(last).given_on == date(2020, 12, 1)
    assert [seen(last).state, seen(last + timedelta(days=1)).state] == ["at_risk", "missed"]
    assert given([], "2020-12", last).given_on is None
