"""Records of past months are purged, and every figure is what it was."""

import random
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from collector.measuring.engine import stored_tallies
from collector.measuring.engine.definition_guard import PastEdited, register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import forecasts
from collector.measuring.engine.live import Live
from collector.measuring.engine.purging import PurgeRefused, planned, purge
from collector.measuring.engine.questions import period_figures
from collector.measuring.engine.splitting import FIELDS, can_be_split, split_by_each
from collector.measuring.engine.stored_tallies import RecordsPurged
from collector.measuring.engine.what_if import alternatives
from collector.model.records import Change
from collector.service.purge_job import AutomaticPurging
from collector.snapshot.gather import gather
from collector.store import Store, StoreError
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
PERIODS = ["2018-03", "2018-t2", "2018", "2019", "2018-01-01", "2018-05-28..2018-06-10", "2018-q4"]
MEASURED = ["2018-06", "2018-05-28..2018-06-10"]
SPLIT = ["2018-05", "2018-t2"]
FIRST_PURGE, SECOND_PURGE = date(2018, 6, 1), date(2019, 1, 1)


def configuration(chance, **more):
    kinds = [*KINDS.items()] * 4
    indicators = {
        f"{name}_{n}": {**kind, "records": chance.choice(FILTERS), "rules": some_rules(chance)}
        for n, (name, kind) in enumerate(chance.sample(kinds, sample_size(5, 16, 40)))
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
    live = Live(measuring)
    live.refresh(NOW)
    while live.extend(NOW):
        pass
    snapshot = live.refresh(NOW)
    found = {"published": (snapshot.figures, snapshot.months, snapshot.open_work)}
    for name in PERIODS:
        period = measuring.period(name, NOW)
        for timeline in measuring.timelines:
            found[name, timeline.id] = live.figures_of(timeline.id, period, NOW)
    for name in MEASURED:
        found[name] = figures(settings, store, name)
    found["forecasts"] = forecasts(measuring, NOW, None)[:2]
    for name in SPLIT:
        period, states = measuring.period(name, NOW), store.polls.states()
        for timeline in measuring.timelines:
            fields = [by for by in FIELDS if can_be_split(timeline, by)]
            for organization in (None, ORGANIZATIONS[0]) if fields else ():
                asked = measuring, period, NOW, fields, states, timeline.id, organization
                found[name, timeline.id, organization] = by_value(split_by_each(*asked))
    return found


def by_value(split):
    return {by: {each.part: each for each in figures} for by, figures in split.items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert other[name] == value, name


def purged(settings, store, before, now=NOW):
    return purge(Measuring(settings, store), before, now)


@pytest.mark.parametrize("seed", range(sample_size(1, 2, 4)))
def test_every_figure_is_what_it_was(store, seed):
    chance = random.Random(seed)
    settings = configuration(chance)
    fill(store, a_past(chance))
    register(settings, store, NOW)
    before = shown(settings, store)
    assert any(figure.value for figure in before["2018-06"])
    plan = planned(Measuring(settings, store), FIRST_PURGE, NOW)
    report = purged(settings, store, FIRST_PURGE)
    assert plan == report
    assert report.number > 50
    assert report.stay > 5
    assert figures(settings, store, "2018-06") == before["2018-06"]
    second = purged(settings, store, SECOND_PURGE)
    assert second.number > 20
    same(before, shown(settings, store))
    store.check()


@pytest.fixture
def small(sqlite_store):
    """A desk whose first months are purged: its settings, store, and its figures from before."""
    chance = random.Random(7)
    indicators = {"response": KINDS["response"], "number": KINDS["number"], "calls": CALLS}
    settings = settings_of(indicators)
    records = a_past(chance, tickets=80, calls=40)
    fill(sqlite_store, records)
    register(settings, sqlite_store, NOW, commit=True)
    before = figures(settings, sqlite_store, "2018")
    purged(settings, sqlite_store, SECOND_PURGE)
    return settings, sqlite_store, records, before


def figures(settings, store, name, now=NOW, known_at=None):
    measuring = Measuring(settings, store, known_at=known_at)
    return period_figures(measuring, measuring.period(name, now), now, None)[0]


def test_a_late_record_is_not_counted_twice(small):
    """Neither one that was purged and has changed, nor one that was never seen; both are counted
    as ignored. A source that is read from the beginning brings nothing back."""
    settings, store, records, before = small
    stored = store.records.counts(0, SECOND_PURGE.toordinal() * 86_400 * 2)
    fill(store, records)
    fill(store, [replace(each, id=f"{each.id}-new") for each in records if is_old(each)])
    assert figures(settings, store, "2018") == before
    assert store.records.counts(0, SECOND_PURGE.toordinal() * 86_400 * 2) == stored
    ignored = {name: state.ignored for name, state in store.polls.states().items()}
    assert ignored["desk"]["purged"] > 20
    assert ignored["phone"]["purged"] > 10


def is_old(record):
    begun = record.entered_at if record.source == "phone" else record.opened_at
    return begun < at("2019-01-01 00:00")


def test_a_ticket_that_stayed_goes_on(small):
    """It was opened in a purged month, and is counted there whatever becomes of it later."""
    settings, store, records, before = small
    stayed = next(
        each
        for each in records
        if each.source == "desk" and is_old(each) and store.records.ticket("desk", each.id)
    )
    moved = replace(stayed, first_response_at=None, opened_at=at("2018-06-04 09:00"))
    save(store, moved)
    whole = {f.indicator: f for f in before if f.organization is None}
    after = {f.indicator: f for f in figures(settings, store, "2018") if f.organization is None}
    assert after["number"].value == whole["number"].value
    save(store, replace(moved, opened_at=at("2019-02-04 09:00")))
    after = {f.indicator: f for f in figures(settings, store, "2018") if f.organization is None}
    assert after["number"].value == whole["number"].value - 1


def test_by_another_definition_a_purged_month_is_not_measured(small):
    """Nothing is made of the records that stayed; with the definition undone all is there again."""
    settings, store, _, before = small
    stricter = changed(settings, "response", within="15min")
    with pytest.raises(PastEdited, match="within"):
        register(stricter, store, NOW)
    register(stricter, store, NOW, restate=True)
    for figure in figures(stricter, store, "2018"):
        if figure.indicator == "response":
            assert (figure.value, figure.state, figure.purged) == (
                None,
                "no_data",
                date(2020, 7, 15),
            )
            assert (figure.good, figure.eligible, figure.pending) == (0, 0, 0)
        else:
            assert figure in before
    assert all(figure.purged is None for figure in figures(stricter, store, "2019"))
    register(settings, store, NOW, restate=True)
    assert figures(settings, store, "2018") == before


def test_a_new_indicator_is_not_measured_in_purged_months(small):
    settings, store, _, _ = small
    named = settings.model_copy(
        update={"indicators": settings.indicators | {"late": settings.indicators["number"]}}
    )
    register(named, store, NOW)
    late = [f for f in figures(named, store, "2018") if f.indicator == "late"]
    assert {(f.value, f.purged) for f in late} == {(None, date(2020, 7, 15))}
    assert next(f.value for f in figures(named, store, "2019") if f.indicator == "late") > 0


def test_another_target_changes_no_figure(small):
    settings, store, _, before = small
    easier = changed(settings, "response", target="<= 100%")
    register(easier, store, NOW, restate=True)
    values = [(f.indicator, f.value, f.good) for f in figures(easier, store, "2018")]
    assert values == [(f.indicator, f.value, f.good) for f in before]


def changed(settings, indicator, **keys):
    indicators = {"response": KINDS["response"], "number": KINDS["number"], "calls": CALLS}
    return settings_of(indicators | {indicator: indicators[indicator] | keys})


def test_sums_by_two_definitions_end(small):
    """What is purged once the definition has changed is in no sum of before, which end with it."""
    settings, store, _, _ = small
    stricter = changed(settings, "response", within="15min")
    register(stricter, store, NOW, restate=True)
    later = at("2021-07-15 12:00")
    report = purged(stricter, store, date(2019, 6, 1), later)
    assert report.lost == ["response"]
    register(settings, store, later, restate=True)
    lost = [f for f in figures(settings, store, "2018-12", later) if f.indicator == "response"]
    assert {f.value for f in lost} == {None}


def test_an_earlier_instant_is_not_guessed(small):
    settings, store, _, _ = small
    then = at("2018-08-01 00:00")
    assert {f.purged for f in figures(settings, store, "2018-03", then, known_at=then)} == {
        date(2020, 7, 15)
    }


def test_what_is_needed_is_not_purged(small):
    settings, store, _, _ = small
    with pytest.raises(PurgeRefused, match="name 2019-01 or an earlier month"):
        purged(settings, store, date(2019, 2, 1))
    with pytest.raises(PurgeRefused, match="was purged already"):
        purged(settings, store, FIRST_PURGE)


def test_lists_and_comparisons_of_purged_records_are_refused(small):
    settings, store, _, _ = small
    measuring = Measuring(settings, store)
    period = measuring.period("2018-03", NOW)
    assert measuring.purged.gone(period) == ("2019-01-01", date(2020, 7, 15))
    assert measuring.purged.gone(measuring.period("2019-03", NOW)) is None
    sides = (measuring, period), (Measuring(settings, store), period)
    with pytest.raises(RecordsPurged, match="from before 2019-01-01 were purged on 2020-07-15"):
        next(alternatives(*sides, NOW, ["response"]))
    with pytest.raises(RecordsPurged, match="verdicts behind 2019-03"):
        gather(measuring, measuring.period("2019-03", NOW), NOW, store.polls.states())


def test_a_purge_that_was_broken_off_goes_on(sqlite_store):
    """Whatever was deleted until then, figures are what they were."""
    settings, store = settings_of({"number": KINDS["number"]}), sqlite_store
    fill(store, a_past(random.Random(3), tickets=80, calls=0))
    register(settings, store, NOW)
    before = figures(settings, store, "2018")
    stops = iter([False] * 5)
    part = purge(Measuring(settings, store), SECOND_PURGE, NOW, stop=lambda: next(stops, True))
    assert figures(settings, store, "2018") == before
    rest = purged(settings, store, SECOND_PURGE)
    assert part.number > 0
    assert rest.number > 0
    assert figures(settings, store, "2018") == before


def test_a_damaged_sum_is_noticed(small):
    settings, store, _, _ = small
    with store._database.writing() as connection:
        connection.execute(text("UPDATE purged_tallies SET cells = replace(cells, '1', '2')"))
    with pytest.raises(StoreError, match="purged_tallies"):
        store.check()
    with pytest.raises(StoreError, match="purged_tallies"):
        figures(settings, store, "2018")


def test_a_sum_that_this_release_does_not_know_is_an_error(small, monkeypatch):
    """Left out, it would be missing from a figure that looks right."""
    settings, store, _, _ = small
    known = stored_tallies.column_names
    monkeypatch.setattr(
        stored_tallies, "column_names", lambda timeline: [f"new {c}" for c in known(timeline)]
    )
    with pytest.raises(StoreError, match=r"'eligible' of '.*which this release does not know"):
        figures(settings, store, "2018")


def test_without_an_organization_purged_months_are_by_another_definition(small):
    settings, store, _, _ = small
    fewer = settings.model_copy(update={"organizations": settings.organizations[1:]})
    register(fewer, store, NOW, restate=True)
    assert {f.purged for f in figures(fewer, store, "2018")} == {date(2020, 7, 15)}


def test_what_stays_is_carried_along(small, tmp_path):
    settings, store, _, before = small
    with Store.open(f"sqlite:///{tmp_path}/other.db") as other:
        store.copy_to(other)
        assert figures(settings, other, "2018") == before


def test_purging_once_a_day(sqlite_store, caplog):
    """Only where it is set, and no month that is still to be frozen."""
    store, now = sqlite_store, [NOW]
    fill(store, a_past(random.Random(5), tickets=60, calls=0))
    named = {"number": KINDS["number"]}
    for retention, snapshot, done in (
        ({}, {}, False),
        ({"records": 30}, {}, True),
        ({"records": 30}, {}, False),
    ):
        settings = settings_of(named, retention=retention, snapshot=snapshot)
        register(settings, store, now[0])
        job = AutomaticPurging(lambda: now[0])
        assert job.run_if_due(Measuring(settings, store)) is done
        assert not job.run_if_due(Measuring(settings, store))
    assert Measuring(settings, store).purged.standing().before == date(2018, 2, 1)


def test_nothing_of_a_purged_record_is_left_in_the_file(sqlite_url, tmp_path):
    """Neither in the database nor in the log beside it; what stays is there."""
    with Store.open(sqlite_url) as store:
        settings = settings_of({"number": KINDS["number"]})
        records = a_past(random.Random(9), tickets=120, calls=0)
        named = [replace(each, id=f"TICKET-{each.id}-") for each in records]
        fill(store, named)
        register(settings, store, NOW)
        purged(settings, store, SECOND_PURGE)
        left = {each.id for each in named if store.records.ticket("desk", each.id)}
        assert (tmp_path / "store.db-wal").stat().st_size == 0
    held = b"".join(file.read_bytes() for file in tmp_path.glob("store.db*"))
    found = {each.id for each in named if each.id.encode() in held}
    assert 0 < len(left) < len(named)
    assert found == left


def test_a_ticket_that_stayed_may_have_begun_before_all_that_went(small):
    """Its month has no sums yet, and is measured ever after."""
    settings, store, records, _ = small
    stayed = next(
        each
        for each in records
        if each.source == "desk" and is_old(each) and store.records.ticket("desk", each.id)
    )
    save(store, settled(stayed, "2017-08-15 09:00"))
    before = figures(settings, store, "2017")
    assert any(figure.value for figure in figures(settings, store, "2017-08"))
    purged(settings, store, SECOND_PURGE)
    assert store.records.ticket("desk", stayed.id) is None
    assert figures(settings, store, "2017") == before


def settled(one, opened):
    """The ticket as one that was solved within a day."""
    start = at(opened)
    return replace(
        one, opened_at=start, first_response_at=start + 60, first_resolved_at=start + 3600,
        resolved_at=start + 3600, closed_at=None, reopened=0, mark=None, status="resolved",
        changes=(), own_response_due_at=None, own_first_response_at=None, first_note_at=None,
        first_status_at=None, first_assigned_at=None,
    )  # fmt: skip


def test_what_was_purged_before_anything_was_measured_is_no_zero(sqlite_store):
    store = sqlite_store
    by_hand = settings_of({"costs": {"kind": "manual", "unit": "tkr"}})
    fill(store, a_past(random.Random(2), tickets=60, calls=0))
    register(by_hand, store, NOW)
    assert purged(by_hand, store, SECOND_PURGE).number > 0
    settings = settings_of({"number": KINDS["number"]})
    register(settings, store, NOW)
    assert {f.purged for f in figures(settings, store, "2018")} == {date(2020, 7, 15)}


def test_a_closed_day_after_all_that_went_ends_no_sum(small):
    """It came under a later definition than the sums, and the next purge reaches beyond it: no
    clock of what went before ran through it."""
    settings, store, _, _ = small
    office = settings.calendars["office"]
    add = [*office.holidays.add, date(2019, 3, 5)]
    holidays = office.holidays.model_copy(update={"add": add})
    calendars = settings.calendars | {"office": office.model_copy(update={"holidays": holidays})}
    closed = settings.model_copy(update={"calendars": calendars})
    register(closed, store, NOW, restate=True)
    before = figures(closed, store, "2018")
    assert purged(closed, store, date(2019, 6, 1), at("2021-07-15 12:00")).lost == []
    assert figures(closed, store, "2018") == before


def test_in_a_zone_further_east_the_next_month_has_lost_its_first_hours(sqlite_store):
    """It is not measured, rather than without what was opened on the evening before."""
    store, settings = sqlite_store, settings_of({"number": KINDS["number"]})
    records = a_past(random.Random(7), tickets=80, calls=0)
    old = next(each for each in records if is_old(each))
    fill(store, [*records, replace(settled(old, "2018-12-31 23:30"), id="evening")])
    register(settings, store, NOW)
    purged(settings, store, SECOND_PURGE)
    before = figures(settings, store, "2019-01")
    east = settings.model_copy(update={"timezone": "Europe/Helsinki"})
    register(east, store, NOW, restate=True)
    assert {f.purged for f in figures(east, store, "2019-01")} == {date(2020, 7, 15)}
    assert {f.purged for f in figures(east, store, "2019-02")} == {None}
    register(settings, store, NOW, restate=True)
    assert figures(settings, store, "2019-01") == before


def test_sums_end_where_records_go_that_no_indicator_of_then_measures(sqlite_store):
    """Those of an indicator that was taken out of the configuration: when it comes back, it has no
    figure for a month of which records went meanwhile."""
    store = sqlite_store
    settings = settings_of({"number": KINDS["number"], "calls": CALLS})
    records = a_past(random.Random(7), tickets=40, calls=20)
    one = next(each for each in records if each.source == "desk")
    slow = replace(settled(one, "2018-11-20 09:00"), id="slow", resolved_at=at("2019-03-01 09:00"))
    fill(store, [*records, slow])
    register(settings, store, NOW)
    before = figures(settings, store, "2018-11")
    purged(settings, store, SECOND_PURGE)
    without = settings_of({"response": KINDS["response"]})
    register(without, store, NOW)
    purged(without, store, date(2019, 6, 1), at("2021-07-15 12:00"))
    register(settings, store, NOW)
    gone = {(f.indicator, f.purged) for f in figures(settings, store, "2018-11")}
    assert gone == {("number", date(2020, 7, 15)), ("calls", None)}, "no call went that month"
    calls = [f for f in figures(settings, store, "2018-11") if f.indicator == "calls"]
    assert calls == before[-len(calls) :]
