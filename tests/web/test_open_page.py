"""The page of what is open now: every ticket that an alert counts, whenever it was opened."""

import pytest
import requests
from starlette.applications import Starlette

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.open_tickets import running_clocks
from collector.measuring.engine.open_work import open_work
from collector.store import Store
from collector.store.ledger import LedgerChanges
from collector.web.desk import Desk
from collector.web.pages import page_routes
from tests.web.test_indicator_page import Page
from tests.worlds.measured import RESOLUTION, RESPONSE, at, holds, polled, settings_of, ticket
from tests.worlds.samples import save
from tests.worlds.serving import served

NOW = at("2020-07-15 12:00")
INDICATORS = {
    "answer": {**RESPONSE, "title": {"sv": "Besvarade", "en": "Answered"}},
    "solve": RESOLUTION,
}


def _settings(**more):
    return settings_of(INDICATORS, exclude={"test": {"category": ["Test"]}}, **more)


@pytest.fixture
def store(sqlite_url):
    with Store.open(sqlite_url) as found:
        save(
            found,
            ticket("2020-05-04 09:00", "old", priority="urgent", organization="Laxå",
                   url="https://desk.example.org/old"),
            ticket("2020-07-15 11:45", "new", priority="urgent", organization="Askersund",
                   url="javascript:alert(1)"),
            ticket("2020-07-15 11:00", "<b>odd</b>", organization="Laxå"),
            ticket("2020-07-15 11:01", "answered", priority="high", organization="Laxå",
                   first_response_at="2020-07-15 11:02"),
            ticket("2020-07-15 09:00", "done", priority="urgent", organization="Laxå",
                   first_response_at="2020-07-15 09:10", resolved_at="2020-07-15 09:20",
                   status="resolved"),
            ticket("2020-07-14 09:00", "trial", priority="urgent", category="Test"),
        )  # fmt: skip
        polled(found, "desk", NOW - 60)
        yield found


@pytest.fixture
def get(store):
    desk = Desk(Measuring(_settings(), store), NOW)
    with (
        served(Starlette(routes=page_routes(lambda: desk))) as address,
        requests.Session() as session,
    ):
        yield lambda query="", **more: session.get(f"{address}/open{query}", timeout=30, **more)


def _page(get, query="", language="en"):
    answer = get(query, headers={"accept-language": language})
    assert answer.status_code == 200
    return Page(answer.text)


def test_it_holds_what_the_counts_count(store):
    measuring = Measuring(_settings(), store)
    counted = open_work(measuring, NOW, store.polls.states()).tickets
    assert sum(each.overdue for each in counted.values()) > 1
    for (priority, organization), each in counted.items():
        found = running_clocks(measuring, NOW, priority, organization)
        assert len({clock.id for clock in found if clock.overdue}) == each.overdue
        ahead = [clock.due for clock in found if not clock.overdue]
        assert min(ahead, default=None) == each.next_deadline
    found = running_clocks(measuring, NOW)
    assert [clock.due for clock in found] == sorted(clock.due for clock in found)
    assert {clock.id for clock in found} == {"old", "new", "<b>odd</b>", "answered"}


def test_the_ticket_of_an_alert_is_on_its_page(get):
    """Opened in May and still unanswered: in no figure of today or of this month. 50 whole days of
    9 h, 8 h of the first and 4 h of the last have passed, less the limit of half an hour."""
    found = _page(get, "?priority=urgent&organization=Lax%C3%A5")
    assert "1 ✗ overdue 1 with a running deadline 1 open" in found.text
    assert "✗ over by 461:30:00 desk/old urgent Laxå" in found.text
    assert "Mon 2020-05-04 09:30:00" in found.text
    assert "https://desk.example.org/old" in found.links
    assert "desk/new" not in found.text


def test_all_of_them_the_earliest_first(get):
    found = _page(get)
    names = ["desk/old", "desk/<b>odd</b>", "desk/new"]
    places = [found.text.index(name) for name in names]
    assert places == sorted(places)
    assert "Due next 0:15:00 desk/new" in found.text
    assert not [link for link in found.links if link.startswith("javascript")]
    assert "desk/trial" not in found.text


def test_a_pause_after_the_deadline_is_not_overdrawn(store):
    """The 8 h of Monday 9:00 were used up at its closing; since then an hour on Tuesday and one on
    Wednesday have passed, and the rest was on hold."""
    changes = holds("2020-07-13 09:00", ("2020-07-14 09:00", "2020-07-15 11:00"))
    save(
        store,
        ticket("2020-07-13 09:00", "held", priority="high", organization="Laxå",
               first_response_at="2020-07-13 09:10", changes=changes),
    )  # fmt: skip
    found = [e for e in running_clocks(Measuring(_settings(), store), NOW) if e.id == "held"]
    (clock,) = [each for each in found if each.indicator == "solve"]
    assert clock.due == at("2020-07-13 17:00")
    assert clock.left == -2 * 3600


def test_tickets_of_what_is_not_configured(store):
    """An alert about them leads to ``other``; the page names their own customers and priorities."""
    save(
        store,
        ticket("2020-07-15 09:00", "away", priority="P9", organization="Nora"),
        ticket("2020-07-15 09:01", "near", priority="P9", organization="Laxå"),
    )
    polled(store, "desk", NOW)
    desk = Desk(Measuring(_settings(), store), NOW)
    with (
        served(Starlette(routes=page_routes(lambda: desk))) as address,
        requests.Session() as session,
    ):

        def get(query):
            return session.get(f"{address}/open{query}", timeout=30)

        both = _page(lambda query, **_: get(query), "?priority=other&organization=other").text
        assert "1 ✗ overdue 1 with a running deadline 1 open" in both
        assert "desk/away P9 Nora" in both
        others = _page(lambda query, **_: get(query), "?priority=other").text
        assert "desk/away" in others
        assert "desk/near P9 Laxå" in others
        assert "desk/old" not in others
        assert get("?organization=Nora").status_code == 400
        named = get("?organization=other&lang=sv").text
        assert '<option value="other" selected>övriga</option>' in named


def test_beyond_the_end_of_the_list_it_does_not_say_that_nothing_is_due(get):
    """As on an open second page, when tickets were solved and one page holds the rest."""
    page = _page(get, "?priority=urgent&page=2")
    assert "No deadline is running" not in page.text
    assert "The list ends before this page: it has 2 entries. To its last page" in page.text
    assert "?priority=urgent" in page.links
    assert (
        "Listan är slut före den här sidan: den har 2 rader."
        in _page(get, "?priority=urgent&page=2", "sv").text
    )


def test_without_a_priority(get):
    found = _page(get, "?priority=-")
    assert "desk/<b>odd</b> – Laxå" in found.text
    assert "desk/old" not in found.text


def test_in_both_languages(get):
    swedish = _page(get, "?priority=urgent", "sv")
    assert "✗ över med 461:30:00" in swedish.text
    assert "desk/old urgent Laxå – Besvarade" in swedish.text
    (other,) = [link for link in swedish.links if "lang=en" in link]
    assert "over by" in _page(get, other, "sv").text


def test_whether_it_can_be_relied_on(get, store):
    polled(store, "desk", NOW - 901)
    assert "◷ Stale" in _page(get).text
    polled(store, "desk", NOW - 900)
    text = _page(get).text
    assert "Stale" not in text
    assert "Not measured" not in text
    polled(store, "desk", NOW + 86_400)  # the clock was set back since
    assert "◷ Stale" in _page(get).text


def test_when_the_data_were_last_seen(get, store):
    polled(store, "phone", NOW)
    polled(store, "desk", NOW - 7200)
    english = _page(get).text
    assert "Data: desk ◷ Stale , read 2 h ago" in english
    assert "◷ Stale 2 ✗ overdue 4 with a running deadline" in english
    assert "phone" not in english
    swedish = _page(get, language="sv").text
    assert "Data: desk ◷ Inaktuell , läst för 2 h sedan" in swedish
    assert "◷ Inaktuell 2 ✗ över tiden 4 med löpande tidsgräns" in swedish
    assert "mån 2020-05-04 09:30:00" in swedish


def test_nothing_is_due(get):
    assert "No deadline is running." in _page(get, "?priority=normal").text


@pytest.mark.parametrize("query", ["", "?priority=normal"])
def test_where_nothing_was_read_nothing_is_counted(get, store, query):
    """Silence is never zero."""
    store.ledger.record(lambda *_: LedgerChanges([], [], ["desk"]))
    for language, counts, none, never in (
        ("en", "overdue", "No deadline", "Data: desk – Not measured , never read"),
        ("sv", "över tiden", "Inga tidsgränser", "Data: desk – Ej mätt , aldrig läst"),
    ):
        text = _page(get, query, language).text
        assert never in text
        assert counts not in text
        assert none not in text


def test_a_dash_of_a_board_is_no_priority(get):
    found = _page(get, "?priority=%E2%80%93")
    assert "desk/<b>odd</b> – Laxå" in found.text
    assert "desk/old" not in found.text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?priority=soon", "priority: 'soon' is not one of the configured ones"),
        ("?organization=Nora", "organization: 'Nora' is not one of the configured ones"),
        ("?lang=fi", "lang: 'fi' is neither sv nor en"),
    ],
)
def test_wrong_questions(get, query, says):
    answer = get(query)
    assert (answer.status_code, answer.text) == (400, f"{says}\n")
