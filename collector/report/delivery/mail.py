"""Deliver files by mail: over TLS, to all recipients or none, with a stable Message-ID."""

from __future__ import annotations

import mimetypes
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from threading import Timer

from collector.config.delivery import MailTarget
from collector.io.secrets import SecretUnavailable
from collector.model.bilingual import Text
from collector.report.delivery.parcel import DeliveryError, Parcel

_SUBJECT = Text(sv="Servicedesk: rapport för {period}", en="Service desk: report for {period}")
_BODY = Text(
    sv="Hej,\n\nhär är rapporten för {period}.\n{result}\nDen bygger på den frysta "
    "ögonblicksbilden med sigillet\n{seal}\n\nBifogade filer och deras SHA-256:\n{files}\n\n"
    "Brevet har skickats automatiskt.\n",
    en="Hello,\n\nhere is the report for {period}.\n{result}\nIt is made of the frozen snapshot "
    "with the seal\n{seal}\n\nFiles attached, and their SHA-256:\n{files}\n\n"
    "This message was sent automatically.\n",
)
_DRAFT = Text(sv="UTKAST: ", en="DRAFT: ")
_DRAFT_TOLD = Text(
    sv="Detta är ett utkast: vad som fattas står överst i dokumentet. Lägg inte fram det som den "
    "färdiga rapporten.",
    en="This is a draft: the document says above its title what is missing. Do not present it as "
    "the finished report.",
)
_SEAL_SUBJECT = Text(
    sv="Servicedesk: sigill för {period}, att bevara", en="Service desk: seal of {period}, to keep"
)
_SEAL_BODY = Text(
    sv="Hej,\n\nsiffrorna för {period} är frysta. Bevara detta brev: sigillet visar senare om de, "
    "eller några före dem, har ändrats.\n\n{seal}\n\nKontrollera med servicedesk-kpi snapshot "
    "verify --seal och sigillet.\n\nBifogade filer och deras SHA-256:\n{files}\n\n"
    "Brevet har skickats automatiskt.\n",
    en="Hello,\n\nthe figures of {period} are frozen. Keep this message: the seal shows later "
    "whether they, or any before them, were changed.\n\n{seal}\n\nCheck it with servicedesk-kpi "
    "snapshot verify --seal and the seal.\n\nFiles attached, and their SHA-256:\n{files}\n\n"
    "This message was sent automatically.\n",
)
_TEXTS = {"report": (_SUBJECT, _BODY), "seal": (_SEAL_SUBJECT, _SEAL_BODY)}
_OK, _PERMANENT = 200, 500


def message(parcel: Parcel, name: str, target: MailTarget, at: int) -> EmailMessage:
    """Build the mail. ``name``: the target's name; ``at``: the date of the mail, epoch seconds."""
    made = EmailMessage(policy=SMTP)
    subject, body = _TEXTS[parcel.purpose]
    mark = _DRAFT[parcel.language] if parcel.draft else ""
    made["Subject"] = mark + subject[parcel.language].format(period=parcel.period)
    made["From"], made["To"] = target.sender, ", ".join(target.to)
    made["Date"] = formatdate(at, usegmt=True)
    made["Message-ID"] = f"<{parcel.mark(name)}@{target.sender.partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # suppresses out-of-office replies
    made["Content-Language"] = parcel.language
    files = "\n".join(f"{file}\n  {digest}" for file, digest in parcel.digests.items())
    text = body[parcel.language]
    told = (parcel.result, _DRAFT_TOLD[parcel.language] if parcel.draft else "")
    result = "".join(f"{each}\n" for each in told if each)
    made.set_content(
        text.format(period=parcel.period, result=result, seal=parcel.seal, files=files)
    )
    for file, content in parcel.files:
        kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
        made.add_attachment(content, *kind.split("/"), filename=file)
    return made


def send_mail(
    parcel: Parcel, name: str, target: MailTarget, at: int, within: float | None = None
) -> None:
    """Send the mail.

    1. Connect, start TLS before sending anything confidential, and log in.
    2. Name every recipient. If one is refused, nothing is sent: a partial delivery could not be
       repeated.
    3. Hand over. A server that disappears before it answers may have accepted the mail.

    ``name``: the target's name; ``at``: the date of the mail, epoch seconds. ``within``: seconds
    for steps 1 and 2; step 3, which nobody knows to have failed once it has begun, has the whole
    timeout in any case. Raises DeliveryError, ``unclear`` only in step 3, ``permanent`` for 5xx
    answers and wrong configuration.
    """
    raw = message(parcel, name, target, at).as_bytes()
    where = f"mail server {target.host}:{target.chosen_port}"
    seconds = target.timeout if within is None else min(within, target.timeout)
    try:
        with _connected(target, where, seconds) as (server, guard):
            _check_size(server, where, len(raw))
            _agreed(where, "the sender", server.mail(target.sender))
            for each in target.to:
                _agreed(where, f"the recipient {each}", server.rcpt(each))
            if within is not None:
                guard.cancel()
                assert server.sock is not None
                server.sock.settimeout(target.timeout)
            _hand_over(server, where, raw)
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(
            f"{where}: the user or the password is refused ({error.smtp_code})",
            permanent=error.smtp_code >= _PERMANENT,
        ) from None
    except smtplib.SMTPNotSupportedError:
        text = f"{where}: does not support logging in; leave out user and password"
        raise DeliveryError(text, permanent=True) from None
    except smtplib.SMTPResponseException as error:
        text = f"{where}: refused ({error.smtp_code})"
        raise DeliveryError(text, permanent=error.smtp_code >= _PERMANENT) from None
    except ssl.SSLCertVerificationError:
        text = f"{where}: its certificate is not trusted; set ca_file or correct host"
        raise DeliveryError(text, permanent=True) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        text = f"{where}: the connection failed or broke ({type(error).__name__})"
        raise DeliveryError(text) from None


@contextmanager
def _connected(
    target: MailTarget, where: str, seconds: float
) -> Iterator[tuple[smtplib.SMTP, Timer]]:
    """A connection, logged in and over TLS unless configured otherwise, and what cuts it off after
    so many seconds."""
    password = _revealed(target, where)
    context = _trusting(target, where)
    server = (
        smtplib.SMTP_SSL(timeout=seconds, context=context)
        if target.security == "tls"
        else smtplib.SMTP(timeout=seconds)
    )
    server._host = target.host  # type: ignore[attr-defined]  # the name in its certificate
    guard = Timer(seconds, _cut, [server])
    guard.daemon = True
    guard.start()
    try:
        server.connect(target.host, target.chosen_port)
        server.ehlo()
        if target.security == "starttls":
            if not server.has_extn("starttls"):
                text = (
                    f"{where}: offers no STARTTLS, so nothing was sent; check security: in delivery"
                )
                raise DeliveryError(text, permanent=True)
            server.starttls(context=context)
            server.ehlo()
        if target.user is not None:
            server.login(target.user, password)
        yield server, guard
    finally:
        guard.cancel()
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _revealed(target: MailTarget, where: str) -> str:
    try:
        return target.password.reveal() if target.password else ""
    except SecretUnavailable as error:
        raise DeliveryError(f"{where}: {error}", permanent=True) from None


def _trusting(target: MailTarget, where: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=target.ca_file)
    except (OSError, ValueError):
        text = f"{where}: the certificates in {target.ca_file} cannot be read"
        raise DeliveryError(text, permanent=True) from None


def _cut(server: smtplib.SMTP) -> None:
    """End a slow connection: every byte received restarts the socket's own timeout."""
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _check_size(server: smtplib.SMTP, where: str, size: int) -> None:
    limit = server.esmtp_features.get("size", "").strip()
    if limit.isdigit() and 0 < int(limit) < size:
        text = f"{where}: takes {limit} bytes at most and the mail has {size}; choose fewer formats"
        raise DeliveryError(text, permanent=True)


def _agreed(where: str, what: str, reply: tuple[int, bytes]) -> None:
    code = reply[0]
    if not _OK <= code < _OK + 100:
        text = f"{where}: {what} is refused ({code}), so nothing was sent"
        raise DeliveryError(text, permanent=code >= _PERMANENT)


def _hand_over(server: smtplib.SMTP, where: str, raw: bytes) -> None:
    """The point of no return: without an answer nobody knows whether the mail was accepted."""
    try:
        code, _ = server.data(raw)
    except smtplib.SMTPDataError:
        raise
    except (smtplib.SMTPException, OSError) as error:
        text = (
            f"{where}: disconnected before accepting or refusing the mail ({type(error).__name__})"
        )
        raise DeliveryError(text, unclear=True) from None
    _agreed(where, "the mail", (code, b""))
