"""The past stays as it was measured: editing it is refused, or asked for and logged."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest

from collector.config.definition_changes import differences, version_starts
from collector.config.definitions import (
    as_text,
    definition_content,
    definitions,
    from_text,
    parsed_value,
    readable,
)
from collector.measuring.engine.definition_guard import PastEdited, check_definitions, register
from collector.measuring.engine.freshness import is_unread
from collector.model.page import Page
from collector.store import LedgerChanges, PollResult, Store
from collector.store.ledger import Ledger
from collector.store.snapshots import SnapshotHead, SnapshotRow
from tests.worlds.measured import CALLS, OFFICE, RESPONSE, settings_of
from tests.worlds.samples import save, ticket

ZONE = ZoneInfo("Europe/Stockholm")
NOW = int(datetime(2020, 7, 15, 12, tzinfo=ZONE).timestamp())
FIRST = int(datetime(2020, 3, 2, 9, tzinfo=ZONE).timestamp())
TODAY = "2020-07-15"
VERSIONED = re.compile(r"calendars\.|rules\.|indicators\.\w+\.(within|target|records|calendar)\b")


@pytest.fixture
def filled(store):
    """A store with a record of March, and the committed definitions of ``settings()``."""
    save(store, ticket(opened_at=FIRST))
    register(settings(), store, NOW, commit=True)
    return store


def settings(indicator=None, **more):
    return settings_of({"urgent": {**RESPONSE, **(indicator or {})}, "calls": CALLS}, **more)


def office(**more):
    return {"calendars": {"office": {**OFFICE, **more}, "always": OFFICE}}


def refused(store, changed, now=NOW):
    """The lines of the refusal between its first and its last."""
    before = store.ledger.definitions()
    with pytest.raises(PastEdited) as caught:
        register(changed, store, now)
    assert store.ledger.definitions() == before
    first, *lines, last = str(caught.value).splitlines()
    assert first == "the configuration would change past figures:"
    assert "--restate" in last
    shown = [line.strip() for line in lines if "…" not in line]
    versions = [VERSIONED.match(line) is not None for line in shown]
    assert ("valid_from: 2020-07-15" in last) == all(versions)
    assert ("cannot have versions" in last) == (not any(versions))
    return [line.strip() for line in lines]


def accepted(store, changed, now=NOW):
    register(changed, store, now)
    known = store.ledger.definitions()
    return [known[name].restated for name in ("urgent", "calls")]


def test_the_same_again_is_recorded_once(filled):
    revision = filled.revisions.latest()
    before = filled.ledger.definitions()
    register(settings(), filled, NOW + 99)
    assert filled.ledger.definitions() == before
    assert {each.recorded_at for each in before.values()} == {NOW}
    assert filled.revisions.latest() == revision


@pytest.mark.parametrize(
    ("changed", "path", "was", "becomes"),
    [
        (settings({"within": "20min"}), "indicators.urgent.within", "30min", "20min"),
        (settings({"target": ">= 80%"}), "indicators.urgent.target", ">= 90%", ">= 80%"),
        (settings({"target": None}), "indicators.urgent.target", ">= 90%", "nothing"),
        (settings({"records": {"kind": "order"}}), "indicators.urgent.records.kind", "nothing",
         '["order"]'),
        (settings({"rules": {"min_n": 1}}), "rules.min_n", "5", "1"),
        (settings(rules={"phone_solved_within": "1h"}), "rules.phone_solved_within", "30min",
         "1h"),
        (settings(exclude={"test": {"category": "Test"}}), "exclude.test.category", "nothing",
         '["Test"]'),
        (settings(organizations=["Laxå"]), "organizations", '["Askersund", "Laxå"]', '["Laxå"]'),
        (settings({"to": "closed"}), "indicators.urgent.to", "first_response", "closed"),
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
    assert lines[0] == f"{path}: {was} → {becomes}, for records from 2020-03-02 on"
    assert len(lines) == (5 if "hours" in path else 1)


CSV = {"type": "csv_tickets", "path": "tickets.csv"}
PHONE = {"phone": {"type": "csv_calls", "path": "calls.csv"}}


@pytest.mark.parametrize(
    ("sources", "line"),
    [
        ({"tickets": CSV}, 'sources: ["desk"] → ["tickets"]'),
        ({}, 'sources: ["desk"] → []'),
        ({"desk": CSV, "more": CSV}, 'sources: ["desk"] → ["desk", "more"]'),
        ({"desk": {**CSV, "map": {"priority": {"1": "urgent"}}}},
         "sources.desk.map.priority.1: nothing → urgent"),
        ({"desk": {**CSV, "timezone": "UTC"}}, "sources.desk.timezone: nothing → UTC"),
        ({"desk": {**CSV, "columns": {"opened_at": "created"}}},
         "sources.desk.columns.opened_at: nothing → created"),
        ({"desk": {"type": "request_tracker", "url": "http://127.0.0.1", "token": "${T}"}},
         "sources.desk.type: csv_tickets → request_tracker"),
    ],
)  # fmt: skip
def test_other_sources_would_change_the_past(filled, sources, line):
    lines = refused(filled, settings(sources={**sources, **PHONE}))
    assert lines[0] == f"{line}, for records from 2020-03-02 on"


def test_how_a_source_is_reached_is_free(filled):
    moved = {"type": "csv_tickets", "path": "elsewhere/*.csv", "every": "5min", "delimiter": ";"}
    assert accepted(filled, settings(sources={"desk": moved, **PHONE})) == [(), ()]


def test_a_first_source_is_free(store):
    save(store, ticket(opened_at=FIRST))
    register(settings(sources={}), store, NOW, commit=True)
    assert accepted(store, settings()) == [(), ()]


def test_naming_the_only_source_changes_nothing(filled):
    named = {"records": {"source": ["desk"]}}
    assert accepted(filled, settings(named)) == [(), ()]
    later = {"valid_from": TODAY, "records": {"source": ["desk", "more"]}}
    sources = {"desk": CSV, "more": CSV, **PHONE}
    assert accepted(filled, settings({**named, "versions": [later]}, sources=sources)) == [(), ()]


@pytest.mark.parametrize("more", [["Askersund", "Laxå", "Lekeberg"], ["Askersund"], []])
def test_other_organizations_are_refused(filled, more):
    """Rows of an organization that is not configured were rejected; so they are not there."""
    lines = refused(filled, settings(organizations=more))
    assert lines[0].startswith('organizations: ["Askersund", "Laxå"] → ')
    assert accepted(filled, settings(organizations=["Laxå", "Askersund"])) == [(), ()]


# Setting up: nothing rests on the definitions yet

SETTING_UP = [
    settings({"within": "20min"}),
    settings({"target": ">= 80%"}),
    settings(rules={"phone_solved_within": "1h"}),
    settings(organizations=["Laxå"]),
    settings(sources={"desk": CSV, "more": CSV, **PHONE}),
    settings(timezone="Europe/Helsinki"),
]


@pytest.fixture
def setting_up(store):
    """A store with a record of March, and definitions on which nothing rests."""
    save(store, ticket(opened_at=FIRST))
    register(settings(), store, NOW)
    return store


@pytest.mark.parametrize("changed", SETTING_UP)
def test_until_they_are_committed_definitions_are_free(setting_up, changed, caplog):
    check_definitions(changed, setting_up, NOW)
    assert accepted(setting_up, changed) == [(), ()]
    assert not any("restated" in line for line in caplog.messages)
    register(changed, setting_up, NOW + 1, commit=True)
    assert refused(setting_up, settings())


@pytest.mark.parametrize("changed", SETTING_UP)
def test_from_the_first_frozen_month_on_they_are_held(setting_up, changed):
    seal(setting_up, "2020-03")
    assert refused(setting_up, changed)
    with pytest.raises(PastEdited):
        check_definitions(changed, setting_up, NOW)


def test_committing_says_what_it_did_and_happens_once(setting_up, caplog):
    caplog.set_level(logging.INFO)
    register(settings({"within": "20min"}), setting_up, NOW + 1, commit=True)
    assert caplog.messages == [
        "committed: a definition that would change past figures is refused from now on, unless "
        "--restate asks for it"
    ]
    caplog.clear()
    register(settings({"within": "20min"}), setting_up, NOW + 2, commit=True)
    assert caplog.messages == ["the definitions were committed before; they still are"]
    assert setting_up.ledger.committed_at() == NOW + 1
    with pytest.raises(PastEdited):
        register(settings(), setting_up, NOW + 3, commit=True)


def test_another_process_that_records_other_definitions_is_noticed_while_setting_up(setting_up):
    register(settings({"within": "20min"}), setting_up, NOW)
    with pytest.raises(PastEdited, match="20min → 30min"):
        check_definitions(settings(), setting_up, NOW, always=True)


def test_a_source_changed_while_setting_up_is_read_anew(setting_up):
    read_once(setting_up, "desk", "phone")
    changed = settings(sources={"desk": {**CSV, "timezone": "UTC"}, **PHONE})
    assert accepted(setting_up, changed) == [(), ()]
    assert setting_up.pages.cursor("desk") is None
    assert setting_up.pages.cursor("phone") is not None


def seal(store, month):
    """Store a snapshot of a month, of which only its being there matters."""
    head = SnapshotHead(1, "freeze", f"{month}-01", f"{month}-31", "s", "r", NOW, "", "seal")
    store.snapshots.add(lambda *_: SnapshotRow(head, b"", b""))


# Names that mean something elsewhere


@pytest.mark.parametrize("name", ["holidays", "target", "unit", "min_n", "calendar", "rules"])
def test_whatever_things_are_called_the_past_is_kept(store, name):
    save(store, ticket(opened_at=FIRST))

    def called(within="30min", hours="08:00-17:00", category="Test", zone="UTC"):
        calendar = {**OFFICE, "hours": {"mon-fri": [hours]}}
        return settings_of(
            {name: {**RESPONSE, "within": within, "calendar": name}},
            calendars={name: calendar},
            exclude={name: {"category": [category]}},
            sources={name: {**CSV, "timezone": zone}},
        )

    register(called(), store, NOW, commit=True)
    for changed, path in (
        (called(within="5h"), f"indicators.{name}.within"),
        (called(hours="09:00-10:00"), f"calendars.{name}.hours.mon"),
        (called(category="Trial"), f"exclude.{name}.category"),
        (called(zone="Europe/Stockholm"), f"sources.{name}.timezone"),
    ):
        lines = refused(store, changed)
        assert lines[0].startswith(f"{path}: "), lines
    turned = {**RESPONSE, "versions": [{"valid_from": "2020-06-01", "within": "1min"}]}
    assert version_starts(settings_of({name: turned}), name) == ((date(2020, 6, 1),),) * 3


@pytest.mark.parametrize("unit", ["[tkr]", '"tkr"', "[", '["a"]'])
def test_texts_that_look_like_lists_are_texts(unit):
    manual = {"kind": "manual", "unit": unit}
    said = definition_content(settings_of({"urgent": manual}), "urgent", date(2020, 6, 1))
    assert parsed_value(said["indicators.urgent.unit"]) == unit
    assert readable(said["indicators.urgent.unit"]) == unit


# Sources of which other records are made


def read_once(store, *names):
    for name in names:
        store.pages.save(name, Page(records=(), cursor={"at": 7}), store.pages.cursor(name))
        store.polls.record(PollResult(source=name, started_at=NOW, finished_at=NOW, ok=True))


@pytest.mark.parametrize(
    "changed",
    [
        settings(sources={"desk": {**CSV, "map": {"priority": {"1": "urgent"}}}, **PHONE}),
        settings(sources={"desk": {**CSV, "timezone": "UTC"}, **PHONE}),
    ],
)
def test_a_source_of_which_other_records_are_made_is_read_anew(filled, changed, caplog):
    register(settings(), filled, NOW)
    read_once(filled, "desk", "phone")
    register(changed, filled, NOW, restate=True)
    assert filled.pages.cursor("desk") is None
    assert filled.pages.cursor("phone") is not None
    states = filled.polls.states()
    assert states["desk"].last_success is None
    assert states["phone"].last_success == NOW
    assert is_unread(["desk"], states)
    assert (
        "desk: its settings now yield other records; the next poll reads it from the beginning"
        in caplog.messages
    )
    read_once(filled, "desk")
    register(changed, filled, NOW)
    assert filled.pages.cursor("desk") is not None


def test_with_other_organizations_all_sources_are_read_anew(filled):
    read_once(filled, "desk", "phone")
    register(settings(organizations=["Laxå"]), filled, NOW, restate=True)
    assert (filled.pages.cursor("desk"), filled.pages.cursor("phone")) == (None, None)


def test_what_only_measures_otherwise_reads_nothing_anew(filled):
    read_once(filled, "desk", "phone")
    register(settings({"within": "5h"}), filled, NOW, restate=True)
    moved = {"type": "csv_tickets", "path": "elsewhere/*.csv"}
    register(settings({"within": "5h"}, sources={"desk": moved, **PHONE}), filled, NOW)
    assert filled.pages.cursor("desk") == {"at": 7}


def test_another_kind_is_refused(filled):
    other = {"kind": "count", "target": None}
    for name in ("from", "to", "within", "calendar"):
        other[name] = ...
    indicator = {k: v for k, v in {**RESPONSE, **other}.items() if v is not ...}
    changed = settings_of({"urgent": indicator, "calls": CALLS})
    lines = refused(filled, changed)
    assert lines[0] == (
        "indicators.urgent.kind: share_within → count, for records from 2020-03-02 on"
    )
    register(changed, filled, NOW, restate=True)
    assert "count → share_within" in refused(filled, settings())[0]


@pytest.mark.parametrize(
    "same",
    [
        settings({"within": "1800s", "target": ">=90.0 %"}),
        settings({"records": {"source": "desk"}}),
        settings({"calendar": "bureau"}, calendars={"bureau": {
            **OFFICE, "hours": {"mon-thu": ["08:00-17:00:00"], "fri": ["08:00:00-17:00"], "sat": []}
        }}),
        settings(calendars={"office": {
            **OFFICE, "hours": {"mon-thu": ["08:00-17:00"], "fri": ["12:00-17:00", "08:00-12:00"]}
        }}),
        settings(priorities=["urgent", "high"]),
        settings(sources={"desk": {**CSV, "map": {}}, **PHONE}),
    ],
)  # fmt: skip
def test_other_words_for_the_same_change_nothing(filled, same):
    assert accepted(filled, same) == [(), ()]


def test_lists_are_told_apart():
    one = settings({"records": {"category": ["A, B"]}})
    two = settings({"records": {"category": ["A", "B"]}})
    again = settings({"records": {"category": ["B", "A", "B"]}})
    none = settings({"records": {"category": []}})
    texts = [as_text(definitions(each, "urgent")) for each in (one, two, again, none, settings())]
    assert len(set(texts)) == 4
    assert texts[1] == texts[2]


def test_an_option_that_older_programs_did_not_know_is_no_change(filled):
    known = filled.ledger.definitions()
    older = [
        replace(each, content=re.sub(r'"rules.answers":"[^"]*(?:\\"[^"]*)*",', "", each.content))
        for each in known.values()
    ]
    changed = [e.content != k.content for e, k in zip(older, known.values(), strict=True)]
    assert sorted(changed) == [False, True]
    filled.ledger.record(lambda *_: LedgerChanges(older, [], []))
    assert accepted(filled, settings()) == [(), ()]
    filled.ledger.record(lambda *_: LedgerChanges(older, [], []))
    lines = refused(filled, settings({"rules": {"answers": ["note"]}}))
    assert lines == ['rules.answers: nothing → ["note"], for records from 2020-03-02 on']


def test_a_clock_that_began_before_a_version_sees_its_days(filled):
    """Of a version of tomorrow only the days that are over matter."""
    version = {"valid_from": "2020-07-01", "hours": {"mon-fri": ["07:00-16:00"]}}
    with_version = settings(**office(versions=[version]))
    register(with_version, filled, NOW, restate=True)
    closed = {**OFFICE["holidays"], "add": ["2020-06-19", "2020-07-10"]}
    changed = settings(**office(versions=[version], holidays=closed))
    assert "2020-07-10 as every week → closed" in refused(filled, changed)[0]


def test_a_holiday_of_the_past_is_named_and_one_to_come_is_welcome(filled):
    past = {"add": ["2020-06-19", "2020-05-22"], "half_days": {"2020-12-23": ["08:00-12:00"]}}
    lines = refused(filled, settings(**office(holidays=past)))
    assert lines == [
        "calendars.office.holidays: 2020-05-22 as every week → closed, "
        "for records from 2020-05-22 on"
    ]
    gone = {"half_days": {"2020-12-23": ["08:00-12:00"]}}
    lines = refused(filled, settings(**office(holidays=gone)))
    assert "2020-06-19 closed → as every week" in lines[0]
    today = {**OFFICE["holidays"], "add": ["2020-06-19", TODAY]}
    lines = refused(filled, settings(**office(holidays=today)))  # a clock of yesterday runs in it
    assert "2020-07-15 as every week → closed" in lines[0]
    future = {"add": ["2020-06-19", "2020-07-16"], "half_days": {"2020-12-23": ["08:00-11:00"]}}
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
    assert lines == ["indicators.urgent.within: 30min → 20min, for records from 2020-07-14 on"]


def test_a_version_becomes_the_past_as_time_goes_on(filled):
    version = {"valid_from": "2020-07-20", "within": "20min"}
    register(settings({"versions": [version]}), filled, NOW)
    later = NOW + 10 * 86400
    with pytest.raises(PastEdited, match="20min → 30min, for records from 2020-07-20 on"):
        register(settings(), filled, later)


def test_before_the_first_record_nothing_was_measured(store):
    save(store, ticket(opened_at=NOW))
    register(settings(), store, NOW, commit=True)
    assert accepted(store, settings({"within": "20min"})) == [(), ()]
    version = {"valid_from": "2020-03-01", "within": "5min"}
    with pytest.raises(PastEdited, match="from 2020-07-15 on"):
        register(settings({"versions": [version]}), store, NOW + 86400)


def test_an_empty_store_takes_any_definition(store):
    register(settings(), store, NOW, commit=True)
    assert accepted(store, settings({"within": "20min"})) == [(), ()]


def test_names_and_other_indicators_are_no_change(filled):
    other = {"title": {"sv": "Annat", "en": "Other"}, "unit_label": {"sv": "a", "en": "b"}}
    assert accepted(filled, settings(other)) == [(), ()]
    more = settings_of({"urgent": RESPONSE, "calls": CALLS, "new": {**CALLS, "within": "60s"}})
    register(more, filled, NOW)
    register(settings(), filled, NOW)  # taken away again
    assert set(filled.ledger.definitions()) == {"urgent", "calls", "new"}
    changed = settings_of({"new": {**CALLS, "within": "99s"}})
    assert refused(filled, changed) == [
        "indicators.new.within: 60s → 99s, for records from 2020-03-02 on"
    ]


def test_restating_is_recorded_and_logged(filled, caplog):
    with caplog.at_level(logging.WARNING):
        register(settings({"within": "20min"}), filled, NOW + 60, restate=True)
    line = "indicators.urgent.within: 30min → 20min, for records from 2020-03-02 on"
    assert caplog.messages == [f"restated urgent: {line}"]
    (restated,) = filled.ledger.restatements("urgent")
    assert restated.recorded_at == NOW + 60
    assert restated.restated == (
        {
            "path": "indicators.urgent.within",
            "since": "2020-03-02",
            "before": "30min",
            "after": "20min",
        },
    )
    assert filled.ledger.restatements("calls") == []
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
    found = [(v.date, v.recorded_at - NOW, v.content) for v in store.ledger.values_given("budget")]
    assert found == [
        ("2020-07-01", 0, {"value": 5.0, "set_by": "Economy"}),
        ("2020-07-01", 2, {"value": 6.0, "set_by": "Economy"}),
        ("2020-08-01", 3, {"value": 7.0}),
        ("2020-07-01", 3, None),
    ]
    register(settings(), store, NOW + 4)  # an indicator that is gone takes nothing back
    assert len(store.ledger.values_given()) == 4


def test_a_corrected_value_is_logged_without_the_person(store, caplog):
    july = {"date": "2020-07-01", "value": 5, "set_by": "Eva", "comment": "new"}
    register(manual(july), store, NOW)
    with caplog.at_level(logging.WARNING):
        register(manual({**july, "comment": "same value"}), store, NOW + 1)
        assert caplog.messages == []
        register(manual({**july, "value": 6}), store, NOW + 2)
        register(manual(), store, NOW + 3)
        register(manual(july), store, NOW + 4)
    assert caplog.messages == [
        "corrected budget, 2020-07-01: value 5.0 → value 6.0",
        "corrected budget, 2020-07-01: value 6.0 → taken back",
    ]


def test_forecasts_of_what_is_measured_keep_theirs(store):
    given = {"forecasts": [{"date": "2020-07-01", "forecast": "85 %", "organization": "Laxå"}]}
    register(settings(given), store, NOW)
    (value,) = store.ledger.values_given("urgent")
    assert (value.organization, value.content) == ("Laxå", {"forecast": "85 %"})


# Definitions


def test_what_decides_the_date_is_not_sent_to_versions(store):
    first = settings(rules={"counted_by": "resolved"})
    save(store, ticket(opened_at=FIRST))
    register(first, store, NOW, commit=True)
    for changed, wanted in (
        ({"resolution": "first"}, "These settings cannot have versions: "),
        ({"resolution": "first", "min_n": 1}, "Targets, limits, filters, rules and hours can"),
        ({"phone_solved_within": "1h"}, "Put the new values under versions with a date"),
    ):
        with pytest.raises(PastEdited) as caught:
            register(settings(rules={"counted_by": "resolved", **changed}), store, NOW)
        assert str(caught.value).splitlines()[-1].startswith(wanted)


def test_another_title_is_no_other_definition(filled):
    """Not now and not in a version of the past."""
    names = {"title": "Quick", "versions": [{"valid_from": "2020-05-01", "title": "Quicker"}]}
    assert accepted(filled, settings(names)) == [(), ()]
    assert "uick" not in filled.ledger.definitions()["urgent"].content
    both = {"versions": [{"valid_from": "2020-05-01", "title": "Quicker", "within": "1h"}]}
    assert [line.split(":")[0] for line in refused(filled, settings(both))] == [
        "indicators.urgent.within"
    ]


def test_text_and_back():
    course = definitions(settings({"versions": [{"valid_from": TODAY, "within": "1h"}]}), "urgent")
    assert from_text(as_text(course)) == course
    assert [d.valid_from for d in course] == [date.min, date(2020, 7, 15)]
    assert [d.says["indicators.urgent.within"] for d in course] == ["30min", "1h"]
    assert course[0].days == {"2020-06-19": "closed", "2020-12-23": "08:00-12:00"}


def test_says_everything_that_decides():
    said = definition_content(
        settings({"rules": {"answers": ["reply", "note"]}}), "urgent", date(2020, 7, 1)
    )
    assert said["rules.answers"] == '["note", "reply"]'
    assert said["rules.response_pauses"] == "false"
    assert "rules.withdrawn" not in said
    assert said["calendars.office.hours.fri"] == "08:00-17:00"
    assert said["calendars.office.holidays.add"] == '["2020-06-19"]'
    assert "indicators.urgent.title" not in str(said)
    calls = definition_content(settings(), "calls", date(2020, 7, 1))
    assert {k for k in calls if k.startswith("rules")} == {"rules.withdrawn", "rules.min_n"}
    assert not any(k.startswith(("calendars", "exclude", "priorities")) for k in calls)
    assert said["sources"] == '["desk"]'
    assert calls["sources.phone.type"] == "csv_calls"


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
        assert {d.recorded_at for d in two.ledger.definitions().values()} == {NOW}


def test_of_two_that_contend_the_second_is_refused(store_url, monkeypatch):
    """Both see an empty ledger first; which one is in force is decided where it is written."""
    begin = Barrier(2, timeout=30)
    record = Ledger.record

    def together(ledger, decide):
        begin.wait()
        return record(ledger, decide)

    monkeypatch.setattr(Ledger, "record", together)

    def one(within):
        with Store.open(store_url) as store:
            try:
                register(settings({"within": within}), store, NOW, commit=True)
            except PastEdited as refusal:
                return str(refusal)
        return "registered"

    with Store.open(store_url) as store:
        save(store, ticket(opened_at=FIRST))
        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(one, ["20min", "40min"]))
        assert sorted(text == "registered" for text in said) == [False, True]
        refused = next(text for text in said if text != "registered")
        assert any(way in refused for way in ("20min → 40min", "40min → 20min"))
        within = {d.says["indicators.urgent.within"]
                  for d in from_text(store.ledger.definitions()["urgent"].content)}  # fmt: skip
        assert within == {"20min" if said[0] == "registered" else "40min"}
