"""The page of a figure: what it shows, and what it answers to wrong questions."""

import csv
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
import requests
from starlette.applications import Starlette

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.model.records import CallOutcome
from collector.store import Store
from collector.web.desk import Desk
from collector.web.indicator_page import IndicatorPage
from collector.web.pages import page_routes
from collector.web.parameters import Question
from tests.worlds.measured import CALLS, MEAN, RESPONSE, at, call, polled, settings_of, ticket
from tests.worlds.samples import save
from tests.worlds.serving import served

NOW = at("2020-07-15 12:00")
VERSION = {"versions": [{"valid_from": "2020-07-14", "within": "20min"}]}
HAND = {"kind": "manual", "unit": "%", "target": "< baseline 5%", "values": [
    {"date": "2020-06-30", "value": 5.5, "comment": "<b>Late</b>"}]}  # fmt: skip


class Page(HTMLParser):
    """The words of a page, its links, and whether its tags are balanced."""

    VOID = frozenset({"meta", "br", "input", "link"})

    def __init__(self, text):
        super().__init__()
        self.words, self.links, self.open = [], [], []
        self.feed(text)
        assert self.open == []
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag not in self.VOID and tag != "option":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "option":
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Asks the page, which changes nothing."""
    indicators = {"one": {**RESPONSE, **VERSION}, "mean": MEAN, "calls": CALLS, "hand": HAND}
    indicators["team"] = {**RESPONSE, "records": {"team": "Servicedesk"}}
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('page')}/store.db") as store:
        save(
            store,
            ticket("2020-07-13 09:00", "1", first_response_at="2020-07-13 09:25",
                   organization="Laxå", url="https://desk.example.org/1"),
            ticket("2020-07-14 09:00", "2", first_response_at="2020-07-14 09:25",
                   organization="Askersund", url="javascript:alert(1)"),
            ticket("2020-07-15 11:50", "<i>3</i>", organization="Laxå", team="<b>Service Desk</b>"),
            ticket("2020-05-15 09:00", "=1+1", organization="Laxå"),
            *(ticket(f"2020-06-15 09:{n // 60:02}:{n % 60:02}", f"j{n}") for n in range(230)),
        )  # fmt: skip
        lost = call(CallOutcome.ANSWERED, None, "2020-06-15 09:00", "2")
        save(store, call(CallOutcome.ANSWERED, 5), lost, source="phone")
        polled(store, "desk", NOW - 7200)
        measuring = Measuring(settings_of(indicators), store)
        app = Starlette(routes=page_routes(lambda: Desk(measuring, NOW)))
        with served(app) as address, requests.Session() as session:
            yield lambda path, **more: session.get(address + path, timeout=30, **more)


def page(client, address, language="en"):
    answer = client(address, headers={"accept-language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def test_a_figure_with_its_records(client):
    found = page(client, "/indicator/one")  # the present month
    assert "50.0% 1 of 2" in found.text
    assert "at least 90%" in found.text
    assert "◷ Stale" in found.text
    assert "pending 1" in found.text
    assert "from 2020-07-14: one: limit: 30 min → 20 min" in found.text
    assert "desk/<i>3</i>" in found.text  # text, and no markup
    assert "0:25:00 0:30:00" in found.text
    assert "0:25:00 0:20:00" in found.text
    clock = page(client, "/indicator/one?record=desk/2")
    assert "elapsed 0:25:00 > 0:20:00 limit" in clock.text
    assert "office hours: time zone Europe/Stockholm Monday–Friday" in found.text
    for path in ("indicators.", "calendars.", "rules.", "sources."):
        assert path not in found.text, "the definition is in words"
    assert "https://desk.example.org/1" in found.links
    assert not [link for link in found.links if link.startswith("javascript")]


def test_of_one_organization_period_and_verdict(client):
    found = page(client, "/indicator/one?organization=Lax%C3%A5&period=2020-07&verdict=met")
    assert "Measure · Laxå" in found.text
    assert "100.0% 1 of 1" in found.text
    assert "desk/1" in found.text
    assert "desk/2" not in found.text


def test_it_says_what_is_asked_in_vain_and_what_was_seen(client):
    place, seen = "indicators.team.records.team", "'Servicedesk'; {}: <b>Service Desk</b>"
    english = page(client, "/indicator/team").text
    assert f"Asked in vain {place}: no record has team {seen.format('seen')}" in english
    swedish = page(client, "/indicator/team", "sv").text
    assert f"{place}: ingen post har grupp {seen.format('sedda')}" in swedish
    assert "Asked in vain" not in page(client, "/indicator/one").text


def test_it_says_what_its_figure_leaves_out_for_want_of_data(client):
    left_out = "indicators.calls: 1 of 1 calls are left out of the figure: 1 unknown wait"
    assert left_out in page(client, "/indicator/calls?period=2020-06").text
    assert "left out of the figure" not in page(client, "/indicator/calls?period=2020-07").text


def test_in_both_languages(client):
    swedish = page(client, "/indicator/one", "sv-SE,sv;q=0.9,en;q=0.8")
    assert "50,0 % 1 av 2" in swedish.text
    assert "◷ Inaktuell" in swedish.text
    assert "Målvärde" in swedish.text
    (other,) = [link for link in swedish.links if "lang=en" in link]
    assert "Target" in page(client, f"/indicator/one{other}", "sv").text
    assert "Target" in page(client, "/indicator/one", "de").text


def test_an_hour_is_a_number_of_two_digits(client):
    assert client("/indicator/one?period=2020-06&hour=09").status_code == 200
    assert client("/indicator/one?period=2020-06&hour=0010").status_code == 400


def test_many_records_come_page_by_page(client):
    address, seen = "/indicator/one?period=2020-06", 0
    for number, wanted in enumerate((50, 50, 50, 50, 30), start=1):
        found = page(client, address)
        rows = found.text.count("timeline desk/j")
        assert rows == wanted
        seen += rows
        more = [link for link in found.links if f"page={number + 1}" in link and "lang" not in link]
        address = f"/indicator/one{more[0]}" if more else ""
    assert (seen, address) == (230, "")


def test_json_of_many_records_comes_page_by_page_too(client):
    address, ids, numbers = "/api/v1/indicator/one?period=2020-06", [], []
    while address:
        answer = client(address)
        page = answer.json()["page"]
        ids += [each["id"] for each in page["records"]]
        numbers.append(page["paging"]["number"])
        after = answer.links.get("next")
        address = urljoin(address, after["url"]) if after else ""
    assert numbers == [1, 2, 3, 4, 5]
    assert sorted(ids) == sorted(f"j{n}" for n in range(230))


def test_beyond_the_end_the_list_is_not_said_to_be_empty(client):
    found = page(client, "/indicator/one?period=2020-06&page=9")
    assert "No records." not in found.text
    assert "The list ends before this page: it has 230 entries. To its last page" in found.text
    assert "?period=2020-06&page=5" in found.links


def test_a_spreadsheet_takes_no_cell_of_the_csv_for_a_formula(client):
    found = client("/indicator/one/records.csv?period=2020-05")
    (row,) = csv.DictReader(found.content.decode().splitlines())
    assert row["id"] == "'=1+1"
    assert row["elapsed_seconds"].isdecimal()


def test_means_calls_and_figures_by_hand(client):
    assert "Now – Target at most 10 business days" in page(client, "/indicator/mean").text
    assert "waited 5 s, limit 20 s" in page(client, "/indicator/calls?record=phone/1").text
    given = page(client, "/indicator/hand")
    assert "5.5%" in given.text
    assert "30 June 2020: <b>Late</b>" in given.text


def test_when_the_data_were_last_seen(client):
    """The oldest last reading of what the figure draws on; the day of the week in its language."""
    english = page(client, "/indicator/one").text
    assert "Data: desk ◷ Stale , read 2 h ago" in english
    assert "phone" not in english
    swedish = page(client, "/indicator/one?period=2020-07", "sv").text
    assert "1 juli 2020 – 31 juli 2020." in swedish
    assert "tis 2020-07-14 09:00:00" in swedish
    assert "Data: phone – Not measured , never read" in page(client, "/indicator/calls").text
    assert "Data" not in page(client, "/indicator/hand").text


def test_where_measuring_stands_still_new_data_do_not_make_its_figures_new(sqlite_url):
    with Store.open(sqlite_url) as store:
        for day in ("2020-06-15", "2020-07-14"):
            answered = {"first_response_at": f"{day} 09:05"}
            save(store, *(ticket(f"{day} 09:00", f"{day}/{n}", **answered) for n in range(9)))
        polled(store, "desk", NOW)
        live = Live(Measuring(settings_of({"one": RESPONSE}), store))
        live.refresh(NOW)
        before, later = NOW - 3 * 3600, NOW + 3600  # before: the clock was set back
        for now, read, states in (
            (NOW + 60, NOW, ["met", "met"]),
            (later, later, ["stale", "met"]),
            (before, before, ["stale", "met"]),
        ):
            polled(store, "desk", read)
            desk = Desk(live.measuring, now, live.seen(now), live)
            asked = [Question({"period": each}, "en", path="one") for each in ("month", "2020-06")]
            found = [IndicatorPage().content(desk, each).standing for each in asked]
            assert [each.state for each in found] == states


def test_records_of_no_configured_organization_are_counted_beside_the_parts(sqlite_url):
    with Store.open(sqlite_url) as store:
        own = zip("abcd", ("Laxå", "Laxå", "Elsewhere", None), strict=True)
        save(
            store,
            *(
                ticket("2020-07-14 09:00", name, organization=each, first_response_at=NOW)
                for name, each in own
            ),
        )
        polled(store, "desk", NOW)
        desk = Desk(Measuring(settings_of({"one": RESPONSE}), store), NOW)
        found = IndicatorPage().content(desk, Question({}, "en", path="one"))
        assert found.standing.n == 4
        parts = {each.label: each.n for each in found.by_organization.parts}
        assert (parts, found.by_organization.others) == ({"Askersund": 0, "Laxå": 2}, 2)
        with served(Starlette(routes=page_routes(lambda: desk))) as address:
            said = Page(requests.get(f"{address}/indicator/one", timeout=30).text).text
        assert "Laxå" in said
        assert "outside the configured organizations: 2" in said


def test_a_year_ahead_can_be_asked_for(client):
    assert client("/indicator/one?period=2021-07-16").status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/indicator/nobody", 404, "there is no indicator 'nobody'; there are: one, mean"),
        ("/indicator/one?period=soon", 400, "'soon' is not a period"),
        ("/indicator/one?period=1901-01..2020-07", 400, "lies outside the years 1970 to 2199"),
        ("/indicator/one?period=1990-01..2150-01", 400, "is longer than 100 years"),
        ("/indicator/one?period=2090..2189", 400, "'2090..2189' ends more than a year ahead"),
        ("/indicator/one?period=2020..2119", 400, "'2020..2119' ends more than a year ahead"),
        ("/indicator/one?period=2021-07-17", 400, "'2021-07-17' ends more than a year ahead"),
        ("/indicator/one?organization=Nora", 400, "'Nora' is not one of the configured ones"),
        ("/indicator/one?verdict=good", 400, "'good' is not one of met, missed"),
        ("/indicator/one?sort=name", 400, "sort: 'name' is not one of counted, -counted"),
        ("/indicator/one?hour=24", 400, "hour: '24' is not a number from 0 to 23"),
        ("/indicator/one?weekday=0", 400, "weekday: '0' is not a number from 1 to 7"),
        ("/indicator/one?record=1", 400, "record: '1' is not a record, written SOURCE/ID"),
        ("/indicator/one?record=desk/none", 404, "one does not measure a record 'desk/none'"),
        ("/indicator/nobody/records.csv", 404, "there is no indicator 'nobody'"),
        ("/indicator/one/records.csv?period=soon", 400, "'soon' is not a period"),
        ("/indicator/one?page=0", 400, "'0' is not a page number"),
        ("/indicator/one?page=99999999999999999999", 400, "is not a page number"),
        ("/indicator/one?page=%C2%B2", 400, "is not a page number"),
        ("/indicator/one?page=0000000000000000001", 400, "is not a page number"),
        (f"/indicator/one?page={'9' * 5000}", 400, "is not a page number"),
        ("/indicator/one?lang=fi", 400, "'fi' is neither sv nor en"),
    ],
)
def test_wrong_questions(client, address, status, says):
    answer = client(address)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/plain; charset=utf-8",
    )
    assert says in answer.text


@pytest.mark.parametrize(
    ("question", "answer"),
    [("one?queue=x", "queue: the records of one have none"),
     ("calls?team=x", "team: the records of calls have none"),
     ("calls?priority=-", "priority: the records of calls have none")],
)  # fmt: skip
@pytest.mark.parametrize("form", ["/api/v1/indicator/{}", "/indicator/{}"])
def test_a_field_that_the_records_do_not_have(client, form, question, answer):
    found = client(form.format(question))
    assert (found.status_code, answer in found.text) == (400, True)
