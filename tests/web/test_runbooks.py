"""The runbooks as pages of the collector."""

import re
from urllib.parse import urljoin

import pytest
import requests
from starlette.applications import Starlette

from collector.measuring.engine.engine import Measuring
from collector.store import Store
from collector.web.desk import Desk
from collector.web.pages import page_routes
from collector.web.runbook_page import runbook_folder
from tests.worlds.measured import CALLS, at, settings_of
from tests.worlds.serving import served

NOW = at("2020-07-15 12:00")

NAMES = sorted(file.stem for file in runbook_folder().glob("*.md"))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('runbooks')}/store.db") as store:
        desk = Desk(Measuring(settings_of({"calls": CALLS}), store), NOW)
        with served(Starlette(routes=page_routes(lambda: desk))) as found:
            yield found


FOLDERS = {"en": runbook_folder(), "sv": runbook_folder() / "sv"}
PARTS = {
    "en": ("Who is affected:", "Look at", "Do", "Silence rightly:"),
    "sv": ("Vilka drabbas:", "Titta på", "Gör så här", "Rätt sätt att tysta:"),
}
_CODE = re.compile(r"`([^`]+)`")


@pytest.mark.parametrize("language", FOLDERS)
@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_page_in_every_language(address, name, language):
    answer = requests.get(f"{address}/runbook/{name}?lang={language}", timeout=10)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    first = (FOLDERS[language] / f"{name}.md").read_text().splitlines()[0]
    assert first.startswith("# ")
    assert f"<h1>{first[2:]}</h1>" in answer.text
    assert f"<title>{first[2:]} · Servicedesk KPI</title>" in answer.text
    for part in PARTS[language]:
        assert f"<strong>{part}" in answer.text


@pytest.mark.parametrize("name", NAMES)
def test_languages_name_the_same_metrics_commands_and_keys(name):
    """A translation that misses a step, or names another metric, leads astray at night."""
    named = {
        language: sorted(_CODE.findall(" ".join((folder / f"{name}.md").read_text().split())))
        for language, folder in FOLDERS.items()
    }
    assert named["sv"] == named["en"]


def test_no_runbook_is_left_out_in_swedish():
    assert sorted(file.stem for file in FOLDERS["sv"].glob("*.md")) == NAMES


def test_the_reader_is_shown_their_own_language(address):
    page = f"{address}/runbook/source-stale"
    swedish = requests.get(page, headers={"Accept-Language": "sv-SE,sv;q=0.9"}, timeout=10).text
    assert "<strong>Rätt sätt att tysta:</strong>" in swedish
    assert '<html lang="sv"' in swedish
    assert '<a href="source-rejecting">' in swedish
    chosen = requests.get(f"{page}?lang=sv", timeout=10).text
    assert '<a href="source-rejecting?lang=sv">' in chosen


@pytest.mark.parametrize(
    "name", ["nothing", "..%2Falerts", "README.md", "%3Cscript%3E", "a" * 5000]
)
def test_what_is_none_is_said(address, name):
    answer = requests.get(f"{address}/runbook/{name}", timeout=10)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")


def test_what_there_is_is_named(address):
    text = requests.get(f"{address}/runbook/nothing", timeout=10).text
    assert text == f"there is no runbook 'nothing'; there are: {', '.join(NAMES)}\n"


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_page(address, name):
    page = f"{address}/runbook/{name}"
    for link in re.findall(r'href="([^"]+)"', requests.get(page, timeout=10).text):
        assert requests.get(urljoin(page, link), timeout=10).status_code == 200, link


def test_there_are_links(address):
    text = requests.get(f"{address}/runbook/source-stale", timeout=10).text
    assert '<a href="source-rejecting">source-rejecting</a>' in text
    other = requests.get(f"{address}/runbook/day-below-target", timeout=10).text
    assert "(why:\nalerts.md)" in other
