"""The settings of delivery: which report files are sent where."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from collector.config.report import Form
from collector.io.files import ConfigPath
from collector.io.http import HttpUrl
from collector.io.secrets import Secret
from collector.model.bilingual import Language
from collector.model.fields import Interval, Strict

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|[0-9a-fA-F:]+:[0-9a-fA-F:]+")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def _mailbox(text: str) -> str:
    if len(text) > 254 or not _MAILBOX.fullmatch(text):
        raise ValueError(f"{text!r} is not an email address: write it as in board@example.org")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(
            "is not a host name: write the mail server as in smtp.example.org, and a port under "
            "the key port"
        )
    return text


def _is_local(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _target_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            "the name of a target may hold lowercase letters, digits, _ and -, and starts with "
            "a letter"
        )
    return text


Mailbox = Annotated[str, AfterValidator(_mailbox)]
TargetName = Annotated[str, AfterValidator(_target_name)]


def _url_tag(value: object) -> str:
    return "secret" if str(value).startswith(("${", "file:")) else "plain"


Address = Annotated[
    Annotated[Secret, Tag("secret")] | Annotated[HttpUrl, Tag("plain")], Discriminator(_url_tag)
]


class Repeated(Strict):
    """A target that is tried several times.

    ``timeout``: how long one attempt may take as a whole, in seconds once it is loaded.
    ``tries``: the largest number of attempts; only temporary failures are retried.
    """

    timeout: Interval = 60
    tries: Annotated[int, Field(ge=1, le=10)] = 4


class FolderTarget(Strict):
    """Writes the files into the folder ``path``, which is created if it does not exist."""

    type: Literal["folder"]
    path: ConfigPath


class MailTarget(Repeated):
    """Sends the files by email over SMTP.

    ``security``: ``starttls`` refuses a server that does not offer it; ``tls`` uses TLS from the
    first byte; ``none`` is only for a server on this machine, without a password. ``port``
    defaults to 587, 465 and 25 respectively. ``ca_file``: certificates to trust instead of the
    system's.
    """

    type: Literal["mail"]
    host: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: ConfigPath | None = None
    user: Annotated[str, Field(min_length=1)] | None = None
    password: Secret | None = None
    sender: Annotated[Mailbox, Field(alias="from")]
    to: Annotated[list[Mailbox], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("needs both user and password, or neither")
        if self.password is not None and self.security == "none":
            raise ValueError(
                "with security: none the password would be sent unencrypted: use starttls or tls"
            )
        if self.security == "none" and not _is_local(self.host):
            raise ValueError(
                "security: none is only allowed for a mail server on this machine, such as "
                "localhost: use starttls or tls"
            )
        return self

    @property
    def chosen_port(self) -> int:
        """The configured TCP port, or the usual one for the chosen ``security``."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class WebhookTarget(Repeated):
    """Posts a JSON notice to a web address, with the names and digests of the files.

    ``url``: the address, or ``${NAME}`` or ``file:PATH`` where anybody who knows it could post.
    ``token``: sent as ``Authorization: Bearer``. ``content``: whether the notice also holds the
    files themselves, as base64.
    """

    type: Literal["webhook"]
    url: Address
    token: Secret | None = None
    content: bool = False
    ca_file: ConfigPath | None = None

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if isinstance(self.url, str) and (problem := self.exposed(self.url)):
            raise ValueError(problem)
        return self

    def exposed(self, url: str) -> str | None:
        """Why posting to ``url`` would expose secrets or files on the way; None if it would not."""
        if not url.startswith("http://"):
            return None
        if self.token is not None:
            return "with http:// the token would be sent unencrypted: use https://"
        if self.content and not _is_local(urlsplit(url).hostname or ""):
            return "with http:// the files would be sent unencrypted: use https://"
        return None


Target = Annotated[FolderTarget | MailTarget | WebhookTarget, Field(discriminator="type")]


class DeliverySettings(Strict):
    """Where finished reports are sent. ``automatic``: the report of last month is sent as soon as
    that month is frozen and its document is no draft."""

    formats: Annotated[list[Form], Field(min_length=1)] = ["pdf", "docx"]
    languages: Annotated[list[Language], Field(min_length=1)] = ["sv"]
    automatic: bool = True
    targets: dict[TargetName, Target] = {}
