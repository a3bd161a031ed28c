"""Tickets: every rule that decides a verdict, calculated by hand.

2020-07-13 is a Monday; the office is open from 08 to 17, closed on 2020-06-19 (a Friday) and
after 12 on 2020-12-23.
"""

import pytest

from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.clocks import read_clocks
from collector.measuring.verdicts.selection import select
from tests.worlds.measured import (
    DAYS,
    FIRST_LINE,
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    flips,
    holds,
    measure,
    ticket,
    ticket_table,
    timeline_of,
    verdict,
    word,
)

MON, TUE, WED = "2020-07-13", "2020-07-14", "2020-07-15"
LATER = "2020-09-01 12:00"
MINUTE, HOUR = 60, 3600


# Rule 1: elapsed <= limit


@pytest.mark.parametrize(
    ("answered", "wanted"),
    [
        ("2020-07-13 09:00:00", ("met", "", 0, None)),
        ("2020-07-13 09:29:59", ("met", "", 1799, None)),
        ("2020-07-13 09:30:00", ("met", "", 1800, None)),
        ("2020-07-13 09:30:01", ("missed", "", 1801, None)),
    ],
)
def test_the_limit_itself_is_met(answered, wanted):
    one = ticket(f"{MON} 09:00", first_response_at=answered)
    assert verdict(timeline_of(RESPONSE), one, LATER) == wanted


def test_only_business_time_counts():
    one = ticket(f"{MON} 16:50", first_response_at=f"{TUE} 08:20")
    assert verdict(timeline_of(RESPONSE), one, LATER)[:3] == ("met", "", 1800)
    assert word(timeline_of({**RESPONSE, "calendar": "always"}), one, LATER) == "missed"


def test_an_open_ticket_is_pending_until_the_second_after_its_limit():
    timeline = timeline_of(RESPONSE)
    one = ticket(f"{MON} 09:00")
    assert verdict(timeline, one, f"{MON} 09:00") == ("pending", "", 0, at(f"{MON} 09:30:01"))
    assert flips(timeline, one, f"{MON} 09:10") == at(f"{MON} 09:30:01")


@pytest.mark.parametrize(
    ("opened", "flip"),
    [
        (f"{MON} 16:30", f"{TUE} 08:00:01"),  # used up at closing; the next second opens tomorrow
        (f"{MON} 16:40", f"{TUE} 08:10:01"),
        (f"{MON} 20:00", f"{TUE} 08:30:01"),
        ("2020-07-18 11:00", "2020-07-20 08:30:01"),  # Saturday
        ("2020-06-18 16:45", "2020-06-22 08:15:01"),  # over a holiday and the weekend
        ("2020-12-23 11:45", "2020-12-24 08:15:01"),  # a half day
    ],
)
def test_where_an_open_ticket_flips(opened, flip):
    assert flips(timeline_of(RESPONSE), ticket(opened), opened) == at(flip)


@pytest.mark.parametrize(
    ("opened", "flip"),
    [("2020-03-29 01:00", "2020-03-29 07:00:01"), ("2020-10-25 01:00", "2020-10-25 05:00:01")],
)
def test_an_hour_lost_and_an_hour_doubled(opened, flip):
    timeline = timeline_of({**RESPONSE, "within": "5h", "calendar": "always"})
    assert flips(timeline, ticket(opened), opened) == at(flip)


def test_what_nobody_answers_in_writing_is_never_answered():
    one = ticket(f"{MON} 09:00", resolved_at=f"{MON} 09:05", closed_at=f"{MON} 09:06")
    assert flips(timeline_of(RESPONSE), one, f"{MON} 09:10") == at(f"{MON} 09:30:01")


def test_between_first_response_and_resolution():
    timeline = timeline_of({**RESOLUTION, "from": "first_response", "within": "1h"})
    answered = f"{MON} 10:00"
    one = ticket(f"{MON} 09:00", first_response_at=answered, resolved_at=f"{MON} 11:00")
    assert verdict(timeline, one, LATER) == ("met", "", HOUR, None)
    still = ticket(f"{MON} 09:00", first_response_at=answered)
    assert flips(timeline, still, answered) == at(f"{MON} 11:00:01")
    # the clock has not begun: it waits for news, not for time
    assert verdict(timeline, ticket(f"{MON} 09:00"), LATER) == ("pending", "", None, None)
    silent = ticket(f"{MON} 09:00", resolved_at=f"{MON} 11:00")
    assert verdict(timeline, silent, LATER) == ("excluded", "unanswered", None, None)


def test_to_closed():
    timeline = timeline_of({**RESOLUTION, "to": "closed", "within": "1h"})
    one = ticket(f"{MON} 09:00", resolved_at=f"{MON} 09:10")
    assert flips(timeline, one, f"{MON} 09:30") == at(f"{MON} 10:00:01")
    done = ticket(f"{MON} 09:00", resolved_at=f"{MON} 09:10", closed_at=f"{MON} 10:00")
    assert word(timeline, done, LATER) == "met"


# Rule 2: the clock that a ticket counts by


@pytest.mark.parametrize(
    ("by", "known", "unknown"),
    [
        ("opened", f"{MON} 09:00", f"{MON} 08:59:59"),
        ("responded", f"{MON} 09:10", f"{MON} 09:09:59"),
        ("resolved", f"{TUE} 09:00", f"{TUE} 08:59:59"),
    ],
)
def test_before_its_clock_a_ticket_is_not_known(by, known, unknown):
    timeline = timeline_of({**RESOLUTION, "within": "30h"}, {"counted_by": by})
    one = ticket(f"{MON} 09:00", first_response_at=f"{MON} 09:10", resolved_at=f"{TUE} 09:00")
    assert verdict(timeline, one, unknown)[0] == "later"
    assert verdict(timeline, one, unknown)[3] <= at(known)
    assert word(timeline, one, known) in {"met", "pending"}
    assert word(timeline, one, LATER) == "met"


# Rule 3: pauses


def test_the_response_clock_goes_on_while_on_hold_and_the_resolution_clock_stops():
    spans = [(f"{MON} 09:10", f"{MON} 09:40")]
    one = ticket(
        f"{MON} 09:00",
        first_response_at=f"{MON} 09:50",
        resolved_at=f"{MON} 10:00",
        changes=holds(f"{MON} 09:00", *spans),
    )
    half = {**RESOLUTION, "within": "30min"}
    assert verdict(timeline_of(RESPONSE), one, LATER)[:3] == ("missed", "", 50 * MINUTE)
    assert verdict(timeline_of(half), one, LATER)[:3] == ("met", "", 30 * MINUTE)
    other = {"response_pauses": True, "resolution_pauses": False}
    assert verdict(timeline_of(RESPONSE, other), one, LATER)[:3] == ("met", "", 20 * MINUTE)
    assert verdict(timeline_of(half, other), one, LATER)[:3] == ("missed", "", 60 * MINUTE)


def test_on_hold_now_stands_still():
    one = ticket(f"{MON} 09:00", changes=holds(f"{MON} 09:00", (f"{MON} 10:00",)))
    timeline = timeline_of(RESOLUTION)
    assert verdict(timeline, one, LATER) == ("pending", "", HOUR, None)
    late = ticket(f"{MON} 08:00", changes=holds(f"{MON} 08:00", (f"{MON} 16:00:01",)))
    assert verdict(timeline, late, LATER) == ("missed", "", 8 * HOUR + 1, None)
    exact = ticket(f"{MON} 08:00", changes=holds(f"{MON} 08:00", (f"{MON} 16:00",)))
    assert word(timeline, exact, LATER) == "pending"


def test_several_holds_over_nights():
    spans = [
        (f"{MON} 10:00", f"{MON} 11:00"),
        (f"{MON} 16:00", f"{TUE} 09:00"),  # 2 h of business time
        (f"{TUE} 18:00", f"{TUE} 19:00"),  # none
    ]
    one = ticket(f"{MON} 09:00", changes=holds(f"{MON} 09:00", *spans))
    timeline = timeline_of({**RESOLUTION, "within": "14h"})
    # Monday 1 + 5 h, Tuesday 8 h: used up at closing on Tuesday
    assert flips(timeline, one, f"{TUE} 20:00") == at(f"{WED} 08:00:01")


def test_a_hold_that_ends_later_wakes_its_ticket():
    """The clock of a source may be ahead of ours."""
    timeline = timeline_of(RESOLUTION)
    end = f"{MON} 10:30"
    one = ticket(f"{MON} 09:00", changes=holds(f"{MON} 09:00", (f"{MON} 10:00", end)))
    assert verdict(timeline, one, f"{MON} 10:29:59") == ("pending", "", HOUR, at(end))
    assert flips(timeline, one, end) == at(f"{TUE} 08:30:01")
    # and one that begins later does not keep the ticket from running until then
    assert verdict(timeline, one, f"{MON} 09:30")[3] == at(f"{MON} 10:00")


def test_the_pauses_of_one_clock_and_the_deadlines_of_those_that_run():
    """As ``explain`` and the open tickets show them: of three, the second stands still."""
    opened, now = f"{MON} 09:00", at(f"{MON} 12:00")
    spans = [(f"{MON} 09:10", f"{MON} 09:20"), (f"{MON} 10:00", f"{MON} 11:00")]
    table = ticket_table(
        [
            ticket(opened, "1", changes=holds(opened, *spans)),
            ticket(opened, "2", changes=holds(opened, (f"{MON} 11:30",))),
            ticket(opened, "3", kind="order"),
            ticket(opened, "4", kind="order", resolved_at=f"{MON} 10:00"),
        ]
    )
    yardstick = timeline_of(RESOLUTION).versions[0]
    read = read_clocks(yardstick, yardstick.indicator, select(yardstick, table, now))
    held = [tuple(map(at, span)) for span in spans]
    paused = zip(*(column.tolist() for column in read.pauses), strict=True)
    assert sorted(paused) == [(0, *held[0]), (0, *held[1]), (1, at(f"{MON} 11:30"), now)]
    assert read.running.tolist() == [True, False, True, False]
    response = timeline_of(RESPONSE).versions[0]
    assert read_clocks(response, response.indicator, select(response, table, now)).pauses is None
    # 8 h from nine o'clock are used up at closing; the first lost 70 minutes of it
    rows, due = kind_of(yardstick.indicator).deadlines(yardstick, table, now)
    assert rows.tolist() == [0, 2]
    assert due.tolist() == [at(f"{TUE} 09:10"), at(f"{MON} 17:00")]
    orders = timeline_of({**DAYS, "records": {"kind": "order"}}).versions[0]
    rows, due = kind_of(orders.indicator).deadlines(orders, table, now)
    assert (rows.tolist(), due.tolist()) == ([2], [at(f"{WED} 17:00")])


# Rule 4: priority


def escalated(**more):
    changes = [
        (f"{MON} 09:00", "priority", "normal"),
        (f"{MON} 09:20", "priority", "urgent"),
        (f"{MON} 09:40", "priority", "high"),
    ]
    return ticket(f"{MON} 09:00", priority="high", changes=changes, **more)


@pytest.mark.parametrize(
    ("policy", "answered", "wanted"),
    [
        ("at_open", f"{MON} 09:30", "normal"),
        ("at_response", f"{MON} 09:10", "normal"),
        ("at_response", f"{MON} 09:30", "urgent"),
        ("at_response", f"{MON} 09:40", "high"),
        ("at_response", None, "high"),  # unanswered: the one in force now
        ("strictest", f"{MON} 09:10", "urgent"),
        ("strictest", None, "urgent"),
    ],
)
def test_the_priority_that_decides(policy, answered, wanted):
    one = escalated(first_response_at=answered)
    found = {
        name
        for name in ("urgent", "high", "normal", "low")
        if word(
            timeline_of({**RESPONSE, "records": {"priority": name}}, {"priority": policy}),
            one,
            LATER,
        )
    }
    assert found == {wanted}


def test_an_unanswered_ticket_stays_in_its_indicator_under_at_response():
    timeline = timeline_of(
        {**RESPONSE, "records": {"priority": "high"}}, {"priority": "at_response"}
    )
    assert word(timeline, escalated(), LATER) == "missed"


def test_strictest_goes_by_the_configured_order():
    one = escalated()
    rules, records = {"priority": "strictest"}, {"records": {"priority": "normal"}}
    order = ["normal", "high", "urgent"]
    assert word(timeline_of({**RESPONSE, **records}, rules, priorities=order), one, LATER)
    assert word(timeline_of({**RESPONSE, **records}, rules), one, LATER) is None


def test_strictest_among_priorities_without_a_place_and_none():
    """What the configured order does not name is the least strict; who has none is in no order."""
    rules, order = {"priority": "strictest"}, ["urgent", "low"]

    def found(name, changes):
        one = ticket(f"{MON} 09:00", priority=changes and changes[-1][2], changes=changes)
        timeline = timeline_of({**RESPONSE, "records": {"priority": name}}, rules, priorities=order)
        return word(timeline, one, LATER)

    held = [(f"{MON} 09:00", "priority", "vip"), (f"{MON} 09:01", "priority", "low")]
    assert found("low", held) == "missed"
    assert found("vip", held) is None
    assert found("vip", held[:1]) == "missed"
    assert found("low", []) is None


# Rule 5: solved on the phone


@pytest.mark.parametrize(
    ("solved", "wanted"),
    [
        (f"{MON} 09:30", ("met", "", 0, None)),
        (f"{MON} 09:30:01", ("missed", "", 3 * HOUR, None)),
    ],
)
def test_solved_on_the_phone_was_answered_at_once(solved, wanted):
    one = ticket(f"{MON} 09:00", resolved_at=solved, solved_by_registrar=True)
    assert verdict(timeline_of(RESPONSE), one, f"{MON} 12:00") == wanted


def test_solved_on_the_phone_only_where_it_may():
    one = ticket(f"{MON} 09:00", resolved_at=f"{MON} 09:10")
    phone = ticket(f"{MON} 09:00", resolved_at=f"{MON} 09:10", solved_by_registrar=True)
    assert word(timeline_of(RESPONSE), one, LATER) == "missed"
    assert word(timeline_of(RESPONSE), phone, LATER) == "met"
    assert word(timeline_of(RESPONSE, {"phone_solved_within": "0s"}), phone, LATER) == "missed"
    # before it was resolved nobody knew
    assert word(timeline_of(RESPONSE), phone, f"{MON} 09:09:59") == "pending"
    written = ticket(
        f"{MON} 09:00",
        first_response_at=f"{MON} 09:08",
        resolved_at=f"{MON} 09:10",
        solved_by_registrar=True,
    )
    assert verdict(timeline_of(RESPONSE), written, LATER)[2] == 8 * MINUTE


# Rule 6: reopened


def test_reopened():
    reopened = ticket(f"{MON} 09:00", first_resolved_at=f"{MON} 10:00", reopened=1)
    again = ticket(
        f"{MON} 09:00",
        first_resolved_at=f"{MON} 10:00",
        resolved_at=f"{TUE} 10:00",
        reopened=1,
    )
    last, first = timeline_of(RESOLUTION), timeline_of(RESOLUTION, {"resolution": "first"})
    assert flips(last, reopened, f"{MON} 11:00") == at(f"{MON} 17:00") + 15 * HOUR + 1
    assert verdict(last, again, LATER)[:3] == ("missed", "", 10 * HOUR)
    assert verdict(first, reopened, LATER) == ("met", "", HOUR, None)
    assert verdict(first, again, LATER) == ("met", "", HOUR, None)


# Rule 7: what is left out


@pytest.mark.parametrize("indicator", [RESPONSE, MEAN, FIRST_LINE, {"kind": "count"}])
@pytest.mark.parametrize("mark", ["merged", "deleted", "spam"])
def test_marks_exclude_with_their_reason(indicator, mark):
    one = ticket(f"{MON} 09:00", mark=mark, status=mark, team="Servicedesk")
    assert verdict(timeline_of(indicator), one, LATER)[:2] == ("excluded", mark)
    assert verdict(timeline_of(indicator), one, LATER)[3] is None


def test_filters_exclude_under_their_name():
    exclude = {"test": {"category": ["Test"]}, "robots": {"team": "Robot", "kind": "request"}}
    timeline = timeline_of(RESPONSE, exclude=exclude)

    def of(**more):
        return word(timeline, ticket(f"{MON} 09:00", **more), LATER)

    assert of(category="Test") == "excluded test"
    assert of(team="Robot", kind="request") == "excluded robots"
    assert of(team="Robot", kind="incident") == "missed"
    assert of(category="Test", mark="merged") == "excluded merged"
    assert of() == "missed"


@pytest.mark.parametrize("name", ["spam", "merged", "unknown", "no_team"])
def test_a_filter_may_bear_the_name_of_a_reason(name):
    """``exclude: {spam: {category: Spam}}`` is the natural thing to write."""
    timeline = timeline_of(RESPONSE, exclude={name: {"category": "Spam"}})
    assert len(set(timeline.reasons)) == len(timeline.reasons)
    one = ticket(f"{MON} 09:00", category="Spam")
    assert verdict(timeline, one, LATER)[:2] == ("excluded", name)
    marked = ticket(f"{MON} 09:00", mark="spam")
    assert verdict(timeline, marked, LATER)[:2] == ("excluded", "spam")


def test_what_cannot_be_measured():
    early = ticket(f"{MON} 09:00", first_response_at=f"{MON} 08:59:59")
    assert word(timeline_of(RESPONSE), early, LATER) == "excluded ends_before_start"
    # also where no business time lies between
    night = ticket(f"{MON} 20:00", first_response_at=f"{MON} 19:00")
    assert word(timeline_of(RESPONSE), night, LATER) == "excluded ends_before_start"
    closed = ticket(f"{MON} 09:00", closed_at=f"{MON} 10:00")
    for each in (RESOLUTION, MEAN):
        assert word(timeline_of(each), closed, f"{MON} 09:59:59") == "pending"
        assert verdict(timeline_of(each), closed, f"{MON} 09:30")[3] == at(f"{MON} 10:00")
        assert word(timeline_of(each), closed, LATER) == "excluded no_resolved_at"
    assert word(timeline_of(FIRST_LINE), closed, LATER) == "excluded no_team"


# Day mode


@pytest.mark.parametrize(
    ("opened", "last"),
    [
        ("2020-07-13 09:00", "2020-07-15 17:00"),
        ("2020-07-13 00:00", "2020-07-15 17:00"),
        ("2020-07-17 09:00", "2020-07-21 17:00"),  # Friday
        ("2020-07-17 23:59:59", "2020-07-21 17:00"),  # Friday after closing
        ("2020-07-18 12:00", "2020-07-21 17:00"),  # Saturday
        ("2020-07-20 18:00", "2020-07-22 17:00"),  # Monday after closing
        ("2020-06-18 09:00", "2020-06-23 17:00"),  # over a holiday and the weekend
        ("2020-06-19 09:00", "2020-06-23 17:00"),  # on the holiday itself
        ("2020-12-21 09:00", "2020-12-23 12:00"),  # ends on a half day
    ],
)
def test_two_business_days(opened, last):
    timeline = timeline_of(DAYS)
    assert flips(timeline, ticket(opened), opened) == at(last) + 1
    in_time = ticket(opened, resolved_at=at(last))
    late = ticket(opened, resolved_at=at(last) + 1)
    assert word(timeline, in_time, LATER.replace("2020", "2021")) == "met"
    assert word(timeline, late, LATER.replace("2020", "2021")) == "missed"


def test_business_days_with_holds():
    timeline = timeline_of(DAYS)
    opened = f"{MON} 09:00"
    spans = [(f"{MON} 12:00", f"{TUE} 12:00")]  # 9 h: due on Thursday at closing
    one = ticket(opened, changes=holds(opened, *spans))
    assert flips(timeline, one, f"{TUE} 13:00") == at("2020-07-16 17:00") + 1
    assert flips(timeline, ticket(opened, changes=holds(opened, *spans)), f"{WED} 20:00")
    still = ticket(opened, changes=holds(opened, (f"{MON} 12:00",)))
    assert verdict(timeline, still, LATER)[::3] == ("pending", None)
    unpaused = timeline_of(DAYS, {"resolution_pauses": False})
    assert flips(unpaused, one, f"{TUE} 13:00") == at(f"{WED} 17:00") + 1


def test_a_hold_after_the_deadline_forgives_nothing():
    """Missed at closing on Wednesday; on hold that night; resolved the moment the hold ends."""
    timeline = timeline_of(DAYS)
    opened = f"{MON} 09:00"
    changes = holds(opened, (f"{WED} 20:00", "2020-07-16 12:00"))
    one = ticket(opened, changes=changes, resolved_at="2020-07-16 12:00")
    for now in (f"{WED} 17:00:01", f"{WED} 20:00", "2020-07-16 10:00", "2020-07-16 12:00", LATER):
        assert word(timeline, one, now) == "missed"


# share_where


def handled(*teams, **more):
    changes = [(f"{MON} 09:0{n}", "team", team) for n, team in enumerate(teams)]
    team = teams[-1] if teams else None
    return ticket(f"{MON} 09:00", team=team, changes=changes, **more)


def test_first_line():
    timeline = timeline_of(FIRST_LINE)
    done = {"resolved_at": f"{MON} 12:00"}
    assert word(timeline, handled("Servicedesk"), LATER) == "pending"
    assert verdict(timeline, handled("Servicedesk", **done), LATER) == ("met", "", None, None)
    assert word(timeline, handled("Servicedesk", "Network"), LATER) == "missed"
    assert word(timeline, handled("Servicedesk", "Network", "Servicedesk", **done), LATER) == (
        "missed"
    )
    assert word(timeline, handled("Network", "Servicedesk"), LATER) == "missed"
    assert word(timeline, handled(**done), LATER) == "excluded no_team"
    assert verdict(timeline, handled("Servicedesk", **done), f"{MON} 11:59:59") == (
        "pending", "", None, at(f"{MON} 12:00"),
    )  # fmt: skip
    closed = handled("Servicedesk", closed_at=f"{MON} 12:00")
    assert word(timeline, closed, LATER) == "met"


def test_share_where_reopened():
    reopened = handled("Servicedesk", first_resolved_at=f"{MON} 12:00", reopened=1)
    assert word(timeline_of(FIRST_LINE), reopened, LATER) == "pending"
    assert word(timeline_of(FIRST_LINE, {"resolution": "first"}), reopened, LATER) == "met"


def test_share_where_of_fields():
    timeline = timeline_of({**FIRST_LINE, "where": {"category": ["Password", "Account"]}})
    done = {"resolved_at": f"{MON} 12:00"}
    assert word(timeline, handled(category="Account", **done), LATER) == "met"
    assert word(timeline, handled(category="Network", **done), LATER) == "missed"
    assert word(timeline, handled(category="Network"), LATER) == "pending"


def test_share_where_looks_at_the_priority_in_force():
    timeline = timeline_of({**FIRST_LINE, "where": {"priority": ["urgent", "high"]}})
    done = {"resolved_at": f"{MON} 12:00"}
    for opening, wanted in (("high", "met"), ("normal", "missed")):
        changes = [(f"{MON} 09:00", "priority", opening), (f"{MON} 10:00", "priority", "low")]
        one = ticket(f"{MON} 09:00", priority="low", changes=changes, **done)
        assert word(timeline, one, LATER) == wanted


# mean_duration, count


def test_mean_duration_keeps_seconds_of_what_is_done():
    timeline = timeline_of(MEAN)
    one = ticket(f"{MON} 16:00", resolved_at=f"{TUE} 10:00")
    assert verdict(timeline, one, LATER) == ("met", "", 3 * HOUR, None)
    assert word(timeline, ticket(f"{MON} 16:00"), LATER) == "pending"
    night = ticket(f"{MON} 18:00", resolved_at=f"{MON} 19:00")
    assert verdict(timeline, night, LATER) == ("met", "", 0, None)


def test_count_takes_every_ticket():
    timeline = timeline_of({"kind": "count", "records": {"kind": "incident"}})
    every = [ticket(f"{MON} 09:00", kind=kind) for kind in ("incident", "incident", "order", None)]
    _, found = measure(timeline, every, LATER)
    assert found.row.tolist() == [0, 1]
    assert found.verdict.tolist() == [0, 0]


# Which records


def test_records_are_chosen_by_every_given_field():
    fields = {
        "source": "desk", "kind": "incident", "priority": "high", "organization": "Laxå",
        "category": "Net", "team": "Servicedesk", "status": "open",
    }  # fmt: skip
    of_ticket = {name: value for name, value in fields.items() if name != "source"}
    one = ticket(f"{MON} 09:00", **of_ticket)
    timeline = timeline_of({**RESPONSE, "records": fields})
    assert word(timeline, one, LATER) == "missed"
    for name in fields:
        other = timeline_of({**RESPONSE, "records": {**fields, name: ["other", "third"]}})
        assert word(other, one, LATER) is None
        absent = ticket(f"{MON} 09:00", **{k: v for k, v in of_ticket.items() if k != name})
        assert name == "source" or word(timeline, absent, LATER) is None


# Time travel


def test_later_events_are_not_known():
    one = ticket(
        f"{MON} 09:00",
        first_response_at=f"{MON} 09:20",
        resolved_at=f"{MON} 15:00",
        changes=holds(f"{MON} 09:00", (f"{MON} 10:00", f"{MON} 12:00")),
    )
    response, resolution = timeline_of(RESPONSE), timeline_of(RESOLUTION)
    assert word(response, one, f"{MON} 08:59:59") == "later"
    assert verdict(response, one, f"{MON} 08:00")[3] == at(f"{MON} 09:00")
    assert verdict(response, one, f"{MON} 09:19:59")[:3] == ("pending", "", 1199)
    assert verdict(response, one, f"{MON} 09:20")[:3] == ("met", "", 1200)
    assert verdict(resolution, one, f"{MON} 11:00") == ("pending", "", HOUR, at(f"{MON} 12:00"))
    assert verdict(resolution, one, f"{MON} 13:00") == (
        "pending", "", 2 * HOUR, at(f"{MON} 15:00"),
    )  # fmt: skip
    assert verdict(resolution, one, f"{MON} 15:00")[:3] == ("met", "", 4 * HOUR)
    late = ticket(f"{MON} 09:00", first_response_at=f"{MON} 12:00")
    assert word(response, late, f"{MON} 10:00") == "missed"


@pytest.mark.parametrize("indicator", [RESPONSE, DAYS, MEAN, FIRST_LINE, {"kind": "count"}])
def test_nothing_is_nothing_and_columns_are_as_narrow_as_they_say(indicator):
    widths = ["int64", "int8", "int16", "int64", "bool", "int64", "int64"]
    for records in ([], [ticket(f"{MON} 09:00", resolved_at=f"{TUE} 09:00")]):
        _, found = measure(timeline_of(indicator), records, LATER)
        assert [len(column) for column in found.columns()] == [len(records)] * 7
        assert [column.dtype.name for column in found.columns()] == widths
