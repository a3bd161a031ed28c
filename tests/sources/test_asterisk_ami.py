"""The queues of this moment: recorded answers of Asterisk, and a server that misbehaves."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from collector.io import ami
from collector.io.errors import SourceError
from collector.model.queues import QueueNow
from collector.service.drain import drain
from collector.service.service import Service
from collector.sources import SOURCES, make_source
from collector.sources.asterisk_ami.queues import queues_of
from collector.sources.kit.contract import Source
from collector.store import Store
from tests.worlds.ami_server import AmiServer
from tests.worlds.measured import CALLS, settings_of
from tests.worlds.metrics import metrics_registry
from tests.worlds.paths import FIXTURES
from tests.worlds.smtp_stub import certificate

WAITING = (FIXTURES / "asterisk_22" / "ami_QueueStatus_waiting.txt").read_text()
NOBODY = (FIXTURES / "asterisk_22" / "ami_QueueStatus_end.txt").read_text()
SUMMARY = (FIXTURES / "asterisk_22" / "ami_QueueSummary_waiting.txt").read_text()
SECRET = "x-lab"
NOW = 1_795_991_945

BY_HAND = {
    # waiting, longest wait, logged in, ready, on a call, paused; counted in the recorded text
    "it-dump": (0, None, 1, 1, 0, 0),
    "it-night": (0, None, 1, 1, 0, 0),
    "it-support": (9, 18, 3, 2, 1, 0),
    "it-vip": (3, 8, 2, 2, 0, 0),
}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMI_SECRET", SECRET)


@pytest.fixture
def server() -> Iterator[AmiServer]:
    with AmiServer(status=WAITING).running() as running:
        yield running


def keys(server: AmiServer, **more: Any) -> dict[str, Any]:
    return {"type": "asterisk_ami", "host": "127.0.0.1", "port": server.port, "user": "kpi",
            "secret": "${AMI_SECRET}", **more}  # fmt: skip


def source(server: AmiServer, **more: Any) -> Source:
    return make_source("pbx", SOURCES["asterisk_ami"].model_validate(keys(server, **more)), ())


def told(server: AmiServer, **more: Any) -> dict[str, tuple[int | None, ...]]:
    (page,) = source(server, **more).pages(None)
    assert not page.records
    return {each.queue: values(each) for each in page.queues or ()}


def values(queue: QueueNow) -> tuple[int | None, ...]:
    q = queue
    return q.waiting, q.longest_wait, q.logged_in, q.ready, q.on_call, q.paused


# -- what it tells --------------------------------------------------------------------------------


def test_the_recorded_queues_are_those_counted_by_hand(server: AmiServer) -> None:
    assert told(server) == BY_HAND
    assert source(server).check() == ("manager interface 11.0.0, 4 queues, 12 callers waiting")


def test_nobody_waits_is_0_and_no_longest_wait(server: AmiServer) -> None:
    server.status = NOBODY
    found = told(server)
    assert {queue: each[:2] for queue, each in found.items()} == dict.fromkeys(BY_HAND, (0, None))


@pytest.mark.parametrize("recorded", ["QueueStatus.txt", "QueueStatus_mid.txt"])
def test_queues_of_asterisk_16_are_read_too(recorded: str) -> None:
    text = (FIXTURES / "asterisk" / recorded).read_text()
    found = {each.queue: each for each in queues_of(events(text), {})}
    assert found.keys() == BY_HAND.keys()
    calls = dict(re.findall(r"QueueParams\nQueue: (\S+)\n[^~]*?Calls: (\d+)\n", text))
    assert {queue: str(each.waiting) for queue, each in found.items()} == calls


def events(text: str) -> list[dict[str, str]]:
    blocks = (dict(re.findall(r"^(\w+): ?(.*)$", block, re.M)) for block in text.split("\n\n"))
    wanted = {"QueueParams", "QueueMember", "QueueEntry"}
    return [block for block in blocks if block.get("Event") in wanted]


@pytest.mark.parametrize(
    ("status", "paused", "in_call", "wanted"),
    [
        # logged in, ready, on a call, paused; as app_queue.c counts LoggedIn and Available
        (0, 0, 0, (1, 1, 0, 0)),
        (1, 0, 0, (1, 1, 0, 0)),
        (1, 1, 0, (1, 0, 0, 1)),
        (1, 0, 1, (1, 0, 1, 0)),
        (2, 0, 0, (1, 0, 1, 0)),
        (2, 1, 1, (1, 0, 1, 1)),
        (3, 0, 0, (1, 0, 1, 0)),
        (4, 0, 0, (0, 0, 0, 0)),
        (5, 1, 0, (0, 0, 0, 0)),
        (6, 0, 0, (1, 0, 0, 0)),
        (7, 0, 0, (1, 0, 1, 0)),
        (8, 0, 0, (1, 0, 1, 0)),
    ],
)
def test_each_state_of_an_agent(
    status: int, paused: int, in_call: int, wanted: tuple[int, ...]
) -> None:
    agent = {"Event": "QueueMember", "Queue": "it", "Location": "SIP/1", "Status": str(status),
             "Paused": str(paused), "InCall": str(in_call)}  # fmt: skip
    (queue,) = queues_of([{"Event": "QueueParams", "Queue": "it", "Calls": "0"}, agent], {})
    assert values(queue)[2:] == wanted


def test_merged_queues_count_an_agent_once(server: AmiServer) -> None:
    names = {"it-support": "it", "it-vip": "it", "default": "other"}
    assert told(server, map={"queue": names}) == {
        "it": (12, 18, 4, 3, 1, 0),  # Bo is in both
        "other": (0, None, 2, 2, 0, 0),
    }


def test_events_of_others_are_passed_over(server: AmiServer) -> None:
    stray = "Event: QueueCallerJoin\nQueue: it-support\nCallerIDNum: 5550020\n\n"
    server.status = WAITING.replace("Event: QueueMember\n", f"{stray}Event: QueueMember\n", 1)
    assert told(server) == BY_HAND


# -- how it logs in -------------------------------------------------------------------------------


def test_without_tls_the_secret_is_not_sent(server: AmiServer) -> None:
    told(server)
    assert [action["Action"] for action in server.heard] == ["Challenge", "Login", "QueueStatus"]
    assert SECRET not in repr(server.heard)
    assert server.heard[1]["Events"] == "off"


def test_by_tls_the_certificate_is_checked(tmp_path: Path) -> None:
    file, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    with AmiServer(status=WAITING, tls=context).running() as server:
        trusted = {"host": "localhost", "tls": True, "ca_file": str(file)}
        assert told(server, **trusted) == BY_HAND
        error = failure(server, host="localhost", tls=True)
        assert error.permanent and "not trusted" in str(error)
        assert "not trusted" in str(failure(server, tls=True, ca_file=str(file))), "another name"


def test_a_wrong_secret_is_refused_for_good(
    server: AmiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMI_SECRET", "wrong-7e57")
    error = failure(server)
    assert error.permanent
    assert "refuses the user or the secret" in str(error)
    assert "wrong-7e57" not in str(error)


@pytest.mark.parametrize("user", ["kpi\r\nAction: Originate", "a\nb", ""])
def test_a_user_is_one_line(user: str) -> None:
    with pytest.raises(ValidationError):
        source(AmiServer(port=1), user=user)


def test_a_secret_cannot_smuggle_in_an_action(
    server: AmiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMI_SECRET", "a\r\n\r\nAction: Originate")
    assert "Originate" not in str(failure(server))
    assert not [each for each in server.heard if each["Action"] == "Originate"]


# -- what goes wrong ------------------------------------------------------------------------------


def failure(server: AmiServer, **more: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        told(server, **more)
    said = str(caught.value)
    assert said == " ".join(said.split())
    assert SECRET not in said and "555" not in said and "Agent" not in said
    return caught.value


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "cannot be reached" in str(failure(AmiServer(port=port)))


def test_a_server_of_another_kind(server: AmiServer) -> None:
    server.greeting = "SSH-2.0-OpenSSH_9.2 5550020\r\n"
    assert failure(server).permanent


def test_tls_asked_of_a_server_without_it(server: AmiServer) -> None:
    assert "TLS" in str(failure(server, tls=True))


def test_a_drip_ends_at_the_deadline(server: AmiServer) -> None:
    def drip(connection: socket.socket, data: bytes) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.01)

    server.send = drip
    began = time.monotonic()
    assert "within 1 s" in str(failure(server, timeout="1s"))
    assert time.monotonic() - began < 10


def test_an_answer_without_an_end_is_cut(
    server: AmiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami, "MOST_BYTES", 1 << 20)
    server.status = "Response: Success\nActionID: x\n\n" + "CallerIDNum: 5550020\n" * 100_000
    assert "sends more than 1 MiB" in str(failure(server))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (": 11\n", ": 999\n", "not whole"),
        ("Calls: 9", "Calls: 5550020x", "Calls of an event is no number"),
        ("Wait: 18", "Wait: -1", "Wait of an event is no number"),
        ("Status: 2", "Status: 77", "unknown number"),
        ("Queue: it-vip\n", "", "names no queue"),
        ("Response: Success\n", "Response: Error\nMessage: Permission denied\n", "read and write"),
        (
            "Response: Success\n",
            "Response: Error\nMessage: Invalid/unknown command: 555\n",
            "app_q",
        ),
    ],
)
def test_half_an_answer_is_none(server: AmiServer, old: str, new: str, said: str) -> None:
    if old == ": 11\n":
        old = re.findall(r"ListItems(: \d+\n)", WAITING)[0]
    assert old in WAITING
    server.status = WAITING.replace(old, new)
    assert said in str(failure(server))


def test_a_connection_that_breaks_off(server: AmiServer) -> None:
    def half(connection: socket.socket, data: bytes) -> None:
        connection.sendall(data[: len(data) // 2] if len(data) > 1000 else data)
        if len(data) > 1000:
            connection.shutdown(socket.SHUT_RDWR)

    server.send = half
    assert "broke off" in str(failure(server))


# -- the metrics ----------------------------------------------------------------------------------


@pytest.fixture
def service(server: AmiServer, tmp_path: Path) -> Iterator[Service]:
    settings = settings_of({"answered": CALLS}, sources={"pbx": keys(server)})
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        made = Service(settings, store, clock=lambda: made.now)
        made.now = NOW
        yield made


def series(service: Service) -> dict[tuple[str, str], float]:
    registry = metrics_registry(
        service.settings, service.snapshot, service.counters, service.health, service.queues.current
    )
    text = generate_latest(registry).decode()
    assert not [each for each in (SECRET, "5550020", "Agent Anna", "Local/") if each in text]
    return {
        (sample.name, sample.labels["queue"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("servicedesk_queue_")
    }


def test_the_gauges_are_what_the_telephone_system_says(service: Service) -> None:
    assert series(service) == {}, "before the first answer nothing is known"
    service.poll("pbx")
    found = series(service)
    names = ("callers_waiting", "longest_wait_seconds", "agents_logged_in", "agents_ready",
             "agents_on_call", "agents_paused")  # fmt: skip
    assert found == {
        (f"servicedesk_queue_{name}", queue): value
        for queue, each in BY_HAND.items()
        for name, value in zip(names, each, strict=True)
        if value is not None
    }


def test_silence_is_not_0(service: Service, server: AmiServer) -> None:
    service.poll("pbx")
    server.user = "another"
    service.poll("pbx")
    assert series(service) == {}
    server.user = "kpi"
    service.poll("pbx")
    assert series(service)
    service.now += 3600
    assert series(service) == {}, "and neither is what was said an hour ago"


def test_the_number_of_series_is_bounded(service: Service, server: AmiServer) -> None:
    one = "Event: QueueParams\nQueue: q{n:03}\nCalls: 2\nActionID: x\n\n"
    end = "Event: QueueStatusComplete\nActionID: x\n\n"
    server.status = (
        "Response: Success\nActionID: x\n\n" + "".join(one.format(n=n) for n in range(80)) + end
    )
    service.poll("pbx")
    found = {q: v for (name, q), v in series(service).items() if name.endswith("callers_waiting")}
    assert len(found) == 51
    assert found["other"] == 60


def test_nothing_of_it_is_stored_or_logged(
    service: Service, server: AmiServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.poll("pbx")
    with Store.open(f"sqlite:///{tmp_path}/other.db") as store:
        first = drain(source(server), store, clock=lambda: NOW)
        second = drain(source(server), store, clock=lambda: NOW + 15)
        assert (first.ok, second.ok, second.records, second.changed) == (True, True, 0, 0)
        assert store.records.counts(0, 2 * NOW) == {}
    for text in (caplog.text, *(p.read_bytes().decode("latin-1") for p in tmp_path.glob("*.db*"))):
        assert SECRET not in text and "5550020" not in text and "Agent" not in text
