"""Pages at every usual size of a window, and with what desks have that demos have not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from collector.service.service import Service
from collector.service.serving import web_app
from collector.store import PollResult, Store
from collector.web.pages import PAGES
from tests.web.screenshots import FOLDER, SHOTS
from tests.worlds import boards_desk
from tests.worlds.boards_desk import NOW, calls, tickets
from tests.worlds.browser import width
from tests.worlds.measured import CALLS, MEAN, RESPONSE, settings_of
from tests.worlds.samples import save
from tests.worlds.serving import served

pytestmark = pytest.mark.integration

HTML = '<b>Hej</b><script>document.title = "run"</script> & "x"'
LONG = "Verksamhetssystemsförvaltningsorganisationens-gemensamma-incidenthanteringsrutin"
WIDTHS = (1000, 1024, 1100, 1280, 1366, 1440, 1600, 1696, 1920, 2560)
CUT_OFF = """[...document.querySelectorAll(".scroll:not(.day)")]
    .filter(each => each.scrollWidth > each.clientWidth).length"""


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    opened = browser.new_page(locale="sv-SE")
    yield opened
    opened.close()


@pytest.mark.parametrize("path", ["/", "/?period=week", "/open", "/indicator/urgent"])
def test_no_column_is_cut_off_at_a_usual_width(tab: Any, site: str, path: str) -> None:
    """In Swedish, whose words are the longer ones: "5,0 arbetsdagar", "Når inte målet"."""
    tab.goto(site + path)
    for pixels in WIDTHS:
        tab.set_viewport_size({"width": pixels, "height": 900})
        assert tab.evaluate(CUT_OFF) == 0, f"{pixels} px"


def test_on_a_phone_the_newest_end_of_a_drawing_is_seen_first(tab: Any, site: str) -> None:
    tab.set_viewport_size({"width": 360, "height": 740})
    for path in ("/calls", "/indicator/urgent"):
        tab.goto(site + path)
        hidden = """[...document.querySelectorAll(".latest")].map(each =>
            each.querySelector("svg").getBoundingClientRect().right
            - each.getBoundingClientRect().right)"""
        found = tab.evaluate(hidden)
        assert found
        assert max(found) <= 1


def test_a_quarter_hour_of_calls_is_one_line_on_a_phone(tab: Any, site: str) -> None:
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto(f"{site}/calls")
    rows = tab.locator(".quarters tbody tr")
    assert rows.count() > 10
    heights = rows.evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert sum(heights) / len(heights) < 40


def test_the_pages_of_a_phone_leave_room_for_what_they_show(tab: Any, site: str) -> None:
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto(f"{site}/")
    assert tab.locator("header.top").evaluate("each => each.offsetHeight") < 100


@pytest.fixture
def odd_site(tmp_path: Path) -> Iterator[str]:
    """A desk whose names are markup, or far too long, and that has 40 indicators more."""
    names = [HTML, LONG]
    more = {
        f"more_{n}": {**RESPONSE, "within": f"{n}min", "title": {"sv": f"{LONG} {n}", "en": LONG}}
        for n in range(1, 38)
    }
    settings = settings_of(
        {
            "marked": {**RESPONSE, "title": {"sv": HTML, "en": HTML}},
            "long": {**MEAN, "title": {"sv": LONG * 2, "en": LONG * 2}},
            "calls": {**CALLS, "title": {"sv": LONG, "en": HTML}},
            **more,
        },
        priorities=["urgent", HTML],
        organizations=names,
    )
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        own = [
            replace(
                each,
                id=f"{names[n % 2]}{n}",
                organization=names[n % 2],
                team=names[n % 2],
                priority="urgent" if n % 3 else HTML,
            )
            for n, each in enumerate([*tickets()][-60:])
        ]
        save(store, *own, source="desk")
        save(store, *(replace(each, queue=HTML) for each in [*calls()][-60:]), source="phone")
        for source in ("desk", "phone"):
            store.polls.record(
                PollResult(source=source, started_at=NOW - 9, finished_at=NOW - 8, ok=True)
            )
        service = Service(settings, store, clock=lambda: NOW)
        service.measure()
        with served(web_app(service)) as address:
            yield address


def test_names_are_text_and_break_where_there_is_no_room(tab: Any, odd_site: str) -> None:
    for path in ("", "open", "calls", "indicator/marked", "indicator/long", "what-if", "wall"):
        tab.goto(f"{odd_site}/{path}")
        assert tab.title() != "run"
        assert tab.locator("main b", has_text="Hej").count() == 0
        for pixels in (320, 1280):
            tab.set_viewport_size({"width": pixels, "height": 900})
            assert width(tab) <= pixels, path


def test_forty_indicators_are_a_page_below_100_kb(odd_site: str) -> None:
    answer = requests.get(f"{odd_site}/?period=week&lang=sv", timeout=30)
    assert answer.status_code == 200
    assert len(answer.content) < 100_000


def test_a_desk_without_tickets_is_told_so(tmp_path: Path) -> None:
    phone = {"phone": {"type": "csv_calls", "path": "calls.csv"}}
    settings = settings_of({"answered": CALLS}, sources=phone)
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        app = web_app(Service(settings, store, clock=lambda: NOW))
        with served(app) as address:
            page = requests.get(f"{address}/open?lang=en", timeout=30).text
    assert "No ticket system is configured among the sources." in page


def test_an_address_that_is_none_says_so_in_the_language_of_its_reader(site: str) -> None:
    browser = {"Accept": "text/html", "Accept-Language": "sv"}
    page = requests.get(f"{site}/nothing", headers=browser, timeout=30)
    assert page.status_code == 404
    assert "<p>sidan finns inte</p>" in page.text
    assert '<a href=".">Till målen</a>' in page.text
    chosen = requests.get(f"{site}/nothing?lang=en", headers=browser, timeout=30)
    assert "<p>there is no such page</p>" in chosen.text
    assert '<a href="open?lang=en">Open</a>' in chosen.text.replace("\n", "")
    deep = requests.get(f"{site}/indicator/nobody?lang=en", headers=browser, timeout=30)
    assert '<a href="../.?lang=en">To the goals</a>' in deep.text


def test_business_time_after_the_deadline_is_drawn_as_missed(site: str) -> None:
    late = requests.get(f"{site}/indicator/urgent?record=desk/late&lang=en", timeout=30).text
    assert "business time after the deadline" in late
    soon = requests.get(f"{site}/indicator/urgent?record=desk/soon&lang=en", timeout=30).text
    assert "business time to the deadline" in soon
    assert "business time after the deadline" not in soon


def test_records_of_a_mean_meet_nothing(site: str) -> None:
    page = requests.get(f"{site}/indicator/handling?period=month&lang=en", timeout=30).text
    assert '<td role="cell" class="verdict">counted</td>' in page
    assert "✓&nbsp;met" not in page


def test_a_store_that_cannot_be_read_is_said_on_every_page(tmp_path: Path) -> None:
    """Figures that were measured before stay; what must be read answers 503, with a way on."""
    with boards_desk.desk(f"sqlite:///{tmp_path}/store.db") as service:
        with closing(sqlite3.connect(tmp_path / "store.db")) as broken:
            names = broken.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                broken.execute(f'ALTER TABLE "{name}" RENAME TO "gone_{name}"')
            broken.commit()
        with served(web_app(service)) as address:
            for path in ("", "sources", "wall", "what-if"):
                assert requests.get(f"{address}/{path}", timeout=30).status_code == 200, path
            for path in ("open", "calls", "months", "months/2020-06", "indicator/urgent"):
                said = requests.get(
                    f"{address}/{path}",
                    headers={"Accept": "text/html", "Accept-Language": "sv"},
                    timeout=30,
                )
                assert said.status_code == 503, path
                assert "Databasen svarar inte" in said.text
                assert "Till målen" in said.text


def test_what_is_known_until_yesterday_is_not_taken_for_today(tmp_path: Path) -> None:
    day = 86_400
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        save(store, *[*tickets()][-60:], source="desk")
        save(store, *[*calls()][-60:], source="phone")
        for source in ("desk", "phone"):
            store.polls.record(
                PollResult(source=source, started_at=NOW - day - 32, finished_at=NOW - day, ok=True)
            )
        service = Service(settings_of({"answered": CALLS}), store, clock=lambda: NOW)
        service.measure()
        with served(web_app(service)) as address:
            page = requests.get(f"{address}/calls?lang=en", timeout=30).text
            first = requests.get(f"{address}/?lang=en", timeout=30).text
    assert "Known until Tue 2020-07-14 11:59:28." in page
    tiles = first.partition('<div class="tiles">')[2].partition("</aside>")[0]
    assert tiles.count("Stale") >= 3, "each count that rests on old data says so"


def test_every_page_has_a_picture_in_the_documents() -> None:
    names = {each.name for each in SHOTS}
    assert {each.NAME for each in PAGES} <= names
    text = (FOLDER.parent / "pages.md").read_text(encoding="utf-8")
    for name in names:
        assert f"(pages/{name}.png)" in text
        assert (FOLDER / f"{name}.png").is_file()
    assert {each.stem for each in FOLDER.iterdir()} == names, "no picture is left over"
