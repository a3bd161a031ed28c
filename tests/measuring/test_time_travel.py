"""Measured as known at an instant that lies back is measured on what the source told then."""

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain
from collector.model.rewind import rewind_tickets
from collector.store import Store
from tests.worlds.lives import CallLife, Life
from tests.worlds.measured import (
    CALLS,
    DAYS,
    FIRST_LINE,
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    settings_of,
)
from tests.worlds.samples import save
from tests.worlds.sizes import sample_size

BEGIN = at("2020-07-06 06:00")
NOWS = [
    at(text)
    for text in ("2020-07-08 10:30", "2020-07-10 16:59", "2020-07-14 00:00", "2020-07-21 12:15")
]
FIRST, AFTER = date(2020, 7, 6), date(2020, 8, 20)
SOLVING = {**RESOLUTION, "from": "first_response"}
CLOSING = {**RESOLUTION, "to": "closed"}
KINDS = {
    "response": RESPONSE,
    "resolution": RESOLUTION,
    "days": DAYS,
    "solving": SOLVING,
    "closing": CLOSING,
    "mean": MEAN,
    "mean_response": {**MEAN, "to": "first_response"},
    "first_line": FIRST_LINE,
    "status": {"kind": "share_where", "where": {"status": ["resolved"], "team": "Servicedesk"}},
    "number": {"kind": "count"},
}
RULES = {
    "counted_by": ["opened", "responded", "resolved"],
    "priority": ["at_open", "at_response", "strictest"],
    "answers": [["reply"], ["note", "reply"], ["status", "assigned"]],
    "phone_solved_within": ["30min", "0s", "8h"],
    "response_pauses": [False, True],
    "resolution_pauses": [True, False],
    "closed_pauses": [False, True],
    "resolution": ["last", "first"],
}
FILTERS = [
    {},
    {},
    {"priority": ["urgent", "normal"]},
    {"status": ["open", "on_hold", "resolved"]},
    {"team": "Servicedesk", "kind": "incident"},
    {"category": "Net"},
]
EXCLUDE = {"test": {"category": "Test"}, "network": {"team": "Network", "kind": "request"}}


def some_rules(chance):
    rules = {name: chance.choice(values) for name, values in RULES.items()}
    if rules["counted_by"] == "responded":
        rules["answers"] = ["reply"]
    return rules


def configuration(chance):
    """Each kind under many combinations of the rules, and every formula of calls."""
    indicators = {
        f"{name}_{n}": {**kind, "records": chance.choice(FILTERS), "rules": some_rules(chance)}
        for name, kind in KINDS.items()
        for n in range(8)
    }
    for formula in ("answered_of_answered", "without_early_abandons", "abandons_met"):
        indicators[formula] = {**CALLS, "formula": formula}
    for outcome in ("open", "answered", "abandoned"):
        indicators[outcome] = {"kind": "count", "of": "calls", "records": {"outcome": outcome}}
    return settings_of(indicators, exclude=EXCLUDE)


def filled(url, lives, until=None):
    store = Store.open(url)
    told = [life.told() if until is None else life.told(until) for life in lives]
    told = [record for record in told if record is not None]
    save(store, *(each for each in told if each.source == "desk"))
    save(store, *(each for each in told if each.source == "phone"), source="phone")
    return store


def verdicts(measuring, timeline, table, store, now):
    """How often each verdict, by name, reason and the instant by which it counts."""
    found = measuring.judge(timeline, table, now).verdicts
    names = store.records.ticket_names(table.key)
    keys = [names[key][1] for key in table.key[found.row].tolist()]
    columns = (found.verdict, found.reason, found.counted_at)
    shown = found.verdict < 4
    return Counter(
        each for each, ok in zip(zip(keys, *map(list, columns), strict=True), shown, strict=True)
        if ok
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(sample_size(1, 1, 2)))
def test_the_past_is_what_was_told_then(tmp_path, seed):
    """Tallies, explanations, and the tables that back-tests rewind once more."""
    chance = random.Random(seed)
    settings = configuration(chance)
    lives = [Life(chance, n, BEGIN, NOWS) for n in range(400)]
    lives += [CallLife(chance, n, BEGIN, NOWS) for n in range(200)]
    with filled(f"sqlite:///{tmp_path}/today.db", lives) as today:
        last = Measuring(settings, today, known_at=NOWS[-1])
        for now in NOWS:
            looking_back = Measuring(settings, today, known_at=now)
            with filled(f"sqlite:///{tmp_path}/{now}.db", lives, now) as then:
                as_it_was = Measuring(settings, then)
                same_tallies(looking_back, as_it_was, now)
                same_explanations(looking_back, as_it_was, now)
                for clock in ("opened", "responded", "resolved"):
                    same_once_more(last, as_it_was, clock, now)


def same_tallies(looking_back, as_it_was, now):
    """Also of the day before on its own, which not every record that counts then tells of today."""
    one, other = (each.tallies(FIRST, AFTER, now) for each in (looking_back, as_it_was))
    day = looking_back.today(now - 86400)
    alone = looking_back.tallies(day, day + timedelta(days=1), now)
    for name, sums in other.sums.items():
        assert sums.any(), name
        assert np.array_equal(one.sums[name], sums), name
        assert np.array_equal(alone.sums[name][0], sums[(day - FIRST).days]), name


def same_explanations(looking_back, as_it_was, now):
    period = as_it_was.period("2020-07", now)
    for name in (f"{kind}_{NOWS.index(now)}" for kind in KINDS):
        one, other = (
            sorted(explain(each, each.timeline(name), period, now), key=by_number)
            for each in (looking_back, as_it_was)
        )
        assert one == other, name
        assert other, name


def by_number(explanation):
    return int(explanation.id)


def same_once_more(last, as_it_was, clock, now):
    """A table as known at a late instant, rewound to an earlier one."""
    span = (at("2020-07-06 00:00"), at("2020-08-20 00:00"))
    table = last.table(clock, span)
    table = rewind_tickets(table, last.store.records.changed_since(table.key, now), now)
    told = as_it_was.store.records.tickets(clock, span, wide=True)
    for timeline in last.timelines:
        if timeline.clock == clock:
            one = verdicts(last, timeline, table, last.store, now)
            other = verdicts(as_it_was, timeline, told, as_it_was.store, now)
            assert one == other, timeline.id


def test_lives_are_eventful():
    """Else it would mean little that the past is the same."""
    chance = random.Random(0)
    told = [Life(chance, n, BEGIN, NOWS).told() for n in range(400)]
    assert sum(each.reopened > 1 for each in told) > 100
    assert sum(each.mark is not None for each in told) > 10
    assert sum(each.closed_at is not None for each in told) > 30
    assert sum(each.solved_by_registrar for each in told) > 30
    at_once = [Life(chance, n, BEGIN, NOWS).told(NOWS[1]) for n in range(400)]
    known = [each for each in at_once if each is not None]
    assert len(known) > 80
    assert {each.status for each in known} >= {"open", "on_hold", "resolved", "closed"}
