"""The page of sources: what the store and the readings say, in words, and the worst first."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from starlette.applications import Starlette

from collector.io.budget import Budget
from collector.measuring.engine.engine import Measuring
from collector.model.page import Page, Rejected
from collector.monitoring.health import Health
from collector.monitoring.readings import EXAMPLES, Readings
from collector.service.drain import drain
from collector.service.poll import build_source
from collector.store import PollResult, Store, SweepState
from collector.text.words.reading import reason_in_words
from collector.web.desk import Desk
from collector.web.pages import page_routes
from collector.web.sources_content import sources_content
from tests.worlds.measured import RESPONSE, at, settings_of
from tests.worlds.serving import served

NOW = at("2020-07-15 12:00")
FILE = "id,opened_at,first_response_at,priority\n" + "".join(
    f"{number},{'the day before' if number == 2 else '2020-07-15 09:00'},,urgent\n"
    for number in range(1, 31)
)
"""The third line cannot be used."""


@pytest.fixture
def store(sqlite_url):
    with Store.open(sqlite_url) as found:
        yield found


def _settings(tmp_path, **more):
    return settings_of(
        {"answer": RESPONSE},
        sources={
            "old": {"type": "csv_tickets", "path": str(tmp_path / "old.csv"), "every": "60s"},
            "desk": {"type": "csv_tickets", "path": str(tmp_path / "tickets.csv"), "every": "60s"},
            "never": {"type": "csv_tickets", "path": str(tmp_path / "never.csv"), "every": "60s"},
            "web": {
                "type": "request_tracker",
                "url": "https://desk.example.org",
                "token": "${TOKEN}",
                "requests_per_minute": 60,
                "every": "60s",
            },
        },
        **more,
    )


@pytest.fixture
def desk(store, tmp_path):
    """A source that succeeds with a rejected row, one that fails, a stale one and a silent one."""
    settings, readings = _settings(tmp_path), Readings()
    (tmp_path / "tickets.csv").write_text(FILE)
    drain(
        build_source(settings, "desk"),
        store,
        clock=lambda: NOW - 30,
        on_read=lambda page: readings.saw("desk", page),
    )
    for name, when, ok in (("old", NOW - 7200, True), ("web", NOW - 90, True), ("web", NOW, False)):
        store.polls.record(
            PollResult(
                source=name,
                started_at=when,
                finished_at=when,
                ok=ok,
                error=None if ok else "desk.example.org does not answer",
            )
        )
    return Desk(Measuring(settings, store), NOW, readings=readings.current())


def found(desk, language="en"):
    return {each.source: each for each in sources_content(desk, language).sources}


def test_the_worst_come_first(desk):
    assert {name: each.condition for name, each in found(desk).items()} == {
        "web": "failing", "never": "unread", "old": "stale", "desk": "ok",
    }  # fmt: skip
    assert list(found(desk)) == ["web", "never", "old", "desk"]


def test_a_failure_is_told_with_its_error(desk):
    web = found(desk)["web"]
    assert (web.failures, web.error) == (1, "desk.example.org does not answer")
    assert web.failed_at == desk.moment(NOW)
    assert web.age.read_at == desk.moment(NOW - 90)


def test_an_error_is_said_in_the_language_of_the_page_with_the_english_line_beneath(
    store, tmp_path
):
    settings = _settings(tmp_path)
    drain(build_source(settings, "never"), store, clock=lambda: NOW)
    store.sweeps.begun("web", NOW - 9)
    store.sweeps.failed("web", "GET desk.example.org: answered 403", NOW, "forbidden")
    health = Health(sweeps=store.sweeps.states())
    desk = Desk(Measuring(settings, store), NOW, health=health)
    for language, file, right in (
        ("sv", "Filen finns inte. Kontrollera", "Ge det läsrätt i systemet."),
        ("en", "The file does not exist. Check", "Give it the right to read in the system."),
    ):
        own = found(desk, language)
        assert own["never"].said.startswith(file)
        assert "never.csv cannot be read" in own["never"].error
        assert own["web"].reconciliation.said.endswith(right)
        assert own["old"].said == ""
        with served(Starlette(routes=page_routes(lambda: desk))) as address:
            text = requests.get(f"{address}/sources?lang={language}", timeout=30).text
        assert f'<p>{own["never"].said}</p><p lang="en"><small>' in text
        assert f"<p>{own['web'].reconciliation.said}</p>" in text


def test_a_rejected_row_is_told_with_its_place(desk):
    (reason,) = found(desk)["desk"].rejected
    assert (reason.reason, reason.words, reason.count) == (
        "bad_time", "an instant cannot be read", 1,
    )  # fmt: skip
    (example,) = reason.examples
    assert example.where.endswith("tickets.csv:3")
    assert found(desk, "sv")["desk"].rejected[0].words == "en tidpunkt kan inte tolkas"


def test_what_was_never_polled_has_no_numbers(desk):
    never = found(desk)["never"]
    assert (never.records, never.seconds, never.newest, never.as_of) == (None,) * 4
    assert never.age.state == "no_data"


def test_requests_are_told_once_there_were_any(desk):
    assert found(desk)["web"].requests is None
    desk.settings.sources["web"].client()
    assert found(desk)["web"].requests.per_minute == 60
    assert found(desk)["desk"].requests is None


def test_a_budget_says_how_it_stands():
    time = [0.0]
    budget = Budget(3, monotonic=lambda: time[0])
    budget.take()
    time[0] = 30
    budget.take()
    budget.block(120)
    assert budget.standing() == (2, 3, 120)
    time[0] = 61
    assert budget.standing() == (1, 3, 89)


def test_reconciliation_is_told_of_ticket_systems(desk):
    assert found(desk)["desk"].reconciliation is None
    assert found(desk)["web"].reconciliation.finished_at is None
    sweep = SweepState(since=0, finished_at=NOW - 60, found={"deleted": 2, "not_visible": 1})
    swept = found(replace(desk, health=Health(sweeps={"web": sweep})))["web"].reconciliation
    assert swept.finished_at == desk.moment(NOW - 60)
    assert [(each.words, each.count) for each in swept.found] == [
        ("deleted", 2), ("no longer visible", 1),
    ]  # fmt: skip


def test_examples_are_few_the_newest_and_each_place_once():
    readings = Readings()
    for number in [*range(20), 19, 18]:
        wrong = Rejected("bad_time", f"line {number}", "not\nan instant " + "x" * 500)
        readings.saw("desk", Page(records=(), cursor={}, rejected=[wrong]))
    examples = readings.current()["desk"].examples["bad_time"]
    assert [each.where for each in examples][:3] == ["line 18", "line 19", "line 17"]
    assert len(examples) == EXAMPLES
    assert all(len(each.message) <= 200 and "\n" not in each.message for each in examples)


def test_a_source_is_under_way_while_it_is_read():
    readings = Readings()
    with readings.of("desk"):
        assert readings.current()["desk"].under_way
    assert not readings.current()["desk"].under_way


def test_the_page_in_both_languages(desk):
    with served(Starlette(routes=page_routes(lambda: desk))) as address:
        english = requests.get(f"{address}/sources?lang=en", timeout=30).text
        swedish = requests.get(f"{address}/sources?lang=sv", timeout=30).text
    assert "Cannot be read" in english
    assert "desk.example.org does not answer" in english
    assert 'href="runbook/source-stale?lang=en"' in english
    assert "Kan inte läsas" in swedish
    assert "Aldrig läst till slutet" in swedish


def test_every_reason_in_the_program_has_words():
    """Those that stand in the code as they are; those made of a field's name have a pattern."""
    codes = set()
    for path in (Path(__file__).parents[2] / "collector/sources").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                code = node.args[0] if name in ("RejectedRow", "Rejected") and node.args else None
            elif isinstance(node, ast.Subscript):
                owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
                code = node.slice if owner == "ignored" else None
            else:
                continue
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                codes.add(code.value)
    assert len(codes) > 25
    assert not [each for each in codes if reason_in_words(each, "sv") == each.replace("_", " ")]
