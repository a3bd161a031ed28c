"""The past stays as it was measured: editing it is refused, or asked for and logged."""

import logging
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from measured import CALLS, OFFICE, RESPONSE, settings_of
from samples import save, ticket

from collector.definitions import as_text, definitions, differences, from_text, says
from collector.registry import PastEdited, register
from collector.store import Store

ZONE = ZoneInfo("Europe/Stockholm")
NOW = int(datetime(2020, 7, 15, 12, tzinfo=ZONE).timestamp())
FIRST = int(datetime(2020, 3, 2, 9, tzinfo=ZONE).timestamp())
TODAY = "2020-07-15"


@pytest.fixture
def filled(store):
    """A store with a record of March, and the definitions of ``settings()``."""
    save(store, ticket(opened_at=FIRST))
    register(settings(), store, NOW)
    return store


def settings(indicator=None, **more):
    return settings_of({"urgent": {**RESPONSE, **(indicator or {})}, "calls": CALLS}, **more)


def office(**more):
    return {"calendars": {"office": {**OFFICE, **more}, "always": OFFICE}}


def refused(store, changed, now=NOW):
    """The lines of the refusal between its first and its last."""
    before = store.definitions()
    with pytest.raises(PastEdited) as caught:
        register(changed, store, now)
    assert store.definitions() == before
    first, *lines, last = str(caught.value).splitlines()
    assert first == "the configuration defines anew what was measured already:"
    assert "valid_from: 2020-07-15" in last
    assert "--restate" in last
    return [line.strip() for line in lines]


def accepted(store, changed, now=NOW):
    register(changed, store, now)
    known = store.definitions()
    return [known[name].restated for name in ("urgent", "calls")]


def test_the_same_again_is_recorded_once(filled):
    revision = filled.revision()
    before = filled.definitions()
    register(settings(), filled, NOW + 99)
    assert filled.definitions() == before
    assert {each.recorded_at for each in before.values()} == {NOW}
    assert filled.revision() == revision


@pytest.mark.parametrize(
    ("changed", "path", "was", "becomes"),
    [
        (settings({"within": "20min"}), "indicators.urgent.within", "30min", "20min"),
        (settings({"target": ">= 80%"}), "indicators.urgent.target", ">= 90%", ">= 80%"),
        (settings({"target": None}), "indicators.urgent.target", ">= 90%", "nothing"),
        (settings({"records": {"kind": "order"}}), "indicators.urgent.records.kind", "nothing",
         "order"),
        (settings({"rules": {"min_n": 1}}), "rules.min_n", "5", "1"),
        (settings(rules={"phone_solved_within": "1h"}), "rules.phone_solved_within", "1800s",
         "3600s"),
        (settings(exclude={"test": {"category": "Test"}}), "exclude.test.category", "nothing",
         "Test"),
        (settings(priorities=["urgent", "high"]), "priorities", "urgent, high, normal, low",
         "urgent, high"),
        (settings(timezone="Europe/Helsinki"), "timezone", "Europe/Stockholm", "Europe/Helsinki"),
        (settings(fiscal_year_start=5), "fiscal_year_start", "1", "5"),
        (settings(tertials="cumulative"), "tertials", "separate", "cumulative"),
        (settings(**office(hours={"mon-fri": ["08:00-16:00"]})), "calendars.office.hours.mon",
         "08:00-17:00", "08:00-16:00"),
        (settings(**office(timezone="UTC")), "calendars.office.timezone", "Europe/Stockholm",
         "UTC"),
    ],
)  # fmt: skip
def test_what_would_change_the_past_is_refused(filled, changed, path, was, becomes):
    lines = refused(filled, changed)
    assert lines[0] == f"{path}: {was} → {becomes}, for what counts from 2020-03-02 on"
    assert len(lines) == (5 if "hours" in path else 1)


def test_a_holiday_of_the_past_is_named_and_one_to_come_is_welcome(filled):
    past = {"add": ["2020-06-19", "2020-05-22"], "half_days": {"2020-12-23": ["08:00-12:00"]}}
    lines = refused(filled, settings(**office(holidays=past)))
    assert lines == [
        "calendars.office.holidays: 2020-05-22 as every week → closed, "
        "for what counts from 2020-05-22 on"
    ]
    gone = {"half_days": {"2020-12-23": ["08:00-12:00"]}}
    lines = refused(filled, settings(**office(holidays=gone)))
    assert "2020-06-19 closed → as every week" in lines[0]
    future = {"add": ["2020-06-19", TODAY], "half_days": {"2020-12-23": ["08:00-11:00"]}}
    assert accepted(filled, settings(**office(holidays=future))) == [(), ()]


def test_a_closed_day_on_which_nobody_works_anyway_changes_nothing(filled):
    sunday = {**OFFICE["holidays"], "add": ["2020-06-19", "2020-06-21"]}
    assert accepted(filled, settings(**office(holidays=sunday))) == [(), ()]


@pytest.mark.parametrize("valid_from", [TODAY, "2020-07-16", "2031-01-01"])
def test_what_holds_from_today_on_is_free(filled, valid_from):
    version = {"valid_from": valid_from, "within": "20min", "target": ">= 95%"}
    assert accepted(filled, settings({"versions": [version]})) == [(), ()]
    assert accepted(filled, settings({"versions": [{**version, "within": "10min"}]})) == [(), ()]
    assert accepted(filled, settings()) == [(), ()]


def test_a_version_of_yesterday_is_not(filled):
    version = {"valid_from": "2020-07-14", "within": "20min"}
    lines = refused(filled, settings({"versions": [version]}))
    assert lines == ["indicators.urgent.within: 30min → 20min, for what counts from 2020-07-14 on"]


def test_a_version_becomes_the_past_as_time_goes_on(filled):
    version = {"valid_from": "2020-07-20", "within": "20min"}
    register(settings({"versions": [version]}), filled, NOW)
    later = NOW + 10 * 86400
    with pytest.raises(PastEdited, match="20min → 30min, for what counts from 2020-07-20 on"):
        register(settings(), filled, later)


def test_before_the_first_record_nothing_was_measured(store):
    save(store, ticket(opened_at=NOW))
    register(settings(), store, NOW)
    assert accepted(store, settings({"within": "20min"})) == [(), ()]
    version = {"valid_from": "2020-03-01", "within": "5min"}
    with pytest.raises(PastEdited, match="from 2020-07-15 on"):
        register(settings({"versions": [version]}), store, NOW + 86400)


def test_an_empty_store_takes_any_definition(store):
    register(settings(), store, NOW)
    assert accepted(store, settings({"within": "20min"})) == [(), ()]


def test_names_and_other_indicators_are_no_change(filled):
    other = {"title": {"sv": "Annat", "en": "Other"}, "unit_label": {"sv": "a", "en": "b"}}
    assert accepted(filled, settings(other)) == [(), ()]
    more = settings_of({"urgent": RESPONSE, "calls": CALLS, "new": {**CALLS, "within": "60s"}})
    register(more, filled, NOW)
    register(settings(), filled, NOW)  # taken away again
    assert set(filled.definitions()) == {"urgent", "calls", "new"}
    changed = settings_of({"new": {**CALLS, "within": "99s"}})
    assert refused(filled, changed) == [
        "indicators.new.within: 60s → 99s, for what counts from 2020-03-02 on"
    ]


def test_restating_is_recorded_and_logged(filled, caplog):
    with caplog.at_level(logging.WARNING):
        register(settings({"within": "20min"}), filled, NOW + 60, restate=True)
    line = "indicators.urgent.within: 30min → 20min, for what counts from 2020-03-02 on"
    assert caplog.messages == [f"restated urgent: {line}"]
    (restated,) = filled.restatements("urgent")
    assert restated.recorded_at == NOW + 60
    assert restated.restated == (
        {
            "path": "indicators.urgent.within",
            "since": "2020-03-02",
            "before": "30min",
            "after": "20min",
        },
    )
    assert filled.restatements("calls") == []
    register(settings({"within": "20min"}), filled, NOW + 120)  # now the one in force
    lines = refused(filled, settings())
    assert "20min → 30min" in lines[0]


def test_many_changes_are_not_all_listed(filled):
    exclude = {f"reason{n}": {"category": f"c{n}"} for n in range(30)}
    lines = refused(filled, settings(exclude=exclude))
    assert len(lines) == 21
    assert lines[-1] == "… and 10 more"


# Values given by hand


def manual(*values, indicator="budget"):
    return settings_of({indicator: {"kind": "manual", "unit": "tkr", "values": list(values)}})


def test_values_keep_their_history(store):
    july = {"date": "2020-07-01", "value": 5, "set_by": "Economy"}
    register(manual(july), store, NOW)
    register(manual(july), store, NOW + 1)
    register(manual({**july, "value": 6}), store, NOW + 2)
    register(manual({"date": "2020-08-01", "value": 7}), store, NOW + 3)
    found = [(v.date, v.recorded_at - NOW, v.content) for v in store.values_given("budget")]
    assert found == [
        ("2020-07-01", 0, {"value": 5.0, "set_by": "Economy"}),
        ("2020-07-01", 2, {"value": 6.0, "set_by": "Economy"}),
        ("2020-08-01", 3, {"value": 7.0}),
        ("2020-07-01", 3, None),
    ]
    register(settings(), store, NOW + 4)  # an indicator that is gone takes nothing back
    assert len(store.values_given()) == 4


def test_forecasts_of_what_is_measured_keep_theirs(store):
    given = {"forecasts": [{"date": "2020-07-01", "forecast": "85 %", "organization": "Laxå"}]}
    register(settings(given), store, NOW)
    (value,) = store.values_given("urgent")
    assert (value.organization, value.content) == ("Laxå", {"forecast": "85 %"})


# Definitions


def test_text_and_back():
    course = definitions(settings({"versions": [{"valid_from": TODAY, "within": "1h"}]}), "urgent")
    assert from_text(as_text(course)) == course
    assert [d.valid_from for d in course] == [date.min, date(2020, 7, 15)]
    assert [d.says["indicators.urgent.within"] for d in course] == ["30min", "1h"]
    assert course[0].days == {"2020-06-19": "closed", "2020-12-23": "08:00-12:00"}


def test_says_everything_that_decides():
    said = says(settings({"rules": {"answers": ["reply", "note"]}}), "urgent", date(2020, 7, 1))
    assert said["rules.answers"] == "reply, note"
    assert said["rules.response_pauses"] == "false"
    assert "rules.withdrawn" not in said
    assert said["calendars.office.hours.fri"] == "08:00-17:00"
    assert said["calendars.office.holidays.add"] == "2020-06-19"
    assert "indicators.urgent.title" not in str(said)
    calls = says(settings(), "calls", date(2020, 7, 1))
    assert {k for k in calls if k.startswith("rules")} == {"rules.withdrawn", "rules.min_n"}
    assert not any(k.startswith(("calendars", "exclude", "priorities")) for k in calls)


def test_differences_only_within_the_span():
    before = definitions(settings(), "urgent")
    changed = {"versions": [{"valid_from": "2020-05-01", "within": "1h"}]}
    after = definitions(settings(changed), "urgent")
    spans = [
        (date(2020, 1, 1), date(2020, 5, 1), []),
        (date(2020, 1, 1), date(2020, 5, 2), [date(2020, 5, 1)]),
        (date(2020, 6, 1), date(2020, 7, 1), [date(2020, 6, 1)]),
    ]
    for first, until, wanted in spans:
        assert [d.since for d in differences(before, after, first, until)] == wanted


def test_two_processes_record_once(sqlite_url):
    with Store.open(sqlite_url) as one, Store.open(sqlite_url) as two:
        save(one, ticket(opened_at=FIRST))
        register(settings(), one, NOW)
        register(settings(), two, NOW + 5)
        assert {d.recorded_at for d in two.definitions().values()} == {NOW}
