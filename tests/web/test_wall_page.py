"""The wall: the worst first, readable from afar, and never better than what is known."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette

from collector.measuring.engine.live import marked_stale
from collector.web import wall_content as content_module
from collector.web.desk import Desk
from collector.web.pages import page_routes
from collector.web.standing import parted
from collector.web.wall_content import wall_content
from collector.web.wall_page import WallPage
from tests.worlds.boards_desk import NOW
from tests.worlds.serving import served

GOOD = ("✓", "On target")


def content(desk, period="month"):
    return wall_content(desk, period, None, "en")


def test_its_figures_are_the_published_ones_the_worst_first(desk):
    figures = desk.figures("month", None)
    tiles = content(desk).tiles
    assert {each.indicator: (each.now.value, each.now.state) for each in tiles} == {
        name: (figure.value, figure.state) for name, figure in figures.items()
    }
    states = [each.now.state for each in tiles]
    order = ["missed", "at_risk", "stale", "no_data", "too_few", "met", None]
    assert states == sorted(states, key=order.index)
    assert states[0] == "missed"


def test_of_two_misses_the_greater_comes_first(desk):
    figures = desk.figures("month", None)
    gaps = []
    for tile in content(desk).tiles:
        figure = figures[tile.indicator]
        if figure.state == "missed":
            sign = 1 if figure.target.higher_is_better else -1
            gaps.append(sign * (figure.threshold - figure.value) / abs(figure.threshold))
    assert len(gaps) > 1
    assert gaps == sorted(gaps, reverse=True)


def test_what_has_no_room_is_counted(desk, monkeypatch):
    whole = content(desk)
    monkeypatch.setattr(content_module, "MOST", 3)
    found = content(desk)
    assert found.tiles == whole.tiles[:3]
    assert sum(found.more.values()) == len(whole.tiles) - 3
    for state, n in found.more.items():
        rest = [each.now.state or "none" for each in whole.tiles[3:]]
        assert rest.count(state) == n


def test_nothing_is_on_target_when_it_is_old(desk):
    old = Desk(desk.measuring, NOW + 7200, marked_stale(desk.published))
    found = content(old)
    assert {each.now.state for each in found.tiles} <= {"stale", None}
    assert found.open.stale
    assert found.waiting is None
    assert [each.source for each in found.troubled] == ["desk", "phone", "other"]


def test_before_the_first_measurement_nothing_is_known(desk):
    found = content(Desk(desk.measuring, NOW, None))
    assert (found.measured_at, found.tiles, found.open, found.waiting) == (None, [], None, None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("71.9%", ("71.9%", "")),
        ("71,9\u00a0%", ("71,9\u00a0%", "")),
        ("1\u00a0579\u00a0kEUR", ("1\u00a0579", "kEUR")),
        ("2.6\u00a0business\u00a0days", ("2.6", "business\u00a0days")),
        ("–", ("–", "")),
    ],
)
def test_a_unit_is_set_apart(text, parts):
    assert parted(text) == parts


SCREENS = [(1920, 1080), (3840, 2160), (1280, 720)]


@pytest.mark.integration
def test_it_fits_on_the_screen_and_can_be_read_from_three_metres(browser: Any, site: str) -> None:
    """A letter of 1/45 of the height is 12 mm on a screen of 43 inches: three times what normal
    sight can tell apart at three metres."""
    tab = browser.new_page()
    for pixels, high in SCREENS:
        tab.set_viewport_size({"width": pixels, "height": high})
        for language in ("sv", "en"):
            tab.goto(f"{site}/wall?lang={language}")
            size = tab.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
            )
            assert size == [pixels, high]
            small = tab.evaluate(
                "[...document.querySelectorAll('.figures h2, .figures .says, .fact span')]"
                ".map(each => parseFloat(getComputedStyle(each).fontSize))"
            )
            assert min(small) >= high / 45
            outside = tab.evaluate(
                "[...document.querySelectorAll('.value, .says, .target')].filter(each =>"
                " each.getBoundingClientRect().right >"
                " each.closest('li, .more').getBoundingClientRect().right)"
                ".map(each => each.textContent)"
            )
            assert outside == []
    tab.close()


@pytest.mark.integration
def test_it_says_that_the_server_is_gone_and_comes_back_with_it(
    browser: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WallPage, "EVERY", 1)
    tab = browser.new_page()
    gone = [False]

    def now() -> Desk:
        if gone[0]:
            raise ConnectionError("the server is restarting")
        return desk

    with served(Starlette(routes=page_routes(now))) as address:
        tab.goto(f"{address}/wall?lang=en")
        assert any(each in tab.inner_text("#wall") for each in GOOD)
        gone[0] = True
        tab.locator("#lost:not(:empty)").wait_for()
        assert "No contact with the server since" in tab.inner_text("#lost")
        assert not any(each in tab.inner_text("body") for each in GOOD)
        assert "◷" in tab.inner_text("#wall")
        gone[0] = False
        tab.locator("#lost:empty").wait_for(state="attached")
        assert any(each in tab.inner_text("#wall") for each in GOOD)
        tab.context.set_offline(True)
        tab.locator("#lost:not(:empty)").wait_for()
        assert not any(each in tab.inner_text("body") for each in GOOD)
        tab.context.set_offline(False)
        tab.locator("#lost:empty").wait_for(state="attached")
    tab.locator("#lost:not(:empty)").wait_for()
    assert not any(each in tab.inner_text("body") for each in GOOD)
    tab.close()
