"""The page of calls: its parts add up to what measuring gives; what is unknown is not zero."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from statistics import median

import pytest
import requests
from starlette.applications import Starlette

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live, marked_stale
from collector.measuring.engine.questions import period_figures
from collector.model.queues import QueueNow
from collector.model.records import CallOutcome
from collector.store import PollResult, Store
from collector.web.calls_today import QUARTER, calls_content
from collector.web.desk import Desk
from collector.web.pages import page_routes
from tests.worlds.boards_desk import NOW
from tests.worlds.measured import CALLS, at, call, settings_of
from tests.worlds.samples import save
from tests.worlds.serving import served

NIGHT = at("2020-07-15 00:00")
LOST = (
    CallOutcome.ABANDONED, CallOutcome.TIMEOUT, CallOutcome.EMPTY, CallOutcome.WITHDRAWN,
    CallOutcome.UNANSWERED,
)  # fmt: skip


def content(desk, queue=None, number=1):
    return calls_content(desk, queue, number, "en")


@pytest.fixture
def store(sqlite_url):
    with Store.open(sqlite_url) as found:
        yield found


def _desk(store, *read, as_of=None, now=NOW):
    settings = settings_of(
        {"answered": CALLS, "late": {**CALLS, "within": "60s"}},
        sources={
            name: {"type": "csv_calls", "path": f"{name}.csv", "every": "60s"}
            for name in ("phone", "other")
        },
    )
    for name in read:
        store.polls.record(
            PollResult(source=name, started_at=now - 5, finished_at=now, ok=True, as_of=as_of)
        )
    measuring = Measuring(settings, store)
    return Desk(measuring, now, Live(measuring).refresh(now))


@pytest.fixture
def today():
    """Sixty calls of every outcome in two queues."""
    rng = Random(7)
    return [
        call(
            rng.choice([*CallOutcome][:-1] + [CallOutcome.ANSWERED] * 9),
            rng.choice((3, 19, 21, 59, 61, 200)),
            rng.randrange(NIGHT + 8 * 3600, NOW - 300),
            str(number),
            queue=rng.choice(("it", "växel")),
        )
        for number in range(60)
    ]


@pytest.fixture
def busy(store, today):
    """The desk of that day."""
    save(store, *today, source="phone")
    return _desk(store, "phone", "other")


def test_the_limits_are_those_that_measuring_gives(desk):
    measured, _ = period_figures(desk.measuring, desk.measuring.period("today", NOW), NOW, None)
    figures = {each.indicator: each for each in measured if each.organization is None}
    shown = {each.indicator: each for each in content(desk).limits}
    assert {name: each.within for name, each in shown.items()} == {
        "answered": 20, "answered_60s": 60,
    }  # fmt: skip
    for name, each in shown.items():
        own = figures[name]
        assert (each.value, each.good, each.eligible, each.pending, each.state) == (
            own.value, own.good, own.eligible, own.pending, own.state,
        )  # fmt: skip


def test_the_quarter_hours_add_up_to_the_day(busy, today):
    found = content(busy)
    for name in ("calls", "answered", "lost"):
        assert getattr(found, name) == sum(getattr(each, name) or 0 for each in found.quarters)
    refused = sum(each.outcome is CallOutcome.REFUSED for each in today)
    assert found.refused == refused > 0
    today = [each for each in today if each.outcome is not CallOutcome.REFUSED]
    assert found.calls == len(today) == found.answered + found.lost + found.open + found.otherwise
    for limit in found.limits:
        parts = [w for q in found.quarters for w in q.within if w.indicator == limit.indicator]
        assert (sum(w.good for w in parts), sum(w.eligible for w in parts)) == (
            limit.good, limit.eligible,
        )  # fmt: skip
    starts = [int(each.start.timestamp()) for each in found.quarters]
    assert starts == list(range(starts[0], NOW + 1, QUARTER))
    for start, each in zip(starts, found.quarters, strict=True):
        assert (each.calls or 0) == sum(start <= one.entered_at < start + QUARTER for one in today)


def test_answers_and_losses_are_counted_by_hand(busy, today):
    found = content(busy)
    waits = [each.wait_seconds for each in today if each.outcome is CallOutcome.ANSWERED]
    assert found.mean_wait == pytest.approx(sum(waits) / len(waits))
    assert len(found.lost_calls) == found.lost
    told = [each.wait_seconds for each in today if each.outcome in LOST]
    assert sorted(each.waited for each in found.lost_calls) == sorted(told)
    assert (found.lost_median, found.lost_longest) == (median(told), max(told))
    times = [each.at for each in found.lost_calls]
    assert times == sorted(times, reverse=True)


def test_who_waits_is_told_by_queue(desk):
    assert [(each.queue, each.callers, each.longest) for each in content(desk).waiting] == [
        ("it", 1, 45), ("växel", 0, None),
    ]  # fmt: skip
    assert [each.queue for each in content(desk, "it").waiting] == ["it"]


def test_the_telephone_system_itself_is_believed_first(desk):
    now = {"ami": [QueueNow("it", waiting=2, longest_wait=70, logged_in=3, ready=1)]}
    (told,) = content(replace(desk, queues=now)).waiting
    assert (told.callers, told.longest, told.agents, told.ready) == (2, 70, 3, 1)
    unread = replace(desk, published=None, queues=now)
    assert content(unread).calls is None
    assert content(unread).waiting == [told]
    silent = {"ami": [QueueNow("it")]}
    assert [each.callers for each in content(replace(desk, queues=silent)).waiting] == [1, 0]


def test_the_queues_are_parts_of_the_whole(busy):
    whole, parts = content(busy), [content(busy, each) for each in ("it", "växel")]
    for name in ("calls", "answered", "lost", "open", "otherwise"):
        assert getattr(whole, name) == sum(getattr(each, name) for each in parts)
    for index, limit in enumerate(whole.limits):
        assert limit.eligible == sum(each.limits[index].eligible for each in parts)
        for each in parts:
            own = each.limits[index]
            assert own.state is None, "a target is for the whole"
            assert own.value == (own.good / own.eligible if own.eligible else None)


def test_old_data_are_said_to_be_old(desk):
    old = Desk(desk.measuring, NOW, marked_stale(desk.published))
    found = content(old)
    assert found.doubt == "stale"
    assert {each.state for each in found.limits} <= {"stale", None}
    assert found.waiting is None, "who waited a while ago is not who waits now"


def test_what_was_not_read_is_not_zero(store):
    save(store, call("answered", 3, "2020-07-15 09:00"), source="phone")
    for desk in (_desk(store), _desk(store, "phone"), replace(_desk(store), published=None)):
        found = content(desk)
        assert found.doubt == "no_data"
        assert (found.calls, found.lost, found.mean_wait, found.waiting) == (None,) * 4
        assert not found.quarters


def test_quarter_hours_after_an_export_are_not_known(store):
    """The file ends at 10:20; what came later is not in it, however often it is read."""
    save(store, call("answered", 3, "2020-07-15 09:50"), source="phone")
    found = content(_desk(store, "phone", "other", as_of=at("2020-07-15 10:20")))
    shown = {f"{each.start:%H:%M}": (each.calls, each.known) for each in found.quarters}
    assert shown["09:45"] == (1, True)
    assert shown["10:00"] == (0, True)
    assert shown["10:15"] == (0, False)
    assert shown["10:30"] == shown["12:00"] == (None, False)
    assert found.waiting is None
    assert f"{found.known_until:%H:%M}" == "10:20"


def test_a_wait_that_is_not_recorded_is_not_zero(store):
    save(
        store,
        call("answered", None, "2020-07-15 09:00", "1"),
        call("answered", 10, "2020-07-15 09:01", "2"),
        call("abandoned", None, "2020-07-15 09:02", "3"),
        source="phone",
    )
    found = content(_desk(store, "phone", "other"))
    assert (found.answered, found.timed, found.mean_wait) == (2, 1, 10)
    assert (found.lost, found.lost_median, found.lost_calls[0].waited) == (1, None, None)


def test_a_day_of_25_hours_has_100_quarters(store):
    end = at("2020-10-25 23:59:59")
    save(store, call("answered", 3, "2020-10-25 00:00"), source="phone")
    found = content(_desk(store, "phone", "other", now=end))
    assert len(found.quarters) == 100
    assert found.quarters[-1].start.isoformat() == "2020-10-25T23:45:00+01:00"


def test_a_whole_busy_day_is_a_small_page(store):
    """Calls day and night, in every quarter hour answered in time, late, and lost."""
    minutes = range(0, 24 * 60, 2)
    save(
        store,
        *(
            call(
                "abandoned" if n % 3 == 0 else "answered",
                (4, 44)[n // 2 % 2],
                NIGHT + 60 * n,
                str(n),
                queue="it-support",
            )
            for n in minutes
        ),
        source="phone",
    )
    desk = _desk(store, "phone", "other", now=at("2020-07-15 23:59:59"))
    with served(Starlette(routes=page_routes(lambda: desk))) as address:
        answer = requests.get(f"{address}/calls?lang=sv", timeout=30)
    assert answer.status_code == 200
    assert answer.text.count("<rect") > 180
    assert len(answer.content) < 100_000


def test_in_both_languages(site):
    english = requests.get(f"{site}/calls?lang=en", timeout=30).text
    assert "Average speed of answer" in english
    assert "it: 1, longest 0:00:45" in english
    swedish = requests.get(f"{site}/calls?lang=sv&queue=it", timeout=30).text
    assert "Samtal i dag · it" in swedish
    assert "Tappade samtal" in swedish


def test_a_queue_that_is_not_there(site):
    answer = requests.get(f"{site}/api/v1/calls?queue=nothing", timeout=30)
    assert (answer.status_code, answer.json()) == (
        400, {"error": "queue: 'nothing' is not one of it, växel"},
    )  # fmt: skip
