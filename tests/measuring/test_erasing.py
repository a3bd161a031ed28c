"""Records are erased by their ids, and every figure is what it was."""

import random

from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain
from collector.measuring.engine.live import Live
from collector.measuring.engine.purging import purge
from collector.measuring.engine.splitting import FIELDS, can_be_split, split_by_each
from collector.model.pseudonyms import is_pseudonym
from collector.store import Standing
from tests.measuring.test_purging import FIRST_PURGE, NOW, a_past, by_value, figures, fill
from tests.measuring.test_time_travel import EXCLUDE, KINDS
from tests.worlds.measured import CALLS, settings_of

SETTINGS = settings_of(
    {
        "response": KINDS["response"],
        "number": KINDS["number"],
        "calls": {**CALLS, "formula": "abandons_met"},
        "callers": {**CALLS, "of": "callers"},
    },
    exclude=EXCLUDE,
    priorities=["urgent", "high"],
)


def measured(store):
    """Figures of a year with its forecasts and of a month, by organization and by every field."""
    found = {name: figures(SETTINGS, store, name) for name in ("2018", "2018-05")}
    measuring, states = Measuring(SETTINGS, store), store.polls.states()
    period = measuring.period("2018-05", NOW)
    for timeline in measuring.timelines:
        fields = [by for by in FIELDS if can_be_split(timeline, by)]
        parts = split_by_each(measuring, period, NOW, fields, states, timeline.id, None)
        found[timeline.id] = by_value(parts)
    return found


def test_every_figure_stays_equal_to_the_digit(store):
    """Also when all is read again, in a service that goes on, and after a purge."""
    chance = random.Random(11)
    records = a_past(chance, tickets=150, calls=80)
    fill(store, records)
    register(SETTINGS, store, NOW)
    running = Live(Measuring(SETTINGS, store))
    published = running.refresh(NOW)
    before = measured(store)
    assert any(figure.value for figure in before["2018-05"])
    erased = {
        (source, name)
        for source in ("desk", "phone")
        for each in store.erased.erase(
            source, [r.id for r in records if r.source == source and chance.random() < 0.6], NOW
        )
        if each.standing is Standing.STORED
        for name in each.ids
    }
    assert len(erased) > 100
    assert measured(store) == before
    again = running.refresh(NOW)
    assert (again.figures, again.months) == (published.figures, published.months)
    fill(store, records)
    assert measured(store) == before
    assert store.polls.states()["phone"].ignored["erased"] > 0
    measuring = Measuring(SETTINGS, store)
    listed = {
        (each.source, each.id)
        for timeline in measuring.timelines
        for each in explain(measuring, timeline, measuring.period("2018", NOW), NOW)
    }
    assert any(is_pseudonym(name) for _, name in listed)
    assert not listed & erased
    assert purge(measuring, FIRST_PURGE, NOW).number > 20
    assert measured(store) == before
    store.check()
