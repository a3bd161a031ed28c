"""A desk with one language: the other one appears nowhere that people look."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
import requests
import yaml

from collector.config.loading.load import load_settings
from collector.io.clock import now
from collector.model.periods import parse_period
from collector.report.delivery.bundles import parcels
from collector.report.delivery.mail import message
from collector.report.office import Office
from collector.service.service import Service
from collector.service.serving import web_app
from collector.snapshot import first_freeze
from collector.store import Store
from tests.worlds.commands import run_here
from tests.worlds.document_tools import plain_text
from tests.worlds.one_language import CALLS, MONTH, configuration
from tests.worlds.paths import FIXTURES
from tests.worlds.serving import served
from tests.worlds.vocabulary import found_in, only_in


@pytest.fixture(scope="module", params=["en", "sv"])
def desk(request, tmp_path_factory):
    """A desk with one language: read, and with its March frozen."""
    folder = tmp_path_factory.mktemp(request.param)
    exported = FIXTURES / "first_hour" / "tickets.csv"
    (folder / "tickets.csv").write_bytes(exported.read_bytes())
    (folder / "calls.csv").write_text(CALLS)
    file = folder / "servicedesk.yaml"
    file.write_text(yaml.safe_dump(configuration(request.param), allow_unicode=True))
    for command in (["check", "--offline"], ["poll"], ["snapshot", "freeze", MONTH]):
        done = run_here(*command, "--config", file)
        assert done.code == 0, done.err
    other = "sv" if request.param == "en" else "en"
    return SimpleNamespace(folder=folder, file=file, language=request.param, other=other)


@pytest.fixture(scope="module")
def english(desk):
    if desk.language != "en":
        pytest.skip("what machines and administrators read is in English for every desk")
    return desk


@pytest.fixture(scope="module")
def service(desk):
    settings = load_settings(desk.file)
    with Store.open(settings.store) as store:
        service = Service(settings, store)
        service.measure()
        service.look_back()
        yield service


@pytest.fixture(scope="module")
def site(service):
    with served(web_app(service)) as address:
        yield address


class Shown(HTMLParser):
    """What a reader of a page sees in its own language, and where its links lead; what is marked
    as English is left out of a Swedish page."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.links, self._foreign = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.links += [given[key] for key in ("href", "src", "id") if given.get(key)]
        self.texts += [given[key] for key in ("alt", "aria-label", "title") if given.get(key)]
        if tag in {"style", "script"} or (tag != "html" and "lang" in given):
            self._foreign.append(tag)

    def handle_endtag(self, tag):
        if self._foreign and self._foreign[-1] == tag:
            self._foreign.pop()

    def handle_data(self, data):
        if not self._foreign:
            self.texts.append(data)


NAMES = {"desk", "phone", "north", "open", "hold", "service", "snapshot"}
"""Words of the configuration, of its data and of commands, which are the same in any language."""


def foreign(language, text):
    """The words of a text that are of this language alone, and beside English also what only
    Swedish boards speak of."""
    found = found_in(text, language)
    if language == "en":
        found -= NAMES
    else:
        found |= {each.lower() for each in re.findall("municipal\\w*|tertial\\w*|tkr", text, re.I)}
    return found


def test_the_vocabulary_is_read_from_the_program():
    assert {"målet", "ärenden", "arbetstid", "och", "kommun", "försenade"} <= only_in("sv")
    assert {"target", "tickets", "business", "municipal", "overdue"} - only_in("en") == {
        "municipal"
    }


@pytest.mark.parametrize(
    "path",
    ["", "?period=month",
     "open", "open?lang=sv", "open?lang=en", "indicator/sick_leave", "indicator/diploma?lang=sv",
     *(f"indicator/{name}?period={period}" for name in ("urgent_response", "answered_20s", "volume")
       for period in ("week", "2026-03", "2026-01..2026-04"))],
)  # fmt: skip
def test_pages(desk, site, path):
    for accepted in ("sv-SE,sv;q=0.9", "en-GB,en;q=0.9", "de", ""):
        answer = requests.get(f"{site}/{path}", headers={"Accept-Language": accepted}, timeout=30)
        assert answer.status_code == 200
        assert f'<html lang="{desk.language}"' in answer.text
        shown = Shown(answer.text)
        assert not [link for link in shown.links if f"lang={desk.other}" in link]
        if desk.language == "en" or not path.startswith("indicator"):
            assert foreign(desk.other, " ".join(shown.texts)) == set()  # definitions have keys


@pytest.mark.parametrize("path", ["metrics", "readyz"])
def test_plain_pages(english, site, path):
    text = requests.get(f"{site}/{path}", headers={"Accept-Language": "sv"}, timeout=30).text
    assert foreign("sv", text) == set()
    assert "_sv=" not in text


def test_runbooks(english, site):
    for file in sorted((FIXTURES.parents[1] / "docs/runbooks").glob("*.md")):
        page = requests.get(f"{site}/runbook/{file.stem}", timeout=30).text
        assert not {word for word in page.lower().split() if set(word) & set("åäö")}, file.name


@pytest.mark.parametrize("deploy", ["prometheus", "grafana"])
def test_boards_and_alerts(english, deploy, tmp_path, monkeypatch):
    monkeypatch.setenv("SERVICEDESK_KPI_SET", f"alerts.deploy={deploy}")
    done = run_here("provision", "--out", tmp_path, "--config", english.file)
    assert done.code == 0, done.err
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.stem for file in written} >= {
        "servicedesk-today-en",
        "servicedesk-organizations-en",
    }
    for file in written:
        text = file.read_text(encoding="utf-8")
        text = text.replace("httpMethod: POST", "")
        assert foreign("sv", f"{file.name} {text}") == set(), file.name
        assert "_sv" not in text
        assert "-sv" not in text


def test_swedish_boards_and_alerts(desk, tmp_path):
    if desk.language != "sv":
        pytest.skip("of the other desk")
    assert run_here("provision", "--out", tmp_path, "--config", desk.file).code == 0
    boards = sorted(file.stem for file in tmp_path.rglob("*.json"))
    assert boards
    assert all(name.endswith("-sv") for name in boards)
    rules = yaml.safe_load(next(tmp_path.rglob("*.rules.yml")).read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            texts = rule["annotations"]
            said = {name for name in texts if not name.endswith("_url")}
            assert said == {"summary", "description"}
            assert found_in(texts["description"], "sv")


@pytest.fixture(scope="module")
def report(desk):
    forms = "html,csv,xlsx,docx,json,pdf"
    out = desk.folder / "out"
    done = run_here("report", MONTH, "--out", out, "--format", forms, "--config", desk.file)
    assert done.code == 0, done.err
    return out


@pytest.mark.parametrize("form", ["html", "csv", "xlsx", "docx", "json", "pdf"])
def test_documents(desk, report, form):
    (file,) = report.glob(f"*.{form}")
    assert ("-en" in file.stem, "-sv" in file.stem) == (
        (False, False) if form == "json" else (desk.language == "en", desk.language == "sv")
    )
    text = said_by(file, links=desk.language == "en")
    if form == "json":
        assert {f'"{each}":' in text for each in ("sv", "en")} == {True, False}
        assert f'"{desk.other}":' not in text
        if desk.language == "sv":
            return  # its keys and codes are English
        text = text.replace('"tertials":"separate"', "")  # a setting's name, in every definition
    if form in {"csv", "xlsx"} and desk.language == "sv":
        return  # the names of columns are those of data
    assert foreign(desk.other, text) == set()


def said_by(file, *, links):
    """The text of a document, as far as people read it; with ``links`` also where these lead."""
    if file.suffix in {".docx", ".xlsx"}:
        with ZipFile(BytesIO(file.read_bytes())) as parts:
            texts = [parts.read(name).decode() for name in parts.namelist() if ".xml" in name]
        # the names of styles and types are no texts
        return " ".join(re.findall(r"<(?:w:|x:)?t(?: [^>]*)?>([^<]*)<", " ".join(texts)))
    if file.suffix == ".html":
        shown = Shown(file.read_text(encoding="utf-8"))
        return " ".join([*shown.texts, *(shown.links if links else ())])
    return plain_text(file) if file.suffix == ".pdf" else file.read_text(encoding="utf-8-sig")


def test_mail(desk):
    settings = load_settings(desk.file)
    with Store.open(settings.store) as store:
        snapshot = first_freeze(store, parse_period(MONTH, date(2026, 4, 1)))
    (parcel,) = parcels(settings, snapshot, [], Office(), None)
    mail = message(parcel, "board", settings.delivery.targets["board"], now())
    body = mail.get_body().get_content()
    assert foreign(desk.other, f"{mail['Subject']} {body}") == set()


@pytest.mark.parametrize(
    "command",
    [
        ["measure", "--period", MONTH, "--by", "organization", "--compare", "--distribution"],
        ["forecast"],
        ["explain", "urgent_response", "--period", MONTH],
        ["what-if", "--period", MONTH, "--set", "indicators.answered_20s.within=60s"],
        ["snapshot", "show", MONTH],
    ],
)
def test_terminal(english, command):
    done = run_here(*command, "--config", english.file)
    assert done.code == 0, done.err
    assert foreign("sv", done.out + done.err) == set()


def test_snapshots_verify_print_and_compare(desk):
    for command in (["verify"], ["show", MONTH], ["compare", MONTH]):
        done = run_here("snapshot", *command, "--config", desk.file)
        assert done.code == 0, done.err


def test_the_other_language_is_refused(desk):
    for command in (["measure", "--period", MONTH], ["report", MONTH], ["snapshot", "show", MONTH]):
        done = run_here(*command, "--language", desk.other, "--config", desk.file)
        assert done.code == 2
        assert f"--language {desk.other}: is not in use (languages: [{desk.language}])" in done.err
