"""What the configuration asks of the records in vain is named, with what was seen instead."""

import pytest

from collector.config.calendars import Calendars
from collector.measuring.engine.doubts import doubts, lacking_facts, partly_lacking
from collector.measuring.engine.engine import Measuring
from collector.measuring.verdicts.timeline import timelines
from collector.model.records import CallOutcome, Unrecorded
from collector.sources.kit.contract import Look
from tests.worlds.measured import CALLS, FIRST_LINE, RESPONSE, at, call, settings_of, ticket
from tests.worlds.samples import save

MON = "2020-07-13 09:00"
NOW = at("2020-07-20 12:00")


def lines(store, indicators, **more):
    settings = settings_of(indicators, **more)
    return [each.line() for each in doubts(Measuring(settings, store), NOW)]


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


def test_a_value_that_records_write_in_other_ways_too_is_named(sqlite_store):
    calls = [call(CallOutcome.ANSWERED, 5, number=q, queue=q) for q in ("IT", "it ", "I-T", "IT2")]
    save(sqlite_store, *calls, source="phone")
    one, both = ({**CALLS, "records": {"queue": queue}} for queue in ("IT", ["IT", "it ", "I-T"]))
    (found,) = lines(sqlite_store, {"one": one, "both": both})
    assert found == (
        "indicators.one.records.queue: records also have queue 'I-T', 'it ' beside 'IT', "
        "which do not count: name them, too"
    )


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


@pytest.mark.parametrize(("lacking", "of"), [(1, 20), (2, 20), (1, 1_000), (60, 1_000)])
def test_an_indicator_that_leaves_many_records_out_is_named(sqlite_store, lacking, of):
    silent = frozenset({"first_response"})
    rows = [ticket(MON, str(n), unrecorded=silent if n < lacking else ()) for n in range(of)]
    calls = [
        call(CallOutcome.ANSWERED, None if n < lacking else 5, number=str(n)) for n in range(of)
    ]
    save(sqlite_store, *rows, source="desk")
    save(sqlite_store, *calls, source="phone")
    found = lines(sqlite_store, {"one": RESPONSE, "calls": CALLS})
    assert found == [
        f"indicators.one: {lacking} of {of} tickets are left out of the figure: "
        f"{lacking} first response not recorded by the source",
        f"indicators.calls: {lacking} of {of} calls are left out of the figure: "
        f"{lacking} unknown wait",
    ] * (lacking > of / 20)


def test_what_the_last_year_does_not_lack_is_not_named(sqlite_store):
    old = ticket("2019-07-10 09:00", "1", unrecorded=frozenset({"first_response"}))
    ahead = ticket("2036-07-13 09:00", "9", unrecorded=frozenset({"first_response"}))
    save(sqlite_store, old, ticket(MON, "2"), ahead, source="desk")
    assert lines(sqlite_store, {"one": RESPONSE}) == []


def test_a_lost_outcome_counts_among_the_calls_left_out(sqlite_store):
    save(
        sqlite_store,
        call(CallOutcome.UNKNOWN),
        call(CallOutcome.ABANDONED, 5, number="2"),
        source="phone",
    )
    settings = settings_of({"calls": CALLS})
    (found,) = doubts(Measuring(settings, sqlite_store), NOW)
    assert found.line().endswith("1 of 2 calls are left out of the figure: 1 unknown "
                                 "outcome")  # fmt: skip
    assert found.line("sv").endswith("1 av 2 samtal räknas inte med: 1 okänt utfall")


@pytest.mark.parametrize(
    ("partly", "unrecorded", "named"),
    [
        ({Unrecorded.FIRST_RESPONSE: (2, 20)}, {Unrecorded.STATUS_CHANGE}, True),
        ({Unrecorded.FIRST_RESPONSE: (1, 20)}, {Unrecorded.STATUS_CHANGE}, False),
        ({Unrecorded.FIRST_RESPONSE: (2, 20)}, (), False),
        ({Unrecorded.RESOLUTION: (20, 20)}, (), False),
    ],
)
def test_before_the_first_poll_a_look_at_the_source_shows_what_many_records_lack(
    partly, unrecorded, named
):
    settings = settings_of({"one": RESPONSE}, rules={"answers": ["reply", "status"]})
    look = Look(unrecorded=frozenset(unrecorded), partly=partly)
    found = partly_lacking(timelines(settings, Calendars()), {"desk": look})
    assert [each.line() for each in found] == [
        "indicators.one: 2 of 20 tickets of desk do not tell: first response; "
        "they are left out of the figure"
    ] * named


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
