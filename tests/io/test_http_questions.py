"""POST, arrays, statuses that a source accepts, logins and budgets, over a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any

import pytest

from collector.io.budget import Budget
from collector.io.errors import SourceError
from collector.io.http import BudgetSpent, HttpClient, HttpError
from collector.io.login import (
    ClientCredentials,
    Credentials,
    Login,
    SessionLogin,
    basic,
    basic_header,
    bearer,
)
from collector.io.secrets import Secret
from tests.io.test_http import QUERY, Sleeps, reply, saying, server

SECRET = "secret-7e57ed"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKED", SECRET)


@contextmanager
def client(*answers: bytes, **options: Any) -> Iterator[tuple[HttpClient, list[bytes]]]:
    """A client of a server that gives these answers, and what it was asked."""
    served = server(saying(*answers))
    with served as (url, requests), HttpClient(url, sleep=Sleeps(), **options) as made:
        yield made, requests


def ok(body: object = None, *headers: str) -> bytes:
    return reply("200 OK", json.dumps({} if body is None else body).encode(), *headers)


# -- questions and answers ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["api/x", "/api/x"])
def test_a_path_needs_no_leading_slash(path: str) -> None:
    with client(ok()) as (http, requests):
        http.get(path)
    assert requests[0].startswith(b"GET /api/x HTTP/1.1\r\n")


def test_json_and_forms_are_posted() -> None:
    with client(ok(), ok()) as (http, requests):
        http.post("/a", json={"find": ["x"]})
        http.post("/b", form={"user": "kpi", "n": "1"}, params={"q": "2"})
    assert requests[0].startswith(b"POST /a ") and b"application/json" in requests[0]
    assert requests[1].startswith(b"POST /b?q=2 ")
    assert b"application/x-www-form-urlencoded" in requests[1]


def test_errors_of_a_post_name_neither_query_nor_body() -> None:
    with client(reply("400 Bad")) as (http, _), pytest.raises(HttpError) as caught:
        http.post("/a", params=QUERY, json={"marked": SECRET})
    assert str(caught.value).startswith("POST 127.0.0.1:") and "/a: " in str(caught.value)
    assert SECRET not in str(caught.value) and "marked" not in str(caught.value)


def test_a_list_is_read_where_it_is_wanted() -> None:
    with client(ok([1, 2])) as (http, _):
        assert http.get("/a", kind=list).body == [1, 2]
        assert http.get("/a", kind=None).body == [1, 2]
        with pytest.raises(HttpError, match="not an object"):
            http.get("/a")


def test_the_status_and_the_headers_are_told() -> None:
    answer = reply("206 Partial", b"[1]", "Content-Range: 0-0/7")
    with client(answer) as (http, _):
        found = http.get("/a", kind=list)
    assert (found.status, found.headers["content-range"]) == (206, "0-0/7")


@pytest.mark.parametrize("status", ["400 Beyond", "404 Gone", "401 No"])
@pytest.mark.parametrize("body", [b'["ERROR_RANGE"]', b"<html>", b"", b'{"a": 1}'])
def test_a_status_that_is_accepted_is_returned(status: str, body: bytes) -> None:
    with client(reply(status, body, kind="application/json" if body[:1] != b"<" else "x")) as (
        http,
        requests,
    ):
        found = http.get("/a", accept={int(status[:3])})
    assert found.status == int(status[:3]) and len(requests) == 1
    assert found.body == (json.loads(body) if body[:1] in (b"[", b"{") else None)


def test_no_content_is_none_if_it_may_be_and_final_if_not() -> None:
    answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    with client(answer) as (http, requests):
        assert http.get("/a", accept={204}).body is None
        with pytest.raises(HttpError, match="no data") as caught:
            http.get("/a")
    assert caught.value.permanent and len(requests) == 2


def test_the_servers_time_is_kept() -> None:
    date = f"Date: {formatdate(1_600_000_000, usegmt=True)}"
    with client(ok(None, date), ok(), clock=lambda: 1_599_999_990.0) as (http, _):
        assert http.server_time is None
        http.get("/a")
        http.get("/a")
        assert (http.server_time, http.clock_skew) == (1_600_000_000, 10)


# -- logins ---------------------------------------------------------------------------------------


def test_tokens_and_passwords() -> None:
    secret = Secret("${MARKED}")
    logins = {
        b"Authorization: Bearer secret-7e57ed": bearer(secret),
        b"Authorization: Token secret-7e57ed": bearer(secret, "Token"),
        b"X-Token: secret-7e57ed": bearer(secret, "", "X-Token"),
        b"Authorization: Basic a3BpOnNlY3JldC03ZTU3ZWQ=": basic("kpi", secret),
        b"Authorization: Basic c2VjcmV0LTdlNTdlZDpY": basic(secret, "X"),
    }
    for header, login in logins.items():
        with client(ok(), login=login) as (http, requests):
            http.get("/a")
        assert header + b"\r\n" in requests[0]


def session() -> SessionLogin:
    def start(http: HttpClient) -> Credentials:
        headers = basic_header("kpi", SECRET)
        number = http.get("/login", headers=headers, anonymous=True).body["session"]
        return Credentials({"Session-Token": number}, {"sid": number})

    return SessionLogin(start, lambda answer: answer.body == {"error": "session"})


def test_a_session_is_opened_once_and_outlives_the_client() -> None:
    login = session()
    with server(saying(ok({"session": "s1"}), ok())) as (url, requests):
        for _ in range(2):
            with HttpClient(url, login) as http:
                http.get("/a")
                http.get("/a")
    lines = [request.split(b"\r\n")[0] for request in requests]
    assert lines == [b"GET /login HTTP/1.1", *[b"GET /a?sid=s1 HTTP/1.1"] * 4]
    assert b"Session-Token: s1" in requests[-1] and b"Basic" not in requests[-1]


@pytest.mark.parametrize("ended", [reply("401 No"), ok({"error": "session"})])
def test_a_session_that_has_ended_is_renewed_once(ended: bytes) -> None:
    answers = (ok({"session": "s1"}), ended, ok({"session": "s2"}), ok({"a": 1}))
    with client(*answers, login=session()) as (http, requests):
        assert http.get("/a").body == {"a": 1}
    assert b"Session-Token: s2" in requests[-1] and len(requests) == 4


def test_a_login_that_is_refused_is_not_tried_for_ever() -> None:
    answers = (ok({"session": "s1"}), reply("401 No"), ok({"session": "s2"}), reply("401 No"))
    with client(*answers, login=session()) as (http, requests), pytest.raises(HttpError) as caught:
        http.get("/a")
    assert caught.value.permanent and len(requests) == 4
    with client(reply("401 No"), login=session()) as (http, requests), pytest.raises(HttpError):
        http.get("/a")
    assert len(requests) == 1


def test_a_wrong_token_is_asked_with_once() -> None:
    login: Login = bearer(Secret("${MARKED}"))
    with client(reply("401 No"), login=login) as (http, requests), pytest.raises(HttpError):
        http.get("/a")
    assert len(requests) == 1


def test_client_credentials_are_fetched_in_time_and_after_a_401() -> None:
    now = [0.0]
    tokens = [{"access_token": f"t{n}", "expires_in": 3600} for n in (1, 2, 3)]
    with server(saying(*map(ok, tokens))) as (url, asked):
        login = ClientCredentials(
            f"{url}/oauth/token", "kpi", Secret("${MARKED}"), "read", monotonic=lambda: now[0]
        )
        answers = (ok(), ok(), ok(), reply("401 No"), ok({"a": 1}))
        with client(*answers, login=login) as (http, requests):
            http.get("/a")
            http.get("/a")
            now[0] = 3545.0
            http.get("/a")
            assert http.get("/a").body == {"a": 1}
    sent = [line for each in requests for line in each.split(b"\r\n") if b"Bearer" in line]
    assert [line[-2:] for line in sent] == [b"t1", b"t1", b"t2", b"t2", b"t3"]
    assert len(asked) == 3 and asked[0].startswith(b"POST /oauth/token ")


def test_a_token_address_without_a_token_is_said() -> None:
    with server(saying(ok({"error": "marked"}))) as (url, _):
        login = ClientCredentials(f"{url}/t", "kpi", Secret("${MARKED}"))
        with client(ok(), login=login) as (http, _), pytest.raises(SourceError) as caught:
            http.get("/a")
    assert caught.value.permanent and "marked" not in str(caught.value)


# -- budgets --------------------------------------------------------------------------------------


def test_a_budget_is_shared_and_comes_back() -> None:
    now = [100.0]
    budget = Budget(3, monotonic=lambda: now[0])
    with server(saying(ok())) as (url, requests):
        for number in range(4):
            with HttpClient(url, budget=budget) as http:
                if number < 3:
                    http.get("/a")
                    continue
                with pytest.raises(BudgetSpent, match="for 60 s") as caught:
                    http.get("/a")
                assert not caught.value.permanent
                now[0] += 60
                http.get("/a")
    assert len(requests) == 4


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 30"], 30),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1600000030"], 30),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 2020-09-13T12:27:10Z"], 30),
        (["RateLimit-Remaining: 0", "RateLimit-Reset: 30"], 30),
        (["X-Rate-Limit-Remaining: 0", "Retry-After: 30"], 30),
        (["X-RateLimit-Remaining: 0"], 0),
        (["X-RateLimit-Remaining: 1", "X-RateLimit-Reset: 30"], 0),
        (["X-RateLimit-Remaining: none", "X-RateLimit-Reset: soon"], 0),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: soon"], 0),
    ],
)
def test_what_a_server_says_of_its_limit_is_heeded(headers: list[str], seconds: int) -> None:
    now = [100.0]
    budget = Budget(monotonic=lambda: now[0])
    date = f"Date: {formatdate(1_600_000_000, usegmt=True)}"
    with client(ok(None, date, *headers), ok(), budget=budget) as (http, requests):
        http.get("/a")
        if seconds:
            now[0] += seconds - 1
            with pytest.raises(BudgetSpent):
                http.get("/a")
            now[0] += 1
        http.get("/a")
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("headers", "scarce"),
    [
        ({}, False),
        ({"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "300"}, False),
        ({"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "299"}, True),
        ({"RateLimit-Limit": "600, 600;w=60", "RateLimit-Remaining": "12"}, True),
        ({"X-Rate-Limit-Remaining": "99"}, True),
        ({"X-Rate-Limit-Remaining": "100"}, False),
        ({"X-RateLimit-Limit": "none", "X-RateLimit-Remaining": "none"}, False),
    ],
)
def test_less_than_half_of_a_servers_limit_is_little(headers: dict[str, str], scarce: bool) -> None:
    budget = Budget()
    budget.heed(headers, None)
    assert budget.is_scarce() is scarce
    budget.heed({}, None)
    assert not budget.is_scarce()


def test_less_than_half_of_our_own_limit_is_little() -> None:
    now = [100.0]
    budget = Budget(4, monotonic=lambda: now[0])
    seen = []
    for _ in range(3):
        seen.append(budget.is_scarce())
        budget.take()
    assert seen == [False, False, True]
    now[0] += 60
    assert not budget.is_scarce()


def test_a_long_wait_lasts_over_polls() -> None:
    now = [100.0]
    budget = Budget(monotonic=lambda: now[0])
    answers = (reply("429 Slow", b"", "Retry-After: 3600"), ok())
    with server(saying(*answers)) as (url, requests):
        for wait in (0.0, 60.0, 3600.0):
            now[0] += wait
            with HttpClient(url, budget=budget, sleep=Sleeps()) as http:
                if wait < 3600:
                    with pytest.raises(BudgetSpent):
                        http.get("/a")
                else:
                    http.get("/a")
    assert len(requests) == 2
