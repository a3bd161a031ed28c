"""No figure without its data: what a source does not record is no fact of its tickets."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.open_work import open_work
from collector.measuring.judge import deadlines_ahead, judge
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.needs import lacking
from collector.measuring.verdicts.timeline import Verdict
from collector.model.codes import REASONS
from collector.model.records import CallOutcome, Unrecorded
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    LOCAL,
    MEAN,
    RESOLUTION,
    RESPONSE,
    WITH_HISTORY,
    at,
    call,
    settings_of,
    ticket,
    ticket_table,
    timeline_of,
    word,
)
from tests.worlds.samples import save

MON, LATER = "2020-07-13", "2020-07-15 12:00"
CSV = {"desk": {"type": "csv_tickets", "path": "tickets.csv"}}
CLOSING = {**RESPONSE, "to": "closed"}
SOLVING = {**RESOLUTION, "from": "first_response"}
NUMBER = {"kind": "count"}
OWN = {"kind": "share_where", "where": {"own_response": "met"}}
ANY = [RESPONSE, RESOLUTION, CLOSING, SOLVING, MEAN, FIRST_LINE, NUMBER, OWN]


def silent_on(*facts, **more):
    given = {"changes": ((f"{MON} 09:00", "team", "Servicedesk"),), "team": "Servicedesk"}
    return ticket(f"{MON} 09:00", unrecorded=frozenset(facts), **{**given, **more})


@pytest.mark.parametrize(
    ("indicator", "rules", "fact", "reason"),
    [
        (RESPONSE, {}, "first_response", "first_response"),
        (RESPONSE, {"answers": ["status"]}, "first_status", "first_response"),
        (SOLVING, {}, "first_response", "first_response"),
        (SOLVING, {}, "resolution", "resolution"),
        (RESOLUTION, {}, "resolution", "resolution"),
        (MEAN, {}, "resolution", "resolution"),
        (CLOSING, {}, "closing", "closing"),
        (FIRST_LINE, {}, "team", "team"),
        ({**NUMBER, "records": {"priority": "high"}}, {}, "priority", "priority"),
        ({**NUMBER, "records": {"kind": "order"}}, {}, "kind", "kind"),
        ({**FIRST_LINE, "where": {"category": "Net"}}, {}, "category", "category"),
    ],
)
def test_a_ticket_without_a_needed_fact_is_left_out(indicator, rules, fact, reason):
    timeline = timeline_of(indicator, rules)
    found = word(timeline, silent_on(Unrecorded(fact)), LATER)
    assert found == f"excluded unrecorded_{reason}"
    assert f"unrecorded_{reason}" in REASONS


@pytest.mark.parametrize(
    ("indicator", "rules", "facts", "verdict"),
    [
        (RESPONSE, {"answers": ["status"]}, ["first_response"], "missed"),
        (RESPONSE, {"answers": ["reply", "status"]}, ["first_response"], "missed"),
        (RESPONSE, {}, ["resolution", "closing", "holds", "reopenings", "team"], "missed"),
        (RESOLUTION, {}, ["first_response", "closing", "holds", "reopenings"], "missed"),
        (FIRST_LINE, {}, ["teams"], "pending"),
        (FIRST_LINE, {}, ["resolution"], "pending"),
        (OWN, {}, ["resolution", "closing", "first_response"], "pending"),
        (NUMBER, {}, list(Unrecorded), "met"),
    ],
)
def test_what_decides_nothing_need_not_be_recorded(indicator, rules, facts, verdict):
    assert word(timeline_of(indicator, rules), silent_on(*facts), LATER) == verdict


def test_a_filter_selects_what_it_cannot_tell_and_a_mark_goes_first():
    urgent = timeline_of({**RESPONSE, "records": {"priority": "urgent", "kind": "order"}})
    assert word(urgent, silent_on("priority"), LATER) is None  # no order
    assert (
        word(urgent, silent_on("priority", kind="order"), LATER) == "excluded unrecorded_priority"
    )
    assert word(urgent, silent_on("priority", "kind", mark="spam"), LATER) == "excluded spam"
    tests = timeline_of(RESPONSE, exclude={"tests": {"priority": "low"}})
    assert word(tests, silent_on("priority"), LATER) == "missed"


def test_the_present_team_decides_where_earlier_ones_are_not_recorded():
    timeline = timeline_of(FIRST_LINE)
    done = {"resolved_at": f"{MON} 10:00", "changes": ()}
    assert word(timeline, silent_on("teams", team="Servicedesk", **done), LATER) == "met"
    assert word(timeline, silent_on("teams", team="Network", **done), LATER) == "missed"
    assert word(timeline, silent_on("teams", team=None, **done), LATER) == "excluded no_team"


@given(
    st.sampled_from(ANY),
    st.sets(st.sampled_from(list(Unrecorded))),
    st.sampled_from(["opened", "responded", "resolved"]),
)
def test_what_lacks_a_need_is_neither_met_nor_missed_nor_due(indicator, facts, counted_by):
    timeline = timeline_of(indicator, {"counted_by": counted_by})
    yardstick, kind = timeline.versions[0], kind_of(timeline.versions[0].indicator)
    one = silent_on(*facts, first_response_at=f"{MON} 09:10")
    table = ticket_table([one])
    (verdict,) = judge(timeline, table, at(LATER), LOCAL).verdicts.verdict
    lacks = bool(lacking(kind.needs(yardstick), facts))
    assert lacks <= (verdict in {Verdict.EXCLUDED, Verdict.LATER})
    (full,) = judge(timeline, ticket_table([replace(one, unrecorded=frozenset())]), at(LATER),
                    LOCAL).verdicts.verdict  # fmt: skip
    assert lacks or verdict == full
    if lacks:
        assert not [row for rows, _ in deadlines_ahead(timeline, table, at(LATER), LOCAL)
                    for row in rows]  # fmt: skip


def test_a_ticket_of_which_no_response_is_recorded_is_not_overdue(sqlite_store):
    save(
        sqlite_store,
        silent_on("first_response", priority="urgent", organization="Laxå"),
        source="desk",
    )
    measuring = Measuring(settings_of({"one": RESPONSE}), sqlite_store)
    (found,) = (n for n in open_work(measuring, at(LATER), {}).tickets.values() if n.open)
    assert (found.overdue, found.unanswered, found.next_deadline) == (0, 0, None)


# What is printed


@pytest.mark.parametrize(
    ("indicator", "rules", "words"),
    [
        (RESOLUTION, {}, "time on hold counts; counted by opened, priority as it is now"),
        (RESOLUTION, {"closed_pauses": True}, "time on hold counts; counted"),
        (RESOLUTION, {"resolution_pauses": False}, "no pauses; counted"),
        (RESPONSE, {"response_pauses": True}, "time on hold counts; counted"),
        (RESPONSE, {}, "no pauses; counted"),
        (FIRST_LINE, {}, "true by the present team at resolution"),
    ],
)
def test_only_rules_that_can_act_are_in_the_formula(indicator, rules, words):
    yardstick = timeline_of(indicator, rules, sources=CSV).versions[0]
    assert words in kind_of(yardstick.indicator).formula(yardstick)


def test_of_several_sources_the_formula_names_those_that_know_no_holds():
    both = {"export": CSV["desk"], **WITH_HISTORY}
    yardstick = timeline_of(RESOLUTION, sources=both).versions[0]
    assert "on hold pauses, time on hold counts in export; counted by opened, priority at_open" in (
        kind_of(yardstick.indicator).formula(yardstick)
    )


# The source's own verdict


@pytest.mark.parametrize(
    ("own", "more", "verdict"),
    [
        ({"own_response_met": True}, {}, "met"),
        ({"own_response_met": False}, {}, "missed"),
        ({}, {}, "pending"),
        ({}, {"resolved_at": f"{MON} 10:00"}, "excluded no_own_verdict"),
        ({"own_response_met": True}, {"resolved_at": f"{MON} 10:00"}, "met"),
    ],
)
def test_the_sources_own_verdict_beside_ours(own, more, verdict):
    answered = silent_on(first_response_at=f"{MON} 09:20", **own, **more)
    assert word(timeline_of(OWN), answered, LATER) == verdict
    missed = {"met": "missed", "missed": "met"}
    other = {"kind": "share_where", "where": {"own_response": "missed"}}
    assert word(timeline_of(other), answered, LATER) == missed.get(verdict, verdict)


def test_with_another_condition_the_sources_verdict_waits_for_the_resolution():
    both = timeline_of({**OWN, "where": {"own_response": "met", "kind": "incident"}})
    judged = {"own_response_met": True, "first_response_at": f"{MON} 09:20", "kind": "incident"}
    assert word(both, silent_on(**judged), LATER) == "pending"
    assert word(both, silent_on(**judged, resolved_at=f"{MON} 10:00"), LATER) == "met"


# A response before the opening


@pytest.mark.parametrize(
    ("rule", "registered_afterwards", "verdict"),
    [
        ("by_source", False, "excluded ends_before_start"),
        ("by_source", True, "met"),
        ("exclude", True, "excluded ends_before_start"),
        ("zero", False, "met"),
    ],
)
def test_a_response_before_the_opening(rule, registered_afterwards, verdict):
    sources = {"desk": {**CSV["desk"], "registered_afterwards": registered_afterwards}}
    early = silent_on(first_response_at=f"{MON} 08:40")
    timeline = timeline_of(RESPONSE, {"before_opening": rule}, sources=sources)
    assert word(timeline, early, LATER) == verdict


# Calls


def test_an_unknown_wait_is_told_apart_from_an_unknown_outcome():
    timeline = timeline_of(CALLS)
    assert word(timeline, call(CallOutcome.ANSWERED), LATER) == "excluded unknown_wait"
    assert word(timeline, call(CallOutcome.UNKNOWN), LATER) == "excluded unknown"
