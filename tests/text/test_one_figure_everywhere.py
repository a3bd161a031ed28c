"""One and the same figure on every surface: the strings are the same, to the character.

Live figures are measured on a store and shown by the terminal and the web page; a snapshot's record
of each is shown by the snapshot's table and the document. What is asserted is written by hand.
"""

from __future__ import annotations

from html.parser import HTMLParser
from io import BytesIO, StringIO

import docx as word
import pytest
import requests
from rich.console import Console
from starlette.applications import Starlette

from collector.cli.tables.board import print_board
from collector.cli.tables.forecasts import print_forecasts
from collector.config.delivery import MailTarget
from collector.measuring.engine.engine import Measuring
from collector.model.records import CallOutcome
from collector.report.content.report import Report
from collector.report.delivery.mail import message
from collector.report.delivery.parcel import Parcel
from collector.report.render.csv import csv_bytes
from collector.report.render.docx import docx
from collector.report.render.html import html
from collector.report.render.hyphens import SOFT
from collector.snapshot.as_figures import figures_of
from collector.store import Store
from collector.text.words import capital, words_in
from collector.web.desk import Desk
from collector.web.pages import page_routes
from dashboards import look
from tests.worlds.measured import CALLS, RESPONSE, at, call, polled, settings_of, ticket
from tests.worlds.report_world import content, figure, indicator, made
from tests.worlds.samples import save
from tests.worlds.serving import served

NOW = at("2020-07-15 12:00")
_MEAN = {"kind": "mean_duration", "from": "opened", "to": "resolved", "calendar": "office"}
INDICATORS = {
    "share": {**CALLS, "target": ">= 90%"},
    "near": {**CALLS, "target": ">= 87.3%"},
    "mean": {**_MEAN, "target": "<= 10 h"},
    "days": {**_MEAN, "target": "<= 10 business_days"},
    "count": {"kind": "count", "of": "calls", "target": ">= 1000"},
    "absence": {"kind": "manual", "unit": "%", "target": "> baseline 71.13",
                "values": [{"date": "2020-07-01", "value": 6.06}]},
    "money": {"kind": "manual", "unit": "tkr", "target": ">= 0 tkr",
              "values": [{"date": "2020-07-01", "value": -34559}]},
    "diploma": {"kind": "manual", "unit": "yes/no", "target": "yes",
                "values": [{"date": "2020-07-01", "value": False}]},
    "no_data": {**RESPONSE, "records": {"priority": "urgent"}},
}  # fmt: skip
EXPECTED = {
    # id: value and target in Swedish, then in English; _ is a no-break space
    "share": ("87,3_%", "minst 90_%", "87.3%", "at least 90%"),  # 349 of 400: half up
    "near": ("87,25_%", "minst 87,3_%", "87.25%", "at least 87.3%"),  # not quite its target
    "mean": ("2,3_h_arbetstid", "högst 10_h_arbetstid", "2.3_business_h", "at most 10_business_h"),
    "days": ("0,3_arbetsdagar", "högst 10_arbetsdagar",
             "0.3_business_days", "at most 10_business_days"),
    "count": ("400_samtal", "minst 1_000_samtal", "400_calls", "at least 1,000_calls"),
    "absence": ("6,06_%", "öka från 71,13", "6.06%", "increase from 71.13"),
    "money": ("−34_559_tkr", "minst 0_tkr", "−34,559_tkr", "at least 0_tkr"),
    "diploma": ("nej", "ja", "no", "yes"),
    "no_data": ("–", "minst 90_%", "–", "at least 90%"),
}  # fmt: skip
STATES = {
    "met": ("✓_Når målet", "✓_On target"),
    "at_risk": ("▲_Risk", "▲_At risk"),
    "missed": ("✗_Når inte målet", "✗_Off target"),
    "no_data": ("–_Ej mätt", "–_Not measured"),
    "too_few": ("·_För få ärenden", "·_Too few"),
    "stale": ("◷_Inaktuell", "◷_Stale"),
}
CASES = [(name, language) for name in EXPECTED for language in ("sv", "en")]


def expected(name, language):
    """Value and target."""
    chosen = EXPECTED[name][:2] if language == "sv" else EXPECTED[name][2:]
    return [text.replace("_", "\u00a0") for text in chosen]


def state_words(state, language):
    return STATES[state][language == "en"].replace("_", "\u00a0")


class Texts(HTMLParser):
    """The texts of a page, each element's by itself."""

    def __init__(self, page):
        super().__init__()
        self.texts = []
        self.feed(page)

    def handle_data(self, data):
        self.texts.append(data.strip(" \n"))


@pytest.fixture(scope="module")
def measuring(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('figures') / 'figures.db'}"
    with Store.open(url) as store:
        calls = (
            call(CallOutcome.ANSWERED, 5 if n < 349 else 60, number=str(n)) for n in range(400)
        )
        save(store, *calls, source="phone")
        save(store, ticket("2020-07-13 09:00", resolved_at="2020-07-13 11:15"))
        for name in ("desk", "phone"):
            polled(store, name, NOW - 60)
        yield Measuring(settings_of(INDICATORS), store)


@pytest.fixture(scope="module")
def figures(measuring):
    period = measuring.period("month", NOW)
    tallies = measuring.tallies(period.first, period.after, NOW)
    states = measuring.store.polls.states()
    found = measuring.figures(tallies, period, NOW, states, list(INDICATORS))
    return {each.indicator: each for each in found if each.organization is None}


@pytest.fixture(scope="module")
def pages(measuring):
    """Answers of the web application, by their address."""
    routes = page_routes(lambda: Desk(measuring, NOW))
    with served(Starlette(routes=routes)) as address, requests.Session() as session:
        yield lambda path: session.get(address + path, timeout=30).text


@pytest.fixture(scope="module")
def frozen(figures):
    """A snapshot's content with the same figures."""
    return content(*map(_record, figures.values()))


def _record(each):
    said = figure(
        each.good, each.eligible, each.state, value=each.value, unit=each.unit,
        target=each.target.text, threshold=each.threshold,
    )  # fmt: skip
    return indicator(
        each.indicator, said, kind=each.kind, unit=each.unit,
        shown_in=each.shown_in and list(each.shown_in), min_n=0, calendar=None,
        target={"text": each.target.text, "threshold": each.threshold,
                "higher_is_better": each.target.higher_is_better},
    )  # fmt: skip


def printed(show, *arguments):
    """What a table prints on a terminal that is wide enough, without its colours."""
    out = Console(file=StringIO(), width=200, highlight=False)
    show(*arguments, out)
    return out.file.getvalue()


@pytest.mark.parametrize(("name", "language"), CASES)
def test_terminal(figures, name, language):
    value, target = expected(name, language)
    board = printed(print_board, [figures[name]], "", language)
    forecast = printed(print_forecasts, [figures[name]], language)
    for table in (board, forecast):
        cells = [cell.strip(" ") for cell in table.splitlines()[-1].split("  ") if cell.strip(" ")]
        assert cells[1] == value
        assert target in cells
        assert state_words(figures[name].state, language) in cells


@pytest.mark.parametrize(("name", "language"), CASES)
def test_web_page(pages, figures, name, language):
    value, target = expected(name, language)
    texts = Texts(pages(f"/indicator/{name}?lang={language}")).texts
    assert value in texts
    assert target in texts
    assert state_words(figures[name].state, language) in texts


@pytest.mark.parametrize(("name", "language"), CASES)
def test_snapshot_table(frozen, name, language):
    value, target = expected(name, language)
    found = [each for each in figures_of(frozen, "year_to_date") if each.indicator == name]
    row = printed(print_board, found, "", language).splitlines()[-1]
    assert value in row
    assert target in row


@pytest.mark.parametrize("language", ["sv", "en"])
def test_document(frozen, language):
    """As a page and as a text of Word; a cell begins with a capital letter, and a figure that was
    not measured says so in words."""
    shown = made(frozen, language)
    page = Texts(html(shown, words_in(language)).decode()).texts
    tables = word.Document(BytesIO(docx(shown))).tables
    cells = [cell for each in tables for row in each.rows for cell in row.cells]
    runs = [
        run.text.replace(SOFT, "")
        for cell in cells
        for each in cell.paragraphs
        for run in each.runs
    ]
    for name in EXPECTED:
        value, target = expected(name, language)
        value = state_words("no_data", language) if name == "no_data" else value
        for texts in (page, runs):
            assert value in texts, name
            assert capital(target) in texts, name


@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_is_hidden_says_so_in_the_words_of_its_state(language):
    few = content(indicator("few", figure(2, 3, "too_few")))
    assert (
        state_words("too_few", language)
        in Texts(html(made(few, language), words_in(language)).decode()).texts
    )


def test_machines_are_given_numbers_as_they_are(frozen):
    rows = csv_bytes(Report(frozen, "en")).decode("utf-8-sig").splitlines()
    (row,) = (row for row in rows if row.startswith("share,") and ",year_to_date," in row)
    assert ",0.8725,ratio,>= 90%," in row


@pytest.mark.parametrize("language", ["sv", "en"])
def test_boards_have_the_words_and_colours_of_the_states(language):
    (mapping,) = look.states(language)
    texts = {each.text: each.color for each in mapping.options.values()}
    assert texts == {state_words(state, language): look.FILLS[state] for state in STATES}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_open_page_has_the_words_of_the_states(measuring, language, tmp_path):
    """No source was read: nothing is known of what is open."""
    with Store.open(f"sqlite:///{tmp_path / 'empty.db'}") as store:
        empty = Desk(Measuring(measuring.settings, store), NOW)
        with served(Starlette(routes=page_routes(lambda: empty))) as address:
            answer = requests.get(f"{address}/open?lang={language}", timeout=30)
    assert state_words("no_data", language) in Texts(answer.text).texts


@pytest.mark.parametrize(("language", "name"), [("sv", "juli 2020"), ("en", "July 2020")])
def test_a_period_has_one_name(pages, frozen, language, name):
    name = name.replace(" ", "\u00a0")
    assert Report(frozen, language).period == name
    page = Texts(pages(f"/indicator/share?period=2020-07&lang={language}")).texts
    assert capital(name) in page
    parcel = Parcel("ab" * 32, Report(frozen, language).period, language, ())
    target = MailTarget.model_validate(
        {"type": "mail", "host": "mail.example.org", "from": "a@example.org",
         "to": ["b@example.org"]}
    )  # fmt: skip
    mail = message(parcel, "committee", target, NOW).get_content()
    assert name in mail
