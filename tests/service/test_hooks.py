"""Messages of systems: who is let in, what is read, and that nothing else moves."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from starlette.applications import Starlette

from collector.model.page import Page
from collector.service.hooks import MOST_WAITING, WaitingTickets
from collector.service.service import Service
from collector.service.serving import web_app
from collector.sources.glpi import GlpiOptions
from collector.sources.kit.webhook import (
    HOOK_RESULTS,
    LONGEST_MESSAGE,
    BadMessage,
    HookFormat,
    Webhook,
)
from collector.store import Store
from collector.web.hooks import Hooks
from tests.conformance.systems.bench import Bench, bench_of
from tests.conformance.systems.fake import SECRET
from tests.worlds.measured import RESPONSE, settings_of
from tests.worlds.metrics import metrics_registry
from tests.worlds.serving import served

USUAL = HookFormat()
BODY = b'{"ticket": {"id": 3, "title": "Carla cannot print"}}'
CUSTOMER = "Carla"


def signed(body: bytes, algorithm: str = "sha256", secret: str = SECRET) -> str:
    return f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"


def hook(**keys: str) -> Webhook:
    return Webhook.model_validate({"secret": "${FAKE_SECRET}", **keys})


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SECRET", SECRET)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# -- who is let in --------------------------------------------------------------------------------

ZAMMAD = {"signature": "X-Hub-Signature"}
TOKEN = {"token": "Authorization"}
PASSWORD = HookFormat(token="Authorization")
GLPI = HookFormat("X-GLPI-signature", "X-GLPI-timestamp", "item.id")


@pytest.mark.parametrize(
    ("keys", "usual", "headers"),
    [
        ({}, USUAL, {"x-hub-signature-256": signed(BODY)}),
        ({}, USUAL, {"x-hub-signature-256": signed(BODY).removeprefix("sha256=")}),
        ({}, USUAL, {"x-hub-signature-256": signed(BODY).upper().replace("SHA256", "sha256")}),
        (ZAMMAD, USUAL, {"x-hub-signature": signed(BODY, "sha1")}),
        (ZAMMAD, USUAL, {"x-hub-signature": signed(BODY, "sha256")}),
        (TOKEN, USUAL, {"authorization": f"Bearer {SECRET}"}),
        ({"token": "X-Token"}, USUAL, {"x-token": SECRET}),
        ({}, PASSWORD, {"authorization": _basic("kpi", SECRET)}),
        (ZAMMAD, PASSWORD, {"x-hub-signature": signed(BODY)}),
        ({}, GLPI, {"x-glpi-timestamp": "1700", "x-glpi-signature": signed(BODY + b"1700")[7:]}),
        ({**ZAMMAD}, GLPI, {"x-hub-signature": signed(BODY)}),
    ],
)
def test_genuine(keys: dict[str, str], usual: HookFormat, headers: dict[str, str]) -> None:
    assert hook(**keys).is_genuine(usual, _any_case(headers), BODY)


@pytest.mark.parametrize(
    ("keys", "usual", "headers"),
    [
        ({}, USUAL, {}),
        ({}, USUAL, {"x-hub-signature-256": ""}),
        ({}, USUAL, {"x-hub-signature-256": "sha256="}),
        ({}, USUAL, {"x-hub-signature-256": signed(BODY + b" ")}),
        ({}, USUAL, {"x-hub-signature-256": signed(BODY, secret="other")}),
        ({}, USUAL, {"x-hub-signature-256": signed(BODY, "sha256").replace("sha256", "md5")}),
        ({}, USUAL, {"x-hub-signature-256": "none=" + signed(BODY)[7:]}),
        ({}, USUAL, {"x-hub-signature-256": "sha256=ö"}),
        ({}, USUAL, {"x-hub-signature": signed(BODY)}),
        ({}, USUAL, {"authorization": SECRET}),
        (TOKEN, USUAL, {"authorization": "Bearer "}),
        ({}, PASSWORD, {"authorization": _basic(SECRET, "")}),
        ({}, PASSWORD, {"authorization": "Basic ???"}),
        ({}, PASSWORD, {"x-hub-signature-256": signed(BODY)}),
        (TOKEN, USUAL, {"authorization": f"Bearer {SECRET}x"}),
        (TOKEN, USUAL, {"x-hub-signature-256": signed(BODY)}),
        ({}, GLPI, {"x-glpi-timestamp": "1701", "x-glpi-signature": signed(BODY + b"1700")[7:]}),
        ({}, GLPI, {"x-glpi-signature": signed(BODY + b"1700")[7:]}),
    ],
)
def test_not_genuine(keys: dict[str, str], usual: HookFormat, headers: dict[str, str]) -> None:
    assert not hook(**keys).is_genuine(usual, _any_case(headers), BODY)


def _any_case(headers: Mapping[str, str]) -> Mapping[str, str]:
    from starlette.datastructures import Headers

    return Headers(headers)


@pytest.mark.parametrize(
    ("path", "body", "ids"),
    [
        ("ticket.id", {"ticket": {"id": 3}}, ["3"]),
        ("ticket.id", {"ticket": {"id": "ABC-3"}}, ["ABC-3"]),
        ("ticket", {"ticket": [3, 4, 3]}, ["3", "4"]),
        ("tickets.id", {"tickets": [{"id": 3}, {"no": 1}, {"id": 4}]}, ["3", "4"]),
        ("id", [{"id": 1}, {"id": 2}], ["1", "2"]),
        ("ticket.id", {"ticket": {"id": None}}, []),
        ("ticket.id", {"ticket": {"id": True}}, []),
        ("ticket.id", {"ticket": {"id": 1.5}}, []),
        ("ticket.id", {"ticket": {"id": {"a": 1}}}, []),
        ("ticket.id", {"ticket": {"id": "../1"}}, []),
        ("ticket.id", {"ticket": {"id": "1 OR 1=1"}}, []),
        ("ticket.id", {"ticket": {"id": "9" * 65}}, []),
        ("ticket.id", {"ticket": 3}, []),
        ("ticket.id", "ping", []),
        ("ticket.id", None, []),
    ],
)
def test_the_tickets_that_a_message_names(path: str, body: object, ids: list[str]) -> None:
    assert hook(ticket=path).tickets(USUAL, json.dumps(body).encode()) == ids


def test_a_message_names_a_limited_number_of_tickets() -> None:
    body = json.dumps({"ticket": list(range(10_000))}).encode()
    assert len(hook(ticket="ticket").tickets(USUAL, body)) == 500


def _nested(depth: int) -> bytes:
    """A body too deep to be looked through, which parsers of some versions of Python take."""
    return b'{"ticket": ' + b"[" * depth + b'{"id": 1}' + b"]" * depth + b"}"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, _nested(2500)])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(BadMessage):
        hook().tickets(USUAL, body)


# -- over HTTP ------------------------------------------------------------------------------------


class Listening:
    """A server with a source that takes messages and one that takes none."""

    def __init__(self) -> None:
        self.queued: list[tuple[str, list[str]]] = []
        self.counted: Counter[tuple[str, str]] = Counter()
        self.room = True

    def queue(self, name: str, ids: Any) -> bool:
        self.queued.append((name, list(ids)))
        return self.room

    def count(self, name: str, result: str) -> None:
        self.counted[name, result] += 1

    def app(self) -> Starlette:
        keys = {"type": "glpi", "url": "http://a", "token": "${A}", "timezone": "UTC"}
        hooked = {**keys, "webhook": {"secret": "${FAKE_SECRET}", "signature": "X-Sig",
                                      "ticket": "ticket.id"}}  # fmt: skip
        sources = {
            "desk": GlpiOptions.model_validate(hooked),
            "deaf": GlpiOptions.model_validate(keys),
        }
        return Starlette(routes=[Hooks(sources, self.queue, self.count).route()])


@pytest.fixture
def listening() -> Iterator[tuple[Listening, str]]:
    made = Listening()
    with served(made.app()) as address:
        yield made, f"{address}/hooks"


def test_answers(
    listening: tuple[Listening, str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, address = listening
    caplog.set_level(logging.DEBUG, "collector")

    def post(body: bytes, to: str = "desk", signature: str | None = None) -> int:
        headers = {"X-Sig": signed(body) if signature is None else signature}
        return requests.post(f"{address}/{to}", data=body, headers=headers, timeout=10).status_code

    assert post(BODY) == 202
    assert heard.queued == [("desk", ["3"])]
    assert post(BODY) == 202, "sent again, it is read again"
    assert post(BODY, signature="sha256=00") == 401
    assert post(BODY, to="deaf") == 404
    assert post(BODY, to="nobody") == 404
    assert post(b"x" * (LONGEST_MESSAGE + 1)) == 413
    assert post(b"{") == 400
    assert post(b'{"zen": "a ping"}') == 202
    assert requests.get(f"{address}/desk", timeout=10).status_code == 405
    heard.room = False
    assert post(BODY) == 202
    monkeypatch.delenv("FAKE_SECRET")
    assert post(BODY) == 503
    assert len(heard.queued) == 3
    assert heard.counted == {
        ("desk", "accepted"): 2, ("desk", "refused"): 2, ("desk", "no_ticket"): 2,
        ("desk", "dropped"): 1,
    }  # fmt: skip
    said = caplog.text
    assert CUSTOMER not in said
    assert SECRET not in said
    assert "no ticket at ticket.id" in said


def test_a_body_of_unknown_length_is_cut_off(listening: tuple[Listening, str]) -> None:
    heard, address = listening
    endless = (b"x" * 65536 for _ in range(40))
    try:
        answer = requests.post(f"{address}/desk", data=endless, timeout=10)
    except requests.ConnectionError:  # it answered, and closed, before all was sent
        pass
    else:
        assert answer.status_code == 413
    assert heard.counted == {("desk", "refused"): 1}


def _half_a_message(address: str) -> socket.socket:
    """Send a message whose body breaks off, and return the connection."""
    parts = urlsplit(address)
    connection = socket.create_connection((parts.hostname, parts.port), 10)
    head = f"POST {parts.path}/desk HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
    connection.sendall(head.encode())
    return connection


def test_a_body_that_does_not_come_holds_no_connection(
    listening: tuple[Listening, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, address = listening
    monkeypatch.setattr("collector.web.hooks.LONGEST_BODY_SECONDS", 0.05)
    with _half_a_message(address) as connection:
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408")
    assert heard.counted == {("desk", "refused"): 1}


def test_a_sender_who_hangs_up_is_no_error_of_ours(
    listening: tuple[Listening, str], caplog: pytest.LogCaptureFixture
) -> None:
    heard, address = listening
    _half_a_message(address).close()
    until = time.monotonic() + 10
    while not heard.counted and time.monotonic() < until:
        time.sleep(0.01)
    assert requests.get(f"{address}/desk", timeout=10).status_code == 405
    assert heard.counted == {("desk", "refused"): 1}
    assert "Traceback" not in caplog.text


def test_waiting_tickets_are_coalesced_and_limited() -> None:
    waiting = WaitingTickets()
    assert not waiting
    assert waiting.add(["1", "2"])
    assert waiting.add(["2", "3"])
    assert waiting.take() == ["1", "2", "3"]
    assert not waiting
    assert waiting.add([str(n) for n in range(MOST_WAITING)])
    assert not waiting.add(["one more"])
    assert waiting.add(["7"]), "it waits already"


# -- what is read ---------------------------------------------------------------------------------


class Desk:
    def __init__(self, bench: Bench, store: Store) -> None:
        self.bench, self.store = bench, store
        self.settings = settings_of(
            {"answered": RESPONSE},
            organizations=["Root entity > North"],
            sources={"desk": bench.options(webhook={"secret": "${FAKE_SECRET}"})},
        )
        self.service = Service(self.settings, store, lambda: bench.world.now)

    def answered(self, number: int) -> int | None:
        ticket = self.store.records.ticket("desk", str(number))
        return ticket.first_response_at if ticket else -1


@pytest.fixture
def desk(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with bench_of("glpi", monkeypatch) as bench:
        for _ in range(5):
            bench.world.open()
        made = Desk(bench, sqlite_store)
        made.service.poll("desk")
        yield made


def test_a_message_has_its_tickets_read_and_nothing_else(desk: Desk) -> None:
    """From the message to the store; the next poll reads on where it was."""
    service, world = desk.service, desk.bench.world
    cursor, state = desk.store.pages.cursor("desk"), desk.store.polls.states()
    world.reply(3)
    replied = world.now
    world.reply(4)
    body = b'{"event": "update", "item": {"id": 3}}'
    headers = {"X-GLPI-timestamp": "1", "X-GLPI-signature": signed(body + b"1")[7:]}
    with served(web_app(service)) as address:
        for _ in range(3):  # a message that comes again is harmless
            sent = requests.post(f"{address}/hooks/desk", data=body, headers=headers, timeout=10)
            assert (sent.status_code, sent.text) == (202, "will be read\n")
    metrics = metrics_registry(desk.settings, service.snapshot, service.counters, service.health)
    counted = {
        result: metrics.get_sample_value(
            "servicedesk_source_hooks_total", {"source": "desk", "result": result}
        )
        for result in HOOK_RESULTS
    }
    assert counted == {"accepted": 3, "refused": 0, "no_ticket": 0, "dropped": 0}
    desk.bench.requests()
    service.read_named("desk")
    assert desk.bench.requests() == 2, "one ticket and its follow-ups, once"
    assert (desk.answered(3), desk.answered(4)) == (replied, None)
    assert desk.store.pages.cursor("desk") == cursor
    assert desk.store.polls.states() == state
    service.read_named("desk")
    assert desk.bench.requests() == 0
    service.poll("desk")
    assert (desk.answered(3), desk.answered(4)) == (replied, world.now)


def test_tickets_that_the_source_does_not_know_are_no_error(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.bench.world.hide(2)
    desk.service.hear("desk", ["2", "4711", "abc"])
    desk.service.read_named("desk")
    assert desk.answered(2) is None, "left as it was, for the sweep to judge"
    assert desk.answered(4711) == -1
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


def test_before_the_first_poll_there_is_nothing_to_read(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench_of("glpi", monkeypatch) as bench:
        made = Desk(bench, sqlite_store)
        made.service.hear("desk", [str(bench.world.open())])
        made.service.read_named("desk")
        assert bench.requests() == 0
        assert sqlite_store.pages.cursor("desk") is None


def test_while_the_source_is_read_a_message_waits(desk: Desk) -> None:
    service, world = desk.service, desk.bench.world
    world.reply(3)
    service.hear("desk", ["3"])
    with service._readers["desk"]._busy:
        service.read_named("desk")
        assert desk.answered(3) is None
    service.read_named("desk")
    assert desk.answered(3) == world.now


def test_messages_leave_half_of_a_limit_of_requests_to_polls(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.bench.world.reply(3)
    desk.bench.requests()
    monkeypatch.setattr("collector.io.budget.Budget.is_scarce", lambda _: True)
    desk.service.hear("desk", ["3"])
    desk.service.read_named("desk")
    assert desk.bench.requests() == 0
    desk.service.poll("desk")
    assert desk.answered(3) == desk.bench.world.now


def test_what_another_process_stored_meanwhile_is_not_overwritten(desk: Desk) -> None:
    """The cursor moved while the ticket was on its way: it is read once more."""
    world, store = desk.bench.world, desk.store
    moved: list[int] = []

    def meanwhile(number: int) -> None:
        if not moved:
            moved.append(number)
            cursor = store.pages.cursor("desk")
            assert cursor is not None
            store.pages.save("desk", Page(records=(), cursor={**cursor, "n": 1}), cursor)

    world.reply(3)
    desk.bench.requests()
    desk.bench.door.before = meanwhile
    desk.service.hear("desk", ["3"])
    desk.service.read_named("desk")
    assert desk.answered(3) == world.now
    assert desk.bench.requests() == 4
    cursor = store.pages.cursor("desk")
    assert cursor is not None
    assert cursor["n"] == 1


def test_a_system_that_does_not_answer_is_said_and_left_to_the_next_poll(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    from tests.conformance.systems.fake import Reply

    desk.bench.world.reply(3)
    desk.bench.door.always = Reply(401)
    desk.service.hear("desk", ["3"])
    desk.service.read_named("desk")
    assert "desk: reading after a message failed (HttpError): GET" in caplog.text
    desk.bench.door.always = None
    desk.service.poll("desk")
    assert desk.answered(3) == desk.bench.world.now
