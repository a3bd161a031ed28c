"""Mail: never in clear unless told so, all recipients or none, and never twice."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from pathlib import Path
from typing import Any

import pytest

from collector.config.delivery import DeliverySettings
from collector.report.delivery.deliver import DeliveryResult, deliver
from collector.report.delivery.parcel import Parcel
from collector.store import DeliveryKey, Store
from tests.worlds.smtp_stub import Mailbox, certificate, mail_server

SEAL = "5e" * 32
PARCEL = Parcel(SEAL, "juli 2020", "sv", (("juli.pdf", b"%PDF-\r\n.\r\n\x00"), ("å.csv", b"a;b")))
KEY = DeliveryKey(SEAL, "sv", "namnd")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def box(certificates: tuple[Path, Path]) -> Iterator[Mailbox]:
    with mail_server(Mailbox(certificates)) as running:
        yield running


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Store]:
    with Store.open(sqlite_url) as opened:
        yield opened


def settings(box: Mailbox, **changes: Any) -> DeliverySettings:
    given = {
        "type": "mail",
        "host": "localhost",
        "port": box.port,
        "from": "kpi@example.org",
        "to": ["namnd@example.org", "sekreterare@example.org"],
        "timeout": "5s",
        **changes,
    }
    if box.certificate and given.get("security") != "none":
        given.setdefault("ca_file", str(box.certificate[0]))
    return DeliverySettings.model_validate({"targets": {"namnd": given}})


def sent(
    store: Store, wanted: DeliverySettings, parcel: Parcel = PARCEL, **how: Any
) -> tuple[DeliveryResult, list[float]]:
    """The outcome, and the pauses between attempts."""
    pauses: list[float] = []
    (outcome,) = deliver(
        parcel, wanted, store, clock=lambda: 1_596_441_600, sleep=pauses.append, **how
    )
    return outcome, pauses


def test_a_mail_says_the_result_in_a_line(box: Mailbox, ledger: Store) -> None:
    line = "Av 12 indikatorer: 6 når målet, 4 i riskzonen och 2 når inte målet."
    sent(ledger, settings(box), replace(PARCEL, result=line))
    mail = email.message_from_bytes(box.mails[0], policy=policy.default)
    told = mail.get_body()
    assert told is not None
    assert line in told.get_content().splitlines()


def test_a_draft_says_so_and_the_finished_document_follows_it(box: Mailbox, ledger: Store) -> None:
    """By itself, once, and as another mail: a server that drops duplicates lets it through."""
    draft = replace(PARCEL, files=(("juli-sv-utkast.pdf", b"%PDF-1"),), draft=True)
    sent(ledger, settings(box), draft)
    assert "draft" in sent(ledger, settings(box), draft)[0].text
    outcomes = [sent(ledger, settings(box), PARCEL)[0].status for _ in range(2)]
    assert outcomes == ["sent", "already"]
    assert sent(ledger, settings(box), draft)[0].status == "already"
    first, second = (email.message_from_bytes(each, policy=policy.default) for each in box.mails)
    assert first["Subject"] == "UTKAST: Servicedesk: rapport för juli 2020"
    assert second["Subject"] == "Servicedesk: rapport för juli 2020"
    assert first["Message-ID"] != second["Message-ID"]
    texts = [each.get_body().get_content() for each in (first, second)]
    assert ["Detta är ett utkast" in each for each in texts] == [True, False]


def test_of_two_who_replace_a_draft_one_sends(ledger: Store) -> None:
    draft, done = {"juli-sv-utkast.pdf": "aa"}, {"juli-sv.pdf": "bb"}
    assert ledger.deliveries.claim(KEY, draft, 1, frozenset()) is None
    ledger.deliveries.end(KEY, 2, stage="sent")
    assert ledger.deliveries.claim(KEY, done, 3, frozenset(), sent=draft) is None
    ledger.deliveries.end(KEY, 4, stage="sent")
    late = ledger.deliveries.claim(KEY, done, 5, frozenset(), sent=draft)
    assert late is not None
    assert late.at == 4


def test_a_mail_arrives_over_tls(box: Mailbox, ledger: Store) -> None:
    outcome, _ = sent(ledger, settings(box))
    assert outcome.status == "sent"
    assert box.said.index("STARTTLS") < box.said.index("MAIL")
    assert all(box.encrypted[box.said.index("MAIL") :])
    (raw,) = box.mails
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == "Servicedesk: rapport för juli 2020"
    assert mail["To"] == "namnd@example.org, sekreterare@example.org"
    assert box.said.count("RCPT") == 2
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert files == {"juli.pdf": PARCEL.files[0][1], "å.csv": "a;b"}
    body = mail.get_body().get_content()
    assert SEAL in body
    assert all(digest in body for digest in PARCEL.digests.values())


def test_it_is_not_sent_twice(box: Mailbox, ledger: Store) -> None:
    sent(ledger, settings(box))
    outcome, _ = sent(ledger, settings(box))
    assert outcome.status == "already"
    assert "--again" not in outcome.text
    assert len(box.mails) == 1


def test_other_files_of_the_same_snapshot_are_told_not_sent(box: Mailbox, ledger: Store) -> None:
    sent(ledger, settings(box))
    other = Parcel(SEAL, "juli 2020", "sv", (("juli.pdf", b"%PDF-2"),))
    outcome, _ = sent(ledger, settings(box), other)
    assert outcome.status == "already"
    assert "the files have changed since" in outcome.text
    assert len(box.mails) == 1
    outcome, _ = sent(ledger, settings(box), other, again=frozenset({"namnd"}))
    assert outcome.status == "sent"
    assert len(box.mails) == 2


def test_another_language_or_snapshot_is_another_delivery(box: Mailbox, ledger: Store) -> None:
    marks = set()
    for seal, language in ((SEAL, "sv"), (SEAL, "en"), ("6f" * 32, "sv")):
        sent(ledger, settings(box), Parcel(seal, "2020", language, PARCEL.files))
        marks.add(email.message_from_bytes(box.mails[-1])["Message-ID"])
    assert len(box.mails) == len(marks) == 3


def test_the_message_id_tells_duplicates(box: Mailbox, ledger: Store) -> None:
    for _ in range(2):
        sent(ledger, settings(box), again=frozenset({"namnd"}))
    first, second = (email.message_from_bytes(mail)["Message-ID"] for mail in box.mails)
    assert first == second
    assert first.endswith("@example.org>")


def test_a_login(box: Mailbox, ledger: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hemligt")
    box.login = ("kpi", "hemligt")
    wanted = settings(box, user="kpi", password="${SMTP_PASSWORD}")
    assert sent(ledger, wanted)[0].status == "sent"
    assert box.encrypted[box.said.index("AUTH")]


def test_a_refused_login_tells_no_secret(
    box: Mailbox, ledger: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hemligt")
    box.login = ("kpi", "annat")
    outcome, pauses = sent(ledger, settings(box, user="kpi", password="${SMTP_PASSWORD}"))
    assert outcome.status == "failed"
    assert "the user or the password is refused (535)" in outcome.text
    assert "hemligt" not in outcome.text
    assert pauses == []


def test_a_secret_that_is_not_there(box: Mailbox, ledger: Store) -> None:
    wanted = settings(box, user="kpi", password="${NOT_SET_ANYWHERE}")
    outcome, _ = sent(ledger, wanted)
    assert outcome.status == "failed"
    assert "NOT_SET_ANYWHERE is not set" in outcome.text
    assert box.said == []


def test_without_starttls_nothing_is_said_in_clear(
    box: Mailbox, ledger: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hemligt")
    box.starttls, box.login = False, ("kpi", "hemligt")
    outcome, pauses = sent(ledger, settings(box, user="kpi", password="${SMTP_PASSWORD}"))
    assert outcome.status == "failed"
    assert "offers no STARTTLS" in outcome.text
    assert pauses == []
    assert not {"AUTH", "MAIL", "DATA"} & set(box.said)


def test_in_clear_only_when_told_so(box: Mailbox, ledger: Store) -> None:
    box.starttls = False
    assert sent(ledger, settings(box, security="none"))[0].status == "sent"
    assert not any(box.encrypted)


def test_tls_from_the_beginning(box: Mailbox, ledger: Store) -> None:
    box.tls = True
    assert sent(ledger, settings(box, security="tls"))[0].status == "sent"
    assert all(box.encrypted)
    assert "STARTTLS" not in box.said


def test_a_greeting_that_drips_is_cut(box: Mailbox, ledger: Store) -> None:
    box.drips = True
    outcome, _ = sent(ledger, settings(box, timeout="1s", tries=1))
    assert outcome.status == "failed"
    assert outcome.again_later


def test_an_untrusted_certificate(
    box: Mailbox, ledger: Store, tmp_path: Path, certificates: tuple[Path, Path]
) -> None:
    other, _ = certificate(tmp_path, "example.org")
    outcome, _ = sent(ledger, settings(box, ca_file=str(other)))
    assert outcome.status == "failed"
    assert "its certificate is not trusted" in outcome.text
    assert box.mails == []
    assert "MAIL" not in box.said


def test_a_certificate_of_another_name(ledger: Store, tmp_path: Path) -> None:
    with mail_server(Mailbox(certificate(tmp_path, "example.org"))) as box:
        outcome, _ = sent(ledger, settings(box))
    assert "its certificate is not trusted" in outcome.text
    assert box.mails == []


def test_certificates_that_cannot_be_read(box: Mailbox, ledger: Store, tmp_path: Path) -> None:
    outcome, _ = sent(ledger, settings(box, ca_file=str(tmp_path / "saknas.pem")))
    assert outcome.status == "failed"
    assert "saknas.pem cannot be read" in outcome.text


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "END"])
def test_a_temporary_refusal_is_tried_again(box: Mailbox, ledger: Store, command: str) -> None:
    box.replies[command] = ["451 later", "452 later"]
    outcome, pauses = sent(ledger, settings(box))
    assert outcome.status == "sent"
    assert pauses == [2.0, 8.0]
    assert len(box.mails) == 1
    assert ledger.deliveries.states()["namnd"].failures == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "END"])
def test_a_permanent_refusal_is_not(box: Mailbox, ledger: Store, command: str) -> None:
    box.replies[command] = ["550 no"]
    outcome, pauses = sent(ledger, settings(box))
    assert outcome.status == "failed"
    assert not outcome.again_later
    assert pauses == []
    assert box.mails == []
    assert ledger.deliveries.find(KEY).permanent


def test_one_refused_recipient_stops_all(box: Mailbox, ledger: Store) -> None:
    box.replies["RCPT"] = ["250 ok", "550 no"]
    outcome, _ = sent(ledger, settings(box))
    assert "the recipient sekreterare@example.org is refused (550)" in outcome.text
    assert "DATA" not in box.said


def test_tries_come_to_an_end(box: Mailbox, ledger: Store) -> None:
    box.replies["MAIL"] = ["451 later"] * 9
    outcome, pauses = sent(ledger, settings(box, tries=4))
    assert outcome.status == "failed"
    assert outcome.again_later
    assert pauses == [2.0, 8.0, 32.0]
    assert ledger.deliveries.states()["namnd"].failures == 4
    box.replies.clear()
    assert sent(ledger, settings(box), insist=False)[0].status == "sent"


def test_what_failed_for_good_waits_for_somebody(box: Mailbox, ledger: Store) -> None:
    box.replies["MAIL"] = ["550 no"]
    sent(ledger, settings(box))
    outcome, _ = sent(ledger, settings(box), insist=False)
    assert outcome.status == "failed"
    assert box.said.count("MAIL") == 1
    assert sent(ledger, settings(box))[0].status == "sent"


def test_a_server_that_is_gone_after_the_mail_may_have_taken_it(
    box: Mailbox, ledger: Store
) -> None:
    box.hang_up = {"END"}
    outcome, pauses = sent(ledger, settings(box))
    assert outcome.status == "unclear"
    assert "it may have arrived" in outcome.text
    assert pauses == []
    box.hang_up = set()
    outcome, _ = sent(ledger, settings(box))
    assert outcome.status == "unclear"
    assert "use --again to send it" in outcome.text
    assert box.mails == []
    assert ledger.deliveries.states()["namnd"].unclear == 1
    assert sent(ledger, settings(box), again=frozenset({"namnd"}))[0].status == "sent"
    assert ledger.deliveries.states()["namnd"].unclear == 0


@pytest.mark.parametrize("command", ["EHLO", "STARTTLS", "MAIL", "RCPT"])
def test_a_server_that_is_gone_before_is_tried_again(
    box: Mailbox, ledger: Store, command: str
) -> None:
    box.hang_up = {command}
    outcome, pauses = sent(ledger, settings(box, tries=2))
    assert outcome.status == "failed"
    assert outcome.again_later
    assert pauses == [2.0]


def test_a_server_that_is_not_there(box: Mailbox, ledger: Store) -> None:
    wanted = settings(box, tries=1)
    with mail_server(Mailbox()) as gone:
        wanted = settings(gone, tries=1)
    outcome, _ = sent(ledger, wanted)
    assert outcome.status == "failed"
    assert f"mail server localhost:{gone.port}: the connection failed" in outcome.text


def test_a_mail_that_is_too_large(box: Mailbox, ledger: Store) -> None:
    box.size = 1000
    big = Parcel(SEAL, "2020", "sv", (("a.pdf", b"x" * 5000),))
    outcome, _ = sent(ledger, settings(box), big)
    assert outcome.status == "failed"
    assert "takes 1000 bytes at most" in outcome.text
    assert "MAIL" not in box.said


def test_killed_between_claim_and_end(box: Mailbox, ledger: Store) -> None:
    assert ledger.deliveries.claim(KEY, PARCEL.digests, 1, frozenset({"failed"})) is None
    outcome, _ = sent(ledger, settings(box))
    assert outcome.status == "unclear"
    assert "begun 1970-01-01 00:00 UTC and not known to have ended" in outcome.text
    assert box.said == []


def test_killed_while_sending_leaves_it_begun(
    box: Mailbox, ledger: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("collector.report.delivery.deliver.send_mail", killed)
    with pytest.raises(KeyboardInterrupt):
        sent(ledger, settings(box))
    found = ledger.deliveries.find(KEY)
    assert found is not None
    assert found.stage == "sending"
    assert found.files == PARCEL.digests
