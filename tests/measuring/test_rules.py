"""The rules that decide what happened when: answers, reopenings, and what they stop."""

import pytest

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain
from collector.model.columns import Fact
from collector.model.periods import parse_period
from tests.worlds.measured import (
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    flips,
    holds,
    settings_of,
    ticket,
    timeline_of,
    verdict,
    word,
)
from tests.worlds.samples import save

MON, TUE, WED = "2020-07-13", "2020-07-14", "2020-07-15"
LATER = f"{WED} 12:00"
MINUTE, HOUR = 60, 3600


# Who counts as answering


def touched(**more):
    given = {
        "first_note_at": at(f"{MON} 09:05"),
        "first_status_at": at(f"{MON} 09:10"),
        "first_assigned_at": at(f"{MON} 09:02"),
        "first_response_at": f"{MON} 09:20",
    }
    return ticket(f"{MON} 09:00", **{**given, **more})


@pytest.mark.parametrize(
    ("answers", "minutes"),
    [
        ("reply", 20),
        (["reply"], 20),
        ("note", 5),
        ("status", 10),
        ("assigned", 2),
        (["reply", "status"], 10),
        (["status", "reply"], 10),
        (["reply", "note", "status", "assigned"], 2),
    ],
)
def test_the_earliest_of_what_counts_is_the_answer(answers, minutes):
    timeline = timeline_of(RESPONSE, {"answers": answers})
    assert verdict(timeline, touched(), LATER)[:3] == ("met", "", minutes * MINUTE)


def test_what_has_not_happened_is_no_answer():
    timeline = timeline_of(RESPONSE, {"answers": ["reply", "note"]})
    assert verdict(timeline, touched(first_note_at=None), LATER)[2] == 20 * MINUTE
    assert verdict(timeline, touched(first_response_at=None), LATER)[2] == 5 * MINUTE
    nobody = touched(first_response_at=None, first_note_at=None)
    assert word(timeline, nobody, LATER) == "missed"
    assert flips(timeline, nobody, f"{MON} 09:20") == at(f"{MON} 09:30:01")


def test_an_answer_to_come_wakes_the_ticket_and_others_do_not():
    timeline = timeline_of(RESPONSE, {"answers": ["note"]})
    assert verdict(timeline, touched(), f"{MON} 09:04")[3] == at(f"{MON} 09:05")
    assert word(timeline, touched(), f"{MON} 09:04:59") == "pending"
    assert word(timeline, touched(), f"{MON} 09:05") == "met"
    plain = timeline_of(RESPONSE)
    assert verdict(plain, touched(), f"{MON} 09:01")[3] == at(f"{MON} 09:20")


def phoned(**more):
    """Solved by its registrar at 09:15, with a note, an owner and a change of status before."""
    given = {"resolved_at": f"{MON} 09:15", "solved_by_registrar": True, "first_response_at": None}
    return touched(**{**given, **more})


ALL = ["reply", "note", "status", "assigned"]


@pytest.mark.parametrize("answers", [["reply"], ["note"], ["status", "assigned"], ALL])
def test_solved_on_the_phone_is_answered_at_its_opening_whatever_else_counts(answers):
    timeline = timeline_of(RESPONSE, {"answers": answers})
    assert verdict(timeline, phoned(), LATER) == ("met", "", 0, None)


@pytest.mark.parametrize(
    ("other", "minutes"),
    [
        ({"first_resolved_at": f"{MON} 09:30", "resolved_at": f"{MON} 09:30"}, 0),
        ({"first_resolved_at": f"{MON} 09:30:01", "resolved_at": f"{MON} 09:30:01"}, 2),
        ({"solved_by_registrar": False}, 2),
        ({"resolved_at": None, "first_resolved_at": None}, 2),
        ({"resolved_at": None, "first_resolved_at": f"{MON} 09:15"}, 0),  # reopened since
        ({"first_response_at": f"{MON} 09:14"}, 2),  # in writing, too
        ({"first_response_at": f"{MON} 09:15"}, 2),
        ({"first_response_at": f"{MON} 09:15:01"}, 0),  # a thank-you
        ({"first_response_at": f"{MON} 11:00"}, 0),
    ],
)
def test_what_makes_it_solved_on_the_phone(other, minutes):
    timeline = timeline_of(RESPONSE, {"answers": ALL})
    assert verdict(timeline, phoned(**other), LATER)[2] == minutes * MINUTE
    never = timeline_of(RESPONSE, {"answers": ALL, "phone_solved_within": "0s"})
    assert verdict(never, phoned(**other), LATER)[2] == 2 * MINUTE


def test_a_reply_decides_against_the_phone_even_where_replies_do_not_count():
    timeline = timeline_of(RESPONSE, {"answers": ["status"]})
    assert verdict(timeline, phoned(first_response_at=f"{MON} 09:12"), LATER)[2] == 10 * MINUTE


def test_solved_on_the_phone_as_far_as_it_was_known():
    """A thank-you comes at 11:00; it takes nothing back of what was answered on the phone."""
    both = timeline_of(RESPONSE, {"answers": ["reply", "status"]})
    replies = timeline_of(RESPONSE)
    one = phoned(first_response_at=f"{MON} 11:00")
    for now, by_replies, by_both in (
        (f"{MON} 09:09:59", "pending", "pending"),
        (f"{MON} 09:10", "pending", 10 * MINUTE),
        (f"{MON} 09:14:59", "pending", 10 * MINUTE),
        (f"{MON} 09:15", 0, 0),  # resolved, and nobody has written
        (f"{MON} 10:59:59", 0, 0),
        (f"{MON} 11:00", 0, 0),
    ):
        for timeline, wanted in ((replies, by_replies), (both, by_both)):
            word_now, _, seconds, _ = verdict(timeline, one, now)
            assert (word_now if word_now == "pending" else seconds) == wanted, now
    wakes = [verdict(replies, one, f"{MON} {clock}")[3] for clock in ("09:12", "09:15", "11:00")]
    assert wakes == [at(f"{MON} 09:15"), at(f"{MON} 11:00"), None]


def test_the_priority_at_the_response_is_that_at_what_counts_for_it():
    """Normal until 09:10, then high, urgent from 12:10 on."""
    changes = [
        (f"{MON} 09:00", "priority", "normal"),
        (f"{MON} 09:10", "priority", "high"),
        (f"{MON} 12:10", "priority", "urgent"),
    ]
    written = touched(first_response_at=f"{MON} 12:20", priority="urgent", changes=changes)
    solved = phoned(priority="urgent", changes=changes)
    thanked = phoned(first_response_at=f"{MON} 13:00", priority="urgent", changes=changes)
    nobody = ticket(f"{MON} 09:00", priority="urgent", changes=changes)
    for one, answers, wanted in (
        (written, ["reply"], "urgent"),
        (written, ["reply", "note"], "normal"),
        (written, ["reply", "status"], "high"),
        (written, ["status", "assigned"], "normal"),
        (solved, ["reply"], "normal"),
        (solved, ["reply", "status"], "normal"),
        (thanked, ["reply"], "normal"),
        (nobody, ALL, "urgent"),
    ):
        rules = {"priority": "at_response", "answers": answers}
        timelines = {
            name: timeline_of({**RESPONSE, "records": {"priority": name}}, rules)
            for name in ("urgent", "high", "normal", "low")
        }
        for now in (LATER, f"{MON} 09:01"):  # like all texts it is that of today
            found = [name for name, timeline in timelines.items() if verdict(timeline, one, now)]
            assert found == [wanted], (one, answers, now)


def test_the_priority_at_the_response_is_explained_and_left_out(sqlite_store):
    changes = [(f"{MON} 09:00", "priority", "normal"), (f"{MON} 09:10", "priority", "urgent")]
    save(sqlite_store, touched(priority="urgent", changes=changes))
    found = {}
    for answer in ("note", "reply"):
        rules = {"priority": "at_response", "answers": answer}
        settings = settings_of(
            {"one": {**RESPONSE, "rules": rules}}, exclude={"tests": {"priority": "urgent"}}
        )
        measuring = Measuring(settings, sqlite_store)
        period = parse_period("2020", measuring.today(at(LATER)))
        (one,) = explain(measuring, measuring.timeline("one"), period, at(LATER))
        found[answer] = one.verdict, one.facts["priority"]
    assert found == {"note": ("met", "normal"), "reply": ("excluded", "urgent")}


# Reopened


def reopened(**more):
    """Resolved at 10, opened again at 12, resolved at 13; on hold from 12:30 to 12:45."""
    opened = f"{MON} 09:00"
    changes = [
        (opened, "status", "open"),
        (f"{MON} 10:00", "status", "resolved"),
        (f"{MON} 11:00", "status", "closed"),
        (f"{MON} 12:00", "status", "open"),
        (f"{MON} 12:30", "status", "on_hold"),
        (f"{MON} 12:45", "status", "open"),
    ]
    given = {"resolved_at": f"{MON} 13:00", "first_resolved_at": f"{MON} 10:00", "reopened": 1}
    return ticket(opened, changes=changes, **{**given, **more})


def test_the_time_until_reopening_counts_unless_it_pauses():
    elapsed = {
        name: verdict(timeline_of(MEAN, rules), reopened(), LATER)[2]
        for name, rules in {
            "counts": {},
            "all": {"resolution_pauses": False},
            "closed": {"closed_pauses": True, "resolution_pauses": False},
            "both": {"closed_pauses": True},
            "first": {"resolution": "first"},
        }.items()
    }
    assert elapsed == {
        "counts": 4 * HOUR - 15 * MINUTE,
        "all": 4 * HOUR,
        "closed": 2 * HOUR,
        "both": 2 * HOUR - 15 * MINUTE,
        "first": HOUR,
    }


def test_only_the_pauses_of_a_clock_that_ran_are_explained(sqlite_store):
    """By the first resolution it had ended before the ticket was reopened and on hold."""
    save(sqlite_store, reopened())
    found = {}
    for resolution in ("first", "last"):
        rules = {"resolution": resolution, "closed_pauses": True}
        measuring = Measuring(settings_of({"one": {**MEAN, "rules": rules}}), sqlite_store)
        period = parse_period("2020", measuring.today(at(LATER)))
        (one,) = explain(measuring, measuring.timeline("one"), period, at(LATER))
        found[resolution] = sorted((end - start, why) for start, end, why in one.clock.paused)
    closed, on_hold = (2 * HOUR, Fact.GAP), (15 * MINUTE, Fact.HOLD)
    assert found == {"first": [], "last": [on_hold, closed]}


def test_a_response_clock_does_not_stop_while_closed():
    one = reopened(first_response_at=f"{MON} 12:10")
    rules = {"closed_pauses": True, "response_pauses": True}
    assert verdict(timeline_of({**RESPONSE, "within": "9h"}, rules), one, LATER)[2] == 190 * MINUTE


def test_as_it_was_known_in_between():
    timeline = timeline_of({**RESOLUTION, "within": "90min"})
    open_again = reopened(resolved_at=None)
    for now, wanted in (
        (f"{MON} 09:59:59", "pending"),
        (f"{MON} 10:00", "met"),
        (f"{MON} 11:59:59", "met"),
        (f"{MON} 12:00", "missed"),  # open again, and three hours have passed
    ):
        assert word(timeline, reopened(), now) == wanted, now
        assert word(timeline, open_again, now) == wanted, now
    assert word(timeline, reopened(), f"{MON} 13:00") == "missed"
    assert verdict(timeline, reopened(), f"{MON} 11:00")[3] == at(f"{MON} 12:00")
    by_resolution = timeline_of(RESOLUTION, {"counted_by": "resolved"})
    assert word(by_resolution, open_again, f"{MON} 11:00") == "met"
    assert word(by_resolution, open_again, f"{MON} 12:00") == "later"


def test_the_limit_is_used_up_behind_both_pauses():
    timeline = timeline_of({**RESOLUTION, "within": "95min"}, {"closed_pauses": True})
    one = reopened(resolved_at=None, first_resolved_at=None)
    # worked: 9 to 10, 12 to 12:30, and from 12:45 on
    assert flips(timeline, one, f"{MON} 12:46") == at(f"{MON} 12:50:01")
    assert verdict(timeline, one, f"{MON} 12:40")[3] == at(f"{MON} 12:45")


# By which date


def counted(store, indicator, period, now=LATER, **rules):
    measuring = Measuring(settings_of({"one": {**indicator, "rules": rules}}), store)
    chosen = parse_period(period, measuring.today(at(now)))
    tallies = measuring.tallies(chosen.first, chosen.after, at(now))
    figure = next(measuring.figures(tallies, chosen, at(now), {}))
    return figure.good, figure.eligible, figure.pending


def test_by_the_answer_solved_on_the_phone_counts_at_its_opening(sqlite_store):
    save(
        sqlite_store,
        ticket(f"{MON} 09:00", "phone", resolved_at=f"{MON} 09:10", solved_by_registrar=True),
        ticket(f"{MON} 16:50", "next day", first_response_at=f"{TUE} 08:10"),
        ticket(f"{MON} 10:00", "same day", first_response_at=f"{MON} 10:10"),
        ticket(f"{MON} 10:00", "never"),
    )
    by = {"counted_by": "responded"}
    assert counted(sqlite_store, RESPONSE, MON, **by) == (2, 2, 0)
    assert counted(sqlite_store, RESPONSE, TUE, **by) == (1, 1, 0)
    assert counted(sqlite_store, RESPONSE, "2020-07", **by) == (3, 3, 0)
    none = {**by, "phone_solved_within": "0s"}
    assert counted(sqlite_store, RESPONSE, MON, **none) == (1, 1, 0)
    assert counted(sqlite_store, RESPONSE, "2020-07", **none) == (2, 2, 0)


def test_by_the_resolution_the_first_or_the_last_one_counts(sqlite_store):
    save(
        sqlite_store,
        ticket(
            f"{MON} 09:00",
            first_resolved_at=f"{MON} 10:00",
            resolved_at=f"{TUE} 10:00",
            reopened=1,
            changes=[
                (f"{MON} 09:00", "status", "open"),
                (f"{MON} 10:00", "status", "resolved"),
                (f"{TUE} 09:00", "status", "open"),
            ],
        ),
        ticket(f"{MON} 11:00", "2", first_resolved_at=f"{MON} 12:00", reopened=1),
    )
    by = {"counted_by": "resolved"}
    assert [counted(sqlite_store, MEAN, day, **by)[1] for day in (MON, TUE, WED)] == [0, 1, 0]
    first = {**by, "resolution": "first"}
    assert [counted(sqlite_store, MEAN, day, **first)[1] for day in (MON, TUE, WED)] == [2, 0, 0]


def test_a_mean_still_running_is_pending():
    one = ticket(f"{MON} 09:00", changes=holds(f"{MON} 09:00", (f"{MON} 10:00",)))
    assert verdict(timeline_of(MEAN), one, LATER)[:3] == ("pending", "", HOUR)
