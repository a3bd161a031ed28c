"""Witnesses who are told each new seal over real connections: by mail and by a web address."""

import email
import logging
import socket
import time
from contextlib import ExitStack
from email import policy

import pytest
import typer

from collector.cli.snapshot import freeze_period
from collector.config.snapshot import SnapshotSettings
from collector.measuring.engine.engine import Measuring
from collector.report.delivery.attest import attest
from collector.service.freeze_job import AGAIN, AutomaticFreezing
from collector.snapshot.canonical import digest
from collector.store import DeliveryKey
from tests.report.test_delivery import Hook
from tests.worlds.frozen import SETTINGS, fill
from tests.worlds.measured import at
from tests.worlds.programs import program
from tests.worlds.serving import served
from tests.worlds.smtp_stub import Mailbox, certificate, mail_server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def box(certificates):
    with mail_server(Mailbox(certificates)) as running:
        yield running


class Desk:
    """A desk whose June is due, and the service's job of freezing it and telling its witness."""

    def __init__(self, store, caplog, **witness):
        fill(store)
        told = {"name": "registrar", "tries": 1, "timeout": "5s", **witness}
        chosen = SnapshotSettings.model_validate({"witness": [told]})
        self.settings = SETTINGS.model_copy(update={"snapshot": chosen})
        self.store, self.log = store, caplog
        self.now = at("2020-07-01 07:00")
        self.job = AutomaticFreezing(lambda: self.now)

    def run(self, after=0):
        """Let the job do what is due some seconds later; returns what it logged of the witness."""
        self.now += after
        self.log.clear()
        with self.log.at_level(logging.INFO):
            self.job.run(Measuring(self.settings, self.store))
        return [each.message for each in self.log.records if "registrar" in each.message]

    def by_hand(self, *again):
        """What ``snapshot sign`` does: also what failed for good is told again."""
        heads = self.store.snapshots.heads()
        how = {"clock": lambda: self.now, "again": frozenset(again)}
        return [each.status for each in attest(self.settings, self.store, heads, **how)]

    @property
    def seal(self):
        (head,) = self.store.snapshots.heads()
        return head.seal

    @property
    def entry(self):
        key = DeliveryKey(self.seal, self.settings.language, "witness registrar")
        return self.store.deliveries.find(key)


def by_mail(store, caplog, box):
    server = {"host": "localhost", "port": box.port, "ca_file": str(box.certificate[0])}
    people = {"from": "kpi@example.org", "to": ["registrar@example.org"]}
    return Desk(store, caplog, type="mail", **server, **people)


def by_web(store, caplog, address):
    return Desk(store, caplog, type="webhook", url=f"{address}/krok")


def test_a_mail_holds_the_seal_and_the_sealed_text(sqlite_store, caplog, box):
    desk = by_mail(sqlite_store, caplog, box)
    assert desk.run() == ["witness registrar: sent 1 files"]
    (raw,) = box.mails
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == "Service desk: seal of 2020-06-01..2020-06-30, to keep"
    assert desk.seal in mail.get_body().get_content()
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "snapshot-1.json"
    assert digest(attached.get_content()) == desk.seal
    assert all(box.encrypted[box.said.index("MAIL") :]), "nothing is told in clear"
    assert desk.run(AGAIN) == []
    assert len(box.mails) == 1


def test_a_mail_that_is_refused_for_now_is_sent_an_hour_later(sqlite_store, caplog, box):
    desk = by_mail(sqlite_store, caplog, box)
    box.replies["RCPT"] = ["451 later", "451 later"]
    (said,) = desk.run()
    assert "refused (451), so nothing was sent" in said
    assert desk.run(AGAIN - 1) == []
    assert "refused (451)" in desk.run(1)[0]
    assert (desk.entry.stage, box.mails) == ("failed", [])
    assert desk.run(AGAIN) == ["witness registrar: sent 1 files"]
    assert (desk.entry.stage, len(box.mails)) == ("sent", 1)


def test_a_mail_that_is_refused_for_good_waits_for_a_person(sqlite_store, caplog, box):
    desk = by_mail(sqlite_store, caplog, box)
    box.replies["RCPT"] = ["550 no such person"]
    assert "refused (550)" in desk.run()[0]
    assert (desk.run(AGAIN), box.mails) == ([], [])
    assert desk.by_hand() == ["sent"]
    assert len(box.mails) == 1


def test_a_mail_that_may_have_arrived_is_not_sent_again(sqlite_store, caplog, box):
    desk = by_mail(sqlite_store, caplog, box)
    box.hang_up = {"END"}
    assert "it may have arrived: ask the recipient" in desk.run()[0]
    box.hang_up = set()
    assert (desk.run(AGAIN), desk.entry.stage, box.mails) == ([], "sending", [])
    assert (desk.by_hand(), box.mails) == (["unclear"], [])
    assert desk.by_hand("witness registrar") == ["sent"]
    assert (desk.entry.stage, len(box.mails)) == ("sent", 1)


def test_a_notice_names_the_seal_and_the_digest_of_the_sealed_text(sqlite_store, caplog):
    hook = Hook()
    with served(hook.app) as address:
        desk = by_web(sqlite_store, caplog, address)
        assert desk.run() == ["witness registrar: sent 1 files"]
        assert desk.run(AGAIN) == []
    ((_, body),) = hook.got
    assert body["seal"] == desk.seal
    assert [(each["name"], each["sha256"]) for each in body["files"]] == [
        ("snapshot-1.json", desk.seal)
    ]


@pytest.mark.parametrize("status", [429, 503])
def test_a_notice_that_is_refused_for_now_is_sent_an_hour_later(sqlite_store, caplog, status):
    hook = Hook(status)
    with served(hook.app) as address:
        desk = by_web(sqlite_store, caplog, address)
        assert f"answered {status}" in desk.run()[0]
        assert desk.run(AGAIN) == ["witness registrar: sent 1 files"]
    keys = [headers["idempotency-key"] for headers, _ in hook.got]
    assert (len(keys), len(set(keys))) == (2, 1), "recognised as the same notice"


def test_a_notice_that_is_refused_for_good_waits_for_a_person(sqlite_store, caplog):
    hook = Hook(403)
    with served(hook.app) as address:
        desk = by_web(sqlite_store, caplog, address)
        assert "answered 403" in desk.run()[0]
        assert desk.run(AGAIN) == []
        assert desk.by_hand() == ["sent"]
    assert len(hook.got) == 2


def test_freezing_goes_on_while_the_witness_is_away(sqlite_store, caplog):
    with ExitStack() as gone:
        address = gone.enter_context(served(Hook().app))
    desk = by_web(sqlite_store, caplog, address)
    assert "cannot be reached" in desk.run()[0]
    assert desk.seal
    hook = Hook()
    with served(hook.app) as back:
        target = desk.settings.snapshot.witness[0].model_copy(update={"url": f"{back}/krok"})
        chosen = desk.settings.snapshot.model_copy(update={"witness": [target]})
        desk.settings = desk.settings.model_copy(update={"snapshot": chosen})
        assert desk.run(AGAIN) == ["witness registrar: sent 1 files"]
    assert hook.got[0][1]["seal"] == desk.seal


# Freezing by hand: somebody waits


@pytest.fixture
def silent():
    """A port at which somebody listens who never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener.getsockname()[1]


def freeze_by_hand(store, patch, capsys, tmp_path, **witness):
    """What ``snapshot freeze`` prints, and how many seconds it takes."""
    fill(store)
    told = {"name": "registrar", **witness}
    chosen = SnapshotSettings.model_validate({"witness": [told]})
    url = f"sqlite:///{store._database.file.path}"
    settings = SETTINGS.model_copy(update={"snapshot": chosen, "store": url})
    patch.setattr("collector.cli.snapshot.load_settings", lambda _: settings)
    patch.setattr("collector.cli.snapshot.present", lambda: at("2020-07-01 07:00"))
    patch.setattr("collector.cli.snapshot.WITNESS_SECONDS", 0.3)
    how = {"incomplete": False, "amendment": False, "now": None, "restate": False}
    began = time.monotonic()
    with pytest.raises(typer.Exit):
        freeze_period(month="2020-06", config=tmp_path, **how)
    took, out = time.monotonic() - began, capsys.readouterr()
    (head,) = store.snapshots.heads()
    assert f"seal {head.seal}" in out.out
    key = DeliveryKey(head.seal, settings.language, "witness registrar")
    entry = store.deliveries.find(key)
    assert (entry.stage, entry.permanent) == ("failed", False), "the service tells it again"
    assert out.err.splitlines()[-1] == (
        "2020-06 is frozen; a running service tells the witness again within the hour, and "
        "servicedesk-kpi snapshot sign 2020-06 does so at once"
    )
    return out.err, took


@pytest.mark.parametrize("kind", ["webhook", "mail", "git", "refused"])
def test_freezing_does_not_wait_for_a_witness_that_is_down(
    sqlite_store, monkeypatch, capsys, tmp_path, silent, kind
):
    witness = {
        "webhook": {"type": "webhook", "url": f"http://127.0.0.1:{silent}/krok"},
        "mail": {
            "type": "mail", "host": "localhost", "port": silent,
            "from": "kpi@example.org", "to": ["registrar@example.org"],
        },
        "git": {"type": "git", "remote": f"git://127.0.0.1:{silent}/seals.git"},
        "refused": {"type": "webhook", "url": "http://127.0.0.1:1/krok"},
    }[kind]  # fmt: skip
    if kind == "git":
        program("git")
    said, took = freeze_by_hand(sqlite_store, monkeypatch, capsys, tmp_path, **witness)
    assert "error: witness registrar: " in said
    assert took < 40, "42 seconds lie between four attempts, of which each may take a minute"
