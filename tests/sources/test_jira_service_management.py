"""Jira Service Management: what is expected was written by hand from its documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.io.errors import SourceError
from collector.io.login import basic
from collector.model.page import RejectedRow
from collector.model.records import Change, Ticket, Unrecorded
from collector.sources.jira_service_management.issues import Site, issue_of, site_of, whole_log
from collector.sources.jira_service_management.options import JiraOptions
from collector.sources.jira_service_management.source import Jira
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.raw import Position
from collector.sources.kit.system import TicketSystem
from tests.conformance import test_ticket_systems as suite
from tests.conformance.systems.bench import Bench, bench_of
from tests.conformance.systems.fake import SECRET
from tests.conformance.systems.jira_service_management import Fake
from tests.worlds.sizes import sample_size

KIND = "jira_service_management"
STATES = [
    {"id": "1", "name": "Open", "statusCategory": {"key": "new"}},
    {"id": "3", "name": "Work in progress", "statusCategory": {"key": "indeterminate"}},
    {"id": "10", "name": "Waiting for customer", "statusCategory": {"key": "indeterminate"}},
    {"id": "5", "name": "Resolved", "statusCategory": {"key": "done"}},
    {"id": "6", "name": "Closed", "statusCategory": {"key": "done"}},
]
FIELDS = [
    {"id": "issuetype", "name": "Issue Type"},
    {"id": "priority", "name": "Priority"},
    {"id": "customfield_10010", "name": "Request Type"},
    {"id": "customfield_10020", "name": "Support team"},
    {"id": "customfield_10030", "name": "Time to first response"},
    {"id": "customfield_10031", "name": "Time to resolution"},
    {"id": "customfield_10040", "name": "Region"},
    {"id": "customfield_10041", "name": "Region"},
]
FIRST, RESOLUTION = "customfield_10030", "customfield_10031"


def at(clock: str) -> int:
    """An instant of 22 November 2026, which clocks below stand for, an hour ahead of UTC."""
    return int(datetime.fromisoformat(f"2026-11-22T{clock}:00+01:00").timestamp())


def time(clock: str) -> str:
    return f"2026-11-22T{clock}:00.255+0100"


def user(name: str, kind: str = "atlassian") -> dict[str, Any]:
    return {"accountId": name, "accountType": kind, "displayName": name, "emailAddress": name}


CARLA, ANNA, BODIL, APP = user("c", "customer"), user("a"), user("b"), user("auto", "app")


def issue(**fields: Any) -> dict[str, Any]:
    usual = {
        **{"created": time("08:00"), "updated": time("12:00"), "resolutiondate": None},
        **{"status": STATES[1], "issuetype": {"name": "Incident"}},
        **{"priority": {"id": "2", "name": "High"}, "creator": CARLA, "reporter": CARLA},
        **{"assignee": None, "project": {"key": "SD"}},
    }
    return {"id": "10042", "key": "SD-7", "fields": {**usual, **fields}}


def change(clock: str, field: str, old: tuple[Any, Any], new: tuple[Any, Any], by: Any = ANNA):
    """One entry of a changelog, with an item."""
    item = {"field": field, "fieldId": field, "from": old[0], "fromString": old[1]}
    item |= {"to": new[0], "toString": new[1]}
    return {"id": clock, "author": by, "created": time(clock), "items": [item]}


def status(clock: str, old: str, new: str, by: Any = ANNA) -> dict[str, Any]:
    names = {each["id"]: each["name"] for each in STATES}
    return change(clock, "status", (old, names[old]), (new, names[new]), by)


def comment(clock: str, by: Any = ANNA, **more: Any) -> dict[str, Any]:
    told = more or {"jsdPublic": True}
    return {"author": by, "created": time(clock), "body": "not looked at", **told}


def cycle(start: str, stop: str | None, breach: str, breached: bool, **more: Any):
    def moment(clock: str) -> dict[str, Any]:
        return {"epochMillis": 1000 * at(clock), "iso8601": "…", "friendly": "…"}

    ends = {"startTime": moment(start), "breachTime": moment(breach), "breached": breached}
    return {**ends, **({"stopTime": moment(stop)} if stop else {}), **more}


def options(**more: Any) -> JiraOptions:
    keys = {"type": KIND, "url": "https://x.atlassian.net", "projects": ["SD"], "user": "kpi"}
    return JiraOptions.model_validate({**keys, "token": "${T}", **more})


def site(chosen: JiraOptions) -> Site:
    return site_of(STATES, FIELDS, chosen)


def ticket(
    log: Any = (), comments: Any = (), chosen: JiraOptions | None = None, **fields: Any
) -> Ticket:
    chosen = chosen or options()
    raw = issue_of(issue(**fields), log, comments, chosen, site(chosen))
    return assemble("desk", raw, chosen.mapper(), chosen.unrecorded)


# -- a ticket -------------------------------------------------------------------------------------


def test_an_issue_with_its_changes_and_comments() -> None:
    log = [  # not in their order, as with several pages
        status("12:00", "3", "6"),
        change("08:05", "description", (None, ""), (None, "not looked at"), CARLA),
        change("08:10", "assignee", (None, None), ("a", "Anna Andersson")),
        status("08:20", "1", "3"),
        change("08:30", "priority", ("3", "Medium"), ("2", "High")),
        change("09:00", "customfield_10020", ("1", "Servicedesk"), ("2", "Second line")),
        status("09:10", "3", "10"),
        status("10:00", "10", "5", APP),
        status("11:00", "5", "3", CARLA),
    ]
    comments = [
        comment("08:01", CARLA, jsdPublic=True),
        comment("08:02", APP, jsdPublic=True),
        comment("08:15", jsdPublic=False),
        comment("08:40", jsdPublic=True),
    ]
    chosen = options(fields={"team": "Support team", "category": "customfield_10010"})
    fields = {
        "status": STATES[4],
        "customfield_10020": {"id": "2", "value": "Second line"},
        "customfield_10010": {"requestType": {"name": "Order a computer"}},
        "assignee": ANNA,
    }
    assert ticket(log, comments, chosen, **fields) == Ticket(
        source="desk",
        id="10042",
        opened_at=at("08:00"),
        first_response_at=at("08:40"),
        first_resolved_at=at("10:00"),
        resolved_at=at("12:00"),
        closed_at=at("12:00"),
        reopened=1,
        kind="Incident",
        priority="high",
        category="Order a computer",
        status="closed",
        team="Second line",
        url="https://x.atlassian.net/browse/SD-7",
        first_note_at=at("08:15"),
        first_status_at=at("08:20"),
        first_assigned_at=at("08:10"),
        changes=(
            Change(at("08:00"), "status", "new"),
            Change(at("08:20"), "status", "open"),
            Change(at("09:10"), "status", "on_hold"),
            Change(at("10:00"), "status", "resolved"),
            Change(at("11:00"), "status", "open"),
            Change(at("12:00"), "status", "closed"),
            Change(at("08:00"), "priority", "normal"),
            Change(at("08:30"), "priority", "high"),
            Change(at("08:00"), "team", "Servicedesk"),
            Change(at("09:00"), "team", "Second line"),
            Change(at("08:00"), "kind", "Incident"),
        ),
        unrecorded=frozenset({Unrecorded.ORGANIZATION}),
    )


@pytest.mark.parametrize("when", [at("09:10"), 1000 * at("09:10"), time("09:10")])
def test_times_of_changes_may_be_numbers(when: object) -> None:
    log = [{**status("09:10", "1", "5"), "created": when}]
    assert ticket(log, status=STATES[3]).resolved_at == at("09:10")


def test_a_status_counts_by_its_own_name_or_else_by_its_category() -> None:
    mapped = options(map={"status": {"Work in progress": "on_hold"}})
    assert (ticket().status, ticket(chosen=mapped).status) == ("open", "on_hold")


def test_a_translated_status_keeps_its_history() -> None:
    log = [change("09:00", "status", ("1", "Öppen"), ("5", "Löst"))]
    assert ticket(log, status={**STATES[3], "name": "Löst"}).resolved_at == at("09:00")


def test_data_center_says_in_a_property_whether_a_comment_is_internal() -> None:
    def told(internal: object) -> dict[str, Any]:
        return {"properties": [{"key": "sd.public.comment", "value": {"internal": internal}}]}

    boss = {"key": "JIRAUSER1", "name": "anna"}
    comments = [comment("08:10", boss, **told(True)), comment("08:20", boss, **told(False))]
    read = ticket((), comments, options(deployment="data_center"))
    assert (read.first_note_at, read.first_response_at) == (at("08:10"), at("08:20"))


def test_a_comment_of_cloud_that_does_not_say_whether_it_is_public_is_no_answer() -> None:
    with pytest.raises(RejectedRow, match="jsdPublic"):
        ticket((), [comment("08:10", properties=[])])


def test_a_comment_for_a_role_is_no_answer() -> None:
    limited = comment("08:10", jsdPublic=True, visibility={"type": "role", "value": "Agents"})
    assert ticket((), [limited]).first_response_at is None


def test_a_reporter_who_is_an_agent_does_not_answer() -> None:
    assert ticket((), [comment("08:10")], reporter=ANNA, creator=ANNA).first_response_at is None
    robots = options(robots=["a"])
    assert ticket((), [comment("08:10")], robots).first_response_at is None


def test_who_registered_an_issue_and_solved_it() -> None:
    solved = {"status": STATES[3], "creator": ANNA}
    assert ticket([status("08:10", "1", "5")], **solved).solved_by_registrar
    assert not ticket([status("08:10", "1", "5", BODIL)], **solved).solved_by_registrar
    assert not ticket([status("08:10", "1", "5", APP)], **solved).solved_by_registrar
    assert not ticket(
        [status("08:10", "1", "5", APP)], **{**solved, "creator": APP}
    ).solved_by_registrar


def test_a_history_that_is_cut_short_rejects_its_ticket() -> None:
    with pytest.raises(RejectedRow, match="not all of its changes"):
        whole_log({"changelog": {"total": 3, "histories": [{}, {}]}})


# -- its own SLAs ---------------------------------------------------------------------------------


def test_the_first_cycle_until_the_response_is_its_verdict() -> None:
    cycles = [cycle("08:00", "08:30", "08:20", True), cycle("11:00", "11:05", "11:30", False)]
    read = ticket(**{FIRST: {"name": "Time to first response", "completedCycles": cycles}})
    assert read.own_first_response_at == at("08:30")
    assert (read.own_response_due_at, read.own_response_met) == (at("08:20"), False)


def test_a_cycle_that_goes_on_is_missed_or_not_decided() -> None:
    for breached, verdict in ((False, None), (True, False)):
        going = {"ongoingCycle": cycle("08:00", None, "08:20", breached, paused=False)}
        read = ticket(**{FIRST: {**going, "completedCycles": []}})
        assert (read.own_response_due_at, read.own_response_met) == (at("08:20"), verdict)
        assert read.own_first_response_at is None


def test_the_last_cycle_until_the_resolution_is_its_verdict() -> None:
    done = [cycle("08:00", "09:00", "12:00", False), cycle("13:00", "15:00", "14:00", True)]
    read = ticket(**{RESOLUTION: {"completedCycles": done}})
    assert (read.own_resolution_due_at, read.own_resolution_met) == (at("14:00"), False)
    again = {"completedCycles": done[:1], "ongoingCycle": cycle("13:00", None, "16:00", False)}
    reopened = ticket(**{RESOLUTION: again})
    assert (reopened.own_resolution_due_at, reopened.own_resolution_met) == (at("16:00"), None)


def test_without_an_sla_there_is_no_verdict() -> None:
    for nothing in (None, {"completedCycles": [], "id": "4"}):
        read = ticket(**{FIRST: nothing, RESOLUTION: nothing})
        assert {read.own_response_met, read.own_resolution_met, read.own_response_due_at} == {None}


# -- what a Jira is like --------------------------------------------------------------------------


def test_fields_are_named_by_name_or_id() -> None:
    chosen = options(fields={"organization": "customfield_10041"})
    assert site(chosen).ids["organization"] == "customfield_10041"
    with pytest.raises(SourceError, match="several fields are called Region; write its id"):
        site(options(fields={"organization": "Region"}))
    with pytest.raises(SourceError, match=r"^sla.response: several fields are called Region"):
        site(options(sla={"response": "Region"}))
    assert "sla.response" not in site(options(sla={"response": "Tid till svar"})).ids
    with pytest.raises(SourceError, match=r"^fields.organization: there is no field Regoin"):
        site(options(fields={"organization": "Regoin"}))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with bench_of(KIND, monkeypatch) as made:
        yield made


def test_check_says_what_is_visible_and_what_is_missing(bench: Bench) -> None:
    missing = "; no field is called as sla.resolution says"
    assert bench.source().check() == f"Jira Cloud, no issue is visible in SD{missing}"
    bench.world.open()
    assert bench.source().check() == f"Jira Cloud, an issue is visible in SD{missing}"
    with pytest.raises(SourceError, match="projects: one of them is not there"):
        bench.source(projects=["SD", "HR"]).check()
    with pytest.raises(SourceError, match="set deployment: cloud"):
        system = bench.source().system  # type: ignore[attr-defined]
        with system.connect() as connection:
            Jira(options(deployment="data_center")).check(connection)


def test_a_project_out_of_sight_is_an_error_of_the_poll(bench: Bench) -> None:
    """And not one whose issues are passed over."""
    bench.world.open()
    with pytest.raises(SourceError, match="one of them is not there, or this user may not browse"):
        list(bench.source(projects=["SD", "HR"]).pages(None))


def test_an_issue_of_another_project_is_ignored(bench: Bench) -> None:
    moved = bench.world.open()
    system = bench.source(projects=["HR"]).system  # type: ignore[attr-defined]
    with system.connect() as connection:
        assert [each.reason for each in system.fetch(connection, [str(moved)])] == ["other_project"]
        assert system.existing(connection, [str(moved)]) == set()


# -- how it is followed ---------------------------------------------------------------------------


def listed(*pages: list[tuple[str, str]], deployment: str = "cloud") -> tuple[Jira, Any]:
    """A Jira whose search answers with these pages of ids and times, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Connection:
        def post(self, path: str, json: dict[str, Any]) -> Any:
            number = int(json.get("nextPageToken") or 0)
            before = [sum(map(len, pages[:n])) for n in range(len(pages) + 1)]
            if deployment == "data_center":
                number = before.index(json["startAt"])
            asked.append(dict(json))
            rows = [{"id": i, "fields": {"updated": time(clock)}} for i, clock in pages[number]]
            token = {"nextPageToken": str(number + 1)} if number + 1 < len(pages) else {}
            body = {"issues": rows, **token, "total": before[-1]}
            return type("Answer", (), {"body": body})

    system = Jira(options(deployment=deployment))
    return system, (Connection(), asked)


def test_a_page_that_leads_to_itself_is_an_error_and_no_endless_poll() -> None:
    class Circle:
        def post(self, path: str, json: dict[str, Any]) -> Any:
            body = {"issues": [], "issueChangeLogs": [], "nextPageToken": "again"}
            return type("Answer", (), {"body": body})

    system = Jira(options(deployment="cloud"))
    for read in (
        lambda: list(system.search(Circle(), "project = SD", 100)),  # type: ignore[arg-type]
        lambda: system._changelogs(Circle(), ["1"], ["status"]),  # type: ignore[arg-type]
    ):
        with pytest.raises(SourceError, match="back to an earlier one"):
            read()


def changed(system: Jira, connection: Any, clock: str, size: int, skip: int = 0) -> list[Any]:
    found = system.changed_tickets(connection, Position(at(clock), skip), size)
    return [(each.id, each.at) for each in found]


def test_it_is_asked_by_an_instant_that_no_zone_changes() -> None:
    system, (connection, asked) = listed([("1", "08:00")])
    changed(system, connection, "08:00", 5)
    ordered = r'project in \("SD"\) AND updated >= (\d+) ORDER BY updated ASC, key ASC'
    asked_for = re.fullmatch(ordered, asked[0]["jql"])
    assert asked_for is not None and int(asked_for[1]) == 1000 * at("08:00")


def test_rows_before_the_instant_are_no_page() -> None:
    """If Jira rounds it down, and where a page is shorter than was asked for."""
    system, (connection, _) = listed([("1", "07:58"), ("2", "07:59")], [("3", "08:00")], [])
    assert changed(system, connection, "08:00", 2) == [("3", at("08:00"))]


def test_a_row_that_shows_a_later_change_than_the_index_passes_nothing() -> None:
    system, (connection, _) = listed([("1", "08:00"), ("2", "11:59"), ("3", "08:02")])
    assert changed(system, connection, "08:00", 2) == [("1", at("08:00")), ("2", at("08:02"))]


@pytest.mark.parametrize("deployment", ["cloud", "data_center"])
def test_a_second_larger_than_a_page_is_read_on_where_it_was_left(deployment: str) -> None:
    tied = [(str(n), "08:00") for n in range(1, 8)]
    system, (connection, asked) = listed(tied[:3], tied[3:6], tied[6:], deployment=deployment)
    pages = [changed(system, connection, "08:00", 2, skip) for skip in (0, 2, 4, 6)]
    assert [number for page in pages for number, _ in page] == [number for number, _ in tied]
    assert len(asked) == 3
    assert changed(system, connection, "08:00", 2, 4) == pages[2], "also when asked again"


CASES = [
    suite.test_nothing_changed,
    suite.test_incremental,
    suite.test_bulk_update_and_quiet_polls,
    suite.test_late_commit,
    suite.test_clock_set_back,
    suite.test_note_before_the_reply,
    suite.test_assignment_without_an_answer,
    suite.test_solved_on_the_phone,
    suite.test_hold,
    suite.test_reopened_and_not_resolved_again,
    suite.test_priority_and_team_as_they_were,
    suite.test_right_lost,
    suite.test_poisoned_id,
    suite.test_nobody_is_stored,
]


@pytest.fixture
def data_center(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(Fake, "deployment", "data_center")
    monkeypatch.setattr(Fake, "requests_per_ticket", 2.02)  # and two pages of a feed
    with bench_of(KIND, monkeypatch) as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__.removeprefix("test_"))
def test_data_center_passes(case: Callable[[Bench], None], data_center: Bench) -> None:
    case(data_center)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TicketSystem, "PAGE_TICKETS", 3)
    monkeypatch.setattr(TicketSystem, "FEED_ROWS", 5)


@pytest.mark.usefixtures("small_pages")
def test_data_center_passes_with_small_pages(data_center: Bench) -> None:
    suite.test_whole_first_drain(data_center)


@pytest.mark.parametrize("seed", range(sample_size(5, 20)))
def test_data_center_walks(data_center: Bench, seed: int, small_pages: None) -> None:
    suite.test_walk_simulation(data_center, seed, small_pages)


# -- logging in -----------------------------------------------------------------------------------


def test_tokens_of_cloud_and_data_center(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", "7e57ed")
    of_cloud = options().login().credentials(None).headers["Authorization"]
    of_data_center = options(user=None).login().credentials(None).headers["Authorization"]
    assert (of_cloud.partition(" ")[0], of_data_center) == ("Basic", "Bearer 7e57ed")


@pytest.mark.parametrize(
    "keys",
    [
        {"token": None},
        {"client_id": "id", "client_secret": "${S}"},
        {"token": None, "user": None, "client_id": "id"},
        {"token": None, "client_id": "id", "client_secret": "${S}"},
    ],
)
def test_there_is_one_way_to_log_in(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="give either token"):
        options(**keys)


def test_a_service_account_gets_a_token_and_a_new_one_when_it_has_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    inner = bench.fake.app

    async def token(request: Request) -> JSONResponse:
        form = (await request.body()).decode()
        assert form == f"grant_type=client_credentials&client_id=id&client_secret={SECRET}"
        given.append(f"token-{len(given)}")
        return JSONResponse({"access_token": given[-1], "expires_in": 3600, "scope": ""})

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if given and headers.get(b"authorization") == f"Bearer {given[-1]}".encode():
            own = basic("kpi@example.org", SECRET).credentials(None).headers
            headers[b"authorization"] = own["Authorization"].encode()
        scope["headers"] = list(headers.items())
        await inner()(scope, receive, send)

    def app() -> ASGIApp:
        return Starlette(
            routes=[Route("/oauth/token", token, methods=["POST"]), Mount("/ex/jira/id", gateway)]
        )

    monkeypatch.setattr(bench.fake, "app", app)
    ticket = bench.world.open()
    keys = {"client_id": "id", "client_secret": "${FAKE_SECRET}", "user": None, "token": None}
    keys |= {"url": f"{bench.url}/ex/jira/id", "token_url": f"{bench.url}/oauth/token"}
    source = bench.source(**keys, site="https://x.atlassian.net")
    pages = list(source.pages(None))
    assert [each.url for page in pages for each in page.records] == [
        f"https://x.atlassian.net/browse/SD-{ticket}"
    ]
    assert given == ["token-0"]
    given.append("token that nobody has")
    bench.world.reply(ticket)
    again = list(source.pages(pages[-1].cursor))
    assert [each.id for page in again for each in page.records] == [str(ticket)]
    assert len(given) == 3


def test_links_need_the_site_where_the_interface_is_elsewhere() -> None:
    gateway = options(url="https://api.atlassian.com/ex/jira/8f1c")
    assert ticket(chosen=gateway).url is None
    known = options(url="https://api.atlassian.com/ex/jira/8f1c", site="https://x.atlassian.net")
    assert ticket(chosen=known).url == "https://x.atlassian.net/browse/SD-7"


def test_a_token_of_cloud_without_its_user_is_doubted() -> None:
    assert [place for place, _ in options(user=None).doubts()] == [("token",)]
    assert not list(options(user=None, deployment="data_center").doubts())


def test_an_instant_is_that_of_the_answer_and_not_of_this_machine() -> None:
    assert datetime.fromtimestamp(ticket().opened_at, UTC).hour == 7
