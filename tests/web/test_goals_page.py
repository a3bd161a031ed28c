"""The first page: its figures are those of the engine, its order and words those of the desk."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import requests
from starlette.applications import Starlette

from collector.config.settings import Goal
from collector.measuring.engine.forecasting import forecasts
from collector.measuring.engine.live import marked_stale
from collector.measuring.engine.questions import period_figures
from collector.model.bilingual import Text
from collector.model.queues import QueueNow
from collector.web.desk import Desk, source_ages
from collector.web.goals_content import WORST_FIRST, goals_content
from collector.web.pages import page_routes
from collector.web.waiting import WaitingNow
from collector.web.wall_content import wall_content
from tests.worlds.boards_desk import NOW
from tests.worlds.serving import served

PERIODS = ["today", "week", "month", "last_month", "year_to_date", "2019-07", "2020-05", "2020-07"]


def rows(content):
    return {row.indicator: row for group in content.groups for row in group.rows}


@pytest.mark.parametrize("period", PERIODS)
def test_its_figures_are_those_that_measuring_gives(desk, period):
    measured, _ = period_figures(desk.measuring, desk.measuring.period(period, NOW), NOW, None)
    for organization in (None, "Laxå"):
        own = [each for each in measured if each.organization == organization]
        shown = rows(goals_content(desk, period, organization, "en"))
        assert shown
        assert shown.keys() == {each.indicator for each in own}
        for each in own:
            now = shown[each.indicator].now
            assert (now.value, now.state) == (each.value, each.state)
            if each.is_measured:
                assert (now.n, now.pending) == (each.eligible, each.pending)


def test_what_is_expected_is_what_the_forecast_gives(desk):
    shown = rows(goals_content(desk, "month", None, "en"))
    for each in forecasts(desk.measuring, NOW, None)[0]:
        if each.organization is None:
            outlook, found = each.outlook, shown[each.indicator]
            expected = found.forecast
            assert expected.value == (outlook and outlook.value)
            if outlook is not None:
                assert (expected.low, expected.high) == (outlook.low, outlook.high)
                assert expected.chance == outlook.chance
            assert (found.rest.misses_left, found.rest.required) == (
                each.misses_left, each.required,
            )  # fmt: skip


def test_the_trend_is_thirteen_months_with_the_target(desk):
    found = rows(goals_content(desk, "month", None, "en"))
    months = [f"2019-{n:02}" for n in range(7, 13)] + [f"2020-{n:02}" for n in range(1, 8)]
    for name in ("urgent", "answered", "handling", "costs"):
        assert [each.month for each in found[name].months] == months
    assert {each.target for each in found["urgent"].months} == {0.9}
    assert found["tickets"].months[-1].value is None, "a count that is not over is no fall"
    assert found["tickets"].months[-2].value is not None


def test_goals_are_grouped_and_the_worst_comes_first(desk):
    settings = desk.settings
    goals = {
        "live": Goal(level="council", title=Text(sv="Leva", en="Live")),
        "serve": Goal(level="board", title=Text(sv="Service", en="Serve"), under="live"),
    }
    indicators = {
        name: each.model_copy(
            update={"goal": {"urgent": "serve", "normal": "serve", "answered": "live"}.get(name)}
        )
        for name, each in settings.indicators.items()
    }
    changed = settings.model_copy(update={"goals": goals, "indicators": indicators})
    measuring = type(desk.measuring)(changed, desk.measuring.store)
    content = goals_content(Desk(measuring, NOW, desk.published), "month", None, "sv")
    assert [(each.council, each.board) for each in content.groups] == [
        ("Leva", "Service"), ("Leva", None), (None, None),
    ]  # fmt: skip
    assert {row.indicator for row in content.groups[0].rows} == {"urgent", "normal"}
    for group in content.groups:
        ranks = [WORST_FIRST.index(row.now.state) for row in group.rows]
        assert ranks == sorted(ranks)
    assert sum(content.states.values()) == sum(
        r.now.state is not None for r in rows(content).values()
    )


def test_what_is_open_now(desk):
    whole, own = (goals_content(desk, "month", each, "en") for each in (None, "Laxå"))
    counted = desk.published.open_work.tickets
    assert whole.open.open == sum(each.open for each in counted.values())
    assert whole.open.overdue == sum(each.overdue for each in counted.values())
    assert own.open.open == sum(n.open for (_, name), n in counted.items() if name == "Laxå")
    assert 0 < own.open.open < whole.open.open
    assert whole.open.next_due_in == int(whole.open.next_due.timestamp()) - NOW


def test_who_waits_is_what_the_telephone_system_says_now_or_else_the_records(desk):
    recorded = WaitingNow(callers=1, longest=45, live_from=[], by_records=True)
    assert goals_content(desk, "month", None, "en").waiting == recorded
    both = {"ami": [QueueNow("it", 2, 70), QueueNow("växel", 0)], "other": [QueueNow("vip", 1, 9)]}
    live = replace(desk, queues=both)
    told = WaitingNow(callers=3, longest=70, live_from=["ami", "other"], by_records=False)
    for published in (desk.published, None, marked_stale(desk.published)):
        found = goals_content(replace(live, published=published), "month", None, "en")
        assert found.waiting == told
        assert wall_content(replace(live, published=published), "month", None, "en").waiting == told
    silent = replace(desk, queues={"ami": [QueueNow("it")]})
    assert goals_content(silent, "month", None, "en").waiting == recorded
    old = replace(desk, published=marked_stale(desk.published))
    assert goals_content(old, "month", None, "en").waiting is None


def test_a_queue_of_which_the_telephone_system_does_not_speak_is_not_forgotten(desk):
    elsewhere = replace(desk, queues={"ami": [QueueNow("vip", 2, 30)]})
    assert goals_content(elsewhere, "month", None, "en").waiting == WaitingNow(
        callers=3, longest=45, live_from=["ami"], by_records=True
    )


@pytest.mark.parametrize(
    ("language", "live", "records", "unknown"),
    [
        ("en", "at this moment, from ami", "by the records", "not known"),
        ("sv", "just nu, från ami", "enligt posterna", "inte känt"),
    ],
)
def test_the_tile_says_who_tells_it(desk, language, live, records, unknown):
    def tile(shown):
        with served(Starlette(routes=page_routes(lambda: shown))) as address:
            text = requests.get(f"{address}/?lang={language}", timeout=30).text
        return re.search(r'<a class="tile[^>]*href="calls[^>]*>(.*?)</a>', text, re.DOTALL)[1]

    assert records in tile(desk)
    now = tile(replace(desk, queues={"ami": [QueueNow("it", 2, 70)]}))
    assert live in now
    assert records not in now
    assert unknown in tile(replace(desk, published=marked_stale(desk.published)))


def test_before_the_first_measurement_nothing_is_claimed(desk):
    content = goals_content(Desk(desk.measuring, NOW), "month", None, "en")
    assert (content.groups, content.states, content.open, content.calls) == ([], {}, None, None)
    assert content.measured_at is None


def test_a_source_that_was_never_read_leaves_the_open_work_unknown(desk):
    unread = replace(desk.published, stale={"calls": False})
    content = goals_content(Desk(desk.measuring, NOW, unread), "month", None, "en")
    assert content.open is None
    assert content.has_tickets
    assert content.calls is not None


def test_old_figures_are_stale_and_never_green(desk):
    old = marked_stale(desk.published)
    content = goals_content(Desk(desk.measuring, NOW, old), "month", None, "en")
    assert set(content.states) == {"stale"}
    for row in rows(content).values():
        assert {row.now.state, row.month.state, row.year_to_date.state} <= {"stale", None}
    assert content.open.stale
    assert content.calls.stale


def test_the_age_of_every_source_is_told_in_words(desk):
    told = {each.source: (each.text, each.state) for each in source_ages(desk, "en")}
    assert told == {
        "desk": ("read just now", None),
        "phone": ("read 10\N{NO-BREAK SPACE}min ago", None),
        "other": ("read just now", None),
    }
    later = Desk(desk.measuring, NOW + 7200, desk.published)
    old = ("läst för 2\N{NO-BREAK SPACE}h sedan", "stale")
    assert [(each.text, each.state) for each in source_ages(later, "sv")] == [old] * 3


def test_the_page_says_it_in_both_languages(site):
    english = requests.get(f"{site}/", timeout=30, headers={"Accept-Language": "en"}).text
    assert "Goals and indicators" in english
    assert "✗\N{NO-BREAK SPACE}Off target" in english
    assert "read just now" in english
    swedish = requests.get(f"{site}/?lang=sv", timeout=30).text
    assert "Mål och indikatorer" in swedish
    assert '<a href="open?lang=sv"' in swedish


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("period=2018-01", "period: '2018-01' is not one of today, week"),
        ("period=2020", "nor one of the months 2019-07 to 2020-07"),
        ("organization=Nora", "organization: 'Nora' is not one of the configured ones"),
        ("lang=fi", "lang: 'fi' is neither sv nor en"),
    ],
)
def test_wrong_questions(site, query, says):
    for path in ("/", "/api/v1/goals"):
        answer = requests.get(f"{site}{path}?{query}", timeout=30)
        assert answer.status_code == 400
        assert says in answer.text
