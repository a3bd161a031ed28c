"""Versions may change how a record is measured, never on which date it counts."""

import random
from datetime import date

import numpy as np
import pytest

from collector.config.calendars import Calendars
from collector.config.checks.consistency import contradictions
from collector.config.checks.versions import version_findings
from collector.config.checks.warnings import warnings
from collector.io.yaml import place_text
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain
from collector.measuring.figures.tally import counts
from collector.measuring.judge import judge
from collector.measuring.verdicts.selection import select
from collector.measuring.verdicts.timeline import timelines
from collector.model.columns import ABSENT
from collector.model.records import Change, Ticket
from collector.store import Store
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    LOCAL,
    MEAN,
    OFFICE,
    RESOLUTION,
    RESPONSE,
    at,
    settings_of,
    ticket,
    ticket_table,
)
from tests.worlds.samples import save

FIRST, TURN, LAST = "2020-06-01", "2020-07-01", "2020-08-01"
COUNT, MANUAL = {"kind": "count"}, {"kind": "manual"}
PHONE_COUNT = {"kind": "count", "of": "calls"}


def version(day=TURN, **keys):
    return {"valid_from": day, **keys}


def own(day=TURN, **rules):
    return version(day, rules=rules)


def board(indicators, *general, **rules):
    """Indicators by their name, or one; general versions and rules."""
    indicators = indicators if "kind" not in indicators else {"one": indicators}
    return settings_of(indicators, rules={**rules, "versions": list(general)})


def found(settings):
    """PLACE → whose, for all findings about the date."""
    said = {}
    for place, text in version_findings(settings):
        whose, _, why = text.removeprefix("cannot change over time").partition(": ")
        assert why.startswith("it decides the date on which a record counts")
        said[place_text(place)] = whose.removeprefix(" for ")
    return said


AT_ONE, AT_ALL = "indicators.one.versions[0].rules.", "rules.versions[0]."


@pytest.mark.parametrize(
    ("counted_by", "key", "value"),
    [
        ("opened", "counted_by", "resolved"),
        ("resolved", "counted_by", "opened"),
        ("responded", "counted_by", "opened"),
        ("responded", "answers", ["reply", "note"]),
        ("responded", "phone_solved_within", "0s"),
        ("resolved", "resolution", "first"),
    ],
)
def test_what_decides_the_date_is_refused_where_it_is_set(counted_by, key, value):
    for indicator in (RESPONSE, RESOLUTION, MEAN, FIRST_LINE, COUNT):
        one = {**indicator, "versions": [own(**{key: value})]}
        assert found(board(one, counted_by=counted_by)) == {AT_ONE + key: ""}
        general = board(indicator, version(**{key: value}), counted_by=counted_by)
        assert found(general) == {AT_ALL + key: "one"}


@pytest.mark.parametrize(
    ("counted_by", "rules"),
    [
        ("opened", {"answers": "note", "phone_solved_within": "0s", "resolution": "first"}),
        ("responded", {"resolution": "first"}),
        ("resolved", {"answers": "note", "phone_solved_within": "0s"}),
        *(
            (each, {
                "priority": "strictest", "response_pauses": True, "resolution_pauses": False,
                "closed_pauses": True, "withdrawn": "callback", "min_n": 1, "counted_by": each,
            })
            for each in ("opened", "responded", "resolved")
        ),
    ],
)  # fmt: skip
def test_what_decides_only_the_measurement_may_change(counted_by, rules):
    one = {**RESPONSE, "versions": [own(**rules)]}
    assert found(board(one, version(**rules), counted_by=counted_by)) == {}


def test_calls_and_figures_given_by_hand_are_not_concerned():
    changed = version(
        counted_by="resolved", answers="note", phone_solved_within="0s", resolution="first"
    )
    apart = {"calls": CALLS, "number": PHONE_COUNT, "sick": MANUAL}
    assert found(board(apart, changed)) == {}
    whose = found(board({**apart, "urgent": RESPONSE, "tickets": COUNT}, changed))
    assert whose == {AT_ALL + "counted_by": "urgent, tickets"}


@pytest.mark.parametrize(
    "shield",
    [
        {"rules": {"counted_by": "opened"}},
        {"rules": {"counted_by": "responded", "answers": "reply"}},
        {"versions": [own(counted_by="opened")]},
        {"versions": [own(FIRST, counted_by="opened")]},
    ],
)
def test_a_rule_of_its_own_keeps_a_general_version_off(shield):
    general = version(counted_by="resolved", answers="note", resolution="first")
    assert found(board({**RESPONSE, **shield}, general)) == {}
    whose = found(board({"one": {**RESPONSE, **shield}, "two": RESPONSE}, general))
    assert whose == {AT_ALL + "counted_by": "two"}


def test_a_general_version_is_refused_only_for_whom_it_moves():
    indicators = {
        "opened": RESPONSE,
        "answered": {**RESPONSE, "rules": {"counted_by": "responded"}},
        "solved": {**RESOLUTION, "rules": {"counted_by": "resolved"}},
        "first": {**RESOLUTION, "rules": {"counted_by": "resolved", "resolution": "first"}},
    }
    general = version(answers=["reply", "note"], resolution="first")
    assert found(board(indicators, general)) == {
        AT_ALL + "answers": "answered",
        AT_ALL + "resolution": "solved",
    }


def test_a_version_that_ends_a_shield_is_where_it_happens():
    """The general rule is the same all the time; what its own version says is another one."""
    one = {**RESOLUTION, "rules": {"resolution": "first"}}
    one["versions"] = [own(FIRST, min_n=1), own(resolution="last"), own(LAST, resolution="first")]
    assert found(board(one, version(LAST, min_n=2), counted_by="resolved")) == {
        "indicators.one.versions[1].rules.resolution": "",
        "indicators.one.versions[2].rules.resolution": "",
    }


def test_each_general_version_is_judged_by_what_was_before_it():
    changed = [version(FIRST, resolution="last"), version(resolution="first"),
               version(LAST, resolution="first")]  # fmt: skip
    whose = found(board(RESOLUTION, *changed, counted_by="resolved"))
    assert whose == {"rules.versions[1].resolution": "one"}


def test_responses_count_by_replies_alone():
    settings = board({"one": RESPONSE, "two": {**RESPONSE, "rules": {"answers": "note"}}},
                     counted_by="responded")  # fmt: skip
    ((place, text),) = version_findings(settings)
    assert place_text(place) == "indicators.two.rules"
    assert text.startswith("counted_by: responded uses replies only")


# Every ticket counts once

LATER = "2020-09-01 12:00"
BUSY = [
    own(FIRST, min_n=1, priority="strictest"),
    version(within="20min", target=">= 95%", rules={"response_pauses": True}),
    version(LAST, calendar="always", title="Later", rules={"closed_pauses": True}),
]
CHANGED = {**OFFICE, "versions": [version("2020-06-15", hours={"mon-fri": ["10:00-16:00"]})]}
DESKS = {
    "opened": board(
        {"one": {**RESPONSE, "versions": BUSY}, "two": COUNT},
        version(answers=["reply", "note"], phone_solved_within="0s"),
        version("2020-07-10", resolution="first", counted_by="opened"),
    ),
    "responded": board(
        {
            "one": {**RESPONSE, "versions": BUSY, "rules": {"answers": "reply"}},
            "two": {**COUNT, "rules": {"answers": "reply", "phone_solved_within": "0s"}},
        },
        version(answers=["reply", "note"], resolution="first"),
        counted_by="responded",
    ),
    "resolved": board(
        {
            "one": {**RESOLUTION, "versions": BUSY, "rules": {"resolution": "first"}},
            "two": {**MEAN, "versions": [own(resolution="last", answers="note")]},
        },
        version(FIRST, resolution_pauses=False),
        counted_by="resolved",
    ),
    "each its own": board(
        {
            "one": {**RESOLUTION, "versions": BUSY, "rules": {"counted_by": "resolved"}},
            "two": {**RESPONSE, "rules": {"counted_by": "responded", "answers": "reply"}},
            "three": {**FIRST_LINE, "versions": [version(where={"only_teams": ["Network"]})]},
        },
        version(answers="assigned", phone_solved_within="30min"),
    ),
}


def tickets(seed, n=60):
    """Tickets from May to August: answered or not, reopened, solved on the telephone."""
    chance = random.Random(seed)
    made = []
    for number in range(n):
        opened = at("2020-05-01 00:00") + chance.randrange(110 * 86400)
        steps = sorted(chance.randrange(60, 40 * 86400) for _ in range(4))
        solved, again, last = (opened + step for step in steps[1:])
        facts = {"first_note_at": opened + steps[0], "team": chance.choice(["Servicedesk", "Net"])}
        if chance.random() < 0.7:
            facts["first_response_at"] = opened + chance.randrange(30 * 86400)
        if chance.random() < 0.2:
            solved = min(solved, opened + chance.randrange(3600))
            facts["solved_by_registrar"] = True
        changes = [Change(opened, "status", "open"), Change(opened, "team", facts["team"])]
        if chance.random() < 0.8:
            facts["first_resolved_at"] = facts["resolved_at"] = solved
            changes.append(Change(solved, "status", "resolved"))
            if chance.random() < 0.5:
                changes.append(Change(again, "status", "open"))
                facts["resolved_at"] = chance.choice([None, last])
                if facts["resolved_at"]:
                    changes.append(Change(last, "status", "resolved"))
        given = {"source": "desk", "id": str(number), "opened_at": opened, **facts}
        made.append(Ticket(**given, changes=tuple(changes)))
    return made


def test_the_desks_are_valid():
    assert [contradictions(settings) for settings in DESKS.values()] == [[]] * len(DESKS)


@pytest.mark.parametrize("name", DESKS)
@pytest.mark.parametrize("seed", range(5))
def test_all_versions_agree_when_a_ticket_counts(name, seed):
    records = tickets(seed)
    table, now = ticket_table(records), at(LATER)
    for timeline in timelines(DESKS[name], Calendars()):
        counted = [select(each, table, now).counted_at for each in timeline.versions]
        assert all((each == counted[0]).all() for each in counted)
        verdicts = judge(timeline, table, now, LOCAL).verdicts
        assert verdicts.row.tolist() == list(range(len(records)))
        assert (verdicts.counted_at == counted[0]).all()


@pytest.mark.parametrize("name", DESKS)
def test_every_ticket_counts_on_one_day_by_the_version_of_that_day(name, sqlite_url):
    records, now = tickets(name, 40), at(LATER)
    with Store.open(sqlite_url) as store:
        save(store, *records)
        measuring = Measuring(DESKS[name], store)
        first, after = date(2020, 5, 1), date(2020, 9, 2)
        tallies = measuring.tallies(first, after, now)
        for timeline in measuring.timelines:
            counted = select(timeline.versions[0], ticket_table(records), now).counted_at
            dates = LOCAL.dates(counted[counted != ABSENT])
            wanted = np.bincount(dates - first.toordinal(), minlength=(after - first).days)
            sums = tallies.sums[timeline.id].sum(axis=1)
            days = [counts(timeline, day) for day in sums]
            every = [day.eligible + day.pending + sum(day.excluded.values()) for day in days]
            assert every == wanted.tolist()
            whole = measuring.period("2020-05-01..2020-09-01", now)
            each = list(explain(measuring, timeline, whole, now))
            assert sorted(e.id for e in each) == sorted(
                r.id for r, when in zip(records, counted, strict=True) if when != ABSENT
            )
            rules = [version.rules for version in timeline.versions]
            turned = [
                turn for n, turn in enumerate(timeline.turns) if n and rules[n - 1] != rules[n]
            ]
            for one in each:
                day = measuring.today(one.counted_at)
                assert one.valid_from == max((t for t in turned if t <= day), default=None)


def test_what_is_refused_would_count_twice_or_never():
    """Why: the version of the first date says the last one, and that of the last the first one."""
    changed = board(COUNT, version(resolution="first"), counted_by="resolved")
    moved = board(COUNT, version(resolution="last"), counted_by="resolved", resolution="first")
    story = [("2020-06-10 09:00", "status", "resolved"), ("2020-06-11 09:00", "status", "open"),
             ("2020-07-10 09:00", "status", "resolved")]  # fmt: skip
    one = ticket("2020-06-09 09:00", first_resolved_at="2020-06-10 09:00",
                 resolved_at="2020-07-10 09:00", changes=story)  # fmt: skip
    rows = [
        judge(
            timelines(settings, Calendars())[0], ticket_table([one]), at(LATER), LOCAL
        ).verdicts.row
        for settings in (changed, moved)
    ]
    assert [len(each) for each in rows] == [0, 2]
    assert [len(found(settings)) for settings in (changed, moved)] == [1, 1]


# Versions without effect, and doubtful ones


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        (board(RESPONSE, version()), "rules.versions[0]"),
        (board(RESPONSE, version(min_n=3), version(LAST, min_n=None)), "rules.versions[1]"),
        (board({**RESPONSE, "versions": [version()]}), "indicators.one.versions[0]"),
        (board({**RESPONSE, "versions": [version(rules={})]}), "indicators.one.versions[0]"),
        (board({**RESPONSE, "versions": [version(within=None)]}), "indicators.one.versions[0]"),
        (board({**MANUAL, "versions": [version()]}), "indicators.one.versions[0]"),
        (settings_of({"one": RESPONSE}, calendars={"office": {**OFFICE, "versions": [version()]}}),
         "calendars.office.versions[0]"),
    ],
)  # fmt: skip
def test_a_version_that_changes_nothing_is_refused(settings, place):
    ((where, text),) = contradictions(settings)
    assert place_text(where) == place
    assert text.startswith("changes nothing: add what is to change from valid_from on")


@pytest.mark.parametrize("keys", [{"target": None}, {"title": "New"}, {"records": {}},
                                  {"rules": {"min_n": 5}}])  # fmt: skip
def test_little_is_enough(keys):
    assert contradictions(board({**RESPONSE, "versions": [version(**keys)]})) == []


def doubts(indicator, *versions):
    """What is doubtful of an indicator; the sources of these tests are apart."""
    settings = board({**indicator, "versions": list(versions)})
    said = [(place_text(place), text) for place, text in warnings(settings)]
    return [each for each in said if not each[0].startswith("sources.")]


IDLE = ("calendars.always", "is not used by any indicator")


@pytest.mark.parametrize(
    ("indicator", "key", "value", "path", "text"),
    [
        (RESPONSE, "target", ">= 0%", "target",
         "is 0, which every figure reaches: remove it if there is no target yet"),
        (RESPONSE, "records", {"priority": ["low", "top"]}, "records.priority",
         "'top' is not listed under priorities"),
        (FIRST_LINE, "where", {"priority": "top"}, "where.priority",
         "'top' is not listed under priorities"),
    ],
)  # fmt: skip
def test_versions_are_doubted_where_they_say_it(indicator, key, value, path, text):
    usual = doubts(indicator, own(min_n=1))
    assert IDLE in usual
    assert text not in str(usual)
    plain = ("indicators.one." + path, text)
    later = ("indicators.one.versions[1]." + path, text)
    other = version(LAST, title="Other")
    assert set(doubts({**indicator, key: value}, own(min_n=1), other)) == {*usual, plain}
    assert set(doubts(indicator, own(min_n=1), version(LAST, **{key: value}))) == {*usual, later}
    both = doubts({**indicator, key: value}, own(min_n=1), version(LAST, **{key: value}))
    assert set(both) == {*usual, plain, later}


@pytest.mark.parametrize("where", ["records", "where", "exclude"])
def test_a_source_that_a_filter_names_is_there(where):
    chosen = {"source": ["desk", "nonsense"]}
    if where == "exclude":
        settings, place = settings_of({"one": COUNT}, exclude={"tests": chosen}), "exclude.tests"
    else:
        settings, place = board({**FIRST_LINE, where: chosen}), f"indicators.one.{where}"
    ((at, text),) = contradictions(settings)
    assert (place_text(at), text) == (
        f"{place}.source[1]",
        "there is no source 'nonsense'; configured: desk, phone",
    )


def test_priorities_under_exclude_are_doubted():
    settings = settings_of({"one": COUNT}, exclude={"tests": {"priority": ["low", "top"]}})
    found = [(place_text(place), text) for place, text in warnings(settings)]
    assert ("exclude.tests.priority", "'top' is not listed under priorities") in found
    assert "'low'" not in str(found)


def test_what_a_version_brings_is_not_missed():
    none = ("indicators.one", "has no target: its figure is shown, but not judged")
    aimless = {**RESPONSE, "target": None}
    assert doubts(aimless, version(target=">= 80%")) == [IDLE]
    assert doubts(aimless, own(min_n=1)) == [none, IDLE]
    assert doubts(RESPONSE, version(calendar="always")) == []
