"""Our calculation against the source's own: counted, and listed with both."""

import pytest

from collector.business_time.zone import LocalDays
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain, explanations
from collector.measuring.judge import judge
from collector.model.columns import Fact
from collector.model.periods import parse_period
from tests.worlds.measured import (
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    settings_of,
    ticket,
    ticket_table,
    timeline_of,
)
from tests.worlds.samples import save

MON = "2020-07-13"
NOW = at("2020-07-20 12:00")
LOCAL = LocalDays("Europe/Stockholm")
OPENED = f"{MON} 09:00"


def answered(minutes, number="1", **own):
    instants = {k: at(v) if isinstance(v, str) else v for k, v in own.items()}
    return ticket(OPENED, number, first_response_at=at(OPENED) + 60 * minutes, **instants)


def figure(store, indicator, *records, now=NOW):
    save(store, *records)
    measuring = Measuring(settings_of({"one": indicator}), store)
    period = parse_period("2020", measuring.today(now))
    tallies = measuring.tallies(period.first, period.after, now)
    return next(measuring.figures(tallies, period, now, {}))


def checks(store, indicator, *records, now=NOW):
    found = figure(store, indicator, *records, now=now).checks
    return {name: n for name in found.__slots__ if (n := getattr(found, name))}


def test_verdicts_side_by_side(sqlite_store):
    found = checks(
        sqlite_store,
        RESPONSE,
        answered(10, "1", own_response_met=True),
        answered(10, "2", own_response_met=False),
        answered(40, "3", own_response_met=True),
        answered(40, "4", own_response_met=False),
        answered(10, "5"),
    )
    assert found == {"checked": 4, "good": 2, "own_good": 2, "disagree": 2}


def test_only_what_both_have_judged_is_checked(sqlite_store):
    found = checks(
        sqlite_store,
        RESPONSE,
        ticket(OPENED, "open and late", own_response_met=False),
        ticket("2020-07-20 11:50", "open", own_response_met=True),
        ticket(OPENED, "spam", mark="spam", first_response_at=OPENED, own_response_met=False),
        answered(-5, "before", own_response_met=False),
        answered(10, "other clock", own_resolution_met=False),
    )
    assert found == {}


def test_the_resolution_has_a_verdict_of_its_own(sqlite_store):
    one = ticket(
        OPENED, resolved_at=f"{MON} 12:00", own_response_met=False, own_resolution_met=False
    )
    assert checks(sqlite_store, RESOLUTION, one) == {"checked": 1, "good": 1, "disagree": 1}
    assert checks(sqlite_store, {**RESOLUTION, "to": "closed"}, one) == {}
    assert checks(sqlite_store, MEAN, one) == {}


def test_first_responses_may_lie_a_minute_apart(sqlite_store):
    first = at(OPENED) + 600
    found = checks(
        sqlite_store,
        RESPONSE,
        answered(10, "1", own_first_response_at=first),
        answered(10, "2", own_first_response_at=first + 60),
        answered(10, "3", own_first_response_at=first - 60),
        answered(10, "4", own_first_response_at=first + 61),
        answered(10, "5", own_first_response_at=first - 61),
        ticket(OPENED, "6", own_first_response_at=first),  # an answer that we do not know
        answered(10, "7"),
    )
    assert found == {"compared": 6, "differ": 3}
    assert checks(sqlite_store, {**MEAN, "to": "first_response"}) == found


def test_what_lies_after_now_is_not_compared(sqlite_store):
    later = NOW + 60
    assert checks(sqlite_store, RESPONSE, answered(10, own_first_response_at=later)) == {}
    assert checks(sqlite_store, RESPONSE, now=later) == {"compared": 1, "differ": 1}


def test_overdue_with_us_and_answered_with_the_source(sqlite_store):
    """An answer that we do not know: their verdict is final, and so is ours; not so before."""
    own = {"own_first_response_at": at(f"{MON} 09:20"), "own_response_met": True}
    overdue = ticket(OPENED, "1", **own)
    not_yet = ticket("2020-07-20 11:50", "2", own_first_response_at=NOW - 60, own_response_met=True)
    wanted = {"checked": 1, "own_good": 1, "disagree": 1, "compared": 2, "differ": 2}
    assert checks(sqlite_store, RESPONSE, overdue, not_yet) == wanted
    assert checks(sqlite_store, RESPONSE, now=at(f"{MON} 09:30")) == {"compared": 1, "differ": 1}
    assert checks(sqlite_store, RESPONSE, now=at(f"{MON} 09:30") + 1) == {
        **wanted,
        "compared": 1,
        "differ": 1,
    }
    mean = {**MEAN, "to": "first_response"}
    assert checks(sqlite_store, mean) == {"compared": 2, "differ": 2}


@pytest.mark.parametrize("known_at", [True, False])
def test_a_verdict_is_known_once_that_is_which_it_is_about(sqlite_store, known_at):
    """The source's first response, else ours, else the resolution; explained as it is counted."""
    ten, eleven = at(f"{MON} 10:00"), at(f"{MON} 11:00")
    save(
        sqlite_store,
        answered(10, "own", own_first_response_at=ten, own_response_met=False),
        ticket(OPENED, "solved", resolved_at=ten, own_response_met=False, own_resolution_met=True),
        answered(20, "ours", own_response_met=True, own_resolution_met=True),
    )
    settings = settings_of({"response": RESPONSE, "resolution": RESOLUTION})

    def said(indicator, now):
        measuring = Measuring(settings, sqlite_store, known_at=now if known_at else None)
        period = parse_period("2020", measuring.today(now))
        every = explain(measuring, measuring.timeline(indicator), period, now)
        return {each.id: each.own and (each.own.first_response_at, each.own.met) for each in every}

    early = {"own": None, "solved": None, "ours": (None, True)}
    assert said("response", ten - 1) == early
    late = {"own": (ten, False), "solved": (None, False), "ours": (None, True)}
    assert said("response", ten) == said("response", eleven) == late
    assert said("resolution", ten - 1)["solved"] is None
    assert said("resolution", ten)["solved"] == (None, True)
    assert checks(sqlite_store, RESPONSE, now=ten - 1) == {"checked": 1, "good": 1, "own_good": 1}
    found = {"checked": 2, "good": 2, "own_good": 1, "disagree": 1, "compared": 1, "differ": 1}
    assert checks(sqlite_store, RESPONSE, now=ten) == found


def test_a_source_that_says_nothing_costs_nothing():
    timeline = timeline_of(RESPONSE)
    table = ticket_table([answered(10)])
    assert not table.facts.of(Fact.OWN_RESPONSE).row.size
    assert judge(timeline, table, NOW, LOCAL).checks is None


def test_versions_keep_their_checks_row_by_row():
    """From 14 July on 5 minutes are the limit; the rows of both versions are mixed."""
    stricter = [{"valid_from": "2020-07-14", "within": "5min"}]
    timeline = timeline_of({**RESPONSE, "versions": stricter})

    def told(day, minutes, met, seconds):
        start = at(f"2020-07-{day} 09:00")
        answer = start + 60 * minutes
        return ticket(start, f"{day} {minutes}", first_response_at=answer, own_response_met=met,
                      own_first_response_at=answer + seconds)  # fmt: skip

    table = ticket_table(
        [
            told(14, 10, True, 0),  # missed by ours alone
            told(13, 10, True, 61),  # met by both, but another answer
            told(15, 4, None, 60),
            told(13, 31, False, 0),
            told(14, 3, False, 0),  # met by ours alone
        ]
    )
    checks = judge(timeline, table, NOW, LOCAL).checks
    found = {name: each.tolist() for name, each in zip(checks._fields, checks, strict=True)}
    yes, no = True, False
    assert found == {
        "checked": [yes, yes, no, yes, yes],
        "own_met": [yes, yes, no, no, no],
        "disagrees": [yes, no, no, no, yes],
        "compared": [yes] * 5,
        "differs": [no, yes, no, no, no],
    }
    assert all(each.dtype == bool for each in checks)
    silent = ticket_table([answered(10)])
    assert judge(timeline, silent, NOW, LOCAL).checks is None


def test_disagreements_are_listed_with_both_calculations(sqlite_store):
    save(
        sqlite_store,
        answered(10, "agrees", own_response_met=True, own_response_due_at=f"{MON} 09:30"),
        answered(
            40,
            "differs",
            own_response_met=True,
            own_response_due_at=f"{MON} 10:00",
            own_first_response_at=f"{MON} 09:20",
        ),
        answered(12, "silent"),
    )
    measuring = Measuring(settings_of({"one": RESPONSE}), sqlite_store)
    period = parse_period("2020", measuring.today(NOW))
    every = {each.id: each for each in explain(measuring, measuring.timelines[0], period, NOW)}
    assert every["silent"].own is None
    assert every["agrees"].own.disagrees == ()
    (differs,) = explanations(measuring, "one", period, NOW, None, None, disagreements=True)
    assert (differs.id, differs.verdict, differs.clock.elapsed) == ("differs", "missed", 2400)
    assert differs.own.met is True
    assert differs.own.due_at == at(f"{MON} 10:00")
    assert differs.own.first_response_at == at(f"{MON} 09:20")
    assert differs.own.disagrees == ("verdict", "first response")
