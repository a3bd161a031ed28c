"""Every page in a real browser: it loads without complaint, and can be read by everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette

from collector.measuring.engine.live import marked_stale
from collector.service.service import Service
from collector.web.desk import Desk
from collector.web.goals_page import GoalsPage
from collector.web.pages import PAGES, page_routes
from tests.worlds.browser import complaints, width
from tests.worlds.serving import served

PATHS = {
    "/": "goals",
    "/?period=2020-06&organization=Lax%C3%A5": "goals",
    "/open": "open",
    "/calls": "calls",
    "/sources": "sources",
    "/wall": "wall",
    "/indicator/urgent?period=2020-06&verdict=missed": "indicator",
    "/indicator/urgent?period=2020-07&record=desk/late&weekday=2&sort=-time": "indicator",
    "/indicator/answered?period=year_to_date": "indicator",
    "/indicator/costs?period=year_to_date": "indicator",
    "/what-if?indicator=urgent&month=2020-06&within=3600&closes=1080": "what-if",
    "/months": "months",
    "/months/2020-06": "month",
    "/runbook/source-stale": "runbook",
}
"""Addresses of the desk of ``boards_desk``, and the page that each is of."""

pytestmark = pytest.mark.integration


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    opened = browser.new_page()
    opened.said = []
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    yield opened
    opened.close()


def test_every_page_is_looked_at() -> None:
    assert {each.NAME for each in PAGES} == set(PATHS.values())


@pytest.mark.parametrize("path", PATHS)
def test_a_page_can_be_read_by_everybody(tab: Any, site: str, path: str) -> None:
    """axe-core finds nothing in both languages. Colours are those of no language: they are looked
    at in both themes of one. Nothing is wider than the screen: 320 px is the reflow of WCAG 2.2
    (1.4.10), 3840 px a wall."""
    for language, schemes in (("sv", ("light", "dark")), ("en", ("light",))):
        answer = tab.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status == 200
        assert tab.evaluate("document.documentElement.lang") == language
        grounds = set()
        for scheme in schemes:
            tab.emulate_media(color_scheme=scheme)
            grounds.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
            assert complaints(tab, colours=language == "sv") == []
        assert len(grounds) == len(schemes)
        for pixels in (320, 1280, 3840):
            tab.set_viewport_size({"width": pixels, "height": 900})
            assert width(tab) <= pixels
    assert tab.said == []


def test_a_filter_applies_at_once_and_the_way_back_works(tab: Any, site: str) -> None:
    tab.goto(f"{site}/")
    with tab.expect_navigation():
        tab.select_option("select[name=organization]", "Laxå")
    assert tab.url == f"{site}/?period=year_to_date&organization=Lax%C3%A5"
    assert tab.locator("h1").inner_text() == "Goals and indicators · Laxå"
    tab.go_back()
    assert tab.url == f"{site}/"
    assert tab.locator("select[name=organization]").is_enabled()


def test_after_the_way_back_the_filter_is_that_of_the_figures(tab: Any, site: str) -> None:
    """A browser keeps what was chosen last on the page that it comes back to."""
    tab.goto(f"{site}/?period=month")
    chosen = """() => {
      const [period, organization] = document.querySelectorAll("form.filter select");
      [period.value, organization.value] = ["today", "Laxå"];
      dispatchEvent(new Event("pageshow"));
      return [period.value, organization.value];
    }"""
    assert tab.evaluate(chosen) == ["month", ""]


def test_the_theme_is_remembered(tab: Any, site: str) -> None:
    tab.emulate_media(color_scheme="light")
    tab.goto(f"{site}/")
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.click("#theme")
    dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    tab.goto(f"{site}/open")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_keyboard_skips_to_the_content(tab: Any, site: str) -> None:
    tab.goto(f"{site}/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"


def test_an_open_page_keeps_itself_fresh_and_says_when_it_cannot(
    tab: Any, whole_desk: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GoalsPage, "EVERY", 1)
    shown = [desk]
    assert desk.published is not None
    with served(Starlette(routes=page_routes(lambda: shown[0]))) as address:
        tab.goto(f"{address}/")
        assert tab.locator(".verdict .stale").count() < tab.locator(".verdict .state").count()
        link = tab.locator("#goals a").nth(1)
        link.focus()
        where = link.get_attribute("href")
        shown[0] = Desk(desk.measuring, desk.now, marked_stale(desk.published))
        tab.wait_for_function(
            "document.querySelectorAll('.verdict .stale').length"
            " === document.querySelectorAll('.verdict .state').length"
        )
        assert tab.locator("#lost").inner_text() == ""
        assert tab.evaluate("document.activeElement.getAttribute('href')") == where

        tab.route(f"{address}/", lambda route: route.fulfill(body="<form>Log in</form>"))
        tab.wait_for_function("document.getElementById('lost').textContent !== ''")
        tab.unroute(f"{address}/")
        tab.wait_for_function("document.getElementById('lost').textContent === ''")
    tab.wait_for_function("document.getElementById('lost').textContent !== ''")
    assert "The server does not answer. The page shows how it was at" in (
        tab.locator("#lost").inner_text()
    )


@pytest.mark.parametrize("path", ["/", "/wall"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_five_past_midnight_is_neither_24_nor_12_nor_of_the_browsers_zone(
    browser: Any, site: str, path: str, language: str
) -> None:
    context = browser.new_context(timezone_id="America/New_York")
    opened = context.new_page()
    opened.clock.install(time="2020-07-14T00:05:10+02:00")
    opened.goto(f"{site}{path}?lang={language}")
    context.set_offline(True)
    opened.clock.run_for(20_000)
    opened.locator("#lost", has_text=re.compile(r"\b00:05\b(?! [AP]M)")).wait_for()
    days_ago = opened.evaluate("clockTime(new Date(Date.now() - 3 * 86400000))")
    assert re.search(r"\b11\b.*\b00:05", days_ago), "without its day it would look like today"
    context.close()


def test_the_time_left_counts_down_while_the_desk_is_open(tab: Any, site: str) -> None:
    tab.goto(f"{site}/open?lang=en")
    row = tab.locator("tr", has=tab.locator("a, th", has_text="desk/soon")).locator(".ticking")
    before = row.first.inner_text()
    tab.wait_for_function(
        "before => ![...document.querySelectorAll('.ticking')].some(e => e.textContent === before)",
        arg=before,
    )
    hours, minutes, seconds = map(int, row.first.inner_text().split(":"))
    first = [int(each) for each in before.split(":")]
    assert 0 < (first[0] - hours) * 3600 + (first[1] - minutes) * 60 + first[2] - seconds < 60


def test_closed_hours_leave_the_time_left_alone(tab: Any, site: str) -> None:
    """The calendar opens in five seconds of the page's own time, and closes in another case."""
    tab.goto(f"{site}/open?lang=en")
    shown = tab.evaluate(
        """() => {
          const made = [["0", "100"], ["1", "5"]].map(([open, changes]) => {
            const each = document.createElement("span");
            Object.assign(each.dataset, { left: "3600", open, changes });
            each.since = performance.now() - 60000;
            each.className = "ticking";
            document.body.append(each);
            return each;
          });
          countDown();
          return made.map((each) => each.textContent);
        }"""
    )
    assert shown == ["1:00:00", "0:59:55"]


def test_time_that_is_used_up_meanwhile_does_not_look_like_time_left(tab: Any, site: str) -> None:
    tab.goto(f"{site}/open?lang=en")
    shown = """() => {
      const each = document.querySelector(".ticking");
      Object.assign(each.dataset, { left: "10", open: "1", changes: "" });
      each.since = performance.now() - 60000;
      countDown();
      return each.textContent;
    }"""
    assert tab.evaluate(shown) == "\N{MINUS SIGN}0:00:50"


def test_records_are_sorted_and_chosen_by_links(tab: Any, site: str) -> None:
    tab.goto(f"{site}/indicator/urgent?period=2020-06&lang=en")
    tab.click("table.stack thead a:has-text('Time')")
    tab.wait_for_url("**sort=-time**")
    assert tab.locator("th[aria-sort=descending]").inner_text().startswith("Time")
    tab.click("section[aria-label=Weekday] a:has-text('Monday')")
    tab.wait_for_url("**weekday=1**")
    assert "weekday Monday" in tab.locator(".chosen").inner_text()
    with tab.expect_download() as download:
        tab.click("text=All of them as CSV")
    assert download.value.suggested_filename == "urgent-2020-06.csv"
    tab.go_back()
    assert "weekday" not in tab.url


def test_without_a_script_the_filter_has_a_button(browser: Any, site: str) -> None:
    opened = browser.new_context(java_script_enabled=False).new_page()
    opened.goto(f"{site}/")
    opened.select_option("select[name=organization]", "Laxå")
    opened.click("form.filter button")
    assert "organization=Lax%C3%A5" in opened.url
    opened.context.close()
