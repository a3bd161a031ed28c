"""The pages as people use them, in a real browser: what lives, what can be shared,
and the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from collector.service.service import Service
from collector.service.serving import web_app
from collector.store import Store
from collector.web.goals_page import GoalsPage
from collector.web.open_page import OpenPage
from collector.web.runbook_page import runbook_folder
from tests.worlds.browser import width
from tests.worlds.measured import RESPONSE, at, polled, settings_of, ticket
from tests.worlds.samples import save
from tests.worlds.serving import served

pytestmark = pytest.mark.integration

SLIDERS = "what-if?indicator=urgent&month=2020-06"


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    opened = browser.new_page()
    opened.said = []
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    yield opened
    assert opened.said == []
    opened.close()


def _what_if(site: str, query: str) -> dict[str, Any]:
    answer = requests.get(f"{site}/api/v1/what-if?{query}", timeout=30)
    found: dict[str, Any] = answer.json()["page"]
    return found


def test_a_slider_answers_by_the_keyboard_and_its_address_can_be_shared(
    tab: Any, site: str, browser: Any
) -> None:
    tab.goto(f"{site}/{SLIDERS}&lang=en")
    before = tab.locator("[aria-labelledby=otherwise] .big").inner_text()
    assert before == tab.locator("[aria-labelledby=in-force] .big").inner_text()
    tab.focus("input[name=within]")
    for _ in range(6):
        tab.keyboard.press("ArrowRight")
    assert tab.locator("label:has([name=within]) output").inner_text() == "1\N{NO-BREAK SPACE}h"
    assert tab.get_attribute("input[name=within]", "aria-valuetext") == "1\N{NO-BREAK SPACE}h"
    tab.wait_for_url("**within=3600**")
    expected = _what_if(site, "indicator=urgent&month=2020-06&within=3600&lang=en")
    shown = "[aria-labelledby=otherwise] .big"
    after = expected["what_if"]["figure"]["text"]
    assert after != before
    tab.locator(shown, has_text=after).wait_for()
    assert tab.evaluate("document.activeElement.name") == "within"

    other = browser.new_page()
    other.goto(tab.url)
    assert other.locator(shown).inner_text() == expected["what_if"]["figure"]["text"]
    assert other.input_value("input[name=within]") == "3600"
    other.close()

    with tab.expect_navigation():
        tab.click("a[hreflang=sv]")
    assert tab.input_value("input[name=within]") == "3600"
    swedish = _what_if(site, "indicator=urgent&month=2020-06&within=3600&lang=sv")
    assert tab.locator(shown).inner_text() == swedish["what_if"]["figure"]["text"]
    with tab.expect_navigation():
        tab.select_option("select[name=month]", "2020-05")
    assert tab.input_value("input[name=within]") == "3600"
    tab.go_back()
    assert "month=2020-06" in tab.url


def test_sliders_that_cannot_be_so_are_explained(tab: Any, site: str) -> None:
    tab.goto(f"{site}/{SLIDERS}&opens=990")
    tab.focus("input[name=closes]")
    tab.keyboard.press("Home")
    tab.locator("#status", has_text="is not before").wait_for()


def test_sliders_work_without_a_script(browser: Any, site: str) -> None:
    opened = browser.new_context(java_script_enabled=False).new_page()
    opened.goto(f"{site}/{SLIDERS}&lang=en")
    opened.focus("input[name=within]")
    opened.keyboard.press("End")
    opened.click("form.levers button")
    assert "within=7200" in opened.url
    expected = _what_if(site, "indicator=urgent&month=2020-06&within=7200&lang=en")
    shown = opened.locator("[aria-labelledby=otherwise] .big").inner_text()
    assert shown == expected["what_if"]["figure"]["text"]
    opened.context.close()


def test_by_the_keyboard_alone_to_a_document(tab: Any, site: str) -> None:
    """From the first page to the months, to the month, to its data as CSV."""
    tab.goto(f"{site}/?lang=en")

    def follow(address: str) -> None:
        for _ in range(60):
            tab.keyboard.press("Tab")
            if tab.evaluate("document.activeElement.getAttribute('href') || ''").startswith(
                address
            ):
                outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none"
                return
        raise AssertionError(f"no way to {address}")

    for address in ("months?", "months/2020-06"):
        follow(address)
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
    follow("../months/2020-06/en.csv")
    with tab.expect_download() as begun:
        tab.keyboard.press("Enter")
    assert begun.value.suggested_filename == "servicedesk-2020-06-en-draft.csv"
    tab.go_back()
    assert tab.url.startswith(f"{site}/months?")


def test_no_runbook_is_wider_than_a_phone(tab: Any, site: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 800})
    for file in sorted(runbook_folder().glob("*.md")):
        for language in ("sv", "en"):
            tab.goto(f"{site}/runbook/{file.stem}?lang={language}")
            assert width(tab) <= 320, (file.stem, language)


def test_an_open_page_shows_a_new_breach_and_a_dead_source(
    tab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in (GoalsPage, OpenPage):
        monkeypatch.setattr(page, "EVERY", 1)
    now = [at("2020-07-14 10:00")]
    settings = settings_of(
        {"urgent": {**RESPONSE, "records": {"priority": "urgent"}}},
        sources={"desk": {"type": "csv_tickets", "path": "tickets.csv", "every": "60s"}},
    )
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        save(store, ticket("2020-07-14 09:45", "7", priority="urgent", status="new"))
        polled(store, "desk", now[0])
        service = Service(settings, store, clock=lambda: now[0])
        service.measure()
        with served(web_app(service)) as address:
            tab.goto(f"{address}/open?lang=en")
            assert tab.locator(".state.missed").count() == 0
            now[0] += 20 * 60
            polled(store, "desk", now[0])
            service.measure()
            tab.wait_for_selector(".state.missed")
            assert "desk/7" in tab.locator("tr:has(.state.missed)").inner_text()
            tab.wait_for_selector("#ages .stale", state="detached")

            tab.goto(f"{address}/?lang=en")
            assert tab.locator("#goals .state.stale").count() == 0
            now[0] += 60 * 60
            service.measure()
            tab.wait_for_selector("#ages .stale")
            tab.wait_for_selector("#goals .state.stale")
            assert tab.locator("#lost").inner_text() == ""
