"""The published months: those of measuring, made again only where something has changed."""

from __future__ import annotations

import pytest

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live, marked_stale
from collector.store import Store
from tests.worlds.measured import RESPONSE, at, polled, settings_of, ticket
from tests.worlds.samples import save

NOW = at("2020-07-15 12:00")
EVERYTHING = {"kind": "count", "of": "tickets", "target": ">= 5 tickets"}


@pytest.fixture
def store(sqlite_url):
    with Store.open(sqlite_url) as found:
        save(found, ticket("2019-06-03 09:00", "0"))
        save(found, ticket("2020-05-04 09:00", "1", first_response_at="2020-05-04 09:10"))
        save(found, ticket("2020-07-14 09:00", "2", first_response_at="2020-07-14 09:50"))
        polled(found, "desk", NOW - 60)
        yield found


@pytest.fixture
def live(store):
    return Live(Measuring(settings_of({"one": RESPONSE, "all": EVERYTHING}), store))


def _by_month(snapshot):
    found = {}
    for each in snapshot.months:
        found.setdefault(each.period.name, []).append(each)
    return found


def test_they_are_thirteen_and_those_of_measuring(live, store):
    found = _by_month(live.refresh(NOW))
    assert list(found) == [
        *(f"2019-{month:02}" for month in range(7, 13)),
        *(f"2020-{month:02}" for month in range(1, 8)),
    ]
    measuring, states = live.measuring, store.polls.states()
    for name, shown in found.items():
        period = measuring.period(name, NOW)
        tallies = measuring.tallies(period.first, period.after, NOW)
        assert shown == list(measuring.figures(tallies, period, NOW, states)), name


def test_a_month_without_records_is_no_data_or_a_known_zero(live):
    found = _by_month(live.refresh(NOW))
    april = {each.indicator: each for each in found["2020-04"] if each.organization is None}
    assert (april["one"].value, april["one"].state) == (None, "no_data")
    assert april["all"].value == 0


def test_only_the_month_of_a_change_is_made_again(live, store):
    before = _by_month(live.refresh(NOW))
    save(store, ticket("2020-03-02 09:00", "3", first_response_at="2020-03-02 09:05"))
    after = _by_month(live.refresh(NOW + 15))
    again = {name for name in after if after[name][0] is not before[name][0]}
    assert again == {"2020-03"}
    assert next(each.eligible for each in after["2020-03"] if each.indicator == "one") == 1


def test_a_source_that_was_not_read_lately_makes_only_the_present_month_stale(live, store):
    live.refresh(NOW)
    later = NOW + 86_000
    states = {
        name: {each.state for each in figures if each.indicator == "one"}
        for name, figures in _by_month(live.refresh(later)).items()
    }
    assert states["2020-07"] == {"stale"}
    assert "stale" not in states["2020-05"]


def test_figures_that_were_not_measured_again_leave_finished_months_as_they_were(live):
    snapshot = live.refresh(NOW)
    old = _by_month(marked_stale(snapshot))
    assert old["2020-06"] == _by_month(snapshot)["2020-06"]
    assert {each.state for each in old["2020-07"]} == {"stale"}
