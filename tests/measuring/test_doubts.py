"""What the configuration asks of the records in vain is named, with what was seen instead."""

import pytest

from collector.config.calendars import Calendars
from collector.measuring.engine.doubts import doubts, lacking_facts
from collector.measuring.verdicts.timeline import timelines
from collector.model.records import CallOutcome
from tests.worlds.measured import CALLS, FIRST_LINE, RESPONSE, call, settings_of, ticket
from tests.worlds.samples import save

MON = "2020-07-13 09:00"


def lines(store, indicators, **more):
    settings = settings_of(indicators, **more)
    return [each.line() for each in doubts(settings, store, timelines(settings, Calendars()))]


def in_team(number, team, **more):
    return ticket(MON, number, team=team, changes=((MON, "team", team),), **more)


def test_nothing_is_doubted_before_anything_was_read(sqlite_store):
    team = {**RESPONSE, "records": {"team": "x"}}
    assert lines(sqlite_store, {"one": team, "calls": {**CALLS, "records": {"queue": "x"}}}) == []


def test_nothing_is_doubted_that_was_seen(sqlite_store):
    save(sqlite_store, in_team("1", "Servicedesk", kind="incident", priority="high"), source="desk")
    some = {**RESPONSE, "records": {"kind": "incident", "priority": "high", "status": "on_hold"}}
    assert lines(sqlite_store, {"one": FIRST_LINE, "two": some}) == []


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (
            {"records": {"team": ["Servicedesk", "Network"]}},
            "indicators.one.records.team: no record has team 'Servicedesk'; "
            "seen: Service Desk, Network; did you mean 'Service Desk'?",
        ),
        (
            {"records": {"kind": "incident"}},
            "indicators.one.records.kind: no record has kind 'incident'; seen: Incidents; "
            "did you mean 'Incidents'?",
        ),
        (
            {"records": {"category": "Net"}},
            "indicators.one.records.category: no record has category 'Net'; seen: none",
        ),
        (
            {"versions": [{"valid_from": "2020-07-14", "records": {"team": "Apps"}}]},
            "indicators.one.versions.0.records.team: no record has team 'Apps'; "
            "seen: Network, Service Desk",
        ),
    ],
)
def test_a_value_that_no_record_has_is_named_with_those_seen(sqlite_store, keys, line):
    save(
        sqlite_store,
        in_team("1", "Service Desk", kind="Incidents"),
        in_team("2", "Network", kind="Incidents"),
        source="desk",
    )
    assert lines(sqlite_store, {"one": {**RESPONSE, **keys}}) == [line]


def test_the_teams_of_the_first_line_queues_exclusions_and_priorities(sqlite_store):
    save(sqlite_store, in_team("1", "Service Desk", priority="P1"), source="desk")
    save(sqlite_store, call(CallOutcome.ANSWERED, 5, queue="it-support"), source="phone")
    indicators = {"first": FIRST_LINE, "calls": {**CALLS, "records": {"queue": "it_support"}}}
    assert lines(sqlite_store, indicators, exclude={"tests": {"organization": "Laxå"}}) == [
        "indicators.first.where.only_teams: no record has team 'Servicedesk'; "
        "seen: Service Desk; did you mean 'Service Desk'?",
        "indicators.calls.records.queue: no record has queue 'it_support'; seen: it-support; "
        "did you mean 'it-support'?",
        "exclude.tests.organization: no record has organization 'Laxå'; seen: none",
        "sources.desk.map.priority: records have priority P1, which is none of urgent, high, "
        "normal, low: map it",
    ]


def test_a_field_that_the_source_does_not_record_is_said_as_such_alone(sqlite_store):
    save(
        sqlite_store,
        ticket(MON, unrecorded=frozenset({"priority", "first_response"})),
        source="desk",
    )
    assert lines(sqlite_store, {"one": {**RESPONSE, "records": {"priority": "urgent"}}}) == [
        "indicators.one: desk records no priority: cannot be measured; "
        "give sources.desk.columns.priority",
        "indicators.one: desk records no first response: cannot be measured; "
        "give sources.desk.columns.first_response_at",
    ]


def test_of_several_sources_it_says_which_tickets_are_left_out(sqlite_store):
    save(sqlite_store, ticket(MON, unrecorded=frozenset({"first_response"})), source="desk")
    sources = {name: {"type": "csv_tickets", "path": f"{name}.csv"} for name in ("desk", "shop")}
    assert lines(sqlite_store, {"one": RESPONSE}, sources=sources) == [
        "indicators.one: desk records no first response: its tickets are left out; "
        "give sources.desk.columns.first_response_at"
    ]


def test_a_desk_that_records_the_fact_in_some_rows_is_not_doubted(sqlite_store):
    save(
        sqlite_store,
        ticket(MON, unrecorded=frozenset({"first_response"})),
        ticket(MON, "2"),
        source="desk",
    )
    assert lines(sqlite_store, {"one": RESPONSE}) == []


def test_without_a_store_the_kind_of_source_says_what_it_never_tells():
    settings = settings_of({"one": FIRST_LINE, "two": RESPONSE})
    (found,) = lacking_facts(settings, timelines(settings, Calendars()), {})
    assert found.line() == (
        "indicators.one: desk records no earlier teams: "
        "the present team decides, even where another one had the ticket before"
    )
    assert found.line("sv") == (
        "indicators.one: desk registrerar inte tidigare grupper: "
        "den nuvarande gruppen avgör, även om en annan har haft ärendet"
    )
    assert found.concerns("one") and not found.concerns("two")
