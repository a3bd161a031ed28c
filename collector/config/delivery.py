"""What a configuration says of delivery: which files go where."""

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
        raise ValueError(f"{text!r} is no mail address: write one as in namnd@example.org")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("write the name of a mail server as in smtp.example.org, without a port")
    return text


def _is_here(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _target_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            "the name of a target is small letters, digits, _ and -, beginning with a letter"
        )
    return text


Mailbox = Annotated[str, AfterValidator(_mailbox)]
TargetName = Annotated[str, AfterValidator(_target_name)]


def _kind(value: object) -> str:
    return "secret" if str(value).startswith(("${", "file:")) else "plain"


Address = Annotated[
    Annotated[Secret, Tag("secret")] | Annotated[HttpUrl, Tag("plain")], Discriminator(_kind)
]


class Repeated(Strict):
    """``timeout``: for one attempt in all. ``tries``: attempts at most, while a failure is one
    that may pass."""

    timeout: Interval = 60
    tries: Annotated[int, Field(ge=1, le=10)] = 4


class FolderTarget(Strict):
    """Files into a folder; ``path`` is made if it is not there."""

    type: Literal["folder"]
    path: ConfigPath


class MailTarget(Repeated):
    """Files by mail, over SMTP.

    ``security``: ``starttls`` refuses a server that does not offer it; ``tls`` speaks TLS from the
    beginning; ``none`` is for a server on the same machine and takes no password. ``port`` is 587,
    465 or 25 by that. ``ca_file``: certificates to trust instead of the system's.
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
    def _in_secret(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("needs a user and a password, or neither")
        if self.password is not None and self.security == "none":
            raise ValueError("with security: none a password would be sent for all to read")
        if self.security == "none" and not _is_here(self.host):
            raise ValueError("security: none is for a server on this machine, such as localhost")
        return self

    @property
    def chosen_port(self) -> int:
        """The port given, or the usual one."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class WebhookTarget(Repeated):
    """A notice as JSON to a web address: names and digests, the files themselves on request.

    ``url``: the address, or ``${NAME}`` or ``file:PATH`` where knowing it is enough to post there.
    ``token``: sent as ``Authorization: Bearer``. ``content``: files in the notice, as base64.
    """

    type: Literal["webhook"]
    url: Address
    token: Secret | None = None
    content: bool = False
    ca_file: ConfigPath | None = None

    @model_validator(mode="after")
    def _in_secret(self) -> Self:
        if isinstance(self.url, str) and (problem := self.exposed(self.url)):
            raise ValueError(problem)
        return self

    def exposed(self, url: str) -> str | None:
        """What of it others could read on the way to an address; None if nothing."""
        if not url.startswith("http://"):
            return None
        if self.token is not None:
            return "with http:// the token would be sent for all to read: use https://"
        if self.content and not _is_here(urlsplit(url).hostname or ""):
            return "with http:// the files would be sent for all to read: use https://"
        return None


Target = Annotated[FolderTarget | MailTarget | WebhookTarget, Field(discriminator="type")]


class DeliverySettings(Strict):
    """Where finished documents go. ``automatic``: those of last month, as
    soon as it is frozen."""

    formats: Annotated[list[Form], Field(min_length=1)] = ["pdf", "docx"]
    languages: Annotated[list[Language], Field(min_length=1)] = ["sv"]
    automatic: bool = True
    targets: dict[TargetName, Target] = {}
