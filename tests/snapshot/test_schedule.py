"""Last month is frozen by the service: on its working day, when it is whole, once."""

import logging
from datetime import date

import pytest

from collector.config.snapshot import SnapshotSettings
from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.model.periods import parse_period
from collector.monitoring.health import HealthMonitor
from collector.monitoring.metrics.collector import Counters
from collector.service.freeze_job import AGAIN, AutomaticFreezing
from collector.service.service import Service
from collector.snapshot import latest
from collector.snapshot.freeze import FreezeRequest, freeze
from collector.snapshot.schedule import is_due
from tests.worlds.frozen import JUNE, SETTINGS, fill, froze, sql
from tests.worlds.measured import CALLS, OFFICE, at, call, polled, settings_of
from tests.worlds.metrics import metrics_registry
from tests.worlds.samples import save

MAY, JULY, AUGUST = (parse_period(f"2020-0{n}", date(2020, 9, 1)) for n in (5, 7, 8))


def settings(**keys):
    return SETTINGS.model_copy(update={"snapshot": SnapshotSettings.model_validate(keys)})


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ({}, "2020-07-01 07:00"),
        ({"at": "06:30"}, "2020-07-01 06:30"),
        ({"working_day": 3}, "2020-07-03 07:00"),
        ({"working_day": 4}, "2020-07-06 07:00"),  # over a weekend
        ({"working_day": 4, "calendar": "always"}, "2020-07-04 07:00"),
    ],
)
def test_when_its_time_has_come(sqlite_store, keys, first):
    measuring = Measuring(settings(**keys), sqlite_store)
    due = at(first)
    assert not is_due(measuring, due - 1)
    assert is_due(measuring, due)
    for later in range(due, at("2020-07-31 23:59"), 3600 * 7):
        assert is_due(measuring, later), "until the month's end, whenever one starts"
    assert not is_due(measuring, at("2020-08-01 00:00"))


def test_a_weekend_begins_the_month(sqlite_store):
    measuring = Measuring(SETTINGS, sqlite_store)
    assert not is_due(measuring, at("2020-08-02 12:00"))
    assert is_due(measuring, at("2020-08-03 07:00"))


def test_without_any_calendar_each_day_is_one(sqlite_store):
    bare = SETTINGS.model_copy(update={"calendars": {}})
    assert bare.snapshot_calendar is None


def test_it_is_frozen_once_and_tried_again_every_hour(sqlite_store, caplog):
    caplog.set_level(logging.INFO)
    fill(sqlite_store, read=at("2020-06-30 12:00"))
    froze(sqlite_store, MAY)
    now = [at("2020-07-01 06:59")]
    automatic, measuring = AutomaticFreezing(lambda: now[0]), Measuring(SETTINGS, sqlite_store)
    assert not automatic.run_if_due(measuring)
    assert caplog.records == []
    now[0] += 60
    assert not automatic.run_if_due(measuring)
    (line,) = [each.message for each in caplog.records]
    assert "2020-06 is incomplete" in line
    assert "desk" in line
    assert "phone" in line
    for source in ("desk", "phone"):
        polled(sqlite_store, source, now[0] + 30)
    now[0] += 60
    assert not automatic.run_if_due(measuring), "within the hour"
    now[0] += AGAIN
    assert automatic.run_if_due(measuring)
    assert "2020-06 is frozen: snapshot 2" in caplog.records[-1].message
    now[0] += AGAIN
    assert not automatic.run_if_due(measuring)
    assert len(caplog.records) == 2
    assert [head.first for head in sqlite_store.snapshots.heads()] == ["2020-05-01", "2020-06-01"]
    assert froze(sqlite_store).snapshot.content["incomplete"] == []


def test_a_second_process_does_no_harm(sqlite_store):
    fill(sqlite_store)
    now = at("2020-07-01 09:00")
    measuring = Measuring(SETTINGS, sqlite_store)
    assert AutomaticFreezing(lambda: now).run_if_due(measuring)
    assert not AutomaticFreezing(lambda: now).run_if_due(measuring)


def test_a_month_before_the_first_record_is_none(sqlite_store):
    save(sqlite_store, call(wait=3, entered="2020-07-01 05:00"), source="phone")
    for source in ("desk", "phone"):
        polled(sqlite_store, source, at("2020-07-01 06:00"))
    assert not AutomaticFreezing(lambda: at("2020-07-02 09:00")).run_if_due(
        Measuring(SETTINGS, sqlite_store)
    )
    assert sqlite_store.snapshots.heads() == []


def test_not_where_it_is_switched_off(sqlite_store):
    fill(sqlite_store)
    measuring = Measuring(settings(automatic=False), sqlite_store)
    assert not AutomaticFreezing(lambda: at("2020-07-02 09:00")).run_if_due(measuring)


def test_the_service_freezes_after_its_first_polls(sqlite_store):
    fill(sqlite_store)
    service = Service(SETTINGS, sqlite_store, lambda: at("2020-07-02 09:00"))
    service.freeze()
    assert sqlite_store.snapshots.heads() == [], "no source was asked yet"
    service._polled.update(SETTINGS.sources)
    service.measure()
    told = metrics_registry(SETTINGS, service.snapshot, Counters(), service.health)
    assert frozen_metrics(told) == {"last_month_frozen": 0.0, "months_missing": 1.0}
    service.freeze()
    assert len(sqlite_store.snapshots.heads()) == 1
    assert frozen_metrics(told) == {
        "last_month_frozen": 1.0,
        "last_month_timestamp_seconds": at("2020-07-02 09:00"),
        "months_missing": 0.0,
    }


def test_not_by_definitions_that_are_superseded(sqlite_store):
    fill(sqlite_store)
    service = Service(SETTINGS, sqlite_store, lambda: at("2020-07-02 09:00"))
    service._polled.update(SETTINGS.sources)
    service.measure()
    service.definitions.superseded = True
    service.freeze()
    assert sqlite_store.snapshots.heads() == []


def test_the_metric_is_absent_before_the_first_record(sqlite_store):
    live = Live(Measuring(SETTINGS, sqlite_store))
    live.refresh(at("2020-07-02 09:00"))
    health = HealthMonitor().refresh(live.measuring, at("2020-07-02 09:00"))
    told = metrics_registry(SETTINGS, lambda: live.snapshot, Counters(), lambda: health)
    assert frozen_metrics(told) == {"months_missing": 0.0}
    assert JUNE.name == "2020-06"


def frozen_metrics(told):
    prefix = "servicedesk_snapshot_"
    return {
        family.name.removeprefix(prefix): sample.value
        for family in told.collect()
        if family.name.startswith(prefix)
        for sample in family.samples
    }


def missing(store, now, **keys):
    """What the metrics say at an instant: last month frozen, months missing."""
    seen = HealthMonitor().refresh(Measuring(settings(**keys), store), now)
    return bool(seen.last_month_frozen), seen.months_missing


def read_again(store, now):
    for source in ("desk", "phone"):
        polled(store, source, now)


def test_a_month_that_was_left_behind_is_frozen_later(sqlite_store):
    """The sources could not be read for two months: all of it is frozen, the oldest first."""
    fill(sqlite_store)
    measuring, now = Measuring(SETTINGS, sqlite_store), [at("2020-09-02 09:00")]
    automatic = AutomaticFreezing(lambda: now[0])
    assert automatic.run_if_due(measuring), "June is whole, July and August are not"
    assert firsts(sqlite_store) == ["2020-06-01"]
    assert missing(sqlite_store, now[0]) == (False, 2)
    read_again(sqlite_store, now[0] + 10)
    now[0] += AGAIN
    assert automatic.run_if_due(measuring)
    assert firsts(sqlite_store) == ["2020-06-01", "2020-07-01", "2020-08-01"]
    assert missing(sqlite_store, now[0]) == (True, 0)


def test_none_is_forgotten_because_a_later_one_is_frozen(sqlite_store):
    fill(sqlite_store)
    read_again(sqlite_store, at("2020-09-02 08:00"))
    froze_at(sqlite_store, AUGUST, at("2020-09-02 08:30"))
    assert missing(sqlite_store, at("2020-09-02 09:00")) == (True, 2), "June and July"
    AutomaticFreezing(lambda: at("2020-09-02 09:00")).run_if_due(Measuring(SETTINGS, sqlite_store))
    assert firsts(sqlite_store) == ["2020-08-01", "2020-06-01", "2020-07-01"]


def test_months_before_the_store_was_used_are_left_alone(sqlite_store):
    """Records since January; in use since July: June is the first."""
    fill(sqlite_store)
    AutomaticFreezing(lambda: at("2020-07-02 09:00")).run_if_due(Measuring(SETTINGS, sqlite_store))
    assert firsts(sqlite_store) == ["2020-06-01"]


def test_a_first_use_by_a_clock_that_was_ahead_forgets_no_month(sqlite_store):
    """As recorded, the store is in use from August on; June is due in July all the same."""
    register(SETTINGS, sqlite_store, at("2020-08-05 09:00"))
    fill(sqlite_store)
    AutomaticFreezing(lambda: at("2020-07-02 09:00")).run_if_due(Measuring(SETTINGS, sqlite_store))
    assert firsts(sqlite_store) == ["2020-06-01"]


def test_a_stop_leaves_the_rest(sqlite_store):
    fill(sqlite_store)
    read_again(sqlite_store, at("2020-09-02 08:00"))
    now = at("2020-09-02 09:00")
    AutomaticFreezing(lambda: now, lambda: bool(sqlite_store.snapshots.heads())).run_if_due(
        Measuring(SETTINGS, sqlite_store)
    )
    assert firsts(sqlite_store) == ["2020-06-01"]


MONDAYS = {"calendar": "mondays", "working_day": 6}


def test_more_working_days_than_a_month_has(sqlite_store):
    """No July has six Mondays: June's time comes when July ends, and it is missing from then."""
    fill(sqlite_store)
    calendars = {"mondays": {**OFFICE, "hours": {"mon": ["08:00-17:00"]}}, "office": OFFICE}
    wanted = settings_of({"answered": CALLS}, calendars=calendars, snapshot=MONDAYS)
    measuring = Measuring(wanted, sqlite_store)
    assert not is_due(measuring, at("2020-07-31 06:59"))
    assert is_due(measuring, at("2020-07-31 07:00"))
    assert HealthMonitor().refresh(measuring, at("2020-07-31 12:00")).months_missing == 0
    assert HealthMonitor().refresh(measuring, at("2020-08-01 00:00")).months_missing == 1


def test_the_metric_waits_for_the_working_day_to_be_over(sqlite_store):
    fill(sqlite_store)
    assert missing(sqlite_store, at("2020-07-01 23:59")) == (False, 0)
    assert missing(sqlite_store, at("2020-07-02 00:00")) == (False, 1)
    assert missing(sqlite_store, at("2020-07-02 00:00"), working_day=2) == (False, 0)


def test_a_month_frozen_as_not_complete_is_completed(sqlite_store, caplog):
    caplog.set_level(logging.INFO)
    fill(sqlite_store, read=at("2020-06-30 23:50"))
    froze(sqlite_store, MAY)
    froze(sqlite_store, incomplete=True)
    now = [at("2020-07-02 09:00")]
    automatic, measuring = AutomaticFreezing(lambda: now[0]), Measuring(SETTINGS, sqlite_store)
    assert missing(sqlite_store, now[0]) == (False, 1)
    assert not automatic.run_if_due(measuring)
    assert "2020-06 is incomplete" in caplog.text
    read_again(sqlite_store, now[0])
    now[0] += AGAIN
    assert automatic.run_if_due(measuring)
    assert [head.kind for head in sqlite_store.snapshots.heads()] == [
        "freeze",
        "freeze",
        "amendment",
    ]
    assert latest(sqlite_store, JUNE).content["incomplete"] == []
    assert "complete now, beside what was frozen" in caplog.text
    assert missing(sqlite_store, now[0]) == (True, 0)
    now[0] += AGAIN
    assert not automatic.run_if_due(measuring)


def test_what_is_whole_now_is_frozen_beside_what_was_not_also_where_nothing_changed(sqlite_store):
    fill(sqlite_store, read=at("2020-06-30 23:59"))
    froze(sqlite_store, MAY)
    froze(sqlite_store, incomplete=True)
    read_again(sqlite_store, at("2020-07-01 00:00"))
    AutomaticFreezing(lambda: at("2020-07-01 09:00")).run_if_due(Measuring(SETTINGS, sqlite_store))
    assert latest(sqlite_store, JUNE).content["amends"]["changes"]["figures"] == []
    assert latest(sqlite_store, JUNE).content["incomplete"] == []


def test_an_older_month_that_is_not_complete_is_left_to_people(sqlite_store):
    fill(sqlite_store, read=at("2020-06-30 23:50"))
    froze(sqlite_store, MAY)
    froze(sqlite_store, incomplete=True)
    read_again(sqlite_store, at("2020-08-04 08:00"))
    froze_at(sqlite_store, JULY, at("2020-08-04 08:30"))
    assert missing(sqlite_store, at("2020-08-04 09:00")) == (True, 0)
    assert not AutomaticFreezing(lambda: at("2020-08-04 09:00")).run_if_due(
        Measuring(SETTINGS, sqlite_store)
    )


def test_a_row_that_was_tampered_with_stops_nothing(sqlite_store, sqlite_url):
    fill(sqlite_store)
    froze(sqlite_store)
    sql(sqlite_url, "UPDATE snapshots SET first = 'x', content = CAST('[]' AS BLOB)")
    assert missing(sqlite_store, at("2020-07-02 09:00")) == (False, 1)
    sql(sqlite_url, "UPDATE snapshots SET first = '2020-06-01'")
    assert missing(sqlite_store, at("2020-07-02 09:00")) == (False, 1), (
        "it does not say that it is whole"
    )


def froze_at(store, period, clock):
    return freeze(SETTINGS, store, FreezeRequest(period), lambda: clock)


def firsts(store):
    return [head.first for head in store.snapshots.heads()]


@pytest.mark.parametrize("wrong", [700, "7:00", "24:00", "07:00:00", None])
def test_a_time_of_day(wrong):
    with pytest.raises(ValueError, match='in quotes, as in "07:00"'):
        SnapshotSettings.model_validate({"at": wrong})
