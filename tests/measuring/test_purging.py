"""Records of past months are purged, and every figure is what it was."""

import random
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import forecasts
from collector.measuring.engine.live import Live
from collector.measuring.engine.purging import PurgeRefused, planned, purge
from collector.measuring.engine.questions import period_figures
from collector.measuring.engine.splitting import FIELDS, can_be_split, split_by_each
from collector.model.records import Change
from tests.measuring.test_time_travel import EXCLUDE, FILTERS, KINDS, some_rules
from tests.worlds.lives import CallLife, Life
from tests.worlds.measured import CALLS, ORGANIZATIONS, at, polled, settings_of
from tests.worlds.samples import save
from tests.worlds.sizes import sample_size

NOW = at("2020-07-15 12:00")
BEGIN = at("2017-11-20 06:00")
TURNS = [
    at(text)
    for text in ("2018-01-01 00:00", "2018-05-31 23:59", "2018-06-01 00:00", "2018-10-01 09:00",
                 "2019-01-01 00:00", "2019-08-02 12:00", "2020-07-14 16:00")
]  # fmt: skip
PERIODS = ["2018-03", "2018-t2", "2018", "2019", "2018-01-01", "2018-05-28..2018-06-10"]
COMPARED = {"2018-t2", "2019"}
SPLIT = ["2018-05", "2018-t2", "2019"]
FIRST_PURGE, SECOND_PURGE = date(2018, 6, 1), date(2019, 1, 1)


def configuration(chance, **more):
    indicators = {
        f"{name}_{n}": {**kind, "records": chance.choice(FILTERS), "rules": some_rules(chance)}
        for name, kind in KINDS.items()
        for n in range(sample_size(1, 4))
    }
    indicators["calls"] = {**CALLS, "formula": "abandons_met"}
    indicators["callers"] = {**CALLS, "of": "callers"}
    indicators["open_calls"] = {"kind": "count", "of": "calls", "records": {"outcome": "open"}}
    indicators["costs"] = {"kind": "manual", "unit": "tkr", "target": "<= 1 tkr"}
    return settings_of(indicators, exclude=EXCLUDE, priorities=["urgent", "high"], **more)


def a_past(chance, tickets=200, calls=100):
    """Tickets and calls of three years; some callers come more than once."""
    lives = [a_life(chance, n) for n in range(tickets)]
    told = [life.told() for life in lives]
    for n in range(calls):
        life = CallLife(chance, n, BEGIN, TURNS)
        life.entered_at = chance.choice([life.entered_at, BEGIN + chance.randrange(80_000_000)])
        first = life.told()
        told.append(replace(first, call_id=f"c{n}"))
        if chance.random() < 0.3:
            again = first.entered_at + first.wait_seconds + chance.randrange(40)
            told.append(replace(first, id=f"{n}+", call_id=f"c{n}", entered_at=again))
    return told


def a_life(chance, n):
    """Of some days; one in ten goes on for years, or is not over."""
    if chance.random() < 0.1:
        return Life(chance, n, BEGIN, TURNS)
    first = chance.choice([*TURNS, *(BEGIN + chance.randrange(80_000_000) for _ in range(20))])
    life = Life(chance, n, first - 86_400, [first, first + 200_000])
    last = max(change.at for change in life.changes)
    if chance.random() < 0.9:
        life.changes.append(Change(last + 60, "status", chance.choice(["closed", "resolved"])))
    return life


def fill(store, records):
    save(store, *(each for each in records if each.source == "desk"))
    save(store, *(each for each in records if each.source == "phone"), source="phone")
    for name in ("desk", "phone"):
        polled(store, name, NOW)


def shown(settings, store):
    """Every figure that commands, pages and metrics show, and what forecasts are made of."""
    measuring = Measuring(settings, store)
    states = store.polls.states()
    found = {}
    for name in PERIODS:
        period = measuring.period(name, NOW)
        compare = name in COMPARED
        found[name] = period_figures(measuring, period, NOW, None, compare=compare)[0]
    found["forecasts"] = forecasts(measuring, NOW, None)[:2]
    for name in SPLIT:
        period = measuring.period(name, NOW)
        for timeline in measuring.timelines:
            fields = [by for by in FIELDS if can_be_split(timeline, by)]
            for organization in (None, ORGANIZATIONS[0]):
                asked = measuring, period, NOW, fields, states, timeline.id, organization
                if fields:
                    found[name, timeline.id, organization] = by_value(split_by_each(*asked))
    live = Live(measuring)
    live.refresh(NOW)
    while live.extend(NOW):
        pass
    snapshot = live.refresh(NOW)
    found["published"] = snapshot.figures, snapshot.months, snapshot.open_work
    return found


def by_value(split):
    return {by: {each.part: each for each in figures} for by, figures in split.items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert other[name] == value, name


def purged(settings, store, before, now=NOW):
    return purge(Measuring(settings, store), before, now)


@pytest.mark.parametrize("seed", range(sample_size(1, 4)))
def test_every_figure_is_what_it_was(store, seed):
    chance = random.Random(seed)
    settings = configuration(chance)
    fill(store, a_past(chance))
    register(settings, store, NOW)
    before = shown(settings, store)
    assert any(figure.value for figure in before["2018-03"])
    plan = planned(Measuring(settings, store), FIRST_PURGE, NOW)
    report = purged(settings, store, FIRST_PURGE)
    assert plan == report
    assert report.number > 50
    assert report.stay > 5
    measuring = Measuring(settings, store)
    year = measuring.period("2018", NOW)
    assert period_figures(measuring, year, NOW, None)[0] == before["2018"]
    second = purged(settings, store, SECOND_PURGE)
    assert second.number > 20
    same(before, shown(settings, store))
    store.check()
