"""Delivery to folders and web addresses, and the ledger that keeps it from happening twice."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.config.delivery import DeliverySettings
from collector.report.delivery.deliver import DeliveryResult, deliver
from collector.report.delivery.parcel import Parcel
from collector.store import DeliveryKey, Store
from tests.worlds.serving import served
from tests.worlds.smtp_stub import certificate

SEAL = "5e" * 32
PARCEL = Parcel(SEAL, "juli 2020", "sv", (("juli.pdf", b"%PDF"), ("juli.csv", "å;ä".encode())))


def settings(**target: Any) -> DeliverySettings:
    return DeliverySettings.model_validate({"targets": {"dit": target}})


def sent(
    store: Store, wanted: DeliverySettings, parcel: Parcel = PARCEL, **how: Any
) -> DeliveryResult:
    how = {"sleep": lambda _: None, **how}
    (outcome,) = deliver(parcel, wanted, store, clock=lambda: 1_596_441_600, **how)
    return outcome


# -- the ledger ---------------------------------------------------------------------------------


def test_of_many_that_ask_at_once_one_sends(store: Store) -> None:
    key = DeliveryKey(SEAL, "sv", "dit")
    start, answers = threading.Barrier(4), []

    def claim() -> None:
        start.wait()
        answers.append(store.deliveries.claim(key, {}, 1, frozenset({"failed"})))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(None) == 1
    assert {each.stage for each in answers if each} == {"sending"}


def test_the_ledger_remembers(store: Store) -> None:
    ledger, key = store.deliveries, DeliveryKey(SEAL, "sv", "dit")
    assert ledger.find(key) is None
    assert ledger.states() == {}
    ledger.claim(key, {"å.pdf": "00"}, 10, frozenset())
    assert ledger.states()["dit"].unclear == 1
    ledger.end(key, 20, stage="failed", error="svarar inte", failures=3)
    ledger.claim(key, {"å.pdf": "11"}, 30, frozenset({"failed"}))
    ledger.end(key, 40, stage="sent", failures=1)
    found = ledger.find(key)
    assert found is not None
    assert (found.stage, found.at, found.failures, found.error) == ("sent", 40, 4, None)
    assert found.files == {"å.pdf": "11"}
    other = DeliveryKey(SEAL, "en", "dit")
    ledger.claim(other, {}, 50, frozenset())
    state = ledger.states()["dit"]
    assert (state.last_success, state.failures, state.unclear) == (40, 4, 1)


# -- folders ------------------------------------------------------------------------------------


def test_files_into_a_folder(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "ny" / "mapp"
    assert sent(store, settings(type="folder", path=str(folder))).status == "sent"
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == dict(PARCEL.files)
    assert sent(store, settings(type="folder", path=str(folder))).status == "already"


def test_a_delivery_to_a_folder_that_was_broken_off_is_finished(
    store: Store, tmp_path: Path
) -> None:
    key = DeliveryKey(SEAL, "sv", "dit")
    store.deliveries.claim(key, {}, 1, frozenset())
    (tmp_path / "juli.pdf").write_bytes(b"%PDF")
    assert sent(store, settings(type="folder", path=str(tmp_path))).status == "sent"
    assert (tmp_path / "juli.csv").exists()


def test_what_people_put_there_is_not_written_over(store: Store, tmp_path: Path) -> None:
    (tmp_path / "juli.csv").write_text("rettad för hand")
    outcome = sent(store, settings(type="folder", path=str(tmp_path)))
    assert outcome.status == "failed"
    assert "juli.csv: a different file of that name exists" in outcome.text
    assert (tmp_path / "juli.csv").read_text() == "rettad för hand"
    assert not (tmp_path / "juli.pdf").exists(), "all or nothing"


def test_a_folder_that_cannot_be_written(store: Store, tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("")
    outcome = sent(store, settings(type="folder", path=str(tmp_path / "fil")))
    assert outcome.status == "failed"
    assert outcome.again_later
    assert "fil: cannot be written" in outcome.text


# -- web addresses ------------------------------------------------------------------------------


class Hook:
    """A web address that notes what it gets and answers as told."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.app = Starlette(routes=[Route("/krok", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        self.got.append((dict(request.headers), json.loads(await request.body())))
        status = self.statuses.pop(0) if self.statuses else 204
        return Response(status_code=status, headers={"Location": "/annat"})


def hooked(store: Store, hook: Hook, **changes: Any) -> DeliveryResult:
    with served(hook.app) as address:
        return sent(store, settings(type="webhook", url=f"{address}/krok", **changes))


def test_a_notice(store: Store) -> None:
    hook = Hook()
    assert hooked(store, hook).status == "sent"
    ((headers, body),) = hook.got
    assert body["seal"] == SEAL
    assert body["period"] == "juli 2020"
    assert [each["name"] for each in body["files"]] == ["juli.pdf", "juli.csv"]
    assert body["files"][0]["sha256"] == PARCEL.digests["juli.pdf"]
    assert "base64" not in body["files"][0]
    assert headers["idempotency-key"] == body["id"]
    assert "authorization" not in headers
    assert hooked(store, hook).status == "already"
    assert len(hook.got) == 1


def test_a_notice_with_the_files(store: Store) -> None:
    hook = Hook()
    hooked(store, hook, content=True)
    files = hook.got[0][1]["files"]
    assert {f["name"]: base64.b64decode(f["base64"]) for f in files} == dict(PARCEL.files)


@pytest.mark.parametrize("status", [429, 503])
def test_not_now_is_tried_again(store: Store, status: int) -> None:
    hook = Hook(status)
    assert hooked(store, hook).status == "sent"
    first, second = hook.got
    assert first[0]["idempotency-key"] == second[0]["idempotency-key"]


@pytest.mark.parametrize("status", [301, 400, 401, 404])
def test_a_refusal_is_not(store: Store, status: int) -> None:
    hook = Hook(status)
    outcome = hooked(store, hook)
    assert outcome.status == "failed"
    assert not outcome.again_later
    assert f"answered {status}" in outcome.text
    assert len(hook.got) == 1


@pytest.mark.parametrize("status", [500, 502])
def test_a_failure_within_may_have_arrived(store: Store, status: int) -> None:
    hook = Hook(status)
    assert hooked(store, hook).status == "unclear"
    assert hooked(store, hook).status == "unclear"
    assert len(hook.got) == 1


def test_an_address_that_is_not_there(store: Store) -> None:
    with served(Hook().app) as address:
        pass
    outcome = sent(store, settings(type="webhook", url=f"{address}/krok", tries=2))
    assert outcome.status == "failed"
    assert outcome.again_later
    assert "cannot be reached" in outcome.text


@pytest.mark.parametrize("secret", [False, True])
def test_the_path_of_an_address_is_told_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch, secret: bool
) -> None:
    """Who knows the path of some addresses may post there."""
    hook = Hook(404)
    with served(hook.app) as address:
        monkeypatch.setenv("HOOK", f"{address}/krok")
        url = "${HOOK}" if secret else f"{address}/krok"
        outcome = sent(store, settings(type="webhook", url=url))
    assert len(hook.got) == 1
    assert f"POST {address.removeprefix('http://')}: answered 404" in outcome.text
    found = store.deliveries.find(DeliveryKey(SEAL, "sv", "dit"))
    assert found is not None
    assert "krok" not in outcome.text + str(found.error)


@pytest.mark.parametrize(
    ("url", "more", "says"),
    [
        ("", {}, "HOOK is not set"),
        ("no address/hidden", {}, "write the address as"),
        ("http://x.example.org/hidden", {"token": "${HOOK}"}, "token would be sent"),
        ("http://x.example.org/hidden", {"content": True}, "files would be sent"),
    ],
)
def test_a_secret_address_that_makes_no_sense(
    store: Store, monkeypatch: pytest.MonkeyPatch, url: str, more: dict[str, Any], says: str
) -> None:
    monkeypatch.setenv("HOOK", url)
    outcome = sent(store, settings(type="webhook", url="${HOOK}", **more))
    assert (outcome.status, outcome.again_later) == ("failed", False)
    assert says in outcome.text
    assert "hidden" not in outcome.text


def test_an_address_with_an_untrusted_certificate_is_not_posted_to(
    sqlite_store: Store, tmp_path: Path
) -> None:
    file, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    hook = Hook()
    with served(hook.app, lambda: context) as address:
        url = f"{address.replace('127.0.0.1', 'localhost')}/krok"
        outcome = sent(sqlite_store, settings(type="webhook", url=url))
        assert (outcome.status, outcome.again_later, hook.got) == ("failed", False, [])
        assert "its certificate is not trusted; set ca_file or correct url" in outcome.text
        trusted = settings(type="webhook", url=url, ca_file=str(file))
        assert sent(sqlite_store, trusted).status == "sent"
    assert len(hook.got) == 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"token": "${NOT_SET}"}, "NOT_SET is not set"),
        ({"ca_file": "/no/such/ca.pem"}, "check url, token and ca_file"),
        ({"token": "${BROKEN}"}, "check url and token"),
    ],
)
def test_a_notice_that_cannot_be_made_waits_for_a_person(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], says: str
) -> None:
    monkeypatch.setenv("BROKEN", "hidden\nHost: elsewhere")
    outcome = sent(sqlite_store, settings(type="webhook", url="https://127.0.0.1:1/krok", **more))
    assert (outcome.status, outcome.again_later) == ("failed", False)
    assert says in outcome.text
    assert "hidden" not in outcome.text


def test_a_draft_says_that_it_is_one(sqlite_store: Store) -> None:
    hook = Hook()
    with served(hook.app) as address:
        wanted = settings(type="webhook", url=f"{address}/krok")
        sent(sqlite_store, wanted, replace(PARCEL, draft=True))
    assert hook.got[0][1]["draft"] is True


def test_an_address_that_hangs_up(store: Store) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(10)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/krok"
        outcome = sent(store, settings(type="webhook", url=url))
        thread.join()
    assert outcome.status == "unclear"


def test_an_answer_that_drips_is_cut(store: Store) -> None:
    import socket

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    while not done.wait(0.05):
                        connection.sendall(b"H")
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/krok"
        outcome = sent(store, settings(type="webhook", url=url, timeout="1s"))
        done.set()
        thread.join()
    assert outcome.status == "unclear"


# -- several targets, and settings --------------------------------------------------------------


def test_one_target_that_fails_does_not_stop_the_next(store: Store, tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("")
    wanted = DeliverySettings.model_validate(
        {
            "targets": {
                "trasig": {"type": "folder", "path": str(tmp_path / "fil")},
                "hel": {"type": "folder", "path": str(tmp_path / "mapp")},
            }
        }
    )
    found = list(deliver(PARCEL, wanted, store, clock=lambda: 1, sleep=lambda _: None))
    assert [(each.target, each.status) for each in found] == [("trasig", "failed"), ("hel", "sent")]


MAIL = {
    "type": "mail",
    "host": "smtp.example.org",
    "from": "a@example.org",
    "to": ["b@example.org"],
}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({**MAIL, "to": ["b@example.org\r\nBcc: c@example.org"]}, "is not an email address"),
        ({**MAIL, "to": ["Nämnden"]}, "is not an email address"),
        ({**MAIL, "to": []}, "at least 1"),
        ({**MAIL, "host": "smtp.example.org:25"}, "a port under the key port"),
        ({**MAIL, "user": "a"}, "needs both user and password, or neither"),
        ({**MAIL, "user": "a", "password": "plain"}, "write a secret as"),
        (
            {**MAIL, "user": "a", "password": "${X}", "security": "none"},
            "would be sent unencrypted",
        ),
        ({"type": "webhook", "url": "http://x.example.org", "token": "${X}"}, "use https://"),
        ({"type": "webhook", "url": "https://a:b@x.example.org"}, "not contain a user, password"),
        ({"type": "webhook", "url": "ftp://x.example.org"}, "write the address as"),
        ({"type": "webhook", "url": "http://x.example.org", "content": True}, "the files would be"),
        ({**MAIL, "security": "none"}, "for a mail server on this machine"),
        ({**MAIL, "security": "none", "host": "127.0.0.1.example.org"}, "on this machine"),
        ({"type": "folder"}, "Field required"),
        ({"type": "fax"}, "fax"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(target: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        settings(**target)


def test_without_targets_nothing_happens(store: Store) -> None:
    assert list(deliver(PARCEL, DeliverySettings(), store, clock=lambda: 1)) == []
