"""Forecasts from a store: what they rest on, who may replace them, and how good they were."""

import csv
import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from collector.config.loading.load import load_settings
from collector.measuring.engine.backtesting import _KnownMonths, backtested
from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import (
    calibration,
    finished_years,
    forecasts,
    history_start,
)
from collector.measuring.engine.live import Live
from collector.measuring.engine.tallies import history_by_month
from collector.measuring.figures.backtest import BacktestSeries, backtest
from collector.measuring.figures.forecast import (
    Forecast,
    History,
    Months,
    Running,
    expected_left,
    forecast,
)
from collector.measuring.figures.outlook import Outlook
from collector.measuring.figures.tally import TallyColumn
from collector.model.codes import NoForecast
from collector.model.periods import month_index, month_start
from collector.model.records import CallOutcome, Change
from collector.service.service import Service
from collector.store import Store
from tests.worlds.measured import (
    ALWAYS,
    CALLS,
    FIRST_LINE,
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    call,
    polled,
    settings_of,
    ticket,
    timeline_of,
)
from tests.worlds.paths import shared
from tests.worlds.samples import save
from tests.worlds.sizes import sample_size

HELPDESK = "data/helpdesk_monthly.csv"
NOW = at("2020-07-15 12:00")


@pytest.fixture
def read_store(sqlite_store):
    """A store whose sources are read as far as any of these months."""
    for name in ("desk", "phone"):
        polled(sqlite_store, name, at("2030-01-01"))
    return sqlite_store


def month_of_calls(month, good, bad):
    start = at(f"{month}-05 09:00")
    return [
        call(CallOutcome.ANSWERED, 5 if n < good else 50, start + 60 * n, f"{month} {n}")
        for n in range(good + bad)
    ]


def fill(store, first, *months):
    """Calls of successive months: (answered in time, late)."""
    index = month_index(date.fromisoformat(f"{first}-01"))
    for n, (good, bad) in enumerate(months):
        save(store, *month_of_calls(f"{month_start(index + n):%Y-%m}", good, bad), source="phone")


YEAR = [(80, 20)] * 6 + [(60, 40)] * 6
HALF = [(90, 30), (80, 40), (100, 20), (90, 30), (70, 50), (85, 35)]


def outlook_of(store, indicator=CALLS, now=NOW, organization=None, **more):
    measuring = Measuring(settings_of({"one": indicator}, **more), store)
    figures, *_ = forecasts(measuring, now, None)
    return next(f for f in figures if f.organization == organization)


# From tallies to what is known by the month


def test_months_of_tallies(read_store):
    fill(read_store, "2019-11", (3, 1), (4, 1), (5, 1))
    save(read_store, *month_of_calls("2020-07", 2, 1), source="phone")
    settings = settings_of({"one": {**CALLS, "breaks": ["2019-12-01", "2020-01-02"]}})
    measuring = Measuring(settings, read_store)
    tallies = measuring.tallies(date(2019, 11, 1), date(2020, 7, 16), NOW)
    known = measuring.known(tallies, measuring.timelines[0], None, NOW)
    assert known.months.first == month_index(date(2019, 11, 1))
    assert known.months.good.tolist() == [3, 4, 5, 0, 0, 0, 0, 0]
    assert known.months.eligible.tolist() == [4, 5, 6, 0, 0, 0, 0, 0]
    assert known.running == Running(2, 3, 14.5 / 31)
    assert known.year == month_index(date(2020, 1, 1))
    assert known.breaks == (month_index(date(2019, 12, 1)), month_index(date(2020, 2, 1)))
    assert not known.mean


def test_a_month_that_is_not_whole_in_the_tallies_is_left_out(read_store):
    fill(read_store, "2020-05", (3, 1), (4, 1))
    measuring = Measuring(settings_of({"one": CALLS}), read_store)
    tallies = measuring.tallies(date(2020, 5, 2), date(2020, 7, 16), NOW)
    known = measuring.known(tallies, measuring.timelines[0], None, NOW)
    assert known.months.first == month_index(date(2020, 6, 1))
    assert known.months.good.tolist() == [4]


def test_organizations_means_and_what_is_pending(read_store):
    opened = at("2020-06-10 09:00")
    save(
        read_store,
        ticket(opened, "1", organization="Laxå", resolved_at=opened + 3600),
        ticket(opened, "2", organization="Askersund", resolved_at=opened + 7200),
        ticket(opened, "3"),
    )
    measuring = Measuring(settings_of({"one": MEAN}), read_store)
    timeline = measuring.timelines[0]
    tallies = measuring.tallies(date(2020, 6, 1), date(2020, 7, 16), NOW)
    whole = measuring.known(tallies, timeline, None, NOW)
    assert whole.mean
    assert (whole.months.good.tolist(), whole.months.eligible.tolist()) == ([10800], [2])
    parts = [measuring.known(tallies, timeline, place, NOW) for place in (0, 1)]
    assert [part.months.good.tolist() for part in parts] == [[7200], [3600]]
    volume = history_by_month(
        tallies, timeline, None, date(2020, 7, 15), 0.5, measuring.fiscal, volume=True
    )
    assert volume.months.eligible.tolist() == [3]


# Outlooks


def test_the_outlook_is_that_of_the_months(read_store):
    fill(read_store, "2019-01", *YEAR, *HALF)
    found = outlook_of(read_store)
    good, eligible = (np.array([g + (b if n else 0) for g, b in [*YEAR, *HALF]]) for n in (0, 1))
    months = Months(month_index(date(2019, 1, 1)), good, eligible)
    known = History(months, month_index(date(2020, 1, 1)), Running(0, 0, 14.5 / 31))
    wanted = forecast(known)
    assert isinstance(wanted, Forecast)
    assert found.outlook.value == pytest.approx(wanted.value, abs=1e-12)
    assert found.outlook.low == pytest.approx(wanted.low, abs=1e-12)
    assert found.outlook.high == pytest.approx(wanted.high, abs=1e-12)
    assert found.outlook.chance == pytest.approx(wanted.chance(0.7), abs=1e-12)
    assert found.outlook.months == 18
    assert not found.outlook.given
    # what is left of the year decides what it must bring
    assert found.left == round(expected_left(known))
    assert found.required == pytest.approx((0.7 * (720 + found.left) - 515) / found.left)


def test_under_three_months_there_is_none(read_store):
    fill(read_store, "2020-05", (3, 1), (4, 1))
    found = outlook_of(read_store)
    assert found.outlook.value is None
    assert found.outlook.reason is NoForecast.SHORT_HISTORY
    fill(read_store, "2020-04", (3, 1))
    assert outlook_of(read_store).outlook.value is not None


def test_numbers_go_by_the_pattern_of_last_year(read_store):
    for month in range(1, 19):
        day = month_start(month_index(date(2019, 1, 1)) + month - 1)
        opened = at(f"{day} 09:00")
        save(
            read_store,
            *(ticket(opened + n, f"{month} {n}") for n in range(10 * (month % 12 or 12))),
        )
    found = outlook_of(read_store, {"kind": "count"}, at("2020-07-01 00:00"))
    # 210 so far as in the year before, and 570 to come
    assert found.outlook.value == pytest.approx(780)
    assert (found.outlook.low, found.outlook.chance) == (None, None)


def test_a_person_may_set_it_and_is_named(read_store):
    fill(read_store, "2019-01", *YEAR, *HALF)
    given = [
        {"date": "2019-12-31", "forecast": "99 %"},  # of another year
        {"date": "2020-02-01", "forecast": "71 %", "set_by": "Chief"},
        {"date": "2020-06-01", "forecast": "72 %", "set_by": "Head", "comment": "More staff"},
        {"date": "2020-07-16", "forecast": "73 %"},  # not yet
        {"date": "2020-06-02", "forecast": "50 %", "organization": "Laxå"},
    ]
    computed = outlook_of(read_store).outlook.value
    found = outlook_of(read_store, {**CALLS, "forecasts": given}).outlook
    assert (found.value, found.given, found.set_by) == (0.72, True, "Head")
    assert (found.since, found.comment) == (date(2020, 6, 1), "More staff")
    assert found.computed == computed
    assert (found.low, found.high, found.chance) == (None, None, None)
    assert (
        outlook_of(read_store, {**CALLS, "forecasts": given}, organization="Laxå").outlook.value
        == 0.5
    )
    assert outlook_of(read_store, {**CALLS, "forecasts": given[:1]}).outlook.value == computed
    earlier = outlook_of(read_store, {**CALLS, "forecasts": given}, at("2020-05-31 12:00")).outlook
    assert earlier.value == 0.71


def test_of_what_is_given_by_hand_the_forecast_is_of_its_fiscal_year(read_store):
    values = [
        {"date": "2019-12-31", "value": 6.0, "forecast": 5.5},
        {"date": "2020-03-31", "value": 6.06, "forecast": 4, "set_by": "HR"},
        {"date": "2020-06-30", "value": 6.1},
    ]
    manual = {"kind": "manual", "unit": "%", "target": "< baseline 5%", "values": values}
    found = outlook_of(read_store, manual)
    assert (found.value, found.outlook.value, found.state) == (6.1, 4, "at_risk")
    assert outlook_of(read_store, manual, at("2020-02-01 12:00")).outlook is None
    assert (
        outlook_of(read_store, manual, at("2020-02-01 12:00"), fiscal_year_start=5).outlook.value
        == 5.5
    )


def test_an_odd_month_is_pointed_out_unless_a_break_is_configured_there(read_store):
    fill(read_store, "2018-07", *[(80, 20), (78, 22)] * 6, *[(20, 80), (22, 78)] * 6)
    odd = outlook_of(read_store).outlook
    assert odd.odd_month == date(2019, 7, 1)
    assert odd.odd_by < -3
    cut = outlook_of(read_store, {**CALLS, "breaks": ["2019-07-01"]}).outlook
    assert (cut.odd_month, cut.odd_by) == (None, None)
    given = {**CALLS, "forecasts": [{"date": "2020-06-01", "forecast": "72 %"}]}
    assert outlook_of(read_store, given).outlook.odd_month == date(2019, 7, 1)


def test_a_break_cuts_the_history(read_store):
    fill(read_store, "2019-01", *YEAR, *HALF)
    cut = {**CALLS, "breaks": ["2020-04-01"]}
    assert outlook_of(read_store, cut).outlook.months == 3
    assert outlook_of(read_store, {**CALLS, "breaks": ["2020-04-02"]}).outlook.value is None


def test_history_reaches_back_to_the_first_record_and_six_years(read_store):
    measuring = Measuring(settings_of({"one": CALLS}), read_store)
    assert history_start(measuring, NOW) == date(2020, 7, 15)
    save(read_store, call(CallOutcome.ANSWERED, 5, "2018-03-08 00:00", "8"), source="phone")
    assert history_start(measuring, NOW) == date(2018, 3, 8)
    save(read_store, call(CallOutcome.ANSWERED, 5, "2018-03-07 23:59", "7"), source="phone")
    assert history_start(measuring, NOW) == date(2018, 3, 1)
    fill(read_store, "1999-03", (1, 0))
    assert history_start(measuring, NOW) == date(2014, 1, 1)
    september = Measuring(settings_of({"one": CALLS}, fiscal_year_start=9), read_store)
    assert history_start(september, NOW) == date(2013, 9, 1)


def test_finished_years():
    year = month_index(date(2020, 1, 1))
    assert list(finished_years(year - 24, year)) == [year - 24, year - 12]
    assert list(finished_years(year - 23, year)) == [year - 12]
    assert list(finished_years(year - 11, year)) == []
    assert list(finished_years(year + 3, year)) == []


def test_intervals_are_tested_on_finished_years(read_store):
    chance = random.Random(5)
    levels = [40, 90, 20, 70, 50]
    months = [(levels[(n + 9) // 12 % 5] + chance.randrange(3), 50) for n in range(54)]
    fill(read_store, "2016-01", *months)
    measuring = Measuring(
        settings_of({"one": CALLS, "two": {**CALLS, "within": "60s"}}), read_store
    )
    tallies = measuring.tallies(date(2016, 1, 1), date(2020, 7, 16), NOW)
    found = calibration(measuring, tallies, NOW, read_store.polls.states())
    good = np.array([g for g, _ in months])
    eligible = np.array([g + b for g, b in months])
    first = month_index(date(2016, 1, 1))

    def series(numerator):
        return BacktestSeries(
            lambda m: Months(first, numerator[: m - first], eligible[: m - first])
        )

    years = [first + 12 * n for n in range(4)]
    rows = backtest({"one": series(good), "two": series(eligible)}, years)
    assert (found.forecasts, found.years) == (len(rows), 4)
    held = [r.forecast.low <= r.actual <= r.forecast.high for r in rows]
    assert found.held == sum(held)
    assert 0 < found.held < found.forecasts


# What was not read


def test_silence_of_a_source_is_no_forecast(read_store):
    """The calls end on 20 June; the phone was not read since, or nothing came."""
    fill(read_store, "2019-01", *YEAR, *HALF)
    given = [{"date": "2020-02-01", "forecast": "71 %", "set_by": "Chief"}]
    known = outlook_of(read_store)
    assert None not in (known.left, known.misses_left, known.required, known.outlook.value)
    polled(read_store, "phone", at("2020-06-20"))
    found = outlook_of(read_store)
    assert (found.state, found.value, found.eligible) == ("stale", known.value, 720)
    assert (found.left, found.misses_left, found.required) == (None, None, None)
    assert found.outlook == Outlook(None, reason=NoForecast.NOT_READ)
    said = outlook_of(read_store, {**CALLS, "forecasts": given}).outlook
    assert (said.value, said.given, said.computed) == (0.71, True, None)
    # what was known on 20 June is as it was, and so is a count of the desk, which is read
    assert outlook_of(read_store, now=at("2020-06-20 00:10")).outlook.value is not None
    save(read_store, *(ticket(f"2020-0{month}-03 09:00", str(month)) for month in range(1, 7)))
    assert outlook_of(read_store, {"kind": "count"}).outlook.value is not None


def test_a_source_that_was_never_read_to_its_end_is_no_forecast(sqlite_url):
    with Store.open(sqlite_url) as store:
        fill(store, "2019-01", *YEAR, *HALF)
        reading = outlook_of(store)  # pages are stored, and no poll has ended
        assert reading.outlook.reason is NoForecast.NOT_READ
        assert (reading.state, reading.left) == ("stale", None)
        polled(store, "phone", NOW)
        assert outlook_of(store).outlook.value is not None
        # of two sources both must have been read
        sources = {
            name: {"type": "csv_calls", "path": f"{name}.csv"} for name in ("phone", "other")
        }
        assert outlook_of(store, sources=sources).outlook.reason is NoForecast.NOT_READ
        polled(store, "other", NOW)
        assert outlook_of(store, sources=sources).outlook.value is not None


def test_intervals_are_not_tested_on_what_was_not_read(read_store):
    fill(read_store, "2016-01", *[(80, 20), (75, 25), (90, 10)] * 18)
    measuring = Measuring(settings_of({"one": CALLS}), read_store)
    tallies = measuring.tallies(date(2016, 1, 1), date(2020, 7, 16), NOW)
    for read, years in (("2020-01-01", 4), ("2019-12-01", 0)):
        polled(read_store, "phone", at(read))
        found = calibration(measuring, tallies, NOW, read_store.polls.states())
        assert found.years == years


# Months known in part, and breaks


def known_at(measuring, first, now=NOW, place=None):
    after = measuring.today(now) + timedelta(days=1)
    tallies = measuring.tallies(first, after, now)
    return measuring.known(tallies, measuring.timelines[0], place, now)


def daily(first, after, number, organization=None):
    """So many calls each day, all answered in time."""
    return [
        call(
            CallOutcome.ANSWERED, 5, at(f"{day} 09:00") + n, f"{day} {n}", organization=organization
        )
        for day in (first + timedelta(days=d) for d in range((after - first).days))
        for n in range(number)
    ]


@pytest.mark.parametrize(("day", "start"), [(7, "2020-01-01"), (8, "2020-02-01")])
def test_a_first_month_that_is_known_in_part_is_no_month(read_store, day, start):
    """Laxå joined on a day of January; the desk itself is older."""
    save(read_store, *daily(date(2019, 12, 1), date(2020, 7, 15), 1), source="phone")
    late = daily(date(2020, 1, day), date(2020, 7, 15), 2, "Laxå")
    save(read_store, *(replace(each, id=f"L{each.id}") for each in late), source="phone")
    measuring = Measuring(settings_of({"one": CALLS}), read_store)
    known = known_at(measuring, date(2019, 12, 1), place=1)
    assert known.start == month_index(date.fromisoformat(start))
    assert known.so_far[1] == len(late)  # the year keeps all of them
    whole = known_at(measuring, date(2019, 12, 1))
    assert whole.start == month_index(date(2019, 12, 1))
    if day == 8:  # 30 days of February to June, by the day, for the rest of the year
        full = sum((date(2020, m + 1, 1) - date(2020, m, 1)).days for m in range(2, 7)) * 2
        per_month = (full + 28) / (5 + known.running.passed)
        assert expected_left(known) == pytest.approx(per_month * (6 - known.running.passed))


def test_a_rule_that_measures_otherwise_cuts_the_history(read_store):
    rules = {"valid_from": "2020-03-15", "rules": {"withdrawn": "callback"}}
    for version, start in (
        ({"valid_from": "2020-03-01", "within": "30s"}, "2020-03-01"),
        (rules, "2020-04-01"),  # March is half and half
        ({"valid_from": "2020-03-01", "target": ">= 60%"}, "2020-01-01"),
        ({"valid_from": "2020-03-01", "rules": {"min_n": 7}}, "2020-01-01"),
        ({"valid_from": "2020-09-01", "within": "30s"}, "2020-01-01"),  # not yet
    ):
        save(read_store, *daily(date(2020, 1, 1), date(2020, 7, 15), 1), source="phone")
        measuring = Measuring(settings_of({"one": {**CALLS, "versions": [version]}}), read_store)
        known = known_at(measuring, date(2020, 1, 1))
        assert known.start == month_index(date.fromisoformat(start)), version
        assert known.so_far[1] == 196


def test_other_business_hours_cut_no_history(read_store):
    version = {"valid_from": "2020-03-01", "calendar": "always"}
    measuring = Measuring(settings_of({"one": {**RESPONSE, "versions": [version]}}), read_store)
    assert measuring.timelines[0].breaks == ()
    cut = {**RESPONSE, "versions": [version], "breaks": ["2020-05-01"]}
    assert timeline_of(cut).breaks == (date(2020, 5, 1),)


def test_the_back_test_leaves_out_a_first_month_that_is_known_in_part(read_store):
    save(read_store, *daily(date(2017, 3, 1), date(2020, 7, 15), 1, "Laxå"), source="phone")
    late = [replace(c, id=f"L{c.id}", queue="hr")
            for c in daily(date(2018, 1, 20), date(2020, 7, 15), 1)]  # fmt: skip
    save(read_store, *late, source="phone")
    hr = {**CALLS, "records": {"queue": ["hr"]}}
    measuring = Measuring(settings_of({"one": CALLS, "hr": hr}), read_store)
    known = _KnownMonths.of(measuring, month_index(date(2017, 3, 1)), range(24216, 24240, 12))
    known.measure(lambda share: None)
    series = {each.id: known.series(each) for each in known.timelines}
    assert series["hr"].breaks == (month_index(date(2018, 2, 1)),)
    assert series["one"].breaks == ()


# Live


def year_to_date(snapshot):
    return next(
        f for f in snapshot.figures if f.period.name == "year_to_date" and f.organization is None
    )


def test_live_figures_have_no_outlook_before_all_history_is_measured(read_store):
    fill(read_store, "2017-01", *YEAR, *YEAR, *YEAR, *HALF)
    polled(read_store, "phone", NOW)
    live = Live(Measuring(settings_of({"one": CALLS}), read_store))
    assert not live.extend(NOW)  # nothing is measured yet
    first = year_to_date(live.refresh(NOW))
    assert first.outlook is None
    assert first.left is not None  # that needs the year before alone
    steps = 0
    while live.extend(NOW):
        steps += 1
        assert year_to_date(live.refresh(NOW)).outlook is None
    assert steps == 24  # two years, 31 days at a time
    whole = year_to_date(live.refresh(NOW))
    measuring = Measuring(settings_of({"one": CALLS}), read_store)
    alone = next(f for f in forecasts(measuring, NOW, None)[0] if f.organization is None)
    assert whole == alone
    assert first.left == whole.left
    others = [f for f in live.snapshot.figures if f.period.name != "year_to_date"]
    assert {f.outlook for f in others} == {None}


def test_what_changes_while_the_history_is_measured_is_not_lost(read_store):
    fill(read_store, "2017-01", *YEAR, *YEAR, *YEAR, *HALF)
    live = Live(Measuring(settings_of({"one": CALLS}), read_store))
    live.refresh(NOW)
    chance = random.Random(7)
    more = True
    while more:
        month = f"201{chance.randrange(7, 10)}-{chance.randrange(1, 13):02}"
        save(read_store, *month_of_calls(month, chance.randrange(200), 0), source="phone")
        if chance.random() < 0.5:
            live.refresh(NOW)
        more = live.extend(NOW)
    live.refresh(NOW)
    tallies = live._tallies
    anew = live.measuring.tallies(tallies.first, tallies.after, NOW)
    assert np.array_equal(tallies.sums["one"], anew.sums["one"])
    assert tallies.first == date(2017, 1, 1)


def test_older_records_that_come_later_are_measured_too(read_store):
    polled(read_store, "phone", NOW)  # what lies ahead of the clock would be stale
    fill(read_store, "2020-01", *HALF)
    live = Live(Measuring(settings_of({"one": CALLS}), read_store))
    live.refresh(NOW)
    assert not live.extend(NOW)
    before = year_to_date(live.refresh(NOW)).outlook
    fill(read_store, "2018-01", *YEAR, *YEAR)
    live.refresh(NOW)
    while live.extend(NOW):
        pass
    after = year_to_date(live.refresh(NOW)).outlook
    assert (before.months, after.months) == (6, 30)


def test_values_given_by_hand_are_taken_over_while_running(read_store, tmp_path, caplog):
    file, values = tmp_path / "servicedesk.yaml", tmp_path / "values.csv"
    file.write_text(
        "timezone: Europe/Stockholm\nvalues_file: values.csv\nindicators:\n"
        "  sick: {kind: manual, unit: '%', target: '< baseline 5%'}\n"
        "  calls: {kind: service_level, within: 20s}\n"
    )
    values.write_text("indicator,date,value\nsick,2020-06-30,6\n")
    fill(read_store, "2020-01", *HALF)
    service = Service(load_settings(file), read_store, clock=lambda: NOW)
    service.reread = lambda: load_settings(file)

    def shown():
        service.reread_values()
        figures = service.live.snapshot.figures
        return next(f.value for f in figures if f.indicator == "sick"), caplog.messages

    service.measure()
    tallies = service.live._tallies
    assert shown() == (6, [])
    values.write_text("indicator,date,value\nsick,2020-06-30,4\nsick,2020-07-01,4.5\n")
    with caplog.at_level("INFO"):
        assert shown() == (4.5, ["the values file was read again"])
    assert service.live._tallies is tallies
    assert [v.content["value"] for v in read_store.ledger.values_given("sick")] == [4.0, 4.5]
    caplog.clear()
    values.write_text("indicator,date,value\nsick,2020-06-30,many, too many\n")
    value, messages = shown()
    assert value == 4.5
    assert "values.csv:2: has 4 cells, but there are 3 columns" in messages[0]
    caplog.clear()
    assert shown() == (4.5, [])  # said once
    values.write_text("indicator,date,value\nsick,2020-06-30,3\n")
    file.write_text(file.read_text().replace("20s", "30s"))
    value, messages = shown()
    assert (value, messages) == (4.5, ["the configuration has changed: restart to apply it"])
    values.unlink()
    assert shown()[0] == 4.5


def test_a_running_service_notices_definitions_of_another_process(read_store, caplog):
    fill(read_store, "2020-01", *HALF)
    ours = settings_of({"one": CALLS})
    register(ours, read_store, NOW)
    service = Service(ours, read_store, clock=lambda: NOW)
    service.measure()
    service.check_definitions()
    waiting = service.waiting_for()
    later = {**CALLS, "versions": [{"valid_from": "2030-01-01", "within": "9s"}]}
    register(settings_of({"one": later}), read_store, NOW)
    service.check_definitions()
    assert (service.waiting_for(), caplog.messages) == (waiting, [])
    register(settings_of({"one": {**CALLS, "within": "60s"}}), read_store, NOW, restate=True)
    caplog.clear()
    service.check_definitions()
    service.check_definitions()
    (message,) = caplog.messages
    assert "indicators.one.within: 60s → 20s" in message
    assert "restart with the current configuration" in service.waiting_for()[-1]
    register(ours, read_store, NOW, restate=True)
    service.check_definitions()
    assert service.waiting_for() == waiting


# The back-test


def helpdesk_tickets():
    """Tickets whose months are those of the file: every one is decided when its month ends."""
    with shared(HELPDESK).open() as file:
        rows = [{k: v if k == "opened" else int(v) for k, v in r.items()}
                for r in csv.DictReader(file)]  # fmt: skip
    for row in rows:
        opened = at(f"{row['opened']}-03 09:00")
        for n in range(row["n"]):
            answered = next((h for k, h in (("resp2", 1), ("resp8", 5), ("resp48", 30))
                             if n < row[k]), None)  # fmt: skip
            solved = next((d for k, d in (("res5d", 4), ("res20d", 15)) if n < row[k]), None)
            yield ticket(
                opened + n,
                f"{row['opened']} {n}",
                first_response_at=None if answered is None else opened + n + 3600 * answered,
                resolved_at=None if solved is None else opened + n + 86400 * solved,
            )


LIMITS = {
    "resp2": {**RESPONSE, "calendar": "always", "within": "2h"},
    "resp8": {**RESPONSE, "calendar": "always", "within": "8h"},
    "resp48": {**RESPONSE, "calendar": "always", "within": "48h"},
    "res5d": {**RESOLUTION, "calendar": "always", "within": "5d"},
    "res20d": {**RESOLUTION, "calendar": "always", "within": "20d"},
}


@pytest.fixture(scope="module")
def helpdesk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("helpdesk")
    with Store.open(f"sqlite:///{folder}/store.db") as store:
        save(store, *helpdesk_tickets())
        yield store


def test_the_back_test_of_a_real_help_desk(helpdesk):
    """From tickets in a store the same rows come as from the file's months themselves."""
    now = at("2014-01-15 12:00")
    measuring = Measuring(settings_of(LIMITS), helpdesk)
    rows = backtested(measuring, date(2010, 1, 1), now)
    with shared(HELPDESK).open() as file:
        months = [{k: v if k == "opened" else int(v) for k, v in r.items()}
                  for r in csv.DictReader(file)]  # fmt: skip
    months.append(dict.fromkeys(months[0], 0))  # December 2013 is not in the file
    first = month_index(date(2010, 1, 1))
    eligible = np.array([m["n"] for m in months])

    def series(name):
        good = np.array([m[name] for m in months])
        return BacktestSeries(lambda k: Months(first, good[: k - first], eligible[: k - first]))

    wanted = backtest({name: series(name) for name in LIMITS}, range(first, first + 48, 12))
    assert rows == wanted
    assert len(rows) > 160


@pytest.mark.parametrize("seed", range(sample_size(1, 3)))
def test_a_month_is_measured_as_it_stood_then(read_store, seed):
    """Sums of every month as known at every later month's beginning equal measuring just that."""
    chance = random.Random(seed)
    teams = ["Servicedesk", "Network"]
    for n in range(150):
        opened = at("2018-11-20 09:00") + chance.randrange(430 * 86400)
        answered = opened + chance.randrange(60 * 86400)
        first_resolved = answered + chance.randrange(40 * 86400)
        reopened = first_resolved + chance.randrange(40 * 86400)
        again = chance.random() < 0.3
        last = reopened + 86400 if chance.random() < 0.8 else None
        changes = [Change(opened, "status", "open"), Change(opened, "team", "Servicedesk")]
        changes.append(Change(opened + chance.randrange(90 * 86400), "team", chance.choice(teams)))
        changes.append(Change(first_resolved, "status", "resolved"))
        if again:
            changes.append(Change(reopened, "status", "open"))
        one = ticket(
            opened,
            str(n),
            first_response_at=answered if chance.random() < 0.8 else None,
            first_resolved_at=first_resolved,
            resolved_at=last if again else first_resolved,
            reopened=int(again),
            team=chance.choice(teams),
        )
        save(read_store, type(one)(**{**{f: getattr(one, f) for f in one.__slots__},
                                "changes": tuple(changes)}))  # fmt: skip
        entered = at("2018-11-20 09:00") + chance.randrange(430 * 86400)
        wait = chance.choice([5, 30, 40 * 86400])
        save(read_store, call(CallOutcome.ANSWERED, wait, entered, str(n)), source="phone")
    indicators = {
        "response": {**RESPONSE, "calendar": "always", "within": "30d"},
        "mean": {**MEAN, "calendar": "always"},
        "line": FIRST_LINE,
        "by_resolution": {**RESOLUTION, "calendar": "always", "within": "20d",
                          "rules": {"counted_by": "resolved"}},
        "answered": CALLS,
    }  # fmt: skip
    settings = settings_of(indicators, calendars={"always": ALWAYS})
    measuring = Measuring(settings, read_store, known_at=at("2020-03-01"))
    first = month_index(date(2018, 12, 1))
    year = month_index(date(2019, 1, 1))
    known = _KnownMonths.of(measuring, first, range(year, year + 12, 12))
    seen = []
    known.measure(seen.append)
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    for place, later in enumerate(known.asked):
        now = measuring.local.midnight(month_start(later))
        then = Measuring(settings, read_store, known_at=now)
        tallies = then.tallies(month_start(first), month_start(later), now)
        for timeline in then.timelines:
            sums = tallies.sums[timeline.id].sum(axis=1)
            column = TallyColumn.SECONDS if timeline.id == "mean" else TallyColumn.GOOD
            for month in range(first, later):
                edges = [tallies.index(month_start(m)) for m in (month, month + 1)]
                whole = sums[slice(*edges)].sum(axis=0)
                found = known.sums[timeline.id][place, month - first]
                wanted = whole[[column, TallyColumn.ELIGIBLE]].tolist()
                assert found.tolist() == wanted, (timeline.id, month)


def test_without_a_finished_year_there_is_nothing_to_test(read_store):
    fill(read_store, "2019-02", *YEAR)
    measuring = Measuring(settings_of({"one": CALLS}), read_store)
    assert backtested(measuring, date(2019, 2, 5), NOW) == ()
    assert backtested(measuring, date(2019, 1, 1) - timedelta(days=1), NOW)
