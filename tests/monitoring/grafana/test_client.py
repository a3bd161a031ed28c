"""The door to Grafana: addresses, retries, and every error in our own words without a secret."""

from __future__ import annotations

import socket
import sys
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from collector.config.alerts import GrafanaSettings
from collector.io.secrets import Secret, SecretUnavailable
from collector.monitoring.grafana.client import (
    TRIES,
    Grafana,
    GrafanaError,
    PackageMissing,
    Refused,
    Unreachable,
    parse_version,
)
from tests.worlds.grafana_stub import TOKEN, Stub, grafana
from tests.worlds.serving import served

JSON = (b"content-type", b"application/json")
HTML = (b"content-type", b"text/html")


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)


@pytest.fixture
def door():
    """Opens clients that wait for nothing and are closed in the end."""
    opened: list[Grafana] = []
    waits: list[float] = []

    def open_at(url: str, timeout: float = 10) -> Grafana:
        opened.append(Grafana(url, Secret("${GRAFANA_TOKEN}"), timeout, wait=waits.append))
        return opened[-1]

    open_at.waits = waits
    yield open_at
    for each in opened:
        each.close()


class Answers:
    """Gives these answers in turn, and the last one again and again."""

    def __init__(self, *answers: tuple[int, bytes, tuple[bytes, bytes]]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Any) -> None:
        self.asked.append((scope["method"], scope["raw_path"], scope["query_string"]))
        status, body, *headers = self._answers[0]
        if len(self._answers) > 1:
            self._answers.pop(0)
        length = 100 if body == b"cut" else len(body)
        headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if body != b"cut":
            await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("base", ["/", "/grafana/", "/a/b/"])
def test_a_base_path_of_any_depth_ends_in_a_slash_before_api(door, base):
    """The library would otherwise ask /grafanaapi."""
    answers = Answers((200, b'{"ok": 1}', JSON))
    with served(answers) as address:
        assert door(address + base).get("folders") == {"ok": 1}
    assert answers.asked == [("GET", base.encode() + b"api/folders", b"")]


def test_an_address_of_version_six_keeps_its_brackets(door):
    with pytest.raises(Unreachable, match=r"http://\[::1\]:1/ cannot be reached: Connection"):
        door("http://[::1]:1/").get("health")


def test_path_parts_are_quoted(door):
    answers = Answers((200, b"[]", JSON))
    with served(answers) as address:
        door(address + "/").get("v1", "nights/weekends 1?#å", name="a&b")
    assert answers.asked == [
        ("GET", b"/api/v1/nights%2Fweekends%201%3F%23%C3%A5", b"name=a%26b"),
    ]


def test_a_refused_connection_is_in_our_words(door):
    """The library lets the error of its HTTP client through."""
    with socket.socket() as listener:  # bound and not listening: nobody else gets the port
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(Unreachable, match=f"^{url} cannot be reached: Connection refused$"):
            door(url).post("folders", body={})
    assert door.waits == []


def test_a_name_that_nobody_knows(door):
    with pytest.raises(Unreachable, match="cannot be found: the host name does not resolve"):
        door("http://grafana.invalid/").post("folders", body={})


def test_what_passes_is_tried_again_where_that_is_harmless(door):
    passing = (503, b'{"message": "wait"}', JSON)
    for verb, tries in (("get", TRIES), ("put", TRIES), ("post", 1), ("delete", 1)):
        answers = Answers(passing)
        body = {"body": {"a": 1}} if verb in {"put", "post"} else {}
        with served(answers) as address, pytest.raises(Refused, match="503, wait"):
            getattr(door(address + "/"), verb)("folders", **body)
        assert len(answers.asked) == tries, verb
    assert door.waits == [1, 2, 1, 2]


def test_a_failure_that_passes_is_not_told(door):
    answers = Answers((502, b"bad", HTML), (200, b"cut", JSON), (200, b'{"a": 1}', JSON))
    with served(answers) as address:
        assert door(address + "/").get("folders") == {"a": 1}
    assert len(answers.asked) == 3


def test_what_is_refused_for_good_is_not_tried_again(door):
    answers = Answers((400, b'{"message": "wrong\\n  body"}', JSON))
    with served(answers) as address, pytest.raises(Refused) as caught:
        door(address + "/").put("folders", "x y", body={})
    assert str(caught.value) == "PUT /api/folders/x%20y: 400, wrong body"
    assert caught.value.status == 400
    assert len(answers.asked) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, b'{"message": "Invalid API key"}', JSON), "401, Invalid API key; is the token"),
        ((403, b'{"message": "no"}', JSON), "403, no; give the token's service account the role"),
        ((200, b"<html>log in</html>", HTML), "answers with a web page"),
        ((200, b"<html>", JSON), "does not answer with JSON"),
        ((302, b"", (b"location", b"/login")), "redirects to another address"),
        ((200, b"cut", JSON), "cannot be reached: the connection broke"),
        ((500, b"<html>" + b"x" * 999, HTML), "500, <html>x{194}$"),
    ],
    ids=["token", "role", "page", "no json", "moved", "cut", "long"],
)
def test_answers_that_are_of_no_use(door, answer, words):
    answers = Answers(answer)
    with served(answers) as address, pytest.raises(GrafanaError, match=words):
        door(address + "/").post("folders", body={})


def test_no_answer_in_time(door):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(Unreachable, match=r"did not answer within 0\.2 s"):
            door(url, timeout=0.2).post("folders", body={})


def test_secrets_are_not_repeated(door):
    text = f'{{"message": "Bearer {TOKEN} and pass%2Fword and pass/word"}}'
    answers = Answers((500, text.encode(), JSON))
    with served(answers) as address, pytest.raises(Refused) as caught:
        client = door(address + "/")
        client.hide("pass/word")
        client.post("folders", body={})
    assert str(caught.value) == "POST /api/folders: 500, Bearer *** and *** and ***"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("wrong", ["two words", "line\n", "påle"])
def test_a_token_that_cannot_be_one_is_not_repeated(monkeypatch, wrong):
    monkeypatch.setenv("GRAFANA_TOKEN", wrong)
    with pytest.raises(GrafanaError) as caught:
        Grafana("http://127.0.0.1:1/", Secret("${GRAFANA_TOKEN}"), 1)
    assert str(caught.value) == ("the token in ${GRAFANA_TOKEN} has characters that no token has")


def test_a_token_that_is_not_there(monkeypatch):
    monkeypatch.delenv("GRAFANA_TOKEN")
    with pytest.raises(SecretUnavailable, match="GRAFANA_TOKEN is not set"):
        Grafana("http://127.0.0.1:1/", Secret("${GRAFANA_TOKEN}"), 1)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "grafana_client.api", None)
    with pytest.raises(PackageMissing, match=r"pip install 'servicedesk-kpi\[grafana\]'"):
        Grafana("http://127.0.0.1:1/", Secret("${GRAFANA_TOKEN}"), 1)


def test_what_is_not_there_is_nothing_to_find_and_nothing_to_delete(door):
    with grafana(Stub()) as url:
        client = door(url)
        assert client.find("folders", "nowhere") is None
        client.delete("v1", "provisioning", "contact-points", "nowhere")
        with pytest.raises(Refused, match="404"):
            client.get("folders", "nowhere")


@pytest.mark.parametrize("prefix", ["/", "/grafana/"])
@pytest.mark.parametrize("hidden", [False, True])
def test_the_release_is_known_even_where_it_is_hidden(door, prefix, hidden):
    with grafana(Stub(prefix=prefix, hide_version=hidden)) as url:
        assert door(url).version() == "12.1.0"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12.1.0", (12, 1, 0)),
        ("v11.5.2", (11, 5, 2)),
        ("13.0.0-90210.patch2", (13, 0, 0)),
        ("11.3.0-75420.patch2", (11, 3, 0)),
        ("13.1", (13, 1, 0)),
        ("unknown", None),
        ("", None),
    ],
)
def test_releases(text, numbers):
    assert parse_version(text) == numbers


def test_a_user_and_a_password_are_a_way_in_too(monkeypatch):
    monkeypatch.setenv("GRAFANA_PASSWORD", "hush hush")
    seen = []

    async def answers(scope, receive, send):
        seen.append(Request(scope).headers.get("authorization"))
        await JSONResponse({"message": "hush hush"}, status_code=403)(scope, receive, send)

    with served(answers) as address:
        client = Grafana(f"{address}/", Secret("${GRAFANA_PASSWORD}"), 10, user="admin")
        with client, pytest.raises(Refused) as caught:
            client.get("folders")
    assert seen == ["Basic " + b64encode(b"admin:hush hush").decode()]
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ({"token": "${T}"}, True),
        ({"user": "admin", "password": "${P}"}, True),
        ({}, False),
        ({"user": "admin"}, False),
        ({"password": "${P}"}, False),
        ({"token": "${T}", "user": "admin"}, False),
        ({"token": "${T}", "user": "admin", "password": "${P}"}, False),
    ],
)
def test_there_is_one_way_in(given, fits):
    if fits:
        assert GrafanaSettings(url="http://g.example", **given).secret
    else:
        with pytest.raises(ValidationError, match="needs either a token, or a user and a password"):
            GrafanaSettings(url="http://g.example", **given)
