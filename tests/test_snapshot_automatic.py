"""Last month is frozen by the service: on its working day, when it is whole, once."""

import logging

import pytest
from frozen import JUNE, SETTINGS, fill, froze
from measured import at, call, polled
from samples import save

from collector.live import Live
from collector.measuring import Measuring
from collector.metrics import Counters, registry
from collector.service import Service
from collector.snapshot.automatic import AGAIN, Automatic, has_come
from collector.snapshot_settings import SnapshotSettings
from collector.store import Store


@pytest.fixture
def lone(sqlite_url):
    with Store.open(sqlite_url) as store:
        yield store


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
def test_when_its_time_has_come(lone, keys, first):
    measuring = Measuring(settings(**keys), lone)
    due = at(first)
    assert not has_come(measuring, due - 1)
    assert has_come(measuring, due)
    for later in range(due, at("2020-07-31 23:59"), 3600 * 7):
        assert has_come(measuring, later), "until the month's end, whenever one starts"
    assert not has_come(measuring, at("2020-08-01 00:00"))


def test_a_weekend_begins_the_month(lone):
    measuring = Measuring(SETTINGS, lone)
    assert not has_come(measuring, at("2020-08-02 12:00"))
    assert has_come(measuring, at("2020-08-03 07:00"))


def test_without_any_calendar_each_day_is_one(lone):
    bare = SETTINGS.model_copy(update={"calendars": {}})
    assert bare.snapshot_calendar is None


def test_it_is_frozen_once_and_tried_again_every_hour(lone, caplog):
    caplog.set_level(logging.INFO)
    fill(lone, read=at("2020-06-30 12:00"))
    now = [at("2020-07-01 06:59")]
    automatic, measuring = Automatic(lambda: now[0]), Measuring(SETTINGS, lone)
    assert not automatic.look(measuring)
    assert caplog.records == []
    now[0] += 60
    assert not automatic.look(measuring)
    (line,) = [each.message for each in caplog.records]
    assert "2020-06 is not complete" in line
    assert "desk" in line
    assert "phone" in line
    for source in ("desk", "phone"):
        polled(lone, source, now[0] + 30)
    now[0] += 60
    assert not automatic.look(measuring), "within the hour"
    now[0] += AGAIN
    assert automatic.look(measuring)
    assert "2020-06 is frozen: snapshot 1" in caplog.records[-1].message
    now[0] += AGAIN
    assert not automatic.look(measuring)
    assert len(caplog.records) == 2
    assert [head.first for head in lone.snapshot_heads()] == ["2020-06-01"]
    assert froze(lone).snapshot.content["incomplete"] == []


def test_a_second_process_does_no_harm(lone):
    fill(lone)
    now = at("2020-07-01 09:00")
    measuring = Measuring(SETTINGS, lone)
    assert Automatic(lambda: now).look(measuring)
    assert not Automatic(lambda: now).look(measuring)


def test_a_month_before_the_first_record_is_none(lone):
    save(lone, call(wait=3, entered="2020-07-01 05:00"), source="phone")
    for source in ("desk", "phone"):
        polled(lone, source, at("2020-07-01 06:00"))
    assert not Automatic(lambda: at("2020-07-02 09:00")).look(Measuring(SETTINGS, lone))
    assert lone.snapshot_heads() == []


def test_not_where_it_is_switched_off(lone):
    fill(lone)
    measuring = Measuring(settings(automatic=False), lone)
    assert not Automatic(lambda: at("2020-07-02 09:00")).look(measuring)


def test_the_service_freezes_after_its_first_polls(lone):
    fill(lone)
    service = Service(SETTINGS, lone, lambda: at("2020-07-02 09:00"))
    service.freeze()
    assert lone.snapshot_heads() == [], "no source was asked yet"
    service._polled.update(SETTINGS.sources)
    service.measure()
    told = registry(SETTINGS, lambda: service.live.snapshot, Counters())
    assert frozen_metrics(told) == {"frozen": 0.0}
    service.freeze()
    assert len(lone.snapshot_heads()) == 1
    assert frozen_metrics(told) == {"frozen": 1.0, "timestamp_seconds": at("2020-07-02 09:00")}


def test_not_by_definitions_that_are_superseded(lone):
    fill(lone)
    service = Service(SETTINGS, lone, lambda: at("2020-07-02 09:00"))
    service._polled.update(SETTINGS.sources)
    service.measure()
    service._superseded = True
    service.freeze()
    assert lone.snapshot_heads() == []


def test_the_metric_is_absent_before_the_first_record(lone):
    live = Live(Measuring(SETTINGS, lone))
    live.refresh(at("2020-07-02 09:00"))
    told = registry(SETTINGS, lambda: live.snapshot, Counters())
    assert frozen_metrics(told) == {}
    assert JUNE.name == "2020-06"


def frozen_metrics(told):
    prefix = "servicedesk_snapshot_last_month_"
    return {
        family.name.removeprefix(prefix): sample.value
        for family in told.collect()
        if family.name.startswith(prefix)
        for sample in family.samples
    }


@pytest.mark.parametrize("wrong", [700, "7:00", "24:00", "07:00:00", None])
def test_a_time_of_day(wrong):
    with pytest.raises(ValueError, match='in quotes, as in "07:00"'):
        SnapshotSettings.model_validate({"at": wrong})
