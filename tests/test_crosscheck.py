"""Our calculation against the source's own: counted, and listed with both."""

import pytest
from measured import MEAN, RESOLUTION, RESPONSE, at, settings_of, ticket, timeline_of
from samples import save

from collector.explain import explain
from collector.indicators.judging import judge
from collector.indicators.periods import parse_period
from collector.local_time import LocalDays
from collector.measuring import Measuring
from collector.runtime import explanations
from collector.store import Store
from collector.tables import Fact

MON = "2020-07-13"
NOW = at("2020-07-20 12:00")
LOCAL = LocalDays("Europe/Stockholm")
OPENED = f"{MON} 09:00"


@pytest.fixture
def lone(sqlite_url):
    with Store.open(sqlite_url) as opened:
        yield opened


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


def test_verdicts_side_by_side(lone):
    found = checks(
        lone,
        RESPONSE,
        answered(10, "1", own_response_met=True),
        answered(10, "2", own_response_met=False),
        answered(40, "3", own_response_met=True),
        answered(40, "4", own_response_met=False),
        answered(10, "5"),
    )
    assert found == {"checked": 4, "good": 2, "own_good": 2, "disagree": 2}


def test_only_what_both_have_judged_is_checked(lone):
    found = checks(
        lone,
        RESPONSE,
        ticket(OPENED, "open and late", own_response_met=False),
        ticket("2020-07-20 11:50", "open", own_response_met=True),
        ticket(OPENED, "spam", mark="spam", first_response_at=OPENED, own_response_met=False),
        answered(-5, "before", own_response_met=False),
        answered(10, "other clock", own_resolution_met=False),
    )
    assert found == {}


def test_the_resolution_has_a_verdict_of_its_own(lone):
    one = ticket(
        OPENED, resolved_at=f"{MON} 12:00", own_response_met=False, own_resolution_met=False
    )
    assert checks(lone, RESOLUTION, one) == {"checked": 1, "good": 1, "disagree": 1}
    assert checks(lone, {**RESOLUTION, "to": "closed"}, one) == {}
    assert checks(lone, MEAN, one) == {}


def test_first_responses_may_lie_a_minute_apart(lone):
    first = at(OPENED) + 600
    found = checks(
        lone,
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
    assert checks(lone, {**MEAN, "to": "first_response"}) == found


def test_what_lies_after_now_is_not_compared(lone):
    later = NOW + 60
    assert checks(lone, RESPONSE, answered(10, own_first_response_at=later)) == {}
    assert checks(lone, RESPONSE, now=later) == {"compared": 1, "differ": 1}


def test_a_source_that_says_nothing_costs_nothing():
    timeline = timeline_of(RESPONSE)
    from measured import ticket_table

    table = ticket_table([answered(10)])
    assert not table.facts.of(Fact.OWN_RESPONSE).row.size
    assert judge(timeline, table, NOW, LOCAL).checks is None


def test_disagreements_are_listed_with_both_calculations(lone):
    save(
        lone,
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
    measuring = Measuring(settings_of({"one": RESPONSE}), lone)
    period = parse_period("2020", measuring.today(NOW))
    every = {each.id: each for each in explain(measuring, measuring.timelines[0], period, NOW)}
    assert every["silent"].own is None
    assert every["agrees"].own.disagrees == ()
    (differs,) = explanations(measuring, "one", period, NOW, None, None, disagreements=True)
    assert (differs.id, differs.verdict, differs.elapsed) == ("differs", "missed", 2400)
    assert differs.own.met is True
    assert differs.own.due_at == at(f"{MON} 10:00")
    assert differs.own.first_response_at == at(f"{MON} 09:20")
    assert differs.own.disagrees == ("verdict", "first response")
